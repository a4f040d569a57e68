/* SPDX-License-Identifier: MIT */
/*
 * struct host: the machine, as something that can be read. It is the live machine, or a
 * snapshot folder that looks like one (see `ktlsctl snapshot`). The only code that opens
 * a file of the machine, and the only code that changes the machine.
 *
 * errno ends here: every function returns 0 or -errno.
 */
#ifndef KTLSCTL_HOST_H
#define KTLSCTL_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host;

/* Bytes of a file, NUL-terminated behind len; owned by the caller, bytes_free(). */
struct bytes {
	char *data;
	size_t len;
};

/*
 * Called for every access: what ("read", "list", ...), the path, and 0 or -errno.
 * Never sees contents, so a trace holds no secret that a path does not hold.
 */
typedef void (*host_trace_fn)(void *arg, const char *what, const char *path, int err);

/*
 * Keeps only what may be kept of a file, in place: blanks out (never removes) lines, so
 * that line numbers stay those of the original. Applied before the caller sees a byte,
 * so that a snapshot and the live machine are parsed from the same text.
 */
typedef void (*host_filter_fn)(struct bytes *b);

struct read_opts {
	size_t max;            /* bytes; 0 = HOST_READ_MAX. A longer file is -EFBIG ... */
	bool head;             /* ... unless only its beginning is wanted */
	bool unrecorded;       /* about this process, kept in no snapshot */
	host_filter_fn filter; /* may be NULL */
};

enum { HOST_READ_MAX = 4 << 20 };

/*
 * root NULL: the live machine. Else a folder: every path is resolved inside it with
 * openat2(RESOLVE_IN_ROOT), so that neither an absolute link nor ".." leads out
 * (-ENOSYS before Linux 5.6; -ENOTDIR, -ENOENT, -EACCES as open(2)).
 */
int host_open(struct host **out, const char *root);
void host_close(struct host *h);
bool host_is_live(const struct host *h);
void host_trace(struct host *h, host_trace_fn fn, void *arg);
/* Reports an access made by a library on the host's behalf. Returns err. */
int host_note(const struct host *h, const char *what, const char *path, int err);

/* -ENOENT, -EACCES, ...; -EFBIG over max; -EINVAL for what is no regular file. */
int host_read(struct host *h, const char *path, const struct read_opts *o,
	      struct bytes *out);
void bytes_free(struct bytes *b);
#define cleanup_bytes __attribute__((cleanup(bytes_free)))

/* A one-line file without its newline, into buf (NUL-terminated, cut at size - 1). */
int host_read_line(struct host *h, const char *path, char *buf, size_t size);
/* The last len bytes of a file, live only (-EROFS on a snapshot); 0 or -errno. */
int host_read_tail(struct host *h, const char *path, void *buf, size_t len);
/* 0 when the path is there. */
int host_exists(struct host *h, const char *path);
/* The same, kept in no snapshot. */
int host_probe(struct host *h, const char *path);
int host_readlink(struct host *h, const char *path, char *buf, size_t size);

/* Which file it is, links followed: equal numbers, the same file. In no snapshot, as all
 * of a process is: a snapshot has no /proc/PID. */
struct host_id {
	uint64_t dev, ino, size;
};
int host_identify(struct host *h, const char *path, struct host_id *out);
/* A descriptor to read from, for what wants one (libelf, an ioctl); -errno. The caller
 * closes it. Not recorded either. */
int host_open_file(struct host *h, const char *path);

/*
 * BPF maps of type sockmap and sockhash in the whole kernel. -EPERM without
 * CAP_SYS_ADMIN, -ENOSYS without bpf(2), -EROFS on a snapshot, -E2BIG when there are too
 * many maps to look at all of them.
 */
int host_count_sockmaps(struct host *h, uint64_t *maps);

/*
 * What the seccomp filter of this process answers to setsockopt(2) for kTLS: 0, it lets
 * it pass; -EPERM or whatever it was told to say; -EOWNERDEAD, it kills. Changes nothing.
 * Returns -EROFS on a snapshot, -ETIMEDOUT when a supervisor does not decide.
 */
int host_seccomp_ktls(struct host *h, int *answer);
/* Mode of seccomp that this process was started with, before it filtered itself; -1: it
 * did not, or it is not known. */
void host_set_seccomp(struct host *h, int mode);
int host_seccomp_before(const struct host *h);

/*
 * Calls fn(arg, name) for each entry (not "." and "..") that want(name) accepts (NULL:
 * all), in the order of strcmp(). fn returns 0 to go on; anything else ends the walk and
 * is returned.
 */
int host_list(struct host *h, const char *dir, bool (*want)(const char *name),
	      int (*fn)(void *arg, const char *name), void *arg);
/* The same for all entries, kept in no snapshot. */
int host_scan(struct host *h, const char *dir, int (*fn)(void *arg, const char *name),
	      void *arg);

