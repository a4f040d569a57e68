/* SPDX-License-Identifier: MIT */
/* The checks of NICs: what is right, what is wrong, what cannot be told. */
#include "good.h"

extern const struct check check_nic_tls_offload, check_nic_tls_checksum, check_nic_driver,
	check_nic_stacked, check_nic_tls_counters, check_nic_tls_contexts,
	check_nic_tls_resync, check_nic_tls_effect, check_nic_numa, check_nic_irqbalance,
	check_nic_speed, check_nic_rings, check_nic_channels;

#define NIC(name_, ...) TWEAK(name_, struct nic *nic = &f->nics.nics[0]; __VA_ARGS__)
#define SETS(name_, ...)                                                                 \
	TWEAK(name_, struct nic_settings *s = &f->ethtool.nics[0]; __VA_ARGS__)
#define STATS(name_, ...)                                                                \
	TWEAK(name_, struct nic_stats *s = &f->nic_stats.nics[0]; __VA_ARGS__)

/* Features of eth0, in the order of good.c. */
enum { TX, RX, CSUM, CSUM_V4, CSUM_V6, RX_CSUM };

static struct nic_feature *feature(struct facts *f, int i)
{
	return &f->ethtool.nics[0].features[i];
}

LOST(nics_denied, FACT_NICS, -EPERM)
LOST(ethtool_gone, FACT_ETHTOOL, -ENOENT)
LOST(stats_denied, FACT_NIC_STATS, -EPERM)
LOST(topology_denied, FACT_TOPOLOGY, -EACCES)
LOST(tcp_denied, FACT_TCP, -EACCES)
LOST(stat_denied, FACT_TLS_STAT, -EACCES)
LOST(tuners_denied, FACT_TUNERS, -EACCES)
LOST(config_denied, FACT_KCONFIG, -EACCES)

NIC(not_chosen, nic->chosen = false;)
NIC(other_driver, nic->driver = "virtio_net"; nic->pci = "1af4:1041";)
NIC(no_driver, nic->driver = ""; nic->pci = ""; f->nic_stats.n_nics = 0;)
NIC(driver_by_ioctl, nic->driver = "";)
NIC(connectx5, nic->pci = "15b3:1017";)
NIC(connectx6lx, nic->pci = "15b3:101f";)
NIC(no_pci, nic->pci = "";)
NIC(later_model, nic->pci = "15b3:1fff";)
NIC(chelsio, nic->driver = "cxgb4"; nic->pci = "1425:6401";)
NIC(down, nic->up = false; nic->speed_mbps = 0;)
NIC(no_speed, nic->speed_mbps = 0;)
NIC(gigabit, nic->speed_mbps = 1000;)
NIC(node_unknown, nic->numa_node = -1;)
NIC(far_node, nic->numa_node = 7;)
TWEAK(virtual_chosen, f->nics.nics[0].chosen = false; f->nics.nics[1].chosen = true;)

SETS(vanished, s->err = -ENODEV; s->n_features = 0;)
SETS(features_denied, s->err = -EPERM;)
TWEAK(unrecorded, f->ethtool.n_nics = 0;)
SETS(no_tls_names, s->features += 2; s->n_features -= 2;)
SETS(no_checksum_names, s->n_features = 2;)
TWEAK(tx_off, feature(f, TX)->wanted = feature(f, TX)->active = false;)
TWEAK(tx_blocked, feature(f, TX)->active = false; feature(f, CSUM)->active = false;)
TWEAK(tx_refused, feature(f, TX)->active = false;)
TWEAK(tx_missing,
      *feature(f, TX) = (struct nic_feature){ .name = NIC_TLS_TX, .fixed = true };)
TWEAK(rx_missing,
      *feature(f, RX) = (struct nic_feature){ .name = NIC_TLS_RX, .fixed = true };)
TWEAK(rx_off, feature(f, RX)->wanted = feature(f, RX)->active = false;)
TWEAK(rx_blocked, feature(f, RX)->active = false; feature(f, RX_CSUM)->active = false;)
TWEAK(checksum_off, feature(f, CSUM)->active = false;)
TWEAK(checksum_v4, feature(f, CSUM)->active = false; feature(f, CSUM_V4)->active = true;)
TWEAK(checksum_v6, feature(f, CSUM_V6)->active = true;)
TWEAK(rx_checksum_off, feature(f, RX_CSUM)->active = false;)
SETS(small_rings, s->rx_ring = 512;)
SETS(small_tx_ring, s->tx_ring = 256;)
SETS(small_and_all, s->rx_ring = s->rx_ring_max = 256; s->tx_ring = s->tx_ring_max = 256;)
SETS(no_rings, s->rx_ring = s->rx_ring_max = s->tx_ring = s->tx_ring_max = 0;)
SETS(few_channels, s->combined = 2;)
SETS(many_possible, s->combined_max = 64;)
SETS(no_channels, s->combined = s->combined_max = 0; s->rx_channels = 1;)

