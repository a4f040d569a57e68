/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "reader.h"

void read_mptcp(struct host *h, struct facts *f)
{
	(void)h;
	f->mptcp.src = (struct source){ "mptcp", -ENOSYS };
}
