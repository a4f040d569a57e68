/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "../out/field.h"
#include "reader.h"
#include "snapshot.h"

static const char *const tristate_words[] = { "unknown", "no", "yes", NULL };

static const struct field source_rows[] = {
	FIELD(FIELD_STR_OR_NULL, struct source, where, "what was asked; null: not asked"),
	FIELD_NAMED("error", FIELD_INT, struct source, err, "0 or a negated errno"),
};
FIELDS(source_fields, struct source, source_rows, NULL);

/* Not in the snapshots of older versions. */
#define LATER(kind_, type_, member_, help_)                                              \
	{                                                                                \
		.name = #member_, .kind = (kind_), .off = offsetof(type_, member_),      \
		.optional = true, .help = (help_)                                        \
	}
#define LATER_WORD(type_, member_, help_)                                                \
	{                                                                                \
		.name = #member_, .kind = FIELD_ENUM, .off = offsetof(type_, member_),   \
		.names = tristate_words, .optional = true, .help = (help_)               \
	}

#define SOURCE(type_)                                                                    \
	FIELD_SUB(FIELD_OBJ, type_, src, &source_fields, "how reading it went")

static const struct field kernel_rows[] = {
	SOURCE(struct kernel_facts),
	FIELD(FIELD_STR, struct kernel_facts, release, "uname -r"),
	FIELD(FIELD_STR, struct kernel_facts, machine, "uname -m"),
	FIELD(FIELD_U64, struct kernel_facts, page_bytes, "size of a page"),
};
FIELDS(kernel_fields, struct kernel_facts, kernel_rows, NULL);

static const struct field modprobe_rows[] = {
	SOURCE(struct modprobe_facts),
	FIELD(FIELD_BOOL, struct modprobe_facts, resolves,
	      "tcp-ulp-tls leads to a module or built-in"),
	FIELD(FIELD_STR, struct modprobe_facts, path, "the module file"),
	FIELD(FIELD_BOOL, struct modprobe_facts, builtin, "it is built in"),
	FIELD(FIELD_BOOL, struct modprobe_facts, blacklisted,
	      "a blacklist line holds for it"),
	FIELD(FIELD_BOOL, struct modprobe_facts, overridden,
	      "an install line holds for it"),
	FIELD(FIELD_STR, struct modprobe_facts, signature, "yes, no or unknown"),
};
FIELDS(modprobe_fields, struct modprobe_facts, modprobe_rows, NULL);

static const struct field caller_rows[] = {
	SOURCE(struct caller_facts),
	FIELD(FIELD_U64, struct caller_facts, uid, "effective user id"),
	FIELD(FIELD_BOOL, struct caller_facts, net_admin, "CAP_NET_ADMIN is effective"),
	FIELD(FIELD_BOOL, struct caller_facts, sys_module, "CAP_SYS_MODULE is effective"),
	FIELD(FIELD_BOOL, struct caller_facts, initial_userns,
	      "in the initial user namespace"),
	FIELD(FIELD_BOOL, struct caller_facts, initial_others,
	      "in the initial pid, ipc and uts namespaces"),
	FIELD_WORD(struct caller_facts, initial_netns, tristate_words,
		   "in the network namespace of pid 1"),
	FIELD(FIELD_INT, struct caller_facts, seccomp,
	      "0 none, 1 strict, 2 filter, -1 unknown"),
	{ .name = "seccomp_passes",
	  .kind = FIELD_ENUM,
	  .off = offsetof(struct caller_facts, seccomp_passes),
	  .names = tristate_words,
	  .optional = true,
	  .help = "the filter lets setsockopt(2) for kTLS pass" },
	{ .name = "seccomp_answer",
	  .kind = FIELD_INT,
	  .off = offsetof(struct caller_facts, seccomp_answer),
	  .optional = true,
	  .help = "of one that does not, a negated errno" },
	FIELD(FIELD_BOOL, struct caller_facts, memlock_unlimited, "RLIMIT_MEMLOCK"),
	FIELD(FIELD_U64, struct caller_facts, memlock_bytes, "RLIMIT_MEMLOCK, soft"),
};
FIELDS(caller_fields, struct caller_facts, caller_rows, NULL);

