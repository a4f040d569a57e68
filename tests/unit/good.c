/* SPDX-License-Identifier: MIT */
#include "../../lib/facts/reader.h"
#include "good.h"

static const uint64_t table_date = 1795219200; /* of the list of defects */

#define OK_SOURCE(where_)                                                                \
	{                                                                                \
		.where = (where_), .err = 0                                              \
	}

static struct counter counters[] = {
	{ "TlsCurrTxSw", 0 },       { "TlsCurrRxSw", 0 },  { "TlsCurrTxDevice", 0 },
	{ "TlsCurrRxDevice", 0 },   { "TlsTxSw", 4 },      { "TlsRxSw", 3 },
	{ "TlsTxDevice", 0 },       { "TlsRxDevice", 0 },  { "TlsDecryptError", 0 },
	{ "TlsRxDeviceResync", 0 }, { "TlsTxRekeyOk", 0 }, { "TlsTxRekeyError", 0 },
};
static struct crypto_alg algs[] = {
	{ "gcm(aes)", "generic-gcm-aesni", "aesni_intel", 400, false, false, true, true },
	{ "gcm(aes)", "gcm-aes-lib", "aes", 110, false, false, true, true },
};
static struct cipher_module modules[] = {
	{ "AES-GCM", "gcm(aes)", "crypto-gcm", "gcm", true, false, false },
	{ "AES-CCM", "ccm(aes)", "crypto-ccm", "ccm", true, false, false },
	{ "ChaCha20-Poly1305", "rfc7539(chacha20,poly1305)", "crypto-rfc7539",
	  "chacha20poly1305", true, false, false },
};
static const char *boot_files[] = { "/etc/modules-load.d/tls.conf:1" };
static const struct nic good_interfaces[] = {
	{ .name = "eth0",
	  .ifindex = 2,
	  .kind = "",
	  .driver = "mlx5_core",
	  .up = true,
	  .speed_mbps = 25000,
	  .physical = true,
	  .bond_mode = "",
	  .bond_hash = "",
	  .pci = "15b3:101d",
	  .numa_node = 0,
	  .chosen = true },
	{ .name = "veth1",
	  .ifindex = 3,
	  .kind = "veth",
	  .driver = "",
	  .up = true,
	  .bond_mode = "",
	  .bond_hash = "",
	  .pci = "",
	  .numa_node = -1 },
};
/* Written to by tweaks, so filled anew each time; with room for more. */
static struct nic nics[6];
static const struct nic_feature good_features[] = {
	{ NIC_TLS_TX, true, true, true, false },
	{ NIC_TLS_RX, true, true, true, false },
	{ NIC_TX_CSUM, true, true, true, false },
	{ NIC_TX_CSUM_V4, false, false, false, true },
	{ NIC_TX_CSUM_V6, false, false, false, true },
	{ NIC_RX_CSUM, true, true, true, false },
};
static struct nic_feature features[ARRAY_SIZE(good_features)];
static const struct nic_settings good_settings[] = { {
	.name = "eth0",
	.features = features,
	.n_features = ARRAY_SIZE(good_features),
	.rx_ring = 1024,
	.rx_ring_max = 8192,
	.tx_ring = 1024,
	.tx_ring_max = 8192,
	.combined = 4,
	.combined_max = 4,
	.adaptive_rx = TRI_YES,
	.adaptive_tx = TRI_YES,
	.rx_usecs_told = true,
	.tx_usecs_told = true,
	.rx_usecs = 8,
	.tx_usecs = 16,
} };
static struct nic_settings settings[4];
static const struct counter good_nic_counters[] = {
	{ "tx_tls_ctx", 40 },
	{ "tx_tls_del", 36 },
	{ "tx_tls_encrypted_packets", 100000 },
	{ "tx_tls_encrypted_bytes", 140000000 },
	{ "tx_tls_ooo", 3 },
	{ "tx_tls_drop_no_sync_data", 0 },
	{ "tx_tls_drop_bypass_req", 0 },
	{ "rx_tls_ctx", 0 },
};
static struct counter nic_counters[ARRAY_SIZE(good_nic_counters)];
static const struct nic_stats good_stats[] = { { "eth0", 0, "mlx5_core", "22.35.1012",
						 nic_counters,
						 ARRAY_SIZE(good_nic_counters) } };
