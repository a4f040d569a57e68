/* SPDX-License-Identifier: MIT */
/* What tune plans: values, rules, conditions, owners. */
#include "../../lib/host/host.h"
#include "../../lib/tune/tune_priv.h"
#include "good.h"

/* --- values ----------------------------------------------------------------------- */

struct value_row {
	const char *name, *id, *text, *want; /* want "!...": part of the complaint */
};

#define RMEM  "net.ipv4.tcp_rmem"
#define IDLE  "net.ipv4.tcp_slow_start_after_idle"
#define LOWAT "net.ipv4.tcp_notsent_lowat"

static const struct value_row value_rows[] = {
	{ "a vector", RMEM, "4096 131072 6291456", "4096 131072 6291456" },
	{ "tabs and more", RMEM, "\t4096\t\t131072  6291456 ", "4096 131072 6291456" },
	{ "units", RMEM, "4K 128K 6M", "4096 131072 6291456" },
	{ "leading zeros", RMEM, "4096 0131072 6291456", "4096 131072 6291456" },
	{ "too few", RMEM, "4096 131072", "!3 numbers wanted" },
	{ "too many", RMEM, "4096 131072 6291456 1", "!3 numbers wanted" },
	{ "none", RMEM, "", "!3 numbers wanted" },
	{ "a word among them", RMEM, "4096 x 6291456", "!3 numbers wanted" },
	{ "negative", RMEM, "4096 131072 -1", "!3 numbers wanted" },
	{ "too small", RMEM, "1 131072 6291456", "!'1' is out of range: 4096 to" },
	{ "more than a window", RMEM, "4096 131072 2G", "!'2G' is out of range" },
	{ "an overflow", RMEM, "4096 131072 99999999999999999999", "!3 numbers wanted" },
	{ "an overflow by the unit", RMEM, "4096 131072 17179869184G", "!3 numbers" },
	{ "falling", RMEM, "4096 131072 65536", "!none may be less" },
	{ "a flag", IDLE, "0", "0" },
	{ "more than a flag", IDLE, "2", "!out of range: 0 to 1" },
	{ "the whole of 32 bits", LOWAT, "4294967295", "4294967295" },
	{ "one more", LOWAT, "4294967296", "!out of range" },
	{ "a switch", "module.tls", "on", "on" },
	{ "a switch as a number", "module.tls", "1", "on" },
	{ "a switch by another word", "nic.adaptive-rx", "no", "off" },
	{ "no switch", "module.tls", "maybe", "!on or off wanted" },
	{ "a word", "net.ipv4.tcp_congestion_control", "bbr", "bbr" },
	{ "no word", "net.ipv4.tcp_congestion_control", "bbr; x", "!one word" },
	{ "an empty word", "cpu.governor", "", "!one word" },
	{ "a mask", "nic.rps-cpus", "0f", "f" },
	{ "a mask of words", "nic.rps-cpus", "00000001,00000000", "100000000" },
	{ "an empty mask", "nic.rps-cpus", "00000000", "0" },
	{ "capitals", "nic.rps-cpus", "FF", "ff" },
	{ "no mask", "nic.rps-cpus", "0-3", "!hexadecimal" },
	{ "no digits", "nic.rps-cpus", "", "!hexadecimal" },
};

static void test_value(void **state)
{
	const struct value_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	const struct tunable *t = tunable_find(row->id);
	struct tune_error e = { 0 };
	const char *got;

	assert_non_null(t);
	got = tune_canonical(t, row->text, a, &e);
	if (row->want[0] != '!') {
		assert_non_null(got);
		assert_string_equal(got, row->want);
		return;
	}
	assert_null(got);
	assert_int_equal(e.err, -EINVAL);
	if (!strstr(e.why, row->want + 1))
		fail_msg("'%s' has no '%s'", e.why, row->want + 1);
}

struct equal_row {
	const char *name, *id, *a, *b;
	bool want;
};