static const struct field cipher_rows[] = {
	FIELD(FIELD_STR, struct cipher_module, cipher, "as OpenSSL has it"),
	FIELD(FIELD_STR, struct cipher_module, algorithm, "as the kernel has it"),
	FIELD(FIELD_STR, struct cipher_module, alias, "what modprobe is asked for"),
	FIELD(FIELD_STR, struct cipher_module, module, "what should come of it"),
	FIELD(FIELD_BOOL, struct cipher_module, found, "the file is there, or built in"),
	FIELD(FIELD_BOOL, struct cipher_module, blacklisted,
	      "a blacklist line holds for it"),
	FIELD(FIELD_BOOL, struct cipher_module, overridden,
	      "an install line holds for it"),
};
FIELDS(cipher_fields, struct cipher_module, cipher_rows, NULL);

static const struct field ciphers_rows[] = {
	SOURCE(struct ciphers_facts),
	FIELD_ARRAY(FIELD_LIST, struct ciphers_facts, modules, &cipher_fields,
		    "of each cipher"),
};
FIELDS(ciphers_fields, struct ciphers_facts, ciphers_rows, NULL);

static const struct field openssl_rows[] = {
	SOURCE(struct openssl_facts),
	FIELD(FIELD_STR, struct openssl_facts, version, "at run time"),
	FIELD(FIELD_STR, struct openssl_facts, header_version, "at build time"),
	FIELD(FIELD_U64, struct openssl_facts, number, "OpenSSL_version_num()"),
	FIELD(FIELD_STR, struct openssl_facts, library, "path of libcrypto"),
	FIELD(FIELD_STR, struct openssl_facts, config_file, "the effective openssl.cnf"),
	FIELD(FIELD_BOOL, struct openssl_facts, config_from_env, "named by OPENSSL_CONF"),
	FIELD(FIELD_BOOL, struct openssl_facts, ktls_send, "BIO flag probe, TX"),
	FIELD(FIELD_BOOL, struct openssl_facts, ktls_receive, "BIO flag probe, RX"),
};
FIELDS(openssl_fields, struct openssl_facts, openssl_rows, NULL);

static const struct field copy_rows[] = {
	FIELD(FIELD_STR, struct libssl_copy, path, "the file"),
	FIELD(FIELD_STR, struct libssl_copy, version, "empty: not told by the file"),
	FIELD(FIELD_BOOL, struct libssl_copy, ours, "the one ktlsctl runs with"),
	FIELD_WORD(struct libssl_copy, ktls, tristate_words, "built with kTLS"),
};
FIELDS(copy_fields, struct libssl_copy, copy_rows, NULL);

static const struct field copies_rows[] = {
	SOURCE(struct libssl_copies_facts),
	FIELD_ARRAY(FIELD_LIST, struct libssl_copies_facts, copies, &copy_fields,
		    "every libssl.so found"),
};
FIELDS(libssl_copies_fields, struct libssl_copies_facts, copies_rows, NULL);

static const struct field nic_rows[] = {
	FIELD(FIELD_STR, struct nic, name, "interface"),
	FIELD(FIELD_U64, struct nic, ifindex, "its index"),
	FIELD(FIELD_STR, struct nic, kind, "rtnl kind, empty for a device"),
	FIELD(FIELD_STR, struct nic, driver, "empty if it has none"),
	FIELD(FIELD_BOOL, struct nic, up, "IFF_UP"),
	FIELD(FIELD_U64, struct nic, speed_mbps, "0: it reports none"),
	FIELD(FIELD_BOOL, struct nic, physical, "a device, not made of others"),
	FIELD(FIELD_U64, struct nic, lower, "ifindex it stands on, 0: none"),
	FIELD(FIELD_U64, struct nic, master, "ifindex of its bond or bridge, 0: none"),
	FIELD(FIELD_STR, struct nic, bond_mode, "of a bond"),
	FIELD(FIELD_STR, struct nic, bond_hash, "of a bond: transmit hash policy"),
	FIELD(FIELD_STR, struct nic, pci, "vendor:device, empty if not on PCI"),
	FIELD(FIELD_INT, struct nic, numa_node, "-1: the machine does not say"),
};
FIELDS(nic_fields, struct nic, nic_rows, NULL);

