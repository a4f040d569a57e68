/* SPDX-License-Identifier: MIT */
/* The command table, and the way from argv to a command. */
#include <locale.h>

#include "cmd.h"

extern const struct command cmd_diagnose, cmd_probe, cmd_serve, cmd_sockets, cmd_stat,
	cmd_request, cmd_scan, cmd_tune, cmd_export, cmd_fleet, cmd_explain, cmd_snapshot,
	cmd_bench, cmd_latency;

const struct command *const commands[] = { &cmd_diagnose, &cmd_probe,    &cmd_serve,
					   &cmd_sockets,  &cmd_stat,     &cmd_request,
					   &cmd_scan,     &cmd_latency,  &cmd_tune,
					   &cmd_export,   &cmd_fleet,    &cmd_bench,
					   &cmd_explain,  &cmd_snapshot, NULL };

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static int unknown_command(const struct settings *s, const char *typed)
{
	const char *names[ARRAY_SIZE(commands)] = { 0 };
	const char *near;

	for (size_t i = 0; commands[i]; i++)
		names[i] = commands[i]->name;
	near = nearest(typed, names);
	return usage_error(s, "", "unknown command '%s'%s%s%s", typed,
			   near ? "; did you mean " : "", near ? near : "",
			   near ? "?" : "");
}

static int print_help(const struct command *c, bool all)
{
	/* Long ones stand on a line of their own. */
	const char *gap = strlen(c->args) > 50 ? "\n           " : " ";

	printf("Usage: ktlsctl %s [OPTION]...%s%s\n\n", all ? "[COMMAND]" : c->name,
	       all || !*c->args ? "" : gap, all ? "" : c->args);
	if (all) {
		puts("Kernel TLS on this host: is it there, is it used, why not.\n");
		puts("Commands:");
		for (size_t i = 0; commands[i]; i++)
			printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
		puts("\nktlsctl COMMAND --help tells more. Options of diagnose:");
	} else {
		printf("ktlsctl %s: %s\n\n%s\n\nOptions:\n", c->name, c->summary,
		       c->about);
	}
	options_help(c, stdout);
	if (all)
		printf("\n%s\n", c->about);
	return EXIT_FINE;
}

/* "ktlsctl -v explain": options may stand before the command only if it is left out. */
static bool names_command(int argc, char **argv)
{
	return argc > 1 && argv[1][0] != '-';
}

int main(int argc, char **argv)
{
	struct settings s = { .fail_on = VERDICT_FAIL, .color = "auto" };
	bool named = names_command(argc, argv);
	const struct command *c = named ? command_find(argv[1]) : commands[0];
	int rest, err;

	setlocale(LC_CTYPE, "");
	s.format = format_wanted(argc, argv);
	if (!c)
		return unknown_command(&s, argv[1]);
	err = options_parse(c, &s, argc - named, argv + named, &rest);
	if (err)
		return err;
	if (s.help)
		return print_help(c, !named);
	if (s.version) {
		print_version(s.verbose);
		return EXIT_FINE;
	}
	argc -= named + rest;
	argv += named + rest;
	if (c->page)
		s.html = c->page(argc, argv);
	confine(c, &s, argc, argv);
	return c->run(&s, argc, argv);
}
