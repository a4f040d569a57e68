/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>

#include "../lib/load/bench.h"
#include "../lib/net/tls.h"
#include "options.h"

static const char *const options[] = {
	"workload", "quick",    "duration",     "size",    "connections",
	"tls",      "ciphers",  "ciphersuites", "netns",   "peer",
	"cacert",   "insecure", "format",       "json",    "html",
	"output",   "only",     "skip",         "load",    "verbose",
	"color",    "progress", "help",         "version", NULL
};

static const struct option_help helps[] = {
	{ "ciphers", "these suites of TLS 1.2, colons between them" },
	{ "ciphersuites", "these of TLS 1.3 (default: TLS_AES_128_GCM_SHA256)" },
	{ "netns", "put the other end there (ip netns; default: loopback)" },
	{ "peer", "ktlsctl serve of another host is the other end" },
	{ "cacert", "of --peer: believe these authorities (PEM), not this host's" },
	{ "insecure", "of --peer: do not verify who it is, as no serve can be" },
	{ "load", "let the kernel load algif_aead, to measure what it encrypts itself" },
	{ "verbose", "who says that each mode ran as named, too" },
	{ "format", "text (default) or json" },
	{ 0 },
};

static const char usual12[] = "ECDHE-ECDSA-AES128-GCM-SHA256",
		  usual13[] = "TLS_AES_128_GCM_SHA256";

/* ---- what is asked for ---- */

/* The list is cut at its colons: it is ours, argv may be written to. */
static bool add_suites(struct bench_options *o, const char *list, uint16_t version)
{
	char *save = NULL;

	for (char *name = strtok_r((char *)list, ":,", &save); name;
	     name = strtok_r(NULL, ":,", &save)) {
		if (o->n_suites == BENCH_SUITES_MAX)
			return false;
		o->suites[o->n_suites++] = (struct bench_suite){ version, name };
	}
	return true;
}

/* Both versions only where both are asked for. */
static bool take_suites(const struct settings *s, struct bench_options *o)
{
	const uint16_t tls = s->request.tls;
	bool fits = true;

	o->n_suites = 0;
	if (s->ciphersuites && tls != KTLS_1_2)
		fits = add_suites(o, s->ciphersuites, KTLS_1_3);
	if (fits && s->ciphers && tls != KTLS_1_3)
		fits = add_suites(o, s->ciphers, KTLS_1_2);
	if (!o->n_suites)
		o->suites[o->n_suites++] =
			tls == KTLS_1_2 ? (struct bench_suite){ KTLS_1_2, usual12 }
					: (struct bench_suite){ KTLS_1_3, usual13 };
	return fits;
}

static bool is_mode(const char *word)
{
	return bench_mode_named(word);
}

static const char *mode_at(size_t i)
{
	return bench_modes[i] ? bench_mode_name(bench_modes[i]) : NULL;
}

static const struct id_kind ids = {
	is_mode,
	mode_at,
	"one of openssl, ktls, ktls-sendfile, ktls-zerocopy, ktls-uring, plain",
	"modes: openssl, ktls, ktls-sendfile, ktls-zerocopy, ktls-uring, plain",
};

static bool names(const struct id_list *l, const char *id)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->ids[i], id))
			return true;
	return false;
}

/* *list has room for all of them. */
static bool take_modes(const struct settings *s, const struct bench_mode **list)
{
	size_t n = 0;

	for (size_t i = 0; bench_modes[i]; i++) {
		const char *id = bench_mode_name(bench_modes[i]);

		if ((!s->only.n || names(&s->only, id)) && !names(&s->skip, id))
			list[n++] = bench_modes[i];
	}
	list[n] = NULL;
	return n;
}

/* ---- progress, on a terminal only ---- */

static void show(void *arg, const struct bench_progress *p)
{
	(void)arg;
	if (p->total)
		fprintf(stderr, "\r%-9s %3" PRIu64 " %%, %" PRIu64 " s left \033[K",
			p->what, p->done * 100 / p->total, (p->left_ms + 999) / 1000);
	else
		fprintf(stderr, "\r%-9s trying the modes\033[K", p->what);
}

static bool shows(const struct settings *s)
{
	const char *term = getenv("TERM");

	return !s->request.no_progress && isatty(STDERR_FILENO) && term &&
	       strcmp(term, "dumb") != 0;
}

/* ---- the answer ---- */

static int failed(const struct settings *s, int err)
{
	const char *reason = tls_reason();

	if (err == -E2BIG)
		return usage_error(s, "bench", "too many sizes and suites at once");
	if (s->netns && err != -ENOMEM && err != -EIO)
		return usage_error(s, "bench", "--netns: '%s': %s", s->netns,
				   strerror(-err));
	return usage_error(s, "bench", "cannot measure: %s",
			   err == -EIO && *reason ? reason : strerror(-err));
}

/* ---- another host ---- */

/* As a certificate would name it: neither port nor scope. */
static void host_of(const struct address *at, char text[ADDRESS_TEXT])
{
	address_text(at, text);
	*strrchr(text, ':') = '\0';
	if (*text == '[') {
		memmove(text, text + 1, strlen(text));
		text[strcspn(text, "%]")] = '\0';
	}
}

