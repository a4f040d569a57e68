/* SPDX-License-Identifier: MIT */
/*
 * What can be set. The bounds are the kernel's own where it has some (net/ipv4/
 * sysctl_net_ipv4.c, net/core/sysctl_net_core.c), else what is still of use: a window is
 * at most 1 GiB (RFC 7323), so is a buffer here.
 */
#include <string.h>

#include "tune_priv.h"

#define NO_KEY "this kernel has no such key"
#define GIB    (1ULL << 30)

#define SYSCTL(var_, id_, n_, min_, max_, ...)                                           \
	static const struct tunable var_ = { .id = id_,                                  \
					     .mechanism = MECH_SYSCTL,                   \
					     .kind = TUNE_NUMBERS,                       \
					     .n = (n_),                                  \
					     .min = (min_),                              \
					     .max = (max_),                              \
					     .needs = FACT_SYSCTL,                       \
					     .absent = NO_KEY,                           \
					     .value = value_sysctl,                      \
					     __VA_ARGS__ }

SYSCTL(rmem, "net.ipv4.tcp_rmem", 3, 4096, GIB, .ordered = true, .netns = true,
       .ram_share = 8,
       .help = "receive buffer of a TCP socket: least, first, most, in bytes");
SYSCTL(wmem, "net.ipv4.tcp_wmem", 3, 4096, GIB, .ordered = true, .netns = true,
       .ram_share = 8,
       .help = "send buffer of a TCP socket: least, first, most, in bytes");
SYSCTL(mem, "net.ipv4.tcp_mem", 3, 1024, 1ULL << 40, .ordered = true,
       .help = "pages of memory for all TCP sockets: easy, pressure, most");
SYSCTL(rmem_max, "net.core.rmem_max", 1, 4096, GIB, .ram_share = 8,
       .help = "most that a program may ask for with SO_RCVBUF; not autotuning");
SYSCTL(wmem_max, "net.core.wmem_max", 1, 4096, GIB, .ram_share = 8,
       .help = "most that a program may ask for with SO_SNDBUF; not autotuning");
SYSCTL(moderate, "net.ipv4.tcp_moderate_rcvbuf", 1, 0, 1, .netns = true,
       .help = "autotuning of the receive buffer");
SYSCTL(scaling, "net.ipv4.tcp_window_scaling", 1, 0, 1, .netns = true,
       .help = "windows above 64 KiB");
SYSCTL(idle, "net.ipv4.tcp_slow_start_after_idle", 1, 0, 1, .netns = true,
       .help = "a connection begins slowly again after a pause");
SYSCTL(notsent, "net.ipv4.tcp_notsent_lowat", 1, 4096, UINT32_MAX, .netns = true,
       .help = "bytes not yet sent above which a socket is not writable");
SYSCTL(keepalive, "net.ipv4.tcp_keepalive_time", 1, 30, 32767, .netns = true,
       .help = "seconds of silence before the first keepalive, where a program asks "
	       "for them");
SYSCTL(interval, "net.ipv4.tcp_keepalive_intvl", 1, 5, 32767, .netns = true,
       .help = "seconds between two of them");
SYSCTL(syn_backlog, "net.ipv4.tcp_max_syn_backlog", 1, 64, 1 << 20, .netns = true,
       .help = "connections that a listening socket remembers half open");
SYSCTL(somaxconn, "net.core.somaxconn", 1, 64, 65535, .netns = true,
       .help = "most connections that wait for accept(2), whatever listen(2) asks");
SYSCTL(probing, "net.ipv4.tcp_mtu_probing", 1, 0, 2, .netns = true,
       .help = "search for the size of packets: 1 after a black hole, 2 always");
SYSCTL(busy_poll, "net.core.busy_poll", 1, 0, 1000,
       .help = "microseconds that poll(2) and select(2) look at the NIC themselves");
SYSCTL(busy_read, "net.core.busy_read", 1, 0, 1000,
       .help = "microseconds that a read of a new socket looks at the NIC itself");
