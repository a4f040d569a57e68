/* SPDX-License-Identifier: MIT */
/* Records and lines from a peer, words from a command line, messages about sockets and
 * routes. */
#include <stdlib.h>
#include <string.h>

#include "../../lib/diag/diag.h"
#include "../../lib/diag/owners.h"
#include "../../lib/diag/route.h"
#include "../../lib/host/cleanup.h"
#include "../../lib/net/address.h"
#include "../../lib/net/peer.h"
#include "../../lib/tls/ssl_priv.h"
#include "targets.h"

/* The first byte chooses the cipher and the version. */
static bool choose(uint8_t choice, struct ktls_keys *k)
{
	*k = (struct ktls_keys){
		.version = choice & 1 ? KTLS_1_3 : KTLS_1_2,
		.cipher =
			ktls_cipher_of((uint16_t)(KTLS_AES_GCM_128 + (choice >> 1) % 8)),
		.seq = choice,
	};
	return ktls_defined(k->cipher, k->version) && ktls_has_witness(k->cipher);
}

static const char *there_and_back(const struct ktls_keys *keys,
				  const struct ktls_record *r, uint8_t *wire,
				  uint8_t *plain)
{
	struct ktls_keys tx = *keys, rx = *keys;
	struct ktls_record back = { .data = plain };
	ssize_t n = ktls_seal(&tx, r, wire, KTLS_WIRE_MAX);

	if (n < 0)
		return r->len > KTLS_DATA_MAX ? NULL : "what fits in a record is refused";
	if (ktls_open(&rx, wire, (size_t)n, &back) != n)
		return "what was sealed cannot be opened";
	if (back.type != r->type || back.len != r->len || back.pad != r->pad ||
	    (r->len && memcmp(back.data, r->data, r->len)))
		return "what was sealed is opened as something else";
	return NULL;
}

const char *fuzz_tls_record(const char *data, size_t len)
{
	cleanup_free uint8_t *wire = malloc(KTLS_WIRE_MAX);
	cleanup_free uint8_t *plain = malloc(KTLS_FRAGMENT_MAX);
	struct ktls_keys k, used;
	struct ktls_record r = { .data = plain };

	if (!wire || !plain)
		abort();
	if (len < 2 || !choose((uint8_t)data[0], &k))
		return NULL;
	used = k;
	if (ktls_open(&used, (const uint8_t *)data + 1, len - 1, &r) >= 0)
		return "bytes that nobody sealed are opened";
	if (used.seq != k.seq)
		return "a record that was refused was counted";
	r = (struct ktls_record){ (uint8_t)data[1] | 1, (uint8_t *)data + 2, len - 2, 0 };
	return there_and_back(&k, &r, wire, plain);
}

/* The first byte chooses the end and the version; then records: type, length, body. */
const char *fuzz_tls_control(const char *data, size_t len)
{
	const uint8_t *p = (const uint8_t *)data, *end = p + len;
	struct ktls_control whole, pieces;
	unsigned a, b;

	if (p == end)
		return NULL;
	whole = (struct ktls_control){ .version = *p & 1 ? KTLS_1_3 : KTLS_1_2,
				       .server = *p & 2,
				       .alert = -1 };
	pieces = whole;
	for (p++; end - p >= 2; p += a) {
		const uint8_t type = p[0], size = p[1];
		cleanup_free char *body = NULL;

		p += 2;
		a = size < end - p ? size : (unsigned)(end - p);
		body = malloc(a + !a);
		if (!body)
			abort();
		memcpy(body, p, a);
		b = 0;
		for (unsigned i = 0; i < a; i++)
			b |= ktls_control_digest(&pieces, type, body + i, 1);
		if (!a)
			b = ktls_control_digest(&pieces, type, body, 0);
		const unsigned act = ktls_control_digest(&whole, type, body, a);

		if (act & (KTLS_DO_FAIL | KTLS_DO_ABORT))
			return whole.alert < 0 ? "no alert is told" : NULL;
		if (act != b || whole.tickets != pieces.tickets ||
		    whole.have != pieces.have || whole.left != pieces.left)
			return "in pieces it is something else";
		if (whole.version == KTLS_1_2 &&
		    act & (KTLS_DO_REKEY_RX | KTLS_DO_ANSWER))
			return "a KeyUpdate in TLS 1.2";
		if (act & KTLS_DO_ANSWER && !(act & KTLS_DO_REKEY_RX))
			return "an answer to nothing";
	}
	return NULL;
}

