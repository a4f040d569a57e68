/* SPDX-License-Identifier: MIT */
/* Documents of many hosts: what is read of a stream, how it is summed up and compared. */
#include <sys/mman.h>

#include "../../lib/fleet/diff.h"
#include "../../lib/host/arena.h"
#include "../../lib/out/stat.h"
#include "unit.h"

#define ROLLUP(host_, time_, status_, cause_, findings_)                                 \
	"{\"schema\":\"ktlsctl.rollup/1\",\"time\":\"2026-11-" time_                     \
	"T00:00:00Z\",\"host\":\"" host_ "\",\"status\":\"" status_                      \
	"\",\"cause\":" cause_                                                           \
	",\"kernel\":\"6.12\",\"openssl\":\"3.5\",\"nics\":[],\"findings\":[" findings_  \
	"]}"
#define GOOD(host_) ROLLUP(host_, "20", "works", "null", "")
#define REPORT(host_, findings_)                                                         \
	"{\"schema\":\"ktlsctl.report/1\",\n \"time\":\"2026-11-20T00:00:00Z\",\n"       \
	" \"host\":{\"name\":\"" host_ "\",\"kernel\":\"6.1\",\"openssl\":\"3\",\n"      \
	" \"nics\":[{\"name\":\"e\",\"driver\":\"mlx5_core\"}]},\n"                      \
	" \"status\":\"cannot_work\",\"cause\":{\"id\":\"gone\",\"check\":\"c\"},\n"     \
	" \"findings\":[" findings_ "]}"
#define FINDING(id_, verdict_, subject_)                                                 \
	"{\"id\":\"" id_ "\",\"verdict\":\"" verdict_ "\",\"reason\":\"" id_             \
	"-" verdict_ "\",\"subject\":\"" subject_ "\"}"

struct read_row {
	const char *name, *text, *want;
};

/* host@line for what is taken, kind@line for what is not. */
static const struct read_row read_rows[] = {
	{ "nothing", "", "" },
	{ "blank lines", "\n \r\n\n", "" },
	{ "a line", GOOD("a") "\n", "a " },
	{ "no final newline", GOOD("a"), "a " },
	{ "lines", GOOD("a") "\n" GOOD("b") "\r\n\n" GOOD("c") "\n", "a b c " },
	{ "on one line", GOOD("a") " " GOOD("b") GOOD("c"), "a b c " },
	{ "indented ones", REPORT("a", "") "\n" REPORT("b", "") "\n", "a b " },
	{ "on a process",
	  GOOD("a") REPORT("b", "],\"subject\":{\"kind\":\"process\"},\"x\":["),
	  "a schema@1 " },
	{ "the roll-up of a process", GOOD("b\",\"process\":\"nginx/7"), "schema@1 " },
	{ "of both kinds", REPORT("a", "") GOOD("b") "\n" REPORT("c", ""), "a b c " },
	{ "a byte order mark", "\xef\xbb\xbf" GOOD("a"), "a " },
	{ "cut in a word", GOOD("a") "\n{\"schema\":\"ktls\n" GOOD("b") "\n",
	  "a json@2 b " },
	{ "cut behind a colon", "{\"schema\":\n" GOOD("b") "\n", "json@1 b " },
	{ "cut at the end", GOOD("a") "\n{\"schema\":\"ktlsctl.rollup/1\",",
	  "a json@2 " },
	{ "an indented one that was cut", "{\n \"schema\":\n \"k\n" GOOD("b"),
	  "json@1 b " },
	{ "its end alone", " \"k\": 1\n}\n" GOOD("b"), "json@1 b " },
	{ "other words between", GOOD("a") "\nssh: no route\nssh: no\n" GOOD("b"),
	  "a json@2 b " },
	{ "words behind", GOOD("a") " x\n" GOOD("b"), "a json@1 b " },
	{ "an array", "[" GOOD("a") "]\n", "json@1 " },
	{ "the next version", "{\"schema\":\"ktlsctl.rollup/2\"}\n" GOOD("b"),
	  "schema@1 b " },
	{ "another document", "{\"schema\":\"ktlsctl.stat/1\"}\n", "schema@1 " },
	{ "no schema", "{}\n{\"schema\":7}\n", "schema@1 schema@2 " },
	{ "a field that is missing", "{\"schema\":\"ktlsctl.rollup/1\"}\n", "json@1 " },
	{ "an unknown status", ROLLUP("a", "20", "so_so", "null", ""), "json@1 " },
	{ "a day that is none", ROLLUP("a", "x0", "works", "null", ""), "json@1 " },
	{ "more than is known of", ROLLUP("a", "20", "works", "null,\"n\":1e999", ""),
	  "a " },
	{ "no UTF-8", GOOD("a\xff"), "json@1 " },
	{ "half a letter at the end", GOOD("a\xc3"), "json@1 " },
	{ "UTF-8", GOOD("\xc3\xa4\xf0\x9f\x98\x80"), "\xc3\xa4\xf0\x9f\x98\x80 " },
};

