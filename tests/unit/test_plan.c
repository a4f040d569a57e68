/* SPDX-License-Identifier: MIT */
/* What tune plans on which host. */
#include "../../lib/host/host.h"
#include "../../lib/tune/tune_priv.h"
#include "good.h"

#define RMEM             "net.ipv4.tcp_rmem"
#define SOMAX            "net.core.somaxconn"
#define IDLE             "net.ipv4.tcp_slow_start_after_idle"
#define LOWAT            "net.ipv4.tcp_notsent_lowat"
#define WISH(id_, more_) "[" id_ "]\nbecause = x\n" more_ "\n"

/* --- hosts ------------------------------------------------------------------------ */

static void default_rmem(struct facts *f)
{
	set_sysctl(f, SYSCTL_TCP_RMEM, "4096 131072 6291456");
}

static void no_speed(struct facts *f)
{
	f->nics.nics[0].speed_mbps = 0;
}

static void little_memory(struct facts *f)
{
	f->tuning.ram_bytes = 1ULL << 30;
}

static void memory_unknown(struct facts *f)
{
	f->tuning.ram_bytes = 0;
}

static void two_nodes(struct facts *f)
{
	f->topology.nodes[0].cpus = "0-1";
	f->topology.nodes[1] = (struct numa_node){ 1, "2-3" };
	f->topology.n_nodes = 2;
}

static void one_queue(struct facts *f)
{
	f->tuning.n_rx = 1;
}

static void one_pinned(struct facts *f)
{
	f->tuning.irqs[0].mask = "f";
}

static void one_processor(struct facts *f)
{
	f->topology.nodes[0].cpus = "2";
}

static void irqbalance(struct facts *f)
{
	f->tuners.irqbalance = true;
}

static void bpftune(struct facts *f)
{
	f->tuners.bpftune = true;
}

static void nm(struct facts *f)
{
	static const struct nm_setting ring = { "ring-rx", "512", "c.nmconnection", 7 };
	static struct nm_device device;

	device = (struct nm_device){ .ifindex = f->nics.nics[0].ifindex,
				     .managed = true,
				     .uuid = "1-2",
				     .settings = (struct nm_setting *)&ring,
				     .n_settings = 1 };
	f->tuners.network_manager = true;
	f->tuners.nm = &device;
	f->tuners.n_nm = 1;
}

static void nm_silent(struct facts *f)
{
	f->tuners.nm[0].settings = NULL;
	f->tuners.nm[0].n_settings = 0;
}

static void tuned(struct facts *f)
{
	f->tuners.tuned = true;
	f->tuners.tuned_profile = "mine";
	f->sysctl.value[SYSCTL_SOMAXCONN].tuned = "4096";
}

static void tuned_governs(struct facts *f)
{
	f->tuners.tuned = true;
	f->tuners.tuned_profile = "balanced";
	f->tuners.tuned_governor = "conservative|powersave";
}

static void in_a_file(struct facts *f)
{
	struct sysctl_value *v = &f->sysctl.value[SYSCTL_SOMAXCONN];

	v->file = "/etc/sysctl.d/90-db.conf";
	v->line = 3;
	v->file_value = "4096";
}

static void file_agrees(struct facts *f)
{
	f->sysctl.value[SYSCTL_SOMAXCONN].file_value = "08192";
}

static void now_more(struct facts *f)
{
	set_sysctl(f, SYSCTL_SOMAXCONN, "8192");
}

static void no_boot_file(struct facts *f)
{
	f->boot.n_files = 0;
}

static void built_in(struct facts *f)
{
	f->module.builtin = TRI_YES;
}

static void in_an_earlier_file(struct facts *f)
{
	f->sysctl.value[SYSCTL_SOMAXCONN].file = "/etc/sysctl.d/50-db.conf";
}

static void no_key(struct facts *f)
{
	f->sysctl.value[SYSCTL_SOMAXCONN] = (struct sysctl_value){ .err = -ENOENT,
								   .text = "" };
}

static void key_unreadable(struct facts *f)
{
	f->sysctl.value[SYSCTL_SOMAXCONN] = (struct sysctl_value){ .err = -EACCES,
								   .text = "" };
}

static void key_odd(struct facts *f)
{
	set_sysctl(f, SYSCTL_TCP_RMEM, "4096 131072");
}

static void sysctl_lost(struct facts *f)
{
	group_lost(f, FACT_SYSCTL, -EIO);
}

static void no_nics(struct facts *f)
{
	f->nics.n_nics = f->ethtool.n_nics = f->tuning.n_rx = f->tuning.n_irqs = 0;
}

static void made_of_others(struct facts *f)
{
	f->nics.nics[0].physical = false;
}

static void not_chosen(struct facts *f)
{
	f->nics.nics[0].chosen = false;
}

static void nics_unknown(struct facts *f)
{
	no_nics(f);
	f->nics.src.err = -EPERM;
}

static void tx_offload_off(struct facts *f)
{
	((struct nic_feature *)f->ethtool.nics[0].features)[0].active = false;
	((struct nic_feature *)f->ethtool.nics[0].features)[0].wanted = false;
}

static void tx_offload_fixed(struct facts *f)
{
	tx_offload_off(f);
	((struct nic_feature *)f->ethtool.nics[0].features)[0].fixed = true;
}

static void not_loaded(struct facts *f)
{
	f->module.loaded = f->ulp.tls = f->tls_stat.present = false;
}

static void no_ko(struct facts *f)
{
	not_loaded(f);
	f->module.ko = NULL;
}

static void module_unknown(struct facts *f)
{
	not_loaded(f);
	f->module.src.err = -EACCES;
}

static void no_preference(struct facts *f)
{
	f->tuning.policies[0].preference = "";
}

static void no_cpufreq(struct facts *f)
{
	f->tuning.n_policies = 0;
}

static void cnf_off(struct facts *f)
{
	f->openssl_cnf.ktls = CNF_UNSET;
}

static void old_snapshot(struct facts *f)
{
	f->live = false;
	f->tuning = (struct tuning_facts){ 0 };
}

/* --- one plan --------------------------------------------------------------------- */

