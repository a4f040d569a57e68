/* SPDX-License-Identifier: MIT */
/* The table of ciphers, held against the kernel's own header. */
#include "unit.h"

#include <linux/tls.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "../../lib/tls/ktls.h"

/* Where the kernel's struct of a cipher has what. */
struct layout_row {
	const char *name;
	uint16_t number;
	size_t size, iv, iv_len, key, key_len, salt, salt_len, seq;
};

#define LAYOUT(word, number, type)                                                       \
	{                                                                                \
		(word), (number), sizeof(struct type), offsetof(struct type, iv),        \
			sizeof(((struct type *)0)->iv), offsetof(struct type, key),      \
			sizeof(((struct type *)0)->key), offsetof(struct type, salt),    \
			sizeof(((struct type *)0)->salt), offsetof(struct type, rec_seq) \
	}

static const struct layout_row layout_rows[] = {
	LAYOUT("aes-gcm-128", TLS_CIPHER_AES_GCM_128, tls12_crypto_info_aes_gcm_128),
	LAYOUT("aes-gcm-256", TLS_CIPHER_AES_GCM_256, tls12_crypto_info_aes_gcm_256),
	LAYOUT("aes-ccm-128", TLS_CIPHER_AES_CCM_128, tls12_crypto_info_aes_ccm_128),
	LAYOUT("chacha20-poly1305", TLS_CIPHER_CHACHA20_POLY1305,
	       tls12_crypto_info_chacha20_poly1305),
	LAYOUT("sm4-gcm", TLS_CIPHER_SM4_GCM, tls12_crypto_info_sm4_gcm),
	LAYOUT("sm4-ccm", TLS_CIPHER_SM4_CCM, tls12_crypto_info_sm4_ccm),
#ifdef TLS_CIPHER_ARIA_GCM_256
	LAYOUT("aria-gcm-128", TLS_CIPHER_ARIA_GCM_128, tls12_crypto_info_aria_gcm_128),
	LAYOUT("aria-gcm-256", TLS_CIPHER_ARIA_GCM_256, tls12_crypto_info_aria_gcm_256),
#endif
};

static void keys_with_marks(struct ktls_keys *k)
{
	memset(k->key, 'k', sizeof(k->key));
	memset(k->salt, 's', sizeof(k->salt));
	memset(k->iv, 'i', sizeof(k->iv));
	k->seq = 0x0102030405060708;
}