static const struct equal_row equal_rows[] = {
	{ "the same", RMEM, "4096 131072 1", "4096 131072 1", true },
	{ "tabs", RMEM, "4096 131072 1", "4096\t131072\t1\n", true },
	{ "another number", RMEM, "4096 131072 1", "4096 131072 10", false },
	{ "one less", RMEM, "4096 131072 1", "4096 131072", false },
	{ "no number", RMEM, "x", "x", false },
	{ "masks", "nic.rps-cpus", "f", "0000000f", true },
	{ "masks with words", "nic.rps-cpus", "100000001", "00000001,00000001", true },
	{ "capital masks", "nic.rps-cpus", "ab", "AB", true },
	{ "other masks", "nic.rps-cpus", "f", "f0", false },
	{ "no processor", "nic.rps-cpus", "0", "00,00000000", true },
	{ "words", "cpu.governor", "powersave", "powersave", true },
	{ "other words", "cpu.governor", "powersave", "power", false },
};

static void test_equal(void **state)
{
	const struct equal_row *row = *state;
	const struct tunable *t = tunable_find(row->id);

	assert_int_equal(tune_equal(t, row->a, row->b), row->want);
	assert_int_equal(tune_equal(t, row->b, row->a), row->want);
}

/* --- who else minds --------------------------------------------------------------- */

struct minds_row {
	const char *name, *comm, *wanted;
	bool force;
	enum tune_state want;
	bool warned;
};

static const struct minds_row minds_rows[] = {
	{ "nginx runs", "nginx", "on", false, TUNE_CHANGE, false },
	{ "postgres runs", "postgres", "on", false, TUNE_REFUSED, false },
	{ "postgres runs, forced", "postgres", "on", true, TUNE_CHANGE, true },
	{ "postgres runs, off", "postgres", "off", false, TUNE_CHANGE, false },
};

/* KTLS in openssl.cnf is for every program that reads it; PostgreSQL breaks with it. */
static void test_minds(void **state)
{
	const struct minds_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	struct program programs[] = { { .comm = "sshd", .pid = 7 },
				      { .comm = row->comm, .pid = 42 } };
	const struct facts f = { .programs = { .programs = programs, .n_programs = 2 } };
	const struct tune_about about = { .f = &f, .a = a };
	const struct tune_query q = { .force = row->force };
	struct tune_item item = { .tunable = tunable_find("openssl.ktls"),
				  .state = TUNE_CHANGE,
				  .wanted = row->wanted,
				  .why = "" };

	assert_int_equal(tune_owner(&item, &about, &q), 0);
	assert_int_equal(item.state, row->want);
	assert_int_equal(*item.warning != '\0', row->warned);
	if (row->want == TUNE_REFUSED)
		assert_non_null(strstr(item.why, "pid 42"));
}

/* --- the text of a profile -------------------------------------------------------- */

struct parse_row {
	const char *name, *text, *want; /* "": it is one; else a part of the complaint */
};

#define KEY(id_, more_) "[" id_ "]\nbecause = x\n" more_
#define SOMAX           "net.core.somaxconn"

