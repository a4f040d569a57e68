/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <net/if.h>

#include "../lib/host/arena.h"
#include "../lib/host/host.h"
#include "../lib/load/load.h"
#include "../lib/probe/probe.h"
#include "cmd.h"

static const char *const options[] = {
	"kernel", "openssl", "hostile",    "only",   "ciphers", "ciphersuites",
	"device", "peer",    "peer-netns", "format", "json",    "output",
	"html",   "color",   "debug",      "help",   "version", NULL
};

static const struct option_help helps[] = {
	{ "device", "go through this interface to a peer (the rest only if named)" },
	{ 0 },
};

static const struct id_kind ids = {
	probe_word_known,
	probe_word_at,
	"TLS1.2, TLS1.3, a cipher (aes-gcm-128), tx, rx or a feature (sendfile)",
	"only these: TLS1.3, aes-gcm-128, rx, sendfile, ...; comma-separated",
};

/* Checks that know why not all of it works. */
struct some_checks {
	const struct check *table[64];
	size_t n;
};

/* Without the TLS ULP: those of the kernel. */
static struct some_checks kernel_checks(void)
{
	struct some_checks k = { 0 };

	for (size_t i = 0; checks[i] && k.n + 1 < ARRAY_SIZE(k.table); i++)
		if (!strcmp(checks[i]->category, "kernel"))
			k.table[k.n++] = checks[i];
	return k;
}

/* With it: what was seen, and the checks that can explain that, the first one first. */
static const struct reason {
	enum probe_verdict saw;
	bool libssl; /* in a handshake; else in a cell */
	const char *check;
} reasons[] = {
	{ PROBE_NO_CRYPTO, false, "fips" },
	{ PROBE_NO_CRYPTO, false, "kernel-ciphers" },
	{ PROBE_NOT_IN_KERNEL, false, "sockmap" },
	{ PROBE_USER_SPACE, true, "openssl-ktls" },
	{ PROBE_USER_SPACE, true, "openssl-tls13-receive" },
};

static struct some_checks reason_checks(void)
{
	struct some_checks k = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		k.table[k.n++] = check_find(reasons[i].check);
	return k;
}

static bool has_seen(const struct probe_facts *p, const struct reason *w)
{
	for (size_t i = 0; !w->libssl && i < p->n_cells; i++)
		if (p->cells[i].verdict == w->saw)
			return true;
	for (size_t i = 0; w->libssl && i < p->n_handshakes; i++)
		if (p->handshakes[i].tx == w->saw || p->handshakes[i].rx == w->saw)
			return true;
	return false;
}

/* Makes the first check that found what was seen the cause; NULL: none did. */
static struct cause *limit_of(struct report *r, const struct probe_facts *p)
{
	r->cause = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(reasons) && !r->cause; i++)
		for (size_t j = 0; j < r->n_findings && has_seen(p, &reasons[i]); j++)
			if (!strcmp(r->findings[j].id, reasons[i].check) &&
			    (r->findings[j].verdict == VERDICT_FAIL ||
			     r->findings[j].verdict == VERDICT_WARN))
				blame(r, &r->findings[j], "probe");
	return r->cause;
}

/* Others may be using it: then only what fails can be why we cannot. */
static char *without_ulp(struct probe_report *out, const struct report *r)
{
	const bool fails = r->cause && r->cause->verdict == VERDICT_FAIL;
	char *text;
	int n;

	out->cause = r->status == STATUS_USED && !fails ? NULL : r->cause;
	if (fails)
		out->answer = PROBE_NO;
	if (out->cause && r->status == STATUS_CANNOT_WORK)
		return strdup(r->headline);
	n = asprintf(&text, "%s: %s%s%s",
		     out->probe.src.err ? "Whether the TLS ULP can be attached could not "
					  "be found out"
					: "The TLS ULP cannot be attached",
		     strerror(-out->probe.ulp_err), out->cause ? "; " : "",
		     out->cause ? out->cause->summary : "");
	return n < 0 ? NULL : text;
}

static char *with_ulp(struct probe_report *out, struct report *r, const char *kernel)
{
	cleanup_free char *tried = probe_headline(&out->probe, kernel);
	char *text;
	int n;

	if (!tried)
		return NULL;
	out->cause = limit_of(r, &out->probe);
	n = asprintf(&text, "%s%s%s", tried, out->cause ? "; " : "",
		     out->cause ? out->cause->summary : "");
	return n < 0 ? NULL : text;
}

