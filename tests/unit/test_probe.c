/* SPDX-License-Identifier: MIT */
/* lib/probe without a kernel that has TLS: what an errno means, --only, the witness. */
#include <errno.h>

#include "../../lib/out/field.h"
#include "../../lib/probe/probe_priv.h"
#include "unit.h"

struct verdict_row {
	const char *name;
	struct outcome o;
	bool no_witness;
	enum probe_verdict verdict;
	const char *differed;
};

#define AT(stage_, err_)                                                                 \
	{                                                                                \
		STAGE_##stage_, err_, NULL                                               \
	}

static const struct verdict_row verdicts[] = {
	{ "works", AT(DATA, 0), false, PROBE_WORKS, "" },
	{ "works, nobody to compare", AT(DATA, 0), true, PROBE_NO_WITNESS, "" },
	{ "cipher not known", AT(INSTALL, -EINVAL), false, PROBE_NOT_IN_KERNEL, "" },
	{ "no algorithm", AT(INSTALL, -ENOENT), false, PROBE_NO_CRYPTO, "" },
	{ "no algorithm to receive", AT(INSTALL, -ENOENT), true, PROBE_NO_CRYPTO, "" },
	{ "no second key", AT(INSTALL, -EBUSY), false, PROBE_NOT_IN_KERNEL, "" },
	{ "no receiving", AT(INSTALL, -ENOPROTOOPT), false, PROBE_NOT_IN_KERNEL, "" },
	{ "a broken algorithm", AT(INSTALL, -ELIBBAD), false, PROBE_BROKEN,
	  "the kernel's own test of the algorithm" },
	{ "forbidden", AT(INSTALL, -EPERM), false, PROBE_UNKNOWN, "" },
	{ "no memory", AT(INSTALL, -ENOMEM), false, PROBE_UNKNOWN, "" },
	{ "option not known", AT(OPTION, -ENOPROTOOPT), false, PROBE_NOT_IN_KERNEL, "" },
	{ "option not supported", AT(OPTION, -EOPNOTSUPP), false, PROBE_NOT_IN_KERNEL,
	  "" },
	{ "other data", AT(DATA, -EILSEQ), false, PROBE_BROKEN, "the data" },
	{ "a bad tag", AT(DATA, -EBADMSG), false, PROBE_BROKEN,
	  "the authentication tag" },
	{ "EINVAL for a good record", AT(DATA, -EINVAL), false, PROBE_BROKEN,
	  "the answer to a good record" },
	{ "what differed is known",
	  { STAGE_DATA, -EPROTO, "the ciphertext" },
	  false,
	  PROBE_BROKEN,
	  "the ciphertext" },
	{ "broken without a witness", AT(DATA, -EILSEQ), true, PROBE_BROKEN, "the data" },
	{ "time was over", AT(DATA, -ETIMEDOUT), false, PROBE_UNKNOWN, "" },
	{ "no connection", AT(CONNECT, -ENETUNREACH), false, PROBE_UNKNOWN, "" },
	{ "no ULP", AT(ATTACH, -ENOENT), false, PROBE_UNKNOWN, "" },
};

static void test_verdict(void **state)
{
	const struct verdict_row *row = *state;
	const enum probe_verdict v = verdict_of(&row->o, !row->no_witness);

	assert_string_equal(probe_verdict_words[v], probe_verdict_words[row->verdict]);
	assert_string_equal(verdict_differed(&row->o, v), row->differed);
}

enum { WORDS = 4 };

struct filter_row {
	const char *name;
	const char *words[WORDS];
	/* TLS1.2 aes-gcm-128 tx, the same rx, TLS1.3 sm4-gcm rx, "rekey", "sendfile" */
	const char *wanted;
};

static const struct filter_row filters[] = {
	{ "everything", { 0 }, "yyyyy" },
	{ "a version", { "TLS1.2" }, "yy---" },
	{ "in small letters", { "tls1.2" }, "yy---" },
	{ "a cipher", { "sm4-gcm" }, "--y--" },
	{ "a direction", { "rx" }, "-yy--" },
	{ "all three", { "TLS1.2", "aes-gcm-128", "tx" }, "y----" },
	{ "two of a kind", { "sm4-gcm", "aes-gcm-128", "rx" }, "-yy--" },
	{ "what is not there", { "TLS1.3", "aes-gcm-128" }, "-----" },
	{ "a feature", { "rekey" }, "---y-" },
	{ "two features", { "sendfile", "rekey" }, "---yy" },
	{ "a cell and a feature", { "tx", "rekey" }, "y--y-" },
};

