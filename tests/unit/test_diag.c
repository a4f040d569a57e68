/* SPDX-License-Identifier: MIT */
/* Messages of sock_diag, built here byte by byte, and what this machine tells of itself.
 * (Asking it loads tcp_diag, as ss(8) does.) */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "../../lib/diag/diag.h"
#include "hex.h"

enum { MAX = 1024 };

struct message {
	_Alignas(8) uint8_t bytes[MAX];
	size_t len;
};

static void put(struct message *m, const void *data, size_t len)
{
	memcpy(m->bytes + m->len, data, len);
	m->len += len;
}

static void put_fixed(struct message *m)
{
	const struct inet_diag_msg fixed = {
		.idiag_family = AF_INET,
		.idiag_state = 1,
		.id = {
			.idiag_sport = htons(443),
			.idiag_dport = htons(54321),
			.idiag_src = { htonl(0x7f000001) },
			.idiag_dst = { htonl(0x0a000002) },
			.idiag_if = 7,
			.idiag_cookie = { 2, 1 },
		},
		.idiag_uid = 33,
		.idiag_inode = 4711,
	};

	put(m, &fixed, sizeof(fixed));
}

/* The attributes of a row: "TYPE:HEX" words, "TYPE{ ... }" for a nest; numbers in
 * decimal. "TYPE/LEN:HEX" says another length than it has. */
static const char *put_attrs(struct message *m, const char *p);

static const char *put_attr(struct message *m, const char *p)
{
	struct nlattr a = { 0 };
	const size_t at = m->len;
	char *end, hex[MAX];
	long claimed = 0;
	size_t n;

	a.nla_type = (uint16_t)strtol(p, &end, 10);
	put(m, &a, sizeof(a));
	if (*end == '/')
		claimed = strtol(end + 1, &end, 10);
	if (*end == '{') {
		p = put_attrs(m, end + 1) + 1;
	} else {
		n = strcspn(end + 1, " }");
		memcpy(hex, end + 1, n);
		hex[n] = '\0';
		m->len += unhex(hex, m->bytes + m->len, MAX - m->len);
		p = end + 1 + n;
	}
	a.nla_len = (uint16_t)(claimed ? claimed : (long)(m->len - at));
	memcpy(m->bytes + at, &a, sizeof(a));
	while (m->len % 4)
		m->bytes[m->len++] = 0;
	return p;
}

static const char *put_attrs(struct message *m, const char *p)
{
	for (;;) {
		while (*p == ' ')
			p++;
		if (!*p || *p == '}')
			return p;
		p = put_attr(m, p);
	}
}

static void note_tls(struct notes *n, const struct diag_tls *t)
{
	if (!t->present)
		return;
	note(n, " tls %#x %u tx %d rx %d", t->version, t->cipher, t->tx, t->rx);
	if (t->zerocopy_ro)
		note(n, " zc");
	if (t->no_pad)
		note(n, " nopad");
	if (t->max_payload)
		note(n, " max %u", t->max_payload);
}

static void note_socket(struct notes *n, const struct diag_socket *s)
{
	note(n, "ulp '%s'", s->ulp);
	note_tls(n, &s->tls);
	if (s->tcp.present)
		note(n, " rtt %u sent %llu acked %llu received %llu again %llu",
		     s->tcp.rtt_us, (unsigned long long)s->tcp.bytes_sent,
		     (unsigned long long)s->tcp.bytes_acked,
		     (unsigned long long)s->tcp.bytes_received,
		     (unsigned long long)s->tcp.bytes_retransmitted);
}

struct parse_row {
	const char *name, *attrs, *want;
};

#define NAME_TLS "1:746c7300"

