/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>

#include "../lib/diag/netns.h"
#include "../lib/host/arena.h"
#include "../lib/host/host.h"
#include "../lib/out/stat.h"
#include "cmd.h"

static const char *const options[] = { "netns",  "watch",  "format",  "json",
				       "ndjson", "output", "root",    "color",
				       "debug",  "help",   "version", NULL };

/* One look; before: the one before it. */
struct look {
	const struct settings *s;
	struct host *h;
	struct arena *arena;
	struct stat_doc doc;
	const struct look *before;
	uint64_t at_ns, left_out;
	char why[256];
};

static int in_netns(const struct netns *n, void *arg)
{
	const struct facts_query q = { .mask = FACT_KERNEL | FACT_TLS_STAT |
					       FACT_NIC_STATS };
	struct look *l = arg;
	struct facts *f;
	int err = facts_read(l->h, &q, &f, l->why, sizeof(l->why));

	if (err)
		return err;
	if (!l->doc.kernel)
		l->doc.kernel = arena_strdup(l->arena, f->kernel.release);
	err = stat_add(&l->doc, f, n->name, l->before ? &l->before->doc : NULL, l->arena);
	facts_free(f);
	return err;
}

static int look(struct look *l)
{
	l->arena = arena_new();
	if (!l->arena)
		return -ENOMEM;
	l->at_ns = cmd_now_ns(CLOCK_MONOTONIC);
	l->doc.tool_version = KTLSCTL_VERSION;
	l->doc.time_ms = cmd_now_ns(CLOCK_REALTIME) / 1000000;
	if (l->before)
		l->doc.since_ms = (l->at_ns - l->before->at_ns) / 1000000;
	return netns_each(l->s->netns, in_netns, l, &l->left_out);
}

static char *render(const struct look *l)
{
	const struct text_style style = style_of(l->s);
	char *line, *more;

	if (l->s->format == FORMAT_TEXT)
		return l->before ? stat_text_changes(&l->doc, &style)
				 : stat_text(&l->doc, &style);
	line = doc_to_json(&stat_fields, &l->doc, l->s->format == FORMAT_JSON);
	if (!line || l->s->format == FORMAT_JSON)
		return line;
	if (asprintf(&more, "%s\n", line) < 0)
		more = NULL;
	free(line);
	return more;
}

static int failed(const struct look *l, int err)
{
	const struct settings *s = l->s;

	if (s->netns && !*l->why)
		return usage_error(s, "stat", "--netns: '%s' cannot be entered: %s",
				   s->netns, strerror(-err));
	return usage_error(s, "stat", "%s", *l->why ? l->why : strerror(-err));
}

/* The first look in full, then what changes, until nobody reads any more. */
static int watch(struct look *first)
{
	struct look before = *first;
	uint64_t next = first->at_ns;
	int status = EXIT_FINE;

	while (status == EXIT_FINE) {
		struct look now = { .s = first->s, .h = first->h, .before = &before };
		int err;

		next += first->s->watch_ms * 1000000;
		cmd_sleep_until(next);
		err = look(&now);
		status = err ? failed(&now, err) : answer(now.s, render(&now), EXIT_FINE);
		arena_free(before.arena);
		before = now;
		before.before = NULL;
	}
	arena_free(before.arena);
	return status;
}

static const char *wrong_options(const struct settings *s)
{
	const char *wrong = watch_wrong(s);

	if (wrong)
		return wrong;
	if (s->root && (s->watch_ms || s->netns))
		return "--root goes with neither --watch nor --netns";
	return NULL;
}

static int run(const struct settings *s, int argc, char **argv)
{
	const char *wrong = wrong_options(s);
	cleanup_host struct host *h = NULL;
	struct look l = { .s = s };
	int err;

	if (argc)
		return usage_error(s, "stat", "'%s' is too much", argv[0]);
	if (wrong)
		return usage_error(s, "stat", "%s", wrong);
	err = open_host(s, "stat", &h);
	if (err)
		return err;
	l.h = h;
	err = look(&l);
	if (!err && l.left_out)
		fprintf(stderr,
			"ktlsctl: network namespaces that could not be entered: %" PRIu64
			"\n",
			l.left_out);
	err = err ? failed(&l, err) : answer(s, render(&l), EXIT_FINE);
	if (!err && s->watch_ms)
		return watch(&l);
	arena_free(l.arena);
	return err;
}

const struct command cmd_stat = {
	.name = "stat",
	.args = "",
	.summary = "the counters of kTLS: kernel and NICs, what they mean, rates",
	.about = "/proc/net/tls_stat of this network namespace, and what the drivers of "
		 "its NICs count\nof TLS, under names that are the same for all. With "
		 "--watch the first look in full,\nthen a line for each counter that "
		 "changed.\n\nExit status: 0 the answer is complete, whatever it says, 2 "
		 "wrong usage.",
	.options = options,
	.formats = FORMAT_BIT(FORMAT_TEXT) | FORMAT_BIT(FORMAT_JSON) |
		   FORMAT_BIT(FORMAT_NDJSON),
	.needs = &(const struct needs){ .caps = NEEDS_LOOK_CAPS,
					.calls = NEEDS_LOOK_CALLS },
	.run = run,
};
