/* SPDX-License-Identifier: MIT */
/* Who encrypts on the way through a NIC: what follows from label, effect and switches. */
#include "unit.h"

#include <errno.h>

#include "../../lib/out/render.h"
#include "../../lib/probe/path.h"

/* A card that has it all, one connection of TLS 1.2 with AES-GCM through it: offloaded.
 */
static struct path_saw good(void)
{
	return (struct path_saw){
		.tx = true,
		.version = KTLS_1_2,
		.cipher = KTLS_AES_GCM_128,
		.step = PATH_DONE,
		.handed = true,
		.label = PATH_LABEL_HW,
		.built_with_ktls = true,
		.ulp = true,
		.nics = { 1, TRI_YES, true, true, true, true, false, PATH_PASSES },
		.counts = true,
		.counts_bytes = true,
		.payload = 1000,
		.packets = 2,
		.bytes = 1100,
		.stat_known = true,
		.opened = 1,
	};
}

/* The same without the card's part in it. */
static void in_software(struct path_saw *s)
{
	s->label = PATH_LABEL_SW;
	s->packets = s->bytes = s->opened = 0;
}

static void uncounted(struct path_saw *s)
{
	s->packets = s->bytes = 0;
}

static void nothing(struct path_saw *s)
{
	(void)s;
}
static void only_packets(struct path_saw *s)
{
	s->counts_bytes = false;
	s->bytes = 0;
	s->packets = 1;
}
static void tls13_in_hw(struct path_saw *s)
{
	s->version = KTLS_1_3;
}
static void without_tls_stat(struct path_saw *s)
{
	s->stat_known = false;
	s->opened = 0;
}
static void not_opened(struct path_saw *s)
{
	s->opened = 0;
}
static void no_counters(struct path_saw *s)
{
	uncounted(s);
	s->counts = s->counts_bytes = false;
}
static void link_down(struct path_saw *s)
{
	uncounted(s);
	s->down = true;
}
static void link_down_and_cut(struct path_saw *s)
{
	link_down(s);
	s->step = PATH_TALK;
	s->err = -ETIMEDOUT;
}
static void counted_and_cut(struct path_saw *s)
{
	link_down_and_cut(s);
	s->packets = 2;
	s->bytes = 1100;
}
static void moved(struct path_saw *s)
{
	uncounted(s);
	s->rerouted = true;
}
static void moved_late(struct path_saw *s)
{
	s->rerouted = true;
}
static void down_and_moved(struct path_saw *s)
{
	moved(s);
	s->down = true;
}
static void given_up(struct path_saw *s)
{
	uncounted(s);
	s->given_up = 1;
}
static void given_up_by_others(struct path_saw *s)
{
	s->given_up = 7;
}
static void a_part(struct path_saw *s)
{
	s->bytes = 999;
}
static void cut_in_hw(struct path_saw *s)
{
	s->step = PATH_TALK;
	s->err = -ECONNRESET;
}
static void lo(struct path_saw *s)
{
	in_software(s);
	s->nics = (struct path_nics){ .itself = true };
}
static void tls13_on_lo(struct path_saw *s)
{
	lo(s);
	s->version = KTLS_1_3;
}
static void plain_card(struct path_saw *s)
{
	in_software(s);
	s->nics.can = TRI_NO;
	s->nics.on = s->nics.wanted = false;
}
static void unread(struct path_saw *s)
{
	in_software(s);
	s->nics.can = TRI_UNKNOWN;
}
static void tls13(struct path_saw *s)
{
	in_software(s);
	s->version = KTLS_1_3;
}
static void tls13_and_off(struct path_saw *s)
{
	tls13(s);
	s->nics.on = s->nics.wanted = false;
}
static void chacha(struct path_saw *s)
{
	in_software(s);
	s->cipher = KTLS_CHACHA20_POLY1305;
}
static void gcm256(struct path_saw *s)
{
	in_software(s);
	s->cipher = KTLS_AES_GCM_256;
}
static void vlan(struct path_saw *s)
{
	in_software(s);
	s->nics.itself = false;
}
static void bond(struct path_saw *s)
{
	vlan(s);
	s->nics.bond = true;
}
static void bond_mode(struct path_saw *s)
{
	bond(s);
	s->nics.passes = PATH_BOND_MODE;
}
static void bond_hash(struct path_saw *s)
{
	bond(s);
	s->nics.passes = PATH_BOND_HASH;
}
static void bond_unknown(struct path_saw *s)
{
	bond(s);
	s->nics.passes = PATH_BOND_UNKNOWN;
}
static void bond_of_plain_cards(struct path_saw *s)
{
	bond_mode(s);
	s->nics.can = TRI_NO;
}
static void bond_off(struct path_saw *s)
{
	bond(s);
	s->nics.on = s->nics.wanted = false;
}
static void offloading_bond(struct path_saw *s)
{
	s->nics.itself = false;
	s->nics.bond = true;
}
static void off(struct path_saw *s)
{
	in_software(s);
	s->nics.on = s->nics.wanted = false;
}
static void checksum(struct path_saw *s)
{
	in_software(s);
	s->nics.on = s->nics.checksum = false;
}
static void both_off(struct path_saw *s)
{
	checksum(s);
	s->nics.wanted = false;
}
static void blocked(struct path_saw *s)
{
	in_software(s);
	s->nics.on = false;
}
static void full(struct path_saw *s)
{
	in_software(s);
	s->no_space = 1;
}
static void without_libssl(struct path_saw *s)
{
	in_software(s);
	s->handed = false;
	s->label = PATH_LABEL_NONE;
}
static void old_libssl(struct path_saw *s)
{
	without_libssl(s);
	s->built_with_ktls = false;
}
static void no_ulp(struct path_saw *s)
{
	without_libssl(s);
	s->ulp = false;
	s->refused = -ENOENT;
}
static void no_crypto(struct path_saw *s)
{
	without_libssl(s);
	s->refused = -ENOENT;
}
static void unseen(struct path_saw *s)
{
	in_software(s);
	s->label = PATH_LABEL_UNKNOWN;
}
static void handed_and_none(struct path_saw *s)
{
	s->label = PATH_LABEL_NONE;
}
static void keys_of_nobody(struct path_saw *s)
{
	s->handed = false;
}
static void differ(struct path_saw *s)
{
	s->step = PATH_TALK;
	s->err = -EILSEQ;
}
static void bad_record(struct path_saw *s)
{
	s->step = PATH_TALK;
	s->err = -EPROTO;
}
static void slow(struct path_saw *s)
{
	in_software(s);
	s->step = PATH_TALK;
	s->err = -ETIMEDOUT;
}
static void stranger(struct path_saw *s)
{
	in_software(s);
	s->step = PATH_TALK;
	s->err = -EBADMSG;
	s->stranger = true;
}
static void no_handshake(struct path_saw *s)
{
	*s = (struct path_saw){ .step = PATH_SHAKE, .err = -EPROTO };
}
static void refused(struct path_saw *s)
{
	*s = (struct path_saw){ .step = PATH_CONNECT, .err = -ECONNREFUSED };
}
static void no_route(struct path_saw *s)
{
	*s = (struct path_saw){ .err = -ENETUNREACH };
}
static void elsewhere(struct path_saw *s)
{
	*s = (struct path_saw){ .elsewhere = true };
}

