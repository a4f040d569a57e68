/* SPDX-License-Identifier: MIT */
/*
 * killstep N PROGRAM [ARGUMENT...]: runs a program and kills it, as kill -9 does, before
 * its N-th system call that changes something. Status 9: it was killed there. Otherwise
 * it came to its end, and the status is its own; with N 0 the number of such calls goes
 * to standard error.
 *
 * Only the first process counts; what it forks is let go.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const long changing[] = {
	SYS_write,        SYS_pwrite64,      SYS_writev,    SYS_rename,
	SYS_renameat,     SYS_renameat2,     SYS_unlink,    SYS_unlinkat,
	SYS_rmdir,        SYS_mkdir,         SYS_mkdirat,   SYS_symlink,
	SYS_symlinkat,    SYS_link,          SYS_linkat,    SYS_fsync,
	SYS_fdatasync,    SYS_truncate,      SYS_ftruncate, SYS_chmod,
	SYS_fchmod,       SYS_fchmodat,      SYS_chown,     SYS_fchown,
	SYS_fchownat,     SYS_sendmsg,       SYS_sendto,    SYS_init_module,
	SYS_finit_module, SYS_delete_module, SYS_flock,     SYS_ioctl,
	SYS_clone,        SYS_clone3,        SYS_fork,      SYS_vfork,
	SYS_setsid,       SYS_mount,         SYS_umount2,
};

static bool changes(const struct __ptrace_syscall_info *i)
{
	const unsigned long flags = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
	const long nr = (long)i->entry.nr;

	if (nr == SYS_openat)
		return i->entry.args[2] & flags;
	if (nr == SYS_open)
		return i->entry.args[1] & flags;
	for (size_t k = 0; k < sizeof(changing) / sizeof(changing[0]); k++)
		if (nr == changing[k])
			return true;
	return false;
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static pid_t start(char **argv)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	if (ptrace(PTRACE_TRACEME, 0, 0, 0))
		die("ptrace");
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
		*status = WSTOPSIG(s);
		return true;
	}
	*status = WIFSIGNALED(s) ? 128 + WTERMSIG(s) : WEXITSTATUS(s);
	return false;
}

static bool enters_change(pid_t pid)
{
	struct __ptrace_syscall_info i;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(i), &i) <= 0)
		die("PTRACE_GET_SYSCALL_INFO");
	return i.op == PTRACE_SYSCALL_INFO_ENTRY && changes(&i);
}

int main(int argc, char **argv)
{
	const int syscall_stop = SIGTRAP | 0x80;
	unsigned long n = 0, at = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
	long pass = 0;
	int status;
	pid_t pid;

	if (argc < 3) {
		fputs("usage: killstep N PROGRAM [ARGUMENT...]\n", stderr);
		return 2;
	}
	pid = start(argv + 2);
	if (!stopped(pid, &status))
		return status;
	if (ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL))
		die("PTRACE_SETOPTIONS");
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, 0, pass))
			die("PTRACE_SYSCALL");
		if (!stopped(pid, &status))
			break;
		pass = status == syscall_stop || status == SIGTRAP ? 0 : status;
		if (status != syscall_stop || !enters_change(pid) || ++n != at)
			continue;
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		return 9;
	}
	if (!at)
		fprintf(stderr, "%lu\n", n);
	return status;
}
