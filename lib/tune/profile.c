/* SPDX-License-Identifier: MIT */
/* Finding profiles, and putting those together that include others. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/host.h"
#include "tune_priv.h"

#define FOLDER "/etc/ktlsctl/profiles.d"
#define ENDING ".profile"

enum { MAX_DEPTH = 8, MAX_BYTES = 1 << 20 };

/* A profile that is being read, and the one that includes it. */
struct reading {
	struct host *host;
	struct tune_profile *out;
	const char *name;
	const struct reading *outer;
	const char *where; /* FILE:LINE of the include; NULL */
};

static bool same_setting(const struct tune_setting *a, const struct tune_setting *b)
{
	return a->tunable == b->tunable && !a->device == !b->device &&
	       (!a->device || !strcmp(a->device, b->device));
}

int tune_profile_put(struct tune_profile *p, const struct tune_setting *s)
{
	struct tune_setting *v = NULL;

	for (size_t i = 0; i < p->n_settings && !v; i++)
		if (same_setting(&p->settings[i], s))
			v = &p->settings[i];
	if (!v) {
		v = arena_grow(p->arena, p->settings, p->n_settings, sizeof(*v));
		if (!v)
			return -ENOMEM;
		p->settings = v;
		v += p->n_settings++;
	}
	*v = *s;
	return 0;
}

static const struct builtin_profile *builtin(const char *name)
{
	for (size_t i = 0; builtin_profiles[i].name; i++)
		if (!strcmp(builtin_profiles[i].name, name))
			return &builtin_profiles[i];
	return NULL;
}

static bool is_name(const char *name)
{
	return *name && *name != '.' && strlen(name) < 64;
}

/* The bytes of a profile and what its lines are called by. -ENOENT: there is none. */
static int load(const struct reading *r, struct bytes *b, const char **file,
		struct tune_error *e)
{
	const struct read_opts o = { .max = MAX_BYTES, .unrecorded = true };
	const bool path = strchr(r->name, '/');
	const struct builtin_profile *own;
	int err;

	if (!path && !is_name(r->name))
		return -ENOENT;
	*file = path ? arena_strdup(r->out->arena, r->name)
		     : arena_printf(r->out->arena, FOLDER "/%s" ENDING, r->name);
	if (!*file)
		return -ENOMEM;
	err = host_read(r->host, *file, &o, b);
	own = path || err != -ENOENT ? NULL : builtin(r->name);
	if (own) {
		*file = arena_printf(r->out->arena, "%s" ENDING, r->name);
		b->data = strdup(own->text);
		b->len = strlen(own->text);
		return *file && b->data ? 0 : -ENOMEM;
	}
	if (err == -EFBIG)
		return tune_fail(e, -EINVAL, "%.200s:1: larger than 1 MiB, no profile",
				 *file);
	if (err && err != -ENOENT && err != -ENOMEM)
		return tune_fail(e, -EINVAL, "%.200s: %s", *file, strerror(-err));
	return err;
}

static int read_one(const struct reading *r, struct tune_error *e);

static int include(const struct reading *outer, const struct profile_text *t,
		   struct span word, struct tune_error *e)
{
	struct reading r = *outer;
	unsigned depth = 0;
	int err;

	r.outer = outer;
	r.name = arena_strndup(outer->out->arena, word.p, word.len);
	r.where = arena_printf(outer->out->arena, "%s:%u", t->file, t->include_line);
	if (!r.name || !r.where)
		return -ENOMEM;
	for (const struct reading *o = outer; o; o = o->outer, depth++)
		if (!strcmp(o->name, r.name))
			return tune_fail(e, -EINVAL,
					 "%.200s: include goes in a circle: "
					 "'%.60s' includes itself",
					 r.where, r.name);
	if (depth > MAX_DEPTH)
		return tune_fail(e, -EINVAL, "%.200s: more than %d includes deep",
				 r.where, MAX_DEPTH);
	err = read_one(&r, e);
	if (err == -ENOENT)
		return tune_fail(e, -EINVAL, "%.200s: there is no profile '%.60s'",
				 r.where, r.name);
	return err;
}