struct verdict_row {
	const char *name;
	void (*but)(struct path_saw *s);
	bool rx;
	enum path_verdict verdict;
	const char *reason;
};

#define TX false
#define RX true

static const struct verdict_row verdicts[] = {
	{ "all is well", nothing, TX, PATH_OFFLOADED, "" },
	{ "all is well, receiving", nothing, RX, PATH_OFFLOADED, "" },
	{ "a driver that counts packets alone", only_packets, TX, PATH_OFFLOADED, "" },
	{ "a kernel that can do more than ours", tls13_in_hw, TX, PATH_OFFLOADED, "" },
	{ "no tls_stat to ask", without_tls_stat, TX, PATH_OFFLOADED, "" },
	{ "through a bond", offloading_bond, TX, PATH_OFFLOADED, "" },
	{ "moved when all was over", moved_late, TX, PATH_OFFLOADED, "" },
	{ "others were given up", given_up_by_others, TX, PATH_OFFLOADED, "" },
	{ "tls_stat knows nothing of it", not_opened, TX, PATH_UNKNOWN, "not-opened" },
	{ "no counters", no_counters, TX, PATH_UNKNOWN, "effect-unseen" },
	{ "nothing counted", uncounted, TX, PATH_LABEL_ONLY, "no-effect" },
	{ "a part counted", a_part, TX, PATH_LABEL_ONLY, "partly" },
	{ "link down", link_down, TX, PATH_LABEL_ONLY, "link-down" },
	{ "link down, and cut", link_down_and_cut, TX, PATH_LABEL_ONLY, "link-down" },
	{ "link down behind what was counted", counted_and_cut, TX, PATH_LABEL_ONLY,
	  "link-down" },
	{ "moved to another device", moved, TX, PATH_LABEL_ONLY, "rerouted" },
	{ "down, and so moved", down_and_moved, TX, PATH_LABEL_ONLY, "link-down" },
	{ "given up", given_up, TX, PATH_LABEL_ONLY, "given-up" },
	{ "cut, with the label", cut_in_hw, TX, PATH_UNKNOWN, "interrupted" },
	{ "no card", lo, TX, PATH_SOFTWARE, "no-nic" },
	{ "no card, TLS 1.3", tls13_on_lo, TX, PATH_SOFTWARE, "no-nic" },
	{ "a card without it", plain_card, TX, PATH_SOFTWARE, "no-offload" },
	{ "a card without it for receiving", plain_card, RX, PATH_SOFTWARE,
	  "no-offload" },
	{ "features not readable", unread, TX, PATH_SOFTWARE, "features-unread" },
	{ "TLS 1.3", tls13, TX, PATH_SOFTWARE, "tls13" },
	{ "TLS 1.3, and switched off", tls13_and_off, TX, PATH_SOFTWARE, "tls13" },
	{ "ChaCha20", chacha, TX, PATH_SOFTWARE, "cipher" },
	{ "AES-256-GCM is one of those", gcm256, TX, PATH_SOFTWARE, "refused" },
	{ "a VLAN", vlan, TX, PATH_SOFTWARE, "stacked" },
	{ "a bond in another mode", bond_mode, TX, PATH_SOFTWARE, "bond-mode" },
	{ "a bond with another policy", bond_hash, TX, PATH_SOFTWARE, "bond-hash" },
	{ "a bond of which little is known", bond_unknown, TX, PATH_SOFTWARE,
	  "bond-unknown" },
	{ "a bond of cards without it", bond_of_plain_cards, TX, PATH_SOFTWARE,
	  "no-offload" },
	{ "a bond of cards switched off", bond_off, TX, PATH_SOFTWARE, "feature-off" },
	{ "switched off", off, TX, PATH_SOFTWARE, "feature-off" },
	{ "checksums off", checksum, TX, PATH_SOFTWARE, "checksum-off" },
	{ "both off", both_off, TX, PATH_SOFTWARE, "checksum-off" },
	{ "asked for, not in effect", blocked, TX, PATH_SOFTWARE, "feature-blocked" },
	{ "full", full, TX, PATH_SOFTWARE, "no-space" },
	{ "refused", in_software, TX, PATH_SOFTWARE, "refused" },
	{ "libssl without kTLS", old_libssl, TX, PATH_USER_SPACE, "libssl-without-ktls" },
	{ "no TLS in the kernel", no_ulp, TX, PATH_USER_SPACE, "no-kernel-tls" },
	{ "the kernel has no such cipher", no_crypto, TX, PATH_USER_SPACE,
	  "cipher-refused" },
	{ "libssl keeps it", without_libssl, RX, PATH_USER_SPACE, "libssl-does-not-ask" },
	{ "the label is not shown", unseen, TX, PATH_UNKNOWN, "label-unseen" },
	{ "handed to nobody", handed_and_none, TX, PATH_BROKEN, "witnesses-disagree" },
	{ "taken from nobody", keys_of_nobody, TX, PATH_BROKEN, "witnesses-disagree" },
	{ "other data", differ, TX, PATH_BROKEN, "data-differ" },
	{ "a bad record", bad_record, TX, PATH_BROKEN, "data-differ" },
	{ "too slow", slow, TX, PATH_UNKNOWN, "interrupted" },
	{ "somebody else", stranger, TX, PATH_UNKNOWN, "stranger" },
	{ "no handshake", no_handshake, TX, PATH_UNKNOWN, "no-handshake" },
	{ "nobody there", refused, TX, PATH_UNKNOWN, "not-connected" },
	{ "no route", no_route, TX, PATH_UNKNOWN, "no-route" },
	{ "another way", elsewhere, TX, PATH_UNKNOWN, "elsewhere" },
};

