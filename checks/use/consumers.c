/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

static void say_what(struct finding *fi, const struct facts *f)
{
	const struct consumers_facts *c = &f->consumers;

	if (c->nfs_tls)
		evidence(fi, c->src.where, NULL, "%" PRIu64 " NFS mounts with xprtsec",
			 c->nfs_tls);
	if (c->nvme_tls)
		evidence(fi, "nvme", NULL, "%" PRIu64 " NVMe/TCP controllers with TLS",
			 c->nvme_tls);
}

static void run(const struct facts *f, struct report *r)
{
	const struct consumers_facts *c = &f->consumers;
	const struct source *k = &f->kconfig.src;
	bool no_handshake = k->where && !k->err &&
			    f->kconfig.opt[KOPT_NET_HANDSHAKE] == KOPT_N;
	struct finding *fi;

	if (!c->nfs_tls && !c->nvme_tls) {
		say(r, VERDICT_SKIP,
		    "no NFS mount with xprtsec=tls and no NVMe/TCP controller with TLS");
	} else if (no_handshake) {
		fi = say(r, VERDICT_WARN,
			 "TLS inside the kernel is wanted, but this kernel was built "
			 "without its handshake service");
		because(fi, "consumers-no-handshake");
		evidence(fi, k->where, "CONFIG_NET_HANDSHAKE=y", "not set");
		say_what(fi, f);
		remedy(fi, "use a kernel with CONFIG_NET_HANDSHAKE", NULL,
		       REMEDY_ROOT | REMEDY_REBOOT, NULL);
	} else if (!c->tlshd) {
		fi = say(r, VERDICT_WARN,
			 "TLS inside the kernel is in use, but tlshd does not run: the "
			 "next connection of it fails");
		because(fi, "consumers-no-tlshd");
		evidence(fi, "/proc", "tlshd", "no such process");
		say_what(fi, f);
		remedy(fi, "install ktls-utils and start it",
		       "systemctl enable --now tlshd", REMEDY_ROOT, NULL);
	} else {
		fi = say(r, VERDICT_OK,
			 "the kernel itself uses kTLS, tlshd does its handshakes");
		say_what(fi, f);
	}
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "NFS or NVMe/TCP over TLS, with tlshd", NULL },
	{ VERDICT_WARN, "consumers-no-tlshd",
	  "in use, but the daemon that does the handshake does not run",
	  "systemctl enable --now tlshd" },
	{ VERDICT_WARN, "consumers-no-handshake",
	  "the kernel was built without CONFIG_NET_HANDSHAKE", "a kernel with it" },
	{ VERDICT_SKIP, NULL, "nothing in the kernel uses TLS", NULL },
	{ 0 },
};

const struct check check_kernel_consumers = {
	.id = "kernel-consumers",
	.category = "use",
	.title = "NFS and NVMe over TLS",
	.why = "NFS (xprtsec=tls, mtls) and NVMe/TCP use kTLS inside the kernel; a "
	       "daemon, tlshd, does the handshake for them. Without it what is "
	       "connected stays so, and nothing connects again.",
	.outcomes = outcomes,
	.refs = "https://github.com/oracle/ktls-utils "
		"https://docs.kernel.org/networking/tls-handshake.html",
	.needs = FACT_CONSUMERS,
	.uses = FACT_KCONFIG,
	.run = run,
};
