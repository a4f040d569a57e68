/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

/* Below so many packets a share says nothing. */
enum { ENOUGH = 10000 };

static bool above_percent(uint64_t part, uint64_t whole)
{
	return whole >= ENOUGH && part > whole / 100;
}

static double percent(uint64_t part, uint64_t whole)
{
	return 100.0 * (double)part / (double)whole;
}

static bool went_through(const struct nic_stats *s)
{
	return nic_counter(s, "tx_tls_encrypted_packets", 0) ||
	       nic_counter(s, "rx_tls_decrypted_packets", 0);
}

static void saw(struct finding *fi, const struct nic_stats *s, const char *name,
		uint64_t of)
{
	uint64_t n = nic_counter(s, name, 0);

	if (n)
		evidence(fi, text(fi->report, "ethtool -S, %s", name),
			 of ? text(fi->report, "1 %% of %" PRIu64 " at most", of) : NULL,
			 "%" PRIu64, n);
}

static void say_find(struct finding *fi)
{
	remedy(fi, "find the connections that lose packets", "ss -tie | grep retrans", 0,
	       NULL);
}

static bool say_tx(struct report *r, const struct nic *nic, const struct nic_stats *s)
{
	uint64_t sent = nic_counter(s, "tx_tls_encrypted_packets", 0);
	uint64_t bytes = nic_counter(s, "tx_tls_encrypted_bytes", 0);
	uint64_t ooo = nic_counter(s, "tx_tls_ooo", 0);
	uint64_t again = nic_counter(s, "tx_tls_resync_bytes", 0);
	struct finding *fi;

	if (!above_percent(ooo, sent) && !above_percent(again, bytes))
		return false;
	fi = say_nic(r, VERDICT_WARN, nic,
		     "more than 1 %% of what it sends comes out of order: it has to "
		     "read the record's beginning again each time");
	because(fi, "nic-tls-tx-resync");
	saw(fi, s, "tx_tls_ooo", sent);
	saw(fi, s, "tx_tls_resync_bytes", bytes);
	saw(fi, s, "tx_tls_dump_bytes", 0);
	say_find(fi);
	return true;
}

static bool say_rx(struct report *r, const struct nic *nic, const struct nic_stats *s)
{
	/* mlx5; nfp. */
	static const char *const names[] = { "rx_tls_resync_req_pkt",
					     "rx_tls_resync_req_ok",
					     "rx_tls_resync_req_ign" };
	uint64_t got = nic_counter(s, "rx_tls_decrypted_packets", 0), most = 0;
	struct finding *fi;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (nic_counter(s, names[i], 0) > most)
			most = nic_counter(s, names[i], 0);
	if (!above_percent(most, got))
		return false;
	fi = say_nic(r, VERDICT_WARN, nic,
		     "it loses the place in what it receives for more than 1 %% of the "
		     "packets, and the kernel decrypts meanwhile");
	because(fi, "nic-tls-rx-resync");
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		saw(fi, s, names[i], got);
	saw(fi, s, "rx_tls_resync_req_skip", 0);
	saw(fi, s, "rx_tls_resync_res_skip", 0);
	say_find(fi);
	return true;
}

static void say_one(const struct facts *f, struct report *r, const struct nic *nic)
{
	const struct nic_stats *s = stats_or_say(f, r, nic);
	bool bad;

	if (!s)
		return;
	if (!went_through(s)) {
		say_nic(r, VERDICT_SKIP, nic, "no TLS went through it");
		return;
	}
	bad = say_tx(r, nic, s);
	bad |= say_rx(r, nic, s);
	if (!bad)
		say_nic(r, VERDICT_OK, nic,
			"%" PRIu64 " packets out of order among %" PRIu64
			" it encrypted, %" PRIu64 " resyncs among %" PRIu64
			" it decrypted",
			nic_counter(s, "tx_tls_ooo", 0),
			nic_counter(s, "tx_tls_encrypted_packets", 0),
			nic_counter(s, "rx_tls_resync_req_pkt", 0),
			nic_counter(s, "rx_tls_decrypted_packets", 0));
}

static bool in_use(const struct facts *f)
{
	for (size_t i = 0; i < f->nics.n_nics; i++) {
		const struct nic *nic = &f->nics.nics[i];

		if (nic->chosen && nic_is_own(nic) &&
		    (went_through(nic_stats(f, nic)) ||
		     feature_on(nic_settings(f, nic), NIC_TLS_TX)))
			return true;
	}
	return false;
}

/* TCP counts for the network namespace, not for one NIC. */
static void say_retransmits(const struct facts *f, struct report *r)
{
	const struct tcp_facts *t = &f->tcp;
	struct finding *fi;

	if (!above_percent(t->retransmitted, t->out_segments)) {
		fi = say(r, VERDICT_OK,
			 "TCP sent %" PRIu64 " of %" PRIu64
			 " segments again, all connections together",
			 t->retransmitted, t->out_segments);
		evidence(fi, "/proc/net/snmp", NULL, "RetransSegs %" PRIu64,
			 t->retransmitted);
		return;
	}
	fi = say(r, VERDICT_WARN,
		 "%.1f %% of all TCP segments are sent again: that makes TLS offload "
		 "dearer than it looks",
		 percent(t->retransmitted, t->out_segments));
	because(fi, "nic-tls-retransmits");
	evidence(fi, "/proc/net/snmp, RetransSegs",
		 text(r, "1 %% of %" PRIu64 " at most", t->out_segments), "%" PRIu64,
		 t->retransmitted);
	say_find(fi);
}

static void run(const struct facts *f, struct report *r)
{
	each_tls_nic(f, r, say_one);
	if (!kernel_lacks_tls(f) && in_use(f))
		say_retransmits(f, r);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "few packets come out of order", NULL },
	{ VERDICT_WARN, "nic-tls-tx-resync",
	  "the NIC often has to begin a record again for sending",
	  "find out where packets are lost" },
	{ VERDICT_WARN, "nic-tls-rx-resync",
	  "the NIC often loses the place in what it receives",
	  "find out where packets are lost" },
	{ VERDICT_WARN, "nic-tls-retransmits",
	  "TCP sends more than 1 % again, of all connections",
	  "find out where packets are lost" },
	{ VERDICT_UNKNOWN, NULL, "the counters could not be read", NULL },
	{ VERDICT_SKIP, NULL, "no kTLS, no physical NIC, or no TLS went through it",
	  NULL },
	{ 0 },
};

const struct check check_nic_tls_resync = {
	.id = "nic-tls-resync",
	.category = "nic",
	.title = "retransmits that make offload costly",
	.why = "The NIC encrypts a stream in order. For a segment that is sent again "
	       "it has to read the record from its beginning over the bus; on the "
	       "receive side a lost segment makes the kernel decrypt until the NIC "
	       "has found the place again. With much loss, software is cheaper. The "
	       "numbers of the receive side are known from the drivers' sources alone: "
	       "no card that decrypts was tried with it.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls-offload.html",
	.needs = FACT_NICS | FACT_NIC_STATS | FACT_TCP,
	.uses = FACT_ETHTOOL | TLS_FACTS,
	.run = run,
};
