// SPDX-License-Identifier: MIT
/* The frames of one end, which wslay reads and writes: their meaning is ours. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <wslay/wslay.h>
#include <wslay/wslayver.h>

#include "../host/library.h"
#include "../out/utf8.h"
#include "frames.h"

enum { MASK = 4, MASKS = 64, HEAP_STEP = 4096 };

struct heap {
	char *p;
	size_t len, size;
};

struct frames {
	struct frames_options o;
	wslay_frame_context_ptr lib;
	const char *in; /* what is fed and not taken yet */
	size_t in_left;

	struct wslay_frame_iocb frame; /* the one at hand */
	bool begun;
	uint64_t frame_left;
	char control[FRAME_CONTROL_MAX];
	size_t control_len;
	enum frame_what what; /* of the message at hand */
	unsigned parts;       /* 0: there is none */
	struct heap message;

	struct heap out[2]; /* to be sent; being sent */
	unsigned now;       /* which is the first */
	char pong[FRAME_CONTROL_MAX];
	size_t pong_len;
	bool pong_waits;
	uint8_t masks[MASKS * MASK];
	size_t masks_left;

	unsigned closed, closing;
	int err;
	const char *reason;
};

struct library library_wslay(void)
{
	return (struct library){ "wslay", WSLAY_VERSION, NULL };
}

/* Room for so many more; by steps, so that many small ones are no burden. */
static int make_room(struct heap *h, size_t more)
{
	size_t size = h->size ? h->size : HEAP_STEP;
	char *p;

	if (h->size - h->len >= more)
		return 0;
	while (size - h->len < more)
		size *= 2;
	p = realloc(h->p, size);
	if (!p)
		return -ENOMEM;
	h->p = p;
	h->size = size;
	return 0;
}

static void append(struct heap *h, const void *p, size_t n)
{
	if (n)
		memcpy(h->p + h->len, p, n);
	h->len += n;
}

/* ---- what the library asks for ---- */

static ssize_t on_receive(uint8_t *buf, size_t len, int flags, void *arg)
{
	struct frames *f = arg;
	const size_t n = len < f->in_left ? len : f->in_left;

	(void)flags;
	if (!n)
		return -1;
	memcpy(buf, f->in, n);
	f->in += n;
	f->in_left -= n;
	return (ssize_t)n;
}

/* The room was made before. */
static ssize_t on_send(const uint8_t *data, size_t len, int flags, void *arg)
{
	struct frames *f = arg;
	struct heap *h = &f->out[f->now];

	(void)flags;
	if (h->size - h->len < len)
		return -1;
	append(h, data, len);
	return (ssize_t)len;
}

/* Nobody may foresee them (RFC 6455, 10.3). */
static int on_mask(uint8_t *buf, size_t len, void *arg)
{
	struct frames *f = arg;

	if (f->masks_left < len) {
		if (getrandom(f->masks, sizeof(f->masks), 0) != (ssize_t)sizeof(f->masks))
			return -1;
		f->masks_left = sizeof(f->masks);
	}
	f->masks_left -= len;
	memcpy(buf, f->masks + f->masks_left, len);
	return 0;
}

int frames_new(struct frames **out, const struct frames_options *o)
{
	const struct wslay_frame_callbacks calls = { on_send, on_receive, on_mask };
	struct frames *f = calloc(1, sizeof(*f));

	*out = NULL;
	if (!f || wslay_frame_context_init(&f->lib, &calls, f)) {
		free(f);
		return -ENOMEM;
	}
	f->o = *o;
	if (!f->o.most)
		f->o.most = FRAMES_MESSAGE_MAX;
	f->reason = "";
	*out = f;
	return 0;
}

void frames_free(struct frames *f)
{
	if (!f)
		return;
	wslay_frame_context_free(f->lib);
	free(f->message.p);
	free(f->out[0].p);
	free(f->out[1].p);
	free(f);
}

/* ---- sending ---- */

static int write_frame(struct frames *f, unsigned opcode, bool last, const void *data,
		       size_t len)
{
	struct wslay_frame_iocb b = { .fin = last,
				      .opcode = (uint8_t)opcode,
				      .payload_length = len,
				      .mask = !f->o.server,
				      .data = data,
				      .data_length = len };
	int err = make_room(&f->out[f->now], len + FRAME_HEAD_MAX);

	if (!err && wslay_frame_send(f->lib, &b) != (ssize_t)len)
		err = -EIO;
	return err;
}

