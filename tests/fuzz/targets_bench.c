/* SPDX-License-Identifier: MIT */
/* What bench and its peer say to each other. */
#include <string.h>

#include "../../lib/net/bench_line.h"
#include "targets.h"

/* What is understood is understood again when it is printed. */
static const char *ask(struct span line)
{
	struct bench_ask a, again;
	char text[BENCH_LINE];
	size_t n;

	if (bench_ask_parse(line, &a))
		return a.id || a.size || a.ms ? "what is refused is half a request"
					      : NULL;
	n = bench_ask_print(&a, text);
	if (n >= BENCH_REQUEST || bench_ask_parse(span(text, n - 1), &again) ||
	    memcmp(&a, &again, sizeof(a)) != 0)
		return "a request is another one when it is repeated";
	return NULL;
}

static const char *report(struct span line)
{
	struct bench_report r, again;
	char text[BENCH_LINE];
	size_t n;

	if (bench_report_parse(line, &r))
		return r.in || r.hashed ? "what is refused is half a report" : NULL;
	n = bench_report_print(&r, text);
	if (n >= BENCH_LINE || bench_report_parse(span(text, n - 1), &again) ||
	    memcmp(&r, &again, sizeof(r)) != 0)
		return "a report is another one when it is repeated";
	return NULL;
}

const char *fuzz_bench_line(const char *data, size_t len)
{
	const struct span line = span(data, len);
	struct bench_reply r;
	const char *bad = ask(line);

	if (!bad)
		bad = report(line);
	if (bad)
		return bad;
	if (bench_reply_parse(line, &r) && *r.no)
		return "what is refused has words";
	for (const char *p = r.no; *p; p++)
		if (*p < ' ' || *p > '~')
			return "the peer's words are not printable";
	return NULL;
}
