/* SPDX-License-Identifier: MIT */
/* How each mechanism writes, and what it leaves in files. */
#include <errno.h>
#include <openssl/conf.h>
#include <openssl/ssl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../lib/tune/mech.h"
#include "scratch.h"

/* --- openssl.cnf ------------------------------------------------------------------ */

#define CNF "/etc/ssl/openssl.cnf"

struct cnf_row {
	const char *name, *text;
};

static const struct cnf_row cnf_rows[] = {
	{ "empty", "" },
	{ "nothing of the chain", "# a remark\n[ req ]\ndefault_bits = 2048\n" },
	{ "an end without a newline",
	  "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nother = c\n[c]\nMinProtocol = TLSv1.2" },
	{ "an end within a line that goes on", "[ req ]\nx = a \\\n" },
	{ "as Debian has it",
	  "openssl_conf = openssl_init\n[openssl_init]\nssl_conf = ssl_sect\n"
	  "[ssl_sect]\nsystem_default = system_default_sect\n[system_default_sect]\n"
	  "MinProtocol = TLSv1.2\nCipherString = DEFAULT:@SECLEVEL=2\n" },
	{ "options of another kind",
	  "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
	  "Options = ServerPreference\n[d]\nx = y\n" },
	{ "switched off", "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n"
			  "[c]\nOptions = -KTLS\n" },
	{ "a section that is there already",
	  "[ktlsctl_default]\nMinProtocol = TLSv1.2\n" },
	{ "Windows' ends of lines",
	  "openssl_conf = a\r\n[a]\r\nssl_conf = b\r\n[b]\r\nsystem_default = c\r\n[c]\r\nMinProtocol = TLSv1.2\r\n" },
};

/* What libssl itself makes of the file, in a process of its own. */
static bool is_on_for_libssl(const char *path)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		SSL_CTX *ctx;

		if (CONF_modules_load_file(path, NULL, 0) <= 0)
			_exit(2);
		ctx = SSL_CTX_new(TLS_method());
		_exit(ctx && SSL_CTX_get_options(ctx) & SSL_OP_ENABLE_KTLS ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 2);
	return WEXITSTATUS(status);
}

static void test_cnf(void **state)
{
	const struct cnf_row *row = *state;
	const struct mech_key k = { tunable_find("openssl.ktls"), "openssl.ktls", NULL,
				    NULL };
	const struct mechanism *m = mechanism_of(k.tunable);
	cleanup_free char *with = NULL, *after = NULL;
	cleanup_arena struct arena *a = NULL;
	const char *now;
	struct scratch s;

	need_roots();
	a = arena_new();
	scratch_make(&s);
	temp_write(&s.t, CNF, row->text);
	assert_false(is_on_for_libssl(temp_path(&s.t, CNF)));
	assert_int_equal(m->write(s.h, &k, "on"), 0);
	with = temp_read(&s.t, CNF);
	assert_memory_equal(with, row->text, strlen(row->text));
	assert_true(is_on_for_libssl(temp_path(&s.t, CNF)));
	assert_int_equal(tune_read(s.h, &k, a, &now), 0);
	assert_string_equal(now, "on");
	assert_int_equal(m->write(s.h, &k, "off"), 0);
	after = temp_read(&s.t, CNF);
	assert_string_equal(after, row->text);
	assert_int_equal(m->write(s.h, &k, "off"), -ESTALE);
	scratch_remove(&s);
}

/* What somebody writes before and behind the block stays; without it nothing is cut. */
static void test_cnf_edited(void **state)
{
	const struct mech_key k = { tunable_find("openssl.ktls"), "openssl.ktls", NULL,
				    NULL };
	const struct mechanism *m = mechanism_of(k.tunable);
	cleanup_free char *with = NULL, *longer = NULL, *after = NULL;
	struct scratch s;

	(void)state;
	need_roots();
	scratch_make(&s);
	temp_write(&s.t, "/etc/real.cnf", "x = y\n");
	temp_link(&s.t, "../real.cnf", CNF);
	assert_int_equal(m->write(s.h, &k, "on"), 0);
	with = temp_read(&s.t, "/etc/real.cnf");
	assert_true(asprintf(&longer, "before = 1\n%sbehind = 2\n", with) > 0);
	temp_write(&s.t, "/etc/real.cnf", longer);
	assert_int_equal(m->write(s.h, &k, "off"), 0);
	after = temp_read(&s.t, "/etc/real.cnf");
	assert_string_equal(after, "before = 1\nx = y\nbehind = 2\n");
	scratch_remove(&s);
}

/* --- sysfs ------------------------------------------------------------------------ */

struct sysfs_row {
	const char *name, *id, *device, *value, *path, *want;
	int err;
};

static const struct sysfs_row sysfs_rows[] = {
	{ "RPS", "nic.rps-cpus", "eth0/rx-1", "f",
	  "/sys/class/net/eth0/queues/rx-1/rps_cpus", "f", 0 },
	{ "XPS", "nic.xps-cpus", "eth0/tx-0", "ff00000000",
	  "/sys/class/net/eth0/queues/tx-0/xps_cpus", "ff,00000000", 0 },
	{ "a mask of many words", "nic.rps-cpus", "eth0/rx-0", "1000000000000000f",
	  "/sys/class/net/eth0/queues/rx-0/rps_cpus", "1,00000000,0000000f", 0 },
	{ "an interrupt", "nic.irq-affinity", "eth0/irq-45", "3",
	  "/proc/irq/45/smp_affinity", "3", 0 },
	{ "governor", "cpu.governor", "policy0", "performance",
	  "/sys/devices/system/cpu/cpufreq/policy0/scaling_governor", "performance", 0 },
	{ "preference", "cpu.energy-preference", "policy4", "performance",
	  "/sys/devices/system/cpu/cpufreq/policy4/energy_performance_preference",
	  "performance", 0 },
	{ "no such queue", "nic.rps-cpus", "eth9/rx-0", "f",
	  "/sys/class/net/eth9/queues/rx-0/rps_cpus", NULL, -ENOENT },
};

