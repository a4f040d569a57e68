/* SPDX-License-Identifier: MIT */
/*
 * The hosts of a fleet, one record each: of several documents of one host the newest
 * counts, the later one of two of the same second. Memory goes with the number of hosts
 * (some 250 bytes each), not with that of the documents, and both hosts and names are
 * limited.
 */
#ifndef KTLSCTL_FLEET_STORE_H
#define KTLSCTL_FLEET_STORE_H

#include "entry.h"
#include "set.h"

enum {
	STORE_HOSTS = 1 << 20, /* with a record */
	STORE_NAMES = 1 << 16, /* of causes, kernels, drivers, subjects, ... */
	STORE_TEXT = 255,      /* bytes of a name; the rest is cut off */
	STORE_FINDINGS = 4096, /* of one host */
	STORE_DRIVERS = 512,   /* likewise */
};

/* Numbers of names; kept as bytes in a set, so nothing may be left between them. */
struct store_finding {
	uint32_t check, reason, subject;
	uint32_t verdict, waived;
};

struct store_host {
	const char *name;
	uint64_t time;         /* entry_time() */
	uint32_t cause, check; /* names; STORE_NO_CAUSE */
	uint32_t kernel, openssl;
	uint32_t drivers;   /* in sets: numbers of names, ascending */
	uint32_t *findings; /* in tuples; without ok and skip */
	uint32_t n_findings, findings_room;
	enum status status;
};

#define STORE_NO_CAUSE UINT32_MAX

/* Whatever there was no room for is called that. */
#define STORE_OTHER "(other)"
enum { STORE_OTHER_NAME = 0 };

struct store {
	struct arena *arena;
	struct set names, sets,
		tuples;  /* texts; arrays of uint32_t; struct store_finding */
	struct set keys; /* of hosts: their names */
	uint32_t findings[STORE_FINDINGS]; /* of the entry that is taken */
	struct store_host *hosts;          /* in the order of keys */
	uint32_t room;
	uint64_t documents[ENTRY_KINDS], superseded;
	uint64_t oldest, newest; /* of all documents; 0: none */
	bool crowded;            /* STORE_OTHER was needed, or a finding dropped */
};

/* How an entry was taken. */
enum store_took {
	STORE_NEW,
	STORE_REPLACED,
	STORE_OLDER,     /* a newer one is there */
	STORE_UNMATCHED, /* no name, or no room: h lives until the next one */
};

int store_init(struct store *s);
void store_free(struct store *s);
/* Returns enum store_took or -ENOMEM. *h: the record. */
int store_add(struct store *s, const struct entry *e, enum entry_kind kind,
	      struct store_host *h);

const char *store_name(const struct store *s, uint32_t name);
const struct store_finding *store_tuple(const struct store *s, uint32_t tuple);
/* The drivers of a host; *n: how many. */
const uint32_t *store_drivers(const struct store *s, const struct store_host *h,
			      size_t *n);

#endif
