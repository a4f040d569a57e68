/* SPDX-License-Identifier: MIT */
/* What the checks of programs say beyond their verdict: where, what was seen, what to do.
 */
#include "good.h"

extern const struct check check_process_target, check_process_foreign_tls,
	check_process_stale_libssl, check_process_option, check_app_nginx,
	check_app_lighttpd, check_sockmap, check_expectation, check_ready_files;

#define LIBSSL "/usr/lib/x86_64-linux-gnu/libssl.so.3: "

#define NGINX(name_, ...)                                                                \
	static void name_(struct facts *f)                                               \
	{                                                                                \
		struct program *p = f->programs.programs;                                \
		__VA_ARGS__                                                              \
	}

NGINX(no_app,
      p->conf = (struct server_conf){ .app = "", .version = "", .file = "", .at = "" };
      p->comm = "python3";)
NGINX(no_exe, p->exe = "";)
NGINX(no_path, p->libraries->path = "";)
NGINX(no_version, p->libraries->version = "";)
NGINX(replaced, p->libraries->deleted = true;)
NGINX(boringssl, p->libraries->kind = TLS_BORINGSSL; p->libraries->ktls = TRI_NO;)
NGINX(unclear, p->libraries->ktls = TRI_UNKNOWN; p->same_root = TRI_NO;)
NGINX(v3_0, p->libraries->version = "3.0.22";)
NGINX(old, p->conf.version = "1.21.3";)
NGINX(bundled, p->conf.bundled = true;)
NGINX(denied, p->conf.err = -EACCES;)
NGINX(unsure, p->conf.unsure = true; p->conf.ktls = CNF_UNSET; p->conf.at = "";)
NGINX(no_line, p->conf.at = "";)
NGINX(no_file, p->conf.file = ""; p->conf.at = "";)
NGINX(http2, p->conf.http2 = true;)
NGINX(lighttpd, p->comm = p->conf.app = "lighttpd"; p->conf.file = "/etc/l.conf";
      p->conf.at = "";)

static void two_programs(struct facts *f)
{
	static struct program two[2];

	two[0] = two[1] = *f->programs.programs;
	two[1].pid = 900;
	f->programs.programs = two;
	f->programs.n_programs = 2;
}

static void targeted(struct facts *f)
{
	f->programs.target = (struct target_facts){ .asked = true,
						    .pid = 815,
						    .program = *f->programs.programs,
						    .cnf = f->openssl_cnf };
	f->programs.target.program.pid = 815;
}
TWEAK(admin, f->programs.target.net_admin = true;)
TWEAK(userns, f->programs.target.program.same_userns = TRI_NO;)
TWEAK(userns_unknown, f->programs.target.program.same_userns = TRI_UNKNOWN;)
TWEAK(own_cnf, f->programs.target.cnf.file = "/srv/openssl.cnf";)
TWEAK(cnf_of_no_file, f->programs.target.cnf.file = NULL;
      f->programs.target.cnf.src.where = "/srv/ssl";)
TWEAK(no_cnf, f->programs.target.cnf = (struct openssl_cnf_facts){ 0 };)

TWEAK(maps, f->sockmap.maps = 3;)
TWEAK(vendor_kernel, f->kernel.stable = NULL;)
LOST(kernel_denied, FACT_KERNEL, -EACCES)
TWEAK(unreadable, f->programs.unreadable = 3;)

static void expects(struct facts *f, const char *service, const char *what)
{
	static struct expectation e;

	e = (struct expectation){ .service = service,
				  .tx = strchr(what, 't'),
				  .rx = strchr(what, 'r'),
				  .hw = strchr(what, 'h'),
				  .file = "/etc/ktlsctl/ktlsctl.conf",
				  .line = 3 };
	f->policy.expectations = &e;
	f->policy.n_expectations = 1;
}
TWEAK(tx, expects(f, "nginx", "t");)
TWEAK(rx, expects(f, "nginx", "r");)
TWEAK(tx_rx, expects(f, "nginx", "tr");)
TWEAK(rx_hw, expects(f, "nginx", "rh");)
TWEAK(absent, expects(f, "varnish", "t");)

static const struct said_row target_rows[] = {
	{ "no right", &check_process_target, { targeted, unloaded }, "/status: no\n" },
	{ "its namespace",
	  &check_process_target,
	  { targeted, unloaded },
	  "/ns/user: the same as ktlsctl's" },
	{ "a right that counts elsewhere",
	  &check_process_target,
	  { targeted, unloaded, admin, userns },
	  "/status: yes\n" },
	{ "another namespace",
	  &check_process_target,
	  { targeted, unloaded, admin, userns },
	  "/ns/user: another than ktlsctl's" },
	{ "a namespace that is not told",
	  &check_process_target,
	  { targeted, unloaded, admin, userns_unknown },
	  "/ns/user: not readable" },

	{ "its own openssl.cnf",
	  &check_process_option,
	  { no_app, targeted, own_cnf },
	  "/srv/openssl.cnf: Options has KTLS" },
	{ "where it was looked for",
	  &check_process_option,
	  { no_app, targeted, cnf_of_no_file },
	  "/srv/ssl: Options has KTLS" },
	{ "nowhere",
	  &check_process_option,
	  { no_app, targeted, no_cnf },
	  "openssl.cnf: not readable" },
};

