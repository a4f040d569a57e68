/* SPDX-License-Identifier: MIT */
/*
 * The real path: connections over loopback with throw-away keys. Keys are never printed,
 * read back or left in memory; sockets, namespace and child are gone afterwards. Every
 * step is bounded; a kernel that never returns costs the child, not the caller.
 */
#ifndef KTLSCTL_PROBE_H
#define KTLSCTL_PROBE_H

#include <sys/types.h>

#include "../facts/facts.h"
#include "../facts/facts_probe.h"

struct arena;
struct address;

enum { PROBE_STEP_MS = 5000 };

/* Accepts what --only asks for; each word is "TLS1.3", "aes-gcm-128", "rx", a feature. */
struct probe_filter {
	const char *const *words;
	size_t n; /* 0: everything */
};

struct probe_options {
	bool kernel, openssl; /* the layers */
	/* Also records that no peer should send: only on a kernel that is known to be
	 * mended, and nothing at all happens without a network namespace of its own. */
	bool hostile;
	bool core; /* AES-128-GCM with 1.2 and 1.3 alone: what diagnose calls */
	struct probe_filter only;
	const char *ciphers, *ciphersuites; /* handshake; NULL: the defaults */
	/* Through a NIC: the third layer. NULL: not. The peer has these addresses, one
	 * or more. */
	const char *device;
	const struct address *peers;
	size_t n_peers;
	/* A layer calls probe_step() after each row that it adds: whoever waits for the
	 * child knows by it that the child goes on. NULL: nobody waits. */
	void (*step)(void *arg, const struct probe_facts *so_far);
	void *arg;
	pid_t parent; /* set by probe_run(): the child does not outlive it */
};

static inline void probe_step(const struct probe_options *o, const struct probe_facts *f)
{
	if (o->step)
		o->step(o->arg, f);
}

/* A word that --only takes; one that does so with hostile alone. */
bool probe_word_known(const char *word);
bool probe_word_hostile(const char *word);
/* The i-th of those words; NULL: there are no more. */
const char *probe_word_at(size_t i);

/*
 * Tries what o says and fills out (strings in a). 0 or -ENOMEM: all else is a verdict.
 * In a child, which is given up when a step takes longer than PROBE_STEP_MS.
 */
int probe_run(const struct probe_options *o, struct arena *a, struct probe_facts *out);

/* The layers, called inside the child (or by a test): they block no longer than
 * PROBE_STEP_MS a step. 0 or -ENOMEM. */
int probe_kernel(const struct probe_options *o, struct arena *a, struct probe_facts *out);
int probe_handshakes(const struct probe_options *o, struct arena *a,
		     struct probe_facts *out);
/* In the namespace that the device is in. */
int probe_paths(const struct probe_options *o, struct arena *a, struct probe_facts *out);

/* Attaches the ULP once: ulp and ulp_err. Loads the module as any program would. */
void probe_ulp(struct probe_facts *out);

/*
 * For facts_query.probe: the core, if trying has no side effect at all. Else nothing,
 * and f->probe.skipped says why. 0 or -ENOMEM.
 */
int probe_core(struct facts *f);
/* The same for who was told that modules may be loaded: the ciphers may. */
int probe_core_load(struct facts *f);

#endif
