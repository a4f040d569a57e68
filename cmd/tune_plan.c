/* SPDX-License-Identifier: MIT */
/* The plan: what it is made of, and how it is shown. */
#include <errno.h>

#include "../lib/host/arena.h"
#include "tune.h"

/* Before openssl.ktls is proposed, diagnose has a word to say. */
static bool wants_report(const struct settings *s)
{
	bool wants = s->fix;

	for (size_t i = 0; i < s->sets.n; i++)
		wants |= !strncmp(s->sets.ids[i], "openssl.", 8);
	return wants;
}

/* What the servers of a profile say of kTLS, where not all is diagnosed. */
static struct report *look_at(const struct settings *s, const struct tune_made *m)
{
	const struct check *const servers[] = { check_find("app-nginx"), NULL };

	if (wants_report(s))
		return checks_run(checks, m->facts);
	return m->profile && m->profile->servers ? checks_run(servers, m->facts) : NULL;
}

static int read_facts(const struct settings *s, struct tune_made *m)
{
	struct facts_query q = { .mask = tune_mask(), .device = s->device };
	const struct check *const servers[] = { check_find("app-nginx"), NULL };
	char why[256];
	int err;

	if (wants_report(s))
		q.mask |= checks_mask(checks);
	else if (m->profile && m->profile->servers)
		q.mask |= checks_mask(servers);
	err = facts_read(m->host, &q, &m->facts, why, sizeof(why));
	if (err == -ENODEV || (err && !s->root))
		return usage_error(s, "tune", "%s", why);
	if (err)
		return usage_error(s, "tune", "--root: '%s': %s", s->root, why);
	if (s->root)
		name_snapshot(m->facts, s->root);
	return 0;
}

/* A path is one of this host, also when the plan is for a snapshot. */
int tune_read_profile(const struct settings *s, struct host *h, const char *name,
		      struct tune_profile **out)
{
	cleanup_host struct host *live = NULL;
	char why[512];
	int err = strchr(name, '/') ? host_open(&live, NULL) : 0;

	if (!err)
		err = tune_profile_read(live ? live : h, name, out, why, sizeof(why));
	else
		snprintf(why, sizeof(why), "%s", strerror(-err));
	return err ? usage_error(s, "tune", "%s", why) : 0;
}

static int read_wishes(const struct settings *s, struct tune_made *m)
{
	const char *name = s->profile ? s->profile : s->sets.n ? NULL : "baseline";
	int err = open_host(s, "tune", &m->host);

	if (err || s->fix || !name)
		return err;
	return tune_read_profile(s, m->host, name, &m->profile);
}

/* What diagnose found makes wishes too. */
static int diagnose(const struct settings *s, struct tune_made *m)
{
	m->report = look_at(s, m);
	if (wants_report(s) && !m->report)
		return answer(s, NULL, EXIT_USAGE);
	if (s->fix && tune_profile_of(m->report, s->fixes.ids, s->fixes.n, &m->profile))
		return answer(s, NULL, EXIT_USAGE);
	return 0;
}

int tune_make_plan(const struct settings *s, struct tune_made *m)
{
	struct tune_query q = { .sets = s->sets.ids,
				.n_sets = s->sets.n,
				.only = s->only.ids,
				.n_only = s->only.n,
				.skip = s->skip.ids,
				.n_skip = s->skip.n,
				.device = s->device,
				.force = s->force,
				.persist = s->persist };
	char why[512];
	int err = read_wishes(s, m);

	if (!err)
		err = read_facts(s, m);
	if (!err)
		err = diagnose(s, m);
	if (err)
		return err;
	q.profile = m->profile;
	q.report = m->report;
	err = tune_plan_make(&q, m->facts, &m->plan, why, sizeof(why));
	return err ? usage_error(s, "tune", "--set: %s", why) : 0;
}

void tune_made_free(struct tune_made *m)
{
	tune_plan_free(m->plan);
	tune_profile_free(m->profile);
	report_free(m->report);
	facts_free(m->facts);
	host_close(m->host);
}

static struct plan_row row_of(const struct tune_item *i)
{
	return (struct plan_row){
		.key = i->key,
		.tunable = i->tunable->id,
		.device = i->device,
		.state = i->state,
		.now = i->now,
		.wanted = i->wanted,
		.why = i->why,
		.because = i->because,
		.risk = i->risk,
		.source = i->source,
		.owner = i->owner,
		.boot = i->boot,
		.warning = i->warning,
		.irreversible = i->tunable->irreversible,
		.needs_reboot = i->state == TUNE_CHANGE && i->tunable->reboot,
	};
}

/* A word of a shell; what is plain stays plain. */
static void put_word(FILE *f, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_./=,:+@";

	if (*s && strspn(s, plain) == strlen(s)) {
		fputs(s, f);
		return;
	}
	fputc('\'', f);
	for (; *s; s++)
		*s == '\'' ? fputs("'\\''", f) : fputc(*s, f);
	fputc('\'', f);
}

static void put_option(FILE *f, const char *name, const char *value)
{
	if (!value)
		return;
	fprintf(f, " --%s ", name);
	put_word(f, value);
}

static void put_list(FILE *f, const char *name, const struct id_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		put_option(f, name, l->ids[i]);
}

/* What was typed, to be typed again; free(3), NULL without memory. */
static char *command_of(const struct settings *s)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	fputs("ktlsctl tune", f);
	put_option(f, "profile", s->profile);
	for (size_t i = 0; i < s->fixes.n; i++)
		fprintf(f, " --fix=%s", s->fixes.ids[i]);
	if (s->fix && !s->fixes.n)
		fputs(" --fix", f);
	put_option(f, "device", s->device);
	put_list(f, "only", &s->only);
	put_list(f, "skip", &s->skip);
	put_list(f, "set", &s->sets);
	if (s->force)
		fputs(" --force", f);
	if (!fclose(f))
		return text;
	free(text);
	return NULL;
}

static char *render(const struct settings *s, const struct plan_report *r)
{
	const struct text_style style = style_of(s);

	return s->format == FORMAT_JSON ? plan_json(r) : plan_text(r, &style);
}

static int show(const struct settings *s, const struct tune_made *m)
{
	cleanup_free char *command = command_of(s);
	cleanup_free struct plan_row *rows = calloc(m->plan->n_items + 1, sizeof(*rows));
	struct plan_report r = {
		.tool_version = KTLSCTL_VERSION,
		.host = m->facts->name,
		.snapshot = s->root,
		.kernel = m->facts->kernel.release,
		.profile = m->plan->profile,
		.command = command,
		.reboot_required = m->plan->reboot_required,
		.items = rows,
		.n_items = m->plan->n_items,
		.notes = m->plan->notes,
		.n_notes = m->plan->n_notes,
		.by_hand = m->plan->by_hand,
		.n_by_hand = m->plan->n_by_hand,
	};

	for (size_t i = 0; rows && i < r.n_items; i++)
		rows[i] = row_of(&m->plan->items[i]);
	return answer(s, rows && command ? render(s, &r) : NULL, EXIT_FINE);
}

int tune_plan_run(const struct settings *s, int argc, char **argv)
{
	struct tune_made m = { 0 };
	int status;

	(void)argc;
	(void)argv;
	if (s->fix && s->profile)
		return usage_error(s, "tune", "--fix and --profile: one of them");
	status = tune_make_plan(s, &m);
	if (!status && !s->apply)
		tune_remind(s, m.host);
	if (!status)
		status = s->apply ? tune_apply_run(s, &m) : show(s, &m);
	tune_made_free(&m);
	return status;
}