static const struct tunable congestion = {
	.id = "net.ipv4.tcp_congestion_control",
	.mechanism = MECH_SYSCTL,
	.kind = TUNE_WORD,
	.netns = true,
	.needs = FACT_SYSCTL,
	.absent = NO_KEY,
	.value = value_sysctl,
	.help = "congestion control of new connections",
};
static const struct tunable qdisc = {
	.id = "net.core.default_qdisc",
	.mechanism = MECH_SYSCTL,
	.kind = TUNE_WORD,
	.reboot = true,
	.needs = FACT_SYSCTL,
	.absent = NO_KEY,
	.value = value_sysctl,
	.help = "queueing discipline of devices that are made from now on",
};

static const struct tunable tls = {
	.id = "module.tls",
	.mechanism = MECH_MODULE,
	.kind = TUNE_SWITCH,
	.needs = FACT_MODULE | FACT_ULP | FACT_TLS_STAT | FACT_KCONFIG | FACT_MODPROBE |
		 FACT_BOOT,
	.absent = "this kernel was built without TLS",
	.value = value_module,
	.irreversible = "a module that is in use stays loaded",
	.help = "the kernel's TLS, loaded",
};

#define ETHTOOL(var_, id_, kind_, value_, ...)                                           \
	static const struct tunable var_ = { .id = id_,                                  \
					     .mechanism = MECH_ETHTOOL,                  \
					     .kind = (kind_),                            \
					     .device = TUNE_NIC,                         \
					     .late = true,                               \
					     .needs = FACT_NICS | FACT_ETHTOOL |         \
						      FACT_TUNING,                       \
					     .value = value_,                            \
					     __VA_ARGS__ }

ETHTOOL(tls_tx, "nic.tls-hw-tx-offload", TUNE_SWITCH, value_feature,
	.absent = "the NIC or its driver cannot encrypt, or it cannot be switched",
	.help = "the NIC encrypts what goes out");
ETHTOOL(tls_rx, "nic.tls-hw-rx-offload", TUNE_SWITCH, value_feature,
	.absent = "the NIC or its driver cannot decrypt, or it cannot be switched",
	.irreversible = "mlx5 closes and opens the NIC's channels: packets are lost and "
			"per-ring counters begin anew, once more on a revert",
	.help = "the NIC decrypts what comes in");
ETHTOOL(rx_ring, "nic.rx-ring", TUNE_NUMBERS, value_ethtool, .n = 1, .min = 32,
	.max = 65536, .absent = "the driver tells no ring",
	.irreversible = "most drivers stop the NIC for a moment to change a ring",
	.help = "packets that may wait in a receive queue");
ETHTOOL(tx_ring, "nic.tx-ring", TUNE_NUMBERS, value_ethtool, .n = 1, .min = 32,
	.max = 65536, .absent = "the driver tells no ring",
	.irreversible = "most drivers stop the NIC for a moment to change a ring",
	.help = "packets that may wait in a transmit queue");
ETHTOOL(combined, "nic.combined", TUNE_NUMBERS, value_ethtool, .n = 1, .min = 1,
	.max = 1024, .absent = "the driver tells no channels",
	.irreversible = "the channels are closed and opened: packets are lost, per-queue "
			"settings and counters begin anew",
	.help = "queues, each with an interrupt of its own");
ETHTOOL(adaptive_rx, "nic.adaptive-rx", TUNE_SWITCH, value_ethtool,
	.absent = "the driver has no such switch",
	.help = "the driver finds out how long interrupts may wait, incoming");
ETHTOOL(adaptive_tx, "nic.adaptive-tx", TUNE_SWITCH, value_ethtool,
	.absent = "the driver has no such switch",
	.help = "the driver finds out how long interrupts may wait, outgoing");
ETHTOOL(rx_usecs, "nic.rx-usecs", TUNE_NUMBERS, value_ethtool, .n = 1, .max = 10000,
	.absent = "the driver has no such setting",
	.help = "microseconds that an interrupt waits for more packets, incoming");