static void counts(struct facts *f, const char *name, uint64_t value)
{
	struct nic_stats *s = &f->nic_stats.nics[0];

	for (size_t i = 0; i < s->n_counters; i++)
		if (!strcmp(s->counters[i].name, name))
			s->counters[i].value = value;
}

/* In place of one that no row needs. */
static void counts_also(struct facts *f, const char *name, uint64_t value)
{
	f->nic_stats.nics[0].counters[6] = (struct counter){ name, value };
}

static void all_zero(struct facts *f)
{
	for (size_t i = 0; i < f->nic_stats.nics[0].n_counters; i++)
		f->nic_stats.nics[0].counters[i].value = 0;
}

STATS(no_counters, s->n_counters = 0;)
STATS(no_statistics, s->err = -EOPNOTSUPP; s->n_counters = 0;)
STATS(stats_gone, s->err = -ENODEV; s->n_counters = 0;)
TWEAK(unrecorded_stats, f->nic_stats.n_nics = 0;)
TWEAK(dropped, counts(f, "tx_tls_drop_no_sync_data", 2);)
TWEAK(bypassed, counts(f, "tx_tls_drop_bypass_req", 1);)
TWEAK(rx_err, counts_also(f, "rx_tls_err", 9);)
TWEAK(no_space, counts_also(f, "hw_tls_no_space", 3);)
STATS(no_space_yet, s->n_counters = 1;
      s->counters[0] = (struct counter){ "hw_tls_no_space", 0 };)
TWEAK(more_gone, counts(f, "tx_tls_del", 41);)
TWEAK(all_gone, counts(f, "tx_tls_del", 40);)
TWEAK(no_del, f->nic_stats.nics[0].counters[1].name = "tx_tls_other";)
TWEAK(out_of_order, counts(f, "tx_tls_ooo", 1001);)
TWEAK(one_percent, counts(f, "tx_tls_ooo", 1000);)
TWEAK(few_packets, counts(f, "tx_tls_encrypted_packets", 9999);
      counts(f, "tx_tls_ooo", 9999);)
TWEAK(bytes_again, counts_also(f, "tx_tls_resync_bytes", 1400001);)
TWEAK(rx_lost, counts(f, "tx_tls_encrypted_packets", 0);
      f->nic_stats.nics[0].counters[0] = (struct counter){ "rx_tls_decrypted_packets",
							   20000 };
      counts_also(f, "rx_tls_resync_req_pkt", 201);)
TWEAK(nothing_encrypted, counts(f, "tx_tls_encrypted_packets", 0);)
TWEAK(retransmits, f->tcp.retransmitted = 40001;)
TWEAK(retransmits_one_percent, f->tcp.retransmitted = 40000;)
TWEAK(retransmits_few, f->tcp.out_segments = 9999; f->tcp.retransmitted = 9999;)

COUNTER(labelled_tx, "TlsCurrTxDevice", 5)
COUNTER(labelled_rx, "TlsCurrRxDevice", 5)
COUNTER(below_zero, "TlsCurrTxDevice", UINT64_MAX)

/* A second NIC, and what is to stand on both. */
static void second(struct facts *f, const char *kind)
{
	static const struct nic_feature on[] = { { NIC_TLS_TX, true, true, true, false },
						 { NIC_TLS_RX, true, true, true,
						   false } };
	struct nic *n = f->nics.nics;

	n[2] = n[0];
	n[2].name = "eth1";
	n[2].ifindex = 4;
	n[3] = (struct nic){ .name = "top0",
			     .ifindex = 5,
			     .kind = kind,
			     .driver = "",
			     .up = true,
			     .bond_mode = "802.3ad",
			     .bond_hash = "layer3+4",
			     .pci = "",
			     .numa_node = -1,
			     .chosen = true };
	n[0].master = n[2].master = 5;
	f->nics.n_nics = 4;
	f->ethtool.nics[1] = f->ethtool.nics[0];
	f->ethtool.nics[1].name = "eth1";
	f->ethtool.nics[1].features = (struct nic_feature *)on;
	f->ethtool.nics[1].n_features = ARRAY_SIZE(on);
	f->ethtool.n_nics = 2;
}

