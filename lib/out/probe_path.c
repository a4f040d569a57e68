/* SPDX-License-Identifier: MIT */
/* What a probe found through a NIC: the answer, its part of the sentence, the table. */
#include <inttypes.h>

#include "../host/cleanup.h"
#include "probe_path.h"

enum { NAME = 18 };

const struct path_word path_words[PATH_VERDICT_COUNT] = {
	[PATH_OFFLOADED] = { "offloaded", VERDICT_OK },
	[PATH_LABEL_ONLY] = { "label only", VERDICT_WARN },
	[PATH_SOFTWARE] = { "kernel software", VERDICT_SKIP },
	[PATH_USER_SPACE] = { "user space", VERDICT_SKIP },
	[PATH_BROKEN] = { "BROKEN", VERDICT_FAIL },
	[PATH_UNKNOWN] = { "unknown", VERDICT_UNKNOWN },
};

static size_t count(const struct probe_facts *p, enum path_verdict v)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_paths; i++)
		n += p->paths[i].verdict == v;
	return n;
}

enum probe_answer path_answer(const struct probe_facts *p)
{
	if (count(p, PATH_BROKEN) || count(p, PATH_LABEL_ONLY))
		return PROBE_NO;
	if (count(p, PATH_OFFLOADED))
		return PROBE_YES;
	return count(p, PATH_UNKNOWN) || !p->n_paths ? PROBE_NOT_KNOWN : PROBE_NO;
}

/* "offloaded: TLS 1.2 tx, TLS 1.2 rx" */
static void put_all(FILE *f, const struct probe_facts *p, enum path_verdict v)
{
	const char *before = ": ";

	fputs(path_words[v].word, f);
	for (size_t i = 0; i < p->n_paths; i++) {
		const struct probe_path *x = &p->paths[i];

		if (x->verdict != v)
			continue;
		fprintf(f, "%sTLS %s %s", before, x->version, x->direction);
		before = ", ";
	}
}

/* Where all say the same, the reason belongs into the first line. */
static const struct probe_path *one_reason(const struct probe_facts *p)
{
	for (size_t i = 1; i < p->n_paths; i++)
		if (strcmp(p->paths[i].reason, p->paths[0].reason))
			return NULL;
	return p->n_paths && *p->paths[0].why ? &p->paths[0] : NULL;
}

void path_headline(FILE *f, const struct probe_facts *p)
{
	const struct probe_path *one = one_reason(p);
	const char *before = "";

	fprintf(f, "Through %s to %s: ", p->device, p->peer ? p->peer : "?");
	if (!p->n_paths)
		fputs("nothing was tried", f);
	else if (one)
		fprintf(f, "%s: %s", path_words[one->verdict].word, one->why);
	for (int v = 0; v < PATH_VERDICT_COUNT && !one; v++) {
		if (!count(p, (enum path_verdict)v))
			continue;
		fputs(before, f);
		put_all(f, p, (enum path_verdict)v);
		before = "; ";
	}
}

static void put_proof(struct text *t, const struct probe_path *x)
{
	char *line;
	int n = asprintf(&line,
			 "labelled hw; of %" PRIu64 " bytes the driver counted %" PRIu64
			 ", in %" PRIu64 " packets",
			 x->payload_bytes, x->bytes, x->packets);

	if (n >= 0) {
		text_wrap(t, 2 + NAME, 2 + NAME, line);
		free(line);
	}
}

/* last: what was said of the row before. */
static void put_row(struct text *t, const struct probe_path *x, const char *last)
{
	const char *name = x->err ? strerrorname_np(-x->err) : NULL;

	fprintf(t->f, "  TLS %s %-*s", x->version, NAME - 8, x->direction);
	text_symbol(t, path_words[x->verdict].verdict);
	fprintf(t->f, " %s%s%s%s\n", path_words[x->verdict].word, name ? " (" : "",
		name ? name : "", name ? ")" : "");
	if (x->verdict != PATH_OFFLOADED && (!*x->why || !strcmp(x->why, last)))
		return;
	fprintf(t->f, "  %*s", NAME, "");
	if (*x->why)
		text_wrap(t, 2 + NAME, 2 + NAME, x->why);
	else
		put_proof(t, x);
}

static void put_counted(struct text *t, const struct probe_facts *p)
{
	fputs("\nThe counters of this host rose meanwhile by", t->f);
	for (size_t i = 0; i < p->n_path_counted; i++)
		fprintf(t->f, "%s %s %" PRIu64, i ? "," : "", p->path_counted[i].name,
			p->path_counted[i].value);
	fputs(".\n", t->f);
}

void path_text(struct text *t, const struct probe_facts *p)
{
	if (!p->device)
		return;
	fprintf(t->f, "\n  %-*sto %s", NAME, p->device, p->peer ? p->peer : "?");
	if (p->route && *p->route && strcmp(p->route, p->device))
		fprintf(t->f, ", which is reached by %s", p->route);
	fputc('\n', t->f);
	for (size_t i = 0; i < p->n_paths; i++)
		put_row(t, &p->paths[i], i ? p->paths[i - 1].why : "");
	if (p->n_path_counted)
		put_counted(t, p);
}
