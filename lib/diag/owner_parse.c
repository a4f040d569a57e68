// SPDX-License-Identifier: MIT
/* What /proc says of a process and its descriptors. Text in, nothing is opened here. */
#include <string.h>

#include "owners.h"

/* Digits up to end, which has to follow them. */
static bool number_until(struct span text, char end, uint64_t *out)
{
	struct span digits;

	return cut_at(&text, end, &digits) && span_u64(digits, out);
}

bool parse_socket_link(struct span text, uint32_t *inode)
{
	static const char head[] = "socket:[";
	const size_t n = sizeof(head) - 1;
	uint64_t v;

	if (text.len <= n || memcmp(text.p, head, n) != 0 ||
	    !number_until(span(text.p + n, text.len - n), ']', &v) || v > UINT32_MAX)
		return false;
	*inode = (uint32_t)v;
	return true;
}

/* "    3: socket:[4711]" */
static bool ring_entry(struct span line, struct span *what)
{
	struct span number;
	uint64_t v;

	if (!cut_at(&line, ':', &number) || !span_u64(trimmed(number), &v))
		return false;
	*what = trimmed(line);
	return true;
}

/*
 * "UserFiles: 3" and a line for each slot in use. Kernels before 6.13 or so give only the
 * name of the file, which of a socket is that of its protocol.
 */
bool parse_ring(struct span text, void (*fn)(void *arg, uint32_t inode), void *arg)
{
	struct span line, what;
	bool all = true;

	do {
		if (!next_line(&text, &line))
			return false; /* somebody holds its lock, or it was cut */
	} while (!span_starts(line, "UserFiles:"));
	while (next_line(&text, &line) && ring_entry(line, &what)) {
		uint32_t inode;

		if (parse_socket_link(what, &inode))
			fn(arg, inode);
		else
			all &= !span_is(what, "TCP") && !span_is(what, "TCPv6");
	}
	return all;
}

/* "1234 (name (of) it) S 1 ...": the processor is the 39th word, and the name may hold
 * anything. */
bool parse_stat(struct span text, struct stat_line *out)
{
	const char *open = memchr(text.p, '(', text.len);
	const char *close = memrchr(text.p, ')', text.len);
	struct span rest, word;
	uint64_t cpu;

	if (!open || !close || close < open)
		return false;
	out->comm = span(open + 1, (size_t)(close - open - 1));
	rest = span(close + 1, (size_t)(text.p + text.len - close - 1));
	for (int i = 3; i <= 39; i++)
		if (!next_word(&rest, &word))
			return false;
	if (!span_u64(word, &cpu) || cpu > INT32_MAX)
		return false;
	out->cpu = (int)cpu;
	return true;
}

static bool ends_with(struct span s, const char *end)
{
	const size_t n = strlen(end);

	return s.len > n && !memcmp(s.p + s.len - n, end, n);
}

/* The innermost service or scope: what a service makes below itself is no unit. */
static struct span unit_of(struct span path)
{
	struct span unit = { 0 }, part;
	bool more = true;

	while (more) {
		more = cut_at(&path, '/', &part);
		if (!more)
			part = path;
		if (ends_with(part, ".service") || ends_with(part, ".scope"))
			unit = part;
	}
	return unit;
}

/* "0::/system.slice/nginx.service", or "1:name=systemd:/..." of version 1. */
struct cgroup_path parse_cgroup(struct span text)
{
	struct cgroup_path found = { 0 };
	struct span line, id, names;

	while (next_line(&text, &line)) {
		const bool unified = span_starts(line, "0::");

		if (!cut_at(&line, ':', &id) || !cut_at(&line, ':', &names))
			continue;
		if (!span_is(names, "name=systemd") && !(unified && line.len > 1))
			continue;
		found.path = line;
		found.unit = unit_of(line);
		if (found.unit.len)
			break;
	}
	return found;
}
