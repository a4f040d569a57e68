// SPDX-License-Identifier: MIT
/* The words of ktls_ssl.h. */
#include "ktls_ssl.h"

struct word {
	const char *word, *text;
};

/* clang-format off */
static const struct word reasons[KTLS_REASONS] = {
	[KTLS_REASON_NONE] = { "none", "the kernel has it" },
	[KTLS_NOT_ASKED] = { "not-asked", "kernel TLS was not asked for" },
	[KTLS_UNPREPARED] = { "unprepared",
		"the context was not prepared before the handshake" },
	[KTLS_UNFINISHED] = { "unfinished",
		"the handshake is not finished, or has failed" },
	[KTLS_VERSION] = { "version", "neither TLS 1.2 nor TLS 1.3 was agreed upon" },
	[KTLS_CIPHER] = { "cipher", "no kernel knows the cipher agreed upon" },
	[KTLS_UNCOUNTED] = { "uncounted",
		"another message callback hid the records that had to be counted" },
	[KTLS_EARLY_DATA] = { "early-data",
		"the connection began with early data (0-RTT)" },
	[KTLS_POST_HANDSHAKE] = { "post-handshake",
		"authentication after the handshake waits for its answer" },
	[KTLS_PARTIAL] = { "partial",
		"libssl has bytes of a record that it has not decrypted yet" },
	[KTLS_UNSENT] = { "unsent", "libssl has bytes that are not sent yet" },
	[KTLS_CLOSED] = { "closed", "the direction is closed already" },
	[KTLS_COMPRESSION] = { "compression", "the records are compressed" },
	[KTLS_RECORD_SIZE] = { "record-size",
		"smaller records were agreed upon, which this kernel cannot promise" },
	[KTLS_DERIVE] = { "derive", "libcrypto did not derive the keys" },
	[KTLS_KERNEL_NO_TLS] = { "kernel-no-tls",
		"this kernel has no TLS, or its module tls is not loaded" },
	[KTLS_KERNEL_SOCKET] = { "kernel-socket",
		"not a connected TCP socket, or closed by the peer, or one of MPTCP" },
	[KTLS_KERNEL_ULP] = { "kernel-ulp",
		"something else has the socket already" },
	[KTLS_KERNEL_CIPHER] = { "kernel-cipher",
		"this kernel does not know the cipher with this version of TLS" },
	[KTLS_KERNEL_CRYPTO] = { "kernel-crypto",
		"the cipher is missing in this kernel's crypto, or forbidden there" },
	[KTLS_KERNEL_REFUSED] = { "kernel-refused", "the kernel refused the keys" },
};
/* clang-format on */

const char *ktls_reason_word(enum ktls_reason r)
{
	return (unsigned)r < KTLS_REASONS ? reasons[r].word : "unknown";
}

const char *ktls_reason_text(enum ktls_reason r)
{
	return (unsigned)r < KTLS_REASONS ? reasons[r].text : "unknown";
}

const char *ktls_where_text(enum ktls_where w)
{
	switch (w) {
	case KTLS_USER:
		return "user space";
	case KTLS_KERNEL:
		return "kernel";
	case KTLS_SOFTWARE:
		return "kernel software";
	case KTLS_NIC:
		return "NIC";
	}
	return "unknown";
}
