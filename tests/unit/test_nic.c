/* SPDX-License-Identifier: MIT */
/* Network interfaces: netlink messages and ioctl answers as bytes, and who is chosen. */
#include <errno.h>
#include <linux/ethtool_netlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "unit.h"

/* A netlink message under construction. */
struct msg {
	_Alignas(8) char data[4096];
	size_t len;
};

static void put(struct msg *m, int type, const void *data, size_t len)
{
	struct rtattr a = { (unsigned short)(sizeof(a) + len), (unsigned short)type };

	assert_true(m->len + sizeof(a) + len + 4 < sizeof(m->data));
	memcpy(m->data + m->len, &a, sizeof(a));
	if (len)
		memcpy(m->data + m->len + sizeof(a), data, len);
	m->len += RTA_ALIGN(sizeof(a) + len);
}

static void put_text(struct msg *m, int type, const char *text)
{
	put(m, type, text, strlen(text) + 1);
}

static void put_u32(struct msg *m, int type, uint32_t v)
{
	put(m, type, &v, sizeof(v));
}

static void put_u8(struct msg *m, int type, uint8_t v)
{
	put(m, type, &v, sizeof(v));
}

/* Where the nest begins, for end(). */
static size_t begin(struct msg *m, int type)
{
	put(m, type | 0x8000, NULL, 0);
	return m->len - sizeof(struct rtattr);
}

static void end(struct msg *m, size_t at)
{
	unsigned short len = (unsigned short)(m->len - at);

	memcpy(m->data + at, &len, sizeof(len));
}

static void link_head(struct msg *m, int index, unsigned flags, const char *name)
{
	struct ifinfomsg ifi = { .ifi_index = index, .ifi_flags = flags };

	memcpy(m->data, &ifi, sizeof(ifi));
	m->len = sizeof(ifi);
	if (name)
		put_text(m, IFLA_IFNAME, name);
}

static void put_kind(struct msg *m, const char *kind)
{
	size_t info = begin(m, IFLA_LINKINFO);

	put_text(m, IFLA_INFO_KIND, kind);
	end(m, info);
}

static void device(struct msg *m)
{
	link_head(m, 2, IFF_UP, "eth0");
	put_u32(m, IFLA_MASTER, 7);
	put_u32(m, IFLA_LINK, 2);
}

static void loopback(struct msg *m)
{
	link_head(m, 1, IFF_UP | IFF_LOOPBACK, "lo");
}

static void nameless(struct msg *m)
{
	link_head(m, 3, IFF_UP, NULL);
	put_kind(m, "vlan");
}

static void vlan(struct msg *m)
{
	link_head(m, 5, 0, "eth0.7");
	put_u32(m, IFLA_LINK, 2);
	put_kind(m, "vlan");
}

static void vlan_across(struct msg *m)
{
	link_head(m, 5, 0, "eth0.7");
	put_u32(m, IFLA_LINK, 2);
	put_u32(m, IFLA_LINK_NETNSID, 0);
	put_kind(m, "vlan");
}

static void veth(struct msg *m)
{
	link_head(m, 6, IFF_UP, "veth0");
	put_u32(m, IFLA_LINK, 2);
	put_kind(m, "veth");
}

static void bond_of(struct msg *m, const char *kind, int mode, int hash)
{
	size_t info, data;

	link_head(m, 7, IFF_UP, "bond0");
	info = begin(m, IFLA_LINKINFO);
	put_text(m, IFLA_INFO_KIND, kind);
	data = begin(m, IFLA_INFO_DATA);
	put_u8(m, IFLA_BOND_MODE, (uint8_t)mode);
	put_u8(m, IFLA_BOND_XMIT_HASH_POLICY, (uint8_t)hash);
	end(m, data);
	end(m, info);
}

static void bond(struct msg *m)
{
	bond_of(m, "bond", 4, 1);
}

static void bond_xor(struct msg *m)
{
	bond_of(m, "bond", 2, 5);
}

