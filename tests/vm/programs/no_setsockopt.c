/* SPDX-License-Identifier: MIT */
/*
 * no_setsockopt LEVEL OPTION COMMAND [ARGUMENT...]: runs COMMAND behind a seccomp filter
 * that answers EPERM to setsockopt(2) with these two numbers, as a container's may.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(member_)                                                                    \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member_))
/* Else so many instructions on. */
#define UNLESS(value_, skip_) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value_), 0, (skip_))
#define ANSWER(what_)         BPF_STMT(BPF_RET | BPF_K, (what_))

static int confine(unsigned level, unsigned option)
{
	/* The low halves of the arguments, of a little-endian machine. */
	struct sock_filter filter[] = {
		LOAD(arch),
		UNLESS(AUDIT_ARCH_X86_64, 7),
		LOAD(nr),
		UNLESS(SYS_setsockopt, 5),
		LOAD(args[1]),
		UNLESS(level, 3),
		LOAD(args[2]),
		UNLESS(option, 1),
		ANSWER(SECCOMP_RET_ERRNO | EPERM),
		ANSWER(SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "usage: no_setsockopt LEVEL OPTION COMMAND...\n");
		return 2;
	}
	if (confine((unsigned)atoi(argv[1]), (unsigned)atoi(argv[2]))) {
		perror("no_setsockopt");
		return 1;
	}
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 127;
}
