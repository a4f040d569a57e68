/* SPDX-License-Identifier: MIT */
/*
 * What lib/probe finds by handshakes of this host's libssl with itself, a line a
 * handshake, for the case probe-handshake. "--private": the namespace has no other
 * connections. Words behind it are ciphers, or those of a TLS 1.3 list.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../../lib/host/arena.h"
#include "../../../lib/probe/probe.h"

static const char *const verdicts[PROBE_VERDICT_COUNT] = {
	"untried", "works",     "no-witness", "undefined", "not-in-kernel", "no-crypto",
	"refused", "no-effect", "user-space", "broken",    "unknown",
};

static void print_row(const struct probe_handshake *h)
{
	printf("%s %s tx %s rx %s bio %d%d kernel %d%d counted %d%d %s %s '%s'\n",
	       h->version, h->suite, verdicts[h->tx], verdicts[h->rx], h->bio_tx,
	       h->bio_rx, h->kernel_tx, h->kernel_rx, h->counted_tx, h->counted_rx,
	       h->agree ? "agree" : "disagree", h->err ? strerrorname_np(-h->err) : "-",
	       h->note);
	fprintf(stderr, "%s %s %llu us\n", h->version, h->suite,
		(unsigned long long)h->duration_us);
}

int main(int argc, char **argv)
{
	struct probe_options o = { .openssl = true };
	struct probe_facts out = { 0 };
	cleanup_arena struct arena *a = arena_new();

	if (argc > 1 && !strcmp(argv[1], "--private")) {
		out.private_netns = true;
		argc--, argv++;
	}
	o.ciphers = argc > 1 ? argv[1] : NULL;
	o.ciphersuites = argc > 2 ? argv[2] : NULL;
	if (!a || probe_handshakes(&o, a, &out))
		return 1;
	for (size_t i = 0; i < out.n_handshakes; i++)
		print_row(&out.handshakes[i]);
	return 0;
}
