/* SPDX-License-Identifier: MIT */
/*
 * What the readers of lib/facts share. Nobody outside lib/facts and its tests includes
 * it.
 *
 * A reader fills its group from the host. A parser takes bytes and knows no file: it is
 * what the unit tests and the fuzzers call. Parsers never fail on foreign bytes, they
 * skip what they do not know; -ENOMEM is their only error.
 */
#ifndef KTLSCTL_READER_H
#define KTLSCTL_READER_H

#include "../host/arena.h"
#include "../host/host.h"
#include "facts.h"
#include "lines.h"

/* One reader per group; the table is in facts.c. They set the group's src. */
void read_os(struct host *h, struct facts *f);
void read_kernel(struct host *h, struct facts *f);
void read_kconfig(struct host *h, struct facts *f);
void read_module(struct host *h, struct facts *f);
void read_modprobe(struct host *h, struct facts *f);
void read_ciphers(struct host *h, struct facts *f);
void read_boot(struct host *h, struct facts *f);
void read_ulp(struct host *h, struct facts *f);
void read_tls_stat(struct host *h, struct facts *f);
void read_crypto(struct host *h, struct facts *f);
void read_cpu(struct host *h, struct facts *f);
void read_fips(struct host *h, struct facts *f);
void read_caller(struct host *h, struct facts *f);
void read_container(struct host *h, struct facts *f);
void read_openssl(struct host *h, struct facts *f);
void read_openssl_cnf(struct host *h, struct facts *f);
void read_libssl_copies(struct host *h, struct facts *f);
void read_nics(struct host *h, struct facts *f);
void read_sysctl(struct host *h, struct facts *f);
void read_power(struct host *h, struct facts *f);
void read_tuners(struct host *h, struct facts *f);
void read_ethtool(struct host *h, struct facts *f);
void read_nic_stats(struct host *h, struct facts *f);
void read_topology(struct host *h, struct facts *f);
void read_tcp(struct host *h, struct facts *f);
void read_mptcp(struct host *h, struct facts *f);
void read_sockmap(struct host *h, struct facts *f);
void read_consumers(struct host *h, struct facts *f);
void read_programs(struct host *h, struct facts *f);
void read_policy(struct host *h, struct facts *f);
void read_tuning(struct host *h, struct facts *f);

/* Marks the interfaces this diagnosis is about (nic.c); -ENODEV: no such device. */
int nics_choose(struct facts *f, const char *device);

/* Parsers. Strings go into the arena. */
int parse_os_release(struct span text, struct arena *a, struct os_facts *out);
/* "6.12.107" out of /proc/version of a plain upstream or Debian kernel, else NULL. */
char *parse_stable(const char *release, struct span version, struct arena *a);
void parse_release(const char *release, struct kernel_facts *out);
/* -EBADMSG when it mentions none of the options. filter_kconfig() inflates. */
int parse_kconfig(struct span text, struct kconfig_facts *out);
bool parse_modules_has(struct span text, const char *name); /* /proc/modules */
/* modules.builtin: a line kernel/.../NAME.ko */
bool parse_builtin_has(struct span text, const char *name);
int parse_modprobe_conf(struct span text, const char *file, struct arena *a,
			struct modprobe_facts *out);
int parse_boot_list(struct span text, const char *file, struct arena *a,
		    struct boot_facts *out);
int parse_tls_stat(struct span text, struct arena *a, struct tls_stat_facts *out);
int parse_crypto(struct span text, struct arena *a, struct crypto_facts *out);
int parse_cpuinfo(struct span text, struct arena *a, struct cpu_facts *out);
/* /proc/self/status: CapEff and Seccomp */
void parse_status(struct span text, struct caller_facts *out);
void parse_protocols(struct span text, struct mptcp_facts *out);
void parse_mounts(struct span text, struct consumers_facts *out);
/* Mount points, one a line, as filter_mountinfo() leaves them. */
int parse_mountinfo(struct span text, struct arena *a, struct container_facts *out);
/* "[none] integrity confidentiality": the one in brackets; NULL if there is none */
char *parse_lockdown(struct span text, struct arena *a);
/* "OpenSSL 3.5.7 9 Jun 2026" somewhere in the bytes of a library; NULL if not */
char *parse_openssl_version(struct span bytes, struct arena *a);

/* Built with kTLS, by the bytes of a libssl or of what has it linked in. */
enum tristate libssl_has_ktls(struct span bytes, const char *version);

/* The key of that name, with dots or slashes; SYSCTL_COUNT: none of ours. */
enum sysctl_key sysctl_find(struct span key);
/* "4096 131072 6291456" into numbers; a word leaves n at 0. */
void parse_sysctl_value(struct span text, struct sysctl_value *out);
/* A file of sysctl.d(5): notes file, line and value for each known key. */
int parse_sysctl_conf(struct span text, const char *file, struct arena *a,
		      struct sysctl_facts *out);

/* A profile of tuned: its [sysctl] goes to s and its [cpu] to t where a key has none yet;
 * the profile it includes, or NULL, to *include. */
int parse_tuned(struct span text, struct arena *a, struct sysctl_facts *s,
		struct tuners_facts *t, const char **include);

/* What NetworkManager says of an interface. */
int parse_nm_device(struct span text, struct arena *a, struct nm_device *out);
/* The settings of a connection's keyfile, whose name is borrowed; -ENOENT: it is not that
 * of the device. */
