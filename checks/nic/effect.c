/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

static const struct side {
	const char *gauge, *packets, *word, *feature;
} sides[] = {
	{ "TlsCurrTxDevice", "tx_tls_encrypted_packets", "send", NIC_TLS_TX },
	{ "TlsCurrRxDevice", "rx_tls_decrypted_packets", "receive", NIC_TLS_RX },
};

/* What the counters of all NICs say of one side; a label names no NIC. */
struct effect {
	uint64_t packets;
	const struct nic *moved;  /* one that counts, best one that is up with it on */
	const struct nic *unseen; /* one that may count and cannot be asked */
};

static bool feature_known_off(const struct facts *f, const struct nic *nic,
			      const char *feature)
{
	const struct nic_settings *s = nic_settings(f, nic);

	return s && !s->err && !feature_on(s, feature);
}

static bool may_count(const struct facts *f, const struct nic *nic)
{
	const struct nic_stats *s = nic_stats(f, nic);
	enum tristate can = nic_can_tls(f, nic);

	if (!s || (s->err && s->err != -EOPNOTSUPP))
		return can != TRI_NO;
	return can == TRI_YES;
}

static int rank(const struct facts *f, const struct nic *nic, const char *feature)
{
	return !nic ? 0 : !nic->up ? 1 : feature_known_off(f, nic, feature) ? 2 : 3;
}

static struct effect look(const struct facts *f, const struct side *d)
{
	struct effect e = { 0 };

	for (size_t i = 0; i < f->nics.n_nics; i++) {
		const struct nic *nic = &f->nics.nics[i];
		/* A counter that is not there is told apart from one at 0. */
		uint64_t n = nic_counter(nic_stats(f, nic), d->packets, UINT64_MAX);

		if (!nic_is_own(nic))
			continue;
		if (n == UINT64_MAX) {
			if (may_count(f, nic))
				e.unseen = nic;
			continue;
		}
		e.packets += n;
		if (n && rank(f, nic, d->feature) > rank(f, e.moved, d->feature))
			e.moved = nic;
	}
	return e;
}

static void saw(struct finding *fi, const struct side *d, uint64_t live,
		const struct effect *e)
{
	evidence(fi, text(fi->report, "/proc/net/tls_stat, %s", d->gauge), NULL,
		 "%" PRIu64, live);
	evidence(fi, text(fi->report, "ethtool -S, %s, all NICs", d->packets),
		 "more than 0", "%" PRIu64, e->packets);
}

static void say_again(struct finding *fi)
{
	remedy(fi,
	       "have the programs connect anew: a connection that fell back to software "
	       "does not return to the NIC",
	       NULL, 0, NULL);
}

/* Nothing moved on a NIC that is up. */
static struct finding *say_idle(struct report *r, const struct side *d, uint64_t live,
				const struct effect *e)
{
	struct finding *fi;

	if (e->unseen) {
		fi = say(r, VERDICT_UNKNOWN,
			 "%" PRIu64 " connections are labelled to %s through a NIC; "
			 "whether %s does anything cannot be seen",
			 live, d->word, e->unseen->name);
		because(fi, "nic-tls-effect-unseen");
	} else if (e->moved) {
		fi = say_nic(r, VERDICT_WARN, e->moved,
			     "%" PRIu64 " connections are labelled to %s through a NIC, "
			     "and it is down: the kernel does it in software",
			     live, d->word);
		because(fi, "nic-tls-effect-down");
		say_again(fi);
	} else {
		fi = say(r, VERDICT_WARN,
			 "%" PRIu64 " connections are labelled to %s through a NIC, and "
			 "no NIC has had a packet of them: the kernel does it in "
			 "software",
			 live, d->word);
		because(fi, "nic-tls-no-effect");
		say_again(fi);
	}
	return fi;
}

static void say_side(const struct facts *f, struct report *r, const struct side *d,
		     uint64_t live)
{
	struct effect e = look(f, d);
	struct finding *fi;

	switch (rank(f, e.moved, d->feature)) {
	case 3:
		fi = say_nic(r, VERDICT_OK, e.moved,
			     "%" PRIu64 " connections are labelled to %s through a NIC, "
			     "and its counters have moved",
			     live, d->word);
		break;
	case 2:
		fi = say_nic(r, VERDICT_INFO, e.moved,
			     "%" PRIu64 " connections %s through a NIC from before the "
			     "feature was switched off; new ones do not",
			     live, d->word);
		because(fi, "nic-tls-effect-old");
		break;
	default:
		fi = say_idle(r, d, live, &e);
	}
	saw(fi, d, live, &e);
}

static void run(const struct facts *f, struct report *r)
{
	size_t before = r->n_findings;

	for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
		uint64_t live = tls_gauge(&f->tls_stat, sides[i].gauge);

		if (f->tls_stat.present && live)
			say_side(f, r, &sides[i], live);
	}
	if (r->n_findings == before)
		say(r, VERDICT_SKIP, "no connection is labelled to go through a NIC");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "the label says hw, and a NIC has counted packets", NULL },
	{ VERDICT_WARN, "nic-tls-no-effect", "the label says hw, and no NIC did anything",
	  "connect anew; find the device the connections leave by" },
	{ VERDICT_WARN, "nic-tls-effect-down", "the label says hw, and the NIC is down",
	  "connect anew" },
	{ VERDICT_INFO, "nic-tls-effect-old",
	  "connections from before the feature was switched off", NULL },
	{ VERDICT_UNKNOWN, "nic-tls-effect-unseen",
	  "the driver of a NIC that may do it counts nothing that could be read", NULL },
	{ VERDICT_SKIP, NULL, "no connection carries the label", NULL },
	{ 0 },
};

const struct check check_nic_tls_effect = {
	.id = "nic-tls-effect",
	.category = "nic",
	.title = "label of offload against its effect",
	.why = "tls_stat and ss tell how a connection was set up, not what happens now. "
	       "When the NIC goes down or the route moves to another device, the label "
	       "stays hw while each packet is encrypted in software, often by a "
	       "slower way than a connection set up in software takes. The driver's "
	       "counters tell.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls-offload.html",
	.needs = FACT_NICS | FACT_TLS_STAT | FACT_NIC_STATS,
	.uses = FACT_ETHTOOL,
	.run = run,
};
