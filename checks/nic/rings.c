/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

/* 1024 packets of 1500 bytes are half a millisecond at 25 Gbit/s. */
enum { FAST_MBPS = 10000, FEW = 1024 };

static bool small(uint64_t now, uint64_t max)
{
	return max && now < max && now < FEW;
}

static uint64_t better(uint64_t max)
{
	return max < FEW ? max : FEW;
}

static void say_small(struct report *r, const struct nic *nic,
		      const struct nic_settings *s)
{
	const char *rx = "", *tx = "";
	struct finding *fi;

	if (small(s->rx_ring, s->rx_ring_max))
		rx = text(r, " rx %" PRIu64, better(s->rx_ring_max));
	if (small(s->tx_ring, s->tx_ring_max))
		tx = text(r, " tx %" PRIu64, better(s->tx_ring_max));
	fi = say_nic(r, VERDICT_INFO, nic,
		     "its rings are small for %" PRIu64 " Gbit/s: a burst may be dropped",
		     nic->speed_mbps / 1000);
	because(fi, "nic-rings-small");
	evidence(fi, "ethtool -g, rx", text(r, "%" PRIu64, better(s->rx_ring_max)),
		 "%" PRIu64 " of %" PRIu64, s->rx_ring, s->rx_ring_max);
	evidence(fi, "ethtool -g, tx", text(r, "%" PRIu64, better(s->tx_ring_max)),
		 "%" PRIu64 " of %" PRIu64, s->tx_ring, s->tx_ring_max);
	remedy(fi, "larger rings, where packets are dropped (rx_missed, rx_no_buffer)",
	       text(r, "ethtool -G %s%s%s", shell_quoted(r, nic->name), rx, tx),
	       REMEDY_ROOT,
	       "most drivers restart the NIC for it; larger rings use up cache");
	if (*rx)
		mended_by(fi, "%s/nic.rx-ring=%" PRIu64, nic->name,
			  better(s->rx_ring_max));
	if (*tx)
		mended_by(fi, "%s/nic.tx-ring=%" PRIu64, nic->name,
			  better(s->tx_ring_max));
}

static void say_one(const struct facts *f, struct report *r, const struct nic *nic)
{
	const struct nic_settings *s = settings_or_say(f, r, nic);

	if (!s)
		return;
	if (!s->rx_ring_max && !s->tx_ring_max)
		say_nic(r, VERDICT_SKIP, nic, "it tells no ring sizes");
	else if (nic->speed_mbps < FAST_MBPS)
		say_nic(r, VERDICT_SKIP, nic,
			"below 10 Gbit/s, or no speed told: any ring will do");
	else if (small(s->rx_ring, s->rx_ring_max) || small(s->tx_ring, s->tx_ring_max))
		say_small(r, nic, s);
	else
		say_nic(r, VERDICT_OK, nic,
			"rings of %" PRIu64 " to receive and %" PRIu64 " to send",
			s->rx_ring, s->tx_ring);
}

static void run(const struct facts *f, struct report *r)
{
	each_nic(f, r, say_one);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "1024 entries or as many as it has", NULL },
	{ VERDICT_INFO, "nic-rings-small", "fewer, on a link of 10 Gbit/s or more",
	  "ethtool -G IF rx N tx N" },
	{ VERDICT_UNKNOWN, NULL, "the settings could not be read", NULL },
	{ VERDICT_SKIP, NULL, "no physical NIC, a slow one, or it tells none", NULL },
	{ 0 },
};

const struct check check_nic_rings = {
	.id = "nic-rings",
	.category = "nic",
	.title = "ring sizes",
	.why = "A packet that finds no free entry in the ring is dropped, and what TCP "
	       "sends again costs twice with TLS offload. Larger is not always better: "
	       "a ring that does not fit into the cache slows everything down.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/ethtool-netlink.html",
	.needs = FACT_NICS | FACT_ETHTOOL,
	.run = run,
};
