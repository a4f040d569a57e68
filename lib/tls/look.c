// SPDX-License-Identifier: MIT
/* Whether the kernel encrypts itself or has a NIC do it: only sock_diag tells. */
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ssl_priv.h"

enum { REPLY_MAX = 8192, ESTABLISHED = 1 };

struct request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 r;
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct bytes {
	const uint8_t *p;
	size_t len;
};

/* The attribute in these, or none; a nest has a flag at its type. */
static struct bytes find(struct bytes b, uint16_t type)
{
	struct rtattr a;

	while (b.len >= sizeof(a)) {
		memcpy(&a, b.p, sizeof(a));
		if (a.rta_len < sizeof(a) || a.rta_len > b.len)
			break;
		if ((a.rta_type & NLA_TYPE_MASK) == type)
			return (struct bytes){ b.p + sizeof(a), a.rta_len - sizeof(a) };
		if (RTA_ALIGN(a.rta_len) >= b.len)
			break;
		b.p += RTA_ALIGN(a.rta_len);
		b.len -= RTA_ALIGN(a.rta_len);
	}
	return (struct bytes){ NULL, 0 };
}

static enum ktls_where where_of(struct bytes tls, uint16_t type)
{
	const struct bytes b = find(tls, type);
	uint16_t conf = KTLS_CONF_UNKNOWN;

	if (b.len >= sizeof(conf))
		memcpy(&conf, b.p, sizeof(conf));
	switch (conf) {
	case KTLS_CONF_SW:
		return KTLS_SOFTWARE;
	case KTLS_CONF_HW:
	case KTLS_CONF_HW_RECORD:
		return KTLS_NIC;
	default:
		return KTLS_KERNEL;
	}
}

int ktls_look_parse(const void *reply, size_t len, enum ktls_where *tx,
		    enum ktls_where *rx)
{
	const size_t fixed = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct inet_diag_msg));
	struct nlmsghdr h;
	struct bytes b;
	int32_t err = 0;

	if (len < sizeof(h))
		return -EPROTO;
	memcpy(&h, reply, sizeof(h));
	if (h.nlmsg_len > len)
		return -EPROTO;
	if (h.nlmsg_type == NLMSG_ERROR && h.nlmsg_len >= NLMSG_HDRLEN + sizeof(err))
		memcpy(&err, (const uint8_t *)reply + NLMSG_HDRLEN, sizeof(err));
	if (h.nlmsg_type != SOCK_DIAG_BY_FAMILY || h.nlmsg_len < fixed)
		return err < 0 && err > -4096 ? err : -EPROTO;
	b = (struct bytes){ (const uint8_t *)reply + fixed, h.nlmsg_len - fixed };
	b = find(find(b, INET_DIAG_ULP_INFO), INET_ULP_INFO_TLS);
	if (!b.p)
		return -EACCES;
	*tx = where_of(b, KTLS_INFO_TXCONF);
	*rx = where_of(b, KTLS_INFO_RXCONF);
	return 0;
}

static void put_address(const union address *a, __be32 *addr, __be16 *port)
{
	if (a->any.sa_family == AF_INET) {
		memcpy(addr, &a->v4.sin_addr, sizeof(a->v4.sin_addr));
		*port = a->v4.sin_port;
	} else {
		memcpy(addr, &a->v6.sin6_addr, sizeof(a->v6.sin6_addr));
		*port = a->v6.sin6_port;
	}
}

static int make_request(int fd, struct request *q)
{
	union address here = { 0 }, there = { 0 };
	socklen_t len = sizeof(here), len2 = sizeof(there);

	if (getsockname(fd, &here.any, &len) || getpeername(fd, &there.any, &len2))
		return -errno;
	if (here.any.sa_family != AF_INET && here.any.sa_family != AF_INET6)
		return -EAFNOSUPPORT;
	*q = (struct request){
		.header = { .nlmsg_len = sizeof(*q),
			    .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			    .nlmsg_flags = NLM_F_REQUEST },
		.r = { .sdiag_family = (uint8_t)here.any.sa_family,
		       .sdiag_protocol = IPPROTO_TCP,
		       .idiag_ext = 1 << (INET_DIAG_INFO - 1), /* else no word of ULPs */
		       .idiag_states = 1 << ESTABLISHED,
		       .id.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE } },
	};
	put_address(&here, q->r.id.idiag_src, &q->r.id.idiag_sport);
	put_address(&there, q->r.id.idiag_dst, &q->r.id.idiag_dport);
	return 0;
}

/* The kernel has answered when send(2) returns. */
static int ask(const struct request *q, struct ktls_conn *c)
{
	enum ktls_where tx = KTLS_KERNEL, rx = KTLS_KERNEL;
	uint8_t reply[REPLY_MAX];
	ssize_t n;
	int err, fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (fd < 0)
		return -errno;
	n = send(fd, q, sizeof(*q), 0);
	if (n >= 0)
		n = recv(fd, reply, sizeof(reply), MSG_DONTWAIT);
	err = n < 0 ? -errno : ktls_look_parse(reply, (size_t)n, &tx, &rx);
	close(fd);
	if (err)
		return err;
	if (c->info.tx.where != KTLS_USER)
		c->info.tx.where = tx;
	if (c->info.rx.where != KTLS_USER)
		c->info.rx.where = rx;
	return 0;
}

int ktls_conn_look(struct ktls_conn *c)
{
	struct request q;
	int err = make_request(c->fd, &q);

	return err ? err : ask(&q, c);
}