static void test_layout(void **state)
{
	static const uint8_t seq[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	const struct layout_row *row = *state;
	struct ktls_keys k = { .version = KTLS_1_3,
			       .cipher = ktls_cipher_of(row->number) };
	uint8_t want[KTLS_CRYPTO_INFO_MAX + 8] = { 0 }, got[KTLS_CRYPTO_INFO_MAX];

	assert_non_null(k.cipher);
	assert_string_equal(k.cipher->word, row->name);
	keys_with_marks(&k);
	memcpy(want, &(struct tls_crypto_info){ TLS_1_3_VERSION, row->number }, 4);
	memset(want + row->iv, 'i', row->iv_len);
	memset(want + row->key, 'k', row->key_len);
	memset(want + row->salt, 's', row->salt_len);
	memcpy(want + row->seq, seq, sizeof(seq));
	assert_int_equal(ktls_crypto_info(&k, got), row->size);
	assert_memory_equal(got, want, row->size);
}

static void test_numbers(void **state)
{
	(void)state;
	assert_int_equal(KTLS_TX, TLS_TX);
	assert_int_equal(KTLS_RX, TLS_RX);
	assert_int_equal(KTLS_SOL_TLS, SOL_TLS);
	assert_int_equal(KTLS_TCP_ULP, TCP_ULP);
	assert_int_equal(KTLS_SET_RECORD_TYPE, TLS_SET_RECORD_TYPE);
	assert_int_equal(KTLS_GET_RECORD_TYPE, TLS_GET_RECORD_TYPE);
	assert_int_equal(KTLS_1_2, TLS_1_2_VERSION);
	assert_int_equal(KTLS_1_3, TLS_1_3_VERSION);
	assert_int_equal(KTLS_INFO_VERSION, TLS_INFO_VERSION);
	assert_int_equal(KTLS_INFO_CIPHER, TLS_INFO_CIPHER);
	assert_int_equal(KTLS_INFO_TXCONF, TLS_INFO_TXCONF);
	assert_int_equal(KTLS_INFO_RXCONF, TLS_INFO_RXCONF);
	assert_int_equal(KTLS_CONF_BASE, TLS_CONF_BASE);
	assert_int_equal(KTLS_CONF_SW, TLS_CONF_SW);
	assert_int_equal(KTLS_CONF_HW, TLS_CONF_HW);
	assert_int_equal(KTLS_CONF_HW_RECORD, TLS_CONF_HW_RECORD);
}

/* Every row can be found, and everything fits where it is put. */
static void test_table(void **state)
{
	size_t n = 0;

	(void)state;
	for (const struct ktls_cipher *c = ktls_ciphers; c->word; c++, n++) {
		assert_ptr_equal(ktls_cipher_of(c->number), c);
		assert_ptr_equal(ktls_cipher_named(c->word, strlen(c->word)), c);
		assert_int_equal(c->salt + c->iv, KTLS_NONCE);
		assert_in_range(c->key, 16, KTLS_KEY_MAX);
		assert_true(c->salt <= KTLS_SALT_MAX && c->iv <= KTLS_IV_MAX);
		assert_true(4 + KTLS_NONCE + c->key + KTLS_SEQ <= KTLS_CRYPTO_INFO_MAX);
		assert_true(c->tls12 || !c->suite12);
		assert_true(c->tls13 || !c->suite13);
		assert_true(ktls_defined(c, KTLS_1_2) == c->tls12);
		assert_true(ktls_defined(c, KTLS_1_3) == c->tls13);
		assert_false(ktls_defined(c, 0x0302));
	}
	assert_int_equal(n, 8);
	for (const struct ktls_version *v = ktls_versions; v->word; v++) {
		assert_ptr_equal(ktls_version_of(v->number), v);
		assert_ptr_equal(ktls_version_named(v->word, strlen(v->word)), v);
	}
}

struct word_row {
	const char *name;
	uint16_t version, cipher; /* 0: not found */
};

static const struct word_row word_rows[] = {
	{ "TLS1.3", KTLS_1_3, 0 },
	{ "tls1.2", KTLS_1_2, 0 },
	{ "TLS1.1", 0, 0 },
	{ "TLS1.33", 0, 0 },
	{ "AES-GCM-128", 0, KTLS_AES_GCM_128 },
	{ "chacha20-poly1305", 0, KTLS_CHACHA20_POLY1305 },
	{ "aes-gcm-12", 0, 0 },
	{ "", 0, 0 },
};

static void test_words(void **state)
{
	const struct word_row *row = *state;
	const size_t len = strlen(row->name);
	cleanup_free char *word = exact_copy(row->name, len);
	const struct ktls_version *v = ktls_version_named(word, len);
	const struct ktls_cipher *c = ktls_cipher_named(word, len);

	assert_int_equal(v ? v->number : 0, row->version);
	assert_int_equal(c ? c->number : 0, row->cipher);
}

static void test_unknown(void **state)
{
	(void)state;
	assert_null(ktls_cipher_of(0));
	assert_null(ktls_cipher_of(59));
	assert_null(ktls_version_of(0x0302));
}

static void test_nonce(void **state)
{
	const struct ktls_cipher *gcm = ktls_cipher_of(KTLS_AES_GCM_128);
	const struct ktls_cipher *chacha = ktls_cipher_of(KTLS_CHACHA20_POLY1305);

	(void)state;
	assert_int_equal(ktls_explicit_nonce(gcm, KTLS_1_2), 8);
	assert_int_equal(ktls_explicit_nonce(gcm, KTLS_1_3), 0);
	assert_int_equal(ktls_explicit_nonce(chacha, KTLS_1_2), 0);
	assert_int_equal(ktls_explicit_nonce(chacha, KTLS_1_3), 0);
}

static void test_clear(void **state)
{
	static const struct ktls_keys none;
	struct ktls_keys k;

	(void)state;
	memset(&k, 'x', sizeof(k));
	ktls_keys_clear(&k);
	assert_memory_equal(&k, &none, sizeof(k));
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("layout", layout_rows, test_layout),
		UNIT_ONE("the kernel's numbers", test_numbers),
		UNIT_ONE("table", test_table),
		UNIT_ROWS("word", word_rows, test_words),
		UNIT_ONE("unknown numbers", test_unknown),
		UNIT_ONE("carried nonce", test_nonce),
		UNIT_ONE("cleared keys", test_clear),
	};

	return unit_run("tls_cipher", sets, ARRAY_SIZE(sets));
}
