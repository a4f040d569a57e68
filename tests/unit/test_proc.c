/* SPDX-License-Identifier: MIT */
/* The parsers of what the kernel says of itself below /proc and /sys. */
#include <errno.h>

#include "unit.h"

struct proc_row {
	const char *name;
	const char *text;
	const char *want;
};

static void check(const struct proc_row *row, void (*tell)(struct span, struct notes *))
{
	cleanup_free char *copy = exact_copy(row->text, strlen(row->text));
	struct notes n = { 0 };

	tell(span(copy, strlen(row->text)), &n);
	assert_string_equal(n.text, row->want);
}

static const struct proc_row stat_rows[] = {
	{ "as the kernel writes it",
	  "TlsCurrTxSw                     \t1\nTlsTxSw                         \t20\n",
	  "TlsCurrTxSw=1 TlsTxSw=20 " },
	{ "names not known here are kept", "TlsNew2031\t5\n", "TlsNew2031=5 " },
	{ "resync as the kernel spells it",
	  "TlsRxDeviceResync\t3\nTlsDeviceRxResync\t9\n",
	  "TlsRxDeviceResync=3 TlsDeviceRxResync=9 resync 3" },
	{ "a gauge below zero", "TlsCurrRxSw\t18446744073709551615\n",
	  "TlsCurrRxSw=18446744073709551615 " },
	{ "too large for 64 bits", "TlsTxSw\t18446744073709551616\n", "skipped 1" },
	{ "no number", "TlsTxSw\tmany\nTlsRxSw\n", "skipped 2" },
	{ "a third word", "TlsTxSw 1 2\n", "skipped 1" },
	{ "negative", "TlsTxSw\t-1\n", "skipped 1" },
	{ "no final newline", "TlsTxSw\t7", "TlsTxSw=7 " },
	{ "CRLF", "TlsTxSw\t7\r\n", "TlsTxSw=7 " },
	{ "cut in a name", "TlsTxSw\t7\nTlsRx", "TlsTxSw=7 skipped 1" },
	{ "empty lines", "\n \n\t\n", "" },
	{ "empty", "", "" },
};

static void tell_stat(struct span text, struct notes *n)
{
	cleanup_arena struct arena *a = arena_new();
	struct tls_stat_facts s = { 0 };

	assert_int_equal(parse_tls_stat(text, a, &s), 0);
	for (size_t i = 0; i < s.n_counters; i++)
		note(n, "%s=%" PRIu64 " ", s.counters[i].name, s.counters[i].value);
	if (s.skipped)
		note(n, "skipped %u", s.skipped);
	if (tls_stat_get(&s, "TlsRxDeviceResync", 0))
		note(n, "resync %" PRIu64, tls_stat_get(&s, "TlsRxDeviceResync", 0));
	assert_true(tls_stat_get(&s, "TlsNoSuch", 42) == 42);
}

static void test_stat(void **state)
{
	check(*state, tell_stat);
}

#define ALG(name_, driver_, priority_, rest_)                                            \
	"name         : " name_ "\ndriver       : " driver_ "\nmodule       : m\n"       \
	"priority     : " priority_ "\n" rest_ "\n"
#define GOOD "selftest     : passed\ninternal     : no\nasync        : no\n"