static const struct parse_row parse_rows[] = {
	{ "empty", "", "" },
	{ "a value", KEY(SOMAX, "value = 8192\n"), "" },
	{ "a remark and blank lines", "# x\n\n; y\n" KEY(SOMAX, "value = 8192\n"), "" },
	{ "CRLF", "[" SOMAX "]\r\nvalue = 8192\r\nbecause = x\r\n", "" },
	{ "all keys",
	  KEY(RMEM, "rule = keep 64K bdp:20ms\nmin = 1M\nmax = 1G ram/64\n"
		    "when = kernel >= 6.1, ram >= 1G, driver = a b\nrisk = x\n"
		    "may_lower = y\n"),
	  "" },
	{ "of a device", KEY("eth0/nic.rx-ring", "rule = max\n"), "" },
	{ "an unknown key", KEY("net.ipv4.tcp_rmen", "value = 1\n"),
	  "f:2: unknown key 'net.ipv4.tcp_rmen'; did you mean net.ipv4.tcp_rmem?" },
	{ "nothing like any", KEY("zzzzzzzzz", "value = 1\n"),
	  "f:2: unknown key 'zzzzzzzzz'" },
	{ "a device for a host's key", KEY("eth0/" SOMAX, "value = 1\n"),
	  "f:2: unknown key" },
	{ "out of range", KEY(SOMAX, "value = 1\n"), "f:3: " SOMAX ": '1' is out of" },
	{ "a rule out of range", KEY(RMEM, "rule = keep keep 4G\n"), "f:3: " RMEM },
	{ "neither value nor rule", KEY(SOMAX, ""), "f:2: [" SOMAX "] wants either" },
	{ "both", KEY(SOMAX, "value = 8192\nrule = keep\n"), "f:2: [" SOMAX "] wants" },
	{ "no reason", "[" SOMAX "]\nvalue = 8192\n", "f:2: [" SOMAX "] does not say" },
	{ "the same twice",
	  KEY(SOMAX, "value = 8192\n") "[profile]\nsummary = x\n" KEY(SOMAX,
								      "value = 8192\n"),
	  "f:7: [" SOMAX "] is there already" },
	{ "a value twice", KEY(SOMAX, "value = 8192\nvalue = 8192\n"),
	  "f:4: 'value' is given twice" },
	{ "a key that a section does not take", KEY(SOMAX, "summary = x\n"),
	  "f:3: [" SOMAX "] takes no 'summary'" },
	{ "one that [profile] does not", "[profile]\nvalue = x\n",
	  "f:2: [profile] takes no 'value'" },
	{ "no value", KEY(SOMAX, "value =\n"), "f:3: 'value' has no value" },
	{ "no section", "value = 1\n", "f:1: no [section] above 'value'" },
	{ "a line that is none", "[profile]\nwhat\n", "f:2: neither [section]" },
	{ "a rule of too few terms", KEY(RMEM, "rule = keep bdp:20ms\n"), "f:3: " },
	{ "a delay without a unit", KEY(RMEM, "rule = keep keep bdp:20\n"),
	  "f:3: net.ipv4.tcp_rmem: 'bdp:20' is no term" },
	{ "no delay", KEY(RMEM, "rule = keep keep bdp:0ms\n"), "'bdp:0ms' is no term" },
	{ "a share of nothing", KEY(RMEM, "rule = keep keep ram/0\n"), "is no term" },
	{ "max of a sysctl", KEY(SOMAX, "rule = max\n"), "'max' is no term" },
	{ "a rule for a word", KEY("cpu.governor", "rule = max\n"), "takes a value" },
	{ "a rule for a mask", KEY("nic.rps-cpus", "rule = near\n"), "" },
	{ "another rule for a mask", KEY("nic.rps-cpus", "rule = far\n"), "is near" },
	{ "a bound that is none", KEY(RMEM, "rule = keep keep bdp:9ms\nmax = much\n"),
	  "f:4: net.ipv4.tcp_rmem: 'much' is no term" },
	{ "a condition that is none", KEY(SOMAX, "value = 8192\nwhen = sunny\n"),
	  "f:4: net.core.somaxconn: 'sunny' is no condition" },
	{ "a version that is none", KEY(SOMAX, "value = 8192\nwhen = kernel >= x\n"),
	  "is no condition" },
	{ "a driver that is more", KEY(SOMAX, "value = 8192\nwhen = driver >= x\n"),
	  "is no condition" },
	{ "openssl.ktls", KEY("openssl.ktls", "value = on\n"), "only by --set" },
};

static void test_parse(void **state)
{
	const struct parse_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	struct tune_profile p = { .arena = a };
	struct profile_text t = { .file = "f", .out = &p };
	struct tune_error e = { 0 };
	int err = tune_profile_parse(span_of_text(row->text), &t, &e);

	if (!*row->want) {
		if (err)
			fail_msg("%s", e.why);
		return;
	}
	assert_int_equal(err, -EINVAL);
	if (!strstr(e.why, row->want))
		fail_msg("'%s' has no '%s'", e.why, row->want);
}