static void bond_of_the_future(struct msg *m)
{
	bond_of(m, "bond", 7, 200);
}

static void no_bond(struct msg *m)
{
	bond_of(m, "team", 4, 1);
}

static void bond_short(struct msg *m)
{
	size_t info, data;

	link_head(m, 7, IFF_UP, "bond0");
	info = begin(m, IFLA_LINKINFO);
	put_text(m, IFLA_INFO_KIND, "bond");
	data = begin(m, IFLA_INFO_DATA);
	put(m, IFLA_BOND_MODE, NULL, 0);
	end(m, data);
	end(m, info);
}

static void unknown_attributes(struct msg *m)
{
	link_head(m, 2, IFF_UP, "eth0");
	put_text(m, IFLA_MAX + 100, "?");
	put(m, IFLA_MASTER, "x", 1);
	put_text(m, 0, "");
}

static void unended_name(struct msg *m)
{
	link_head(m, 2, IFF_UP, NULL);
	put(m, IFLA_IFNAME, "eth0", 4);
}

static const struct {
	const char *name;
	void (*make)(struct msg *m);
	const char *want;
} links[] = {
	{ "a device that is a slave", device, "eth0 2 kind= up lower=0 master=7 /" },
	{ "loopback is left out", loopback, "" },
	{ "one without a name", nameless, "" },
	{ "a VLAN stands on another", vlan, "eth0.7 5 kind=vlan lower=2 master=0 /" },
	{ "a VLAN on a device of another namespace", vlan_across,
	  "eth0.7 5 kind=vlan lower=0 master=0 /" },
	{ "a veth stands on nothing", veth, "veth0 6 kind=veth up lower=0 master=0 /" },
	{ "a bond", bond, "bond0 7 kind=bond up lower=0 master=0 802.3ad/layer3+4" },
	{ "another bond", bond_xor,
	  "bond0 7 kind=bond up lower=0 master=0 balance-xor/vlan+srcmac" },
	{ "a bond with numbers not known here", bond_of_the_future,
	  "bond0 7 kind=bond up lower=0 master=0 /" },
	{ "the same data of another kind", no_bond,
	  "bond0 7 kind=team up lower=0 master=0 /" },
	{ "a mode without a byte", bond_short,
	  "bond0 7 kind=bond up lower=0 master=0 /" },
	{ "unknown and short attributes", unknown_attributes,
	  "eth0 2 kind= up lower=0 master=0 /" },
	{ "a name without its end", unended_name, "" },
};

static void test_link(void **state)
{
	const typeof(links[0]) *row = *state;
	cleanup_arena struct arena *a = arena_new();
	struct nics_facts f = { 0 };
	struct notes n = { 0 };
	struct msg m = { 0 };

	row->make(&m);
	assert_int_equal(parse_link(span(m.data, m.len), a, &f), 0);
	for (size_t i = 0; i < f.n_nics; i++)
		note(&n,
		     "%s %" PRIu64 " kind=%s%s lower=%" PRIu64 " master=%" PRIu64
		     " %s/%s",
		     f.nics[i].name, f.nics[i].ifindex, f.nics[i].kind,
		     f.nics[i].up ? " up" : "", f.nics[i].lower, f.nics[i].master,
		     f.nics[i].bond_mode, f.nics[i].bond_hash);
	assert_string_equal(n.text, row->want);
}

/* Every message cut at every byte: nothing is read behind its end. */
static void test_link_cut(void **state)
{
	const typeof(links[0]) *row = *state;
	struct msg m = { 0 };

	row->make(&m);
	for (size_t len = 0; len < m.len; len++) {
		cleanup_arena struct arena *a = arena_new();
		cleanup_free char *copy = exact_copy(m.data, len);
		struct nics_facts f = { 0 };

		assert_int_equal(parse_link(span(copy, len), a, &f), 0);
		assert_true(f.n_nics <= 1);
	}
}

