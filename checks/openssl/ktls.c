/* SPDX-License-Identifier: MIT */
#include "check.h"

static void say_probe(struct finding *fi, const struct openssl_facts *o)
{
	evidence(fi, *o->library ? o->library : o->src.where, "send yes, receive yes",
		 "BIO flag probe: send %s, receive %s", o->ktls_send ? "yes" : "no",
		 o->ktls_receive ? "yes" : "no");
}

static void run(const struct facts *f, struct report *r)
{
	const struct openssl_facts *o = &f->openssl;
	struct finding *fi;

	if (version_compare(o->version, "3.0.0") < 0) {
		fi = say(r, VERDICT_FAIL, "OpenSSL %s has no kTLS: it came with 3.0",
			 o->version);
		because(fi, "openssl-too-old");
		evidence(fi, o->src.where, "3.0 or later", "%s", o->version);
		remedy_distro(fi, f, FIX_OPENSSL);
	} else if (o->ktls_send && o->ktls_receive) {
		fi = say(r, VERDICT_OK, "this OpenSSL was built with kTLS");
		say_probe(fi, o);
	} else {
		bool some = o->ktls_send || o->ktls_receive;

		fi = say(r, some ? VERDICT_WARN : VERDICT_FAIL,
			 some ? "OpenSSL %s was built with kTLS for one direction only"
			      : "OpenSSL %s was built without kTLS",
			 o->version);
		because(fi, some ? "openssl-half-ktls" : "openssl-without-ktls");
		say_probe(fi, o);
		remedy_distro(fi, f, FIX_OPENSSL);
	}
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "built with kTLS for both directions", NULL },
	{ VERDICT_FAIL, "openssl-too-old", "before 3.0 there is no kTLS", "OpenSSL 3" },
	{ VERDICT_FAIL, "openssl-without-ktls", "built without enable-ktls",
	  "use a build with it" },
	{ VERDICT_WARN, "openssl-half-ktls", "built with kTLS for one direction",
	  "use a build with both" },
	{ 0 },
};

const struct check check_openssl_ktls = {
	.id = "openssl-ktls",
	.category = "openssl",
	.title = "OpenSSL built with kTLS",
	.why = "OpenSSL leaves kTLS out unless it was configured with enable-ktls. A "
	       "library without it still accepts the option and still exports "
	       "SSL_sendfile; `openssl version -a` does not tell. So the library "
	       "itself is asked, with a BIO on no socket.",
	.outcomes = outcomes,
	.refs = "https://docs.openssl.org/3.5/man3/SSL_CTX_set_options/",
	.needs = FACT_OPENSSL,
	.uses = FACT_OS | FACT_KERNEL,
	.run = run,
};
