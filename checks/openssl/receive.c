/* SPDX-License-Identifier: MIT */
#include "check.h"

static void say_limit(const struct facts *f, struct report *r)
{
	const struct openssl_facts *o = &f->openssl;
	bool broken = version_compare(o->version, "3.0.2") < 0;
	struct finding *fi;

	if (broken)
		fi = say(r, VERDICT_WARN, "OpenSSL %s has no receive side to rely on",
			 o->version);
	else
		fi = say(r, VERDICT_WARN,
			 "with OpenSSL %s, TLS 1.3 is sent through the kernel but "
			 "received in user space",
			 o->version);
	because(fi, broken ? "openssl-receive-broken" : "openssl-tls13-receive");
	evidence(fi, *o->library ? o->library : o->src.where, "3.2 or later", "%s",
		 o->version);
	remedy_distro(fi, f, FIX_OPENSSL_NEW);
}

static void run(const struct facts *f, struct report *r)
{
	const struct openssl_facts *o = &f->openssl;

	if (!o->ktls_send && !o->ktls_receive)
		say(r, VERDICT_SKIP, "this OpenSSL has no kTLS at all");
	else if (version_compare(o->version, "3.2.0") >= 0)
		say(r, VERDICT_OK, "OpenSSL %s can offload TLS 1.3 in both directions",
		    o->version);
	else
		say_limit(f, r);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "3.2 or later", NULL },
	{ VERDICT_WARN, "openssl-receive-broken",
	  "3.0.0 and 3.0.1: TLS 1.2 receive breaks, TLS 1.3 receive is not there",
	  "OpenSSL 3.2 or later" },
	{ VERDICT_WARN, "openssl-tls13-receive",
	  "3.0.2 to 3.1: TLS 1.3 is received in user space", "OpenSSL 3.2 or later" },
	{ VERDICT_SKIP, NULL, "no kTLS in this OpenSSL", NULL },
	{ 0 },
};

const struct check check_openssl_tls13_receive = {
	.id = "openssl-tls13-receive",
	.category = "openssl",
	.title = "TLS 1.3 receive in OpenSSL",
	.why = "OpenSSL 3.0 and 3.1 install only the transmit keys for TLS 1.3; "
	       "receiving came with 3.2. TLS 1.2 is offloaded both ways from 3.0.2 on. "
	       "A server that mostly sends loses little.",
	.outcomes = outcomes,
	.refs = "https://github.com/openssl/openssl/pull/17942",
	.needs = FACT_OPENSSL,
	.uses = FACT_OS,
	.run = run,
};
