/* SPDX-License-Identifier: MIT */
/* Bytes through a connection whose both ends are ours, in one thread. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "probe_priv.h"

int bench_new(struct bench *b, bool core)
{
	static const size_t sizes[] = { 1, 16384, 16385, 1 << 20, BENCH_TAIL };
	size_t end = 0;

	*b = (struct bench){ .data = malloc(BENCH_DATA),
			     .wire = malloc(BENCH_WIRE),
			     .room = malloc(BENCH_ROOM),
			     .seal = malloc(KTLS_WIRE_MAX) };
	if (!b->data || !b->wire || !b->room || !b->seal) {
		bench_free(b);
		return -ENOMEM;
	}
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (core && sizes[i] == 1 << 20)
			continue;
		end += sizes[i];
		b->ends[b->n_ends++] = end;
	}
	/* No two of the first 64 KiB of records are alike. */
	for (size_t i = 0; i < end; i++)
		b->data[i] = (uint8_t)(i * 7 + (i >> 8) + (i >> 14));
	return 0;
}

void bench_free(struct bench *b)
{
	free(b->data);
	free(b->wire);
	free(b->room);
	free(b->seal);
	ktls_keys_clear(&b->right);
	*b = (struct bench){ 0 };
}

/* Both counters are about to carry over, which is tried along the way. */
int keys_random(struct ktls_keys *k, const struct ktls_cipher *c, uint16_t version)
{
	const size_t last = c->iv - 1U;

	*k = (struct ktls_keys){ .version = version, .cipher = c, .seq = 0xffffffff };
	if (getrandom(k->key, sizeof(k->key), 0) != sizeof(k->key) ||
	    getrandom(k->salt, sizeof(k->salt), 0) != sizeof(k->salt) ||
	    getrandom(k->iv, sizeof(k->iv), 0) != sizeof(k->iv))
		return -EIO;
	k->iv[last] = 0xff;
	return 0;
}

int install(int fd, enum ktls_option direction, const struct ktls_keys *k,
	    struct outcome *o)
{
	o->stage = STAGE_ATTACH;
	o->err = ktls_attach(fd);
	if (o->err == -EEXIST)
		o->err = 0;
	if (o->err)
		return o->err;
	o->stage = STAGE_INSTALL;
	o->err = ktls_install(fd, direction, k);
	if (!o->err)
		o->stage = STAGE_DATA;
	return o->err;
}

ssize_t put_plain(void *arg, int fd, const uint8_t *data, size_t len)
{
	ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

	(void)arg;
	return n < 0 ? -errno : n;
}

ssize_t take_plain(void *arg, int fd, uint8_t *buf, size_t len)
{
	ssize_t n = recv(fd, buf, len, 0);

	(void)arg;
	return n < 0 ? -errno : n;
}

/* What has arrived; 0 at the end of the stream. */
static ssize_t capture(struct bench *b, const struct pair *p)
{
	ssize_t n;

	if (b->on_wire == BENCH_WIRE)
		return -EMSGSIZE; /* more than TLS can make of it */
	n = take_plain(NULL, p->fd[1], b->wire + b->on_wire, BENCH_WIRE - b->on_wire);
	if (n > 0)
		b->on_wire += (size_t)n;
	return n;
}

static const struct pair_events arrival = { { 0, POLLIN } };

int stream_send(struct bench *b, const struct pair *p, struct sender s, size_t from,
		size_t to)
{
	while (from < to) {
		ssize_t n = s.put(s.arg, p->fd[0], b->data + from, to - from);

		if (n == -EAGAIN) {
			n = pair_wait(p, arrival);
			if (!n)
				n = capture(b, p);
			if (n <= 0)
				return n ? (int)n : -EPIPE;
			continue;
		}
		if (n <= 0)
			return n ? (int)n : -EIO;
		from += (size_t)n;
	}
	return 0;
}

int stream_finish(struct bench *b, const struct pair *p)
{
	if (shutdown(p->fd[0], SHUT_WR))
		return -errno;
	for (;;) {
		int err = pair_wait(p, arrival);
		ssize_t n = err ? err : capture(b, p);

		if (n <= 0)
			return (int)n;
	}
}

/* What the kernel has room for. */
static int push(const struct bench *b, const struct pair *p, struct part *part)
{
	ssize_t n;

	if (part->wire == part->wire_end)
		return -EAGAIN;
	n = put_plain(NULL, p->fd[0], b->wire + part->wire, part->wire_end - part->wire);
	if (n < 0)
		return (int)n;
	part->wire += (size_t)n;
	return 0;
}

static int take_part(struct bench *b, const struct pair *p, take_fn take, void *arg,
		     struct part *part)
{
	const size_t left = part->data_end - part->data;
	ssize_t n = take(arg, p->fd[1], b->room, left < BENCH_ROOM ? left : BENCH_ROOM);

