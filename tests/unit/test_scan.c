/* SPDX-License-Identifier: MIT */
/* The scanner: what is said before TLS, verdicts over facts, the advice. */
#include "good.h"

#include <errno.h>

#include "../../lib/host/arena.h"
#include "../../lib/net/lookup.h"
#include "../../lib/net/starttls.h"
#include "../../lib/probe/handshake.h"
#include "../../lib/probe/scan.h"

/* ---- before TLS ---- */

struct start_row {
	const char *name;
	enum starttls_kind kind;
	const char *in;
	int err;
	bool done;
	const char *said; /* by us, one after the other */
	const char *why;
};

#define GREETED "220 mx\r\n"
#define EHLO    "EHLO localhost\r\n"

static const struct start_row starts[] = {
	{ "smtp", STARTTLS_SMTP, GREETED "250-mx\r\n250 STARTTLS\r\n220 go\r\n", 0, true,
	  EHLO "STARTTLS\r\n", "" },
	{ "smtp, small letters and no returns", STARTTLS_SMTP,
	  "220-a\n220 b\n250-mx\n250 starttls\n220\n", 0, true, EHLO "STARTTLS\r\n", "" },
	{ "smtp without", STARTTLS_SMTP, GREETED "250-mx\r\n250 SIZE\r\n", -ENOTSUP,
	  false, EHLO, "" },
	{ "smtp, in the greeting it counts for nothing", STARTTLS_SMTP,
	  "220 STARTTLS\r\n250 mx\r\n", -ENOTSUP, false, EHLO, "" },
	{ "smtp, a longer word", STARTTLS_SMTP, GREETED "250 STARTTLSX\r\n", -ENOTSUP,
	  false, EHLO, "" },
	{ "smtp, refused after all", STARTTLS_SMTP, GREETED "250 STARTTLS\r\n501 no\r\n",
	  -ENOTSUP, false, EHLO "STARTTLS\r\n", "" },
	{ "smtp, later", STARTTLS_SMTP, GREETED "250 STARTTLS\r\n454 later\r\n", -EACCES,
	  false, EHLO "STARTTLS\r\n", "454 later" },
	{ "smtp, busy", STARTTLS_SMTP, "421 too many \001\r\n", -EACCES, false, "",
	  "421 too many ?" },
	{ "smtp, something else", STARTTLS_SMTP, "SSH-2.0-x\r\n", -EBADMSG, false, "",
	  "" },
	{ "smtp, half a code", STARTTLS_SMTP, "22\r\n", -EBADMSG, false, "", "" },
	{ "smtp, no blank", STARTTLS_SMTP, "220x\r\n", -EBADMSG, false, "", "" },
	{ "smtp, an answer too many", STARTTLS_SMTP,
	  GREETED "250 STARTTLS\r\n220 go\r\n250 ok\r\n", -EPROTO, true,
	  EHLO "STARTTLS\r\n", "" },
	{ "smtp, not yet", STARTTLS_SMTP, GREETED "250-mx\r\n250 STARTTLS", 0, false,
	  EHLO, "" },
	{ "imap", STARTTLS_IMAP, "* OK hi\r\n* x y\r\na OK go\r\n", 0, true,
	  "a STARTTLS\r\n", "" },
	{ "imap without", STARTTLS_IMAP, "* OK hi\r\na BAD what\r\n", -ENOTSUP, false,
	  "a STARTTLS\r\n", "" },
	{ "imap, somebody already", STARTTLS_IMAP, "* PREAUTH hi\r\n", -ENOTSUP, false,
	  "", "" },
	{ "imap, closed", STARTTLS_IMAP, "* BYE full\r\n", -EACCES, false, "",
	  "* BYE full" },
	{ "imap, another tag", STARTTLS_IMAP, "* OK hi\r\nb OK go\r\n", -EBADMSG, false,
	  "a STARTTLS\r\n", "" },
	{ "imap, an answer before the question", STARTTLS_IMAP, "a OK go\r\n", -EBADMSG,
	  false, "", "" },
	{ "imap, something else", STARTTLS_IMAP, "220 mx\r\n", -EBADMSG, false, "", "" },
	{ "postgres", STARTTLS_POSTGRES, "S", 0, true, NULL, "" },
	{ "postgres without", STARTTLS_POSTGRES, "N", -ENOTSUP, false, NULL, "" },
	{ "postgres, an error", STARTTLS_POSTGRES, "E...", -EACCES, false, NULL,
	  "an error instead of an answer" },
	{ "postgres, more behind it", STARTTLS_POSTGRES, "Sx", -EPROTO, true, NULL, "" },
	{ "postgres, something else", STARTTLS_POSTGRES, "HTTP/1.1", -EBADMSG, false,
	  NULL, "" },
	{ "tls at once: nobody speaks before", STARTTLS_NONE, "x", -EPROTO, true, "",
	  "" },
};

