/* SPDX-License-Identifier: MIT */
/*
 * The ciphers and versions that kernel TLS knows: one table, and look-ups in it. Whatever
 * needs a size, a name or a number of a cipher takes it from here.
 */
#ifndef KTLS_CIPHER_H
#define KTLS_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uapi.h"

enum {
	KTLS_KEY_MAX = 32,
	KTLS_SALT_MAX = 4,
	KTLS_IV_MAX = 12,
	KTLS_NONCE = 12, /* salt and iv together, for every cipher */
	KTLS_TAG = 16,   /* likewise */
	KTLS_SEQ = 8,
};

struct ktls_version {
	const char *word; /* "TLS1.3" */
	uint16_t number;  /* on the wire and in the kernel */
};

/*
 * The kernel's struct for keys is, for every cipher: version and number (2 bytes each, in
 * the order of the machine), iv, key, salt, sequence number; with the sizes of the row.
 */
struct ktls_cipher {
	const char *word; /* "aes-gcm-128", as ss(8) spells it */
	uint16_t number;
	bool tls12, tls13; /* the kernel takes it with this version (ARIA: 1.2 only) */
	uint8_t key, salt, iv; /* bytes */
	const char *evp;       /* libcrypto's name; not every libcrypto has it */
	const char *hash;      /* of the suites below, for deriving keys */
	/* libssl's names of the suites; tls12 goes with an ECDSA certificate. NULL: the
	 * version has none, so no handshake leads there. */
	const char *suite12, *suite13;
};

/* Both tables end with a zeroed row, and stand in the order of their numbers. */
extern const struct ktls_version ktls_versions[];
extern const struct ktls_cipher ktls_ciphers[];

/* NULL: not known. */
const struct ktls_version *ktls_version_of(uint16_t number);
const struct ktls_cipher *ktls_cipher_of(uint16_t number);

/* By word, which needs no NUL behind it; upper and lower case are the same. */
const struct ktls_version *ktls_version_named(const char *word, size_t len);
const struct ktls_cipher *ktls_cipher_named(const char *word, size_t len);

/* The kernel takes the cipher with this version. */
bool ktls_defined(const struct ktls_cipher *c, uint16_t version);

/* Bytes of the nonce that each record carries: TLS 1.2, but not with ChaCha20. */
size_t ktls_explicit_nonce(const struct ktls_cipher *c, uint16_t version);

#endif
