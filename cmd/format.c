/* SPDX-License-Identifier: MIT */
/* The formats of answers. */
#include "cmd.h"

bool set_format(struct settings *s, const char *arg)
{
	static const char *const words[] = { "text",   "json",       "ndjson",
					     "nagios", "prometheus", "ansible" };

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
