/* SPDX-License-Identifier: MIT */
/* Which handshakes there are, what follows from what the witnesses say, and real ones. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>

#include "../../lib/probe/handshake.h"

/* ---- which ---- */

struct plan_row {
	const char *name;
	const char *ciphers, *ciphersuites;
	bool core;
	const char *only; /* one or two words, a blank between */
	const char *want; /* "version suite[ note]" a line */
};

#define ECDSA "1.2 ECDHE-ECDSA-"
#define DEFAULTS12                                                                       \
	ECDSA "AES128-GCM-SHA256\n" ECDSA "AES256-GCM-SHA384\n" ECDSA                    \
	      "AES128-CCM\n" ECDSA "CHACHA20-POLY1305\n"
#define DEFAULTS13                                                                       \
	"1.3 TLS_AES_128_GCM_SHA256\n1.3 TLS_AES_256_GCM_SHA384\n"                       \
	"1.3 TLS_AES_128_CCM_SHA256\n1.3 TLS_CHACHA20_POLY1305_SHA256\n"
#define FRAGMENT_NOTE "a client with max_fragment_length: libssl keeps to user space"
#define FRAGMENT      "1.3 TLS_AES_128_GCM_SHA256 (" FRAGMENT_NOTE ")\n"
#define MOVED12       " (a TLS 1.2 name does nothing in the TLS 1.3 list: tried with TLS 1.2)\n"
#define MOVED13       " (a TLS 1.3 name does nothing in the TLS 1.2 list: tried with TLS 1.3)\n"

static const struct plan_row plan_rows[] = {
	{ "defaults", NULL, NULL, false, "", DEFAULTS12 DEFAULTS13 FRAGMENT },
	{ "core", NULL, NULL, true, "",
	  ECDSA "AES128-GCM-SHA256\n1.3 TLS_AES_128_GCM_SHA256\n" },
	{ "one version", NULL, NULL, false, "TLS1.2", DEFAULTS12 },
	{ "one cipher", NULL, NULL, false, "aes-gcm-256",
	  ECDSA "AES256-GCM-SHA384\n1.3 TLS_AES_256_GCM_SHA384\n" },
	{ "both", NULL, NULL, false, "tls1.3 AES-GCM-128",
	  "1.3 TLS_AES_128_GCM_SHA256\n" FRAGMENT },
	{ "two of a kind", NULL, NULL, false, "aes-gcm-256 aes-ccm-128",
	  ECDSA "AES256-GCM-SHA384\n" ECDSA "AES128-CCM\n"
		"1.3 TLS_AES_256_GCM_SHA384\n1.3 TLS_AES_128_CCM_SHA256\n" },
	{ "a direction narrows nothing down", NULL, NULL, false, "TLS1.2 rx",
	  DEFAULTS12 },
	{ "a direction alone", NULL, NULL, false, "tx", DEFAULTS12 DEFAULTS13 FRAGMENT },
	{ "a feature is no handshake", NULL, NULL, false, "sendfile", "" },
	{ "a feature of a version", NULL, NULL, false, "sendfile TLS1.2", DEFAULTS12 },
	{ "a cipher without default", NULL, NULL, false, "sm4-gcm", "" },
	{ "ciphers", "AES128-SHA:AES256-SHA", NULL, false, "",
	  "1.2 AES128-SHA\n1.2 AES256-SHA\n" DEFAULTS13 },
	{ "ciphersuites", NULL, "TLS_SM4_GCM_SM3", false, "",
	  DEFAULTS12 "1.3 TLS_SM4_GCM_SM3\n" },
	{ "both lists", "A", "TLS_B", false, "", "1.2 A\n1.3 TLS_B\n" },
	{ "any of OpenSSL's separators", ":A,B C::", "TLS_B", false, "",
	  "1.2 A\n1.2 B\n1.2 C\n1.3 TLS_B\n" },
	{ "empty lists", "", "", false, "", "" },
	{ "a TLS 1.3 name in the wrong list", "A:TLS_AES_128_GCM_SHA256", NULL, false, "",
	  "1.2 A\n1.3 TLS_AES_128_GCM_SHA256" MOVED13 },
	{ "nothing else in it", "TLS_AES_128_GCM_SHA256", NULL, false, "",
	  "1.3 TLS_AES_128_GCM_SHA256" MOVED13 },
	{ "a TLS 1.2 name in the wrong list", NULL, "A", false, "", "1.2 A" MOVED12 },
	{ "a name of the RFCs is TLS 1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "",
	  false, "", "1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\n" },
	{ "the cipher is how the name ends",
	  "ECDHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256:XAES128-GCM-SHA256:"
	  "DHE-RSA-AES128-CCM8",
	  "", false, "aes-gcm-128",
	  "1.2 ECDHE-RSA-AES128-GCM-SHA256\n1.2 AES128-GCM-SHA256\n" },
	{ "modifiers", "!aNULL:A:@SECLEVEL=0", "-B", false, "",
	  "1.2 !aNULL (not the name of a suite)\n1.2 A\n"
	  "1.2 @SECLEVEL=0 (not the name of a suite)\n"
	  "1.3 -B (not the name of a suite)\n" },
	{ "named and narrowed down", "AES128-SHA:ECDHE-ECDSA-AES128-GCM-SHA256", NULL,
	  false, "aes-gcm-128", ECDSA "AES128-GCM-SHA256\n1.3 TLS_AES_128_GCM_SHA256\n" },
};

