// SPDX-License-Identifier: MIT
#include <string.h>
#include <strings.h>

#include "cipher.h"

const struct ktls_version ktls_versions[] = {
	{ "TLS1.2", KTLS_1_2 },
	{ "TLS1.3", KTLS_1_3 },
	{ 0 },
};

/* clang-format off */
const struct ktls_cipher ktls_ciphers[] = {
	{ "aes-gcm-128", KTLS_AES_GCM_128, true, true, 16, 4, 8, "AES-128-GCM", "SHA256",
	  "ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256" },
	{ "aes-gcm-256", KTLS_AES_GCM_256, true, true, 32, 4, 8, "AES-256-GCM", "SHA384",
	  "ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_AES_256_GCM_SHA384" },
	{ "aes-ccm-128", KTLS_AES_CCM_128, true, true, 16, 4, 8, "AES-128-CCM", "SHA256",
	  "ECDHE-ECDSA-AES128-CCM", "TLS_AES_128_CCM_SHA256" },
	{ "chacha20-poly1305", KTLS_CHACHA20_POLY1305, true, true, 32, 0, 12,
	  "ChaCha20-Poly1305", "SHA256",
	  "ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_CHACHA20_POLY1305_SHA256" },
	/* RFC 8998 has these for TLS 1.3; the kernel takes them with TLS 1.2 too, for
	 * which there is no suite. libcrypto has them since 3.1. */
	{ "sm4-gcm", KTLS_SM4_GCM, true, true, 16, 4, 8, "SM4-GCM", "SM3",
	  NULL, "TLS_SM4_GCM_SM3" },
	{ "sm4-ccm", KTLS_SM4_CCM, true, true, 16, 4, 8, "SM4-CCM", "SM3",
	  NULL, "TLS_SM4_CCM_SM3" },
	{ "aria-gcm-128", KTLS_ARIA_GCM_128, true, false, 16, 4, 8, "ARIA-128-GCM",
	  "SHA256", "ECDHE-ECDSA-ARIA128-GCM-SHA256", NULL },
	{ "aria-gcm-256", KTLS_ARIA_GCM_256, true, false, 32, 4, 8, "ARIA-256-GCM",
	  "SHA384", "ECDHE-ECDSA-ARIA256-GCM-SHA384", NULL },
	{ 0 },
};
/* clang-format on */

static bool same(const char *name, const char *word, size_t len)
{
	return strlen(name) == len && !strncasecmp(name, word, len);
}

const struct ktls_version *ktls_version_of(uint16_t number)
{
	for (const struct ktls_version *v = ktls_versions; v->word; v++)
		if (v->number == number)
			return v;
	return NULL;
}

const struct ktls_cipher *ktls_cipher_of(uint16_t number)
{
	for (const struct ktls_cipher *c = ktls_ciphers; c->word; c++)
		if (c->number == number)
			return c;
	return NULL;
}

const struct ktls_version *ktls_version_named(const char *word, size_t len)
{
	for (const struct ktls_version *v = ktls_versions; v->word; v++)
		if (same(v->word, word, len))
			return v;
	return NULL;
}

const struct ktls_cipher *ktls_cipher_named(const char *word, size_t len)
{
	for (const struct ktls_cipher *c = ktls_ciphers; c->word; c++)
		if (same(c->word, word, len))
			return c;
	return NULL;
}

bool ktls_defined(const struct ktls_cipher *c, uint16_t version)
{
	switch (version) {
	case KTLS_1_2:
		return c->tls12;
	case KTLS_1_3:
		return c->tls13;
	default:
		return false;
	}
}

size_t ktls_explicit_nonce(const struct ktls_cipher *c, uint16_t version)
{
	return version == KTLS_1_2 && c->salt ? c->iv : 0;
}
