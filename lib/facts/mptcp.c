/* SPDX-License-Identifier: MIT */
/* Multipath TCP: its sockets refuse the tls ULP. */
#include <errno.h>

#include "../host/cleanup.h"
#include "reader.h"

static bool is_mptcp(struct span *line)
{
	return span_starts(*line, "MPTCP");
}

void filter_protocols(struct bytes *b)
{
	filter_lines(b, is_mptcp);
}

/* "MPTCP  2024  3  1  no  0  yes  kernel ...": the third word counts the sockets; -1
 * where the protocol does not. */
void parse_protocols(struct span text, struct mptcp_facts *out)
{
	struct span line, word;

	while (next_line(&text, &line)) {
		uint64_t v;

		if (!is_mptcp(&line))
			continue;
		out->present = true;
		for (int i = 0; i < 3; i++)
			next_word(&line, &word);
		if (span_u64(word, &v) && v <= UINT32_MAX)
			out->sockets += v;
	}
}

void read_mptcp(struct host *h, struct facts *f)
{
	static const char path[] = "/proc/net/protocols";
	static const char key[] = "/proc/sys/net/mptcp/enabled";
	const struct read_opts o = { .filter = filter_protocols };
	cleanup_bytes struct bytes b = { 0 };
	char buf[16];
	int err = host_read(h, path, &o, &b);

	f->mptcp.src = (struct source){ path, err };
	if (err)
		return;
	parse_protocols(span_of(&b), &f->mptcp);
	err = host_read_line(h, key, buf, sizeof(buf));
	if (err && err != -ENOENT)
		f->mptcp.src = (struct source){ key, err };
	f->mptcp.present |= !err;
	f->mptcp.enabled = !err && buf[0] == '1';
}
