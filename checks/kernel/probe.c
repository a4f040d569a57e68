/* SPDX-License-Identifier: MIT */
#include "check.h"

static void add_cells(struct finding *fi, const struct facts *f, struct report *r)
{
	for (size_t i = 0; i < f->probe.n_cells; i++) {
		const struct probe_cell *c = &f->probe.cells[i];
		const char *differed = *c->differed ? text(r, " (%s)", c->differed) : "";

		if (strcmp(c->cipher, "aes-gcm-128"))
			continue;
		evidence(fi, text(r, "TLS %s %s", c->version, c->direction), "works",
			 "%s%s%s%s", probe_verdict_words[c->verdict], differed,
			 c->err ? ": " : "", c->err ? strerror(-c->err) : "");
	}
}

/* No lack of anything, but somebody's decision. */
static bool is_refusal(int err)
{
	return err == -EPERM || err == -EACCES || err == -ENOSYS || err == -ENOPROTOOPT ||
	       err == -ENOENT;
}

/* tls-seccomp has asked the filter itself: that is the finding, not what follows of it.
 */
static struct finding *say_filtered(struct report *r)
{
	return say(r, VERDICT_SKIP, "a seccomp filter denies it, see tls-seccomp");
}

static bool is_filtered(const struct facts *f)
{
	return f->caller.seccomp_passes == TRI_NO;
}

/* The kernel knows TCP_ULP on every TCP socket, so this is none. */
static struct finding *say_mptcp(struct report *r)
{
	struct finding *fi = say(r, VERDICT_FAIL,
				 "what this caller takes for TCP sockets are MPTCP "
				 "sockets, which take no TLS");

	because(fi, "probe-mptcp");
	evidence(fi, "setsockopt(TCP_ULP)", "0", "%s", strerror(ENOPROTOOPT));
	remedy(fi,
	       "let the program use plain TCP: without mptcpize, or the BPF program that "
	       "changes the protocol",
	       NULL, 0, NULL);
	return fi;
}

static struct finding *say_refused(const struct facts *f, struct report *r, int err)
{
	struct finding *fi;

	if (is_filtered(f))
		return say_filtered(r);
	if (err == -ENOPROTOOPT && f->mptcp.present)
		return say_mptcp(r);
	if (!is_refusal(err)) {
		fi = say(r, VERDICT_UNKNOWN, "trying on loopback failed: %s",
			 strerror(-err));
		because(fi, "probe-failed");
		evidence(fi, f->probe.src.where, "works", "%s", strerror(-err));
		return fi;
	}
	fi = say(r, VERDICT_FAIL,
		 "the kernel has TLS, but something refuses it to this caller: %s",
		 strerror(-err));
	because(fi, "probe-refused");
	evidence(fi, "setsockopt", "0", "%s", strerror(-err));
	remedy(fi,
	       "look for what filters system calls of this caller: seccomp, an LSM, a "
	       "BPF program",
	       NULL, REMEDY_ROOT, NULL);
	return fi;
}

struct tally {
	size_t n, works, broken;
	int missing; /* errno of the first that does not work, for want of something */
	int unknown; /* errno of the first that could not be found out */
};

static struct tally tally_of(const struct probe_facts *p)
{
	struct tally t = { 0 };

	for (size_t i = 0; i < p->n_cells; i++) {
		const struct probe_cell *c = &p->cells[i];

		if (strcmp(c->cipher, "aes-gcm-128"))
			continue;
		t.n++;
		t.works += c->verdict == PROBE_WORKS || c->verdict == PROBE_NO_WITNESS;
		t.broken += c->verdict == PROBE_BROKEN;
		if (c->verdict == PROBE_UNKNOWN && !t.unknown)
			t.unknown = c->err ? c->err : -EIO;
		if ((c->verdict == PROBE_NOT_IN_KERNEL ||
		     c->verdict == PROBE_NO_CRYPTO) &&
		    !t.missing)
			t.missing = c->err ? c->err : -EINVAL;
	}
	return t;
}