static void test_sysfs(void **state)
{
	const struct sysfs_row *row = *state;
	const struct mech_key k = { tunable_find(row->id), row->id, row->device, NULL };
	cleanup_free char *text = NULL;
	struct scratch s;

	need_roots();
	scratch_make(&s);
	if (row->want)
		temp_write(&s.t, row->path, "before\n");
	assert_int_equal(mechanism_of(k.tunable)->write(s.h, &k, row->value), row->err);
	text = temp_read(&s.t, row->path);
	if (row->want)
		assert_string_equal(text, row->want);
	else
		assert_null(text);
	scratch_remove(&s);
}

/* --- the unit --------------------------------------------------------------------- */

#define WANTS UNIT_FOLDER "/ktlsctl-tune.service"

static bool has_line(const char *text, const char *line)
{
	const char *p = strstr(text, line);

	return p && (p == text || p[-1] == '\n') && p[strlen(line)] == '\n';
}

static void test_unit(void **state)
{
	static const char *const keys[] = { "eth0/nic.tls-hw-tx-offload",
					    "eth0/rx-0/nic.rps-cpus" };
	struct mech_key k[2] = {
		{ tunable_find("nic.tls-hw-tx-offload"), keys[0], "eth0", NULL },
		{ tunable_find("nic.rps-cpus"), keys[1], "eth0/rx-0", NULL },
	};
	cleanup_arena struct arena *a = NULL;
	cleanup_free char *text = NULL, *left = NULL, *none = NULL;
	const char *value;
	char target[256] = "";
	struct scratch s;

	(void)state;
	need_roots();
	a = arena_new();
	scratch_make(&s);
	temp_mkdir(&s.t, UNIT_FOLDER);
	temp_link(&s.t, "/opt/100%/ktlsctl", "/proc/self/exe");
	assert_int_equal(unit_put(s.h, &k[0], "on"), 0);
	assert_int_equal(unit_put(s.h, &k[1], "f"), 0);
	text = temp_read(&s.t, UNIT_FILE);
	assert_non_null(text);
	assert_true(has_line(text, "ExecStart=-\"/opt/100%%/ktlsctl\" tune boot "
				   "\"eth0/nic.tls-hw-tx-offload=on\""));
	assert_true(has_line(text, "ExecStart=-\"/opt/100%%/ktlsctl\" tune boot "
				   "\"eth0/rx-0/nic.rps-cpus=f\""));
	assert_true(readlink(temp_path(&s.t, WANTS), target, sizeof(target) - 1) > 0);
	assert_string_equal(target, UNIT_FILE);
	assert_int_equal(unit_filed(s.h, &k[1], a, &value), 0);
	assert_string_equal(value, "f");
	/* The program has moved since: its line is found all the same. */
	assert_int_equal(unlink(temp_path(&s.t, "/proc/self/exe")), 0);
	temp_link(&s.t, "/usr/bin/ktlsctl", "/proc/self/exe");
	assert_int_equal(unit_put(s.h, &k[0], NULL), 0);
	left = temp_read(&s.t, UNIT_FILE);
	assert_false(has_line(left, "tls-hw-tx-offload"));
	assert_int_equal(unit_filed(s.h, &k[0], a, &value), -ENOENT);
	assert_int_equal(unit_put(s.h, &k[1], NULL), 0);
	none = temp_read(&s.t, UNIT_FILE);
	assert_null(none);
	assert_int_equal(readlink(temp_path(&s.t, WANTS), target, 1), -1);
	scratch_remove(&s);
}

/* A snapshot is not written to, whatever the mechanism. */
static void test_snapshot(void **state)
{
	static const char *const ids[] = { "net.ipv4.tcp_rmem",     "module.tls",
					   "nic.tls-hw-tx-offload", "nic.rps-cpus",
					   "nic.rx-ring",           "openssl.ktls" };
	static const char *const values[] = { "1 2 3", "on", "on", "f", "512", "on" };
	struct scratch s;
	struct host *h;

	(void)state;
	need_roots();
	scratch_make(&s);
	temp_write(&s.t, CNF, "");
	temp_link(&s.t, "/usr/bin/ktlsctl", "/proc/self/exe");
	assert_int_equal(host_open(&h, s.t.path), 0);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		const struct mech_key k = { tunable_find(ids[i]), ids[i], "eth0/rx-0",
					    NULL };
		const struct mechanism *m = mechanism_of(k.tunable);

		assert_int_equal(m->write(h, &k, values[i]), -EROFS);
		if (m->put)
			assert_int_equal(m->put(h, &k, values[i]), -EROFS);
	}
	host_close(h);
	scratch_remove(&s);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("openssl.cnf", cnf_rows, test_cnf),
		UNIT_ONE("openssl.cnf that somebody edits, behind a link",
			 test_cnf_edited),
		UNIT_ROWS("sysfs", sysfs_rows, test_sysfs),
		UNIT_ONE("the unit", test_unit),
		UNIT_ONE("a snapshot is never written to", test_snapshot),
	};

	return unit_run("tune_mech", sets, ARRAY_SIZE(sets));
}