static void test_lines_join(void **state)
{
	const char *text = "[profile]\nabout = one\nabout = two\n" KEY(
		SOMAX, "because = y\nvalue = 8192\nrisk = a\nrisk = b\nmay_lower = c\n");
	cleanup_arena struct arena *a = arena_new();
	struct tune_profile p = { .arena = a };
	struct profile_text t = { .file = "f", .out = &p };
	struct tune_error e = { 0 };

	(void)state;
	assert_int_equal(tune_profile_parse(span_of_text(text), &t, &e), 0);
	assert_string_equal(p.about, "one two");
	assert_int_equal(p.n_settings, 1);
	assert_string_equal(p.settings[0].because, "x y; a higher value is lowered: c");
	assert_string_equal(p.settings[0].risk, "a b");
	assert_string_equal(p.settings[0].source, "f:5");
	assert_true(p.settings[0].may_lower);
}

/* --- finding profiles ------------------------------------------------------------- */

#define D "etc/ktlsctl/profiles.d/"

struct find_row {
	const char *name, *profile;
	const char *files[6]; /* name and text, one after the other */
	const char *want;     /* "KEY=VALUE ..." or "!" and a part of the complaint */
};

static const struct find_row find_rows[] = {
	{ "the program's own",
	  "baseline",
	  { NULL },
	  "module.tls=on net.ipv4.tcp_moderate_rcvbuf=1 net.ipv4.tcp_window_scaling=1" },
	{ "one of somebody's",
	  "mine",
	  { D "mine.profile", KEY(SOMAX, "value = 9000\n") },
	  SOMAX "=9000" },
	{ "in place of the program's",
	  "baseline",
	  { D "baseline.profile", KEY(SOMAX, "value = 9000\n") },
	  SOMAX "=9000" },
	{ "a path",
	  "/tmp/x.profile",
	  { "tmp/x.profile", KEY(SOMAX, "value = 9000\n") },
	  SOMAX "=9000" },
	{ "what includes goes over what is included",
	  "a",
	  { D "a.profile", "[profile]\ninclude = b\n" KEY(SOMAX, "value = 1000\n"),
	    D "b.profile", KEY(SOMAX, "value = 2000\n") KEY(IDLE, "value = 0\n") },
	  SOMAX "=1000 " IDLE "=0" },
	{ "the later include goes over",
	  "a",
	  { D "a.profile", "[profile]\ninclude = b\ninclude = c\n", D "b.profile",
	    KEY(SOMAX, "value = 1000\n"), D "c.profile", KEY(SOMAX, "value = 2000\n") },
	  SOMAX "=2000" },
	{ "no such", "nosuch", { NULL }, "!there is no profile 'nosuch'" },
	{ "no such path", "/nosuch", { NULL }, "!there is no profile '/nosuch'" },
	{ "a name that leads out", "..", { NULL }, "!there is no profile '..'" },
	{ "an empty name", "", { NULL }, "!there is no profile ''" },
	{ "no such include",
	  "a",
	  { D "a.profile", "[profile]\n\ninclude = nosuch\n" },
	  "!profiles.d/a.profile:3: there is no profile 'nosuch'" },
	{ "includes itself",
	  "a",
	  { D "a.profile", "[profile]\ninclude = a\n" },
	  "!profiles.d/a.profile:2: include goes in a circle" },
	{ "a circle of three",
	  "a",
	  { D "a.profile", "[profile]\ninclude = b\n", D "b.profile",
	    "[profile]\ninclude = c\n", D "c.profile",
	    "[profile]\nsummary=x\ninclude=a\n" },
	  "!profiles.d/c.profile:3: include goes in a circle" },
	{ "an error in what is included",
	  "a",
	  { D "a.profile", "[profile]\ninclude = b\n", D "b.profile", "x\n" },
	  "!profiles.d/b.profile:1: neither" },
	{ "a folder", "/etc", { D "a.profile", "" }, "!/etc: " },
};

