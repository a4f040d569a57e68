/* SPDX-License-Identifier: MIT */
#include "check.h"

/* Within 3.x.* the library may be older: that is what a distribution's update is. */
static int by_series(const char *a, const char *b)
{
	char x[16], y[16];

	snprintf(x, sizeof(x), "%.*s", (int)(strcspn(a, ".") + 3), a);
	snprintf(y, sizeof(y), "%.*s", (int)(strcspn(b, ".") + 3), b);
	return version_compare(x, y);
}

static void run(const struct facts *f, struct report *r)
{
	const struct openssl_facts *o = &f->openssl;
	int order = by_series(o->version, o->header_version);
	struct finding *fi;

	fi = order < 0 ? say(r, VERDICT_WARN,
			     "OpenSSL %s at run time is older than the %s this program "
			     "was built with",
			     o->version, o->header_version)
		       : say(r, VERDICT_OK, "OpenSSL %s", o->version);
	if (order < 0)
		because(fi, "openssl-older-than-headers");
	evidence(fi, *o->library ? o->library : o->src.where, NULL, "%s (headers: %s)",
		 o->version, o->header_version);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL,
	  "the library is of the headers' series (3.0, 3.5) or a later one", NULL },
	{ VERDICT_WARN, "openssl-older-than-headers",
	  "the library is older than what this program was built with",
	  "install the library it was built for" },
	{ 0 },
};

const struct check check_openssl_version = {
	.id = "openssl-version",
	.category = "openssl",
	.title = "OpenSSL at run time",
	.why = "What a program can do is decided by the library it runs with, not by "
	       "the headers it was compiled against. This is the copy ktlsctl runs "
	       "with; a program with a copy of its own may differ.",
	.outcomes = outcomes,
	.refs = "https://docs.openssl.org/3.5/man3/OpenSSL_version/",
	.needs = FACT_OPENSSL,
	.run = run,
};
