/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

enum { FAST_MBPS = 10000 };

static void say_one(const struct facts *f, struct report *r, const struct nic *nic)
{
	struct finding *fi;

	(void)f;
	if (!nic->up) {
		fi = say_nic(r, VERDICT_INFO, nic, "it is down");
		because(fi, "nic-down");
	} else if (!nic->speed_mbps) {
		say_nic(r, VERDICT_SKIP, nic,
			"it tells no speed (a virtual NIC, or no link)");
	} else if (nic->speed_mbps < FAST_MBPS) {
		fi = say_nic(r, VERDICT_INFO, nic,
			     "%" PRIu64 " Mbit/s: one processor with AES instructions "
			     "encrypts more than that",
			     nic->speed_mbps);
		because(fi, "nic-slow-link");
	} else {
		say_nic(r, VERDICT_OK, nic, "%" PRIu64 " Gbit/s", nic->speed_mbps / 1000);
	}
}

static void run(const struct facts *f, struct report *r)
{
	each_nic(f, r, say_one);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "10 Gbit/s or more", NULL },
	{ VERDICT_INFO, "nic-slow-link",
	  "below 10 Gbit/s: offload to the NIC saves little there", NULL },
	{ VERDICT_INFO, "nic-down", "it is down", NULL },
	{ VERDICT_SKIP, NULL, "no physical NIC, or it tells no speed", NULL },
	{ 0 },
};

const struct check check_nic_speed = {
	.id = "nic-speed",
	.category = "nic",
	.title = "speed of the link",
	.why = "What kTLS and its offload can gain grows with the speed of the link. A "
	       "link that came up slower than its NIC, for want of a better cable or "
	       "transceiver, is found here as well.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls-offload.html",
	.needs = FACT_NICS,
	.run = run,
};
