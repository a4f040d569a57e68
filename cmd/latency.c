/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>

#include "../lib/facts/facts.h"
#include "../lib/host/host.h"
#include "../lib/load/latency_report.h"
#include "../lib/net/frames.h"
#include "latency_priv.h"

static const char *const options[] = { "count",    "duration",
				       "rate",     "timeout",
				       "size",     "ask",
				       "numa",     "hwtstamp",
				       "cpu",      "ktls",
				       "engine",   "tls",
				       "ciphers",  "ciphersuites",
				       "cacert",   "crl",
				       "insecure", "connect-timeout",
				       "format",   "json",
				       "output",   "html",
				       "color",    "help",
				       "version",  NULL };

static const struct option_help helps[] = {
	{ "rate", "ask N times a second at most (default: when the answer is there)" },
	{ "timeout", "how long a message may take (default: 5s)" },
	{ "size", "of wss: bytes of what is sent (default: 64; a ping: at most 125)" },
	{ "ciphers", "of TLS 1.2, as OpenSSL spells them (default: kTLS first)" },
	{ "ciphersuites", "of TLS 1.3 (default: AES-GCM, then ChaCha20)" },
	{ "ktls", "auto (default) or require: both ways; off: user space alone" },
	{ 0 },
};

/* The tls module, packets, io_uring's memory; and to put the NIC back as it was. */
#define CAPS (CONFINE_CAP(NET_ADMIN) | CONFINE_CAP(NET_RAW) | CONFINE_CAP(IPC_LOCK))

enum { COUNT = 1000, TIMEOUT_MS = 5000, CONNECT_MS = 10000, SIZE = 64 };

struct latency_run_state {
	const struct settings *s;
	struct url url;
	struct latency_options o;
	struct latency result;
	struct latency_report report;
	struct latency_doc doc;
	struct latency_place place;
};

/* They are blocked: they wait until somebody looks. */
static bool stopped(void)
{
	sigset_t set;

	return !sigpending(&set) &&
	       (sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1 ||
		sigismember(&set, SIGHUP) == 1 || sigismember(&set, SIGQUIT) == 1);
}

static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static uint64_t or_else(uint64_t value, uint64_t otherwise)
{
	return value ? value : otherwise;
}

static void fill_options(struct latency_run_state *k, bool wss)
{
	const struct settings *s = k->s;
	const struct request_settings *q = &s->request;
	const struct latency_settings *l = &s->latency;

	k->o = (struct latency_options){
		.url = &k->url,
		.wants = { .tls = { .version = q->tls,
				    .ciphers = s->ciphers,
				    .ciphersuites = s->ciphersuites,
				    .ca_file = q->cacert,
				    .crl_file = q->crl,
				    .insecure = q->insecure },
			   .require = q->ktls == REQUEST_REQUIRE,
			   .look = true,
			   .engine = (enum wire_engine)q->engine,
			   .connect_ns = (int64_t)or_else(q->connect_timeout_ms,
							  CONNECT_MS) *
					 1000000,
			   .end_ns = INT64_MAX },
		.ways = { q->ktls != REQUEST_OFF, true },
		.ask = !wss     ? LATENCY_GET
		       : l->ask ? (enum latency_ask)l->ask
				: LATENCY_PING,
		.size = (size_t)or_else(l->size, SIZE),
		.count = l->duration_ms ? l->count : or_else(l->count, COUNT),
		.duration_ns = (int64_t)l->duration_ms * 1000000,
		.timeout_ns = (int64_t)or_else(s->timeout_ms, TIMEOUT_MS) * 1000000,
		.gap_ns = s->rate ? 1000000000 / (int64_t)s->rate : 0,
		.stop = stopped,
	};
}

/* NULL: nothing is wrong with it. */
static const char *wrong(const struct settings *s, bool wss)
{
	const struct latency_settings *l = &s->latency;

	if (s->format != FORMAT_TEXT && s->format != FORMAT_JSON)
		return "--format: only text and json here";
	if (s->request.insecure && (s->request.cacert || s->request.crl))
		return "--insecure verifies nothing: no --cacert, no --crl";
	if (!wss && (l->ask || l->size))
		return "--ask and --size go with wss://";
	if (l->ask == LATENCY_PUBLISH && (l->size || s->rate))
		return "--ask=publish asks nothing: no --size, no --rate";
	if ((!l->ask || l->ask == LATENCY_PING) && l->size > FRAME_CONTROL_MAX)
		return "--size: a ping carries 125 bytes at most; --ask=echo has room";
	return NULL;
}

static int exit_status(const struct latency_run_state *k)
{
	bool connected = false;

	for (int i = 0; i < LATENCY_WAYS; i++)
		connected |= k->result.ways[i].connections > 0;
	if (k->result.end == LATENCY_STOPPED)
		return EXIT_FINE;
	for (int i = 0; i < LATENCY_WAYS; i++)
		if (k->result.ways[i].failed &&
		    k->result.ways[i].link.end >= CLIENT_CERTIFICATE)
			return EXIT_FINDINGS;
	if (k->result.end != LATENCY_FAILED)
		return EXIT_FINE;
	return connected ? EXIT_FINDINGS : EXIT_UNKNOWN;
}

