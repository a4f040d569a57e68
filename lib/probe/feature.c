/* SPDX-License-Identifier: MIT */
/* What there is beside sending and receiving; a row a feature. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include "probe_priv.h"

int trial_start(struct trial *t, enum ktls_option direction)
{
	return install(t->p.fd[direction == KTLS_RX], direction, &t->keys, &t->o);
}

static int option(struct trial *t, enum ktls_option option, unsigned value)
{
	int err = ktls_set_option(t->p.fd[option == KTLS_RX_EXPECT_NO_PAD], option,
				  value);

	if (err)
		t->o.stage = STAGE_OPTION;
	return err;
}

int trial_again(struct trial *t)
{
	pair_close(&t->p);
	t->b->on_wire = 0;
	t->o = (struct outcome){ 0 };
	return pair_open(&t->p);
}

int trial_finish(struct trial *t, size_t len)
{
	int err = stream_finish(t->b, &t->p);

	return err ? err : witness_open(t->b, &t->keys, len, &t->o.differed);
}

/* A file with the first of the data in it. */
static int make_file(const struct bench *b)
{
	int fd = memfd_create("ktlsctl", MFD_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	if (write(fd, b->data, TRIAL_BYTES) == TRIAL_BYTES && !lseek(fd, 0, SEEK_SET))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static ssize_t put_file(void *arg, int fd, const uint8_t *data, size_t len)
{
	ssize_t n = sendfile(fd, *(int *)arg, NULL, len);

	(void)data;
	return n < 0 ? -errno : n;
}

static int try_sendfile(struct trial *t)
{
	cleanup_close int file = make_file(t->b);
	int err = file < 0 ? file : trial_start(t, KTLS_TX);

	if (!err)
		err = stream_send(t->b, &t->p, (struct sender){ put_file, &file }, 0,
				  TRIAL_BYTES);
	return err ? err : trial_finish(t, TRIAL_BYTES);
}

struct pipe {
	int end[2], file;
	size_t held; /* bytes in it */
};

static void close_pipe(struct pipe *p)
{
	for (int i = 0; i < 2; i++)
		if (p->end[i] >= 0)
			close(p->end[i]);
	if (p->file >= 0)
		close(p->file);
}
#define cleanup_pipe __attribute__((cleanup(close_pipe)))

/* From the file into the pipe, from there into the socket. */
static ssize_t put_pipe(void *arg, int fd, const uint8_t *data, size_t len)
{
	struct pipe *p = arg;
	ssize_t n;

	(void)data;
	if (!p->held) {
		n = splice(p->file, NULL, p->end[1], NULL, len, SPLICE_F_NONBLOCK);
		if (n <= 0)
			return n ? -errno : -EIO;
		p->held = (size_t)n;
	}
	n = splice(p->end[0], NULL, fd, NULL, p->held, SPLICE_F_NONBLOCK);
	if (n < 0)
		return -errno;
	p->held -= (size_t)n;
	return n;
}

static int try_splice_out(struct trial *t)
{
	cleanup_pipe struct pipe p = { { -1, -1 }, make_file(t->b), 0 };
	int err = p.file < 0 ? p.file : pipe2(p.end, O_CLOEXEC) ? -errno : 0;

	if (!err)
		err = trial_start(t, KTLS_TX);
	if (!err)
		err = stream_send(t->b, &t->p, (struct sender){ put_pipe, &p }, 0,
				  TRIAL_BYTES);
	return err ? err : trial_finish(t, TRIAL_BYTES);
}

static ssize_t take_pipe(void *arg, int fd, uint8_t *buf, size_t len)
{
	struct pipe *p = arg;
	ssize_t n = splice(fd, NULL, p->end[1], NULL, len, SPLICE_F_NONBLOCK);

	if (n > 0)
		n = read(p->end[0], buf, (size_t)n);
	return n < 0 ? -errno : n;
}

int trial_receive(struct trial *t, take_fn take, void *arg, size_t len)
{
	struct part part = { 0, 0, 0, len };
	int err = witness_seal(t->b, &t->keys, 0, len);

	part.wire_end = t->b->on_wire;
	return err ? err : stream_receive(t->b, &t->p, take, arg, &part);
}

static int try_splice_in(struct trial *t)
{
	cleanup_pipe struct pipe p = { { -1, -1 }, -1, 0 };
	int err = pipe2(p.end, O_CLOEXEC) ? -errno : trial_start(t, KTLS_RX);

	return err ? err : trial_receive(t, take_pipe, &p, TRIAL_BYTES);
}

/* Nothing on loopback has a NIC that could read the pages. */
static int try_zerocopy_ro(struct trial *t)
{
	cleanup_close int file = make_file(t->b);
	int err = file < 0 ? file : trial_start(t, KTLS_TX);

	if (!err)
		err = option(t, KTLS_TX_ZEROCOPY_RO, 1);
	if (!err)
		err = stream_send(t->b, &t->p, (struct sender){ put_file, &file }, 0,
				  TRIAL_BYTES);
	if (!err)
		err = trial_finish(t, TRIAL_BYTES);
	if (!err)
		t->verdict = PROBE_NO_EFFECT;
	t->note = "where the kernel itself encrypts";
	return err;
}

/* Padding is right all the same; the kernel counts that it guessed wrong. */
static int try_expect_no_pad(struct trial *t)
{
	const struct ktls_record padded = { KTLS_RECORD_DATA, t->b->data, 100, 200 };
	int err = trial_start(t, KTLS_RX);

	if (!err)
		err = option(t, KTLS_RX_EXPECT_NO_PAD, 1);
	if (!err)
		err = trial_receive(t, take_plain, NULL, TRIAL_BYTES);
	if (err || !t->b->negative)
		return err;
	err = trial_send(t, &padded);
	return err ? err : trial_take(t, KTLS_RECORD_DATA, t->b->data, 100);
}

static int try_max_payload(struct trial *t)
{
	enum { LIMIT = 512, BYTES = 1000 };
	cleanup_ktls_keys struct ktls_keys k = t->keys;
	struct ktls_record r = { .data = t->b->room };
	size_t at = 0;
	int err = trial_start(t, KTLS_TX);

	if (!err)
		err = option(t, KTLS_TX_MAX_PAYLOAD_LEN, LIMIT);
	if (!err)
		err = stream_send(t->b, &t->p, (struct sender){ put_plain, NULL }, 0,
				  BYTES);
	if (!err)
		err = trial_finish(t, BYTES);
	while (!err && at < t->b->on_wire) {
		ssize_t n = ktls_open(&k, t->b->wire + at, t->b->on_wire - at, &r);

		if (n < 0)
			return (int)n;
		at += (size_t)n;
		if (r.len > LIMIT || k.seq > t->keys.seq + 2) {
			t->o.differed = "the size of the records";
			err = -EILSEQ;
		}
	}
	return err;
}

/* Refused by every kernel there is; if one takes it, what it sends has to be right. */
static ssize_t put_zerocopy(void *arg, int fd, const uint8_t *data, size_t len)
{
	ssize_t n = send(fd, data, len, MSG_NOSIGNAL | MSG_ZEROCOPY);

	(void)arg;
	return n < 0 ? -errno : n;
}

static int try_msg_zerocopy(struct trial *t)
{
	const int on = 1;
	int err = trial_start(t, KTLS_TX);

	if (err)
		return err;
	setsockopt(t->p.fd[0], SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on));
	err = stream_send(t->b, &t->p, (struct sender){ put_zerocopy, NULL }, 0, 4096);
	if (err == -EOPNOTSUPP) {
		t->verdict = PROBE_REFUSED;
		t->o.err = err;
		return 0;
	}
	return err ? err : trial_finish(t, 4096);
}

static const struct feature features[] = {
	{ "sendfile", KTLS_1_2, 0, try_sendfile, "" },
	{ "splice-out", KTLS_1_2, 0, try_splice_out, "" },
	{ "splice-in", KTLS_1_2, 0, try_splice_in, "" },
	{ "control-out", KTLS_1_2, 0, try_control_out, "" },
	{ "control-in", KTLS_1_2, 0, try_control_in, "" },
	{ "msg-zerocopy", KTLS_1_2, 0, try_msg_zerocopy, "" },
	{ "zerocopy-ro", KTLS_1_2, 0, try_zerocopy_ro, "" },
	{ "expect-no-pad", KTLS_1_3, 0, try_expect_no_pad, "" },
	{ "rekey", KTLS_1_3, 0, try_rekey, "" },
	{ "max-payload", KTLS_1_2, 0, try_max_payload, "" },
	{ "io-uring", KTLS_1_2, 0, try_io_uring, "" },
	{ 0 },
};

/* The one behind f, the first for NULL; NULL behind the last. */
static const struct feature *next_feature(const struct feature *f, bool hostile)
{
	f = f ? f + 1 : features;
	if (f == &features[ARRAY_SIZE(features) - 1])
		f = hostile ? hostile_features : f;
	return f->id ? f : NULL;
}

static const struct feature *find_feature(const char *word)
{
	const struct feature *f = next_feature(NULL, true);

	while (f && strcasecmp(f->id, word))
		f = next_feature(f, true);
	return f;
}

bool probe_feature_known(const char *word)
{
	return find_feature(word);
}

const char *probe_feature_at(size_t i)
{
	const struct feature *f = next_feature(NULL, true);

	while (f && i--)
		f = next_feature(f, true);
	return f ? f->id : NULL;
}

bool probe_word_hostile(const char *word)
{
	const struct feature *f = find_feature(word);

	return f && *f->resembles;
}

static void try_once(struct trial *t, const struct feature *f, uint16_t version)
{
	int err = keys_random(&t->keys, ktls_cipher_of(KTLS_AES_GCM_128), version);

	t->b->on_wire = 0;
	t->p = (struct pair){ { -1, -1 } };
	if (!err)
		err = pair_open(&t->p);
	if (!err)
		err = f->fn(t);
	if (err)
		t->o.err = err;
	pair_close(&t->p);
	ktls_keys_clear(&t->keys);
}

/* Something else came than should have, or nobody knows. */
static bool is_bad(const struct trial *t)
{
	return t->o.differed || (t->o.err && !t->verdict);
}

static void run_feature(struct bench *b, const struct feature *f,
			struct probe_feature *out)
{
	struct trial t = { .b = b, .note = "" };
	const uint64_t begin = probe_now_us();

	try_once(&t, f, f->version);
	if (f->also && !is_bad(&t)) {
		t = (struct trial){ .b = b, .note = "" };
		try_once(&t, f, f->also);
	}
	/* What differs afterwards goes before what was right until then. */
	if (t.o.differed)
		t.verdict = PROBE_UNTRIED;
	out->verdict = t.verdict ? t.verdict : verdict_of(&t.o, true);
	out->err = t.o.err == -EILSEQ || t.o.err == -EPROTO ? 0 : t.o.err;
	out->note = out->verdict == PROBE_BROKEN ? verdict_differed(&t.o, PROBE_BROKEN)
		    : t.verdict                  ? t.note
						 : "";
	out->duration_us = probe_now_us() - begin;
}

static bool has_feature(const struct probe_facts *f, const char *id)
{
	for (size_t i = 0; i < f->n_features; i++)
		if (!strcmp(f->features[i].id, id))
			return true;
	return false;
}

/* The next row; NULL without memory. */
static struct probe_feature *new_feature(const struct feature *f, struct arena *a,
					 struct probe_facts *out)
{
	struct probe_feature *v = arena_grow(a, out->features, out->n_features,
					     sizeof(*v));

	if (!v)
		return NULL;
	out->features = v;
	v += out->n_features++;
	*v = (struct probe_feature){ .id = f->id,
				     .verdict = PROBE_UNKNOWN,
				     .note = "",
				     .resembles = f->resembles };
	return v;
}

int features_run(struct bench *b, const struct probe_options *o, struct arena *a,
		 struct probe_facts *out)
{
	const struct feature *f = NULL;

	while ((f = next_feature(f, o->hostile))) {
		struct probe_feature *v;

		if (!filter_wants_feature(&o->only, f->id))
			continue;
		v = new_feature(f, a, out);
		if (!v)
			return -ENOMEM;
		run_feature(b, f, v);
		probe_step(o, out);
	}
	return 0;
}

int features_missing(const struct probe_options *o, int err, struct arena *a,
		     struct probe_facts *out)
{
	const struct feature *f = NULL;

	while ((f = next_feature(f, o->hostile))) {
		struct probe_feature *v;

		if (!filter_wants_feature(&o->only, f->id) || has_feature(out, f->id))
			continue;
		v = new_feature(f, a, out);
		if (!v)
			return -ENOMEM;
		v->err = err;
	}
	return 0;
}