ETHTOOL(tx_usecs, "nic.tx-usecs", TUNE_NUMBERS, value_ethtool, .n = 1, .max = 10000,
	.absent = "the driver has no such setting",
	.help = "microseconds that an interrupt waits for more packets, outgoing");

#define SYSFS(var_, id_, kind_, value_, ...)                                             \
	static const struct tunable var_ = { .id = id_,                                  \
					     .mechanism = MECH_SYSFS,                    \
					     .kind = (kind_),                            \
					     .late = true,                               \
					     .value = value_,                            \
					     __VA_ARGS__ }
#define QUEUES (FACT_NICS | FACT_TUNING | FACT_TOPOLOGY)

SYSFS(rps, "nic.rps-cpus", TUNE_MASK, value_mask, .device = TUNE_RX_QUEUE,
      .needs = QUEUES, .absent = "the queue has no such mask",
      .help = "processors that take over packets of a receive queue; 0: none");
SYSFS(xps, "nic.xps-cpus", TUNE_MASK, value_mask, .device = TUNE_TX_QUEUE,
      .needs = QUEUES, .absent = "a NIC with one transmit queue has no such mask",
      .help = "processors that send through a transmit queue");
SYSFS(affinity, "nic.irq-affinity", TUNE_MASK, value_mask, .device = TUNE_IRQ,
      .needs = QUEUES | FACT_TUNERS, .absent = "no such interrupt",
      .help = "processors that may take an interrupt");
SYSFS(governor, "cpu.governor", TUNE_WORD, value_power, .device = TUNE_CPU,
      .needs = FACT_TUNING, .absent = "no frequency scaling here",
      .help = "who decides how fast the processors run");
SYSFS(preference, "cpu.energy-preference", TUNE_WORD, value_power, .device = TUNE_CPU,
      .needs = FACT_TUNING, .absent = "the hardware takes no preference",
      .help = "what the hardware weighs speed against");

static const struct tunable openssl = {
	.id = "openssl.ktls",
	.mechanism = MECH_OPENSSL,
	.kind = TUNE_SWITCH,
	.needs = FACT_OPENSSL | FACT_OPENSSL_CNF,
	.absent = "there is no openssl.cnf",
	.value = value_openssl,
	.help = "Options = KTLS in openssl.cnf, for every program that uses OpenSSL",
};

const struct tunable *const tunables[] = {
	&tls,         &rmem,      &wmem,       &mem,        &rmem_max,    &wmem_max,
	&moderate,    &scaling,   &idle,       &notsent,    &keepalive,   &interval,
	&syn_backlog, &somaxconn, &probing,    &congestion, &qdisc,       &busy_poll,
	&busy_read,   &combined,  &rx_ring,    &tx_ring,    &adaptive_rx, &adaptive_tx,
	&rx_usecs,    &tx_usecs,  &tls_tx,     &tls_rx,     &rps,         &xps,
	&affinity,    &governor,  &preference, &openssl,    NULL,
};

const struct tunable *tunable_find(const char *id)
{
	for (size_t i = 0; tunables[i]; i++)
		if (!strcmp(tunables[i]->id, id))
			return tunables[i];
	return NULL;
}

/* Rules, conditions and owners look at these as well. */
unsigned tune_mask(void)
{
	unsigned mask = FACT_OS | FACT_KERNEL | FACT_NICS | FACT_TOPOLOGY | FACT_TUNERS |
			FACT_TUNING | FACT_CALLER | FACT_PROGRAMS;

	for (size_t i = 0; tunables[i]; i++)
		mask |= tunables[i]->needs;
	return mask;
}

bool tune_key(const char *key, struct arena *a, const struct tunable **t,
	      const char **device)
{
	const char *slash = strrchr(key, '/');

	*device = NULL;
	*t = tunable_find(slash ? slash + 1 : key);
	if (!*t || !slash)
		return *t;
	*device = arena_strndup(a, key, (size_t)(slash - key));
	return (*t)->device != TUNE_HOST && *device && **device;
}
