/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "../lib/host/arena.h"
#include "request_priv.h"

static const char *const options[] = {
	"header",   "body", "output",   "fail",     "redirects",       "repeat",
	"max-size", "ktls", "engine",   "tls",      "ciphers",         "ciphersuites",
	"cacert",   "crl",  "insecure", "max-time", "connect-timeout", "progress",
	"format",   "json", "verbose",  "help",     "version",         NULL
};

static const struct option_help helps[] = {
	{ "output", "write the body to FILE, which appears when it is whole" },
	{ "ciphers", "of TLS 1.2, as OpenSSL spells them (default: kTLS first)" },
	{ "ciphersuites", "of TLS 1.3 (default: AES-GCM, then ChaCha20)" },
	{ "max-time", "give up after TIME, all in all (default: never)" },
	{ "verbose", "on standard error who encrypts and why, heads, times" },
	{ 0 },
};

static const char *const methods[] = { "GET",    "POST", "PUT", "PATCH",
				       "DELETE", "HEAD", NULL };

static const char *method_of(const char *word)
{
	for (size_t i = 0; methods[i]; i++)
		if (!strcmp(methods[i], word))
			return methods[i];
	return NULL;
}

static int open_upload(struct request_run *r)
{
	const char *path = r->s->request.body;
	struct stat st;

	r->upload = (struct fetch_body){ .fd = -1 };
	if (!path)
		return 0;
	r->upload.fd = strcmp(path, "-") != 0 ? open(path, O_RDONLY | O_CLOEXEC)
					      : STDIN_FILENO;
	if (r->upload.fd < 0 || fstat(r->upload.fd, &st))
		return usage_error(r->s, "request", "--body: '%s': %s", path,
				   strerror(errno));
	if (S_ISDIR(st.st_mode))
		return usage_error(r->s, "request", "--body: '%s' is a folder", path);
	/* Standard input that is a file may stand somewhere in it. */
	r->upload.file = S_ISREG(st.st_mode) && !lseek(r->upload.fd, 0, SEEK_CUR);
	r->upload.len = r->upload.file ? (uint64_t)st.st_size : HTTP_NO_LENGTH;
	if (!r->upload.file && (r->s->request.repeat > 1 || r->s->request.redirects))
		return usage_error(r->s, "request", "--body: '%s' can be read once only",
				   path);
	return 0;
}

static const char *wrong(const struct settings *s, const char *method)
{
	const struct request_settings *r = &s->request;

	if (r->body && (!strcmp(method, "GET") || !strcmp(method, "HEAD")))
		return "--body goes with POST, PUT, PATCH or DELETE";
	if (r->insecure && (r->cacert || r->crl))
		return "--insecure verifies nothing: no --cacert, no --crl";
	return NULL;
}

static void fill_wants(struct request_run *r)
{
	const struct settings *s = r->s;
	const struct request_settings *q = &s->request;
	const uint64_t connect_ms = q->connect_timeout_ms ? q->connect_timeout_ms : 10000;

	r->begin_ns = wire_now_ns();
	r->wants = (struct client_wants){
		.tls = { .version = q->tls,
			 .ciphers = s->ciphers,
			 .ciphersuites = s->ciphersuites,
			 .ca_file = q->cacert,
			 .crl_file = q->crl,
			 .insecure = q->insecure,
			 .ktls = q->ktls == REQUEST_OFF ? 0 : KTLS_BOTH },
		.require = q->ktls == REQUEST_REQUIRE,
		.look = s->verbose || s->format == FORMAT_JSON,
		.engine = (enum wire_engine)q->engine,
		.connect_ns = (int64_t)connect_ms * 1000000,
		.end_ns = s->max_time_ms ? r->begin_ns + (int64_t)s->max_time_ms * 1000000
					 : INT64_MAX,
	};
}

static int take_body(void *arg, const char *p, size_t n)
{
	struct request_run *r = arg;
	const unsigned status = http_answer(r->http)->status;

	/* Where the way leads on, nobody wants what stands at the corner. */
	if (r->s->request.redirects && status >= 300 && status < 400)
		return 0;
	return body_write(&r->body, p, n);
}

static int open_run(struct request_run *r)
{
	const struct http_events events = { r, take_body };
	char why[256];
	int err;

	fill_wants(r);
	err = client_new(&r->client, &r->wants, why);
	if (err)
		return usage_error(r->s, "request", "%s%s",
				   err == -ENOTSUP ? "--engine: " : "",
				   *why ? why : strerror(-err));
	r->arena = arena_new();
	r->doc.connections = calloc(LINKS_KEPT, sizeof(*r->doc.connections));
	if (!r->arena || !r->doc.connections || http_new(&r->http, &events))
		return usage_error(r->s, "request", "%s", strerror(ENOMEM));
	err = body_open(&r->body, r->s);
	if (err)
		return usage_error(r->s, "request", "--output: '%s': %s", r->s->output,
				   strerror(-err));
	return open_upload(r);
}

