/* SPDX-License-Identifier: MIT */
/* Which kernel runs. uname(2) is no file: in a snapshot it comes out of its document. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "reader.h"

void parse_release(const char *release, struct kernel_facts *out)
{
	char *end;
	unsigned long major = strtoul(release, &end, 10);
	unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;

	out->major = major < 1000 ? (unsigned)major : 0;
	out->minor = minor < 1000 ? (unsigned)minor : 0;
}

/* The dotted number at the beginning of s: at least two, at most three parts. */
static size_t number_len(struct span s)
{
	size_t n = 0, dots = 0;

	while (n < s.len && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '.')) {
		if (s.p[n] == '.' && ++dots > 2)
			return 0;
		n++;
	}
	return dots && s.p[n - 1] != '.' ? n : 0;
}

static bool next_debian(struct span rest, struct span *number)
{
	struct span word;

	while (next_word(&rest, &word))
		if (span_is(word, "Debian") && next_word(&rest, number))
			return true;
	return false;
}

char *parse_stable(const char *release, struct span version, struct arena *a)
{
	struct span number;
	size_t n;

	/* Debian: "... #1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 (2026-08-24)". */
	if (next_debian(version, &number)) {
		n = number_len(number);
		return n ? arena_strndup(a, number.p, n) : NULL;
	}
	/* Upstream: the release is the number and nothing else. */
	n = number_len(span(release, strlen(release)));
	return n && n == strlen(release) ? arena_strdup(a, release) : NULL;
}

/* "Linux version R (who@where) (compiler) #1 ...": who built it is nobody's business. */
void filter_version(struct bytes *b)
{
	char *open = b->data ? strchr(b->data, '(') : NULL;
	char *close = open ? strchr(open, ')') : NULL;

	if (!open)
		return;
	if (!close)
		close = b->data + b->len;
	b->len -= (size_t)(close - open - 1);
	memmove(open + 1, close, b->len - (size_t)(open + 1 - b->data) + 1);
}

void read_kernel(struct host *h, struct facts *f)
{
	cleanup_bytes struct bytes b = { 0 };
	const struct read_opts o = { .max = 4096, .filter = filter_version };
	struct kernel_facts *k = &f->kernel;
	struct utsname u;

	if (host_is_live(h)) {
		if (uname(&u) < 0) {
			k->src = (struct source){ "uname", -errno };
			return;
		}
		k->src = (struct source){ "uname", 0 };
		k->release = arena_strdup(f->arena, u.release);
		k->machine = arena_strdup(f->arena, u.machine);
		k->nodename = arena_strdup(f->arena, u.nodename);
		k->page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
	}
	if (!k->src.where || k->src.err)
		return;
	if (!k->release || !k->machine) {
		k->src.err = -ENOMEM;
		return;
	}
	parse_release(k->release, k);
	if (!host_read(h, "/proc/version", &o, &b))
		k->stable = parse_stable(k->release, span_of(&b), f->arena);
}
