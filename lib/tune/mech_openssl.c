/* SPDX-License-Identifier: MIT */
/*
 * Options = KTLS in the system's openssl.cnf: a block at the end of the file, between two
 * remarks by which a revert finds it, so that everything else stays byte for byte. A
 * section may be opened again, and what it is given then is added (config(5)).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/cleanup.h"
#include "mech.h"

#define BEGIN     "\n# ktlsctl tune: begin\n"
#define BEGIN_CUT "\n\n# ktlsctl tune: begin (the line above had no end)\n"
#define END       "# ktlsctl tune: end\n"

/* The chain of sections from where it breaks on. The prefix makes the key another one
 * than an "Options" that is there already: of two that are the same the last one wins. */
static void put_chain(FILE *f, const struct openssl_cnf_facts *c)
{
	static const char *const keys[] = { "openssl_conf", "ssl_conf", "system_default",
					    NULL };
	static const char *const sections[] = { "ktlsctl_init", "ktlsctl_ssl",
						"ktlsctl_default" };
	const char *section = c->section;
	size_t i = 0;

	while (keys[i] && (!c->missing || strcmp(keys[i], c->missing)))
		i++;
	for (; keys[i]; i++) {
		fprintf(f, "[%s]\n%s = %s\n", section, keys[i], sections[i]);
		section = sections[i];
	}
	fprintf(f, "[%s]\nktlsctl.Options = KTLS\n", section);
}

/* The path as it is in the end: what is replaced must be the file, not a link to it. */
static int resolve(struct host *h, const char *path, char *out, size_t size)
{
	char target[4096];

	if (snprintf(out, size, "%s", path) >= (int)size)
		return -ENAMETOOLONG;
	for (int i = 0; i < 16; i++) {
		char *slash;

		if (host_readlink(h, out, target, sizeof(target)))
			return 0;
		slash = strrchr(out, '/');
		if (target[0] == '/' || !slash)
			slash = out;
		else
			slash++;
		if (snprintf(slash, size - (size_t)(slash - out), "%s", target) >=
		    (int)(size - (size_t)(slash - out)))
			return -ENAMETOOLONG;
	}
	return -ELOOP;
}

struct edit {
	struct host *h;
	struct facts *facts;
	char path[4096];
	struct bytes old;
};

static void edit_end(struct edit *e)
{
	facts_free(e->facts);
	bytes_free(&e->old);
}
#define cleanup_edit __attribute__((cleanup(edit_end)))

static int begin(struct edit *e)
{
	const struct facts_query q = { .mask = FACT_OPENSSL | FACT_OPENSSL_CNF };
	const struct read_opts o = { .max = 1 << 20, .unrecorded = true };
	char why[256];
	int err = facts_read(e->h, &q, &e->facts, why, sizeof(why));

	if (err)
		return err;
	if (e->facts->openssl_cnf.src.err)
		return e->facts->openssl_cnf.src.err;
	if (!e->facts->openssl.config_file)
		return -ENOENT;
	err = resolve(e->h, e->facts->openssl.config_file, e->path, sizeof(e->path));
	return err ? err : host_read(e->h, e->path, &o, &e->old);
}

static int add_block(const struct edit *e)
{
	cleanup_free char *text = NULL;
	const struct bytes *old = &e->old;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int err;

	if (!f)
		return -ENOMEM;
	fwrite(old->data, 1, old->len, f);
	fputs(old->len && old->data[old->len - 1] != '\n' ? BEGIN_CUT : BEGIN, f);
	put_chain(f, &e->facts->openssl_cnf);
	fputs(END, f);
	err = ferror(f);
	if (fclose(f) || err)
		return -ENOMEM;
	return host_replace(e->h, e->path, &(struct host_text){ text, len, 0644 });
}

/* The last one: -ESTALE when somebody has taken it away, or a part of it. */
static int find_block(const struct bytes *b, size_t *from, size_t *to)
{
	static const char *const begins[] = { BEGIN_CUT, BEGIN };

	for (size_t i = 0; i < ARRAY_SIZE(begins); i++) {
		const char *p = b->len ? memmem(b->data, b->len, begins[i],
						strlen(begins[i]))
				       : NULL;
		const char *end = p ? strstr(p, END) : NULL;

		if (!end)
			continue;
		*from = (size_t)(p - b->data);
		*to = (size_t)(end - b->data) + strlen(END);
		return 0;
	}
	return -ESTALE;
}

static int remove_block(const struct edit *e)
{
	const struct bytes *old = &e->old;
	cleanup_free char *text = malloc(old->len + 1);
	size_t from, to;
	int err = text ? find_block(old, &from, &to) : -ENOMEM;

	if (err)
		return err;
	memcpy(text, old->data, from);
	memcpy(text + from, old->data + to, old->len - to);
	return host_replace(e->h, e->path,
			    &(struct host_text){ text, old->len - (to - from), 0644 });
}

static int set(struct host *h, const struct mech_key *k, const char *value)
{
	cleanup_edit struct edit e = { .h = h };
	int err = begin(&e);

	(void)k;
	if (err)
		return err;
	return strcmp(value, "on") ? remove_block(&e) : add_block(&e);
}

static int tidy(struct host *h, const struct mech_key *k)
{
	cleanup_edit struct edit e = { .h = h };
	int err = begin(&e);

	(void)k;
	return err ? err : host_tidy(h, e.path);
}

const struct mechanism mech_openssl = { .write = set, .tidy = tidy };
