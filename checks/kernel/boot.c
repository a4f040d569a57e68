/* SPDX-License-Identifier: MIT */
#include "check.h"

static void run(const struct facts *f, struct report *r)
{
	const struct usage *u = r->usage;
	bool used = u &&
		    (u->tx_software || u->rx_software || u->tx_device || u->rx_device);
	struct finding *fi;

	if (kernel_lacks_tls(f)) {
		say(r, VERDICT_SKIP,
		    "there is no tls module for a kernel without CONFIG_TLS");
	} else if (f->module.builtin == TRI_YES || f->kconfig.opt[KOPT_TLS] == KOPT_Y) {
		say(r, VERDICT_OK, "tls is built in: nothing to load at boot");
	} else if (f->boot.n_files) {
		fi = say(r, VERDICT_OK, "the tls module is loaded at every boot");
		evidence(fi, f->boot.files[0], NULL, "tls");
	} else if (in_container(f)) {
		say(r, VERDICT_SKIP,
		    "what the host loads at boot cannot be seen from a container");
	} else {
		fi = say(r, used ? VERDICT_WARN : VERDICT_INFO,
			 used ? "kTLS is in use, but nothing loads the tls module at "
				"the next boot"
			      : "nothing loads the tls module at boot");
		because(fi, "boot-not-persistent");
		evidence(fi, "/etc/modules-load.d", "a line tls", "none");
		remedy_distro(fi, f, FIX_BOOT);
	}
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "built in, or named by a file of modules-load.d", NULL },
	{ VERDICT_WARN, "boot-not-persistent",
	  "kTLS is in use, and no file loads the module at the next boot",
	  "write the file" },
	{ VERDICT_INFO, "boot-not-persistent", "no file loads the module at boot",
	  "write the file" },
	{ VERDICT_SKIP, NULL,
	  "no such module, or a container: what the host loads is not seen", NULL },
	{ 0 },
};

const struct check check_tls_boot = {
	.id = "tls-boot",
	.category = "kernel",
	.title = "tls module loaded at boot",
	.why = "A module loaded by hand is gone after the next reboot, and the "
	       "programs that used kTLS go back to user space without a message.",
	.outcomes = outcomes,
	.refs = "https://man7.org/linux/man-pages/man5/modules-load.d.5.html",
	.needs = FACT_BOOT,
	.uses = FACT_KCONFIG | FACT_MODULE | FACT_ULP | FACT_TLS_STAT | FACT_CONTAINER |
		FACT_CALLER | FACT_OS,
	.run = run,
};
