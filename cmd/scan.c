/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "../lib/host/arena.h"
#include "../lib/host/host.h"
#include "../lib/net/lookup.h"
#include "../lib/out/scan.h"
#include "../lib/probe/scan.h"
#include "cmd.h"

static const char *const options[] = { "starttls", "servername", "timeout", "max-time",
				       "rate",     "parallel",   "load",    "format",
				       "json",     "output",     "color",   "debug",
				       "help",     "version",    NULL };

static const struct option_help helps[] = {
	{ "load", "load the tls module first (root), so that the handshakes can use it" },
	{ "max-time", "end after TIME (default: 60s); what is open then is unknown" },
	{ 0 },
};

enum { TIMEOUT_MS = 5000, TOTAL_MS = 60000, RATE = 10, PARALLEL = 2 };

/* What the verdicts are made from. */
static const unsigned wanted = FACT_OS | FACT_KERNEL | FACT_KCONFIG | FACT_MODULE |
			       FACT_MODPROBE | FACT_ULP | FACT_TLS_STAT | FACT_CRYPTO |
			       FACT_FIPS | FACT_CALLER | FACT_CONTAINER | FACT_OPENSSL |
			       FACT_CIPHERS;

struct scan {
	const struct settings *s;
	struct target target;
	enum starttls_kind start;
	struct address addresses[SCAN_ADDRESSES];
	int n_addresses; /* or -errno */
	struct arena *a;
	struct scan_doc doc;
};

static enum starttls_kind start_of(const char *word)
{
	for (int i = STARTTLS_NONE; word && i < STARTTLS_KINDS; i++)
		if (!strcmp(starttls_words[i], word))
			return (enum starttls_kind)i;
	return STARTTLS_NONE;
}

static uint64_t or_else(uint64_t value, uint64_t otherwise)
{
	return value ? value : otherwise;
}

static const char *servername(const struct scan *k)
{
	if (k->s->servername)
		return k->s->servername;
	return k->target.numeric ? NULL : k->target.host;
}

/* A module that is not there would be loaded by the first handshake of root. */
static const char *why_not_tried(const struct facts *f)
{
	if (facts_ulp_proven(f))
		return "";
	return "the tls module is not loaded, and asking for kTLS might load it";
}

static void begin(struct scan *k, const struct facts *f)
{
	struct scan_doc *d = &k->doc;

	d->tool_version = KTLSCTL_VERSION;
	d->kernel = f->kernel.release ? f->kernel.release : "";
	d->openssl = f->openssl.version ? f->openssl.version : "";
	d->starttls = starttls_words[k->start];
	d->servername = servername(k) ? servername(k) : "";
	d->not_tried = why_not_tried(f);
	d->tried = !*d->not_tried;
	d->address = d->error = "";
	d->certificate = (struct scan_certificate){
		.error = "", .subject = "", .key = "", .not_after = ""
	};
}

static int scan(struct scan *k)
{
	const struct settings *s = k->s;
	const struct scan_options o = {
		.host = s->servername ? s->servername : k->target.host,
		.numeric = k->target.numeric && !s->servername,
		.servername = servername(k),
		.start = k->start,
		.addresses = k->addresses,
		.n_addresses = (size_t)k->n_addresses,
		.timeout_ms = or_else(s->timeout_ms, TIMEOUT_MS),
		.max_time_ms = or_else(s->max_time_ms, TOTAL_MS),
		.rate = or_else(s->rate, RATE),
		.parallel = or_else(s->parallel, PARALLEL),
		.ktls = k->doc.tried,
	};

	if (k->n_addresses > 0)
		return scan_run(&o, k->a, &k->doc);
	k->doc.answer = SCAN_UNREACHABLE;
	k->doc.error = k->n_addresses == -ENOENT ? "there is no such name"
						 : strerror(-k->n_addresses);
	return k->n_addresses == -ENOMEM ? -ENOMEM : 0;
}

static int exit_status(const struct scan_doc *d)
{
	if (d->answer == SCAN_UNREACHABLE)
		return EXIT_UNKNOWN;
	return d->answer == SCAN_COMPLETE && d->certificate.valid ? EXIT_FINE
								  : EXIT_FINDINGS;
}

static char *render(const struct scan *k)
{
	const struct text_style style = style_of(k->s);

	return k->s->format == FORMAT_JSON ? doc_to_json(&scan_fields, &k->doc, true)
					   : scan_text(&k->doc, &style);
}

/* A failure is no error: what was not tried is said. */
static void load(struct host *h)
{
	int err = host_load_module(h, "tcp-ulp-tls");

	if (err)
		fprintf(stderr, "ktlsctl: the tls module could not be loaded: %s\n",
			strerror(-err));
}

static int look(struct scan *k, struct host *h)
{
	const struct facts_query q = { .mask = wanted };
	cleanup_facts struct facts *f = NULL;
	char why[256];
	int err;

	if (k->s->load)
		load(h);
	if (facts_read(h, &q, &f, why, sizeof(why)))
		return answer(k->s, NULL, EXIT_UNKNOWN);
	begin(k, f);
	confine_now(k->s, k->target.port);
	k->n_addresses = target_lookup(&k->target, or_else(k->s->timeout_ms, TIMEOUT_MS),
				       k->addresses, ARRAY_SIZE(k->addresses));
	err = scan(k);
	if (!err)
		err = scan_judge(f, k->a, &k->doc);
	return answer(k->s, err ? NULL : render(k), exit_status(&k->doc));
}

static int run(const struct settings *s, int argc, char **argv)
{
	struct scan k = { .s = s, .start = start_of(s->starttls) };
	cleanup_host struct host *h = NULL;
	cleanup_arena struct arena *a = NULL;
	int err;

	if (argc != 1)
		return usage_error(s, "scan",
				   argc ? "'%s' is too much"
					: "whom? HOST:PORT is missing%s",
				   argc ? argv[1] : "");
	if (!target_parse(argv[0], &k.target))
		return usage_error(s, "scan", "'%s' is not HOST:PORT", argv[0]);
	k.doc.target = argv[0];
	err = open_host(s, "scan", &h);
	if (err)
		return err;
	k.a = a = arena_new();
	return a ? look(&k, h) : answer(s, NULL, EXIT_UNKNOWN);
}

const struct command cmd_scan = {
	.name = "scan",
	.args = "HOST:PORT",
	.summary = "what a TLS server accepts, and what of it this host could offload",
	.about = "Shakes hands with the server again and again, until it is known "
		 "which suites\nit accepts with TLS 1.0 to 1.3; counts tickets, "
		 "asks for short records and\nfor new keys; and says of each suite "
		 "whether this kernel and this OpenSSL could\noffload it, which "
		 "order of suites lets kTLS work, and the lines to write. Of "
		 "a\nname with many addresses the first that answers is scanned. "
		 "Where the tls\nmodule is loaded, the handshakes use kTLS, and the "
		 "kernel may load ciphers for\nthem. A server sees some thirty "
		 "short connections, and in three of them a\nrequest: GET /, EHLO "
		 "or CAPABILITY.\n\nExit status: 0 the answer is complete, 1 it is "
		 "not, there was no handshake, or\nthe certificate is not valid, 2 "
		 "wrong usage, 3 no connection.",
	.options = options,
	.helps = helps,
	/* It looks at the host first, and may load the tls module. */
	.needs = &(const struct needs){ .caps = NEEDS_LOOK_CAPS,
					.files = NEEDS_TRUST | NEEDS_NAMES,
					.calls = CONFINE_SOCKETS,
					.tcp = CONFINE_TCP_PORT,
					.late = true },
	.run = run,
};
