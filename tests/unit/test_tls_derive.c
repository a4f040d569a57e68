/* SPDX-License-Identifier: MIT */
/* Keys out of secrets. */
#include "unit.h"

#include <errno.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "../../lib/tls/ktls.h"
#include "hex.h"

/* RFC 8448, section 3: traffic keys for application data. */
struct rfc_row {
	const char *name, *secret, *key, *nonce;
};

static const struct rfc_row rfc_rows[] = {
	{ "client", "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5",
	  "17422dda596ed5d9acd890e3c63f5051", "5b78923dee08579033e523d9" },
	{ "server", "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643",
	  "9f02283b6c9c07efc26bb9f2ac92e356", "cf782b88dd83549aadf1e984" },
};

static void test_rfc(void **state)
{
	const struct rfc_row *row = *state;
	struct ktls_keys k = { .version = KTLS_1_3,
			       .cipher = ktls_cipher_of(KTLS_AES_GCM_128),
			       .seq = 7 };
	uint8_t secret[32], want[32];

	unhex(row->secret, secret, sizeof(secret));
	assert_int_equal(ktls_derive13(&k, secret, sizeof(secret)), 0);
	unhex(row->key, want, sizeof(want));
	assert_memory_equal(k.key, want, 16);
	unhex(row->nonce, want, sizeof(want));
	assert_memory_equal(k.salt, want, 4);
	assert_memory_equal(k.iv, want + 4, 8);
	assert_true(k.seq == 0);
}

static const EVP_MD *md_of(const struct ktls_cipher *c)
{
	return EVP_get_digestbyname(c->hash);
}

/* HKDF-Expand-Label() by HMAC alone; at most one block of it. */
static void expand_by_hand(const EVP_MD *md, const uint8_t *secret, const char *label,
			   uint8_t *out, size_t len)
{
	uint8_t info[64] = { 0, (uint8_t)len, (uint8_t)(6 + strlen(label)) };
	uint8_t block[EVP_MAX_MD_SIZE];
	size_t n = 3 + (size_t)sprintf((char *)info + 3, "tls13 %s", label);

	info[n++] = 0;
	info[n++] = 1;
	assert_non_null(HMAC(md, secret, EVP_MD_get_size(md), info, n, block, NULL));
	memcpy(out, block, len);
}

struct cipher_row {
	const char *name;
	uint16_t cipher;
};

static const struct cipher_row cipher_rows[] = {
	{ "aes-gcm-128", 51 },       { "aes-gcm-256", 52 }, { "aes-ccm-128", 53 },
	{ "chacha20-poly1305", 54 }, { "sm4-gcm", 55 },     { "aria-gcm-128", 57 },
	{ "aria-gcm-256", 58 },
};

static void test_13(void **state)
{
	const struct cipher_row *row = *state;
	const struct ktls_cipher *c = ktls_cipher_of(row->cipher);
	const size_t len = (size_t)EVP_MD_get_size(md_of(c));
	struct ktls_keys k = { .version = KTLS_1_3, .cipher = c };
	uint8_t secret[EVP_MAX_MD_SIZE], want[EVP_MAX_MD_SIZE];

	memset(secret, 0x5a, sizeof(secret));
	assert_int_equal(ktls_derive13(&k, secret, len), 0);
	expand_by_hand(md_of(c), secret, "key", want, c->key);
	assert_memory_equal(k.key, want, c->key);
	expand_by_hand(md_of(c), secret, "iv", want, KTLS_NONCE);
	assert_memory_equal(k.salt, want, c->salt);
	assert_memory_equal(k.iv, want + c->salt, c->iv);
	expand_by_hand(md_of(c), secret, "traffic upd", want, len);
	assert_int_equal(ktls_next_secret13(c, secret, len), 0);
	assert_memory_equal(secret, want, len);
}

/* P_hash of RFC 5246 by HMAC alone. */
static void prf_by_hand(const EVP_MD *md, const struct ktls_master *m, uint8_t *out,
			size_t len)
{
	uint8_t a[EVP_MAX_MD_SIZE + 128], seed[77], block[EVP_MAX_MD_SIZE];
	const size_t h = (size_t)EVP_MD_get_size(md);

	memcpy(seed, "key expansion", 13);
	memcpy(seed + 13, m->server_random, 32);
	memcpy(seed + 45, m->client_random, 32);
	HMAC(md, m->master, 48, seed, sizeof(seed), a, NULL);
	for (size_t done = 0; done < len; done += h) {
		memcpy(a + h, seed, sizeof(seed));
		HMAC(md, m->master, 48, a, h + sizeof(seed), block, NULL);
		memcpy(out + done, block, len - done < h ? len - done : h);
		HMAC(md, m->master, 48, a, h, block, NULL);
		memcpy(a, block, h);
	}
}

static void assert_keys12(const struct ktls_keys *k, const uint8_t *key,
			  const uint8_t *fixed)
{
	static const uint8_t zeros[KTLS_IV_MAX];
	const struct ktls_cipher *c = k->cipher;

	assert_memory_equal(k->key, key, c->key);
	if (c->salt) {
		assert_memory_equal(k->salt, fixed, c->salt);
		assert_memory_equal(k->iv, zeros, sizeof(k->iv));
	} else {
		assert_memory_equal(k->iv, fixed, c->iv);
	}
	assert_true(k->seq == 0);
}

static void test_12(void **state)
{
	const struct cipher_row *row = *state;
	const struct ktls_cipher *c = ktls_cipher_of(row->cipher);
	const size_t fixed = c->salt ? c->salt : c->iv;
	struct ktls_keys client = { .version = KTLS_1_2, .cipher = c }, server = client;
	struct ktls_master m;
	uint8_t block[128];

	memset(m.master, 1, sizeof(m.master));
	memset(m.client_random, 2, sizeof(m.client_random));
	memset(m.server_random, 3, sizeof(m.server_random));
	memset(client.iv, 0xee, sizeof(client.iv));
	assert_int_equal(ktls_derive12(&m, &client, &server), 0);
	prf_by_hand(md_of(c), &m, block, 2 * (c->key + fixed));
	assert_keys12(&client, block, block + 2 * c->key);
	assert_keys12(&server, block + c->key, block + 2 * c->key + fixed);
}

static void test_wrong(void **state)
{
	const struct ktls_cipher none = { "none", 99,   true, true,   16,    4,
					  8,      NULL, "NO", "SUCH", "HASH" };
	struct ktls_keys a = { .version = KTLS_1_2,
			       .cipher = ktls_cipher_of(KTLS_AES_GCM_128) };
	struct ktls_keys b = { .version = KTLS_1_3, .cipher = a.cipher };
	struct ktls_keys c = { .version = KTLS_1_3, .cipher = &none };
	struct ktls_master m = { 0 };
	uint8_t secret[100] = { 0 };

	(void)state;
	assert_int_equal(ktls_derive13(&a, secret, 32), -EINVAL);
	assert_int_equal(ktls_derive13(&c, secret, 32), -ENOTSUP);
	assert_int_equal(ktls_derive12(&m, &a, &b), -EINVAL);
	assert_int_equal(ktls_next_secret13(a.cipher, secret, 100), -EINVAL);
	assert_int_equal(ktls_next_secret13(&none, secret, 32), -ENOTSUP);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("RFC 8448", rfc_rows, test_rfc),
		UNIT_ROWS("TLS 1.3", cipher_rows, test_13),
		UNIT_ROWS("TLS 1.2", cipher_rows, test_12),
		UNIT_ONE("wrong input", test_wrong),
	};

	return unit_run("tls_derive", sets, ARRAY_SIZE(sets));
}