/*
 * Loads a kernel module by name as modprobe would, without running any command: one with
 * an `install` line is refused with -ECANCELED, a blacklisted one with -EPERM. -EROFS on
 * a snapshot, -ENOSYS in a build without libkmod.
 */
int host_load_module(struct host *h, const char *name);

/*
 * Changing the machine (write.c, module.c, nic_set.c): -EROFS on a snapshot; host_trace()
 * sees each of them. What it says is on disk when a function of these has returned 0.
 */

/* text, in one write(2), into a file of /proc/sys or /sys that is there; its errno. */
int host_write(struct host *h, const char *path, const char *text);

struct host_text {
	const char *data;
	size_t len;
	unsigned mode; /* of a new file; one that is replaced keeps mode and owner */
};
/*
 * Writes a file aside, as HOST_ASIDE in its folder, and renames it. Under a lock: there
 * is one such name a file. What is there and no file, a link as well, is left as it is:
 * -EINVAL.
 */
int host_replace(struct host *h, const char *path, const struct host_text *t);
/* The same, once: -EEXIST when there is one. */
int host_create(struct host *h, const char *path, const struct host_text *t);
#define HOST_ASIDE ".%s.ktlsctl"
/* Behind the end of a file, which is made when there is none, mode 0600. */
int host_append(struct host *h, const char *path, const char *data, size_t len);
/* A file and what an interrupted host_replace() of it left; 0 when there is neither. */
int host_remove(struct host *h, const char *path);
/* Only what an interrupted host_replace() left; 0 when it left nothing. */
int host_tidy(struct host *h, const char *path);
/* A symbolic link, -EEXIST when there is something of that name. */
int host_symlink(struct host *h, const char *path, const char *target);
/* A folder, -EEXIST when it is there; the one that it is in has to be. */
int host_mkdir(struct host *h, const char *path, unsigned mode);
/* -ENOTEMPTY, -ENOENT ... */
int host_rmdir(struct host *h, const char *path);
/*
 * A lock on a file, made when there is none: a descriptor that holds it until it is
 * closed, or -EWOULDBLOCK when another process has it and wait is false.
 */
int host_lock(struct host *h, const char *path, bool wait);
/* 1: a process has that lock, 0: none has; -ENOENT ... Nothing is made. */
int host_locked(struct host *h, const char *path);
/* -EBUSY: somebody uses it. */
int host_unload_module(struct host *h, const char *name);

/* Of one interface, over ethtool netlink. */
enum host_nic_number {
	HOST_NIC_RX_RING,
	HOST_NIC_TX_RING,
	HOST_NIC_CHANNELS, /* combined */
	HOST_NIC_RX_USECS,
	HOST_NIC_TX_USECS,
	HOST_NIC_ADAPTIVE_RX, /* 0 or 1 */
	HOST_NIC_ADAPTIVE_TX,
};
/* -ENODEV: no such interface; -EOPNOTSUPP, -EINVAL, -EPERM: what the driver said. */
int host_set_nic_number(struct host *h, const char *device, enum host_nic_number which,
			uint32_t value);
/* feature as the kernel spells it. 0 also when the device has it fixed: look again. */
int host_set_nic_feature(struct host *h, const char *device, const char *feature,
			 bool on);

/*
 * For tests: root is a folder that is written to as if it were the machine. Before every
 * change guard(arg, change) is asked: 0 lets it happen, -errno is its answer, and 1
 * says that the guard itself has done it.
 */
struct host_change {
	const char *what, *path;
	const char *text; /* of host_write(); else NULL */
};
typedef int (*host_guard_fn)(void *arg, const struct host_change *c);
int host_open_scratch(struct host **out, const char *root, host_guard_fn guard,
		      void *arg);

/* libkmod on this host, mute; kmod_unref(3). NULL without memory. Only with HAVE_LIBKMOD.
 */
struct kmod_ctx;
struct kmod_ctx *kmod_quiet(void);

/*
 * Recording. After host_record() all that is read is also written below the folder dirfd
 * (files as the caller saw them, folders, but no link), and what could not be read is
 * remembered for host_errors(). A snapshot gets them back through host_set_error().
 */
struct host_error {
	const char *path;
	int err; /* -errno */
};
int host_record(struct host *h, int dirfd);
/* The first failed write of the recorder, 0 or -errno. */
int host_record_status(const struct host *h);
size_t host_errors(const struct host *h, const struct host_error **out);
int host_set_error(struct host *h, const char *path, int err);
/* path as a snapshot may name it: whose home folder it is stays out. -ENAMETOOLONG. */
int host_redact_path(const char *path, char *buf, size_t size);

static inline void host_close_(struct host **h)
{
	host_close(*h);
}
#define cleanup_host __attribute__((cleanup(host_close_)))

#endif
