/* SPDX-License-Identifier: MIT */
/* The process of --pid: what it maps, what it may do, and which openssl.cnf it reads. */
#include <errno.h>
#include <string.h>

#include "../host/cleanup.h"
#include "programs.h"

/*
 * The value of OPENSSL_CONF, the one variable that is looked at; NULL when it is not set.
 * An environment holds passwords: nothing else of it is kept, not even in freed memory.
 */
char *parse_environ(struct span bytes, struct arena *a)
{
	static const char mark[] = "OPENSSL_CONF=";
	struct span entry;

	while (bytes.len) {
		if (!cut_at(&bytes, '\0', &entry)) {
			entry = bytes;
			bytes.len = 0;
		}
		if (span_starts(entry, mark))
			return arena_strndup(a, entry.p + sizeof(mark) - 1,
					     entry.len - (sizeof(mark) - 1));
	}
	return NULL;
}

static char *conf_from_environ(struct scan *s, uint64_t pid)
{
	const struct read_opts o = { .max = 4 << 20, .head = true, .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 };
	char *path;

	if (host_read(s->live, pid_path(pid, "environ").text, &o, &b))
		return NULL;
	path = parse_environ(span_of(&b), s->f->arena);
	if (b.len)
		explicit_bzero(b.data, b.len);
	return path;
}

/* OPENSSLDIR of the libcrypto it maps, or of the executable that has it linked in. */
static char *conf_of_build(struct scan *s, uint64_t pid)
{
	const struct read_opts o = { .max = 128 << 20, .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 };
	struct lib_set set;
	char *dir = NULL;

	if (maps_read_all(s, pid, &set))
		return NULL;
	for (size_t i = 0; i < set.n && !dir; i++) {
		if (set.libs[i].name.what != MAPPED_CRYPTO)
			continue;
		bytes_free(&b);
		if (!maps_file(s, pid, &set.libs[i].at, &b))
			dir = parse_openssldir(span_of(&b), s->f->arena);
	}
	if (!set.n && !host_read(s->live, pid_path(pid, "exe").text, &o, &b))
		dir = parse_openssldir(span_of(&b), s->f->arena);
	return dir ? arena_printf(s->f->arena, "%s/openssl.cnf", dir) : NULL;
}

static void read_cnf(struct scan *s, struct target_facts *t)
{
	char *path = conf_from_environ(s, t->pid);
	cleanup_host struct host *own = NULL;
	struct host *root;

	if (!path)
		path = conf_of_build(s, t->pid);
	if (!path || path[0] != '/') {
		t->cnf.src = (struct source){ "openssl.cnf", path ? -EINVAL : -ENOENT };
		return;
	}
	root = process_root(s, t->pid, &own);
	if (root)
		read_cnf_chain(root, path, s->f->arena, &t->cnf);
	else
		t->cnf.src = (struct source){ path, -EACCES };
	host_note(s->h, "read", path, t->cnf.src.err);
}

static bool speaks_openssl(const struct program *p)
{
	for (size_t i = 0; i < p->n_libraries; i++)
		if (p->libraries[i].kind == TLS_OPENSSL)
			return true;
	return false;
}

static void read_rights(struct scan *s, struct target_facts *t)
{
	const struct read_opts o = { .max = 65536, .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 };
	struct caller_facts c = { .seccomp = -1 };

	t->err = host_read(s->live, pid_path(t->pid, "status").text, &o, &b);
	if (t->err == -ENOENT)
		t->err = -ESRCH;
	if (!t->err)
		parse_status(span_of(&b), &c);
	t->seccomp = c.seccomp;
	t->net_admin = c.net_admin;
}

int read_target(struct scan *s, uint64_t pid)
{
	struct programs_facts *out = &s->f->programs;
	struct target_facts *t = &out->target;
	int err;

	t->asked = true;
	t->pid = pid;
	read_rights(s, t);
	host_note(s->h, "process", pid_path(pid, "status").text, t->err);
	if (t->err)
		return 0;
	err = scan_one(s, pid, &t->program);
	if (err == -ENOMEM)
		return err;
	/* -ENOENT: a thread of the kernel, which has no executable; that is an answer. */
	t->err = err == -ENOENT ? 0 : err;
	out->scanned = 1;
	out->unreadable = t->err != 0;
	if (t->err)
		return 0;
	if (speaks_openssl(&t->program))
		read_cnf(s, t);
	if (t->program.n_libraries || *t->program.conf.app)
		return add_program(s->f, &t->program);
	return 0;
}
