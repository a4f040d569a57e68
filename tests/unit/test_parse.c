/* SPDX-License-Identifier: MIT */
/* The parsers of the machine's small files, each row one text and what is made of it. */
#include <errno.h>
#include <zlib.h>

#include "unit.h"

struct parse_row {
	const char *name;
	const char *text;
	const char *want;
};

/* Every parser sees memory that ends where the text does. */
static void check(const struct parse_row *row, void (*tell)(struct span, struct notes *))
{
	cleanup_free char *copy = exact_copy(row->text, strlen(row->text));
	struct notes n = { 0 };

	tell(span(copy, strlen(row->text)), &n);
	assert_string_equal(n.text, row->want);
}

static const struct parse_row kconfig_rows[] = {
	{ "module", "CONFIG_TLS=m\n", "CONFIG_TLS=m " },
	{ "built in", "CONFIG_TLS=y\n", "CONFIG_TLS=y " },
	{ "not set", "# CONFIG_TLS is not set\n", "CONFIG_TLS=n " },
	{ "no longer name", "CONFIG_TLS_DEVICE=y\nCONFIG_TLS_TOE=y\n",
	  "CONFIG_TLS_DEVICE=y " },
	{ "no longer name that is off", "# CONFIG_TLS_DEVICE is not set\n",
	  "CONFIG_TLS_DEVICE=n " },
	{ "all that is looked at",
	  "CONFIG_INET=y\nCONFIG_MODULES=y\nCONFIG_MLX5_EN_TLS=y\n"
	  "# CONFIG_CHELSIO_TLS_DEVICE is not set\n",
	  "CONFIG_INET=y CONFIG_MLX5_EN_TLS=y CONFIG_CHELSIO_TLS_DEVICE=n " },
	{ "no final newline", "CONFIG_TLS=m", "CONFIG_TLS=m " },
	{ "CRLF", "CONFIG_TLS=m\r\n# CONFIG_INET is not set\r\n",
	  "CONFIG_INET=n CONFIG_TLS=m " },
	{ "cut behind the equals sign", "CONFIG_INET=y\nCONFIG_TLS=", "CONFIG_INET=y " },
	{ "cut in the comment", "CONFIG_INET=y\n# CONFIG_TLS is n", "CONFIG_INET=y " },
	{ "written as =n", "CONFIG_TLS=n\n", "CONFIG_TLS=n " },
	{ "a comment that looks alike", "# CONFIG_TLS=m\n#CONFIG_TLS=m\n", "nothing" },
	{ "the last line wins", "CONFIG_TLS=m\n# CONFIG_TLS is not set\n",
	  "CONFIG_TLS=n " },
	{ "empty", "", "nothing" },
	{ "another text", "<html>\nCONFIG_FOO=y\n", "nothing" },
};

static void tell_kconfig(struct span text, struct notes *n)
{
	static const char words[] = { '-', 'n', 'm', 'y' };
	struct kconfig_facts k = { 0 };
	int err = parse_kconfig(text, &k);

	for (int i = 0; i < KOPT_COUNT; i++)
		if (k.opt[i] != KOPT_ABSENT)
			note(n, "%s=%c ", kopt_name(i), words[k.opt[i]]);
	if (err == -EBADMSG && !n->len)
		note(n, "nothing");
}

static void test_kconfig(void **state)
{
	check(*state, tell_kconfig);
}

struct gzip_row {
	const char *name;
	size_t pad; /* bytes of other lines before CONFIG_TLS=m */
	int keep;   /* per cent of the compressed bytes */
	enum kopt_value inet, tls;
};

static const struct gzip_row gzip_rows[] = {
	{ "whole", 100, 100, KOPT_Y, KOPT_M },
	{ "cut before the end", 100000, 50, KOPT_Y, KOPT_ABSENT },
	{ "cut to the magic", 100, 1, KOPT_ABSENT, KOPT_ABSENT },
	{ "a bomb is cut", 3 << 20, 100, KOPT_Y, KOPT_ABSENT },
};

