/* SPDX-License-Identifier: MIT */
/*
 * The scan of processes, shared by programs.c (what runs), maps.c (what is mapped),
 * tls_library.c and tls_elf.c (what that is), server_conf.c (what it is told to do) and
 * target.c (--pid).
 *
 * Nothing of a process goes into a snapshot as a file, nor into the trace one by one:
 * the scan has a live host of its own, which neither records nor traces.
 */
#ifndef KTLSCTL_PROGRAMS_H
#define KTLSCTL_PROGRAMS_H

#include "reader.h"

/* A table from four numbers to a pointer; the arena owns it. */
enum { IDMAP_KEY = 4 };
struct idmap_slot {
	uint64_t key[IDMAP_KEY];
	void *value; /* NULL: free */
};
struct idmap {
	struct arena *arena;
	struct idmap_slot *slots;
	size_t n, size;
};
void *idmap_get(const struct idmap *m, const uint64_t *key);
/* value is not NULL, the key not there yet; 0 or -ENOMEM. */
int idmap_put(struct idmap *m, const uint64_t *key, void *value);

/* What a mapped file's name says. */
enum mapped { MAPPED_OTHER, MAPPED_TLS, MAPPED_CRYPTO };
struct mapped_name {
	enum mapped what;
	enum tls_kind kind; /* of MAPPED_TLS */
};
struct mapped_name mapped_name(struct span path);

/* One line of /proc/PID/maps; false when it is none, or is not a file's. */
struct mapping {
	uint64_t start, end, dev, ino;
	bool exec, deleted;
	struct span path; /* without " (deleted)" */
};
/* Takes " (deleted)" off its end; false when it was not there. */
bool cut_deleted(struct span *path);
bool parse_maps_line(struct span line, struct mapping *out);
/* VmLib of /proc/PID/status in bytes: code mapped besides the executable's. */
uint64_t parse_vmlib(struct span text);
/* PPid of the same file. */
uint64_t parse_ppid(struct span text);
/* AT_BASE of /proc/PID/auxv, where the loader is; 0: none. 64-bit processes only. */
uint64_t parse_at_base(struct span bytes);

/* A TLS library, or the libcrypto of one, in a process. */
struct lib_map {
	struct mapping at; /* path is a string of the arena's, NUL behind it */
	struct mapped_name name;
};
enum { MAX_LIBS = 8 };
struct lib_set {
	struct lib_map libs[MAX_LIBS];
	size_t n;
	size_t n_tls;
};

struct scan {
	struct host *h;    /* the one asked for; its trace hears of the whole */
	struct host *live; /* for /proc and the roots of processes */
	struct facts *f;
	struct host_id root;
	uint64_t mntns, netns, userns; /* ours; 0: not known */
	struct host_id own_crypto;     /* our own libcrypto, as mapped; ino 0: none */
	bool no_query;                 /* no PROCMAP_QUERY in this kernel (before 6.11) */
	bool no_map_files;             /* not permitted */
	uint64_t deadline;             /* ns, CLOCK_MONOTONIC */
	struct idmap files;            /* (dev, ino) of a mapped file: its mapped_name */
	struct idmap images;           /* see maps.c */
	struct idmap executables;      /* (dev, ino): struct exe_info */
	struct idmap libraries;        /* struct tls_library */
	struct idmap groups;           /* struct group, see programs.c */
	struct group *all;             /* a list */
	size_t n_groups;
};

/* Opens the scan and looks at ourselves. The caller closes it, also after an error. */
int scan_open(struct scan *s, struct host *h, struct facts *f);
void scan_close(struct scan *s);
bool scan_is_over(const struct scan *s);

/* "/proc/PID/NAME" */
struct pid_path {
	char text[128];
};
struct pid_path pid_path(uint64_t pid, const char *name);
bool is_pid(const char *name);

/* Fills set with what the process maps. -EACCES, -ESRCH and the like. */
int maps_libraries(struct scan *s, uint64_t pid, const struct host_id *exe,
		   struct lib_set *set);
/* The same, without the short-cuts; path: of maps, for the unit tests. */
int maps_read_all(struct scan *s, uint64_t pid, struct lib_set *set);
/* The bytes of a mapped file, even a deleted one where that is permitted. */
int maps_file(struct scan *s, uint64_t pid, const struct mapping *at, struct bytes *b);
/* The root of a process, to open paths in: s->live, or *own, which the caller closes. */
struct host *process_root(struct scan *s, uint64_t pid, struct host **own);

/* What the library is, looked up once per file. NULL: no memory. */
const struct tls_library *library_of(struct scan *s, uint64_t pid,
				     const struct lib_set *set, size_t i);
/* TLS inside an executable, looked up once per file. */
struct exe_info {
	struct tls_library library; /* kind TLS_KIND_COUNT: nothing was found */
	bool server;                /* one whose configuration can be read */
};
const struct exe_info *exe_info_of(struct scan *s, uint64_t pid,
				   const struct host_id *exe);
/* A name that speaks for TLS; unreadable: the name is all there is to go by. */
bool is_tls_name(struct span name, bool unreadable);
struct span path_base(struct span path);
/* OPENSSLDIR: "..." of a libcrypto; NULL. */
char *parse_openssldir(struct span bytes, struct arena *a);
/* Whether a gnutls/config switches kTLS on: [global] ktls = true. GnuTLS reads the file
 * with inih, too, and takes no account of case. */
bool parse_gnutls_config(struct span text);
/* The value of OPENSSL_CONF in /proc/PID/environ; NULL. */
char *parse_environ(struct span bytes, struct arena *a);

/* What an executable has linked in. 1: out is filled but for path; 0: nothing; -errno.
 */
int tls_elf_file(int fd, struct arena *a, struct tls_library *out);
int tls_elf_bytes(struct span bytes, struct arena *a, struct tls_library *out);
/* The same for bytes of any kind: texts that OpenSSL and its relatives leave. */
int tls_texts(struct span bytes, struct arena *a, struct tls_library *out);

/* Fills p->conf when the program is a server known here. */
int read_server_conf(struct scan *s, struct program *p);
bool is_known_server(struct span name);

/* The process of --pid: fills target, and programs with it alone. */
int read_target(struct scan *s, uint64_t pid);
/* All of them. */
int scan_all(struct scan *s);
/* One process, whatever it speaks; 0, -ENOENT (no executable), -EACCES, -ENOMEM. */
int scan_one(struct scan *s, uint64_t pid, struct program *out);
/* Appends a copy of p. */
int add_program(struct facts *f, const struct program *p);
uint64_t namespace_of(struct scan *s, uint64_t pid, const char *name);

#endif
