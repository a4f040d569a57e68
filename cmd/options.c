/* SPDX-License-Identifier: MIT */
/* Every option of the program, once. A command names those it takes. */
#include <getopt.h>

#include "cmd.h"
#include "options.h"

static bool set_json(struct settings *s, const char *arg)
{
	(void)arg;
	s->format = FORMAT_JSON;
	return true;
}

static bool set_ndjson(struct settings *s, const char *arg)
{
	(void)arg;
	s->format = FORMAT_NDJSON;
	return true;
}

static bool set_output(struct settings *s, const char *arg)
{
	s->output = arg;
	return *arg;
}

static bool set_root(struct settings *s, const char *arg)
{
	s->root = arg;
	return *arg;
}

static bool is_check(const char *id)
{
	return check_find(id) || check_category_exists(id);
}

/* arg is cut at its commas: it is ours, argv may be written to. */
static bool add_ids(struct id_list *l, const struct id_kind *kind, char *arg)
{
	char *save = NULL;

	for (char *id = strtok_r(arg, ",", &save); id; id = strtok_r(NULL, ",", &save)) {
		if (l->n == ARRAY_SIZE(l->ids) ||
		    !(kind ? kind->known(id) : is_check(id)))
			return false;
		l->ids[l->n++] = id;
	}
	return l->n;
}

static bool set_only(struct settings *s, const char *arg)
{
	return add_ids(&s->only, s->ids, (char *)arg);
}

static bool set_skip(struct settings *s, const char *arg)
{
	return add_ids(&s->skip, s->ids, (char *)arg);
}

static bool set_fail_on(struct settings *s, const char *arg)
{
	static const enum verdict levels[] = { VERDICT_INFO, VERDICT_WARN, VERDICT_FAIL,
					       VERDICT_UNKNOWN };

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		if (!strcmp(arg, verdict_words[levels[i]])) {
			s->fail_on = levels[i];
			return true;
		}
	}
	return false;
}

static bool set_device(struct settings *s, const char *arg)
{
	s->device = arg;
	return *arg;
}

static bool set_pid(struct settings *s, const char *arg)
{
	return option_number(arg, INT32_MAX, &s->pid);
}

static bool set_max_time(struct settings *s, const char *arg)
{
	return option_time_ms(arg, &s->max_time_ms);
}

static bool set_watch(struct settings *s, const char *arg)
{
	return option_time_ms(arg ? arg : "1s", &s->watch_ms) && s->watch_ms >= 100;
}

static bool set_port(struct settings *s, const char *arg)
{
	return option_number(arg, UINT16_MAX, &s->port);
}

static bool set_mode(struct settings *s, const char *arg)
{
	s->mode = arg;
	return !strcmp(arg, "none") || !strcmp(arg, "sw") || !strcmp(arg, "hw");
}

static bool set_netns(struct settings *s, const char *arg)
{
	s->netns = arg;
	return *arg && !strchr(arg, '/');
}

static bool set_confirm_within(struct settings *s, const char *arg)
{
	return option_time_ms(arg, &s->confirm_within_ms);
}

static bool set_color(struct settings *s, const char *arg)
{
	s->color = arg;
	return !strcmp(arg, "auto") || !strcmp(arg, "always") || !strcmp(arg, "never");
}

static bool set_schema(struct settings *s, const char *arg)
{
	s->schema = arg;
	return true;
}

static bool set_profile(struct settings *s, const char *arg)
{
	s->profile = arg;
	return *arg;
}

/* Looked at when the plan is made: what a value is depends on the key. */
static bool set_set(struct settings *s, const char *arg)
{
	if (s->sets.n == ARRAY_SIZE(s->sets.ids) || !strchr(arg, '='))
		return false;
	s->sets.ids[s->sets.n++] = arg;
	return true;
}

static bool set_fix(struct settings *s, const char *arg)
{
	s->fix = true;
	return !arg || add_ids(&s->fixes, NULL, (char *)arg);
}

static bool set_ciphers(struct settings *s, const char *arg)
{
	s->ciphers = arg;
	return *arg;
}

