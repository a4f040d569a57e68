/* SPDX-License-Identifier: MIT */
/*
 * What no peer should send, raw into a socket that receives through the kernel: it has to
 * be refused with the right error, or to do no harm to what comes with it. Kernels have
 * been crashed with records like these; who calls has made sure that this one is mended.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "probe_priv.h"

enum {
	DATA = 11,        /* bytes in a record that has some */
	MANY = 1000,      /* records of a flood */
	UNKNOWN_TYPE = 99 /* no record of any version (RFC 8446, 5.1) */
};

static int differs(struct trial *t, const char *what, int err)
{
	t->o.differed = what;
	return err < 0 ? err : -EILSEQ;
}

static int send_raw(struct trial *t, const void *bytes, size_t len)
{
	ssize_t n = put_plain(NULL, t->p.fd[0], bytes, len);

	return n == (ssize_t)len ? 0 : n < 0 ? (int)n : -EIO;
}

/* The next record of DATA bytes onto the wire; its bytes. */
static ssize_t seal(struct trial *t, uint8_t type, size_t len)
{
	const struct ktls_record r = { type, t->b->data, len, 0 };
	ssize_t n = ktls_seal(&t->keys, &r, t->b->wire + t->b->on_wire,
			      BENCH_WIRE - t->b->on_wire);

	if (n > 0)
		t->b->on_wire += (size_t)n;
	return n;
}

/* ---- records that have to be refused ---- */

/* Once a record was refused nothing may come behind it, however good it is. */
static int expect_end(struct trial *t)
{
	uint8_t type;
	ssize_t n;

	t->b->on_wire = 0;
	if (seal(t, KTLS_RECORD_DATA, DATA) > 0)
		send_raw(t, t->b->wire, t->b->on_wire); /* it may be closed by now */
	n = ktls_recv_record(t->p.fd[1], &type, t->b->room, BENCH_ROOM);
	return n < 0 ? 0 : differs(t, "reading goes on behind it", 0);
}

static int expect_refusal(struct trial *t, int want)
{
	uint8_t type;
	ssize_t n = trial_record(t, &type);

	if (n != want)
		return differs(t,
			       want == -EBADMSG    ? "not refused with EBADMSG"
			       : want == -EMSGSIZE ? "not refused with EMSGSIZE"
						   : "not refused with EINVAL",
			       (int)n);
	t->o.err = want;
	t->verdict = PROBE_REFUSED;
	return expect_end(t);
}

/* A good record whose header is changed before it is sent. */
struct header {
	uint8_t type, major, minor;
	size_t len; /* SIZE_MAX: as it is */
};

static int send_header(struct trial *t, const struct header *h)
{
	uint8_t *wire = t->b->wire;
	int err = trial_start(t, KTLS_RX);
	ssize_t n = err ? err : seal(t, KTLS_RECORD_DATA, DATA);

	if (n < 0)
		return (int)n;
	wire[0] = h->type;
	wire[1] = h->major;
	wire[2] = h->minor;
	if (h->len != SIZE_MAX) {
		wire[3] = (uint8_t)(h->len >> 8);
		wire[4] = (uint8_t)h->len;
	}
	return send_raw(t, wire, (size_t)n);
}

static int with_length(struct trial *t, size_t len, int want)
{
	const struct header h = { KTLS_RECORD_DATA, 3, 3, len };
	int err = send_header(t, &h);

	return err ? err : expect_refusal(t, want);
}

static int try_bad_type(struct trial *t)
{
	const struct header h = { UNKNOWN_TYPE, 3, 3, SIZE_MAX };
	int err = send_header(t, &h);

	return err ? err : expect_refusal(t, -EBADMSG);
}

/* In TLS 1.3 the kernel takes the outer type for granted, also where it authenticates the
 * header (seen on 6.1, 6.12 and 7.2); what a reader gets is the one inside. */
static int try_bad_outer_type(struct trial *t)
{
	const struct header h = { UNKNOWN_TYPE, 3, 3, SIZE_MAX };
	int err = send_header(t, &h);

	if (!err)
		err = trial_take(t, KTLS_RECORD_DATA, t->b->data, DATA);
	if (!err)
		t->verdict = PROBE_NO_EFFECT;
	t->note = "the inner counts";
	return err;
}

static int try_bad_version(struct trial *t)
{
	const struct header h = { KTLS_RECORD_DATA, 2, 0, SIZE_MAX };
	int err = send_header(t, &h);

	return err ? err : expect_refusal(t, -EINVAL);
}

/* One byte more than any version allows (RFC 5246, 6.2.3; RFC 8446, 5.2). */
static int try_too_long(struct trial *t)
{
	const size_t more = t->keys.version == KTLS_1_3 ? 256 : 2048;

	return with_length(t, KTLS_DATA_MAX + more + 1, -EMSGSIZE);
}

static int try_longest(struct trial *t)
{
	return with_length(t, UINT16_MAX, -EMSGSIZE);
}

static int try_shorter_than_tag(struct trial *t)
{
	return with_length(t, KTLS_TAG - 1, -EBADMSG);
}