static struct nic_stats stats[4];
static const struct numa_node good_nodes[] = { { 0, "0-3" } };
static struct numa_node nodes[4];
static const struct tls_library good_nginx_libraries[] = {
	{ TLS_OPENSSL, "/usr/lib/x86_64-linux-gnu/libssl.so.3", "3.5.7", false, TRI_YES,
	  "mapped" },
};
static struct tls_library nginx_libraries[4];
static const struct program good_programs[] = { {
	.comm = "nginx",
	.exe = "/usr/sbin/nginx",
	.pid = 812,
	.processes = 5,
	.same_netns = TRI_YES,
	.same_userns = TRI_YES,
	.same_root = TRI_YES,
	.libraries = nginx_libraries,
	.n_libraries = 1,
	.conf = { .app = "nginx",
		  .version = "1.28.0",
		  .file = "/etc/nginx/nginx.conf",
		  .tls = true,
		  .ktls = CNF_ON,
		  .at = "/etc/nginx/nginx.conf:31",
		  .sendfile = true },
} };
static struct program programs[4];
static struct libssl_copy copies[] = {
	{ "/usr/lib/x86_64-linux-gnu/libssl.so.3", "3.5.7", true, TRI_YES },
};

static const struct nic_mask good_rx[] = { { "eth0/rx-0", 0, "0" },
					   { "eth0/rx-1", 0, "0" } };
static const struct nic_mask good_tx[] = { { "eth0/tx-0", 0, "3" },
					   { "eth0/tx-1", 0, "c" } };
static const struct nic_mask good_irqs[] = { { "eth0/irq-45", 0, "1" },
					     { "eth0/irq-46", 0, "f" } };
static const struct cpu_policy good_policies[] = {
	{ "policy0", 0, "powersave", "performance powersave", "performance",
	  "default performance balance_performance balance_power power" },
};
static struct nic_mask rx[2], tx[2], irqs[2];
static struct cpu_policy policies[1];

static void refill(void)
{
	memcpy(nics, good_interfaces, sizeof(good_interfaces));
	memcpy(features, good_features, sizeof(good_features));
	memcpy(settings, good_settings, sizeof(good_settings));
	memcpy(nic_counters, good_nic_counters, sizeof(good_nic_counters));
	memcpy(stats, good_stats, sizeof(good_stats));
	memcpy(nodes, good_nodes, sizeof(good_nodes));
	memcpy(nginx_libraries, good_nginx_libraries, sizeof(good_nginx_libraries));
	memcpy(programs, good_programs, sizeof(good_programs));
	memcpy(rx, good_rx, sizeof(rx));
	memcpy(tx, good_tx, sizeof(tx));
	memcpy(irqs, good_irqs, sizeof(irqs));
	memcpy(policies, good_policies, sizeof(policies));
}

static void good_kernel(struct facts *f)
{
	f->kernel = (struct kernel_facts){
		OK_SOURCE("uname"), "7.3.4+deb14-amd64", "x86_64", 4096, "", "7.3.4", 7, 3
	};
	f->kconfig.src = (struct source)OK_SOURCE("/boot/config-7.3.4+deb14-amd64");
	for (int i = 0; i < KOPT_COUNT; i++)
		f->kconfig.opt[i] = i == KOPT_TLS ? KOPT_M : KOPT_Y;
	f->module = (struct module_facts){
		.src = OK_SOURCE("/proc/modules"),
		.loaded = true,
		.builtin = TRI_NO,
		.tree_present = true,
		.ko = "/lib/modules/7.3.4+deb14-amd64/kernel/net/tls/tls.ko.xz",
		.disabled = TRI_NO,
		.modprobe = "/sbin/modprobe",
		.modprobe_exists = TRI_YES,
		.sig_enforce = TRI_NO,
		.lockdown = "none",
	};
	f->modprobe = (struct modprobe_facts){
		.src = OK_SOURCE("libkmod"),
		.resolves = true,
		.path = "/lib/modules/7.3.4+deb14-amd64/kernel/net/tls/tls.ko.xz",
		.signature = "unknown",
	};
	f->boot = (struct boot_facts){ OK_SOURCE("/etc/modules-load.d"), boot_files, 1 };
	f->ulp = (struct ulp_facts){ OK_SOURCE("/proc/sys/net/ipv4/tcp_available_ulp"),
				     true, "mptcp tls" };
	f->tls_stat = (struct tls_stat_facts){ OK_SOURCE("/proc/net/tls_stat"), true,
					       counters, ARRAY_SIZE(counters), 0 };
	f->crypto = (struct crypto_facts){ OK_SOURCE("/proc/crypto"), algs,
					   ARRAY_SIZE(algs) };
	f->cpu = (struct cpu_facts){ .src = OK_SOURCE("/proc/cpuinfo"),
				     .have = { [CPU_AES] = true, [CPU_PCLMULQDQ] = true },
				     .model = "" };
	f->fips.src = (struct source)OK_SOURCE("/proc/sys/crypto/fips_enabled");
	f->fips.present = true;
}

