/* SPDX-License-Identifier: MIT */
/* Several hosts side by side in one page for the browser. */
#ifndef KTLSCTL_FLEET_PAGE_H
#define KTLSCTL_FLEET_PAGE_H

#include "bench.h"
#include "export.h"
#include "latency.h"

struct arena;

enum { PAGE_HOSTS = 24 };

/* What is known of a host; NULL: no such document came. */
struct page_host {
	const char *name;
	const struct report *report;
	const struct export_doc *facts;
	const struct probe_report *probe;
	const struct bench_doc *bench;
	const struct latency_doc *latency;
};

struct fleet_page {
	const char *tool_version; /* of who writes the page */
	struct page_host *hosts;
	size_t n_hosts;
};

/* free(3); NULL without memory. a: for what is needed meanwhile. */
char *fleet_html(const struct fleet_page *p, struct arena *a);

#endif