	if (n <= 0)
		return n ? (int)n : -EPIPE;
	if (memcmp(b->room, b->data + part->data, (size_t)n))
		return -EILSEQ;
	part->data += (size_t)n;
	return 0;
}

int stream_receive(struct bench *b, const struct pair *p, take_fn take, void *arg,
		   const struct part *whole)
{
	struct part part = *whole;
	const uint64_t limit = (uint64_t)WAIT_MS * 1000;
	uint64_t moved = probe_now_us();

	while (part.data < part.data_end) {
		int in = push(b, p, &part), out = take_part(b, p, take, arg, &part);

		if ((in && in != -EAGAIN) || (out && out != -EAGAIN))
			return out && out != -EAGAIN ? out : in;
		if (!in || !out) {
			moved = probe_now_us();
			continue;
		}
		in = pair_wait(
			p, (struct pair_events){
				   { part.wire < part.wire_end ? POLLOUT : 0, POLLIN } });
		if (in)
			return in;
		if (probe_now_us() - moved > limit)
			return -ETIMEDOUT;
	}
	return 0;
}

int witness_seal(struct bench *b, struct ktls_keys *k, size_t from, size_t len)
{
	size_t done = from, message = 0;

	while (done < from + len) {
		struct ktls_record r = { KTLS_RECORD_DATA, b->data + done, 0, 0 };
		ssize_t n;

		while (message < b->n_ends && b->ends[message] <= done)
			message++;
		r.len = from + len - done;
		if (message < b->n_ends && r.len > b->ends[message] - done)
			r.len = b->ends[message] - done;
		if (r.len > KTLS_DATA_MAX)
			r.len = KTLS_DATA_MAX;
		n = ktls_seal(k, &r, b->wire + b->on_wire, BENCH_WIRE - b->on_wire);
		if (n < 0)
			return (int)n;
		b->on_wire += (size_t)n;
		done += r.len;
	}
	return 0;
}

/* Where the next record and its data begin, and where the data has to end. */
struct place {
	size_t at, done, len;
};

/* The data that a record would hold by its header; more than there can be: none. */
static size_t announced(const struct bench *b, const struct ktls_keys *k, size_t at)
{
	const uint8_t *header = b->wire + at;
	const size_t extra = ktls_explicit_nonce(k->cipher, k->version) + KTLS_TAG +
			     (k->version == KTLS_1_3);

	if (b->on_wire - at < KTLS_HEADER)
		return SIZE_MAX;
	return ((size_t)header[3] << 8 | header[4]) - extra;
}

/* It is what libcrypto makes of the data. 0: it is not. */
static ssize_t same_record(struct bench *b, struct ktls_keys *k, const struct place *p)
{
	const struct ktls_record r = { KTLS_RECORD_DATA, b->data + p->done,
				       announced(b, k, p->at), 0 };
	cleanup_ktls_keys struct ktls_keys next = *k;
	ssize_t n;

	if (r.len > p->len - p->done)
		return 0;
	n = ktls_seal(&next, &r, b->seal, KTLS_WIRE_MAX);
	if (n < 0 || (size_t)n > b->on_wire - p->at ||
	    memcmp(b->seal, b->wire + p->at, (size_t)n))
		return 0;
	*k = next;
	return n;
}

/* What it is instead: the right data all the same (with padding), or -errno. */
static ssize_t other_record(struct bench *b, struct ktls_keys *k, const struct place *p,
			    size_t *len)
{
	cleanup_ktls_keys struct ktls_keys keys = *k;
	struct ktls_record r = { .data = b->room };
	ssize_t n = ktls_open(&keys, b->wire + p->at, b->on_wire - p->at, &r);

	if (n < 0)
		return n;
	if (r.type != KTLS_RECORD_DATA || r.len > p->len - p->done ||
	    memcmp(r.data, b->data + p->done, r.len))
		return -EILSEQ;
	*len = r.len;
	if (ktls_seal(k, &r, b->seal, KTLS_WIRE_MAX) != n ||
	    memcmp(b->seal, b->wire + p->at, (size_t)n))
		return -EPROTO;
	return n;
}

/* Sealing again is enough: whoever has the same bytes has the same data in them. */
int witness_open(struct bench *b, const struct ktls_keys *k, size_t len,
		 const char **differed)
{
	cleanup_ktls_keys struct ktls_keys keys = *k;
	struct place p = { 0, 0, len };

	while (p.at < b->on_wire && p.done < len) {
		size_t data = announced(b, &keys, p.at);
		ssize_t n = same_record(b, &keys, &p);

		if (!n)
			n = other_record(b, &keys, &p, &data);
		if (n == -EPROTO)
			*differed = "the ciphertext";
		if (n < 0)
			return (int)n;
		p.at += (size_t)n;
		p.done += data;
	}
	if (p.done == len && p.at == b->on_wire)
		return 0;
	*differed = "the length";
	return -EILSEQ;
}
