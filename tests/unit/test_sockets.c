/* SPDX-License-Identifier: MIT */
/* What ktlsctl sockets and stat make of what they saw: documents as they come, rates,
 * sums, routes, names of counters. */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include "../../lib/diag/netns.h"
#include "../../lib/facts/counters.h"
#include "../../lib/out/sockets.h"
#include "../../lib/out/stat.h"
#include "../../lib/out/stream.h"

/* A document with every kind of field, written by both writers. */
struct part {
	const char *text;
	uint64_t big;
};

struct doc {
	const char *plain, *null, *odd, *empty;
	bool yes, no;
	int below;
	uint64_t most;
	int word;
	struct part obj, *ptr, *none;
	struct part *list;
	size_t n_list;
	const char **strs;
	size_t n_strs;
	uint64_t zero;
};

static const char *const words[] = { "one", "two", NULL };

static const struct field part_rows[] = {
	FIELD(FIELD_STR, struct part, text, ""),
	FIELD(FIELD_U64, struct part, big, ""),
};
FIELDS(part_fields, struct part, part_rows, NULL);

static const struct field doc_rows[] = {
	FIELD(FIELD_STR, struct doc, plain, ""),
	FIELD(FIELD_STR_OR_NULL, struct doc, null, ""),
	FIELD(FIELD_STR, struct doc, odd, ""),
	{ .name = "empty",
	  .kind = FIELD_STR,
	  .off = offsetof(struct doc, empty),
	  .optional = true },
	FIELD(FIELD_BOOL, struct doc, yes, ""),
	FIELD(FIELD_BOOL, struct doc, no, ""),
	FIELD(FIELD_INT, struct doc, below, ""),
	FIELD(FIELD_U64, struct doc, most, ""),
	FIELD_WORD(struct doc, word, words, ""),
	FIELD_SUB(FIELD_OBJ, struct doc, obj, &part_fields, ""),
	FIELD_SUB(FIELD_PTR, struct doc, ptr, &part_fields, ""),
	FIELD_SUB(FIELD_PTR, struct doc, none, &part_fields, ""),
	FIELD_ARRAY(FIELD_LIST, struct doc, list, &part_fields, ""),
	FIELD_ARRAY(FIELD_STRS, struct doc, strs, NULL, ""),
	{ .name = "zero",
	  .kind = FIELD_U64,
	  .off = offsetof(struct doc, zero),
	  .optional = true },
};

static const struct fields doc_fields = { .name = "test/1",
					  .size = sizeof(struct doc),
					  .f = doc_rows,
					  .n = ARRAY_SIZE(doc_rows) };

struct into {
	char *text;
	size_t len;
	int err;
	unsigned calls;
};

static int into_memory(void *arg, const char *p, size_t n)
{
	struct into *i = arg;

	i->calls++;
	if (i->err)
		return i->err;
	i->text = realloc(i->text, i->len + n + 1);
	memcpy(i->text + i->len, p, n);
	i->len += n;
	i->text[i->len] = '\0';
	return 0;
}

static void test_stream(void **state)
{
	struct part parts[] = { { "a", 1 }, { "b", UINT64_MAX } };
	const char *strs[] = { "x", "y \"z\"" };
	const struct doc d = {
		.plain = "plain",
		.odd = "a\"b\\c\nd\te\x01\x7f\xff \xc3\xa4 \xe2\x82",
		.empty = "",
		.yes = true,
		.below = INT32_MIN,
		.most = UINT64_MAX,
		.word = 1,
		.obj = { "", 0 },
		.ptr = &parts[1],
		.list = parts,
		.n_list = 2,
		.strs = strs,
		.n_strs = 2,
	};
	struct into into = { 0 };
	struct stream s = { .write = into_memory, .arg = &into };
	cleanup_free char *want = doc_to_json(&doc_fields, &d, false);

	(void)state;
	assert_int_equal(stream_begin(&s), 0);
	stream_doc(&s, &doc_fields, &d);
	assert_int_equal(stream_end(&s), 0);
	assert_string_equal(into.text, want);
	free(into.text);
}

/* Longer than the buffer, over and over: nothing is lost at its edges. */
static void test_stream_edges(void **state)
{
	const size_t sizes[] = { 1, 65535, 65536, 65537, 7, 200000, 65535, 2 };
	cleanup_free char *block = calloc(1, 200000);
	struct into into = { 0 };
	struct stream s = { .write = into_memory, .arg = &into };
	size_t total = 0;

	(void)state;
	assert_int_equal(stream_begin(&s), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		memset(block, (int)('a' + i), sizes[i]);
		stream_text(&s, block, sizes[i]);
		total += sizes[i];
	}
	assert_int_equal(stream_end(&s), 0);
	assert_int_equal(into.len, total);
	for (size_t i = 0, at = 0; i < ARRAY_SIZE(sizes); at += sizes[i++])
		assert_true(into.text[at] == (char)('a' + i) &&
			    into.text[at + sizes[i] - 1] == (char)('a' + i));
	free(into.text);
}

