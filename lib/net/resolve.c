// SPDX-License-Identifier: MIT
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "resolve.h"
#include "wire.h"

static const struct addrinfo number = { .ai_flags = AI_NUMERICHOST,
					.ai_socktype = SOCK_STREAM };
static const struct addrinfo name = { .ai_flags = AI_ADDRCONFIG,
				      .ai_socktype = SOCK_STREAM };

static void copy(const struct addrinfo *list, uint16_t port, struct addresses *out)
{
	for (; list && out->n < RESOLVE_MAX; list = list->ai_next) {
		struct address *a = &out->a[out->n];

		if (list->ai_family != AF_INET && list->ai_family != AF_INET6)
			continue;
		memcpy(&a->ss, list->ai_addr, list->ai_addrlen);
		a->len = list->ai_addrlen;
		address_set_port(a, port);
		out->n++;
	}
}

static int wait(struct gaicb *cb, int64_t end_ns)
{
	const struct gaicb *const list[] = { cb };
	int64_t left;

	while (gai_error(cb) == EAI_INPROGRESS) {
		struct timespec t;

		left = end_ns - wire_now_ns();
		if (left <= 0)
			return -ETIMEDOUT;
		t = (struct timespec){ left / 1000000000, left % 1000000000 };
		gai_suspend(list, 1, &t);
	}
	return 0;
}

/*
 * getaddrinfo(3) itself knows no time limit. A look-up that is given up may not end soon,
 * and what it works on has to stay until it does: its memory is left to it.
 */
static int look_up(const char *host, int64_t end_ns, struct addrinfo **found,
		   const char **why)
{
	const size_t len = strlen(host) + 1;
	struct gaicb *cb = calloc(1, sizeof(*cb) + len);
	struct gaicb *list[] = { cb };
	int err;

	if (!cb)
		return -ENOMEM;
	cb->ar_name = memcpy(cb + 1, host, len);
	cb->ar_request = &name;
	err = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);
	if (!err && wait(cb, end_ns)) {
		if (gai_cancel(cb) == EAI_CANCELED)
			free(cb);
		return -ETIMEDOUT;
	}
	if (!err)
		err = gai_error(cb);
	*found = cb->ar_result;
	*why = err ? gai_strerror(err) : "";
	free(cb);
	return err ? -ENOENT : 0;
}

int resolve(const char *host, uint16_t port, int64_t end_ns, struct addresses *out,
	    const char **why)
{
	struct addrinfo *found = NULL;
	int err = 0;

	out->n = 0;
	*why = "";
	if (getaddrinfo(host, NULL, &number, &found))
		err = look_up(host, end_ns, &found, why);
	if (err)
		return err;
	copy(found, port, out);
	freeaddrinfo(found);
	if (out->n)
		return 0;
	*why = "the name has no address";
	return -ENOENT;
}
