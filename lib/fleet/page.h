/* SPDX-License-Identifier: MIT */
/* Documents of several hosts, read in full, for a page. */
#ifndef KTLSCTL_FLEET_PAGE_READ_H
#define KTLSCTL_FLEET_PAGE_READ_H

#include "../out/fleet_page.h"

enum { PAGE_DOCUMENTS = 16 * PAGE_HOSTS };

/* Files are read one after the other into hosts[PAGE_HOSTS]. */
struct page_reader {
	struct arena *arena; /* the caller's; owns what is read */
	struct page_host *hosts;
	size_t n_hosts, documents;
	const char *file; /* that is read now */
	char error[256];  /* FILE:LINE: why */
};

/*
 * All documents of the file: reports, facts, probes, benches and latencies. Those of one
 * name are of one host; of two of a kind the later one counts. Of one that does not say
 * whose it is the host is what the file's name begins with, up to its first point.
 * Returns 0, -ENOMEM, or -EBADMSG with error set: it cannot be read, is no such document,
 * has none, or there are too many hosts.
 */
int page_read_fd(struct page_reader *r, int fd, const char *name);
#endif
