/* SPDX-License-Identifier: MIT */
/* What a snapshot may keep of a file: nothing that was not asked for, on its own line. */
#include "unit.h"

struct filter_row {
	const char *name;
	host_filter_fn filter;
	const char *in;
	const char *want; /* NULL: only what must not be there counts */
};

static const struct filter_row rows[] = {
	{ "kconfig keeps known options", filter_kconfig,
	  "#\n# Linux/x86 6.1.0\nCONFIG_TLS=m\nCONFIG_SECRET=\"x\"\n# CONFIG_INET is not "
	  "set\n",
	  "CONFIG_TLS=m\n# CONFIG_INET is not set\n" },
	{ "kconfig takes no longer name for a known one", filter_kconfig,
	  "CONFIG_TLS_TOE=y\nCONFIG_TLSX=y\n", "" },
	{ "kconfig without a final newline", filter_kconfig, "x\nCONFIG_TLS=y",
	  "CONFIG_TLS=y" },
	{ "kconfig of an empty file", filter_kconfig, "", "" },
	{ "kconfig of newlines", filter_kconfig, "\n\n\n", "" },
	{ "version forgets who built it", filter_version,
	  "Linux version 6.6.50 (who@where) (gcc) #1 SMP\n",
	  "Linux version 6.6.50 () (gcc) #1 SMP\n" },
	{ "version without brackets", filter_version, "Linux\n", "Linux\n" },
	{ "version that ends in the name", filter_version,
	  "Linux version 6.6 (hunter2@where", NULL },
	{ "modprobe keeps lines about tls", filter_modprobe,
	  "# why\nblacklist tls\nblacklist nouveau\nalias tcp-ulp-tls off\n",
	  "\nblacklist tls\n\nalias tcp-ulp-tls off\n" },
	{ "modprobe drops the arguments of install", filter_modprobe,
	  "install tls /bin/sh -c 'curl -u me:hunter2 http://x'\n",
	  "install tls /bin/sh\n" },
	{ "modprobe drops variables before the command", filter_modprobe,
	  "install tls PASSWORD=hunter2 /sbin/x\n", NULL },
	{ "modprobe keeps no options", filter_modprobe, "options tls key=hunter2\n", "" },
	{ "modprobe keeps no commented secret", filter_modprobe,
	  "#install tls hunter2\nblacklist tls\n", "\nblacklist tls\n" },
	{ "modprobe with tabs, blanks and CR", filter_modprobe, "\tblacklist\t tls \r\n",
	  "\tblacklist\t tls\n" },
	{ "boot keeps the line tls", filter_boot, "# tls\nloop\ntls\n", "\n\ntls\n" },
	{ "boot takes no part of a word", filter_boot, "nf_tls\ntlsx\ntls-x\n", "" },
	{ "cnf keeps the chain", filter_cnf,
	  "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
	  "Options = KTLS\n",
	  "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
	  "Options = KTLS\n" },
	{ "cnf drops everything else", filter_cnf,
	  "[req]\noutput_password = hunter2\nHOME = /home/me\n[ca]\n",
	  "[req]\n\n\n[ca]\n" },
	{ "cnf drops comments", filter_cnf, "# hunter2\nOptions = KTLS # hunter2\n",
	  "\nOptions = KTLS\n" },
	{ "cnf keeps includes", filter_cnf, "  .include /etc/x.cnf\n.include = /etc/y\n",
	  ".include /etc/x.cnf\n.include = /etc/y\n" },
	{ "os-release keeps four keys", filter_os_release,
	  "NAME=x\nID=debian\nBUG_REPORT_URL=http://x\nVERSION_ID=\"12\"\nID_LIKE=a\n"
	  "PRETTY_NAME=b\nMACHINE_ID=1234\n",
	  "\nID=debian\n\nVERSION_ID=\"12\"\nID_LIKE=a\nPRETTY_NAME=b\n\n" },
	{ "modules keeps tls", filter_modules,
	  "nf_tables 1 0\ntls 155648 0 - Live 0x0\nhunter2 1 0\n",
	  "\ntls 155648 0 - Live 0x0\n\n" },
	{ "cpuinfo keeps flags and model", filter_cpuinfo,
	  "processor\t: 0\nmodel name\t: M\nflags\t\t: aes\nSerial\t\t: 1234\n",
	  "\nmodel name\t: M\nflags\t\t: aes\n\n" },
	{ "cpuinfo of arm64", filter_cpuinfo, "Features\t: aes pmull\nSerial\t: 12\n",
	  "Features\t: aes pmull\n\n" },
	{ "mountinfo keeps mount points that mask", filter_mountinfo,
	  "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:5 /acme /proc/sys ro - proc proc "
	  "rw\n3 1 0:6 / /srv/acme rw - nfs acme:/x rw\n",
	  "\n/proc/sys\n\n" },
	{ "mountinfo drops what every host has", filter_mountinfo,
	  "1 0 0:5 / /sys/fs/cgroup rw - x x rw\n2 0 0:6 / /sys/kernel/debug rw - x x rw\n"
	  "3 0 0:7 / /proc/sys/fs/binfmt_misc rw - x x rw\n",
	  "" },
	{ "snmp keeps what TCP says", filter_snmp,
	  "Ip: 1\nTcp: OutSegs\nTcp: 5\nTcpExt: 1\n", "\nTcp: OutSegs\nTcp: 5\n\n" },
	{ "mountinfo with too few words", filter_mountinfo, "1 2 3 4\n", "" },
};

static struct bytes copied(const char *text)
{
	return (struct bytes){ strdup(text), strlen(text) };
}

static void test_row(void **state)
{
	const struct filter_row *row = *state;
	cleanup_bytes struct bytes b = copied(row->in);

	row->filter(&b);
	assert_int_equal(b.data[b.len], 0);
	if (row->want)
		assert_string_equal(b.data, row->want);
	assert_null(strstr(b.data, "hunter2"));
}

/* A snapshot is filtered when it is written and once more when it is read. */
static void test_again(void **state)
{
	const struct filter_row *row = *state;
	cleanup_bytes struct bytes b = copied(row->in);
	cleanup_free char *once = NULL;

	row->filter(&b);
	once = strdup(b.data);
	row->filter(&b);
	assert_string_equal(b.data, once);
}

static const host_filter_fn all[] = {
	filter_kconfig, filter_version,    filter_modprobe, filter_boot,      filter_cnf,
	filter_modules, filter_os_release, filter_cpuinfo,  filter_mountinfo, filter_snmp,
};

static void test_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct bytes none = { 0 };

		all[i](&none);
		assert_int_equal(none.len, 0);
	}
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("filter", rows, test_row),
		UNIT_ROWS("filter again", rows, test_again),
		UNIT_ONE("filter nothing at all", test_nothing),
	};

	return unit_run("filter", sets, ARRAY_SIZE(sets));
}
