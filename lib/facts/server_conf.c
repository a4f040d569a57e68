/* SPDX-License-Identifier: MIT */
/*
 * Reads the configuration of a server through the process's own root: a path in a
 * container means a file of the container. Only the answers are kept.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "programs.h"
#include "server_conf.h"

enum { MAX_FILES = 1024, MAX_NESTED = 16, PATH_SIZE = 4096 };

struct conf_reader {
	struct scan *s;
	struct host *root;
	struct program *p;
	struct arena *arena;
	const char *app;
	char folder[PATH_SIZE]; /* what relative includes stand in */
	unsigned files, nested;
	struct nginx_parse nginx;
	struct conf_parse plain; /* of the others */
};

bool is_known_server(struct span name)
{
	return span_is(name, "nginx") || span_is(name, "haproxy") ||
	       span_is(name, "lighttpd");
}

static int parse(struct conf_reader *r, struct span text, const char *path)
{
	if (!strcmp(r->app, "nginx"))
		return parse_nginx(text, path, &r->nginx);
	if (!strcmp(r->app, "haproxy"))
		return parse_haproxy(text, path, &r->plain);
	return parse_lighttpd(text, path, &r->plain);
}

static int read_conf(struct conf_reader *r, const char *path)
{
	const struct read_opts o = { .max = HOST_READ_MAX, .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 };
	int err = host_read(r->root, path, &o, &b);

	host_note(r->s->h, "read", path, err);
	if (err)
		return err;
	r->nested++;
	err = parse(r, span_of(&b), path);
	r->nested--;
	/* Passwords stand there too. */
	if (b.len)
		explicit_bzero(b.data, b.len);
	return err;
}

static int include_file(struct conf_reader *r, const char *path)
{
	int err = 0;

	if (r->files++ < MAX_FILES && r->nested < MAX_NESTED && !scan_is_over(r->s))
		err = read_conf(r, path);
	else
		r->p->conf.unsure = true;
	if (err && err != -ENOMEM)
		r->p->conf.unsure = true;
	return err == -ENOMEM ? err : 0;
}

struct expansion {
	struct conf_reader *r;
	const char *folder;  /* that is listed */
	const char *pattern; /* for its names */
	const char *rest;    /* of the path behind it; "" */
};

static int expand(struct conf_reader *r, const char *folder, const char *rest);

static int take_match(void *arg, const char *name)
{
	const struct expansion *e = arg;
	char path[PATH_SIZE];

	if (fnmatch(e->pattern, name, FNM_PERIOD))
		return 0;
	if (snprintf(path, sizeof(path), "%s/%s", e->folder, name) >= (int)sizeof(path))
		return 0;
	return *e->rest ? expand(e->r, path, e->rest) : include_file(e->r, path);
}

/* rest is what is to be found in the folder, with patterns in any part. */
static int expand(struct conf_reader *r, const char *folder, const char *rest)
{
	char part[256], path[PATH_SIZE];
	struct expansion e = { r, folder, part, "" };
	size_t n = strcspn(rest, "/");
	int err;

	if (n >= sizeof(part)) {
		r->p->conf.unsure = true;
		return 0;
	}
	memcpy(part, rest, n);
	part[n] = '\0';
	e.rest = rest + n + strspn(rest + n, "/");
	if (part[strcspn(part, "*?[")]) {
		err = host_list(r->root, *folder ? folder : "/", NULL, take_match, &e);
		/* A pattern that nothing matches is no mistake. */
		r->p->conf.unsure |= err && err != -ENOENT && err != -ENOMEM;
		return err == -ENOMEM ? err : 0;
	}
	if (snprintf(path, sizeof(path), "%s/%s", folder, part) >= (int)sizeof(path))
		return 0;
	return *e.rest ? expand(r, path, e.rest) : include_file(r, path);
}

/* path, below folder when it does not begin at the root. */
static const char *full(struct conf_reader *r, const char *folder, struct span path)
{
	if (path.len && path.p[0] == '/')
		return arena_strndup(r->arena, path.p, path.len);
	return arena_printf(r->arena, "%s/%.*s", strcmp(folder, "/") ? folder : "",
			    (int)path.len, path.p);
}

static int include(struct conf_parse *p, struct span pattern)
{
	struct conf_reader *r = p->arg;
	const char *path;

	if (!pattern.len || memchr(pattern.p, '\0', pattern.len)) {
		p->out->unsure = true;
		return 0;
	}
	path = full(r, r->folder, pattern);
	return path ? expand(r, "", path + strspn(path, "/")) : -ENOMEM;
}

static void read_cmdline(struct scan *s, uint64_t pid, struct bytes *b)
{
	const struct read_opts o = { .max = 65536, .head = true, .unrecorded = true };

	host_read(s->live, pid_path(pid, "cmdline").text, &o, b);
}

/* The title of a worker of nginx has no arguments, that of its master has. */
static void master_cmdline(struct scan *s, uint64_t pid, struct bytes *b)
{
	const struct read_opts o = { .max = 65536, .unrecorded = true };
	cleanup_bytes struct bytes status = { 0 };

	read_cmdline(s, pid, b);
	if (!span_starts(span_of(b), "nginx: ") ||
	    span_starts(span_of(b), "nginx: master"))
		return;
	if (host_read(s->live, pid_path(pid, "status").text, &o, &status))
		return;
	bytes_free(b);
	read_cmdline(s, parse_ppid(span_of(&status)), b);
}