static void take_said(struct notes *n, struct starttls *s)
{
	note(n, "%.*s", (int)s->say.len, s->say.p);
	s->say = span("", 0);
}

static void test_start(void **state)
{
	const struct start_row *row = *state;
	struct notes said = { .len = 0 };
	struct starttls s;
	int err = 0;

	starttls_begin(&s, row->kind);
	if (row->kind == STARTTLS_POSTGRES) {
		assert_int_equal(s.say.len, 8);
		assert_memory_equal(s.say.p, "\0\0\0\x08\x04\xd2\x16\x2f", 8);
		err = starttls_feed(&s, span_of_text(row->in));
	}
	for (const char *p = row->in; row->kind != STARTTLS_POSTGRES && *p && !err; p++) {
		err = starttls_feed(&s, span(p, 1));
		take_said(&said, &s);
	}
	assert_int_equal(err, row->err);
	assert_int_equal(starttls_done(&s), row->done);
	assert_string_equal(s.why, row->why);
	if (row->said)
		assert_string_equal(said.text, row->said);
}

/* The same whatever it says: lines that do not end, and lines without end. */
static void test_too_much(void **state)
{
	static const char *const lines[] = { "220-x", "220-more and more\r\n",
					     "* OK x y\r\n" };
	struct starttls s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const size_t len = strlen(lines[i]);
		size_t fed = 0;
		int err = 0;

		starttls_begin(&s, i < 2 ? STARTTLS_SMTP : STARTTLS_IMAP);
		while (!err && fed < 2 * STARTTLS_BYTES) {
			err = starttls_feed(&s, span(lines[i], i ? len : 5));
			fed += len;
		}
		assert_int_equal(err, -EMSGSIZE);
		assert_true(fed <= (i ? STARTTLS_BYTES + len : STARTTLS_LINE + len));
	}
}

/* ---- whom ---- */

struct target_row {
	const char *name, *text, *host;
	uint16_t port; /* 0: it is none */
	bool numeric;
};

static const struct target_row targets[] = {
	{ "a name", "example.org:443", "example.org", 443, false },
	{ "v4", "192.0.2.1:25", "192.0.2.1", 25, true },
	{ "v6", "[2001:db8::1]:443", "2001:db8::1", 443, true },
	{ "no port", "example.org", "", 0, false },
	{ "port 0", "example.org:0", "", 0, false },
	{ "a port too high", "example.org:65536", "", 0, false },
	{ "no host", ":443", "", 0, false },
	{ "v6 without brackets", "::1:443", "", 0, false },
	{ "a name in brackets", "[example.org]:443", "", 0, false },
	{ "a blank", "exa mple:443", "", 0, false },
	{ "a line's end", "a\r\nX: b:443", "", 0, false },
	{ "a path", "a/b:443", "", 0, false },
	{ "like an option", "-x:443", "", 0, false },
};

static void test_target(void **state)
{
	const struct target_row *row = *state;
	struct target t;

	assert_int_equal(target_parse(row->text, &t), row->port != 0);
	if (!row->port)
		return;
	assert_string_equal(t.host, row->host);
	assert_int_equal(t.port, row->port);
	assert_int_equal(t.numeric, row->numeric);
}

static void test_lookup(void **state)
{
	struct target t;
	struct address a[4];

	(void)state;
	assert_true(target_parse("[::1]:7", &t));
	assert_int_equal(target_lookup(&t, 1000, a, ARRAY_SIZE(a)), 1);
	assert_int_equal(address_port(&a[0]), 7);
	assert_true(target_parse("127.0.0.1:8", &t));
	assert_int_equal(target_lookup(&t, 1000, a, ARRAY_SIZE(a)), 1);
	assert_int_equal(address_port(&a[0]), 8);
}

/* ---- verdicts ---- */

