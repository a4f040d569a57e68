/* SPDX-License-Identifier: MIT */
#include "check.h"

static void openssl_conditions(struct ready *y)
{
	const struct openssl_facts *o = &y->f->openssl;
	const char *saw = text(y->r, "OpenSSL %s", o->version);

	if (version_compare(o->version, "3.2.0") < 0)
		ready_but(y, (struct ready_condition){
				     "ready-proxy-tx-only",
				     "TLS 1.3 is received in user space (TX only)",
				     o->src.where, saw,
				     "OpenSSL 3.2 or later where receiving matters" });
	if (version_compare(o->version, "3.5.7") < 0)
		ready_but(y, (struct ready_condition){
				     "ready-proxy-moving-buffer",
				     "a program that moves its write buffer "
				     "(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER) sends stale "
				     "memory",
				     o->src.where, saw,
				     "OpenSSL 3.5.7 or later, or a vendor's that carries "
				     "openssl#31146" });
}

static void run(const struct facts *f, struct report *r)
{
	static const struct ready_slugs slugs = { "ready-proxy-vendor-kernel",
						  "ready-proxy-remote",
						  "ready-proxy-defects" };
	struct ready y = { .f = f, .r = r, .workload = "proxy, both directions" };

	if (ready_blocked(&y))
		return;
	ready_kernel(
		&y, &slugs,
		"send only until the kernel is updated: a peer can use defects of its "
		"receiving side",
		false);
	openssl_conditions(&y);
	ready_nginx_http2(&y, "ready-proxy-http2");
	ready_conclude(&y, NULL);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "go", NULL },
	{ VERDICT_WARN, "ready-proxy-remote",
	  "a peer can use defects of the receive side: send only at most",
	  "a current kernel" },
	{ VERDICT_WARN, "ready-proxy-defects",
	  "the kernel has open defects that need a local program", "a current kernel" },
	{ VERDICT_WARN, "ready-proxy-moving-buffer",
	  "OpenSSL before 3.5.7: a moved write buffer sends stale memory",
	  "OpenSSL 3.5.7" },
	{ VERDICT_WARN, "ready-proxy-tx-only",
	  "OpenSSL before 3.2: TLS 1.3 is received in user space", "OpenSSL 3.2" },
	{ VERDICT_WARN, "ready-proxy-http2",
	  "nginx with HTTP/2 and OpenSSL 3.2 or later ends connections with EIO",
	  "lingering_close off, or no KTLS there" },
	{ VERDICT_UNKNOWN, "ready-proxy-vendor-kernel",
	  "a vendor's kernel: the number does not tell", "ask the vendor's tracker" },
	{ VERDICT_SKIP, NULL, "kTLS cannot work here", NULL },
	{ 0 },
};

const struct check check_ready_proxy = {
	.id = "ready-proxy",
	.category = "use",
	.title = "go or no-go: proxies",
	.why = "A proxy receives through the kernel as much as it sends: the side with "
	       "the defects a peer can use, and with little to gain, since the kernel "
	       "gives one record a call. Back-pressure is its daily bread, and that is "
	       "when OpenSSL before 3.5.7 can send stale memory.",
	.outcomes = outcomes,
	.refs = "https://github.com/openssl/openssl/pull/31146 "
		"https://github.com/nginx/nginx/issues/651",
	.needs = FACT_KERNEL | FACT_OPENSSL,
	.uses = FACT_KCONFIG | FACT_ULP | FACT_MODULE | FACT_MODPROBE | FACT_TLS_STAT |
		FACT_CALLER | FACT_CONTAINER | FACT_PROGRAMS,
	.run = run,
};
