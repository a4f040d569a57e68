/* SPDX-License-Identifier: MIT */
/* What can be set. */
#include <inttypes.h>

#include "../lib/host/arena.h"
#include "tune.h"

static const char *const devices[] = {
	[TUNE_HOST] = NULL,          [TUNE_NIC] = "IF",       [TUNE_RX_QUEUE] = "IF/rx-N",
	[TUNE_TX_QUEUE] = "IF/tx-N", [TUNE_IRQ] = "IF/irq-N", [TUNE_CPU] = "policyN",
};

static const char *numbers(struct arena *a, const struct tunable *t)
{
	if (t->n > 1)
		return arena_printf(a, "%u numbers from %" PRIu64 " to %" PRIu64 "%s",
				    t->n, t->min, t->max,
				    t->ordered ? ", none less than the one before" : "");
	return arena_printf(a, "a number from %" PRIu64 " to %" PRIu64, t->min, t->max);
}

static const char *values(struct arena *a, const struct tunable *t)
{
	switch (t->kind) {
	case TUNE_NUMBERS:
		return numbers(a, t);
	case TUNE_WORD:
		return "a word that the kernel knows";
	case TUNE_SWITCH:
		return "on or off";
	case TUNE_MASK:
		return "processors, as a hexadecimal mask";
	}
	return "";
}

int tune_keys_run(const struct settings *s, int argc, char **argv)
{
	cleanup_arena struct arena *a = arena_new();
	const struct text_style style = style_of(s);
	struct tunables_doc d = { 0 };

	if (argc)
		return usage_error(s, "tune", "'%s' is too much", argv[0]);
	for (; a && tunables[d.n_tunables]; d.n_tunables++) {
		const struct tunable *t = tunables[d.n_tunables];

		d.tunables = arena_grow(a, d.tunables, d.n_tunables, sizeof(*d.tunables));
		if (!d.tunables)
			return answer(s, NULL, EXIT_USAGE);
		d.tunables[d.n_tunables] = (struct tunable_row){
			t->id,        t->help,         devices[t->device], values(a, t),
			tune_file(t), t->irreversible, t->netns,           t->reboot,
		};
		if (!d.tunables[d.n_tunables].values)
			return answer(s, NULL, EXIT_USAGE);
	}
	if (!a)
		return answer(s, NULL, EXIT_USAGE);
	return answer(s,
		      s->format == FORMAT_JSON ? doc_to_json(&tunables_fields, &d, true)
					       : tunables_text(&d, &style),
		      EXIT_FINE);
}
