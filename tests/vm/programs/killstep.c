/* SPDX-License-Identifier: MIT */
/*
 * killstep [-f] N PROGRAM [ARGUMENT...]: runs a program and kills it, as kill -9 does,
 * before its N-th system call that changes something. Status 9: it was killed there.
 * Otherwise it came to its end, and the status is its own; with N 0 the number of such
 * calls goes to standard error.
 *
 * Only the first process counts. -f: what it forks is let go; without, that may do none
 * of these calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const unsigned changing[] = {
	SYS_write,        SYS_pwrite64,      SYS_writev,    SYS_rename,
	SYS_renameat,     SYS_renameat2,     SYS_unlink,    SYS_unlinkat,
	SYS_rmdir,        SYS_mkdir,         SYS_mkdirat,   SYS_symlink,
	SYS_symlinkat,    SYS_link,          SYS_linkat,    SYS_fsync,
	SYS_fdatasync,    SYS_truncate,      SYS_ftruncate, SYS_chmod,
	SYS_fchmod,       SYS_fchmodat,      SYS_chown,     SYS_fchown,
	SYS_fchownat,     SYS_sendmsg,       SYS_sendto,    SYS_init_module,
	SYS_finit_module, SYS_delete_module, SYS_flock,     SYS_clone,
	SYS_clone3,       SYS_fork,          SYS_vfork,     SYS_setsid,
	SYS_mount,        SYS_umount2,
};
enum { N = sizeof(changing) / sizeof(changing[0]) };

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/*
 * The kernel tells of these calls alone: to be told of all takes ten times as long. An
 * openat(2) is one of them when it is not only for reading.
 */
static void filter(void)
{
	struct sock_filter f[N + 6], *p = f;
	struct sock_fprog prog = { .filter = f };
	const unsigned flags = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;

	*p++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					    offsetof(struct seccomp_data, nr));
	for (unsigned i = 0; i < N; i++)
		*p++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						    changing[i],
						    (unsigned char)(N - i + 3), 0);
	*p++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 2);
	*p++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					    offsetof(struct seccomp_data, args[2]));
	*p++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flags, 1, 0);
	*p++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	*p++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	prog.len = (unsigned short)(p - f);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		die("seccomp");
}

/* The same for a process that is stopped at every call. */
static bool changes(const struct __ptrace_syscall_info *i)
{
	const unsigned long flags = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;

	if (i->op != PTRACE_SYSCALL_INFO_ENTRY)
		return false;
	if (i->entry.nr == SYS_openat)
		return i->entry.args[2] & flags;
	for (size_t k = 0; k < N; k++)
		if (i->entry.nr == changing[k])
			return true;
	return false;
}

static pid_t start(char **argv, bool forks)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	if (ptrace(PTRACE_TRACEME, 0, 0, 0) || raise(SIGSTOP))
		die("ptrace");
	if (!forks)
		filter();
	execv(argv[0], argv);
	die(argv[0]);
	return 0;
}

/* Waits for the next stop. False at the end, with the status to exit with. */
static bool stopped(pid_t pid, int *status)
{
	int s;

	if (waitpid(pid, &s, 0) != pid)
		die("waitpid");
	if (WIFSTOPPED(s)) {
		*status = s >> 8;
		return true;
	}
	*status = WIFSIGNALED(s) ? 128 + WTERMSIG(s) : WEXITSTATUS(s);
	return false;
}

/* Whether the stop is one before a call that changes something. */
static bool is_change(pid_t pid, int status)
{
	struct __ptrace_syscall_info i;

	if (status == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8))
		return true;
	return status == (SIGTRAP | 0x80) &&
	       ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(i), &i) > 0 && changes(&i);
}

static int watch(pid_t pid, bool forks, unsigned long at, unsigned long *n)
{
	long pass = 0;
	int status;

	for (;;) {
		if (ptrace(forks ? PTRACE_SYSCALL : PTRACE_CONT, pid, 0, pass))
			die("ptrace");
		if (!stopped(pid, &status))
			return status;
		pass = (status & 0x7f) == SIGTRAP ? 0 : status;
		if (!is_change(pid, status) || ++*n != at)
			continue;
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		return 9;
	}
}

int main(int argc, char **argv)
{
	const bool forks = argc > 1 && argv[1][0] == '-' && argv[1][1] == 'f';
	unsigned long n = 0, at;
	int status;
	pid_t pid;

	argv += 1 + forks;
	if (argc < 3 + forks) {
		fputs("usage: killstep [-f] N PROGRAM [ARGUMENT...]\n", stderr);
		return 2;
	}
	at = strtoul(argv[0], NULL, 10);
	pid = start(argv + 1, forks);
	if (!stopped(pid, &status))
		return status;
	if (ptrace(PTRACE_SETOPTIONS, pid, 0,
		   PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL))
		die("PTRACE_SETOPTIONS");
	status = watch(pid, forks, at, &n);
	if (!at)
		fprintf(stderr, "%lu\n", n);
	return status;
}