static const struct field nics_rows[] = {
	SOURCE(struct nics_facts),
	FIELD_ARRAY(FIELD_LIST, struct nics_facts, nics, &nic_fields,
		    "interfaces but loopback"),
};
FIELDS(nics_fields, struct nics_facts, nics_rows, NULL);

static const struct field feature_rows[] = {
	FIELD(FIELD_STR, struct nic_feature, name, "as the kernel spells it"),
	FIELD(FIELD_BOOL, struct nic_feature, supported, "the device has it"),
	FIELD(FIELD_BOOL, struct nic_feature, wanted, "asked for"),
	FIELD(FIELD_BOOL, struct nic_feature, active, "in effect"),
	FIELD(FIELD_BOOL, struct nic_feature, fixed, "cannot be switched"),
};
FIELDS(feature_fields, struct nic_feature, feature_rows, NULL);

static const struct field settings_rows[] = {
	FIELD(FIELD_STR, struct nic_settings, name, "interface"),
	FIELD_NAMED("error", FIELD_INT, struct nic_settings, err, "0 or a negated errno"),
	FIELD_ARRAY(FIELD_LIST, struct nic_settings, features, &feature_fields,
		    "those of use here"),
	FIELD(FIELD_U64, struct nic_settings, rx_ring, "entries, 0: not told"),
	FIELD(FIELD_U64, struct nic_settings, rx_ring_max, "most it can have"),
	FIELD(FIELD_U64, struct nic_settings, tx_ring, "entries, 0: not told"),
	FIELD(FIELD_U64, struct nic_settings, tx_ring_max, "most it can have"),
	FIELD(FIELD_U64, struct nic_settings, combined, "channels, 0: not told"),
	FIELD(FIELD_U64, struct nic_settings, combined_max, "most it can have"),
	FIELD(FIELD_U64, struct nic_settings, rx_channels, "of their own"),
	FIELD(FIELD_U64, struct nic_settings, tx_channels, "of their own"),
	LATER(FIELD_BOOL, struct nic_settings, rx_usecs_told, "rx_usecs is known"),
	LATER(FIELD_BOOL, struct nic_settings, tx_usecs_told, "tx_usecs is known"),
	LATER(FIELD_U64, struct nic_settings, rx_usecs, "coalescing of what comes in"),
	LATER(FIELD_U64, struct nic_settings, tx_usecs, "and of what goes out"),
	LATER_WORD(struct nic_settings, adaptive_rx, "it finds rx_usecs itself"),
	LATER_WORD(struct nic_settings, adaptive_tx, "it finds tx_usecs itself"),
};
FIELDS(settings_fields, struct nic_settings, settings_rows, NULL);

static const struct field ethtool_rows[] = {
	SOURCE(struct ethtool_facts),
	FIELD_ARRAY(FIELD_LIST, struct ethtool_facts, nics, &settings_fields,
		    "a device each"),
};
FIELDS(ethtool_fields, struct ethtool_facts, ethtool_rows, NULL);

static const struct field counter_rows[] = {
	FIELD(FIELD_STR, struct counter, name, "as the driver spells it"),
	FIELD(FIELD_U64, struct counter, value, "since the driver was loaded"),
};
FIELDS(counter_fields, struct counter, counter_rows, NULL);

static const struct field stats_rows[] = {
	FIELD(FIELD_STR, struct nic_stats, name, "interface"),
	FIELD_NAMED("error", FIELD_INT, struct nic_stats, err, "0 or a negated errno"),
	FIELD(FIELD_STR, struct nic_stats, driver, "empty if not told"),
	FIELD(FIELD_STR, struct nic_stats, firmware, "empty if not told"),
	FIELD_ARRAY(FIELD_LIST, struct nic_stats, counters, &counter_fields,
		    "those about TLS"),
};
FIELDS(stats_fields, struct nic_stats, stats_rows, NULL);

static const struct field nic_stats_rows[] = {
	SOURCE(struct nic_stats_facts),
	FIELD_ARRAY(FIELD_LIST, struct nic_stats_facts, nics, &stats_fields,
		    "a device each"),
};
FIELDS(nic_stats_fields, struct nic_stats_facts, nic_stats_rows, NULL);

