/* SPDX-License-Identifier: MIT */
/* All checks over one host: the status, the root cause and the first sentence. */
#include "good.h"

LOST(module_denied, FACT_MODULE, -EACCES)
LOST(crypto_denied, FACT_CRYPTO, -EACCES)
LOST(cnf_denied, FACT_OPENSSL_CNF, -EACCES)
LOST(no_libkmod, FACT_MODPROBE, -ENOSYS)
LOST(stat_denied, FACT_TLS_STAT, -EACCES)

static void fips_on(struct facts *f)
{
	f->fips.enabled = true;
}

static void failed_selftest(struct facts *f)
{
	static struct crypto_alg alg = { "gcm(aes)", "x",   "m",  400,
					 false,      false, true, false };

	f->crypto.algs = &alg;
	f->crypto.n_algs = 1;
}

static void device_gauge(struct facts *f)
{
	static const struct counter c[] = { { "TlsCurrTxDevice", 5 },
					    { "TlsCurrRxSw", UINT64_MAX },
					    { NULL, 0 } };

	set_counters(f, c);
}

static void gauge_below_zero(struct facts *f)
{
	static const struct counter c[] = { { "TlsCurrTxSw", UINT64_MAX }, { NULL, 0 } };

	set_counters(f, c);
}

/* Two of one check, one as bad as the other. */
static void two_ciphers(struct facts *f)
{
	static struct cipher_module copies[3];

	memcpy(copies, f->ciphers.modules, sizeof(copies));
	copies[1].found = false;
	copies[2].blacklisted = true;
	f->ciphers.modules = copies;
}

struct cause_row {
	const char *name;
	tweak_fn tweaks[MAX_TWEAKS];
	enum status status;
	const char *link; /* NULL: every link holds */
	const char *cause;
	enum verdict verdict;
	const char *headline; /* how it begins; the first words are the answer */
};

#define USED    "kTLS is used here: "
#define WORKS   "kTLS works here"
#define SHOULD  "kTLS should work here"
#define CANNOT  "kTLS cannot work here: "
#define UNKNOWN "Whether kTLS works here could not be found out: "