TWEAK(ssl_3_0_1, f->openssl.version = "3.0.1";)
TWEAK(ssl_3_1, f->openssl.version = "3.1.9";)
TWEAK(fips_on, f->fips.present = true; f->fips.enabled = true;)
TWEAK(filtered, f->caller.seccomp_passes = TRI_NO;)
TWEAK(no_algorithms, f->crypto.n_algs = 0;)
LOST(no_ssl, FACT_OPENSSL, -EIO)
LOST(no_ulp, FACT_ULP, -EACCES)
LOST(no_module, FACT_MODULE, -EACCES)
LOST(no_stat, FACT_TLS_STAT, -EACCES)

static void one_module(struct facts *f, bool found, bool blacklisted_)
{
	static struct cipher_module modules[2];

	modules[blacklisted_] = (struct cipher_module){ .cipher = "AES-GCM",
							.algorithm = "gcm(aes)",
							.alias = "crypto-gcm",
							.module = "gcm",
							.found = found,
							.blacklisted = blacklisted_ };
	f->crypto.n_algs = 0;
	f->ciphers.src = (struct source){ "libkmod", 0 };
	f->ciphers.modules = &modules[blacklisted_];
	f->ciphers.n_modules = 1;
}

TWEAK(gcm_loadable, one_module(f, true, false);)
TWEAK(gcm_gone, one_module(f, false, false);)
TWEAK(gcm_barred, one_module(f, true, true);)

struct way_row {
	const char *name;
	tweak_fn tweaks[MAX_TWEAKS];
	uint16_t version;
	const char *suite;
	enum tristate seen;
	const char *tx, *rx; /* "verdict reason" */
};

#define GCM12 "ECDHE-RSA-AES128-GCM-SHA256"
#define GCM13 "TLS_AES_128_GCM_SHA256"

