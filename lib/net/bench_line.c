// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "bench_line.h"

static const char begin[] = "bench/", version[] = "1";

static const char *const kinds[] = { "run",    "start", "end",       "sink",
				     "source", "rpc",   "websocket", "close" };

/* The word that all lines begin with. */
static int take_version(struct span *rest)
{
	const size_t n = sizeof(begin) - 1;
	struct span word;

	if (!next_word(rest, &word) || !span_starts(word, begin))
		return -EBADMSG;
	return span_is(span(word.p + n, word.len - n), version) ? 0 : -EPROTONOSUPPORT;
}

static bool take_numbers(struct span *rest, uint64_t *const out[], size_t n)
{
	struct span word;

	for (size_t i = 0; i < n; i++)
		if (!next_word(rest, &word) || !span_u64(word, out[i]))
			return false;
	return true;
}

static bool at_end(struct span rest)
{
	return !trimmed(rest).len;
}

/* ---- what the client says ---- */

size_t bench_ask_print(const struct bench_ask *a, char line[BENCH_LINE])
{
	return (size_t)snprintf(line, BENCH_LINE,
				"%s%s %s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", begin,
				version, kinds[a->kind], a->id, a->size, a->ms);
}

int bench_ask_parse(struct span line, struct bench_ask *out)
{
	struct bench_ask a = { 0 };
	uint64_t *const numbers[] = { &a.id, &a.size, &a.ms };
	struct span rest = line, word;
	int kind = 0, err = take_version(&rest);

	*out = a;
	if (err)
		return err;
	if (!next_word(&rest, &word))
		return -EBADMSG;
	while (kind < BENCH_ASKS && !span_is(word, kinds[kind]))
		kind++;
	if (kind == BENCH_ASKS || !take_numbers(&rest, numbers, ARRAY_SIZE(numbers)) ||
	    !at_end(rest))
		return -EBADMSG;
	a.kind = (enum bench_ask_kind)kind;
	*out = a;
	return 0;
}

/* ---- what the peer says ---- */

size_t bench_reply_print(const struct bench_reply *r, char line[BENCH_LINE])
{
	if (*r->no)
		return (size_t)snprintf(line, BENCH_LINE, "%s%s no %s\n", begin, version,
					r->no);
	return (size_t)snprintf(line, BENCH_LINE, "%s%s ok %" PRIu64 "\n", begin, version,
				r->n);
}

int bench_reply_parse(struct span line, struct bench_reply *out)
{
	uint64_t *const number[] = { &out->n };
	struct span rest = line, word;
	int err = take_version(&rest);

	*out = (struct bench_reply){ 0 };
	if (err)
		return err;
	if (!next_word(&rest, &word))
		return -EBADMSG;
	if (span_is(word, "ok"))
		return take_numbers(&rest, number, 1) && at_end(rest) ? 0 : -EBADMSG;
	rest = trimmed(rest);
	if (!span_is(word, "no") || !rest.len)
		return -EBADMSG;
	for (size_t i = 0; i < rest.len && i < sizeof(out->no) - 1; i++)
		out->no[i] = rest.p[i] < ' ' || rest.p[i] > '~' ? '?' : rest.p[i];
	return 0;
}

size_t bench_report_print(const struct bench_report *r, char line[BENCH_LINE])
{
	size_t n = (size_t)snprintf(line, BENCH_LINE,
				    "%s%s report %" PRIu64 " %" PRIu64 " %" PRIu64
				    " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " ",
				    begin, version, r->in, r->out, r->operations,
				    r->user_ns, r->system_ns, r->others, r->hashed);

	for (size_t i = 0; i < BENCH_HASH; i++, n += 2)
		snprintf(line + n, BENCH_LINE - n, "%02x", r->hash[i]);
	line[n++] = '\n';
	return n;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_hash(struct span word, uint8_t hash[BENCH_HASH])
{
	if (word.len != 2 * (size_t)BENCH_HASH)
		return false;
	for (size_t i = 0; i < BENCH_HASH; i++) {
		const int high = digit(word.p[2 * i]), low = digit(word.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		hash[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

int bench_report_parse(struct span line, struct bench_report *out)
{
	struct bench_report r = { 0 };
	uint64_t *const numbers[] = { &r.in,        &r.out,    &r.operations, &r.user_ns,
				      &r.system_ns, &r.others, &r.hashed };
	struct span rest = line, word;
	int err = take_version(&rest);

	*out = (struct bench_report){ 0 };
	if (err)
		return err;
	if (!next_word(&rest, &word) || !span_is(word, "report") ||
	    !take_numbers(&rest, numbers, ARRAY_SIZE(numbers)) ||
	    !next_word(&rest, &word) || !take_hash(word, r.hash) || !at_end(rest))
		return -EBADMSG;
	*out = r;
	return 0;
}
