// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>

#include "mnl.h"

/* The kernel fills as much of it as fits, so a larger one is fewer calls. */
enum { BUFFER = 32768 };

void mnl_close(struct mnl_socket **nl)
{
	if (*nl)
		mnl_socket_close(*nl);
	*nl = NULL;
}

int mnl_open(int protocol, struct mnl_socket **out)
{
	struct mnl_socket *nl = mnl_socket_open2(protocol, SOCK_CLOEXEC);

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
	mnl_message_fn fn;
	void *arg;
	bool done, interrupted;
};

static int read_messages(struct answer *a, const struct nlmsghdr *h, int len)
{
	for (; mnl_nlmsg_ok(h, len); h = mnl_nlmsg_next(h, &len)) {
		const bool end = h->nlmsg_type == NLMSG_DONE ||
				 h->nlmsg_type == NLMSG_ERROR;
		int err = end ? error_of(h) : a->fn(h, a->arg);

		a->interrupted |= h->nlmsg_flags & NLM_F_DUMP_INTR;
		a->done = end || !(h->nlmsg_flags & NLM_F_MULTI);
		if (err || a->done)
			return err;
	}
	return 0;
}

int mnl_ask(struct mnl_socket *nl, const struct nlmsghdr *request, mnl_message_fn fn,
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
