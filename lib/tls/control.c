// SPDX-License-Identifier: MIT
/* What records that are no data say, and what has to be done about it. */
#include <string.h>

#include "ktls_ssl.h"

enum { HELLO_REQUEST = 0, CLIENT_HELLO = 1, TICKET = 4, KEY_UPDATE = 24 };
enum { WARNING = 1, FATAL = 2 };
enum {
	CLOSE_NOTIFY = 0,
	UNEXPECTED_MESSAGE = 10,
	ILLEGAL_PARAMETER = 47,
	DECODE_ERROR = 50,
	USER_CANCELED = 90,
	NO_RENEGOTIATION = 100,
};

const uint8_t ktls_key_update[5] = { KEY_UPDATE, 0, 0, 1, 0 };
const uint8_t ktls_no_renegotiation[2] = { WARNING, NO_RENEGOTIATION };
const uint8_t ktls_close_notify[2] = { WARNING, CLOSE_NOTIFY };

static unsigned fail(struct ktls_control *c, int alert)
{
	c->alert = alert;
	c->have = 0; /* nothing of it is looked at again */
	return KTLS_DO_FAIL;
}

/* A whole message. last: nothing stands behind it in the record. */
static unsigned message(struct ktls_control *c, bool last)
{
	const uint8_t type = c->header[0];

	if (c->version == KTLS_1_2) {
		if (type == (c->server ? CLIENT_HELLO : HELLO_REQUEST))
			return KTLS_DO_DECLINE;
	} else if (type == TICKET && !c->server) {
		c->tickets++;
		return KTLS_DO_NOTHING;
	} else if (type == KEY_UPDATE) {
		if (!last)
			return fail(c, UNEXPECTED_MESSAGE);
		if (c->body > 1)
			return fail(c, ILLEGAL_PARAMETER);
		return KTLS_DO_REKEY_RX | (c->body ? KTLS_DO_ANSWER : 0);
	}
	return fail(c, UNEXPECTED_MESSAGE);
}

/* The header is whole. What nobody waits for need not be awaited. */
static unsigned begin_message(struct ktls_control *c)
{
	c->left = (uint32_t)c->header[1] << 16 | (uint32_t)c->header[2] << 8 |
		  c->header[3];
	if (c->version == KTLS_1_3 && c->header[0] == KEY_UPDATE && c->left != 1)
		return fail(c, DECODE_ERROR);
	if (c->version == KTLS_1_2 && c->header[0] == HELLO_REQUEST && c->left)
		return fail(c, DECODE_ERROR);
	return KTLS_DO_NOTHING;
}

static unsigned handshake(struct ktls_control *c, const uint8_t *p, size_t len)
{
	unsigned act = KTLS_DO_NOTHING;
	size_t n;

	while (len && !(act & KTLS_DO_FAIL)) {
		if (c->have < sizeof(c->header)) {
			c->header[c->have++] = *p++;
			len--;
			if (c->have == sizeof(c->header))
				act |= begin_message(c);
		} else {
			n = c->left < len ? c->left : len;
			c->body = p[n - 1];
			c->left -= (uint32_t)n;
			p += n;
			len -= n;
		}
		if (c->have == sizeof(c->header) && !c->left && !(act & KTLS_DO_FAIL)) {
			act |= message(c, !len);
			c->have = 0;
		}
	}
	return act;
}

/* Two bytes, which may come one by one to a reader with little room. */
static unsigned alert(struct ktls_control *c, const uint8_t *p, size_t len)
{
	while (len--) {
		c->header[c->have++] = *p++;
		if (c->have < 2)
			continue;
		c->have = 0;
		c->alert = c->header[1];
		if (len)
			return fail(c, DECODE_ERROR);
		if (c->alert == CLOSE_NOTIFY)
			return KTLS_DO_CLOSE;
		/* In TLS 1.3 the level means nothing (RFC 8446, 6). */
		if (c->alert == USER_CANCELED ||
		    (c->version == KTLS_1_2 && c->header[0] == WARNING))
			return KTLS_DO_NOTHING;
		return KTLS_DO_ABORT;
	}
	return KTLS_DO_NOTHING;
}

unsigned ktls_control_digest(struct ktls_control *c, uint8_t type, const void *buf,
			     size_t len)
{
	/* Nothing comes between the parts of a message. */
	if (c->have && type != c->within)
		return fail(c, UNEXPECTED_MESSAGE);
	c->within = type;
	switch (type) {
	case KTLS_RECORD_DATA:
		return KTLS_DO_NOTHING;
	case KTLS_RECORD_ALERT:
		return alert(c, buf, len);
	case KTLS_RECORD_HANDSHAKE:
		return handshake(c, buf, len);
	default:
		return fail(c, UNEXPECTED_MESSAGE);
	}
}
