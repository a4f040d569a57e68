/* SPDX-License-Identifier: MIT */
/*
 * Everything known about a host, read once and then only looked at. One group per source
 * of knowledge; a zeroed group means "not asked". Every group begins with its source: how
 * reading it went. "Absent" that has a meaning is a value of the group, not an error.
 *
 * struct facts owns all strings and arrays below it (one arena): facts_free().
 */
#ifndef KTLSCTL_FACTS_H
#define KTLSCTL_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct host;

/* Where a group was read. where NULL: not asked. err: 0 or -errno (could not find out).
 */
struct source {
	const char *where;
	int err;
};

enum tristate { TRI_UNKNOWN, TRI_NO, TRI_YES };

/* The groups, as bits of a mask. facts.c has a row for each; a check names what it needs.
 */
enum fact_group {
	FACT_OS = 1 << 0,
	FACT_KERNEL = 1 << 1,
	FACT_KCONFIG = 1 << 2,
	FACT_MODULE = 1 << 3,
	FACT_MODPROBE = 1 << 4,
	FACT_BOOT = 1 << 5,
	FACT_ULP = 1 << 6,
	FACT_TLS_STAT = 1 << 7,
	FACT_CRYPTO = 1 << 8,
	FACT_CPU = 1 << 9,
	FACT_FIPS = 1 << 10,
	FACT_CALLER = 1 << 11,
	FACT_CONTAINER = 1 << 12,
	FACT_OPENSSL = 1 << 13,
	FACT_OPENSSL_CNF = 1 << 14,
	FACT_LIBSSL_COPIES = 1 << 15,
	FACT_NICS = 1 << 16,
	FACT_SYSCTL = 1 << 17,
	FACT_POWER = 1 << 18,
	FACT_TUNERS = 1 << 19,
	FACT_ETHTOOL = 1 << 20,
	FACT_NIC_STATS = 1 << 21,
	FACT_TOPOLOGY = 1 << 22,
	FACT_TCP = 1 << 23,
	FACT_MPTCP = 1 << 24,
	FACT_SOCKMAP = 1 << 25,
	FACT_CONSUMERS = 1 << 26,
	FACT_PROGRAMS = 1 << 27,
	FACT_POLICY = 1 << 28,
	FACT_ALL = (1 << 29) - 1,
};

/* /etc/os-release (os-release(5)); strings "" when the file has no such key. */
struct os_facts {
	struct source src;
	const char *id, *id_like, *version_id, *pretty_name;
};

/* uname(2) and /proc/version. */
struct kernel_facts {
	struct source src;
	const char *release, *machine;
	uint64_t page_bytes;
	/* Of the live host; "" in a snapshot (a name is left out of it). */
	const char *nodename;
	/* "6.12.107" out of a plain upstream or Debian /proc/version, else NULL: a
	 * vendor's number says nothing about what was back-ported. */
	const char *stable;
	/* Numbers of release, for evidence only: 6, 12. */
	unsigned major, minor;
};

/* Kernel options this program looks at. The names stand once, in kconfig.c. */
enum kopt {
	KOPT_INET,
	KOPT_TLS,
	KOPT_TLS_DEVICE,
	KOPT_MLX5_EN_TLS,
	KOPT_CHELSIO_TLS_DEVICE,
	KOPT_NET_HANDSHAKE,
	KOPT_COUNT
};

/* ABSENT: the text does not mention it, which in a cut text is no answer. */
enum kopt_value { KOPT_ABSENT, KOPT_N, KOPT_M, KOPT_Y };

struct kconfig_facts {
	struct source src; /* where: the file that had it */
	enum kopt_value opt[KOPT_COUNT];
};

