// SPDX-License-Identifier: MIT
/* Whether this kernel and libssl could offload what a server offers. Pure. */
#include <errno.h>
#include <string.h>

#include "../check/check.h"
#include "../host/arena.h"
#include "handshake.h"
#include "scan.h"

static struct scan_way way(enum scan_offload verdict, const char *reason, const char *why)
{
	return (struct scan_way){ verdict, reason, why };
}

static const struct scan_way fine = { SCAN_COULD, "", "" };

struct scan_way scan_kernel_way(const struct facts *f)
{
	if (facts_ulp_proven(f))
		return f->caller.seccomp_passes == TRI_NO
			       ? way(SCAN_NO, "seccomp",
				     "a seccomp filter keeps this process from kTLS")
			       : fine;
	if (kernel_lacks_tls(f))
		return way(SCAN_NO, "kernel-without-tls",
			   "this kernel was built without CONFIG_TLS");
	if (module_barred(f))
		return way(SCAN_NO, "module-barred",
			   "the tls module is not loaded, and cannot be");
	if (facts_ulp_absent(f))
		return way(SCAN_COULD, "module-not-loaded",
			   "if the tls module is loaded first: modprobe tls");
	return way(SCAN_UNKNOWN, "kernel-unknown",
		   "whether this kernel has kTLS could not be found out");
}

/* Of libssl, by what it says of itself and by its version; fine: nothing in the way. */
static struct scan_way libssl_way(const struct openssl_facts *o,
				  const struct scan_case *c)
{
	const bool rx = c->direction == KTLS_RX, tls13 = c->version == KTLS_1_3;

	if (!o->src.where || o->src.err)
		return way(SCAN_UNKNOWN, "libssl-unknown",
			   "OpenSSL could not be asked what it can do");
	if (rx ? !o->ktls_receive : !o->ktls_send)
		return way(SCAN_NO, "libssl-without-ktls",
			   "this OpenSSL was built without kTLS");
	if (c->cipher->number > KTLS_CHACHA20_POLY1305)
		return way(SCAN_NO, "cipher-not-in-libssl",
			   "OpenSSL gives the kernel no keys for this cipher");
	if (version_compare(o->version, "3.2.0") >= 0)
		return fine;
	if (tls13 && c->cipher->number == KTLS_AES_CCM_128)
		return way(SCAN_NO, "libssl-tls13-ccm",
			   "AES-CCM with TLS 1.3 needs OpenSSL 3.2 or later");
	if (tls13 && rx)
		return way(SCAN_NO, "libssl-tls13-receive",
			   "receiving TLS 1.3 needs OpenSSL 3.2 or later");
	if (rx && version_compare(o->version, "3.0.2") < 0)
		return way(SCAN_NO, "libssl-receive-broken",
			   "receiving needs OpenSSL 3.0.2 or later");
	return fine;
}

static struct scan_way module_way(const struct facts *f, const struct cipher_module *m)
{
	if (m->blacklisted || m->overridden)
		return way(SCAN_NO, "cipher-module-barred",
			   "modprobe.d bars the module of its cipher");
	if (m->found)
		return fine;
	if (in_container(f))
		return way(
			SCAN_UNKNOWN, "cipher-module-unseen",
			"the module of its cipher is not seen from inside a container");
	return way(SCAN_NO, "cipher-module-missing",
		   "the module of its cipher is not there");
}

static struct scan_way crypto_way(const struct facts *f, const struct ktls_cipher *c)
{
	const char *algorithm = crypto_name(c);

	if (f->fips.present && f->fips.enabled && c->number == KTLS_CHACHA20_POLY1305)
		return way(SCAN_NO, "fips", "FIPS mode forbids ChaCha20-Poly1305");
	if (!f->crypto.src.err && crypto_best(&f->crypto, algorithm))
		return fine;
	for (size_t i = 0; !f->ciphers.src.err && i < f->ciphers.n_modules; i++)
		if (!strcmp(f->ciphers.modules[i].algorithm, algorithm))
			return module_way(f, &f->ciphers.modules[i]);
	return way(SCAN_UNKNOWN, "cipher-unknown",
		   "whether the kernel can load its cipher could not be found out");
}

/* What no kernel and no module changes. */
static struct scan_way suite_way(const struct openssl_facts *o, const struct scan_case *c)
{
	if (c->version < KTLS_1_2)
		return way(SCAN_NO, "version-too-old", "kTLS begins with TLS 1.2");
	if (!c->cipher || !ktls_defined(c->cipher, c->version))
		return way(SCAN_NO, "cipher-not-in-kernel",
			   "kTLS has no such cipher: it wants AES-GCM, AES-128-CCM or "
			   "ChaCha20-Poly1305");
	return libssl_way(o, c);
}