static void test_filter(void **state)
{
	const struct filter_row *row = *state;
	struct probe_filter f = { row->words, 0 };
	char saw[6] = "-----";

	while (f.n < WORDS && row->words[f.n])
		f.n++;
	saw[0] = filter_wants_cell(&f, "TLS1.2", "aes-gcm-128", "tx") ? 'y' : '-';
	saw[1] = filter_wants_cell(&f, "TLS1.2", "aes-gcm-128", "rx") ? 'y' : '-';
	saw[2] = filter_wants_cell(&f, "TLS1.3", "sm4-gcm", "rx") ? 'y' : '-';
	saw[3] = filter_wants_feature(&f, "rekey") ? 'y' : '-';
	saw[4] = filter_wants_feature(&f, "sendfile") ? 'y' : '-';
	assert_string_equal(saw, row->wanted);
}

static void test_words(void **state)
{
	(void)state;
	assert_true(probe_word_known("TLS1.3"));
	assert_true(probe_word_known("aria-gcm-256"));
	assert_true(probe_word_known("RX"));
	assert_true(probe_word_known("max-payload"));
	assert_true(probe_word_known("io-uring"));
	assert_true(probe_word_known("zero-length"));
	assert_true(probe_word_hostile("Zero-Length"));
	assert_false(probe_word_hostile("sendfile"));
	assert_false(probe_word_hostile("rx"));
	assert_false(probe_word_known("TLS1.1"));
	assert_false(probe_word_known("tls-module"));
	assert_false(probe_word_known(""));
}

/* Records that no peer should send are there when asked for, behind the others, and each
 * tells what it resembles. */
static void test_hostile_rows(void **state)
{
	cleanup_arena struct arena *a = arena_new();
	const struct probe_options plain = { .kernel = true };
	const struct probe_options hostile = { .kernel = true, .hostile = true };
	struct probe_facts few = { 0 }, all = { 0 };

	(void)state;
	assert_int_equal(features_missing(&plain, -EPIPE, a, &few), 0);
	assert_int_equal(features_missing(&hostile, -EPIPE, a, &all), 0);
	assert_true(few.n_features > 0 && all.n_features > few.n_features);
	for (size_t i = 0; i < all.n_features; i++) {
		const struct probe_feature *f = &all.features[i];

		assert_int_equal(*f->resembles != '\0', i >= few.n_features);
		assert_int_equal(probe_word_hostile(f->id), i >= few.n_features);
		assert_int_equal(f->verdict, PROBE_UNKNOWN);
		assert_int_equal(f->err, -EPIPE);
	}
	/* Nothing is added twice. */
	few.n_features = all.n_features;
	assert_int_equal(features_missing(&hostile, -EPIPE, a, &all), 0);
	assert_int_equal(all.n_features, few.n_features);
}

/* What libcrypto made of the data is the data, and of nothing else. */
static void witness(struct bench *b, const struct ktls_cipher *c, uint16_t version)
{
	cleanup_ktls_keys struct ktls_keys k = { 0 }, count = { 0 };
	const char *differed = NULL;
	const size_t len = bench_len(b);

	assert_int_equal(keys_random(&k, c, version), 0);
	count = k;
	b->on_wire = 0;
	assert_int_equal(witness_seal(b, &count, 0, len), 0);
	assert_int_equal(count.seq - k.seq, 1 + 1 + 2 + (b->n_ends == 5 ? 64 : 0) + 1);
	assert_int_equal(witness_open(b, &k, len, &differed), 0);
	assert_int_equal(witness_open(b, &k, len + 1, &differed), -EILSEQ);
	assert_string_equal(differed, "the length");
	b->on_wire--;
	assert_true(witness_open(b, &k, len, &differed) < 0);
	b->on_wire++;
	b->wire[b->on_wire / 2] ^= 1;
	assert_true(witness_open(b, &k, len, &differed) < 0);
	b->wire[b->on_wire / 2] ^= 1;
	k.key[1] ^= 1;
	assert_int_equal(witness_open(b, &k, len, &differed), -EBADMSG);
}

