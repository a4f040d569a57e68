/* SPDX-License-Identifier: MIT */
/*
 * A kernel that knows TLS, made of libcrypto over any stream socket, for programs that
 * are linked with --wrap for SOFT_WRAP of unit.mk. It does what it is told: refuse the
 * ULP, a cipher, a second key.
 */
#ifndef KTLSCTL_SOFT_KERNEL_H
#define KTLSCTL_SOFT_KERNEL_H

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../lib/tls/ktls.h"
#include "unit.h"

enum { SOFT_SOCKETS = 1024 };

struct soft_socket {
	bool ulp, has[3], expired;
	struct ktls_keys keys[3]; /* by enum ktls_option */
	uint8_t *plain;           /* of a record that was read in part */
	size_t len, at;
	uint8_t type;
	size_t got; /* bytes of the record that is coming in */
	uint8_t wire[KTLS_WIRE_MAX];
};

static struct {
	struct soft_socket *socket[SOFT_SOCKETS]; /* by descriptor */
	int attach_err, install_err[3];
	bool cannot_rekey, full; /* EAGAIN for all that is sent */
	unsigned calls;
} soft;

#define WRAPPED(type_, name_, ...)                                                       \
	type_ __real_##name_(__VA_ARGS__);                                               \
	type_ __wrap_##name_(__VA_ARGS__)

WRAPPED(int, ktls_attach, int fd);
WRAPPED(int, ktls_install, int fd, enum ktls_option d, const struct ktls_keys *k);
WRAPPED(int, ktls_set_option, int fd, enum ktls_option option, unsigned value);
WRAPPED(ssize_t, ktls_send_record, int fd, uint8_t type, const void *buf, size_t len);
WRAPPED(ssize_t, ktls_recv_record, int fd, uint8_t *type, void *buf, size_t len);
WRAPPED(ssize_t, send, int fd, const void *buf, size_t len, int flags);
WRAPPED(ssize_t, sendfile, int fd, int file, off_t *offset, size_t len);
/* Its name where long has 32 bits. */
ssize_t __wrap_sendfile64(int fd, int file, off_t *offset, size_t len)
	__attribute__((alias("__wrap_sendfile")));

/* A descriptor that is used again is another socket. */
static void soft_forget(int fd)
{
	if (soft.socket[fd])
		free(soft.socket[fd]->plain);
	free(soft.socket[fd]);
	soft.socket[fd] = NULL;
}

int __wrap_ktls_attach(int fd)
{
	soft.calls++;
	if (soft.attach_err)
		return soft.attach_err;
	assert_in_range(fd, 0, SOFT_SOCKETS - 1);
	if (!soft.socket[fd])
		soft.socket[fd] = calloc(1, sizeof(*soft.socket[fd]));
	assert_non_null(soft.socket[fd]);
	soft.socket[fd]->ulp = true;
	return 0;
}

int __wrap_ktls_install(int fd, enum ktls_option d, const struct ktls_keys *k)
{
	struct soft_socket *s = soft.socket[fd];

	if (!s)
		return -ENOPROTOOPT;
	if (s->has[d] && (s->keys[d].version == KTLS_1_2 || soft.cannot_rekey))
		return -EBUSY;
	if (s->has[d] && k->version != s->keys[d].version)
		return -EINVAL;
	if (soft.install_err[d])
		return soft.install_err[d];
	s->keys[d] = *k;
	s->has[d] = true;
	if (d == KTLS_RX)
		s->expired = false;
	return 0;
}

int __wrap_ktls_set_option(int fd, enum ktls_option option, unsigned value)
{
	(void)fd, (void)option, (void)value;
	return -ENOPROTOOPT;
}

static ssize_t soft_seal(int fd, uint8_t type, const void *buf, size_t len)
{
	const struct ktls_record r = { type, (uint8_t *)buf, len, 0 };
	static uint8_t wire[KTLS_WIRE_MAX];
	ssize_t n = ktls_seal(&soft.socket[fd]->keys[KTLS_TX], &r, wire, sizeof(wire));

	assert_true(n > 0);
	assert_int_equal(__real_send(fd, wire, (size_t)n, MSG_NOSIGNAL), n);
	return (ssize_t)len;
}

static bool soft_has(int fd, enum ktls_option d)
{
	return soft.socket[fd] && soft.socket[fd]->has[d];
}

ssize_t __wrap_ktls_send_record(int fd, uint8_t type, const void *buf, size_t len)
{
	assert_true(soft_has(fd, KTLS_TX));
	return soft.full ? -EAGAIN : soft_seal(fd, type, buf, len);
}

/* A record at a time: whoever sends has to go on where it ended. */
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
	if (!soft_has(fd, KTLS_TX))
		return __real_send(fd, buf, len, flags);
	errno = EAGAIN;
	if (soft.full)
		return -1;
	return soft_seal(fd, KTLS_RECORD_DATA, buf,
			 len < KTLS_DATA_MAX ? len : KTLS_DATA_MAX);
}

ssize_t __wrap_sendfile(int fd, int file, off_t *offset, size_t len)
{
	uint8_t buf[4096];
	ssize_t n = pread(file, buf, len < sizeof(buf) ? len : sizeof(buf), *offset);

	assert_true(n >= 0 && soft_has(fd, KTLS_TX));
	*offset += n;
	return n ? soft_seal(fd, KTLS_RECORD_DATA, buf, (size_t)n) : 0;
}

/* Reads on in the record that is coming in. 1: whole; 0: the stream ended; -EAGAIN. */
static int soft_fill(int fd, struct soft_socket *s)
{
	size_t want = KTLS_HEADER;
	ssize_t n;

	for (;;) {
		if (s->got >= KTLS_HEADER)
			want = KTLS_HEADER + ((size_t)s->wire[3] << 8 | s->wire[4]);
		if (s->got >= KTLS_HEADER && s->got == want)
			return 1;
		assert_true(want <= sizeof(s->wire));
		n = recv(fd, s->wire + s->got, want - s->got, 0);
		if (n <= 0)
			return n ? -errno : 0;
		s->got += (size_t)n;
	}
}

static int soft_next(int fd, struct soft_socket *s)
{
	struct ktls_record r;
	ssize_t n = soft_fill(fd, s);

	if (n <= 0)
		return (int)n;
	if (!s->plain)
		s->plain = malloc(KTLS_FRAGMENT_MAX);
	assert_non_null(s->plain);
	r = (struct ktls_record){ .data = s->plain };
	n = ktls_open(&s->keys[KTLS_RX], s->wire, s->got, &r);
	s->got = 0;
	if (n < 0)
		return (int)n;
	s->len = r.len;
	s->at = 0;
	s->type = r.type;
	return 1;
}

ssize_t __wrap_ktls_recv_record(int fd, uint8_t *type, void *buf, size_t len)
{
	struct soft_socket *s = soft.socket[fd];
	int rc = 1;
	size_t n;

	assert_true(soft_has(fd, KTLS_RX));
	*type = 0;
	if (s->expired && s->at == s->len && !soft.cannot_rekey)
		return -EKEYEXPIRED;
	while (s->at == s->len && rc == 1)
		rc = soft_next(fd, s);
	if (rc != 1)
		return rc;
	n = s->len - s->at < len ? s->len - s->at : len;
	memcpy(buf, s->plain + s->at, n);
	s->at += n;
	*type = s->type;
	s->expired |= s->type == KTLS_RECORD_HANDSHAKE && s->plain[0] == 24 &&
		      s->keys[KTLS_RX].version == KTLS_1_3;
	return (ssize_t)n;
}

#endif