static const struct field node_rows[] = {
	FIELD(FIELD_U64, struct numa_node, id, "node"),
	FIELD(FIELD_STR, struct numa_node, cpus, "its processors, a list"),
};
FIELDS(node_fields, struct numa_node, node_rows, NULL);

static const struct field irqs_rows[] = {
	FIELD(FIELD_STR, struct nic_irqs, name, "interface"),
	FIELD_NAMED("error", FIELD_INT, struct nic_irqs, err, "0 or a negated errno"),
	FIELD(FIELD_U64, struct nic_irqs, irqs, "interrupts it has"),
	FIELD(FIELD_U64, struct nic_irqs, remote, "aimed at other nodes only"),
	FIELD(FIELD_STR, struct nic_irqs, cpus, "all those aimed at"),
};
FIELDS(irqs_fields, struct nic_irqs, irqs_rows, NULL);

static const struct field topology_rows[] = {
	SOURCE(struct topology_facts),
	FIELD_ARRAY(FIELD_LIST, struct topology_facts, nodes, &node_fields,
		    "NUMA nodes online"),
	FIELD_ARRAY(FIELD_LIST, struct topology_facts, nics, &irqs_fields,
		    "interrupts of devices"),
};
FIELDS(topology_fields, struct topology_facts, topology_rows, NULL);

static const struct field sockmap_rows[] = {
	SOURCE(struct sockmap_facts),
	FIELD(FIELD_U64, struct sockmap_facts, maps, "sockmaps and sockhashes"),
};
FIELDS(sockmap_fields, struct sockmap_facts, sockmap_rows, NULL);

static const struct field consumers_rows[] = {
	SOURCE(struct consumers_facts),
	FIELD(FIELD_U64, struct consumers_facts, nfs_mounts, "NFS mounts"),
	FIELD(FIELD_U64, struct consumers_facts, nfs_tls, "with xprtsec=tls or mtls"),
	FIELD(FIELD_U64, struct consumers_facts, nvme_tcp, "NVMe controllers over TCP"),
	FIELD(FIELD_U64, struct consumers_facts, nvme_tls, "with a TLS key"),
	FIELD(FIELD_BOOL, struct consumers_facts, tlshd, "the handshake daemon runs"),
};
FIELDS(consumers_fields, struct consumers_facts, consumers_rows, NULL);

static const char *const cnf_words[] = { "unset", "on", "off", NULL };

static const struct field library_rows[] = {
	FIELD_WORD(struct tls_library, kind, tls_kind_words, "implementation"),
	FIELD(FIELD_STR, struct tls_library, path, "empty: linked statically"),
	FIELD(FIELD_STR, struct tls_library, version, "empty: not told"),
	FIELD(FIELD_BOOL, struct tls_library, deleted, "replaced on the disk"),
	FIELD_WORD(struct tls_library, ktls, tristate_words, "built with kTLS"),
	FIELD(FIELD_STR, struct tls_library, evidence, "what decided"),
};
FIELDS(library_fields, struct tls_library, library_rows, NULL);

static const struct field conf_rows[] = {
	FIELD(FIELD_STR, struct server_conf, app, "empty: a server not known here"),
	FIELD(FIELD_STR, struct server_conf, version, "empty: not told"),
	FIELD(FIELD_STR, struct server_conf, file, "its configuration"),
	FIELD_NAMED("error", FIELD_INT, struct server_conf, err, "0 or a negated errno"),
	FIELD(FIELD_BOOL, struct server_conf, unsure, "not all of it was followed"),
	FIELD(FIELD_BOOL, struct server_conf, tls, "it takes TLS connections"),
	FIELD_WORD(struct server_conf, ktls, cnf_words, "what it says of kTLS"),
	FIELD(FIELD_STR, struct server_conf, at, "the deciding FILE:LINE"),
	FIELD(FIELD_BOOL, struct server_conf, sendfile, "nginx: sendfile on"),
	FIELD(FIELD_BOOL, struct server_conf, http2, "nginx: HTTP/2"),
	FIELD(FIELD_BOOL, struct server_conf, experimental,
	      "HAProxy: expose-experimental-directives"),
	FIELD(FIELD_BOOL, struct server_conf, bundled, "nginx: --with-openssl="),
	FIELD(FIELD_BOOL, struct server_conf, ktls_built, "and its enable-ktls"),
};
FIELDS(conf_fields, struct server_conf, conf_rows, NULL);

