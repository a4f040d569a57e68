// SPDX-License-Identifier: MIT
/* What one core encrypts with libcrypto: records of 16 KiB, sealed over and over. */
#include <openssl/evp.h>
#include <stdlib.h>

#include "bench_run.h"

enum { SLICE_MS = 30, SLICES = 3, AAD = 13 };

static bool seal(EVP_CIPHER_CTX *c, uint8_t *buf, uint8_t nonce[KTLS_NONCE])
{
	uint8_t aad[AAD] = { 0 }, tag[KTLS_TAG];
	int n;

	nonce[KTLS_NONCE - 1]++;
	return EVP_EncryptInit_ex2(c, NULL, NULL, nonce, NULL) &&
	       EVP_EncryptUpdate(c, NULL, &n, aad, sizeof(aad)) &&
	       EVP_EncryptUpdate(c, buf, &n, buf, KTLS_DATA_MAX) &&
	       EVP_EncryptFinal_ex(c, buf, &n) &&
	       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, sizeof(tag), tag);
}

/* By the thread's clock: what others use of the core is not the cipher's fault. */
static double slice(EVP_CIPHER_CTX *c, uint8_t *buf)
{
	uint8_t nonce[KTLS_NONCE] = { 0 };
	struct bench_usage used;
	struct bench_meter m;
	const struct bench_counters none = { .perf_why = "not asked" };
	const uint64_t end = bench_now_ns() + SLICE_MS * 1000000ULL;
	uint64_t bytes = 0;

	bench_meter_start(&m, &none);
	while (bench_now_ns() < end) {
		if (!seal(c, buf, nonce))
			return 0;
		bytes += KTLS_DATA_MAX;
	}
	bench_meter_stop(&m, &used);
	return used.cpu_ns ? (double)bytes * 1e9 / (double)used.cpu_ns : 0;
}

uint64_t bench_aead(const struct ktls_cipher *cipher)
{
	EVP_CIPHER *evp = EVP_CIPHER_fetch(NULL, cipher->evp, NULL);
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	const uint8_t key[KTLS_KEY_MAX] = { 1 };
	uint8_t *buf = calloc(1, KTLS_DATA_MAX + KTLS_TAG);
	double best = 0;

	if (evp && c && buf && EVP_EncryptInit_ex2(c, evp, key, NULL, NULL)) {
		for (int i = 0; i < SLICES; i++) {
			const double s = slice(c, buf);

			best = s > best ? s : best;
		}
	}
	free(buf);
	EVP_CIPHER_CTX_free(c);
	EVP_CIPHER_free(evp);
	return (uint64_t)best;
}

const char *bench_openssl_version(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}
