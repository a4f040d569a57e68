// SPDX-License-Identifier: MIT
/* The kernel's own look-up of a route, over rtnetlink; anybody may ask. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "../facts/nlsock.h"
#include "address.h"

static const struct nla_policy policy[RTA_MAX + 1] = {
	[RTA_OIF] = { .type = NLA_U32 },
};

bool parse_route(struct span message, struct route *out)
{
	const size_t head = NLMSG_ALIGN(sizeof(struct rtmsg));
	const struct rtmsg *rtm = (const struct rtmsg *)message.p;
	struct nlattr *tb[RTA_MAX + 1];

	*out = (struct route){ 0 };
	if (message.len < head)
		return false;
	out->local = rtm->rtm_type == RTN_LOCAL;
	if (nla_parse(tb, RTA_MAX, (struct nlattr *)(message.p + head),
		      (int)(message.len - head), policy))
		return true;
	if (tb[RTA_OIF])
		out->ifindex = nla_get_u32(tb[RTA_OIF]);
	return true;
}

static int on_route(void *arg, struct span payload)
{
	return parse_route(payload, arg) ? 0 : -EBADMSG;
}

static int put_end(struct nl_msg *msg, int type, const struct address *a)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&a->ss;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&a->ss;

	if (a->ss.ss_family == AF_INET)
		return nla_put(msg, type, sizeof(v4->sin_addr), &v4->sin_addr);
	return nla_put(msg, type, sizeof(v6->sin6_addr), &v6->sin6_addr);
}

/* A link-local address means a device by itself. */
static uint32_t scope_of(const struct address *a)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&a->ss;

	return a->ss.ss_family == AF_INET6 ? v6->sin6_scope_id : 0;
}

static struct nl_msg *question(const struct address *to, const struct address *from)
{
	const unsigned char bits = to->ss.ss_family == AF_INET ? 32 : 128;
	const struct rtmsg rtm = { .rtm_family = (unsigned char)to->ss.ss_family,
				   .rtm_dst_len = bits,
				   .rtm_src_len = from ? bits : 0 };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, 0);
	int err = msg ? nlmsg_append(msg, (void *)&rtm, sizeof(rtm), NLMSG_ALIGNTO) : 0;

	if (msg && !err)
		err = put_end(msg, RTA_DST, to);
	if (msg && !err && from)
		err = put_end(msg, RTA_SRC, from);
	if (msg && !err && scope_of(to))
		err = nla_put_u32(msg, RTA_OIF, scope_of(to));
	if (!err)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

int route_to(const struct address *to, const struct address *from, struct route *out)
{
	struct nl_sock *sock;
	int err = nlsock_open(NETLINK_ROUTE, &sock);

	*out = (struct route){ 0 };
	if (!err)
		err = nlsock_ask(sock, question(to, from), on_route, out);
	nl_socket_free(sock);
	return err;
}
