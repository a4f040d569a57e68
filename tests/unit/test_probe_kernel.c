/* SPDX-License-Identifier: MIT */
/*
 * The probe of the kernel, on any machine: linked with --wrap, so that another kernel
 * answers it, made of libcrypto over plain TCP. Right, all is well; with one thing wrong
 * in it, the rows that must notice say so, and no others.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "../../lib/probe/probe_priv.h"
#include "unit.h"

enum bug {
	NO_BUG,
	OTHER_KEY,
	OTHER_SALT,
	OTHER_IV,
	OTHER_NUMBER,
	OTHER_DIRECTION,
	OTHER_CIPHER,
	BAD_TAG,         /* of what it sends */
	IN_THE_CLEAR,    /* it sends as if there were no keys */
	NO_TAG,          /* it does not look at that of what it receives */
	OTHER_ERRNO,     /* EIO for what should be EBADMSG */
	GOES_ON,         /* behind a record that it refused */
	COMES_TWICE,     /* the record behind one without data */
	CUT_IS_DATA,     /* what there is of a record at the end of the stream */
	CONTROL_IS_READ, /* by read(2) */
	TYPE_LOST,       /* a control record comes as data */
	OLD_KEYS,        /* a rekey changes nothing */
	NO_LIMIT,        /* of the size of records */
};

struct fake {
	ino_t id; /* of the socket: numbers of files come again */
	bool has[3], expired, empty_before;
	struct ktls_keys keys[3]; /* by enum ktls_option */
	size_t limit;
	int err;
};

enum { SOCKETS = 256 };
static struct {
	enum bug bug;
	struct fake socket[SOCKETS];
	size_t n;
} now;

/* A name and its two sides. */
#define WRAPPED(type_, name_, ...)                                                       \
	type_ __real_##name_(__VA_ARGS__);                                               \
	type_ __wrap_##name_(__VA_ARGS__)

WRAPPED(int, ktls_attach, int fd);
WRAPPED(int, ktls_install, int fd, enum ktls_option d, const struct ktls_keys *k);
WRAPPED(int, ktls_set_option, int fd, enum ktls_option option, unsigned value);
WRAPPED(ssize_t, ktls_send_record, int fd, uint8_t type, const void *buf, size_t len);
WRAPPED(ssize_t, ktls_recv_record, int fd, uint8_t *type, void *buf, size_t len);
WRAPPED(ssize_t, send, int fd, const void *buf, size_t len, int flags);
WRAPPED(ssize_t, recv, int fd, void *buf, size_t len, int flags);

static struct fake *find(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	for (size_t i = 0; i < now.n; i++)
		if (now.socket[i].id == st.st_ino)
			return &now.socket[i];
	return NULL;
}

int __wrap_ktls_attach(int fd)
{
	const int room = 1 << 18; /* a record is sent whole */
	struct stat st;

	if (find(fd))
		return -EEXIST;
	assert_true(now.n < SOCKETS);
	assert_int_equal(fstat(fd, &st), 0);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	now.socket[now.n++] = (struct fake){ .id = st.st_ino, .limit = KTLS_DATA_MAX };
	return 0;
}

static void spoil(struct ktls_keys *k)
{
	k->key[0] ^= now.bug == OTHER_KEY;
	k->salt[0] ^= now.bug == OTHER_SALT;
	k->iv[0] ^= now.bug == OTHER_IV;
	k->seq ^= now.bug == OTHER_NUMBER;
	if (now.bug == OTHER_CIPHER)
		k->cipher = ktls_cipher_of(KTLS_AES_CCM_128);
}

int __wrap_ktls_install(int fd, enum ktls_option d, const struct ktls_keys *k)
{
	struct fake *f = find(fd);

	assert_non_null(f);
	if (now.bug == OTHER_DIRECTION)
		d = d == KTLS_TX ? KTLS_RX : KTLS_TX;
	if (f->has[d] && k->version == KTLS_1_2)
		return -EBUSY;
	if (!f->has[d] || now.bug != OLD_KEYS)
		f->keys[d] = *k;
	spoil(&f->keys[d]);
	f->has[d] = true;
	f->expired = false;
	return 0;
}

int __wrap_ktls_set_option(int fd, enum ktls_option option, unsigned value)
{
	if (option == KTLS_TX_MAX_PAYLOAD_LEN && now.bug != NO_LIMIT)
		find(fd)->limit = value;
	return 0;
}

static ssize_t seal(int fd, struct fake *f, const struct ktls_record *r)
{
	static uint8_t wire[KTLS_WIRE_MAX];
	ssize_t n = ktls_seal(&f->keys[KTLS_TX], r, wire, sizeof(wire));

	assert_true(n > 0);
	wire[n - 1] ^= now.bug == BAD_TAG;
	assert_int_equal(__real_send(fd, wire, (size_t)n, MSG_NOSIGNAL), n);
	return (ssize_t)r->len;
}

ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
	struct fake *f = find(fd);
	ssize_t done = 0;

	if (!f || !f->has[KTLS_TX] || now.bug == IN_THE_CLEAR)
		return __real_send(fd, buf, len, flags);
	if (flags & MSG_ZEROCOPY) {
		errno = EOPNOTSUPP;
		return -1;
	}
	while ((size_t)done < len) {
		struct ktls_record r = { KTLS_RECORD_DATA, (uint8_t *)buf + done,
					 len - (size_t)done, 0 };

		r.len = r.len < f->limit ? r.len : f->limit;
		done += seal(fd, f, &r);
	}
	return done;
}

