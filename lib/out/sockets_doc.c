/* SPDX-License-Identifier: MIT */
/* One socket as a document. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "sockets.h"

static const char *const ktls_words[] = { "no", "yes", "unknown", NULL };
static const char *const owner_words[] = { "not_asked", "process", "kernel",
					   "none",      "unknown", NULL };

static const struct field tls_rows[] = {
	FIELD(FIELD_STR_OR_NULL, struct socket_tls_doc, version,
	      "TLS1.2 or TLS1.3; null before there are keys"),
	FIELD(FIELD_STR_OR_NULL, struct socket_tls_doc, cipher,
	      "as ss(8) spells it; null before there are keys"),
	FIELD(FIELD_STR, struct socket_tls_doc, tx,
	      "who encrypts: none (the program), sw (the kernel), hw (a NIC, by the "
	      "label set when the keys were installed)"),
	FIELD(FIELD_STR, struct socket_tls_doc, rx, "who decrypts, likewise"),
	FIELD(FIELD_BOOL, struct socket_tls_doc, zerocopy,
	      "TLS_TX_ZEROCOPY_RO in effect: only told where a NIC encrypts"),
	FIELD(FIELD_BOOL, struct socket_tls_doc, no_pad, "TLS_RX_EXPECT_NO_PAD is set"),
	FIELD(FIELD_U64, struct socket_tls_doc, max_record_bytes,
	      "largest payload of a record sent; 0: a kernel before 6.19 does not tell"),
};
FIELDS(tls_fields, struct socket_tls_doc, tls_rows, NULL);

static const struct field process_rows[] = {
	FIELD(FIELD_U64, struct socket_process_doc, pid, "process id"),
	FIELD(FIELD_STR, struct socket_process_doc, comm,
	      "its name; empty when it ended before it could be read"),
	{ .name = "unit",
	  .kind = FIELD_STR,
	  .off = offsetof(struct socket_process_doc, unit),
	  .optional = true,
	  .help = "the systemd unit it runs in" },
	{ .name = "cgroup",
	  .kind = FIELD_STR,
	  .off = offsetof(struct socket_process_doc, cgroup),
	  .optional = true,
	  .help = "its control group" },
};
FIELDS(process_fields, struct socket_process_doc, process_rows, NULL);

static const struct field owner_rows[] = {
	FIELD_WORD(struct socket_owner_doc, kind, owner_words,
		   "process; kernel: no process has it open; none: it was not accepted "
		   "yet, or is closed already; unknown"),
	{ .name = "reason",
	  .kind = FIELD_STR,
	  .off = offsetof(struct socket_owner_doc, reason),
	  .optional = true,
	  .help = "why it is no process" },
	{ .name = "processes",
	  .kind = FIELD_LIST,
	  .off = offsetof(struct socket_owner_doc, processes),
	  .count_off = offsetof(struct socket_owner_doc, n_processes),
	  .sub = &process_fields,
	  .optional = true,
	  .help = "all that have it open, after a fork or SCM_RIGHTS several" },
};
FIELDS(owner_fields, struct socket_owner_doc, owner_rows, NULL);

static const struct field tcp_rows[] = {
	FIELD(FIELD_U64, struct socket_tcp_doc, bytes_sent, "with what was sent again"),
	FIELD(FIELD_U64, struct socket_tcp_doc, bytes_acked, "acknowledged by the peer"),
	FIELD(FIELD_U64, struct socket_tcp_doc, bytes_received, "received"),
	FIELD(FIELD_U64, struct socket_tcp_doc, bytes_retransmitted, "sent again"),
	FIELD(FIELD_U64, struct socket_tcp_doc, rtt_us, "round trip time, smoothed"),
	FIELD(FIELD_U64, struct socket_tcp_doc, mss_bytes, "of a segment sent"),
	FIELD(FIELD_U64, struct socket_tcp_doc, cwnd_segments, "congestion window"),
};
FIELDS(tcp_fields, struct socket_tcp_doc, tcp_rows, NULL);

static const struct field nic_rows[] = {
	FIELD(FIELD_STR, struct socket_nic_doc, name,
	      "the interface its packets leave by, by a look-up in the routing tables"),
	{ .name = "reason",
	  .kind = FIELD_STR,
	  .off = offsetof(struct socket_nic_doc, reason),
	  .optional = true,
	  .help = "why it is not known: policy-routing (rules ask for a mark or a TOS), "
		  "no-route, gone, failed" },
	FIELD(FIELD_INT, struct socket_nic_doc, numa_node, "of the NIC; -1: not known"),
	FIELD(FIELD_INT, struct socket_nic_doc, process_node,
	      "of the processor that the first process ran on last; -1: not known"),
};
FIELDS(nic_fields, struct socket_nic_doc, nic_rows, NULL);

static const struct field rates_rows[] = {
	FIELD(FIELD_U64, struct socket_rates_doc, first_seen_ms,
	      "ago, by this run; 0: now, there are no rates yet"),
	FIELD(FIELD_U64, struct socket_rates_doc, sent_bytes_per_s,
	      "acknowledged by the peer since the last look"),
	FIELD(FIELD_U64, struct socket_rates_doc, received_bytes_per_s,
	      "received since the last look"),
};
FIELDS(rates_fields, struct socket_rates_doc, rates_rows, NULL);

static const struct field socket_rows[] = {
	{ .name = "time_ms",
	  .kind = FIELD_U64,
	  .off = offsetof(struct socket_doc, time_ms),
	  .optional = true,
	  .help = "since the epoch, of this look; with --watch" },
	{ .name = "netns",
	  .kind = FIELD_STR,
	  .off = offsetof(struct socket_doc, netns),
	  .optional = true,
	  .help = "network namespace, with --netns" },
	FIELD(FIELD_STR, struct socket_doc, local, "address"),
	FIELD(FIELD_U64, struct socket_doc, local_port, "port"),
	FIELD(FIELD_STR, struct socket_doc, peer, "address"),
	FIELD(FIELD_U64, struct socket_doc, peer_port, "port"),
	FIELD(FIELD_STR, struct socket_doc, state, "of TCP: established, ..."),
	FIELD_WORD(struct socket_doc, ktls, ktls_words,
		   "whether the TLS ULP is attached; unknown: this kernel hides it from "
		   "callers without CAP_NET_ADMIN"),
	{ .name = "ulp",
	  .kind = FIELD_STR,
	  .off = offsetof(struct socket_doc, ulp),
	  .optional = true,
	  .help = "upper layer protocol: tls, mptcp, ..." },
	{ .name = "tls",
	  .kind = FIELD_PTR,
	  .off = offsetof(struct socket_doc, tls),
	  .sub = &tls_fields,
	  .optional = true,
	  .help = "of a socket with the TLS ULP" },
	{ .name = "owner",
	  .kind = FIELD_PTR,
	  .off = offsetof(struct socket_doc, owner),
	  .sub = &owner_fields,
	  .optional = true,
	  .help = "left out with --no-owners" },
	FIELD(FIELD_U64, struct socket_doc, uid, "who made it"),
	FIELD(FIELD_U64, struct socket_doc, inode,
	      "as in /proc/PID/fd; 0: of no process"),
	FIELD(FIELD_U64, struct socket_doc, cookie, "never used again by this kernel"),
	FIELD(FIELD_U64, struct socket_doc, receive_queue_bytes, "not yet read"),
	FIELD(FIELD_U64, struct socket_doc, send_queue_bytes, "not yet acknowledged"),
	{ .name = "tcp",
	  .kind = FIELD_PTR,
	  .off = offsetof(struct socket_doc, tcp),
	  .sub = &tcp_fields,
	  .optional = true,
	  .help = "of struct tcp_info" },
	{ .name = "nic",
	  .kind = FIELD_PTR,
	  .off = offsetof(struct socket_doc, nic),
	  .sub = &nic_fields,
	  .optional = true,
	  .help = "by route; of sockets on kTLS" },
	{ .name = "rates",
	  .kind = FIELD_PTR,
	  .off = offsetof(struct socket_doc, rates),
	  .sub = &rates_fields,
	  .optional = true,
	  .help = "with --watch" },
};

const struct fields socket_fields = { .name = "ktlsctl.socket/1",
				      .help = "a TCP socket, by ktlsctl sockets --ndjson",
				      .size = sizeof(struct socket_doc),
				      .f = socket_rows,
				      .n = sizeof(socket_rows) / sizeof(socket_rows[0]) };

static const char *socket_state(uint8_t state)
{
	static const char *const words[] = {
		"unknown",    "established", "syn-sent", "syn-recv",   "fin-wait-1",
		"fin-wait-2", "time-wait",   "closed",   "close-wait", "last-ack",
		"listening",  "closing",     "syn-recv", "bound",
	};

	return words[state < sizeof(words) / sizeof(words[0]) ? state : 0];
}

const char *socket_conf_word(enum ktls_conf conf)
{
	static const char *const words[] = { "unknown", "none", "sw", "hw", "hw-record" };

	return words[conf];
}

static void fill_tls(const struct diag_tls *t, struct socket_words *w)
{
	const struct ktls_version *version = ktls_version_of(t->version);
	const struct ktls_cipher *cipher = ktls_cipher_of(t->cipher);

	snprintf(w->version, sizeof(w->version), "%#06x", t->version);
	snprintf(w->cipher, sizeof(w->cipher), "%u", t->cipher);
	w->tls = (struct socket_tls_doc){
		.version = version      ? version->word
			   : t->version ? w->version
					: NULL,
		.cipher = cipher      ? cipher->word
			  : t->cipher ? w->cipher
				      : NULL,
		.tx = socket_conf_word(t->tx),
		.rx = socket_conf_word(t->rx),
		.zerocopy = t->zerocopy_ro,
		.no_pad = t->no_pad,
		.max_record_bytes = t->max_payload,
	};
	w->doc.tls = &w->tls;
}

static void fill_owner(const struct socket_owner *o, struct owners *owners,
		       struct socket_words *w)
{
	w->owner = (struct socket_owner_doc){ o->kind, o->reason, w->processes, 0 };
	for (size_t i = 0; i < o->n && i < SOCKET_OWNERS; i++) {
		const struct owner *p = owners_look(owners, o->refs[i].owner);

		w->processes[w->owner.n_processes++] = (struct socket_process_doc){
			p->pid, p->comm, p->unit, p->cgroup
		};
	}
	w->doc.owner = &w->owner;
}

static void fill_tcp(const struct diag_tcp *t, struct socket_words *w)
{
	w->tcp = (struct socket_tcp_doc){
		.bytes_sent = t->bytes_sent,
		.bytes_acked = t->bytes_acked,
		.bytes_received = t->bytes_received,
		.bytes_retransmitted = t->bytes_retransmitted,
		.rtt_us = t->rtt_us,
		.mss_bytes = t->mss,
		.cwnd_segments = t->cwnd,
	};
	w->doc.tcp = &w->tcp;
}

/* Three times as fast as inet_ntop(3), which is felt at a million addresses. */
static void ipv4_text(const uint8_t *addr, char *out)
{
	for (int i = 0; i < 4; i++) {
		unsigned v = addr[i];

		if (v >= 100)
			*out++ = (char)('0' + v / 100);
		if (v >= 10)
			*out++ = (char)('0' + v / 10 % 10);
		*out++ = (char)('0' + v % 10);
		*out++ = i < 3 ? '.' : '\0';
	}
}

