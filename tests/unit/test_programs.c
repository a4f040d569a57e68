/* SPDX-License-Identifier: MIT */
/* Who speaks TLS: the parsers of /proc, and the scan of real processes of our own. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "unit.h"

#include "../../lib/facts/programs.h"

struct text_row {
	const char *name, *text, *want;
};

static const struct text_row maps_rows[] = {
	{ "a library", "7f00-7f10 r-xp 00012000 fd:01 1234     /usr/lib/libssl.so.3",
	  "7f00-7f10 x fd:1 1234 /usr/lib/libssl.so.3" },
	{ "no code", "7f00-7f10 r--p 00012000 fd:01 1234 /usr/lib/libssl.so.3",
	  "7f00-7f10 fd:1 1234 /usr/lib/libssl.so.3" },
	{ "deleted", "7f00-7f10 r-xp 0 00:2b 9 /a b/libssl.so.3 (deleted)",
	  "7f00-7f10 x 0:2b 9 /a b/libssl.so.3 gone" },
	{ "anonymous", "7f00-7f10 rw-p 00000000 00:00 0", "none" },
	{ "the vdso", "7f00-7f10 r-xp 00000000 00:00 0   [vdso]", "none" },
	{ "a memfd is a file", "7f00-7f10 r-xp 0 00:01 7 /memfd:x (deleted)",
	  "7f00-7f10 x 0:1 7 /memfd:x gone" },
	{ "cut short", "7f00-7f10 r-xp 00012000 fd:01", "none" },
	{ "no numbers", "7f0g-7f10 r-xp 0 fd:01 1 /x", "none" },
	{ "too large a number", "11112222333344445-7f10 r-xp 0 fd:01 1 /x", "none" },
	{ "empty", "", "none" },
};

static void test_maps(void **state)
{
	const struct text_row *row = *state;
	cleanup_free char *copy = exact_copy(row->text, strlen(row->text));
	struct notes n = { 0 };
	struct mapping m;

	if (!parse_maps_line(span(copy, strlen(row->text)), &m))
		note(&n, "none");
	else
		note(&n, "%" PRIx64 "-%" PRIx64 "%s %x:%x %" PRIu64 " %.*s%s", m.start,
		     m.end, m.exec ? " x" : "", (unsigned)(m.dev >> 8),
		     (unsigned)m.dev & 255, m.ino, (int)m.path.len, m.path.p,
		     m.deleted ? " gone" : "");
	assert_string_equal(n.text, row->want);
}

static const struct text_row name_rows[] = {
	{ "OpenSSL 3", "/usr/lib/x86_64-linux-gnu/libssl.so.3", "openssl" },
	{ "with the whole version", "/usr/lib64/libssl.so.3.2.2", "openssl" },
	{ "OpenSSL 1.1", "/lib/libssl.so.1.1", "openssl" },
	{ "of RHEL 7", "/lib64/libssl.so.10", "openssl" },
	{ "in a Python package", "/x/psycopg2.libs/libssl-1a2b3c4d.so.1.1", "openssl" },
	{ "no version at all", "/opt/a/libssl.so", "openssl" },
	{ "LibreSSL", "/usr/lib/libssl.so.53", "libressl" },
	{ "LibreSSL, whole", "/usr/lib/libssl.so.55.0.1", "libressl" },
	{ "NSS", "/usr/lib/libssl3.so", "other" },
	{ "libcrypto", "/usr/lib/libcrypto.so.3", "crypto" },
	{ "libcrypt", "/usr/lib/libcrypt.so.1", "other" },
	{ "GnuTLS", "/usr/lib/libgnutls.so.30.34.3", "gnutls" },
	{ "not quite GnuTLS", "/usr/lib/libgnutlsxx.so.30", "other" },
	{ "wolfSSL", "/usr/lib/libwolfssl.so.35", "wolfssl" },
	{ "Java", "/usr/lib/jvm/x/lib/server/libjvm.so", "java" },
	{ "debug symbols", "/usr/lib/debug/libssl.so.debug", "other" },
	{ "a folder of that name", "/opt/libssl.so.3/x.so", "other" },
	{ "empty", "", "other" },
};

static void test_name(void **state)
{
	const struct text_row *row = *state;
	cleanup_free char *copy = exact_copy(row->text, strlen(row->text));
	struct mapped_name n = mapped_name(span(copy, strlen(row->text)));

	assert_string_equal(n.what == MAPPED_TLS      ? tls_kind_words[n.kind]
			    : n.what == MAPPED_CRYPTO ? "crypto"
						      : "other",
			    row->want);
}

static const struct text_row mounts_rows[] = {
	{ "none", "/dev/sda / ext4 rw,xprtsec=tls 0 0\n", "0 0" },
	{ "NFS", "s:/e /m nfs4 rw,vers=4.2,xprtsec=none 0 0\n", "1 0" },
	{ "TLS", "s:/e /m nfs4 rw,xprtsec=tls 0 0\ns:/f /n nfs rw,xprtsec=mtls,x 0 0",
	  "2 2" },
	{ "part of a word", "s:/e /m nfs4 rw,xprtsec=tlsx,axprtsec=tls 0 0\n", "1 0" },
	{ "cut", "s:/e /m nfs4", "0 0" },
};

static void test_mounts(void **state)
{
	const struct text_row *row = *state;
	cleanup_free char *copy = exact_copy(row->text, strlen(row->text));
	struct consumers_facts c = { 0 };
	struct notes n = { 0 };

	parse_mounts(span(copy, strlen(row->text)), &c);
	note(&n, "%" PRIu64 " %" PRIu64, c.nfs_mounts, c.nfs_tls);
	assert_string_equal(n.text, row->want);
}

static const struct text_row protocols_rows[] = {
	{ "no MPTCP", "protocol  size sockets\nTCP  2000  7  1\n", "absent 0" },
	{ "both", "MPTCPv6  2064  2  280\nTCP 1 9\nMPTCP  1936  3  280\n", "present 5" },
	{ "not counted", "MPTCP 1936 -1 280\n", "present 0" },
	{ "cut", "MPTCP 1936", "present 0" },
};

static void test_protocols(void **state)
{
	const struct text_row *row = *state;
	cleanup_free char *copy = exact_copy(row->text, strlen(row->text));
	struct mptcp_facts m = { 0 };
	struct notes n = { 0 };

	parse_protocols(span(copy, strlen(row->text)), &m);
	note(&n, "%s %" PRIu64, m.present ? "present" : "absent", m.sockets);
	assert_string_equal(n.text, row->want);
}

static void test_small(void **state)
{
	static const char status[] = "Name:\tx\nPPid:\t77\nVmLib:\t    5400 kB\n";
	static const char environ[] = "PASSWORD=x\0XOPENSSL_CONF=a\0OPENSSL_CONF=/o.cnf";
	static const uint64_t auxv[] = { 33, 1, 7, 0x7f0000, 0, 0, 7, 5 };
	cleanup_arena struct arena *a = arena_new();

	(void)state;
	assert_int_equal(parse_vmlib(span_of_text(status)), 5400 * 1024);
	assert_int_equal(parse_ppid(span_of_text(status)), 77);
	assert_int_equal(parse_vmlib(span_of_text("VmLib:\tx kB\n")), 0);
	assert_int_equal(parse_at_base(span((const char *)auxv, sizeof(auxv))), 0x7f0000);
	assert_int_equal(parse_at_base(span((const char *)auxv, 15)), 0);
	assert_int_equal(parse_at_base(span((const char *)(auxv + 4), 32)), 0);
	assert_string_equal(parse_environ(span(environ, sizeof(environ) - 1), a),
			    "/o.cnf");
	assert_null(parse_environ(span_of_text("A=OPENSSL_CONF=b"), a));
}

static const struct text_row gnutls_rows[] = {
	{ "switched on", "[global]\nktls = true\n", "on" },
	{ "no case, a comment, no blanks", "[GLOBAL]\nKTLS=True ; fast\n", "on" },
	{ "the last counts", "[global]\nktls=true\nktls=false\n", "off" },
	{ "a word GnuTLS does not know", "[global]\nktls=true\nktls=yes\n", "on" },
	{ "another section", "[overrides]\nktls = true\n", "off" },
	{ "before any section", "ktls = true\n[global]\n", "off" },
	{ "a comment", "[global]\n# ktls = true\n;ktls = true\n", "off" },
	{ "another key", "[global]\nktls-x = true\nx = ktls\n", "off" },
	{ "after a line that is none", "[global]\n???\nktls = true", "on" },
	{ "empty", "", "off" },
};

static void test_gnutls_config(void **state)
{
	const struct text_row *row = *state;
	cleanup_free char *copy = exact_copy(row->text, strlen(row->text));
	bool on = parse_gnutls_config(span(copy, strlen(row->text)));

	assert_string_equal(on ? "on" : "off", row->want);
}

static const struct text_row text_rows[] = {
	{ "OpenSSL, stripped", "ssl/statem/statem.c|OpenSSL 3.0.2 15 Mar 2022|",
	  "openssl 3.0.2 unknown" },
	{ "with kTLS", "ssl/statem/x|OpenSSL 3.5.7 9 Jun 2026|ktls_meth.c",
	  "openssl 3.5.7 yes" },
	{ "without", "ssl/statem/x|OpenSSL 3.5.7 9 Jun 2026|", "openssl 3.5.7 no" },
	{ "libcrypto alone is no TLS", "OpenSSL 3.5.7 9 Jun 2026|", "none" },
	{ "BoringSSL",
	  "boringssl/src/ssl/ssl_lib.cc|OpenSSL 1.1.1 (compatible; BoringSSL)",
	  "boringssl  no" },
	{ "LibreSSL", "LibreSSL 3.8.2|", "libressl 3.8.2 no" },
	{ "a word about LibreSSL", "built with LibreSSL or OpenSSL", "none" },
	{ "rustls", "/index.crates.io-1/rustls-0.23.5/src/conn.rs", "rustls 0.23.5 no" },
	{ "rustls with the crate ktls", "/rustls-0.23.5/src|/ktls-6.0.1/src",
	  "rustls 0.23.5 yes" },
	{ "a relative of rustls", "/rustls-webpki-0.1/src", "none" },
};

static void test_text(void **state)
{
	const struct text_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	cleanup_free char *copy = exact_copy(row->text, strlen(row->text));
	static const char *const ktls[] = { "unknown", "no", "yes" };
	struct tls_library l = { 0 };
	struct notes n = { 0 };

	for (size_t i = 0; i < strlen(row->text); i++)
		if (copy[i] == '|')
			copy[i] = '\0';
	if (tls_texts(span(copy, strlen(row->text)), a, &l))
		note(&n, "%s %s %s", tls_kind_words[l.kind], l.version, ktls[l.ktls]);
	else
		note(&n, "none");
	assert_string_equal(n.text, row->want);
}

/* The seeds of the fuzzer: a static program, with its symbols and without. */
static void test_elf(void **state)
{
	static const char *const files[][2] = {
		{ "tests/fuzz/corpus/elf/symbol", "symbol SSL_do_handshake" },
		{ "tests/fuzz/corpus/elf/stripped", "text ssl/statem/" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		cleanup_arena struct arena *a = arena_new();
		cleanup_close int fd = open(files[i][0], O_RDONLY | O_CLOEXEC);
		struct tls_library l = { 0 };

		assert_int_equal(tls_elf_file(fd, a, &l), 1);
		assert_int_equal(l.kind, TLS_OPENSSL);
		assert_string_equal(l.version, "3.5.7");
		assert_int_equal(l.ktls, TRI_YES);
		assert_string_equal(l.evidence, files[i][1]);
	}
}

/* A child that does what run says, and then waits; ends with us. */
static pid_t child(void (*run)(void *arg), void *arg)
{
	pid_t parent = getpid(), pid;
	int p[2];
	char c;

	assert_int_equal(pipe(p), 0);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		if (run)
			run(arg);
		c = write(p[1], "x", 1) == 1;
		for (;;)
			pause();
	}
	close(p[1]);
	assert_int_equal(read(p[0], &c, 1), 1);
	close(p[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Code of the file lies in memory as a library's does. */
static void map_file(void *arg)
{
	int fd = open(arg, O_RDONLY | O_CLOEXEC);

	if (fd < 0 ||
	    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED)
		_exit(1);
	close(fd);
}

/* Both ways of asking see the same: PROCMAP_QUERY where there is one, and the text. */
static void test_both_ways(void **state)
{
	cleanup_facts struct facts *f = calloc(1, sizeof(*f));
	cleanup_host struct host *h = NULL;
	struct lib_set a, b;
	struct scan s;

	(void)state;
	f->arena = arena_new();
	assert_int_equal(host_open(&h, NULL), 0);
	assert_int_equal(scan_open(&s, h, f), 0);
	assert_int_equal(maps_read_all(&s, (uint64_t)getpid(), &a), 0);
	s.no_query = true;
	assert_int_equal(maps_read_all(&s, (uint64_t)getpid(), &b), 0);
	scan_close(&s);
	assert_true(a.n > 0);
	assert_int_equal(a.n, b.n);
	for (size_t i = 0; i < a.n; i++) {
		assert_int_equal(a.libs[i].at.start, b.libs[i].at.start);
		assert_int_equal(a.libs[i].at.dev, b.libs[i].at.dev);
		assert_int_equal(a.libs[i].at.ino, b.libs[i].at.ino);
		assert_string_equal(a.libs[i].at.path.p, b.libs[i].at.path.p);
	}
}

static struct facts *scan(uint64_t pid, uint64_t ms)
{
	const struct facts_query q = { .mask = FACT_PROGRAMS,
				       .pid = pid,
				       .max_time_ms = ms };
	cleanup_host struct host *h = NULL;
	struct facts *f = NULL;
	char err[256];

	assert_int_equal(host_open(&h, NULL), 0);
	assert_int_equal(facts_read(h, &q, &f, err, sizeof(err)), 0);
	return f;
}

static const struct tls_library *find(const struct facts *f, const char *path,
				      const struct program **where)
{
	for (size_t i = 0; i < f->programs.n_programs; i++) {
		const struct program *p = &f->programs.programs[i];

		for (size_t k = 0; k < p->n_libraries; k++)
			if (!strcmp(p->libraries[k].path, path)) {
				*where = p;
				return &p->libraries[k];
			}
	}
	return NULL;
}

/* QEMU's user mode maps what its program shall run without the right to run it: that is
 * the emulator's to do. Nothing there looks like a library. */
static void need_code(void)
{
	if (unit_emulated())
		skip();
}

/* A libssl of our own making in three processes, one of them with another beside it. */
static void test_scan(void **state)
{
	cleanup_facts struct facts *f = NULL;
	const struct program *p = NULL;
	const struct tls_library *l;
	struct temp_dir t;
	pid_t pids[3];
	char path[300], other[300];

	(void)state;
	need_code();
	temp_make(&t);
	temp_write(&t, "libssl.so.9", "not OpenSSL, but called so");
	temp_write(&t, "libgnutls.so.30", "Enabled GnuTLS 3.8.9 x TCP_ULP");
	snprintf(path, sizeof(path), "%s", temp_path(&t, "libssl.so.9"));
	snprintf(other, sizeof(other), "%s", temp_path(&t, "libgnutls.so.30"));
	pids[0] = child(map_file, path);
	pids[1] = child(map_file, path);
	pids[2] = child(map_file, other);
	f = scan(0, 10000);
	for (int i = 0; i < 3; i++)
		end(pids[i]);
	l = find(f, path, &p);
	assert_non_null(l);
	assert_int_equal(l->kind, TLS_OPENSSL);
	assert_false(l->deleted);
	assert_int_equal(p->processes, 2);
	assert_int_equal(p->pid, pids[0] < pids[1] ? pids[0] : pids[1]);
	assert_int_equal(p->same_netns, TRI_YES);
	assert_int_equal(p->same_root, TRI_YES);
	l = find(f, other, &p);
	assert_non_null(l);
	assert_int_equal(l->kind, TLS_GNUTLS);
	assert_string_equal(l->version, "3.8.9");
	assert_int_equal(l->ktls, TRI_YES);
	assert_int_equal(p->processes, 1);
	temp_remove(&t);
}

static void test_deleted(void **state)
{
	cleanup_facts struct facts *f = NULL;
	const struct program *p = NULL;
	const struct tls_library *l;
	struct temp_dir t;
	char path[300];
	pid_t pid;

	(void)state;
	need_code();
	temp_make(&t);
	temp_write(&t, "libssl.so.9", "x");
	snprintf(path, sizeof(path), "%s", temp_path(&t, "libssl.so.9"));
	pid = child(map_file, path);
	assert_int_equal(unlink(path), 0);
	f = scan((uint64_t)pid, 0);
	end(pid);
	temp_remove(&t);
	l = find(f, path, &p);
	assert_non_null(l);
	assert_true(l->deleted);
	assert_true(f->programs.target.asked);
	assert_int_equal(f->programs.target.err, 0);
	assert_int_equal(f->programs.target.program.pid, pid);
	assert_int_equal(f->programs.n_programs, 1);
}

/* --pid of one that speaks no TLS is answered, and of one that is not there refused. */
static void test_target(void **state)
{
	const struct facts_query none = { .mask = FACT_PROGRAMS, .pid = 99999999 };
	cleanup_host struct host *h = NULL;
	cleanup_facts struct facts *f = NULL;
	struct facts *g = NULL;
	char err[256];
	pid_t pid = child(NULL, NULL);

	(void)state;
	f = scan((uint64_t)pid, 0);
	end(pid);
	assert_int_equal(f->programs.target.err, 0);
	assert_int_equal(f->programs.target.pid, pid);
	assert_int_equal(f->programs.scanned, 1);
	assert_int_equal(host_open(&h, NULL), 0);
	assert_int_equal(facts_read(h, &none, &g, err, sizeof(err)), -ESRCH);
	assert_non_null(strstr(err, "99999999"));
}

/* What there was no time for is counted. */
static void test_time(void **state)
{
	cleanup_facts struct facts *f = calloc(1, sizeof(*f));
	cleanup_host struct host *h = NULL;
	struct scan s;

	(void)state;
	f->arena = arena_new();
	assert_int_equal(host_open(&h, NULL), 0);
	assert_int_equal(scan_open(&s, h, f), 0);
	s.deadline = 0;
	assert_int_equal(scan_all(&s), 0);
	assert_true(f->programs.left_out > 0);
	assert_int_equal(f->programs.scanned, 0);
	assert_int_equal(f->programs.n_programs, 0);
	scan_close(&s);
}

static const char *many_key(uint64_t *key, uint64_t i)
{
	key[0] = i % 7;
	key[1] = i << 32;
	key[2] = ~i;
	key[3] = 0;
	return "x";
}

static void test_idmap(void **state)
{
	cleanup_arena struct arena *a = arena_new();
	static char values[5000];
	struct idmap m = { .arena = a };
	uint64_t key[IDMAP_KEY];

	(void)state;
	for (uint64_t i = 0; i < ARRAY_SIZE(values); i++) {
		many_key(key, i);
		assert_null(idmap_get(&m, key));
		assert_int_equal(idmap_put(&m, key, &values[i]), 0);
	}
	for (uint64_t i = 0; i < ARRAY_SIZE(values); i++) {
		many_key(key, i);
		assert_ptr_equal(idmap_get(&m, key), &values[i]);
	}
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("maps", maps_rows, test_maps),
		UNIT_ROWS("library name", name_rows, test_name),
		UNIT_ROWS("mounts", mounts_rows, test_mounts),
		UNIT_ROWS("protocols", protocols_rows, test_protocols),
		UNIT_ROWS("gnutls/config", gnutls_rows, test_gnutls_config),
		UNIT_ROWS("texts", text_rows, test_text),
		UNIT_ONE("status, auxv, environ", test_small),
		UNIT_ONE("executables", test_elf),
		UNIT_ONE("table", test_idmap),
		UNIT_ONE("maps asked for both ways", test_both_ways),
		UNIT_ONE("processes are found and grouped", test_scan),
		UNIT_ONE("a library that was deleted", test_deleted),
		UNIT_ONE("one process", test_target),
		UNIT_ONE("time is over", test_time),
	};

	return unit_run("programs", sets, ARRAY_SIZE(sets));
}