/* The tls module: what is on disk and what the running kernel says of it. */
struct module_facts {
	struct source src;
	bool loaded; /* /proc/modules or /sys/module/tls */
	enum tristate builtin;
	bool tree_present;  /* /lib/modules/RELEASE */
	int tree_err;       /* other than -ENOENT: could not be looked at */
	const char *ko;     /* kernel/net/tls/tls.ko*, NULL when not there */
	const char **trees; /* other folders of /lib/modules */
	size_t n_trees;
	enum tristate disabled; /* kernel.modules_disabled */
	/* kernel.modprobe; "" is a setting, NULL = not readable. */
	const char *modprobe;
	enum tristate modprobe_exists;
	enum tristate sig_enforce;
	const char *lockdown; /* "none", "integrity", ...; NULL = not readable */
};

/* A line of modprobe.d that speaks of the tls module. */
struct modprobe_line {
	const char *file;
	unsigned line;
	const char *verb;  /* "blacklist", "install", "alias", "softdep" */
	const char *name;  /* "tls", "tcp-ulp-tls", ... */
	const char *value; /* first word of the rest; "" if none */
};

/* What libkmod (the library behind modprobe) makes of "tcp-ulp-tls". */
struct modprobe_facts {
	struct source src;
	bool resolves;    /* the alias leads to a module or a built-in */
	const char *path; /* of the module file, "" when built in or not found */
	bool builtin;
	bool blacklisted;
	bool overridden; /* an `install` line replaces loading */
	/* "yes", "no" or "unknown" (compressed file: the trailer cannot be seen) */
	const char *signature;
	struct modprobe_line *lines;
	size_t n_lines;
};

/* Lines of modules-load.d and /etc/modules that name tls: what the next boot loads. */
struct boot_facts {
	struct source src;
	const char **files; /* "FILE:LINE" */
	size_t n_files;
};

/* net.ipv4.tcp_available_ulp */
struct ulp_facts {
	struct source src;
	bool tls;
	const char *text; /* the whole line */
};

struct counter {
	const char *name;
	uint64_t value;
};

/* /proc/net/tls_stat of this network namespace. present false: no such file. */
struct tls_stat_facts {
	struct source src;
	bool present;
	struct counter *counters; /* every line, also of names not known here */
	size_t n_counters;
	unsigned skipped; /* lines that are no "name number" */
};

/* One implementation in /proc/crypto. */
struct crypto_alg {
	const char *name, *driver, *module;
	unsigned priority;
	bool internal;
	bool async;
	bool selftest_seen; /* the entry tells; one that was cut short may not */
	bool selftest_passed;
};

struct crypto_facts {
	struct source src;
	struct crypto_alg *algs; /* those kTLS can use, see crypto.c */
	size_t n_algs;
};

enum cpu_flag {
	CPU_AES,
	CPU_PCLMULQDQ,
	CPU_AVX,
	CPU_VAES,
	CPU_VPCLMULQDQ,
	CPU_AVX512BW,
	CPU_PMULL,
	CPU_FLAG_COUNT
};

/* The first processor of /proc/cpuinfo. */
struct cpu_facts {
	struct source src;
	bool have[CPU_FLAG_COUNT];
	const char *model; /* "" where the architecture names none */
};

/* /proc/sys/crypto/fips_enabled; present false: the kernel has no FIPS mode. */
struct fips_facts {
	struct source src;
	bool present;
	bool enabled;
};

/* Who asks: the privileges of this process. */
struct caller_facts {
	struct source src;
	uint64_t uid;
	bool net_admin;  /* CAP_NET_ADMIN, effective */
	bool sys_module; /* CAP_SYS_MODULE, effective */
	bool initial_userns;
	bool initial_others; /* pid, ipc and uts namespaces: all three the initial ones */
	enum tristate initial_netns; /* same as that of pid 1, if that can be seen */
	int seccomp;                 /* 0 none, 1 strict, 2 filter, -1 not known */
	bool memlock_unlimited;
	uint64_t memlock_bytes; /* RLIMIT_MEMLOCK, soft; 0 when unlimited */
};

struct container_facts {
	struct source src;
	/* "docker", "podman", "systemd-nspawn", ...; "" when nothing says container */
	const char *kind;
	bool wsl;
	const char **masked; /* mount points that cover parts of /proc or /sys */
	size_t n_masked;
};