static const struct way_row ways[] = {
	{ "all is there", { NULL }, KTLS_1_3, GCM13, TRI_UNKNOWN, "could ", "could " },
	{ "seen", { NULL }, KTLS_1_3, GCM13, TRI_YES, "seen ", "seen " },
	{ "tried for nothing",
	  { NULL },
	  KTLS_1_2,
	  GCM12,
	  TRI_NO,
	  "no stayed-in-user-space",
	  "no stayed-in-user-space" },
	{ "seen counts more than what is known",
	  { without_tls },
	  KTLS_1_2,
	  GCM12,
	  TRI_YES,
	  "seen ",
	  "seen " },
	{ "1.1",
	  { NULL },
	  0x0302,
	  "AES128-SHA",
	  TRI_UNKNOWN,
	  "no version-too-old",
	  "no version-too-old" },
	{ "CBC",
	  { NULL },
	  KTLS_1_2,
	  "ECDHE-RSA-AES128-SHA256",
	  TRI_UNKNOWN,
	  "no cipher-not-in-kernel",
	  "no cipher-not-in-kernel" },
	{ "CCM of 256 bits",
	  { NULL },
	  KTLS_1_2,
	  "ECDHE-ECDSA-AES256-CCM",
	  TRI_UNKNOWN,
	  "no cipher-not-in-kernel",
	  "no cipher-not-in-kernel" },
	{ "a short tag",
	  { NULL },
	  KTLS_1_2,
	  "ECDHE-ECDSA-AES128-CCM8",
	  TRI_UNKNOWN,
	  "no cipher-not-in-kernel",
	  "no cipher-not-in-kernel" },
	{ "a short tag, 1.3",
	  { NULL },
	  KTLS_1_3,
	  "TLS_AES_128_CCM_8_SHA256",
	  TRI_NO,
	  "no cipher-not-in-kernel",
	  "no cipher-not-in-kernel" },
	{ "aria",
	  { NULL },
	  KTLS_1_2,
	  "ECDHE-ARIA128-GCM-SHA256",
	  TRI_UNKNOWN,
	  "no cipher-not-in-libssl",
	  "no cipher-not-in-libssl" },
	{ "old libssl, 1.3",
	  { openssl_3_0 },
	  KTLS_1_3,
	  GCM13,
	  TRI_UNKNOWN,
	  "could ",
	  "no libssl-tls13-receive" },
	{ "old libssl, 1.2",
	  { openssl_3_0 },
	  KTLS_1_2,
	  GCM12,
	  TRI_UNKNOWN,
	  "could ",
	  "could " },
	{ "very old libssl",
	  { ssl_3_0_1 },
	  KTLS_1_2,
	  GCM12,
	  TRI_UNKNOWN,
	  "could ",
	  "no libssl-receive-broken" },
	{ "old libssl, 1.3 CCM",
	  { ssl_3_1 },
	  KTLS_1_3,
	  "TLS_AES_128_CCM_SHA256",
	  TRI_UNKNOWN,
	  "no libssl-tls13-ccm",
	  "no libssl-tls13-ccm" },
	{ "libssl without kTLS",
	  { no_openssl_ktls },
	  KTLS_1_2,
	  GCM12,
	  TRI_UNKNOWN,
	  "no libssl-without-ktls",
	  "no libssl-without-ktls" },
	{ "libssl not asked",
	  { no_ssl },
	  KTLS_1_2,
	  GCM12,
	  TRI_UNKNOWN,
	  "unknown libssl-unknown",
	  "unknown libssl-unknown" },
	{ "kernel without",
	  { without_tls },
	  KTLS_1_2,
	  GCM12,
	  TRI_UNKNOWN,
	  "no kernel-without-tls",
	  "no kernel-without-tls" },
	{ "kernel without, and no such cipher",
	  { without_tls },
	  KTLS_1_2,
	  "AES128-SHA",
	  TRI_UNKNOWN,
	  "no cipher-not-in-kernel",
	  "no cipher-not-in-kernel" },
	{ "not loaded",
	  { unloaded },
	  KTLS_1_2,
	  GCM12,
	  TRI_UNKNOWN,
	  "could module-not-loaded",
	  "could module-not-loaded" },
	{ "barred",
	  { unloaded, blacklisted },
	  KTLS_1_2,
	  GCM12,
	  TRI_UNKNOWN,
	  "no module-barred",
	  "no module-barred" },
	{ "filtered",
	  { filtered },
	  KTLS_1_2,
	  GCM12,
	  TRI_UNKNOWN,
	  "no seccomp",
	  "no seccomp" },
	{ "nothing readable",
	  { no_ulp, no_module, no_stat },
	  KTLS_1_2,
	  GCM12,
	  TRI_UNKNOWN,
	  "unknown kernel-unknown",
	  "unknown kernel-unknown" },
	{ "FIPS, ChaCha20",
	  { fips_on },
	  KTLS_1_3,
	  "TLS_CHACHA20_POLY1305_SHA256",
	  TRI_UNKNOWN,
	  "no fips",
	  "no fips" },
	{ "FIPS, GCM", { fips_on }, KTLS_1_3, GCM13, TRI_UNKNOWN, "could ", "could " },
	{ "a module that can be loaded",
	  { gcm_loadable },
	  KTLS_1_2,
	  GCM12,
	  TRI_UNKNOWN,
	  "could ",
	  "could " },
	{ "a module that is gone",
	  { gcm_gone },
	  KTLS_1_2,
	  GCM12,
	  TRI_UNKNOWN,
	  "no cipher-module-missing",
	  "no cipher-module-missing" },
	{ "a module that is gone, or the host's",
	  { gcm_gone, in_docker },
	  KTLS_1_2,
	  GCM12,
	  TRI_UNKNOWN,
	  "unknown cipher-module-unseen",
	  "unknown cipher-module-unseen" },
	{ "a module that is barred",
	  { gcm_barred },
	  KTLS_1_2,
	  GCM12,
	  TRI_UNKNOWN,
	  "no cipher-module-barred",
	  "no cipher-module-barred" },
	{ "algorithms not known",
	  { no_algorithms },
	  KTLS_1_2,
	  "ECDHE-RSA-AES128-CCM",
	  TRI_UNKNOWN,
	  "unknown cipher-unknown",
	  "unknown cipher-unknown" },
};

static const char *way_text(const struct scan_way *w, char buf[64])
{
	static const char *const words[] = { "seen", "could", "no", "unknown" };

	snprintf(buf, 64, "%s %s", words[w->verdict], w->reason);
	assert_int_equal(!*w->reason, !*w->why);
	return buf;
}

