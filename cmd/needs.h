/* SPDX-License-Identifier: MIT */
/* What a command needs; the rest is given up before it runs (confine.c). */
#ifndef KTLSCTL_CMD_NEEDS_H
#define KTLSCTL_CMD_NEEDS_H

#include <linux/capability.h>

#include "../lib/host/confine.h"

/* Files that can still be opened, beside --output and what every program reads. */
enum needs_files {
	NEEDS_NOTHING = 1,
	NEEDS_TRUST = 2,  /* authorities: those of libssl, --cacert, --crl */
	NEEDS_NAMES = 4,  /* what hosts are looked up with */
	NEEDS_INPUT = 8,  /* --root, and what stands behind the options */
	NEEDS_UPLOAD = 16 /* --body */
};

struct needs {
	uint64_t caps; /* of root's: CONFINE_CAP(NET_ADMIN) | ... */
	/* enum needs_files. 0: all that there are: Landlock keeps whoever is under it
	 * from looking into other processes, which most commands are there for. */
	unsigned files;
	unsigned calls; /* enum confine_call */
	enum confine_tcp tcp;
	/* All of it, and of the capabilities what is not kept, goes when the command says
	 * so: confine_now().
	 */
	bool late;
	uint64_t kept;
};

/* Of those that look at the host, its NICs, and the processes of others. Whether the
 * kernel would load a module for this caller is one of the questions. */
#define NEEDS_LOOK_CAPS                                                                  \
	(CONFINE_CAP(DAC_READ_SEARCH) | CONFINE_CAP(SYS_PTRACE) |                        \
	 CONFINE_CAP(NET_ADMIN) | CONFINE_CAP(SYS_ADMIN) | CONFINE_CAP(SYS_MODULE))
/* Of those that change it: files of any owner, which keep their owner. */
#define NEEDS_CHANGE_CAPS                                                                \
	(CONFINE_CAP(DAC_OVERRIDE) | CONFINE_CAP(FOWNER) | CONFINE_CAP(CHOWN) |          \
	 CONFINE_CAP(FSETID))
#define NEEDS_LOOK_CALLS                                                                 \
	(CONFINE_MODULES | CONFINE_BPF | CONFINE_NAMESPACES | CONFINE_SOCKETS)

#endif
