/* SPDX-License-Identifier: MIT */
/* What a server says before TLS begins, and whom a command line names. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../lib/host/cleanup.h"
#include "../../lib/net/lookup.h"
#include "../../lib/net/starttls.h"
#include "targets.h"

static const char *properties(const struct starttls *s, int err)
{
	if (s->len >= sizeof(s->line))
		return "a line is longer than its room";
	if (err && err != -ENOTSUP && err != -EACCES && err != -EBADMSG &&
	    err != -EMSGSIZE && err != -EPROTO)
		return "an error that is not promised";
	for (const char *p = s->why; *p; p++)
		if (*p < ' ' || *p > '~')
			return "the server's words are not printable";
	return NULL;
}

/* The first byte chooses the protocol. Where the bytes are cut makes no difference, but
 * for the one byte that is all an answer of PostgreSQL. */
const char *fuzz_starttls(const char *data, size_t len)
{
	struct starttls whole, bytes;
	int err, again = 0;
	const char *bad;

	if (!len)
		return NULL;
	starttls_begin(&whole,
		       (enum starttls_kind)((unsigned char)data[0] % STARTTLS_KINDS));
	bytes = whole;
	err = starttls_feed(&whole, span(data + 1, len - 1));
	bad = properties(&whole, err);
	if (bad || whole.kind == STARTTLS_POSTGRES || len - 1 > STARTTLS_BYTES)
		return bad;
	for (size_t i = 1; i < len && !again; i++)
		again = starttls_feed(&bytes, span(data + i, 1));
	if (again != err || starttls_done(&bytes) != starttls_done(&whole) ||
	    strcmp(bytes.why, whole.why) != 0)
		return "byte by byte it is something else";
	return NULL;
}

const char *fuzz_target_name(const char *data, size_t len)
{
	cleanup_free char *text = strndup(data, len);
	struct target t;

	if (!text)
		abort();
	if (!target_parse(text, &t))
		return NULL;
	if (!t.port || !*t.host || strlen(t.host) >= sizeof(t.host))
		return "a target without host or port";
	if (strpbrk(t.host, " []\r\n\t/"))
		return "the host is no name";
	return NULL;
}
