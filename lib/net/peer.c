// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "peer.h"

static const char name[] = "ktlsctl.peer/", version[] = "1";

/* The word that all lines begin with. */
static int take_version(struct span *rest)
{
	struct span word;

	if (!next_word(rest, &word) || !span_starts(word, name))
		return -EBADMSG;
	return span_is(span(word.p + sizeof(name) - 1, word.len - (sizeof(name) - 1)),
		       version)
		       ? 0
		       : -EPROTONOSUPPORT;
}

size_t peer_request_print(const struct peer_request *r, char line[PEER_LINE])
{
	return (size_t)snprintf(line, PEER_LINE, "%s%s %s %" PRIu64 "\n", name, version,
				r->kind, r->bytes);
}

static bool is_kind(struct span word)
{
	for (size_t i = 0; i < word.len; i++)
		if (word.p[i] < 'a' || word.p[i] > 'z')
			return false;
	return word.len < PEER_KIND;
}

int peer_request_parse(struct span line, struct peer_request *out)
{
	struct span rest = line, kind, bytes, more;
	int err = take_version(&rest);

	*out = (struct peer_request){ 0 };
	if (err)
		return err;
	if (!next_word(&rest, &kind) || !is_kind(kind) || !next_word(&rest, &bytes) ||
	    !span_u64(bytes, &out->bytes) || next_word(&rest, &more))
		return -EBADMSG;
	memcpy(out->kind, kind.p, kind.len);
	return 0;
}

size_t peer_answer_print(const char *no, char line[PEER_LINE])
{
	int n = snprintf(line, PEER_LINE, "%s%s %s%s\n", name, version, no ? "no " : "ok",
			 no ? no : "");

	if (n < PEER_LINE)
		return (size_t)n;
	line[PEER_LINE - 2] = '\n';
	return PEER_LINE - 1;
}

int peer_answer_parse(struct span line, char why[PEER_LINE])
{
	struct span rest = line, word;
	size_t n = 0;
	int err = take_version(&rest);

	why[0] = '\0';
	if (err)
		return err;
	if (!next_word(&rest, &word) || (!span_is(word, "ok") && !span_is(word, "no")))
		return -EBADMSG;
	rest = trimmed(rest);
	if (span_is(word, "ok"))
		return rest.len ? -EBADMSG : 0;
	for (; n < rest.len && n < PEER_LINE - 1; n++)
		why[n] = rest.p[n] < ' ' || rest.p[n] > '~' ? '?' : rest.p[n];
	why[n] = '\0';
	return n ? 0 : -EBADMSG;
}