struct item_row {
	const char *name;
	tweak_fn tweaks[MAX_TWEAKS];
	const char *profile, *set, *only, *skip, *device;
	bool force, persist;
	/* "KEY state NOW>WANTED;" of each; then "why", and others where they matter. */
	const char *want;
};

#define LATER                                                                            \
	"/etc/sysctl.d/90-db.conf:3 is read after what --persist writes: the next boot " \
	"sets it to 4096"
#define BPFTUNES                                                                         \
	"bpftune adapts this key; once somebody else writes it, it stops doing so "      \
	"until it is started again, at the next boot"

#define NMS                                                                              \
	"NetworkManager (c.nmconnection:7) sets it to 512 whenever it brings the "       \
	"interface up"

static const struct item_row item_rows[] = {
	{ "a value",
	  { 0 },
	  WISH(SOMAX, "value = 8192"),
	  .want = SOMAX " change 4096>8192;" },
	{ "right already",
	  { 0 },
	  WISH(SOMAX, "value = 4096"),
	  .want = SOMAX " right 4096>4096;" },
	{ "a higher value is kept",
	  { 0 },
	  WISH(SOMAX, "value = 1024"),
	  .want = SOMAX " right 4096>4096;" },
	{ "but where it may be lowered",
	  { 0 },
	  WISH(SOMAX, "value = 1024\nmay_lower = y"),
	  .want = SOMAX " change 4096>1024;" },
	{ "a switch knows no higher",
	  { 0 },
	  WISH(IDLE, "value = 0"),
	  .want = IDLE " right 0>0;" },
	{ "kept number by number",
	  { default_rmem },
	  WISH(RMEM, "value = 8192 65536 33554432"),
	  .want = RMEM " change 4096 131072 6291456>8192 131072 33554432;" },
	{ "off is lower than nothing",
	  { 0 },
	  WISH("nic.tls-hw-tx-offload", "value = off"),
	  .want = "eth0/nic.tls-hw-tx-offload change on>off;" },

	/* 25 Gbit/s x 20 ms are 62500000 bytes, in whole MiB 60. */
	{ "what is in flight",
	  { default_rmem },
	  WISH(RMEM, "rule = keep keep bdp:20ms"),
	  .want = RMEM " change 4096 131072 6291456>4096 131072 62914560;" },
	{ "10 Gbit/s where none is told",
	  { default_rmem, no_speed },
	  WISH(RMEM, "rule = keep keep bdp:20ms"),
	  .want = RMEM " change 4096 131072 6291456>4096 131072 25165824;" },
	{ "bounded by the memory",
	  { default_rmem, little_memory },
	  WISH(RMEM, "rule = keep keep bdp:20ms\nmax = 1G ram/64"),
	  .want = RMEM " change 4096 131072 6291456>4096 131072 16777216;" },
	{ "bounded by a number",
	  { default_rmem },
	  WISH(RMEM, "rule = keep keep bdp:20ms\nmax = 32M"),
	  .want = RMEM " change 4096 131072 6291456>4096 131072 33554432;" },
	{ "at least",
	  { default_rmem },
	  WISH(RMEM, "rule = keep keep bdp:1ms\nmin = 8M"),
	  .want = RMEM " change 4096 131072 6291456>4096 131072 8388608;" },
	{ "bounded by the table",
	  { default_rmem },
	  WISH(RMEM, "rule = keep keep bdp:10000ms"),
	  .want = RMEM " change 4096 131072 6291456>4096 131072 1073741824;" },
	{ "memory that is not known bounds nothing",
	  { default_rmem, memory_unknown },
	  WISH(RMEM, "rule = keep keep bdp:20ms\nmax = ram/64"),
	  .want = RMEM " change 4096 131072 6291456>4096 131072 62914560;" },
	{ "a share of it is unknown",
	  { memory_unknown },
	  WISH(RMEM, "rule = keep keep ram/64"),
	  .want = RMEM " unknown 4096 131072 67108864>;the memory is not known" },
	{ "never falling",
	  { default_rmem },
	  WISH(RMEM, "rule = keep keep 64K\nmay_lower = y"),
	  .want = RMEM " change 4096 131072 6291456>4096 131072 131072;" },
	{ "what it should be is not",
	  { key_odd },
	  WISH(RMEM, "rule = keep keep bdp:20ms"),
	  .want = RMEM " unknown >;it cannot be read: Bad message" },
	{ "the most of a ring",
	  { 0 },
	  WISH("nic.rx-ring", "rule = max"),
	  .want = "eth0/nic.rx-ring change 1024>8192;" },
	{ "no more than",
	  { 0 },
	  WISH("nic.rx-ring", "rule = max\nmax = 4096"),
	  .want = "eth0/nic.rx-ring change 1024>4096;" },

	{ "near",
	  { two_nodes },
	  WISH("nic.irq-affinity", "rule = near"),
	  .want = "eth0/irq-45/nic.irq-affinity right 1>1;"
		  "eth0/irq-46/nic.irq-affinity change f>3;" },
	{ "near on one node",
	  { 0 },
	  WISH("nic.rps-cpus", "rule = near"),
	  .device = "eth0",
	  .want = "eth0/rx-0/nic.rps-cpus change 0>f;eth0/rx-1/nic.rps-cpus change 0>f;" },
	{ "nobody else near",
	  { one_queue, one_processor },
	  WISH("nic.rps-cpus", "rule = near"),
	  .want = "eth0/rx-0/nic.rps-cpus not_applicable 0>;one processor is near the "
		  "NIC" },
	{ "of one of its queues",
	  { 0 },
	  NULL,
	  .set = "eth0/tx-1/nic.xps-cpus=8",
	  .want = "eth0/tx-1/nic.xps-cpus change c>8;" },
	{ "of all of them",
	  { 0 },
	  NULL,
	  .set = "eth0/nic.xps-cpus=1",
	  .want = "eth0/tx-0/nic.xps-cpus change 3>1;eth0/tx-1/nic.xps-cpus change "
		  "c>1;" },
	{ "irqbalance is there",
	  { two_nodes, irqbalance },
	  WISH("nic.irq-affinity", "rule = near"),
	  .only = "eth0/irq-46",
	  .want = "eth0/irq-45/nic.irq-affinity skipped 1>1;left out by --only or --skip "
		  "owner=irqbalance"
		  "eth0/irq-46/nic.irq-affinity refused f>3;irqbalance runs and moves "
		  "interrupts as it sees fit: give it a policy script, or stop it "
		  "owner=irqbalance" },
	{ "--force",
	  { two_nodes, irqbalance },
	  WISH("nic.irq-affinity", "rule = near"),
	  .device = "eth0",
	  .skip = "eth0/irq-45",
	  .force = true,
	  .want = "eth0/irq-45/nic.irq-affinity skipped 1>1;left out by --only or --skip "
		  "owner=irqbalance"
		  "eth0/irq-46/nic.irq-affinity change f>3; owner=irqbalance "
		  "warning=irqbalance runs and moves interrupts as it sees fit: give it a "
		  "policy script, or stop it" },

	{ "a file sets it",
	  { in_a_file },
	  WISH(SOMAX, "value = 8192"),
	  .want = SOMAX " change 4096>8192; owner=/etc/sysctl.d/90-db.conf:3 "
			"boot=/etc/sysctl.d/90-db.conf:3 sets 4096 "
			"warning=" LATER "; --persist wants --force" },
	{ "a file goes before what is to last",
	  { in_a_file },
	  WISH(SOMAX, "value = 8192"),
	  .persist = true,
	  .want = SOMAX " refused 4096>8192;" LATER " owner=/etc/sysctl.d/90-db.conf:3 "
			"boot=/etc/sysctl.d/90-db.conf:3 sets 4096" },
	{ "a file, what is to last, and --force",
	  { in_a_file },
	  WISH(SOMAX, "value = 8192"),
	  .persist = true,
	  .force = true,
	  .want = SOMAX " change 4096>8192; owner=/etc/sysctl.d/90-db.conf:3 "
			"boot=/etc/sysctl.d/90-db.conf:3 sets 4096 warning=" LATER },
	{ "a file that says the same goes before nothing",
	  { in_a_file, file_agrees },
	  WISH(SOMAX, "value = 8192"),
	  .persist = true,
	  .want = SOMAX " change 4096>8192; boot=/etc/sysctl.d/90-db.conf:3 sets "
			"08192" },
	{ "a file goes before what is right, for now",
	  { now_more, in_a_file },
	  WISH(SOMAX, "value = 8192"),
	  .persist = true,
	  .want = SOMAX " right 8192>8192; boot=/etc/sysctl.d/90-db.conf:3 sets 4096 "
			"contested=" LATER },
	{ "an earlier file has it otherwise at the next boot",
	  { now_more, in_a_file, in_an_earlier_file },
	  WISH(SOMAX, "value = 8192"),
	  .want = SOMAX " right 8192>8192; boot=/etc/sysctl.d/50-db.conf:3 sets 4096 "
			"fleeting" },
	{ "a module that nobody loads at boot",
	  { no_boot_file },
	  WISH("module.tls", "value = on"),
	  .want = "module.tls right on>on; fleeting" },
	{ "a module that is loaded at boot",
	  { 0 },
	  WISH("module.tls", "value = on"),
	  .want = "module.tls right on>on;" },
	{ "a module that is built in",
	  { no_boot_file, built_in },
	  WISH("module.tls", "value = on"),
	  .want = "module.tls right on>on;" },
	{ "an earlier file, and what is to last",
	  { in_a_file, in_an_earlier_file },
	  WISH(SOMAX, "value = 8192"),
	  .persist = true,
	  .want = SOMAX " change 4096>8192; owner=/etc/sysctl.d/50-db.conf:3 "
			"boot=/etc/sysctl.d/50-db.conf:3 sets 4096" },
	{ "an earlier file",
	  { in_a_file, in_an_earlier_file },
	  WISH(SOMAX, "value = 8192"),
	  .want = SOMAX " change 4096>8192; owner=/etc/sysctl.d/50-db.conf:3 "
			"boot=/etc/sysctl.d/50-db.conf:3 sets 4096" },
	{ "tuned sets something else",
	  { tuned },
	  WISH(SOMAX, "value = 8192"),
	  .want = SOMAX " refused 4096>8192;tuned (mine) sets it to 4096, at every start "
			"owner=tuned (mine) boot=tuned (mine) sets 4096" },
	{ "and --force",
	  { tuned },
	  WISH(SOMAX, "value = 8192"),
	  .force = true,
	  .want = SOMAX " change 4096>8192; owner=tuned (mine) boot=tuned (mine) sets "
			"4096 warning=tuned (mine) sets it to 4096, at every start" },
	{ "tuned starts later than the file",
	  { tuned, in_a_file },
	  WISH(SOMAX, "value = 4096"),
	  .want = SOMAX " right 4096>4096; owner=tuned (mine) boot=tuned (mine) sets "
			"4096" },
	{ "tuned sets the governor",
	  { tuned_governs },
	  NULL,
	  .set = "cpu.governor=performance",
	  .want = "policy0/cpu.governor refused powersave>performance;tuned (balanced) "
		  "sets it to conservative|powersave, at every start "
		  "owner=tuned (balanced)" },
	{ "tuned sets another governor, and the preference is wished for",
	  { tuned_governs },
	  NULL,
	  .set = "cpu.energy-preference=power",
	  .want = "policy0/cpu.energy-preference change performance>power;" },
	{ "more than the memory bears",
	  { default_rmem, little_memory },
	  NULL,
	  .set = RMEM "=4096 131072 256M",
	  .want = RMEM " refused 4096 131072 6291456>4096 131072 268435456;a socket "
		       "could take more than 1/8 of the memory, 1024 MiB" },
	{ "as much as it bears",
	  { default_rmem, little_memory },
	  NULL,
	  .set = RMEM "=4096 131072 128M",
	  .want = RMEM " change 4096 131072 6291456>4096 131072 134217728;" },
	{ "more, and --force",
	  { default_rmem, little_memory },
	  NULL,
	  .set = RMEM "=4096 131072 256M",
	  .force = true,
	  .want = RMEM " change 4096 131072 6291456>4096 131072 268435456; warning=a "
		       "socket could take more than 1/8 of the memory, 1024 MiB" },
	{ "more, of a memory that is not known",
	  { default_rmem, memory_unknown },
	  NULL,
	  .set = RMEM "=4096 131072 256M",
	  .want = RMEM " change 4096 131072 6291456>4096 131072 268435456;" },
	{ "bpftune",
	  { default_rmem, bpftune },
	  NULL,
	  .set = RMEM "=4096 131072 8M",
	  .want = RMEM " change 4096 131072 6291456>4096 131072 8388608; "
		       "warning=" BPFTUNES "; --persist wants --force" },
	{ "bpftune, and what is to last",
	  { default_rmem, bpftune },
	  NULL,
	  .set = RMEM "=4096 131072 8M",
	  .persist = true,
	  .want = RMEM " refused 4096 131072 6291456>4096 131072 8388608;" BPFTUNES },

	{ "NetworkManager sets something else, for now",
	  { nm },
	  NULL,
	  .set = "eth0/nic.rx-ring=2048",
	  .want = "eth0/nic.rx-ring change 1024>2048; warning=" NMS
		  "; --persist wants --force" },
	{ "NetworkManager goes before what is to last",
	  { nm },
	  NULL,
	  .set = "eth0/nic.rx-ring=2048",
	  .persist = true,
	  .want = "eth0/nic.rx-ring refused 1024>2048;" NMS },
	{ "NetworkManager, and --force",
	  { nm },
	  NULL,
	  .set = "eth0/nic.rx-ring=2048",
	  .persist = true,
	  .force = true,
	  .want = "eth0/nic.rx-ring change 1024>2048; warning=" NMS },
	{ "NetworkManager sets the same",
	  { nm },
	  NULL,
	  .set = "eth0/nic.rx-ring=512",
	  .persist = true,
	  .want = "eth0/nic.rx-ring change 1024>512;" },
	{ "NetworkManager does not mention it",
	  { nm, nm_silent },
	  NULL,
	  .set = "eth0/nic.rx-ring=2048",
	  .persist = true,
	  .want = "eth0/nic.rx-ring change 1024>2048;" },

	{ "no such key",
	  { no_key },
	  WISH(SOMAX, "value = 8192"),
	  .want = SOMAX " not_applicable >8192;this kernel has no such key" },
	{ "not to be read",
	  { key_unreadable },
	  WISH(SOMAX, "value = 8192"),
	  .want = SOMAX " unknown >8192;it cannot be read: Permission denied" },
	{ "none to be read",
	  { sysctl_lost },
	  WISH(SOMAX, "value = 8192"),
	  .want = SOMAX " unknown >8192;it cannot be read: Input/output error" },
	{ "no NIC",
	  { no_nics },
	  WISH("nic.rx-ring", "rule = max"),
	  .want = "nic.rx-ring not_applicable >;no NIC of its own here" },
	{ "no queue",
	  { no_nics },
	  WISH("nic.rps-cpus", "rule = near"),
	  .want = "nic.rps-cpus not_applicable >;no NIC here has any" },
	{ "NICs not known",
	  { nics_unknown },
	  WISH("nic.rx-ring", "rule = max"),
	  .want = "nic.rx-ring unknown >;Operation not permitted" },
	{ "a NIC that is made of others",
	  { made_of_others },
	  WISH("nic.rx-ring", "rule = max"),
	  .want = "nic.rx-ring not_applicable >;no NIC of its own here" },
	{ "a NIC that nothing goes through",
	  { not_chosen },
	  WISH("nic.rx-ring", "rule = max"),
	  .want = "nic.rx-ring not_applicable >;no NIC of its own here" },
	{ "a NIC beside those that are there",
	  { 0 },
	  WISH("nic.rx-ring", "value = 2048"),
	  .set = "eth7/nic.rx-ring=512",
	  .want = "eth0/nic.rx-ring change 1024>2048;"
		  "eth7/nic.rx-ring not_applicable >512;there is no such interface" },
	{ "one that a profile names",
	  { 0 },
	  WISH("eth7/nic.rx-ring", "value = 512"),
	  .want = "eth7/nic.rx-ring not_applicable >512;there is no such interface" },
	{ "one that is named, and --device is another",
	  { 0 },
	  NULL,
	  .set = "eth7/nic.rx-ring=512",
	  .device = "eth0",
	  .want = "" },
	{ "another NIC",
	  { 0 },
	  NULL,
	  .set = "eth7/nic.rx-ring=512",
	  .want = "eth7/nic.rx-ring not_applicable >512;there is no such interface" },
	{ "a NIC made of nothing",
	  { 0 },
	  NULL,
	  .set = "nic.rx-ring=512",
	  .device = "veth1",
	  .want = "veth1/nic.rx-ring unknown >512;not all of it could be read" },
	{ "an old snapshot",
	  { old_snapshot },
	  WISH("nic.rps-cpus", "rule = near"),
	  .want = "nic.rps-cpus unknown >;this snapshot does not tell" },
	{ "offload is off",
	  { tx_offload_off },
	  WISH("nic.tls-hw-tx-offload", "value = on"),
	  .want = "eth0/nic.tls-hw-tx-offload change off>on;" },
	{ "offload is not there",
	  { tx_offload_fixed },
	  WISH("nic.tls-hw-tx-offload", "value = on"),
	  .want = "eth0/nic.tls-hw-tx-offload not_applicable >on;the NIC or its driver "
		  "cannot encrypt, or it cannot be switched" },

	{ "the module",
	  { not_loaded },
	  WISH("module.tls", "value = on"),
	  .want = "module.tls change off>on;" },
	{ "the module is there",
	  { 0 },
	  WISH("module.tls", "value = on"),
	  .want = "module.tls right on>on;" },
	{ "it is barred",
	  { not_loaded, blacklisted },
	  WISH("module.tls", "value = on"),
	  .want = "module.tls not_applicable off>on;it cannot be loaded here: ktlsctl "
		  "explain tls-module" },
	{ "it is not on the disk",
	  { no_ko },
	  WISH("module.tls", "value = on"),
	  .want = "module.tls not_applicable off>on;there is no tls module for this "
		  "kernel on the disk" },
	{ "it is not on the disk, and another switch",
	  { no_ko, tx_offload_off },
	  WISH("nic.tls-hw-tx-offload", "value = on"),
	  .want = "eth0/nic.tls-hw-tx-offload change off>on;" },
	{ "nobody knows",
	  { module_unknown },
	  WISH("module.tls", "value = on"),
	  .want = "module.tls unknown >on;it cannot be read: Permission denied" },
	{ "a kernel without",
	  { without_tls },
	  WISH("module.tls", "value = on"),
	  .want = "module.tls not_applicable >on;this kernel was built without TLS" },

	{ "the preference counts",
	  { 0 },
	  WISH("cpu.governor", "value = performance\nwhen = cpu-preference = no"),
	  .want = "policy0/cpu.governor not_applicable powersave>performance;the hardware takes an "
		  "energy preference, which counts (wanted: cpu-preference = no)" },
	{ "where there is none",
	  { no_preference },
	  WISH("cpu.governor", "value = performance\nwhen = cpu-preference = no"),
	  .want = "policy0/cpu.governor change powersave>performance;" },
	{ "a word that this host has not",
	  { 0 },
	  NULL,
	  .set = "cpu.governor=schedutil",
	  .want = "policy0/cpu.governor not_applicable powersave>schedutil;this host has "
		  "performance powersave" },
	{ "no frequency scaling",
	  { no_cpufreq },
	  WISH("cpu.governor", "value = performance"),
	  .want = "cpu.governor not_applicable >performance;no frequency scaling here" },
	{ "openssl.ktls",
	  { cnf_off },
	  NULL,
	  .set = "openssl.ktls=on",
	  .want = "openssl.ktls change off>on; owner=/etc/ssl/openssl.cnf:7 "
		  "warning=reaches EVERY program that uses OpenSSL and reads this file, "
		  "from its next start on, clients too" },

	{ "a kernel that is old enough",
	  { 0 },
	  WISH(SOMAX, "value = 8192\nwhen = kernel < 6.0"),
	  .want = SOMAX
	  " not_applicable 4096>8192;this kernel is 7.3.4+deb14-amd64 (wanted: "
	  "kernel < 6.0)" },
	{ "all conditions hold",
	  { one_queue },
	  WISH("nic.rps-cpus", "rule = near\nwhen = kernel >= 6.1, ram >= 2G, driver = "
			       "nfp mlx5_core, rx-queues = 1, numa-nodes >= 1"),
	  .want = "eth0/rx-0/nic.rps-cpus change 0>f;" },
	{ "too little memory",
	  { little_memory },
	  WISH(SOMAX, "value = 8192\nwhen = ram >= 2G"),
	  .want = SOMAX
	  " not_applicable 4096>8192;this host has 1024 MiB of memory (wanted: "
	  "ram >= 2G)" },
	{ "memory not known",
	  { memory_unknown },
	  WISH(SOMAX, "value = 8192\nwhen = ram >= 2G"),
	  .want = SOMAX " unknown 4096>8192;the memory is not known" },
	{ "another driver",
	  { 0 },
	  WISH("nic.rx-ring", "rule = max\nwhen = driver = nfp"),
	  .want = "eth0/nic.rx-ring not_applicable 1024>;the driver is mlx5_core (wanted: "
		  "driver = nfp)" },
	{ "two queues",
	  { 0 },
	  WISH("nic.rps-cpus", "rule = near\nwhen = rx-queues = 1"),
	  .only = "eth0/rx-0",
	  .want = "eth0/rx-0/nic.rps-cpus not_applicable 0>;the NIC has 2 receive queues "
		  "(wanted: rx-queues = 1)"
		  "eth0/rx-1/nic.rps-cpus skipped 0>;left out by --only or --skip" },
	{ "one node",
	  { 0 },
	  WISH("nic.irq-affinity", "rule = near\nwhen = numa-nodes >= 2"),
	  .only = "nic",
	  .want = "eth0/irq-45/nic.irq-affinity not_applicable 1>;this machine has 1 NUMA "
		  "node (wanted: numa-nodes >= 2)"
		  "eth0/irq-46/nic.irq-affinity not_applicable f>;this machine has 1 NUMA "
		  "node (wanted: numa-nodes >= 2)" },

	{ "--set goes over the profile",
	  { 0 },
	  WISH(SOMAX, "value = 8192"),
	  .set = SOMAX "=2048",
	  .want = SOMAX " change 4096>2048;" },
	{ "--set of a rule",
	  { default_rmem },
	  NULL,
	  .set = RMEM "=keep keep bdp:1ms",
	  .want = RMEM " change 4096 131072 6291456>4096 131072 3145728;" },
	{ "the one with a device goes over the other",
	  { 0 },
	  WISH("eth0/nic.rx-ring", "value = 2048") WISH("nic.rx-ring", "value = 4096"),
	  .want = "eth0/nic.rx-ring change 1024>2048;" },
	{ "--only",
	  { 0 },
	  WISH(SOMAX, "value = 8192") WISH(IDLE, "value = 1"),
	  .only = "net.core",
	  .want = IDLE " skipped 0>1;left out by --only or --skip" SOMAX
		       " change 4096>8192;" },
	{ "--skip",
	  { 0 },
	  WISH(SOMAX, "value = 8192"),
	  .skip = SOMAX,
	  .want = SOMAX " skipped 4096>8192;left out by --only or --skip" },
	{ "a beginning that is none",
	  { 0 },
	  WISH(SOMAX, "value = 8192"),
	  .skip = "net.core.so",
	  .want = SOMAX " change 4096>8192;" },
};