static void good_user(struct facts *f)
{
	f->os = (struct os_facts){ OK_SOURCE("/etc/os-release"), "debian", "", "13",
				   "Debian GNU/Linux 13 (trixie)" };
	f->ciphers = (struct ciphers_facts){ OK_SOURCE("libkmod"), modules,
					     ARRAY_SIZE(modules) };
	f->caller = (struct caller_facts){
		.src = OK_SOURCE("/proc/self/status"),
		.net_admin = true,
		.sys_module = true,
		.initial_userns = true,
		.initial_others = true,
		.initial_netns = TRI_YES,
	};
	f->container.src = (struct source)OK_SOURCE("/proc/self/mountinfo");
	f->container.kind = "";
	f->openssl = (struct openssl_facts){
		.src = OK_SOURCE("libcrypto"),
		.version = "4.1.0",
		.header_version = "4.1.0",
		.library = "/usr/lib/x86_64-linux-gnu/libcrypto.so.4",
		.config_file = "/etc/ssl/openssl.cnf",
		.ktls_send = true,
		.ktls_receive = true,
	};
	f->openssl_cnf = (struct openssl_cnf_facts){
		.src = OK_SOURCE("/etc/ssl/openssl.cnf"),
		.present = true,
		.ktls = CNF_ON,
		.file = "/etc/ssl/openssl.cnf",
		.line = 7,
		.section = "tls_defaults",
	};
	f->libssl_copies = (struct libssl_copies_facts){ OK_SOURCE("library folders"),
							 copies, 1 };
	f->nics = (struct nics_facts){ OK_SOURCE("rtnetlink"), nics,
				       ARRAY_SIZE(good_interfaces) };
}

static struct sysctl_value setting(const char *text)
{
	struct sysctl_value v = { .text = text };

	parse_sysctl_value(span_of_text(text), &v);
	return v;
}

static void good_tuning(struct facts *f)
{
	static const char *const texts[SYSCTL_COUNT] = {
		[SYSCTL_RMEM_MAX] = "4194304",
		[SYSCTL_WMEM_MAX] = "4194304",
		[SYSCTL_TCP_RMEM] = "4096 131072 67108864",
		[SYSCTL_TCP_WMEM] = "4096 16384 67108864",
		[SYSCTL_TCP_MEM] = "381462 508616 762924",
		[SYSCTL_TCP_MODERATE_RCVBUF] = "1",
		[SYSCTL_TCP_WINDOW_SCALING] = "1",
		[SYSCTL_TCP_SLOW_START_AFTER_IDLE] = "0",
		[SYSCTL_TCP_CONGESTION_CONTROL] = "cubic",
		[SYSCTL_DEFAULT_QDISC] = "fq_codel",
		[SYSCTL_IO_URING_DISABLED] = "0",
		[SYSCTL_TCP_NOTSENT_LOWAT] = "4294967295",
		[SYSCTL_TCP_KEEPALIVE_TIME] = "7200",
		[SYSCTL_TCP_KEEPALIVE_INTVL] = "75",
		[SYSCTL_TCP_MAX_SYN_BACKLOG] = "2048",
		[SYSCTL_TCP_MTU_PROBING] = "0",
		[SYSCTL_TCP_AVAILABLE_CONGESTION_CONTROL] = "reno cubic",
		[SYSCTL_SOMAXCONN] = "4096",
		[SYSCTL_BUSY_POLL] = "0",
		[SYSCTL_BUSY_READ] = "0",
	};

	f->sysctl.src = (struct source)OK_SOURCE("/proc/sys");
	for (int i = 0; i < SYSCTL_COUNT; i++)
		f->sysctl.value[i] = setting(texts[i]);
	f->power = (struct power_facts){ OK_SOURCE("cpufreq"), "performance",
					 "intel_pstate", "performance" };
	f->tuners = (struct tuners_facts){ .src = OK_SOURCE("/run"),
					   .tuned_profile = "" };
}