static void fill_place(struct latency_run_state *k)
{
	const struct latency_settings *l = &k->s->latency;
	const struct latency_place *p = &k->place;
	struct latency_doc *d = &k->doc;

	d->pin = (struct latency_pin_doc){ .cpu = (int)l->cpu - 1,
					   .device = p->place.device,
					   .node = l->numa && !*p->why_node
							   ? p->place.node
							   : -1,
					   .why = p->why_node };
	d->hwtstamp = (struct latency_hwtstamp_doc){ .asked = l->hwtstamp,
						     .set = p->stamps,
						     .why = l->hwtstamp ? p->why_nic : "",
						     .device = p->nic.device,
						     .clock = p->nic.clock };
	for (int i = 0; i < LATENCY_WAYS; i++)
		if (k->result.ways[i].nic_error_ns > d->hwtstamp.error_ns)
			d->hwtstamp.error_ns = k->result.ways[i].nic_error_ns;
}

static int tell(struct latency_run_state *k, const struct facts *f)
{
	const struct text_style style = style_of(k->s);
	struct latency_doc *d = &k->doc;

	d->tool_version = KTLSCTL_VERSION;
	d->host = f->name;
	d->kernel = f->kernel.release ? f->kernel.release : "";
	d->openssl = f->openssl.version ? f->openssl.version : "";
	latency_report(&k->result, &k->o, &k->report, d);
	fill_place(k);
	return answer_with_page(k->s,
				k->s->format == FORMAT_JSON
					? doc_to_json(&latency_fields, d, true)
					: latency_text(d, &style),
				k->s->html ? latency_html(d) : NULL, exit_status(k));
}

static int measure(struct latency_run_state *k)
{
	const struct facts_query q = { .mask = FACT_KERNEL | FACT_OPENSSL };
	cleanup_host struct host *h = NULL;
	cleanup_facts struct facts *f = NULL;
	const int64_t begin = wire_now_ns();
	char why[256];
	int restored, err = open_host(k->s, "latency", &h);

	if (err)
		return err;
	if (facts_read(h, &q, &f, why, sizeof(why)))
		return answer(k->s, NULL, EXIT_UNKNOWN);
	block_signals();
	latency_place(k->s, h, &k->url, &k->place);
	confine_now(k->s, k->url.port);
	k->o.nic = k->place.stamps ? &k->place.nic : NULL;
	k->o.why_no_nic = k->place.why_nic;
	err = latency_run(&k->o, &k->result, why);
	restored = hwtstamp_end(&k->place.nic);
	if (restored)
		fprintf(stderr, "ktlsctl: --hwtstamp: %s could not be set back: %s\n",
			k->place.nic.device, strerror(-restored));
	if (err)
		return usage_error(k->s, "latency", "%s%s",
				   err == -ENOTSUP ? "--engine: " : "",
				   *why ? why : strerror(-err));
	k->doc.run_ms = (uint64_t)(wire_now_ns() - begin) / 1000000;
	return tell(k, f);
}

static int run(const struct settings *s, int argc, char **argv)
{
	const struct span text = argc ? span(argv[0], strlen(argv[0])) : span("", 0);
	const bool wss = url_is_wss(text);
	struct latency_run_state *k;
	const char *bad = wrong(s, wss);
	int status;

	if (argc != 1)
		return usage_error(s, "latency",
				   argc ? "'%s' is too much" : "it wants a URL%s",
				   argc ? argv[1] : "");
	if (bad)
		return usage_error(s, "latency", "%s", bad);
	k = calloc(1, sizeof(*k));
	if (!k)
		return answer(s, NULL, EXIT_UNKNOWN);
	bad = wss ? url_parse_wss(text, &k->url) : url_parse(text, &k->url);
	if (bad) {
		free(k);
		return usage_error(s, "latency", "'%s' is not %s URL: %s", argv[0],
				   wss ? "a wss" : "an https or wss", bad);
	}
	k->s = s;
	k->doc.url = argv[0];
	fill_options(k, wss);
	status = latency_pin(s);
	if (!status)
		status = measure(k);
	latency_free(&k->result);
	free(k);
	return status;
}

const struct command cmd_latency = {
	.name = "latency",
	.args = "https://HOST/PATH | wss://HOST/PATH",
	.summary = "where the microseconds of a received message go",
	.about =
		"Receives messages from the server, one after another, and says where "
		"the time of\neach goes: from the NIC to the kernel, to the wake-up, to "
		"the receive call,\nreceiving and decrypting, parsing, the application's "
		"callback. A connection that\nthe kernel decrypts and one that libssl "
		"does take turns, 25 messages each. Of\nhttps a message is the answer "
		"to a GET; of wss the pong to a ping, what the\nserver sends back "
		"(--ask=echo), or what it sends by itself (--ask=publish).\nWhen the "
		"kernel had a packet is seen by a packet socket (CAP_NET_RAW), in "
		"user\nspace by recvmsg as well; what cannot be measured is "
		"unavailable, and why is\nsaid. Ctrl-C shows what there is.\n\n"
		"Exit status: 0 the messages came, 1 the certificate, TLS or the "
		"server ended it\nearly, 2 wrong usage, 3 no connection.",
	.options = options,
	.own = &latency_options,
	.helps = helps,
	.needs = &(const struct needs){ .caps = CAPS,
					.files = NEEDS_TRUST | NEEDS_NAMES,
					.calls = CONFINE_SOCKETS,
					.tcp = CONFINE_TCP_PORT,
					.late = true,
					.kept = CAPS },
	.run = run,
};
