/* SPDX-License-Identifier: MIT */
/*
 * confined LEVEL OPTION ERRNO|kill COMMAND...: runs the command behind a seccomp filter
 * that denies setsockopt(2) with these two numbers by that errno, as the filter of a unit
 * or a container would.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ARG_LOW(n_) offsetof(struct seccomp_data, args[n_])

static int confine(unsigned level, unsigned option, unsigned action)
{
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setsockopt, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG_LOW(1)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, level, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG_LOW(2)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, option, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog prog = { sizeof(code) / sizeof(code[0]),
					 (struct sock_filter *)code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

int main(int argc, char **argv)
{
	unsigned action;

	if (argc < 5)
		return 2;
	action = strcmp(argv[3], "kill") ? SECCOMP_RET_ERRNO | (unsigned)atoi(argv[3])
					 : SECCOMP_RET_KILL_PROCESS;
	if (confine((unsigned)atoi(argv[1]), (unsigned)atoi(argv[2]), action)) {
		perror("seccomp");
		return 2;
	}
	execvp(argv[4], argv + 4);
	perror(argv[4]);
	return 2;
}