static const struct said_row server_rows[] = {
	{ "nginx is too old", &check_app_nginx, { old }, "/usr/sbin/nginx: 1.21.3" },
	{ "by its name", &check_app_nginx, { old, no_exe }, "nginx: 1.21.3" },
	{ "nginx has its own OpenSSL",
	  &check_app_nginx,
	  { bundled },
	  "/usr/sbin/nginx: --with-openssl=" },
	{ "an own one, by its name",
	  &check_app_nginx,
	  { bundled, no_exe },
	  "\nnginx: --with-openssl=" },
	{ "lighttpd's file is denied",
	  &check_app_lighttpd,
	  { lighttpd, denied },
	  "could not be read\n/etc/l.conf: Permission denied\n" },
	{ "a file that is not told",
	  &check_app_lighttpd,
	  { lighttpd, denied, no_file },
	  "could not be read\nlighttpd: Permission denied\n" },
	{ "lighttpd's file goes on elsewhere",
	  &check_app_lighttpd,
	  { lighttpd, unsure },
	  "could not be followed to the end\n/etc/l.conf: an include" },

	{ "one that runs on with what was replaced",
	  &check_process_stale_libssl,
	  { replaced, no_app },
	  "1 program still runs with" },
	{ "two of them",
	  &check_process_stale_libssl,
	  { replaced, no_app, two_programs },
	  "2 programs still run with" },

	{ "another library",
	  &check_process_foreign_tls,
	  { boringssl },
	  LIBSSL "boringssl 3.5.7 (mapped)" },
	{ "another library inside",
	  &check_process_foreign_tls,
	  { boringssl, no_path },
	  "/usr/sbin/nginx: boringssl 3.5.7 (mapped)" },
	{ "another library of no version",
	  &check_process_foreign_tls,
	  { boringssl, no_version },
	  LIBSSL "boringssl (mapped)" },

	{ "a vendor's kernel",
	  &check_sockmap,
	  { maps, vendor_kernel },
	  "CVE-2026-93824: 7.3.4+deb14-amd64" },
	{ "no kernel",
	  &check_sockmap,
	  { maps, kernel_denied },
	  "CVE-2026-93824: unknown" },
	{ "a kernel", &check_sockmap, { maps }, "CVE-2026-93824: 7.3.4\n" },

	{ "HTTP/2, in which file",
	  &check_ready_files,
	  { http2 },
	  "\n/etc/nginx/nginx.conf: nginx with HTTP/2 ends" },
	{ "HTTP/2, of whom",
	  &check_ready_files,
	  { http2, no_file },
	  "\nnginx: nginx with HTTP/2 ends" },
};

static const struct said_row expectation_rows[] = {
	{ "to send", &check_expectation, { tx }, "expected to use kTLS (tx);" },
	{ "to receive", &check_expectation, { rx }, "expected to use kTLS (rx);" },
	{ "both", &check_expectation, { tx_rx }, "expected to use kTLS (tx,rx);" },
	{ "in a NIC", &check_expectation, { rx_hw }, "expected to use kTLS (rx,hw);" },
	{ "of which library",
	  &check_expectation,
	  { tx, unclear },
	  LIBSSL "not to be told" },
	{ "of whose",
	  &check_expectation,
	  { tx, unclear, no_path },
	  "\nnginx: not to be told" },
	{ "in which line",
	  &check_expectation,
	  { tx, denied },
	  "/etc/nginx/nginx.conf:31: not to be told" },
	{ "in which file",
	  &check_expectation,
	  { tx, denied, no_line },
	  "/etc/nginx/nginx.conf: not to be told" },
	{ "in none of its own",
	  &check_expectation,
	  { tx, denied, no_file },
	  "\nopenssl.cnf: not to be told" },
	{ "a library of no version",
	  &check_expectation,
	  { rx, no_version },
	  LIBSSL "no version" },
	{ "one inside, of no version",
	  &check_expectation,
	  { rx, no_version, no_path },
	  "/usr/sbin/nginx: no version" },
	{ "an old library", &check_expectation, { rx, v3_0 }, LIBSSL "3.0.22" },
	{ "an old one inside",
	  &check_expectation,
	  { rx, v3_0, no_path },
	  "/usr/sbin/nginx: 3.0.22" },
	{ "nobody runs it",
	  &check_expectation,
	  { absent },
	  "but no such program with TLS runs" },
	{ "which can be mended",
	  &check_expectation,
	  { absent },
	  "start it, or mend the name: it is that of the process (ps -o comm): \n" },
	{ "not all were seen",
	  &check_expectation,
	  { absent, unreadable },
	  "is not among the processes that could be looked at" },
	{ "root sees them",
	  &check_expectation,
	  { absent, unreadable },
	  "run it as root: sudo ktlsctl\n" },
};

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("--pid", target_rows, test_said),
		UNIT_ROWS("servers", server_rows, test_said),
		UNIT_ROWS("expectation", expectation_rows, test_said),
	};

	return unit_run("checks_said_use", sets, ARRAY_SIZE(sets));
}