static void test_stream_error(void **state)
{
	struct into into = { .err = -EPIPE };
	struct stream s = { .write = into_memory, .arg = &into };
	char block[1000] = { 0 };

	(void)state;
	assert_int_equal(stream_begin(&s), 0);
	for (int i = 0; i < 1000; i++)
		stream_text(&s, block, sizeof(block));
	assert_int_equal(stream_end(&s), -EPIPE);
	assert_int_equal(into.calls, 1);
}

static struct diag_socket socket_with(uint64_t cookie, uint64_t acked, uint64_t received)
{
	return (struct diag_socket){
		.family = AF_INET,
		.state = 1,
		.cookie = cookie,
		.tcp = { .present = true,
			 .bytes_acked = acked,
			 .bytes_received = received },
	};
}

static struct sample_rates sample(struct samples *s, uint64_t netns, uint64_t cookie,
				  uint64_t bytes)
{
	const struct diag_socket d = socket_with(cookie, bytes, bytes * 2);
	struct sample_rates r;

	assert_int_equal(samples_add(s, netns, &d, &r), 0);
	return r;
}

static void test_samples(void **state)
{
	const uint64_t second = 1000000000;
	struct samples *s = samples_new();
	struct sample_rates r;

	(void)state;
	assert_int_equal(samples_begin(s, 5 * second), 0);
	for (uint64_t i = 1; i <= 1000; i++) {
		r = sample(s, 1, i, i);
		assert_true(!r.first_seen_ms && !r.sent_per_s && !r.received_per_s);
	}
	assert_int_equal(samples_begin(s, 7 * second), 0);
	for (uint64_t i = 1; i <= 1000; i++) {
		r = sample(s, 1, i, i + 200);
		assert_true(r.first_seen_ms == 2000 && r.sent_per_s == 100 &&
			    r.received_per_s == 200);
	}
	r = sample(s, 2, 5, 900); /* the same cookie in another namespace */
	assert_true(!r.first_seen_ms && !r.sent_per_s);
	assert_int_equal(samples_begin(s, 8 * second), 0);
	r = sample(s, 1, 3, 1); /* it went back */
	assert_true(r.first_seen_ms == 3000 && !r.sent_per_s);
	assert_int_equal(samples_begin(s, 9 * second), 0);
	r = sample(s, 1, 4, 1); /* not seen in the last round */
	assert_true(!r.first_seen_ms);
	r = sample(s, 1, 0, 1); /* no cookie: nothing can be said */
	assert_true(!r.first_seen_ms);
	samples_free(s);
}

/* One socket as its row of the table, cells with a bar between. */
struct cells_row {
	const char *name;
	struct diag_tls tls;
	enum ulp_sight sight;
	enum owner_kind owner;
	const char *want;
};

static const struct cells_row cells_rows[] = {
	{ "1.3 in software",
	  { .present = true,
	    .version = 0x304,
	    .cipher = 52,
	    .tx = KTLS_CONF_SW,
	    .rx = KTLS_CONF_BASE },
	  ULP_SEEN,
	  OWNER_KERNEL,
	  "10.0.0.5:443|192.0.2.7:50122|kernel|1.3|aes-gcm-256|sw|none|" },
	{ "in a NIC, owner not found out",
	  { .present = true,
	    .version = 0x303,
	    .cipher = 51,
	    .tx = KTLS_CONF_HW,
	    .rx = KTLS_CONF_SW },
	  ULP_SEEN,
	  OWNER_UNKNOWN,
	  "10.0.0.5:443|192.0.2.7:50122|?|1.2|aes-gcm-128|hw|sw|" },
	{ "no keys yet",
	  { .present = true, .tx = KTLS_CONF_BASE, .rx = KTLS_CONF_BASE },
	  ULP_SEEN,
	  OWNER_NONE,
	  "10.0.0.5:443|192.0.2.7:50122|-|-|-|none|none|" },
	{ "of a later kernel",
	  { .present = true,
	    .version = 0x305,
	    .cipher = 99,
	    .tx = KTLS_CONF_UNKNOWN,
	    .rx = KTLS_CONF_HW_RECORD },
	  ULP_SEEN,
	  OWNER_NOT_ASKED,
	  "10.0.0.5:443|192.0.2.7:50122||0x0305|99|unknown|hw-record|" },
	{ "without",
	  { 0 },
	  ULP_SEEN,
	  OWNER_NONE,
	  "10.0.0.5:443|192.0.2.7:50122|-|-|-|-|-|" },
	{ "hidden",
	  { 0 },
	  ULP_HIDDEN,
	  OWNER_NONE,
	  "10.0.0.5:443|192.0.2.7:50122|-|?|?|?|?|" },
};

