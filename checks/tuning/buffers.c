/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

/* What a path of this round trip time keeps in flight. 20 ms: across a continent. */
enum { RTT_MS = 20, ASSUMED_MBPS = 10000 };

static const struct nic *fastest(const struct facts *f)
{
	const struct nic *best = NULL;

	for (size_t i = 0; i < f->nics.n_nics; i++)
		if (f->nics.nics[i].speed_mbps &&
		    (!best || f->nics.nics[i].speed_mbps > best->speed_mbps))
			best = &f->nics.nics[i];
	return best;
}

static void say_key(const struct facts *f, struct report *r, enum sysctl_key key,
		    const struct nic *nic)
{
	const struct sysctl_value *v = sysctl_numbers(f, r, key, 3);
	uint64_t mbps = nic ? nic->speed_mbps : ASSUMED_MBPS;
	uint64_t need = mbps * 1000000 / 8 * RTT_MS / 1000;
	struct finding *fi;

	if (!v)
		return;
	if (v->v[2] >= need) {
		fi = say(r, VERDICT_OK, "%s grows to %" PRIu64 " bytes", sysctl_name(key),
			 v->v[2]);
		evidence(fi, sysctl_name(key), NULL, "%s", v->text);
		return;
	}
	fi = say(r, nic ? VERDICT_WARN : VERDICT_INFO,
		 "%s stops at %" PRIu64 " bytes; %" PRIu64 " Gbit/s x %d ms is %" PRIu64
		 "%s",
		 sysctl_name(key), v->v[2], mbps / 1000, RTT_MS, need,
		 nic ? "" : " (assumed: no NIC reports a speed)");
	because(fi, key == SYSCTL_TCP_RMEM ? "tcp-rmem-small" : "tcp-wmem-small");
	evidence(fi, sysctl_name(key), text(r, "third value %" PRIu64 " or more", need),
		 "%s", v->text);
	if (nic)
		evidence(fi, text(r, "/sys/class/net/%s/speed", nic->name), NULL,
			 "%" PRIu64 " Mbit/s", nic->speed_mbps);
	remedy(fi,
	       "let autotuning go further, if there are such paths; lasting: sysctl.d",
	       text(r, "sysctl -w %s='%" PRIu64 " %" PRIu64 " %" PRIu64 "'",
		    sysctl_name(key), v->v[0], v->v[1], need),
	       REMEDY_ROOT, "a busy socket may use that much; tcp_mem bounds the sum");
	mended_by(fi, "%s=keep keep bdp:%dms", sysctl_name(key), RTT_MS);
}

static void run(const struct facts *f, struct report *r)
{
	const struct nic *nic = fastest(f);

	say_key(f, r, SYSCTL_TCP_RMEM, nic);
	say_key(f, r, SYSCTL_TCP_WMEM, nic);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "autotuning may go as far as bandwidth times delay", NULL },
	{ VERDICT_WARN, "tcp-rmem-small", "the receive buffer stops below that",
	  "raise it" },
	{ VERDICT_INFO, "tcp-rmem-small", "the same for an assumed 10 Gbit/s", NULL },
	{ VERDICT_WARN, "tcp-wmem-small", "the send buffer stops below that",
	  "raise it" },
	{ VERDICT_INFO, "tcp-wmem-small", "the same for an assumed 10 Gbit/s", NULL },
	{ VERDICT_UNKNOWN, NULL, "the setting cannot be read or is no vector", NULL },
	{ 0 },
};

const struct check check_tcp_buffers = {
	.id = "tcp-buffers",
	.category = "tuning",
	.title = "TCP buffers against bandwidth x delay",
	.why = "The third value of tcp_rmem and tcp_wmem is where autotuning stops. A "
	       "connection cannot have more in flight than that, so a long fast path "
	       "stays slow however cheap the encryption is. rmem_max and wmem_max do "
	       "not limit autotuning.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/ip-sysctl.html",
	.needs = FACT_SYSCTL | FACT_NICS,
	.run = run,
};
