/* SPDX-License-Identifier: MIT */
/* What several checks ask of the programs that run. Pure, like the checks. */
#include <inttypes.h>

#include "check.h"

enum { EVIDENCE_MAX = 8 };

struct program_list programs_asked(const struct facts *f)
{
	const struct programs_facts *p = &f->programs;

	if (p->target.asked)
		return (struct program_list){ &p->target.program, !p->target.err };
	return (struct program_list){ p->programs, p->n_programs };
}

const char *program_name(struct report *r, const struct facts *f, const struct program *p)
{
	const struct program_list all = programs_asked(f);
	size_t same = 0;

	for (size_t i = 0; i < all.n; i++)
		same += !strcmp(all.v[i].comm, p->comm);
	if (same <= 1 && !f->programs.target.asked)
		return p->comm;
	return text(r, "%s/%" PRIu64, p->comm, p->pid);
}

const char *target_name(struct report *r, const struct facts *f)
{
	const struct target_facts *t = &f->programs.target;

	return t->err ? text(r, "process/%" PRIu64, t->pid)
		      : program_name(r, f, &t->program);
}

bool program_prominent(const struct facts *f, const struct program *p)
{
	return *p->conf.app || p == &f->programs.target.program;
}

bool program_is(const struct program *p, const char *app)
{
	return !strcmp(p->conf.app, app);
}

bool programs_incomplete(const struct facts *f)
{
	const struct programs_facts *p = &f->programs;

	return p->unreadable || p->left_out || p->hidepid;
}

/* /lib is a link to /usr/lib, and either may stand in front. */
static const char *without_usr(const char *path)
{
	return !strncmp(path, "/usr/", 5) ? path + 4 : path;
}

static bool in_standard_folder(const char *path)
{
	return !strncmp(without_usr(path), "/lib", 4);
}

enum tristate library_ktls(const struct facts *f, const struct program *p,
			   const struct tls_library *l)
{
	const struct libssl_copies_facts *c = &f->libssl_copies;

	if (l->ktls != TRI_UNKNOWN || l->kind != TLS_OPENSSL || l->deleted ||
	    p->same_root != TRI_YES)
		return l->ktls;
	for (size_t i = 0; i < c->n_copies; i++)
		if (c->copies[i].ours && *l->path && f->openssl.src.where &&
		    !f->openssl.src.err &&
		    !strcmp(without_usr(c->copies[i].path), without_usr(l->path)))
			return f->openssl.ktls_send ? TRI_YES : TRI_NO;
	return TRI_UNKNOWN;
}

const struct tls_library *program_openssl(const struct facts *f, const struct program *p)
{
	static const int rank[] = { [TRI_NO] = 0, [TRI_UNKNOWN] = 1, [TRI_YES] = 2 };
	const struct tls_library *best = NULL;

	for (size_t i = 0; i < p->n_libraries; i++) {
		const struct tls_library *l = &p->libraries[i];

		if (l->kind == TLS_OPENSSL &&
		    (!best ||
		     rank[library_ktls(f, p, l)] > rank[library_ktls(f, p, best)]))
			best = l;
	}
	return best;
}

static enum tristate cnf_asks(const struct openssl_cnf_facts *c)
{
	if (!c->src.where || c->src.err)
		return TRI_UNKNOWN;
	if (c->ktls == CNF_UNSET && c->unsure)
		return TRI_UNKNOWN;
	return c->ktls == CNF_ON ? TRI_YES : TRI_NO;
}

enum tristate program_cnf_asks(const struct facts *f, const struct program *p)
{
	const struct tls_library *l = program_openssl(f, p);

	if (p == &f->programs.target.program)
		return cnf_asks(&f->programs.target.cnf);
	/* Such a build looks below the folder it was compiled in, where nothing is. */
	if (p->conf.bundled)
		return TRI_NO;
	/* Another root, or a build of one's own, has another openssl.cnf. */
	if (p->same_root != TRI_YES || !l || !in_standard_folder(l->path) ||
	    f->openssl.config_from_env)
		return TRI_UNKNOWN;
	return cnf_asks(&f->openssl_cnf);
}

static enum tristate nginx_asks(const struct facts *f, const struct program *p)
{
	const struct server_conf *c = &p->conf;

	if (*c->version && version_compare(c->version, "1.21.4") < 0)
		return TRI_NO;
	if (c->bundled && !c->ktls_built)
		return TRI_NO;
	if (c->ktls != CNF_UNSET)
		return c->ktls == CNF_ON ? TRI_YES : TRI_NO;
	return c->unsure ? TRI_UNKNOWN : program_cnf_asks(f, p);
}

static enum tristate haproxy_asks(const struct server_conf *c)
{
	if (!*c->version)
		return TRI_UNKNOWN;
	if (version_compare(c->version, "3.3") < 0 || c->ktls == CNF_OFF)
		return TRI_NO;
	if (c->ktls == CNF_ON && c->experimental)
		return TRI_YES;
	return c->unsure ? TRI_UNKNOWN : TRI_NO;
}

enum tristate program_asks(const struct facts *f, const struct program *p)
{
	const struct server_conf *c = &p->conf;

	/* Whether it sets the option itself is not seen from outside. */
	if (!*c->app)
		return program_cnf_asks(f, p) == TRI_YES ? TRI_YES : TRI_UNKNOWN;
	if (c->err)
		return TRI_UNKNOWN;
	if (!c->tls)
		return c->unsure ? TRI_UNKNOWN : TRI_NO;
	if (program_is(p, "nginx"))
		return nginx_asks(f, p);
	if (program_is(p, "haproxy"))
		return haproxy_asks(c);
	/* lighttpd switches it on by itself, from a release on that is not known here. */
	if (c->ktls != CNF_UNSET)
		return c->ktls == CNF_ON ? TRI_YES : TRI_NO;
	return TRI_UNKNOWN;
}

static void evidence_program(struct finding *fi, const struct facts *f,
			     const struct program *p)
{
	/* Whoever asks, asks for one of its libraries. */
	const struct tls_library *l = &p->libraries[0];

	evidence(fi, program_name(fi->report, f, p), NULL, "%s%s%s %s (%s)",
		 *l->path ? l->path : p->exe, *l->path || *p->exe ? " " : "",
		 tls_kind_words[l->kind], l->version, l->evidence);
}

void evidence_programs(struct finding *fi, const struct facts *f, program_test keep,
		       int what)
{
	const struct program_list all = programs_asked(f);
	size_t n = 0;

	for (size_t i = 0; i < all.n; i++) {
		if (program_prominent(f, &all.v[i]) || !keep(f, &all.v[i], what))
			continue;
		if (n++ < EVIDENCE_MAX)
			evidence_program(fi, f, &all.v[i]);
	}
	if (n > EVIDENCE_MAX)
		evidence(fi, "and", NULL, "%zu more", n - EVIDENCE_MAX);
}

struct finding *say_programs(const struct facts *f, struct report *r, program_test keep,
			     int what, const struct program_answer *a)
{
	const struct program_list all = programs_asked(f);
	struct finding *fi;
	size_t n = 0;

	for (size_t i = 0; i < all.n; i++)
		n += !program_prominent(f, &all.v[i]) && keep(f, &all.v[i], what);
	if (!n)
		return NULL;
	fi = say(r, a->verdict, "%zu program%s %s", n, n == 1 ? "" : "s",
		 n == 1 ? a->one : a->several);
	evidence_programs(fi, f, keep, what);
	return fi;
}
