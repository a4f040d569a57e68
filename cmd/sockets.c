/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <time.h>

#include "../lib/diag/netns.h"
#include "../lib/host/arena.h"
#include "../lib/host/host.h"
#include "../lib/out/sockets.h"
#include "../lib/out/stream.h"
#include "cmd.h"

static const char *const options[] = { "all",       "unused", "summary", "pid",
				       "port",      "mode",   "netns",   "watch",
				       "no-owners", "format", "json",    "ndjson",
				       "output",    "color",  "debug",   "help",
				       "version",   NULL };

enum { CAUSES = 16 }; /* looked for, at most: each is a diagnosis of its own */

/* One look at all sockets. */
struct look {
	const struct settings *s;
	struct host *h;
	struct facts *f;
	struct arena *arena;
	struct sink sink;
	struct stream stream;
	struct survey_query q;
	struct survey survey;
	struct socket_context context;
	struct socket_words words;
	struct tally tally;
	bool tallies; /* the sums are wanted */
	bool counts_only;
	struct socket_row *rows; /* kept for the table, or */
	size_t n_rows;
	struct socket_table table; /* its head is written, and so are they */
	struct sockets_doc doc;
	struct report *reports[CAUSES + 1]; /* that doc points into */
	size_t n_reports;
	uint64_t left_out; /* namespaces that could not be entered */
};

static enum survey_mode mode_of(const char *word)
{
	if (!word)
		return MODE_ANY;
	return !strcmp(word, "none") ? MODE_NONE
	       : !strcmp(word, "sw") ? MODE_SW
				     : MODE_HW;
}

static bool speaks_tls(const struct look *l, const struct socket_owner *o)
{
	for (size_t i = 0; i < o->n; i++)
		if (program_of(l->f, owners_get(l->survey.owners, o->refs[i].owner)->pid))
			return true;
	return false;
}

/* What the options ask for; the sums are of more. */
static bool is_listed(const struct look *l, const struct socket_view *v)
{
	const enum survey_mode mode = mode_of(l->s->mode);

	if (mode != MODE_ANY && !(v->s->tls.present && has_mode(&v->s->tls, mode)))
		return false;
	if (l->s->unused)
		return !v->s->tls.present && speaks_tls(l, &v->owner);
	return l->s->all || v->s->tls.present;
}

static int write_text(struct look *l, char *text)
{
	if (!text)
		return -ENOMEM;
	stream_text(&l->stream, text, strlen(text));
	free(text);
	return l->stream.err;
}

/* Rows are kept until their widths are known, unless there may be too many. */
static int add_row(struct look *l)
{
	cleanup_arena struct arena *own = NULL;
	const bool streamed = l->s->all || l->s->unused;
	struct socket_row row, *more;

	if (streamed) {
		own = arena_new();
		if (!own || socket_row(&l->words.doc, own, &row))
			return -ENOMEM;
		return write_text(l, sockets_text_row(&l->table, &row));
	}
	more = arena_grow(l->arena, l->rows, l->n_rows, sizeof(*more));
	if (!more || socket_row(&l->words.doc, l->arena, &more[l->n_rows]))
		return -ENOMEM;
	l->rows = more;
	l->n_rows++;
	return 0;
}

static int on_socket(const struct socket_view *v, void *arg)
{
	struct look *l = arg;
	int err = 0;

	l->context.owners = l->survey.owners;
	if (l->tallies)
		err = tally_add(&l->tally, v, l->survey.owners);
	if (err || l->counts_only || !is_listed(l, v))
		return err;
	socket_words(v, &l->context, &l->words);
	if (l->s->format == FORMAT_TEXT)
		return add_row(l);
	if (l->s->format == FORMAT_JSON) {
		stream_item(&l->stream, &socket_fields, &l->words.doc);
	} else {
		stream_doc(&l->stream, &socket_fields, &l->words.doc);
		stream_text(&l->stream, "\n", 1);
	}
	return l->stream.err;
}

static int in_netns(const struct netns *n, void *arg)
{
	cleanup_routes struct routes *routes = NULL;
	struct look *l = arg;

	/* Without routes the NIC is left out, which is no reason to stop. */
	if (!l->counts_only)
		routes_open(&routes);
	l->context.routes = routes;
	l->context.netns = n->name;
	l->context.netns_id = n->id;
	return survey_run(&l->survey, on_socket, l);
}

static int look_at_all(struct look *l)
{
	int err = netns_each(l->s->netns, in_netns, l, &l->left_out);

	l->doc.changed |= l->survey.interrupted;
	return err;
}

static bool counts_ktls(const struct facts *f)
{
	static const char *const gauges[] = { "TlsCurrTxSw", "TlsCurrRxSw",
					      "TlsCurrTxDevice", "TlsCurrRxDevice" };
	uint64_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(gauges); i++)
		n += tls_stat_get(&f->tls_stat, gauges[i], 0);
	return f->tls_stat.src.err || n;
}

static struct survey_query query_of(const struct look *l)
{
	const struct settings *s = l->s;