static const struct field program_rows[] = {
	FIELD(FIELD_STR, struct program, comm, "name of the process"),
	FIELD(FIELD_STR, struct program, exe, "empty: not readable"),
	FIELD(FIELD_BOOL, struct program, exe_deleted, "replaced on the disk"),
	FIELD(FIELD_U64, struct program, pid, "the lowest"),
	FIELD(FIELD_U64, struct program, processes, "how many"),
	FIELD_WORD(struct program, same_netns, tristate_words, "as ktlsctl"),
	FIELD_WORD(struct program, same_userns, tristate_words, "as ktlsctl"),
	FIELD_WORD(struct program, same_root, tristate_words, "as ktlsctl"),
	FIELD_ARRAY(FIELD_LIST, struct program, libraries, &library_fields,
		    "TLS implementations"),
	FIELD_SUB(FIELD_OBJ, struct program, conf, &conf_fields, "its configuration"),
};
FIELDS(program_fields, struct program, program_rows, NULL);

static const struct field programs_rows[] = {
	SOURCE(struct programs_facts),
	FIELD_ARRAY(FIELD_LIST, struct programs_facts, programs, &program_fields,
		    "programs that speak TLS"),
	FIELD(FIELD_U64, struct programs_facts, scanned, "processes looked at"),
	FIELD(FIELD_U64, struct programs_facts, unreadable, "not ours to read"),
	FIELD(FIELD_U64, struct programs_facts, left_out, "time was over"),
	FIELD(FIELD_BOOL, struct programs_facts, hidepid, "/proc shows only one's own"),
};
FIELDS(programs_fields, struct programs_facts, programs_rows, NULL);

static const struct field policy_rows[] = {
	FIELD(FIELD_STR, struct cpu_policy, name, "its folder"),
	FIELD_NAMED("error", FIELD_INT, struct cpu_policy, err, "0 or a negated errno"),
	FIELD(FIELD_STR, struct cpu_policy, governor, "the one in use"),
	FIELD(FIELD_STR, struct cpu_policy, governors, "those there are"),
	FIELD(FIELD_STR, struct cpu_policy, preference, "empty: the hardware has none"),
	FIELD(FIELD_STR, struct cpu_policy, preferences, "those there are"),
};
FIELDS(policy_fields, struct cpu_policy, policy_rows, NULL);

static const struct field mask_rows[] = {
	FIELD(FIELD_STR, struct nic_mask, name, "of the queue or the interrupt"),
	FIELD_NAMED("error", FIELD_INT, struct nic_mask, err, "0 or a negated errno"),
	FIELD(FIELD_STR, struct nic_mask, mask, "processors, hexadecimal"),
};
FIELDS(mask_fields, struct nic_mask, mask_rows, NULL);

static const struct field tuning_rows[] = {
	SOURCE(struct tuning_facts),
	FIELD(FIELD_U64, struct tuning_facts, ram_bytes, "0: not known"),
	FIELD(FIELD_U64, struct tuning_facts, other_netns,
	      "network namespaces beside this one"),
	FIELD_WORD(struct tuning_facts, netns_counted, tristate_words,
		   "no: some could not be seen"),
	FIELD_ARRAY(FIELD_LIST, struct tuning_facts, policies, &policy_fields,
		    "frequency scaling"),
	FIELD_ARRAY(FIELD_LIST, struct tuning_facts, rx, &mask_fields,
		    "receive queues and their RPS"),
	FIELD_ARRAY(FIELD_LIST, struct tuning_facts, tx, &mask_fields,
		    "transmit queues and their XPS"),
	FIELD_ARRAY(FIELD_LIST, struct tuning_facts, irqs, &mask_fields,
		    "interrupts and their affinity"),
};
FIELDS(tuning_fields, struct tuning_facts, tuning_rows, NULL);

static const struct field error_rows[] = {
	FIELD(FIELD_STR, struct host_error, path, "what could not be read"),
	FIELD_NAMED("error", FIELD_INT, struct host_error, err, "a negated errno"),
};
FIELDS(error_fields, struct host_error, error_rows, NULL);

