/* SPDX-License-Identifier: MIT */
/*
 * Who encrypts a direction, and why not the NIC. Pure. The order is that of what has to
 * be there: a card, what the kernel hands to one at all, the way down to it, switches,
 * the driver's consent, and last the effect.
 */
#include <errno.h>

#include "path.h"

static struct path_says says(enum path_verdict v, const char *reason, const char *why)
{
	return (struct path_says){ v, reason, why };
}

/* One sentence for each direction. */
static struct path_says says_of(const struct path_saw *s, const char *reason,
				const char *tx, const char *rx)
{
	return says(PATH_SOFTWARE, reason, s->tx ? tx : rx);
}

static bool data_differed(const struct path_saw *s)
{
	return s->step == PATH_TALK && (s->err == -EILSEQ || s->err == -EPROTO);
}

static struct path_says not_tried(const struct path_saw *s)
{
	if (s->elsewhere)
		return says(PATH_UNKNOWN, "elsewhere",
			    "the route to the peer does not begin with this device: not "
			    "tried");
	switch (s->step) {
	case PATH_ROUTE:
		return says(PATH_UNKNOWN, "no-route", "there is no route to the peer");
	case PATH_CONNECT:
		return says(PATH_UNKNOWN, "not-connected", "the peer does not answer");
	case PATH_SHAKE:
		return says(PATH_UNKNOWN, "no-handshake",
			    "the handshake did not come to its end");
	default:
		break;
	}
	if (s->stranger)
		return says(PATH_UNKNOWN, "stranger",
			    "what answers there is no ktlsctl serve");
	return says(PATH_UNKNOWN, "interrupted", "the data did not come to their end");
}

static struct path_says user_space(const struct path_saw *s)
{
	if (!s->built_with_ktls)
		return says(PATH_USER_SPACE, "libssl-without-ktls",
			    "libssl was built without kTLS");
	if (!s->ulp)
		return says(PATH_USER_SPACE, "no-kernel-tls",
			    "no TLS in the kernel for this caller");
	if (s->refused)
		return says(PATH_USER_SPACE, "cipher-refused",
			    "the kernel refuses the cipher");
	return says(PATH_USER_SPACE, "libssl-does-not-ask",
		    "libssl does not ask the kernel");
}

/* Cards and what lies above them; reason NULL: nothing of that is in the way. */
static struct path_says no_way_down(const struct path_saw *s)
{
	const struct path_nics *n = &s->nics;

	if (n->itself)
		return says(PATH_SOFTWARE, NULL, "");
	if (!n->bond)
		return says(PATH_SOFTWARE, "stacked",
			    "a virtual device hides the offload of the network card "
			    "below it");
	switch (n->passes) {
	case PATH_BOND_MODE:
		return says(
			PATH_SOFTWARE, "bond-mode",
			"in its mode the bond does not pass offload on to its network "
			"cards");
	case PATH_BOND_HASH:
		return says(PATH_SOFTWARE, "bond-hash",
			    "with its hash policy the bond does not pass offload on to "
			    "its network cards");
	case PATH_BOND_UNKNOWN:
		return says(PATH_SOFTWARE, "bond-unknown",
			    "mode or hash policy of the bond are not known");
	case PATH_PASSES:
		break;
	}
	return says(PATH_SOFTWARE, NULL, "");
}

static struct path_says no_card(const struct path_saw *s)
{
	if (!s->nics.n)
		return says(PATH_SOFTWARE, "no-nic",
			    "there is no network card below this device");
	if (s->nics.can == TRI_UNKNOWN)
		return says(PATH_SOFTWARE, "features-unread",
			    "what the network card offers could not be read");
	return says_of(s, "no-offload",
		       "the network card has no TLS offload of what it sends",
		       "the network card has no TLS offload of what it receives");
}

/* The card could, all in all, and is not asked or says no. */
static struct path_says not_taken(const struct path_saw *s)
{
	const struct path_nics *n = &s->nics;