	return (struct survey_query){
		.all = s->all || s->unused || (l->tallies && !s->no_owners),
		.owners = !s->no_owners,
		.pid = (uint32_t)s->pid,
		.port = (uint16_t)s->port,
		.sees_all = l->f->caller.net_admin && l->f->caller.initial_userns,
		.ktls_live = counts_ktls(l->f),
	};
}

/* The report stays until this look is over. */
static int run_checks(struct look *l, const struct check *const *table,
		      const struct facts_query *q, const struct report **out)
{
	struct facts *f = NULL;
	char why[256];
	int err = facts_read(l->h, q, &f, why, sizeof(why));
	struct report *r = err ? NULL : checks_run(table, f);

	facts_free(f);
	if (r)
		l->reports[l->n_reports++] = r;
	*out = r;
	return err ? err : r ? 0 : -ENOMEM;
}

/* The cause as `ktlsctl --pid` finds it. */
static int find_cause(struct look *l, struct sum_unused_doc *u)
{
	const struct facts_query q = { .mask = checks_mask(checks), .pid = u->pid };
	const struct report *r;
	int err = run_checks(l, checks, &q, &r);

	if (!err)
		u->cause = r->cause;
	return err == -ESRCH ? 0 : err; /* it ended */
}

static int explain_unused(struct look *l)
{
	const struct sums_doc *sums = &l->doc.sums;
	int err = 0;

	l->doc.unused = arena_alloc(l->arena,
				    (sums->n_services + 1) * sizeof(*l->doc.unused));
	if (!l->doc.unused)
		return -ENOMEM;
	for (size_t i = 0; i < sums->n_services && !err; i++) {
		const struct sum_service_doc *s = &sums->services[i];
		struct sum_unused_doc *u = &l->doc.unused[l->doc.n_unused];

		if (!s->speaks_tls || s->ktls == s->connections)
			continue;
		*u = (struct sum_unused_doc){ s->name, s->pid, s->connections - s->ktls,
					      NULL };
		if (l->doc.n_unused++ < CAUSES)
			err = find_cause(l, u);
	}
	return err;
}

static bool labels_hw(const struct tally *t)
{
	for (size_t i = 0; i < t->n_modes; i++)
		if (t->modes[i].tx >= KTLS_CONF_HW || t->modes[i].rx >= KTLS_CONF_HW)
			return true;
	return false;
}

/* The label says what was meant when the keys came; the counters what is. */
static int judge_offload(struct look *l)
{
	const struct check *table[] = { check_find("nic-tls-effect"), NULL };
	const struct facts_query q = { .mask = checks_mask(table) };
	struct offload_doc *o = arena_alloc(l->arena, sizeof(*o));
	const struct report *r;
	int err = o ? run_checks(l, table, &q, &r) : -ENOMEM;

	if (err || !r->n_findings)
		return err;
	*o = (struct offload_doc){ verdict_words[r->findings[0].verdict],
				   r->findings[0].reason, r->findings[0].summary };
	l->doc.offload = o;
	return 0;
}

static int conclude(struct look *l)
{
	int err = sums_of(&l->tally, l->arena, &l->doc.sums);

	if (!err && l->s->unused)
		err = explain_unused(l);
	return !err && labels_hw(&l->tally) ? judge_offload(l) : err;
}

static int put_table(struct look *l)
{
	int err;

	l->table.rates = l->s->watch_ms;
	l->table.netns = l->s->netns;
	l->table.rows = l->rows;
	l->table.n = l->n_rows;
	if (l->s->summary || !(l->n_rows || l->s->all || l->s->unused))
		return 0;
	stream_text(&l->stream, "\n", 1);
	err = write_text(l, sockets_text_table_head(&l->table));
	for (size_t i = 0; i < l->n_rows && !err; i++)
		err = write_text(l, sockets_text_row(&l->table, &l->rows[i]));
	if (err || !(l->s->all || l->s->unused))
		return err;
	l->tallies = l->counts_only = false;
	return look_at_all(l);
}

/* The answer is in the first line, so all are counted before many are listed. */
static int answer_text(struct look *l)
{
	const struct text_style style = style_of(l->s);
	int err;

	l->counts_only = l->s->all || l->s->unused || l->s->summary;
	err = look_at_all(l);
	if (!err)
		err = conclude(l);
	if (!err && l->s->watch_ms && isatty(STDOUT_FILENO))
		stream_text(&l->stream, "\033[H\033[2J", 7);
	if (!err)
		err = write_text(l, sockets_text_head(&l->doc, &style));
	if (!err)
		err = put_table(l);
	if (!err && l->s->summary)
		err = write_text(l, sockets_text_sums(&l->doc, &style));
	return err ? err : write_text(l, sockets_text_end(&l->doc, &style));
}

static void json_items(struct stream *st, void *arg)
{
	struct look *l = arg;
	int err = look_at_all(l);

	if (!err)
		err = conclude(l);
	if (!st->err)
		st->err = err;
}