static void good_nics(struct facts *f)
{
	f->ethtool = (struct ethtool_facts){ OK_SOURCE("ethtool netlink"), settings,
					     ARRAY_SIZE(good_settings) };
	f->nic_stats = (struct nic_stats_facts){ OK_SOURCE("ethtool ioctl"), stats,
						 ARRAY_SIZE(good_stats) };
	f->topology =
		(struct topology_facts){ .src = OK_SOURCE("/sys/devices/system/node"),
					 .nodes = nodes,
					 .n_nodes = ARRAY_SIZE(good_nodes) };
	f->tcp = (struct tcp_facts){ OK_SOURCE("/proc/net/snmp"), 4000000, 120 };
}

static void good_use(struct facts *f)
{
	f->mptcp = (struct mptcp_facts){ OK_SOURCE("/proc/net/protocols"), true, true,
					 0 };
	f->sockmap = (struct sockmap_facts){ OK_SOURCE("bpf"), 0 };
	f->consumers.src = (struct source)OK_SOURCE("/proc/self/mounts");
	f->programs = (struct programs_facts){ .src = OK_SOURCE("/proc"),
					       .programs = programs,
					       .n_programs = ARRAY_SIZE(good_programs),
					       .scanned = 120 };
	f->policy.src = (struct source)OK_SOURCE("/etc/ktlsctl");
	f->tuning = (struct tuning_facts){
		.src = OK_SOURCE("/sys, /proc"),
		.ram_bytes = 16ULL << 30,
		.netns_counted = TRI_YES,
		.policies = policies,
		.n_policies = ARRAY_SIZE(policies),
		.rx = rx,
		.n_rx = ARRAY_SIZE(rx),
		.tx = tx,
		.n_tx = ARRAY_SIZE(tx),
		.irqs = irqs,
		.n_irqs = ARRAY_SIZE(irqs),
	};
}

void set_sysctl(struct facts *f, enum sysctl_key key, const char *text)
{
	f->sysctl.value[key] = setting(text);
}

void good_facts(struct facts *f)
{
	*f = (struct facts){ .live = true, .time = table_date, .name = "host" };
	refill();
	good_kernel(f);
	good_user(f);
	good_tuning(f);
	good_nics(f);
	good_use(f);
}

void tweaked_facts(struct facts *f, const tweak_fn *tweaks)
{
	good_facts(f);
	for (size_t i = 0; i < MAX_TWEAKS && tweaks[i]; i++)
		tweaks[i](f);
}

static const struct {
	unsigned bit;
	size_t off, size;
} groups[] = {
#define GROUP(bit_, member_)                                                             \
	{                                                                                \
		FACT_##bit_, offsetof(struct facts, member_),                            \
			sizeof(((struct facts *)0)->member_)                             \
	}
	GROUP(OS, os),
	GROUP(KERNEL, kernel),
	GROUP(KCONFIG, kconfig),
	GROUP(MODULE, module),
	GROUP(MODPROBE, modprobe),
	GROUP(BOOT, boot),
	GROUP(ULP, ulp),
	GROUP(TLS_STAT, tls_stat),
	GROUP(CRYPTO, crypto),
	GROUP(CPU, cpu),
	GROUP(FIPS, fips),
	GROUP(CALLER, caller),
	GROUP(CONTAINER, container),
	GROUP(OPENSSL, openssl),
	GROUP(OPENSSL_CNF, openssl_cnf),
	GROUP(LIBSSL_COPIES, libssl_copies),
	GROUP(NICS, nics),
	GROUP(SYSCTL, sysctl),
	GROUP(POWER, power),
	GROUP(TUNERS, tuners),
	GROUP(ETHTOOL, ethtool),
	GROUP(NIC_STATS, nic_stats),
	GROUP(TOPOLOGY, topology),
	GROUP(TCP, tcp),
	GROUP(MPTCP, mptcp),
	GROUP(SOCKMAP, sockmap),
	GROUP(CONSUMERS, consumers),
	GROUP(PROGRAMS, programs),
	GROUP(POLICY, policy),
	GROUP(TUNING, tuning),
	GROUP(CIPHERS, ciphers),
};