static int try_length_zero(struct trial *t)
{
	return with_length(t, 0, -EBADMSG);
}

static int try_plaintext(struct trial *t)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
	int err = trial_start(t, KTLS_RX);

	if (!err)
		err = send_raw(t, request, sizeof(request) - 1);
	return err ? err : expect_refusal(t, -EINVAL);
}

/* Zeros alone, which is padding without a type (RFC 8446, 5.4). */
static int try_padding_only(struct trial *t)
{
	const struct ktls_record r = { 0, t->b->data, 0, 200 };
	int err = trial_start(t, KTLS_RX);

	if (!err)
		err = trial_send(t, &r);
	return err ? err : expect_refusal(t, -EBADMSG);
}

/*
 * A header that turns out bad only after the kernel, short of room, has begun to copy:
 * each urgent byte makes a read end early, and what follows fills the buffer.
 */
static int try_split_bad_header(struct trial *t)
{
	enum { PIECE = 5, FILL = 60000, PIECES = 64 };
	uint8_t *wire = t->b->wire;
	int err = trial_start(t, KTLS_RX);

	if (err)
		return err;
	memset(wire, 0xff, FILL);
	memcpy(wire, (uint8_t[]){ KTLS_RECORD_DATA, 3, 3 }, 3);
	if (send(t->p.fd[0], wire, PIECE, MSG_OOB | MSG_NOSIGNAL) != PIECE)
		return -errno;
	/* As much as fits; the socket does not block. */
	if (send(t->p.fd[0], wire + PIECE, FILL, MSG_NOSIGNAL) < 0)
		return -errno;
	for (int i = 0; i < PIECES; i++)
		if (send(t->p.fd[0], wire + PIECE, PIECE, MSG_OOB | MSG_NOSIGNAL) < 0)
			break;
	return expect_refusal(t, -EMSGSIZE);
}

/* ---- records that must do no harm ---- */

/*
 * A letter a record: d of data, 0 of data without any, c a control record, z one without
 * anything in it. They come back in their order, each as often as it was sent.
 */
struct sequence {
	const char *next;
};

static void skip_empty(struct sequence *s)
{
	s->next += strspn(s->next, "0");
}

/* n bytes of data arrived: whole records, because there is room for all of them. */
static bool takes_data(const struct trial *t, struct sequence *s, size_t n)
{
	size_t done = 0;

	for (skip_empty(s); done < n && *s->next == 'd'; skip_empty(s)) {
		if (n - done < DATA || memcmp(t->b->room + done, t->b->data, DATA))
			return false;
		done += DATA;
		s->next++;
	}
	return done == n;
}

static bool takes_control(const struct trial *t, struct sequence *s, size_t n)
{
	skip_empty(s);
	if (*s->next == 'z' ? n != 0 : *s->next != 'c' || n != DATA)
		return false;
	s->next++;
	return !memcmp(t->b->room, t->b->data, n);
}

static int send_sequence(struct trial *t, const char *letters)
{
	int err = trial_start(t, KTLS_RX);

	t->b->on_wire = 0;
	for (const char *l = letters; !err && *l; l++) {
		const bool data = *l == 'd' || *l == '0';
		const ssize_t n = seal(t, data ? KTLS_RECORD_DATA : KTLS_RECORD_HANDSHAKE,
				       *l == 'd' || *l == 'c' ? DATA : 0);

		err = n < 0 ? (int)n : 0;
	}
	return err ? err : send_raw(t, t->b->wire, t->b->on_wire);
}

/* All of it was read. */
static int expect_nothing(struct trial *t)
{
	uint8_t type;
	const ssize_t n = ktls_recv_record(t->p.fd[1], &type, t->b->room, BENCH_ROOM);

	return n == -EAGAIN ? 0 : differs(t, "more comes than was sent", (int)n);
}

static int try_sequence(struct trial *t, const char *letters)
{
	struct sequence s = { letters };
	int err = send_sequence(t, letters);

	while (!err && (skip_empty(&s), *s.next)) {
		uint8_t type = 0;
		const ssize_t n = trial_record(t, &type);

		if (n < 0)
			return differs(t, "what came with it was refused", (int)n);
		if (!(type == KTLS_RECORD_DATA ? takes_data(t, &s, (size_t)n)
					       : takes_control(t, &s, (size_t)n)))
			return differs(t, "what came with it was harmed", 0);
	}
	return err ? err : expect_nothing(t);
}

static int try_zero_length(struct trial *t)
{
	static const char *const sequences[] = { "dzd", "zdz", "zzz", "00d", "d00",
						 "0d0", "00c", "00z", "c0z", "d0zd0c0d" };
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(sequences); i++) {
		if (i)
			err = trial_again(t);
		if (!err)
			err = try_sequence(t, sequences[i]);
	}
	return err;
}

static int try_zero_length_flood(struct trial *t)
{
	char letters[MANY + 2];

	memset(letters, '0', MANY);
	memcpy(letters + MANY, "d", 2);
	return try_sequence(t, letters);
}