static const struct cause_row rows[] = {
	{ "all is well, sessions were",
	  { 0 },
	  STATUS_WORKS,
	  NULL,
	  NULL,
	  0,
	  WORKS ": 7 dir" },
	{ "all is well, never used",
	  { never_used },
	  STATUS_SHOULD_WORK,
	  NULL,
	  NULL,
	  0,
	  SHOULD " (not probed)" },
	{ "all is well, tried",
	  { never_used, proved },
	  STATUS_WORKS,
	  NULL,
	  NULL,
	  0,
	  WORKS " (TLS 1.2 and 1.3, both directions)" },
	{ "tried now is more than used once",
	  { proved },
	  STATUS_WORKS,
	  NULL,
	  NULL,
	  0,
	  WORKS " (TLS 1.2 and 1.3" },
	{ "tried, with a limit",
	  { proved, openssl_3_0 },
	  STATUS_WORKS,
	  "libssl-limits",
	  "openssl-tls13-receive",
	  VERDICT_WARN,
	  WORKS " (TLS 1.2 and 1.3, both directions), with a limit: " },
	{ "tried, and libssl cannot",
	  { proved, no_openssl_ktls },
	  STATUS_CANNOT_WORK,
	  "libssl",
	  "openssl-without-ktls",
	  VERDICT_FAIL,
	  CANNOT },
	{ "tried, and it is broken",
	  { probe_broken, no_openssl_ktls },
	  STATUS_CANNOT_WORK,
	  "trial",
	  "probe-broken",
	  VERDICT_FAIL,
	  CANNOT "the kernel's own encryption" },
	{ "all is well, in use",
	  { in_use },
	  STATUS_USED,
	  NULL,
	  NULL,
	  0,
	  USED "1 sockets send and 2 receive" },
	{ "in use in a NIC",
	  { device_gauge },
	  STATUS_USED,
	  NULL,
	  NULL,
	  0,
	  USED "0 sockets send and 0 receive through the kernel, 5 and 0 through a NIC" },
	{ "a gauge below zero is no use",
	  { gauge_below_zero },
	  STATUS_SHOULD_WORK,
	  NULL,
	  NULL,
	  0,
	  SHOULD },
	{ "of two that are as bad the first",
	  { two_ciphers },
	  STATUS_WORKS,
	  "ciphers",
	  "cipher-module-missing",
	  VERDICT_WARN,
	  WORKS },
	{ "kernel without",
	  { without_tls },
	  STATUS_CANNOT_WORK,
	  "kernel-build",
	  "kernel-without-tls",
	  VERDICT_FAIL,
	  CANNOT "this kernel was built" },
	{ "the first broken link wins",
	  { without_tls, no_openssl_ktls, unprivileged },
	  STATUS_CANNOT_WORK,
	  "kernel-build",
	  "kernel-without-tls",
	  VERDICT_FAIL,
	  CANNOT "this kernel" },
	{ "module before OpenSSL",
	  { unloaded, blacklisted, no_openssl_ktls },
	  STATUS_CANNOT_WORK,
	  "module",
	  "module-blacklisted",
	  VERDICT_FAIL,
	  CANNOT "the tls module is blacklisted" },
	{ "module before autoload",
	  { unloaded, blacklisted, unprivileged },
	  STATUS_CANNOT_WORK,
	  "module",
	  "module-blacklisted",
	  VERDICT_FAIL,
	  CANNOT },
	{ "autoload",
	  { unloaded, unprivileged },
	  STATUS_CANNOT_WORK,
	  "autoload",
	  "autoload-unprivileged",
	  VERDICT_FAIL,
	  CANNOT },
	{ "autoload in a container",
	  { unloaded, unprivileged, in_docker },
	  STATUS_CANNOT_WORK,
	  "autoload",
	  "autoload-container",
	  VERDICT_FAIL,
	  CANNOT },
	{ "OpenSSL without",
	  { no_openssl_ktls, never_used },
	  STATUS_CANNOT_WORK,
	  "libssl",
	  "openssl-without-ktls",
	  VERDICT_FAIL,
	  CANNOT },
	{ "self-test, although a soft link",
	  { failed_selftest, never_used },
	  STATUS_CANNOT_WORK,
	  "cipher",
	  "aead-selftest",
	  VERDICT_FAIL,
	  CANNOT },
	{ "a limit only when nothing is broken",
	  { openssl_3_0, never_used },
	  STATUS_SHOULD_WORK,
	  "libssl-limits",
	  "openssl-tls13-receive",
	  VERDICT_WARN,
	  SHOULD " (not probed), with a limit: with OpenSSL 3.0.22" },
	{ "a limit behind a failure",
	  { openssl_3_0, no_openssl_ktls, slow_aes },
	  STATUS_CANNOT_WORK,
	  "libssl",
	  "openssl-without-ktls",
	  VERDICT_FAIL,
	  CANNOT },
	{ "the first limit wins",
	  { openssl_3_0, slow_aes, option_off },
	  STATUS_WORKS,
	  "cipher",
	  "aead-slow",
	  VERDICT_WARN,
	  WORKS },
	{ "not loaded is a limit",
	  { unloaded },
	  STATUS_SHOULD_WORK,
	  "ulp",
	  "ulp-not-registered",
	  VERDICT_WARN,
	  SHOULD },
	{ "FIPS", { fips_on }, STATUS_WORKS, "fips", "fips-limits", VERDICT_WARN, WORKS },
	{ "option off",
	  { option_off, never_used },
	  STATUS_SHOULD_WORK,
	  "option",
	  "openssl-option-off",
	  VERDICT_WARN,
	  SHOULD },
	{ "an unknown link",
	  { unloaded, no_libkmod },
	  STATUS_UNKNOWN,
	  "module",
	  "module-not-judged",
	  VERDICT_UNKNOWN,
	  UNKNOWN },
	{ "an unknown link before a limit",
	  { unloaded, no_libkmod, openssl_3_0 },
	  STATUS_UNKNOWN,
	  "module",
	  "module-not-judged",
	  VERDICT_UNKNOWN,
	  UNKNOWN },
	{ "an unknown link before a failure",
	  { caller_unreadable, unloaded, no_openssl_ktls },
	  STATUS_CANNOT_WORK,
	  "libssl",
	  "openssl-without-ktls",
	  VERDICT_FAIL,
	  CANNOT "OpenSSL" },
	{ "in use, and a limit",
	  { in_use, openssl_3_0 },
	  STATUS_USED,
	  "libssl-limits",
	  "openssl-tls13-receive",
	  VERDICT_WARN,
	  USED },
	{ "an unknown soft link is none",
	  { crypto_denied, never_used },
	  STATUS_SHOULD_WORK,
	  NULL,
	  NULL,
	  0,
	  SHOULD },
	{ "an unknown option is none",
	  { cnf_denied },
	  STATUS_WORKS,
	  NULL,
	  NULL,
	  0,
	  WORKS },
	{ "unknown, but seen at work",
	  { caller_unreadable },
	  STATUS_WORKS,
	  NULL,
	  NULL,
	  0,
	  WORKS },
	{ "unknown, but in use",
	  { module_denied, in_use },
	  STATUS_USED,
	  NULL,
	  NULL,
	  0,
	  USED },
	{ "unknown, in use, and a limit",
	  { caller_unreadable, in_use, openssl_3_0 },
	  STATUS_USED,
	  "libssl-limits",
	  "openssl-tls13-receive",
	  VERDICT_WARN,
	  USED },
	{ "in use, and broken for OpenSSL",
	  { in_use, no_openssl_ktls },
	  STATUS_USED,
	  "libssl",
	  "openssl-without-ktls",
	  VERDICT_FAIL,
	  USED },
	{ "unknown, in use, and broken",
	  { caller_unreadable, in_use, no_openssl_ktls },
	  STATUS_USED,
	  "libssl",
	  "openssl-without-ktls",
	  VERDICT_FAIL,
	  USED },
	{ "counters denied", { stat_denied }, STATUS_SHOULD_WORK, NULL, NULL, 0, SHOULD },
	{ "a NIC does not concern the host",
	  { no_offload_built },
	  STATUS_WORKS,
	  NULL,
	  NULL,
	  0,
	  WORKS },
};

