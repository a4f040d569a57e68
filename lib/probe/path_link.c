/* SPDX-License-Identifier: MIT */
/* The client's end of a connection to a peer; what is said is in lib/net/peer.h. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "../net/address.h"
#include "../net/peer.h"
#include "path.h"
#include "probe_priv.h"

static int wait_for(int fd, short events, uint64_t until)
{
	struct pollfd p = { fd, events, 0 };
	const uint64_t now = probe_now_us();
	int n;

	if (now >= until)
		return -ETIMEDOUT;
	n = poll(&p, 1, (int)((until - now) / 1000) + 1);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return n ? 0 : -ETIMEDOUT;
}

static uint64_t deadline(void)
{
	return probe_now_us() + (uint64_t)WAIT_MS * 1000;
}

int link_connect(struct path_link *l, const struct address *to)
{
	const int yes = 1;
	socklen_t len = sizeof(int);
	int err;

	*l = (struct path_link){ .reason = "" };
	l->fd = socket(to->ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return -errno;
	setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (!connect(l->fd, (const struct sockaddr *)&to->ss, to->len))
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	err = wait_for(l->fd, POLLOUT, deadline());
	if (err)
		return err;
	if (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &err, &len))
		return -errno;
	return -err;
}

/* 0: try again. */
static int retry(struct path_link *l, ssize_t n, uint64_t until)
{
	if (n == -EAGAIN)
		return wait_for(l->fd, tls_stream_events(l->s), until);
	if (*tls_stream_reason(l->s))
		l->reason = tls_stream_reason(l->s);
	return (int)n;
}

int link_handshake(struct path_link *l, const struct handshake_plan *row)
{
	const struct tls_wants w = { .version = row->version, .suite = row->suite };
	const uint64_t until = deadline();
	int err, ret = -EAGAIN;
	struct ssl_ctx_st *c = tls_context(TLS_CLIENT, NULL, &w, &err);

	if (c)
		err = tls_stream_open(&l->s, c, TLS_CLIENT, l->fd);
	tls_context_free(c);
	if (err && c)
		return err;
	if (!c) {
		l->reason = tls_reason();
		return err;
	}
	while (ret) {
		ret = tls_stream_handshake(l->s);
		err = ret ? retry(l, ret, until) : 0;
		if (err)
			return err;
	}
	return 0;
}

static int send_all(struct path_link *l, const void *data, size_t len, uint64_t until)
{
	const char *p = data;

	while (len) {
		ssize_t n = tls_stream_write(l->s, p, len);
		int err = n < 0 ? retry(l, n, until) : 0;

		if (err)
			return err;
		if (n < 0)
			continue;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int receive_all(struct path_link *l, void *data, size_t len, uint64_t until)
{
	char *p = data;

	while (len) {
		ssize_t n = tls_stream_read(l->s, p, len);
		int err = n < 0 ? retry(l, n, until) : 0;

		if (err)
			return err;
		if (n < 0)
			continue;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Byte by byte, so that nothing behind the line is taken. */
static int receive_line(struct path_link *l, char *line, size_t *len, uint64_t until)
{
	for (*len = 0; *len < PEER_LINE; (*len)++) {
		int err = receive_all(l, line + *len, 1, until);

		if (err)
			return err;
		if (line[*len] == '\n')
			return 0;
	}
	return -EBADMSG;
}

static int ask(struct path_link *l, uint64_t bytes, uint64_t until)
{
	const struct peer_request r = { "exchange", bytes };
	char line[PEER_LINE], why[PEER_LINE];
	size_t len = peer_request_print(&r, line);
	int err = send_all(l, line, len, until);

	if (!err)
		err = receive_line(l, line, &len, until);
	if (err)
		return err;
	err = peer_answer_parse(span(line, len), why);
	if (err == -EPROTONOSUPPORT)
		return -EBADMSG;
	if (err || !*why)
		return err;
	snprintf(l->said, sizeof(l->said), "%s", why);
	l->reason = l->said;
	return -ECONNREFUSED;
}

/* Another beginning for every length. */
static void fill(uint8_t *data, size_t len)
{
	uint32_t x = (uint32_t)len * 2246822519u | 1;

	for (size_t i = 0; i < len; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		data[i] = (uint8_t)x;
	}
}

/* The peer's hash of what one end sent, against that of the other. */
static int compare(struct path_link *l, const uint8_t *data, size_t len, uint64_t until)
{
	uint8_t theirs[PEER_HASH], ours[EVP_MAX_MD_SIZE];
	unsigned n;
	int err = receive_all(l, theirs, sizeof(theirs), until);

	if (err)
		return err;
	if (!EVP_Digest(data, len, ours, &n, EVP_sha256(), NULL) || n != PEER_HASH)
		return -EIO;
	return memcmp(ours, theirs, n) ? -EILSEQ : 0;
}

int link_exchange(struct path_link *l, size_t bytes)
{
	const uint64_t until = deadline();
	cleanup_free uint8_t *data = malloc(bytes);
	int err = data ? ask(l, bytes, until) : -ENOMEM;

	if (err)
		return err;
	fill(data, bytes);
	err = send_all(l, data, bytes, until);
	if (!err)
		err = compare(l, data, bytes, until);
	if (!err)
		err = receive_all(l, data, bytes, until);
	return err ? err : compare(l, data, bytes, until);
}

/* Once is polite; who does not answer is not waited for. */
void link_close(struct path_link *l)
{
	if (l->s)
		tls_stream_shutdown(l->s);
	tls_stream_free(l->s);
	if (l->fd >= 0)
		close(l->fd);
	*l = (struct path_link){ .fd = -1, .reason = "" };
}
