/* SPDX-License-Identifier: MIT */
/* The checks of OpenSSL: facts in, answer out. */
#include "good.h"

extern const struct check check_openssl_ktls, check_openssl_tls13_receive,
	check_openssl_option, check_openssl_keyupdate, check_openssl_defects,
	check_openssl_version, check_openssl_copies;

#define VERSION(name_, version_) TWEAK(name_, f->openssl.version = version_;)

LOST(openssl_not_asked, FACT_OPENSSL, 0)
LOST(cnf_denied, FACT_OPENSSL_CNF, -EACCES)
LOST(copies_denied, FACT_LIBSSL_COPIES, -EACCES)
LOST(stat_denied, FACT_TLS_STAT, -EACCES)
VERSION(v1_1_1, "1.1.1w")
VERSION(v3_0_1, "3.0.1")
VERSION(v3_0_3, "3.0.3")
VERSION(v3_0_22, "3.0.22")
VERSION(v3_2_0, "3.2.0")
VERSION(v3_5_6, "3.5.6")
VERSION(v3_5_7, "3.5.7")
VERSION(v3_6_2, "3.6.2")
VERSION(v4_0_9, "4.0.9")
TWEAK(no_send, f->openssl.ktls_send = false;)
TWEAK(no_receive, f->openssl.ktls_receive = false;)
TWEAK(no_library, f->openssl.library = "";)
TWEAK(newer_headers, f->openssl.header_version = "4.2.0";)
TWEAK(unset, f->openssl_cnf.ktls = CNF_UNSET; f->openssl_cnf.missing = "Options";)
TWEAK(no_chain, f->openssl_cnf.ktls = CNF_UNSET; f->openssl_cnf.missing = "ssl_conf";
      f->openssl_cnf.section = "init"; f->openssl_cnf.file = NULL;)
TWEAK(unsure, f->openssl_cnf.unsure = true;)
TWEAK(no_cnf, f->openssl_cnf.present = false; f->openssl_cnf.ktls = CNF_UNSET;
      f->openssl_cnf.file = NULL; f->openssl_cnf.missing = "openssl_conf";
      f->openssl_cnf.section = "default";)

static void no_rekey(struct facts *f)
{
	static const struct counter c[] = { { "TlsTxSw", 1 }, { NULL, 0 } };

	set_counters(f, c);
}

static void two_copies(struct facts *f)
{
	static struct libssl_copy copies[] = {
		{ "/usr/lib64/libssl.so.3", "3.5.7", true, TRI_YES },
		{ "/usr/local/lib/libssl.so.3", "", false, TRI_UNKNOWN },
	};

	f->libssl_copies.copies = copies;
	f->libssl_copies.n_copies = 2;
}

static void one_without(struct facts *f)
{
	static struct libssl_copy copies[] = {
		{ "/usr/lib64/libssl.so.3", "3.5.7", true, TRI_YES },
		{ "/opt/openssl/lib/libssl.so.1.1", "1.1.1k", false, TRI_NO },
	};

	f->libssl_copies.copies = copies;
	f->libssl_copies.n_copies = 2;
}
TWEAK(no_copies, f->libssl_copies.n_copies = 0;)

