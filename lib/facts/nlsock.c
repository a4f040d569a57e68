/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <string.h>

#include "nlsock.h"

struct asked {
	nl_reply_fn fn;
	void *arg;
	int err;
};

static int on_reply(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct asked *q = arg;

	q->err = q->fn(q->arg, span(nlmsg_data(hdr), (size_t)nlmsg_datalen(hdr)));
	return q->err ? NL_STOP : NL_OK;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	struct asked *q = arg;

	(void)from;
	q->err = e->error;
	return NL_STOP;
}

/* The end of a dump carries an error too, which libnl passes over. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	const struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct asked *q = arg;
	int err;

	if (nlmsg_datalen(hdr) >= (int)sizeof(err)) {
		memcpy(&err, nlmsg_data(hdr), sizeof(err));
		q->err = err < 0 ? err : 0;
	}
	return NL_STOP;
}

int nlsock_errno(int err)
{
	switch (err >= 0 ? 0 : -err) {
	case 0:
		return 0;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_OBJ_NOTFOUND:
		return -ENOENT;
	case NLE_DUMP_INTR:
		return -EINTR;
	default:
		return -EIO;
	}
}

int nlsock_open(int protocol, struct nl_sock **out)
{
	struct nl_sock *sock = nl_socket_alloc();

	*out = sock;
	if (!sock)
		return -ENOMEM;
	/* A reply, the end of a dump or an error says enough. */
	nl_socket_disable_auto_ack(sock);
	return nlsock_errno(nl_connect(sock, protocol));
}

int nlsock_ask(struct nl_sock *sock, struct nl_msg *msg, nl_reply_fn fn, void *arg)
{
	struct asked q = { fn, arg, 0 };
	int err = msg ? 0 : -NLE_NOMEM;

	if (!err)
		err = nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_reply, &q);
	if (!err)
		err = nl_socket_modify_cb(sock, NL_CB_FINISH, NL_CB_CUSTOM, on_finish,
					  &q);
	if (!err)
		err = nl_socket_modify_err_cb(sock, NL_CB_CUSTOM, on_error, &q);
	if (!err)
		err = nl_send_auto(sock, msg);
	if (err >= 0)
		err = nl_recvmsgs_default(sock);
	nlmsg_free(msg);
	return q.err ? q.err : nlsock_errno(err);
}
