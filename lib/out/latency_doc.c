// SPDX-License-Identifier: MIT
#include "../host/cleanup.h"
#include "latency.h"

const char *const latency_stage_words[LATENCY_STAGES] = {
	"nic", "wake", "call", "decrypt", "parse", "callback"
};
const char *const latency_stage_titles[LATENCY_STAGES] = {
	"NIC to kernel",
	"kernel to wake-up",
	"wake-up to receive call",
	"receive and decrypt",
	"parse",
	"application callback",
};

static const struct field stage_rows[] = {
	FIELD(FIELD_STR, struct latency_stage_doc, stage,
	      "nic (NIC to kernel), wake (kernel to wake-up), call (wake-up to receive "
	      "call), decrypt (receive and decrypt), parse (WebSocket or HTTP), callback "
	      "(of the application)"),
	FIELD(FIELD_BOOL, struct latency_stage_doc, available, "it was measured"),
	FIELD(FIELD_STR, struct latency_stage_doc, why, "why not; empty: it was"),
	FIELD_SUB(FIELD_OBJ, struct latency_stage_doc, time, &distribution_fields,
		  "of the messages that count"),
	FIELD(FIELD_U64, struct latency_stage_doc, share_permille, "of the total"),
};
FIELDS(stage_fields, struct latency_stage_doc, stage_rows,
       "A part of the way of a message.");

static const struct field way_rows[] = {
	FIELD(FIELD_STR, struct latency_way_doc, way,
	      "who decrypts: ktls (the kernel), user (libssl)"),
	FIELD(FIELD_BOOL, struct latency_way_doc, measured, "there are messages"),
	FIELD(FIELD_STR, struct latency_way_doc, why,
	      "why there are none, or no more; empty: as many as were asked for"),
	FIELD(FIELD_STR, struct latency_way_doc, address, "ADDR:PORT of the server"),
	FIELD(FIELD_STR, struct latency_way_doc, tls, "TLSv1.2 or TLSv1.3"),
	FIELD(FIELD_STR, struct latency_way_doc, suite, "libssl's name of it"),
	FIELD(FIELD_STR, struct latency_way_doc, cipher,
	      "the kernel's name of it; empty: it has none"),
	FIELD(FIELD_STR, struct latency_way_doc, receives,
	      "who decrypts what is received: user, or the kernel; empty: no connection"),
	FIELD(FIELD_STR, struct latency_way_doc, begins,
	      "where the total begins: nic, kernel, or wake when earlier stamps are not "
	      "to be had"),
	FIELD_ARRAY(FIELD_LIST, struct latency_way_doc, stages, &stage_fields,
		    "in the order of time"),
	FIELD_SUB(FIELD_OBJ, struct latency_way_doc, total, &distribution_fields,
		  "from where it begins to the end of the callback"),
	FIELD(FIELD_U64, struct latency_way_doc, sum_ns, "of the stages' means"),
	FIELD(FIELD_U64, struct latency_way_doc, difference_ns,
	      "between that and the total's mean"),
	FIELD(FIELD_U64, struct latency_way_doc, error_ns,
	      "that a stamp may be wrong by: reading the clock, converting the NIC's"),
	FIELD(FIELD_U64, struct latency_way_doc, warm,
	      "messages at the beginning of connections, which do not count"),
	FIELD(FIELD_U64, struct latency_way_doc, early,
	      "messages left out: they came while it was the other way's turn"),
	FIELD(FIELD_U64, struct latency_way_doc, awake,
	      "messages that needed no wake-up: the client was at work already"),
	FIELD(FIELD_U64, struct latency_way_doc, implausible,
	      "messages left out: their stamps contradict each other"),
	FIELD(FIELD_U64, struct latency_way_doc, unmatched,
	      "messages left out: their packet, or its stamp, was not seen"),
	FIELD_SUB(
		FIELD_OBJ, struct latency_way_doc, stamps_apart, &distribution_fields,
		"where recvmsg tells a stamp as well: how far that is from the packet's"),
	FIELD(FIELD_U64, struct latency_way_doc, connections, "that it took"),
	FIELD(FIELD_U64, struct latency_way_doc, message_bytes, "of the last message"),
};
FIELDS(way_fields, struct latency_way_doc, way_rows, "Messages by one way.");

