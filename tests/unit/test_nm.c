/* SPDX-License-Identifier: MIT */
/* NetworkManager: what it says of interfaces, and the script that it runs for us. */
#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../lib/tune/mech.h"
#include "scratch.h"

/* --- its files -------------------------------------------------------------------- */

#define UUID "11111111-2222-3333-4444-555555555555"

struct file_row {
	const char *name, *device, *connection, *want; /* want "!": not its connection */
};

static const struct file_row file_rows[] = {
	{ "a connection",
	  "[device]\nmanaged=true\nconnection-uuid=" UUID "\nperm-hw-addr-fake=0:1:2\n",
	  "[connection]\nid=home\nuuid=" UUID "\n\n[ethtool]\nfeature-tso=false\n"
	  "ring-rx=512\n[ipv4]\nring-rx=1\n",
	  "managed feature-tso=false@6 ring-rx=512@7 " },
	{ "the uuid comes last", "[device]\nconnection-uuid=" UUID "\nmanaged=true\n",
	  "[ethtool]\ncoalesce-rx-usecs=5\nchannels-combined=4\npause-rx=1\n"
	  "[connection]\nuuid=" UUID "\n",
	  "managed coalesce-rx-usecs=5@2 channels-combined=4@3 " },
	{ "another connection", "[device]\nmanaged=true\nconnection-uuid=" UUID "\n",
	  "[connection]\nuuid=99999999-2222-3333-4444-555555555555\n[ethtool]\nring-rx=1\n",
	  "managed !" },
	{ "not managed", "[device]\nmanaged=false\nconnection-uuid=" UUID "\n",
	  "[connection]\nuuid=" UUID "\n", "" },
	{ "no connection", "[device]\nmanaged=true\n", "[connection]\nuuid=\n",
	  "managed !" },
	{ "nothing", "", "", "!" },
};

/* What is a secret, or somebody's name, is gone before anybody looks. */
static void expect_filtered(const char *text)
{
	struct bytes b = { strdup(text), strlen(text) };

	filter_nm(&b);
	assert_null(strstr(b.data, "home"));
	assert_null(strstr(b.data, "perm-hw"));
	free(b.data);
}

static void test_files(void **state)
{
	const struct file_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	struct nm_device d = { 0 };
	struct notes n = { 0 };
	int err;

	expect_filtered(row->device);
	expect_filtered(row->connection);
	assert_int_equal(parse_nm_device(span_of_text(row->device), a, &d), 0);
	err = parse_nm_connection(span_of_text(row->connection), "f", a, &d);
	note(&n, "%s%s", d.managed ? "managed " : "", err == -ENOENT ? "!" : "");
	for (size_t i = 0; i < d.n_settings; i++)
		note(&n, "%s=%s@%u ", d.settings[i].key, d.settings[i].value,
		     d.settings[i].line);
	assert_string_equal(n.text, row->want);
}

static const struct nm_device *device_of(const struct facts *f, uint64_t ifindex)
{
	for (size_t i = 0; i < f->tuners.n_nm; i++)
		if (f->tuners.nm[i].ifindex == ifindex)
			return &f->tuners.nm[i];
	return NULL;
}

#define ETC "/etc/NetworkManager/system-connections/"
#define RUN "/run/NetworkManager/"

static void test_read(void **state)
{
	const struct facts_query q = { .mask = FACT_TUNERS };
	cleanup_facts struct facts *f = NULL;
	const struct nm_device *d;
	struct scratch s;
	char why[256];

	(void)state;
	need_roots();
	scratch_make(&s);
	temp_write(&s.t, RUN "devices/2", file_rows[0].device);
	temp_write(&s.t, RUN "devices/3", "[device]\nmanaged=true\n");
	temp_write(&s.t, RUN "devices/x", "[device]\nmanaged=true\n");
	temp_write(&s.t, ETC "other.nmconnection", file_rows[2].connection);
	temp_write(&s.t, ETC "this.nmconnection", file_rows[0].connection);
	assert_int_equal(facts_read(s.h, &q, &f, why, sizeof(why)), 0);
	assert_true(f->tuners.network_manager);
	assert_int_equal(f->tuners.n_nm, 2);
	d = device_of(f, 2);
	assert_non_null(d);
	assert_int_equal(d->err, 0);
	assert_int_equal(d->n_settings, 2);
	assert_string_equal(d->settings[1].file, ETC "this.nmconnection");
	assert_int_equal(device_of(f, 3)->n_settings, 0);
	scratch_remove(&s);
}

/* --- the script ------------------------------------------------------------------- */

static struct mech_key key_of(const char *key, const char *device)
{
	return (struct mech_key){ tunable_find(strrchr(key, '/') + 1), key, device,
				  NM_FILE };
}

