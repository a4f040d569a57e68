/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "../lib/load/load.h"
#include "../lib/net/tls.h"
#include "cmd.h"

static const char *const options[] = {
	"listen", "max-connections", "max-time", "format", "json", "help", "version", NULL
};

static const struct option_help helps[] = {
	{ "max-time", "end after TIME; what is open then is cut" },
	{ 0 },
};

/* ktlsctl.serve/1: where it listens, told at once. */
struct listening {
	const char *tool_version, *address;
	uint64_t port;
};

static const struct field listening_rows[] = {
	FIELD(FIELD_STR, struct listening, tool_version, "ktlsctl that serves"),
	FIELD(FIELD_STR, struct listening, address,
	      "ADDR:PORT, as probe --peer takes it"),
	FIELD(FIELD_U64, struct listening, port, "the port alone"),
};

const struct fields serve_fields = {
	.name = "ktlsctl.serve/1",
	.help = "A peer that listens.",
	.size = sizeof(struct listening),
	.f = listening_rows,
	.n = ARRAY_SIZE(listening_rows),
};

static void tell(void *arg, const char *client, const char *what)
{
	(void)arg;
	fprintf(stderr, "%s %s\n", client, what);
}

static char *introduction(const struct settings *s, const struct address *at)
{
	char text[ADDRESS_TEXT], *line;
	const struct listening l = { KTLSCTL_VERSION, text, address_port(at) };

	address_text(at, text);
	if (s->format == FORMAT_JSON)
		return doc_to_json(&serve_fields, &l, true);
	return asprintf(&line, "listening on %s\n", text) < 0 ? NULL : line;
}

static int serve(const struct settings *s, int listener)
{
	cleanup_close int stop = end_signals();
	const struct peer_options o = {
		.listener = listener,
		.stop = stop,
		.max_served = s->max_connections,
		.max_time_ms = s->max_time_ms,
		.say = tell,
	};
	struct peer_done done = { 0 };
	int err = stop < 0 ? -errno : peer_serve(&o, &done);

	if (err) {
		const char *reason = tls_reason();

		fprintf(stderr, "ktlsctl: cannot serve: %s\n",
			*reason ? reason : strerror(-err));
		return EXIT_USAGE;
	}
	return s->max_connections && done.served < s->max_connections ? EXIT_FINDINGS
								      : EXIT_FINE;
}

static int run(const struct settings *s, int argc, char **argv)
{
	const char *where = s->listen ? s->listen : "127.0.0.1:0";
	cleanup_close int listener = -1;
	struct address at;
	int status;

	if (argc)
		return usage_error(s, "serve", "'%s' is too much", argv[0]);
	if (!address_parse(where, &at))
		return usage_error(s, "serve",
				   "--listen: '%s' is not a numeric ADDR:PORT", where);
	listener = peer_listen(&at);
	if (listener < 0)
		return usage_error(s, "serve", "--listen: '%s': %s", where,
				   strerror(-listener));
	status = answer(s, introduction(s, &at), EXIT_FINE);
	return status ? status : serve(s, listener);
}

const struct command cmd_serve = {
	.name = "serve",
	.args = "",
	.summary = "be the other end of probe --device, latency and bench",
	.about = "Listens, says where in one line, and answers by TLS 1.2 and "
		 "1.3, with a\ncertificate made for this run that nobody "
		 "verifies: ktlsctl at the other end\n(probe, and bench, also by "
		 "plain TCP), and by HTTP/1.1\n\n  GET "
		 "/bytes?size=BYTES\n  WebSocket /echo[?piece=BYTES]\n  WebSocket "
		 "/publish[?rate=N&size=BYTES&count=N&piece=BYTES&text=1]\n\n"
		 "where publish sends count messages (1000) of size bytes (64), "
		 "rate a second\n(100; 0: as many as are taken), in frames of "
		 "piece bytes; the kernel encrypts\nwhat it can. A connection "
		 "ends after 60 seconds at most, each step of it after\n5; 64 are "
		 "served at a time. It carries 8 MiB each way at most for probe, "
		 "1 GiB\nby HTTP and bench, and messages of 256 KiB. A line on standard "
		 "error for each tells what\nbecame of it. Whoever reaches the "
		 "port can make it work; it listens on\n127.0.0.1 unless told "
		 "otherwise. SIGTERM and SIGINT end it.\n\nExit status: 0 it "
		 "ended as told, 1 its time was over before --max-connections\n"
		 "were served, 2 wrong usage, or it cannot listen.",
	.options = options,
	.helps = helps,
	/* Root's first connection may load the tls module. */
	.needs = &(const struct needs){ .caps = CONFINE_CAP(NET_ADMIN) |
						CONFINE_CAP(NET_BIND_SERVICE),
					.files = NEEDS_TRUST,
					.calls = CONFINE_SOCKETS },
	.run = run,
};
