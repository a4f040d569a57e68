/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

static void run(const struct facts *f, struct report *r)
{
	const struct sysctl_value *mem = sysctl_numbers(f, r, SYSCTL_TCP_MEM, 3);
	const struct sysctl_value *rmem = mem ? sysctl_numbers(f, r, SYSCTL_TCP_RMEM, 3)
					      : NULL;
	uint64_t page = f->kernel.page_bytes, high;
	struct finding *fi;

	if (!rmem)
		return;
	if (!page) {
		fi = say(r, VERDICT_UNKNOWN, "the size of a page is not known");
		evidence(fi, f->kernel.src.where, "a page size", "none");
		return;
	}
	high = mem->v[2] > UINT64_MAX / page ? UINT64_MAX : mem->v[2] * page;
	if (high / 4 >= rmem->v[2]) {
		fi = say(r, VERDICT_OK, "TCP may use up to %" PRIu64 " MiB in all",
			 high >> 20);
		evidence(fi, "net.ipv4.tcp_mem", NULL, "%s pages", mem->text);
		return;
	}
	fi = say(r, VERDICT_WARN,
		 "fewer than 4 busy sockets fill all the memory TCP may "
		 "use: %" PRIu64 " MiB",
		 high >> 20);
	because(fi, "tcp-mem-low");
	evidence(fi, "net.ipv4.tcp_mem", "4 times the third value of tcp_rmem",
		 "%s pages of %" PRIu64 " bytes", mem->text, page);
	evidence(fi, "net.ipv4.tcp_rmem", NULL, "%s", rmem->text);
	remedy(fi,
	       "raise tcp_mem, or lower the third values of tcp_rmem and tcp_wmem to "
	       "what this host's memory bears",
	       NULL, REMEDY_ROOT, NULL);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "room for at least 4 full receive buffers", NULL },
	{ VERDICT_WARN, "tcp-mem-low", "fewer than that", "raise tcp_mem" },
	{ VERDICT_UNKNOWN, NULL, "a setting cannot be read or is no vector", NULL },
	{ 0 },
};

const struct check check_tcp_memory = {
	.id = "tcp-memory",
	.category = "tuning",
	.title = "memory of all TCP sockets together",
	.why = "tcp_mem, counted in pages, bounds all sockets together. Above its "
	       "second value the kernel shrinks windows, above the third it drops. "
	       "Software kTLS holds plaintext and ciphertext at a time, so the bound "
	       "is reached sooner.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/ip-sysctl.html",
	.needs = FACT_SYSCTL | FACT_KERNEL,
	.run = run,
};
