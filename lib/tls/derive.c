// SPDX-License-Identifier: MIT
/* From the secrets of a handshake to the keys of records. */
#include <errno.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "ktls.h"

enum { PARAMS_MAX = 8, HASH_MAX = 64, MASTER = 48, RANDOM = 32 };

struct secret {
	const uint8_t *p;
	size_t len;
};

/* Their contents are only read, which the type does not say. */
static OSSL_PARAM text(const char *key, const char *value)
{
	return OSSL_PARAM_construct_utf8_string(key, (char *)value, 0);
}

static OSSL_PARAM octets(const char *key, const void *value, size_t len)
{
	return OSSL_PARAM_construct_octet_string(key, (void *)value, len);
}

static int derive(const char *name, const OSSL_PARAM *params, uint8_t *out, size_t len)
{
	EVP_KDF *kdf;
	EVP_KDF_CTX *ctx;
	int err = -ENOTSUP;

	ERR_set_mark();
	kdf = EVP_KDF_fetch(NULL, name, NULL);
	ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	if (ctx && EVP_KDF_derive(ctx, out, len, params) > 0)
		err = 0;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	ERR_pop_to_mark();
	return err;
}

/* HKDF-Expand-Label() of RFC 8446, with an empty context. */
static int expand(const char *hash, struct secret secret, const char *label, uint8_t *out,
		  size_t len)
{
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	OSSL_PARAM params[PARAMS_MAX], *p = params;

	*p++ = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode);
	*p++ = text(OSSL_KDF_PARAM_DIGEST, hash);
	*p++ = octets(OSSL_KDF_PARAM_KEY, secret.p, secret.len);
	*p++ = octets(OSSL_KDF_PARAM_PREFIX, "tls13 ", 6);
	*p++ = octets(OSSL_KDF_PARAM_LABEL, label, strlen(label));
	*p = OSSL_PARAM_construct_end();
	return derive("TLS13-KDF", params, out, len);
}

int ktls_derive13(struct ktls_keys *k, const uint8_t *secret, size_t len)
{
	const struct secret s = { secret, len };
	uint8_t nonce[KTLS_NONCE];
	int err;

	if (k->version != KTLS_1_3)
		return -EINVAL;
	err = expand(k->cipher->hash, s, "key", k->key, k->cipher->key);
	if (!err)
		err = expand(k->cipher->hash, s, "iv", nonce, sizeof(nonce));
	if (!err) {
		memcpy(k->salt, nonce, k->cipher->salt);
		memcpy(k->iv, nonce + k->cipher->salt, k->cipher->iv);
		k->seq = 0;
	}
	OPENSSL_cleanse(nonce, sizeof(nonce));
	return err;
}

int ktls_next_secret13(const struct ktls_cipher *c, uint8_t *secret, size_t len)
{
	uint8_t next[HASH_MAX];
	int err;

	if (len > sizeof(next))
		return -EINVAL;
	err = expand(c->hash, (struct secret){ secret, len }, "traffic upd", next, len);
	if (!err)
		memcpy(secret, next, len);
	OPENSSL_cleanse(next, sizeof(next));
	return err;
}

/* The key block of RFC 5246: PRF(master, "key expansion" + server + client random). */
static int key_block(const struct ktls_master *m, const char *hash, uint8_t *out,
		     size_t len)
{
	OSSL_PARAM params[PARAMS_MAX], *p = params;

	*p++ = text(OSSL_KDF_PARAM_DIGEST, hash);
	*p++ = octets(OSSL_KDF_PARAM_SECRET, m->master, MASTER);
	*p++ = octets(OSSL_KDF_PARAM_SEED, "key expansion", 13);
	*p++ = octets(OSSL_KDF_PARAM_SEED, m->server_random, RANDOM);
	*p++ = octets(OSSL_KDF_PARAM_SEED, m->client_random, RANDOM);
	*p = OSSL_PARAM_construct_end();
	return derive("TLS1-PRF", params, out, len);
}

/* The fixed part of the nonce is the salt, or with ChaCha20 all of it. */
static void set_keys(struct ktls_keys *k, const uint8_t *key, const uint8_t *fixed)
{
	const struct ktls_cipher *c = k->cipher;

	memset(k->iv, 0, sizeof(k->iv));
	memcpy(k->key, key, c->key);
	memcpy(c->salt ? k->salt : k->iv, fixed, c->salt ? c->salt : c->iv);
	k->seq = 0;
}

int ktls_derive12(const struct ktls_master *m, struct ktls_keys *client,
		  struct ktls_keys *server)
{
	const struct ktls_cipher *c = client->cipher;
	const size_t fixed = c->salt ? c->salt : c->iv;
	uint8_t block[2 * (KTLS_KEY_MAX + KTLS_IV_MAX)],
		*salts = block + (size_t)2 * c->key;
	int err;

	if (client->version != KTLS_1_2 || server->version != KTLS_1_2 ||
	    server->cipher != c)
		return -EINVAL;
	err = key_block(m, c->hash, block, 2 * (c->key + fixed));
	if (!err) {
		set_keys(client, block, salts);
		set_keys(server, block + c->key, salts + fixed);
	}
	OPENSSL_cleanse(block, sizeof(block));
	return err;
}