static void note_item(struct notes *n, const struct tune_item *i)
{
	bool named = strncmp(i->boot, "the kernel's default", 20) &&
		     i->tunable->mechanism == MECH_SYSCTL;

	note(n, "%s %s %s>%s;%s", i->key, tune_state_words[i->state], i->now, i->wanted,
	     i->why);
	if (*i->owner)
		note(n, " owner=%s", i->owner);
	if (*i->boot && named)
		note(n, " boot=%s", i->boot);
	if (*i->warning)
		note(n, " warning=%s", i->warning);
	if (i->contested)
		note(n, " contested=%s", i->contested);
	if (i->fleeting)
		note(n, " fleeting");
}

/* NULL: there is none. */
static struct tune_profile *profile_of(const char *text)
{
	struct tune_profile *p = text ? tune_profile_new("p") : NULL;
	struct profile_text t = { .file = "f", .out = p };
	struct tune_error e = { 0 };

	if (p && tune_profile_parse(span_of_text(text), &t, &e))
		fail_msg("%s", e.why);
	return p;
}

static void test_plan(void **state)
{
	const struct item_row *row = *state;
	struct tune_profile *profile = profile_of(row->profile);
	const struct tune_query q = { .profile = profile,
				      .sets = &row->set,
				      .n_sets = row->set != NULL,
				      .only = &row->only,
				      .n_only = row->only != NULL,
				      .skip = &row->skip,
				      .n_skip = row->skip != NULL,
				      .device = row->device,
				      .force = row->force,
				      .persist = row->persist };
	struct tune_plan *p;
	struct notes n = { 0 };
	struct facts f;
	char why[512];

	tweaked_facts(&f, row->tweaks);
	assert_int_equal(tune_plan_make(&q, &f, &p, why, sizeof(why)), 0);
	tune_profile_free(profile); /* the plan lives on without it */
	for (size_t i = 0; i < p->n_items; i++)
		note_item(&n, &p->items[i]);
	assert_string_equal(n.text, row->want);
	tune_plan_free(p);
}

