/* SPDX-License-Identifier: MIT */
#include "counters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/arena.h"
#include "../host/cleanup.h"

/* Documentation/networking/tls.rst, and net/tls where it differs. */
static const struct counter_meaning tls_counters[] = {
	{ "TlsCurrTxSw", COUNTER_GAUGE, false,
	  "sockets that send, encrypted in software" },
	{ "TlsCurrRxSw", COUNTER_GAUGE, false,
	  "sockets that receive, decrypted in software" },
	{ "TlsCurrTxDevice", COUNTER_GAUGE, false,
	  "sockets labelled to send through a NIC (kept when it goes down)" },
	{ "TlsCurrRxDevice", COUNTER_GAUGE, false,
	  "sockets labelled to receive through a NIC (likewise)" },
	{ "TlsTxSw", COUNTER_TOTAL, false, "keys to send set up in software" },
	{ "TlsRxSw", COUNTER_TOTAL, false, "keys to receive set up in software" },
	{ "TlsTxDevice", COUNTER_TOTAL, false, "keys to send set up in a NIC" },
	{ "TlsRxDevice", COUNTER_TOTAL, false, "keys to receive set up in a NIC" },
	{ "TlsDecryptError", COUNTER_TOTAL, true,
	  "records that failed authentication: a broken peer, or an attack" },
	{ "TlsRxDeviceResync", COUNTER_TOTAL, false,
	  "times the kernel told a NIC where a record begins" },
	{ "TlsDecryptRetry", COUNTER_TOTAL, false,
	  "records decrypted twice: TLS_RX_EXPECT_NO_PAD guessed wrong" },
	{ "TlsRxNoPadViolation", COUNTER_TOTAL, false,
	  "of these, data records that were padded" },
	{ "TlsRxRekeyOk", COUNTER_TOTAL, false, "keys to receive changed" },
	{ "TlsRxRekeyError", COUNTER_TOTAL, true,
	  "keys to receive that could not be changed (also: asked for with TLS 1.2)" },
	{ "TlsTxRekeyOk", COUNTER_TOTAL, false, "keys to send changed" },
	{ "TlsTxRekeyError", COUNTER_TOTAL, true,
	  "keys to send that could not be changed (also: asked for with TLS 1.2)" },
	{ "TlsRxRekeyReceived", COUNTER_TOTAL, false, "KeyUpdate messages received" },
};

const struct counter_meaning *tls_counter_meaning(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(tls_counters); i++)
		if (!strcmp(tls_counters[i].name, name))
			return &tls_counters[i];
	return NULL;
}

/* Documentation/networking/tls-offload.rst, and what mlx5, nfp, cxgb4 and funeth count.
 * Names of the driver are blank-separated; those there are, are summed up; what stands
 * behind a minus is taken off, and without it there is no such counter. */