static struct report *diagnose(const tweak_fn *tweaks)
{
	struct report *r;
	struct facts f;

	tweaked_facts(&f, tweaks);
	r = checks_run(checks, &f);
	assert_non_null(r);
	return r;
}

static void test_cause(void **state)
{
	const struct cause_row *row = *state;
	cleanup_report struct report *r = diagnose(row->tweaks);

	assert_string_equal(status_words[r->status], status_words[row->status]);
	assert_int_equal(strncmp(r->headline, row->headline, strlen(row->headline)), 0);
	assert_true(r->headline[strlen(r->headline) - 1] != '.');
	if (!row->link) {
		assert_null(r->cause);
		return;
	}
	assert_non_null(r->cause);
	assert_string_equal(r->cause->id, row->cause);
	assert_string_equal(r->cause->link, row->link);
	assert_string_equal(verdict_words[r->cause->verdict],
			    verdict_words[row->verdict]);
	assert_int_equal(r->cause->subject.kind, SUBJECT_HOST);
}

/* The cause, and the sentence of it, are about the same thing. */
static void test_one_story(void **state)
{
	const struct cause_row *row = *state;
	cleanup_report struct report *r = diagnose(row->tweaks);

	if (!r->cause)
		return;
	assert_non_null(strstr(r->headline, r->cause->summary));
	assert_string_equal(r->cause->check, check_find(r->cause->check)->id);
}

static void tx_off(struct facts *f)
{
	struct nic_feature *tx = &f->ethtool.nics[0].features[0];

	tx->wanted = tx->active = false;
}

/* As the kernel has it: without checksum offload no TLS offload. */
static void checksum_off(struct facts *f)
{
	f->ethtool.nics[0].features[0].active = false;
	f->ethtool.nics[0].features[2].active = false;
}