static void put_header(struct msg *m, uint32_t ifindex)
{
	size_t at = begin(m, ETHTOOL_A_FEATURES_HEADER);

	put_u32(m, ETHTOOL_A_HEADER_DEV_INDEX, ifindex);
	put_text(m, ETHTOOL_A_HEADER_DEV_NAME, "eth0");
	end(m, at);
}

static void put_set(struct msg *m, int type, const uint32_t *words, size_t n)
{
	size_t at = begin(m, type);

	put(m, ETHTOOL_A_BITSET_NOMASK, NULL, 0);
	put_u32(m, ETHTOOL_A_BITSET_SIZE, (uint32_t)n * 32);
	put(m, ETHTOOL_A_BITSET_VALUE, words, n * sizeof(*words));
	end(m, at);
}

/* The names as FEATURES 3, 40, 41, 1 and 2; rx-checksum is one this kernel lacks. */
static void make_names(struct msg *m)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} strings[] = {
		{ 0, "tx-scatter-gather" }, { 1, NIC_TX_CSUM_V4 }, { 2, NIC_TX_CSUM_V6 },
		{ 3, NIC_TX_CSUM },         { 40, NIC_TLS_TX },    { 41, NIC_TLS_RX },
		{ 42, "tls-hw-" },
	};
	size_t sets, set, list, string;

	put_header(m, 0);
	sets = begin(m, ETHTOOL_A_STRSET_STRINGSETS);
	set = begin(m, ETHTOOL_A_STRINGSETS_STRINGSET);
	put_u32(m, ETHTOOL_A_STRINGSET_ID, 4);
	list = begin(m, ETHTOOL_A_STRINGSET_STRINGS);
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		string = begin(m, ETHTOOL_A_STRINGS_STRING);
		put_u32(m, ETHTOOL_A_STRING_INDEX, strings[i].bit);
		put_text(m, ETHTOOL_A_STRING_VALUE, strings[i].name);
		end(m, string);
	}
	end(m, list);
	end(m, set);
	end(m, sets);
}

#define BIT_HIGH(n_) (1U << ((n_)-32))

static void make_features(struct msg *m)
{
	static const uint32_t hw[] = { 1U << 1 | 1U << 3, BIT_HIGH(40) };
	static const uint32_t wanted[] = { 1U << 3, BIT_HIGH(40) };
	static const uint32_t active[] = { 1U << 3, BIT_HIGH(41) };
	static const uint32_t nochange[] = { 1U << 1 };

	put_header(m, 12);
	put_set(m, ETHTOOL_A_FEATURES_HW, hw, 2);
	put_set(m, ETHTOOL_A_FEATURES_WANTED, wanted, 2);
	put_set(m, ETHTOOL_A_FEATURES_ACTIVE, active, 2);
	put_set(m, ETHTOOL_A_FEATURES_NOCHANGE, nochange, 1);
	put_text(m, ETHTOOL_A_FEATURES_MAX + 5, "of the future");
}

static void features_text(const struct nic_settings *s, struct notes *n)
{
	for (size_t i = 0; i < s->n_features; i++) {
		const struct nic_feature *f = &s->features[i];

		note(n, "%s%s%s%s%s\n", f->name, f->supported ? " supported" : "",
		     f->wanted ? " wanted" : "", f->active ? " active" : "",
		     f->fixed ? " fixed" : "");
	}
}

static void test_features(void **state)
{
	cleanup_arena struct arena *a = arena_new();
	struct nic_settings s = { .name = "eth0", .err = -ENODATA };
	struct msg names = { 0 }, m = { 0 };
	struct nic_bits bits = { 0 };
	struct notes n = { 0 };

	(void)state;
	make_names(&names);
	make_features(&m);
	parse_ethtool_names(span(names.data, names.len), &bits);
	assert_int_equal(parse_ethtool_ifindex(span(m.data, m.len)), 12);
	parse_ethtool_features(span(m.data, m.len), &bits, a, &s);
	assert_int_equal(s.err, 0);
	features_text(&s, &n);
	assert_string_equal(n.text, NIC_TLS_TX
			    " supported wanted\n" NIC_TLS_RX " active fixed\n" NIC_TX_CSUM
			    " supported wanted active\n" NIC_TX_CSUM_V4
			    " supported fixed\n" NIC_TX_CSUM_V6 " fixed\n");
	assert_null(nic_feature(&s, NIC_RX_CSUM));
	assert_true(nic_feature(&s, NIC_TLS_TX)->wanted);
}

