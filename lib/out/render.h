/* SPDX-License-Identifier: MIT */
/*
 * A report as text for people, as one Nagios line, as JSON, as a roll-up. All return a
 * string owned by the caller (free(3)), NULL without memory; nothing here prints.
 */
#ifndef KTLSCTL_RENDER_H
#define KTLSCTL_RENDER_H

#include <stdbool.h>

#include "../check/check.h"
#include "field.h"

struct text_style {
	bool color;
	bool utf8;    /* else ASCII symbols */
	bool verbose; /* also what is ok */
};

char *report_text(const struct report *r, const struct text_style *style);
char *report_nagios(const struct report *r);
/* Indented, ends with a newline. */
char *report_json(const struct report *r);
/* A page for the browser; and what it has between its head and its foot. */
char *report_html(const struct report *r);
struct html;
void report_page(struct html *h, const struct report *r);
/* One line and its newline. */
char *report_ndjson(const struct report *r);

char *check_text(const struct check *c, const struct text_style *style);
char *check_list_text(const struct check *const *table);
/* only NULL: the whole table. */
char *check_list_json(const struct check *const *table, const struct check *only);

/* What stdout holds when a document was asked for and could not be made. */
char *error_json(const char *message, bool indent);

/* What ktlsctl probe found out. Strings are borrowed. */
enum probe_answer { PROBE_YES, PROBE_NO, PROBE_NOT_KNOWN };
struct probe_report {
	const char *tool_version, *kernel, *openssl;
	const char *host; /* node name; NULL: a document does not say */
	enum probe_answer answer;
	const char *headline; /* one sentence without a full stop */
	bool loaded_module;   /* trying made the kernel load the tls module */
	struct cause *cause;  /* why the ULP is missing; NULL */
	struct probe_facts probe;
};
enum probe_answer probe_answer_of(const struct probe_facts *p);
/* The headline for a kernel with the ULP; free(3), NULL without memory. */
char *probe_headline(const struct probe_facts *p, const char *kernel);
char *probe_text(const struct probe_report *r, const struct text_style *style);
char *probe_json(const struct probe_report *r);
char *probe_html(const struct probe_report *r);
void probe_page(struct html *h, const struct probe_report *r);

extern const struct fields probe_fields;  /* ktlsctl.probe/1 */
extern const struct fields cause_fields;  /* a part of documents */
extern const struct fields checks_fields; /* ktlsctl.checks/1 */
extern const struct fields error_fields;  /* ktlsctl.error/1 */

#endif
