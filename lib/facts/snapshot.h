/* SPDX-License-Identifier: MIT */
/*
 * A snapshot: a folder that holds what the readers read, to be diagnosed later,
 * elsewhere, by anybody. Files lie below it under their own paths, already filtered; the
 * groups that are no file (netlink, OpenSSL, libkmod, the caller) are in
 * ktlsctl-snapshot.json, which also marks the folder. Host names, addresses and names of
 * people are left out.
 */
#ifndef KTLSCTL_SNAPSHOT_H
#define KTLSCTL_SNAPSHOT_H

#include "facts.h"
#include "../host/host.h"

struct fields;

#define SNAPSHOT_FILE "ktlsctl-snapshot.json"

/* The document: the groups by value, as they stand in struct facts. */
struct snapshot_doc {
	const char *tool_version;
	uint64_t time;
	struct kernel_facts kernel;
	struct modprobe_facts modprobe;
	struct caller_facts caller;
	struct ciphers_facts ciphers;
	struct openssl_facts openssl;
	struct libssl_copies_facts libssl_copies;
	struct nics_facts nics;
	struct ethtool_facts ethtool;
	struct nic_stats_facts nic_stats;
	struct topology_facts topology;
	struct sockmap_facts sockmap;
	struct programs_facts programs;
	struct consumers_facts consumers;
	struct probe_facts probe;   /* not in older ones */
	struct tuning_facts tuning; /* likewise */
	struct host_error *errors;
	size_t n_errors;
};

extern const struct fields snapshot_fields; /* ktlsctl.snapshot/1 */

/*
 * Reads all groups of the live host and writes them to dir, which must not exist. It is
 * written aside and renamed, so a failure leaves nothing. 0 or -errno with a sentence.
 */
struct snapshot_how {
	const char *tool_version;
	int (*probe)(struct facts *f); /* as in struct facts_query */
};
int snapshot_write(struct host *h, const char *dir, const struct snapshot_how *how,
		   char *err, size_t errsize);

/* Fills the groups that are no file; facts_read() calls it. -EBADMSG: no snapshot. */
int snapshot_load(struct host *h, struct facts *f, char *err, size_t errsize);

#endif
