/* SPDX-License-Identifier: MIT */
/* What a probe comes to: the answer, the first sentence, the document. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../host/cleanup.h"
#include "probe_path.h"

static const char *const answer_words[] = { "works", "does_not_work", "unknown", NULL };

static const struct field probe_rows[] = {
	FIELD(FIELD_STR, struct probe_report, tool_version, "ktlsctl that made it"),
	{ .name = "host",
	  .kind = FIELD_STR,
	  .off = offsetof(struct probe_report, host),
	  .optional = true,
	  .help = "node name" },
	FIELD(FIELD_STR, struct probe_report, kernel, "uname -r"),
	FIELD(FIELD_STR, struct probe_report, openssl, "the one ktlsctl runs with"),
	FIELD_WORD(struct probe_report, answer, answer_words,
		   "of what was tried, whether it works"),
	FIELD(FIELD_STR, struct probe_report, headline, "the answer in a sentence"),
	FIELD(FIELD_BOOL, struct probe_report, loaded_module,
	      "trying made the kernel load the tls module"),
	FIELD_SUB(FIELD_PTR, struct probe_report, cause, &cause_fields,
		  "why not all of it works; null: it does, or that is not known"),
	FIELD_SUB(FIELD_OBJ, struct probe_report, probe, &probe_facts_fields,
		  "what was tried"),
};

const struct fields probe_fields = {
	.name = "ktlsctl.probe/1",
	.help = "What was tried on loopback, and what came of it.",
	.size = sizeof(struct probe_report),
	.f = probe_rows,
	.n = ARRAY_SIZE(probe_rows),
};

char *probe_json(const struct probe_report *r)
{
	return doc_to_json(&probe_fields, r, true);
}

/* How many rows have a verdict. */
struct tally {
	size_t n[PROBE_VERDICT_COUNT];
};

static size_t works(const struct tally *t)
{
	return t->n[PROBE_WORKS] + t->n[PROBE_NO_WITNESS];
}

static struct tally tally_cells(const struct probe_facts *p)
{
	struct tally t = { { 0 } };

	for (size_t i = 0; i < p->n_cells; i++)
		t.n[p->cells[i].verdict]++;
	return t;
}

static struct tally tally_handshakes(const struct probe_facts *p)
{
	struct tally t = { { 0 } };

	for (size_t i = 0; i < p->n_handshakes; i++) {
		t.n[p->handshakes[i].tx]++;
		t.n[p->handshakes[i].rx]++;
	}
	return t;
}

static struct tally tally_all(const struct probe_facts *p)
{
	const struct tally cells = tally_cells(p);
	struct tally t = tally_handshakes(p);

	for (size_t i = 0; i < PROBE_VERDICT_COUNT; i++)
		t.n[i] += cells.n[i];
	for (size_t i = 0; i < p->n_features; i++)
		t.n[p->features[i].verdict]++;
	return t;
}

static bool disagree(const struct probe_facts *p)
{
	for (size_t i = 0; i < p->n_handshakes; i++)
		if (!p->handshakes[i].agree)
			return true;
	return false;
}

static enum probe_answer answer_of_loopback(const struct probe_facts *p)
{
	const struct tally t = tally_all(p);

	if (t.n[PROBE_BROKEN] || disagree(p))
		return PROBE_NO;
	if (p->src.err)
		return PROBE_NOT_KNOWN;
	if (works(&t) || t.n[PROBE_NO_EFFECT] || t.n[PROBE_REFUSED])
		return PROBE_YES;
	return t.n[PROBE_UNKNOWN] ? PROBE_NOT_KNOWN : PROBE_NO;
}

static bool tried_loopback(const struct probe_facts *p)
{
	return p->n_cells || p->n_features || p->n_handshakes;
}

/* What is known not to work goes before what is not known. */
static enum probe_answer worse(enum probe_answer a, enum probe_answer b)
{
	if (a == PROBE_NO || b == PROBE_NO)
		return PROBE_NO;
	return a == PROBE_YES ? b : a;
}

enum probe_answer probe_answer_of(const struct probe_facts *p)
{
	if (!p->ulp)
		return p->ulp_err == -ENOENT ? PROBE_NO : PROBE_NOT_KNOWN;
	if (!p->device)
		return answer_of_loopback(p);
	if (!tried_loopback(p))
		return p->src.err ? PROBE_NOT_KNOWN : path_answer(p);
	return worse(answer_of_loopback(p), path_answer(p));
}

/* The ciphers with a cell of that verdict, each once. */
static void put_ciphers(FILE *f, const struct probe_facts *p, enum probe_verdict v,
			const char *what)
{
	const char *last = "", *before = what;

	for (size_t i = 0; i < p->n_cells; i++) {
		const struct probe_cell *c = &p->cells[i];

		if (c->verdict != v || !strcmp(c->cipher, last))
			continue;
		fprintf(f, "%s%s", before, c->cipher);
		before = ", ";
		last = c->cipher;
	}
}

static void put_handshakes(FILE *f, const struct probe_facts *p)
{
	const struct tally t = tally_handshakes(p);

	if (disagree(p))
		fputs("; the witnesses of libssl disagree", f);
	else if (p->n_handshakes && !t.n[PROBE_UNKNOWN])
		fputs("; three witnesses agree", f);
}

static void put_loopback(FILE *f, const struct probe_facts *p, const char *kernel)
{
	const struct tally t = tally_cells(p);
	const size_t tried = p->n_cells - t.n[PROBE_UNDEFINED];

	if (tried)
		fprintf(f, "%zu of %zu cells work on %s", works(&t), tried, kernel);
	else
		fprintf(f, "%zu features and %zu handshakes were tried on %s",
			p->n_features, p->n_handshakes, kernel);
	if (t.n[PROBE_BROKEN])
		fprintf(f, "; %zu are broken", t.n[PROBE_BROKEN]);
	for (size_t i = 0; i < p->n_features; i++)
		if (p->features[i].verdict == PROBE_BROKEN)
			fprintf(f, "; %s is broken", p->features[i].id);
	put_ciphers(f, p, PROBE_NO_CRYPTO, "; crypto missing: ");
	put_ciphers(f, p, PROBE_NOT_IN_KERNEL, "; not in this kernel: ");
	if (t.n[PROBE_UNKNOWN])
		fprintf(f, "; %zu could not be found out", t.n[PROBE_UNKNOWN]);
	put_handshakes(f, p);
}

static void put_headline(FILE *f, const struct probe_facts *p, const char *kernel)
{
	if (p->device)
		path_headline(f, p);
	if (p->device && tried_loopback(p))
		fputs("; ", f);
	if (!p->device || tried_loopback(p))
		put_loopback(f, p, kernel);
}

char *probe_headline(const struct probe_facts *p, const char *kernel)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	put_headline(f, p, kernel);
	if (!fclose(f))
		return text;
	free(text);
	return NULL;
}
