/* SPDX-License-Identifier: MIT */
/* BPF maps, counted by type. Only looks: no map is made, changed or read. */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>

#include "cleanup.h"
#include "host_priv.h"

/* More than any machine has; a kernel that never ends the walk must not keep us. */
enum { MAX_MAPS = 65536 };

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	long ret = syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	return ret < 0 ? -errno : (int)ret;
}

/* 1, 0, or -errno; a map that went away meanwhile is none. */
static int is_sockmap(uint32_t id)
{
	union bpf_attr attr = { .map_id = id };
	struct bpf_map_info info = { 0 };
	cleanup_close int fd = bpf(BPF_MAP_GET_FD_BY_ID, &attr);
	int err;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	err = bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
	if (err < 0)
		return err;
	return info.type == BPF_MAP_TYPE_SOCKMAP || info.type == BPF_MAP_TYPE_SOCKHASH;
}

static int count_sockmaps(uint64_t *maps)
{
	uint32_t id = 0;

	*maps = 0;
	for (int i = 0; i < MAX_MAPS; i++) {
		union bpf_attr attr = { .start_id = id };
		int ret = bpf(BPF_MAP_GET_NEXT_ID, &attr);

		if (ret < 0)
			return ret == -ENOENT ? 0 : ret;
		id = attr.next_id;
		ret = is_sockmap(id);
		if (ret < 0)
			return ret;
		*maps += (uint64_t)ret;
	}
	return -E2BIG;
}

int host_count_sockmaps(struct host *h, uint64_t *maps)
{
	int err = host_is_live(h) ? count_sockmaps(maps) : -EROFS;

	return host_note(h, "bpf", "BPF_MAP_GET_NEXT_ID", err);
}