static struct bytes gzip_config(const struct gzip_row *row)
{
	z_stream z = { 0 };
	size_t len = row->pad + 64;
	cleanup_free char *text = calloc(1, len);
	struct bytes b = { malloc(len + 1024), 0 };
	unsigned seed = 1;
	size_t n = (size_t)sprintf(text, "CONFIG_INET=y\n");

	/* Not too regular, or nothing is left to be cut. */
	for (size_t i = 0; i < row->pad; i++) {
		seed = seed * 1103515245 + 12345;
		text[n++] = i % 70 ? (char)('a' + (seed >> 16) % 26) : '\n';
	}
	n += (size_t)sprintf(text + n, "\nCONFIG_TLS=m\n");
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + 15, 8, 0), Z_OK);
	z.next_in = (Bytef *)text;
	z.avail_in = (uInt)n;
	z.next_out = (Bytef *)b.data;
	z.avail_out = (uInt)(len + 1024);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	b.len = row->keep == 1 ? 3 : z.total_out * (size_t)row->keep / 100;
	deflateEnd(&z);
	return b;
}

static void test_gzip(void **state)
{
	const struct gzip_row *row = *state;
	cleanup_bytes struct bytes b = gzip_config(row);
	struct kconfig_facts k = { 0 };

	filter_kconfig(&b);
	parse_kconfig(span_of(&b), &k);
	assert_int_equal(k.opt[KOPT_INET], row->inet);
	assert_int_equal(k.opt[KOPT_TLS], row->tls);
	assert_int_equal(b.data[b.len], 0);
}

static const struct parse_row os_rows[] = {
	{ "Debian",
	  "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n",
	  "debian||12|Debian GNU/Linux 12 (bookworm)" },
	{ "derived", "ID='rocky'\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=9.4\n",
	  "rocky|rhel centos fedora|9.4|" },
	{ "empty", "", "|||" },
	{ "CRLF", "ID=debian\r\nVERSION_ID=\"12\"\r\n", "debian||12|" },
	{ "no final newline", "ID=arch", "arch|||" },
	{ "a lone quote", "ID=\"\nVERSION_ID=\"12\n", "\"||\"12|" },
	{ "empty quotes", "ID=\"\"\n", "|||" },
	{ "no longer key", "XID=a\nID_LIKEX=b\nVERSION_IDX=c\n", "|||" },
	{ "an equals sign in the value", "PRETTY_NAME=\"a=b\"\n", "|||a=b" },
	{ "cut", "ID=debian\nVERSION_I", "debian|||" },
};

static void tell_os(struct span text, struct notes *n)
{
	cleanup_arena struct arena *a = arena_new();
	struct os_facts o = { 0 };

	assert_int_equal(parse_os_release(text, a, &o), 0);
	note(n, "%s|%s|%s|%s", o.id, o.id_like, o.version_id, o.pretty_name);
}

static void test_os(void **state)
{
	check(*state, tell_os);
}

static const struct parse_row boot_rows[] = {
	{ "one line", "tls\n", "f:1 " },
	{ "line numbers", "# tls\n\nloop\n tls \n", "f:4 " },
	{ "twice", "tls\ntls", "f:1 f:2 " },
	{ "CRLF", "tls\r\n", "f:1 " },
	{ "with parameters", "tls a=1\n", "f:1 " },
	{ "comments", "#tls\n;tls\n# tls\n", "" },
	{ "other names", "tls-x nf_tls\nxtls\n", "" },
	{ "empty", "", "" },
};

static void tell_boot(struct span text, struct notes *n)
{
	cleanup_arena struct arena *a = arena_new();
	struct boot_facts b = { 0 };

	assert_int_equal(parse_boot_list(text, "f", a, &b), 0);
	for (size_t i = 0; i < b.n_files; i++)
		note(n, "%s ", b.files[i]);
}