static void test_way(void **state)
{
	const struct way_row *row = *state;
	struct scan_case c = { .version = row->version,
			       .cipher = cipher_with_suite(row->suite, row->version),
			       .seen = row->seen };
	struct scan_way w;
	struct facts f;
	char text[64];

	tweaked_facts(&f, row->tweaks);
	if (row->tweaks[0] == no_algorithms)
		group_lost(&f, FACT_CIPHERS, -ENOSYS);
	c.direction = KTLS_TX;
	w = scan_suite_way(&f, &c);
	assert_string_equal(way_text(&w, text), row->tx);
	c.direction = KTLS_RX;
	w = scan_suite_way(&f, &c);
	assert_string_equal(way_text(&w, text), row->rx);
}

COUNTER(no_rekey, "TlsTxSw", 1)
COUNTER(rekey, "TlsTxRekeyOk", 0)

struct update_row {
	const char *name;
	tweak_fn tweaks[MAX_TWEAKS];
	const char *way;
};

static const struct update_row updates[] = {
	{ "both can", { rekey }, "could " },
	{ "the kernel cannot", { no_rekey }, "no keyupdate-fatal" },
	{ "OpenSSL cannot", { openssl_3_0, rekey }, "no keyupdate-stale-key" },
	{ "no counters", { no_stat }, "unknown keyupdate-unknown" },
	{ "no kernel", { without_tls }, "no kernel-without-tls" },
	{ "no libssl", { no_openssl_ktls }, "no libssl-without-ktls" },
	{ "libssl not asked", { no_ssl }, "unknown libssl-unknown" },
};

static void test_update(void **state)
{
	const struct update_row *row = *state;
	struct scan_way w;
	struct facts f;
	char text[64];

	tweaked_facts(&f, row->tweaks);
	w = scan_update_way(&f);
	assert_string_equal(way_text(&w, text), row->way);
}

/* ---- advice and headline ---- */

struct advice_row {
	const char *name;
	tweak_fn tweak;
	const char *suites12, *suites13; /* NULL: the version is refused */
	enum scan_choice choice;
	bool needed;
	const char *order12, *order13;
	const char *headline; /* how it goes on */
};

#define CBC  "ECDHE-RSA-AES128-SHA"
#define ARIA "ECDHE-ARIA128-GCM-SHA256"
#define CCM8 "TLS_AES_128_CCM_8_SHA256"
#define BEST                                                                             \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                     \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"

static const struct advice_row advices[] = {
	{ "nothing to change", NULL, GCM12, GCM13, SCAN_CHOICE_SERVER, false, GCM12,
	  GCM13, "TLS 1.3 and 1.2; 2 of 2 suites can be offloaded here" },
	{ "the client may choose otherwise", NULL, CBC ":" GCM12, GCM13,
	  SCAN_CHOICE_CLIENT, true, GCM12 ":" CBC, GCM13,
	  "TLS 1.3 and 1.2; 2 of 3 suites can be offloaded here" },
	{ "the server chooses well", NULL, GCM12 ":" CBC, NULL, SCAN_CHOICE_SERVER, false,
	  GCM12 ":" CBC, "", "TLS 1.2; 1 of 2 suites can be offloaded here" },
	{ "the server chooses badly", NULL, ARIA ":" GCM12 ":" CBC, NULL,
	  SCAN_CHOICE_SERVER, true, GCM12 ":" ARIA ":" CBC, "",
	  "TLS 1.2; 1 of 3 suites can be offloaded here" },
	{ "the server chooses badly with 1.3", NULL, NULL, CCM8 ":" GCM13,
	  SCAN_CHOICE_SERVER, true, "", GCM13 ":" CCM8,
	  "TLS 1.3; 1 of 2 suites can be offloaded here" },
	{ "nothing for kTLS", NULL, CBC, NULL, SCAN_CHOICE_UNKNOWN, true, BEST ":" CBC,
	  "", "TLS 1.2; none of its 1 suite can be offloaded here" },
	{ "nothing for kTLS with one of both", NULL, CBC, GCM13, SCAN_CHOICE_SERVER, true,
	  BEST ":" CBC, GCM13, "TLS 1.3 and 1.2; 1 of 2 suites can be offloaded here" },
	{ "a kernel without kTLS: the order is for another", without_tls, CBC ":" GCM12,
	  NULL, SCAN_CHOICE_SERVER, true, GCM12 ":" CBC, "",
	  "TLS 1.2; none of its 2 suites can be offloaded here: this kernel was built "
	  "without CONFIG_TLS" },
	{ "libssl without kTLS: likewise", no_openssl_ktls, GCM12, NULL,
	  SCAN_CHOICE_SERVER, false, GCM12, "",
	  "TLS 1.2; none of its 1 suite can be offloaded here" },
	{ "sending only", openssl_3_0, NULL, GCM13, SCAN_CHOICE_SERVER, false, "", GCM13,
	  "TLS 1.3; 1 of 1 suite can be offloaded here, to send only" },
	{ "sending only with one of both", openssl_3_0, GCM12, GCM13, SCAN_CHOICE_SERVER,
	  false, GCM12, GCM13,
	  "TLS 1.3 and 1.2; 2 of 2 suites can be offloaded here, 1 of them to send only" },
};

