/* SPDX-License-Identifier: MIT */
#include "check.h"

static const struct defect {
	const char *reason;
	const char *from, *fixed; /* affected: from <= version < fixed */
	enum verdict verdict;
	const char *what, *ref;
} defects[] = {
	{ "openssl-tls12-receive", "3.0.0", "3.0.2", VERDICT_WARN,
	  "TLS 1.2 receive breaks when records are buffered already", "openssl#17492" },
	{ "openssl-client-connect", "3.0.0", "3.0.4", VERDICT_WARN,
	  "clients that make the BIO before connecting never get kTLS", "openssl#18318" },
	{ "openssl-moving-buffer", "3.0.0", "3.5.7", VERDICT_WARN,
	  "a retried write from another buffer sends stale memory (programs that set "
	  "SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER)",
	  "openssl#31146" },
	{ "openssl-moving-buffer-unclear", "3.6.0", "4.1.0", VERDICT_INFO,
	  "the moving write buffer defect (openssl#31146) was mended in June 2026; "
	  "compare the release's CHANGES",
	  "openssl#31146" },
};

static bool affected(const struct defect *d, const char *version)
{
	return version_compare(version, d->from) >= 0 &&
	       version_compare(version, d->fixed) < 0;
}

static void run(const struct facts *f, struct report *r)
{
	const struct openssl_facts *o = &f->openssl;
	size_t before = r->n_findings;

	if (!o->ktls_send && !o->ktls_receive) {
		say(r, VERDICT_SKIP, "this OpenSSL has no kTLS");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(defects); i++) {
		const struct defect *d = &defects[i];
		struct finding *fi;

		if (!affected(d, o->version))
			continue;
		fi = say(r, d->verdict, "OpenSSL %s: %s", o->version, d->what);
		because(fi, d->reason);
		evidence(fi, d->ref, text(r, "%s or later", d->fixed), "%s", o->version);
		if (d->verdict == VERDICT_WARN)
			remedy(fi,
			       text(r,
				    "upgrade OpenSSL to %s or later, or make sure that "
				    "the vendor carries the fix (%s)",
				    d->fixed, d->ref),
			       NULL, REMEDY_ROOT, NULL);
	}
	if (r->n_findings == before)
		say(r, VERDICT_OK, "OpenSSL %s has none of the known kTLS defects",
		    o->version);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "none that is known", NULL },
	{ VERDICT_WARN, "openssl-tls12-receive",
	  "3.0.0 and 3.0.1: TLS 1.2 receive breaks", "3.0.2 or later" },
	{ VERDICT_WARN, "openssl-client-connect", "before 3.0.4: clients never get kTLS",
	  "3.0.4 or later" },
	{ VERDICT_WARN, "openssl-moving-buffer",
	  "before 3.5.7: a moved write buffer sends stale memory", "3.5.7 or later" },
	{ VERDICT_INFO, "openssl-moving-buffer-unclear",
	  "3.6 and later: whether the fix is in depends on the release",
	  "compare its CHANGES" },
	{ VERDICT_SKIP, NULL, "no kTLS in this OpenSSL", NULL },
	{ 0 },
};

const struct check check_openssl_defects = {
	.id = "openssl-defects",
	.category = "openssl",
	.title = "known kTLS defects of OpenSSL",
	.why = "The worst of them corrupts data silently: with kTLS, OpenSSL sends "
	       "from the caller's buffer, and a write that had to be repeated reads "
	       "the old buffer, even if the program was told that it may move. It "
	       "shows under back-pressure only, with valid MACs.",
	.outcomes = outcomes,
	.refs = "https://github.com/openssl/openssl/issues/21202 "
		"https://github.com/openssl/openssl/pull/31146",
	.needs = FACT_OPENSSL,
	.run = run,
};