static void test_verdict(void **state)
{
	const struct verdict_row *row = *state;
	struct path_saw s = good();
	struct path_says says;

	s.tx = !row->rx;
	row->but(&s);
	says = path_verdict(&s);
	assert_string_equal(says.reason, row->reason);
	assert_string_equal(path_verdict_words[says.verdict],
			    path_verdict_words[row->verdict]);
	/* Everything but the good case has a sentence. */
	assert_int_equal(!*says.why, says.verdict == PATH_OFFLOADED);
}

/* The words for sending are not those for receiving. */
static void test_directions(void **state)
{
	static void (*const buts[])(struct path_saw *) = { plain_card, off, checksum };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(buts); i++) {
		struct path_saw tx = good(), rx = good();

		rx.tx = false;
		buts[i](&tx);
		buts[i](&rx);
		assert_string_not_equal(path_verdict(&tx).why, path_verdict(&rx).why);
	}
}

/* ---- what all rows together come to ---- */

enum { ROWS = 4 };

struct answer_row {
	const char *name;
	enum path_verdict v[ROWS];
	size_t n;
	int src_err;
	enum probe_answer answer;
	const char *headline;
};

static const struct answer_row answers[] = {
	{ "one is offloaded",
	  { PATH_OFFLOADED, PATH_SOFTWARE, PATH_SOFTWARE, PATH_USER_SPACE },
	  4,
	  0,
	  PROBE_YES,
	  "offloaded: TLS 1.2 tx; kernel software: TLS 1.2 rx, TLS 1.3 tx; "
	  "user space: TLS 1.3 rx" },
	{ "offloaded, and a side matter unknown",
	  { PATH_OFFLOADED, PATH_UNKNOWN },
	  2,
	  0,
	  PROBE_YES,
	  "offloaded: TLS 1.2 tx; unknown: TLS 1.2 rx" },
	{ "none is",
	  { PATH_SOFTWARE, PATH_SOFTWARE },
	  2,
	  0,
	  PROBE_NO,
	  "kernel software: why" },
	{ "a label that does nothing",
	  { PATH_LABEL_ONLY, PATH_OFFLOADED },
	  2,
	  0,
	  PROBE_NO,
	  "offloaded: TLS 1.2 rx; label only: TLS 1.2 tx" },
	{ "not known", { PATH_UNKNOWN }, 1, 0, PROBE_NOT_KNOWN, "unknown: why" },
	{ "software, and not known",
	  { PATH_SOFTWARE, PATH_UNKNOWN },
	  2,
	  0,
	  PROBE_NOT_KNOWN,
	  "kernel software: TLS 1.2 tx; unknown: TLS 1.2 rx" },
	{ "broken",
	  { PATH_BROKEN, PATH_OFFLOADED },
	  2,
	  0,
	  PROBE_NO,
	  "offloaded: TLS 1.2 rx; BROKEN: TLS 1.2 tx" },
	{ "the child was given up",
	  { PATH_OFFLOADED },
	  1,
	  -ETIMEDOUT,
	  PROBE_NOT_KNOWN,
	  "offloaded: TLS 1.2 tx" },
	{ "nothing", { 0 }, 0, 0, PROBE_NOT_KNOWN, "nothing was tried" },
};