static int put_message(struct frames *f, unsigned opcode, const char *data, size_t len,
		       size_t piece)
{
	size_t at = 0;

	do {
		const size_t n = len - at < piece ? len - at : piece;
		int err = write_frame(f, at ? 0 : opcode, at + n == len, data + at, n);

		if (err)
			return err;
		at += n;
	} while (at < len);
	return 0;
}

static size_t head_size(const struct frames *f, size_t len)
{
	const size_t n = len < 126 ? 2 : len <= UINT16_MAX ? 4 : 10;

	return f->o.server ? n : n + MASK;
}

int frames_put(struct frames *f, enum frame_what what, const void *data, size_t len,
	       size_t piece)
{
	const struct heap *h = &f->out[f->now];
	const bool control = what >= FRAME_CLOSE;
	const size_t before = h->len;
	size_t parts;
	int err;

	if (f->closing || f->closed || f->err)
		return -EPIPE;
	if (control || !piece || piece > len)
		piece = len ? len : 1;
	parts = len / piece + 1;
	if (len > (control ? (size_t)FRAME_CONTROL_MAX : f->o.most) ||
	    parts > FRAMES_PARTS_MAX)
		return -EMSGSIZE;
	if (h->len && h->len + len + parts * head_size(f, piece) > 2 * f->o.most)
		return -EAGAIN;
	err = put_message(f, what, data, len, piece);
	if (err)
		f->out[f->now].len = before;
	return err;
}

/* The last of the pings is the one that is answered (RFC 6455, 5.5.3). */
static void put_pong(struct frames *f)
{
	if (f->pong_waits && !f->closing)
		write_frame(f, FRAME_PONG, true, f->pong, f->pong_len);
	f->pong_waits = false;
}

int frames_close(struct frames *f, uint16_t code, const char *reason)
{
	uint8_t body[FRAME_CONTROL_MAX] = { (uint8_t)(code >> 8), (uint8_t)code };
	size_t len = strlen(reason);

	if (f->closing)
		return -EPIPE;
	if (len > sizeof(body) - 2)
		len = sizeof(body) - 2;
	memcpy(body + 2, reason, len);
	put_pong(f);
	f->closing = code;
	return write_frame(f, FRAME_CLOSE, true, body,
			   code == FRAME_CODE_NONE ? 0 : len + 2);
}

size_t frames_take(struct frames *f, const char **p)
{
	struct heap *h = &f->out[f->now];

	put_pong(f);
	if (!h->len)
		return 0;
	f->now ^= 1;
	f->out[f->now].len = 0;
	*p = h->p;
	return h->len;
}

bool frames_waiting(const struct frames *f)
{
	return f->out[f->now].len || f->pong_waits;
}

unsigned frames_closed(const struct frames *f)
{
	return f->closed;
}

unsigned frames_closing(const struct frames *f)
{
	return f->closing;
}

const char *frames_reason(const struct frames *f)
{
	return f->reason;
}

/* ---- receiving ---- */

static int fail(struct frames *f, int err, uint16_t code, const char *reason)
{
	f->err = err;
	f->reason = reason;
	frames_close(f, code, "");
	return err;
}

static int broken(struct frames *f, const char *reason)
{
	return fail(f, -EPROTO, FRAME_CODE_PROTOCOL, reason);
}

/* utf8_valid() takes no NUL; a text may have some. */
static bool is_text(const char *p, size_t len)
{
	for (const char *nul; (nul = memchr(p, 0, len)); p = nul + 1) {
		if (!utf8_valid(p, (size_t)(nul - p)))
			return false;
		len -= (size_t)(nul - p) + 1;
	}
	return utf8_valid(p, len);
}

static int tell(struct frames *f, const struct frame_message *m)
{
	int err;

	if ((m->what == FRAME_TEXT || m->what == FRAME_CLOSE) &&
	    !is_text(m->data, m->len))
		return fail(f, -EILSEQ, FRAME_CODE_NOT_UTF8, "a text of it is not UTF-8");
	err = f->o.message ? f->o.message(f->o.arg, m) : 0;
	if (err)
		f->err = err;
	return err;
}

/* Those that may stand in a frame (RFC 6455, 7.4; IANA's registry). */
static bool may_close_with(unsigned code)
{
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
	       (code >= 3000 && code <= 4999);
}