/* Cuts the row's words in place. */
static size_t split(char *text, const char *words[2])
{
	size_t n = 0;

	for (char *save, *w = strtok_r(text, " ", &save); w;
	     w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	return n;
}

static void test_plan(void **state)
{
	const struct plan_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	const char *words[2];
	struct probe_options o = { .openssl = true,
				   .core = row->core,
				   .ciphers = row->ciphers,
				   .ciphersuites = row->ciphersuites };
	struct handshake_plan *rows;
	struct notes n = { 0 };
	size_t count;

	o.only = (struct probe_filter){ words, split(arena_strdup(a, row->only), words) };
	assert_int_equal(handshake_plan(&o, a, &rows, &count), 0);
	for (size_t i = 0; i < count; i++) {
		const char *word = ktls_version_of(rows[i].version)->word + 3;

		if (*rows[i].note)
			note(&n, "%s %s (%s)\n", word, rows[i].suite, rows[i].note);
		else
			note(&n, "%s %s\n", word, rows[i].suite);
		assert_int_equal(rows[i].max_fragment,
				 !strcmp(rows[i].note, FRAGMENT_NOTE));
	}
	assert_string_equal(n.text, row->want);
}

/* ---- who says what ---- */

struct saw_row {
	const char *name;
	/* client, server: libssl 'y' or 'n', the kernel 'y', 'n' or '?'; "yyyy" */
	const char *says;
	int counted; /* -1: not known */
	bool private_netns, other_keys;
	bool agrees, in_kernel, counts;
	enum probe_verdict verdict; /* of good data, the kernel taking keys itself */
};

static const struct saw_row saw_rows[] = {
	{ "all say yes, alone", "yyyy", 2, true, false, true, true, true, PROBE_WORKS },
	{ "all say no, alone", "nnnn", 0, true, false, true, false, false,
	  PROBE_USER_SPACE },
	{ "one was counted of two", "yyyy", 1, true, false, false, true, true,
	  PROBE_WORKS },
	{ "none was counted of two", "yyyy", 0, true, false, false, true, false,
	  PROBE_WORKS },
	{ "three were counted", "yyyy", 3, true, false, false, true, true, PROBE_WORKS },
	{ "counted, and nobody has it", "nnnn", 1, true, false, false, false, true,
	  PROBE_USER_SPACE },
	{ "others have it too", "yyyy", 7, false, false, true, true, true, PROBE_WORKS },
	{ "too few of a shared namespace", "yyyy", 1, false, false, false, true, false,
	  PROBE_WORKS },
	{ "others only", "nnnn", 5, false, false, true, false, false, PROBE_USER_SPACE },
	{ "no counters", "yyyy", -1, true, false, true, true, false, PROBE_WORKS },
	{ "no counters, no", "nnnn", -1, true, false, true, false, false,
	  PROBE_USER_SPACE },
	{ "the kernel says nothing", "y?y?", 2, true, false, true, true, true,
	  PROBE_WORKS },
	{ "the kernel says nothing, libssl no", "n?n?", 0, true, false, true, false,
	  false, PROBE_USER_SPACE },
	{ "libssl only", "ynyn", 0, true, false, false, false, false, PROBE_BROKEN },
	{ "the kernel only", "nyny", 2, true, false, false, false, true, PROBE_BROKEN },
	{ "libssl only, at the server", "yyyn", 1, true, false, false, true, true,
	  PROBE_BROKEN },
	{ "the client only", "yynn", 1, true, false, false, true, true, PROBE_WORKS },
	{ "the server only", "nnyy", 1, true, false, false, false, true,
	  PROBE_USER_SPACE },
	{ "keys of another cipher", "yyyy", 2, true, true, false, true, true,
	  PROBE_WORKS },
};

static enum tristate tri(char c)
{
	return c == 'y' ? TRI_YES : c == 'n' ? TRI_NO : TRI_UNKNOWN;
}

static void test_saw(void **state)
{
	const struct saw_row *row = *state;
	const char *w = row->says;
	const struct direction_saw s = {
		.bio = { w[0] == 'y', w[2] == 'y' },
		.kernel = { tri(w[1]), tri(w[3]) },
		.other_keys = row->other_keys,
		.counts_known = row->counted >= 0,
		.private_netns = row->private_netns,
		.counted = row->counted > 0 ? (uint64_t)row->counted : 0,
	};
	const struct shake_end good = { SHAKE_DONE, 0 };

	assert_int_equal(direction_agrees(&s), row->agrees);
	assert_int_equal(direction_in_kernel(&s), row->in_kernel);
	assert_int_equal(direction_counted(&s), row->counts);
	assert_int_equal(handshake_verdict(&s, &good, 0, true), row->verdict);
}

/* ---- what follows ---- */

struct verdict_row {
	const char *name;
	bool in_kernel;
	enum shake_step step;
	int err;
	int refused;
	bool ulp;
	enum probe_verdict verdict;
};

static const struct verdict_row verdict_rows[] = {
	{ "works", true, SHAKE_DONE, 0, 0, true, PROBE_WORKS },
	{ "libssl lacks the suite", false, SHAKE_OPEN, -ENOTSUP, 0, true,
	  PROBE_NO_CRYPTO },
	{ "no sockets", false, SHAKE_OPEN, -EMFILE, 0, true, PROBE_UNKNOWN },
	{ "no certificate", false, SHAKE_OPEN, -EIO, 0, true, PROBE_UNKNOWN },
	{ "no handshake", false, SHAKE_HANDSHAKE, -EPROTO, 0, true, PROBE_UNKNOWN },
	{ "slow handshake", false, SHAKE_HANDSHAKE, -ETIMEDOUT, 0, true, PROBE_UNKNOWN },
	{ "slow data", true, SHAKE_DATA, -ETIMEDOUT, 0, true, PROBE_UNKNOWN },
	{ "other data", true, SHAKE_DATA, -EILSEQ, 0, true, PROBE_BROKEN },
	{ "other data, without the kernel", false, SHAKE_DATA, -EILSEQ, 0, true,
	  PROBE_BROKEN },
	{ "refused by the other end", true, SHAKE_DATA, -EPROTO, 0, true, PROBE_BROKEN },
	{ "not decrypted", true, SHAKE_DATA, -EBADMSG, 0, true, PROBE_BROKEN },
	{ "no memory", true, SHAKE_DATA, -ENOMEM, 0, true, PROBE_UNKNOWN },
	{ "no good-bye", true, SHAKE_SHUTDOWN, -EPROTO, 0, true, PROBE_BROKEN },
	{ "slow good-bye", true, SHAKE_SHUTDOWN, -ETIMEDOUT, 0, true, PROBE_UNKNOWN },
	{ "no TLS in the kernel", false, SHAKE_DONE, 0, -ENOENT, false,
	  PROBE_USER_SPACE },
	{ "no such algorithm", false, SHAKE_DONE, 0, -ENOENT, true, PROBE_NO_CRYPTO },
	{ "no such cipher", false, SHAKE_DONE, 0, -EINVAL, true, PROBE_NOT_IN_KERNEL },
	{ "libssl does not ask", false, SHAKE_DONE, 0, 0, true, PROBE_USER_SPACE },
	{ "not found out why", false, SHAKE_DONE, 0, -EMFILE, true, PROBE_USER_SPACE },
};

static void test_verdict(void **state)
{
	const struct verdict_row *row = *state;
	const enum tristate k = row->in_kernel ? TRI_YES : TRI_NO;
	const struct direction_saw s = { .bio = { row->in_kernel, row->in_kernel },
					 .kernel = { k, k } };
	const struct shake_end e = { row->step, row->err };

	assert_int_equal(handshake_verdict(&s, &e, row->refused, row->ulp), row->verdict);
}

/* ---- real ones ---- */

/* Keeps the machine as it is: who may not load modules changes nothing. */
static int handshakes(const struct probe_options *o, struct arena *a,
		      struct probe_facts *out)
{
	const bool root = !geteuid();
	int err;

	if (root)
		assert_int_equal(seteuid(65534), 0);
	err = probe_handshakes(o, a, out);
	if (root)
		assert_int_equal(seteuid(0), 0);
	return err;
}

static bool kernel_has_tls(void)
{
	struct handshake_plan row = { .version = KTLS_1_2 };
	const bool root = !geteuid();
	bool ulp;

	if (root)
		assert_int_equal(seteuid(65534), 0);
	kernel_refuses(&row, KTLS_TX, &ulp);
	if (root)
		assert_int_equal(seteuid(0), 0);
	return ulp;
}

static void test_real(void **state)
{
	const struct probe_options o = { .openssl = true };
	cleanup_arena struct arena *a = arena_new();
	struct probe_facts out = { 0 };

	(void)state;
	if (kernel_has_tls())
		skip(); /* the laboratory has these */
	assert_int_equal(handshakes(&o, a, &out), 0);
	assert_int_equal(out.n_handshakes, 9);
	for (size_t i = 0; i < out.n_handshakes; i++) {
		const struct probe_handshake *h = &out.handshakes[i];
		const bool asked = strcmp(h->note, FRAGMENT_NOTE);

		assert_int_equal(h->tx, PROBE_USER_SPACE);
		assert_int_equal(h->rx, PROBE_USER_SPACE);
		assert_false(h->bio_tx || h->bio_rx || h->kernel_tx || h->kernel_rx ||
			     h->counted_tx || h->counted_rx);
		assert_true(h->agree);
		assert_int_equal(h->err, asked ? -ENOENT : 0);
		assert_true(h->duration_us > 0);
	}
}

/* Suites that want another certificate than the usual one. */
static void test_rsa(void **state)
{
	const struct probe_options o = {
		.openssl = true,
		.ciphers = "ECDHE-RSA-AES256-GCM-SHA384:AES128-GCM-SHA256:"
			   "DHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256",
		.ciphersuites = "",
	};
	cleanup_arena struct arena *a = arena_new();
	struct probe_facts out = { 0 };

	(void)state;
	assert_int_equal(handshakes(&o, a, &out), 0);
	assert_int_equal(out.n_handshakes, 4);
	for (size_t i = 0; i < out.n_handshakes; i++) {
		const struct probe_handshake *h = &out.handshakes[i];

		assert_true(h->tx == PROBE_USER_SPACE || h->tx == PROBE_WORKS);
		assert_true(h->rx == PROBE_USER_SPACE || h->rx == PROBE_WORKS);
		assert_true(h->agree);
	}
}

static int highest_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static void test_nothing_left(void **state)
{
	const struct probe_options o = { .openssl = true, .core = true };
	cleanup_arena struct arena *a = arena_new();
	struct probe_facts out = { 0 };
	const int before = highest_fd();
	struct sigaction pipe;

	(void)state;
	assert_int_equal(handshakes(&o, a, &out), 0);
	assert_int_equal(out.n_handshakes, 2);
	assert_int_equal(highest_fd(), before);
	assert_int_equal(sigaction(SIGPIPE, NULL, &pipe), 0);
	assert_ptr_equal(pipe.sa_handler, SIG_DFL);
}

static void test_missing_suite(void **state)
{
	const struct probe_options o = { .openssl = true,
					 .ciphers = "NONSENSE",
					 .ciphersuites = "TLS_NONSENSE:!X" };
	cleanup_arena struct arena *a = arena_new();
	struct probe_facts out = { 0 };

	(void)state;
	assert_int_equal(handshakes(&o, a, &out), 0);
	assert_int_equal(out.n_handshakes, 3);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(out.handshakes[i].tx, PROBE_NO_CRYPTO);
		assert_int_equal(out.handshakes[i].err, -ENOTSUP);
		assert_string_equal(out.handshakes[i].note,
				    "this libssl does not offer the suite");
	}
	assert_int_equal(out.handshakes[2].tx, PROBE_UNTRIED);
}