static const struct field pin_rows[] = {
	FIELD(FIELD_INT, struct latency_pin_doc, cpu,
	      "processor that the client was pinned to; -1: none"),
	FIELD(FIELD_STR, struct latency_pin_doc, device,
	      "interface towards the server; empty: not looked for"),
	FIELD(FIELD_INT, struct latency_pin_doc, node,
	      "NUMA node of that NIC, where the client ran; -1: not asked, or not known"),
	FIELD(FIELD_STR, struct latency_pin_doc, why,
	      "why it did not run on the NIC's node; empty: it did, or was not asked to"),
};
FIELDS(pin_fields, struct latency_pin_doc, pin_rows, "Where the client ran.");

static const struct field hwtstamp_rows[] = {
	FIELD(FIELD_BOOL, struct latency_hwtstamp_doc, asked, "--hwtstamp was given"),
	FIELD(FIELD_BOOL, struct latency_hwtstamp_doc, set,
	      "the NIC stamped what it received; its setting was restored"),
	FIELD(FIELD_STR, struct latency_hwtstamp_doc, why, "why not; empty: it did"),
	FIELD(FIELD_STR, struct latency_hwtstamp_doc, device, "the NIC; empty: none"),
	FIELD(FIELD_STR, struct latency_hwtstamp_doc, clock,
	      "its clock, /dev/ptpN; empty: none"),
	FIELD(FIELD_U64, struct latency_hwtstamp_doc, error_ns,
	      "that converting its stamps may be wrong by"),
};
FIELDS(hwtstamp_fields, struct latency_hwtstamp_doc, hwtstamp_rows, "Stamps of the NIC.");

static const struct field cost_rows[] = {
	FIELD(FIELD_U64, struct latency_cost_doc, clock_ns,
	      "reading the clock once: in each stage but the first"),
	FIELD(FIELD_U64, struct latency_cost_doc, message_ns,
	      "of a message, clocks and histograms; most of it outside of the stages"),
};
FIELDS(cost_fields, struct latency_cost_doc, cost_rows, "What measuring itself costs.");

static const struct field latency_rows[] = {
	FIELD(FIELD_STR, struct latency_doc, tool_version, "ktlsctl that measured"),
	FIELD(FIELD_STR, struct latency_doc, url, "as it was given"),
	FIELD(FIELD_STR, struct latency_doc, ask,
	      "what makes the server send a message: get, ping, echo, publish"),
	FIELD(FIELD_STR, struct latency_doc, answer, "in a sentence"),
	FIELD(FIELD_STR, struct latency_doc, ended,
	      "complete, interrupted, time, failed"),
	{ .name = "host",
	  .kind = FIELD_STR,
	  .off = offsetof(struct latency_doc, host),
	  .optional = true,
	  .help = "node name" },
	FIELD(FIELD_STR, struct latency_doc, kernel, "release"),
	FIELD(FIELD_STR, struct latency_doc, openssl, "version"),
	FIELD(FIELD_STR, struct latency_doc, engine, "uring or epoll"),
	FIELD(FIELD_STR, struct latency_doc, engine_why,
	      "why it is not io_uring; empty: it is"),
	FIELD_SUB(FIELD_OBJ, struct latency_doc, pin, &pin_fields, "processor and node"),
	FIELD_SUB(FIELD_OBJ, struct latency_doc, hwtstamp, &hwtstamp_fields,
		  "stamps of the NIC"),
	FIELD_SUB(FIELD_OBJ, struct latency_doc, cost, &cost_fields, "of measuring"),
	FIELD_ARRAY(FIELD_LIST, struct latency_doc, ways, &way_fields,
		    "those that were asked for, in turns of some messages"),
	FIELD(FIELD_U64, struct latency_doc, run_ms, "from the first to the last"),
};

const struct fields latency_fields = {
	.name = "ktlsctl.latency/1",
	.help = "Where the time of a received message goes, by kernel TLS and by libssl.",
	.size = sizeof(struct latency_doc),
	.f = latency_rows,
	.n = ARRAY_SIZE(latency_rows),
};
