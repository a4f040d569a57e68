/* SPDX-License-Identifier: MIT */
/* What an option means for a command, and --help. */
#include "options.h"

bool option_optional(const struct option_row *row)
{
	return row->arg && *row->arg == '[';
}

bool option_takes_formats(const struct option_row *row)
{
	return row->set == set_format;
}

bool option_takes_ids(const struct option_row *row)
{
	return !strcmp(row->name, "only") || !strcmp(row->name, "skip") ||
	       !strcmp(row->name, "fix");
}

const struct id_kind *option_ids(const struct command *c, const struct option_row *row)
{
	return option_takes_ids(row) && strcmp(row->name, "fix") ? c->ids : NULL;
}

static const char *help_of(const struct command *c, const struct option_row *row)
{
	for (const struct option_help *h = c->helps; h && h->name; h++)
		if (!strcmp(h->name, row->name))
			return h->help;
	return option_ids(c, row) ? c->ids->help : row->help;
}

void option_help_text(const struct command *c, const struct option_row *row, char *out,
		      size_t size)
{
	const char *help = help_of(c, row);
	char formats[96];

	format_list(c, "or", formats, sizeof(formats));
	if (help)
		snprintf(out, size, "%s", help);
	else
		snprintf(out, size, "%s (default: %s)", formats, format_at(c, 0));
}

void options_help(const struct command *c, FILE *f)
{
	const struct option_row *r;

	for (size_t i = 0; (r = option_at(c, i)); i++) {
		char left[40], letter[8] = "    ", help[128];

		if (r->letter)
			snprintf(letter, sizeof(letter), "-%c, ", r->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, r->name,
			 option_optional(r) ? "[="
			 : r->arg           ? "="
					    : "",
			 r->arg ? r->arg + option_optional(r) : "");
		option_help_text(c, r, help, sizeof(help));
		fprintf(f, "  %-23s %s\n", left, help);
	}
}
