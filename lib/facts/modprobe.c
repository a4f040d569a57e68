/* SPDX-License-Identifier: MIT */
/*
 * Would request_module("tcp-ulp-tls") succeed? libkmod is the library behind modprobe and
 * so the judge; the lines of modprobe.d are read as well, to be able to name them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "../host/library.h"
#include "reader.h"

/* What a filter and the parser take of a line: verb, name and the first word of the rest.
 * The rest of an `install` line is a command, which can hold anything, so it is dropped.
 */
struct conf_line {
	struct span verb, name, value;
	size_t len; /* up to the end of value */
};

/* modprobe takes - and _ for the same. */
static bool is_tls_name(struct span s)
{
	static const char *const names[] = { "tls", "tcp-ulp-tls" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t n = 0;

		if (s.len != strlen(names[i]))
			continue;
		while (n < s.len &&
		       (s.p[n] == names[i][n] || (s.p[n] == '_' && names[i][n] == '-')))
			n++;
		if (n == s.len)
			return true;
	}
	return false;
}

static bool parse_line(struct span line, struct conf_line *out)
{
	static const char *const verbs[] = { "blacklist", "install", "alias", "softdep" };
	struct span rest = line;

	if (!next_word(&rest, &out->verb) || !next_word(&rest, &out->name) ||
	    !is_tls_name(out->name))
		return false;
	/* Only a path or a name is kept: a command begins with whatever it likes. */
	if (!next_word(&rest, &out->value) ||
	    (span_is(out->verb, "install") && out->value.p[0] != '/'))
		out->value = span(out->name.p + out->name.len, 0);
	out->len = (size_t)(out->value.p + out->value.len - line.p);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (span_is(out->verb, verbs[i]))
			return true;
	return false;
}

static bool keep_line(struct span *line)
{
	struct conf_line c;

	if (!parse_line(*line, &c))
		return false;
	line->len = c.len;
	return true;
}

void filter_modprobe(struct bytes *b)
{
	filter_lines(b, keep_line);
}

int parse_modprobe_conf(struct span text, const char *file, struct arena *a,
			struct modprobe_facts *out)
{
	struct span line;

	for (unsigned n = 1; next_line(&text, &line); n++) {
		struct modprobe_line *l;
		struct conf_line c;

		if (!parse_line(line, &c))
			continue;
		l = arena_grow(a, out->lines, out->n_lines, sizeof(*l));
		if (!l)
			return -ENOMEM;
		out->lines = l;
		l += out->n_lines++;
		*l = (struct modprobe_line){
			.file = arena_strdup(a, file),
			.line = n,
			.verb = arena_strndup(a, c.verb.p, c.verb.len),
			.name = arena_strndup(a, c.name.p, c.name.len),
			.value = arena_strndup(a, c.value.p, c.value.len),
		};
		if (!l->file || !l->verb || !l->name || !l->value)
			return -ENOMEM;
	}
	return 0;
}

struct conf_dir {
	struct host *h;
	struct facts *f;
	const char *dir;
};

static int read_conf(void *arg, const char *name)
{
	const struct conf_dir *d = arg;
	const struct read_opts o = { .filter = filter_modprobe };
	cleanup_bytes struct bytes b = { 0 };
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	/* One that cannot be read is libkmod's to judge; it only has no line to show. */
	if (host_read(d->h, path, &o, &b))
		return 0;
	return parse_modprobe_conf(span_of(&b), path, d->f->arena, &d->f->modprobe);
}

#ifdef HAVE_LIBKMOD
#include <libkmod.h>

/* "~Module signature appended~\n" ends a signed file; a compressed one hides it. */
static const char *signature(struct host *h, const char *path)
{
	static const char marker[] = "~Module signature appended~\n";
	char tail[sizeof(marker) - 1];
	size_t n = strlen(path);

	if (n < 3 || strcmp(path + n - 3, ".ko"))
		return "unknown";
	if (host_read_tail(h, path, tail, sizeof(tail)))
		return "unknown";
	return memcmp(tail, marker, sizeof(tail)) ? "no" : "yes";
}

static void judge_module(struct host *h, struct facts *f, struct kmod_module *mod)
{
	struct modprobe_facts *p = &f->modprobe;
	const char *path = kmod_module_get_path(mod);

	p->builtin = kmod_module_get_initstate(mod) == KMOD_MODULE_BUILTIN;
	p->resolves = path || p->builtin;
	p->overridden = kmod_module_get_install_commands(mod) != NULL;
	if (!path)
		return;
	p->path = arena_strdup(f->arena, path);
	p->signature = signature(h, path);
}

static int ask_ctx(struct host *h, struct facts *f, struct kmod_ctx *ctx)
{
	struct kmod_list *list = NULL, *allowed = NULL;
	int err = kmod_module_new_from_lookup(ctx, "tcp-ulp-tls", &list);

	/* -ENOSYS: no index below /lib/modules, which is an answer: it does not resolve.
	 */
	if (err < 0 && err != -ENOENT && err != -ENOSYS)
		return err;
	if (!list)
		return 0;
	err = kmod_module_apply_filter(ctx, KMOD_FILTER_BLACKLIST, list, &allowed);
	if (!err) {
		struct kmod_module *mod = kmod_module_get_module(list);

		f->modprobe.blacklisted = !allowed;
		judge_module(h, f, mod);
		kmod_module_unref(mod);
	}
	kmod_module_unref_list(allowed);
	kmod_module_unref_list(list);
	return err;
}

static int ask_libkmod(struct host *h, struct facts *f)
{
	struct kmod_ctx *ctx = kmod_quiet();
	int err;

	if (!ctx)
		return -ENOMEM;
	err = ask_ctx(h, f, ctx);
	kmod_unref(ctx);
	return err;
}
#else
static int ask_libkmod(struct host *h, struct facts *f)
{
	(void)h;
	(void)f;
	return -ENOSYS;
}
#endif

void read_modprobe(struct host *h, struct facts *f)
{
	static const char *const dirs[] = { "/etc/modprobe.d", "/run/modprobe.d",
					    "/usr/local/lib/modprobe.d",
					    "/usr/lib/modprobe.d" };

	if (host_is_live(h))
		f->modprobe = (struct modprobe_facts){ .path = "",
						       .signature = "unknown" };
	/* A kernel without CONFIG_TLS has no module that anybody could ask for. */
	if (!f->kconfig.src.err && f->kconfig.opt[KOPT_TLS] == KOPT_N)
		return;
	if (host_is_live(h)) {
		f->modprobe.src.where = "libkmod";
		f->modprobe.src.err = host_note(h, "libkmod", "tcp-ulp-tls",
						ask_libkmod(h, f));
	}
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		struct conf_dir d = { h, f, dirs[i] };

		host_list(h, dirs[i], is_conf, read_conf, &d);
	}
}

/* Neither its header nor the library tells: the version is pkg-config's. */
struct library library_libkmod(void)
{
#ifdef HAVE_LIBKMOD
	return (struct library){ "libkmod", LIBKMOD_VERSION, NULL };
#else
	return (struct library){ "libkmod", NULL, NULL };
#endif
}
