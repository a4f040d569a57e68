/* SPDX-License-Identifier: MIT */
/* The daemons that tune behind one's back, and what tuned's profile sets. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "ini.h"
#include "reader.h"

/* A profile includes another, which includes ...; and a loop must end. */
enum { MAX_PROFILES = 8 };

/* Its name is nobody's business unless it is one of those that are read. */
static bool keep_section(struct span *line)
{
	if (!span_is(*line, "[main]") && !span_is(*line, "[sysctl]") &&
	    !span_is(*line, "[cpu]") && line->len > 1)
		*line = span("[]", 2);
	return true;
}

/* "include=NAME", or a key this program knows; without a remark behind it. */
static bool keep_tuned(struct span *line)
{
	struct span rest = trimmed(*line), key;

	*line = rest;
	if (rest.len && rest.p[0] == '[')
		return keep_section(line);
	if (!rest.len || rest.p[0] == '#' || rest.p[0] == ';' ||
	    !cut_at(&rest, '=', &key))
		return false;
	key = trimmed(key);
	return span_is(key, "include") || span_is(key, "governor") ||
	       span_is(key, "energy_performance_preference") ||
	       sysctl_find(key) != SYSCTL_COUNT;
}

void filter_tuned(struct bytes *b)
{
	filter_lines(b, keep_tuned);
}

struct tuned_parse {
	struct arena *arena;
	struct sysctl_facts *out;
	struct tuners_facts *tuners;
	const char **include;
};

static int on_line(void *arg, const struct ini_line *l)
{
	struct tuned_parse *p = arg;
	enum sysctl_key key = sysctl_find(span(l->key, strlen(l->key)));
	struct span value = span(l->value, strlen(l->value));
	const char **to = NULL;

	if (value.len > 1 && value.p[0] == '"' && value.p[value.len - 1] == '"')
		value = span(value.p + 1, value.len - 2);
	if (!strcmp(l->section, "main") && !strcmp(l->key, "include"))
		to = p->include;
	else if (!strcmp(l->section, "sysctl") && key != SYSCTL_COUNT)
		to = &p->out->value[key].tuned;
	else if (!strcmp(l->section, "cpu") && !strcmp(l->key, "governor"))
		to = &p->tuners->tuned_governor;
	else if (!strcmp(l->section, "cpu") &&
		 !strcmp(l->key, "energy_performance_preference"))
		to = &p->tuners->tuned_preference;
	/* The profile that includes goes before the one that is included. */
	if (!to || *to)
		return 0;
	*to = arena_strndup(p->arena, value.p, value.len);
	return *to ? 0 : -ENOMEM;
}

int parse_tuned(struct span text, struct arena *a, struct sysctl_facts *s,
		struct tuners_facts *t, const char **include)
{
	struct tuned_parse p = { a, s, t, include };
	unsigned bad;

	*include = NULL;
	return ini_walk(text, on_line, &p, &bad);
}

/* Where tuned looks, first found wins. -ENOENT when there is no such profile. */
static int read_profile(struct host *h, const char *name, struct bytes *out)
{
	static const char *const dirs[] = { "/etc/tuned", "/etc/tuned/profiles",
					    "/usr/lib/tuned", "/usr/lib/tuned/profiles" };
	const struct read_opts o = { .max = 1 << 20, .filter = filter_tuned };
	int err = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(dirs) && err == -ENOENT; i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s/tuned.conf", dirs[i], name);
		err = host_read(h, path, &o, out);
	}
	return err;
}

static int follow(struct host *h, struct facts *f, const char *name)
{
	int err = 0;

	for (int i = 0; name && !strchr(name, '/') && i < MAX_PROFILES && !err; i++) {
		cleanup_bytes struct bytes b = { 0 };

		err = read_profile(h, name, &b);
		if (!err)
			err = parse_tuned(span_of(&b), f->arena, &f->sysctl, &f->tuners,
					  &name);
	}
	return err;
}

/* "throughput-performance my-own": the later one wins. */
static int read_profiles(struct host *h, struct facts *f, const char *names)
{
	struct span rest = span(names, strlen(names)), word;
	const char *words[MAX_PROFILES];
	size_t n = 0;
	int err = 0;

	while (n < MAX_PROFILES && next_word(&rest, &word)) {
		words[n] = arena_strndup(f->arena, word.p, word.len);
		if (!words[n++])
			return -ENOMEM;
	}
	while (n-- && err != -ENOMEM)
		err = follow(h, f, words[n]);
	return err;
}

/* What cannot be looked at is not absent. */
static bool is_there(struct host *h, const char *path, struct source *src)
{
	int err = host_exists(h, path);

	if (err && err != -ENOENT && err != -ENOTDIR)
		*src = (struct source){ path, err };
	return !err;
}

void read_tuners(struct host *h, struct facts *f)
{
	struct tuners_facts *t = &f->tuners;
	char text[256];
	int err = 0;

	t->src = (struct source){ "/run", 0 };
	t->tuned = is_there(h, "/run/tuned/tuned.pid", &t->src);
	t->bpftune = is_there(h, "/run/bpftune.pid", &t->src);
	t->irqbalance = is_there(h, "/run/irqbalance", &t->src);
	t->network_manager = is_there(h, "/run/NetworkManager", &t->src);
	if (t->network_manager)
		err = read_nm(h, f);
	t->tuned_profile = "";
	if (!err && t->tuned)
		err = host_read_line(h, "/etc/tuned/active_profile", text, sizeof(text));
	if (!t->tuned || err)
		text[0] = '\0';
	if (!err && *text) {
		t->tuned_profile = arena_strdup(f->arena, text);
		err = t->tuned_profile ? read_profiles(h, f, text) : -ENOMEM;
	}
	/* A profile that cannot be read hides which keys it sets, nothing else. */
	if (err == -ENOMEM || (err && !*text && err != -ENOENT))
		t->src.err = err;
}
