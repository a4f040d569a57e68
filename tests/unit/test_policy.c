/* SPDX-License-Identifier: MIT */
/* Waivers and expectations: how they are read, and what a waiver does to a report. */
#include "good.h"

extern const struct check check_kernel_config;

#define W "[w]\nid = fips\nreason = r\n"

struct policy_row {
	const char *name, *text, *want;
};

/* want: "id/host/subject/reason/expires/time@line;" of each, then "!line" of problems. */
static const struct policy_row waiver_rows[] = {
	{ "empty", "", "" },
	{ "all keys",
	  "# c\n[w]\nid = nic-tls-offload\nhost=edge-*\nsubject = eth*\n"
	  "reason = ticket 4711\nexpires = 2027-03-31\n",
	  "nic-tls-offload/edge-*/eth*/ticket 4711/2027-03-31/1806537600@3;" },
	{ "never", W "expires = never\n", "fips///r//0@2;" },
	{ "two", W "expires = never\n[x]\nid = a\nreason = b\nexpires = 1999-12-31\n",
	  "fips///r//0@2;a///b/1999-12-31/946684800@6;" },
	{ "a leap day", W "expires = 2028-02-29\n", "fips///r/2028-02-29/1835481600@2;" },
	{ "no leap day", W "expires = 2027-02-29\n", "!4" },
	{ "no date", W "expires = soon\n", "!4" },
	{ "a date and more", W "expires = 2027-01-01T10:00\n", "!4" },
	{ "a negative month", W "expires = 2027--1-01\n", "!4" },
	{ "no expiry", W, "!2" },
	{ "no reason", "[w]\nid = fips\nexpires = never\n", "!2" },
	{ "an empty reason", "[w]\nid = fips\nreason =\nexpires = never\n", "!3" },
	{ "a key nobody knows", W "subjct = eth0\nexpires = never\n", "!4" },
	{ "a key twice", W "id = b\nexpires = never\n", "!4" },
	{ "no section", "id = fips\nreason = r\nexpires = never\n", "!1" },
	{ "indented keys", "[w]\n  id = fips\n  reason = r\n\texpires = never\n",
	  "fips///r//0@2;" },
	{ "a line that is none", W "expires = never\nwhat\n", "!5" },
	{ "one broken, one whole", W "[x]\nid = a\nreason = b\nexpires = never\n",
	  "a///b//0@5;!2" },
	{ "CRLF", "[w]\r\nid = fips\r\nreason = r\r\nexpires = never\r\n",
	  "fips///r//0@2;" },
};

static void compare(const struct policy_row *row, const struct policy_facts *p,
		    struct notes *n)
{
	for (size_t i = 0; i < p->n_problems; i++)
		note(n, "!%" PRIu64, p->problems[i].line);
	assert_string_equal(n->text, row->want);
}

static void test_waivers(void **state)
{
	const struct policy_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	struct policy_facts p = { 0 };
	struct notes n = { 0 };

	assert_int_equal(parse_waivers(span_of_text(row->text), "f", a, &p), 0);
	for (size_t i = 0; i < p.n_waivers; i++) {
		const struct waiver *w = &p.waivers[i];

		note(&n, "%s/%s/%s/%s/%s/%" PRIu64 "@%" PRIu64 ";", w->id, w->host,
		     w->subject, w->reason, w->expires, w->expires_time, w->line);
	}
	compare(row, &p, &n);
}

static const struct policy_row conf_rows[] = {
	{ "empty", "", "" },
	{ "one", "[service nginx]\nexpect = tx,rx\n", "nginx tr-@2;" },
	{ "hardware", "[service  lb]\nexpect= tx , hw\n", "lb t-h@2;" },
	{ "two", "[service a]\nexpect = rx\n[service b]\nexpect = tx\n",
	  "a -r-@2;b t--@4;" },
	{ "nothing expected", "[service a]\nexpect =\n", "!2" },
	{ "another word", "[service a]\nexpect = tx,fast\n", "!2" },
	{ "another key", "[service a]\nexpects = tx\n", "!2" },
	{ "another section", "[a]\nexpect = tx\n", "!2" },
	{ "a line that is none", "[service a\nexpect = tx\n", "!2!1" },
};

