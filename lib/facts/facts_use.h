/* SPDX-License-Identifier: MIT */
/* Groups of facts: OpenSSL, the programs that speak TLS, what they are meant to do. See
 * facts.h. */
#ifndef KTLSCTL_FACTS_USE_H
#define KTLSCTL_FACTS_USE_H

#include "fact.h"

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

/* A process that speaks TLS, and the lowest process of its program. */
struct tls_process {
	uint32_t pid, program;
};

/* Programs that speak TLS. */
struct programs_facts {
	struct source src;
	struct program *programs;
	size_t n_programs;
	struct tls_process *processes; /* of all of them, by pid; not in a snapshot */
	size_t n_processes;
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

#endif