static bool set_ciphersuites(struct settings *s, const char *arg)
{
	s->ciphersuites = arg;
	return *arg;
}

static bool set_peer(struct settings *s, const char *arg)
{
	s->peer = arg;
	return *arg;
}

static bool set_peer_netns(struct settings *s, const char *arg)
{
	s->peer_netns = arg;
	return *arg && !strchr(arg, '/');
}

static bool set_listen(struct settings *s, const char *arg)
{
	s->listen = arg;
	return *arg;
}

static bool set_max_connections(struct settings *s, const char *arg)
{
	return option_number(arg, INT32_MAX, &s->max_connections);
}

#define FLAG(name_)                                                                      \
	static bool set_##name_(struct settings *s, const char *arg)                     \
	{                                                                                \
		(void)arg;                                                               \
		s->name_ = true;                                                         \
		return true;                                                             \
	}
FLAG(verbose)
FLAG(load)
FLAG(debug)
FLAG(help)
FLAG(version)
FLAG(list)
FLAG(commands)
FLAG(kernel)
FLAG(openssl)
FLAG(force)
FLAG(apply)
FLAG(persist)
FLAG(if_better)
FLAG(last)
FLAG(hostile)
FLAG(all)
FLAG(unused)
FLAG(no_owners)
FLAG(summary)
FLAG(probe)

