// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "diag.h"
#include "mnl.h"

/* Who is told of the sockets. */
struct listener {
	diag_fn fn;
	void *arg;
};

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

static int give(const struct nlmsghdr *h, void *arg)
{
	const struct listener *l = arg;
	const struct span message = span(mnl_nlmsg_get_payload(h),
					 mnl_nlmsg_get_payload_len(h));
	struct diag_socket s;

	if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY || !parse_diag_socket(message, &s))
		return 0;
	return l->fn(&s, l->arg);
}

static int dump(int family, const struct diag_query *q, diag_fn fn, void *arg)
{
	_Alignas(struct nlmsghdr) char buf[256];
	cleanup_mnl struct mnl_socket *nl = NULL;
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct listener l = { fn, arg };
	int err = mnl_open(NETLINK_SOCK_DIAG, &nl);

	if (err)
		return err;
	put_request(h, family, true)->idiag_states = q->states ? q->states
							       : DIAG_CONNECTED;
	put_port(h, q->port);
	return mnl_ask(nl, h, give, &l);
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
	struct listener to = { keep, &l };
	cleanup_mnl struct mnl_socket *nl = NULL;
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct inet_diag_req_v2 *r = put_request(h, family, false);
	int err = mnl_open(NETLINK_SOCK_DIAG, &nl);

	if (err)
		return err;
	r->idiag_states = DIAG_ALL;
	memcpy(r->id.idiag_src, local->addr, sizeof(local->addr));
	memcpy(r->id.idiag_dst, peer->addr, sizeof(peer->addr));
	r->id.idiag_sport = htons(local->port);
	r->id.idiag_dport = htons(peer->port);
	memset(r->id.idiag_cookie, 0xff, sizeof(r->id.idiag_cookie)); /* any */
	err = mnl_ask(nl, h, give, &to);
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
