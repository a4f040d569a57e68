/* SPDX-License-Identifier: MIT */
/* Rules, conditions and what a tunable is now, each by itself: at their bounds. */
#include <errno.h>

#include "../../lib/tune/tune_priv.h"
#include "good.h"

#define RMEM  "net.ipv4.tcp_rmem"
#define SOMAX "net.core.somaxconn"

/* --- hosts ------------------------------------------------------------------------ */

TWEAK(faster_not_chosen, f->nics.nics[1].speed_mbps = 100000;)
TWEAK(slower_chosen_too, f->nics.nics[1].speed_mbps = 1000;
      f->nics.nics[1].chosen = true;)
TWEAK(nic_of_no_node, f->nics.nics[0].numa_node = -1;)
TWEAK(two_nodes, f->topology.nodes[0].cpus = "0-1";
      f->topology.nodes[1] = (struct numa_node){ 1, "2-3" }; f->topology.n_nodes = 2;)
TWEAK(no_nodes, f->topology.n_nodes = 0;)
TWEAK(two_near, f->topology.nodes[0].cpus = "0,3";)
TWEAK(one_near, f->topology.nodes[0].cpus = "0";)
TWEAK(no_driver, f->nics.nics[0].driver = "";)
TWEAK(queue_of_another, f->tuning.rx[1].name = "eth1/rx-0";)
LOST(topology_denied, FACT_TOPOLOGY, -EACCES)
LOST(topology_not_asked, FACT_TOPOLOGY, 0)
TWEAK(adaptive_off, f->ethtool.nics[0].adaptive_rx = TRI_NO;
      f->ethtool.nics[0].adaptive_tx = TRI_NO;)
TWEAK(adaptive_not_told, f->ethtool.nics[0].adaptive_rx = TRI_UNKNOWN;
      f->ethtool.nics[0].adaptive_tx = TRI_UNKNOWN;)
TWEAK(usecs_not_told, f->ethtool.nics[0].rx_usecs_told = false;
      f->ethtool.nics[0].tx_usecs_told = false;)
TWEAK(one_rx, f->tuning.n_rx = 1;)
TWEAK(one_tx, f->tuning.n_tx = 1;)
TWEAK(one_irq, f->tuning.n_irqs = 1;)
TWEAK(policy_denied, f->tuning.policies[0].err = -EACCES;)
LOST(tuning_not_asked, FACT_TUNING, 0)

/* --- rules ------------------------------------------------------------------------ */

struct rule_row {
	const char *name;
	tweak_fn tweaks[MAX_TWEAKS];
	const char *id, *device, *now, *rule;
	const char *want; /* "!": why there is none */
};

static const struct rule_row rule_rows[] = {
	{ "the speed of a NIC that is not chosen does not count",
	  { faster_not_chosen },
	  RMEM,
	  NULL,
	  "4096 131072 6291456",
	  "keep keep bdp:20ms",
	  "4096 131072 62914560" },
	{ "of two the faster one counts",
	  { slower_chosen_too },
	  RMEM,
	  NULL,
	  "4096 131072 6291456",
	  "keep keep bdp:20ms",
	  "4096 131072 62914560" },
	{ "the least and the most there may be",
	  { 0 },
	  RMEM,
	  NULL,
	  "4096 4096 4096",
	  "4096 4096 1G",
	  "4096 4096 1073741824" },
	{ "on one node every processor is near",
	  { nic_of_no_node },
	  "nic.irq-affinity",
	  "eth0/irq-46",
	  "10",
	  "near",
	  "f" },
	{ "on two, nobody knows for a NIC of none",
	  { nic_of_no_node, two_nodes },
	  "nic.irq-affinity",
	  "eth0/irq-46",
	  "f",
	  "near",
	  "!does not say which processors are near" },
	{ "some of those near are as good as all",
	  { 0 },
	  "nic.irq-affinity",
	  "eth0/irq-46",
	  "9",
	  "near",
	  "9" },
	{ "one of two that are not side by side",
	  { two_near },
	  "nic.irq-affinity",
	  "eth0/irq-46",
	  "1",
	  "near",
	  "1" },
	{ "one between them is not near",
	  { two_near },
	  "nic.irq-affinity",
	  "eth0/irq-46",
	  "2",
	  "near",
	  "9" },
	{ "an interrupt goes to the one that is near",
	  { one_near },
	  "nic.irq-affinity",
	  "eth0/irq-46",
	  "f",
	  "near",
	  "1" },
};

static void test_rule(void **state)
{
	const struct rule_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	const struct tune_setting s = { .tunable = tunable_find(row->id),
					.rule = row->rule };
	struct tune_error e = { .err = -EIO };
	struct tune_about about = {
		.t = s.tunable, .device = row->device, .now = row->now, .a = a
	};
	struct facts f;
	const char *got;

	tweaked_facts(&f, row->tweaks);
	about.f = &f;
	got = tune_rule(&s, &about, &e);
	if (row->want[0] == '!') {
		assert_null(got);
		assert_int_equal(e.err, -ENODATA);
		assert_non_null(strstr(e.why, row->want + 1));
		return;
	}
	assert_non_null(got);
	assert_string_equal(got, row->want);
}

