/* SPDX-License-Identifier: MIT */
/* Landlock, as much of it as this kernel has. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cleanup.h"
#include "confine.h"

/* linux/landlock.h may be older than the kernel that this runs on. */
struct ruleset {
	uint64_t files, tcp, scoped;
};
struct port_rule {
	uint64_t allowed, port;
};
enum { RULE_PORT = 2 };
enum { TCP_BIND = 1 << 0, TCP_CONNECT = 1 << 1 };
enum { SCOPED_ABSTRACT = 1 << 0, SCOPED_SIGNAL = 1 << 1 };
/* Rights that came later, and with which version of the interface. */
enum { REFER = 1 << 13, TRUNCATE = 1 << 14, IOCTL_DEV = 1 << 15 };
enum { ABI_REFER = 2, ABI_TRUNCATE = 3, ABI_TCP = 4, ABI_IOCTL_DEV = 5, ABI_SCOPED = 6 };

static const uint64_t on_files = LANDLOCK_ACCESS_FS_EXECUTE |
				 LANDLOCK_ACCESS_FS_WRITE_FILE |
				 LANDLOCK_ACCESS_FS_READ_FILE | TRUNCATE | IOCTL_DEV;
static const uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE |
				LANDLOCK_ACCESS_FS_READ_DIR;
/* A terminal that --output names is asked what it is; no device is ever made. */
static const uint64_t writing =
	LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |
	LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR |
	LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
	LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SYM | TRUNCATE | IOCTL_DEV;

/* All rights to files that a version knows. */
static uint64_t known_rights(int abi)
{
	uint64_t rights = REFER - 1;

	if (abi >= ABI_REFER)
		rights |= REFER;
	if (abi >= ABI_TRUNCATE)
		rights |= TRUNCATE;
	if (abi >= ABI_IOCTL_DEV)
		rights |= IOCTL_DEV;
	return rights;
}

static size_t ruleset_size(int abi)
{
	if (abi >= ABI_SCOPED)
		return sizeof(struct ruleset);
	return abi >= ABI_TCP ? offsetof(struct ruleset, scoped)
			      : offsetof(struct ruleset, tcp);
}

int confine_abi(void)
{
	const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
				 LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? -errno : (int)abi;
}

static int add(int ruleset, int kind, const void *rule)
{
	return syscall(SYS_landlock_add_rule, ruleset, kind, rule, 0) ? -errno : 0;
}

static int add_tree(int ruleset, const struct confine_tree *t, int abi)
{
	cleanup_close int fd = open(t->path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = { .parent_fd = fd };
	struct stat st;

	/* Nothing is there to be opened, and whoever tries is told that. */
	if (fd < 0 || fstat(fd, &st))
		return 0;
	rule.allowed_access = (t->writable ? writing : reading) & known_rights(abi);
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= on_files;
	return add(ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule);
}

static int add_ports(int ruleset, const struct confine_world *w)
{
	int err = 0;

	if (w->tcp != CONFINE_TCP_PORT)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(w->ports) && !err; i++) {
		const struct port_rule rule = { TCP_CONNECT, w->ports[i] };

		err = add(ruleset, RULE_PORT, &rule);
	}
	return err;
}

static uint64_t tcp_handled(enum confine_tcp tcp)
{
	switch (tcp) {
	case CONFINE_TCP_ANY:
		return 0;
	case CONFINE_TCP_CONNECT:
		return TCP_BIND;
	default:
		return TCP_BIND | TCP_CONNECT;
	}
}

static int open_ruleset(const struct confine_world *w, int abi)
{
	const struct ruleset r = {
		.files = known_rights(abi),
		.tcp = tcp_handled(w->tcp),
		.scoped = w->alone ? SCOPED_ABSTRACT | SCOPED_SIGNAL : 0,
	};
	const long fd = syscall(SYS_landlock_create_ruleset, &r, ruleset_size(abi), 0);

	return fd < 0 ? -errno : (int)fd;
}

int confine_world(const struct confine_world *w)
{
	const int abi = confine_abi();
	cleanup_close int ruleset = abi < 0 ? -1 : open_ruleset(w, abi);
	int err = abi < 0 ? abi : ruleset < 0 ? ruleset : 0;

	for (size_t i = 0; i < w->n && !err; i++)
		err = add_tree(ruleset, &w->trees[i], abi);
	if (!err && abi >= ABI_TCP)
		err = add_ports(ruleset, w);
	if (!err && syscall(SYS_landlock_restrict_self, ruleset, 0))
		err = -errno;
	return err ? err : abi;
}
