/* SPDX-License-Identifier: MIT */
#include "check.h"

/* First mainline release; vendors back-port, so this is evidence and never a verdict. */
static const struct {
	unsigned major, minor;
	const char *what;
} features[] = {
	{ 4, 13, "transmit, TLS 1.2 AES-128-GCM" },
	{ 4, 17, "receive" },
	{ 4, 18, "transmit offload to the NIC" },
	{ 4, 19, "receive offload to the NIC" },
	{ 5, 1, "TLS 1.3 and AES-256-GCM" },
	{ 5, 2, "AES-128-CCM" },
	{ 5, 5, "/proc/net/tls_stat" },
	{ 5, 11, "ChaCha20-Poly1305" },
	{ 5, 16, "SM4-GCM and SM4-CCM" },
	{ 5, 19, "zero-copy sendfile on an offloading NIC" },
	{ 6, 0, "TLS_RX_EXPECT_NO_PAD" },
	{ 6, 1, "ARIA-GCM (TLS 1.2)" },
	{ 6, 14, "TLS 1.3 KeyUpdate" },
	{ 6, 15, "kTLS state of sockets visible without privilege" },
	{ 6, 19, "record size limit on transmit" },
};

static void run(const struct facts *f, struct report *r)
{
	unsigned have = f->kernel.major * 1000 + f->kernel.minor;
	const char *lacks = "";
	struct finding *fi;

	for (size_t i = 0; i < ARRAY_LEN(features); i++)
		if (features[i].major * 1000 + features[i].minor > have)
			lacks = text(r, "%s%s%s (%u.%u)", lacks, *lacks ? ", " : "",
				     features[i].what, features[i].major,
				     features[i].minor);
	fi = say(r, VERDICT_INFO, "Linux %s%s%s", f->kernel.release,
		 *lacks ? ": by its number it has no "
			: ": by its number it has every feature",
		 lacks);
	because(fi, "kernel-version");
	evidence(fi, f->kernel.src.where, NULL,
		 "%s (vendors back-port: a number proves nothing)", f->kernel.release);
}

static const struct outcome outcomes[] = {
	{ VERDICT_INFO, "kernel-version", "what a mainline kernel of this number has not",
	  NULL },
	{ 0 },
};

const struct check check_kernel_version = {
	.id = "kernel-version",
	.category = "kernel",
	.title = "features by kernel version",
	.why = "What a mainline kernel of this number brings. Distributions carry "
	       "features and fixes back to older numbers, so this list is a hint; only "
	       "a real connection is proof.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls.html",
	.needs = FACT_KERNEL,
	.run = run,
};
