/* SPDX-License-Identifier: MIT */
#include "check.h"

/* The lines that are missing, from the first broken step of the chain on. */
static const char *missing_lines(struct report *r, const struct openssl_cnf_facts *o)
{
	const char *m = o->missing ? o->missing : "openssl_conf";

	if (!strcmp(m, "openssl_conf"))
		return "openssl_conf = openssl_init (first line), [openssl_init] "
		       "ssl_conf = ssl_module, [ssl_module] system_default = "
		       "tls_defaults, [tls_defaults] Options = KTLS";
	if (!strcmp(m, "ssl_conf"))
		return text(r,
			    "[%s] ssl_conf = ssl_module, [ssl_module] system_default = "
			    "tls_defaults, [tls_defaults] Options = KTLS",
			    o->section);
	if (!strcmp(m, "system_default"))
		return text(r,
			    "[%s] system_default = tls_defaults, [tls_defaults] "
			    "Options = KTLS",
			    o->section);
	return text(r, "[%s] Options = KTLS", o->section);
}

static const char *at(struct report *r, const struct openssl_cnf_facts *o)
{
	return o->file ? text(r, "%s:%u", o->file, o->line) : o->src.where;
}

static void say_unset(const struct facts *f, struct report *r)
{
	const struct openssl_cnf_facts *o = &f->openssl_cnf;
	struct finding *fi;

	if (o->unsure) {
		fi = say(r, VERDICT_UNKNOWN,
			 "whether %s switches kTLS on could not be followed to the end",
			 o->src.where);
		because(fi, "openssl-option-unsure");
		evidence(fi, at(r, o), "Options = KTLS",
			 "an include or variable not followed");
		remedy(fi, "look for Options in the files it includes",
		       text(r, "grep -rn Options -- %s", shell_quoted(r, o->src.where)),
		       0, NULL);
		return;
	}
	fi = say(r, VERDICT_INFO,
		 "%s does not switch kTLS on; each program has to do it itself",
		 o->src.where);
	because(fi, "openssl-option-unset");
	evidence(fi, at(r, o), "Options = KTLS", "%s",
		 !o->present ? "no such file"
			     : text(r, "no %s in [%s]", o->missing ? o->missing : "KTLS",
				    o->section ? o->section : "default"));
	remedy(fi,
	       text(r,
		    "better in the program (nginx: ssl_conf_command Options KTLS;); "
		    "for every program of this host: %s",
		    missing_lines(r, o)),
	       NULL, REMEDY_ROOT,
	       "the second way reaches every program that uses OpenSSL");
}

static void run(const struct facts *f, struct report *r)
{
	const struct openssl_cnf_facts *o = &f->openssl_cnf;
	struct finding *fi;

	switch (o->ktls) {
	case CNF_ON:
		fi = say(r, VERDICT_OK,
			 "kTLS is switched on for every program that reads %s",
			 o->src.where);
		evidence(fi, at(r, o), NULL, "Options has KTLS");
		break;
	case CNF_OFF:
		fi = say(r, VERDICT_WARN,
			 "%s switches kTLS off for every program that reads it",
			 o->src.where);
		because(fi, "openssl-option-off");
		evidence(fi, at(r, o), "no -KTLS", "Options has -KTLS");
		remedy(fi, text(r, "take -KTLS out of the line %s", at(r, o)), NULL,
		       REMEDY_ROOT, "somebody switched it off on purpose: ask first");
		break;
	case CNF_UNSET:
		say_unset(f, r);
		break;
	}
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "Options holds KTLS in the default configuration", NULL },
	{ VERDICT_INFO, "openssl-option-unset", "each program has to set it itself",
	  "in the program's configuration, or in openssl.cnf" },
	{ VERDICT_WARN, "openssl-option-off", "Options holds -KTLS", "take it out" },
	{ VERDICT_UNKNOWN, "openssl-option-unsure",
	  "an include or variable could not be followed", "look at the included files" },
	{ 0 },
};

const struct check check_openssl_option = {
	.id = "openssl-option",
	.category = "openssl",
	.title = "Options = KTLS in openssl.cnf",
	.why = "OpenSSL never uses kTLS unasked. A program sets SSL_OP_ENABLE_KTLS, or "
	       "the default configuration does it for all of them. The option has to "
	       "be there before the handshake; later it does nothing. Whether a "
	       "running program has set it itself cannot be seen from outside: its "
	       "sockets show it.",
	.outcomes = outcomes,
	.refs = "https://docs.openssl.org/3.5/man5/config/ "
		"https://docs.openssl.org/3.5/man3/SSL_CONF_cmd/",
	.needs = FACT_OPENSSL_CNF,
	.run = run,
};