/* Those that are included first, so that what stands here goes over them. */
static int put_together(const struct reading *r, const struct profile_text *t,
			struct tune_error *e)
{
	struct span rest = span(t->include ? t->include : "",
				t->include ? strlen(t->include) : 0),
		    word;
	int err = 0;

	while (!err && next_word(&rest, &word))
		err = include(r, t, word, e);
	for (size_t i = 0; i < t->out->n_settings && !err; i++)
		err = tune_profile_put(r->out, &t->out->settings[i]);
	return err;
}

static int read_one(const struct reading *r, struct tune_error *e)
{
	struct tune_profile own = { .arena = r->out->arena };
	struct profile_text t = { .out = &own };
	cleanup_bytes struct bytes b = { 0 };
	int err = load(r, &b, &t.file, e);

	if (!err)
		err = tune_profile_parse(span(b.data ? b.data : "", b.len), &t, e);
	if (!err)
		err = put_together(r, &t, e);
	if (!err && !r->outer) {
		r->out->summary = own.summary ? own.summary : "";
		r->out->about = own.about ? own.about : "";
		r->out->where = t.file;
	}
	if (!err && own.servers)
		r->out->servers = own.servers;
	return err;
}

struct tune_profile *tune_profile_new(const char *name)
{
	struct tune_profile *p = calloc(1, sizeof(*p));

	if (p)
		p->arena = arena_new();
	if (p && p->arena)
		p->name = arena_strdup(p->arena, name);
	if (p && p->name)
		return p;
	tune_profile_free(p);
	return NULL;
}

int tune_profile_read(struct host *h, const char *name, struct tune_profile **out,
		      char *why, size_t size)
{
	struct tune_error e = { 0 };
	struct reading r = { .host = h };
	int err;

	*out = NULL;
	r.out = tune_profile_new(name);
	if (!r.out)
		return -ENOMEM;
	r.name = r.out->name;
	err = read_one(&r, &e);
	if (!err) {
		*out = r.out;
		return 0;
	}
	tune_profile_free(r.out);
	if (err == -ENOENT)
		snprintf(why, size, "there is no profile '%.80s'", name);
	else
		snprintf(why, size, "%s", err == -EINVAL ? e.why : strerror(-err));
	return err;
}

void tune_profile_free(struct tune_profile *p)
{
	if (!p)
		return;
	arena_free(p->arena);
	free(p);
}

struct names {
	struct arena *arena;
	const char **v;
	size_t n;
};

static int add_name(void *arg, const char *file)
{
	struct names *l = arg;
	size_t len = strlen(file), end = strlen(ENDING);
	const char **v, *name;

	if (len <= end || strcmp(file + len - end, ENDING))
		return 0;
	name = arena_strndup(l->arena, file, len - end);
	for (size_t i = 0; name && i < l->n; i++)
		if (!strcmp(l->v[i], name))
			return 0;
	v = name ? arena_grow(l->arena, l->v, l->n, sizeof(*v)) : NULL;
	if (!v)
		return -ENOMEM;
	l->v = v;
	v[l->n++] = name;
	return 0;
}

int tune_profile_names(struct host *h, struct arena *a, const char ***out, size_t *n)
{
	struct names l = { .arena = a };
	int err = 0;

	for (size_t i = 0; builtin_profiles[i].name && !err; i++) {
		char file[80];

		snprintf(file, sizeof(file), "%s" ENDING, builtin_profiles[i].name);
		err = add_name(&l, file);
	}
	/* Who may not look there has the program's own. */
	if (!err && host_scan(h, FOLDER, add_name, &l) == -ENOMEM)
		err = -ENOMEM;
	*out = l.v;
	*n = l.n;
	return err;
}