void group_lost(struct facts *f, unsigned bit, int err)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		struct source *src = (struct source *)((char *)f + groups[i].off);
		const char *where = src->where;

		if (groups[i].bit != bit)
			continue;
		memset(src, 0, groups[i].size);
		if (err)
			*src = (struct source){ where ? where : "somewhere", err };
	}
	/* What readers fill in whatever happens. */
	if (bit == FACT_CONTAINER && err)
		f->container.kind = "";
}

void set_counters(struct facts *f, const struct counter *c)
{
	f->tls_stat.counters = (struct counter *)c;
	f->tls_stat.n_counters = 0;
	while (c[f->tls_stat.n_counters].name)
		f->tls_stat.n_counters++;
}

void unloaded(struct facts *f)
{
	f->module.loaded = false;
	f->ulp.tls = false;
	f->ulp.text = "mptcp";
	f->tls_stat.present = false;
	f->tls_stat.n_counters = 0;
}

void unprivileged(struct facts *f)
{
	f->caller.uid = 1000;
	f->caller.net_admin = f->caller.sys_module = false;
}

void without_tls(struct facts *f)
{
	unloaded(f);
	f->kconfig.opt[KOPT_TLS] = f->kconfig.opt[KOPT_TLS_DEVICE] = KOPT_N;
	f->module.ko = NULL;
	f->modprobe.resolves = false;
	f->modprobe.path = "";
}

void blacklisted(struct facts *f)
{
	static struct modprobe_line line = { "/etc/modprobe.d/tls.conf", 3, "blacklist",
					     "tls", "" };

	f->modprobe.blacklisted = true;
	f->modprobe.lines = &line;
	f->modprobe.n_lines = 1;
}

void no_openssl_ktls(struct facts *f)
{
	f->openssl.ktls_send = f->openssl.ktls_receive = false;
}

void openssl_3_0(struct facts *f)
{
	f->openssl.version = f->openssl.header_version = "3.0.22";
}

void option_off(struct facts *f)
{
	f->openssl_cnf.ktls = CNF_OFF;
}

void caller_unreadable(struct facts *f)
{
	group_lost(f, FACT_CALLER, -EACCES);
}

void in_use(struct facts *f)
{
	static const struct counter c[] = { { "TlsCurrTxSw", 1 },  { "TlsCurrRxSw", 2 },
					    { "TlsTxSw", 4 },      { "TlsRxSw", 3 },
					    { "TlsTxRekeyOk", 0 }, { NULL, 0 } };

	set_counters(f, c);
}

void never_used(struct facts *f)
{
	static const struct counter c[] = {
		{ "TlsCurrTxSw", 0 }, { "TlsTxSw", 0 }, { "TlsTxRekeyOk", 0 }, { NULL, 0 }
	};

	set_counters(f, c);
}

static void set_probe(struct facts *f, struct probe_cell cells[4])
{
	static const char *const versions[] = { "1.2", "1.3" };
	static const char *const directions[] = { "tx", "rx" };

	for (int i = 0; i < 4; i++)
		cells[i] = (struct probe_cell){ versions[i / 2],
						"aes-gcm-128",
						directions[i % 2],
						PROBE_WORKS,
						0,
						"",
						100 };
	f->probe = (struct probe_facts){ .src.where = "loopback",
					 .ulp = true,
					 .core = true,
					 .private_netns = true,
					 .cells = cells,
					 .n_cells = 4 };
}

void proved(struct facts *f)
{
	static struct probe_cell cells[4];

	set_probe(f, cells);
}

void probe_broken(struct facts *f)
{
	static struct probe_cell cells[4];

	set_probe(f, cells);
	cells[3].verdict = PROBE_BROKEN;
	cells[3].differed = "the data";
}

