/* SPDX-License-Identifier: MIT */
/*
 * What is said in the clear before TLS begins: SMTP (RFC 3207), IMAP (RFC 9051) and
 * PostgreSQL (SSLRequest). Pure: bytes in, bytes out; a server may send them as it likes,
 * and no more of them than there is room for.
 */
#ifndef KTLSCTL_NET_STARTTLS_H
#define KTLSCTL_NET_STARTTLS_H

#include "../facts/lines.h"

enum starttls_kind {
	STARTTLS_NONE, /* TLS from the first byte */
	STARTTLS_SMTP,
	STARTTLS_IMAP,
	STARTTLS_POSTGRES,
	STARTTLS_KINDS
};
/* "https", "smtp", "imap", "postgres"; NULL-terminated. */
extern const char *const starttls_words[];

enum {
	STARTTLS_LINE = 1024,   /* the longest line, with its end */
	STARTTLS_BYTES = 16384, /* all that a server may say */
	STARTTLS_WHY = 128,
};

struct starttls {
	enum starttls_kind kind;
	unsigned step;
	bool offered;    /* the server has said that it can */
	struct span say; /* what is to be sent now; empty: nothing; constant */
	char line[STARTTLS_LINE];
	size_t len, total;
	char why[STARTTLS_WHY]; /* the server's words, printable; "" */
};

void starttls_begin(struct starttls *s, enum starttls_kind kind);
/* It is the client's turn to begin with TLS. */
bool starttls_done(const struct starttls *s);

/*
 * What came. 0: it goes on, send s->say (and set it to nothing) and read on unless
 * starttls_done(); or
 *
 *	-ENOTSUP   the server does not offer TLS
 *	-EACCES    it refuses: s->why
 *	-EBADMSG   this is another protocol
 *	-EMSGSIZE  a line, or all of it, is too long
 *	-EPROTO    more came in the clear than belongs there
 */
int starttls_feed(struct starttls *s, struct span bytes);

#endif