	if (!n->on && !n->checksum)
		return says_of(s, "checksum-off",
			       "checksum offload of what it sends is off, and takes TLS "
			       "offload along (ethtool -K IF tx on)",
			       "checksum offload of what it receives is off, and takes "
			       "TLS offload along (ethtool -K IF rx on)");
	if (!n->on && !n->wanted)
		return says_of(s, "feature-off",
			       "tls-hw-tx-offload is switched off (ethtool -K IF "
			       "tls-hw-tx-offload on)",
			       "tls-hw-rx-offload is switched off (ethtool -K IF "
			       "tls-hw-rx-offload on)");
	if (!n->on)
		return says(PATH_SOFTWARE, "feature-blocked",
			    "the offload was asked for and is not in effect");
	if (s->no_space)
		return says(PATH_SOFTWARE, "no-space",
			    "the network card had no room for another connection "
			    "(hw_tls_no_space)");
	return says(PATH_SOFTWARE, "refused",
		    "the driver refused the connection, and the kernel took it silently");
}

static struct path_says software(const struct path_saw *s)
{
	struct path_says way;

	if (!s->nics.n || s->nics.can != TRI_YES)
		return no_card(s);
	if (s->version != KTLS_1_2)
		return says(PATH_SOFTWARE, "tls13",
			    "no mainline kernel hands TLS 1.3 to a network card");
	if (s->cipher != KTLS_AES_GCM_128 && s->cipher != KTLS_AES_GCM_256)
		return says(PATH_SOFTWARE, "cipher",
			    "the kernel hands AES-GCM alone to a network card");
	way = no_way_down(s);
	return way.reason ? way : not_taken(s);
}

/* What is sent again is counted again: less than was sent is what tells. */
static bool all_counted(const struct path_saw *s)
{
	return s->counts_bytes ? s->bytes >= s->payload : s->packets > 0;
}

/* The label stays as it was when the connection began, whatever happens to the card. */
static struct path_says label_only(const struct path_saw *s)
{
	if (s->down)
		return says(PATH_LABEL_ONLY, "link-down",
			    "the network card is down: the label is stale");
	if (s->rerouted)
		return says(PATH_LABEL_ONLY, "rerouted",
			    "the way to the peer has moved to another device: the label "
			    "is stale");
	if (s->given_up)
		return says(PATH_LABEL_ONLY, "given-up",
			    "the network card gave the connection up meanwhile (it was "
			    "down, or reset): the label is stale");
	if (s->packets || s->bytes)
		return says(PATH_LABEL_ONLY, "partly",
			    "the network card counted less than went that way");
	return says(PATH_LABEL_ONLY, "no-effect",
		    "the network card counted nothing of it");
}

/* What was counted before the card went does not say that it still does it. */
static bool cut_short(const struct path_saw *s)
{
	return s->step != PATH_DONE && (s->down || s->rerouted);
}

static struct path_says hardware(const struct path_saw *s)
{
	if ((s->counts && !all_counted(s)) || cut_short(s))
		return label_only(s);
	if (s->step != PATH_DONE)
		return not_tried(s);
	if (!s->counts)
		return says(
			PATH_UNKNOWN, "effect-unseen",
			"labelled as in the network card, whose driver has no counter "
			"to prove it");
	if (s->stat_known && !s->opened)
		return says(PATH_UNKNOWN, "not-opened",
			    "labelled as in the network card, and tls_stat has counted "
			    "no such connection");
	return says(PATH_OFFLOADED, "", "");
}

static bool contradict(const struct path_saw *s)
{
	return s->label != PATH_LABEL_UNKNOWN &&
	       s->handed != (s->label != PATH_LABEL_NONE);
}

struct path_says path_verdict(const struct path_saw *s)
{
	if (s->elsewhere || s->step < PATH_TALK)
		return not_tried(s);
	if (data_differed(s))
		return says(PATH_BROKEN, "data-differ",
			    "what arrived is not what was sent");
	if (contradict(s))
		return says(PATH_BROKEN, "witnesses-disagree",
			    "libssl and the socket contradict each other");
	if (s->label == PATH_LABEL_HW)
		return hardware(s);
	if (s->step != PATH_DONE)
		return not_tried(s);
	if (!s->handed)
		return user_space(s);
	if (s->label == PATH_LABEL_SW)
		return software(s);
	return says(PATH_UNKNOWN, "label-unseen",
		    "the kernel encrypts; whether in the network card is not shown to "
		    "this caller (CAP_NET_ADMIN, or Linux 6.15)");
}
