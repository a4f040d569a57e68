/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

/* How this kernel treats a kTLS socket in such a map. */
static enum defect_state state_of(const struct facts *f)
{
	for (const struct kernel_defect *d = kernel_defects; d->id; d++)
		if (!strcmp(d->id, "CVE-2026-93824") && f->kernel.stable &&
		    f->kernel.src.where && !f->kernel.src.err)
			return defect_state(d, f->kernel.stable);
	return DEFECT_NOT_ESTABLISHED;
}

static void run(const struct facts *f, struct report *r)
{
	const struct sockmap_facts *s = &f->sockmap;
	enum defect_state state = state_of(f);
	struct finding *fi;

	if (!s->maps) {
		fi = say(r, VERDICT_OK, "no BPF map of sockets");
		evidence(fi, s->src.where, NULL, "0 maps");
		return;
	}
	if (state == DEFECT_OPEN) {
		fi = say(r, VERDICT_WARN,
			 "BPF maps for sockets exist: kTLS on one of them can corrupt "
			 "memory with this kernel");
		because(fi, "sockmap-unsafe");
	} else if (state == DEFECT_FIXED) {
		fi = say(r, VERDICT_WARN,
			 "BPF maps for sockets exist: this kernel refuses kTLS on them");
		because(fi, "sockmap-refused");
	} else {
		fi = say(r, VERDICT_WARN,
			 "BPF maps for sockets exist: kTLS on them is refused by newer "
			 "kernels and unsafe with older ones");
		because(fi, "sockmap-incompatible");
	}
	evidence(fi, s->src.where, "0", "%" PRIu64 " sockmap or sockhash", s->maps);
	evidence(fi, "CVE-2026-93824", "6.1.189, 6.12.111, 6.18.53 or 7.2", "%s",
		 f->kernel.stable    ? f->kernel.stable
		 : f->kernel.release ? f->kernel.release
				     : "unknown");
	remedy(fi,
	       "see whose they are and keep TLS "
	       "connections out of them",
	       "bpftool map list | grep -E 'sockmap|sockhash'", REMEDY_ROOT, NULL);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "there is none", NULL },
	{ VERDICT_WARN, "sockmap-refused",
	  "the kernel answers EINVAL for sockets in such a map", "keep them apart" },
	{ VERDICT_WARN, "sockmap-unsafe", "the kernel lets both together corrupt memory",
	  "upgrade; keep them apart" },
	{ VERDICT_WARN, "sockmap-incompatible",
	  "which of the two this kernel does is not known", "keep them apart" },
	{ 0 },
};

const struct check check_sockmap = {
	.id = "sockmap",
	.category = "use",
	.title = "BPF maps of sockets",
	.why = "A socket in a BPF sockmap and kTLS both replace what a socket does. "
	       "Together they led to out-of-bounds writes and lost data; since 7.2, and "
	       "stable kernels of summer 2026, the kernel refuses the keys with EINVAL, "
	       "and the program goes on in user space without a word.",
	.outcomes = outcomes,
	.refs = "https://www.cve.org/CVERecord?id=CVE-2026-93824",
	.needs = FACT_SOCKMAP,
	.uses = FACT_KERNEL,
	.run = run,
};