static void no_space(struct facts *f)
{
	f->nic_stats.nics[0].counters[6] = (struct counter){ "hw_tls_no_space", 3 };
}

static void bond_of_it(struct facts *f)
{
	f->nics.nics[0].master = f->nics.nics[1].ifindex;
	f->nics.nics[1].kind = "bond";
	f->nics.nics[1].bond_mode = "802.3ad";
	f->nics.nics[1].bond_hash = "layer2";
	f->nics.nics[1].chosen = true;
}

LOST(ethtool_denied, FACT_ETHTOOL, -EPERM)

struct nic_row {
	const char *name;
	tweak_fn tweaks[MAX_TWEAKS];
	const char *nic;
	const char *link, *reason;
};

static const struct nic_row nic_rows[] = {
	{ "its driver cannot", { no_offload_built }, "eth0", "nic", "offload-not-built" },
	{ "another NIC", { no_offload_built }, "veth1", NULL, NULL },
	{ "the host comes before it",
	  { no_offload_built, no_openssl_ktls },
	  "eth0",
	  "libssl",
	  "openssl-without-ktls" },
	{ "a limit of the host comes before it",
	  { no_offload_built, openssl_3_0 },
	  "eth0",
	  "libssl-limits",
	  "openssl-tls13-receive" },
	{ "all is well", { 0 }, "eth0", NULL, NULL },
	{ "switched off", { tx_off }, "eth0", "nic-feature", "nic-tls-tx-off" },
	{ "checksum before the feature",
	  { checksum_off },
	  "eth0",
	  "nic-checksum",
	  "nic-tx-checksum-off" },
	{ "the kernel's build before it",
	  { no_offload_built, tx_off },
	  "eth0",
	  "nic",
	  "offload-not-built" },
	{ "switched off before full",
	  { tx_off, no_space },
	  "eth0",
	  "nic-feature",
	  "nic-tls-tx-off" },
	{ "full", { no_space }, "eth0", "nic-room", "nic-tls-no-space" },
	{ "a bond", { bond_of_it }, "veth1", "nic-stack", "bond-hash" },
	{ "a bond is not its NICs", { bond_of_it }, "eth0", NULL, NULL },
	{ "a NIC is not the bond on it",
	  { bond_of_it, tx_off },
	  "veth1",
	  "nic-stack",
	  "bond-hash" },
	{ "not known is no cause", { ethtool_denied }, "eth0", NULL, NULL },
};

static void test_nic(void **state)
{
	const struct nic_row *row = *state;
	const struct subject s = { SUBJECT_NIC, row->nic };
	cleanup_report struct report *r = diagnose(row->tweaks);
	const char *link = NULL;
	const struct finding *f = cause_find(r, &s, &link);

	if (!row->link) {
		assert_null(f);
		return;
	}
	assert_non_null(f);
	assert_string_equal(f->reason, row->reason);
	assert_string_equal(link, row->link);
	if (!strncmp(row->link, "nic", 3))
		assert_string_equal(f->subject.name, row->nic);
}

/* What is wrong with nginx, and with the process of --pid. */
TWEAK(nginx_unset, f->programs.programs->conf.ktls = CNF_UNSET;
      f->openssl_cnf.ktls = CNF_UNSET;)
TWEAK(nginx_unclear, f->programs.programs->conf.ktls = CNF_UNSET;
      f->programs.programs->conf.unsure = true; f->openssl_cnf.ktls = CNF_UNSET;)
TWEAK(nginx_without_tls, f->programs.programs->conf.tls = false;)
TWEAK(nginx_bad_libssl, f->programs.programs->libraries->ktls = TRI_NO;)
TWEAK(nginx_no_sendfile, f->programs.programs->conf.sendfile = false;)
TWEAK(haproxy_old, f->programs.programs->conf.app = "haproxy";
      f->programs.programs->conf.version = "3.0.11";)
