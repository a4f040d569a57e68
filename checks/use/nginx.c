/* SPDX-License-Identifier: MIT */
#include "check.h"

static struct finding *say_nginx(const struct facts *f, struct report *r,
				 const struct program *p, const char *reason)
{
	static const struct {
		const char *reason;
		enum verdict verdict;
		const char *what;
	} answers[] = {
		{ "nginx-conf-unreadable", VERDICT_UNKNOWN,
		  "its configuration could not be read" },
		{ "nginx-conf-unsure", VERDICT_UNKNOWN,
		  "its configuration could not be followed to the end" },
		{ "nginx-cnf-elsewhere", VERDICT_UNKNOWN,
		  "its configuration does not switch kTLS on; whether the openssl.cnf it "
		  "reads does is not known" },
		{ "nginx-without-tls", VERDICT_SKIP, "it takes no TLS connections" },
		{ "nginx-too-old", VERDICT_WARN, "this release has no kTLS yet" },
		{ "nginx-bundled-openssl", VERDICT_WARN,
		  "its OpenSSL was built into it without enable-ktls" },
		{ "nginx-option-off", VERDICT_WARN,
		  "its configuration switches kTLS off" },
		{ "nginx-option-unset", VERDICT_WARN,
		  "no `ssl_conf_command Options KTLS` in its configuration" },
	};
	const char *name = program_name(r, f, p);
	struct finding *fi = NULL;

	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		if (!strcmp(answers[i].reason, reason))
			fi = say(r, answers[i].verdict, "%s: %s", name, answers[i].what);
	because(fi, reason);
	about(fi, SUBJECT_PROCESS, name);
	return fi;
}

/* What goes before the answer itself: there is none to be had, or no need of it. */
static bool say_unanswered(const struct facts *f, struct report *r,
			   const struct program *p)
{
	const struct server_conf *c = &p->conf;
	const char *file = *c->file ? c->file : p->comm;
	struct finding *fi;

	if (c->err) {
		fi = say_nginx(f, r, p, "nginx-conf-unreadable");
		evidence(fi, file, "readable", "%s", strerror(-c->err));
		remedy(fi, "run it as root", "sudo ktlsctl", REMEDY_ROOT, NULL);
	} else if (c->unsure && (!c->tls || program_asks(f, p) == TRI_UNKNOWN)) {
		fi = say_nginx(f, r, p, "nginx-conf-unsure");
		evidence(fi, file, "ssl_conf_command Options KTLS",
			 "an include or a variable not followed");
		remedy(fi, "let nginx show all of it", "nginx -T | grep -n KTLS",
		       REMEDY_ROOT, NULL);
	} else if (!c->tls) {
		say_nginx(f, r, p, "nginx-without-tls");
	} else {
		return false;
	}
	return true;
}

static void say_release(const struct facts *f, struct report *r, const struct program *p)
{
	const struct server_conf *c = &p->conf;
	struct finding *fi;

	if (*c->version && version_compare(c->version, "1.21.4") < 0) {
		fi = say_nginx(f, r, p, "nginx-too-old");
		evidence(fi, *p->exe ? p->exe : p->comm, "1.21.4 or later", "%s",
			 c->version);
		remedy(fi, "upgrade nginx to 1.21.4 or later, with OpenSSL 3", NULL,
		       REMEDY_ROOT, NULL);
		return;
	}
	fi = say_nginx(f, r, p, "nginx-bundled-openssl");
	evidence(fi, *p->exe ? p->exe : p->comm, "--with-openssl-opt=enable-ktls",
		 "--with-openssl= without it");
	remedy(fi,
	       "build nginx with --with-openssl-opt=enable-ktls, or use the "
	       "distribution's",
	       NULL, REMEDY_ROOT, NULL);
}

static void say_not_asked(const struct facts *f, struct report *r,
			  const struct program *p, const char *reason)
{
	const struct server_conf *c = &p->conf;
	bool off = !strcmp(reason, "nginx-option-off");
	const char *reload = p->same_root == TRI_YES ? "nginx -t && nginx -s reload"
						     : NULL;
	struct finding *fi = say_nginx(f, r, p, reason);

	evidence(fi, *c->at ? c->at : c->file, "ssl_conf_command Options KTLS", "%s",
		 off ? "Options -KTLS" : "not there");
	if (off)
		remedy(fi, text(r, "take -KTLS out of %s and reload", c->at), reload,
		       REMEDY_ROOT, "somebody switched it off on purpose: ask first");
	else
		remedy(fi,
		       text(r,
			    "add `ssl_conf_command Options KTLS;` to the http block of "
			    "%s, then test and reload%s",
			    c->file, reload ? "" : " inside its container"),
		       reload, REMEDY_ROOT, NULL);
}

