/* SPDX-License-Identifier: MIT */
#include "check.h"

/* What else than OpenSSL a program encrypts with. */
enum state { NONE, USER_SPACE, GNUTLS, UNSURE };

static bool debian_gnutls(const struct facts *f, const struct program *p)
{
	return p->same_root == TRI_YES && f->os.id && !strcmp(f->os.id, "debian");
}

static enum state state_of_library(const struct facts *f, const struct program *p,
				   const struct tls_library *l)
{
	switch (l->kind) {
	case TLS_OPENSSL:
		return NONE;
	case TLS_UNSURE:
		return UNSURE;
	case TLS_GNUTLS:
		/* Debian 12, 13 and sid build it without --enable-ktls. */
		return l->ktls == TRI_NO || debian_gnutls(f, p) ? USER_SPACE : GNUTLS;
	case TLS_BORINGSSL:
		/* HAProxy brings the kTLS this library lacks. */
		return program_is(p, "haproxy") ? NONE : USER_SPACE;
	default:
		return USER_SPACE;
	}
}

/* The least certain of its libraries. */
static enum state state_of(const struct facts *f, const struct program *p)
{
	enum state worst = NONE;

	for (size_t i = 0; i < p->n_libraries; i++) {
		enum state s = state_of_library(f, p, &p->libraries[i]);

		if (s > worst)
			worst = s;
	}
	return worst;
}

static bool is_state(const struct facts *f, const struct program *p, int what)
{
	return (int)state_of(f, p) == what;
}

static const struct program_answer states[] = {
	[USER_SPACE] = { VERDICT_INFO, "foreign-tls",
			 "encrypts in user space: its TLS library has no kTLS of its own",
			 "encrypt in user space: their TLS libraries have no kTLS of "
			 "their own" },
	[GNUTLS] = { VERDICT_UNKNOWN, "foreign-gnutls",
		     "uses GnuTLS, which has kTLS only if it was built with it and "
		     "/etc/gnutls/config says ktls = true",
		     "use GnuTLS, which has kTLS only if it was built with it and "
		     "/etc/gnutls/config says ktls = true" },
	[UNSURE] = { VERDICT_UNKNOWN, "foreign-unsure",
		     "may have TLS inside, but only its name says so",
		     "may have TLS inside, but only their names say so" },
};

static void complete(struct finding *fi, enum state s)
{
	because(fi, states[s].reason);
	if (s == GNUTLS)
		remedy(fi, "look at the setting, and at its sockets",
		       "grep -n ktls /etc/gnutls/config; ss -tie | grep -w tls",
		       REMEDY_ROOT, NULL);
	else if (s == UNSURE)
		remedy(fi, "look at its sockets", "ss -tie | grep -w tls", REMEDY_ROOT,
		       NULL);
}

static void say_one(const struct facts *f, struct report *r, const struct program *p)
{
	enum state s = state_of(f, p);
	bool asked = p == &f->programs.target.program && s == USER_SPACE &&
		     !program_openssl(f, p);
	const char *name = program_name(r, f, p);
	struct finding *fi;

	if (s == NONE)
		return;
	fi = say(r, asked ? VERDICT_WARN : states[s].verdict, "%s %s", name,
		 states[s].one);
	about(fi, SUBJECT_PROCESS, name);
	for (size_t i = 0; i < p->n_libraries; i++) {
		const struct tls_library *l = &p->libraries[i];

		evidence(fi, *l->path ? l->path : p->exe, "OpenSSL 3 with kTLS",
			 "%s%s%s (%s)", tls_kind_words[l->kind], *l->version ? " " : "",
			 l->version, l->evidence);
	}
	complete(fi, s);
	if (!asked)
		return;
	because(fi, "foreign-tls-only");
	remedy(fi,
	       "let something with OpenSSL and kTLS take the TLS connections in front "
	       "of it, if the load is worth it",
	       NULL, 0, NULL);
}

static void run(const struct facts *f, struct report *r)
{
	const struct program_list all = programs_asked(f);
	size_t before = r->n_findings;

	for (size_t i = 0; i < all.n; i++)
		if (program_prominent(f, &all.v[i]))
			say_one(f, r, &all.v[i]);
	/* Those that are no server known here: one finding for each answer. */
	for (enum state s = USER_SPACE; s <= UNSURE; s++) {
		struct finding *fi = say_programs(f, r, is_state, (int)s, &states[s]);

		if (fi)
			complete(fi, s);
	}
	if (r->n_findings == before)
		say(r, VERDICT_OK,
		    "no program with another TLS library than OpenSSL among those "
		    "looked at");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "none with another TLS library", NULL },
	{ VERDICT_INFO, "foreign-tls",
	  "LibreSSL, BoringSSL, wolfSSL, Go, Java, rustls, or a GnuTLS without: they "
	  "encrypt in user space",
	  NULL },
	{ VERDICT_WARN, "foreign-tls-only", "--pid: this process has nothing else",
	  "TLS in front of it" },
	{ VERDICT_UNKNOWN, "foreign-gnutls",
	  "GnuTLS: built with kTLS or not, and off unless its configuration says so",
	  "look at /etc/gnutls/config" },
	{ VERDICT_UNKNOWN, "foreign-unsure", "only a name speaks for TLS",
	  "look at its sockets" },
	{ 0 },
};

const struct check check_process_foreign_tls = {
	.id = "process-foreign-tls",
	.category = "use",
	.title = "TLS libraries other than OpenSSL",
	.why = "No setting of this host brings a Go, Java or BoringSSL program onto "
	       "kTLS: the library has to do it. What is inside a program is decided by "
	       "what it has mapped, its symbols and build notes; the name of a file "
	       "alone proves nothing.",
	.outcomes = outcomes,
	.refs = "https://github.com/golang/go/issues/44506 "
		"https://fedoraproject.org/wiki/Changes/KTLSSupportForGnuTLS",
	.needs = FACT_PROGRAMS,
	.uses = FACT_OS,
	.run = run,
};