static int take_close(struct frames *f, struct frame_message *m)
{
	const uint8_t *p = (const uint8_t *)m->data;
	int err;

	if (m->len == 1)
		return broken(f, "it closed with half a code");
	m->code = m->len ? (uint16_t)(p[0] << 8 | p[1]) : FRAME_CODE_NONE;
	if (m->len && !may_close_with(m->code))
		return broken(f, "it closed with a code that is not to be sent");
	m->data += m->len ? 2 : 0;
	m->len -= m->len ? 2 : 0;
	err = tell(f, m);
	if (err)
		return err;
	f->closed = m->code;
	if (!f->closing)
		err = frames_close(f, m->code, "");
	return err;
}

static int take_control(struct frames *f)
{
	struct frame_message m = { .what = f->frame.opcode,
				   .data = f->control,
				   .len = f->control_len,
				   .parts = 1 };

	if (m.what == FRAME_CLOSE)
		return take_close(f, &m);
	if (m.what == FRAME_PING) {
		memcpy(f->pong, m.data, m.len);
		f->pong_len = m.len;
		f->pong_waits = true;
	}
	return tell(f, &m);
}

/* A message that is whole in one piece of the library's is not copied. */
static int take_data(struct frames *f, const struct wslay_frame_iocb *b)
{
	struct frame_message m = { .what = f->what, .parts = f->parts };
	const bool last = !f->frame_left && b->fin;
	int err;

	if (last && !f->message.len) {
		m.data = (const char *)b->data;
		m.len = b->data_length;
	} else {
		err = make_room(&f->message, b->data_length);
		if (err) {
			f->err = err;
			return err;
		}
		append(&f->message, b->data, b->data_length);
		m.data = f->message.p;
		m.len = f->message.len;
	}
	if (!last)
		return 0;
	f->parts = 0;
	f->message.len = 0;
	return tell(f, &m);
}

static int begin_data(struct frames *f, const struct wslay_frame_iocb *b)
{
	if (!b->opcode && !f->parts)
		return broken(f, "a fragment came without a beginning");
	if (b->opcode && f->parts)
		return broken(f, "a message began amid another one");
	if (b->payload_length > f->o.most - f->message.len)
		return fail(f, -EMSGSIZE, FRAME_CODE_TOO_BIG,
			    "a message is announced that is longer than is borne");
	if (f->parts >= FRAMES_PARTS_MAX)
		return fail(f, -EMSGSIZE, FRAME_CODE_TOO_BIG,
			    "a message has more fragments than are borne");
	if (b->opcode)
		f->what = b->opcode;
	f->parts++;
	return 0;
}

/* What can be said of a frame before its payload is taken. */
static int begin_frame(struct frames *f, const struct wslay_frame_iocb *b)
{
	f->frame = *b;
	f->frame_left = b->payload_length;
	f->begun = true;
	f->control_len = 0;
	if (b->mask && !f->o.server)
		return broken(f, "a frame is masked, which a server's must not be");
	if (!b->mask && f->o.server)
		return broken(f, "a frame is not masked, as a client's has to be");
	if (b->rsv)
		return broken(f, "a frame has reserved bits set");
	if (b->opcode >= FRAME_CLOSE && b->opcode <= FRAME_PONG)
		return 0;
	if (b->opcode > FRAME_BINARY)
		return broken(f, "a frame has an opcode that there is not");
	return begin_data(f, b);
}

static int take_part(struct frames *f, const struct wslay_frame_iocb *b)
{
	int err = f->begun ? 0 : begin_frame(f, b);

	if (err)
		return err;
	f->frame_left -= b->data_length;
	f->begun = f->frame_left;
	if (b->opcode < FRAME_CLOSE)
		return take_data(f, b);
	memcpy(f->control + f->control_len, b->data, b->data_length);
	f->control_len += b->data_length;
	return f->begun ? 0 : take_control(f);
}

int frames_feed(struct frames *f, const char *p, size_t n)
{
	f->in = p;
	f->in_left = n;
	while (!f->err && !f->closed) {
		struct wslay_frame_iocb b = { 0 };
		ssize_t got = wslay_frame_recv(f->lib, &b);

		if (got == WSLAY_ERR_WANT_READ)
			return 0;
		if (got < 0)
			return broken(f,
				      "a frame's head is malformed, or a control frame "
				      "is too long or in fragments");
		take_part(f, &b);
	}
	return f->err;
}
