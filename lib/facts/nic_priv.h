/* SPDX-License-Identifier: MIT */
/* Between the readers about network interfaces. */
#ifndef KTLSCTL_NIC_PRIV_H
#define KTLSCTL_NIC_PRIV_H

#include "reader.h"

/* nic_sys.c: fills driver, physical, speed_mbps, pci and numa_node. 0 or -ENOMEM. */
int nic_look(struct host *h, struct arena *a, struct nic *nic);

/* topology.c: calls fn with the number of each interrupt of its own; as host_scan(). */
int nic_each_irq(struct host *h, const char *nic, int (*fn)(void *arg, const char *irq),
		 void *arg);

/*
 * nic_ioctl.c: an ethtool command, which begins with its number. A command whose answer
 * is as long as the kernel likes wants memory of ioctl_room(). 0 or -errno: -ENODEV,
 * -EOPNOTSUPP, -EFAULT when the answer does not fit.
 */
int nic_ioctl_open(void); /* a descriptor for close(2), or -errno */
int nic_ioctl(int fd, const char *name, void *command);
/* driver and firmware may be NULL; both "" on failure. */
int nic_ioctl_driver(int fd, struct arena *a, const char *name, const char **driver,
		     const char **firmware);

/* The statistics of one device with "tls" in their names. 0 or -errno. */
int nic_ioctl_tls_stats(int fd, struct arena *a, struct nic_stats *out);

#endif
