/* SPDX-License-Identifier: MIT */
/* The profiles there are, and what stands in one. */
#include <errno.h>

#include "../lib/host/arena.h"
#include "tune.h"

/* Documents of profiles, in memory that the profiles and the arena own. */
struct shelf {
	struct arena *arena;
	struct tune_profile *profiles[64];
	struct profile_doc docs[64];
	size_t n;
};

static void shelf_free(struct shelf *l)
{
	for (size_t i = 0; i < l->n; i++)
		tune_profile_free(l->profiles[i]);
	arena_free(l->arena);
}
#define cleanup_shelf __attribute__((cleanup(shelf_free)))

static const char *key_of(struct arena *a, const struct tune_setting *s)
{
	return s->device ? arena_printf(a, "%s/%s", s->device, s->tunable->id)
			 : s->tunable->id;
}

static int fill(struct arena *a, const struct tune_profile *p, struct profile_doc *d)
{
	*d = (struct profile_doc){ .name = p->name,
				   .summary = p->summary,
				   .about = p->about,
				   .where = p->where,
				   .servers = p->servers ? p->servers : "" };
	d->settings = arena_alloc(a, (p->n_settings + 1) * sizeof(*d->settings));
	if (!d->settings)
		return -ENOMEM;
	for (; d->n_settings < p->n_settings; d->n_settings++) {
		const struct tune_setting *s = &p->settings[d->n_settings];

		d->settings[d->n_settings] = (struct profile_row){
			key_of(a, s), s->value,   s->rule, s->min,    s->max,
			s->when,      s->because, s->risk, s->source, s->may_lower,
		};
		if (!d->settings[d->n_settings].key)
			return -ENOMEM;
	}
	return 0;
}

/* Returns 0, or the exit status of an error that was reported. */
static int add(const struct settings *s, struct host *h, struct shelf *l,
	       const char *name)
{
	int status = tune_read_profile(s, h, name, &l->profiles[l->n]);

	if (status)
		return status;
	l->n++;
	return fill(l->arena, l->profiles[l->n - 1], &l->docs[l->n - 1])
		       ? answer(s, NULL, EXIT_USAGE)
		       : 0;
}

static int show(const struct settings *s, struct shelf *l, bool all)
{
	const struct profiles_doc d = { l->docs, l->n };
	const struct text_style style = style_of(s);

	if (s->format == FORMAT_JSON)
		return answer(s, doc_to_json(&profiles_fields, &d, true), EXIT_FINE);
	return answer(s, all ? profiles_text(&d, &style) : profile_text(l->docs, &style),
		      EXIT_FINE);
}

int tune_list_run(const struct settings *s, int argc, char **argv)
{
	cleanup_host struct host *h = NULL;
	cleanup_shelf struct shelf l = { .arena = arena_new() };
	const char **names;
	size_t n;
	int status;

	if (argc)
		return usage_error(s, "tune", "'%s' is too much", argv[0]);
	status = open_host(s, "tune", &h);
	if (status)
		return status;
	if (!l.arena || tune_profile_names(h, l.arena, &names, &n))
		return answer(s, NULL, EXIT_USAGE);
	for (size_t i = 0; i < n && i < ARRAY_SIZE(l.docs) && !status; i++)
		status = add(s, h, &l, names[i]);
	return status ? status : show(s, &l, true);
}

int tune_show_run(const struct settings *s, int argc, char **argv)
{
	cleanup_host struct host *h = NULL;
	cleanup_shelf struct shelf l = { .arena = arena_new() };
	int status;

	if (argc != 1)
		return argc ? usage_error(s, "tune", "'%s' is too much", argv[1])
			    : usage_error(s, "tune",
					  "show which profile? ktlsctl tune "
					  "list names them");
	status = open_host(s, "tune", &h);
	if (status)
		return status;
	if (!l.arena)
		return answer(s, NULL, EXIT_USAGE);
	status = add(s, h, &l, argv[0]);
	return status ? status : show(s, &l, false);
}