static void test_witness(void **state)
{
	cleanup_bench struct bench b = { 0 };

	(void)state;
	for (int core = 0; core < 2; core++) {
		assert_int_equal(bench_new(&b, core), 0);
		for (const struct ktls_cipher *c = ktls_ciphers; c->word; c++)
			for (const struct ktls_version *v = ktls_versions; v->word; v++)
				if (ktls_has_witness(c) && ktls_defined(c, v->number))
					witness(&b, c, v->number);
		bench_free(&b);
	}
}

/* The connection alone: what goes in comes out, and what is something else is noticed. */
static void test_pair(void **state)
{
	cleanup_bench struct bench b = { 0 };
	cleanup_pair struct pair p = { { -1, -1 } };
	struct part part = { 0, 0, 0, 0 };
	size_t len;

	(void)state;
	assert_int_equal(bench_new(&b, false), 0);
	len = bench_len(&b);
	assert_int_equal(pair_open(&p), 0);
	assert_int_equal(stream_send(&b, &p, (struct sender){ put_plain, NULL }, 0, len),
			 0);
	assert_int_equal(stream_finish(&b, &p), 0);
	assert_true(b.on_wire == len && !memcmp(b.wire, b.data, len));
	pair_close(&p);
	assert_int_equal(pair_open(&p), 0);
	part.wire_end = part.data_end = len;
	assert_int_equal(stream_receive(&b, &p, take_plain, NULL, &part), 0);
	b.wire[len / 3] ^= 1;
	assert_int_equal(stream_receive(&b, &p, take_plain, NULL, &part), -EILSEQ);
	pair_close(&p);
}

/* Rows come one by one, the rest as it is in the end. */
static void test_lines(void **state)
{
	cleanup_arena struct arena *a = arena_new();
	struct probe_cell cell = { "1.2", "sm4-gcm", "tx", PROBE_NO_CRYPTO, -2, "", 7 };
	struct probe_facts one = { .src.where = "loopback",
				   .cells = &cell,
				   .n_cells = 1 };
	struct probe_facts all = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		cleanup_free char *line = NULL;

		one.ulp = i;
		cell.duration_us = (uint64_t)i;
		line = doc_to_json(&probe_facts_fields, &one, false);
		assert_int_equal(probe_take_line(line, strlen(line), a, &all), 0);
	}
	assert_int_equal(all.n_cells, 3);
	assert_true(all.ulp);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(all.cells[i].duration_us, i);
		assert_string_equal(all.cells[i].cipher, "sm4-gcm");
		assert_int_equal(all.cells[i].verdict, PROBE_NO_CRYPTO);
	}
	assert_int_equal(probe_take_line("{}", 2, a, &all), -EBADMSG);
	assert_int_equal(all.n_cells, 3);
}

static void add_cell(struct probe_facts *p, struct probe_cell *cells, const char *version,
		     const char *direction)
{
	cells[p->n_cells++] = (struct probe_cell){
		version, "aes-gcm-128", direction, PROBE_WORKS, 0, "", 0
	};
}

static void test_proved(void **state)
{
	struct probe_cell cells[4];
	struct probe_facts p = { .cells = cells };

	(void)state;
	assert_false(probe_proved(&p));
	p.src.where = "loopback";
	add_cell(&p, cells, "1.2", "tx");
	add_cell(&p, cells, "1.2", "rx");
	add_cell(&p, cells, "1.3", "tx");
	assert_false(probe_proved(&p));
	add_cell(&p, cells, "1.3", "rx");
	assert_true(probe_proved(&p));
	cells[1].verdict = PROBE_NO_WITNESS;
	assert_false(probe_proved(&p));
	cells[1].verdict = PROBE_WORKS;
	cells[2].cipher = "aes-gcm-256";
	assert_false(probe_proved(&p));
	cells[2].cipher = "aes-gcm-128";
	p.src.err = -ETIMEDOUT;
	assert_false(probe_proved(&p));
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("verdict", verdicts, test_verdict),
		UNIT_ROWS("--only", filters, test_filter),
		UNIT_ONE("words of --only", test_words),
		UNIT_ONE("records that no peer should send", test_hostile_rows),
		UNIT_ONE("libcrypto with itself", test_witness),
		UNIT_ONE("a connection", test_pair),
		UNIT_ONE("what a child tells", test_lines),
		UNIT_ONE("what is a proof", test_proved),
	};

	return unit_run("probe", sets, ARRAY_SIZE(sets));
}
