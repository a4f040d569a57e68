/* SPDX-License-Identifier: MIT */
/* What real filters answer, each on a child of its own: a filter cannot be taken off. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../lib/facts/facts.h"
#include "../../lib/host/host.h"
#include "unit.h"

enum { LEVEL_TCP = 6, LEVEL_TLS = 282, ANY_LEVEL = 0 };

static const struct row {
	const char *name;
	uint32_t action; /* of setsockopt(2) at that level */
	uint32_t level;
	enum tristate passes;
	int answer;
} rows[] = {
	{ "lets it pass", SECCOMP_RET_ALLOW, LEVEL_TCP, TRI_YES, 0 },
	{ "EPERM to the ULP", SECCOMP_RET_ERRNO | EPERM, LEVEL_TCP, TRI_NO, -EPERM },
	{ "EACCES to the keys", SECCOMP_RET_ERRNO | EACCES, LEVEL_TLS, TRI_NO, -EACCES },
	{ "ENOSYS to both", SECCOMP_RET_ERRNO | ENOSYS, ANY_LEVEL, TRI_NO, -ENOSYS },
	{ "kills", SECCOMP_RET_KILL_PROCESS, LEVEL_TCP, TRI_NO, -EOWNERDEAD },
	{ "without its tracer", SECCOMP_RET_TRACE, LEVEL_TCP, TRI_NO, -ENOSYS },
};

static void install(const struct row *row)
{
	const uint8_t level_tests = row->level ? 1 : 0;
	const struct sock_filter code[] = {
#ifdef SYS_socketcall
		/* The C library's way on i386, where no filter sees the level. */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socketcall, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_SETSOCKOPT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, row->action),
#endif
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setsockopt, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, row->level, 0, level_tests),
		BPF_STMT(BPF_RET | BPF_K, row->action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog prog = { ARRAY_SIZE(code), (struct sock_filter *)code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		_exit(2);
}

static bool facts_say(const struct row *row)
{
	const struct facts_query q = { .mask = FACT_CALLER };
	struct facts *f = NULL;
	struct host *h = NULL;
	char why[256];
	bool same;

	if (host_open(&h, NULL) || facts_read(h, &q, &f, why, sizeof(why)))
		return false;
	same = f->caller.seccomp == 2 && f->caller.seccomp_passes == row->passes &&
	       f->caller.seccomp_answer == row->answer;
	facts_free(f);
	host_close(h);
	return same;
}

static void test_row(void **state)
{
	const struct row *row = *state;
	int status = -1;
	pid_t pid;

	/* Neither a kernel without it nor QEMU's user mode has an answer. */
	if (prctl(PR_GET_SECCOMP) < 0)
		skip();
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		install(row);
		_exit(!facts_say(row));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_snapshot(void **state)
{
	struct host *h;
	int answer = 1;

	(void)state;
	need_roots();
	assert_int_equal(host_open(&h, "/"), 0);
	assert_int_equal(host_seccomp_ktls(h, &answer), -EROFS);
	assert_int_equal(answer, 1);
	host_close(h);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("", rows, test_row),
		UNIT_ONE("not of a snapshot", test_snapshot),
	};

	return unit_run("seccomp", sets, ARRAY_SIZE(sets));
}