/* What the script has run, for an interface and what became of it. */
static char *run_script(const struct scratch *s, const char *interface, const char *what)
{
	cleanup_free char *path = strdup(temp_path(&s->t, NM_FILE));
	int status;
	pid_t pid;

	unlink(temp_path(&s->t, "/ran"));
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		execl(path, path, interface, what, NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return temp_read(&s->t, "/ran");
}

struct script_row {
	const char *interface, *what, *want; /* NULL: nothing is run */
};

static const struct script_row script_rows[] = {
	{ "eth0", "up",
	  "tune boot eth0/nic.rx-ring=512\ntune boot eth0/rx-0/nic.rps-cpus=f\n" },
	{ "eth0", "reapply",
	  "tune boot eth0/nic.rx-ring=512\ntune boot eth0/rx-0/nic.rps-cpus=f\n" },
	{ "eth1", "up", "tune boot eth1/nic.rx-ring=64\n" },
	{ "eth0", "down", NULL },
	{ "eth", "up", NULL },
	{ "*", "up", NULL },
	{ "", "connectivity-change", NULL },
};

static void test_script(void **state)
{
	static const struct {
		const char *key, *device, *value;
	} keys[] = { { "eth0/nic.rx-ring", "eth0", "512" },
		     { "eth1/nic.rx-ring", "eth1", "64" },
		     { "eth0/rx-0/nic.rps-cpus", "eth0/rx-0", "f" } };
	cleanup_free char *program = NULL, *text = NULL;
	struct scratch s;
	struct stat st;

	(void)state;
	need_roots();
	scratch_make(&s);
	temp_mkdir(&s.t, NM_FOLDER);
	program = strdup(temp_path(&s.t, "/a b/ktlsctl"));
	assert_true(asprintf(&text, "#!/bin/sh\necho \"$@\" >>'%s'\n",
			     temp_path(&s.t, "/ran")) > 0);
	temp_write(&s.t, "/a b/ktlsctl", text);
	assert_int_equal(chmod(program, 0755), 0);
	temp_link(&s.t, program, "/proc/self/exe");
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct mech_key k = key_of(keys[i].key, keys[i].device);

		assert_int_equal(unit_put(s.h, &k, keys[i].value), 0);
	}
	/* NetworkManager runs what root alone may write. */
	assert_int_equal(stat(temp_path(&s.t, NM_FILE), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	for (size_t i = 0; i < ARRAY_SIZE(script_rows); i++) {
		const struct script_row *row = &script_rows[i];
		cleanup_free char *ran = run_script(&s, row->interface, row->what);

		assert_string_equal(ran ? ran : "(nothing)",
				    row->want ? row->want : "(nothing)");
	}
	scratch_remove(&s);
}

/* What a shell makes more of than a name is no path to be run. */
static void test_odd_path(void **state)
{
	static const char *const paths[] = { "/a$(b)/ktlsctl", "/a`b`/ktlsctl",
					     "/a\"b/ktlsctl", "/a\\b/ktlsctl" };
	const struct mech_key k = key_of("eth0/nic.rx-ring", "eth0");

	(void)state;
	need_roots();
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct scratch s;

		scratch_make(&s);
		temp_mkdir(&s.t, NM_FOLDER);
		temp_link(&s.t, paths[i], "/proc/self/exe");
		assert_int_equal(unit_put(s.h, &k, "512"), -EINVAL);
		assert_int_equal(host_probe(s.h, NM_FILE), -ENOENT);
		scratch_remove(&s);
	}
}

/* Its own file, and nothing of it is left; the unit is another's. */
static void test_put(void **state)
{
	const struct mech_key k = key_of("eth0/nic.rx-ring", "eth0");
	struct mech_key unit = k;
	cleanup_arena struct arena *a = NULL;
	const char *value;
	struct scratch s;

	(void)state;
	need_roots();
	a = arena_new();
	scratch_make(&s);
	unit.file = UNIT_FILE;
	temp_mkdir(&s.t, NM_FOLDER);
	temp_link(&s.t, "/usr/bin/ktlsctl", "/proc/self/exe");
	assert_int_equal(unit_put(s.h, &k, "512"), 0);
	assert_int_equal(unit_filed(s.h, &k, a, &value), 0);
	assert_string_equal(value, "512");
	assert_int_equal(unit_filed(s.h, &unit, a, &value), -ENOENT);
	assert_int_equal(host_probe(s.h, UNIT_FILE), -ENOENT);
	temp_write(&s.t, NM_FOLDER "/.60-ktlsctl.ktlsctl", "half");
	assert_int_equal(unit_tidy(s.h, &k), 0);
	assert_int_equal(host_probe(s.h, NM_FOLDER "/.60-ktlsctl.ktlsctl"), -ENOENT);
	assert_int_equal(unit_put(s.h, &k, NULL), 0);
	assert_int_equal(host_probe(s.h, NM_FILE), -ENOENT);
	scratch_remove(&s);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("files", file_rows, test_files),
		UNIT_ONE("read", test_read),
		UNIT_ONE("the script runs what is the interface's", test_script),
		UNIT_ONE("a path that a shell would read", test_odd_path),
		UNIT_ONE("a line in its own file", test_put),
	};

	return unit_run("nm", sets, ARRAY_SIZE(sets));
}