/* Each byte in a segment of its own, and a reader who is too early each time. */
static int try_split_header(struct trial *t)
{
	int err = trial_start(t, KTLS_RX);
	ssize_t n = err ? err : seal(t, KTLS_RECORD_DATA, DATA);

	for (ssize_t i = 0; n > 0 && i < n; i++) {
		err = send_raw(t, t->b->wire + i, 1);
		if (!err && i + 1 < n)
			err = (int)take_plain(NULL, t->p.fd[1], t->b->room, BENCH_ROOM);
		if (i + 1 < n && err != -EAGAIN)
			return differs(t, "a part of it was read", err);
	}
	return n < 0 ? (int)n
	       : err ? err
		     : trial_take(t, KTLS_RECORD_DATA, t->b->data, DATA);
}

/* The end of the stream in its middle: no byte of it may be read. */
static int try_truncated(struct trial *t)
{
	int err = trial_start(t, KTLS_RX);
	ssize_t n = err ? err : seal(t, KTLS_RECORD_DATA, DATA);

	if (n < 0)
		return (int)n;
	err = send_raw(t, t->b->wire, (size_t)n - 1);
	if (!err && shutdown(t->p.fd[0], SHUT_WR))
		err = -errno;
	if (!err)
		err = pair_wait(&t->p, (struct pair_events){ { 0, POLLIN | POLLRDHUP } });
	if (err)
		return err;
	n = take_plain(NULL, t->p.fd[1], t->b->room, BENCH_ROOM);
	return n ? differs(t, "a part of it was read", (int)n) : 0;
}

/* A type that nobody knows is the reader's matter: read(2) refuses it. */
static int try_unknown_type(struct trial *t)
{
	const struct ktls_record r = { UNKNOWN_TYPE, t->b->data, DATA, 0 };
	int err = trial_start(t, KTLS_RX);

	if (!err)
		err = trial_send(t, &r);
	if (err)
		return err;
	err = trial_read(t);
	if (err != -EIO)
		return differs(t, "read(2) did not refuse it with EIO", err);
	return trial_take(t, UNKNOWN_TYPE, t->b->data, DATA);
}

/* KeyUpdate without a request for another (RFC 8446, 4.6.3). A kernel that can change
 * keys stops at the first and waits for them, the others hand over all of them. */
static int try_key_update_flood(struct trial *t)
{
	const struct ktls_record r = { KTLS_RECORD_HANDSHAKE,
				       (uint8_t[]){ 24, 0, 0, 1, 0 }, 5, 0 };
	uint8_t type = 0;
	ssize_t n = (ssize_t)r.len;
	int err = trial_start(t, KTLS_RX);

	for (int i = 0; !err && i < MANY; i++)
		err = trial_send(t, &r);
	for (int i = 0; !err && i < MANY; i++) {
		n = ktls_recv_record(t->p.fd[1], &type, t->b->room, BENCH_ROOM);
		if (i && n == -EKEYEXPIRED)
			break;
		if (n != (ssize_t)r.len || type != KTLS_RECORD_HANDSHAKE ||
		    memcmp(t->b->room, r.data, r.len))
			return differs(t, "neither a record nor EKEYEXPIRED", (int)n);
	}
	if (!err && n == -EKEYEXPIRED) {
		t->verdict = PROBE_REFUSED;
		t->o.err = (int)n;
	}
	return err;
}

static const char zero_length[] = "CVE-2025-39682";
static const char bogus_header[] = "CVE-2025-39946";
static const char forged[] = "a forgery";
static const char broken_off[] = "a connection that is cut";

const struct feature hostile_features[] = {
	{ "zero-length", KTLS_1_2, KTLS_1_3, try_zero_length, zero_length },
	{ "zero-length-flood", KTLS_1_2, KTLS_1_3, try_zero_length_flood, zero_length },
	{ "truncated", KTLS_1_2, KTLS_1_3, try_truncated, broken_off },
	{ "bad-type", KTLS_1_2, 0, try_bad_type, forged },
	{ "bad-outer-type", KTLS_1_3, 0, try_bad_outer_type, forged },
	{ "unknown-type", KTLS_1_2, KTLS_1_3, try_unknown_type, forged },
	{ "padding-only", KTLS_1_3, 0, try_padding_only, forged },
	{ "plaintext", KTLS_1_2, KTLS_1_3, try_plaintext, "HTTP on 443" },
	{ "bad-version", KTLS_1_2, KTLS_1_3, try_bad_version, bogus_header },
	{ "too-long", KTLS_1_2, KTLS_1_3, try_too_long, bogus_header },
	{ "longest", KTLS_1_2, KTLS_1_3, try_longest, bogus_header },
	{ "shorter-than-tag", KTLS_1_2, KTLS_1_3, try_shorter_than_tag, bogus_header },
	{ "length-zero", KTLS_1_2, KTLS_1_3, try_length_zero, bogus_header },
	{ "split-header", KTLS_1_2, KTLS_1_3, try_split_header, bogus_header },
	{ "split-bad-header", KTLS_1_2, KTLS_1_3, try_split_bad_header, bogus_header },
	{ "key-update-flood", KTLS_1_3, 0, try_key_update_flood, "a flood" },
	{ 0 },
};
