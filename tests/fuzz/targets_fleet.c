/* SPDX-License-Identifier: MIT */
/* Roll-ups and reports of anybody, and two files of them compared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../../lib/fleet/diff.h"
#include "../../lib/host/arena.h"
#include "../../lib/host/cleanup.h"
#include "targets.h"

static int tell(const struct entry *e, enum entry_kind kind, void *arg)
{
	const char *cause = e->full ? e->full->id : e->cause;

	fprintf(arg, "%d %s %s %d %s %zu %zu\n", (int)kind, e->host, e->time,
		(int)e->status, cause ? cause : "-", e->n_nics, e->n_findings);
	return 0;
}

static int tell_problem(const struct entry_problem *p, void *arg)
{
	fprintf(arg, "%d %llu %s\n", (int)p->bad, (unsigned long long)p->line, p->why);
	return 0;
}

/* What is read, when step bytes come at a time. */
static char *read_in_steps(const char *data, size_t len, size_t step)
{
	char *text = NULL;
	size_t size, n;
	FILE *f = open_memstream(&text, &size);
	struct entry_reader r = { tell, tell_problem, f, arena_new() };
	struct split s = { .piece = entries_of_piece, .arg = &r };

	for (size_t at = 0; at < len; at += n) {
		char *room = split_room(&s, &n);

		if (!room)
			abort();
		n = n < step ? n : step;
		n = n < len - at ? n : len - at;
		memcpy(room, data + at, n);
		if (split_got(&s, n))
			abort();
	}
	if (split_end(&s))
		abort();
	split_free(&s);
	arena_free(r.arena);
	fclose(f);
	return text;
}

static const char *steps_agree(const char *data, size_t len)
{
	cleanup_free char *whole = read_in_steps(data, len, SIZE_MAX);
	cleanup_free char *pieces = read_in_steps(data, len, len > 4096 ? 977 : 3);

	return strcmp(whole, pieces) ? "it matters how many bytes come at a time" : NULL;
}

static void read_into(struct fleet *f, const char *data, size_t len)
{
	cleanup_close int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) ||
	    fleet_read_fd(f, fd, "f"))
		abort();
}

static uint64_t all_hosts(const struct fleet_groups *g)
{
	uint64_t n = 0;

	for (size_t i = 0; i < g->n_groups; i++)
		n += g->groups[i].hosts;
	return n;
}

static const char *sums(const struct fleet_doc *d)
{
	const struct fleet_statuses *s = &d->statuses;
	const struct fleet_input *in = &d->input;

	if (s->used + s->works + s->should_work + s->cannot_work + s->unknown != d->hosts)
		return "the statuses are not those of all hosts";
	if (all_hosts(&d->causes) != d->hosts || all_hosts(&d->kernels) != d->hosts ||
	    all_hosts(&d->openssl) != d->hosts || all_hosts(&d->nics) < d->hosts)
		return "a host is in no group, or in two";
	if (in->rollups + in->reports != d->hosts + in->superseded)
		return "a document is neither of a host nor of an older look at one";
	if (!in->n_problems != !(in->malformed + in->foreign + in->too_long))
		return "what was passed over is not named";
	return NULL;
}

const char *fuzz_fleet(const char *data, size_t len)
{
	const struct text_style style = { .utf8 = true, .verbose = true };
	cleanup_summary struct summary *s = summary_new();
	struct fleet_doc d = { .tool_version = "" };
	cleanup_free char *text = NULL, *json = NULL;
	const char *bad = steps_agree(data, len);

	if (bad)
		return bad;
	read_into(summary_fleet(s), data, len);
	if (summary_end(s, SIZE_MAX, &d))
		abort();
	text = fleet_text(&d, &style);
	json = doc_to_json(&fleet_fields, &d, true);
	if (!text || !json)
		return "it cannot be told";
	return sums(&d);
}

static const char *diff_sums(const struct fleet_diff_doc *d, bool itself)
{
	if (d->worse + d->better + d->changed + d->same != d->hosts)
		return "the changes are not those of all hosts";
	if (d->hosts + d->gone != d->before.hosts ||
	    d->hosts + d->added != d->after.hosts)
		return "a host is neither in both nor in one";
	if (d->n_host_diffs != d->hosts - d->same || d->gone != d->n_gone_hosts)
		return "a host is not told of";
	if (itself && (d->same != d->hosts || d->gone || d->added))
		return "it is not the same as itself";
	return NULL;
}

/* Two files with a line "---" between them; one is compared with itself. */
const char *fuzz_fleet_diff(const char *data, size_t len)
{
	static const char between[] = "\n---\n";
	const char *cut = memmem(data, len, between, strlen(between));
	const size_t before = cut ? (size_t)(cut - data) : len;
	const char *after = cut ? cut + strlen(between) : data;
	const struct text_style style = { .utf8 = true, .verbose = true };
	cleanup_arena struct arena *a = arena_new();
	cleanup_free char *text = NULL, *json = NULL;
	struct fleet_diff_doc d = { .tool_version = "",
				    .before.name = "a",
				    .after.name = "b" };
	struct fleet_pair p;
	const char *bad;

	if (fleet_init(&p.before) || fleet_init(&p.after))
		abort();
	read_into(&p.before, data, before);
	read_into(&p.after, after, (size_t)(data + len - after));
	if (fleet_diff(&p, SIZE_MAX, a, &d))
		abort();
	text = fleet_diff_text(&d, &style);
	json = doc_to_json(&fleet_diff_fields, &d, true);
	bad = text && json ? diff_sums(&d, !cut) : "it cannot be told";
	fleet_free(&p.before);
	fleet_free(&p.after);
	return bad;
}