static void fill(struct scan_version *v, const char *word, const char *list,
		 const struct advice_row *row, struct arena *a)
{
	struct span rest, name;

	*v = (struct scan_version){ .version = word,
				    .accept = list ? SCAN_ACCEPTED : SCAN_REFUSED,
				    .note = "",
				    .choice = row->choice };
	if (!list)
		return;
	rest = span_of_text(list);
	while (rest.len) {
		struct scan_suite *s = arena_grow(a, v->suites, v->n_suites, sizeof(*s));

		if (!cut_at(&rest, ':', &name)) {
			name = rest;
			rest = span("", 0);
		}
		assert_non_null(s);
		v->suites = s;
		s[v->n_suites++].name = arena_strndup(a, name.p, name.len);
	}
}

static bool has_line(const char **lines, size_t n, const char *head, const char *rest)
{
	const size_t len = strlen(head);

	for (size_t i = 0; i < n; i++)
		if (!strncmp(lines[i], head, len) &&
		    !strncmp(lines[i] + len, rest, strlen(rest)))
			return true;
	return false;
}

static void lines_say_it(const struct scan_advice *v)
{
	assert_true(has_line(v->nginx, v->n_nginx, "ssl_conf_command Options ", "KTLS;"));
	assert_true(has_line(v->nginx, v->n_nginx, "ssl_prefer_server_ciphers ", "on;"));
	assert_int_equal(*v->order12 != 0,
			 has_line(v->nginx, v->n_nginx, "ssl_ciphers ", v->order12));
	assert_int_equal(*v->order13 != 0,
			 has_line(v->nginx, v->n_nginx, "ssl_conf_command Ciphersuites ",
				  v->order13));
	assert_true(has_line(v->openssl_cnf, v->n_openssl_cnf, "Options = ", "KTLS,"));
	assert_int_equal(*v->order12 != 0, has_line(v->openssl_cnf, v->n_openssl_cnf,
						    "CipherString = ", v->order12));
	assert_int_equal(*v->order13 != 0, has_line(v->openssl_cnf, v->n_openssl_cnf,
						    "Ciphersuites = ", v->order13));
}

static void test_advice(void **state)
{
	const struct advice_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	struct scan_version v[2];
	struct scan_doc d = { .target = "x:1",
			      .starttls = "https",
			      .error = "",
			      .versions = v,
			      .n_versions = 2 };
	struct facts f;

	good_facts(&f);
	if (row->tweak)
		row->tweak(&f);
	fill(&v[0], "1.3", row->suites13, row, a);
	fill(&v[1], "1.2", row->suites12, row, a);
	assert_int_equal(scan_judge(&f, a, &d), 0);
	assert_int_equal(d.advice.needed, row->needed);
	assert_string_equal(d.advice.order12, row->order12);
	assert_string_equal(d.advice.order13, row->order13);
	assert_memory_equal(d.headline, "x:1 accepts ", 12);
	assert_string_equal(d.headline + 12, row->headline);
	lines_say_it(&d.advice);
}

/* ---- for people ---- */