static int take(const struct entry *e, enum entry_kind kind, void *arg)
{
	(void)kind;
	note(arg, "%s ", e->host);
	return 0;
}

static int problem(const struct entry_problem *p, void *arg)
{
	static const char *const kinds[] = { "json", "schema", "long" };

	note(arg, "%s@%" PRIu64 " ", kinds[p->bad], p->line);
	return *p->why ? 0 : -EINVAL;
}

/* step bytes at a time */
static void read_stream(const char *text, size_t len, size_t step, struct notes *n)
{
	struct entry_reader r = { take, problem, n, arena_new() };
	struct split s = { .piece = entries_of_piece, .arg = &r };
	size_t room;

	for (size_t at = 0, got; at < len; at += got) {
		char *p = split_room(&s, &room);

		assert_non_null(p);
		got = step < len - at ? step : len - at;
		got = got < room ? got : room;
		memcpy(p, text + at, got);
		assert_int_equal(split_got(&s, got), 0);
	}
	assert_int_equal(split_end(&s), 0);
	split_free(&s);
	arena_free(r.arena);
}

static void test_read(void **state)
{
	const struct read_row *row = *state;

	for (size_t step = 1; step < 70; step += step < 5 ? 1 : 31) {
		struct notes n = { 0 };

		read_stream(row->text, strlen(row->text), step, &n);
		assert_string_equal(n.text, row->want);
	}
}

static void test_nul(void **state)
{
	static const char text[] = GOOD("x\0y") "\n" GOOD("a") "\n\0\n" GOOD("b");
	struct notes n = { 0 };

	(void)state;
	read_stream(text, sizeof(text) - 1, 7, &n);
	assert_string_equal(n.text, "json@1 a json@3 b ");
}

/* Deeper than any document is: refused, and not with the end of the stack. */
static void test_deep(void **state)
{
	enum { DEEP = 200000 };
	cleanup_free char *text = malloc(DEEP + 512);
	struct notes n = { 0 };

	(void)state;
	memset(text, '[', DEEP);
	memcpy(text, "{\"a\":", 5);
	strcpy(text + DEEP, "\n" GOOD("a") "\n");
	read_stream(text, strlen(text), 4096, &n);
	assert_string_equal(n.text, "json@1 a ");
}

/* Longer than a document may be: named, and the next one is read. */
static void test_long(void **state)
{
	enum { LONG = SPLIT_MAX * 3 };
	cleanup_free char *text = malloc(LONG + 1024);
	struct notes n = { 0 };
	size_t len = strlen(GOOD("a") "\n");

	(void)state;
	memset(text, 'x', LONG);
	memcpy(text, GOOD("a") "\n{", len + 1);
	strcpy(text + LONG, "\n" GOOD("b") "\n");
	read_stream(text, strlen(text), 65536, &n);
	assert_string_equal(n.text, "a long@2 b ");
}

static void read_text(struct fleet *f, const char *text)
{
	cleanup_close int fd = memfd_create("fleet", MFD_CLOEXEC);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(fleet_read_fd(f, fd, "f"), 0);
}