const char *fuzz_tls_look(const char *data, size_t len)
{
	enum ktls_where tx = KTLS_USER, rx = KTLS_USER;
	const int err = ktls_look_parse(data, len, &tx, &rx);

	if (err > 0)
		return "neither 0 nor an error";
	if (!err && (tx == KTLS_USER || rx == KTLS_USER))
		return "a direction is not told";
	return err && (tx || rx) ? "told with an error" : NULL;
}

const char *fuzz_tls_words(const char *data, size_t len)
{
	const struct ktls_cipher *c = ktls_cipher_named(data, len);
	const struct ktls_version *v = ktls_version_named(data, len);

	if (c && (v || strlen(c->word) != len))
		return "a word is taken for another";
	if (v && strlen(v->word) != len)
		return "a part of a word is taken for a version";
	return NULL;
}

const char *fuzz_diag(const char *data, size_t len)
{
	struct diag_socket s;

	if (!parse_diag_socket(span(data, len), &s))
		return s.family || s.ulp[0] ? "something is left of half a message"
					    : NULL;
	if (!memchr(s.ulp, 0, sizeof(s.ulp)))
		return "the name of the ULP has no end";
	if (!s.tls.present && (s.tls.version || s.tls.cipher || s.tls.tx || s.tls.rx))
		return "there is no TLS, and yet a mode";
	return NULL;
}

/* A request that is understood is understood again when it is printed. */
static const char *request(struct span line)
{
	struct peer_request r, again;
	char text[PEER_LINE];
	size_t n;

	if (peer_request_parse(line, &r))
		return r.kind[0] && r.bytes ? "what is refused is half a request" : NULL;
	n = peer_request_print(&r, text);
	if (n >= PEER_LINE || peer_request_parse(span(text, n - 1), &again) ||
	    memcmp(&r, &again, sizeof(r)))
		return "a request is another one when it is repeated";
	return NULL;
}

const char *fuzz_peer(const char *data, size_t len)
{
	char why[PEER_LINE];
	const char *bad = request(span(data, len));

	if (bad)
		return bad;
	peer_answer_parse(span(data, len), why);
	for (const char *p = why; *p; p++)
		if (*p < ' ' || *p > '~')
			return "the peer's words are not printable";
	return NULL;
}

const char *fuzz_way(const char *data, size_t len)
{
	struct route r;

	if (!parse_route(span(data, len), &r) && (r.ifindex || r.local))
		return "something is left of half a message";
	return NULL;
}

const char *fuzz_route(const char *data, size_t len)
{
	if (len < 12 && parse_route_oif(span(data, len)))
		return "half a message names an interface";
	if (len < 12 && !parse_rule_plain(span(data, len)))
		return "half a message asks for something";
	parse_route_oif(span(data, len));
	parse_rule_plain(span(data, len));
	return NULL;
}

static void count_inode(void *arg, uint32_t inode)
{
	(void)inode;
	++*(size_t *)arg;
}

static bool inside(struct span part, const char *data, size_t len)
{
	return !part.len || (part.p >= data && part.p + part.len <= data + len);
}

/* What /proc says of a process: four texts, one parser each. */
const char *fuzz_owner(const char *data, size_t len)
{
	const struct cgroup_path c = parse_cgroup(span(data, len));
	struct stat_line stat;
	uint32_t inode;
	size_t n = 0;

	parse_socket_link(span(data, len), &inode);
	parse_ring(span(data, len), count_inode, &n);
	if (n > len)
		return "more sockets than bytes";
	if (parse_stat(span(data, len), &stat) &&
	    (stat.cpu < 0 || !inside(stat.comm, data, len)))
		return "a name that is not in the text";
	if (!inside(c.path, data, len) || !inside(c.unit, data, len))
		return "a path that is not in the text";
	return NULL;
}
