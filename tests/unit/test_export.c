/* SPDX-License-Identifier: MIT */
/* What a fleet is told: the table of metrics, what is not known, labels. */
#include "unit.h"

#include <errno.h>

#include "../../lib/facts/counters.h"
#include "../../lib/out/export.h"
#include "../fuzz/targets.h"
#include "good.h"

/* --- names of services ----------------------------------------------------------------
 */

static const struct name_row {
	const char *name, *label;
} name_rows[] = {
	{ "nginx.service", "nginx.service" },
	{ "nginx", "nginx" },
	{ "user@1000.service", "user@.service" },
	{ "getty@tty1.service", "getty@.service" },
	{ "container@a.b.service", "container@.b.service" },
	{ "session-12.scope", "session.scope" },
	{ "session-c3.scope", "session.scope" },
	{ "run-u123.service", "run.service" },
	{ "run-r5f0c2d3e4a5b6c7d.service", "run.service" },
	{ "run-p812-i813.scope", "run.scope" },
	{ "docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope",
	  "docker.scope" },
	{ "cri-containerd-0123456789abcdef.scope", "cri-containerd.scope" },
	{ "php8.2-fpm.service", "php8.2-fpm.service" },
	{ "worker/17", "worker" },
	{ "h2o", "h2o" },
	{ "1234", "1234" },
	{ "beef", "beef" },
	{ "app-facade.service", "app-facade.service" },
	{ "", "" },
};

static void test_name(void **state)
{
	const struct name_row *row = *state;
	cleanup_arena struct arena *a = arena_new();

	assert_string_equal(export_service_name(row->name, a), row->label);
}

/* --- pages ----------------------------------------------------------------------------
 */

struct host {
	struct facts f;
	struct report *r;
	struct arena *a;
	struct sums_doc sums;
	struct export_input in;
	char *page;
};

static void host_begin(struct host *h)
{
	*h = (struct host){ .a = arena_new() };
	good_facts(&h->f);
	h->in = (struct export_input){ .facts = &h->f,
				       .why_no_sums = "no",
				       .why_no_drift = "no" };
}

static const char *host_page(struct host *h)
{
	struct export_doc doc;

	h->r = checks_run(checks, &h->f);
	h->in.report = h->r;
	assert_int_equal(export_make(&h->in, h->a, &doc), 0);
	h->page = export_prometheus(&doc);
	assert_non_null(h->page);
	assert_null(metrics_fault(h->page));
	return h->page;
}

static void host_end(struct host *h)
{
	free(h->page);
	report_free(h->r);
	arena_free(h->a);
}

static bool has_line(const char *page, const char *line)
{
	const size_t len = strlen(line);

	for (const char *p = page; p; p = strchr(p, '\n'), p += p != NULL)
		if (!strncmp(p, line, len) && p[len] == '\n')
			return true;
	return false;
}

/* A series of that name, whatever its labels. */
static bool has_series(const char *page, const char *name)
{
	const size_t len = strlen(name);

	for (const char *p = page; p; p = strchr(p, '\n'), p += p != NULL)
		if (!strncmp(p, name, len) && (p[len] == ' ' || p[len] == '{'))
			return true;
	return false;
}

static void stat_denied(struct facts *f)
{
	group_lost(f, FACT_TLS_STAT, -EACCES);
}

static void stat_missing(struct facts *f)
{
	f->tls_stat = (struct tls_stat_facts){ .src = { "/proc/net/tls_stat", 0 } };
}

static void gauge_below_zero(struct facts *f)
{
	static const struct counter counters[] = { { "TlsCurrTxSw", UINT64_MAX },
						   { "TlsTxSw", 3 },
						   { NULL, 0 } };

	set_counters(f, counters);
}

static void strange_counter(struct facts *f)
{
	static const struct counter counters[] = { { "TlsCurrTxSw", 1 },
						   { "TlsTxRekeyAborted", 4 },
						   { "TlsTxRekeyAborted", 5 },
						   { NULL, 0 } };

	set_counters(f, counters);
}

static void ethtool_denied(struct facts *f)
{
	group_lost(f, FACT_ETHTOOL, -EPERM);
}

static void statistics_denied(struct facts *f)
{
	group_lost(f, FACT_NIC_STATS, -EPERM);
}