static int rank(const struct scan_way *w)
{
	return w->verdict == SCAN_NO ? 2 : w->verdict == SCAN_UNKNOWN;
}

/* What is known to be in the way goes before what is not known; else the first. */
static struct scan_way worse(struct scan_way a, struct scan_way b)
{
	return rank(&b) > rank(&a) || (!*a.reason && rank(&b) == rank(&a)) ? b : a;
}

struct scan_way scan_suite_way(const struct facts *f, const struct scan_case *c)
{
	struct scan_way w;

	if (c->seen == TRI_YES)
		return way(SCAN_SEEN, "", "");
	w = worse(suite_way(&f->openssl, c), scan_kernel_way(f));
	if (w.verdict != SCAN_NO)
		w = worse(w, crypto_way(f, c->cipher));
	if (c->seen == TRI_NO && w.verdict != SCAN_NO)
		return way(SCAN_NO, "stayed-in-user-space",
			   "kTLS was asked for, and this connection did not get it");
	return w;
}

/* Where the kernel has no kTLS, or libssl was built without, it is as if both had it:
 * the order may be meant for another host. */
static bool fits(const struct facts *f, const struct scan_case *c)
{
	struct openssl_facts o = f->openssl;

	o.ktls_send = o.ktls_receive = true;
	if (suite_way(&o, c).verdict == SCAN_NO)
		return false;
	return scan_kernel_way(f).verdict == SCAN_NO ||
	       crypto_way(f, c->cipher).verdict != SCAN_NO;
}

enum scan_fit scan_fit(const struct facts *f, uint16_t version,
		       const struct ktls_cipher *cipher)
{
	const struct scan_case tx = { version, cipher, KTLS_TX, TRI_UNKNOWN };
	const struct scan_case rx = { version, cipher, KTLS_RX, TRI_UNKNOWN };

	if (!fits(f, &tx))
		return SCAN_FIT_NONE;
	return fits(f, &rx) ? SCAN_FIT_BOTH : SCAN_FIT_TX;
}

struct scan_way scan_fragment_way(const struct facts *f)
{
	if (!f->openssl.src.where || f->openssl.src.err)
		return way(SCAN_UNKNOWN, "libssl-unknown",
			   "OpenSSL could not be asked what it can do");
	return way(SCAN_NO, "max-fragment",
		   "where a client asks for short records and gets them, OpenSSL keeps "
		   "to user space, in both directions");
}

struct scan_way scan_update_way(const struct facts *f)
{
	const struct openssl_facts *o = &f->openssl;
	const struct scan_way kernel = scan_kernel_way(f);
	const enum tristate rekeys = kernel_rekeys(f);

	if (kernel.verdict == SCAN_NO)
		return kernel;
	if (!o->src.where || o->src.err)
		return scan_fragment_way(f);
	if (!o->ktls_send && !o->ktls_receive)
		return way(SCAN_NO, "libssl-without-ktls",
			   "this OpenSSL was built without kTLS");
	if (version_compare(o->version, "3.2.0") < 0)
		return way(SCAN_NO, "keyupdate-stale-key",
			   "OpenSSL before 3.2 leaves the kernel its old key: the peer "
			   "cannot decrypt any more");
	if (rekeys == TRI_NO)
		return way(SCAN_NO, "keyupdate-fatal",
			   "this kernel cannot change keys: a KeyUpdate ends a "
			   "connection that is on kTLS");
	if (rekeys == TRI_YES)
		return fine;
	return way(SCAN_UNKNOWN, "keyupdate-unknown",
		   "whether this kernel can change keys shows only when the tls module "
		   "is loaded");
}

uint16_t scan_version_number(const char *word)
{
	return (uint16_t)(0x0301 + (word[2] - '0'));
}

static void judge_suite(const struct facts *f, uint16_t version, struct scan_suite *s)
{
	struct scan_case c = { .version = version,
			       .cipher = cipher_with_suite(s->name, version) };

	s->cipher = c.cipher ? c.cipher->word : "";
	c.direction = KTLS_TX;
	c.seen = !s->tried ? TRI_UNKNOWN : s->bio_tx ? TRI_YES : TRI_NO;
	s->tx = scan_suite_way(f, &c);
	c.direction = KTLS_RX;
	c.seen = !s->tried ? TRI_UNKNOWN : s->bio_rx ? TRI_YES : TRI_NO;
	s->rx = scan_suite_way(f, &c);
}

/* How many suites there are, and in how many directions the kernel can have them. */
struct tally {
	size_t all, both, tx, rx, unknown;
};