static char *render(const struct settings *s, const struct probe_report *r)
{
	const struct text_style style = style_of(s);

	return s->format == FORMAT_JSON ? probe_json(r) : probe_text(r, &style);
}

static int exit_status(enum probe_answer answer)
{
	return answer == PROBE_YES  ? EXIT_FINE
	       : answer == PROBE_NO ? EXIT_FINDINGS
				    : EXIT_UNKNOWN;
}

static int conclude(const struct settings *s, const struct facts *f,
		    struct probe_report *out)
{
	const struct some_checks k = out->probe.ulp ? reason_checks() : kernel_checks();
	cleanup_report struct report *r = checks_run(k.table, f);
	cleanup_free char *headline = NULL;

	out->answer = probe_answer_of(&out->probe);
	if (r)
		headline = out->probe.ulp ? with_ulp(out, r, f->kernel.release)
					  : without_ulp(out, r);
	out->headline = headline;
	return answer_with_page(s, headline ? render(s, out) : NULL,
				headline && s->html ? probe_html(out) : NULL,
				exit_status(out->answer));
}

/* Whom --device is to talk to. */
struct other_end {
	struct peer_child child; /* of --peer-netns */
	struct address at;       /* of --peer */
};

static int enter_netns(const struct settings *s, struct other_end *e)
{
	int err = peer_spawn(s->peer_netns, &e->child);

	if (!err)
		return 0;
	if (err == -ENOENT)
		return usage_error(s, "probe",
				   "--peer-netns: there is no network namespace '%s'",
				   s->peer_netns);
	if (err == -EADDRNOTAVAIL)
		return usage_error(s, "probe", "--peer-netns: '%s' has no address",
				   s->peer_netns);
	usage_error(s, "probe", "--peer-netns: '%s' cannot be entered: %s", s->peer_netns,
		    strerror(-err));
	return EXIT_UNKNOWN;
}

/* 0 or the exit status, after one line. */
static int find_other_end(const struct settings *s, struct other_end *e)
{
	if (!s->device && (s->peer || s->peer_netns))
		return usage_error(s, "probe", "--%s goes with --device only",
				   s->peer ? "peer" : "peer-netns");
	if (!s->device)
		return 0;
	if (s->peer && s->peer_netns)
		return usage_error(s, "probe",
				   "--peer and --peer-netns exclude each other");
	if (!s->peer && !s->peer_netns)
		return usage_error(s, "probe",
				   "--device wants --peer or --peer-netns: who is to "
				   "answer beyond it?");
	if (!if_nametoindex(s->device))
		return usage_error(s, "probe",
				   "--device: there is no interface '%s' here",
				   s->device);
	if (s->peer_netns)
		return enter_netns(s, e);
	if (!address_parse(s->peer, &e->at) || !address_port(&e->at))
		return usage_error(s, "probe", "--peer: '%s' is not a numeric ADDR:PORT",
				   s->peer);
	return 0;
}

static struct probe_options options_of(const struct settings *s,
				       const struct other_end *e)
{
	const bool both = !s->kernel && !s->openssl && !s->device;

	return (struct probe_options){
		.kernel = both || s->kernel,
		.openssl = both || s->openssl,
		.hostile = s->hostile,
		.only = { s->only.ids, s->only.n },
		.ciphers = s->ciphers,
		.ciphersuites = s->ciphersuites,
		.device = s->device,
		.peers = s->peer_netns ? e->child.at : &e->at,
		.n_peers = s->peer_netns ? e->child.n_at : 1,
	};
}

static const char *hostile_word(const struct settings *s)
{
	for (size_t i = 0; i < s->only.n; i++)
		if (probe_word_hostile(s->only.ids[i]))
			return s->only.ids[i];
	return NULL;
}

static int check_usage(const struct settings *s, int argc, char **argv)
{
	if (argc)
		return usage_error(s, "probe", "'%s' is too much", argv[0]);
	if (s->hostile && (s->openssl || s->device) && !s->kernel)
		return usage_error(s, "probe",
				   "--hostile is for the kernel alone: it "
				   "needs --kernel beside --%s",
				   s->openssl ? "openssl" : "device");
	if (!s->hostile && hostile_word(s))
		return usage_error(s, "probe", "--only: '%s' needs --hostile",
				   hostile_word(s));
	return 0;
}

