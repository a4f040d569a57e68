/* SPDX-License-Identifier: MIT */
/* What inside the kernel speaks TLS: NFS mounts, NVMe over TCP, and who shakes hands. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "programs.h"

static bool has_tls(struct span options)
{
	struct span option;

	while (options.len) {
		if (!cut_at(&options, ',', &option)) {
			option = options;
			options.len = 0;
		}
		if (span_is(option, "xprtsec=tls") || span_is(option, "xprtsec=mtls"))
			return true;
	}
	return false;
}

/* "server:/export /mnt nfs4 rw,xprtsec=tls,... 0 0". Names of servers are not kept. */
void parse_mounts(struct span text, struct consumers_facts *out)
{
	struct span line, what, where, type, options;

	while (next_line(&text, &line)) {
		if (!next_word(&line, &what) || !next_word(&line, &where) ||
		    !next_word(&line, &type) || !next_word(&line, &options))
			continue;
		if (!span_is(type, "nfs") && !span_is(type, "nfs4"))
			continue;
		out->nfs_mounts++;
		out->nfs_tls += has_tls(options);
	}
}

struct nvme {
	struct host *live;
	struct consumers_facts *out;
};

/* The kernel shows tls_key for a controller over TCP; it is empty where none is used. */
static int add_controller(void *arg, const char *name)
{
	const struct nvme *n = arg;
	char path[512], buf[64];

	snprintf(path, sizeof(path), "/sys/class/nvme/%s/transport", name);
	if (host_read_line(n->live, path, buf, sizeof(buf)) || strcmp(buf, "tcp"))
		return 0;
	n->out->nvme_tcp++;
	snprintf(path, sizeof(path), "/sys/class/nvme/%s/tls_key", name);
	if (!host_read_line(n->live, path, buf, sizeof(buf)) && buf[0])
		n->out->nvme_tls++;
	return 0;
}

static int is_tlshd(void *arg, const char *pid)
{
	char path[64], comm[32];

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	return !host_read_line(arg, path, comm, sizeof(comm)) && !strcmp(comm, "tlshd");
}

/* The scan has it by its libgnutls or, where that could not be seen, by its name; one
 * that was not done, or not to the end, says nothing. */
static bool tlshd_runs(struct host *live, const struct facts *f)
{
	const struct programs_facts *p = &f->programs;

	for (size_t i = 0; i < p->n_programs; i++)
		if (!strcmp(p->programs[i].comm, "tlshd"))
			return true;
	if (p->src.where && !p->src.err && !p->left_out && !f->query.pid)
		return false;
	return host_list(live, "/proc", is_pid, is_tlshd, live) == 1;
}

void read_consumers(struct host *h, struct facts *f)
{
	static const char mounts[] = "/proc/self/mounts", nvme[] = "/sys/class/nvme";
	const struct read_opts o = { .max = 16 << 20, .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 };
	cleanup_host struct host *live = NULL;
	struct nvme arg = { .out = &f->consumers };
	int err;

	if (!host_is_live(h))
		return;
	err = host_open(&live, NULL);
	if (!err)
		err = host_read(live, mounts, &o, &b);
	f->consumers.src = (struct source){ mounts, host_note(h, "read", mounts, err) };
	if (err)
		return;
	parse_mounts(span_of(&b), &f->consumers);
	arg.live = live;
	err = host_note(h, "list", nvme,
			host_list(live, nvme, NULL, add_controller, &arg));
	if (err && err != -ENOENT)
		f->consumers.src = (struct source){ nvme, err };
	f->consumers.tlshd = tlshd_runs(live, f);
}