static bool can(const struct scan_way *w)
{
	return w->verdict == SCAN_SEEN || w->verdict == SCAN_COULD;
}

static struct tally tally(const struct scan_doc *d)
{
	struct tally t = { 0 };

	for (size_t i = 0; i < d->n_versions; i++) {
		for (size_t j = 0; j < d->versions[i].n_suites; j++) {
			const struct scan_suite *s = &d->versions[i].suites[j];
			const bool tx = can(&s->tx), rx = can(&s->rx);

			t.all++;
			t.both += tx && rx;
			t.tx += tx && !rx;
			t.rx += rx && !tx;
			t.unknown += !tx && !rx &&
				     (s->tx.verdict == SCAN_UNKNOWN ||
				      s->rx.verdict == SCAN_UNKNOWN);
		}
	}
	return t;
}

/* "TLS 1.3 and 1.2" */
static const char *versions_text(const struct scan_doc *d, struct arena *a)
{
	const char *list = "";
	size_t left = 0;

	for (size_t i = 0; i < d->n_versions; i++)
		left += d->versions[i].accept == SCAN_ACCEPTED;
	for (size_t i = 0; i < d->n_versions && list; i++) {
		if (d->versions[i].accept != SCAN_ACCEPTED)
			continue;
		left--;
		list = arena_printf(a, "%s%s%s", list,
				    !*list ? "TLS "
				    : left ? ", "
					   : " and ",
				    d->versions[i].version);
	}
	return list;
}

/* "3 of 5 suites can be offloaded here, 2 of them to send only" */
static const char *share_text(const struct scan_doc *d, struct arena *a)
{
	const struct tally t = tally(d);
	const char *s = t.all == 1 ? "" : "s", *note = "";

	if (d->kernel_ktls.verdict == SCAN_NO)
		return arena_printf(a,
				    "none of its %zu suite%s can be offloaded here: %s",
				    t.all, s, d->kernel_ktls.why);
	if (!t.both && !t.tx && !t.rx && t.unknown)
		return "whether it could be offloaded here is not known";
	if (!t.both && !t.tx && !t.rx)
		return arena_printf(a, "none of its %zu suite%s can be offloaded here",
				    t.all, s);
	if (t.tx && !t.both && !t.rx)
		note = ", to send only";
	else if (t.tx)
		note = arena_printf(a, ", %zu of them to send only", t.tx);
	if (note && d->kernel_ktls.reason && *d->kernel_ktls.reason)
		note = arena_printf(a, "%s, %s", note, d->kernel_ktls.why);
	return note ? arena_printf(a, "%zu of %zu suite%s can be offloaded here%s",
				   t.both + t.tx + t.rx, t.all, s, note)
		    : NULL;
}

static const char *offers_text(const struct scan_doc *d, struct arena *a)
{
	const char *versions = versions_text(d, a), *share = share_text(d, a);
	const char *cert = "", *part = d->answer == SCAN_COMPLETE ? ""
								  : "; not all of it "
								    "could be found out";

	if (d->certificate.seen && !d->certificate.valid)
		cert = arena_printf(a, "; its certificate is not valid: %s",
				    d->certificate.error);
	return versions && share && cert
		       ? arena_printf(a, "%s accepts %s; %s%s%s", d->target, versions,
				      share, cert, part)
		       : NULL;
}

static const char *headline(const struct scan_doc *d, struct arena *a)
{
	for (size_t i = 0; i < d->n_versions; i++)
		if (d->versions[i].accept == SCAN_ACCEPTED)
			return offers_text(d, a);
	switch (d->answer) {
	case SCAN_UNREACHABLE:
		return arena_printf(a, "%s could not be reached: %s", d->target,
				    d->error);
	case SCAN_NO_STARTTLS:
		return arena_printf(a, "%s does not begin with TLS: %s", d->target,
				    d->error);
	default:
		return arena_printf(a, "%s: not one handshake came to its end: %s",
				    d->target, *d->error ? d->error : "all were refused");
	}
}

int scan_judge(const struct facts *f, struct arena *a, struct scan_doc *d)
{
	d->kernel_ktls = scan_kernel_way(f);
	d->max_fragment = scan_fragment_way(f);
	d->key_update = scan_update_way(f);
	for (size_t i = 0; i < d->n_versions; i++) {
		struct scan_version *v = &d->versions[i];

		for (size_t j = 0; j < v->n_suites; j++)
			judge_suite(f, scan_version_number(v->version), &v->suites[j]);
	}
	d->headline = headline(d, a);
	return d->headline ? scan_advise(f, a, d) : -ENOMEM;
}
