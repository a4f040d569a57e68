/* SPDX-License-Identifier: MIT */
/*
 * Every metric there is. The names are permanent; what one says is a field of
 * ktlsctl.facts/1 (export_doc.c). No label has a value without bounds.
 */
#include "export.h"

const char *const metric_type_words[] = { "gauge", "counter", "untyped", NULL };

#define NIC_TOTAL(name_, help_)                                                          \
	{                                                                                \
		"ktlsctl_nic_tls_" name_ "_total", METRIC_COUNTER, "device",             \
			"nic_counters", name_, "value", help_                            \
	}
#define NIC_GAUGE(name_, help_)                                                          \
	{                                                                                \
		"ktlsctl_nic_tls_" name_, METRIC_GAUGE, "device", "nic_counters", name_, \
			"value", help_                                                   \
	}

const struct metric metrics[] = {
	{ "ktlsctl_build_info", METRIC_GAUGE, "version=tool_version", NULL, NULL, NULL,
	  "The ktlsctl that wrote this." },
	{ "ktlsctl_report_timestamp_seconds", METRIC_GAUGE, "", NULL, NULL,
	  "time_seconds", "When the host was looked at." },
	{ "ktlsctl_report_duration_seconds", METRIC_GAUGE, "", NULL, NULL, "duration_us",
	  "How long looking took." },
	{ "ktlsctl_host_info", METRIC_GAUGE, "kernel openssl os", NULL, NULL, NULL,
	  "What the host runs." },
	{ "ktlsctl_status_info", METRIC_GAUGE, "status", NULL, NULL, NULL,
	  "Whether kTLS is used, works, should work, cannot work, or is not known." },
	{ "ktlsctl_cause_info", METRIC_GAUGE, "cause check level link", "cause", NULL,
	  NULL, "The first broken link; absent when every link holds." },
	{ "ktlsctl_findings", METRIC_GAUGE, "level", "counts", NULL, "*",
	  "Findings of the diagnosis by level." },
	{ "ktlsctl_check_not_ok", METRIC_GAUGE, "category check level", "checks", NULL,
	  "findings", "Findings of a check that is warn, fail or unknown at worst." },
	{ "ktlsctl_unknown", METRIC_GAUGE, "part", "unknown", NULL, NULL,
	  "What could not be found out; its series are missing, not 0." },

	{ "ktlsctl_sessions", METRIC_GAUGE, "direction mode", "sessions", NULL,
	  "sessions", "Directions of sockets on kTLS now, by the kernel's own count." },
	{ "ktlsctl_sessions_opened_total", METRIC_COUNTER, "direction mode", "sessions",
	  NULL, "opened", "Keys that were set up." },
	{ "ktlsctl_decrypt_errors_total", METRIC_COUNTER, "", "counters",
	  "TlsDecryptError", "value", "Records that failed authentication." },
	{ "ktlsctl_decrypt_retries_total", METRIC_COUNTER, "", "counters",
	  "TlsDecryptRetry", "value",
	  "Records decrypted twice, because TLS_RX_EXPECT_NO_PAD guessed wrong." },
	{ "ktlsctl_no_pad_violations_total", METRIC_COUNTER, "", "counters",
	  "TlsRxNoPadViolation", "value", "Of these, data records that were padded." },
	{ "ktlsctl_rx_device_resyncs_total", METRIC_COUNTER, "", "counters",
	  "TlsRxDeviceResync", "value", "Times a NIC was told where a record begins." },
	{ "ktlsctl_rekeys_total", METRIC_COUNTER, "direction", "rekeys", NULL, "changed",
	  "Keys that were changed; absent where the kernel cannot." },
	{ "ktlsctl_rekey_errors_total", METRIC_COUNTER, "direction", "rekeys", NULL,
	  "errors", "Keys that could not be changed." },
	{ "ktlsctl_key_updates_received_total", METRIC_COUNTER, "", "counters",
	  "TlsRxRekeyReceived", "value", "KeyUpdate messages received." },
	{ "ktlsctl_tls_stat", METRIC_UNTYPED, "name", "strange", NULL, "value",
	  "Counters of /proc/net/tls_stat that this ktlsctl does not know." },

	{ "ktlsctl_sockets", METRIC_GAUGE, "tx rx", "sockets", NULL, "sockets",
	  "Sockets on kTLS by who encrypts." },
	{ "ktlsctl_tls_connections", METRIC_GAUGE, "", "coverage", NULL, "connections",
	  "Connections of programs that speak TLS, encrypted or not." },
	{ "ktlsctl_tls_connections_on_ktls", METRIC_GAUGE, "", "coverage", NULL,
	  "on_ktls", "Of these on kTLS." },
	{ "ktlsctl_service_connections", METRIC_GAUGE, "service", "services", NULL,
	  "connections", "Connections of a service that speaks TLS." },
	{ "ktlsctl_service_connections_on_ktls", METRIC_GAUGE, "service", "services",
	  NULL, "on_ktls", "Of these on kTLS." },

	{ "ktlsctl_nic_info", METRIC_GAUGE, "device driver", "nics", NULL, NULL,
	  "The network cards." },
	{ "ktlsctl_nic_tls_offload_active", METRIC_GAUGE, "device direction", "offloads",
	  NULL, "active", "TLS offload is on; absent where the NIC has none." },
	NIC_TOTAL("tx_encrypted_packets", "Packets encrypted by the NIC."),
	NIC_TOTAL("tx_encrypted_bytes", "Bytes encrypted by the NIC."),
	NIC_TOTAL("rx_decrypted_packets", "Packets decrypted by the NIC."),
	NIC_TOTAL("rx_decrypted_bytes", "Bytes decrypted by the NIC."),
	NIC_GAUGE("tx_contexts_live", "Connections the NIC holds to send."),
	NIC_GAUGE("rx_contexts_live", "Connections the NIC holds to receive."),
	NIC_TOTAL("tx_contexts", "Connections given to the NIC to send."),
	NIC_TOTAL("rx_contexts", "Connections given to the NIC to receive."),
	NIC_TOTAL("no_space", "Connections the NIC had no room for."),
	NIC_TOTAL("tx_out_of_order",
		  "Packets sent again, for which the NIC had to be set back."),
	NIC_TOTAL("tx_resyncs", "Times it was set back."),
	NIC_TOTAL("tx_resync_bytes", "Bytes it was fed for that."),
	NIC_TOTAL("tx_dropped",
		  "Packets dropped, because they could only have left in clear."),
	NIC_TOTAL("tx_skipped", "Packets from before the offload, sent as they were."),
	NIC_TOTAL("rx_resync_requests", "Times the NIC asked where a record begins."),
	NIC_TOTAL("rx_resyncs", "Times it was told."),
	NIC_TOTAL("rx_resyncs_skipped", "Times it was not."),
	NIC_TOTAL("rx_errors", "Packets the NIC failed to decrypt."),

	{ "ktlsctl_tune_applied_keys", METRIC_GAUGE, "", "tune", NULL, "applied_keys",
	  "Keys that ktlsctl tune has set and that are to hold." },
	{ "ktlsctl_tune_drifted_keys", METRIC_GAUGE, "", "tune", NULL, "drifted_keys",
	  "Of these, no longer as they were set." },
	{ "ktlsctl_tune_unverified_keys", METRIC_GAUGE, "", "tune", NULL,
	  "unverified_keys", "Of these, not readable, or of a device that is gone." },

	{ "ktlsctl_expected_info", METRIC_GAUGE, "service tx rx hw", "expected", NULL,
	  NULL, "Services that shall use kTLS (/etc/ktlsctl/ktlsctl.conf)." },
	{ "ktlsctl_expected_connections", METRIC_GAUGE, "service", "expected_use", NULL,
	  "connections", "Connections of such a service; absent when not known." },
	{ "ktlsctl_expected_connections_on_ktls", METRIC_GAUGE, "service", "expected_use",
	  NULL, "on_ktls", "Of these on kTLS." },
	{ 0 },
};