/* Cut at every byte: all of the answer or none of it, and no number from nowhere. */
static void test_features_cut(void **state)
{
	struct msg names = { 0 }, m = { 0 };
	struct nic_bits bits = { 0 };

	(void)state;
	make_names(&names);
	make_features(&m);
	for (size_t len = 0; len <= names.len; len++) {
		cleanup_free char *copy = exact_copy(names.data, len);

		bits = (struct nic_bits){ 0 };
		parse_ethtool_names(span(copy, len), &bits);
	}
	for (size_t len = 0; len < m.len; len++) {
		cleanup_arena struct arena *a = arena_new();
		cleanup_free char *copy = exact_copy(m.data, len);
		struct nic_settings s = { .name = "eth0", .err = -ENODATA };
		uint64_t ifindex = parse_ethtool_ifindex(span(copy, len));

		parse_ethtool_features(span(copy, len), &bits, a, &s);
		assert_true(s.err ? !s.n_features : s.n_features == 5);
		assert_true(ifindex == 12 || ifindex == 0);
	}
}

/* A bit further out than the words of the answer is not set. */
static void test_features_short_words(void **state)
{
	static const uint32_t one = ~0U;
	cleanup_arena struct arena *a = arena_new();
	struct nic_settings s = { .name = "eth0", .err = -ENODATA };
	struct nic_bits bits = { .known = { true, true }, .bit = { 31, 32 } };
	struct notes n = { 0 };
	struct msg m = { 0 };

	(void)state;
	for (int t = ETHTOOL_A_FEATURES_HW; t <= ETHTOOL_A_FEATURES_NOCHANGE; t++)
		put_set(&m, t, &one, 1);
	parse_ethtool_features(span(m.data, m.len), &bits, a, &s);
	features_text(&s, &n);
	assert_string_equal(n.text, NIC_TLS_TX
			    " supported wanted active fixed\n" NIC_TLS_RX " fixed\n");
}

static void test_numbers(void **state)
{
	struct nic_settings s = { .name = "eth0" };
	struct msg rings = { 0 }, channels = { 0 };

	(void)state;
	put_header(&rings, 12);
	put_u32(&rings, ETHTOOL_A_RINGS_RX, 256);
	put_u32(&rings, ETHTOOL_A_RINGS_RX_MAX, 8192);
	put_u32(&rings, ETHTOOL_A_RINGS_TX, 512);
	put(&rings, ETHTOOL_A_RINGS_TX_MAX, "xy", 2);
	parse_ethtool_rings(span(rings.data, rings.len), &s);
	assert_int_equal(s.rx_ring, 256);
	assert_int_equal(s.rx_ring_max, 8192);
	assert_int_equal(s.tx_ring, 512);
	assert_int_equal(s.tx_ring_max, 0);
	put_u32(&channels, ETHTOOL_A_CHANNELS_COMBINED_COUNT, 8);
	put_u32(&channels, ETHTOOL_A_CHANNELS_COMBINED_MAX, 63);
	put_u32(&channels, ETHTOOL_A_CHANNELS_RX_COUNT, 1);
	put_u32(&channels, ETHTOOL_A_CHANNELS_TX_COUNT, 2);
	parse_ethtool_channels(span(channels.data, channels.len), &s);
	assert_int_equal(s.combined, 8);
	assert_int_equal(s.combined_max, 63);
	assert_int_equal(s.rx_channels, 1);
	assert_int_equal(s.tx_channels, 2);
}

