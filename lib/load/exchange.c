// SPDX-License-Identifier: MIT
/* "exchange": so many bytes in, their hash out, as many others out and their hash. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "conn.h"

enum { ROOM = 16384 };

enum phase { TAKE, HASH_OF_TAKEN, GIVE, HASH_OF_GIVEN, DONE };

struct exchange {
	enum phase phase;
	uint64_t bytes, left;
	EVP_MD_CTX *hash;
	uint32_t noise;
	uint8_t room[ROOM];
	size_t at, len; /* what of the room is still to be sent */
};

static void stop(void *state)
{
	struct exchange *x = state;

	if (x)
		EVP_MD_CTX_free(x->hash);
	free(x);
}

static int start(void **state, uint64_t bytes)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return -ENOMEM;
	*state = x;
	x->bytes = x->left = bytes;
	x->noise = (uint32_t)bytes * 2654435761u | 1;
	x->hash = EVP_MD_CTX_new();
	if (!x->hash)
		return -ENOMEM;
	return EVP_DigestInit_ex(x->hash, EVP_sha256(), NULL) ? 0 : -EIO;
}

static int take(struct exchange *x, struct conn *c)
{
	while (x->left) {
		size_t most = x->left < ROOM ? x->left : ROOM;
		ssize_t n = conn_read(c, x->room, most);

		if (n < 0)
			return (int)n;
		if (!EVP_DigestUpdate(x->hash, x->room, (size_t)n))
			return -EIO;
		x->left -= (uint64_t)n;
	}
	return 0;
}

/* Sends what is in the room. */
static int flush(struct exchange *x, struct conn *c)
{
	while (x->at < x->len) {
		ssize_t n = conn_write(c, x->room + x->at, x->len - x->at);

		if (n < 0)
			return (int)n;
		x->at += (size_t)n;
	}
	return 0;
}

static int prepare_hash(struct exchange *x)
{
	unsigned len;

	x->at = 0;
	if (!EVP_DigestFinal_ex(x->hash, x->room, &len) || len != PEER_HASH ||
	    !EVP_DigestInit_ex(x->hash, EVP_sha256(), NULL))
		return -EIO;
	x->len = len;
	return 0;
}

/* Any bytes do, as long as no two stretches are alike. */
static int prepare_data(struct exchange *x)
{
	x->at = 0;
	x->len = x->left < ROOM ? x->left : ROOM;
	for (size_t i = 0; i < x->len; i++) {
		x->noise ^= x->noise << 13;
		x->noise ^= x->noise >> 17;
		x->noise ^= x->noise << 5;
		x->room[i] = (uint8_t)x->noise;
	}
	x->left -= x->len;
	return EVP_DigestUpdate(x->hash, x->room, x->len) ? 0 : -EIO;
}

static int give(struct exchange *x, struct conn *c)
{
	int err = flush(x, c);

	while (!err && x->left) {
		err = prepare_data(x);
		if (!err)
			err = flush(x, c);
	}
	return err;
}

/* One phase to its end; what the next one begins with. */
static int phase(struct exchange *x, struct conn *c)
{
	int err = x->phase == TAKE ? take(x, c) : give(x, c);

	if (err)
		return err;
	switch (x->phase++) {
	case TAKE:
	case GIVE:
		return prepare_hash(x);
	case HASH_OF_TAKEN:
		x->left = x->bytes;
		return 0;
	default:
		return 0;
	}
}

static int go(void *state, struct conn *c)
{
	struct exchange *x = state;
	int err = 0;

	while (!err && x->phase != DONE)
		err = phase(x, c);
	return err;
}

const struct peer_kind peer_exchange = {
	.name = "exchange",
	.most = 4 << 20,
	.start = start,
	.go = go,
	.stop = stop,
};