/* The page has the first line, and no series of the name. */
static const struct page_row {
	const char *name;
	tweak_fn tweak;
	const char *line, *absent;
} page_rows[] = {
	{ "counters that cannot be read", stat_denied,
	  "ktlsctl_unknown{part=\"tls_stat\"} 1", "ktlsctl_sessions" },
	{ "nor are errors 0 then", stat_denied, "ktlsctl_unknown{part=\"tls_stat\"} 1",
	  "ktlsctl_decrypt_errors_total" },
	{ "tls without counters, before 5.5", stat_missing,
	  "ktlsctl_unknown{part=\"tls_stat\"} 1", "ktlsctl_sessions" },
	{ "a kernel without tls has no session", without_tls,
	  "ktlsctl_sessions{direction=\"tx\",mode=\"sw\"} 0", "ktlsctl_rekeys_total" },
	{ "a gauge below zero", gauge_below_zero,
	  "ktlsctl_sessions{direction=\"tx\",mode=\"sw\"} 0", NULL },
	{ "a counter that is not there is not 0", gauge_below_zero,
	  "ktlsctl_sessions_opened_total{direction=\"tx\",mode=\"sw\"} 3",
	  "ktlsctl_decrypt_errors_total" },
	{ "a counter of a later kernel, once", strange_counter,
	  "ktlsctl_tls_stat{name=\"TlsTxRekeyAborted\"} 4", NULL },
	{ "features that cannot be read", ethtool_denied,
	  "ktlsctl_unknown{part=\"nic_features\"} 1", "ktlsctl_nic_tls_offload_active" },
	{ "statistics that cannot be read", statistics_denied,
	  "ktlsctl_unknown{part=\"nic_counters\"} 1",
	  "ktlsctl_nic_tls_tx_contexts_total" },
	{ "sockets that were not asked for", NULL, "ktlsctl_unknown{part=\"sockets\"} 1",
	  "ktlsctl_tls_connections" },
	{ "what tune has set is not known", NULL, "ktlsctl_unknown{part=\"tune\"} 1",
	  "ktlsctl_tune_drifted_keys" },
	{ "a failing check", without_tls,
	  "ktlsctl_check_not_ok{category=\"kernel\",check=\"kernel-config\",level="
	  "\"fail\"} 1",
	  NULL },
	{ "status and cause", without_tls,
	  "ktlsctl_status_info{status=\"cannot_work\"} 1", NULL },
	{ "no cause", NULL, "ktlsctl_build_info{version=\"" KTLSCTL_VERSION "\"} 1",
	  "ktlsctl_cause_info" },
};

static void test_page(void **state)
{
	const struct page_row *row = *state;
	struct host h;
	const char *page;

	host_begin(&h);
	if (row->tweak)
		row->tweak(&h.f);
	page = host_page(&h);
	if (!has_line(page, row->line))
		fail_msg("no line %s in:\n%s", row->line, page);
	if (row->absent && has_series(page, row->absent))
		fail_msg("%s in:\n%s", row->absent, page);
	host_end(&h);
}

/* --- the table ------------------------------------------------------------------------
 */

static const struct field *field_of(const struct fields *d, const char *name, size_t len)
{
	for (size_t i = 0; i < d->n; i++)
		if (strlen(d->f[i].name) == len && !memcmp(d->f[i].name, name, len))
			return &d->f[i];
	return NULL;
}

/* Every field that a row names is there. */
static void check_fields(const struct metric *m)
{
	const struct field *from =
		m->from ? field_of(&export_fields, m->from, strlen(m->from)) : NULL;
	const struct fields *d = m->from ? (from ? from->sub : NULL) : &export_fields;
	const bool all = m->value && !strcmp(m->value, "*");

	if (!d)
		fail_msg("%s: %s is no list", m->name, m->from);
	if (m->value && !all && !field_of(d, m->value, strlen(m->value)))
		fail_msg("%s: there is no %s", m->name, m->value);
	for (const char *p = m->labels; *p && !all;) {
		const size_t len = strcspn(p, " "), key = strcspn(p, "= ");
		const char *name = key < len ? p + key + 1 : p;

		if (!field_of(d, name, (size_t)(p + len - name)))
			fail_msg("%s: there is no field for %s", m->name, p);
		p += len + (p[len] == ' ');
	}
}

