/* SPDX-License-Identifier: MIT */
/* The command line itself as a document: for completion, and what else has to know it. */
#include "../lib/host/arena.h"
#include "../lib/out/text.h"
#include "options.h"

struct option_doc {
	const char *name, *letter, *arg, *help; /* letter, arg: NULL for none */
	bool optional;                          /* arg may be left out */
	const char **values;
	size_t n_values;
};

struct command_doc {
	const char *name, *args, *summary;
	struct option_doc *options;
	size_t n_options;
};

struct commands_doc {
	struct command_doc *commands;
	size_t n_commands;
};

static const struct field option_rows[] = {
	FIELD(FIELD_STR, struct option_doc, name, "behind --"),
	FIELD(FIELD_STR_OR_NULL, struct option_doc, letter, "behind -"),
	FIELD(FIELD_STR_OR_NULL, struct option_doc, arg,
	      "its value; null: it takes none"),
	FIELD(FIELD_BOOL, struct option_doc, optional, "the value may be left out"),
	FIELD(FIELD_STR, struct option_doc, help, "the line of --help"),
	FIELD_ARRAY(
		FIELD_STRS, struct option_doc, values, NULL,
		"what it can be; empty: anything. IDS are several of them, with commas"),
};
FIELDS(option_fields, struct option_doc, option_rows, "An option of a command.");

static const struct field command_rows[] = {
	FIELD(FIELD_STR, struct command_doc, name, "its name"),
	FIELD(FIELD_STR, struct command_doc, args, "what stands behind the options"),
	FIELD(FIELD_STR, struct command_doc, summary, "one line"),
	FIELD_ARRAY(FIELD_LIST, struct command_doc, options, &option_fields,
		    "in the order of --help"),
};
FIELDS(command_fields, struct command_doc, command_rows, "A command.");

static const struct field commands_rows[] = {
	FIELD_ARRAY(FIELD_LIST, struct commands_doc, commands, &command_fields,
		    "the first is the one that needs no name"),
};
const struct fields commands_fields = {
	.name = "ktlsctl.commands/1",
	.help = "The commands of ktlsctl and their options.",
	.size = sizeof(struct commands_doc),
	.f = commands_rows,
	.n = ARRAY_SIZE(commands_rows),
};

static int add_value(struct arena *a, struct option_doc *o, const char *value)
{
	const char **values = arena_grow(a, o->values, o->n_values, sizeof(*values));

	if (!values || !value)
		return -ENOMEM;
	values[o->n_values++] = value;
	o->values = values;
	return 0;
}

/* Of "one of A, B; ..." the words. */
static int add_words(struct arena *a, struct option_doc *o, const char *expected)
{
	const char *p = expected && !strncmp(expected, "one of ", 7) ? expected + 7 : "";
	int err = 0;

	while (!err && *p && *p != ';') {
		size_t n = strcspn(p, ",;");

		err = add_value(a, o, arena_strndup(a, p, n));
		p += n;
		p += strspn(p, ", ");
	}
	return err;
}

static bool has_value(const struct option_doc *o, const char *value)
{
	for (size_t i = 0; i < o->n_values; i++)
		if (!strcmp(o->values[i], value))
			return true;
	return false;
}

/* Those of checks: their ids, then the categories. */
static int add_checks(struct arena *a, struct option_doc *o)
{
	int err = 0;

	for (size_t i = 0; checks[i] && !err; i++)
		err = add_value(a, o, checks[i]->id);
	for (size_t i = 0; checks[i] && !err; i++)
		if (!has_value(o, checks[i]->category))
			err = add_value(a, o, checks[i]->category);
	return err;
}

static int add_values(struct arena *a, const struct command *c,
		      const struct option_row *row, struct option_doc *o)
{
	const struct id_kind *ids = option_ids(c, row);
	const char *word;
	int err = 0;

	if (option_takes_ids(row) && !ids)
		return add_checks(a, o);
	if (!ids && !option_takes_formats(row))
		return add_words(a, o, row->expected);
	for (size_t i = 0; !err && (word = ids ? ids->at(i) : format_at(c, i)); i++)
		err = add_value(a, o, word);
	return err;
}

static int fill_option(struct arena *a, const struct command *c,
		       const struct option_row *row, struct option_doc *o)
{
	char help[128];

	option_help_text(c, row, help, sizeof(help));
	o->name = row->name;
	o->letter = row->letter ? arena_strndup(a, &row->letter, 1) : NULL;
	o->optional = option_optional(row);
	o->arg = o->optional ? arena_strndup(a, row->arg + 1, strlen(row->arg) - 2)
			     : row->arg;
	o->help = arena_strdup(a, help);
	return o->help ? add_values(a, c, row, o) : -ENOMEM;
}

static int fill_command(struct arena *a, const struct command *c, struct command_doc *d)
{
	const struct option_row *row;
	int err = 0;

	*d = (struct command_doc){ c->name, c->args, c->summary, NULL, 0 };
	while (!err && (row = option_at(c, d->n_options))) {
		d->options = arena_grow(a, d->options, d->n_options, sizeof(*d->options));
		if (!d->options)
			return -ENOMEM;
		err = fill_option(a, c, row, &d->options[d->n_options++]);
	}
	return err;
}

char *commands_json(void)
{
	cleanup_arena struct arena *a = arena_new();
	struct commands_doc doc = { 0 };
	int err = a ? 0 : -ENOMEM;

	while (!err && commands[doc.n_commands]) {
		doc.commands = arena_grow(a, doc.commands, doc.n_commands,
					  sizeof(*doc.commands));
		if (!doc.commands)
			return NULL;
		err = fill_command(a, commands[doc.n_commands],
				   &doc.commands[doc.n_commands]);
		doc.n_commands++;
	}
	return err ? NULL : doc_to_json(&commands_fields, &doc, true);
}

char *commands_text(void)
{
	const struct text_style plain = { 0 };
	struct text t;

	if (text_open(&t, &plain))
		return NULL;
	for (size_t i = 0; commands[i]; i++)
		fprintf(t.f, "%-10s %s\n", commands[i]->name, commands[i]->summary);
	return text_close(&t);
}