static const struct common {
	struct counter_meaning what;
	const char *names;
	const char *minus; /* NULL: nothing */
} commons[] = {
	{ { "tx_encrypted_packets", COUNTER_TOTAL, false,
	    "packets encrypted by the NIC" },
	  "tx_tls_encrypted_packets",
	  NULL },
	{ { "tx_encrypted_bytes", COUNTER_TOTAL, false, "bytes encrypted by the NIC" },
	  "tx_tls_encrypted_bytes",
	  NULL },
	{ { "rx_decrypted_packets", COUNTER_TOTAL, false,
	    "packets decrypted by the NIC" },
	  "rx_tls_decrypted_packets",
	  NULL },
	{ { "rx_decrypted_bytes", COUNTER_TOTAL, false, "bytes decrypted by the NIC" },
	  "rx_tls_decrypted_bytes",
	  NULL },
	{ { "tx_contexts_live", COUNTER_GAUGE, false,
	    "connections the NIC holds to send" },
	  "tx_tls_ctx",
	  "tx_tls_del" },
	{ { "rx_contexts_live", COUNTER_GAUGE, false,
	    "connections the NIC holds to receive" },
	  "rx_tls_ctx",
	  "rx_tls_del" },
	{ { "tx_contexts", COUNTER_TOTAL, false, "connections given to the NIC to send" },
	  "tx_tls_ctx",
	  NULL },
	{ { "rx_contexts", COUNTER_TOTAL, false,
	    "connections given to the NIC to receive" },
	  "rx_tls_ctx",
	  NULL },
	{ { "no_space", COUNTER_TOTAL, true, "connections the NIC had no room for" },
	  "hw_tls_no_space",
	  NULL },
	{ { "tx_out_of_order", COUNTER_TOTAL, false,
	    "packets sent again, for which the NIC had to be set back" },
	  "tx_tls_ooo",
	  NULL },
	{ { "tx_resyncs", COUNTER_TOTAL, false, "times it was set back" },
	  "tx_tls_resync",
	  NULL },
	{ { "tx_resync_bytes", COUNTER_TOTAL, false, "bytes it was fed for that" },
	  "tx_tls_resync_bytes",
	  NULL },
	{ { "tx_dropped", COUNTER_TOTAL, true,
	    "packets dropped, because they could only have left in clear" },
	  "tx_tls_drop_no_sync_data tx_tls_drop_bypass_req",
	  NULL },
	{ { "tx_skipped", COUNTER_TOTAL, false,
	    "packets from before the offload, sent as they were" },
	  "tx_tls_skip_no_sync_data",
	  NULL },
	{ { "rx_resync_requests", COUNTER_TOTAL, false,
	    "times the NIC asked where a record begins" },
	  "rx_tls_resync_req_pkt rx_tls_resync_req_ok",
	  NULL },
	{ { "rx_resyncs", COUNTER_TOTAL, false, "times it was told" },
	  "rx_tls_resync_res_ok rx_tls_resync_sent",
	  NULL },
	{ { "rx_resyncs_skipped", COUNTER_TOTAL, false, "times it was not" },
	  "rx_tls_resync_res_skip rx_tls_resync_req_skip rx_tls_resync_req_ign",
	  NULL },
	{ { "rx_errors", COUNTER_TOTAL, true, "packets the NIC failed to decrypt" },
	  "rx_tls_err",
	  NULL },
};
_Static_assert(ARRAY_SIZE(commons) <= NIC_COMMON_MAX, "room for all");

const struct counter_meaning *nic_common_meaning(size_t i)
{
	return i < ARRAY_SIZE(commons) ? &commons[i].what : NULL;
}

/* The sum of those there are; false when there is none of them. */
static bool sum_of(const struct nic_stats *s, const char *names, uint64_t *sum)
{
	bool any = false;

	*sum = 0;
	while (*names) {
		const size_t len = strcspn(names, " ");
		char name[40];
		uint64_t v;

		snprintf(name, sizeof(name), "%.*s", (int)len, names);
		v = nic_counter(s, name, UINT64_MAX);
		any |= v != UINT64_MAX;
		*sum += v == UINT64_MAX ? 0 : v;
		names += len + (names[len] == ' ');
	}
	return any;
}

static bool names_it(const char *names, const char *name)
{
	const size_t len = strlen(name);

	for (; names && *names; names += strcspn(names, " ") + 1) {
		if (!strncmp(names, name, len) && (names[len] == ' ' || !names[len]))
			return true;
		if (!strchr(names, ' '))
			break;
	}
	return false;
}

static bool has_common(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commons); i++)
		if (names_it(commons[i].names, name) || names_it(commons[i].minus, name))
			return true;
	return false;
}

/* A counter is read after the other: the one taken off may have gone past. */
static bool value_of(const struct nic_stats *s, const struct common *c, uint64_t *out)
{
	uint64_t minus = 0;

	if (!sum_of(s, c->names, out) || (c->minus && !sum_of(s, c->minus, &minus)))
		return false;
	*out = *out > minus ? *out - minus : 0;
	return true;
}

int nic_counters_of(const struct nic_stats *s, struct arena *a, struct nic_counters *out)
{
	*out = (struct nic_counters){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(commons); i++) {
		struct nic_common *c = &out->common[out->n_common];

		if (!value_of(s, &commons[i], &c->value))
			continue;
		c->what = &commons[i].what;
		c->from = commons[i].names;
		out->n_common++;
	}
	out->other = arena_alloc(a, (s->n_counters + 1) * sizeof(*out->other));
	if (!out->other)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_counters; i++)
		if (!has_common(s->counters[i].name))
			out->other[out->n_other++] = s->counters[i];
	return 0;
}
