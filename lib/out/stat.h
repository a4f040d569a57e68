/* SPDX-License-Identifier: MIT */
/* The counters of kTLS, as ktlsctl stat tells them. */
#ifndef KTLSCTL_OUT_STAT_H
#define KTLSCTL_OUT_STAT_H

#include "../facts/counters.h"
#include "render.h"

struct stat_counter_doc {
	const char *name;
	const char *kind;     /* "total", "gauge", "unknown" */
	const char *meaning;  /* "" for a name not known here */
	const char *from;     /* names of the driver; "" */
	uint64_t value, rise; /* rise: since the last look */
	uint64_t per_second;
	bool bad;     /* it should not rise */
	bool changed; /* since the last look */
};

struct stat_nic_doc {
	const char *name, *driver;
	const char *error;                 /* ""; why they could not be read */
	struct stat_counter_doc *counters; /* common names first, then the others */
	size_t n_counters;
};

struct stat_netns_doc {
	const char *netns;
	bool present; /* the kernel has counters: tls is loaded */
	const char *error;
	struct stat_counter_doc *counters;
	size_t n_counters;
	struct stat_nic_doc *nics;
	size_t n_nics;
};

struct stat_doc {
	const char *tool_version, *kernel;
	uint64_t time_ms, since_ms; /* since_ms: of the last look ago; 0: the first */
	struct stat_netns_doc *namespaces;
	size_t n_namespaces;
};

/* Adds the namespace that f was read in. before: the last look, or NULL. 0 or -ENOMEM. */
int stat_add(struct stat_doc *d, const struct facts *f, const char *netns,
	     const struct stat_doc *before, struct arena *a);

extern const struct fields stat_fields; /* ktlsctl.stat/1 */

/* free(3); NULL without memory */
char *stat_text(const struct stat_doc *d, const struct text_style *style);
/* What changed since the last look, a line each; "" when nothing did. */
char *stat_text_changes(const struct stat_doc *d, const struct text_style *style);

#endif