static void say_one(const struct facts *f, struct report *r, const struct program *p)
{
	const struct server_conf *c = &p->conf;
	enum tristate asks = program_asks(f, p);
	const char *name;
	struct finding *fi;

	if (say_unanswered(f, r, p))
		return;
	if (asks == TRI_YES) {
		name = program_name(r, f, p);
		fi = say(r, VERDICT_OK, "%s: its configuration switches kTLS on", name);
		about(fi, SUBJECT_PROCESS, name);
		evidence(fi, *c->at ? c->at : c->file, NULL, "%s",
			 c->ktls == CNF_ON ? "Options KTLS" : "KTLS in its openssl.cnf");
	} else if (c->ktls == CNF_OFF) {
		say_not_asked(f, r, p, "nginx-option-off");
	} else if (asks == TRI_UNKNOWN) {
		fi = say_nginx(f, r, p, "nginx-cnf-elsewhere");
		evidence(fi, c->file, "ssl_conf_command Options KTLS", "not there");
		remedy(fi, "add `ssl_conf_command Options KTLS;` to its http block", NULL,
		       REMEDY_ROOT, NULL);
	} else if (c->ktls == CNF_ON || (c->bundled && !c->ktls_built) ||
		   (*c->version && version_compare(c->version, "1.21.4") < 0)) {
		say_release(f, r, p);
	} else {
		say_not_asked(f, r, p, "nginx-option-unset");
	}
}

static void run(const struct facts *f, struct report *r)
{
	const struct program_list all = programs_asked(f);
	size_t before = r->n_findings;

	for (size_t i = 0; i < all.n; i++)
		if (program_is(&all.v[i], "nginx"))
			say_one(f, r, &all.v[i]);
	if (r->n_findings == before)
		say(r, VERDICT_SKIP, "no nginx among the processes looked at");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "its configuration, or its openssl.cnf, switches kTLS on",
	  NULL },
	{ VERDICT_WARN, "nginx-option-unset", "nobody switches kTLS on for it",
	  "ssl_conf_command Options KTLS;" },
	{ VERDICT_WARN, "nginx-option-off", "Options holds -KTLS", "take it out" },
	{ VERDICT_WARN, "nginx-too-old", "older than 1.21.4", "upgrade nginx" },
	{ VERDICT_WARN, "nginx-bundled-openssl",
	  "built with --with-openssl= and without enable-ktls",
	  "--with-openssl-opt=enable-ktls" },
	{ VERDICT_UNKNOWN, "nginx-conf-unreadable", "its configuration cannot be read",
	  "run it as root" },
	{ VERDICT_UNKNOWN, "nginx-conf-unsure",
	  "an include or a variable could not be followed", "nginx -T" },
	{ VERDICT_UNKNOWN, "nginx-cnf-elsewhere",
	  "not in its configuration, and the openssl.cnf it reads was not read",
	  "ssl_conf_command Options KTLS;" },
	{ VERDICT_SKIP, "nginx-without-tls", "it takes no TLS connections", NULL },
	{ VERDICT_SKIP, NULL, "no nginx runs", NULL },
	{ 0 },
};

const struct check check_app_nginx = {
	.id = "app-nginx",
	.category = "use",
	.title = "nginx asks for kTLS",
	.why = "nginx has kTLS from 1.21.4 on, with OpenSSL 3, and never unasked: "
	       "`ssl_conf_command Options KTLS` in the http or server block. The "
	       "configuration is read in the root of the process. nginx accepts the "
	       "line also when its OpenSSL has no kTLS; process-libssl tells that.",
	.outcomes = outcomes,
	.refs = "https://nginx.org/en/docs/http/ngx_http_ssl_module.html"
		"#ssl_conf_command",
	.needs = FACT_PROGRAMS,
	.uses = FACT_OPENSSL_CNF | FACT_OPENSSL | FACT_LIBSSL_COPIES,
	.run = run,
};
