/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

/* Seen: Linux 6.1 shows 0 beside an open connection, 6.12 shows 1. Its history has
 * "statistics for mptcp socket in use" in 6.3. */
static bool counts(const struct kernel_facts *k)
{
	return k->major > 6 || (k->major == 6 && k->minor >= 3);
}

static void run(const struct facts *f, struct report *r)
{
	const struct mptcp_facts *m = &f->mptcp;
	struct finding *fi;

	if (!m->present) {
		say(r, VERDICT_SKIP, "this kernel has no MPTCP");
	} else if (!m->sockets && m->enabled && !counts(&f->kernel)) {
		fi = say(r, VERDICT_UNKNOWN,
			 "MPTCP is allowed, and this kernel does not count its sockets");
		because(fi, "mptcp-uncounted");
		evidence(fi, m->src.where, "Linux 6.3 or later", "%s",
			 f->kernel.release ? f->kernel.release : "unknown");
		remedy(fi, "look for MPTCP sockets", "ss -M", 0, NULL);
	} else if (!m->sockets) {
		fi = say(r, VERDICT_OK, "no MPTCP socket");
		evidence(fi, m->src.where, NULL, "0 sockets, MPTCP %s",
			 m->enabled ? "allowed" : "switched off");
	} else {
		fi = say(r, VERDICT_INFO,
			 "%" PRIu64 " MPTCP sockets: kTLS is not possible on them",
			 m->sockets);
		because(fi, "mptcp-sockets");
		evidence(fi, m->src.where, "TCP", "%" PRIu64 " MPTCP sockets",
			 m->sockets);
		remedy(fi, "where kTLS is wanted, let the program use plain TCP", "ss -M",
		       0, NULL);
	}
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "there is none in this network namespace", NULL },
	{ VERDICT_INFO, "mptcp-sockets", "some are open: none of them can use kTLS",
	  "plain TCP" },
	{ VERDICT_UNKNOWN, "mptcp-uncounted",
	  "kernels before 6.3 do not count them; ss -M lists them", "ss -M" },
	{ VERDICT_SKIP, NULL, "the kernel has no MPTCP", NULL },
	{ 0 },
};

const struct check check_mptcp = {
	.id = "mptcp",
	.category = "use",
	.title = "MPTCP sockets",
	.why = "The kernel answers setsockopt(TCP_ULP) on an MPTCP socket with "
	       "ENOPROTOOPT, and TLS libraries go on in user space. Some programs "
	       "listen with MPTCP by default.",
	.outcomes = outcomes,
	.refs = "https://www.mptcp.dev/",
	.needs = FACT_MPTCP,
	.uses = FACT_KERNEL,
	.run = run,
};