/* Two different sentences, or with them all the same verdict one. */
static void fill(struct probe_path *p, size_t i, enum path_verdict v)
{
	*p = (struct probe_path){ .version = i < 2 ? "1.2" : "1.3",
				  .suite = "S",
				  .direction = i % 2 ? "rx" : "tx",
				  .verdict = v,
				  .reason = path_verdict_words[v],
				  .why = v == PATH_OFFLOADED ? "" : "why" };
}

static void test_answer(void **state)
{
	const struct answer_row *row = *state;
	struct probe_path paths[ROWS];
	struct probe_facts p = { .src = { "device", row->src_err },
				 .ulp = true,
				 .device = "eth0",
				 .peer = "10.0.0.2:4433",
				 .route = "eth0",
				 .paths = paths,
				 .n_paths = row->n };
	cleanup_free char *headline = NULL, *want = NULL;

	for (size_t i = 0; i < row->n; i++)
		fill(&paths[i], i, row->v[i]);
	assert_int_equal(probe_answer_of(&p), row->answer);
	headline = probe_headline(&p, "6.12");
	assert_true(asprintf(&want, "Through eth0 to 10.0.0.2:4433: %s", row->headline) >
		    0);
	assert_string_equal(headline, want);
}

static void test_text(void **state)
{
	struct probe_path paths[] = {
		{ .version = "1.2",
		  .direction = "tx",
		  .why = "",
		  .reason = "",
		  .payload_bytes = 1000,
		  .bytes = 1100,
		  .packets = 2 },
		{ .version = "1.2",
		  .direction = "rx",
		  .verdict = PATH_SOFTWARE,
		  .why = "no\33[31m",
		  .reason = "x" },
		{ .version = "1.3",
		  .direction = "tx",
		  .verdict = PATH_LABEL_ONLY,
		  .err = -ETIMEDOUT,
		  .why = "stale",
		  .reason = "y" },
		{ .version = "1.3",
		  .direction = "rx",
		  .verdict = PATH_LABEL_ONLY,
		  .why = "stale",
		  .reason = "y" },
	};
	struct counter counted[] = { { "TlsTxDevice", 1 }, { "TlsTxSw", 2 } };
	const struct probe_report r = {
		.headline = "it is as it is",
		.openssl = "3.5",
		.probe = { .src = { "device", 0 },
			   .ulp = true,
			   .device = "eth0",
			   .peer = "10.0.0.2:1",
			   .route = "eth1",
			   .paths = paths,
			   .n_paths = 4,
			   .path_counted = counted,
			   .n_path_counted = 2 },
	};
	const struct text_style style = { 0 };
	cleanup_free char *text = probe_text(&r, &style);

	(void)state;
	assert_string_equal(
		text,
		"it is as it is.\n\n"
		"  eth0              to 10.0.0.2:1, which is reached by eth1\n"
		"  TLS 1.2 tx        + offloaded\n"
		"                    labelled hw; of 1000 bytes the driver counted 1100, in "
		"2\n"
		"                    packets\n"
		"  TLS 1.2 rx        - kernel software\n"
		"                    no\\x1b[31m\n"
		"  TLS 1.3 tx        ! label only (ETIMEDOUT)\n"
		"                    stale\n"
		"  TLS 1.3 rx        ! label only\n\n"
		"The counters of this host rose meanwhile by TlsTxDevice 1, TlsTxSw 2.\n\n"
		"Next: ktlsctl diagnose\n");
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("path", verdicts, test_verdict),
		UNIT_ONE("words of both directions", test_directions),
		UNIT_ROWS("answer", answers, test_answer),
		UNIT_ONE("text", test_text),
	};

	return unit_run("path", sets, ARRAY_SIZE(sets));
}