static void address_text(uint8_t family, const uint8_t *addr, char out[64])
{
	if (family == AF_INET)
		ipv4_text(addr, out);
	else if (!inet_ntop(family, addr, out, 64))
		out[0] = '\0';
}

static const char *why_no_nic(enum route_answer answer)
{
	switch (answer) {
	case ROUTE_POLICY:
		return "policy-routing";
	case ROUTE_NONE:
		return "no-route";
	case ROUTE_FOUND:
		return "gone";
	default:
		return "failed";
	}
}

static void fill_nic(const struct socket_view *v, const struct socket_context *c,
		     struct socket_words *w)
{
	const struct socket_route route = routes_find(c->routes, v->s);
	const struct nic *nic = NULL;
	int cpu = -1;

	/* Facts are those of our own namespace, where the numbers mean something. */
	if (c->facts && !*c->netns)
		nic = nic_find(c->facts, route.ifindex);
	if (c->facts && v->owner.n)
		cpu = owners_look(c->owners, v->owner.refs[0].owner)->cpu;
	w->nic = (struct socket_nic_doc){
		.name = route.name,
		.reason = *route.name ? "" : why_no_nic(route.answer),
		.numa_node = nic ? nic->numa_node : -1,
		.process_node = cpu < 0 ? -1 : node_of_cpu(c->facts, cpu),
	};
	w->doc.nic = &w->nic;
}

