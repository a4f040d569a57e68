/* SPDX-License-Identifier: MIT */
/* The formats of answers. */
#include "cmd.h"

static const char *const words[] = { "text",   "json",       "ndjson",
				     "nagios", "prometheus", "ansible" };

bool format_fits(const struct command *c, enum format format)
{
	const unsigned all = c->formats
				     ? c->formats
				     : FORMAT_BIT(FORMAT_TEXT) | FORMAT_BIT(FORMAT_JSON);

	return all & FORMAT_BIT(format);
}

const char *format_at(const struct command *c, size_t i)
{
	/* What text is to others is prometheus there. */
	for (size_t f = format_fits(c, FORMAT_PROMETHEUS); f < ARRAY_SIZE(words); f++)
		if (format_fits(c, (enum format)f) && !i--)
			return words[f];
	return NULL;
}

void format_list(const struct command *c, const char *word, char *out, size_t size)
{
	const char *name;
	size_t len = 0;

	*out = '\0';
	for (size_t i = 0; (name = format_at(c, i)) && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s%s%s",
					!i                    ? ""
					: format_at(c, i + 1) ? ", "
							      : " ",
					i && !format_at(c, i + 1) ? word : "",
					i && !format_at(c, i + 1) ? " " : "", name);
}

bool set_format(struct settings *s, const char *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(arg, words[i])) {
			s->format = (enum format)i;
			return true;
		}
	}
	return false;
}

enum format format_wanted(int argc, char **argv)
{
	struct settings s = { 0 };

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json") || !strcmp(argv[i], "--ndjson"))
			set_format(&s, argv[i] + 2);
		else if (!strncmp(argv[i], "--format=", 9))
			set_format(&s, argv[i] + 9);
		else if (!strcmp(argv[i], "--format") && i + 1 < argc)
			set_format(&s, argv[i + 1]);
	}
	return s.format;
}

const char *watch_wrong(const struct settings *s)
{
	if (s->watch_ms && s->format == FORMAT_JSON)
		return "--watch goes with text or --ndjson: a JSON document has an end";
	if (s->watch_ms && s->output)
		return "--watch and --output do not go together";
	return NULL;
}