/* want: all of them, then what serves gcm(aes). */
static const struct proc_row crypto_rows[] = {
	{ "one", ALG("gcm(aes)", "generic-gcm-aesni", "400", GOOD),
	  "gcm(aes)/generic-gcm-aesni/400 -> generic-gcm-aesni" },
	{ "the highest priority serves",
	  ALG("gcm(aes)", "gcm-aes-lib", "110", GOOD)
		  ALG("gcm(aes)", "generic-gcm-vaes-avx512", "800", GOOD)
			  ALG("gcm(aes)", "generic-gcm-aesni", "400", GOOD),
	  "gcm(aes)/gcm-aes-lib/110 gcm(aes)/generic-gcm-vaes-avx512/800 "
	  "gcm(aes)/generic-gcm-aesni/400 -> generic-gcm-vaes-avx512" },
	{ "internal ones do not",
	  ALG("gcm(aes)", "x", "900", "selftest : passed\ninternal : yes\n")
		  ALG("gcm(aes)", "y", "1", GOOD),
	  "gcm(aes)/x/900 internal gcm(aes)/y/1 -> y" },
	{ "the kernel does not choose what did not pass its self-test",
	  ALG("gcm(aes)", "x", "900", "selftest : unknown\ninternal : no\n")
		  ALG("gcm(aes)", "y", "1", GOOD),
	  "gcm(aes)/x/900 untested gcm(aes)/y/1 -> y" },
	{ "names kTLS does not ask for",
	  ALG("__gcm(aes)", "x", "400", GOOD) ALG("aes", "y", "1", GOOD)
		  ALG("rfc4106(gcm(aes))", "z", "1", GOOD),
	  "-> none" },
	{ "the others it asks for",
	  ALG("rfc7539(chacha20,poly1305)", "c", "300", GOOD)
		  ALG("ccm(aes)", "d", "1", GOOD) ALG("gcm(sm4)", "e", "1", GOOD),
	  "rfc7539(chacha20,poly1305)/c/300 ccm(aes)/d/1 gcm(sm4)/e/1 -> none" },
	{ "asynchronous", ALG("gcm(aes)", "x", "4", "selftest : passed\nasync : yes\n"),
	  "gcm(aes)/x/4 async -> x" },
	{ "fields without an entry", "driver : x\npriority : 9\n", "-> none" },
	{ "a field behind the empty line is nobody's",
	  ALG("gcm(aes)", "x", "4", GOOD) "\npriority : 9\n", "gcm(aes)/x/4 -> x" },
	{ "two entries without an empty line",
	  "name : gcm(aes)\ndriver : x\nselftest : passed\nname : gcm(aes)\ndriver : y\n"
	  "priority : 2\nselftest : passed\n",
	  "gcm(aes)/x/0 gcm(aes)/y/2 -> y" },
	{ "a priority beyond an int", ALG("gcm(aes)", "x", "4294967296", GOOD),
	  "gcm(aes)/x/0 -> x" },
	{ "cut", "name         : gcm(aes)\ndriver       : gen",
	  "gcm(aes)/gen/0 untested -> gen" },
	{ "CRLF", "name : gcm(aes)\r\ndriver : x\r\nselftest : passed\r\n\r\n",
	  "gcm(aes)/x/0 -> x" },
	{ "empty", "", "-> none" },
};

static void tell_crypto(struct span text, struct notes *n)
{
	cleanup_arena struct arena *a = arena_new();
	struct crypto_facts c = { 0 };
	const struct crypto_alg *best;

	assert_int_equal(parse_crypto(text, a, &c), 0);
	for (size_t i = 0; i < c.n_algs; i++)
		note(n, "%s/%s/%u %s%s%s", c.algs[i].name, c.algs[i].driver,
		     c.algs[i].priority, c.algs[i].internal ? "internal " : "",
		     c.algs[i].async ? "async " : "",
		     c.algs[i].selftest_passed ? "" : "untested ");
	best = crypto_best(&c, "gcm(aes)");
	note(n, "-> %s", best ? best->driver : "none");
}

static void test_crypto(void **state)
{
	check(*state, tell_crypto);
}

static const struct proc_row cpu_rows[] = {
	{ "x86", "processor\t: 0\nmodel name\t: A B\nflags\t\t: fpu aes avx pclmulqdq\n",
	  "0 [A B] aes pclmulqdq avx " },
	{ "arm64", "processor\t: 0\nFeatures\t: fp aes pmull\n", "0 [] aes pmull " },
	{ "the first processor only", "flags\t: aes\n\nflags\t: vaes\n", "0 [] aes " },
	{ "no part of a word", "flags\t: vaesx xaes avx2 avx512bwx\n", "0 [] " },
	{ "all", "flags\t: aes pclmulqdq avx vaes vpclmulqdq avx512bw pmull\n",
	  "0 [] aes pclmulqdq avx vaes vpclmulqdq avx512bw pmull " },
	{ "other lines", "vmx flags\t: aes\nbugs\t: aes\n", "-74 [] " },
	{ "cut before the flags", "processor\t: 0\nmodel name\t: A\nfla", "-74 [A] " },
	{ "cut in the flags", "flags\t: aes pclmul", "0 [] aes " },
	{ "CRLF", "flags\t: aes pclmulqdq\r\n", "0 [] aes pclmulqdq " },
	{ "empty", "", "-74 [] " },
};