/* What went wrong before is not taken for this. */
static void test_rule_leaves_no_error(void **state)
{
	cleanup_arena struct arena *a = arena_new();
	const struct tune_setting s = { .tunable = tunable_find(SOMAX), .rule = "8192" };
	struct tune_error e = { .err = -EIO };
	struct facts f;
	const struct tune_about about = { &f, s.tunable, NULL, "4096", a };

	(void)state;
	good_facts(&f);
	assert_string_equal(tune_rule(&s, &about, &e), "8192");
	assert_int_equal(e.err, 0);
}

/* --- what is a rule, and what a condition ----------------------------------------- */

#define FORTY "x234567890123456789012345678901234567890"
#define SIXTY FORTY "12345678901234567890"

struct text_row {
	const char *name, *id, *text;
	const char *want; /* "": it is one; else a part of the complaint */
};

static const struct text_row rule_texts[] = {
	{ "another word before the delay", RMEM, "keep keep xdp:20ms", "'xdp:20ms' is" },
	{ "a delay in seconds", RMEM, "keep keep bdp:20xs", "'bdp:20xs' is no term" },
	{ "the shortest delay", RMEM, "keep keep bdp:1ms", "" },
	{ "a delay of nothing", RMEM, "keep keep bdp:ms", "'bdp:ms' is no term" },
	{ "the longest delay", RMEM, "keep keep bdp:10000ms", "" },
	{ "a longer one", RMEM, "keep keep bdp:10001ms", "is no term" },
	{ "the least", RMEM, "4096 keep keep", "" },
	{ "less", RMEM, "4095 keep keep", "'4095' is out of range: 4096 to" },
	{ "the most", RMEM, "keep keep 1G", "" },
	{ "more", RMEM, "keep keep 1073741825", "is out of range" },
	{ "too few", RMEM, "keep keep", "3 terms wanted" },
	{ "too many", SOMAX, "keep keep", "1 term wanted" },
	{ "only what is wrong is shown", RMEM, "bdp:20 keep keep", "'bdp:20' is no" },
	{ "no more of it than 40", RMEM, FORTY "z keep keep", "'" FORTY "' is no term" },
};

static void look_at(const struct text_row *row, int err, const struct tune_error *e)
{
	assert_int_equal(err, *row->want ? -EINVAL : 0);
	if (*row->want && !strstr(e->why, row->want))
		fail_msg("'%s' has no '%s'", e->why, row->want);
}

static void test_rule_text(void **state)
{
	const struct text_row *row = *state;
	struct tune_error e = { 0 };
	int err = tune_rule_check(tunable_find(row->id), row->text, &e);

	look_at(row, err, &e);
}

static const struct text_row when_texts[] = {
	{ "more than", NULL, "ram > 2G", "'ram > 2G' is no condition" },
	{ "at most", NULL, "ram <= 2G", "'ram <= 2G' is no condition" },
	{ "a version with a sign", NULL, "kernel >= -6", "is no condition" },
	{ "no version", NULL, "kernel >=", "'kernel >=' is no condition" },
	{ "a version that begins with 0", NULL, "kernel >= 0.1", "" },
	{ "a version that begins with 9", NULL, "kernel >= 9.0", "" },
	{ "a version of 30", NULL, "kernel >= 6.8901234567890123456789012345", "" },
	{ "of 31", NULL, "kernel >= 6.89012345678901234567890123456", "is no condition" },
	{ "a name alone", NULL, "kernel, ram >= 2G", "'kernel' is no condition" },
	{ "only what is wrong is shown", NULL, "sunny, ram >= 2G", "'sunny' is no" },
	{ "no more of it than 60", NULL, SIXTY "z", "'" SIXTY "' is no condition" },
};

static void test_when_text(void **state)
{
	const struct text_row *row = *state;
	struct tune_error e = { 0 };
	int err = tune_when_check(row->text, &e);

	look_at(row, err, &e);
}

/* --- conditions ------------------------------------------------------------------- */

#define NAMES40 "a23456789 b23456789 c23456789 d23456789 "

struct when_row {
	const char *name;
	tweak_fn tweaks[MAX_TWEAKS];
	const char *device, *when;
	int err;
	const char *want; /* all of what is said */
};

