/* SPDX-License-Identifier: MIT */
/* Records of other types than data, and what one of them asks for: other keys. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "probe_priv.h"

enum { CONTROL = 2 };

/* The only record on the wire is of that type, holds these bytes, and is what libcrypto
 * makes of them. */
static int expect_record(struct trial *t, uint8_t type, const void *bytes, size_t len)
{
	cleanup_ktls_keys struct ktls_keys again = t->keys;
	struct ktls_record r = { .data = t->b->room };
	ssize_t n = ktls_open(&t->keys, t->b->wire, t->b->on_wire, &r);

	if (n < 0)
		return (int)n;
	if ((size_t)n != t->b->on_wire || r.type != type || r.len != len ||
	    memcmp(r.data, bytes, len))
		return -EILSEQ;
	if (ktls_seal(&again, &r, t->b->seal, KTLS_WIRE_MAX) == n &&
	    !memcmp(t->b->seal, t->b->wire, (size_t)n))
		return 0;
	t->o.differed = "the ciphertext";
	return -EPROTO;
}

/* A record of another type, by libcrypto, into the kernel's end. */
int trial_send(struct trial *t, const struct ktls_record *r)
{
	ssize_t n = ktls_seal(&t->keys, r, t->b->seal, KTLS_WIRE_MAX);
	ssize_t sent;

	if (n < 0)
		return (int)n;
	sent = put_plain(NULL, t->p.fd[0], t->b->seal, (size_t)n);
	return sent == n ? 0 : sent < 0 ? (int)sent : -EIO;
}

static int wait_in(const struct trial *t)
{
	return pair_wait(&t->p, (struct pair_events){ { 0, POLLIN } });
}

int trial_read(struct trial *t)
{
	int err = wait_in(t);
	ssize_t n = err ? err : take_plain(NULL, t->p.fd[1], t->b->room, BENCH_ROOM);

	return n < 0 ? (int)n : 0;
}

/* That something is there need not mean that it is whole: 6.1 says so of each segment. */
ssize_t trial_record(struct trial *t, uint8_t *type)
{
	const struct timespec ms = { 0, 1000000 };
	const uint64_t limit = probe_now_us() + (uint64_t)WAIT_MS * 1000;
	ssize_t n;

	do {
		n = wait_in(t);
		if (!n)
			n = ktls_recv_record(t->p.fd[1], type, t->b->room, BENCH_ROOM);
		if (n != -EAGAIN)
			return n;
		nanosleep(&ms, NULL);
	} while (probe_now_us() < limit);
	return -ETIMEDOUT;
}

int trial_take(struct trial *t, uint8_t type, const void *bytes, size_t len)
{
	uint8_t saw = 0;
	ssize_t n = trial_record(t, &saw);

	if (n < 0)
		return (int)n;
	return saw == type && (size_t)n == len && !memcmp(t->b->room, bytes, len)
		       ? 0
		       : -EILSEQ;
}

static const uint8_t close_notify[CONTROL] = { 1, 0 };

int try_control_out(struct trial *t)
{
	int err = trial_start(t, KTLS_TX);
	ssize_t n;

	if (err)
		return err;
	n = ktls_send_record(t->p.fd[0], KTLS_RECORD_ALERT, close_notify, CONTROL);
	if (n != CONTROL)
		return n < 0 ? (int)n : -EIO;
	err = stream_finish(t->b, &t->p);
	return err ? err : expect_record(t, KTLS_RECORD_ALERT, close_notify, CONTROL);
}

/* read(2) refuses it, and it is still there for who asks for its type. */
int try_control_in(struct trial *t)
{
	uint8_t alert[CONTROL];
	const struct ktls_record r = { KTLS_RECORD_ALERT, alert, CONTROL, 0 };
	int err = trial_start(t, KTLS_RX);

	memcpy(alert, close_notify, CONTROL);
	if (!err)
		err = trial_send(t, &r);
	if (err)
		return err;
	err = trial_read(t);
	if (err != -EIO) {
		t->o.differed = "read(2) did not refuse a control record with EIO";
		return err == -ETIMEDOUT ? err : -EILSEQ;
	}
	return trial_take(t, KTLS_RECORD_ALERT, close_notify, CONTROL);
}

/* KeyUpdate without a request for another (RFC 8446, 4.6.3). */
static const uint8_t key_update[] = { 24, 0, 0, 1, 0 };

static int next_keys(struct trial *t)
{
	const struct ktls_cipher *c = t->keys.cipher;

	return keys_random(&t->keys, c, t->keys.version);
}

static int rekey(struct trial *t, enum ktls_option direction)
{
	int err = next_keys(t);

	return err ? err : trial_start(t, direction);
}

static int rekey_out(struct trial *t)
{
	const size_t len = sizeof(key_update);
	cleanup_ktls_keys struct ktls_keys old = t->keys;
	int err = trial_start(t, KTLS_TX);
	ssize_t n;

	if (err)
		return err;
	n = ktls_send_record(t->p.fd[0], KTLS_RECORD_HANDSHAKE, key_update, len);
	if (n != (ssize_t)len)
		return n < 0 ? (int)n : -EIO;
	err = rekey(t, KTLS_TX);
	if (!err)
		err = stream_send(t->b, &t->p, (struct sender){ put_plain, NULL }, 0,
				  TRIAL_BYTES);
	if (!err)
		err = stream_finish(t->b, &t->p);
	if (!err) {
		struct ktls_record r = { .data = t->b->room };

		n = ktls_open(&old, t->b->wire, t->b->on_wire, &r);
		err = n < 0 ? (int)n : r.type == KTLS_RECORD_HANDSHAKE ? 0 : -EILSEQ;
	}
	if (err)
		return err;
	t->b->on_wire -= (size_t)n;
	memmove(t->b->wire, t->b->wire + n, t->b->on_wire);
	return witness_open(t->b, &t->keys, TRIAL_BYTES, &t->o.differed);
}

/* Between the two keys the kernel refuses to read on. */
static int rekey_in(struct trial *t)
{
	uint8_t update[sizeof(key_update)];
	const struct ktls_record r = { KTLS_RECORD_HANDSHAKE, update, sizeof(update), 0 };
	int err = trial_start(t, KTLS_RX);

	memcpy(update, key_update, sizeof(update));
	if (!err)
		err = trial_send(t, &r);
	if (!err)
		err = trial_take(t, KTLS_RECORD_HANDSHAKE, update, sizeof(update));
	if (err)
		return err;
	err = (int)take_plain(NULL, t->p.fd[1], t->b->room, BENCH_ROOM);
	if (err != -EKEYEXPIRED) {
		t->o.differed = "reading goes on without the new key";
		return -EILSEQ;
	}
	err = rekey(t, KTLS_RX);
	t->b->on_wire = 0;
	return err ? err : trial_receive(t, take_plain, NULL, TRIAL_BYTES);
}

int try_rekey(struct trial *t)
{
	int err = rekey_out(t);

	if (!err)
		err = trial_again(t);
	return err ? err : rekey_in(t);
}