int parse_nm_connection(struct span text, const char *file, struct arena *a,
			struct nm_device *out);
/* All of its interfaces, into f->tuners: 0 or -ENOMEM. */
int read_nm(struct host *h, struct facts *f);

/* A file of waivers.d, and ktlsctl.conf. What is wrong with them is a value: problems. */
int parse_waivers(struct span text, const char *file, struct arena *a,
		  struct policy_facts *out);
int parse_ktlsctl_conf(struct span text, const char *file, struct arena *a,
		       struct policy_facts *out);
/*
 * Netlink messages without their header; see the kernel's Documentation/networking. One
 * that is cut short, or names no interface of use, changes nothing.
 */
int parse_link(struct span msg, struct arena *a, struct nics_facts *out);
/* Of the message about a generic netlink family, if it has that name; else 0. */
uint16_t parse_genl_family(struct span attrs, const char *name);
uint64_t parse_ethtool_ifindex(struct span attrs); /* 0: it names none */
enum { NIC_FEATURES = 6 };                         /* the names of facts.h */
struct nic_bits {
	bool known[NIC_FEATURES];
	uint32_t bit[NIC_FEATURES];
};
void parse_ethtool_names(struct span attrs, struct nic_bits *out);
int parse_ethtool_features(struct span attrs, const struct nic_bits *bits,
			   struct arena *a, struct nic_settings *out);
void parse_ethtool_rings(struct span attrs, struct nic_settings *out);
void parse_ethtool_channels(struct span attrs, struct nic_settings *out);
void parse_ethtool_coalesce(struct span attrs, struct nic_settings *out);

/* ETHTOOL_GSTRINGS and ETHTOOL_GSTATS: names in cells of NIC_STRING bytes, and their
 * numbers. What is left out of struct nic_stats is not wanted. */
enum { NIC_STRING = 32 };
bool nic_strings_wanted(struct span cells);
int parse_nic_stats(struct span cells, struct span values, struct arena *a,
		    struct nic_stats *out);

/* Processors, as "0-3,8,10-11" (Documentation/admin-guide/cputopology.rst). */
enum { CPUS_MAX = 8192 };
struct cpus {
	uint64_t bits[CPUS_MAX / 64];
};
/* Adds what the list names, up to CPUS_MAX; false for what is no list: none added. */
bool parse_cpulist(struct span text, struct cpus *out);
bool cpus_overlap(const struct cpus *a, const struct cpus *b);
void cpus_add(struct cpus *to, const struct cpus *from);
/* The same for a mask: hexadecimal words of 32 bits, commas between, the lowest last. */
bool parse_cpumask(struct span text, struct cpus *out);
/* The list again; "" when it is empty, NULL without memory. */
const char *cpus_text(const struct cpus *c, struct arena *a);
/* As a hexadecimal number, "0" when it is empty; NULL without memory. */
const char *cpus_hex(const struct cpus *c, struct arena *a);

/* MemTotal of /proc/meminfo in bytes; 0: not told. */
uint64_t parse_meminfo(struct span text);

/* /proc/net/snmp: -EBADMSG when it does not tell both. */
int parse_snmp(struct span text, struct tcp_facts *out);

/* openssl.cnf: what is gathered of all files before the chain is followed. */
struct cnf_entry {
	const char *section, *key, *value;
	const char *file;
	unsigned line;
};
struct cnf {
	struct arena *arena;
	struct cnf_entry *entries;
	size_t n;
	const char *section; /* the one that holds now; NULL: the beginning */
	/* Called for an .include, to parse what it names. NULL: unsure. */
	int (*include)(struct cnf *c, const char *path);
	void *arg;
	bool unsure;
};
int parse_cnf(struct span text, const char *file, struct cnf *out);
void cnf_resolve(const struct cnf *c, struct openssl_cnf_facts *out);
/* "KTLS", "-KTLS", "A,+KTLS": applied to what held before. */
enum cnf_ktls cnf_options(struct span rest, enum cnf_ktls ktls);
/* The chain that begins with the file of this path, out of any host. */
void read_cnf_chain(struct host *h, const char *path, struct arena *a,
		    struct openssl_cnf_facts *out);

/* Filters (see host.h): what a snapshot may keep of a file, line numbers unchanged. */
void filter_kconfig(struct bytes *b);
void filter_version(struct bytes *b);
void filter_modprobe(struct bytes *b);
void filter_boot(struct bytes *b);
void filter_cnf(struct bytes *b);
void filter_os_release(struct bytes *b);
void filter_modules(struct bytes *b);
void filter_cpuinfo(struct bytes *b);
void filter_mountinfo(struct bytes *b);
void filter_sysctl(struct bytes *b);
void filter_tuned(struct bytes *b);
void filter_nm(struct bytes *b);
void filter_snmp(struct bytes *b);
void filter_protocols(struct bytes *b);

/* Empties each line that keep() refuses; keep may shorten the line through *line. */
void filter_lines(struct bytes *b, bool (*keep)(struct span *line));

/* Names ending in ".conf": what systemd and modprobe read in a *.d folder. */
bool is_conf(const char *name);

static inline struct span span_of(const struct bytes *b)
{
	return span(b->data, b->len);
}

#endif