struct set_row {
	const char *name, *set, *want;
};

static const struct set_row set_rows[] = {
	{ "no key", "x=1", "unknown key 'x'" },
	{ "a key that is near", "net.core.somaxcon=1", "did you mean " SOMAX "?" },
	{ "out of range", SOMAX "=1", SOMAX ": '1' is out of range: 64 to 65535" },
	{ "no value", SOMAX, "'" SOMAX "' is not KEY=VALUE" },
	{ "an empty device", "/nic.rx-ring=512", "unknown key" },
	{ "a device for the host", "eth0/" SOMAX "=512", "unknown key" },
	{ "far", "nic.rps-cpus=far", "hexadecimal" },
};

static void test_set(void **state)
{
	const struct set_row *row = *state;
	const struct tune_query q = { .sets = &row->set, .n_sets = 1 };
	struct tune_plan *p;
	struct facts f;
	char why[512] = "";

	good_facts(&f);
	assert_int_equal(tune_plan_make(&q, &f, &p, why, sizeof(why)), -EINVAL);
	assert_null(p);
	tune_plan_free(p);
	if (!strstr(why, row->want))
		fail_msg("'%s' has no '%s'", why, row->want);
}

/* --- what is said of the whole ------------------------------------------------------ */

static void other_namespaces(struct facts *f)
{
	f->tuning.other_netns = 3;
}

