/* SPDX-License-Identifier: MIT */
/* Changing the host by a plan, and taking that back. */
#include <errno.h>

#include "../lib/host/arena.h"
#include "../lib/out/utf8.h"
#include "tune.h"

static int show_result(const struct settings *s, const struct tune_result *r)
{
	const struct text_style style = style_of(s);
	const bool undone = r->measured && !r->measured->kept;
	int status = undone || result_is_short(r) ? EXIT_REFUSED : EXIT_FINE;

	return answer(s,
		      s->format == FORMAT_JSON ? result_json(r) : result_text(r, &style),
		      status);
}

/* err: -ENOMEM, or 0 with a result. */
static int conclude(const struct settings *s, int err, struct tune_result *r)
{
	int status = err ? answer(s, NULL, EXIT_REFUSED) : show_result(s, r);

	tune_result_free(r);
	return status;
}

void tune_remind(const struct settings *s, struct host *h)
{
	cleanup_arena struct arena *a = arena_new();
	const char *says = "";

	if (!s->root && a && !tune_standing(h, a, &says) && *says)
		fprintf(stderr, "ktlsctl: %s\n", says);
}

/* Behind it would be too late. */
static void say_before(const struct tune_plan *p)
{
	for (size_t i = 0; i < p->n_before; i++) {
		cleanup_free char *clean = utf8_clean(p->before[i]);

		if (clean)
			fprintf(stderr, "ktlsctl: %s\n", clean);
	}
}

int tune_apply_run(const struct settings *s, const struct tune_made *m)
{
	const struct tune_apply_options o = { s->persist, s->confirm_within_ms };
	struct tune_result *r = NULL;
	int err;

	say_before(m->plan);
	err = s->if_better ? tune_better_run(s, m, &r)
			   : tune_apply(m->host, m->plan, &o, &r);
	return conclude(s, err, r);
}

/* The ID of the command line; NULL: the last. Returns 0 or EXIT_USAGE. */
static int parse_id(const struct settings *s, int argc, char **argv, const char **id)
{
	*id = argc ? argv[0] : NULL;
	if (argc > 1)
		return usage_error(s, "tune", "'%s' is too much", argv[1]);
	if (argc && s->last)
		return usage_error(s, "tune", "--last or '%s', not both", argv[0]);
	if (argc && (!**id || strspn(*id, "0123456789") != strlen(*id)))
		return usage_error(s, "tune", "'%s' is no ID of ktlsctl tune history",
				   argv[0]);
	if (s->root)
		return usage_error(s, "tune", "--root: a snapshot is only looked at");
	return 0;
}

static int change(const struct settings *s, int argc, char **argv,
		  int (*fn)(struct host *h, const char *id, struct tune_result **out))
{
	cleanup_host struct host *h = NULL;
	struct tune_result *r = NULL;
	const char *id;
	int err = parse_id(s, argc, argv, &id);

	if (!err)
		err = open_host(s, "tune", &h);
	if (err)
		return err;
	err = fn(h, id, &r);
	return conclude(s, err, r);
}

int tune_confirm_run(const struct settings *s, int argc, char **argv)
{
	return change(s, argc, argv, tune_confirm);
}

int tune_revert_run(const struct settings *s, int argc, char **argv)
{
	return change(s, argc, argv, tune_revert);
}

static int open_plain(const struct settings *s, int argc, char **argv, struct host **h)
{
	if (argc)
		return usage_error(s, "tune", "'%s' is too much", argv[0]);
	if (s->root)
		return usage_error(s, "tune",
				   "--root: a snapshot does not say what was "
				   "applied");
	return open_host(s, "tune", h);
}

int tune_verify_run(const struct settings *s, int argc, char **argv)
{
	const struct facts_query q = { .mask = tune_mask() };
	const struct text_style style = style_of(s);
	cleanup_arena struct arena *a = arena_new();
	cleanup_host struct host *h = NULL;
	cleanup_facts struct facts *f = NULL;
	struct drift_report r = { 0 };
	char why[256];
	int err = open_plain(s, argc, argv, &h);

	if (err)
		return err;
	tune_remind(s, h);
	err = facts_read(h, &q, &f, why, sizeof(why));
	if (!err && a)
		err = tune_verify(h, f, a, &r);
	if (err || !a)
		return answer(s, NULL, EXIT_REFUSED);
	return answer(s,
		      s->format == FORMAT_JSON ? drift_json(&r) : drift_text(&r, &style),
		      r.drifted || r.failure ? EXIT_REFUSED : EXIT_FINE);
}

int tune_history_run(const struct settings *s, int argc, char **argv)
{
	const struct text_style style = style_of(s);
	cleanup_arena struct arena *a = arena_new();
	cleanup_host struct host *h = NULL;
	struct history all = { 0 };
	int err = open_plain(s, argc, argv, &h);

	if (err)
		return err;
	tune_remind(s, h);
	if (!a || tune_history(h, a, &all))
		return answer(s, NULL, EXIT_REFUSED);
	return answer(s,
		      s->format == FORMAT_JSON ? history_json(&all)
					       : history_text(&all, &style),
		      all.failure ? EXIT_REFUSED : EXIT_FINE);
}

/* What went wrong goes where the journal of the unit sees it; the other keys are set. */
int tune_boot_run(const struct settings *s, int argc, char **argv)
{
	cleanup_host struct host *h = NULL;
	int err, status = EXIT_FINE;

	if (!argc)
		return usage_error(s, "tune", "boot: which KEY=VALUE?");
	if (s->root)
		return usage_error(s, "tune", "--root: a snapshot is only looked at");
	err = open_host(s, "tune", &h);
	for (int i = 0; !err && i < argc; i++) {
		char why[320] = "";

		if (!tune_boot(h, argv[i], why, sizeof(why)))
			continue;
		fprintf(stderr, "ktlsctl: %s: %s\n", argv[i], why);
		status = EXIT_REFUSED;
	}
	return err ? err : status;
}