static struct diag_socket socket_of(const struct cells_row *row)
{
	struct diag_socket s = { .family = AF_INET, .state = 1, .tls = row->tls };

	memcpy(s.local.addr, "\x0a\0\0\x05", 4);
	memcpy(s.peer.addr, "\xc0\0\x02\x07", 4);
	s.local.port = 443;
	s.peer.port = 50122;
	return s;
}

static void test_cells(void **state)
{
	const struct cells_row *row = *state;
	const struct diag_socket s = socket_of(row);
	const struct socket_view v = { &s, row->sight, { row->owner, "", NULL, 0 } };
	const struct socket_context c = { .netns = "" };
	cleanup_arena struct arena *a = arena_new();
	struct socket_words w;
	struct socket_row cells;
	struct notes n = { 0 };

	socket_words(&v, &c, &w);
	assert_int_equal(socket_row(&w.doc, a, &cells), 0);
	for (size_t i = 1; i < SOCKET_CELLS; i++)
		if (i < 8)
			note(&n, "%s|", cells.cell[i]);
	assert_string_equal(n.text, row->want);
}

/* The rows above together: by mode, by cipher, in one sentence. */
static void test_sums(void **state)
{
	const struct text_style style = { .utf8 = false };
	cleanup_arena struct arena *a = arena_new();
	cleanup_free char *head = NULL, *sums = NULL;
	struct facts f = { 0 };
	struct sockets_doc d = { .visible = true };
	struct tally t;

	(void)state;
	assert_int_equal(tally_open(&t, &f), 0);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(cells_rows); i++) {
		const struct diag_socket s = socket_of(&cells_rows[i / 2]);
		const struct socket_view v = { &s,
					       ULP_SEEN,
					       { OWNER_NONE, "", NULL, 0 } };

		assert_int_equal(tally_add(&t, &v, NULL), 0);
	}
	assert_int_equal(sums_of(&t, a, &d.sums), 0);
	tally_close(&t);
	assert_true(d.sums.sockets == 12 && d.sums.ktls == 8);
	assert_true(d.sums.n_modes == 4 && d.sums.n_ciphers == 4);
	head = sockets_text_head(&d, &style);
	assert_string_equal(
		head, "8 kTLS sockets: 2 tx sw rx none, 2 tx hw rx sw, 2 tx none rx "
		      "none, 2 tx unknown\nrx hw-record.\n");
	sums = sockets_text_sums(&d, &style);
	assert_non_null(strstr(sums, "  TLS1.3   aes-gcm-256                 2\n"));
	assert_non_null(strstr(sums, "  0x0305   99                          2\n"));
	free(head);
	d.visible = false;
	head = sockets_text_head(&d, &style);
	assert_non_null(strstr(head, "could not be found out"));
}

/* Netlink payloads: a fixed part of zeros, then attributes "TYPE:LENGTH". */
struct route_row {
	const char *name;
	size_t fixed;
	struct {
		uint16_t len, type;
		uint32_t value;
	} attrs[3];
	size_t size; /* of all of it */
	uint32_t want;
};

static const struct route_row route_rows[] = {
	{ "an interface", sizeof(struct rtmsg), { { 8, RTA_OIF, 7 } }, 20, 7 },
	{ "behind others", 12, { { 8, RTA_TABLE, 254 }, { 8, RTA_OIF, 3 } }, 28, 3 },
	{ "none", 12, { { 8, RTA_TABLE, 254 } }, 20, 0 },
	{ "cut", 12, { { 8, RTA_OIF, 7 } }, 18, 0 },
	{ "no room for its number", 12, { { 4, RTA_OIF, 0 } }, 16, 0 },
	{ "longer than the message", 12, { { 400, RTA_OIF, 7 } }, 20, 0 },
	{ "shorter than itself", 12, { { 2, RTA_OIF, 7 } }, 20, 0 },
	{ "half a header", 12, { { 8, RTA_OIF, 7 } }, 9, 0 },
	{ "nothing", 0, { { 0 } }, 0, 0 },
};

