/* SPDX-License-Identifier: MIT */
/*
 * What a command does not need (needs.h) is given up before it sees a byte of anybody
 * else. Where the kernel lacks a part of that the command runs with the others; --debug
 * says what is in force.
 */
#include <errno.h>
#include <libgen.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "../lib/net/trust.h"
#include "cmd.h"

/* What the C library, the resolver and libcrypto read in any program. */
static const char *const common[] = {
	"/usr",           "/lib",        "/lib64",    "/etc/ld.so.cache",
	"/etc/localtime", "/proc/self",  "/proc/sys", "/sys/devices/system/cpu",
	"/dev/urandom",   "/dev/random", "/dev/zero",
};

static const char *const trust[] = {
	"/etc/ssl/certs",    "/etc/ssl/cert.pem",    "/etc/pki/tls/certs",
	"/etc/pki/ca-trust", "/etc/ca-certificates", "/var/lib/ca-certificates",
};

static const char *const names[] = {
	"/etc/hosts",    "/etc/resolv.conf", "/etc/nsswitch.conf",   "/etc/host.conf",
	"/etc/gai.conf", "/etc/services",    "/etc/protocols",       "/etc/networks",
	"/etc/hostname", "/etc/machine-id",  "/run/systemd/resolve", "/run/resolvconf",
	"/var/run/nscd", "/var/lib/sss/mc",  "/etc/mdns.allow",
};

/* With a snapshot there is no live machine: neither privileges nor a network. */
static const struct needs snapshot_needs = { .files = NEEDS_INPUT,
					     .tcp = CONFINE_TCP_NONE };

struct trees {
	struct confine_tree *v;
	size_t n, room;
	char *own[8]; /* strings that some of them stand in; free(3) */
	size_t n_own;
};

static void add(struct trees *t, const char *path, bool writable)
{
	if (path && *path && t->n < t->room)
		t->v[t->n++] = (struct confine_tree){ path, writable };
}

static void add_all(struct trees *t, const char *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(t, paths[i], false);
}

static char *copy_of(struct trees *t, const char *text)
{
	if (!text || t->n_own == ARRAY_SIZE(t->own))
		return NULL;
	t->own[t->n_own] = strdup(text);
	return t->own[t->n_own++];
}

/* "/a:/b", as SSL_CERT_DIR has it. */
static void add_list(struct trees *t, const char *list)
{
	char *save = NULL, *copy = copy_of(t, list);

	for (char *p = copy ? strtok_r(copy, ":", &save) : NULL; p;
	     p = strtok_r(NULL, ":", &save))
		add(t, p, false);
}

/* A file appears beside its place first; what is no file is written to as it is. */
static void add_output(struct trees *t, const char *output)
{
	char *copy = copy_of(t, output);

	if (copy)
		add(t, output_is_special(output) ? output : dirname(copy), true);
}

/* A profile, if that is one; it may include its neighbours. */
static void add_profile(struct trees *t, const char *path)
{
	char *copy = path && strchr(path, '/') ? copy_of(t, path) : NULL;

	if (copy)
		add(t, dirname(copy), false);
}

static void add_input(struct trees *t, const struct settings *s, const char *path)
{
	add(t, path, false);
	if (s->root)
		add_profile(t, path);
}

static void add_needed(struct trees *t, const struct settings *s, unsigned files)
{
	add_all(t, common, ARRAY_SIZE(common));
	add(t, "/dev/null", true);
	if (files & NEEDS_TRUST) {
		add_all(t, trust, ARRAY_SIZE(trust));
		for (unsigned i = 0; i < TRUST_PATHS; i++)
			add(t, trust_path(i), false);
		add_list(t, trust_folders());
		add(t, s->request.cacert, false);
		add(t, s->request.crl, false);
	}
	if (files & NEEDS_NAMES)
		add_all(t, names, ARRAY_SIZE(names));
	if (files & NEEDS_UPLOAD)
		add(t, s->request.body, false);
	if (files & NEEDS_INPUT) {
		add(t, s->root, false);
		add_profile(t, s->profile);
		for (int i = 0; i < s->confine.n_inputs; i++)
			add_input(t, s, s->confine.inputs[i]);
	}
}

enum {
	LISTED = 32, /* folders of one list, and what is added by itself */
	MORE_TREES = ARRAY_SIZE(common) + ARRAY_SIZE(trust) + ARRAY_SIZE(names) +
		     TRUST_PATHS + LISTED
};

static int confine_files(const struct settings *s, const struct needs *n, uint16_t port)
{
	const size_t room = MORE_TREES + 2 * (size_t)s->confine.n_inputs;
	struct trees t = { .v = calloc(room, sizeof(*t.v)), .room = room };
	struct confine_world w = { .tcp = n->tcp, .ports = { port, 53 }, .alone = true };
	int err = -ENOMEM;

	if (t.v) {
		add_needed(&t, s, n->files);
		add_output(&t, s->output);
		add_output(&t, s->html);
		w.trees = t.v;
		w.n = t.n;
		err = confine_world(&w);
	}
	free(t.v);
	for (size_t i = 0; i < t.n_own; i++)
		free(t.own[i]);
	return err;
}

static void debug(const struct settings *s, const char *what, int err)
{
	if (wants_debug(s))
		fprintf(stderr, "debug: confine %s: %s\n", what,
			err < 0 ? strerror(-err) : "ok");
}

/* Whose file --output replaces, and in whose folder, is root's own business. */
static uint64_t output_caps(const struct settings *s)
{
	return s->output || s->html ? CONFINE_CAP(DAC_OVERRIDE) | CONFINE_CAP(FOWNER) : 0;
}

/* What is given up later goes from the bounding set too, and only this may change it. */
static uint64_t later_caps(const struct needs *n)
{
	return n->late ? CONFINE_CAP(SETPCAP) : 0;
}

static void confine_rest(const struct settings *s, const struct needs *n, uint16_t port)
{
	/* Before its files are out of reach: it may include others. */
	if (n->files & NEEDS_TRUST)
		trust_load();
	if (n->files)
		debug(s, "files", confine_files(s, n, port));
	debug(s, "calls", confine_calls(n->calls));
}

void confine_now(const struct settings *s, uint16_t port)
{
	const struct needs *n = s->confine.needs;

	if (s->confine.off || !n->late)
		return;
	debug(s, "privileges", confine_privileges(n->kept | output_caps(s)));
	confine_rest(s, n, port);
}

void confine(const struct command *c, struct settings *s, int argc, char **argv)
{
	const struct needs *n = s->root ? &snapshot_needs : c->needs;
	const char *word = getenv("KTLSCTL_SANDBOX");

	s->confine.needs = n;
	s->confine.off = word && !strcmp(word, "off");
	s->confine.inputs = argv;
	s->confine.n_inputs = argc;
	s->confine.seccomp = prctl(PR_GET_SECCOMP);
	if (s->confine.off) {
		debug(s, "nothing", 0);
		return;
	}
	debug(s, "privileges",
	      confine_privileges(n->caps | output_caps(s) | later_caps(n)));
	if (!n->late)
		confine_rest(s, n, 0);
}