static void test_conf(void **state)
{
	const struct policy_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	struct policy_facts p = { 0 };
	struct notes n = { 0 };

	assert_int_equal(parse_ktlsctl_conf(span_of_text(row->text), "f", a, &p), 0);
	for (size_t i = 0; i < p.n_expectations; i++) {
		const struct expectation *e = &p.expectations[i];

		note(&n, "%s %c%c%c@%" PRIu64 ";", e->service, e->tx ? 't' : '-',
		     e->rx ? 'r' : '-', e->hw ? 'h' : '-', e->line);
	}
	compare(row, &p, &n);
}

struct tuned_row {
	const char *name, *text, *want;
};

static const struct tuned_row tuned_rows[] = {
	{ "empty", "", "- -" },
	{ "a key", "[sysctl]\nnet.ipv4.tcp_rmem=4096 131072 16777216\n",
	  "4096 131072 16777216 -" },
	{ "in quotes", "[sysctl]\nnet.ipv4.tcp_rmem=\"4096 87380 16777216\"\n",
	  "4096 87380 16777216 -" },
	{ "an include", "[main]\ninclude=balanced\n", "- balanced" },
	{ "another section", "[main]\ninclude=a\n[vm]\nnet.ipv4.tcp_rmem=1\ninclude=b\n",
	  "- a" },
	{ "with slashes", "[sysctl]\nnet/ipv4/tcp_rmem = 1 2 3\n", "1 2 3 -" },
	{ "processors",
	  "[cpu]\ngovernor=conservative|powersave\nenergy_perf_bias=normal\n",
	  "- - conservative|powersave -" },
	{ "their preference, and a governor of another section",
	  "[cpu]\nenergy_performance_preference=performance\n[disk]\ngovernor=x\n",
	  "- - - performance" },
	{ "the first wins", "[sysctl]\nnet.ipv4.tcp_rmem=1\nnet.ipv4.tcp_rmem=2\n",
	  "1 -" },
};

static void test_tuned(void **state)
{
	const struct tuned_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	struct sysctl_facts s = { 0 };
	struct tuners_facts t = { 0 };
	const char *include;
	struct notes n = { 0 };

	assert_int_equal(parse_tuned(span_of_text(row->text), a, &s, &t, &include), 0);
	note(&n, "%s %s",
	     s.value[SYSCTL_TCP_RMEM].tuned ? s.value[SYSCTL_TCP_RMEM].tuned : "-",
	     include ? include : "-");
	if (t.tuned_governor || t.tuned_preference)
		note(&n, " %s %s", t.tuned_governor ? t.tuned_governor : "-",
		     t.tuned_preference ? t.tuned_preference : "-");
	assert_string_equal(n.text, row->want);
}

struct waive_row {
	const char *name;
	struct waiver waiver;
	bool waived;
};

/* The host is named "host"; the facts are of 1795219200, see good.c. */
static const struct waive_row waive_rows[] = {
	{ "by id", { "kernel-config", "", "", "r", "", 0, "f", 1 }, true },
	{ "by reason", { "kernel-without-tls", "", "", "r", "", 0, "f", 1 }, true },
	{ "another id", { "fips", "", "", "r", "", 0, "f", 1 }, false },
	{ "no pattern in an id", { "kernel-*", "", "", "r", "", 0, "f", 1 }, false },
	{ "this host", { "kernel-config", "ho*", "", "r", "", 0, "f", 1 }, true },
	{ "another host", { "kernel-config", "e*", "", "r", "", 0, "f", 1 }, false },
	{ "the host is no such subject",
	  { "kernel-config", "", "eth*", "r", "", 0, "f", 1 },
	  false },
	{ "over", { "kernel-config", "", "", "r", "x", 1795219200, "f", 1 }, false },
	{ "the last second",
	  { "kernel-config", "", "", "r", "x", 1795219201, "f", 1 },
	  true },
};

