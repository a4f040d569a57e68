/* SPDX-License-Identifier: MIT */
#include "check.h"

static void run(const struct facts *f, struct report *r)
{
	struct finding *fi;

	if (!f->fips.present) {
		say(r, VERDICT_SKIP, "this kernel has no FIPS mode");
		return;
	}
	if (!f->fips.enabled) {
		say(r, VERDICT_OK, "the kernel is not in FIPS mode");
		return;
	}
	fi = say(r, VERDICT_WARN,
		 "the kernel is in FIPS mode: kTLS does AES-GCM and AES-CCM only, "
		 "ChaCha20-Poly1305, SM4 and ARIA stay in user space");
	because(fi, "fips-limits");
	evidence(fi, f->fips.src.where, NULL, "1");
	remedy(fi,
	       "negotiate AES-GCM suites; and note that the kernel encrypts outside of "
	       "OpenSSL's FIPS provider",
	       NULL, 0, NULL);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "FIPS mode is off", NULL },
	{ VERDICT_WARN, "fips-limits",
	  "only AES-GCM and AES-CCM can be offloaded, outside of OpenSSL's FIPS provider",
	  "negotiate AES-GCM" },
	{ VERDICT_SKIP, NULL, "the kernel has no FIPS mode", NULL },
	{ 0 },
};

const struct check check_fips = {
	.id = "fips",
	.category = "kernel",
	.title = "FIPS mode",
	.why = "In FIPS mode the kernel refuses algorithms that are not approved: "
	       "setting such a key answers ENOENT, and the connection stays in user "
	       "space. And what the kernel encrypts is outside the boundary of "
	       "OpenSSL's validated module, which is why kTLS is off there by default.",
	.outcomes = outcomes,
	.refs = "https://docs.openssl.org/3.5/man3/SSL_CTX_set_options/",
	.needs = FACT_FIPS,
	.run = run,
};