/* The OpenSSL this program runs with. */
struct openssl_facts {
	struct source src;
	const char *version;          /* run time: "3.0.22" */
	const char *header_version;   /* at build time */
	uint64_t number;              /* OpenSSL_version_num() */
	const char *library;          /* path of libcrypto, "" if not known */
	const char *config_file;      /* the effective openssl.cnf */
	bool config_from_env;         /* OPENSSL_CONF */
	bool ktls_send, ktls_receive; /* built with kTLS: answer of the BIO flag probe */
};

enum cnf_ktls { CNF_UNSET, CNF_ON, CNF_OFF };

/* The effective openssl.cnf, followed from openssl_conf to the Options of system_default.
 */
struct openssl_cnf_facts {
	struct source src;
	bool present;
	enum cnf_ktls ktls;
	const char *file; /* where the deciding line is; NULL when there is none */
	unsigned line;
	/* First step of the chain that is missing: "openssl_conf", "ssl_conf",
	 * "system_default", "Options"; NULL when it is complete. */
	const char *missing;
	const char *section; /* the section a missing line belongs in */
	bool unsure;         /* an include or a $variable could not be followed */
};

struct libssl_copy {
	const char *path;
	const char *version; /* "3.5.7"; "" when the file does not tell */
	bool ours;           /* the one this program runs with */
	enum tristate ktls;  /* unknown for 3.0 and 3.1: nothing in the file tells */
};

struct libssl_copies_facts {
	struct source src;
	struct libssl_copy *copies;
	size_t n_copies;
};

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

struct mptcp_facts {
	struct source src;
	bool present;     /* the kernel has MPTCP */
	bool enabled;     /* net.mptcp.enabled */
	uint64_t sockets; /* open now, in this network namespace */
};

/* BPF maps of sockets (sockmap, sockhash) in the whole kernel. */
struct sockmap_facts {
	struct source src; /* -EPERM: only root may look */
	uint64_t maps;
};

/* What inside the kernel speaks TLS by itself. */
struct consumers_facts {
	struct source src;
	uint64_t nfs_mounts, nfs_tls; /* with xprtsec=tls or mtls */
	uint64_t nvme_tcp, nvme_tls;  /* controllers over TCP; those with a TLS key */
	bool tlshd;                   /* the daemon that does their handshake runs */
};

enum tls_kind {
	TLS_OPENSSL,
	TLS_GNUTLS,
	TLS_BORINGSSL,
	TLS_LIBRESSL,
	TLS_WOLFSSL,
	TLS_GO,
	TLS_JAVA,
	TLS_RUSTLS,
	TLS_UNSURE, /* only a name speaks for it */
	TLS_KIND_COUNT
};

/* A TLS implementation inside a process. */
struct tls_library {
	enum tls_kind kind;
	const char *path;     /* in the process's own root; "" when linked statically */
	const char *version;  /* "" when the file does not tell */
	bool deleted;         /* replaced on the disk, the old one still mapped */
	enum tristate ktls;   /* built with kTLS */
	const char *evidence; /* what decided: "mapped", "symbol SSL_do_handshake", ... */
};

/* What a server's own configuration says of kTLS, read through the process's root. */
struct server_conf {
	const char *app; /* "nginx", "haproxy", "lighttpd"; "" when it is none of these */
	const char *version; /* "" when the executable does not tell */
	const char *file;    /* the configuration, in the process's root; "" */
	int err;             /* of reading it */
	bool unsure;         /* an include that could not be followed, a name to expand */
	bool tls;            /* it takes TLS connections */
	enum cnf_ktls ktls;  /* asked for, switched off, not mentioned */
	const char *at;      /* "FILE:LINE" of what decided; "" */
	bool sendfile;       /* nginx: sendfile on */
	bool http2;          /* nginx: HTTP/2 on a TLS listener */
	bool experimental;   /* HAProxy: expose-experimental-directives */
	/* nginx built with --with-openssl=; ktls_built: with enable-ktls among its
	 * options. */
	bool bundled, ktls_built;
};

/*
 * A program that runs: processes with the same executable, the same root and the same TLS
 * libraries. --pid: one process alone.
 */
