/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

/* Counters that ask for a word when they are not 0. Names as in the file: the kernel's
 * documentation spells TlsRxDeviceResync differently. */
static const struct {
	const char *name;
	enum verdict verdict;
	const char *reason, *summary;
} alarms[] = {
	{ "TlsDecryptError", VERDICT_WARN, "stat-decrypt-error",
	  "records that failed authentication on receive" },
	{ "TlsTxRekeyError", VERDICT_INFO, "stat-rekey-error",
	  "refused TX key changes (a second key on a TLS 1.2 socket counts too)" },
	{ "TlsRxRekeyError", VERDICT_INFO, "stat-rekey-error",
	  "refused RX key changes (a second key on a TLS 1.2 socket counts too)" },
	{ "TlsRxNoPadViolation", VERDICT_INFO, "stat-no-pad",
	  "padded records on sockets that promised none (decrypted twice)" },
	{ "TlsRxDeviceResync", VERDICT_INFO, "stat-resync",
	  "times a NIC lost its place in the stream and was told it again" },
};

static void say_alarms(const struct facts *f, struct report *r)
{
	for (size_t i = 0; i < ARRAY_LEN(alarms); i++) {
		uint64_t n = tls_stat_get(&f->tls_stat, alarms[i].name, 0);
		struct finding *fi;

		if (!n)
			continue;
		fi = say(r, alarms[i].verdict, "%" PRIu64 " %s", n, alarms[i].summary);
		because(fi, alarms[i].reason);
		evidence(fi, text(r, "%s: %s", f->tls_stat.src.where, alarms[i].name),
			 "0", "%" PRIu64, n);
	}
}

static void run(const struct facts *f, struct report *r)
{
	const struct tls_stat_facts *s = &f->tls_stat;
	struct finding *fi;

	if (!s->present) {
		fi = say(r, VERDICT_SKIP,
			 "no counters: the file comes with the tls module");
		evidence(fi, s->src.where, NULL, "not there");
		return;
	}
	fi = say(r, VERDICT_OK, "%zu counters, of this network namespace only",
		 s->n_counters);
	for (size_t i = 0; i < s->n_counters; i++)
		if (s->counters[i].value)
			evidence(fi, s->counters[i].name, NULL, "%" PRIu64 "%s",
				 s->counters[i].value,
				 s->counters[i].value > INT64_MAX
					 ? " (below zero for a moment)"
					 : "");
	if (s->skipped) {
		fi = say(r, VERDICT_INFO, "%u lines of %s are no counter", s->skipped,
			 s->src.where);
		because(fi, "stat-odd-lines");
	}
	say_alarms(f, r);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "the counters, as evidence", NULL },
	{ VERDICT_WARN, "stat-decrypt-error",
	  "received records failed authentication: a broken peer, broken hardware, or "
	  "an attack",
	  "compare with the peers' logs" },
	{ VERDICT_INFO, "stat-rekey-error", "a key change was refused", NULL },
	{ VERDICT_INFO, "stat-no-pad",
	  "records were padded in spite of TLS_RX_EXPECT_NO_PAD", NULL },
	{ VERDICT_INFO, "stat-resync",
	  "a NIC had to be told its place in the stream again", NULL },
	{ VERDICT_INFO, "stat-odd-lines", "the file has lines that are no counter",
	  NULL },
	{ VERDICT_SKIP, NULL, "no such file: the module is not loaded", NULL },
	{ 0 },
};

const struct check check_tls_stat = {
	.id = "tls-stat",
	.category = "kernel",
	.title = "kTLS counters",
	.why = "/proc/net/tls_stat counts sessions and errors, for the network "
	       "namespace it is read in. TlsCurr* are gauges; a *Device gauge does not "
	       "go down when the NIC does and the socket carries on in software. No "
	       "counter exists for a refused key or a refused offload.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls.html#statistics",
	.needs = FACT_TLS_STAT,
	.run = run,
};
