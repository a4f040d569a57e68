/* SPDX-License-Identifier: MIT */
#include "check.h"

static void rekey_condition(struct ready *y)
{
	const struct facts *f = y->f;
	bool openssl = version_compare(f->openssl.version, "3.2.0") >= 0;
	enum tristate kernel = kernel_rekeys(f);
	struct finding *fi;

	if (openssl && kernel == TRI_YES)
		return;
	if (openssl && kernel == TRI_UNKNOWN) {
		fi = say(y->r, VERDICT_UNKNOWN,
			 "%s: whether this kernel can change keys shows only when the "
			 "tls module is loaded",
			 y->workload);
		because(fi, "ready-websocket-rekey-unknown");
		evidence(fi, f->tls_stat.src.where, "TlsTxRekeyOk", "%s",
			 f->tls_stat.src.err ? strerror(-f->tls_stat.src.err)
					     : "no such file");
		remedy(fi, "load the module and ask again", "modprobe tls && ktlsctl",
		       REMEDY_ROOT, NULL);
		y->unknown = true;
		return;
	}
	ready_but(y,
		  (struct ready_condition){
			  "ready-websocket-rekey",
			  "with TLS 1.2 only: a KeyUpdate of TLS 1.3 ends a connection",
			  openssl ? f->tls_stat.src.where : f->openssl.src.where,
			  openssl ? "no TlsTxRekeyOk: this kernel cannot change keys"
				  : text(y->r, "OpenSSL %s", f->openssl.version),
			  "Linux 6.14 or later with OpenSSL 3.2 or later, or TLS 1.2 "
			  "for this service" });
}

static void run(const struct facts *f, struct report *r)
{
	static const struct ready_slugs slugs = { "ready-websocket-vendor-kernel",
						  "ready-websocket-remote",
						  "ready-websocket-defects" };
	struct ready y = { .f = f,
			   .r = r,
			   .workload = "long connections, small records" };

	if (ready_blocked(&y))
		return;
	ready_kernel(
		&y, &slugs,
		"send only until the kernel is updated: a peer can use defects of its "
		"receiving side",
		false);
	rekey_condition(&y);
	ready_conclude(&y, NULL);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "go; measure it, small records gain little", NULL },
	{ VERDICT_WARN, "ready-websocket-remote",
	  "a peer can use defects of the receive side: send only at most",
	  "a current kernel" },
	{ VERDICT_WARN, "ready-websocket-defects",
	  "the kernel has open defects that need a local program", "a current kernel" },
	{ VERDICT_WARN, "ready-websocket-rekey",
	  "kernel or OpenSSL cannot change keys: a KeyUpdate ends the connection",
	  "Linux 6.14 and OpenSSL 3.2, or TLS 1.2" },
	{ VERDICT_UNKNOWN, "ready-websocket-rekey-unknown",
	  "shows only when the module is loaded", "load it" },
	{ VERDICT_UNKNOWN, "ready-websocket-vendor-kernel",
	  "a vendor's kernel: the number does not tell", "ask the vendor's tracker" },
	{ VERDICT_SKIP, NULL, "kTLS cannot work here", NULL },
	{ 0 },
};

const struct check check_ready_websocket = {
	.id = "ready-websocket",
	.category = "use",
	.title = "go or no-go: long connections",
	.why = "The longer a connection lives, the surer one side asks for new keys "
	       "(KeyUpdate, after hours or gigabytes). Every record also costs a system "
	       "call of its own to receive, so small ones gain nothing; and nothing is "
	       "sent with sendfile here.",
	.outcomes = outcomes,
	.refs = "https://github.com/openssl/openssl/issues/16307 "
		"https://docs.kernel.org/networking/tls.html",
	.needs = FACT_KERNEL | FACT_OPENSSL,
	.uses = FACT_KCONFIG | FACT_ULP | FACT_MODULE | FACT_MODPROBE | FACT_TLS_STAT |
		FACT_CALLER | FACT_CONTAINER,
	.run = run,
};