static void tell_groups(struct notes *n, const struct fleet_groups *g)
{
	for (size_t i = 0; i < g->n_groups; i++) {
		const struct fleet_group *x = &g->groups[i];

		note(n, "%s:%" PRIu64 "/%" PRIu64 "/%" PRIu64 "/%" PRIu64 " ",
		     *x->name ? x->name : "-", x->hosts, x->statuses.cannot_work,
		     x->statuses.unknown, x->limited);
	}
	if (g->left_out)
		note(n, "+%" PRIu64 " ", g->left_out);
}

/* NAME:HOSTS/CANNOT/UNKNOWN/LIMITED of causes, then CHECK:HOSTS/WAIVED. */
static const struct read_row sum_rows[] = {
	{ "nothing", "", "0 | | " },
	{ "two hosts", GOOD("a") "\n" GOOD("b"), "2 | -:2/0/0/0 | " },
	{ "the worst first",
	  ROLLUP("a", "20", "works", "\"x\"", "") "\n" ROLLUP(
		  "b", "20", "unknown", "\"y\"",
		  "") "\n" GOOD("c") "\n" ROLLUP("d", "20", "cannot_work", "\"z\"", ""),
	  "4 | z:1/1/0/0 y:1/0/1/0 x:1/0/0/1 +1 | " },
	{ "the newest counts",
	  ROLLUP("a", "20", "cannot_work", "\"x\"",
		 "") "\n" ROLLUP("a", "21", "works", "null",
				 "") "\n" ROLLUP("a", "19", "cannot_work", "\"y\"", ""),
	  "1 | -:1/0/0/0 | " },
	{ "the later one of the same time",
	  ROLLUP("a", "20", "works", "null", "") "\n" ROLLUP("a", "20", "unknown",
							     "\"x\"", ""),
	  "1 | x:1/0/1/0 | " },
	{ "without a name each counts", GOOD("") "\n" GOOD("") "\n", "2 | -:2/0/0/0 | " },
	{ "a host counts once for a check",
	  ROLLUP("a", "20", "works", "null",
		 FINDING("nic", "warn", "eth0") "," FINDING(
			 "nic", "warn", "eth1") "," FINDING("nic", "ok", "eth2")),
	  "1 | -:1/0/0/0 | nic:1/0 " },
	{ "waived on one NIC only",
	  ROLLUP("a", "20", "works", "null",
		 FINDING("nic", "warn", "e\",\"waived\":true,\"x\":\"") "," FINDING(
			 "nic", "warn",
			 "eth1")) "\n" ROLLUP("b", "20", "works", "null",
					      FINDING("nic", "warn",
						      "e\",\"waived\":true,\"x\":\"")),
	  "2 | -:2/0/0/0 | nic:2/1 " },
	{ "a report", REPORT("a", ""), "1 | gone:1/1/0/0 | " },
};

static void test_sum(void **state)
{
	const struct read_row *row = *state;
	cleanup_summary struct summary *s = summary_new();
	struct fleet_doc d = { 0 };
	struct notes n = { 0 };

	read_text(summary_fleet(s), row->text);
	assert_int_equal(summary_end(s, 3, &d), 0);
	note(&n, "%" PRIu64 " | ", d.hosts);
	tell_groups(&n, &d.causes);
	note(&n, "| ");
	for (size_t i = 0; i < d.n_findings; i++)
		note(&n, "%s:%" PRIu64 "/%" PRIu64 " ", d.findings[i].check,
		     d.findings[i].hosts, d.findings[i].waived);
	assert_string_equal(n.text, row->want);
	assert_true(d.complete);
}

/* Which check a cause belongs to, and what most hosts of a kernel have. */
static void test_groups(void **state)
{
	cleanup_summary struct summary *s = summary_new();
	struct fleet_doc d = { 0 };

	(void)state;
	read_text(
		summary_fleet(s),
		ROLLUP("a", "20", "cannot_work", "\"m-fail\"",
		       FINDING("m", "fail",
			       "")) "\n" ROLLUP("b", "21", "cannot_work", "\"m-fail\"",
						"") "\n" ROLLUP("c", "20", "unknown",
								"\"x\"",
								"") "\n" REPORT("d",
										"") "\n");
	assert_int_equal(summary_end(s, 10, &d), 0);
	assert_string_equal(d.causes.groups[0].name, "m-fail");
	assert_string_equal(d.causes.groups[0].check, "m");
	assert_string_equal(d.kernels.groups[0].name, "6.12");
	assert_string_equal(d.kernels.groups[0].cause, "m-fail");
	assert_int_equal(d.kernels.groups[0].cause_hosts, 2);
	assert_string_equal(d.kernels.groups[0].examples[0], "a");
	assert_string_equal(d.nics.groups[0].name, "");
	assert_string_equal(d.nics.groups[1].name, "mlx5_core");
	assert_string_equal(d.input.oldest, "2026-11-20T00:00:00Z");
	assert_string_equal(d.input.newest, "2026-11-21T00:00:00Z");
}