/* The driver itself: what it says when the other end, or the data, is not right. */
struct pair_row {
	const char *name;
	uint16_t version;
	const char *suite;
	int harm; /* 0: none; 1: a byte too much on the wire; 2: the other end is gone */
	int want;
};

static const struct pair_row pair_rows[] = {
	{ "TLS 1.2", KTLS_1_2, "ECDHE-ECDSA-AES128-GCM-SHA256", 0, 0 },
	{ "TLS 1.3", KTLS_1_3, "TLS_AES_128_GCM_SHA256", 0, 0 },
	{ "TLS 1.2, foreign bytes", KTLS_1_2, "ECDHE-ECDSA-AES128-GCM-SHA256", 1,
	  -EPROTO },
	{ "TLS 1.3, foreign bytes", KTLS_1_3, "TLS_AES_128_GCM_SHA256", 1, -EPROTO },
	{ "TLS 1.3, cut off", KTLS_1_3, "TLS_AES_128_GCM_SHA256", 2, -EPROTO },
};

static void test_pair(void **state)
{
	const struct pair_row *row = *state;
	const struct handshake_plan plan = { .version = row->version,
					     .suite = row->suite,
					     .note = "" };
	cleanup_identity struct tls_identity id = { 0 };
	struct tls_pair *p;
	const char *reason;

	assert_int_equal(identity_make(&id), 0);
	assert_int_equal(tls_pair_open(&p, &id, &plan, &reason), 0);
	assert_int_equal(tls_pair_handshake(p), 0);
	assert_string_equal(tls_pair_suite(p), row->suite);
	assert_int_equal(tls_pair_send(p, TLS_SERVER, 100000), 0);
	if (row->harm == 1)
		assert_int_equal(send(tls_pair_fd(p, TLS_CLIENT), "\27\3\3\0\30", 5, 0),
				 5);
	if (row->harm == 2)
		assert_int_equal(shutdown(tls_pair_fd(p, TLS_SERVER), SHUT_WR), 0);
	assert_int_equal(tls_pair_send(p, row->harm == 2 ? TLS_SERVER : TLS_CLIENT, 100),
			 row->want);
	if (!row->harm)
		assert_int_equal(tls_pair_shutdown(p), 0);
	if (row->harm == 1)
		assert_string_not_equal(tls_pair_reason(p), "");
	tls_pair_free(p);
}

