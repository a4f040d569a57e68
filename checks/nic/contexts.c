/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

static const struct side {
	const char *made, *gone, *word;
} sides[] = {
	{ "tx_tls_ctx", "tx_tls_del", "send" },
	{ "rx_tls_ctx", "rx_tls_del", "receive" },
};

static bool has(const struct nic_stats *s, const char *name)
{
	for (size_t i = 0; i < s->n_counters; i++)
		if (!strcmp(s->counters[i].name, name))
			return true;
	return false;
}

/* Live ones in words, as far as they can be told; *odd, *total: why not. */
static const char *live_text(struct report *r, const struct nic_stats *s,
			     const struct side *d, const struct side **odd,
			     const struct side **total)
{
	uint64_t made = nic_counter(s, d->made, 0), gone = nic_counter(s, d->gone, 0);

	if (gone > made)
		*odd = d;
	else if (made && !has(s, d->gone))
		*total = d;
	else
		return text(r, "%" PRIu64 " %s", made - gone, d->word);
	return "";
}

static void saw_counters(struct finding *fi, const struct nic_stats *s)
{
	static const char *const names[] = { "tx_tls_ctx",        "tx_tls_del",
					     "rx_tls_ctx",        "rx_tls_del",
					     "tx_tls_pool_alloc", "tx_tls_pool_free" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (has(s, names[i]))
			evidence(fi, text(fi->report, "ethtool -S, %s", names[i]), NULL,
				 "%" PRIu64, nic_counter(s, names[i], 0));
}

static void say_full(struct report *r, const struct nic *nic, uint64_t refused)
{
	struct finding *fi = say_nic(r, VERDICT_WARN, nic,
				     "it had no room for %" PRIu64 " connections, which "
				     "fell back to software without a word",
				     refused);

	because(fi, "nic-tls-no-space");
	evidence(fi, "ethtool -S, hw_tls_no_space", "0", "%" PRIu64, refused);
	remedy(fi,
	       "spread the connections over more NICs, or leave short ones to software",
	       NULL, 0, NULL);
}

static void say_live(struct report *r, const struct nic *nic, const struct nic_stats *s)
{
	const struct side *odd = NULL, *total = NULL;
	const char *tx = live_text(r, s, &sides[0], &odd, &total);
	const char *rx = live_text(r, s, &sides[1], &odd, &total);
	struct finding *fi;

	if (odd) {
		fi = say_nic(r, VERDICT_UNKNOWN, nic,
			     "more connections were given up (%s) than set up (%s)",
			     odd->gone, odd->made);
		because(fi, "nic-tls-contexts-odd");
	} else if (total) {
		fi = say_nic(r, VERDICT_INFO, nic,
			     "how many connections it holds cannot be told: its driver "
			     "counts those set up (%s), not those that ended",
			     total->made);
		because(fi, "nic-tls-contexts-total");
	} else {
		fi = say_nic(r, VERDICT_OK, nic,
			     "%s and %s through it now; how many it can hold, no driver "
			     "tells",
			     tx, rx);
	}
	saw_counters(fi, s);
}

static void say_one(const struct facts *f, struct report *r, const struct nic *nic)
{
	const struct nic_stats *s = stats_or_say(f, r, nic);
	uint64_t refused = nic_counter(s, "hw_tls_no_space", 0);
	bool counts;

	if (!s)
		return;
	counts = has(s, sides[0].made) || has(s, sides[1].made);
	if (refused)
		say_full(r, nic, refused);
	if (counts)
		say_live(r, nic, s);
	else if (!refused)
		say_nic(r, has(s, "hw_tls_no_space") ? VERDICT_OK : VERDICT_SKIP, nic,
			has(s, "hw_tls_no_space")
				? "no connection was refused for want of room"
				: "its driver does not count the connections it holds");
}

static void run(const struct facts *f, struct report *r)
{
	each_tls_nic(f, r, say_one);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "how many connections go through the NIC now", NULL },
	{ VERDICT_WARN, "nic-tls-no-space",
	  "its memory was full: new connections fall back to software",
	  "fewer or longer connections, more NICs" },
	{ VERDICT_INFO, "nic-tls-contexts-total",
	  "only how many there ever were: cxgb4, or mlx5 of old kernels", NULL },
	{ VERDICT_UNKNOWN, "nic-tls-contexts-odd", "the counters contradict each other",
	  NULL },
	{ VERDICT_UNKNOWN, NULL, "the counters could not be read", NULL },
	{ VERDICT_SKIP, NULL, "no kTLS, no physical NIC, or nothing is counted", NULL },
	{ 0 },
};

const struct check check_nic_tls_contexts = {
	.id = "nic-tls-contexts",
	.category = "nic",
	.title = "room for connections in the NIC",
	.why = "Each offloaded direction of a connection takes memory of the NIC. When "
	       "that is used up, setting up the offload fails, the kernel takes "
	       "software instead, and the program never learns of it.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls-offload.html",
	.needs = FACT_NICS | FACT_NIC_STATS,
	.uses = TLS_FACTS,
	.run = run,
};