static const char told[] =
	"x:1 accepts TLS 1.3 and 1.2; 1 of 2 suites can be offloaded here, to send only;\n"
	"its certificate is not valid: expired; not all of it could be found out.\n"
	"\n"
	"  address       192.0.2.1:1, as x, the first that answered of 2 addresses\n"
	"  certificate   ! expired; /CN=x\\x01, EC 256, until 2026\n"
	"  incomplete    ? handshake: Connection timed out\n"
	"\n"
	"                                      TX         RX\n"
	"  TLS 1.3       1 of 5 suites, by the server's order; 2 tickets\n"
	"    TLS_AES_128_GCM_SHA256            + kernel   - no\n"
	"      RX: kTLS was asked for, and this connection did not get it\n"
	"  TLS 1.2       1 of 9 suites\n"
	"                ? handshake: Connection timed out\n"
	"    ECDHE-RSA-AES128-SHA              - no       - no\n"
	"      kTLS has no such cipher: it wants AES-GCM, AES-128-CCM or\n"
	"      ChaCha20-Poly1305\n"
	"\n"
	"  records       TLS 1.3: 5 bytes in the largest, of 9 that came\n"
	"  max_fragment  TLS 1.3: ignored\n"
	"                TLS 1.2: no handshake with it: reset\n"
	"  KeyUpdate     the server answers with a new key\n"
	"\n"
	"  order         ! with a version the server accepts no suite that kTLS can have:\n"
	"                  some are put in front\n"
	"  nginx, in the http or server block:\n"
	"      ssl_protocols TLSv1.2 TLSv1.3;\n"
	"      ssl_ciphers " BEST ":ECDHE-RSA-AES128-SHA;\n"
	"      ssl_prefer_server_ciphers on;\n"
	"      ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;\n"
	"      ssl_conf_command Options KTLS;\n"
	"      sendfile on;\n"
	"  openssl.cnf, for servers that have no such options:\n"
	"      openssl_conf = openssl_init\n"
	"      [openssl_init]\n"
	"      ssl_conf = ssl_sect\n"
	"      [ssl_sect]\n"
	"      system_default = system_default_sect\n"
	"      [system_default_sect]\n"
	"      Options = KTLS,ServerPreference\n"
	"      CipherString = " BEST ":ECDHE-RSA-AES128-SHA\n"
	"      Ciphersuites = TLS_AES_128_GCM_SHA256\n"
	"\n"
	"Next: ktlsctl probe --openssl\n";

static void test_text(void **state)
{
	const struct text_style style = { .color = false };
	cleanup_arena struct arena *a = arena_new();
	struct scan_suite s13 = { .name = GCM13, .tried = true, .bio_tx = true };
	struct scan_suite s12 = { .name = CBC, .tried = true };
	struct scan_version v[] = {
		{ .version = "1.3",
		  .suites = &s13,
		  .n_suites = 1,
		  .offered = 5,
		  .note = "",
		  .choice = SCAN_CHOICE_SERVER,
		  .talked = true,
		  .tickets = 2,
		  .largest_record_bytes = 5,
		  .received_bytes = 9,
		  .complete = true,
		  .max_fragment = SCAN_FRAGMENT_IGNORED,
		  .max_fragment_note = "",
		  .key_update = SCAN_UPDATE_ANSWERED,
		  .key_update_note = "" },
		{ .version = "1.2",
		  .suites = &s12,
		  .n_suites = 1,
		  .offered = 9,
		  .note = "handshake: Connection timed out",
		  .max_fragment = SCAN_FRAGMENT_REFUSED,
		  .max_fragment_note = "reset",
		  .key_update_note = "" },
	};
	struct scan_doc d = { .target = "x:1",
			      .starttls = "https",
			      .servername = "x",
			      .address = "192.0.2.1:1",
			      .addresses = 2,
			      .answer = SCAN_INCOMPLETE,
			      .error = "handshake: Connection timed out",
			      .tried = true,
			      .not_tried = "",
			      .certificate = { true, false, "expired", "/CN=x\001",
					       "EC 256", "2026" },
			      .versions = v,
			      .n_versions = 2 };
	cleanup_free char *text = NULL;
	struct facts f;

	(void)state;
	good_facts(&f);
	assert_int_equal(scan_judge(&f, a, &d), 0);
	text = scan_text(&d, &style);
	assert_string_equal(text, told);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("before TLS", starts, test_start),
		UNIT_ONE("a server that does not stop", test_too_much),
		UNIT_ROWS("target", targets, test_target),
		UNIT_ONE("an address is its own", test_lookup),
		UNIT_ROWS("verdict", ways, test_way),
		UNIT_ROWS("KeyUpdate", updates, test_update),
		UNIT_ROWS("advice", advices, test_advice),
		UNIT_ONE("for people", test_text),
	};

	return unit_run("scan", sets, ARRAY_SIZE(sets));
}
