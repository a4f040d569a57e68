/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>

#include "../lib/host/host.h"
#include "sockets_look.h"

static const char *const options[] = { "all",      "unused",    "summary", "pid",
				       "port",     "mode",      "netns",   "watch",
				       "max-time", "no-owners", "format",  "json",
				       "ndjson",   "output",    "color",   "debug",
				       "help",     "version",   NULL };

static int to_sink(void *arg, const char *p, size_t n)
{
	struct look *l = arg;

	return sink_write(&l->sink, p, n);
}

/* Until nobody reads any more. */
static int watch(struct look *l)
{
	uint64_t next = cmd_now_ns(CLOCK_MONOTONIC);
	int err = 0;

	l->context.samples = samples_new();
	while (!err) {
		err = l->context.samples ? samples_begin(l->context.samples,
							 cmd_now_ns(CLOCK_MONOTONIC))
					 : -ENOMEM;
		l->context.time_ms = cmd_now_ns(CLOCK_REALTIME) / 1000000;
		if (!err)
			err = look_once(l);
		if (!err)
			err = stream_flush(&l->stream);
		look_forget(l);
		next += l->s->watch_ms * 1000000;
		if (!err)
			cmd_sleep_until(next);
	}
	samples_free(l->context.samples);
	return err;
}

static bool comes_from_kernel(const struct look *l, int err)
{
	return err && (err != l->stream.err || l->failed) && err != -ENOMEM;
}

/* What the kernel would not tell goes to stderr, and as an error to who reads JSON. */
static int cannot_look(struct look *l, int err)
{
	const struct settings *s = l->s;

	if (s->netns && (err == -ENOENT || err == -EPERM || err == -EINVAL))
		return usage_error(s, "sockets", "--netns: '%s' cannot be entered: %s",
				   s->netns, strerror(-err));
	usage_error(s, "sockets", "the kernel does not tell of its sockets: %s",
		    strerror(-err));
	return EXIT_UNKNOWN;
}

static int hidden(const struct settings *s)
{
	if (s->format == FORMAT_NDJSON && !s->all)
		usage_error(s, "sockets",
			    "there are kTLS sockets, and this kernel hides them from "
			    "callers without CAP_NET_ADMIN");
	return EXIT_UNKNOWN;
}

static int finish(struct look *l, int err)
{
	enum ulp_sight sight;

	if (comes_from_kernel(l, err)) {
		sink_discard(&l->sink);
		free(l->stream.buf);
		look_forget(l);
		return cannot_look(l, err);
	}
	if (!err)
		err = stream_end(&l->stream);
	else
		free(l->stream.buf);
	if (l->left_out)
		fprintf(stderr,
			"ktlsctl: network namespaces that could not be entered: %" PRIu64
			"\n",
			l->left_out);
	look_forget(l);
	sight = l->survey.sight;
	err = sink_close(&l->sink, err, EXIT_FINE);
	return !err && sight == ULP_HIDDEN ? hidden(l->s) : err;
}

static const char *wrong_options(const struct settings *s)
{
	const char *wrong = watch_wrong(s);

	if (wrong)
		return wrong;
	if (s->summary && s->format == FORMAT_NDJSON)
		return "--summary is no line a socket: text or --json";
	if (s->no_owners && (s->unused || s->pid))
		return "--no-owners goes with neither --unused nor --pid";
	if (s->unused && (s->all || s->mode))
		return "--unused goes with neither --all nor --mode";
	return NULL;
}

static int run(const struct settings *s, int argc, char **argv)
{
	const char *wrong = wrong_options(s);
	cleanup_host struct host *h = NULL;
	struct look l = { .s = s };
	int err;

	if (argc)
		return usage_error(s, "sockets", "'%s' is too much", argv[0]);
	if (wrong)
		return usage_error(s, "sockets", "%s", wrong);
	err = open_host(s, "sockets", &h);
	if (err)
		return err;
	l.h = h;
	l.stream = (struct stream){ .write = to_sink, .items = look_items, .arg = &l };
	err = sink_open(s, &l.sink, s->output);
	if (err)
		return sink_close(&l.sink, err, EXIT_FINE);
	err = stream_begin(&l.stream);
	if (!err)
		err = s->watch_ms ? watch(&l) : look_once(&l);
	return finish(&l, err);
}

const struct command cmd_sockets = {
	.name = "sockets",
	.args = "",
	.summary = "the connections on kTLS: whose, which cipher, who encrypts",
	.about = "Asks sock_diag for the TCP sockets of this network namespace, which "
		 "makes the kernel\nload tcp_diag, and /proc for the processes that hold "
		 "them. TX and RX: none (the\nprogram), sw (the kernel), hw (a NIC, by "
		 "the label set when the keys came). NIC is by\nroute. Up to Linux 6.14 "
		 "kTLS is seen with CAP_NET_ADMIN only.\n\nExit status: 0 the answer is "
		 "complete, whatever it says, 2 wrong usage, 3 the kernel\nhides kTLS "
		 "from this caller, or tells nothing.",
	.options = options,
	.formats = FORMAT_BIT(FORMAT_TEXT) | FORMAT_BIT(FORMAT_JSON) |
		   FORMAT_BIT(FORMAT_NDJSON),
	.needs = &(const struct needs){ .caps = NEEDS_LOOK_CAPS,
					.calls = NEEDS_LOOK_CALLS },
	.run = run,
};
