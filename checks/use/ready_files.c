/* SPDX-License-Identifier: MIT */
#include "check.h"

static void run(const struct facts *f, struct report *r)
{
	static const struct ready_slugs slugs = { "ready-files-vendor-kernel",
						  "ready-files-tx-only",
						  "ready-files-defects" };
	struct ready y = { .f = f, .r = r, .workload = "static files by sendfile" };
	bool receives = version_compare(f->openssl.version, "3.2.0") >= 0;

	if (ready_blocked(&y))
		return;
	ready_kernel(&y, &slugs,
		     receives
			     ? "only after a kernel update: OpenSSL 3.2 and later "
			       "receive through the kernel too, where a peer can use its "
			       "defects"
			     : "send only, with TLS 1.3 only: a peer can use defects of "
			       "this kernel's receive side",
		     false);
	ready_nginx_http2(&y, "ready-files-http2");
	ready_conclude(&y, NULL);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "go", NULL },
	{ VERDICT_WARN, "ready-files-tx-only",
	  "a peer can use defects of the receive side: send only, which OpenSSL 3.0 and "
	  "3.1 do with TLS 1.3",
	  "a current kernel" },
	{ VERDICT_WARN, "ready-files-defects",
	  "the kernel has open defects that need a local program", "a current kernel" },
	{ VERDICT_WARN, "ready-files-http2",
	  "nginx with HTTP/2 and OpenSSL 3.2 or later ends connections with EIO",
	  "lingering_close off, or no KTLS there" },
	{ VERDICT_UNKNOWN, "ready-files-vendor-kernel",
	  "a vendor's kernel: the number does not tell", "ask the vendor's tracker" },
	{ VERDICT_SKIP, NULL, "kTLS cannot work here", NULL },
	{ 0 },
};

const struct check check_ready_files = {
	.id = "ready-files",
	.category = "use",
	.title = "go or no-go: static files",
	.why = "Files sent with sendfile are where kTLS gains most, and they need the "
	       "sending side only; the three defects a peer can use are all in the "
	       "receiving side. OpenSSL cannot be told to leave that out: 3.0 and 3.1 "
	       "lack it for TLS 1.3, from 3.2 on both sides come together.",
	.outcomes = outcomes,
	.refs = "https://github.com/nginx/nginx/issues/651 "
		"https://www.cve.org/CVERecord?id=CVE-2025-39682",
	.needs = FACT_KERNEL | FACT_OPENSSL,
	.uses = FACT_KCONFIG | FACT_ULP | FACT_MODULE | FACT_MODPROBE | FACT_TLS_STAT |
		FACT_CALLER | FACT_CONTAINER | FACT_PROGRAMS,
	.run = run,
};