static void test_find(void **state)
{
	const struct find_row *row = *state;
	cleanup_host struct host *h = NULL;
	struct tune_profile *p;
	struct temp_dir dir;
	struct notes n = { 0 };
	char why[512] = "";

	need_roots();
	temp_make(&dir);
	for (size_t i = 0; i + 1 < ARRAY_SIZE(row->files) && row->files[i]; i += 2)
		temp_write(&dir, row->files[i], row->files[i + 1]);
	assert_int_equal(host_open(&h, dir.path), 0);
	if (tune_profile_read(h, row->profile, &p, why, sizeof(why)))
		note(&n, "!%s", why);
	for (size_t i = 0; p && i < p->n_settings; i++)
		note(&n, "%s%s=%s", i ? " " : "", p->settings[i].tunable->id,
		     p->settings[i].value);
	tune_profile_free(p);
	temp_remove(&dir);
	if (row->want[0] == '!' && n.text[0] == '!' && strstr(n.text, row->want + 1))
		return;
	assert_string_equal(n.text, row->want);
}

static void test_garbage(void **state)
{
	const size_t sizes[] = { 900 << 10, 10 << 20 };
	cleanup_host struct host *h = NULL;
	struct temp_dir dir;

	(void)state;
	need_roots();
	temp_make(&dir);
	assert_int_equal(host_open(&h, dir.path), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		cleanup_free char *text = malloc(sizes[i] + 1);
		struct tune_profile *p;
		char why[512] = "";

		for (size_t k = 0; k < sizes[i]; k++)
			text[k] = (char)(1 + (k * 2654435761u >> 7) % 255);
		text[sizes[i]] = '\0';
		temp_write(&dir, "g", text);
		assert_int_equal(tune_profile_read(h, "/g", &p, why, sizeof(why)),
				 -EINVAL);
		assert_null(p);
		assert_memory_equal(why, "/g:", 3);
		assert_null(strchr(why, '\n'));
	}
	temp_remove(&dir);
}

/* Every line of ours has its reason and its risk, and nothing of a program's own. */
static void test_shipped(void **state)
{
	cleanup_host struct host *h = NULL;
	size_t count = 0;

	(void)state;
	assert_int_equal(host_open(&h, NULL), 0);
	for (const struct builtin_profile *b = builtin_profiles; b->name; b++, count++) {
		struct tune_profile *p;
		char why[512] = "";

		if (tune_profile_read(h, b->name, &p, why, sizeof(why)))
			fail_msg("%s", why);
		assert_true(*p->summary && *p->about);
		for (size_t i = 0; i < p->n_settings; i++) {
			const struct tune_setting *s = &p->settings[i];

			if (!*s->risk || !strpbrk(s->because, "(") || s->device)
				fail_msg("%s: %s", s->source, s->tunable->id);
		}
		tune_profile_free(p);
	}
	assert_int_equal(count, 6);
}

/* A rule is at home in the table: ids once, all fields that a reader looks at. */
static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; tunables[i]; i++) {
		const struct tunable *t = tunables[i];

		assert_ptr_equal(tunable_find(t->id), t);
		assert_true(t->value && t->help && t->absent && t->needs);
		assert_true(t->kind != TUNE_NUMBERS ||
			    (t->n && t->n <= TUNE_NUMBERS_MAX));
		assert_true(t->kind != TUNE_NUMBERS || t->min < t->max);
		assert_true(t->mechanism < MECH_COUNT);
		assert_true(t->mechanism != MECH_SYSCTL ||
			    sysctl_by_name(t->id) != SYSCTL_COUNT);
		assert_int_equal(t->needs & ~tune_mask(), 0);
	}
}

int main(void)
{
	const struct unit_set sets[] = {
		UNIT_ONE("table", test_table),
		UNIT_ROWS("value", value_rows, test_value),
		UNIT_ROWS("equal", equal_rows, test_equal),
		UNIT_ROWS("minds", minds_rows, test_minds),
		UNIT_ROWS("parse", parse_rows, test_parse),
		UNIT_ONE("parse/lines-join", test_lines_join),
		UNIT_ROWS("find", find_rows, test_find),
		UNIT_ONE("find/garbage", test_garbage),
		UNIT_ONE("shipped", test_shipped),
	};

	return unit_run("tune", sets, ARRAY_SIZE(sets));
}
