/* SPDX-License-Identifier: MIT */
/* Who asks, and from inside of what: privileges, namespaces, container. */
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../host/cleanup.h"
#include "reader.h"

/* The initial namespaces have these inodes on every kernel (linux/proc_ns.h). */
static const char initial_userns[] = "user:[4026531837]";
static const struct {
	const char *path, *initial;
} others[] = {
	{ "/proc/self/ns/pid", "pid:[4026531836]" },
	{ "/proc/self/ns/uts", "uts:[4026531838]" },
	{ "/proc/self/ns/ipc", "ipc:[4026531839]" },
};

static bool has_cap(struct span hex, unsigned cap)
{
	char buf[32] = "";

	if (hex.len >= sizeof(buf))
		return false;
	memcpy(buf, hex.p, hex.len);
	return strtoull(buf, NULL, 16) >> cap & 1;
}

void parse_status(struct span text, struct caller_facts *out)
{
	struct span line, key;
	uint64_t v;

	out->seccomp = -1;
	while (next_line(&text, &line)) {
		if (!cut_at(&line, ':', &key))
			continue;
		line = trimmed(line);
		if (span_is(key, "CapEff")) {
			out->net_admin = has_cap(line, CAP_NET_ADMIN);
			out->sys_module = has_cap(line, CAP_SYS_MODULE);
		}
		if (span_is(key, "Seccomp") && span_u64(line, &v) && v <= 2)
			out->seccomp = (int)v;
	}
}

static bool all_initial(struct host *h)
{
	char mine[64];

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!host_readlink(h, others[i].path, mine, sizeof(mine)) &&
		    strcmp(mine, others[i].initial))
			return false;
	return true;
}

static void ask_seccomp(struct host *h, struct caller_facts *c)
{
	int answer;

	if (c->seccomp != 2 || host_seccomp_ktls(h, &answer))
		return;
	c->seccomp_passes = answer ? TRI_NO : TRI_YES;
	c->seccomp_answer = answer;
}

static void read_live_caller(struct host *h, struct facts *f)
{
	const struct read_opts o = { .max = 65536, .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 };
	struct caller_facts *c = &f->caller;
	struct rlimit limit;
	char mine[64], init[64];
	int err = host_read(h, "/proc/self/status", &o, &b);

	c->src = (struct source){ "/proc/self/status", err };
	if (err)
		return;
	parse_status(span_of(&b), c);
	if (host_seccomp_before(h) >= 0)
		c->seccomp = host_seccomp_before(h);
	ask_seccomp(h, c);
	c->uid = geteuid();
	if (!getrlimit(RLIMIT_MEMLOCK, &limit)) {
		c->memlock_unlimited = limit.rlim_cur == RLIM_INFINITY;
		c->memlock_bytes = c->memlock_unlimited ? 0 : limit.rlim_cur;
	}
	err = host_readlink(h, "/proc/self/ns/user", mine, sizeof(mine));
	/* A kernel without user namespaces has only the initial one. */
	c->initial_userns = err == -ENOENT || (!err && !strcmp(mine, initial_userns));
	if (err && err != -ENOENT)
		c->src = (struct source){ "/proc/self/ns/user", err };
	c->initial_others = all_initial(h);
	if (!host_readlink(h, "/proc/self/ns/net", mine, sizeof(mine)) &&
	    !host_readlink(h, "/proc/1/ns/net", init, sizeof(init)))
		c->initial_netns = strcmp(mine, init) ? TRI_NO : TRI_YES;
}

void read_caller(struct host *h, struct facts *f)
{
	if (host_is_live(h))
		read_live_caller(h, f);
}

/* Field 5 of mountinfo is the mount point: "36 35 98:0 /mnt1 /mnt2 rw ...". */
static bool mount_point(struct span line, struct span *point)
{
	for (int i = 0; i < 5; i++)
		if (!next_word(&line, point))
			return false;
	return true;
}

/* Runtimes mask by mounting over; what every host has below /proc and /sys is no mask. */
static bool is_mask(struct span p)
{
	static const char *const ordinary[] = { "/proc/sys/fs/binfmt_misc",
						"/sys/kernel/", "/sys/fs/", "/proc/fs/" };

	if (!span_starts(p, "/proc/") && !span_starts(p, "/sys/"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(ordinary); i++)
		if (span_starts(p, ordinary[i]))
			return false;
	return true;
}

/* Only the mount point stays: what is mounted there can be the name of a customer. */
static bool mask_line(struct span *line)
{
	struct span p;

	if (line->len && line->p[0] == '/')
		p = *line; /* out of a snapshot */
	else if (!mount_point(*line, &p))
		return false;
	*line = p;
	return is_mask(p);
}

void filter_mountinfo(struct bytes *b)
{
	filter_lines(b, mask_line);
}

int parse_mountinfo(struct span text, struct arena *a, struct container_facts *out)
{
	struct span line;

	while (next_line(&text, &line)) {
		const char **v;

		if (!is_mask(line))
			continue;
		v = arena_grow(a, out->masked, out->n_masked, sizeof(*v));
		if (!v)
			return -ENOMEM;
		out->masked = v;
		v[out->n_masked] = arena_strndup(a, line.p, line.len);
		if (!v[out->n_masked++])
			return -ENOMEM;
	}
	return 0;
}

/*
 * The file a runtime leaves is no proof: a virtual machine made from an image carries it
 * too. It counts where at least one namespace is not the initial one.
 */
static const char *container_kind(struct host *h, struct facts *f)
{
	char buf[64];

	if (f->caller.initial_others && f->caller.initial_userns)
		return "";
	if (!host_exists(h, "/.dockerenv"))
		return "docker";
	if (!host_exists(h, "/run/.containerenv"))
		return "podman";
	if (!host_read_line(h, "/run/systemd/container", buf, sizeof(buf)))
		return arena_strdup(f->arena, buf);
	if (!host_exists(h, "/var/run/secrets/kubernetes.io"))
		return "kubernetes";
	return "";
}

void read_container(struct host *h, struct facts *f)
{
	static const char path[] = "/proc/self/mountinfo";
	const struct read_opts o = { .max = HOST_READ_MAX, .filter = filter_mountinfo };
	cleanup_bytes struct bytes b = { 0 };
	struct container_facts *c = &f->container;

	c->src = (struct source){ path, host_read(h, path, &o, &b) };
	if (!c->src.err)
		c->src.err = parse_mountinfo(span_of(&b), f->arena, c);
	c->kind = container_kind(h, f);
	if (!c->kind)
		c->kind = "";
	c->wsl = f->kernel.release && (strstr(f->kernel.release, "microsoft") ||
				       strstr(f->kernel.release, "WSL"));
}
