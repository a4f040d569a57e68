/* SPDX-License-Identifier: MIT */
/*
 * Would the probe notice if the kernel did it wrong? It is linked with --wrap: whoever in
 * lib/probe hands keys to the kernel, or bytes to a socket, comes by here, and one thing
 * is changed on its way. A line a row, for the case probe-mutants.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "../../../lib/probe/probe_priv.h"

struct mutant {
	const char *name;
	size_t offset;    /* of the changed byte of the keys; 0: none */
	uint16_t cipher;  /* 0: the right one */
	uint16_t version; /* xor */
	bool direction, tag;
};

static const struct mutant mutants[] = {
	{ .name = "nothing" },
	{ .name = "key", .offset = offsetof(struct ktls_keys, key) },
	{ .name = "salt", .offset = offsetof(struct ktls_keys, salt) },
	{ .name = "iv", .offset = offsetof(struct ktls_keys, iv) },
	{ .name = "sequence-number", .offset = offsetof(struct ktls_keys, seq) },
	{ .name = "tag", .tag = true },
	{ .name = "direction", .direction = true },
	{ .name = "cipher", .cipher = KTLS_AES_CCM_128 },
	{ .name = "version", .version = KTLS_1_2 ^ KTLS_1_3 },
};

/* The mutant of now, and the socket that has keys. */
static struct {
	const struct mutant *m;
	int fd;
	enum ktls_option direction;
	bool tagged; /* its first record went by */
} now;

int __real_ktls_install(int fd, enum ktls_option direction, const struct ktls_keys *k);
int __wrap_ktls_install(int fd, enum ktls_option direction, const struct ktls_keys *k);
ssize_t __real_send(int fd, const void *buf, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags);
ssize_t __real_recv(int fd, void *buf, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags);

int __wrap_ktls_install(int fd, enum ktls_option direction, const struct ktls_keys *k)
{
	cleanup_ktls_keys struct ktls_keys wrong = *k;

	if (now.m->offset)
		((uint8_t *)&wrong)[now.m->offset] ^= 1;
	if (now.m->cipher)
		wrong.cipher = ktls_cipher_of(now.m->cipher);
	wrong.version ^= now.m->version;
	now.fd = fd;
	now.direction = direction;
	now.tagged = false;
	if (now.m->direction)
		direction = direction == KTLS_TX ? KTLS_RX : KTLS_TX;
	return __real_ktls_install(fd, direction, &wrong);
}

/* In the tag of a record with one byte of data, of either version. */
enum { IN_TAG = KTLS_HEADER + KTLS_TAG };

static bool is_first(int fd, enum ktls_option direction, size_t len)
{
	const bool first = now.m->tag && fd != now.fd && now.direction == direction &&
			   !now.tagged && len > IN_TAG;

	now.tagged |= first;
	return first;
}

/* Towards the socket that receives. */
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
	uint8_t first[IN_TAG + 1];

	if (!is_first(fd, KTLS_RX, len))
		return __real_send(fd, buf, len, flags);
	memcpy(first, buf, sizeof(first));
	first[IN_TAG] ^= 1;
	return __real_send(fd, first, sizeof(first), flags);
}

/* From the one that sends. */
ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags)
{
	const ssize_t n = __real_recv(fd, buf, len, flags);

	if (n > 0 && is_first(fd, KTLS_TX, (size_t)n))
		((uint8_t *)buf)[IN_TAG] ^= 1;
	return n;
}

static void print_cells(const struct probe_facts *f)
{
	for (size_t i = 0; i < f->n_cells; i++) {
		const struct probe_cell *c = &f->cells[i];

		printf("TLS%s %s wrong-%s %s %s\n", c->version, c->direction, now.m->name,
		       probe_verdict_words[c->verdict], c->differed);
	}
}

static void print_features(const struct probe_facts *f)
{
	for (size_t i = 0; i < f->n_features; i++)
		printf("%s wrong-%s %s\n", f->features[i].id, now.m->name,
		       probe_verdict_words[f->features[i].verdict]);
}

/* The core's cells, or with words of --only what they name. */
static int run(struct probe_filter only)
{
	const struct probe_options o = {
		.kernel = true, .hostile = only.n, .core = !only.n, .only = only
	};
	cleanup_arena struct arena *a = arena_new();
	struct probe_facts f = { .private_netns = true };

	if (!a || probe_kernel(&o, a, &f))
		return 1;
	print_cells(&f);
	print_features(&f);
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	const struct probe_filter only = { (const char *const *)argv + 1,
					   (size_t)argc - 1 };

	for (size_t i = 0; i < ARRAY_SIZE(mutants); i++) {
		now.m = &mutants[i];
		if (run(only))
			return 1;
	}
	return 0;
}