static void some_not_seen(struct facts *f)
{
	f->tuning.other_netns = 2;
	f->tuning.netns_counted = TRI_NO;
}

static void none_seen(struct facts *f)
{
	f->tuning.netns_counted = TRI_NO;
}

struct whole_row {
	const char *name;
	tweak_fn tweaks[MAX_TWEAKS];
	const char *set, *want; /* want: "reboot|" and a part of the notes */
};

#define WHICH "net.ipv4.tcp_* and net.core.somaxconn are those of this network namespace"

static const struct whole_row whole_rows[] = {
	{ "alone", { 0 }, SOMAX "=8192", "|" WHICH ", the only one here\n" },
	{ "among others",
	  { other_namespaces },
	  SOMAX "=8192",
	  "|" WHICH "; 3 others keep what they have\n" },
	{ "not all seen",
	  { some_not_seen },
	  SOMAX "=8192",
	  "|" WHICH "; at least 2 others do not change (not all could be seen)\n" },
	{ "none seen",
	  { none_seen },
	  SOMAX "=8192",
	  "|" WHICH
	  "; whether there are others, which do not change, could not be seen\n" },
	{ "nobody looked",
	  { old_snapshot },
	  SOMAX "=8192",
	  "|" WHICH "; how many others there are, which do not change, is not known\n" },
	{ "a key of the host", { other_namespaces }, "net.core.busy_read=50", "|" },
	{ "nothing to change", { other_namespaces }, SOMAX "=4096", "|" },
	{ "at the next boot",
	  { 0 },
	  "net.core.default_qdisc=fq",
	  "reboot|net.core.default_qdisc holds for devices that are made later: those "
	  "there are get it after a reboot, if it lasts (--persist)\n" },
	{ "it has it already", { 0 }, "net.core.default_qdisc=fq_codel", "|" },
	{ "what no revert takes back",
	  { 0 },
	  "nic.rx-ring=2048",
	  "|not taken back by a revert: nic.rx-ring: most drivers stop the NIC for a "
	  "moment to change a ring\n" },
};

