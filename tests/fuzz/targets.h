/* SPDX-License-Identifier: MIT */
/*
 * What is fed with foreign bytes: one row per parser. Used by the fuzzer and, with the
 * same seeds, by a unit test.
 */
#ifndef KTLSCTL_FUZZ_TARGETS_H
#define KTLSCTL_FUZZ_TARGETS_H

#include <stddef.h>

struct fuzz_target {
	const char *name; /* also its folder below corpus/ */
	/* NULL, or the property that does not hold. Memory errors are the tools' to see.
	 */
	const char *(*run)(const char *data, size_t len);
};

/* Ends with a zeroed row. */
extern const struct fuzz_target fuzz_targets[];

/* targets_tls.c */
const char *fuzz_tls_record(const char *data, size_t len);
const char *fuzz_tls_words(const char *data, size_t len);
const char *fuzz_tls_control(const char *data, size_t len);
const char *fuzz_tls_look(const char *data, size_t len);
const char *fuzz_diag(const char *data, size_t len);
const char *fuzz_peer(const char *data, size_t len);
const char *fuzz_way(const char *data, size_t len);
const char *fuzz_route(const char *data, size_t len);
const char *fuzz_owner(const char *data, size_t len);
/* targets_bench.c */
const char *fuzz_bench_line(const char *data, size_t len);
/* targets_feed.c */
const char *fuzz_tls_feed(const char *data, size_t len);
/* targets_journal.c */
const char *fuzz_journal(const char *data, size_t len);

/* targets_http.c */
const char *fuzz_url(const char *data, size_t len);
const char *fuzz_http(const char *data, size_t len);

/* targets_websocket.c */
const char *fuzz_frames(const char *data, size_t len);
const char *fuzz_upgrade(const char *data, size_t len);
const char *fuzz_query(const char *data, size_t len);

/* targets_tune.c */
const char *fuzz_profile(const char *data, size_t len);
const char *fuzz_mask(const char *data, size_t len);

/* targets_scan.c */
const char *fuzz_starttls(const char *data, size_t len);
const char *fuzz_target_name(const char *data, size_t len);
/* targets_export.c */
const char *fuzz_metrics(const char *data, size_t len);
/* What is wrong with a page in the text format 0.0.4; NULL: nothing. */
const char *metrics_fault(const char *page);

/* targets_fleet.c */
const char *fuzz_fleet(const char *data, size_t len);
const char *fuzz_fleet_diff(const char *data, size_t len);

/* targets_page.c */
const char *fuzz_page(const char *data, size_t len);
/* targets_latency.c */
const char *fuzz_packet(const char *data, size_t len);
const char *fuzz_sequence(const char *data, size_t len);

const struct fuzz_target *fuzz_find(const char *name);

#endif
