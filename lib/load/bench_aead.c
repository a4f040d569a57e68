// SPDX-License-Identifier: MIT
/* What one core encrypts with libcrypto: records of 16 KiB, sealed over and over. */
#include <openssl/evp.h>
#include <stdlib.h>

#include "bench_run.h"

enum { SLICE_MS = 30, SLICES = 3, AAD = 13 };

struct libcrypto {
	EVP_CIPHER_CTX *c;
	bool ccm;
	uint8_t *buf, nonce[KTLS_NONCE];
};

/* CCM has to know the size of the record before its header. */
static bool seal(void *arg)
{
	struct libcrypto *l = arg;
	uint8_t aad[AAD] = { 0 }, tag[KTLS_TAG];
	int n;

	l->nonce[KTLS_NONCE - 1]++;
	return EVP_EncryptInit_ex2(l->c, NULL, NULL, l->nonce, NULL) > 0 &&
	       (!l->ccm || EVP_EncryptUpdate(l->c, NULL, &n, NULL, KTLS_DATA_MAX) > 0) &&
	       EVP_EncryptUpdate(l->c, NULL, &n, aad, sizeof(aad)) > 0 &&
	       EVP_EncryptUpdate(l->c, l->buf, &n, l->buf, KTLS_DATA_MAX) > 0 &&
	       EVP_EncryptFinal_ex(l->c, l->buf, &n) > 0 &&
	       EVP_CIPHER_CTX_ctrl(l->c, EVP_CTRL_AEAD_GET_TAG, sizeof(tag), tag) > 0;
}

/* By the thread's clock: what others use of the core is not the cipher's fault. */
static double slice(bool (*one)(void *arg), void *arg)
{
	struct bench_usage used;
	struct bench_meter m;
	const struct bench_counters none = { .perf_why = "not asked" };
	const uint64_t end = bench_now_ns() + SLICE_MS * 1000000ULL;
	uint64_t bytes = 0;

	bench_meter_start(&m, &none);
	while (bench_now_ns() < end) {
		if (!one(arg))
			return 0;
		bytes += KTLS_DATA_MAX;
	}
	bench_meter_stop(&m, &used);
	return used.cpu_ns ? (double)bytes * 1e9 / (double)used.cpu_ns : 0;
}

uint64_t bench_seal_rate(bool (*one)(void *arg), void *arg)
{
	double best = 0;

	for (int i = 0; i < SLICES; i++) {
		const double s = slice(one, arg);

		if (!s)
			return 0;
		best = s > best ? s : best;
	}
	return (uint64_t)best;
}

static bool set_key(struct libcrypto *l, const EVP_CIPHER *evp)
{
	const uint8_t key[KTLS_KEY_MAX] = { 1 };

	l->ccm = EVP_CIPHER_get_mode(evp) == EVP_CIPH_CCM_MODE;
	return EVP_EncryptInit_ex2(l->c, evp, NULL, NULL, NULL) > 0 &&
	       EVP_CIPHER_CTX_ctrl(l->c, EVP_CTRL_AEAD_SET_IVLEN, KTLS_NONCE, NULL) > 0 &&
	       (!l->ccm ||
		EVP_CIPHER_CTX_ctrl(l->c, EVP_CTRL_AEAD_SET_TAG, KTLS_TAG, NULL) > 0) &&
	       EVP_EncryptInit_ex2(l->c, NULL, key, NULL, NULL) > 0;
}

uint64_t bench_aead(const struct ktls_cipher *cipher)
{
	EVP_CIPHER *evp = EVP_CIPHER_fetch(NULL, cipher->evp, NULL);
	struct libcrypto l = { .c = EVP_CIPHER_CTX_new(),
			       .buf = calloc(1, KTLS_DATA_MAX + KTLS_TAG) };
	uint64_t rate = 0;

	if (evp && l.c && l.buf && set_key(&l, evp))
		rate = bench_seal_rate(seal, &l);
	free(l.buf);
	EVP_CIPHER_CTX_free(l.c);
	EVP_CIPHER_free(evp);
	return rate;
}

const char *bench_openssl_version(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}
