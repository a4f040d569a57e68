/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/arena.h"
#include "../host/cleanup.h"
#include "../out/field.h"
#include "../out/utf8.h"
#include "entry.h"

static const struct field nic_rows[] = {
	FIELD(FIELD_STR, struct report_nic, driver, NULL),
};
FIELDS(nic_part, struct report_nic, nic_rows, NULL);

static const struct field rollup_finding_rows[] = {
	FIELD(FIELD_STR, struct entry_finding, id, NULL),
	FIELD_WORD(struct entry_finding, verdict, verdict_words, NULL),
	FIELD(FIELD_STR, struct entry_finding, reason, NULL),
	{ .name = "subject",
	  .kind = FIELD_STR,
	  .off = offsetof(struct entry_finding, subject),
	  .optional = true },
	{ .name = "waived",
	  .kind = FIELD_BOOL,
	  .off = offsetof(struct entry_finding, waived),
	  .optional = true },
};
FIELDS(rollup_finding_part, struct entry_finding, rollup_finding_rows, NULL);

static const struct field rollup_rows[] = {
	FIELD(FIELD_STR, struct entry, time, NULL),
	FIELD(FIELD_STR, struct entry, host, NULL),
	{ .name = "process",
	  .kind = FIELD_STR,
	  .off = offsetof(struct entry, process),
	  .optional = true },
	FIELD_WORD(struct entry, status, status_words, NULL),
	FIELD(FIELD_STR_OR_NULL, struct entry, cause, NULL),
	FIELD(FIELD_STR, struct entry, kernel, NULL),
	FIELD(FIELD_STR, struct entry, openssl, NULL),
	FIELD_ARRAY(FIELD_LIST, struct entry, nics, &nic_part, NULL),
	FIELD_ARRAY(FIELD_LIST, struct entry, findings, &rollup_finding_part, NULL),
};

static const struct fields rollup_part = { .name = "ktlsctl.rollup/1",
					   .size = sizeof(struct entry),
					   .f = rollup_rows,
					   .n = ARRAY_SIZE(rollup_rows) };

/* An object within a report, whose members have their place in the same struct. */
#define WITHIN(name_, sub_)                                                              \
	{                                                                                \
		.name = (name_), .kind = FIELD_OBJ, .off = 0, .sub = (sub_)              \
	}

static const struct field subject_rows[] = {
	FIELD_NAMED("name", FIELD_STR, struct entry_finding, subject, NULL),
};
FIELDS(subject_part, struct entry_finding, subject_rows, NULL);

/* That there is one says all. */
struct waiver {
	bool unused;
};
static const struct fields waiver_part = { .size = sizeof(struct waiver) };

static const struct field finding_rows[] = {
	FIELD(FIELD_STR, struct entry_finding, id, NULL),
	FIELD_WORD(struct entry_finding, verdict, verdict_words, NULL),
	FIELD(FIELD_STR, struct entry_finding, reason, NULL),
	WITHIN("subject", &subject_part),
	{ .name = "waived",
	  .kind = FIELD_PTR,
	  .off = offsetof(struct entry_finding, waiver),
	  .sub = &waiver_part,
	  .optional = true },
};
FIELDS(finding_part, struct entry_finding, finding_rows, NULL);

static const struct field cause_rows[] = {
	FIELD(FIELD_STR, struct entry_cause, id, NULL),
	FIELD(FIELD_STR, struct entry_cause, check, NULL),
};
FIELDS(cause_part, struct entry_cause, cause_rows, NULL);

static const struct field host_rows[] = {
	FIELD_NAMED("name", FIELD_STR, struct entry, host, NULL),
	FIELD(FIELD_STR, struct entry, kernel, NULL),
	FIELD(FIELD_STR, struct entry, openssl, NULL),
	FIELD_ARRAY(FIELD_LIST, struct entry, nics, &nic_part, NULL),
};
FIELDS(host_part, struct entry, host_rows, NULL);

static const struct field about_rows[] = {
	{ .name = "kind",
	  .kind = FIELD_ENUM,
	  .off = offsetof(struct entry, about),
	  .names = subject_words },
};
FIELDS(about_part, struct entry, about_rows, NULL);

static const struct field report_rows[] = {
	FIELD(FIELD_STR, struct entry, time, NULL),
	WITHIN("host", &host_part),
	{ .name = "subject",
	  .kind = FIELD_OBJ,
	  .off = 0,
	  .sub = &about_part,
	  .optional = true },
	FIELD_WORD(struct entry, status, status_words, NULL),
	{ .name = "cause",
	  .kind = FIELD_PTR,
	  .off = offsetof(struct entry, full),
	  .sub = &cause_part },
	FIELD_ARRAY(FIELD_LIST, struct entry, findings, &finding_part, NULL),
};