static const struct check_row rows[] = {
	{ "built with it", &check_openssl_ktls, { 0 }, VERDICT_OK, NULL },
	{ "path not known", &check_openssl_ktls, { no_library }, VERDICT_OK, NULL },
	{ "built without it",
	  &check_openssl_ktls,
	  { no_openssl_ktls },
	  VERDICT_FAIL,
	  "openssl-without-ktls" },
	{ "send only",
	  &check_openssl_ktls,
	  { no_receive },
	  VERDICT_WARN,
	  "openssl-half-ktls" },
	{ "receive only",
	  &check_openssl_ktls,
	  { no_send },
	  VERDICT_WARN,
	  "openssl-half-ktls" },
	{ "1.1.1",
	  &check_openssl_ktls,
	  { v1_1_1, no_openssl_ktls },
	  VERDICT_FAIL,
	  "openssl-too-old" },
	{ "not asked",
	  &check_openssl_ktls,
	  { openssl_not_asked },
	  VERDICT_UNKNOWN,
	  NULL },

	{ "3.2", &check_openssl_tls13_receive, { v3_2_0 }, VERDICT_OK, NULL },
	{ "3.0.1",
	  &check_openssl_tls13_receive,
	  { v3_0_1 },
	  VERDICT_WARN,
	  "openssl-receive-broken" },
	{ "3.0",
	  &check_openssl_tls13_receive,
	  { openssl_3_0 },
	  VERDICT_WARN,
	  "openssl-tls13-receive" },
	{ "no kTLS",
	  &check_openssl_tls13_receive,
	  { no_openssl_ktls },
	  VERDICT_SKIP,
	  NULL },
	{ "not asked",
	  &check_openssl_tls13_receive,
	  { openssl_not_asked },
	  VERDICT_UNKNOWN,
	  NULL },

	{ "on", &check_openssl_option, { 0 }, VERDICT_OK, NULL },
	{ "off",
	  &check_openssl_option,
	  { option_off },
	  VERDICT_WARN,
	  "openssl-option-off" },
	{ "unset",
	  &check_openssl_option,
	  { unset },
	  VERDICT_INFO,
	  "openssl-option-unset" },
	{ "no chain",
	  &check_openssl_option,
	  { no_chain },
	  VERDICT_INFO,
	  "openssl-option-unset" },
	{ "no file",
	  &check_openssl_option,
	  { no_cnf },
	  VERDICT_INFO,
	  "openssl-option-unset" },
	{ "unset and unsure",
	  &check_openssl_option,
	  { unset, unsure },
	  VERDICT_UNKNOWN,
	  "openssl-option-unsure" },
	{ "denied", &check_openssl_option, { cnf_denied }, VERDICT_UNKNOWN, NULL },

	{ "both can", &check_openssl_keyupdate, { 0 }, VERDICT_OK, NULL },
	{ "the kernel cannot",
	  &check_openssl_keyupdate,
	  { no_rekey },
	  VERDICT_WARN,
	  "keyupdate-fatal" },
	{ "OpenSSL cannot",
	  &check_openssl_keyupdate,
	  { openssl_3_0 },
	  VERDICT_WARN,
	  "keyupdate-stale-key" },
	{ "neither can",
	  &check_openssl_keyupdate,
	  { openssl_3_0, no_rekey },
	  VERDICT_WARN,
	  "keyupdate-stale-key" },
	{ "not loaded",
	  &check_openssl_keyupdate,
	  { unloaded },
	  VERDICT_UNKNOWN,
	  "keyupdate-unknown" },
	{ "counters denied",
	  &check_openssl_keyupdate,
	  { stat_denied },
	  VERDICT_UNKNOWN,
	  "keyupdate-unknown" },
	{ "no kTLS", &check_openssl_keyupdate, { no_openssl_ktls }, VERDICT_SKIP, NULL },
	{ "no kTLS in the kernel",
	  &check_openssl_keyupdate,
	  { without_tls },
	  VERDICT_SKIP,
	  NULL },
	{ "not asked",
	  &check_openssl_keyupdate,
	  { openssl_not_asked },
	  VERDICT_UNKNOWN,
	  NULL },

	{ "none", &check_openssl_defects, { 0 }, VERDICT_OK, NULL },
	{ "3.0.1",
	  &check_openssl_defects,
	  { v3_0_1 },
	  VERDICT_WARN,
	  "openssl-tls12-receive" },
	{ "3.0.3",
	  &check_openssl_defects,
	  { v3_0_3 },
	  VERDICT_WARN,
	  "openssl-client-connect" },
	{ "3.0.22",
	  &check_openssl_defects,
	  { v3_0_22 },
	  VERDICT_WARN,
	  "openssl-moving-buffer" },
	{ "3.5.6",
	  &check_openssl_defects,
	  { v3_5_6 },
	  VERDICT_WARN,
	  "openssl-moving-buffer" },
	{ "3.5.7", &check_openssl_defects, { v3_5_7 }, VERDICT_OK, NULL },
	{ "3.6.2",
	  &check_openssl_defects,
	  { v3_6_2 },
	  VERDICT_INFO,
	  "openssl-moving-buffer-unclear" },
	{ "4.0.9",
	  &check_openssl_defects,
	  { v4_0_9 },
	  VERDICT_INFO,
	  "openssl-moving-buffer-unclear" },
	{ "no kTLS",
	  &check_openssl_defects,
	  { v3_0_1, no_openssl_ktls },
	  VERDICT_SKIP,
	  NULL },
	{ "not asked",
	  &check_openssl_defects,
	  { openssl_not_asked },
	  VERDICT_UNKNOWN,
	  NULL },

	{ "the same", &check_openssl_version, { 0 }, VERDICT_OK, NULL },
	{ "older than the headers",
	  &check_openssl_version,
	  { newer_headers },
	  VERDICT_WARN,
	  "openssl-older-than-headers" },
	{ "not asked",
	  &check_openssl_version,
	  { openssl_not_asked },
	  VERDICT_UNKNOWN,
	  NULL },

	{ "one", &check_openssl_copies, { 0 }, VERDICT_OK, NULL },
	{ "none", &check_openssl_copies, { no_copies }, VERDICT_OK, NULL },
	{ "two",
	  &check_openssl_copies,
	  { two_copies },
	  VERDICT_INFO,
	  "openssl-several-copies" },
	{ "one without",
	  &check_openssl_copies,
	  { one_without },
	  VERDICT_INFO,
	  "openssl-copy-without-ktls" },
	{ "denied", &check_openssl_copies, { copies_denied }, VERDICT_UNKNOWN, NULL },
};

static void test_outcomes(void **state)
{
	(void)state;
	all_outcomes_have_rows(rows, ARRAY_SIZE(rows));
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_CHECKS(rows),
		UNIT_ONE("every answer has a row", test_outcomes),
	};

	return unit_run("checks of OpenSSL", sets, ARRAY_SIZE(sets));
}
