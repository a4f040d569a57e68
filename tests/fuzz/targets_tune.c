/* SPDX-License-Identifier: MIT */
/* Profiles of anybody, and masks of processors. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../lib/facts/reader.h"
#include "../../lib/host/cleanup.h"
#include "../../lib/tune/tune_priv.h"
#include "targets.h"

/* On a host of which nothing is known nothing can be right, and nothing changed. */
static const char *plan_of(const struct tune_profile *p)
{
	static const struct facts nothing = { .kernel.release = "",
					      .tuners.tuned_profile = "" };
	const struct tune_query q = { .profile = p };
	const char *bad = NULL;
	struct tune_plan *plan;
	char why[256];

	if (tune_plan_make(&q, &nothing, &plan, why, sizeof(why)))
		return "a profile that was read makes no plan";
	for (size_t i = 0; i < plan->n_items; i++)
		if (plan->items[i].state == TUNE_CHANGE ||
		    plan->items[i].state == TUNE_RIGHT)
			bad = "something is known of nothing";
	tune_plan_free(plan);
	return bad;
}

static const char *settings_hold(const struct tune_profile *p, struct arena *a)
{
	for (size_t i = 0; i < p->n_settings; i++) {
		const struct tune_setting *s = &p->settings[i];
		struct tune_error e = { 0 };
		const char *again;

		if (!s->value == !s->rule || !s->because || !s->source)
			return "half a setting";
		again = s->value ? tune_canonical(s->tunable, s->value, a, &e) : "";
		if (!again || (s->value && strcmp(again, s->value) != 0))
			return "a value that is not canonical";
	}
	return NULL;
}

const char *fuzz_profile(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	struct tune_profile p = { .arena = a, .name = "p" };
	struct profile_text t = { .file = "p", .out = &p };
	struct tune_error e = { 0 };
	const char *bad;

	switch (tune_profile_parse(span(data, len), &t, &e)) {
	case 0:
		bad = settings_hold(&p, a);
		return bad ? bad : plan_of(&p);
	case -EINVAL:
		return strncmp(e.why, "p:", 2) || strchr(e.why, '\n')
			       ? "an error without its line, or of two"
			       : NULL;
	default:
		return "an error that is none of a text";
	}
}

const char *fuzz_mask(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	struct cpus once = { 0 }, twice = { 0 };
	const char *hex;

	if (!parse_cpumask(span(data, len), &once))
		return NULL;
	hex = cpus_hex(&once, a);
	if (!parse_cpumask(span(hex, strlen(hex)), &twice) ||
	    memcmp(&once, &twice, sizeof(once)) != 0)
		return "a mask that is not the same again";
	return hex[0] == '0' && hex[1] ? "zeros in front" : NULL;
}