/* More names than there is room for: counted under one, and said. */
static void test_crowded(void **state)
{
	cleanup_summary struct summary *s = summary_new();
	cleanup_free char *text = NULL;
	struct fleet_doc d = { 0 };
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	for (int i = 0; i < STORE_NAMES + 50; i++)
		fprintf(f, ROLLUP("h%d", "20", "unknown", "\"c%d\"", "") "\n", i, i);
	fclose(f);
	read_text(summary_fleet(s), text);
	assert_int_equal(summary_end(s, SIZE_MAX, &d), 0);
	assert_false(d.complete);
	assert_true(d.input.crowded);
	assert_int_equal(d.hosts, STORE_NAMES + 50);
	assert_string_equal(d.causes.groups[0].name, STORE_OTHER);
	assert_true(d.causes.groups[0].hosts >= 50);
}

struct diff_row {
	const char *name, *before, *after;
	const char
		*want; /* WORSE/BETTER/OTHER/SAME, then the findings of the first host */
};

#define WORKS(findings_)  ROLLUP("a", "20", "works", "null", findings_)
#define CANNOT(findings_) ROLLUP("a", "20", "cannot_work", "\"x\"", findings_)

static const struct diff_row diff_rows[] = {
	{ "the same", WORKS(""), WORKS(""), "0/0/0/1" },
	{ "it broke", WORKS(""), CANNOT(""), "1/0/0/0" },
	{ "it was mended", CANNOT(""), WORKS(""), "0/1/0/0" },
	{ "not known any more", WORKS(""), ROLLUP("a", "20", "unknown", "\"y\"", ""),
	  "0/0/1/0" },
	{ "known now, and it cannot", ROLLUP("a", "20", "unknown", "\"y\"", ""),
	  CANNOT(""), "0/0/1/0" },
	{ "not in use just now", ROLLUP("a", "20", "used", "null", ""), WORKS(""),
	  "0/0/1/0" },
	{ "another cause", CANNOT(""), ROLLUP("a", "20", "cannot_work", "\"y\"", ""),
	  "0/0/1/0" },
	{ "a limit", WORKS(""), ROLLUP("a", "20", "works", "\"y\"", ""), "1/0/0/0" },
	{ "a finding", WORKS(""), WORKS(FINDING("c", "warn", "")),
	  "1/0/0/0 c:worse(-,warn)" },
	{ "a finding less", WORKS(FINDING("c", "warn", "")), WORKS(""),
	  "0/1/0/0 c:better(warn,-)" },
	{ "a finding that is unknown now", WORKS(FINDING("c", "fail", "")),
	  WORKS(FINDING("c", "unknown", "")), "0/0/1/0 c:changed(fail,unknown)" },
	{ "worse and better", WORKS(FINDING("b", "warn", "")),
	  WORKS(FINDING("c", "fail", "")), "1/0/0/0 c:worse(-,fail) b:better(warn,-)" },
	{ "better by its status", CANNOT(""), WORKS(FINDING("c", "fail", "")),
	  "0/1/0/0 c:worse(-,fail)" },
	{ "another process of the same program", WORKS(FINDING("c", "warn", "nginx/7")),
	  WORKS(FINDING("c", "warn", "nginx/812")), "0/0/0/1" },
	{ "a path is no process", WORKS(FINDING("c", "warn", "a/b")),
	  WORKS(FINDING("c", "warn", "a/c")),
	  "1/0/0/0 c:worse(-,warn) c:better(warn,-)" },
	{ "the worst of a check on a subject",
	  WORKS(FINDING("c", "info", "e") "," FINDING("c", "warn", "e")),
	  WORKS(FINDING("c", "warn", "e") "," FINDING("c", "info", "e")), "0/0/0/1" },
	{ "one host each, whatever its name", GOOD("a"), GOOD("b"), "0/0/0/1" },
	{ "other hosts", GOOD("a") "\n" GOOD("b"), GOOD("b") "\n" GOOD("c"),
	  "0/0/0/1 -a +c" },
	{ "nobody", "", GOOD("b"), "0/0/0/0 +b" },
};