/* None at all is something else than 0. */
static void test_coalescing(void **state)
{
	struct nic_settings s = { .name = "eth0" };
	struct msg none = { 0 }, some = { 0 };

	(void)state;
	put_header(&none, 12);
	put(&none, ETHTOOL_A_COALESCE_RX_USECS, "xy", 2);
	parse_ethtool_coalesce(span(none.data, none.len), &s);
	assert_false(s.rx_usecs_told || s.tx_usecs_told);
	assert_int_equal(s.adaptive_rx, TRI_UNKNOWN);
	put_header(&some, 12);
	put_u32(&some, ETHTOOL_A_COALESCE_RX_USECS, 0);
	put_u32(&some, ETHTOOL_A_COALESCE_TX_USECS, 16);
	put(&some, ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX, "\1", 1);
	put(&some, ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX, "", 1);
	parse_ethtool_coalesce(span(some.data, some.len), &s);
	assert_true(s.rx_usecs_told && s.tx_usecs_told);
	assert_int_equal(s.rx_usecs, 0);
	assert_int_equal(s.tx_usecs, 16);
	assert_int_equal(s.adaptive_rx, TRI_YES);
	assert_int_equal(s.adaptive_tx, TRI_NO);
}

/* Cells in one text, each ended with '/'; '_' stands for what fills it up. */
static const struct {
	const char *name;
	const char *cells;
	char fill;
	const char *want;
} strings[] = {
	{ "only those about TLS", "rx_packets/tx_tls_ctx/tx_bytes/rx_tls_err/", '\0',
	  "tx_tls_ctx=2 rx_tls_err=4 " },
	{ "padded with blanks", "tx_tls_ooo/tx_tls_ctx/", ' ',
	  "tx_tls_ooo=1 tx_tls_ctx=2 " },
	{ "not those of a ring", "tx0_tls_ooo/rx12_tls_err/Q3_tx_tls/hw_tls_no_space/",
	  '\0', "hw_tls_no_space=4 " },
	{ "a number behind it is part of the name", "tx_tls_v13/", '\0',
	  "tx_tls_v13=1 " },
	{ "full to the last byte", "tx_tls_8901234567890123456789012/", '\0',
	  "tx_tls_8901234567890123456789012=1 " },
	{ "blanks and strange bytes in it", "tx tls/tx_tls\x80/tx_\ttls/\ntls/", '\0',
	  "" },
	{ "none", "", '\0', "" },
};

static size_t fill_cells(char *out, const char *text, char fill)
{
	size_t n = 0;

	for (const char *slash; (slash = strchr(text, '/')); text = slash + 1, n++) {
		memset(out + n * NIC_STRING, fill, NIC_STRING);
		memcpy(out + n * NIC_STRING, text, (size_t)(slash - text));
	}
	return n;
}

static void test_strings(void **state)
{
	static const uint64_t values[] = { 1, 2, 3, 4 };
	const typeof(strings[0]) *row = *state;
	cleanup_arena struct arena *a = arena_new();
	char cells[4 * NIC_STRING];
	size_t n = fill_cells(cells, row->cells, row->fill);
	cleanup_free char *copy = exact_copy(cells, n * NIC_STRING);
	struct span all = span(copy, n * NIC_STRING);
	struct nic_stats s = { 0 };
	struct notes out = { 0 };

	assert_int_equal(nic_strings_wanted(all), *row->want != '\0');
	parse_nic_stats(all, span((const char *)values, sizeof(values)), a, &s);
	for (size_t i = 0; i < s.n_counters; i++)
		note(&out, "%s=%" PRIu64 " ", s.counters[i].name, s.counters[i].value);
	assert_string_equal(out.text, row->want);
	if (s.n_counters)
		assert_int_equal(nic_counter(&s, s.counters[0].name, 99),
				 s.counters[0].value);
	assert_int_equal(nic_counter(&s, "none", 99), 99);
}

