/* SPDX-License-Identifier: MIT */
#include "tune.h"

static const char *const options[] = {
	"profile",   "device",   "only",    "skip",           "set",   "fix",   "apply",
	"if-better", "duration", "persist", "confirm-within", "force", "last",  "root",
	"format",    "json",     "output",  "verbose",        "color", "debug", "help",
	"version",   NULL
};

static const struct subcommand {
	const char *name; /* NULL: none is named */
	int (*run)(const struct settings *s, int argc, char **argv);
} subcommands[] = {
	{ NULL, tune_plan_run },         { "list", tune_list_run },
	{ "show", tune_show_run },       { "keys", tune_keys_run },
	{ "confirm", tune_confirm_run }, { "revert", tune_revert_run },
	{ "verify", tune_verify_run },   { "history", tune_history_run },
	{ "boot", tune_boot_run },
};

/* "net.ipv4" stands for all that begins with it. */
static bool begins_id(const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; tunables[i] && n; i++)
		if (!strncmp(tunables[i]->id, word, n) &&
		    (!tunables[i]->id[n] || tunables[i]->id[n] == '.'))
			return true;
	return false;
}

static bool is_key(const char *word)
{
	const char *slash = strrchr(word, '/');

	return slash ? tunable_find(slash + 1) != NULL : begins_id(word);
}

static const char *key_at(size_t i)
{
	for (size_t k = 0; tunables[k]; k++)
		if (!i--)
			return tunables[k]->id;
	return NULL;
}

static const struct id_kind ids = {
	is_key,
	key_at,
	"a key of ktlsctl tune, or the beginning of some: net.ipv4, eth0/nic.rx-ring",
	"keys, or how they begin: net.ipv4, eth0/nic.rx-ring; comma-separated",
};

static int unknown(const struct settings *s, const char *typed)
{
	const char *names[ARRAY_SIZE(subcommands)] = { 0 };
	const char *near;

	for (size_t i = 1; i < ARRAY_SIZE(subcommands); i++)
		names[i - 1] = subcommands[i].name;
	near = nearest(typed, names);
	return usage_error(s, "tune", "'%s' is nothing that tune does%s%s%s", typed,
			   near ? "; did you mean " : "", near ? near : "",
			   near ? "?" : "");
}

/* Options that mean nothing here would be taken for obeyed. */
static int check_options(const struct settings *s, const char *word)
{
	if (s->apply && s->root)
		return usage_error(s, "tune",
				   "--apply: a snapshot (--root) is only looked "
				   "at");
	if (s->apply && word)
		return usage_error(s, "tune", "--apply does not go with '%s'", word);
	if ((s->persist || s->confirm_within_ms || s->if_better) && !s->apply)
		return usage_error(s, "tune", "%s goes with --apply",
				   s->persist     ? "--persist"
				   : s->if_better ? "--if-better"
						  : "--confirm-within");
	if (s->if_better && s->confirm_within_ms)
		return usage_error(s, "tune",
				   "--if-better and --confirm-within: one of them");
	if (s->bench.total_ms && !s->if_better)
		return usage_error(s, "tune", "--duration goes with --if-better");
	if (s->last && (!word || strcmp(word, "revert")))
		return usage_error(s, "tune", "--last goes with revert");
	return 0;
}

static int run(const struct settings *s, int argc, char **argv)
{
	int err = check_options(s, argc ? argv[0] : NULL);

	if (err)
		return err;
	/* The system's openssl.cnf is meant, and not one of this shell. */
	unsetenv("OPENSSL_CONF");
	if (!argc)
		return subcommands[0].run(s, argc, argv);
	for (size_t i = 1; i < ARRAY_SIZE(subcommands); i++)
		if (!strcmp(subcommands[i].name, argv[0]))
			return subcommands[i].run(s, argc - 1, argv + 1);
	return unknown(s, argv[0]);
}

static const struct option_help helps[] = {
	{ "duration", "with --if-better: of each measurement (default: 10s)" },
	{ 0 },
};

const struct command cmd_tune = {
	.name = "tune",
	.args = "[list | show PROFILE | keys | confirm | revert [ID] | verify | history]",
	.summary = "plan what would make kTLS faster here, and why",
	.about =
		"Without a word behind it: a plan by --profile (default: baseline), "
		"--set and --fix.\nEvery key with its value now and the one that is "
		"wanted, the reason, the risk, who\nsets it today and what the next boot "
		"does. A plan changes nothing and needs no\nprivileges; what could not "
		"be read is unknown in it.\n\nlist names the profiles, show prints one; "
		"PROFILE is a name, or a path if there is\na slash in it. keys names "
		"what can be set.\n\nExit "
		"status: 0 also when something would change, or done; 2 wrong usage; 4 "
		"refused,\nundone, or something that somebody else has changed was kept.",
	.options = options,
	.ids = &ids,
	.helps = helps,
	.needs = &(const struct needs){ .caps = NEEDS_LOOK_CAPS | NEEDS_CHANGE_CAPS,
					.calls = NEEDS_LOOK_CALLS | CONFINE_PERF },
	.run = run,
};