void in_docker(struct facts *f)
{
	f->container.kind = "docker";
	f->caller.initial_others = false;
}

void in_userns(struct facts *f)
{
	f->caller.initial_userns = false;
}

void no_offload_built(struct facts *f)
{
	f->kconfig.opt[KOPT_MLX5_EN_TLS] = KOPT_N;
}

void slow_aes(struct facts *f)
{
	f->crypto.algs = &algs[1];
	f->crypto.n_algs = 1;
}

const char *check_row_id(const void *row)
{
	return ((const struct check_row *)row)->check->id;
}

static bool in_outcomes(const struct check *c, const struct finding *f)
{
	for (const struct outcome *o = c->outcomes; o->meaning; o++)
		if (o->verdict == f->verdict &&
		    !strcmp(o->reason ? o->reason : c->id, f->reason))
			return true;
	return false;
}

/* The runner's own answer needs no row in the outcomes. */
static bool by_runner(const struct check *c, const struct finding *f)
{
	return f->verdict == VERDICT_UNKNOWN && !strcmp(f->reason, c->id);
}

static void look_at(const struct check *c, const struct finding *f)
{
	assert_string_equal(f->id, c->id);
	assert_string_equal(f->category, c->category);
	assert_true(*f->summary);
	if (!in_outcomes(c, f) && !by_runner(c, f))
		fail_msg("%s %s is not among the outcomes of %s",
			 verdict_words[f->verdict], f->reason, c->id);
	if (verdict_rank(f->verdict) > verdict_rank(VERDICT_INFO))
		assert_true(f->n_evidence > 0);
}

void test_check_row(void **state)
{
	const struct check_row *row = *state;
	const struct check *const table[] = { row->check, NULL };
	const char *reason = row->reason ? row->reason : row->check->id;
	cleanup_report struct report *r = NULL;
	bool found = false;
	struct facts f;

	tweaked_facts(&f, row->tweaks);
	r = checks_run(table, &f);
	assert_non_null(r);
	assert_true(r->n_findings > 0);
	for (size_t i = 0; i < r->n_findings; i++) {
		look_at(row->check, &r->findings[i]);
		found |= r->findings[i].verdict == row->verdict &&
			 !strcmp(r->findings[i].reason, reason);
	}
	if (!found || r->findings[0].verdict != row->verdict)
		fail_msg("%s %s instead of %s %s: %s",
			 verdict_words[r->findings[0].verdict], r->findings[0].reason,
			 verdict_words[row->verdict], reason, r->findings[0].summary);
}

static void take(struct notes *n, const struct finding *f)
{
	note(n, "%s\n", f->summary);
	for (size_t i = 0; i < f->n_evidence; i++)
		note(n, "%s: %s\n", f->evidence[i].where ? f->evidence[i].where : "",
		     f->evidence[i].saw);
	if (f->remedy)
		note(n, "%s: %s\n", f->remedy->action,
		     f->remedy->command ? f->remedy->command : "");
}

void test_said(void **state)
{
	const struct said_row *row = *state;
	const struct check *const table[] = { row->check, NULL };
	const bool no = row->said[0] == '!';
	cleanup_report struct report *r = NULL;
	struct notes n = { 0 };
	struct facts f;

	tweaked_facts(&f, row->tweaks);
	r = checks_run(table, &f);
	assert_non_null(r);
	for (size_t i = 0; i < r->n_findings; i++)
		take(&n, &r->findings[i]);
	if (!strstr(n.text, row->said + no) != no)
		fail_msg("'%s' in:\n%s", row->said, n.text);
}

static bool has_row(const struct check_row *rows, size_t n, const struct check *c,
		    const struct outcome *o)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].check == c && rows[i].verdict == o->verdict &&
		    !strcmp(rows[i].reason ? rows[i].reason : c->id,
			    o->reason ? o->reason : c->id))
			return true;
	return false;
}

void all_outcomes_have_rows(const struct check_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct check *c = rows[i].check;

		for (const struct outcome *o = c->outcomes; o->meaning; o++)
			if (!has_row(rows, n, c, o))
				fail_msg("%s: no row for %s %s", c->id,
					 verdict_words[o->verdict],
					 o->reason ? o->reason : c->id);
	}
}
