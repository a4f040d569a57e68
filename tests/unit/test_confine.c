/* SPDX-License-Identifier: MIT */
/* What is refused once it was given up, and what is not; each on a child of its own. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../lib/host/confine.h"
#include "../../lib/host/host.h"
#include "unit.h"

enum { NOT_HERE = 77, ABI_TCP = 4, ABI_SCOPED = 6 };

static int result(long ret)
{
	return ret < 0 ? -errno : 0;
}

static int try_open(const char *path, int flags)
{
	cleanup_close int fd = open(path, flags | O_CLOEXEC, 0600);

	return result(fd);
}

/* ---- files; the folder has: in/file in/out -> ../secret in/way -> .. made/ secret ----
 */

static int read_in(void)
{
	return try_open("in/file", O_RDONLY);
}

static int read_secret(void)
{
	return try_open("secret", O_RDONLY);
}

static int read_by_link(void)
{
	return try_open("in/out", O_RDONLY);
}

static int read_by_folder(void)
{
	return try_open("in/way/secret", O_RDONLY);
}

static int list_above(void)
{
	return try_open("in/way", O_RDONLY | O_DIRECTORY);
}

static int write_in(void)
{
	return try_open("in/file", O_WRONLY);
}

static int make_in(void)
{
	return try_open("in/new", O_WRONLY | O_CREAT);
}

static int cut_in(void)
{
	return result(truncate("in/file", 0));
}

static int move_in(void)
{
	return result(rename("in/file", "in/other"));
}

static int replace_made(void)
{
	int err = try_open("made/aside", O_RDWR | O_CREAT | O_EXCL);

	return err ? err : result(rename("made/aside", "made/old"));
}

static int move_out(void)
{
	return result(rename("made/old", "in/old"));
}

static int link_secret(void)
{
	return result(link("secret", "made/secret"));
}

static const struct file_row {
	const char *name;
	int (*try)(void);
	int err;
} file_rows[] = {
	{ "what is in a tree is read", read_in, 0 },
	{ "what is beside it is not", read_secret, -EACCES },
	{ "nor by a link", read_by_link, -EACCES },
	{ "nor by a folder that is one", read_by_folder, -EACCES },
	{ "nor is that listed", list_above, -EACCES },
	{ "it is not written", write_in, -EACCES },
	{ "nor made", make_in, -EACCES },
	{ "nor cut", cut_in, -EACCES },
	{ "nor moved", move_in, -EACCES },
	{ "a writable one: made aside, and moved", replace_made, 0 },
	{ "but not out of it", move_out, -EACCES },
	{ "nothing is linked into it", link_secret, -EXDEV },
};

static void fill(const struct temp_dir *t)
{
	temp_write(t, "in/file", "x");
	temp_write(t, "made/old", "x");
	temp_write(t, "secret", "x");
	temp_link(t, "../secret", "in/out");
	temp_link(t, "..", "in/way");
}

/* In a child: its answer is kept, or that there is no such thing here. */
static void run_child(int (*confine)(const void *arg), const void *arg, int (*try)(void),
		      int err)
{
	int status = -1, ret;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		ret = confine(arg);
		if (ret < 0)
			_exit(ret == -ENOSYS || ret == -EOPNOTSUPP ? NOT_HERE : 2);
		ret = try();
		if (ret != err)
			fprintf(stderr, "# %s\n", strerror(-ret));
		_exit(ret != err);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_HERE)
		skip();
	assert_int_equal(status, 0);
}