#define TOP(name_, ...)                                                                  \
	TWEAK(name_, struct nic *top = &f->nics.nics[3];                                 \
	      struct nic *nics = f->nics.nics; (void)nics; (void)top; __VA_ARGS__)
TWEAK(bond, second(f, "bond");)
TWEAK(bridge, second(f, "bridge");)
TWEAK(team, second(f, "team");)
TOP(active_backup, top->bond_mode = "active-backup";)
TOP(balance_xor, top->bond_mode = "balance-xor";)
TOP(layer2, top->bond_hash = "layer2+3";)
TOP(mode_unknown, top->bond_mode = "";)
TOP(hash_unknown, top->bond_hash = "";)
TOP(no_slaves, nics[0].master = nics[2].master = 0;)
/* A VLAN on the bond that second() makes. */
TOP(vlan_on_it, nics[4] = (struct nic){ .name = "vlan5",
					.kind = "vlan",
					.driver = "",
					.ifindex = 6,
					.lower = 5,
					.bond_mode = "",
					.bond_hash = "",
					.pci = "",
					.numa_node = -1,
					.chosen = true };
    top->chosen = false; f->nics.n_nics = 5;)
/* A bridge, of which the bond is a port. */
TOP(bridge_on_it, nics[4] = (struct nic){ .name = "br0",
					  .kind = "bridge",
					  .driver = "",
					  .ifindex = 6,
					  .bond_mode = "",
					  .bond_hash = "",
					  .pci = "",
					  .numa_node = -1,
					  .chosen = true };
    top->master = 6; top->chosen = false; f->nics.n_nics = 5;)
TWEAK(second_none, f->ethtool.nics[1].n_features = 0;)
TWEAK(second_gone, f->ethtool.nics[1].err = -ENODEV;)
TWEAK(vlan, f->nics.nics[1].kind = "vlan"; f->nics.nics[1].lower = 2;
      f->nics.nics[1].chosen = true;)
TWEAK(circle, f->nics.nics[1].kind = "vlan"; f->nics.nics[1].lower = 3;
      f->nics.nics[1].chosen = true;)
TWEAK(veth, f->nics.nics[1].chosen = true;)

static void two_nodes(struct facts *f)
{
	static struct nic_irqs q;

	q = (struct nic_irqs){ "eth0", 0, 8, 0, "0-3" };
	f->topology.nodes[1] = (struct numa_node){ 1, "4-7" };
	f->topology.n_nodes = 2;
	f->topology.nics = &q;
	f->topology.n_nics = 1;
}

#define IRQS(name_, ...)                                                                 \
	TWEAK(name_, struct nic_irqs *q = &f->topology.nics[0]; __VA_ARGS__)
IRQS(remote, q->remote = 3; q->cpus = "0-7";)
IRQS(irqs_denied, q->err = -EACCES;)
IRQS(no_irqs, q->irqs = 0; q->cpus = "";)
TWEAK(irqs_unrecorded, f->topology.n_nics = 0;)
TWEAK(odd_cpus, f->topology.nodes[0].cpus = "0-";)
TWEAK(huge_cpus, f->topology.nodes[0].cpus = "0-18446744073709551615";)
TWEAK(balanced, f->tuners.irqbalance = true;)

#define OK   VERDICT_OK
#define INFO VERDICT_INFO
#define WARN VERDICT_WARN
#define SKIP VERDICT_SKIP
#define WHO  VERDICT_UNKNOWN

