/* SPDX-License-Identifier: MIT */
/*
 * Would the probe notice if one of the witnesses of a handshake lied? It is linked with
 * --wrap around what it asks of libssl, of the socket and of the counters, and one of
 * them says something else. A line a handshake, for the case probe-liars.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>

#include "../../../lib/host/arena.h"
#include "../../../lib/host/cleanup.h"
#include "../../../lib/out/render.h"
#include "../../../lib/probe/handshake.h"

static const struct lie {
	const char *name;
	enum tristate bio, kernel; /* TRI_UNKNOWN: the truth */
	bool other_cipher;         /* the kernel's */
	bool still;                /* the counters */
	int64_t more;              /* they rise by, between two looks */
} lies[] = {
	{ .name = "none" },
	{ .name = "libssl-yes", .bio = TRI_YES },
	{ .name = "libssl-no", .bio = TRI_NO },
	{ .name = "kernel-yes", .kernel = TRI_YES },
	{ .name = "kernel-no", .kernel = TRI_NO },
	{ .name = "other-cipher", .other_cipher = true },
	{ .name = "counters-still", .still = true },
	{ .name = "counters-more", .more = 1 },
};

static struct {
	const struct lie *lie;
	uint64_t looks;
} now;

long __real_BIO_ctrl(BIO *b, int cmd, long larg, void *parg);
long __wrap_BIO_ctrl(BIO *b, int cmd, long larg, void *parg);
void __real_kernel_ask(int fd, struct kernel_says *out);
void __wrap_kernel_ask(int fd, struct kernel_says *out);
int __real_counts_read(struct tls_counts *out);
int __wrap_counts_read(struct tls_counts *out);

long __wrap_BIO_ctrl(BIO *b, int cmd, long larg, void *parg)
{
	const bool asked = cmd == BIO_CTRL_GET_KTLS_SEND || cmd == BIO_CTRL_GET_KTLS_RECV;

	if (asked && now.lie->bio != TRI_UNKNOWN)
		return now.lie->bio == TRI_YES;
	return __real_BIO_ctrl(b, cmd, larg, parg);
}

void __wrap_kernel_ask(int fd, struct kernel_says *out)
{
	__real_kernel_ask(fd, out);
	if (now.lie->kernel != TRI_UNKNOWN)
		out->tx = out->rx = now.lie->kernel;
	if (now.lie->other_cipher && out->version)
		out->cipher++;
}

int __wrap_counts_read(struct tls_counts *out)
{
	const int err = __real_counts_read(out);

	if (now.lie->still)
		out->tx = out->rx = 7;
	out->tx += now.looks * (uint64_t)now.lie->more;
	out->rx += now.looks++ * (uint64_t)now.lie->more;
	return err;
}

static int run(void)
{
	static const char *const answers[] = { "yes", "no", "not-known" };
	const struct probe_options o = { .openssl = true, .core = true };
	cleanup_arena struct arena *a = arena_new();
	struct probe_facts f = { .ulp = true, .private_netns = true };

	if (!a || probe_handshakes(&o, a, &f))
		return 1;
	for (size_t i = 0; i < f.n_handshakes; i++) {
		const struct probe_handshake *h = &f.handshakes[i];

		printf("%s TLS%s tx %s rx %s %s", now.lie->name, h->version,
		       probe_verdict_words[h->tx], probe_verdict_words[h->rx],
		       h->agree ? "agree" : "disagree");
		printf(" works %s\n", answers[probe_answer_of(&f)]);
		fprintf(stderr, "%s: %s\n", now.lie->name, h->note);
	}
	fflush(stdout);
	return 0;
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		now.lie = &lies[i];
		if (run())
			return 1;
	}
	return 0;
}