static int confine_trees(const void *folder)
{
	static const struct confine_tree trees[] = { { "in", false },
						     { "made", true },
						     { "nosuch", true } };
	const struct confine_world w = {
		trees, ARRAY_SIZE(trees), CONFINE_TCP_ANY, { 0 }, false
	};

	if (chdir(folder) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -EIO;
	return confine_world(&w);
}

static void test_file(void **state)
{
	const struct file_row *row = *state;
	struct temp_dir t;

	temp_make(&t);
	fill(&t);
	run_child(confine_trees, t.path, row->try, row->err);
	temp_remove(&t);
}

/* ---- the network ---- */

static int tcp(bool connects, uint16_t port)
{
	const struct sockaddr_in a = { .sin_family = AF_INET,
				       .sin_port = htons(port),
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	cleanup_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return result(
		(connects ? connect : bind)(fd, (const struct sockaddr *)&a, sizeof(a)));
}

/* Nobody listens at either. */
static int connect_1(void)
{
	return tcp(true, 1);
}

static int connect_2(void)
{
	return tcp(true, 2);
}

static int bind_any(void)
{
	return tcp(false, 0);
}

static int signal_parent(void)
{
	return result(kill(getppid(), 0));
}

static const struct tcp_row {
	const char *name;
	enum confine_tcp tcp;
	int abi;
	int (*try)(void);
	int err;
} tcp_rows[] = {
	{ "any: connect", CONFINE_TCP_ANY, ABI_TCP, connect_2, -ECONNREFUSED },
	{ "any: bind", CONFINE_TCP_ANY, ABI_TCP, bind_any, 0 },
	{ "connect: connect", CONFINE_TCP_CONNECT, ABI_TCP, connect_2, -ECONNREFUSED },
	{ "connect: bind", CONFINE_TCP_CONNECT, ABI_TCP, bind_any, -EACCES },
	{ "port: that one", CONFINE_TCP_PORT, ABI_TCP, connect_1, -ECONNREFUSED },
	{ "port: another", CONFINE_TCP_PORT, ABI_TCP, connect_2, -EACCES },
	{ "port: bind", CONFINE_TCP_PORT, ABI_TCP, bind_any, -EACCES },
	{ "none: connect", CONFINE_TCP_NONE, ABI_TCP, connect_1, -EACCES },
	{ "none: bind", CONFINE_TCP_NONE, ABI_TCP, bind_any, -EACCES },
	{ "a signal to another", CONFINE_TCP_ANY, ABI_SCOPED, signal_parent, -EPERM },
};

static int confine_tcp(const void *arg)
{
	const struct tcp_row *row = arg;
	const struct confine_world w = { NULL, 0, row->tcp, { 1, 53 }, true };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -EIO;
	return confine_abi() < row->abi ? -ENOSYS : confine_world(&w);
}

static void test_tcp(void **state)
{
	const struct tcp_row *row = *state;

	run_child(confine_tcp, row, row->try, row->err);
}

/* ---- system calls ---- */

static int try_exec(void)
{
	return result(execl("/nosuch", "nosuch", (char *)NULL));
}

static int try_exec_at(void)
{
	return result(syscall(SYS_execveat, -1, "", NULL, NULL, 0));
}

static int try_mount(void)
{
	return result(syscall(SYS_mount, NULL, NULL, NULL, 0, NULL));
}

static int try_vm_read(void)
{
	return result(syscall(SYS_process_vm_readv, -1, NULL, 0, NULL, 0, 0));
}

static int try_chroot(void)
{
	return result(chroot("/nosuch"));
}

static int try_setns(void)
{
	return result(setns(-1, 0));
}

/* By the C library, which does not take the call of that name on every architecture. */
static int try_setuid(void)
{
	return result(setuid(getuid()));
}

static int try_clock(void)
{
	return result(clock_settime(-1, &(const struct timespec){ 0 }));
}

static int try_bpf(void)
{
	return result(syscall(SYS_bpf, -1, NULL, 1));
}

static int try_module(void)
{
	return result(syscall(SYS_finit_module, -1, "", 0));
}

static int try_socket(void)
{
	cleanup_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return result(fd);
}

static int try_thread(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	return pid < 0 || waitpid(pid, NULL, 0) != pid ? -errno : 0;
}

/* err 0: anything but EPERM would do, as it is without a filter. */
static const struct call_row {
	const char *name;
	unsigned keep;
	int (*try)(void);
	int err;
} call_rows[] = {
	{ "execve", ~0u, try_exec, -EPERM },
	{ "execveat", ~0u, try_exec_at, -EPERM },
	{ "mount", ~0u, try_mount, -EPERM },
	{ "process_vm_readv", ~0u, try_vm_read, -EPERM },
	{ "chroot", ~0u, try_chroot, -EPERM },
	{ "setuid", ~0u, try_setuid, -EPERM },
	{ "clock_settime", ~0u, try_clock, -EPERM },
	{ "setns", 0, try_setns, -EPERM },
	{ "setns, kept", CONFINE_NAMESPACES, try_setns, -EBADF },
	{ "bpf", 0, try_bpf, -EPERM },
	{ "finit_module", 0, try_module, -EPERM },
	{ "socket", 0, try_socket, -EPERM },
	{ "socket, kept", CONFINE_SOCKETS, try_socket, 0 },
	{ "fork", 0, try_thread, 0 },
};

static int confine_call(const void *arg)
{
	const struct call_row *row = arg;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -EIO;
	return confine_calls(row->keep);
}

static void test_call(void **state)
{
	const struct call_row *row = *state;

	run_child(confine_call, row, row->try, row->err);
}

/* ---- privileges ---- */

static uint64_t status_bits(const char *key)
{
	char line[128];
	uint64_t bits = ~UINT64_C(0);
	FILE *f = fopen("/proc/self/status", "re");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			bits = strtoull(line + strlen(key), NULL, 16);
	if (f)
		fclose(f);
	return bits;
}

static const uint64_t kept = CONFINE_CAP(NET_ADMIN) | CONFINE_CAP(SYS_PTRACE);

static int confine_caps(const void *before)
{
	const int err = confine_privileges(kept);

	(void)before;
	return err;
}

/* Of those that were there. */
static int try_caps(void)
{
	static const char *const sets[] = { "CapInh:", "CapPrm:", "CapEff:", "CapBnd:",
					    "CapAmb:" };

	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return -EPROTO;
	/* Who has none changes none, and the bounding set is not his to change. */
	if (geteuid())
		return status_bits("CapPrm:") ? -ERANGE : 0;
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		if (status_bits(sets[i]) & ~kept)
			return -ERANGE;
	return status_bits("CapEff:") == kept ? 0 : -EDOM;
}

static void test_caps(void **state)
{
	(void)state;
	if (!geteuid() && (status_bits("CapEff:") & kept) != kept)
		skip();
	run_child(confine_caps, NULL, try_caps, 0);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("files", file_rows, test_file),
		UNIT_ROWS("TCP", tcp_rows, test_tcp),
		UNIT_ROWS("calls", call_rows, test_call),
		UNIT_ONE("privileges", test_caps),
	};

	return unit_run("confine", sets, ARRAY_SIZE(sets));
}