static const struct option_row rows[] = {
	{ "format", 0, "F", set_format, FORMATS, NULL }, /* those of the command */
	{ "json", 0, NULL, set_json, NULL, "short for --format=json" },
	{ "ndjson", 0, NULL, set_ndjson, NULL, "short for --format=ndjson" },
	{ "output", 0, "FILE", set_output, "a file name",
	  "write to FILE (aside, then renamed) instead of standard output" },
	{ "root", 0, "DIR", set_root, "a folder made by ktlsctl snapshot",
	  "look at a snapshot instead of this host" },
	{ "only", 0, "IDS", set_only, "check ids or categories (ktlsctl explain --list)",
	  "show and count only these checks or categories, comma-separated" },
	{ "skip", 0, "IDS", set_skip, "check ids or categories (ktlsctl explain --list)",
	  "leave these out" },
	{ "fail-on", 0, "LEVEL", set_fail_on, "one of info, warn, fail, unknown",
	  "exit 1 from this level on: info, unknown, warn or fail (default)" },
	{ "verbose", 'v', NULL, set_verbose, NULL, "show what is ok as well" },
	{ "color", 0, "WHEN", set_color, "one of auto, always, never",
	  "auto (default), always or never" },
	{ "device", 0, "IF", set_device, "the name of an interface",
	  "speak of this interface (default: every NIC and what stands on one)" },
	{ "pid", 0, "PID", set_pid, "the number of a process",
	  "answer for this process" },
	{ "max-time", 0, "TIME", set_max_time, "a time such as 2s or 500ms",
	  "how long to look at processes (default: 2s); the rest is unknown" },
	{ "load", 0, NULL, set_load, NULL,
	  "load the tls module first (root); without it nothing is changed" },
	{ "probe", 0, NULL, set_probe, NULL, "also try kTLS on loopback, as diagnose" },
	{ "kernel", 0, NULL, set_kernel, NULL,
	  "the kernel alone: every version, cipher and direction" },
	{ "openssl", 0, NULL, set_openssl, NULL,
	  "real handshakes of libssl (default: both)" },
	{ "hostile", 0, NULL, set_hostile, NULL,
	  "also records that crashed older kernels: only on one known to be mended" },
	{ "ciphers", 0, "LIST", set_ciphers, "a list of TLS 1.2 suites",
	  "TLS 1.2 suites to shake hands with, as openssl ciphers takes them" },
	{ "ciphersuites", 0, "LIST", set_ciphersuites, "a list of TLS 1.3 suites",
	  "the same for TLS 1.3, whose names --ciphers does not know" },
	{ "profile", 0, "P", set_profile, "the name of a profile, or a path",
	  "whose wishes: a name (ktlsctl tune list), or a path with a slash in it" },
	{ "set", 0, "KEY=VALUE", set_set, "KEY=VALUE",
	  "a wish of your own; may be given more than once" },
	{ "fix", 0, "[IDS]", set_fix, "check ids (ktlsctl explain --list)",
	  "plan what mends the findings of diagnose, or of these checks" },
	{ "force", 0, NULL, set_force, NULL,
	  "plan also what somebody else keeps setting" },
	{ "apply", 0, NULL, set_apply, NULL,
	  "do what the plan says (root); all of it, or nothing" },
	{ "persist", 0, NULL, set_persist, NULL,
	  "with --apply: files as well that set it at every boot" },
	{ "if-better", 0, NULL, set_if_better, NULL,
	  "with --apply: measure before and after, take back what brings nothing" },
	{ "confirm-within", 0, "TIME", set_confirm_within, "a time such as 60s",
	  "with --apply: take it back then, unless tune confirm says to keep it" },
	{ "last", 0, NULL, set_last, NULL,
	  "with revert: the last apply there is to take back (default)" },
	{ "peer", 0, "ADDR:PORT", set_peer, "a numeric ADDR:PORT",
	  "where ktlsctl serve listens, beyond --device" },
	{ "peer-netns", 0, "NAME", set_peer_netns, "the name of a network namespace",
	  "put the other end there (ip netns), instead of --peer" },
	{ "listen", 0, "ADDR:PORT", set_listen, "a numeric ADDR:PORT",
	  "listen there (default: 127.0.0.1:0; port 0: any that is free)" },
	{ "max-connections", 0, "N", set_max_connections, "a number",
	  "end after N connections that were served" },
	{ "all", 'a', NULL, set_all, NULL, "every TCP socket, not only those on kTLS" },
	{ "unused", 0, NULL, set_unused, NULL,
	  "those of programs that speak TLS, but without kTLS, and why" },
	{ "summary", 0, NULL, set_summary, NULL,
	  "sums by program, cipher and mode instead of the sockets" },
	{ "port", 0, "PORT", set_port, "a port from 1 to 65535",
	  "those with this port at either end" },
	{ "mode", 0, "MODE", set_mode, "one of none, sw, hw",
	  "those with a direction in this mode: none, sw or hw" },
	{ "no-owners", 0, NULL, set_no_owners, NULL,
	  "do not look for the processes: faster" },
	{ "netns", 0, "NAME", set_netns, "all or the name of a network namespace",
	  "that of ip netns, or all of the host (default: ours)" },
	{ "watch", 0, "[TIME]", set_watch, "a time from 100ms on, such as 2s",
	  "again and again, every second or TIME (text, ndjson)" },
	{ "top", 0, "N", set_top, "a number from 1 to 1000000",
	  "how many of each (default: 10; 1000 in JSON)" },
	{ "list", 0, NULL, set_list, NULL, "one line a check: id, category, title" },
	{ "commands", 0, NULL, set_commands, NULL,
	  "one line a command; with --json their options too" },
	{ "schema", 0, "NAME", set_schema, "a schema name",
	  "print the JSON Schema of a document, e.g. ktlsctl.report/1" },
	{ "debug", 0, NULL, set_debug, NULL,
	  "every read and its error to stderr (or KTLSCTL_DEBUG=1)" },
	{ "help", 'h', NULL, set_help, NULL, "this text" },
	{ "version", 'V', NULL, set_version, NULL,
	  "version; with -v also of the libraries" },
};

/* All of them: those that stand in a file of their own first, before them what only this
 * command means by a word. NULL: there are no more. */
static const struct option_row *row_at(const struct command *c, size_t i)
{
	static const struct option_table none;
	const struct option_table tables[] = { c->own ? *c->own : none,
					       request_options,
					       scan_options,
					       page_options,
					       bench_options,
					       { rows, ARRAY_SIZE(rows) } };

	for (size_t k = 0; k < ARRAY_SIZE(tables); k++) {
		if (i < tables[k].n)
			return &tables[k].rows[i];
		i -= tables[k].n;
	}
	return NULL;
}

/* Values of getopt_long(3) from FIRST_ROW on are rows, those below letters. */
enum { ROWS_MAX = 128, FIRST_ROW = 256 };