static void test_too_much(void **state)
{
	const struct handshake_plan plan = { .version = KTLS_1_3,
					     .suite = "TLS_AES_128_GCM_SHA256" };
	cleanup_identity struct tls_identity id = { 0 };
	struct tls_pair *p;
	const char *reason;

	(void)state;
	assert_int_equal(identity_make(&id), 0);
	assert_int_equal(tls_pair_open(&p, &id, &plan, &reason), 0);
	assert_int_equal(tls_pair_send(p, TLS_CLIENT, (1 << 20) + 1), -EMSGSIZE);
	tls_pair_free(p);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("which", plan_rows, test_plan),
		UNIT_ROWS("witnesses", saw_rows, test_saw),
		UNIT_ROWS("verdict", verdict_rows, test_verdict),
		UNIT_ROWS("pair", pair_rows, test_pair),
		UNIT_ONE("too much data", test_too_much),
		UNIT_ONE("without kTLS in the kernel", test_real),
		UNIT_ONE("with an RSA key", test_rsa),
		UNIT_ONE("nothing is left behind", test_nothing_left),
		UNIT_ONE("suites that libssl lacks", test_missing_suite),
	};

	signal(SIGPIPE, SIG_DFL);
	return unit_run("handshake", sets, ARRAY_SIZE(sets));
}
