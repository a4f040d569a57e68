/* SPDX-License-Identifier: MIT */
/* Between the files of the page of several hosts. */
#ifndef KTLSCTL_FLEET_BENCH_H
#define KTLSCTL_FLEET_BENCH_H

#include "bench_html.h"
#include "fleet_page.h"

/* The benches of the hosts in the same pictures; nothing where fewer than two have one. 0
 * or -ENOMEM */
int fleet_bench(struct html *h, const struct fleet_page *p, struct arena *a);

#endif