/* What takes minutes does not fail at their end for what was wrong at their beginning. */
static int take_asked(const struct settings *s, struct bench_options *o)
{
	const int err = s->output ? page_cannot_write(s->output) : 0;

	if (err)
		return usage_error(s, "bench", "--output: '%s' cannot be written: %s",
				   s->output, strerror(-err));
	if (s->ciphers && s->request.tls == KTLS_1_3)
		return usage_error(s, "bench", "--ciphers are those of TLS 1.2");
	if (s->ciphersuites && s->request.tls == KTLS_1_2)
		return usage_error(s, "bench", "--ciphersuites are those of TLS 1.3");
	if (!take_suites(s, o))
		return usage_error(s, "bench", "more than %d suites at once",
				   BENCH_SUITES_MAX);
	return 0;
}

static int take_peer(const struct settings *s, struct bench_options *o,
		     struct bench_peer *p, char text[ADDRESS_TEXT])
{
	const bool trust = s->request.insecure || s->request.cacert;

	if (!s->peer && trust)
		return usage_error(s, "bench", "%s goes with --peer",
				   s->request.insecure ? "--insecure" : "--cacert");
	if (!s->peer)
		return 0;
	if (s->netns)
		return usage_error(s, "bench", "--peer and --netns exclude each other");
	if (s->request.insecure && s->request.cacert)
		return usage_error(s, "bench",
				   "--insecure verifies nothing: no --cacert");
	if (!address_parse(s->peer, &p->at) || !address_port(&p->at))
		return usage_error(s, "bench", "--peer: '%s' is not a numeric ADDR:PORT",
				   s->peer);
	if (o->connections > BENCH_PEER_CONNECTIONS)
		return usage_error(s, "bench", "--connections: a peer takes %d at most",
				   BENCH_PEER_CONNECTIONS);
	host_of(&p->at, text);
	p->verify = s->request.insecure ? NULL : text;
	p->ca_file = s->request.cacert;
	o->peer = p;
	return 0;
}

/* Before anything is measured: that it is there, who it is, that it knows this. */
static int try_peer(const struct settings *s, const struct bench_options *o)
{
	char why[160] = "";

	if (!o->peer)
		return 0;
	if (!o->peer->verify)
		fprintf(stderr, "ktlsctl: WARNING: --insecure: the certificate is not "
				"verified, whoever answers\n");
	if (!bench_peer_try(o, why))
		return 0;
	usage_error(s, "bench", "--peer: '%s': %s", s->peer, why);
	return EXIT_UNKNOWN;
}

static int measure(const struct settings *s, struct bench_options *o)
{
	const struct text_style style = style_of(s);
	cleanup_arena struct arena *a = arena_new();
	struct bench_doc doc;
	int err = a ? bench_run(o, a, &doc) : -ENOMEM;

	if (o->progress)
		fputs("\r\033[K", stderr);
	if (err)
		return failed(s, err);
	return answer_with_page(s,
				s->format == FORMAT_JSON
					? doc_to_json(&bench_fields, &doc, true)
					: bench_text(&doc, &style),
				s->html ? bench_html(&doc) : NULL, EXIT_FINE);
}

static int run(const struct settings *s, int argc, char **argv)
{
	cleanup_close int stop = -1;
	const struct bench_mode *modes[16];
	struct bench_options o = s->bench;
	char at[ADDRESS_TEXT];
	struct bench_peer peer;
	int status;

	if (s->format != FORMAT_TEXT && s->format != FORMAT_JSON)
		return usage_error(s, "bench", "--format: only text and json here");
	if (argc)
		return usage_error(s, "bench", "'%s' is too much", argv[0]);
	if (!take_modes(s, modes))
		return usage_error(s, "bench", "--skip leaves no mode");
	status = take_asked(s, &o);
	if (!status)
		status = take_peer(s, &o, &peer, at);
	if (!status)
		status = try_peer(s, &o);
	if (status)
		return status;
	o.modes = modes;
	stop = end_signals();
	o.stop = stop;
	o.netns = s->netns;
	o.load = s->load;
	o.progress = shows(s) ? show : NULL;
	return measure(s, &o);
}

const struct command cmd_bench = {
	.name = "bench",
	.args = "",
	.summary = "what kTLS gains here, beside OpenSSL in user space",
	.about = "The same handshake, cipher and bytes by each mode in turn, round after "
		 "round: OpenSSL\nin user space, kTLS, its sendfile(2), io_uring, and "
		 "plain TCP. One end of each\nconnection has the mode, the other is "
		 "OpenSSL always. Figures are medians over the\nrounds with their 95 % "
		 "intervals; what differs by less than that is no difference.\nA mode "
		 "that is not to be had says why. Ctrl-C ends it with what there is.\n\n"
		 "bulk       one end sends as fast as it can, and the other way round\n"
		 "rpc        a request and an answer of the same size\n"
		 "websocket  frames to many connections in turn, and their echo\n"
		 "close      connect, shake hands, one answer, close\n\nWith "
		 "--peer ktlsctl serve of another host is the other end, and answers; "
		 "serve makes\nits certificate anew, so --insecure. What that host "
		 "measured of itself says so.\n\n"
		 "Needs no privileges. As root it may make the kernel load the tls "
		 "module.\n\nExit status: 0 the answer is complete, whatever it says; 2 "
		 "wrong usage; 3 no\npeer that knows this.",
	.options = options,
	.ids = &ids,
	.helps = helps,
	.needs = &(const struct needs){ .caps = NEEDS_LOOK_CAPS | CONFINE_CAP(IPC_LOCK),
					.calls = CONFINE_NAMESPACES | CONFINE_PERF |
						 CONFINE_SOCKETS },
	.run = run,
};