static bool ends_in(const char *s, const char *end)
{
	return strlen(s) > strlen(end) && !strcmp(s + strlen(s) - strlen(end), end);
}

static void test_table(void **state)
{
	(void)state;
	for (const struct metric *m = metrics; m->name; m++) {
		check_fields(m);
		assert_int_equal(ends_in(m->name, "_total"), m->type == METRIC_COUNTER);
		assert_true(ends_in(m->help, "."));
		assert_null(strchr(m->help, '\\'));
		for (const struct metric *o = metrics; o < m; o++)
			assert_string_not_equal(o->name, m->name);
	}
}

static const struct metric *metric_only(const char *from, const char *only)
{
	for (const struct metric *m = metrics; m->name; m++)
		if (m->only && !strcmp(m->from, from) && !strcmp(m->only, only))
			return m;
	return NULL;
}

/* What drivers count has its metric, of the right type. */
static void test_nic_table(void **state)
{
	const struct counter_meaning *c;

	(void)state;
	for (size_t i = 0; (c = nic_common_meaning(i)); i++) {
		const struct metric *m = metric_only("nic_counters", c->name);

		if (!m)
			fail_msg("no metric for %s", c->name);
		assert_int_equal(m->type == METRIC_COUNTER, c->kind == COUNTER_TOTAL);
	}
	assert_true(nic_common_meaning(0));
}

/* Every counter of the kernel that has a meaning comes out, under no strange name. */
static void test_kernel_counters(void **state)
{
	static const char *const names[] = {
		"TlsCurrTxSw",
		"TlsCurrRxSw",
		"TlsCurrTxDevice",
		"TlsCurrRxDevice",
		"TlsTxSw",
		"TlsRxSw",
		"TlsTxDevice",
		"TlsRxDevice",
		"TlsDecryptError",
		"TlsRxDeviceResync",
		"TlsDecryptRetry",
		"TlsRxNoPadViolation",
		"TlsRxRekeyOk",
		"TlsRxRekeyError",
		"TlsTxRekeyOk",
		"TlsTxRekeyError",
		"TlsRxRekeyReceived",
	};
	struct counter counters[ARRAY_SIZE(names) + 1] = { 0 };
	struct host h;
	const char *page;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		counters[i] = (struct counter){ names[i], 7000 + i };
	host_begin(&h);
	set_counters(&h.f, counters);
	page = host_page(&h);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char value[16];

		snprintf(value, sizeof(value), " %zu\n", 7000 + i);
		if (!strstr(page, value))
			fail_msg("%s is lost:\n%s", names[i], page);
	}
	assert_false(has_series(page, "ktlsctl_tls_stat"));
	host_end(&h);
}

/* --- services, drift, labels ----------------------------------------------------------
 */

static void test_services(void **state)
{
	struct sum_service_doc services[40];
	struct host h;
	const char *page;
	char names[40][24];

	(void)state;
	host_begin(&h);
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		snprintf(names[i], sizeof(names[i]), "%s%c%c.service",
			 i < 3 ? "same@" : "s", (char)('g' + i % 20),
			 (char)('g' + i / 20));
		services[i] = (struct sum_service_doc){ .name = names[i],
							.connections = 10,
							.ktls = 1 };
	}
	h.sums = (struct sums_doc){ .tls_connections = 400,
				    .tls_on_ktls = 40,
				    .services = services,
				    .n_services = ARRAY_SIZE(services) };
	h.in.sums = &h.sums;
	page = host_page(&h);
	assert_true(has_line(page, "ktlsctl_tls_connections 400"));
	assert_true(has_line(page, "ktlsctl_tls_connections_on_ktls 40"));
	assert_true(has_line(
		page, "ktlsctl_service_connections{service=\"same@.service\"} 30"));
	/* 40 services, 3 of them one; 16 have a series. */
	assert_true(has_line(page, "ktlsctl_service_connections{service=\"other\"} 220"));
	assert_true(has_line(
		page, "ktlsctl_service_connections_on_ktls{service=\"other\"} 22"));
	host_end(&h);
}

