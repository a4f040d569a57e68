/* SPDX-License-Identifier: MIT */
#include "check.h"

enum answer {
	ON,
	OLD,
	UNSET,
	NOT_EXPERIMENTAL,
	OFF,
	NO_TLS,
	UNREADABLE,
	UNSURE,
	NO_VERSION
};

static const struct {
	enum verdict verdict;
	const char *reason;
	const char *what;
} answers[] = {
	[ON] = { VERDICT_OK, NULL, "its configuration switches kTLS on" },
	[OLD] = { VERDICT_INFO, "haproxy-too-old", "HAProxy has no kTLS before 3.3" },
	[UNSET] = { VERDICT_INFO, "haproxy-ktls-unset",
		    "no `ktls on` in its configuration" },
	[NOT_EXPERIMENTAL] = { VERDICT_WARN, "haproxy-not-experimental",
			       "`ktls on` without expose-experimental-directives" },
	[OFF] = { VERDICT_INFO, "haproxy-ktls-off",
		  "its configuration switches kTLS off" },
	[NO_TLS] = { VERDICT_SKIP, "haproxy-without-tls", "it takes no TLS connections" },
	[UNREADABLE] = { VERDICT_UNKNOWN, "haproxy-conf-unreadable",
			 "its configuration could not be read" },
	[UNSURE] = { VERDICT_UNKNOWN, "haproxy-conf-unsure",
		     "its configuration could not be followed to the end" },
	[NO_VERSION] = { VERDICT_UNKNOWN, "haproxy-version-unknown",
			 "which release it is could not be told" },
};

static enum answer answer_of(const struct server_conf *c)
{
	if (c->err)
		return UNREADABLE;
	if (!c->tls)
		return c->unsure ? UNSURE : NO_TLS;
	if (!*c->version)
		return NO_VERSION;
	if (version_compare(c->version, "3.3") < 0)
		return OLD;
	if (c->ktls == CNF_OFF)
		return OFF;
	if (c->ktls == CNF_ON && c->experimental)
		return ON;
	if (c->unsure)
		return UNSURE;
	return c->ktls == CNF_ON ? NOT_EXPERIMENTAL : UNSET;
}

static void advise(struct finding *fi, enum answer a)
{
	static const char experimental[] = "HAProxy calls it experimental";

	if (a == OLD)
		remedy(fi, "HAProxy 3.3 or later, when it is time for it", NULL,
		       REMEDY_ROOT, experimental);
	else if (a == UNSET)
		remedy(fi,
		       "`expose-experimental-directives` in the global section, `ktls "
		       "on` on the bind and server lines that shall have it",
		       NULL, REMEDY_ROOT, experimental);
	else if (a == NOT_EXPERIMENTAL)
		remedy(fi, "add expose-experimental-directives to the global section",
		       NULL, REMEDY_ROOT, experimental);
	else if (a == UNREADABLE || a == NO_VERSION)
		remedy(fi, "run it as root", "sudo ktlsctl", REMEDY_ROOT, NULL);
	else if (a == OFF)
		remedy(fi, "take out what switches it off: `noktls`, `ktls off` or -dT",
		       NULL, REMEDY_ROOT,
		       "somebody switched it off on purpose: ask first");
	else if (a == UNSURE)
		remedy(fi, "look for `ktls` in all of its files", NULL, 0, NULL);
}

static void say_one(const struct facts *f, struct report *r, const struct program *p)
{
	const struct server_conf *c = &p->conf;
	const char *name = program_name(r, f, p), *at;
	enum answer a = answer_of(c);
	/* Asked about this very process, the answer is what is in its way. */
	bool asked = p == &f->programs.target.program &&
		     answers[a].verdict == VERDICT_INFO;
	struct finding *fi;

	at = *c->at ? c->at : *c->file ? c->file : p->comm;
	fi = say(r, asked ? VERDICT_WARN : answers[a].verdict, "%s: %s", name,
		 answers[a].what);
	because(fi, answers[a].reason);
	about(fi, SUBJECT_PROCESS, name);
	if (c->err)
		evidence(fi, at, "readable", "%s", strerror(-c->err));
	else if (a == OLD || a == NO_VERSION)
		evidence(fi, *p->exe ? p->exe : p->comm, "3.3 or later", "%s",
			 *c->version ? c->version : "not told by the file");
	else
		evidence(fi, at, "ktls on", "%s", answers[a].what);
	advise(fi, a);
}

static void run(const struct facts *f, struct report *r)
{
	const struct program_list all = programs_asked(f);
	size_t before = r->n_findings;

	for (size_t i = 0; i < all.n; i++)
		if (program_is(&all.v[i], "haproxy"))
			say_one(f, r, &all.v[i]);
	if (r->n_findings == before)
		say(r, VERDICT_SKIP, "no HAProxy among the processes looked at");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "ktls on, with the experimental directives", NULL },
	{ VERDICT_INFO, "haproxy-too-old", "older than 3.3: it has none", "3.3" },
	{ VERDICT_WARN, "haproxy-too-old", "the same of the process of --pid", "3.3" },
	{ VERDICT_INFO, "haproxy-ktls-unset", "3.3 or later, kTLS not switched on",
	  "ktls on" },
	{ VERDICT_WARN, "haproxy-ktls-unset", "the same of the process of --pid",
	  "ktls on" },
	{ VERDICT_INFO, "haproxy-ktls-off", "switched off", NULL },
	{ VERDICT_WARN, "haproxy-ktls-off", "the same of the process of --pid",
	  "ktls on" },
	{ VERDICT_WARN, "haproxy-not-experimental",
	  "ktls on, but the directives are not exposed",
	  "expose-experimental-directives" },
	{ VERDICT_UNKNOWN, "haproxy-conf-unreadable", "its configuration cannot be read",
	  "run it as root" },
	{ VERDICT_UNKNOWN, "haproxy-conf-unsure",
	  "something in the configuration could not be followed", "look for ktls" },
	{ VERDICT_UNKNOWN, "haproxy-version-unknown", "the executable does not tell",
	  "haproxy -v" },
	{ VERDICT_SKIP, "haproxy-without-tls", "it takes no TLS connections", NULL },
	{ VERDICT_SKIP, NULL, "no HAProxy runs", NULL },
	{ 0 },
};

const struct check check_app_haproxy = {
	.id = "app-haproxy",
	.category = "use",
	.title = "HAProxy asks for kTLS",
	.why = "HAProxy has kTLS from 3.3 on, as an experiment: it wants "
	       "expose-experimental-directives and `ktls on`. With it on both sides, "
	       "it splices between them. OpenSSL's own option does nothing, since "
	       "HAProxy does not use OpenSSL's sockets.",
	.outcomes = outcomes,
	.refs = "https://docs.haproxy.org/3.3/configuration.html",
	.needs = FACT_PROGRAMS,
	.run = run,
};