struct program {
	const char *comm; /* of the first */
	const char *exe;  /* in its own root; "" when not readable */
	bool exe_deleted;
	uint64_t pid; /* the lowest */
	uint64_t processes;
	enum tristate same_netns, same_userns, same_root; /* as ours */
	struct tls_library *libraries;
	size_t n_libraries;
	struct server_conf conf;
};

/* The process of --pid, beyond what every program has. */
struct target_facts {
	bool asked;
	uint64_t pid;
	int err; /* -ESRCH: no such process; -EACCES */
	struct program program;
	int seccomp;                  /* 0 none, 1 strict, 2 filter, -1 not known */
	bool net_admin;               /* CAP_NET_ADMIN, effective */
	struct openssl_cnf_facts cnf; /* its effective openssl.cnf */
};

/* Programs that speak TLS. */
struct programs_facts {
	struct source src;
	struct program *programs;
	size_t n_programs;
	uint64_t scanned;    /* processes looked at */
	uint64_t unreadable; /* another user's, and we are not root */
	uint64_t left_out;   /* --max-time was over */
	bool hidepid;        /* /proc shows only one's own */
	struct target_facts target;
};

/* A finding that somebody decided to live with (/etc/ktlsctl/waivers.d). */
struct waiver {
	const char *id;               /* check id or reason */
	const char *host, *subject;   /* shell patterns; "" = any */
	const char *reason, *expires; /* as written; expires "" = never */
	uint64_t expires_time;        /* first second it no longer holds; 0 = never */
	const char *file;
	uint64_t line;
};

/* What a service is meant to do (/etc/ktlsctl/ktlsctl.conf). */
struct expectation {
	const char *service; /* name of the process */
	bool tx, rx, hw;
	const char *file;
	uint64_t line;
};

struct policy_problem {
	const char *file;
	uint64_t line;
	const char *text; /* what is wrong with it */
};

struct policy_facts {
	struct source src;
	struct waiver *waivers;
	size_t n_waivers;
	struct expectation *expectations;
	size_t n_expectations;
	struct policy_problem *problems;
	size_t n_problems;
};

/* Settings this program looks at. The names stand once, in sysctl.c. */
enum sysctl_key {
	SYSCTL_RMEM_MAX,
	SYSCTL_WMEM_MAX,
	SYSCTL_TCP_RMEM,
	SYSCTL_TCP_WMEM,
	SYSCTL_TCP_MEM,
	SYSCTL_TCP_MODERATE_RCVBUF,
	SYSCTL_TCP_WINDOW_SCALING,
	SYSCTL_TCP_SLOW_START_AFTER_IDLE,
	SYSCTL_TCP_CONGESTION_CONTROL,
	SYSCTL_DEFAULT_QDISC,
	SYSCTL_IO_URING_DISABLED,
	SYSCTL_COUNT
};

struct sysctl_value {
	int err;          /* 0; -ENOENT: this kernel has no such key; -EACCES, ... */
	const char *text; /* the line; "" when there is none */
	uint64_t v[3];    /* the numbers of it, n of them; n 0: it is a word */
	unsigned n;
	/* The sysctl.d line that sets it at the next boot; file NULL: nobody does. */
	const char *file;
	unsigned line;
	const char *file_value;
	/* What the active profile of tuned sets it to, which starts later; NULL: nothing. */
	const char *tuned;
};

/* net.core.* and net.ipv4.tcp_* are those of this network namespace. */
struct sysctl_facts {
	struct source src;
	struct sysctl_value value[SYSCTL_COUNT];
};

/* Frequency scaling of the first processor; "" where there is no such file. */
struct power_facts {
	struct source src;
	const char *governor, *driver, *preference;
};

/* Daemons that set what an administrator thinks is his: known by what they leave in /run.
 */
struct tuners_facts {
	struct source src;
	bool tuned, bpftune, irqbalance, network_manager;
	const char *tuned_profile; /* "" */
};