/* ULP information is attribute 19, tcp_info 2. */
static const struct parse_row parse_rows[] = {
	{ "no attribute", "", "ulp ''" },
	{ "1.3 both ways", "19{" NAME_TLS " 2{1:0403 2:3300 3:0200 4:0200}}",
	  "ulp 'tls' tls 0x304 51 tx 2 rx 2" },
	{ "with all there is",
	  "19{" NAME_TLS " 2{1:0303 2:3400 3:0300 4:0100 5: 6: 7:0040}}",
	  "ulp 'tls' tls 0x303 52 tx 3 rx 1 zc nopad max 16384" },
	{ "attached, no keys", "19{" NAME_TLS " 2{3:0100 4:0100}}",
	  "ulp 'tls' tls 0 0 tx 1 rx 1" },
	{ "nests that say they are", "32787{" NAME_TLS " 32770{3:0200 4:0100}}",
	  "ulp 'tls' tls 0 0 tx 2 rx 1" },
	{ "another ULP", "19{1:6d7074637000 3{1:01000000}}", "ulp 'mptcp'" },
	{ "a name without an end", "19{1:746c73}", "ulp 'tls'" },
	{ "a name that is too long", "19{1:4142434445464748494a4b4c4d4e4f5051525300}",
	  "ulp 'ABCDEFGHIJKLMNOP'" },
	{ "an empty name", "19{1:}", "ulp ''" },
	{ "unknown attributes", "99:0102 19{9:00 " NAME_TLS " 2{77:01 3:0200}} 17:",
	  "ulp 'tls' tls 0 0 tx 2 rx 0" },
	{ "unknown values", "19{2{1:9909 2:ff00 3:0900 4:0000}}",
	  "ulp '' tls 0x999 255 tx 0 rx 0" },
	{ "too short for a number", "19{2{1:03 2: 3:02 4:0200}}",
	  "ulp '' tls 0 0 tx 0 rx 2" },
	{ "longer than known", "19{2{1:04030000 3:020000000000}}",
	  "ulp '' tls 0x304 0 tx 2 rx 0" },
	{ "an attribute longer than the message", "19/4000{" NAME_TLS "}", "ulp ''" },
	{ "a nest that ends too late", "19{2/400{3:0200}} 19{" NAME_TLS "}",
	  "ulp 'tls'" },
	{ "a length below its own header", "19/3{" NAME_TLS "}", "ulp ''" },
	{ "empty nests", "19{2{}} 2:",
	  "ulp '' tls 0 0 tx 0 rx 0 rtt 0 sent 0 acked 0 "
	  "received 0 again 0" },
};

static void test_parse(void **state)
{
	const struct parse_row *row = *state;
	struct message m = { 0 };
	struct diag_socket s;
	struct notes n = { 0 };
	cleanup_free char *copy = NULL;

	put_fixed(&m);
	put_attrs(&m, row->attrs);
	copy = exact_copy((char *)m.bytes, m.len);
	assert_true(parse_diag_socket(span(copy, m.len), &s));
	note_socket(&n, &s);
	assert_string_equal(n.text, row->want);
}

static void test_fixed(void **state)
{
	struct message m = { 0 };
	struct diag_socket s;

	(void)state;
	put_fixed(&m);
	assert_true(parse_diag_socket(span((char *)m.bytes, m.len), &s));
	assert_true(s.family == AF_INET && s.state == 1);
	assert_memory_equal(s.local.addr, "\x7f\0\0\1\0\0\0\0", 8);
	assert_memory_equal(s.peer.addr, "\x0a\0\0\2\0\0\0\0", 8);
	assert_true(s.local.port == 443 && s.peer.port == 54321);
	assert_true(s.ifindex == 7 && s.uid == 33 && s.inode == 4711);
	assert_true(s.cookie == 0x100000002);
	assert_false(s.tls.present || s.tcp.present);
	for (size_t len = 0; len < m.len; len++)
		assert_false(parse_diag_socket(span((char *)m.bytes, len), &s));
}

/* Kernels have different lengths of struct tcp_info; offsets as in <linux/tcp.h>. */
struct info_row {
	const char *name;
	size_t len;
	const char *want;
};

static const struct info_row info_rows[] = {
	{ "of today", 232, "ulp '' rtt 5000 sent 4 acked 1 received 2 again 5" },
	{ "of a later kernel", 400, "ulp '' rtt 5000 sent 4 acked 1 received 2 again 5" },
	{ "without bytes sent", 192,
	  "ulp '' rtt 5000 sent 0 acked 1 received 2 again 0" },
	{ "of long ago", 104, "ulp '' rtt 5000 sent 0 acked 0 received 0 again 0" },
	{ "cut", 1, "ulp '' rtt 0 sent 0 acked 0 received 0 again 0" },
};

static void test_info(void **state)
{
	const struct info_row *row = *state;
	uint8_t info[400] = { [68] = 5000 & 0xff, [69] = 5000 >> 8, [120] = 1,
			      [128] = 2,          [200] = 4,        [208] = 5 };
	struct nlattr a = { (uint16_t)(sizeof(a) + row->len), INET_DIAG_INFO };
	struct message m = { 0 };
	struct notes n = { 0 };
	struct diag_socket s;

	put_fixed(&m);
	put(&m, &a, sizeof(a));
	put(&m, info, row->len);
	assert_true(parse_diag_socket(span((char *)m.bytes, m.len), &s));
	note_socket(&n, &s);
	assert_string_equal(n.text, row->want);
}