/*
 * Before anything is tried: records that no peer should send are not for a kernel that
 * may die of them. One without TLS never sees them.
 */
static int refuse_kernel(const struct settings *s, const struct facts *f)
{
	enum defect_state why;
	const struct kernel_defect *d = defect_feared(f->kernel.stable, &why);

	if (!s->hostile || !d || kernel_lacks_tls(f))
		return 0;
	if (why == DEFECT_OPEN)
		return refusal(s, "Linux %s has %s, mended in %s; nothing was tried",
			       f->kernel.stable, d->id, d->fixed);
	if (f->kernel.stable)
		return refusal(s,
			       "whether Linux %s has %s is not known; nothing was tried",
			       f->kernel.stable, d->id);
	return refusal(s,
		       "%s is a vendor's number, which does not tell whether it has %s; "
		       "nothing was tried",
		       f->kernel.release, d->id);
}

/* The child would not go on where others are. */
static int refuse_namespace(const struct settings *s, const struct probe_facts *p)
{
	if (!s->hostile || !p->ulp || p->private_netns || p->src.err)
		return 0;
	return refusal(s, "--hostile needs a network namespace of its own, which is not "
			  "permitted here; nothing was sent");
}

static int try(const struct settings *s, const struct other_end *e)
{
	cleanup_host struct host *h = NULL;
	cleanup_facts struct facts *f = NULL;
	const struct probe_options o = options_of(s, e);
	const struct some_checks kernel = kernel_checks(), limits = reason_checks();
	const struct facts_query q = { .mask = checks_mask(kernel.table) |
					       checks_mask(limits.table) };
	struct probe_report out = { .tool_version = KTLSCTL_VERSION };
	char why[256];
	int err;

	err = open_host(s, "probe", &h);
	if (err)
		return err;
	err = facts_read(h, &q, &f, why, sizeof(why));
	if (err)
		return usage_error(s, "probe", "%s", why);
	err = refuse_kernel(s, f);
	if (err)
		return err;
	out.host = f->name;
	out.kernel = f->kernel.release;
	out.openssl = f->openssl.version;
	if (probe_run(&o, f->arena, &out.probe))
		return answer(s, NULL, EXIT_UNKNOWN);
	err = refuse_namespace(s, &out.probe);
	if (err)
		return err;
	out.loaded_module = out.probe.ulp && facts_ulp_absent(f);
	/* That its sockets are MPTCP no reading tells. */
	if (out.probe.ulp_err == -ENOPROTOOPT)
		f->probe = out.probe;
	return conclude(s, f, &out);
}

static int run(const struct settings *s, int argc, char **argv)
{
	struct other_end e = { 0 };
	int err;

	err = check_usage(s, argc, argv);
	if (err)
		return err;
	err = find_other_end(s, &e);
	if (!err)
		err = try(s, &e);
	peer_end(&e.child);
	return err;
}

const struct command cmd_probe = {
	.name = "probe",
	.args = "",
	.summary = "try kTLS on loopback: every version, cipher and direction",
	.about =
		"Connects to itself with throw-away keys, in a network namespace of its "
		"own where\nthat is permitted, and compares what the kernel does with "
		"what libcrypto does.\nNothing is left behind, but the modules it needs: "
		"as root, trying loads tls, and\nthe kernel its ciphers, as for any "
		"program.\n\nWith --device, through a network interface to ktlsctl "
		"serve beyond it: who\nencrypts, the NIC, the kernel or libssl, and why "
		"not the NIC.\n\nExit status: 0 it works, 1 it does not (no TLS in this "
		"kernel, something is\nbroken, with --device nothing is offloaded), 2 "
		"wrong usage, 3 that could not be\nfound out, 4 refused (--hostile, see "
		"there).",
	.options = options,
	.helps = helps,
	.ids = &ids,
	.needs = &(const struct needs){ .caps = NEEDS_LOOK_CAPS | CONFINE_CAP(IPC_LOCK),
					.calls = NEEDS_LOOK_CALLS },
	.run = run,
};