static void say_cells(const struct facts *f, struct report *r)
{
	const struct tally t = tally_of(&f->probe);
	struct finding *fi;

	if (t.broken) {
		fi = say(r, VERDICT_FAIL,
			 "the kernel's own encryption is broken: it does not agree with "
			 "libcrypto");
		because(fi, "probe-broken");
		remedy(fi, "boot another kernel, and report what was seen",
		       "ktlsctl probe --kernel --json", REMEDY_REBOOT, NULL);
	} else if (t.unknown) {
		fi = say_refused(f, r, t.unknown);
	} else if (!t.works && t.missing == -EINVAL && f->sockmap.maps) {
		fi = say(r, VERDICT_FAIL,
			 "the kernel refuses keys to a socket that a BPF program puts in "
			 "a map");
		because(fi, "probe-sockmap");
		remedy(fi, "see whose maps they are and keep TLS connections out of them",
		       "bpftool map list | grep -E 'sockmap|sockhash'", REMEDY_ROOT,
		       NULL);
	} else if (!t.works) {
		fi = say(r, VERDICT_FAIL, "the kernel takes no AES-128-GCM keys: %s",
			 strerror(-t.missing));
		because(fi, "probe-no-cipher");
		remedy(fi, "see which ciphers it takes", "ktlsctl probe --kernel", 0,
		       NULL);
	} else if (t.works < t.n) {
		fi = say(r, VERDICT_WARN,
			 "it works on loopback, but not for every version and direction");
		because(fi, "probe-partial");
		remedy(fi, "boot Linux 5.1 or later for TLS 1.3", NULL, REMEDY_REBOOT,
		       NULL);
	} else {
		fi = say(r, VERDICT_OK,
			 "proved on loopback: AES-128-GCM, TLS 1.2 and 1.3, both "
			 "directions");
	}
	add_cells(fi, f, r);
}

static void run(const struct facts *f, struct report *r)
{
	const struct probe_facts *p = &f->probe;
	struct finding *fi;

	if (!p->src.where && !p->skipped && !f->kernel.src.where) {
		say(r, VERDICT_UNKNOWN, "could not find out: nothing was looked at");
	} else if (!p->src.where) {
		say(r, VERDICT_SKIP, "not tried: %s",
		    p->skipped ? p->skipped : "this snapshot is older than the trial");
	} else if (p->src.err && is_filtered(f)) {
		say_filtered(r);
	} else if (p->src.err) {
		fi = say(r, VERDICT_UNKNOWN, "trying on loopback came to no end: %s",
			 strerror(-p->src.err));
		because(fi, "probe-unfinished");
		evidence(fi, p->src.where, "works", "%s", strerror(-p->src.err));
	} else if (!p->ulp) {
		say_refused(f, r, p->ulp_err);
	} else {
		say_cells(f, r);
	}
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL,
	  "the kernel and libcrypto agree on what was sent, in both directions", NULL },
	{ VERDICT_WARN, "probe-partial", "a version or direction is not in this kernel",
	  "boot a newer kernel" },
	{ VERDICT_FAIL, "probe-broken", "what the kernel makes is not what it should be",
	  "boot another kernel" },
	{ VERDICT_FAIL, "probe-no-cipher", "no AES-128-GCM keys are taken",
	  "ktlsctl probe shows what is" },
	{ VERDICT_FAIL, "probe-sockmap",
	  "AES-128-GCM keys get EINVAL, and there are BPF maps of sockets",
	  "keep the two apart" },
	{ VERDICT_FAIL, "probe-mptcp",
	  "the caller's sockets are MPTCP (mptcpize, a BPF program), which take no TLS",
	  "plain TCP" },
	{ VERDICT_FAIL, "probe-refused",
	  "the kernel has TLS, and setsockopt(2) is refused to this caller",
	  "look at seccomp, LSM and BPF" },
	{ VERDICT_UNKNOWN, "probe-failed", "there was no connection, or no memory",
	  NULL },
	{ VERDICT_UNKNOWN, "probe-unfinished",
	  "no answer in time (the machine may be too busy), or the child died",
	  "try again: ktlsctl probe" },
	{ VERDICT_SKIP, NULL,
	  "trying would not be free of side effects: the module is not loaded, or no "
	  "network namespace of its own is permitted (only root may have one); or a "
	  "filter denies it, which tls-seccomp says",
	  "ktlsctl probe" },
	{ 0 },
};

const struct check check_kernel_probe = {
	.id = "kernel-probe",
	.category = "kernel",
	.title = "kTLS tried on loopback",
	.why = "What works is worth more than any version number: vendors back-port, and "
	       "leave out. Two connections of ktlsctl with itself, with throw-away keys "
	       "and in a network namespace of their own, send and receive through the "
	       "kernel, and libcrypto compares.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls.html",
	.uses = FACT_PROBE | FACT_KERNEL | FACT_CALLER | FACT_SOCKMAP | FACT_MPTCP,
	.run = run,
};