static void build(const struct route_row *row, char buf[64])
{
	memset(buf, 0, 64);
	for (size_t i = 0, at = row->fixed; i < 3 && row->attrs[i].len; i++, at += 8)
		memcpy(buf + at, &row->attrs[i], 8);
}

static void test_route(void **state)
{
	const struct route_row *row = *state;
	_Alignas(8) char buf[64];

	build(row, buf);
	assert_int_equal(parse_route_oif(span(buf, row->size)), row->want);
}

static const struct route_row rule_rows[] = {
	{ "the table only",
	  12,
	  { { 8, FRA_TABLE, 254 }, { 8, FRA_PRIORITY, 9 } },
	  28,
	  1 },
	{ "an address", 12, { { 8, FRA_SRC, 1 }, { 8, FRA_TABLE, 9 } }, 28, 1 },
	{ "a user", 12, { { 8, FRA_UID_RANGE, 1 } }, 20, 1 },
	{ "a mark", 12, { { 8, FRA_FWMARK, 1 }, { 8, FRA_TABLE, 9 } }, 28, 0 },
	{ "a mask of marks", 12, { { 8, FRA_TABLE, 9 }, { 8, FRA_FWMASK, 1 } }, 28, 0 },
	{ "what is not known yet", 12, { { 8, 99, 1 } }, 20, 0 },
	{ "cut before its mark",
	  12,
	  { { 8, FRA_TABLE, 9 }, { 8, FRA_FWMARK, 1 } },
	  22,
	  1 },
	{ "half a header", 12, { { 8, FRA_FWMARK, 1 } }, 7, 1 },
};

static void test_rule(void **state)
{
	const struct route_row *row = *state;
	_Alignas(8) char buf[64];

	build(row, buf);
	assert_int_equal(parse_rule_plain(span(buf, row->size)), row->want);
}

static void test_rule_tos(void **state)
{
	const struct fib_rule_hdr h = { .tos = 16 };

	(void)state;
	assert_false(parse_rule_plain(span((const char *)&h, sizeof(h))));
}

static const struct loop_row {
	const char *name;
	int family;
	const char *addr;
} loop_rows[] = {
	{ "IPv4", AF_INET, "127.0.0.1" },
	{ "IPv6", AF_INET6, "::1" },
	{ "IPv4 in IPv6", AF_INET6, "::ffff:127.0.0.1" },
};

static void test_loopback(void **state)
{
	const struct loop_row *row = *state;
	struct diag_socket s = { .family = (uint8_t)row->family };
	cleanup_routes struct routes *r = NULL;
	struct socket_route route;

	assert_int_equal(inet_pton(row->family, row->addr, s.local.addr), 1);
	s.peer = s.local;
	s.local.port = 4433;
	s.peer.port = 5;
	assert_int_equal(routes_open(&r), 0);
	for (int i = 0; i < 2; i++) { /* asked, then remembered */
		route = routes_find(r, &s);
		if (route.answer == ROUTE_NONE || route.answer == ROUTE_POLICY)
			skip();
		assert_int_equal(route.answer, ROUTE_FOUND);
		assert_string_equal(route.name, "lo");
		assert_int_equal(route.ifindex, if_nametoindex("lo"));
	}
}

/* Counters as drivers have them, "NAME=VALUE". */
struct nic_row {
	const char *name;
	struct counter counters[12];
	const char *want;
};

static const struct nic_row nic_rows[] = {
	{ "mlx5",
	  { { "tx_tls_encrypted_packets", 10 },
	    { "tx_tls_encrypted_bytes", 1000 },
	    { "tx_tls_ctx", 7 },
	    { "tx_tls_del", 3 },
	    { "tx_tls_drop_no_sync_data", 1 },
	    { "tx_tls_drop_bypass_req", 2 },
	    { "tx_tls_dump_packets", 5 },
	    { "rx_tls_resync_res_skip", 1 },
	    { "rx_tls_resync_req_skip", 2 },
	    { "rx_tls_err", 9 } },
	  "tx_encrypted_packets=10 tx_encrypted_bytes=1000 tx_contexts_live=4 "
	  "tx_contexts=7 tx_dropped=3! rx_resyncs_skipped=3 rx_errors=9! | "
	  "tx_tls_dump_packets=5 " },
	{ "cxgb4 deletes without counting",
	  { { "tx_tls_ctx", 7 }, { "tx_tls_ooo", 1 }, { "tx_tls_skip_no_sync_data", 2 } },
	  "tx_contexts=7 tx_out_of_order=1 tx_skipped=2 | " },
	{ "nfp",
	  { { "hw_tls_no_space", 4 },
	    { "rx_tls_resync_req_ok", 3 },
	    { "rx_tls_resync_req_ign", 2 },
	    { "rx_tls_resync_sent", 1 } },
	  "no_space=4! rx_resync_requests=3 rx_resyncs=1 rx_resyncs_skipped=2 | " },
	{ "funeth",
	  { { "tx_tls_ctx", 1 }, { "tx_tls_del", 2 }, { "tx_tls_resync", 6 } },
	  "tx_contexts_live=0 tx_contexts=1 tx_resyncs=6 | " },
	{ "another", { { "tls_made_up", 8 } }, "| tls_made_up=8 " },
	{ "none", { { NULL, 0 } }, "| " },
};