/* Two ends of a connection over loopback. */
struct ends {
	int client, server;
	uint16_t port; /* of the server */
};

static int listen_on(int family, uint16_t *port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6,
				  .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = family == AF_INET ? sizeof(in) : sizeof(a);
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, family == AF_INET ? (void *)&in : (void *)&a, len) ||
	    listen(fd, 1)) {
		close(fd);
		return -1;
	}
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin6_port); /* at the same place in both */
	return fd;
}

static bool connect_ends(int family, struct ends *e)
{
	cleanup_close int listener = listen_on(family, &e->port);
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);

	if (listener < 0)
		return false;
	assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &len), 0);
	e->client = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(e->client, (struct sockaddr *)&a, len), 0);
	e->server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(e->server >= 0);
	assert_int_equal(send(e->client, "abc", 3, 0), 3);
	return true;
}

struct family_row {
	const char *name;
	int family;
};

static const struct family_row family_rows[] = {
	{ "IPv4", AF_INET },
	{ "IPv6", AF_INET6 },
};

static void test_lookup(void **state)
{
	const struct family_row *row = *state;
	struct diag_socket s, none;
	struct ends e;
	int err;

	if (!connect_ends(row->family, &e))
		skip();
	err = diag_lookup_fd(e.client, &s);
	if (err == -ENOENT)
		skip();
	assert_int_equal(err, 0);
	assert_true(s.family == row->family && s.state == 1 && s.peer.port == e.port);
	assert_true(s.uid == getuid() && s.inode && s.cookie);
	assert_string_equal(s.ulp, "");
	assert_true(s.tcp.present && s.tcp.bytes_sent == 3);
	s.local.port ^= 1;
	assert_int_equal(diag_lookup(row->family, &s.local, &s.peer, &none), -ENOENT);
	close(e.client);
	close(e.server);
}

/* A listener answers for the port, but it is not the connection. */
static void test_listener(void **state)
{
	const struct diag_end local = { { 127, 0, 0, 1 }, 0 },
			      peer = { { 127, 0, 0, 1 }, 9 };
	struct diag_end here = local;
	struct diag_socket s;
	cleanup_close int fd = listen_on(AF_INET, &here.port);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(diag_lookup(AF_INET, &here, &peer, &s), -ENOENT);
}

struct seen {
	struct ends *e;
	unsigned n, others;
	int stop; /* what to return */
};

static int look(const struct diag_socket *s, void *arg)
{
	struct seen *seen = arg;

	if (s->local.port == seen->e->port || s->peer.port == seen->e->port)
		seen->n++;
	else
		seen->others++;
	return seen->stop;
}

static void test_dump(void **state)
{
	const struct family_row *row = *state;
	struct ends e;
	struct seen all = { .e = &e }, port = { .e = &e }, stop = { .e = &e, .stop = 42 };
	struct diag_query q = { .family = row->family };
	int err;

	if (!connect_ends(row->family, &e))
		skip();
	err = diag_tcp(&q, look, &all);
	if (err == -ENOENT)
		skip();
	assert_true(!err || err == -EINTR);
	assert_int_equal(all.n, 2);
	q.port = e.port;
	assert_int_equal(diag_tcp(&q, look, &port), 0);
	assert_true(port.n == 2 && !port.others);
	assert_int_equal(diag_tcp(&q, look, &stop), 42);
	assert_int_equal(stop.n, 1);
	q.states = 1 << 10; /* listening: the port's listener is closed */
	port.n = 0;
	assert_int_equal(diag_tcp(&q, look, &port), 0);
	assert_int_equal(port.n, 0);
	close(e.client);
	close(e.server);
}

static void test_no_socket(void **state)
{
	cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cleanup_close int lone = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct diag_socket s;
	int pair[2];

	(void)state;
	assert_int_equal(diag_lookup_fd(-1, &s), -EBADF);
	assert_int_equal(diag_lookup_fd(fd, &s), -ENOTCONN);
	assert_int_equal(diag_lookup_fd(lone, &s), -ENOTCONN);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(diag_lookup_fd(pair[0], &s), -EAFNOSUPPORT);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("parse", parse_rows, test_parse),
		UNIT_ONE("fixed part", test_fixed),
		UNIT_ROWS("tcp_info", info_rows, test_info),
		UNIT_ROWS("look-up", family_rows, test_lookup),
		UNIT_ONE("listener", test_listener),
		UNIT_ROWS("dump", family_rows, test_dump),
		UNIT_ONE("no connection", test_no_socket),
	};

	return unit_run("diag", sets, ARRAY_SIZE(sets));
}
