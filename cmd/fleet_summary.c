/* SPDX-License-Identifier: MIT */
#include "fleet.h"

int fleet_summary_run(const struct settings *s, int argc, char **argv)
{
	const struct text_style style = style_of(s);
	cleanup_summary struct summary *sum = summary_new();
	struct fleet_doc doc = { .tool_version = KTLSCTL_VERSION };
	int err = sum ? 0 : -1;

	if (!argc)
		return usage_error(s, "fleet",
				   "summary of which files? - is standard input");
	for (int i = 0; i < argc && !err; i++)
		err = fleet_read(summary_fleet(sum), argv[i]);
	err = err ? err : summary_end(sum, fleet_top(s), &doc);
	if (err)
		return answer(s, NULL, EXIT_USAGE);
	if (fleet_is_nothing(&doc.input))
		return usage_error(s, "fleet", "%s: %s", doc.input.problems[0].where,
				   doc.input.problems[0].why);
	return answer(s, fleet_render(s, &fleet_fields, &doc, fleet_text(&doc, &style)),
		      fleet_status(summary_fleet(sum)));
}