static void fill_rates(const struct socket_view *v, const struct socket_context *c,
		       struct socket_words *w)
{
	struct sample_rates r;

	if (samples_add(c->samples, c->netns_id, v->s, &r))
		return;
	w->rates = (struct socket_rates_doc){ r.first_seen_ms, r.sent_per_s,
					      r.received_per_s };
	w->doc.rates = &w->rates;
}

static enum ktls_word ktls_word(const struct socket_view *v)
{
	if (v->s->tls.present)
		return KTLS_WORD_YES;
	return v->sight == ULP_HIDDEN ? KTLS_WORD_UNKNOWN : KTLS_WORD_NO;
}

void socket_words(const struct socket_view *v, const struct socket_context *c,
		  struct socket_words *w)
{
	const struct diag_socket *s = v->s;

	address_text(s->family, s->local.addr, w->local);
	address_text(s->family, s->peer.addr, w->peer);
	w->doc = (struct socket_doc){
		.time_ms = c->time_ms,
		.netns = c->netns,
		.local = w->local,
		.peer = w->peer,
		.local_port = s->local.port,
		.peer_port = s->peer.port,
		.state = socket_state(s->state),
		.ktls = ktls_word(v),
		.ulp = s->ulp,
		.uid = s->uid,
		.inode = s->inode,
		.cookie = s->cookie,
		.receive_queue_bytes = s->rqueue,
		.send_queue_bytes = s->wqueue,
	};
	if (s->tls.present)
		fill_tls(&s->tls, w);
	if (v->owner.kind != OWNER_NOT_ASKED)
		fill_owner(&v->owner, c->owners, w);
	if (s->tcp.present)
		fill_tcp(&s->tcp, w);
	if (s->tls.present && c->routes)
		fill_nic(v, c, w);
	if (c->samples)
		fill_rates(v, c, w);
}
