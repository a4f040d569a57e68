/* SPDX-License-Identifier: MIT */
/*
 * special mptcp | sockmap: makes a connection of that kind over loopback, tries to set up
 * kTLS on it, prints what the kernel answered ("ulp ENOPROTOOPT", "keys EINVAL", "keys
 * 0") and keeps the connection until standard input ends. special sockops CGROUP
 * COMMAND...: runs the command while a BPF program puts every TCP connection of the
 * cgroup into a sockhash, as service meshes do.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../lib/tls/ktls.h"

enum { PROTO_MPTCP = 262, OPS_OP = 0 };

struct key {
	uint32_t local, remote;
};

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static const char *name_of(int err)
{
	return err ? strerrorname_np(-err) : "0";
}

/* fd[0] connected, fd[1] accepted. */
static int connect_pair(int protocol, int fd[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, SOCK_STREAM, protocol);

	if (l < 0 || bind(l, (struct sockaddr *)&a, len) || listen(l, 1) ||
	    getsockname(l, (struct sockaddr *)&a, &len))
		return -errno;
	fd[0] = socket(AF_INET, SOCK_STREAM, protocol);
	if (fd[0] < 0 || connect(fd[0], (struct sockaddr *)&a, len))
		return -errno;
	fd[1] = accept(l, NULL, NULL);
	close(l);
	return fd[1] < 0 ? -errno : 0;
}

/* Throw-away keys: all zero. */
static int set_keys(int fd)
{
	struct ktls_keys keys = { .cipher = ktls_cipher_named("aes-gcm-128", 11),
				  .version = KTLS_1_2 };

	return ktls_install(fd, KTLS_TX, &keys);
}

static void try_ktls(int fd)
{
	int err = ktls_attach(fd);

	printf("ulp %s\n", name_of(err));
	if (!err)
		printf("keys %s\n", name_of(set_keys(fd)));
	fflush(stdout);
}

static int new_map(enum bpf_map_type type, uint32_t key_size)
{
	union bpf_attr attr = {
		.map_type = type, .key_size = key_size, .value_size = 4, .max_entries = 64
	};

	return bpf(BPF_MAP_CREATE, &attr);
}

static int put_into_map(int map, int fd)
{
	const uint32_t key = 0, value = (uint32_t)fd;
	union bpf_attr attr = { .map_fd = (uint32_t)map,
				.key = (uintptr_t)&key,
				.value = (uintptr_t)&value };

	return bpf(BPF_MAP_UPDATE_ELEM, &attr) ? -errno : 0;
}

/* Both orders: a socket of a map that wants kTLS, and one with kTLS that shall go in. */
static void try_sockmap(int fd[2])
{
	int map = new_map(BPF_MAP_TYPE_SOCKMAP, 4);

	printf("map %s\n", map < 0 ? strerrorname_np(errno) : "0");
	printf("put %s\n", name_of(put_into_map(map, fd[0])));
	try_ktls(fd[0]);
	ktls_attach(fd[1]);
	printf("put-after-ulp %s\n", name_of(put_into_map(map, fd[1])));
}

#define INSN(code_, dst_, src_, off_, imm_)                                              \
	((struct bpf_insn){ .code = (code_),                                             \
			    .dst_reg = (dst_),                                           \
			    .src_reg = (src_),                                           \
			    .off = (int16_t)(off_),                                      \
			    .imm = (imm_) })
#define LOAD(dst_, src_, off_)    INSN(BPF_LDX | BPF_MEM | BPF_W, dst_, src_, off_, 0)
#define STORE(dst_, off_, src_)   INSN(BPF_STX | BPF_MEM | BPF_W, dst_, src_, off_, 0)
#define MOVE(dst_, src_)          INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst_, src_, 0, 0)
#define SET(dst_, imm_)           INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst_, 0, 0, imm_)
#define JUMP_IF(reg_, imm_, off_) INSN(BPF_JMP | BPF_JEQ | BPF_K, reg_, 0, off_, imm_)

static int load_program(int map)
{
	const struct bpf_insn code[] = {
		MOVE(6, 1),
		LOAD(2, 6, OPS_OP),
		JUMP_IF(2, BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB, 2),
		JUMP_IF(2, BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB, 1),
		INSN(BPF_JMP | BPF_JA, 0, 0, 11, 0),
		LOAD(2, 6, offsetof(struct bpf_sock_ops, local_port)),
		STORE(10, -8, 2),
		LOAD(2, 6, offsetof(struct bpf_sock_ops, remote_port)),
		STORE(10, -4, 2),
		MOVE(1, 6),
		INSN(BPF_LD | BPF_DW | BPF_IMM, 2, BPF_PSEUDO_MAP_FD, 0, map),
		INSN(0, 0, 0, 0, 0),
		MOVE(3, 10),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 3, 0, 0, -8),
		SET(4, BPF_ANY),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_sock_hash_update),
		SET(0, 1),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	static char log[16384];
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_SOCK_OPS,
				.insns = (uintptr_t)code,
				.insn_cnt = sizeof(code) / sizeof(code[0]),
				.license = (uintptr_t) "GPL",
				.log_buf = (uintptr_t)log,
				.log_size = sizeof(log),
				.log_level = 1 };
	int fd = bpf(BPF_PROG_LOAD, &attr);

	if (fd < 0)
		fprintf(stderr, "%s\n%s\n", strerror(errno), log);
	return fd;
}

/* What goes wrong here is the laboratory's fault: 2, which the command should not give.
 */
static int with_sockops(const char *cgroup, char **command)
{
	int map = new_map(BPF_MAP_TYPE_SOCKHASH, sizeof(struct key));
	int group = open(cgroup, O_RDONLY | O_DIRECTORY);
	int prog = map < 0 || group < 0 ? -1 : load_program(map);
	union bpf_attr attr = { .target_fd = (uint32_t)group,
				.attach_bpf_fd = (uint32_t)prog,
				.attach_type = BPF_CGROUP_SOCK_OPS };
	int status = 0;
	pid_t pid;

	if (prog < 0 || bpf(BPF_PROG_ATTACH, &attr)) {
		perror("sockops");
		return 2;
	}
	pid = fork();
	if (!pid) {
		execvp(command[0], command);
		_exit(2);
	}
	waitpid(pid, &status, 0);
	bpf(BPF_PROG_DETACH, &attr);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";
	int fd[2] = { -1, -1 }, err;
	char c;

	if (!strcmp(kind, "sockops") && argc > 3)
		return with_sockops(argv[2], argv + 3);
	err = connect_pair(!strcmp(kind, "mptcp") ? PROTO_MPTCP : IPPROTO_TCP, fd);
	if (err) {
		printf("connect %s\n", name_of(err));
		return 2;
	}
	if (!strcmp(kind, "mptcp"))
		try_ktls(fd[0]);
	else if (!strcmp(kind, "sockmap"))
		try_sockmap(fd);
	else
		return 2;
	printf("ready\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