/* Whose they are is not known: then neither is a share, nor what is expected. */
static void test_no_owners(void **state)
{
	struct export_use use = { "nginx", 3, 0 };
	struct host h;
	const char *page;

	(void)state;
	host_begin(&h);
	h.in.sums = &h.sums;
	h.in.uses = &use;
	h.in.n_uses = 1;
	h.in.why_no_owners = "hidepid";
	page = host_page(&h);
	assert_true(has_line(page, "ktlsctl_unknown{part=\"owners\"} 1"));
	assert_false(has_series(page, "ktlsctl_tls_connections"));
	assert_false(has_series(page, "ktlsctl_expected_connections"));
	host_end(&h);

	host_begin(&h);
	h.in.sums = &h.sums;
	h.in.uses = &use;
	h.in.n_uses = 1;
	h.in.why_no_programs = "too late";
	page = host_page(&h);
	assert_true(has_line(page, "ktlsctl_unknown{part=\"programs\"} 1"));
	assert_false(has_series(page, "ktlsctl_tls_connections"));
	assert_true(has_line(page, "ktlsctl_expected_connections{service=\"nginx\"} 3"));
	assert_true(has_line(
		page, "ktlsctl_expected_connections_on_ktls{service=\"nginx\"} 0"));
	host_end(&h);
}

static void test_drift(void **state)
{
	struct drift_row rows[] = {
		{ .key = "a", .state = DRIFT_SAME },
		{ .key = "a", .file = "/etc/x", .state = DRIFT_DIFFERS },
		{ .key = "b", .state = DRIFT_SAME },
		{ .key = "b", .file = "/etc/x", .state = DRIFT_SAME },
		{ .key = "c", .state = DRIFT_GONE },
		{ .key = "d", .state = DRIFT_UNKNOWN },
	};
	struct drift_report drift = { .rows = rows, .n_rows = ARRAY_SIZE(rows) };
	struct host h;
	const char *page;

	(void)state;
	host_begin(&h);
	h.in.drift = &drift;
	page = host_page(&h);
	assert_true(has_line(page, "ktlsctl_tune_applied_keys 4"));
	assert_true(has_line(page, "ktlsctl_tune_drifted_keys 1"));
	assert_true(has_line(page, "ktlsctl_tune_unverified_keys 2"));
	host_end(&h);

	drift = (struct drift_report){ .failure = "the journal cannot be read" };
	host_begin(&h);
	h.in.drift = &drift;
	page = host_page(&h);
	assert_true(has_line(page, "ktlsctl_unknown{part=\"tune\"} 1"));
	assert_false(has_series(page, "ktlsctl_tune_applied_keys"));
	host_end(&h);
}

static const struct label_row {
	const char *name, *text, *label;
} label_rows[] = {
	{ "plain", "3.5.7", "3.5.7" },
	{ "quotation mark", "a\"b", "a\\\"b" },
	{ "backslash", "a\\b", "a\\\\b" },
	{ "newline", "a\nb", "a\\nb" },
	{ "UTF-8", "\xc3\xa9", "\xc3\xa9" },
	{ "no UTF-8", "a\xff", "a\\\\xff" },
	{ "control character", "a\x01", "a\\\\x01" },
	{ "a brace", "a}b", "a}b" },
};

static void test_label(void **state)
{
	const struct label_row *row = *state;
	char want[64];
	struct host h;
	const char *page;

	host_begin(&h);
	h.f.openssl.version = row->text;
	page = host_page(&h);
	snprintf(want, sizeof(want), ",openssl=\"%s\",os=", row->label);
	if (!strstr(page, want))
		fail_msg("no %s in:\n%s", want, page);
	host_end(&h);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("service", name_rows, test_name),
		UNIT_ROWS("page", page_rows, test_page),
		UNIT_ONE("table", test_table),
		UNIT_ONE("table of NICs", test_nic_table),
		UNIT_ONE("counters of the kernel", test_kernel_counters),
		UNIT_ONE("services", test_services),
		UNIT_ONE("owners that are not known", test_no_owners),
		UNIT_ONE("drift", test_drift),
		UNIT_ROWS("label", label_rows, test_label),
	};

	return unit_run("export", sets, ARRAY_SIZE(sets));
}