/* What somebody who applies at once has to be told first, too. */
static void test_before(void **state)
{
	static const char *const sets[] = { "nic.rx-ring=2048", SOMAX "=9000",
					    "nic.irq-affinity=3" };
	const struct tune_query q = { .sets = sets,
				      .n_sets = ARRAY_SIZE(sets),
				      .force = true };
	const tweak_fn tweaks[MAX_TWEAKS] = { two_nodes, tuned, irqbalance, one_pinned };
	struct tune_plan *p;
	struct notes n = { 0 };
	struct facts f;
	char why[512];

	(void)state;
	tweaked_facts(&f, tweaks);
	assert_int_equal(tune_plan_make(&q, &f, &p, why, sizeof(why)), 0);
	for (size_t i = 0; i < p->n_before; i++)
		note(&n, "%s\n", p->before[i]);
	assert_string_equal(
		n.text,
		"not taken back by a revert: nic.rx-ring: most drivers stop the NIC for "
		"a moment to change a ring\n" SOMAX
		": tuned (mine) sets it to 4096, at every start\n"
		"eth0/irq-45/nic.irq-affinity: irqbalance runs and moves interrupts as "
		"it sees fit: give it a policy script, or stop it\n");
	tune_plan_free(p);
}

static void test_whole(void **state)
{
	const struct whole_row *row = *state;
	const struct tune_query q = { .sets = &row->set, .n_sets = 1 };
	struct tune_plan *p;
	struct notes n = { 0 };
	struct facts f;
	char why[512];

	tweaked_facts(&f, row->tweaks);
	assert_int_equal(tune_plan_make(&q, &f, &p, why, sizeof(why)), 0);
	note(&n, "%s|", p->reboot_required ? "reboot" : "");
	for (size_t i = 0; i < p->n_notes; i++)
		note(&n, "%s\n", p->notes[i]);
	assert_string_equal(n.text, row->want);
	tune_plan_free(p);
}