TWEAK(some_program, f->programs.programs->conf.app = "";)
TWEAK(targeted, f->programs.target.asked = true; f->programs.target.pid = 815;
      f->programs.target.program = *f->programs.programs;
      f->programs.target.program.pid = 815; f->programs.target.cnf = f->openssl_cnf;)
TWEAK(target_go, targeted(f); f->programs.programs->libraries->kind = TLS_GO;
      f->programs.target.program.conf.app = "";)
TWEAK(target_gone, f->programs.target.asked = true; f->programs.target.err = -EACCES;)

struct process_row {
	const char *name;
	tweak_fn tweaks[MAX_TWEAKS];
	const char *process;
	const char *link, *reason; /* of cause_find() */
	/* Of the report: its cause when that is another one ("": there is none), and how
	 * the sentence ends. */
	const char *cause, *end;
};

#define NOT_NGINX ", but nginx does not use it"

static const struct process_row process_rows[] = {
	{ "all is well", { 0 }, "nginx", NULL, NULL, "", "none is open now" },
	{ "not asked for",
	  { nginx_unset },
	  "nginx",
	  "nginx",
	  "nginx-option-unset",
	  NULL,
	  NOT_NGINX },
	{ "not proved to work",
	  { nginx_unset, never_used },
	  "nginx",
	  "nginx",
	  "nginx-option-unset",
	  NULL,
	  "(not probed)" NOT_NGINX },
	{ "another process",
	  { nginx_unset },
	  "nginx/5",
	  NULL,
	  NULL,
	  "nginx-option-unset",
	  NOT_NGINX },
	{ "its libssl comes first",
	  { nginx_unset, nginx_bad_libssl },
	  "nginx",
	  "process-libssl",
	  "process-libssl-without-ktls",
	  NULL,
	  NOT_NGINX },
	{ "the host comes first",
	  { nginx_unset, without_tls },
	  "nginx",
	  "kernel-build",
	  "kernel-without-tls",
	  NULL,
	  "CONFIG_TLS" },
	{ "a limit of the host comes later",
	  { nginx_unset, slow_aes },
	  "nginx",
	  "nginx",
	  "nginx-option-unset",
	  NULL,
	  NOT_NGINX },
	{ "a limit of the host, nothing of its own",
	  { slow_aes },
	  "nginx",
	  "cipher",
	  "aead-slow",
	  NULL,
	  NULL },
	{ "ktlsctl's own OpenSSL is no link of it",
	  { nginx_unset, no_openssl_ktls },
	  "nginx",
	  "nginx",
	  "nginx-option-unset",
	  "openssl-without-ktls",
	  NULL },
	{ "not to be told",
	  { nginx_unclear },
	  "nginx",
	  NULL,
	  NULL,
	  "",
	  "none is open now" },
	{ "no server",
	  { some_program, nginx_bad_libssl },
	  "nginx",
	  NULL,
	  NULL,
	  "",
	  "none is open now" },
	{ "a server without TLS",
	  { nginx_without_tls, nginx_bad_libssl },
	  "nginx",
	  "process-libssl",
	  "process-libssl-without-ktls",
	  "",
	  "none is open now" },
	{ "slow is not idle",
	  { nginx_no_sendfile },
	  "nginx",
	  NULL,
	  NULL,
	  "",
	  "none is open now" },
	{ "HAProxy without is no news",
	  { haproxy_old },
	  "nginx",
	  NULL,
	  NULL,
	  "",
	  "none is open now" },
	{ "in use by another",
	  { nginx_unset, in_use },
	  "nginx",
	  "nginx",
	  "nginx-option-unset",
	  "",
	  "(this network namespace)" },
	{ "--pid",
	  { nginx_unset, targeted },
	  "nginx/815",
	  "nginx",
	  "nginx-option-unset",
	  NULL,
	  ", but nginx/815 does not use it" },
	{ "--pid, in use by another",
	  { nginx_unset, targeted, in_use },
	  "nginx/815",
	  "nginx",
	  "nginx-option-unset",
	  NULL,
	  ", but nginx/815 does not use it" },
	{ "--pid, its own OpenSSL",
	  { targeted, no_openssl_ktls },
	  "nginx/815",
	  NULL,
	  NULL,
	  "",
	  "none is open now" },
	{ "--pid, the module",
	  { nginx_unset, targeted, unloaded },
	  "nginx/815",
	  "process",
	  "target-cannot-load",
	  NULL,
	  ", but nginx/815 does not use it" },
	{ "--pid, Go",
	  { target_go },
	  "nginx/815",
	  "process-tls",
	  "foreign-tls-only",
	  NULL,
	  ", but nginx/815 does not use it" },
	{ "--pid, gone",
	  { target_gone },
	  "nginx/815",
	  NULL,
	  NULL,
	  "",
	  "none is open now" },
};

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), n = strlen(end);

	return len >= n && !strcmp(s + len - n, end);
}

