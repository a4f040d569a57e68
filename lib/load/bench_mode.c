// SPDX-License-Identifier: MIT
/* The modes: how an end sends and receives. The rest of a run is the same for all. */
#include <errno.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench_priv.h"

ssize_t bench_put_fd(struct bench_end *e, const uint8_t *buf, size_t len)
{
	ssize_t n = write(e->fd, buf, len);

	e->calls++;
	return n < 0 ? -errno : n;
}

/* A kernel that has the keys says EIO for what is no data: good-bye, or a server's
 * ticket. */
ssize_t bench_take_control(struct bench_end *e, uint8_t *buf, size_t len)
{
	e->calls++;
	return e->conn ? ktls_conn_recv(e->conn, buf, len) : -EIO;
}

ssize_t bench_take_fd(struct bench_end *e, uint8_t *buf, size_t len)
{
	ssize_t n = read(e->fd, buf, len);

	e->calls++;
	if (n < 0 && errno == EIO)
		return bench_take_control(e, buf, len);
	return n < 0 ? -errno : n;
}

/* libssl: a write(2) for each record; a read(2) for its header and one for the rest. */
static ssize_t put_user(struct bench_end *e, const uint8_t *buf, size_t len)
{
	ssize_t n = tls_stream_write(e->s, buf, len);

	if (n > 0)
		e->calls += ((uint64_t)n + KTLS_DATA_MAX - 1) / KTLS_DATA_MAX;
	return n;
}

static ssize_t take_user(struct bench_end *e, uint8_t *buf, size_t len)
{
	e->calls += 2;
	return tls_stream_read(e->s, buf, len);
}

/* The same bytes out of a file that is in memory. */
static ssize_t put_file(struct bench_end *e, const uint8_t *buf, size_t len)
{
	ssize_t n;

	(void)buf;
	if (e->at >= BENCH_PAYLOAD)
		e->at = 0;
	n = sendfile(e->fd, e->file, &e->at, len);
	e->calls++;
	return n < 0 ? -errno : n;
}

static int open_zerocopy(struct bench_end *e, const char **why)
{
	struct ktls_info info;
	int err;

	*why = "no NIC encrypts on this path: only there does TLS_TX_ZEROCOPY_RO do "
	       "anything";
	ktls_conn_look(e->conn);
	ktls_conn_info(e->conn, &info);
	if (info.tx.where != KTLS_NIC)
		return -EOPNOTSUPP;
	err = ktls_set_option(e->fd, KTLS_TX_ZEROCOPY_RO, 1);
	if (err)
		*why = "this kernel has no TLS_TX_ZEROCOPY_RO";
	return err;
}

static const char not_a_file[] = "the answers are made in memory: there is no file to "
				 "send";

const struct bench_mode bench_openssl = {
	.name = "openssl",
	.title = "OpenSSL",
	.directions = BENCH_SEND | BENCH_RECEIVE | BENCH_BOTH,
	.tls = true,
	.put = put_user,
	.take = take_user,
	.copies = 1,
	.copies_why = "libssl encrypts into a buffer of its own, which write(2) copies",
};

const struct bench_mode bench_ktls = {
	.name = "ktls",
	.title = "kTLS",
	.directions = BENCH_SEND | BENCH_RECEIVE | BENCH_BOTH,
	.tls = true,
	.kernel = true,
	.put = bench_put_fd,
	.take = bench_take_fd,
	.copies = 0,
	.copies_why = "the kernel encrypts out of the program's own pages where a write "
		      "fills whole records; what is less than a record it copies",
};

static const struct bench_mode sendfile_mode = {
	.name = "ktls-sendfile",
	.title = "kTLS sendfile",
	.directions = BENCH_SEND,
	.tls = true,
	.kernel = true,
	.lacks = not_a_file,
	.put = put_file,
	.take = bench_take_fd,
	.copies = 0,
	.copies_why = "the kernel encrypts out of the page cache",
	.counted = BENCH_IO_WRITES,
};

static const struct bench_mode zerocopy_mode = {
	.name = "ktls-zerocopy",
	.title = "kTLS zero-copy",
	.directions = BENCH_SEND,
	.tls = true,
	.kernel = true,
	.zerocopy = true,
	.lacks = not_a_file,
	.put = put_file,
	.take = bench_take_fd,
	.open = open_zerocopy,
	.copies = 0,
	.copies_why = "the NIC reads the page cache",
	.counted = BENCH_IO_WRITES,
};

const struct bench_mode bench_plain = {
	.name = "plain",
	.title = "plain TCP",
	.directions = BENCH_SEND | BENCH_RECEIVE | BENCH_BOTH,
	.put = bench_put_fd,
	.take = bench_take_fd,
	.copies = 1,
	.copies_why = "write(2) copies",
};

const struct bench_mode *const bench_modes[] = {
	&bench_openssl, &bench_ktls, &sendfile_mode, &zerocopy_mode, &bench_uring,
	&bench_plain,   NULL
};

const struct bench_mode *const bench_user_or_kernel[] = { &bench_openssl, &bench_ktls,
							  NULL };

const struct bench_mode *bench_mode_named(const char *name)
{
	for (size_t i = 0; bench_modes[i]; i++)
		if (!strcmp(bench_modes[i]->name, name))
			return bench_modes[i];
	return NULL;
}

const char *bench_mode_name(const struct bench_mode *m)
{
	return m->name;
}

int bench_put_all(struct bench_end *e, const uint8_t *buf, size_t len)
{
	while (len) {
		ssize_t n = e->mode->put(e, buf, len);

		if (n == -EINTR)
			continue;
		if (n <= 0)
			return n ? (int)n : -EPIPE;
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}

int bench_take_all(struct bench_end *e, uint8_t *buf, size_t len)
{
	while (len) {
		ssize_t n = e->mode->take(e, buf, len);

		if (n == -EINTR)
			continue;
		if (n <= 0)
			return n ? (int)n : -EPIPE;
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}

void bench_end_close(struct bench_end *e)
{
	if (e->mode && e->mode->close && e->ring)
		e->mode->close(e);
	ktls_conn_free(e->conn);
	tls_stream_free(e->s);
	if (e->fd >= 0)
		close(e->fd);
	*e = (struct bench_end){ .fd = -1, .file = -1 };
}