static void tell_cpu(struct span text, struct notes *n)
{
	cleanup_arena struct arena *a = arena_new();
	struct cpu_facts c = { 0 };
	int err = parse_cpuinfo(text, a, &c);

	note(n, "%d [%s] ", err, c.model);
	for (int i = 0; i < CPU_FLAG_COUNT; i++)
		if (c.have[i])
			note(n, "%s ", cpu_flag_name(i));
}

static void test_cpu(void **state)
{
	check(*state, tell_cpu);
}

struct stable_row {
	const char *name, *release, *version, *want;
};

#define GCC "(gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40)"

static const struct stable_row stable_rows[] = {
	{ "Debian", "6.12.107+deb13-amd64",
	  "Linux version 6.12.107+deb13-amd64 () " GCC
	  " #1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 (2026-08-24)",
	  "6.12.107" },
	{ "Debian hides it in the release", "6.1.0-56-amd64",
	  "Linux version 6.1.0-56-amd64 () " GCC " #1 SMP Debian 6.1.192-1 (2026-10-01)",
	  "6.1.192" },
	{ "plain", "6.6.50", "Linux version 6.6.50 () (gcc 13) #1 SMP", "6.6.50" },
	{ "plain, built with Debian's compiler", "6.6.50",
	  "Linux version 6.6.50 () " GCC " #1 SMP", "6.6.50" },
	{ "plain, two parts", "7.2", "Linux version 7.2 () (gcc) #1", "7.2" },
	{ "Ubuntu", "6.8.0-40-generic",
	  "Linux version 6.8.0-40-generic () #40-Ubuntu SMP", NULL },
	{ "a vendor that builds with Debian's compiler", "6.8.12-4-pve",
	  "Linux version 6.8.12-4-pve () " GCC " #1 SMP PVE", NULL },
	{ "RHEL", "5.14.0-427.el9.x86_64", "Linux version 5.14.0-427.el9.x86_64 ()",
	  NULL },
	{ "release candidate", "7.2.0-rc3", "Linux version 7.2.0-rc3 () #1", NULL },
	{ "Debian and no number", "x", "Linux version x #1 Debian (2026)", NULL },
	{ "Debian at the end", "6.6.50", "Linux #1 Debian", "6.6.50" },
	{ "four parts", "6.6.50.1", "", NULL },
	{ "one part", "6", "", NULL },
	{ "only dots", "..", "", NULL },
	{ "empty", "", "", NULL },
};

static void test_stable(void **state)
{
	const struct stable_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	cleanup_free char *copy = exact_copy(row->version, strlen(row->version));
	const char *v = parse_stable(row->release, span(copy, strlen(row->version)), a);

	if (row->want)
		assert_non_null(v);
	assert_string_equal(v ? v : "none", row->want ? row->want : "none");
}

struct release_row {
	const char *name;
	unsigned major, minor;
};

static const struct release_row release_rows[] = {
	{ "6.12.107+deb13-amd64", 6, 12 },
	{ "7.2", 7, 2 },
	{ "10", 10, 0 },
	{ "", 0, 0 },
	{ "x.y", 0, 0 },
	{ "5.14.0-427.el9", 5, 14 },
	{ "99999999999999999999.1", 0, 1 },
	{ "6.99999999999999999999", 6, 0 },
};

static void test_release(void **state)
{
	const struct release_row *row = *state;
	struct kernel_facts k = { 0 };

	parse_release(row->name, &k);
	assert_int_equal(k.major, row->major);
	assert_int_equal(k.minor, row->minor);
}

static const struct proc_row status_rows[] = {
	{ "root", "Name:\tcat\nCapEff:\t000001ffffffffff\nSeccomp:\t0\n",
	  "admin module 0" },
	{ "nobody", "CapEff:\t0000000000000000\nSeccomp:\t2\nSeccomp_filters:\t9\n",
	  "2" },
	{ "CAP_NET_ADMIN alone", "CapEff:\t0000000000001000\n", "admin -1" },
	{ "permitted is not effective", "CapPrm:\t000001ffffffffff\nCapEff:\t0\n", "-1" },
	{ "a mode that does not exist", "Seccomp:\t3\n", "-1" },
	{ "no number", "Seccomp:\tx\nCapEff:\tx\n", "-1" },
	{ "a number too long", "CapEff:\tffffffffffffffffffffffffffffffffff\n", "-1" },
	{ "CRLF", "CapEff:\t1000\r\nSeccomp:\t1\r\n", "admin 1" },
	{ "cut", "CapEff:\t0000000000001000\nSecc", "admin -1" },
	{ "empty", "", "-1" },
};

