/* SPDX-License-Identifier: MIT */
/* Documents of anybody in a page: whatever they say, it is text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../lib/fleet/page.h"
#include "../../lib/host/arena.h"
#include "../../lib/host/cleanup.h"
#include "../../lib/out/utf8.h"
#include "targets.h"

enum { DEEP = 64 };

struct tags {
	const char *names[DEEP];
	size_t lengths[DEEP], n;
};

static bool is_named(const char *tag, size_t len, const char *name)
{
	return len == strlen(name) && !memcmp(tag, name, len);
}

static const char *open_tag(struct tags *t, const char *name, size_t len)
{
	if (is_named(name, len, "script") || is_named(name, len, "img"))
		return "a tag that no page has";
	if (t->n == DEEP)
		return "too deep";
	t->names[t->n] = name;
	t->lengths[t->n++] = len;
	return NULL;
}

static const char *close_tag(struct tags *t, const char *name, size_t len)
{
	if (!t->n || t->lengths[t->n - 1] != len ||
	    memcmp(t->names[t->n - 1], name, len) != 0)
		return "a tag is closed that is not open";
	t->n--;
	return NULL;
}

/* One tag from its < on; *end: its >. */
static const char *one_tag(struct tags *t, const char *p, const char **end)
{
	const bool closes = p[1] == '/';
	const char *name = p + 1 + closes;
	const size_t len = strcspn(name, " />\n");

	*end = strchr(p, '>');
	if (!*end || !len)
		return "a < that begins no tag";
	for (const char *c = name; c < *end; c++)
		if (*c == '<')
			return "a < in a tag";
	if (closes)
		return close_tag(t, name, len);
	return (*end)[-1] == '/' || p[1] == '!' ? NULL : open_tag(t, name, len);
}

static const char *page_fault(const char *page)
{
	struct tags t = { .n = 0 };
	const char *end, *bad;

	if (!utf8_valid(page, strlen(page)))
		return "no UTF-8";
	for (const char *p = page; (p = strchr(p, '<')); p = end) {
		bad = one_tag(&t, p, &end);
		if (bad)
			return bad;
	}
	return t.n ? "a tag is not closed" : NULL;
}

const char *fuzz_page(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	cleanup_close int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct page_host hosts[PAGE_HOSTS] = { 0 };
	struct page_reader r = { .arena = a, .hosts = hosts };
	struct fleet_page p = { .tool_version = "", .hosts = hosts };
	cleanup_free char *page = NULL;
	int err;

	if (!a || fd < 0 || write(fd, data, len) != (ssize_t)len ||
	    lseek(fd, 0, SEEK_SET))
		abort();
	err = page_read_fd(&r, fd, "a<b>.json");
	if (err)
		return *r.error ? NULL : "refused without a reason";
	p.n_hosts = r.n_hosts;
	page = fleet_html(&p, a);
	return page ? page_fault(page) : "it cannot be told";
}
