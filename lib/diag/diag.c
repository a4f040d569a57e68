// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "diag.h"

/* The kernel fills as much of it as fits, so a larger one is fewer calls. */
enum { BUFFER = 32768 };

static void close_socket(struct mnl_socket **nl)
{
	if (*nl)
		mnl_socket_close(*nl);
}
#define cleanup_mnl __attribute__((cleanup(close_socket)))

/* A kernel without sock_diag knows no such protocol of netlink. */
static int open_socket(struct mnl_socket **out)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);

	*out = NULL;
	if (!nl)
		return errno == EPROTONOSUPPORT ? -ENOENT : -errno;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		int err = -errno;

		mnl_socket_close(nl);
		return err;
	}
	*out = nl;
	return 0;
}

static struct inet_diag_req_v2 *put_request(struct nlmsghdr *h, int family, bool dump)
{
	struct inet_diag_req_v2 *r;

	h->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | (dump ? NLM_F_DUMP : 0));
	r = mnl_nlmsg_put_extra_header(h, sizeof(*r));
	r->sdiag_family = (uint8_t)family;
	r->sdiag_protocol = IPPROTO_TCP;
	/* Without it there is nothing of the ULP either. */
	r->idiag_ext = 1 << (INET_DIAG_INFO - 1);
	return r;
}

/*
 * The kernel's little program: is it the local port, else the peer's? Jumps are in bytes
 * from where they stand; one to the end accepts, four bytes further refuses.
 */
static void put_port(struct nlmsghdr *h, uint16_t port)
{
	const struct inet_diag_bc_op ops[] = {
		{ INET_DIAG_BC_S_EQ, 8, 12 }, { .no = port }, { INET_DIAG_BC_JMP, 4, 12 },
		{ INET_DIAG_BC_D_EQ, 8, 12 }, { .no = port },
	};

	if (port)
		mnl_attr_put(h, INET_DIAG_REQ_BYTECODE, sizeof(ops), ops);
}

static int give(const struct nlmsghdr *h, diag_fn fn, void *arg)
{
	struct diag_socket s;
	const struct span message = span(mnl_nlmsg_get_payload(h),
					 mnl_nlmsg_get_payload_len(h));

	return parse_diag_socket(message, &s) ? fn(&s, arg) : 0;
}

/* NLMSG_ERROR and NLMSG_DONE both begin with it; a dump that could not even begin ends
 * with the latter. */
static int error_of(const struct nlmsghdr *h)
{
	int err;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(err))
		return 0;
	memcpy(&err, mnl_nlmsg_get_payload(h), sizeof(err));
	return err;
}

/* What was heard so far of the answer. */
struct answer {
	diag_fn fn;
	void *arg;
	bool done, interrupted;
};

static int read_messages(struct answer *a, const struct nlmsghdr *h, int len)
{
	for (; mnl_nlmsg_ok(h, len); h = mnl_nlmsg_next(h, &len)) {
		int err = 0;

		a->interrupted |= h->nlmsg_flags & NLM_F_DUMP_INTR;
		a->done = h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR ||
			  !(h->nlmsg_flags & NLM_F_MULTI);
		if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE)
			err = error_of(h);
		else if (h->nlmsg_type == SOCK_DIAG_BY_FAMILY)
			err = give(h, a->fn, a->arg);
		if (err || a->done)
			return err;
	}
	return 0;
}

static int ask(struct mnl_socket *nl, const struct nlmsghdr *request, diag_fn fn,
	       void *arg)
{
	struct answer a = { .fn = fn, .arg = arg };
	_Alignas(struct nlmsghdr) char buf[BUFFER];

	if (mnl_socket_sendto(nl, request, request->nlmsg_len) < 0)
		return -errno;
	while (!a.done) {
		ssize_t n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		int err = n < 0 ? -errno : 0;

		if (err == -EINTR)
			continue;
		if (!err)
			err = read_messages(&a, (struct nlmsghdr *)buf, (int)n);
		if (err)
			return err;
	}
	return a.interrupted ? -EINTR : 0;
}

static int dump(int family, const struct diag_query *q, diag_fn fn, void *arg)
{
	_Alignas(struct nlmsghdr) char buf[256];
	cleanup_mnl struct mnl_socket *nl = NULL;
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	int err = open_socket(&nl);

	if (err)
		return err;
	put_request(h, family, true)->idiag_states = q->states ? q->states
							       : DIAG_CONNECTED;
	put_port(h, q->port);
	return ask(nl, h, fn, arg);
}

int diag_tcp(const struct diag_query *q, diag_fn fn, void *arg)
{
	int first, second;

	if (q->family != AF_UNSPEC)
		return dump(q->family, q, fn, arg);
	first = dump(AF_INET, q, fn, arg);
	if (first && first != -EINTR)
		return first;
	second = dump(AF_INET6, q, fn, arg);
	return second ? second : first;
}

struct lookup {
	struct diag_end local, peer;
	struct diag_socket *out;
	bool found;
};

/* Without such a connection the kernel answers with who listens on the port. */
static int keep(const struct diag_socket *s, void *arg)
{
	struct lookup *l = arg;

	if (s->local.port != l->local.port || s->peer.port != l->peer.port)
		return 0;
	*l->out = *s;
	l->found = true;
	return 0;
}

int diag_lookup(int family, const struct diag_end *local, const struct diag_end *peer,
		struct diag_socket *out)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct lookup l = { *local, *peer, out, false };
	cleanup_mnl struct mnl_socket *nl = NULL;
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct inet_diag_req_v2 *r = put_request(h, family, false);
	int err = open_socket(&nl);

	if (err)
		return err;
	r->idiag_states = DIAG_ALL;
	memcpy(r->id.idiag_src, local->addr, sizeof(local->addr));
	memcpy(r->id.idiag_dst, peer->addr, sizeof(peer->addr));
	r->id.idiag_sport = htons(local->port);
	r->id.idiag_dport = htons(peer->port);
	memset(r->id.idiag_cookie, 0xff, sizeof(r->id.idiag_cookie)); /* any */
	err = ask(nl, h, keep, &l);
	if (err)
		return err;
	return l.found ? 0 : -ENOENT;
}

static int end_of(const struct sockaddr_storage *ss, struct diag_end *end)
{
	const struct sockaddr_in *in = (const void *)ss;
	const struct sockaddr_in6 *in6 = (const void *)ss;

	memset(end, 0, sizeof(*end));
	switch (ss->ss_family) {
	case AF_INET:
		memcpy(end->addr, &in->sin_addr, sizeof(in->sin_addr));
		end->port = ntohs(in->sin_port);
		return AF_INET;
	case AF_INET6:
		memcpy(end->addr, &in6->sin6_addr, sizeof(in6->sin6_addr));
		end->port = ntohs(in6->sin6_port);
		return AF_INET6;
	default:
		return -EAFNOSUPPORT;
	}
}

int diag_lookup_fd(int fd, struct diag_socket *out)
{
	struct sockaddr_storage here, there;
	socklen_t here_len = sizeof(here), there_len = sizeof(there);
	struct diag_end local, peer;
	int family;

	if (getsockname(fd, (struct sockaddr *)&here, &here_len) ||
	    getpeername(fd, (struct sockaddr *)&there, &there_len))
		return -errno;
	family = end_of(&here, &local);
	if (family < 0)
		return family;
	end_of(&there, &peer);
	return diag_lookup(family, &local, &peer, out);
}