static const struct finding *find(const struct report *r, const char *id)
{
	for (size_t i = 0; i < r->n_findings; i++)
		if (!strcmp(r->findings[i].id, id))
			return &r->findings[i];
	return NULL;
}

static void test_waive(void **state)
{
	static const struct check *const table[] = { &check_kernel_config, NULL };
	const struct waive_row *row = *state;
	const tweak_fn tweaks[MAX_TWEAKS] = { without_tls };
	cleanup_report struct report *r = NULL;
	struct waiver waiver = row->waiver;
	struct facts f;

	tweaked_facts(&f, tweaks);
	f.policy.waivers = &waiver;
	f.policy.n_waivers = 1;
	r = checks_run(table, &f);
	assert_non_null(r);
	assert_int_equal(!!find(r, "kernel-config")->waived, row->waived);
	assert_int_equal(r->counts.waived, row->waived);
	assert_int_equal(r->counts.fail, !row->waived);
	/* A decision changes no fact: kTLS still cannot work. */
	assert_int_equal(r->status, STATUS_CANNOT_WORK);
	assert_int_equal(r->cause->waived, row->waived);
}

/* Waived findings go behind those that count, whatever their verdict. */
static void test_waived_order(void **state)
{
	struct waiver waiver = { "kernel-config", "", "", "r", "", 0, "f", 1 };
	const tweak_fn tweaks[MAX_TWEAKS] = { without_tls, openssl_3_0 };
	cleanup_report struct report *r = NULL;
	struct facts f;
	size_t i = 0;

	(void)state;
	tweaked_facts(&f, tweaks);
	f.policy.waivers = &waiver;
	f.policy.n_waivers = 1;
	r = checks_run(checks, &f);
	assert_non_null(r);
	while (i < r->n_findings && !r->findings[i].waived)
		i++;
	assert_in_range(i, 1, r->n_findings - 1);
	for (; i < r->n_findings; i++)
		assert_true(verdict_rank(r->findings[i].verdict) <=
				    verdict_rank(VERDICT_INFO) ||
			    r->findings[i].waived);
}

/* An unknown status that somebody lives with is no reason to wake anybody. */
static void test_waived_unknown(void **state)
{
	struct waiver waiver = { "tls-module", "", "", "r", "", 0, "f", 1 };
	cleanup_report struct report *r = NULL;
	struct facts f;

	(void)state;
	good_facts(&f);
	unloaded(&f);
	group_lost(&f, FACT_MODULE, -EACCES);
	r = checks_run(checks, &f);
	assert_non_null(r);
	assert_int_equal(r->status, STATUS_UNKNOWN);
	assert_true(report_is_unknown(r));
	report_free(r);
	f.policy.waivers = &waiver;
	f.policy.n_waivers = 1;
	r = checks_run(checks, &f);
	assert_non_null(r);
	assert_int_equal(r->status, STATUS_UNKNOWN);
	assert_false(report_is_unknown(r));
}

/* There is none where kTLS works. */
static void test_waived_no_cause(void **state)
{
	struct waiver waiver = { "tcp-idle", "", "", "r", "", 0, "f", 1 };
	cleanup_report struct report *r = NULL;
	struct facts f;

	(void)state;
	good_facts(&f);
	set_sysctl(&f, SYSCTL_TCP_SLOW_START_AFTER_IDLE, "1");
	f.policy.waivers = &waiver;
	f.policy.n_waivers = 1;
	r = checks_run(checks, &f);
	assert_non_null(r);
	assert_non_null(find(r, "tcp-idle")->waived);
	assert_null(r->cause);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("waivers", waiver_rows, test_waivers),
		UNIT_ROWS("ktlsctl.conf", conf_rows, test_conf),
		UNIT_ROWS("tuned", tuned_rows, test_tuned),
		UNIT_ROWS("waive", waive_rows, test_waive),
		UNIT_ONE("what is waived comes later", test_waived_order),
		UNIT_ONE("a waived unknown", test_waived_unknown),
		UNIT_ONE("waived, and no cause", test_waived_no_cause),
	};

	return unit_run("policy", sets, ARRAY_SIZE(sets));
}