static const struct fields report_part = { .name = "ktlsctl.report/1",
					   .size = sizeof(struct entry),
					   .f = report_rows,
					   .n = ARRAY_SIZE(report_rows) };

uint64_t entry_time(const char *text)
{
	static const char shape[] = "0000-00-00T00:00:00Z";
	uint64_t v = 0;

	for (size_t i = 0; i < sizeof(shape); i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';

		if (shape[i] == '0' ? !digit : text[i] != shape[i])
			return 0;
		if (digit)
			v = v * 10 + (uint64_t)(text[i] - '0');
	}
	return v;
}

/* Where in the piece one is. */
struct place {
	const struct piece *piece;
	const struct entry_reader *reader;
	const char *at, *end;
};

static uint64_t line_of(const struct place *p, const char *at)
{
	uint64_t line = p->piece->line;

	for (const char *c = p->piece->text; c < at; c++)
		line += *c == '\n';
	return line;
}

static int complain(const struct place *p, const char *at, enum entry_bad bad,
		    const char *why)
{
	const struct entry_problem problem = { bad, line_of(p, at), why };

	return p->reader->problem(&problem, p->reader->arg);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Of bytes that are no JSON. */
static const char *why_not(const struct place *p)
{
	const char *end = p->end;

	while (end > p->at && is_space(end[-1]))
		end--;
	if (memchr(p->at, '\0', (size_t)(end - p->at)))
		return "a NUL in it";
	return end[-1] == '}' ? "it is not JSON" : "it is not JSON, or was cut off";
}

static int refused(struct place *p, const char *from, int err, const char *why)
{
	if (err == -EILSEQ) {
		why = why_not(p);
		p->at = p->end;
	}
	return complain(p, from, err == -EPROTONOSUPPORT ? BAD_SCHEMA : BAD_JSON, why);
}

/* What the table of fields cannot say. */
static const char *wrong(const struct entry *e, const char *text, size_t len)
{
	if (!utf8_valid(text, len))
		return "a NUL in it, or no valid UTF-8";
	if (!entry_time(e->time))
		return "field 'time' is no time like 2026-11-21T11:39:51Z";
	return NULL;
}

static int read_next(struct place *p)
{
	struct arena *a = p->reader->arena;
	struct entry entries[ENTRY_KINDS] = { 0 };
	const struct doc_kind kinds[ENTRY_KINDS] = {
		{ &rollup_part, &entries[ENTRY_ROLLUP] },
		{ &report_part, &entries[ENTRY_REPORT] },
	};
	struct doc_input in = { .text = p->at,
				.len = (size_t)(p->end - p->at),
				.arena = a };
	const char *from = p->at, *why;
	int kind = doc_next(kinds, ENTRY_KINDS, &in);

	p->at = in.text;
	if (kind == -ENOMEM)
		return kind;
	if (kind < 0)
		return refused(p, from, kind, in.error);
	if (entries[kind].about != SUBJECT_HOST || entries[kind].process)
		return complain(p, from, BAD_SCHEMA, "a report on one process (--pid)");
	why = wrong(&entries[kind], from, (size_t)(p->at - from));
	if (why)
		return complain(p, from, BAD_JSON, why);
	return p->reader->take(&entries[kind], (enum entry_kind)kind, p->reader->arg);
}

static int read_one(struct place *p)
{
	int err = read_next(p);

	arena_reset(p->reader->arena);
	return err;
}

/* What stands between documents is one problem, however many lines it has. */
static int no_document(struct place *p)
{
	const char *from = p->at;

	p->at = p->end;
	return complain(p, from, BAD_JSON, "it does not begin with {");
}

int entries_of_piece(const struct piece *piece, void *arg)
{
	struct place p = { .piece = piece, .reader = arg };
	int err = 0;

	if (!piece->text) {
		const struct entry_problem problem = { BAD_LONG, piece->line,
						       "it is longer than 8 MiB" };

		return p.reader->problem(&problem, p.reader->arg);
	}
	p.at = piece->text;
	p.end = p.at + piece->len;
	/* Some write a byte order mark first. */
	if (piece->line == 1 && piece->len >= 3 && !memcmp(p.at, "\xef\xbb\xbf", 3))
		p.at += 3;
	while (!err) {
		while (p.at < p.end && is_space(*p.at))
			p.at++;
		if (p.at == p.end)
			break;
		err = *p.at == '{' ? read_one(&p) : no_document(&p);
	}
	return err;
}