static void test_process(void **state)
{
	const struct process_row *row = *state;
	const struct subject s = { SUBJECT_PROCESS, row->process };
	cleanup_report struct report *r = diagnose(row->tweaks);
	const char *link = NULL, *cause = row->cause ? row->cause : row->reason;
	const struct finding *f = cause_find(r, &s, &link);

	assert_string_equal(f ? f->reason : "", row->reason ? row->reason : "");
	assert_string_equal(link ? link : "", row->link ? row->link : "");
	assert_string_equal(r->cause ? r->cause->id : "", cause);
	if (r->cause && strstr(r->headline, "does not use it"))
		assert_int_equal(r->cause->subject.kind, SUBJECT_PROCESS);
	if (row->end && !ends_with(r->headline, row->end))
		fail_msg("%s", r->headline);
}

/* Worst first, counted; the identity; nothing of the facts is needed any more. */
static void test_report(void **state)
{
	static const tweak_fn tweaks[MAX_TWEAKS] = { unloaded, unprivileged, option_off };
	cleanup_report struct report *r = diagnose(tweaks);
	uint64_t total = r->counts.ok + r->counts.info + r->counts.warn + r->counts.fail +
			 r->counts.unknown + r->counts.skip;

	(void)state;
	assert_true(total == r->n_findings);
	for (size_t i = 1; i < r->n_findings; i++)
		assert_true(verdict_rank(r->findings[i - 1].verdict) >=
			    verdict_rank(r->findings[i].verdict));
	assert_string_equal(r->time, "2026-11-21T00:00:00Z");
	assert_string_equal(r->host.kernel, "7.3.4+deb14-amd64");
	assert_int_equal(r->host.n_nics, 1);
	assert_string_equal(r->host.nics[0].driver, "mlx5_core");
	assert_false(r->host.snapshot);
	assert_null(r->usage);
}

static bool no_ok(void *arg, const struct finding *f)
{
	(void)arg;
	return f->verdict != VERDICT_OK;
}

static void test_filter(void **state)
{
	static const tweak_fn tweaks[MAX_TWEAKS] = { option_off };
	cleanup_report struct report *r = diagnose(tweaks);
	size_t before = r->n_findings;

	(void)state;
	report_filter(r, no_ok, NULL);
	assert_int_equal(r->counts.ok, 0);
	assert_int_equal(r->counts.warn, 1);
	assert_true(r->n_findings < before);
}

/* Nothing was asked: nothing is claimed, nothing is lost. */
static void test_empty(void **state)
{
	static const struct check *const none[] = { NULL };
	const struct facts f = { 0 };
	cleanup_report struct report *r = checks_run(none, &f);

	(void)state;
	assert_non_null(r);
	assert_int_equal(r->n_findings, 0);
	assert_int_equal(r->status, STATUS_SHOULD_WORK);
	assert_null(r->cause);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("cause", rows, test_cause),
		UNIT_ROWS("one story", rows, test_one_story),
		UNIT_ROWS("cause of a NIC", nic_rows, test_nic),
		UNIT_ROWS("cause of a process", process_rows, test_process),
		UNIT_ONE("the report of a run", test_report),
		UNIT_ONE("a report that is filtered", test_filter),
		UNIT_ONE("no check at all", test_empty),
	};

	return unit_run("cause", sets, ARRAY_SIZE(sets));
}