static int answer_json(struct look *l)
{
	l->doc.n_sockets = FIELD_STREAMED;
	l->counts_only = l->s->summary;
	stream_doc(&l->stream, &sockets_fields, &l->doc);
	stream_text(&l->stream, "\n", 1);
	return l->stream.err;
}

static int to_sink(void *arg, const char *p, size_t n)
{
	struct look *l = arg;

	return sink_write(&l->sink, p, n);
}

static int read_facts(struct look *l)
{
	unsigned mask = FACT_KERNEL | FACT_CALLER | FACT_TLS_STAT | FACT_NICS |
			FACT_TOPOLOGY;
	struct facts_query q = { .mask = mask };
	char why[256];

	if (l->s->unused || (l->tallies && !l->s->no_owners))
		q.mask |= FACT_PROGRAMS;
	return facts_read(l->h, &q, &l->f, why, sizeof(why));
}

/* Answers once, into the stream. */
static int look_once(struct look *l)
{
	int err;

	l->tallies = l->s->format != FORMAT_NDJSON;
	err = read_facts(l);
	if (err)
		return err;
	l->arena = arena_new();
	if (!l->arena || tally_open(&l->tally, l->f))
		return -ENOMEM;
	l->q = query_of(l);
	l->context.facts = l->f;
	l->doc.tool_version = KTLSCTL_VERSION;
	l->doc.kernel = l->f->kernel.release;
	err = survey_open(&l->survey, &l->q);
	if (err)
		return err;
	l->doc.visible = l->survey.sight == ULP_SEEN;
	l->doc.owners = !l->s->no_owners;
	if (l->s->format == FORMAT_TEXT)
		return answer_text(l);
	return l->s->format == FORMAT_JSON ? answer_json(l) : look_at_all(l);
}

/* What one look leaves behind; the samples, the stream and the sink stay. */
static void forget(struct look *l)
{
	struct look kept = { .s = l->s, .h = l->h, .sink = l->sink, .stream = l->stream };

	for (size_t i = 0; i < l->n_reports; i++)
		report_free(l->reports[i]);
	survey_close(&l->survey);
	tally_close(&l->tally);
	arena_free(l->arena);
	facts_free(l->f);
	kept.context.samples = l->context.samples;
	kept.survey.sight = l->survey.sight;
	*l = kept;
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void sleep_until(uint64_t ns)
{
	const struct timespec t = { .tv_sec = (time_t)(ns / 1000000000),
				    .tv_nsec = (long)(ns % 1000000000) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

/* Until nobody reads any more. */
static int watch(struct look *l)
{
	uint64_t next = now_ns(CLOCK_MONOTONIC);
	int err = 0;

	l->context.samples = samples_new();
	while (!err) {
		err = l->context.samples
			      ? samples_begin(l->context.samples, now_ns(CLOCK_MONOTONIC))
			      : -ENOMEM;
		l->context.time_ms = now_ns(CLOCK_REALTIME) / 1000000;
		if (!err)
			err = look_once(l);
		if (!err)
			err = stream_flush(&l->stream);
		forget(l);
		next += l->s->watch_ms * 1000000;
		if (!err)
			sleep_until(next);
	}
	samples_free(l->context.samples);
	return err;
}

static bool comes_from_kernel(const struct look *l, int err)
{
	return err && err != l->stream.err && err != -ENOMEM;
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
		sink_close(&l->sink, 0, EXIT_UNKNOWN);
		free(l->stream.buf);
		forget(l);
		return cannot_look(l, err);
	}
	if (!err)
		err = stream_end(&l->stream);
	else
		free(l->stream.buf);
	if (l->left_out)
		fprintf(stderr, "ktlsctl: %" PRIu64 " namespaces could not be entered\n",
			l->left_out);
	forget(l);
	sight = l->survey.sight;
	err = sink_close(&l->sink, err, EXIT_FINE);
	return !err && sight == ULP_HIDDEN ? hidden(l->s) : err;
}

static const char *wrong_options(const struct settings *s)
{
	if (s->format == FORMAT_NAGIOS)
		return "--format: only text, json and ndjson here";
	if (s->watch_ms && s->format == FORMAT_JSON)
		return "--watch goes with text or --ndjson: a JSON document has an end";
	if (s->watch_ms && s->output)
		return "--watch and --output do not go together";
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
	l.stream = (struct stream){ .write = to_sink, .items = json_items, .arg = &l };
	err = sink_open(s, &l.sink);
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
	.about =
		"Asks sock_diag for the TCP sockets of this network namespace, which makes "
		"the kernel\nload tcp_diag, and /proc for the processes that hold them. "
		"TX and RX: none (the\nprogram), sw (the kernel), hw (a NIC, by the label "
		"set when the keys came). NIC is by\nroute. Up to Linux 6.14 kTLS is seen "
		"with CAP_NET_ADMIN only.\n\nExit status: 0 the answer is complete, "
		"whatever it says, 2 wrong usage, 3 the kernel\nhides kTLS from this "
		"caller, or tells nothing.",
	.options = options,
	.run = run,
};
