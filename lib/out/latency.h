/* SPDX-License-Identifier: MIT */
/* What `ktlsctl latency` measured, as a document. Strings are borrowed, never NULL. */
#ifndef KTLSCTL_OUT_LATENCY_H
#define KTLSCTL_OUT_LATENCY_H

#include <stdint.h>

#include "distribution.h"
#include "render.h"

enum { LATENCY_STAGES = 6 };

struct latency_stage_doc {
	const char *stage; /* nic, wake, call, decrypt, parse, callback */
	const char *title; /* for people */
	bool available;
	const char *why; /* it is not; "" */
	struct distribution time;
	uint64_t share_permille; /* of the total */
};

struct latency_way_doc {
	const char *way;   /* ktls, user */
	const char *title; /* for people */
	bool measured;
	const char *why; /* it is not, or it ended early; "" */
	const char *address, *tls, *suite, *cipher;
	const char *receives;             /* kernel, user, ...: who decrypts; "" */
	const char *begins;               /* nic, kernel, wake: where the total begins */
	struct latency_stage_doc *stages; /* LATENCY_STAGES of them, or none */
	size_t n_stages;
	struct distribution total;
	uint64_t sum_ns;        /* of the stages' means */
	uint64_t difference_ns; /* between that and the mean of the total */
	uint64_t error_ns;      /* what the stamps may be wrong by */
	uint64_t warm, early, awake, implausible, unmatched;
	struct distribution stamps_apart;
	uint64_t connections, message_bytes;
};

struct latency_pin_doc {
	int cpu; /* -1: wherever the scheduler likes */
	const char *device;
	int node;        /* of the NIC; -1: not known */
	const char *why; /* --numa could not be had; "" */
};

struct latency_hwtstamp_doc {
	bool asked, set;
	const char *why; /* not set; "" */
	const char *device, *clock;
	uint64_t error_ns; /* of the conversion */
};

struct latency_cost_doc {
	uint64_t clock_ns, message_ns;
};

struct latency_doc {
	const char *tool_version, *url, *ask;
	const char *answer; /* the first line for people, without a full stop */
	const char *ended;  /* complete, interrupted, time, failed */
	const char *host;   /* node name; NULL: a document does not say */
	const char *kernel, *openssl;
	const char *engine, *engine_why;
	struct latency_pin_doc pin;
	struct latency_hwtstamp_doc hwtstamp;
	struct latency_cost_doc cost;
	struct latency_way_doc *ways;
	size_t n_ways;
	uint64_t run_ms;
};

extern const struct fields latency_fields; /* ktlsctl.latency/1 */
extern const char *const latency_stage_titles[LATENCY_STAGES];
extern const char *const latency_stage_words[LATENCY_STAGES];

/* free(3); NULL without memory */
char *latency_text(const struct latency_doc *d, const struct text_style *style);
/* A page for the browser, likewise; and what it has between its head and its foot. Of a
 * document that was read back: titles may be NULL. */
char *latency_html(const struct latency_doc *d);
struct html;
void latency_page(struct html *h, const struct latency_doc *d);

#endif