static const struct check_row offload_rows[] = {
	{ "both on", &check_nic_tls_offload, { 0 }, OK, NULL },
	{ "RX off", &check_nic_tls_offload, { rx_off }, INFO, "nic-tls-rx-off" },
	{ "TX off", &check_nic_tls_offload, { tx_off }, WARN, "nic-tls-tx-off" },
	{ "TX blocked",
	  &check_nic_tls_offload,
	  { tx_blocked },
	  WARN,
	  "nic-tls-tx-blocked" },
	{ "TX refused",
	  &check_nic_tls_offload,
	  { tx_refused },
	  WARN,
	  "nic-tls-tx-blocked" },
	{ "RX blocked",
	  &check_nic_tls_offload,
	  { rx_blocked },
	  WARN,
	  "nic-tls-rx-blocked" },
	{ "neither",
	  &check_nic_tls_offload,
	  { tx_missing, rx_missing },
	  INFO,
	  "nic-tls-missing" },
	{ "no TX", &check_nic_tls_offload, { tx_missing }, INFO, "nic-tls-tx-missing" },
	{ "no RX", &check_nic_tls_offload, { rx_missing }, INFO, "nic-tls-rx-missing" },
	{ "old kernel", &check_nic_tls_offload, { no_tls_names }, SKIP, NULL },
	{ "no kTLS", &check_nic_tls_offload, { without_tls }, SKIP, NULL },
	{ "not chosen", &check_nic_tls_offload, { not_chosen }, SKIP, NULL },
	{ "a veth chosen", &check_nic_tls_offload, { virtual_chosen }, SKIP, NULL },
	{ "vanished", &check_nic_tls_offload, { vanished }, WHO, NULL },
	{ "denied", &check_nic_tls_offload, { features_denied }, WHO, NULL },
	{ "not recorded", &check_nic_tls_offload, { unrecorded }, WHO, NULL },
	{ "no ethtool netlink", &check_nic_tls_offload, { ethtool_gone }, WHO, NULL },
	{ "no interfaces", &check_nic_tls_offload, { nics_denied }, WHO, NULL },
};
static const struct check_row checksum_rows[] = {
	{ "on", &check_nic_tls_checksum, { 0 }, OK, NULL },
	{ "by family", &check_nic_tls_checksum, { checksum_v4, checksum_v6 }, OK, NULL },
	{ "of one family",
	  &check_nic_tls_checksum,
	  { checksum_v4 },
	  WARN,
	  "nic-tx-checksum-off" },
	{ "off", &check_nic_tls_checksum, { checksum_off }, WARN, "nic-tx-checksum-off" },
	{ "off, and RX alone",
	  &check_nic_tls_checksum,
	  { checksum_off, tx_missing },
	  OK,
	  NULL },
	{ "RX off",
	  &check_nic_tls_checksum,
	  { rx_checksum_off },
	  WARN,
	  "nic-rx-checksum-off" },
	{ "RX off, and TX alone",
	  &check_nic_tls_checksum,
	  { rx_checksum_off, rx_missing },
	  OK,
	  NULL },
	{ "no offload",
	  &check_nic_tls_checksum,
	  { checksum_off, tx_missing, rx_missing },
	  SKIP,
	  NULL },
	{ "not told", &check_nic_tls_checksum, { no_checksum_names }, WHO, NULL },
	{ "vanished", &check_nic_tls_checksum, { vanished }, WHO, NULL },
};
static const struct check_row driver_rows[] = {
	{ "offers it", &check_nic_driver, { 0 }, OK, NULL },
	{ "a simulated one", &check_nic_driver, { other_driver }, OK, NULL },
	{ "by its id", &check_nic_driver, { unrecorded }, OK, NULL },
	{ "driver from the ioctl",
	  &check_nic_driver,
	  { unrecorded, driver_by_ioctl },
	  OK,
	  NULL },
	{ "Chelsio", &check_nic_driver, { unrecorded, chelsio }, OK, NULL },
	{ "kernel not built",
	  &check_nic_driver,
	  { no_offload_built, tx_missing, rx_missing },
	  OK,
	  NULL },
	{ "part without crypto",
	  &check_nic_driver,
	  { tx_missing, rx_missing },
	  INFO,
	  "nic-card-not-offering" },
	{ "kernel's configuration unknown",
	  &check_nic_driver,
	  { config_denied, tx_missing, rx_missing },
	  OK,
	  NULL },
	{ "ConnectX-5",
	  &check_nic_driver,
	  { connectx5, tx_missing, rx_missing },
	  INFO,
	  "nic-card-without-tls" },
	{ "ConnectX-6 Lx",
	  &check_nic_driver,
	  { connectx6lx, unrecorded },
	  WHO,
	  "nic-card-unsure" },
	{ "a model of the future",
	  &check_nic_driver,
	  { later_model, vanished },
	  WHO,
	  "nic-card-unsure" },
	{ "no PCI id", &check_nic_driver, { no_pci, vanished }, WHO, "nic-card-unsure" },
	{ "virtio",
	  &check_nic_driver,
	  { other_driver, tx_missing, rx_missing },
	  INFO,
	  "nic-driver-without-tls" },
	{ "no driver", &check_nic_driver, { no_driver, vanished }, SKIP, NULL },
	{ "denied", &check_nic_driver, { nics_denied }, WHO, NULL },
};
static const struct check_row stacked_rows[] = {
	{ "nothing", &check_nic_stacked, { 0 }, SKIP, NULL },
	{ "no kTLS", &check_nic_stacked, { bond, without_tls }, SKIP, NULL },
	{ "bond", &check_nic_stacked, { bond }, OK, NULL },
	{ "bond, balance-xor", &check_nic_stacked, { bond, balance_xor }, OK, NULL },
	{ "bond, active-backup",
	  &check_nic_stacked,
	  { bond, active_backup },
	  WARN,
	  "bond-mode" },
	{ "bond, layer2+3", &check_nic_stacked, { bond, layer2 }, WARN, "bond-hash" },
	{ "bond, mode not told",
	  &check_nic_stacked,
	  { bond, mode_unknown },
	  WHO,
	  "bond-unknown" },
	{ "bond, hash not told",
	  &check_nic_stacked,
	  { bond, hash_unknown },
	  WHO,
	  "bond-unknown" },
	{ "bond, one without",
	  &check_nic_stacked,
	  { bond, second_none },
	  WARN,
	  "bond-slaves-differ" },
	{ "bond, one switched off",
	  &check_nic_stacked,
	  { bond, tx_off },
	  WARN,
	  "bond-slaves-differ" },
	{ "bond, RX on one",
	  &check_nic_stacked,
	  { bond, rx_off },
	  WARN,
	  "bond-slaves-differ" },
	{ "bond, one gone",
	  &check_nic_stacked,
	  { bond, second_gone },
	  WHO,
	  "stacked-below-unknown" },
	{ "bond, all unknown",
	  &check_nic_stacked,
	  { bond, ethtool_gone },
	  WHO,
	  "stacked-below-unknown" },
	{ "bond, wrong mode, one gone",
	  &check_nic_stacked,
	  { bond, second_gone, layer2 },
	  WARN,
	  "bond-hash" },
	{ "bond, none can",
	  &check_nic_stacked,
	  { bond, tx_missing, rx_missing, second_none },
	  INFO,
	  "stacked-software" },
	{ "bond without NICs",
	  &check_nic_stacked,
	  { bond, no_slaves },
	  INFO,
	  "bond-without-slaves" },
	{ "bridge", &check_nic_stacked, { bridge }, WARN, "stacked-hides-offload" },
	{ "team", &check_nic_stacked, { team }, WARN, "stacked-hides-offload" },
	{ "VLAN", &check_nic_stacked, { vlan }, WARN, "stacked-hides-offload" },
	{ "bridge on a bond",
	  &check_nic_stacked,
	  { bond, bridge_on_it },
	  WARN,
	  "stacked-hides-offload" },
	{ "VLAN on a bond",
	  &check_nic_stacked,
	  { bond, vlan_on_it },
	  WARN,
	  "stacked-hides-offload" },
	{ "VLAN on nothing much",
	  &check_nic_stacked,
	  { vlan, tx_missing, rx_missing },
	  INFO,
	  "stacked-software" },
	{ "VLAN, not known",
	  &check_nic_stacked,
	  { vlan, vanished },
	  WHO,
	  "stacked-below-unknown" },
	{ "VLAN on itself", &check_nic_stacked, { circle }, INFO, "stacked-software" },
	{ "veth", &check_nic_stacked, { veth }, INFO, "stacked-software" },
	{ "denied", &check_nic_stacked, { nics_denied }, WHO, NULL },
};
static const struct check_row counters_rows[] = {
	{ "none dropped", &check_nic_tls_counters, { 0 }, OK, NULL },
	{ "dropped", &check_nic_tls_counters, { dropped }, WARN, "nic-tls-drops" },
	{ "dropped as well",
	  &check_nic_tls_counters,
	  { dropped, bypassed, rx_err },
	  WARN,
	  "nic-tls-drops" },
	{ "not decrypted",
	  &check_nic_tls_counters,
	  { rx_err },
	  WARN,
	  "nic-tls-rx-errors" },
	{ "counters of a card without",
	  &check_nic_tls_counters,
	  { all_zero, tx_missing, rx_missing },
	  SKIP,
	  NULL },
	{ "dropped by one without",
	  &check_nic_tls_counters,
	  { dropped, tx_missing, rx_missing },
	  WARN,
	  "nic-tls-drops" },
	{ "zero, features unknown",
	  &check_nic_tls_counters,
	  { all_zero, vanished },
	  OK,
	  NULL },
	{ "no counters", &check_nic_tls_counters, { no_counters }, SKIP, NULL },
	{ "no statistics", &check_nic_tls_counters, { no_statistics }, SKIP, NULL },
	{ "gone", &check_nic_tls_counters, { stats_gone }, WHO, NULL },
	{ "not recorded", &check_nic_tls_counters, { unrecorded_stats }, WHO, NULL },
	{ "denied", &check_nic_tls_counters, { stats_denied }, WHO, NULL },
};
static const struct check_row contexts_rows[] = {
	{ "some", &check_nic_tls_contexts, { 0 }, OK, NULL },
	{ "none left", &check_nic_tls_contexts, { all_gone }, OK, NULL },
	{ "full", &check_nic_tls_contexts, { no_space }, WARN, "nic-tls-no-space" },
	{ "never full", &check_nic_tls_contexts, { no_space_yet }, OK, NULL },
	{ "more gone than came",
	  &check_nic_tls_contexts,
	  { more_gone },
	  WHO,
	  "nic-tls-contexts-odd" },
	{ "not counted when gone",
	  &check_nic_tls_contexts,
	  { no_del },
	  INFO,
	  "nic-tls-contexts-total" },
	{ "no counters", &check_nic_tls_contexts, { no_counters }, SKIP, NULL },
	{ "gone", &check_nic_tls_contexts, { stats_gone }, WHO, NULL },
};
static const struct check_row resync_rows[] = {
	{ "few", &check_nic_tls_resync, { 0 }, OK, NULL },
	{ "one percent", &check_nic_tls_resync, { one_percent }, OK, NULL },
	{ "out of order",
	  &check_nic_tls_resync,
	  { out_of_order },
	  WARN,
	  "nic-tls-tx-resync" },
	{ "bytes", &check_nic_tls_resync, { bytes_again }, WARN, "nic-tls-tx-resync" },
	{ "too few packets", &check_nic_tls_resync, { few_packets }, OK, NULL },
	{ "received", &check_nic_tls_resync, { rx_lost }, WARN, "nic-tls-rx-resync" },
	{ "TCP", &check_nic_tls_resync, { retransmits }, WARN, "nic-tls-retransmits" },
	{ "TCP, one percent",
	  &check_nic_tls_resync,
	  { retransmits_one_percent },
	  OK,
	  NULL },
	{ "TCP, too few", &check_nic_tls_resync, { retransmits_few }, OK, NULL },
	{ "TCP, not yet used",
	  &check_nic_tls_resync,
	  { retransmits, nothing_encrypted },
	  WARN,
	  "nic-tls-retransmits" },
	{ "TCP, and no offload",
	  &check_nic_tls_resync,
	  { retransmits, nothing_encrypted, tx_off },
	  SKIP,
	  NULL },
	{ "no kTLS", &check_nic_tls_resync, { retransmits, without_tls }, SKIP, NULL },
	{ "denied", &check_nic_tls_resync, { tcp_denied }, WHO, NULL },
	{ "gone", &check_nic_tls_resync, { stats_gone }, WHO, NULL },
};
static const struct check_row effect_rows[] = {
	{ "no label", &check_nic_tls_effect, { 0 }, SKIP, NULL },
	{ "below zero", &check_nic_tls_effect, { below_zero }, SKIP, NULL },
	{ "module not loaded", &check_nic_tls_effect, { unloaded }, SKIP, NULL },
	{ "moved", &check_nic_tls_effect, { labelled_tx }, OK, NULL },
	{ "moved, features unknown",
	  &check_nic_tls_effect,
	  { labelled_tx, vanished },
	  OK,
	  NULL },
	{ "another NIC asked for",
	  &check_nic_tls_effect,
	  { labelled_tx, not_chosen },
	  OK,
	  NULL },
	{ "nothing moved",
	  &check_nic_tls_effect,
	  { labelled_tx, nothing_encrypted },
	  WARN,
	  "nic-tls-no-effect" },
	{ "down",
	  &check_nic_tls_effect,
	  { labelled_tx, down },
	  WARN,
	  "nic-tls-effect-down" },
	{ "switched off",
	  &check_nic_tls_effect,
	  { labelled_tx, tx_off },
	  INFO,
	  "nic-tls-effect-old" },
	{ "RX has no counter",
	  &check_nic_tls_effect,
	  { labelled_rx },
	  WHO,
	  "nic-tls-effect-unseen" },
	{ "no statistics",
	  &check_nic_tls_effect,
	  { labelled_tx, no_statistics },
	  WHO,
	  "nic-tls-effect-unseen" },
	{ "no statistics, cannot",
	  &check_nic_tls_effect,
	  { labelled_tx, no_statistics, tx_missing, rx_missing },
	  WARN,
	  "nic-tls-no-effect" },
	{ "gone",
	  &check_nic_tls_effect,
	  { labelled_tx, stats_gone },
	  WHO,
	  "nic-tls-effect-unseen" },
	{ "gone, features unknown",
	  &check_nic_tls_effect,
	  { labelled_tx, stats_gone, vanished },
	  WHO,
	  "nic-tls-effect-unseen" },
	{ "no statistics, features unknown",
	  &check_nic_tls_effect,
	  { labelled_tx, no_statistics, vanished },
	  WARN,
	  "nic-tls-no-effect" },
	{ "no counter, features unknown",
	  &check_nic_tls_effect,
	  { labelled_tx, no_counters, vanished },
	  WARN,
	  "nic-tls-no-effect" },
	{ "denied", &check_nic_tls_effect, { stat_denied }, WHO, NULL },
};
static const struct check_row numa_rows[] = {
	{ "one node", &check_nic_numa, { 0 }, SKIP, NULL },
	{ "near", &check_nic_numa, { two_nodes }, OK, NULL },
	{ "far", &check_nic_numa, { two_nodes, remote }, WARN, "nic-irqs-remote" },
	{ "far, no such node",
	  &check_nic_numa,
	  { two_nodes, remote, far_node },
	  WARN,
	  "nic-irqs-remote" },
	{ "not said", &check_nic_numa, { two_nodes, remote, node_unknown }, SKIP, NULL },
	{ "no interrupts", &check_nic_numa, { two_nodes, no_irqs }, SKIP, NULL },
	{ "not chosen", &check_nic_numa, { two_nodes, remote, not_chosen }, SKIP, NULL },
	{ "interrupts denied", &check_nic_numa, { two_nodes, irqs_denied }, WHO, NULL },
	{ "not recorded", &check_nic_numa, { two_nodes, irqs_unrecorded }, WHO, NULL },
	{ "denied", &check_nic_numa, { topology_denied }, WHO, NULL },
};
static const struct check_row irqbalance_rows[] = {
	{ "not there", &check_nic_irqbalance, { 0 }, OK, NULL },
	{ "runs", &check_nic_irqbalance, { balanced }, INFO, "irqbalance-runs" },
	{ "one queue", &check_nic_irqbalance, { balanced, no_channels }, OK, NULL },
	{ "queues not known",
	  &check_nic_irqbalance,
	  { balanced, ethtool_gone },
	  INFO,
	  "irqbalance-runs" },
	{ "no NIC", &check_nic_irqbalance, { balanced, not_chosen }, OK, NULL },
	{ "denied", &check_nic_irqbalance, { tuners_denied }, WHO, NULL },
};
static const struct check_row other_rows[] = {
	{ "fast", &check_nic_speed, { 0 }, OK, NULL },
	{ "slow", &check_nic_speed, { gigabit }, INFO, "nic-slow-link" },
	{ "down", &check_nic_speed, { down }, INFO, "nic-down" },
	{ "not told", &check_nic_speed, { no_speed }, SKIP, NULL },
	{ "denied", &check_nic_speed, { nics_denied }, WHO, NULL },
	{ "enough", &check_nic_rings, { 0 }, OK, NULL },
	{ "small", &check_nic_rings, { small_rings }, INFO, "nic-rings-small" },
	{ "small, TX", &check_nic_rings, { small_tx_ring }, INFO, "nic-rings-small" },
	{ "small and full", &check_nic_rings, { small_and_all }, OK, NULL },
	{ "slow", &check_nic_rings, { small_rings, gigabit }, SKIP, NULL },
	{ "not told", &check_nic_rings, { no_rings }, SKIP, NULL },
	{ "vanished", &check_nic_rings, { vanished }, WHO, NULL },
	{ "enough", &check_nic_channels, { 0 }, OK, NULL },
	{ "as many as processors", &check_nic_channels, { many_possible }, OK, NULL },
	{ "few", &check_nic_channels, { few_channels }, INFO, "nic-channels-few" },
	{ "few of its node",
	  &check_nic_channels,
	  { two_nodes, few_channels },
	  INFO,
	  "nic-channels-few" },
	{ "enough for its node",
	  &check_nic_channels,
	  { two_nodes, many_possible },
	  OK,
	  NULL },
	{ "few of all",
	  &check_nic_channels,
	  { two_nodes, many_possible, node_unknown },
	  INFO,
	  "nic-channels-few" },
	{ "not told", &check_nic_channels, { no_channels }, SKIP, NULL },
	{ "all it has", &check_nic_channels, { topology_denied }, OK, NULL },
	{ "processors not known",
	  &check_nic_channels,
	  { topology_denied, few_channels },
	  WHO,
	  NULL },
	{ "no list", &check_nic_channels, { odd_cpus, few_channels }, WHO, NULL },
	{ "too long a list",
	  &check_nic_channels,
	  { huge_cpus, few_channels },
	  WHO,
	  NULL },
	{ "vanished", &check_nic_channels, { vanished }, WHO, NULL },
};

