// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "starttls.h"

const char *const starttls_words[] = { "https", "smtp", "imap", "postgres", NULL };

/* The server greets; it tells what it can; it answers to STARTTLS; TLS. */
enum step { GREETING, ABILITIES, ANSWER, DONE };

static const char ehlo[] = "EHLO localhost\r\n", smtp_start[] = "STARTTLS\r\n",
		  imap_start[] = "a STARTTLS\r\n";
/* Eight bytes, and a number that is no version of the protocol: 1234.5679. */
static const char ssl_request[] = "\0\0\0\010\004\322\026\057";

void starttls_begin(struct starttls *s, enum starttls_kind kind)
{
	*s = (struct starttls){ .kind = kind };
	if (kind == STARTTLS_NONE)
		s->step = DONE;
	if (kind == STARTTLS_POSTGRES) {
		s->step = ANSWER;
		s->say = span(ssl_request, sizeof(ssl_request) - 1);
	}
}

bool starttls_done(const struct starttls *s)
{
	return s->step == DONE;
}

static void say(struct starttls *s, const char *text, enum step next)
{
	s->say = span(text, strlen(text));
	s->step = next;
}

static int refused(struct starttls *s, struct span words)
{
	size_t n = 0;

	for (; n < words.len && n < STARTTLS_WHY - 1; n++)
		s->why[n] = words.p[n] < ' ' || words.p[n] > '~' ? '?' : words.p[n];
	s->why[n] = '\0';
	return -EACCES;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "250-STARTTLS" is followed by more, "250 STARTTLS" and "250" are the end. */
static int smtp_end(struct starttls *s)
{
	if (s->step == GREETING) {
		say(s, ehlo, ABILITIES);
	} else if (s->step == ABILITIES) {
		if (!s->offered)
			return -ENOTSUP;
		say(s, smtp_start, ANSWER);
	} else {
		s->step = DONE;
	}
	return 0;
}

static int smtp_line(struct starttls *s, struct span line)
{
	const char *code = s->step == ABILITIES ? "250" : "220";
	const bool more = line.len > 3 && line.p[3] == '-';
	struct span word, rest;

	if (line.len < 3 || !is_digit(line.p[0]) || !is_digit(line.p[1]) ||
	    !is_digit(line.p[2]) || (line.len > 3 && !more && line.p[3] != ' '))
		return -EBADMSG;
	if (!span_starts(line, code))
		return s->step == ANSWER && span_starts(line, "5") ? -ENOTSUP
								   : refused(s, line);
	rest = span(line.p + 3 + (line.len > 3), line.len - 3 - (line.len > 3));
	if (s->step == ABILITIES && next_word(&rest, &word) &&
	    span_is_nocase(word, "STARTTLS"))
		s->offered = true;
	return more ? 0 : smtp_end(s);
}

/* "* OK [CAPABILITY ...] ready"; what it lists there need not be all it can. */
static int imap_line(struct starttls *s, struct span line)
{
	struct span rest = line, tag, word;

	if (!next_word(&rest, &tag) || !next_word(&rest, &word))
		return -EBADMSG;
	if (span_is(tag, "*")) {
		if (span_is_nocase(word, "BYE"))
			return refused(s, line);
		if (s->step != GREETING)
			return 0;
		if (span_is_nocase(word, "PREAUTH"))
			return -ENOTSUP;
		if (!span_is_nocase(word, "OK"))
			return -EBADMSG;
		say(s, imap_start, ANSWER);
		return 0;
	}
	if (s->step != ANSWER || !span_is(tag, "a"))
		return -EBADMSG;
	if (span_is_nocase(word, "OK")) {
		s->step = DONE;
		return 0;
	}
	return span_is_nocase(word, "BAD") || span_is_nocase(word, "NO") ? -ENOTSUP
									 : -EBADMSG;
}

/* One byte; an error is told as a message instead, which is for people. */
static int postgres(struct starttls *s, struct span bytes)
{
	if (bytes.p[0] == 'N')
		return bytes.len > 1 ? -EBADMSG : -ENOTSUP;
	if (bytes.p[0] == 'E')
		return refused(s, span("an error instead of an answer", 29));
	if (bytes.p[0] != 'S')
		return -EBADMSG;
	s->step = DONE;
	return bytes.len > 1 ? -EPROTO : 0;
}

static int take_line(struct starttls *s)
{
	struct span line = span(s->line, s->len);

	s->len = 0;
	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	if (memchr(line.p, 0, line.len))
		return -EBADMSG;
	return s->kind == STARTTLS_SMTP ? smtp_line(s, line) : imap_line(s, line);
}

static int feed_lines(struct starttls *s, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		int err;

		/* What stands behind could be taken for an answer from inside TLS. */
		if (starttls_done(s))
			return -EPROTO;
		if (bytes.p[i] != '\n') {
			if (s->len == sizeof(s->line) - 1)
				return -EMSGSIZE;
			s->line[s->len++] = bytes.p[i];
			continue;
		}
		err = take_line(s);
		if (err)
			return err;
	}
	return 0;
}

int starttls_feed(struct starttls *s, struct span bytes)
{
	if (!bytes.len)
		return 0;
	s->total += bytes.len;
	if (s->total > STARTTLS_BYTES)
		return -EMSGSIZE;
	if (s->kind == STARTTLS_NONE || starttls_done(s))
		return -EPROTO;
	return s->kind == STARTTLS_POSTGRES ? postgres(s, bytes) : feed_lines(s, bytes);
}
