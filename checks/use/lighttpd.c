/* SPDX-License-Identifier: MIT */
#include "check.h"

static void say_unknown(const struct facts *f, struct report *r, const struct program *p)
{
	const struct server_conf *c = &p->conf;
	const char *name = program_name(r, f, p);
	struct finding *fi;

	fi = say(r, VERDICT_UNKNOWN, "%s: its configuration could not be %s", name,
		 c->err ? "read" : "followed to the end");
	about(fi, SUBJECT_PROCESS, name);
	because(fi, c->err ? "lighttpd-conf-unreadable" : "lighttpd-conf-unsure");
	evidence(fi, *c->file ? c->file : p->comm, "no -KTLS", "%s",
		 c->err ? strerror(-c->err) : "an include or a variable not followed");
	if (c->err)
		remedy(fi, "run it as root", "sudo ktlsctl", REMEDY_ROOT, NULL);
	else
		remedy(fi, "let lighttpd show all of it",
		       text(r, "lighttpd -p -f %s | grep -n KTLS",
			    shell_quoted(r, c->file)),
		       REMEDY_ROOT, NULL);
}

static void say_known(const struct facts *f, struct report *r, const struct program *p)
{
	static const char *const what[] = {
		[CNF_UNSET] = "switches kTLS on by itself where release and OpenSSL can",
		[CNF_ON] = "its configuration switches kTLS on",
		[CNF_OFF] = "its configuration switches kTLS off",
	};
	static const enum verdict verdicts[] = { [CNF_UNSET] = VERDICT_INFO,
						 [CNF_ON] = VERDICT_OK,
						 [CNF_OFF] = VERDICT_WARN };
	static const char *const reasons[] = { [CNF_UNSET] = "lighttpd-default",
					       [CNF_ON] = NULL,
					       [CNF_OFF] = "lighttpd-option-off" };
	const struct server_conf *c = &p->conf;
	const char *name = program_name(r, f, p);
	const char *at = *c->at ? c->at : c->file;
	struct finding *fi;

	fi = say(r, verdicts[c->ktls], "%s: %s", name, what[c->ktls]);
	about(fi, SUBJECT_PROCESS, name);
	because(fi, reasons[c->ktls]);
	evidence(fi, at, "no -KTLS", "%s",
		 c->ktls == CNF_OFF  ? "Options has -KTLS"
		 : c->ktls == CNF_ON ? "Options has KTLS"
				     : "nothing said");
	if (c->ktls == CNF_OFF)
		remedy(fi, text(r, "take -KTLS out of %s and restart it", at), NULL,
		       REMEDY_ROOT, "somebody switched it off on purpose: ask first");
}

static void run(const struct facts *f, struct report *r)
{
	const struct program_list all = programs_asked(f);
	size_t before = r->n_findings;

	for (size_t i = 0; i < all.n; i++) {
		const struct program *p = &all.v[i];
		const struct server_conf *c = &p->conf;
		struct finding *fi;

		if (!program_is(p, "lighttpd"))
			continue;
		if (c->err || (c->unsure && (!c->tls || c->ktls == CNF_UNSET))) {
			say_unknown(f, r, p);
		} else if (!c->tls) {
			fi = say(r, VERDICT_SKIP, "%s takes no TLS connections", p->comm);
			about(fi, SUBJECT_PROCESS, program_name(r, f, p));
			because(fi, "lighttpd-without-tls");
		} else {
			say_known(f, r, p);
		}
	}
	if (r->n_findings == before)
		say(r, VERDICT_SKIP, "no lighttpd among the processes looked at");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "its configuration switches kTLS on", NULL },
	{ VERDICT_INFO, "lighttpd-default",
	  "not mentioned: newer releases switch it on by themselves", NULL },
	{ VERDICT_WARN, "lighttpd-option-off", "ssl-conf-cmd holds -KTLS",
	  "take it out" },
	{ VERDICT_UNKNOWN, "lighttpd-conf-unreadable", "its configuration cannot be read",
	  "run it as root" },
	{ VERDICT_UNKNOWN, "lighttpd-conf-unsure",
	  "an include or a variable could not be followed", "lighttpd -p" },
	{ VERDICT_SKIP, "lighttpd-without-tls", "it takes no TLS connections", NULL },
	{ VERDICT_SKIP, NULL, "no lighttpd runs", NULL },
	{ 0 },
};

const struct check check_app_lighttpd = {
	.id = "app-lighttpd",
	.category = "use",
	.title = "lighttpd and kTLS",
	.why = "lighttpd's mod_openssl switches kTLS on by itself and sends files with "
	       "SSL_sendfile over HTTP/1.x. `ssl.openssl.ssl-conf-cmd += (\"Options\" "
	       "=> \"-KTLS\")` switches it off.",
	.outcomes = outcomes,
	.refs = "https://github.com/lighttpd/lighttpd1.4/commit/"
		"9dc670db7761fe97e46d43005503872ccfe0f5f9",
	.needs = FACT_PROGRAMS,
	.run = run,
};