static void test_outcomes(void **state)
{
	(void)state;
	all_outcomes_have_rows(offload_rows, ARRAY_SIZE(offload_rows));
	all_outcomes_have_rows(checksum_rows, ARRAY_SIZE(checksum_rows));
	all_outcomes_have_rows(driver_rows, ARRAY_SIZE(driver_rows));
	all_outcomes_have_rows(stacked_rows, ARRAY_SIZE(stacked_rows));
	all_outcomes_have_rows(counters_rows, ARRAY_SIZE(counters_rows));
	all_outcomes_have_rows(contexts_rows, ARRAY_SIZE(contexts_rows));
	all_outcomes_have_rows(resync_rows, ARRAY_SIZE(resync_rows));
	all_outcomes_have_rows(effect_rows, ARRAY_SIZE(effect_rows));
	all_outcomes_have_rows(numa_rows, ARRAY_SIZE(numa_rows));
	all_outcomes_have_rows(irqbalance_rows, ARRAY_SIZE(irqbalance_rows));
	all_outcomes_have_rows(other_rows, ARRAY_SIZE(other_rows));
}

struct remedy_row {
	const char *name;
	const struct check *check;
	tweak_fn tweaks[MAX_TWEAKS];
	const char *command;
};

/* What is pasted, word for word. */
static const struct remedy_row remedy_rows[] = {
	{ "TX on",
	  &check_nic_tls_offload,
	  { tx_off },
	  "ethtool -K eth0 tls-hw-tx-offload on" },
	{ "checksum on",
	  &check_nic_tls_offload,
	  { tx_blocked },
	  "ethtool -K eth0 tx on" },
	{ "RX checksum on",
	  &check_nic_tls_checksum,
	  { rx_checksum_off },
	  "ethtool -K eth0 rx on" },
	{ "hash",
	  &check_nic_stacked,
	  { bond, layer2 },
	  "ip link set dev top0 type bond xmit_hash_policy layer3+4" },
	{ "interrupts",
	  &check_nic_numa,
	  { two_nodes, remote },
	  "for i in $(ls /sys/class/net/eth0/device/msi_irqs); do echo 0-3 > "
	  "/proc/irq/$i/smp_affinity_list; done" },
	{ "interrupts of virtio",
	  &check_nic_numa,
	  { two_nodes, remote, other_driver },
	  "for i in $(ls /sys/class/net/eth0/device/../msi_irqs); do echo 0-3 > "
	  "/proc/irq/$i/smp_affinity_list; done" },
	{ "a node that is not there",
	  &check_nic_numa,
	  { two_nodes, remote, far_node },
	  NULL },
	{ "rings", &check_nic_rings, { small_rings }, "ethtool -G eth0 rx 1024" },
	{ "both rings",
	  &check_nic_rings,
	  { small_rings, small_tx_ring },
	  "ethtool -G eth0 rx 1024 tx 1024" },
	{ "channels",
	  &check_nic_channels,
	  { few_channels },
	  "ethtool -L eth0 combined 4" },
};

