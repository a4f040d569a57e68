/* SPDX-License-Identifier: MIT */
/* /proc/net/snmp: what TCP has sent since boot, and how much of it again. */
#include <errno.h>
#include <string.h>

#include "../host/cleanup.h"
#include "reader.h"

/* "Tcp: RtoAlgorithm RtoMin ...", then "Tcp: 1 200 ...". */
static bool next_tcp_line(struct span *text, struct span *line)
{
	while (next_line(text, line))
		if (span_starts(*line, "Tcp:"))
			return true;
	return false;
}

int parse_snmp(struct span text, struct tcp_facts *out)
{
	struct span names, values, name, value;
	bool sent = false, again = false;

	if (!next_tcp_line(&text, &names) || !next_tcp_line(&text, &values))
		return -EBADMSG;
	while (next_word(&names, &name) && next_word(&values, &value)) {
		if (span_is(name, "OutSegs"))
			sent = span_u64(value, &out->out_segments);
		if (span_is(name, "RetransSegs"))
			again = span_u64(value, &out->retransmitted);
	}
	return sent && again ? 0 : -EBADMSG;
}

static bool keep_tcp(struct span *line)
{
	return span_starts(*line, "Tcp:");
}

void filter_snmp(struct bytes *b)
{
	filter_lines(b, keep_tcp);
}

void read_tcp(struct host *h, struct facts *f)
{
	static const char path[] = "/proc/net/snmp";
	const struct read_opts o = { .max = 65536, .filter = filter_snmp };
	cleanup_bytes struct bytes b = { 0 };
	int err = host_read(h, path, &o, &b);

	if (!err)
		err = parse_snmp(span_of(&b), &f->tcp);
	f->tcp.src = (struct source){ path, err };
}