static void tell_status(struct span text, struct notes *n)
{
	struct caller_facts c = { 0 };

	parse_status(text, &c);
	note(n, "%s%s%d", c.net_admin ? "admin " : "", c.sys_module ? "module " : "",
	     c.seccomp);
}

static void test_status(void **state)
{
	check(*state, tell_status);
}

static const struct proc_row mount_rows[] = {
	{ "as the filter leaves it", "\n/proc/sys\n\n/proc/kcore\n",
	  "/proc/sys /proc/kcore " },
	{ "no final newline", "/sys/firmware", "/sys/firmware " },
	{ "what every host has", "/sys/fs/cgroup\n/sys/kernel/debug\n/proc/fs/nfsd\n",
	  "" },
	{ "not below /proc or /sys", "/proc\n/sys\n/srv\n/system/x\n", "" },
	{ "empty", "", "" },
};

static void tell_mounts(struct span text, struct notes *n)
{
	cleanup_arena struct arena *a = arena_new();
	struct container_facts c = { 0 };

	assert_int_equal(parse_mountinfo(text, a, &c), 0);
	for (size_t i = 0; i < c.n_masked; i++)
		note(n, "%s ", c.masked[i]);
}

static void test_mounts(void **state)
{
	check(*state, tell_mounts);
}

static const struct proc_row lockdown_rows[] = {
	{ "none", "[none] integrity confidentiality\n", "none" },
	{ "integrity", "none [integrity] confidentiality\n", "integrity" },
	{ "no bracket", "none\n", "(null)" },
	{ "cut", "none [integ", "(null)" },
	{ "closed only", "none]\n", "(null)" },
	{ "nothing in it", "[]", "" },
	{ "empty", "", "(null)" },
};

static void tell_lockdown(struct span text, struct notes *n)
{
	cleanup_arena struct arena *a = arena_new();
	const char *word = parse_lockdown(text, a);

	note(n, "%s", word ? word : "(null)");
}

static void test_lockdown(void **state)
{
	check(*state, tell_lockdown);
}

static const struct proc_row openssl_rows[] = {
	{ "3.5", "xx OpenSSL 3.5.7 9 Jun 2026", "3.5.7" },
	{ "1.1", "OpenSSL 1.1.1k  25 Mar 2021", "1.1.1k" },
	{ "behind other mentions", "OpenSSL legacy\nOpenSSL 3\nOpenSSL 3.0.22 1 Jan",
	  "3.0.22" },
	{ "two parts", "OpenSSL 3.0 x", "none" },
	{ "no blank behind", "OpenSSL 3.0.22", "none" },
	{ "four parts", "OpenSSL 3.0.2.2 x", "none" },
	{ "no number", "OpenSSL ", "none" },
	{ "another library", "LibreSSL 3.9.1 x", "none" },
	{ "too long", "OpenSSL 3.00000000000000000.1 x", "none" },
	{ "empty", "", "none" },
};

static void tell_openssl(struct span text, struct notes *n)
{
	cleanup_arena struct arena *a = arena_new();
	const char *v = parse_openssl_version(text, a);

	note(n, "%s", v ? v : "none");
}

static void test_openssl(void **state)
{
	check(*state, tell_openssl);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("tls_stat", stat_rows, test_stat),
		UNIT_ROWS("crypto", crypto_rows, test_crypto),
		UNIT_ROWS("cpuinfo", cpu_rows, test_cpu),
		UNIT_ROWS("stable", stable_rows, test_stable),
		UNIT_ROWS("release", release_rows, test_release),
		UNIT_ROWS("status", status_rows, test_status),
		UNIT_ROWS("mountinfo", mount_rows, test_mounts),
		UNIT_ROWS("lockdown", lockdown_rows, test_lockdown),
		UNIT_ROWS("OpenSSL version", openssl_rows, test_openssl),
	};

	return unit_run("proc", sets, ARRAY_SIZE(sets));
}
