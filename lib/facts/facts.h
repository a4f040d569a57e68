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

#include "facts_nic.h"
#include "facts_probe.h"
#include "facts_use.h"

struct arena;
struct host;

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
	FACT_PROBE = 1 << 29,
	FACT_CIPHERS = 1 << 30,
};
/* No int, so no enumerator; and the last that fits into a mask of unsigned. */
#define FACT_TUNING (1u << 31)
#define FACT_ALL    (~0u)

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
	KOPT_INET_TCP_DIAG,
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

/* The module behind a cipher of kTLS: could the kernel load it? */
struct cipher_module {
	const char *cipher;    /* "AES-GCM" */
	const char *algorithm; /* "gcm(aes)", as in /proc/crypto */
	const char *alias;     /* "crypto-gcm" */
	const char *module;    /* "gcm" */
	bool found;            /* the file is there, or it is built in */
	bool blacklisted, overridden;
};

struct ciphers_facts {
	struct source src;
	struct cipher_module *modules;
	size_t n_modules;
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
	/* A filter lets setsockopt(2) for kTLS pass; unknown: none, or not found out. */
	enum tristate seccomp_passes;
	int seccomp_answer; /* of one that does not: -EPERM, ...; -EOWNERDEAD: it kills */
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
	SYSCTL_TCP_NOTSENT_LOWAT,
	SYSCTL_TCP_KEEPALIVE_TIME,
	SYSCTL_TCP_KEEPALIVE_INTVL,
	SYSCTL_TCP_MAX_SYN_BACKLOG,
	SYSCTL_TCP_MTU_PROBING,
	SYSCTL_TCP_AVAILABLE_CONGESTION_CONTROL,
	SYSCTL_SOMAXCONN,
	SYSCTL_BUSY_POLL,
	SYSCTL_BUSY_READ,
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
	/* What the active profile of tuned sets it to, which starts later; NULL: nothing.
	 */
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

/* An interface of NetworkManager's, and what its connection sets of ethtool's. */
struct nm_setting {
	const char *key, *value; /* "ring-rx", "512" */
	const char *file;
	unsigned line;
};

struct nm_device {
	uint64_t ifindex;
	bool managed;
	const char *uuid; /* of its connection; "": none is active */
	int err;          /* of looking for that connection's file */
	struct nm_setting *settings;
	size_t n_settings;
};

/* Daemons that set what an administrator thinks is his: known by what they leave in /run.
 */
struct tuners_facts {
	struct source src;
	bool tuned, bpftune, irqbalance, network_manager;
	const char *tuned_profile; /* "" */
	/* Of its section [cpu], "conservative|powersave": the first that the host has;
	 * NULL: not set. */
	const char *tuned_governor, *tuned_preference;
	/* What NetworkManager says of interfaces; none in a snapshot. */
	struct nm_device *nm;
	size_t n_nm;
};

/* One frequency policy: processors that are scaled together. */
struct cpu_policy {
	const char *name; /* "policy0" */
	int err;
	const char *governor, *governors;     /* now, and those there are; "" */
	const char *preference, *preferences; /* of the hardware; "" where it has none */
};

/* A mask of processors that belongs to a queue or an interrupt of a NIC. */
struct nic_mask {
	const char *name; /* "eth0/rx-0", "eth0/tx-0", "eth0/irq-45" */
	int err;          /* -ENOENT: it has no such mask (XPS with one queue) */
	const char *mask; /* as cpus_mask() writes it; "" */
};

/* What `tune` looks at and nobody else does; physical NICs only. */
struct tuning_facts {
	struct source src;
	uint64_t ram_bytes;          /* 0: not known */
	uint64_t other_netns;        /* network namespaces seen beside this one ... */
	enum tristate netns_counted; /* ... and these are all: yes; or no, some were not
					to be seen */
	struct cpu_policy *policies;
	size_t n_policies;
	struct nic_mask *rx, *tx, *irqs;
	size_t n_rx, n_tx, n_irqs;
};

struct facts;

/* What is asked, and how long it may take. Strings are borrowed. */
struct facts_query {
	unsigned mask;        /* groups; those a reader depends on come along */
	const char *device;   /* --device; NULL: the default choice */
	uint64_t pid;         /* --pid; 0: none */
	uint64_t max_time_ms; /* for looking at processes; 0: FACTS_MAX_TIME_MS */
	/* Fills f->probe of a live host, after all else was read; -ENOMEM goes to its
	 * source. NULL: nothing is tried. */
	int (*probe)(struct facts *f);
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
	struct ciphers_facts ciphers;
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
	struct probe_facts probe;
	struct tuning_facts tuning;
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
/* The program of a process that speaks TLS. */
const struct program *program_of(const struct facts *f, uint32_t pid);
const struct nic_settings *nic_settings(const struct facts *f, const struct nic *nic);
const struct nic_feature *nic_feature(const struct nic_settings *s, const char *name);
const struct nic_stats *nic_stats(const struct facts *f, const struct nic *nic);
/* The NUMA node of a processor; -1: not known, or the machine has only one. */
int node_of_cpu(const struct facts *f, int cpu);
const struct nic_irqs *nic_irqs(const struct facts *f, const struct nic *nic);
/* The counter of one device, or fallback where the driver has no such. */
uint64_t nic_counter(const struct nic_stats *s, const char *name, uint64_t fallback);
extern const char *const tls_kind_words[]; /* "openssl", ...; NULL-terminated */
const char *kopt_name(enum kopt opt);
const char *cpu_flag_name(enum cpu_flag flag);
const char *sysctl_name(enum sysctl_key key);
/* The key of that name, with dots or slashes; SYSCTL_COUNT: none of these. */
enum sysctl_key sysctl_by_name(const char *name);
/* A list of processors ("0-3,8") or a mask ("0000010f", words with commas) as a
 * hexadecimal number without leading zeros; NULL: it is none, or no memory. */
const char *cpus_mask(const char *list, struct arena *a);
const char *cpus_mask_again(const char *mask, struct arena *a);
/* The counter's value, or fallback where the file has no such line. */
uint64_t tls_stat_get(const struct tls_stat_facts *s, const char *name,
		      uint64_t fallback);
/* The implementation the kernel would choose: the highest priority of those whose
 * self-test did not fail; NULL if none. */
const struct crypto_alg *crypto_best(const struct crypto_facts *c, const char *name);
/* What the crypto API calls a cipher: "gcm(aes)". */
struct ktls_cipher;
const char *crypto_name(const struct ktls_cipher *c);
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