/* More names than numbers, half a number, half a name: what is whole counts. */
static void test_strings_cut(void **state)
{
	static const char numbers[8] = { 1 };
	cleanup_arena struct arena *a = arena_new();
	char cells[2 * NIC_STRING];
	cleanup_free char *names = NULL, *values = exact_copy(numbers, 8);
	struct nic_stats s = { 0 };

	(void)state;
	fill_cells(cells, "tx_tls_a/tx_tls_b/", '\0');
	names = exact_copy(cells, sizeof(cells) - 1);
	parse_nic_stats(span(names, sizeof(cells) - 1), span(values, 8), a, &s);
	assert_int_equal(s.n_counters, 1);
	parse_nic_stats(span(names, sizeof(cells) - 1), span(values, 7), a, &s);
	assert_int_equal(s.n_counters, 1);
}

/* A letter each, with what it stands on and what it is part of: "v<p" v stands on p,
 * "p>b" p is part of b; capital: physical. */
static const struct {
	const char *name;
	const char *nics;
	const char *device;
	const char *want;
	int ret;
} choices[] = {
	{ "physical ones", "A B c", NULL, "AB", 0 },
	{ "a VLAN on one", "v<A A w<x x", NULL, "vA", 0 },
	{ "a bond and what stands on it", "w<v v<b A>b B>b b", NULL, "wvABb", 0 },
	{ "a bridge, but not its other ports", "A>b c>b b", NULL, "Ab", 0 },
	{ "none", "a b<a", NULL, "", 0 },
	{ "no interface at all", "", NULL, "", 0 },
	{ "a loop", "a<b b<a A>A", NULL, "A", 0 },
	{ "by name", "A v<A", "v", "v", 0 },
	{ "by name, one that is not there", "A", "z", "", -ENODEV },
};

static void make_nics(const char *text, struct facts *f, struct nic *nics,
		      char (*names)[2])
{
	for (; *text; text += strcspn(text, " "), text += *text == ' ') {
		struct nic *nic = &nics[f->nics.n_nics];
		char rel = text[1];

		names[f->nics.n_nics][0] = *text;
		*nic = (struct nic){ .name = names[f->nics.n_nics++],
				     .ifindex = (uint64_t)*text,
				     .physical = *text >= 'A' && *text <= 'Z' };
		if (rel == '<')
			nic->lower = (uint64_t)text[2];
		if (rel == '>')
			nic->master = (uint64_t)text[2];
	}
	f->nics.nics = nics;
}

static void test_choice(void **state)
{
	const typeof(choices[0]) *row = *state;
	char names[8][2] = { 0 };
	struct nic nics[8];
	struct facts f = { 0 };
	struct notes n = { 0 };

	make_nics(row->nics, &f, nics, names);
	assert_int_equal(nics_choose(&f, row->device), row->ret);
	for (size_t i = 0; i < f.nics.n_nics; i++)
		note(&n, "%s", nics[i].chosen ? nics[i].name : "");
	assert_string_equal(n.text, row->want);
}

/* Who could not look cannot say that it is not there. */
static void test_choice_blind(void **state)
{
	struct facts f = { .nics.src = { "rtnetlink", -EPERM } };

	(void)state;
	assert_int_equal(nics_choose(&f, "eth0"), 0);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("link", links, test_link),
		UNIT_ROWS("link cut short", links, test_link_cut),
		UNIT_ONE("features", test_features),
		UNIT_ONE("features cut short", test_features_cut),
		UNIT_ONE("features in too few words", test_features_short_words),
		UNIT_ONE("rings and channels", test_numbers),
		UNIT_ONE("coalescing", test_coalescing),
		UNIT_ROWS("counters", strings, test_strings),
		UNIT_ONE("counters cut short", test_strings_cut),
		UNIT_ROWS("choice", choices, test_choice),
		UNIT_ONE("choice without a list", test_choice_blind),
	};

	return unit_run("nic", sets, ARRAY_SIZE(sets));
}