#define GROUP(member_, help_)                                                            \
	FIELD_SUB(FIELD_OBJ, struct snapshot_doc, member_, &member_##_fields, help_)

static const struct field doc_rows[] = {
	FIELD(FIELD_STR, struct snapshot_doc, tool_version, "ktlsctl that wrote it"),
	FIELD_NAMED("time_seconds", FIELD_U64, struct snapshot_doc, time,
		    "when it was read, seconds since 1970"),
	GROUP(kernel, "uname(2), without the node's name"),
	GROUP(modprobe, "what libkmod makes of tcp-ulp-tls"),
	GROUP(caller, "privileges of the one who took it"),
	GROUP(openssl, "the OpenSSL ktlsctl ran with"),
	GROUP(libssl_copies, "libssl files on the disk"),
	GROUP(nics, "interfaces, over rtnetlink"),
	GROUP(ethtool, "their features, over ethtool netlink"),
	GROUP(nic_stats, "their counters, over the ethtool ioctl"),
	GROUP(topology, "NUMA nodes and interrupts"),
	GROUP(sockmap, "BPF maps of sockets"),
	GROUP(programs, "programs that speak TLS"),
	GROUP(consumers, "users of TLS inside the kernel"),
	{ .name = "probe",
	  .kind = FIELD_OBJ,
	  .off = offsetof(struct snapshot_doc, probe),
	  .sub = &probe_facts_fields,
	  .optional = true,
	  .help = "what was tried on loopback" },
	{ .name = "tuning",
	  .kind = FIELD_OBJ,
	  .off = offsetof(struct snapshot_doc, tuning),
	  .sub = &tuning_fields,
	  .optional = true,
	  .help = "what tune looks at besides" },
	{ .name = "ciphers",
	  .kind = FIELD_OBJ,
	  .off = offsetof(struct snapshot_doc, ciphers),
	  .sub = &ciphers_fields,
	  .optional = true,
	  .help = "what libkmod makes of the algorithms" },
	FIELD_ARRAY(FIELD_LIST, struct snapshot_doc, errors, &error_fields,
		    "paths that were there and could not be read"),
};

const struct fields snapshot_fields = {
	.name = "ktlsctl.snapshot/1",
	.help = "The fact groups of a snapshot that are no file.",
	.size = sizeof(struct snapshot_doc),
	.f = doc_rows,
	.n = ARRAY_SIZE(doc_rows),
};

static void take_groups(struct facts *f, const struct snapshot_doc *doc)
{
	f->time = doc->time;
	f->kernel = doc->kernel;
	f->modprobe = doc->modprobe;
	f->caller = doc->caller;
	f->openssl = doc->openssl;
	f->libssl_copies = doc->libssl_copies;
	f->nics = doc->nics;
	f->ethtool = doc->ethtool;
	f->nic_stats = doc->nic_stats;
	f->topology = doc->topology;
	f->sockmap = doc->sockmap;
	f->programs = doc->programs;
	f->consumers = doc->consumers;
	f->probe = doc->probe;
	f->tuning = doc->tuning;
	f->ciphers = doc->ciphers;
}

int snapshot_load(struct host *h, struct facts *f, char *err, size_t errsize)
{
	struct snapshot_doc doc = { 0 };
	cleanup_bytes struct bytes b = { 0 };
	struct doc_input in = { .arena = f->arena };
	int ret = host_read(h, "/" SNAPSHOT_FILE, NULL, &b);

	if (ret) {
		snprintf(err, errsize, "it is no snapshot: %s: %s", SNAPSHOT_FILE,
			 strerror(-ret));
		return ret;
	}
	in.text = b.data ? b.data : "";
	in.len = b.len;
	ret = doc_from_json(&snapshot_fields, &doc, &in);
	if (ret) {
		snprintf(err, errsize, "%s cannot be used: %s", SNAPSHOT_FILE, in.error);
		return ret;
	}
	for (size_t i = 0; i < doc.n_errors && !ret; i++)
		if (doc.errors[i].path && doc.errors[i].err < 0)
			ret = host_set_error(h, doc.errors[i].path, doc.errors[i].err);
	if (!ret)
		take_groups(f, &doc);
	return ret;
}
