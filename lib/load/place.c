// SPDX-License-Identifier: MIT
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "place.h"

static int read_node(struct host *h, const char *device, const char *file, int *node)
{
	char path[160], text[32];
	uint64_t n;
	int err;

	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", device, file);
	err = host_read_line(h, path, text, sizeof(text));
	if (err)
		return err;
	/* -1: the machine has but one, or does not say. */
	if (!span_u64(span(text, strlen(text)), &n) || n > 4095)
		return -ENODATA;
	*node = (int)n;
	return 0;
}

static int read_cpus(struct host *h, struct place *p)
{
	char path[96], text[1024];
	int err;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/cpulist", p->node);
	err = host_read_line(h, path, text, sizeof(text));
	if (err)
		return err;
	return parse_cpulist(span(text, strlen(text)), &p->cpus) ? 0 : -EBADMSG;
}

void place_find(struct host *h, const struct address *to, struct place *out)
{
	struct route route;
	int err;

	*out = (struct place){ .node = -1, .why = "" };
	if (route_to(to, NULL, &route) || !route.ifindex ||
	    !if_indextoname(route.ifindex, out->device)) {
		out->why = "the way to the server is not known";
		return;
	}
	out->local = route.local;
	if (route.local) {
		out->why = "the server is on this host: no NIC is on the way";
		return;
	}
	err = read_node(h, out->device, "device/numa_node", &out->node);
	if (err == -ENOENT) /* virtio: it is the device's above it */
		err = read_node(h, out->device, "device/../numa_node", &out->node);
	if (err == -ENOENT)
		out->why = "that interface is no NIC itself";
	else if (err)
		out->why = "this machine does not say which node the NIC is on";
	else if (read_cpus(h, out))
		out->why = "which processors that node has is not known";
}