static void test_nic(void **state)
{
	const struct nic_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	struct nic_stats s = { .counters = (struct counter *)row->counters };
	struct nic_counters out;
	struct notes n = { 0 };

	while (s.n_counters < 12 && row->counters[s.n_counters].name)
		s.n_counters++;
	assert_int_equal(nic_counters_of(&s, a, &out), 0);
	for (size_t i = 0; i < out.n_common; i++)
		note(&n, "%s=%" PRIu64 "%s ", out.common[i].what->name,
		     out.common[i].value, out.common[i].what->bad ? "!" : "");
	note(&n, "| ");
	for (size_t i = 0; i < out.n_other; i++)
		note(&n, "%s=%" PRIu64 " ", out.other[i].name, out.other[i].value);
	assert_string_equal(n.text, row->want);
}

/* Two looks a second apart: what rose, what fell, what is new. */
static void test_stat(void **state)
{
	cleanup_arena struct arena *a = arena_new();
	struct counter first[] = { { "TlsTxSw", 5 },
				   { "TlsDecryptError", 1 },
				   { "TlsCurrTxSw", 3 } };
	struct counter second[] = { { "TlsTxSw", 5 },
				    { "TlsDecryptError", 4 },
				    { "TlsCurrTxSw", 1 },
				    { "TlsNew", 9 } };
	struct facts f = {
		.tls_stat = { .present = true, .counters = first, .n_counters = 3 }
	};
	struct stat_doc before = { 0 }, now = { .since_ms = 2000 };
	const struct text_style style = { .utf8 = false };
	cleanup_free char *changes = NULL;

	(void)state;
	assert_int_equal(stat_add(&before, &f, "", NULL, a), 0);
	f.tls_stat.counters = second;
	f.tls_stat.n_counters = 4;
	assert_int_equal(stat_add(&now, &f, "", &before, a), 0);
	changes = stat_text_changes(&now, &style);
	assert_null(strstr(changes, "TlsTxSw  "));
	assert_non_null(strstr(changes, "TlsDecryptError"));
	assert_non_null(strstr(changes, " 4  +3 (2/s)"));
	assert_non_null(strstr(changes, "TlsCurrTxSw"));
	assert_null(strstr(changes, "TlsNew"));
	assert_string_equal(now.namespaces[0].counters[3].kind, "unknown");
}

static int count(const struct netns *n, void *arg)
{
	assert_non_null(n->name);
	++*(int *)arg;
	return 0;
}

static int refuse(const struct netns *n, void *arg)
{
	(void)n;
	(void)arg;
	return 42;
}

static void test_netns(void **state)
{
	uint64_t left_out;
	int n = 0;

	(void)state;
	assert_int_equal(netns_each(NULL, count, &n, &left_out), 0);
	assert_int_equal(n, 1);
	assert_int_equal(netns_each("no-such-namespace", count, &n, &left_out), -ENOENT);
	assert_int_equal(n, 1);
	assert_int_equal(netns_each("all", refuse, NULL, &left_out), 42);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ONE("stream as cJSON", test_stream),
		UNIT_ONE("stream at its edges", test_stream_edges),
		UNIT_ONE("stream that nobody reads", test_stream_error),
		UNIT_ONE("samples", test_samples),
		UNIT_ROWS("cells", cells_rows, test_cells),
		UNIT_ONE("sums", test_sums),
		UNIT_ROWS("route", route_rows, test_route),
		UNIT_ROWS("rule", rule_rows, test_rule),
		UNIT_ONE("rule with a TOS", test_rule_tos),
		UNIT_ROWS("loopback", loop_rows, test_loopback),
		UNIT_ROWS("counters", nic_rows, test_nic),
		UNIT_ONE("stat", test_stat),
		UNIT_ONE("namespaces", test_netns),
	};

	return unit_run("sockets", sets, ARRAY_SIZE(sets));
}