/* --- what diagnose found ------------------------------------------------------------ */

struct fix_row {
	const char *name;
	tweak_fn tweaks[MAX_TWEAKS];
	const char *ids[2];
	const char *want;
};

static void idle_on(struct facts *f)
{
	set_sysctl(f, SYSCTL_TCP_SLOW_START_AFTER_IDLE, "1");
}

static void autotuning_off(struct facts *f)
{
	set_sysctl(f, SYSCTL_TCP_MODERATE_RCVBUF, "0");
}

static void middle_rmem(struct facts *f)
{
	set_sysctl(f, SYSCTL_TCP_RMEM, "4096 131072 33554432");
}

static const struct fix_row fix_rows[] = {
	{ "nothing was found", { 0 }, { 0 }, "" },
	{ "a buffer",
	  { default_rmem },
	  { 0 },
	  RMEM " change 4096 131072 6291456>4096 131072 62914560;check tcp-buffers " },
	{ "a buffer is not brought down to that",
	  { middle_rmem, little_memory },
	  { 0 },
	  RMEM " right 4096 131072 33554432>4096 131072 33554432;check tcp-buffers " },
	{ "a buffer that the memory bears",
	  { default_rmem, little_memory },
	  { 0 },
	  RMEM " change 4096 131072 6291456>4096 131072 16777216;check tcp-buffers " },
	{ "two things",
	  { default_rmem, autotuning_off },
	  { 0 },
	  RMEM " change 4096 131072 6291456>4096 131072 62914560;check tcp-buffers "
	       "net.ipv4.tcp_moderate_rcvbuf change 0>1;check tcp-autotuning " },
	{ "one of the two",
	  { default_rmem, autotuning_off },
	  { "tcp-autotuning" },
	  "net.ipv4.tcp_moderate_rcvbuf change 0>1;check tcp-autotuning " },
	{ "a matter of taste is not mended", { idle_on }, { 0 }, "" },
	{ "but where it is named",
	  { idle_on },
	  { "tcp-idle" },
	  IDLE " change 1>0;check tcp-idle " },
	{ "by category",
	  { idle_on, default_rmem },
	  { "tuning" },
	  RMEM " change 4096 131072 6291456>4096 131072 62914560;check tcp-buffers " IDLE
	       " change 1>0;check tcp-idle " },
	{ "one that was not found", { default_rmem }, { "tcp-idle" }, "" },
	{ "offload",
	  { tx_offload_off },
	  { 0 },
	  "eth0/nic.tls-hw-tx-offload change off>on;check nic-tls-offload " },
};

static void test_fix(void **state)
{
	const struct fix_row *row = *state;
	cleanup_report struct report *r = NULL;
	struct tune_query q = { 0 };
	struct tune_profile *wishes;
	struct tune_plan *p;
	struct notes n = { 0 };
	struct facts f;
	char why[512];

	tweaked_facts(&f, row->tweaks);
	r = checks_run(checks, &f);
	assert_int_equal(tune_profile_of(r, row->ids, row->ids[0] != NULL, &wishes), 0);
	q.profile = wishes;
	assert_int_equal(tune_plan_make(&q, &f, &p, why, sizeof(why)), 0);
	for (size_t i = 0; i < p->n_items; i++)
		note(&n, "%s %s %s>%s;%s ", p->items[i].key,
		     tune_state_words[p->items[i].state], p->items[i].now,
		     p->items[i].wanted, p->items[i].source);
	assert_string_equal(n.text, row->want);
	tune_plan_free(p);
	tune_profile_free(wishes);
}

/* Every key that a check names is one, and its value one of it. */
static void test_word_before_openssl(void **state)
{
	const char *set = "openssl.ktls=on";
	struct tune_query q = { .sets = &set, .n_sets = 1 };
	cleanup_report struct report *r = NULL;
	struct tune_plan *p;
	struct facts f;
	char why[512];
	bool told = false;

	(void)state;
	good_facts(&f);
	cnf_off(&f);
	/* This kernel cannot change keys, that OpenSSL wants to. */
	set_counters(&f, (const struct counter[]){ { "TlsTxSw", 1 }, { NULL, 0 } });
	r = checks_run(checks, &f);
	q.report = r;
	assert_int_equal(tune_plan_make(&q, &f, &p, why, sizeof(why)), 0);
	for (size_t i = 0; i < p->n_notes; i++)
		told |= strstr(p->notes[i], "(openssl-keyupdate)") != NULL;
	assert_true(told);
	tune_plan_free(p);
	q.report = NULL;
	assert_int_equal(tune_plan_make(&q, &f, &p, why, sizeof(why)), 0);
	assert_int_equal(p->n_notes, 1);
	assert_non_null(strstr(p->notes[0], "nobody diagnosed"));
	tune_plan_free(p);
}

/* --- what was applied is right -------------------------------------------------------
 */

/* What the mechanisms would do, done to the facts. */
static void set_masks(struct nic_mask *v, size_t n, const struct tune_item *i)
{
	for (size_t k = 0; k < n; k++)
		if (!strcmp(v[k].name, i->device))
			v[k].mask = i->wanted;
}

