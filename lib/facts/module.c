/* SPDX-License-Identifier: MIT */
/* The tls module as files and sysctls tell it; what modprobe makes of it: modprobe.c. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "reader.h"

static bool tls_line(struct span *line)
{
	return parse_modules_has(*line, "tls");
}

void filter_modules(struct bytes *b)
{
	filter_lines(b, tls_line);
}

bool parse_modules_has(struct span text, const char *name)
{
	struct span line, word;

	while (next_line(&text, &line))
		if (next_word(&line, &word) && span_is(word, name))
			return true;
	return false;
}

bool parse_builtin_has(struct span text, const char *name)
{
	struct span line;
	char file[64];
	int n = snprintf(file, sizeof(file), "/%s.ko", name);

	while (next_line(&text, &line))
		if (line.len >= (size_t)n &&
		    !memcmp(line.p + line.len - n, file, (size_t)n))
			return true;
	return false;
}

static bool tls_builtin_line(struct span *line)
{
	return parse_builtin_has(*line, "tls");
}

static void filter_builtin(struct bytes *b)
{
	filter_lines(b, tls_builtin_line);
}

static void read_loaded(struct host *h, struct facts *f)
{
	cleanup_bytes struct bytes b = { 0 };
	const struct read_opts o = { .filter = filter_modules };
	struct module_facts *m = &f->module;
	int err;

	m->src = (struct source){ "/proc/modules", 0 };
	/* A built-in shows up here when it has parameters, a module always. */
	m->loaded = host_exists(h, "/sys/module/tls") == 0;
	if (m->loaded)
		return;
	err = host_read(h, "/proc/modules", &o, &b);
	if (!err)
		m->loaded = parse_modules_has(span_of(&b), "tls");
	/* Without CONFIG_MODULES there is no such file, and nothing to be loaded. */
	else if (err != -ENOENT)
		m->src.err = err;
}

static int add_tree(void *arg, const char *name)
{
	struct facts *f = arg;
	struct module_facts *m = &f->module;
	const char **v;

	if (f->kernel.release && !strcmp(name, f->kernel.release))
		return 0;
	v = arena_grow(f->arena, m->trees, m->n_trees, sizeof(*v));
	if (!v)
		return -ENOMEM;
	m->trees = v;
	v[m->n_trees] = arena_strdup(f->arena, name);
	return v[m->n_trees++] ? 0 : -ENOMEM;
}

static void find_ko(struct host *h, struct facts *f, const char *tree)
{
	static const char *const suffix[] = { "", ".xz", ".zst", ".gz" };

	for (size_t i = 0; i < ARRAY_SIZE(suffix); i++) {
		const char *ko = arena_printf(f->arena, "%s/kernel/net/tls/tls.ko%s",
					      tree, suffix[i]);

		if (ko && host_exists(h, ko) == 0) {
			f->module.ko = ko;
			return;
		}
	}
}

static void read_tree(struct host *h, struct facts *f)
{
	cleanup_bytes struct bytes b = { 0 };
	const struct read_opts o = { .filter = filter_builtin };
	struct module_facts *m = &f->module;
	const char *tree, *builtin;
	int err;

	if (!f->kernel.release)
		return;
	tree = arena_printf(f->arena, "/lib/modules/%s", f->kernel.release);
	builtin = arena_printf(f->arena, "%s/modules.builtin", tree ? tree : "");
	if (!tree || !builtin)
		return;
	err = host_list(h, "/lib/modules", NULL, add_tree, f);
	if (!err || err == -ENOENT)
		err = host_exists(h, tree);
	m->tree_present = !err;
	m->tree_err = err == -ENOENT ? 0 : err;
	if (!m->tree_present)
		return;
	find_ko(h, f, tree);
	if (!host_read(h, builtin, &o, &b))
		m->builtin = parse_builtin_has(span_of(&b), "tls") ? TRI_YES : TRI_NO;
}

/* A switch that holds '0' or 'N', '1' or 'Y'; absent means that there is none: off. */
static enum tristate read_switch(struct host *h, const char *path)
{
	char buf[16];
	int err = host_read_line(h, path, buf, sizeof(buf));

	if (err)
		return err == -ENOENT ? TRI_NO : TRI_UNKNOWN;
	return buf[0] == '1' || buf[0] == 'Y' ? TRI_YES : TRI_NO;
}

char *parse_lockdown(struct span text, struct arena *a)
{
	struct span before, word;

	if (!cut_at(&text, '[', &before) || !cut_at(&text, ']', &word))
		return NULL;
	return arena_strndup(a, word.p, word.len);
}

static void read_gates(struct host *h, struct facts *f)
{
	struct module_facts *m = &f->module;
	char buf[256];
	int err;

	m->disabled = read_switch(h, "/proc/sys/kernel/modules_disabled");
	m->sig_enforce = read_switch(h, "/sys/module/module/parameters/sig_enforce");
	if (!host_read_line(h, "/sys/kernel/security/lockdown", buf, sizeof(buf)))
		m->lockdown = parse_lockdown(span(buf, strlen(buf)), f->arena);
	if (host_read_line(h, "/proc/sys/kernel/modprobe", buf, sizeof(buf)))
		return;
	m->modprobe = arena_strdup(f->arena, buf);
	if (!*buf)
		return;
	err = host_exists(h, buf);
	m->modprobe_exists = !err ? TRI_YES : err == -ENOENT ? TRI_NO : TRI_UNKNOWN;
}

void read_module(struct host *h, struct facts *f)
{
	read_loaded(h, f);
	read_tree(h, f);
	read_gates(h, f);
}