ssize_t __wrap_ktls_send_record(int fd, uint8_t type, const void *buf, size_t len)
{
	const struct ktls_record r = { type, (uint8_t *)buf, len, 0 };

	if (now.bug == IN_THE_CLEAR || !find(fd)->has[KTLS_TX])
		return __real_send(fd, buf, len, 0);
	return seal(fd, find(fd), &r);
}

static bool peer_is_gone(int fd)
{
	struct pollfd p = { fd, POLLRDHUP, 0 };

	return poll(&p, 1, 0) == 1;
}

/* The record that the wire begins with, not yet taken; its bytes, or -errno. */
static ssize_t look(int fd, struct fake *f, struct ktls_record *r, struct ktls_keys *k)
{
	static uint8_t wire[KTLS_WIRE_MAX];
	ssize_t len = __real_recv(fd, wire, sizeof(wire), MSG_PEEK | MSG_DONTWAIT), n;

	if (len <= 0)
		return len ? -errno : 0;
	*k = f->keys[KTLS_RX];
	/* As the kernel: the one inside counts. */
	if (k->version == KTLS_1_3)
		wire[0] = KTLS_RECORD_DATA;
	n = ktls_open(k, wire, (size_t)len, r);
	if (n == -EAGAIN && peer_is_gone(fd)) {
		*r = (struct ktls_record){ KTLS_RECORD_DATA, r->data, (size_t)len, 0 };
		return now.bug == CUT_IS_DATA ? len : 0;
	}
	if (n == -EBADMSG && now.bug == NO_TAG && len > KTLS_HEADER) {
		r->len = 1;
		r->type = KTLS_RECORD_DATA;
		return KTLS_HEADER + (wire[3] << 8 | wire[4]);
	}
	return n == -EBADMSG && now.bug == OTHER_ERRNO ? -EIO : n;
}

static void take(int fd, struct fake *f, ssize_t n, const struct ktls_keys *k)
{
	static uint8_t wire[KTLS_WIRE_MAX];

	assert_int_equal(__real_recv(fd, wire, (size_t)n, 0), n);
	f->keys[KTLS_RX] = *k;
}

static ssize_t give(struct fake *f, const struct ktls_record *r, uint8_t *type, void *buf)
{
	const bool update = r->type == KTLS_RECORD_HANDSHAKE && r->len && *r->data == 24;

	memcpy(buf, r->data, r->len);
	*type = now.bug == TYPE_LOST ? KTLS_RECORD_DATA : r->type;
	f->expired = update && f->keys[KTLS_RX].version == KTLS_1_3;
	return (ssize_t)r->len;
}

/* plain: for whom a control record is an error. */
static ssize_t receive(int fd, uint8_t *type, void *buf, bool plain)
{
	static uint8_t data[KTLS_FRAGMENT_MAX];
	struct fake *f = find(fd);

	*type = 0;
	if (f->err)
		return f->err;
	if (f->expired)
		return -EKEYEXPIRED;
	for (;;) {
		struct ktls_record r = { .data = data };
		struct ktls_keys k;
		const ssize_t n = look(fd, f, &r, &k);

		if (n < 0 && n != -EAGAIN && now.bug != GOES_ON)
			f->err = (int)n;
		if (n < 0 && n != -EAGAIN && now.bug == GOES_ON)
			while (__real_recv(fd, data, sizeof(data), MSG_DONTWAIT) > 0)
				f->keys[KTLS_RX].seq++;
		if (n <= 0)
			return n;
		if (plain && r.type != KTLS_RECORD_DATA && now.bug != CONTROL_IS_READ)
			return -EIO;
		if (!f->empty_before || !r.len || now.bug != COMES_TWICE)
			take(fd, f, n, &k);
		f->empty_before = !r.len;
		if (r.len || r.type != KTLS_RECORD_DATA)
			return give(f, &r, type, buf);
	}
}

ssize_t __wrap_ktls_recv_record(int fd, uint8_t *type, void *buf, size_t len)
{
	struct fake *f = find(fd);
	ssize_t n;

	if (f && f->has[KTLS_RX])
		return receive(fd, type, buf, false);
	n = __real_recv(fd, buf, len, 0);
	*type = 0;
	return n < 0 ? -errno : n ? -ENOPROTOOPT : 0;
}

ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags)
{
	struct fake *f = find(fd);
	uint8_t type;
	ssize_t n;

	if (!f || !f->has[KTLS_RX])
		return __real_recv(fd, buf, len, flags);
	n = receive(fd, &type, buf, true);
	if (n < 0)
		errno = (int)-n;
	return n < 0 ? -1 : n;
}