static int read_exe(struct conf_reader *r, struct nginx_build *build)
{
	const struct read_opts o = { .max = 64 << 20, .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 };

	*build = (struct nginx_build){ 0 };
	if (host_read(r->s->live, pid_path(r->p->pid, "exe").text, &o, &b))
		return 0;
	if (!strcmp(r->app, "nginx"))
		return parse_nginx_exe(span_of(&b), r->arena, &r->p->conf, build);
	return parse_server_version(span_of(&b), r->app, r->arena, &r->p->conf);
}

static struct span of_text(const char *text)
{
	return span(text, strlen(text));
}

/* -c and --conf-path are relative to the prefix. */
static const char *nginx_file(struct conf_reader *r, const struct conf_args *args,
			      const struct nginx_build *build)
{
	struct span path = of_text(build->conf ? build->conf : "conf/nginx.conf");
	const char *prefix = build->prefix ? build->prefix : "/usr/local/nginx";

	if (args->prefix.len)
		prefix = arena_strndup(r->arena, args->prefix.p, args->prefix.len);
	return prefix ? full(r, prefix, args->n ? args->files[0] : path) : NULL;
}

/* Where it was started, for a path that is relative. */
static const char *start_folder(struct conf_reader *r, const struct conf_args *args,
				char *buf, size_t size)
{
	if (host_readlink(r->s->live, pid_path(r->p->pid, "cwd").text, buf, size))
		snprintf(buf, size, "/");
	if (args->folder.len && args->folder.p[0] == '/' && args->folder.len < size)
		snprintf(buf, size, "%.*s", (int)args->folder.len, args->folder.p);
	return buf;
}

static bool is_cfg(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && name[0] != '.' && !strcmp(name + n - 4, ".cfg");
}

static int take_cfg(void *arg, const char *name)
{
	struct conf_reader *r = arg;
	char path[PATH_SIZE + 256];

	snprintf(path, sizeof(path), "%s/%s", r->folder, name);
	return include_file(r, path);
}

/* One of several; a folder stands for the .cfg files in it. */
static int read_haproxy_file(struct conf_reader *r, const char *path)
{
	int err = read_conf(r, path);

	if (err != -EISDIR)
		return err;
	snprintf(r->folder, sizeof(r->folder), "%s", path);
	return host_list(r->root, path, is_cfg, take_cfg, r);
}

static int read_haproxy(struct conf_reader *r, const struct conf_args *args)
{
	struct server_conf *c = &r->p->conf;
	char folder[PATH_SIZE];
	int err = 0;

	start_folder(r, args, folder, sizeof(folder));
	c->file = args->n ? full(r, folder, args->files[0]) : "/etc/haproxy/haproxy.cfg";
	if (!c->file)
		return -ENOMEM;
	err = read_haproxy_file(r, c->file);
	for (size_t i = 1; i < args->n && !err; i++) {
		const char *path = full(r, folder, args->files[i]);

		err = path ? read_haproxy_file(r, path) : -ENOMEM;
	}
	/* Wins over what the files say. */
	if (args->no_ktls && !err) {
		c->ktls = CNF_OFF;
		c->at = "-dT";
	}
	return err;
}

static int read_with_includes(struct conf_reader *r, const char *path)
{
	int err;

	r->p->conf.file = path;
	snprintf(r->folder, sizeof(r->folder), "%.*s", (int)(strrchr(path, '/') - path),
		 path);
	nginx_begin(&r->nginx);
	err = read_conf(r, path);
	nginx_end(&r->nginx);
	return err;
}

static int read_app(struct conf_reader *r)
{
	cleanup_bytes struct bytes cmdline = { 0 };
	struct nginx_build build;
	struct conf_args args;
	char folder[PATH_SIZE];
	const char *path;
	int err = read_exe(r, &build);

	if (err)
		return err;
	master_cmdline(r->s, r->p->pid, &cmdline);
	parse_conf_args(span_of(&cmdline), r->app, &args);
	if (!strcmp(r->app, "haproxy"))
		return read_haproxy(r, &args);
	if (!strcmp(r->app, "nginx"))
		path = nginx_file(r, &args, &build);
	else if (args.n)
		path = full(r, start_folder(r, &args, folder, sizeof(folder)),
			    args.files[0]);
	else
		path = "/etc/lighttpd/lighttpd.conf";
	return path ? read_with_includes(r, path) : -ENOMEM;
}

static const char *app_of(const struct program *p)
{
	static const char *const apps[] = { "nginx", "haproxy", "lighttpd" };
	struct span name = path_base(of_text(*p->exe ? p->exe : p->comm));

	for (size_t i = 0; i < ARRAY_SIZE(apps); i++)
		if (span_is(name, apps[i]))
			return apps[i];
	return NULL;
}

int read_server_conf(struct scan *s, struct program *p)
{
	const char *app = app_of(p);
	cleanup_host struct host *own = NULL;
	struct conf_reader *r;
	int err;

	if (!app)
		return 0;
	r = arena_alloc(s->f->arena, sizeof(*r));
	if (!r)
		return -ENOMEM;
	p->conf.app = app;
	*r = (struct conf_reader){ s, .p = p, .arena = s->f->arena, .app = app };
	r->plain = (struct conf_parse){ r->arena, &p->conf, include, r, false };
	r->nginx.base = r->plain;
	/* "": another user's, of which nothing but the name can be read. */
	r->root = *p->exe ? process_root(s, p->pid, &own) : NULL;
	err = r->root ? read_app(r) : -EACCES;
	p->conf.err = err == -ENOMEM ? 0 : err;
	return err == -ENOMEM ? err : 0;
}
