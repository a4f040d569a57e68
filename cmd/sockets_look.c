/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "../lib/diag/netns.h"
#include "../lib/host/arena.h"
#include "../lib/host/host.h"
#include "sockets_look.h"

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

bool counts_ktls(const struct facts *f)
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

/* What only limits the host, slow ciphers or the like, keeps nobody from kTLS. */
static bool explains(const struct cause *c)
{
	return c->verdict != VERDICT_WARN || c->subject.kind == SUBJECT_PROCESS;
}

/* The cause as `ktlsctl --pid` finds it. */
static int find_cause(struct look *l, struct sum_unused_doc *u)
{
	const struct facts_query q = { .mask = checks_mask(checks), .pid = u->pid };
	const struct report *r;
	int err = run_checks(l, checks, &q, &r);

	if (!err && r->cause && explains(r->cause))
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

void look_items(struct stream *st, void *arg)
{
	struct look *l = arg;
	int err = look_at_all(l);

	if (!err)
		err = conclude(l);
	if (!st->err)
		st->err = l->failed = err;
}

static int answer_json(struct look *l)
{
	l->doc.n_sockets = FIELD_STREAMED;
	l->counts_only = l->s->summary;
	stream_doc(&l->stream, &sockets_fields, &l->doc);
	stream_text(&l->stream, "\n", 1);
	return l->stream.err;
}

static int read_facts(struct look *l)
{
	unsigned mask = FACT_KERNEL | FACT_CALLER | FACT_TLS_STAT | FACT_NICS |
			FACT_TOPOLOGY;
	struct facts_query q = { .mask = mask, .max_time_ms = l->s->max_time_ms };
	char why[256];

	if (l->s->unused || (l->tallies && !l->s->no_owners))
		q.mask |= FACT_PROGRAMS;
	return facts_read(l->h, &q, &l->f, why, sizeof(why));
}

int look_once(struct look *l)
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
	l->doc.programs = l->doc.owners && !l->f->programs.src.err &&
			  !programs_incomplete(l->f);
	if (l->s->format == FORMAT_TEXT)
		return answer_text(l);
	return l->s->format == FORMAT_JSON ? answer_json(l) : look_at_all(l);
}

void look_forget(struct look *l)
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