static const struct when_row when_rows[] = {
	{ "what is the same is not less",
	  { 0 },
	  NULL,
	  "ram < 16G",
	  -ENOENT,
	  "this host has 16384 MiB of memory (wanted: ram < 16G)" },
	{ "and at least as much", { 0 }, NULL, "ram >= 16G", 0, "" },
	{ "only what does not hold is shown",
	  { 0 },
	  NULL,
	  "ram < 2G, kernel >= 6.1",
	  -ENOENT,
	  "this host has 16384 MiB of memory (wanted: ram < 2G)" },
	{ "no more of it than 100",
	  { 0 },
	  "eth0",
	  "driver = " NAMES40 NAMES40 "e23456789 f23456789",
	  -ENOENT,
	  "the driver is mlx5_core (wanted: driver = " NAMES40 NAMES40 "e23456789 f)" },
	{ "no driver is told",
	  { no_driver },
	  "eth0",
	  "driver = nfp",
	  -ENOENT,
	  "the driver is not known (wanted: driver = nfp)" },
	{ "there is no NIC",
	  { 0 },
	  "eth7",
	  "driver = nfp",
	  -ENOENT,
	  "the driver is not known (wanted: driver = nfp)" },
	{ "nodes that cannot be read",
	  { topology_denied },
	  NULL,
	  "numa-nodes = 1",
	  -ENODATA,
	  "the NUMA nodes are not known" },
	{ "nodes that nobody asked for",
	  { topology_not_asked },
	  NULL,
	  "numa-nodes = 1",
	  -ENODATA,
	  "the NUMA nodes are not known" },
	{ "a machine without nodes is one", { no_nodes }, NULL, "numa-nodes = 1", 0, "" },
	{ "two nodes",
	  { two_nodes },
	  NULL,
	  "numa-nodes < 2",
	  -ENOENT,
	  "this machine has 2 NUMA nodes (wanted: numa-nodes < 2)" },
	{ "a queue of another NIC does not count",
	  { queue_of_another },
	  "eth0/rx-0",
	  "rx-queues = 1",
	  0,
	  "" },
};

static void test_when(void **state)
{
	const struct when_row *row = *state;
	struct tune_error e = { 0 };
	struct facts f;
	const struct tune_about about = { .f = &f, .device = row->device };

	tweaked_facts(&f, row->tweaks);
	assert_int_equal(tune_when(row->when, &about, &e), row->err);
	assert_string_equal(e.why, row->want);
}

/* --- what it is now --------------------------------------------------------------- */

struct now_row {
	const char *name;
	tweak_fn tweaks[MAX_TWEAKS];
	const char *id, *device;
	int err;
	const char *want;
};

static const struct now_row now_rows[] = {
	{ "a switch that is on", { 0 }, "nic.adaptive-rx", "eth0", 0, "on" },
	{ "one that is off", { adaptive_off }, "nic.adaptive-rx", "eth0", 0, "off" },
	{ "the other one", { adaptive_off }, "nic.adaptive-tx", "eth0", 0, "off" },
	{ "one that is not there",
	  { adaptive_not_told },
	  "nic.adaptive-rx",
	  "eth0",
	  -ENOENT,
	  NULL },
	{ "that one neither",
	  { adaptive_not_told },
	  "nic.adaptive-tx",
	  "eth0",
	  -ENOENT,
	  NULL },
	{ "a number", { 0 }, "nic.rx-usecs", "eth0", 0, "8" },
	{ "the other one, out", { 0 }, "nic.tx-usecs", "eth0", 0, "16" },
	{ "not told", { usecs_not_told }, "nic.rx-usecs", "eth0", -ENOENT, NULL },
	{ "not told, out", { usecs_not_told }, "nic.tx-usecs", "eth0", -ENOENT, NULL },
	{ "a snapshot from before it was asked for",
	  { tuning_not_asked },
	  "nic.adaptive-rx",
	  "eth0",
	  -ENODATA,
	  NULL },
	{ "the last queue", { 0 }, "nic.rps-cpus", "eth0/rx-1", 0, "0" },
	{ "behind it", { one_rx }, "nic.rps-cpus", "eth0/rx-1", -ENOENT, NULL },
	{ "the last queue, out", { 0 }, "nic.xps-cpus", "eth0/tx-1", 0, "c" },
	{ "behind it, out", { one_tx }, "nic.xps-cpus", "eth0/tx-1", -ENOENT, NULL },
	{ "the last interrupt", { 0 }, "nic.irq-affinity", "eth0/irq-46", 0, "f" },
	{ "another", { one_irq }, "nic.irq-affinity", "eth0/irq-46", -ENOENT, NULL },
	{ "a governor", { 0 }, "cpu.governor", "policy0", 0, "powersave" },
	{ "that cannot be read",
	  { policy_denied },
	  "cpu.governor",
	  "policy0",
	  -EACCES,
	  NULL },
	{ "of no processor", { 0 }, "cpu.governor", "policy7", -ENOENT, NULL },
};

static void test_now(void **state)
{
	const struct now_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	const struct tunable *t = tunable_find(row->id);
	const char *got = NULL;
	struct facts f;

	tweaked_facts(&f, row->tweaks);
	assert_int_equal(t->value(&f, t, row->device, a, &got), row->err);
	if (row->want)
		assert_string_equal(got, row->want);
}

int main(void)
{
	const struct unit_set sets[] = {
		UNIT_ROWS("rule", rule_rows, test_rule),
		UNIT_ONE("rule/leaves no error", test_rule_leaves_no_error),
		UNIT_ROWS("is a rule", rule_texts, test_rule_text),
		UNIT_ROWS("is a condition", when_texts, test_when_text),
		UNIT_ROWS("when", when_rows, test_when),
		UNIT_ROWS("now", now_rows, test_now),
	};

	return unit_run("tune_rule", sets, ARRAY_SIZE(sets));
}
