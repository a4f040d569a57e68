/* SPDX-License-Identifier: MIT */
/* BPF sockmaps: a kernel that has them beside kTLS had bugs where the two meet. */
#include <errno.h>

#include "reader.h"

void read_sockmap(struct host *h, struct facts *f)
{
	int err;

	if (!host_is_live(h))
		return;
	err = host_count_sockmaps(h, &f->sockmap.maps);
	/* A kernel without bpf(2) has no such map. */
	f->sockmap.src = (struct source){ "bpf(2)", err == -ENOSYS ? 0 : err };
}