static void test_boot(void **state)
{
	check(*state, tell_boot);
}

static const struct parse_row modprobe_rows[] = {
	{ "blacklist", "blacklist tls\n", "f:1 blacklist tls()\n" },
	{ "install", "install tls /bin/false\n", "f:1 install tls(/bin/false)\n" },
	{ "alias off", "alias tcp-ulp-tls off\n", "f:1 alias tcp-ulp-tls(off)\n" },
	{ "- and _ are the same", "blacklist tcp_ulp_tls\nblacklist tcp-ulp_tls\n",
	  "f:1 blacklist tcp_ulp_tls()\nf:2 blacklist tcp-ulp_tls()\n" },
	{ "line numbers", "# a\n\nblacklist nouveau\n\tblacklist  tls",
	  "f:4 blacklist tls()\n" },
	{ "other modules", "blacklist tlsx\nblacklist nf-tls\nblacklist TLS\n", "" },
	{ "other verbs", "options tls a=1\nremove tls x\nblacklists tls\n", "" },
	{ "commented", "#blacklist tls\n# blacklist tls\n", "" },
	{ "CRLF", "blacklist tls\r\n", "f:1 blacklist tls()\n" },
	{ "cut", "blacklist", "" },
	{ "softdep", "softdep tls pre: a b\n", "f:1 softdep tls(pre:)\n" },
	{ "empty", "", "" },
};

static void tell_modprobe(struct span text, struct notes *n)
{
	cleanup_arena struct arena *a = arena_new();
	struct modprobe_facts m = { 0 };

	assert_int_equal(parse_modprobe_conf(text, "f", a, &m), 0);
	for (size_t i = 0; i < m.n_lines; i++)
		note(n, "%s:%u %s %s(%s)\n", m.lines[i].file, m.lines[i].line,
		     m.lines[i].verb, m.lines[i].name, m.lines[i].value);
}

static void test_modprobe(void **state)
{
	check(*state, tell_modprobe);
}

struct has_row {
	const char *name;
	bool (*has)(struct span text, const char *name);
	const char *text;
	bool want;
};

static const struct has_row has_rows[] = {
	{ "loaded", parse_modules_has, "loop 1 0\ntls 155648 0 - Live 0x0\n", true },
	{ "loaded, no final newline", parse_modules_has, "tls 1 0", true },
	{ "another module", parse_modules_has, "nf_tls 1 0\ntlsx 1 0\n", false },
	{ "used by", parse_modules_has, "mlx5_core 1 1 tls, Live 0x0\n", false },
	{ "no modules", parse_modules_has, "", false },
	{ "builtin", parse_builtin_has, "kernel/net/tls/tls.ko\n", true },
	{ "builtin, no final newline", parse_builtin_has, "kernel/net/tls/tls.ko", true },
	{ "another builtin", parse_builtin_has, "kernel/drivers/xtls.ko\n/tls.ko.xz\n",
	  false },
	{ "builtin, cut", parse_builtin_has, "kernel/net/tls/tls.k", false },
	{ "no builtins", parse_builtin_has, "", false },
};

static void test_has(void **state)
{
	const struct has_row *row = *state;
	cleanup_free char *copy = exact_copy(row->text, strlen(row->text));

	assert_int_equal(row->has(span(copy, strlen(row->text)), "tls"), row->want);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("kconfig", kconfig_rows, test_kconfig),
		UNIT_ROWS("config.gz", gzip_rows, test_gzip),
		UNIT_ROWS("os-release", os_rows, test_os),
		UNIT_ROWS("boot", boot_rows, test_boot),
		UNIT_ROWS("modprobe", modprobe_rows, test_modprobe),
		UNIT_ROWS("modules", has_rows, test_has),
	};

	return unit_run("parse", sets, ARRAY_SIZE(sets));
}