static void tell_diff(struct notes *n, const struct fleet_diff_doc *d)
{
	note(n, "%" PRIu64 "/%" PRIu64 "/%" PRIu64 "/%" PRIu64, d->worse, d->better,
	     d->changed, d->same);
	for (size_t i = 0; d->n_host_diffs && i < d->host_diffs->n_findings; i++) {
		const struct finding_diff *f = &d->host_diffs->findings[i];

		note(n, " %s:%s(%s,%s)", f->check, fleet_change_words[f->change],
		     f->before ? f->before : "-", f->after ? f->after : "-");
	}
	for (size_t i = 0; i < d->n_gone_hosts; i++)
		note(n, " -%s", d->gone_hosts[i]);
	for (size_t i = 0; i < d->n_added_hosts; i++)
		note(n, " +%s", d->added_hosts[i]);
}

static void test_diff(void **state)
{
	const struct diff_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	struct fleet_diff_doc d = { 0 };
	struct notes n = { 0 };
	struct fleet_pair p;

	assert_int_equal(fleet_init(&p.before) | fleet_init(&p.after), 0);
	read_text(&p.before, row->before);
	read_text(&p.after, row->after);
	assert_int_equal(fleet_diff(&p, 10, a, &d), 0);
	tell_diff(&n, &d);
	fleet_free(&p.before);
	fleet_free(&p.after);
	assert_string_equal(n.text, row->want);
	assert_true(d.complete);
}

struct counter_row {
	const char *name, *kind;
	uint64_t before, after;
	const char *want;
};

static const struct counter_row counter_rows[] = {
	{ "it stayed", "total", 7, 7, "" },
	{ "it rose", "total", 7, 9, "kernel C +2 " },
	{ "it went back", "total", 7, 3, "kernel C +3 restarted " },
	{ "to nothing", "total", 7, 0, "kernel C +0 restarted " },
	{ "the largest", "total", 0, UINT64_MAX, "kernel C +18446744073709551615 " },
	{ "what is now", "gauge", 7, 3, "" },
};

static void test_counters(void **state)
{
	const struct counter_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	struct stat_counter_doc was = { .name = "C",
					.kind = row->kind,
					.value = row->before };
	struct stat_counter_doc is = { .name = "C",
				       .kind = row->kind,
				       .value = row->after };
	struct stat_netns_doc then = { .counters = &was, .n_counters = 1 };
	struct stat_netns_doc now = { .counters = &is, .n_counters = 1 };
	const struct stat_doc before = { .namespaces = &then, .n_namespaces = 1 };
	const struct stat_doc after = { .namespaces = &now, .n_namespaces = 1 };
	struct fleet_diff_doc d = { 0 };
	struct notes n = { 0 };

	assert_int_equal(fleet_diff_counters(&before, &after, a, &d), 0);
	for (size_t i = 0; i < d.n_counters; i++)
		note(&n, "%s %s +%" PRIu64 " %s", d.counters[i].where, d.counters[i].name,
		     d.counters[i].rise, d.counters[i].restarted ? "restarted " : "");
	assert_string_equal(n.text, row->want);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("read", read_rows, test_read),
		UNIT_ONE("a NUL", test_nul),
		UNIT_ONE("very deep", test_deep),
		UNIT_ONE("very long", test_long),
		UNIT_ROWS("sum", sum_rows, test_sum),
		UNIT_ONE("groups", test_groups),
		UNIT_ONE("too many names", test_crowded),
		UNIT_ROWS("diff", diff_rows, test_diff),
		UNIT_ROWS("counters", counter_rows, test_counters),
	};

	return unit_run("fleet", sets, ARRAY_SIZE(sets));
}