/* Another row has the word already. */
static bool hidden(const struct command *c, const struct option_row *row)
{
	for (size_t i = 0; c->own && i < c->own->n; i++)
		if (!strcmp(c->own->rows[i].name, row->name))
			return &c->own->rows[i] != row;
	return false;
}

static bool takes(const struct command *c, const struct option_row *row)
{
	for (size_t i = 0; c->options[i]; i++)
		if (!strcmp(c->options[i], row->name))
			return !hidden(c, row);
	return false;
}

const struct option_row *option_at(const struct command *c, size_t i)
{
	const struct option_row *r;

	for (size_t k = 0; (r = row_at(c, k)); k++)
		if (takes(c, r) && !i--)
			return r;
	return NULL;
}

/* The command's rows as getopt_long(3) wants them; val tells the row. */
static void make_getopt(const struct command *c, struct option *longs, char *shorts)
{
	const struct option_row *r;
	size_t n = 0;

	*shorts++ = ':';
	for (size_t i = 0; (r = row_at(c, i)) && n + 1 < ROWS_MAX; i++) {
		if (!takes(c, r))
			continue;
		longs[n++] = (struct option){ r->name,
					      option_optional(r) ? optional_argument
					      : r->arg           ? required_argument
								 : no_argument,
					      NULL, FIRST_ROW + (int)i };
		if (r->letter)
			*shorts++ = r->letter;
	}
	longs[n] = (struct option){ 0 };
	*shorts = '\0';
}

static const struct option_row *row_of(const struct command *c, int val)
{
	const struct option_row *r;

	if (val >= FIRST_ROW)
		return row_at(c, (size_t)(val - FIRST_ROW));
	for (size_t i = 0; (r = row_at(c, i)); i++)
		if (r->letter && r->letter == val && takes(c, r))
			return r;
	return NULL;
}

static int unknown_option(const struct command *c, const struct settings *s, char **argv)
{
	const char *typed = argv[optind - 1];
	const char *near;

	if (strncmp(typed, "--", 2))
		return usage_error(s, c->name, "unknown option '-%c'", optopt);
	if (optopt && row_of(c, optopt))
		return usage_error(s, c->name, "option '%s' takes no value", typed);
	near = nearest(typed + 2, c->options);
	if (near)
		return usage_error(s, c->name, "unknown option '%s'; did you mean --%s?",
				   typed, near);
	return usage_error(s, c->name, "unknown option '%s'", typed);
}

static int apply(const struct command *c, struct settings *s,
		 const struct option_row *row)
{
	char typed[256];

	snprintf(typed, sizeof(typed), "%s", optarg ? optarg : "");
	if (row->set(s, optarg))
		return 0;
	return usage_error(s, c->name, "--%s: '%s' is not %s", row->name, typed,
			   option_ids(c, row) ? c->ids->expected : row->expected);
}

/* "--watch 2s" is meant as "--watch=2s", which getopt_long(3) does not do by itself. */
static const struct option_row *with_value(const struct option_row *row, char **argv)
{
	const char *next = argv[optind];

	if (option_optional(row) && !optarg && next && *next >= '0' && *next <= '9')
		optarg = argv[optind++];
	return row;
}

int options_parse(const struct command *c, struct settings *s, int argc, char **argv,
		  int *rest)
{
	struct option longs[ROWS_MAX];
	char shorts[ROWS_MAX], formats[128];
	int val, err = 0;

	make_getopt(c, longs, shorts);
	s->ids = c->ids;
	opterr = 0;
	optind = 1;
	while (!err && (val = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (val == ':')
			err = usage_error(s, c->name, "option '%s' wants a value",
					  argv[optind - 1]);
		else if (val == '?')
			err = unknown_option(c, s, argv);
		else
			err = apply(c, s, with_value(row_of(c, val), argv));
	}
	*rest = optind;
	if (err || format_fits(c, s->format))
		return err ? err : page_check(c, s);
	format_list(c, "and", formats, sizeof(formats));
	return usage_error(s, c->name, "--format: only %s here", formats);
}