#define TX_CELLS "TLS1.2-tx TLS1.3-tx "
#define CELLS    "TLS1.2-tx TLS1.2-rx TLS1.3-tx TLS1.3-rx "
#define SENT     "control-out "
#define EMPTY    "zero-length zero-length-flood "
#define GOOD     EMPTY "bad-outer-type unknown-type split-header key-update-flood "
#define CONTROL  "control-in "
#define FORGED   "bad-type padding-only shorter-than-tag length-zero "

/* What has to say that it is broken, in the order of the rows. */
struct bug_row {
	const char *name;
	enum bug bug;
	const char *broken;
};

static const struct bug_row bugs[] = {
	{ "nothing", NO_BUG, "" },
	{ "the key", OTHER_KEY,
	  CELLS SENT CONTROL "expect-no-pad rekey max-payload " GOOD },
	{ "the salt", OTHER_SALT,
	  CELLS SENT CONTROL "expect-no-pad rekey max-payload " GOOD },
	/* What is received in TLS 1.2 says itself what its iv was. */
	{ "the iv", OTHER_IV,
	  TX_CELLS "TLS1.3-rx " SENT "expect-no-pad rekey max-payload " GOOD },
	{ "the sequence number", OTHER_NUMBER,
	  CELLS SENT CONTROL "expect-no-pad rekey max-payload " GOOD },
	{ "the cipher", OTHER_CIPHER,
	  CELLS SENT CONTROL "expect-no-pad rekey max-payload " GOOD },
	{ "the tag of what is sent", BAD_TAG, TX_CELLS SENT "rekey max-payload " },
	{ "nothing is encrypted", IN_THE_CLEAR,
	  TX_CELLS SENT "msg-zerocopy rekey max-payload " },
	{ "the tag is not looked at", NO_TAG, "TLS1.2-rx TLS1.3-rx " FORGED },
	{ "the errno", OTHER_ERRNO, "TLS1.2-rx TLS1.3-rx " FORGED },
	/* Behind what was no record at all the numbers do not fit any more. */
	{ "it reads on", GOES_ON,
	  "bad-type padding-only bad-version too-long longest shorter-than-tag "
	  "length-zero " },
	{ "data comes twice", COMES_TWICE, EMPTY },
	{ "a cut record is read", CUT_IS_DATA, "truncated " },
	{ "read(2) takes control records", CONTROL_IS_READ, CONTROL "unknown-type " },
	{ "the type", TYPE_LOST,
	  CONTROL "rekey zero-length unknown-type key-update-flood " },
	{ "a rekey changes nothing", OLD_KEYS, "rekey " },
	{ "records of any size", NO_LIMIT, "max-payload " },
};

static void collect(struct notes *n, const char *id, enum probe_verdict v)
{
	if (v == PROBE_BROKEN)
		note(n, "%s ", id);
	else if (v != PROBE_WORKS && v != PROBE_REFUSED && v != PROBE_NO_EFFECT)
		note(n, "%s:%s ", id, probe_verdict_words[v]);
}

static void run(const char *const *only, size_t n_only, struct notes *out)
{
	const struct probe_options o = { .kernel = true,
					 .hostile = n_only,
					 .core = !n_only,
					 .only = { only, n_only } };
	cleanup_arena struct arena *a = arena_new();
	struct probe_facts f = { .private_netns = true };
	char id[32];

	assert_int_equal(probe_kernel(&o, a, &f), 0);
	for (size_t i = 0; i < f.n_cells; i++) {
		snprintf(id, sizeof(id), "TLS%s-%s", f.cells[i].version,
			 f.cells[i].direction);
		collect(out, id, f.cells[i].verdict);
	}
	for (size_t i = 0; i < f.n_features; i++)
		collect(out, f.features[i].id, f.features[i].verdict);
}

/* Not those that go around us, by sendfile(2), splice(2), io_uring or urgent bytes. */
static const char *const features[] = {
	"control-out",
	"control-in",
	"msg-zerocopy",
	"expect-no-pad",
	"rekey",
	"max-payload",
	"zero-length",
	"zero-length-flood",
	"truncated",
	"bad-type",
	"bad-outer-type",
	"unknown-type",
	"padding-only",
	"plaintext",
	"bad-version",
	"too-long",
	"longest",
	"shorter-than-tag",
	"length-zero",
	"split-header",
	"key-update-flood",
};

static void test_bug(void **state)
{
	const struct bug_row *row = *state;
	struct notes saw = { 0 };

	memset(&now, 0, sizeof(now));
	now.bug = row->bug;
	run(NULL, 0, &saw);
	run(features, ARRAY_SIZE(features), &saw);
	assert_string_equal(saw.text, row->broken);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("wrong in the kernel", bugs, test_bug),
	};

	return unit_run("probe_kernel", sets, ARRAY_SIZE(sets));
}
