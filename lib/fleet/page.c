/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../host/arena.h"
#include "page.h"
#include "split.h"

static int complain(struct page_reader *r, uint64_t line, const char *why)
{
	if (line)
		snprintf(r->error, sizeof(r->error), "%s:%" PRIu64 ": %s", r->file, line,
			 why);
	else
		snprintf(r->error, sizeof(r->error), "%s: %s", r->file, why);
	return -EBADMSG;
}

/* "edge17" of "/tmp/edge17.bench.json". */
static char *name_of_file(struct page_reader *r)
{
	const char *slash = strrchr(r->file, '/');
	const char *base = slash ? slash + 1 : r->file;
	const size_t len = strcspn(base, ".");

	return len ? arena_strndup(r->arena, base, len) : arena_strdup(r->arena, base);
}

/* Of that name, or a new one. NULL: there are too many. */
static struct page_host *host_named(struct page_reader *r, const char *name)
{
	for (size_t i = 0; i < r->n_hosts; i++)
		if (!strcmp(r->hosts[i].name, name))
			return &r->hosts[i];
	if (r->n_hosts == PAGE_HOSTS)
		return NULL;
	r->hosts[r->n_hosts].name = name;
	return &r->hosts[r->n_hosts++];
}

/* All that a document may be. */
struct documents {
	struct report report;
	struct export_doc facts;
	struct probe_report probe;
	struct bench_doc bench;
	struct latency_doc latency;
};
enum { REPORT, FACTS, PROBE, BENCH, LATENCY, KINDS };

static const char *name_in(const struct documents *d, int kind)
{
	const char *const names[KINDS] = { [REPORT] = d->report.host.name,
					   [FACTS] = d->facts.host,
					   [PROBE] = d->probe.host,
					   [BENCH] = d->bench.host.name,
					   [LATENCY] = d->latency.host };

	return names[kind] && *names[kind] ? names[kind] : NULL;
}

static int take(struct page_reader *r, const struct documents *d, int kind, uint64_t line)
{
	const char *name = name_in(d, kind);
	struct page_host *h;

	if (kind == REPORT && d->report.subject.kind != SUBJECT_HOST)
		return complain(r, line, "a report on one process (--pid)");
	if (!name)
		name = name_of_file(r);
	if (!name)
		return -ENOMEM;
	h = host_named(r, name);
	if (!h)
		return complain(r, line, "there are more hosts than fit in a page");
	if (kind == REPORT)
		h->report = &d->report;
	else if (kind == FACTS)
		h->facts = &d->facts;
	else if (kind == PROBE)
		h->probe = &d->probe;
	else if (kind == BENCH)
		h->bench = &d->bench;
	else
		h->latency = &d->latency;
	return 0;
}

static int read_one(struct page_reader *r, struct doc_input *in, uint64_t line)
{
	struct documents *d = arena_alloc(r->arena, sizeof(*d));
	const struct doc_kind kinds[KINDS] = {
		[REPORT] = { &report_fields, d ? &d->report : NULL },
		[FACTS] = { &export_fields, d ? &d->facts : NULL },
		[PROBE] = { &probe_fields, d ? &d->probe : NULL },
		[BENCH] = { &bench_fields, d ? &d->bench : NULL },
		[LATENCY] = { &latency_fields, d ? &d->latency : NULL },
	};
	int kind = d ? doc_next(kinds, KINDS, in) : -ENOMEM;

	if (kind == -ENOMEM)
		return kind;
	if (++r->documents > PAGE_DOCUMENTS)
		return complain(r, line, "there are more documents than a page takes");
	return kind < 0 ? complain(r, line, in->error) : take(r, d, kind, line);
}

/* The lines of what was read already are counted on. */
static void skip_blanks(struct doc_input *in, uint64_t *line)
{
	while (in->len && strchr(" \t\r\n", *in->text) && *in->text) {
		*line += *in->text == '\n';
		in->text++;
		in->len--;
	}
}

static uint64_t lines_of(const char *from, const char *to)
{
	uint64_t n = 0;

	for (; from < to; from++)
		n += *from == '\n';
	return n;
}

static int read_piece(const struct piece *p, void *arg)
{
	struct page_reader *r = arg;
	struct doc_input in = { .text = p->text, .len = p->len, .arena = r->arena };
	uint64_t line = p->line;
	int err = 0;

	if (!p->text)
		return complain(r, line, "it is longer than 8 MiB");
	skip_blanks(&in, &line);
	while (in.len && !err) {
		const char *from = in.text;

		err = read_one(r, &in, line);
		line += lines_of(from, in.text);
		skip_blanks(&in, &line);
	}
	return err;
}

int page_read_fd(struct page_reader *r, int fd, const char *name)
{
	struct split s = { .piece = read_piece, .arg = r };
	const size_t before = r->documents;
	int read_err, err;

	r->file = name;
	err = split_fd(&s, fd, &read_err);
	split_free(&s);
	if (err)
		return err;
	if (read_err)
		return complain(r, 0, strerror(-read_err));
	return r->documents > before ? 0 : complain(r, 0, "there is nothing in it");
}
