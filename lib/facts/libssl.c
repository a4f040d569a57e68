/* SPDX-License-Identifier: MIT */
/*
 * Every libssl on the disk where loaders look. A program uses the copy it was linked to,
 * so the one of the distribution proves nothing about a second one in /usr/local or /opt.
 * A foreign copy is read as bytes, never loaded.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "reader.h"

enum { LIB_MAX = 64 << 20 };

/* Only 3.2 and later carry a file name in their messages that a build without kTLS lacks.
 */
enum tristate libssl_has_ktls(struct span bytes, const char *version)
{
	if (version_compare(version, "3.0.0") < 0)
		return TRI_NO;
	if (version_compare(version, "3.2.0") < 0)
		return TRI_UNKNOWN;
	return span_has(bytes, "ktls_meth.c") ? TRI_YES : TRI_NO;
}

/* The version stands in libcrypto, beside libssl and with the same suffix. */
static void inspect(struct host *h, struct facts *f, struct libssl_copy *copy,
		    const char *dir, const char *suffix)
{
	const struct read_opts o = { .max = LIB_MAX, .unrecorded = true };
	cleanup_bytes struct bytes ssl = { 0 }, crypto = { 0 };
	char path[4096];
	char *version = NULL;

	snprintf(path, sizeof(path), "%s/libcrypto.so.%s", dir, suffix);
	if (!host_read(h, path, &o, &crypto))
		version = parse_openssl_version(span_of(&crypto), f->arena);
	copy->version = version ? version : "";
	if (version && !host_read(h, copy->path, &o, &ssl))
		copy->ktls = libssl_has_ktls(span_of(&ssl), version);
}

/* dir/libssl.so.suffix, which is there. */
static int add_copy(struct host *h, struct facts *f, const char *dir, const char *suffix)
{
	struct libssl_copies_facts *l = &f->libssl_copies;
	const char *ours = f->openssl.library;
	struct libssl_copy *c;
	size_t n = strlen(dir);

	c = arena_grow(f->arena, l->copies, l->n_copies, sizeof(*c));
	if (!c)
		return -ENOMEM;
	l->copies = c;
	c += l->n_copies++;
	c->path = arena_printf(f->arena, "%s/libssl.so.%s", dir, suffix);
	c->version = "";
	if (!c->path)
		return -ENOMEM;
	c->ours = ours && !strncmp(ours, dir, n) && !strchr(ours + n + 1, '/') &&
		  !strcmp(suffix, "3");
	if (c->ours) {
		c->version = f->openssl.version;
		c->ktls = f->openssl.ktls_send ? TRI_YES : TRI_NO;
	} else {
		inspect(h, f, c, dir, suffix);
	}
	return 0;
}

/* Asks for the names there ever were: a library folder has thousands of entries. */
static int scan_dir(struct host *h, struct facts *f, const char *dir)
{
	static const char *const suffixes[] = { "3", "4", "1.1", "1.0.2", "10", "1.0.0" };
	int err = host_probe(h, dir);

	for (size_t i = 0; i < ARRAY_SIZE(suffixes) && !err; i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s/libssl.so.%s", dir, suffixes[i]);
		err = host_probe(h, path);
		if (!err)
			err = add_copy(h, f, dir, suffixes[i]);
		else if (err == -ENOENT)
			err = 0;
	}
	return err;
}

void read_libssl_copies(struct host *h, struct facts *f)
{
	/* Only real folders: /lib is a link to usr/lib wherever OpenSSL 3 is found. */
	static const char *const dirs[] = {
		"/usr/lib/x86_64-linux-gnu",
		"/usr/lib/aarch64-linux-gnu",
		"/usr/lib/i386-linux-gnu",
		"/usr/lib64",
		"/usr/lib",
		"/usr/local/lib",
		"/usr/local/lib64",
		"/usr/local/ssl/lib",
		"/usr/local/openssl/lib",
		"/opt/openssl/lib",
		"/opt/openssl/lib64",
	};

	if (!host_is_live(h))
		return;
	f->libssl_copies.src.where = "library folders";
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		int err = scan_dir(h, f, dirs[i]);

		if (err && err != -ENOENT && err != -ENOTDIR)
			f->libssl_copies.src = (struct source){ dirs[i], err };
	}
}
