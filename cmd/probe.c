/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "../lib/host/arena.h"
#include "../lib/host/host.h"
#include "../lib/probe/probe.h"
#include "cmd.h"

static const char *const options[] = {
	"kernel", "openssl", "only",  "ciphers", "ciphersuites", "format", "json",
	"output", "color",   "debug", "help",    "version",      NULL
};

static const struct id_kind ids = {
	probe_word_known,
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
	n = asprintf(&text, "The TLS ULP cannot be attached: %s%s%s",
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
	return answer(s, headline ? render(s, out) : NULL, exit_status(out->answer));
}

static struct probe_options options_of(const struct settings *s)
{
	const bool both = !s->kernel && !s->openssl;

	return (struct probe_options){
		.kernel = both || s->kernel,
		.openssl = both || s->openssl,
		.only = { s->only.ids, s->only.n },
		.ciphers = s->ciphers,
		.ciphersuites = s->ciphersuites,
	};
}

static int run(const struct settings *s, int argc, char **argv)
{
	cleanup_host struct host *h = NULL;
	cleanup_facts struct facts *f = NULL;
	const struct probe_options o = options_of(s);
	const struct some_checks kernel = kernel_checks(), limits = reason_checks();
	const struct facts_query q = { .mask = checks_mask(kernel.table) |
					       checks_mask(limits.table) };
	struct probe_report out = { .tool_version = KTLSCTL_VERSION };
	char why[256];
	int err;

	if (s->format != FORMAT_TEXT && s->format != FORMAT_JSON)
		return usage_error(s, "probe", "--format: only text and json here");
	if (argc)
		return usage_error(s, "probe", "'%s' is too much", argv[0]);
	err = open_host(s, "probe", &h);
	if (err)
		return err;
	err = facts_read(h, &q, &f, why, sizeof(why));
	if (err)
		return usage_error(s, "probe", "%s", why);
	out.kernel = f->kernel.release;
	out.openssl = f->openssl.version;
	if (probe_run(&o, f->arena, &out.probe))
		return answer(s, NULL, EXIT_UNKNOWN);
	out.loaded_module = out.probe.ulp && facts_ulp_absent(f);
	return conclude(s, f, &out);
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
		"program.\n\nExit status: 0 it works, 1 it does not (no TLS in this "
		"kernel, or something is\nbroken), 2 wrong usage, 3 that could not be "
		"found out.",
	.options = options,
	.ids = &ids,
	.run = run,
};