static void set_nic(struct facts *f, const struct tune_item *i)
{
	struct nic_settings *s = &f->ethtool.nics[0];
	const char *id = i->tunable->id + strlen("nic.");
	bool on = !strcmp(i->wanted, "on");

	assert_string_equal(s->name, i->device);
	for (size_t k = 0; k < s->n_features; k++)
		if (!strcmp(s->features[k].name, id))
			((struct nic_feature *)s->features)[k].active = on;
	if (!strcmp(id, "rx-ring"))
		s->rx_ring = strtoull(i->wanted, NULL, 10);
	if (!strcmp(id, "rx-usecs"))
		s->rx_usecs = strtoull(i->wanted, NULL, 10);
	if (!strcmp(id, "adaptive-rx"))
		s->adaptive_rx = on ? TRI_YES : TRI_NO;
}

static void apply(struct facts *f, const struct tune_item *i)
{
	struct tuning_facts *t = &f->tuning;

	switch (i->tunable->device) {
	case TUNE_HOST:
		if (i->tunable->mechanism == MECH_MODULE)
			f->module.loaded = true;
		else
			set_sysctl(f, sysctl_by_name(i->tunable->id), i->wanted);
		break;
	case TUNE_NIC:
		set_nic(f, i);
		break;
	case TUNE_RX_QUEUE:
		set_masks(t->rx, t->n_rx, i);
		break;
	case TUNE_TX_QUEUE:
		set_masks(t->tx, t->n_tx, i);
		break;
	case TUNE_IRQ:
		set_masks(t->irqs, t->n_irqs, i);
		break;
	case TUNE_CPU:
		if (strcmp(i->tunable->id, "cpu.governor"))
			t->policies[0].preference = i->wanted;
		else
			t->policies[0].governor = i->wanted;
		break;
	}
}

static unsigned next(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 8;
}

/* A host with any values; text keeps those of the sysctls. */
static void any_host(struct facts *f, unsigned *seed, char text[SYSCTL_COUNT][64])
{
	static const enum sysctl_key singles[] = {
		SYSCTL_TCP_MODERATE_RCVBUF,
		SYSCTL_TCP_WINDOW_SCALING,
		SYSCTL_TCP_SLOW_START_AFTER_IDLE,
		SYSCTL_TCP_NOTSENT_LOWAT,
		SYSCTL_TCP_KEEPALIVE_TIME,
		SYSCTL_TCP_MAX_SYN_BACKLOG,
		SYSCTL_SOMAXCONN,
		SYSCTL_BUSY_POLL,
		SYSCTL_BUSY_READ,
	};
	static const tweak_fn tweaks[] = { two_nodes, one_queue, no_preference,
					   not_loaded, tx_offload_off };

	good_facts(f);
	for (size_t i = 0; i < ARRAY_SIZE(tweaks); i++)
		if (next(seed) % 2)
			tweaks[i](f);
	for (size_t i = 0; i < ARRAY_SIZE(singles); i++) {
		unsigned max = i < 3 ? 2 : 70000;

		snprintf(text[singles[i]], 64, "%u", next(seed) % max);
		set_sysctl(f, singles[i], text[singles[i]]);
	}
	for (int key = SYSCTL_TCP_RMEM; key <= SYSCTL_TCP_WMEM; key++) {
		snprintf(text[key], 64, "%u\t%u\t%u", next(seed) % 9000,
			 9000 + next(seed) % 200000, 300000 + next(seed) % 99000000);
		set_sysctl(f, key, text[key]);
	}
	f->nics.nics[0].speed_mbps = next(seed) % 4 * 10000;
	f->tuning.ram_bytes = (uint64_t)(next(seed) % 65536) << 20;
	f->ethtool.nics[0].rx_ring = 64 + next(seed) % 8000;
	f->ethtool.nics[0].rx_usecs = next(seed) % 100;
	f->topology.nodes[0].cpus = next(seed) % 2 ? "0-3" : "1,64-65";
}

static size_t changes(const struct tune_plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_items; i++)
		n += p->items[i].state == TUNE_CHANGE;
	return n;
}

static void again(struct host *h, const char *name, unsigned seed)
{
	char text[SYSCTL_COUNT][64], why[512] = "";
	struct tune_query q = { 0 };
	struct tune_profile *profile;
	struct tune_plan *first, *second;
	struct facts f;

	any_host(&f, &seed, text);
	assert_int_equal(tune_profile_read(h, name, &profile, why, sizeof(why)), 0);
	q.profile = profile;
	assert_int_equal(tune_plan_make(&q, &f, &first, why, sizeof(why)), 0);
	for (size_t i = 0; i < first->n_items; i++)
		if (first->items[i].state == TUNE_CHANGE)
			apply(&f, &first->items[i]);
	assert_int_equal(tune_plan_make(&q, &f, &second, why, sizeof(why)), 0);
	for (size_t i = 0; i < second->n_items && changes(second); i++)
		if (second->items[i].state == TUNE_CHANGE)
			fail_msg("%s, seed %u: %s: %s, and then %s", name, seed,
				 second->items[i].key, second->items[i].now,
				 second->items[i].wanted);
	assert_int_equal(first->n_items, second->n_items);
	tune_plan_free(first);
	tune_plan_free(second);
	tune_profile_free(profile);
}

static void test_applied_is_right(void **state)
{
	cleanup_host struct host *h = NULL;

	(void)state;
	assert_int_equal(host_open(&h, NULL), 0);
	for (const struct builtin_profile *b = builtin_profiles; b->name; b++)
		for (unsigned seed = 1; seed <= 50; seed++)
			again(h, b->name, seed * 7919);
}

int main(void)
{
	const struct unit_set sets[] = {
		UNIT_ROWS("plan", item_rows, test_plan),
		UNIT_ROWS("set", set_rows, test_set),
		UNIT_ROWS("whole", whole_rows, test_whole),
		UNIT_ONE("said before all else", test_before),
		UNIT_ROWS("fix", fix_rows, test_fix),
		UNIT_ONE("openssl", test_word_before_openssl),
		UNIT_ONE("applied-is-right", test_applied_is_right),
	};

	return unit_run("plan", sets, ARRAY_SIZE(sets));
}