/* What is asked, and how long it may take. Strings are borrowed. */
struct facts_query {
	unsigned mask;        /* groups; those a reader depends on come along */
	const char *device;   /* --device; NULL: the default choice */
	uint64_t pid;         /* --pid; 0: none */
	uint64_t max_time_ms; /* for looking at processes; 0: FACTS_MAX_TIME_MS */
};
enum { FACTS_MAX_TIME_MS = 2000 };

struct facts {
	struct arena *arena;
	struct facts_query query;
	bool live;        /* false: out of a snapshot */
	uint64_t time;    /* seconds since the epoch, when it was read */
	const char *name; /* host name; the folder's name for a snapshot */
	struct os_facts os;
	struct kernel_facts kernel;
	struct kconfig_facts kconfig;
	struct module_facts module;
	struct modprobe_facts modprobe;
	struct boot_facts boot;
	struct ulp_facts ulp;
	struct tls_stat_facts tls_stat;
	struct crypto_facts crypto;
	struct cpu_facts cpu;
	struct fips_facts fips;
	struct caller_facts caller;
	struct container_facts container;
	struct openssl_facts openssl;
	struct openssl_cnf_facts openssl_cnf;
	struct libssl_copies_facts libssl_copies;
	struct nics_facts nics;
	struct sysctl_facts sysctl;
	struct power_facts power;
	struct tuners_facts tuners;
	struct ethtool_facts ethtool;
	struct nic_stats_facts nic_stats;
	struct topology_facts topology;
	struct tcp_facts tcp;
	struct mptcp_facts mptcp;
	struct sockmap_facts sockmap;
	struct consumers_facts consumers;
	struct programs_facts programs;
	struct policy_facts policy;
};

/*
 * Reads the groups of the query. What could not be read stands in the sources; the call
 * itself fails only with -ENOMEM, on a folder that is no snapshot, with -ENODEV when
 * there is no such device, -ESRCH when there is no such process; one sentence in err.
 * Never changes the machine.
 */
int facts_read(struct host *h, const struct facts_query *q, struct facts **out, char *err,
	       size_t errsize);
/* Names the host; what the facts call themselves otherwise. */
void facts_set_name(struct facts *f, const char *name, size_t len);
void facts_free(struct facts *f);

/* The source of one group; bit is exactly one of enum fact_group. */
const struct source *facts_source(const struct facts *f, unsigned bit);
const char *facts_group_name(unsigned bit);

/* Look-ups that several checks share. NULL: not there. */
const struct nic *nic_find(const struct facts *f, uint64_t ifindex);
const struct nic_settings *nic_settings(const struct facts *f, const struct nic *nic);
const struct nic_feature *nic_feature(const struct nic_settings *s, const char *name);
const struct nic_stats *nic_stats(const struct facts *f, const struct nic *nic);
const struct nic_irqs *nic_irqs(const struct facts *f, const struct nic *nic);
/* The counter of one device, or fallback where the driver has no such. */
uint64_t nic_counter(const struct nic_stats *s, const char *name, uint64_t fallback);
extern const char *const tls_kind_words[]; /* "openssl", ...; NULL-terminated */
const char *kopt_name(enum kopt opt);
const char *cpu_flag_name(enum cpu_flag flag);
const char *sysctl_name(enum sysctl_key key);
/* The counter's value, or fallback where the file has no such line. */
uint64_t tls_stat_get(const struct tls_stat_facts *s, const char *name,
		      uint64_t fallback);
/* The implementation the kernel would choose: the highest priority of those whose
 * self-test did not fail; NULL if none. */
const struct crypto_alg *crypto_best(const struct crypto_facts *c, const char *name);
/* Compares "6.12.107" with "6.12.44" by numbers; <0, 0, >0. */
int version_compare(const char *a, const char *b);
/* The running kernel has the tls ULP, whatever the rest says (one proof of several). */
bool facts_ulp_proven(const struct facts *f);
/* It has not, or not yet: not proven, and at least one of those proofs could be looked
 * at. */
bool facts_ulp_absent(const struct facts *f);

static inline void facts_free_(struct facts **f)
{
	facts_free(*f);
}
#define cleanup_facts __attribute__((cleanup(facts_free_)))

#endif
