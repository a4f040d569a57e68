/* SPDX-License-Identifier: MIT */
/* Groups of facts: network interfaces, and what their TCP does. See facts.h. */
#ifndef KTLSCTL_FACTS_NIC_H
#define KTLSCTL_FACTS_NIC_H

#include "fact.h"

struct nic {
	const char *name;
	uint64_t ifindex;
	const char *kind;   /* "bond", "vlan", "veth", ...; "" = no rtnl kind */
	const char *driver; /* "" for a device without one */
	bool up;
	uint64_t speed_mbps; /* 0: it reports none (a virtual NIC, or the link is down) */
	/* A device of its own, not made of others: it has a driver. */
	bool physical;
	uint64_t lower;  /* ifindex of what a VLAN or macvlan stands on; 0: none */
	uint64_t master; /* ifindex of the bond or bridge it is part of; 0: none */
	/* Of a bond: "802.3ad", "layer3+4"; "" otherwise, and for one not known here. */
	const char *bond_mode, *bond_hash;
	const char *pci; /* "15b3:101d"; "" when it sits on no PCI bus */
	int numa_node;   /* -1: the machine does not say */
	/* One this diagnosis is about: --device, or by default every physical NIC and
	 * what stands on it. */
	bool chosen;
};

/* Interfaces of this network namespace, loopback left out. */
struct nics_facts {
	struct source src;
	struct nic *nics;
	size_t n_nics;
};

/* Names of the feature bits this program looks at, as the kernel spells them. */
#define NIC_TLS_TX     "tls-hw-tx-offload"
#define NIC_TLS_RX     "tls-hw-rx-offload"
#define NIC_TX_CSUM    "tx-checksum-ip-generic"
#define NIC_TX_CSUM_V4 "tx-checksum-ipv4"
#define NIC_TX_CSUM_V6 "tx-checksum-ipv6"
#define NIC_RX_CSUM    "rx-checksum"

/* One feature bit of one device, out of the four bitsets of FEATURES_GET. */
struct nic_feature {
	const char *name;
	bool supported; /* in HW: the device has it and a user may switch it */
	bool wanted;
	bool active;
	bool fixed; /* cannot be switched: not in HW, or in NOCHANGE */
};

/* What ethtool netlink tells of one device. A feature that is not in the array is one
 * this kernel does not know. */
struct nic_settings {
	const char *name;
	int err; /* of FEATURES_GET: 0 or -errno; -ENODEV: it went away meanwhile */
	struct nic_feature *features;
	size_t n_features;
	/* 0 where the device tells none; max 0 likewise. */
	uint64_t rx_ring, rx_ring_max, tx_ring, tx_ring_max;
	uint64_t combined, combined_max, rx_channels, tx_channels;
	/* Coalescing; 0 microseconds is a setting, so presence is told apart. */
	enum tristate adaptive_rx, adaptive_tx;
	bool rx_usecs_told, tx_usecs_told;
	uint64_t rx_usecs, tx_usecs;
};

struct ethtool_facts {
	struct source src; /* err: the family as a whole (-ENOENT: not in this kernel) */
	struct nic_settings *nics;
	size_t n_nics;
};

/* Driver counters, over the ethtool ioctl: netlink does not carry them. */
struct nic_stats {
	const char *name;
	int err;
	const char *driver, *firmware; /* ETHTOOL_GDRVINFO; "" when not told */
	struct counter *counters; /* those with "tls" in the name, blanks trimmed; the per
				     ring ones left out */
	size_t n_counters;
};

struct nic_stats_facts {
	struct source src;
	struct nic_stats *nics;
	size_t n_nics;
};

struct numa_node {
	uint64_t id;
	const char *cpus; /* "0-3,8" */
};

/* The interrupts of one device and the processors that take them. */
struct nic_irqs {
	const char *name;
	int err;
	uint64_t irqs;    /* 0: it has none of its own that can be told */
	uint64_t remote;  /* of these, aimed at processors of other nodes only */
	const char *cpus; /* all those aimed at, as a list; "" */
};

struct topology_facts {
	struct source src;
	struct numa_node *nodes; /* those online; one on an ordinary machine */
	size_t n_nodes;
	struct nic_irqs *nics; /* of those that have a numa_node, with several nodes */
	size_t n_nics;
};

/* /proc/net/snmp of this network namespace, since boot. */
struct tcp_facts {
	struct source src;
	uint64_t out_segments, retransmitted;
};

#endif