static const struct said_row said_rows[] = {
	{ "a mode that is not told",
	  &check_nic_stacked,
	  { bond, mode_unknown },
	  "bond top0: ?, layer3+4" },
	{ "a hash that is not told",
	  &check_nic_stacked,
	  { bond, hash_unknown },
	  "bond top0: 802.3ad, ?" },
};

static void test_remedy(void **state)
{
	const struct remedy_row *row = *state;
	const struct check *const table[] = { row->check, NULL };
	cleanup_report struct report *r = NULL;
	const struct remedy *m;
	struct facts f;

	tweaked_facts(&f, row->tweaks);
	r = checks_run(table, &f);
	assert_non_null(r);
	m = r->findings[0].remedy;
	assert_non_null(m);
	if (row->command)
		assert_string_equal(m->command, row->command);
	else
		assert_null(m->command);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_CHECKS(offload_rows),
		UNIT_CHECKS(checksum_rows),
		UNIT_CHECKS(driver_rows),
		UNIT_CHECKS(stacked_rows),
		UNIT_CHECKS(counters_rows),
		UNIT_CHECKS(contexts_rows),
		UNIT_CHECKS(resync_rows),
		UNIT_CHECKS(effect_rows),
		UNIT_CHECKS(numa_rows),
		UNIT_CHECKS(irqbalance_rows),
		UNIT_CHECKS(other_rows),
		UNIT_ROWS("remedy", remedy_rows, test_remedy),
		UNIT_ROWS("said", said_rows, test_said),
		UNIT_ONE("every answer has a row", test_outcomes),
	};

	return unit_run("checks of NICs", sets, ARRAY_SIZE(sets));
}