static void close_run(struct request_run *r)
{
	body_close(&r->body, false);
	client_free(r->client);
	http_free(r->http);
	arena_free(r->arena);
	free(r->doc.connections);
	if (r->upload.fd > STDERR_FILENO)
		close(r->upload.fd);
}

/* The document goes to stdout: --output is the body's. */
static int tell(struct request_run *r)
{
	struct request_doc *d = &r->doc;
	cleanup_free char *text = NULL;

	d->tool_version = KTLSCTL_VERSION;
	d->complete = !r->status;
	d->engine = wire_engine_words[client_engine(r->client)];
	d->engine_why = client_engine_why(r->client);
	d->total_us = (uint64_t)(wire_now_ns() - r->begin_ns) / 1000;
	if (r->s->format != FORMAT_JSON)
		return r->status;
	text = doc_to_json(&request_fields, d, true);
	if (text && fputs(text, stdout) >= 0 && !fflush(stdout))
		return r->status;
	fprintf(stderr, "ktlsctl: cannot write the answer\n");
	return EXIT_USAGE;
}

static int ask_all(struct request_run *r, int n, char **texts)
{
	bool fine = true;
	int err;

	if (r->s->request.insecure)
		fprintf(stderr, "ktlsctl: WARNING: --insecure: the certificate is not "
				"verified, whoever answers\n");
	for (int i = 0; fine && i < n; i++) {
		struct url u;

		url_parse(span(texts[i], strlen(texts[i])), &u);
		fine = request_url(r, &u, texts[i]);
	}
	client_drop(r->client, fine);
	if (!fine && !r->status)
		r->status = EXIT_FINDINGS;
	err = body_close(&r->body, fine);
	if (err) {
		r->status = EXIT_USAGE;
		note_failure(r, "--output: '%s': %s", r->s->output, strerror(-err));
	}
	return tell(r);
}

static int run(const struct settings *s, int argc, char **argv)
{
	const char *method = argc ? method_of(argv[0]) : NULL;
	struct request_run r = { .s = s, .method = method ? method : "GET" };
	const char *bad = wrong(s, r.method);
	int status;

	if (bad)
		return usage_error(s, "request", "%s", bad);
	if (method) {
		argc--;
		argv++;
	}
	if (!argc)
		return usage_error(s, "request", "it wants a URL");
	for (int i = 0; i < argc; i++) {
		struct url u;

		bad = url_parse(span(argv[i], strlen(argv[i])), &u);
		if (bad)
			return usage_error(s, "request", "'%s' is not an https URL: %s",
					   argv[i], bad);
	}
	r.body.fd = r.upload.fd = -1;
	signal(SIGPIPE, SIG_IGN);
	status = open_run(&r);
	if (!status)
		status = ask_all(&r, argc, argv);
	close_run(&r);
	return status;
}

const struct command cmd_request = {
	.name = "request",
	.args = "[METHOD] URL...",
	.summary = "ask an HTTPS server, with kernel TLS where it can be had",
	.about = "GET, POST, PUT, PATCH, DELETE or HEAD (default: GET) of each URL, one "
		 "after the\nother, over one connection where the server keeps it. The "
		 "body goes to standard\noutput or --output; with --json the document "
		 "goes to standard output, and the\nbody only to --output. The socket is "
		 "used by io_uring, by epoll where that is\nforbidden. After the "
		 "handshake the kernel encrypts what it can; what it cannot\nstays with "
		 "libssl, and -v says which and why. The certificate is verified "
		 "against\nthe host's name or address.\n\nExit status: 0 every answer is "
		 "whole (whatever its status, unless --fail), 1 TLS,\ncertificate, "
		 "truncation or time, 2 wrong usage, or a file that cannot be read "
		 "or\nwritten, 3 no connection.",
	.options = options,
	.helps = helps,
	/* Root's first connection may load the tls module. */
	.needs = &(const struct needs){ .caps = CONFINE_CAP(NET_ADMIN) |
						CONFINE_CAP(IPC_LOCK),
					.files = NEEDS_TRUST | NEEDS_NAMES | NEEDS_UPLOAD,
					.calls = CONFINE_SOCKETS,
					.tcp = CONFINE_TCP_CONNECT },
	.run = run,
};
