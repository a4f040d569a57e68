/* SPDX-License-Identifier: MIT */
/* The effective openssl.cnf and what it includes; cnf.c makes sense of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "reader.h"

enum { MAX_FILES = 64 };

struct cnf_reader {
	struct host *h;
	unsigned files;
};

static int read_file(struct cnf *c, const char *path)
{
	const struct read_opts o = { .max = 1 << 20, .filter = filter_cnf };
	struct cnf_reader *r = c->arg;
	cleanup_bytes struct bytes b = { 0 };
	int err = host_read(r->h, path, &o, &b);

	return err ? err : parse_cnf(span_of(&b), path, c);
}

/* An include of a folder takes its .cnf and .conf files (config(5)). */
static bool is_cnf(const char *name)
{
	size_t n = strlen(name);

	return is_conf(name) ||
	       (n > 4 && name[0] != '.' && !strcmp(name + n - 4, ".cnf"));
}

struct include_dir {
	struct cnf *cnf;
	const char *dir;
};

static int read_dir_entry(void *arg, const char *name)
{
	const struct include_dir *d = arg;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	if (read_file(d->cnf, path))
		d->cnf->unsure = true;
	return 0;
}

/* The number of files bounds a file that includes itself. */
static int follow(struct cnf *c, const char *path)
{
	struct cnf_reader *r = c->arg;
	struct include_dir d = { c, path };
	int err;

	if (r->files++ >= MAX_FILES || path[0] != '/') {
		c->unsure = true;
		return 0;
	}
	err = read_file(c, path);
	if (err == -EISDIR)
		err = host_list(r->h, path, is_cnf, read_dir_entry, &d);
	if (err && err != -ENOENT)
		c->unsure = true;
	return err == -ENOMEM ? err : 0;
}

void read_cnf_chain(struct host *h, const char *path, struct arena *a,
		    struct openssl_cnf_facts *out)
{
	struct cnf_reader r = { .h = h };
	struct cnf c = { .arena = a, .include = follow, .arg = &r };
	int err = read_file(&c, path);

	out->src = (struct source){ path, err == -ENOENT ? 0 : err };
	out->present = !err;
	if (err) {
		out->missing = "openssl_conf";
		out->section = "default";
		return;
	}
	cnf_resolve(&c, out);
}

void read_openssl_cnf(struct host *h, struct facts *f)
{
	const char *path = f->openssl.config_file;

	if (path && *path)
		read_cnf_chain(h, path, f->arena, &f->openssl_cnf);
	else
		f->openssl_cnf.src = (struct source){ "openssl.cnf", -ENOENT };
}
