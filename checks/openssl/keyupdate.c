/* SPDX-License-Identifier: MIT */
#include "check.h"

static void say_risk(const struct facts *f, struct report *r, bool new_openssl)
{
	const char *v = f->openssl.version;
	struct finding *fi;

	fi = new_openssl
		     ? say(r, VERDICT_WARN,
			   "a TLS 1.3 KeyUpdate ends the connection: OpenSSL %s wants "
			   "to change the key, this kernel cannot",
			   v)
		     : say(r, VERDICT_WARN,
			   "after a TLS 1.3 KeyUpdate the peer cannot decrypt: OpenSSL "
			   "%s does not give the kernel the new key",
			   v);
	because(fi, new_openssl ? "keyupdate-fatal" : "keyupdate-stale-key");
	if (new_openssl)
		evidence(fi, f->tls_stat.src.where, "TlsTxRekeyOk",
			 "no such line: this kernel cannot change keys");
	evidence(fi, f->openssl.src.where,
		 "OpenSSL 3.2 or later with Linux 6.14 or later", "OpenSSL %s", v);
	remedy(fi,
	       "harmless while neither side asks for a KeyUpdate; for long "
	       "connections: Linux 6.14 or later with OpenSSL 3.2 or later, or TLS 1.2",
	       NULL, 0, NULL);
}

static void run(const struct facts *f, struct report *r)
{
	bool new_openssl = version_compare(f->openssl.version, "3.2.0") >= 0;
	enum tristate rekeys = kernel_rekeys(f);
	struct finding *fi;

	if (kernel_lacks_tls(f) || module_barred(f) ||
	    (!f->openssl.ktls_send && !f->openssl.ktls_receive)) {
		say(r, VERDICT_SKIP, "no kTLS, so a KeyUpdate is OpenSSL's own matter");
	} else if (!new_openssl || rekeys == TRI_NO) {
		say_risk(f, r, new_openssl);
	} else if (rekeys == TRI_YES) {
		fi = say(r, VERDICT_OK,
			 "kernel and OpenSSL can both change keys (KeyUpdate)");
		evidence(fi, f->tls_stat.src.where, NULL, "TlsTxRekeyOk is there");
	} else {
		fi = say(r, VERDICT_UNKNOWN,
			 "whether this kernel can change keys (KeyUpdate) shows only "
			 "when the tls module is loaded");
		because(fi, "keyupdate-unknown");
		evidence(fi, f->tls_stat.src.where, "TlsTxRekeyOk", "%s",
			 f->tls_stat.src.err ? strerror(-f->tls_stat.src.err)
					     : "no such file");
		remedy(fi, "load the module and ask again", "modprobe tls && ktlsctl",
		       REMEDY_ROOT, NULL);
	}
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "both can change keys", NULL },
	{ VERDICT_WARN, "keyupdate-fatal",
	  "OpenSSL 3.2 or later on a kernel that cannot: the connection dies",
	  "Linux 6.14 or later" },
	{ VERDICT_WARN, "keyupdate-stale-key",
	  "OpenSSL 3.0 or 3.1: the kernel keeps the old key",
	  "OpenSSL 3.2 and Linux 6.14" },
	{ VERDICT_UNKNOWN, "keyupdate-unknown", "shows only when the module is loaded",
	  "load it" },
	{ VERDICT_SKIP, NULL, "no kTLS", NULL },
	{ 0 },
};

const struct check check_openssl_keyupdate = {
	.id = "openssl-keyupdate",
	.category = "openssl",
	.title = "TLS 1.3 KeyUpdate",
	.why = "After a KeyUpdate both sides encrypt with new keys. OpenSSL 3.0 and "
	       "3.1 change only their own and leave the kernel the old one; 3.2 and "
	       "later hand the new key over, which a kernel before 6.14 refuses with "
	       "EBUSY, and the connection dies.",
	.outcomes = outcomes,
	.refs = "https://github.com/openssl/openssl/issues/16307 "
		"https://docs.kernel.org/networking/tls.html",
	.needs = FACT_OPENSSL,
	.uses = FACT_TLS_STAT | FACT_KCONFIG | FACT_ULP | FACT_MODULE | FACT_MODPROBE |
		FACT_CONTAINER | FACT_CALLER | FACT_KERNEL,
	.run = run,
};
