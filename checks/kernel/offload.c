/* SPDX-License-Identifier: MIT */
#include "check.h"

static void say_built(const struct facts *f, struct report *r, const struct nic *nic,
		      enum kopt option)
{
	const struct source *s = &f->kconfig.src;
	const char *driver = nic_driver(f, nic);
	bool off = option != KOPT_COUNT && f->kconfig.opt[option] != KOPT_Y &&
		   f->kconfig.opt[option] != KOPT_M;
	struct finding *fi;

	if (!s->where || s->err) {
		fi = say_nic(r, VERDICT_UNKNOWN, nic,
			     "whether this kernel can offload TLS to %s is not known",
			     driver);
		evidence(fi, s->where, kopt_name(KOPT_TLS_DEVICE), "%s",
			 s->err ? strerror(-s->err) : "nobody asked");
		return;
	}
	if (f->kconfig.opt[KOPT_TLS_DEVICE] != KOPT_Y) {
		option = KOPT_TLS_DEVICE;
		off = true;
	}
	if (!off) {
		say_nic(r, VERDICT_OK, nic,
			"this kernel can offload TLS to %s, if the card can", driver);
		return;
	}
	fi = say_nic(r, VERDICT_WARN, nic,
		     "this kernel's %s was built without TLS offload (%s)", driver,
		     kopt_name(option));
	because(fi, "offload-not-built");
	evidence(fi, f->kconfig.src.where, text(r, "%s=y", kopt_name(option)), "not set");
	remedy(fi,
	       "use a kernel built with it, or the vendor's driver; kTLS in software "
	       "works without",
	       NULL, REMEDY_ROOT | REMEDY_REBOOT, NULL);
}

static void run(const struct facts *f, struct report *r)
{
	size_t before = r->n_findings;

	if (kernel_lacks_tls(f)) {
		say(r, VERDICT_SKIP, "no kTLS, so no offload of it");
		return;
	}
	for (size_t i = 0; i < f->nics.n_nics; i++) {
		const struct nic *nic = &f->nics.nics[i];
		const struct offload_driver *d = offload_driver(nic_driver(f, nic));

		if (nic->chosen && nic_is_own(nic) && d)
			say_built(f, r, nic, d->option);
	}
	if (r->n_findings == before)
		say(r, VERDICT_SKIP, "no NIC here has a driver that can offload TLS");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL,
	  "kernel and driver are built for TLS offload; the card is another matter",
	  NULL },
	{ VERDICT_WARN, "offload-not-built",
	  "the driver could, but this kernel was built without it",
	  "another kernel, or the vendor's driver" },
	{ VERDICT_UNKNOWN, NULL, "the kernel's configuration could not be read", NULL },
	{ VERDICT_SKIP, NULL, "no NIC with such a driver, or no kTLS", NULL },
	{ 0 },
};

const struct check check_offload_config = {
	.id = "offload-config",
	.category = "kernel",
	.title = "kernel built for TLS offload to the NIC",
	.why = "A capable card is not enough: the kernel needs CONFIG_TLS_DEVICE, mlx5 "
	       "also CONFIG_MLX5_EN_TLS and Chelsio CONFIG_CHELSIO_TLS_DEVICE, which "
	       "Debian's kernels leave out. The feature then shows as off [fixed], and "
	       "the kernel encrypts in software without a word.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls-offload.html",
	.needs = FACT_NICS,
	.uses = FACT_NIC_STATS | TLS_FACTS,
	.run = run,
};
