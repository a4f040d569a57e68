/* SPDX-License-Identifier: MIT */
/*
 * A filter of system calls. It names what is refused, not what is allowed: a C library or
 * an OpenSSL that is newer than this list goes on working, and what the list holds is
 * what makes of a foothold in a parser more than that: running a program, reading another
 * process, changing the kernel, mounts or users.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "confine.h"

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define OWN_ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OWN_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define OWN_ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OWN_ARCH AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define OWN_ARCH AUDIT_ARCH_S390X
#else
#define OWN_ARCH 0
#endif

/* The leak checker of the sanitizers stops the threads of its own process with it. */
#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED 1
#endif
#endif

/* Numbers of the second table of x86-64 (x32); no number is as great elsewhere. */
enum { X32_BIT = 0x40000000 };

struct call {
	unsigned number;
	unsigned needed; /* enum confine_call: refused unless it is kept; 0: always */
};

static const struct call calls[] = {
	/* other programs */
	{ SYS_execve, 0 },
	{ SYS_execveat, 0 },
#ifndef IS_SANITIZED
	{ SYS_ptrace, 0 },
#endif
	{ SYS_process_vm_readv, 0 },
	{ SYS_process_vm_writev, 0 },
	{ SYS_kcmp, 0 },
	/* the kernel */
	{ SYS_init_module, CONFINE_MODULES },
	{ SYS_finit_module, CONFINE_MODULES },
	{ SYS_delete_module, CONFINE_MODULES },
	{ SYS_bpf, CONFINE_BPF },
	{ SYS_kexec_load, 0 },
#ifdef SYS_kexec_file_load
	{ SYS_kexec_file_load, 0 },
#endif
	{ SYS_reboot, 0 },
	{ SYS_perf_event_open, CONFINE_PERF },
	{ SYS_userfaultfd, 0 },
	{ SYS_add_key, 0 },
	{ SYS_request_key, 0 },
	{ SYS_keyctl, 0 },
	{ SYS_acct, 0 },
	{ SYS_swapon, 0 },
	{ SYS_swapoff, 0 },
	{ SYS_quotactl, 0 },
#ifdef SYS_iopl
	{ SYS_iopl, 0 },
	{ SYS_ioperm, 0 },
	{ SYS_modify_ldt, 0 },
#endif
	/* the clock and the host's name */
	{ SYS_settimeofday, 0 },
	{ SYS_clock_settime, 0 },
	{ SYS_sethostname, 0 },
	{ SYS_setdomainname, 0 },
	/* mounts and namespaces */
	{ SYS_mount, 0 },
	{ SYS_umount2, 0 },
	{ SYS_pivot_root, 0 },
	{ SYS_chroot, 0 },
	{ SYS_open_tree, 0 },
	{ SYS_move_mount, 0 },
	{ SYS_fsopen, 0 },
	{ SYS_fsconfig, 0 },
	{ SYS_fsmount, 0 },
	{ SYS_fspick, 0 },
	{ SYS_mount_setattr, 0 },
	{ SYS_open_by_handle_at, 0 },
	{ SYS_setns, CONFINE_NAMESPACES },
	{ SYS_unshare, CONFINE_NAMESPACES },
	/* users */
	{ SYS_setuid, 0 },
	{ SYS_setgid, 0 },
	{ SYS_setreuid, 0 },
	{ SYS_setregid, 0 },
	{ SYS_setresuid, 0 },
	{ SYS_setresgid, 0 },
	{ SYS_setgroups, 0 },
	{ SYS_setfsuid, 0 },
	{ SYS_setfsgid, 0 },
	{ SYS_personality, 0 },
#ifdef SYS_setuid32
	/* what the C library calls where users once had 16 bits, and time 32 */
	{ SYS_setuid32, 0 },
	{ SYS_setgid32, 0 },
	{ SYS_setreuid32, 0 },
	{ SYS_setregid32, 0 },
	{ SYS_setresuid32, 0 },
	{ SYS_setresgid32, 0 },
	{ SYS_setgroups32, 0 },
	{ SYS_setfsuid32, 0 },
	{ SYS_setfsgid32, 0 },
	{ SYS_stime, 0 },
	{ SYS_umount, 0 },
#endif
#ifdef SYS_clock_settime64
	{ SYS_clock_settime64, 0 },
#endif
	/* the network */
	{ SYS_socket, CONFINE_SOCKETS },
#ifdef SYS_socketcall
	{ SYS_socketcall, CONFINE_SOCKETS },
#endif
	{ SYS_io_uring_setup, CONFINE_SOCKETS },
};

/* Also refused are the calls of another architecture: its numbers mean something else. */
static const struct sock_filter head[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCH, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
};

enum { ROOM = ARRAY_SIZE(head) + 2 * ARRAY_SIZE(calls) + 1 };

static unsigned short compile(unsigned keep, struct sock_filter *f)
{
	unsigned short n = ARRAY_SIZE(head);

	memcpy(f, head, sizeof(head));
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		if (calls[i].needed & keep)
			continue;
		f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						      calls[i].number, 0, 1);
		f[n++] = head[ARRAY_SIZE(head) - 1];
	}
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return n;
}

static int install(const struct sock_fprog *program, unsigned flags)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program) ? -errno : 0;
}

int confine_calls(unsigned keep)
{
	struct sock_filter filter[ROOM];
	const struct sock_fprog program = { compile(keep, filter), filter };
	int err;

	if (!OWN_ARCH)
		return -ENOSYS;
	/* Nothing secret of another is in this process: no need to make it slower. */
	err = install(&program, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	return err == -EINVAL ? install(&program, 0) : err;
}
