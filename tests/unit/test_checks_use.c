/* SPDX-License-Identifier: MIT */
/* Who uses kTLS: processes, servers, what in the kernel does, and what stands against it.
 */
#include "good.h"

extern const struct check check_process_scan, check_process_target,
	check_process_foreign_tls, check_process_libssl, check_process_stale_libssl,
	check_process_option, check_app_nginx, check_app_nginx_sendfile,
	check_app_haproxy, check_app_lighttpd, check_kernel_consumers, check_sockmap,
	check_mptcp;

#define FIRST(f_) ((f_)->programs.programs)
#define NGINX(name_, ...)                                                                \
	static void name_(struct facts *f)                                               \
	{                                                                                \
		struct program *p = FIRST(f);                                            \
		__VA_ARGS__                                                              \
	}
/* Takes the conf of the first program for that of another server. */
#define SERVER(name_, app_, version_)                                                    \
	NGINX(name_, p->comm = p->conf.app = app_; p->conf.version = version_;           \
	      p->conf.file = "/etc/" app_ "/" app_ ".cfg"; p->conf.ktls = CNF_UNSET;     \
	      p->conf.at = "";)

LOST(programs_denied, FACT_PROGRAMS, -EACCES)
LOST(cnf_denied, FACT_OPENSSL_CNF, -EACCES)
LOST(consumers_denied, FACT_CONSUMERS, -EACCES)
LOST(sockmap_denied, FACT_SOCKMAP, -EPERM)
LOST(mptcp_denied, FACT_MPTCP, -EACCES)
LOST(kernel_denied, FACT_KERNEL, -EACCES)
LOST(caller_denied, FACT_CALLER, -EACCES)

TWEAK(unreadable, f->programs.unreadable = 40;)
TWEAK(left_out, f->programs.left_out = 7;)
TWEAK(hidepid, f->programs.hidepid = true;)
TWEAK(no_programs, f->programs.n_programs = 0;)
NGINX(no_app,
      p->conf = (struct server_conf){ .app = "", .version = "", .file = "", .at = "" };
      p->comm = "python3"; p->exe = "/usr/bin/python3.13";)
NGINX(no_openssl, p->n_libraries = 0;)
NGINX(lib_without, p->libraries->ktls = TRI_NO;)
NGINX(lib_1_1, p->libraries->ktls = TRI_NO; p->libraries->version = "1.1.1w";)
NGINX(lib_unclear, p->libraries->ktls = TRI_UNKNOWN; p->libraries->version = "3.0.15";)
NGINX(other_root, p->same_root = TRI_NO;)
NGINX(lib_deleted, p->libraries->deleted = true;)
NGINX(static_lib, p->libraries->path = "";)
NGINX(go, p->libraries->kind = TLS_GO; p->libraries->path = "";
      p->libraries->version = "1.24.2"; p->libraries->evidence = "build note";
      p->libraries->ktls = TRI_NO;)
NGINX(gnutls, p->libraries->kind = TLS_GNUTLS; p->libraries->ktls = TRI_UNKNOWN;)
NGINX(gnutls_without, p->libraries->kind = TLS_GNUTLS; p->libraries->ktls = TRI_NO;)
NGINX(boringssl, p->libraries->kind = TLS_BORINGSSL; p->libraries->ktls = TRI_NO;)
NGINX(name_alone, p->libraries->kind = TLS_UNSURE; p->libraries->path = "";
      p->libraries->version = ""; p->libraries->evidence = "its name";)
/* The host's library, and ktlsctl has one of its own. */
static void not_ours(struct facts *f)
{
	static struct libssl_copy copy;

	copy = f->libssl_copies.copies[0];
	copy.ours = false;
	f->libssl_copies.copies = &copy;
}
TWEAK(fedora, f->os.id = "fedora";)
TWEAK(cnf_unset, f->openssl_cnf.ktls = CNF_UNSET;)
TWEAK(cnf_off, f->openssl_cnf.ktls = CNF_OFF;)
TWEAK(cnf_unsure, f->openssl_cnf.ktls = CNF_UNSET; f->openssl_cnf.unsure = true;)
TWEAK(own_cnf, f->openssl.config_from_env = true;)

/* A second library in the same program: the more able of the two decides. */
static void two_libs(struct facts *f)
{
	struct program *p = FIRST(f);

	p->libraries[1] = p->libraries[0];
	p->libraries[0].ktls = TRI_NO;
	p->libraries[0].version = "1.1.1w";
	p->n_libraries = 2;
}

/* Twelve of them: more than are named. */
static void many(struct facts *f)
{
	static struct program copies[12];

	no_app(f);
	for (size_t i = 0; i < ARRAY_SIZE(copies); i++) {
		copies[i] = *FIRST(f);
		copies[i].pid = 100 + i;
	}
	f->programs.programs = copies;
	f->programs.n_programs = ARRAY_SIZE(copies);
}

static void targeted(struct facts *f)
{
	struct target_facts *t = &f->programs.target;

	*t = (struct target_facts){
		.asked = true, .pid = 815, .program = *FIRST(f), .cnf = f->openssl_cnf
	};
	t->program.pid = 815;
	t->program.processes = 1;
}
TWEAK(target_gone, f->programs.target.err = -EACCES;)
TWEAK(target_admin, f->programs.target.net_admin = true;)
TWEAK(target_userns, f->programs.target.program.same_userns = TRI_NO;)
TWEAK(target_userns_unknown, f->programs.target.program.same_userns = TRI_UNKNOWN;)
TWEAK(target_netns, f->programs.target.program.same_netns = TRI_NO;)
TWEAK(target_seccomp, f->programs.target.seccomp = 2;)
TWEAK(target_cnf_unset, f->programs.target.cnf.ktls = CNF_UNSET;)
TWEAK(target_cnf_off, f->programs.target.cnf.ktls = CNF_OFF;)
TWEAK(target_cnf_denied, f->programs.target.cnf = (struct openssl_cnf_facts){
				 .src = { "/etc/ssl/openssl.cnf", -EACCES } };)

NGINX(unset, p->conf.ktls = CNF_UNSET; p->conf.at = "";)
NGINX(off, p->conf.ktls = CNF_OFF;)
NGINX(conf_denied, p->conf.err = -EACCES;)
NGINX(conf_unsure, p->conf.unsure = true;)
NGINX(no_tls, p->conf.tls = false;)
NGINX(old_nginx, p->conf.version = "1.21.3";)
NGINX(first_nginx, p->conf.version = "1.21.4";)
NGINX(no_version, p->conf.version = "";)
NGINX(bundled, p->conf.bundled = true; p->libraries->path = "";)
NGINX(bundled_with, p->conf.bundled = p->conf.ktls_built = true; p->libraries->path = "";)
NGINX(no_sendfile, p->conf.sendfile = false;)
NGINX(http2, p->conf.http2 = true;)
SERVER(haproxy_3_0, "haproxy", "3.0.11")
SERVER(haproxy_3_3, "haproxy", "3.3.1")
SERVER(haproxy_unknown, "haproxy", "")
NGINX(on, p->conf.ktls = CNF_ON;)
NGINX(experimental, p->conf.experimental = true;)
SERVER(lighttpd, "lighttpd", "1.4.79")

TWEAK(nfs, f->consumers.nfs_mounts = f->consumers.nfs_tls = 2;)
TWEAK(nvme, f->consumers.nvme_tcp = f->consumers.nvme_tls = 1;)
TWEAK(plain_nfs, f->consumers.nfs_mounts = 2;)
TWEAK(tlshd, f->consumers.tlshd = true;)
TWEAK(no_handshake, f->kconfig.opt[KOPT_NET_HANDSHAKE] = KOPT_N;)
TWEAK(maps, f->sockmap.maps = 3;)
TWEAK(open_kernel, f->kernel.stable = "6.12.110";)
TWEAK(vendor_kernel, f->kernel.stable = NULL;)
TWEAK(no_mptcp, f->mptcp.present = false;)
TWEAK(mptcp_sockets, f->mptcp.sockets = 4;)
TWEAK(mptcp_uncounted, f->kernel.major = 6; f->kernel.minor = 2; f->mptcp.enabled = true;)
TWEAK(mptcp_off, mptcp_uncounted(f); f->mptcp.enabled = false;)

static const struct check_row rows[] = {
	{ "all", &check_process_scan, { 0 }, VERDICT_OK, NULL },
	{ "not all of them",
	  &check_process_scan,
	  { unreadable },
	  VERDICT_UNKNOWN,
	  "process-scan-denied" },
	{ "hidepid",
	  &check_process_scan,
	  { hidepid, no_programs },
	  VERDICT_UNKNOWN,
	  "process-scan-denied" },
	{ "denied and late",
	  &check_process_scan,
	  { left_out, unreadable },
	  VERDICT_UNKNOWN,
	  "process-scan-denied" },
	{ "late",
	  &check_process_scan,
	  { left_out },
	  VERDICT_UNKNOWN,
	  "process-scan-time" },
	{ "denied", &check_process_scan, { programs_denied }, VERDICT_UNKNOWN, NULL },

	{ "not asked", &check_process_target, { 0 }, VERDICT_SKIP, NULL },
	{ "fine", &check_process_target, { targeted }, VERDICT_OK, NULL },
	{ "loaded already",
	  &check_process_target,
	  { targeted, target_userns },
	  VERDICT_OK,
	  NULL },
	{ "cannot load",
	  &check_process_target,
	  { targeted, unloaded },
	  VERDICT_WARN,
	  "target-cannot-load" },
	{ "can load",
	  &check_process_target,
	  { targeted, unloaded, target_admin },
	  VERDICT_OK,
	  NULL },
	{ "rights in a user namespace",
	  &check_process_target,
	  { targeted, unloaded, target_admin, target_userns },
	  VERDICT_WARN,
	  "target-cannot-load" },
	{ "namespace not told",
	  &check_process_target,
	  { targeted, unloaded, target_admin, target_userns_unknown },
	  VERDICT_UNKNOWN,
	  "target-rights-unknown" },
	{ "own rights not told",
	  &check_process_target,
	  { targeted, unloaded, target_admin, caller_denied },
	  VERDICT_UNKNOWN,
	  "target-rights-unknown" },
	{ "both in a user namespace",
	  &check_process_target,
	  { targeted, unloaded, target_admin, in_userns },
	  VERDICT_WARN,
	  "target-cannot-load" },
	{ "network namespace",
	  &check_process_target,
	  { targeted, target_netns },
	  VERDICT_INFO,
	  "target-network-namespace" },
	{ "seccomp",
	  &check_process_target,
	  { targeted, target_seccomp },
	  VERDICT_INFO,
	  "target-seccomp" },
	{ "EACCES",
	  &check_process_target,
	  { targeted, target_gone },
	  VERDICT_UNKNOWN,
	  "target-unreadable" },

	{ "a server", &check_process_libssl, { 0 }, VERDICT_OK, NULL },
	{ "another program", &check_process_libssl, { no_app }, VERDICT_OK, NULL },
	{ "many", &check_process_libssl, { many }, VERDICT_OK, NULL },
	{ "two libraries", &check_process_libssl, { two_libs }, VERDICT_OK, NULL },
	{ "without",
	  &check_process_libssl,
	  { lib_without },
	  VERDICT_WARN,
	  "process-libssl-without-ktls" },
	{ "others without",
	  &check_process_libssl,
	  { no_app, lib_without },
	  VERDICT_WARN,
	  "process-libssl-without-ktls" },
	{ "1.1.1",
	  &check_process_libssl,
	  { lib_1_1 },
	  VERDICT_WARN,
	  "process-libssl-too-old" },
	{ "3.0 in a container",
	  &check_process_libssl,
	  { lib_unclear, other_root },
	  VERDICT_UNKNOWN,
	  "process-libssl-unclear" },
	{ "3.0, replaced",
	  &check_process_libssl,
	  { lib_unclear, lib_deleted },
	  VERDICT_UNKNOWN,
	  "process-libssl-unclear" },
	{ "3.0, linked statically",
	  &check_process_libssl,
	  { lib_unclear, static_lib },
	  VERDICT_UNKNOWN,
	  "process-libssl-unclear" },
	{ "3.0, the one we run with",
	  &check_process_libssl,
	  { lib_unclear },
	  VERDICT_OK,
	  NULL },
	{ "3.0, and we run with another",
	  &check_process_libssl,
	  { lib_unclear, not_ours },
	  VERDICT_UNKNOWN,
	  "process-libssl-unclear" },
	{ "the one we run with has none",
	  &check_process_libssl,
	  { lib_unclear, no_openssl_ktls },
	  VERDICT_WARN,
	  "process-libssl-without-ktls" },
	{ "none", &check_process_libssl, { no_openssl }, VERDICT_SKIP, NULL },
	{ "of --pid", &check_process_libssl, { no_app, targeted }, VERDICT_OK, NULL },
	{ "denied", &check_process_libssl, { programs_denied }, VERDICT_UNKNOWN, NULL },

	{ "as on the disk", &check_process_stale_libssl, { 0 }, VERDICT_OK, NULL },
	{ "replaced",
	  &check_process_stale_libssl,
	  { lib_deleted },
	  VERDICT_WARN,
	  "process-libssl-replaced" },
	{ "replaced in a container",
	  &check_process_stale_libssl,
	  { lib_deleted, other_root },
	  VERDICT_WARN,
	  "process-libssl-replaced" },
	{ "others",
	  &check_process_stale_libssl,
	  { lib_deleted, no_app },
	  VERDICT_WARN,
	  "process-libssl-replaced" },
	{ "none", &check_process_stale_libssl, { no_programs }, VERDICT_SKIP, NULL },
	{ "denied",
	  &check_process_stale_libssl,
	  { programs_denied },
	  VERDICT_UNKNOWN,
	  NULL },

	{ "servers only", &check_process_option, { 0 }, VERDICT_SKIP, NULL },
	{ "openssl.cnf", &check_process_option, { no_app }, VERDICT_OK, NULL },
	{ "unset",
	  &check_process_option,
	  { no_app, cnf_unset },
	  VERDICT_INFO,
	  "process-options-unset" },
	{ "container",
	  &check_process_option,
	  { no_app, other_root },
	  VERDICT_INFO,
	  "process-option-elsewhere" },
	{ "openssl.cnf denied",
	  &check_process_option,
	  { no_app, cnf_denied },
	  VERDICT_INFO,
	  "process-option-elsewhere" },
	{ "OPENSSL_CONF of ours",
	  &check_process_option,
	  { no_app, own_cnf },
	  VERDICT_INFO,
	  "process-option-elsewhere" },
	{ "--pid, on", &check_process_option, { no_app, targeted }, VERDICT_OK, NULL },
	{ "--pid, unset",
	  &check_process_option,
	  { no_app, targeted, target_cnf_unset },
	  VERDICT_INFO,
	  "process-option-unset" },
	{ "--pid, off",
	  &check_process_option,
	  { no_app, targeted, target_cnf_off },
	  VERDICT_WARN,
	  "process-option-off" },
	{ "--pid, denied",
	  &check_process_option,
	  { no_app, targeted, target_cnf_denied },
	  VERDICT_UNKNOWN,
	  "process-option-unclear" },

	{ "--pid, a server", &check_process_option, { targeted }, VERDICT_SKIP, NULL },
	{ "--pid, no OpenSSL",
	  &check_process_option,
	  { no_app, no_openssl, targeted },
	  VERDICT_SKIP,
	  NULL },

	{ "OpenSSL only", &check_process_foreign_tls, { 0 }, VERDICT_OK, NULL },
	{ "Go", &check_process_foreign_tls, { no_app, go }, VERDICT_INFO, "foreign-tls" },
	{ "Go, --pid",
	  &check_process_foreign_tls,
	  { no_app, go, targeted },
	  VERDICT_WARN,
	  "foreign-tls-only" },
	{ "GnuTLS of Debian",
	  &check_process_foreign_tls,
	  { no_app, gnutls },
	  VERDICT_INFO,
	  "foreign-tls" },
	{ "GnuTLS of Fedora",
	  &check_process_foreign_tls,
	  { no_app, gnutls, fedora },
	  VERDICT_UNKNOWN,
	  "foreign-gnutls" },
	{ "GnuTLS in a container",
	  &check_process_foreign_tls,
	  { no_app, gnutls, other_root },
	  VERDICT_UNKNOWN,
	  "foreign-gnutls" },
	{ "GnuTLS without",
	  &check_process_foreign_tls,
	  { no_app, gnutls_without, fedora },
	  VERDICT_INFO,
	  "foreign-tls" },
	{ "GnuTLS, --pid",
	  &check_process_foreign_tls,
	  { no_app, gnutls, fedora, targeted },
	  VERDICT_UNKNOWN,
	  "foreign-gnutls" },
	{ "a name",
	  &check_process_foreign_tls,
	  { no_app, name_alone },
	  VERDICT_UNKNOWN,
	  "foreign-unsure" },
	{ "nginx with BoringSSL",
	  &check_process_foreign_tls,
	  { boringssl },
	  VERDICT_INFO,
	  "foreign-tls" },
	{ "HAProxy with BoringSSL",
	  &check_process_foreign_tls,
	  { boringssl, haproxy_3_3 },
	  VERDICT_OK,
	  NULL },
	{ "denied",
	  &check_process_foreign_tls,
	  { programs_denied },
	  VERDICT_UNKNOWN,
	  NULL },

	{ "on", &check_app_nginx, { 0 }, VERDICT_OK, NULL },
	{ "1.21.4", &check_app_nginx, { first_nginx }, VERDICT_OK, NULL },
	{ "on, the release not told",
	  &check_app_nginx,
	  { no_version },
	  VERDICT_OK,
	  NULL },
	{ "by openssl.cnf", &check_app_nginx, { unset }, VERDICT_OK, NULL },
	{ "unset",
	  &check_app_nginx,
	  { unset, cnf_unset },
	  VERDICT_WARN,
	  "nginx-option-unset" },
	{ "openssl.cnf says no",
	  &check_app_nginx,
	  { unset, cnf_off },
	  VERDICT_WARN,
	  "nginx-option-unset" },
	{ "off", &check_app_nginx, { off }, VERDICT_WARN, "nginx-option-off" },
	{ "1.21.3", &check_app_nginx, { old_nginx }, VERDICT_WARN, "nginx-too-old" },
	{ "1.21.3, not asked",
	  &check_app_nginx,
	  { old_nginx, unset },
	  VERDICT_WARN,
	  "nginx-too-old" },
	{ "bundled",
	  &check_app_nginx,
	  { bundled },
	  VERDICT_WARN,
	  "nginx-bundled-openssl" },
	{ "bundled, of the first release with kTLS",
	  &check_app_nginx,
	  { first_nginx, bundled },
	  VERDICT_WARN,
	  "nginx-bundled-openssl" },
	{ "bundled with kTLS", &check_app_nginx, { bundled_with }, VERDICT_OK, NULL },
	{ "a bundled one reads no openssl.cnf",
	  &check_app_nginx,
	  { bundled_with, unset },
	  VERDICT_WARN,
	  "nginx-option-unset" },
	{ "configuration denied",
	  &check_app_nginx,
	  { conf_denied },
	  VERDICT_UNKNOWN,
	  "nginx-conf-unreadable" },
	{ "an include",
	  &check_app_nginx,
	  { conf_unsure, unset },
	  VERDICT_UNKNOWN,
	  "nginx-conf-unsure" },
	{ "an include, TLS not seen",
	  &check_app_nginx,
	  { conf_unsure, no_tls },
	  VERDICT_UNKNOWN,
	  "nginx-conf-unsure" },
	{ "an include, but on", &check_app_nginx, { conf_unsure }, VERDICT_OK, NULL },
	{ "container",
	  &check_app_nginx,
	  { unset, other_root },
	  VERDICT_UNKNOWN,
	  "nginx-cnf-elsewhere" },
	{ "openssl.cnf not followed",
	  &check_app_nginx,
	  { unset, cnf_unsure },
	  VERDICT_UNKNOWN,
	  "nginx-cnf-elsewhere" },
	{ "--pid in a container",
	  &check_app_nginx,
	  { unset, other_root, targeted, target_cnf_unset },
	  VERDICT_WARN,
	  "nginx-option-unset" },
	{ "no TLS", &check_app_nginx, { no_tls }, VERDICT_SKIP, "nginx-without-tls" },
	{ "none", &check_app_nginx, { no_programs }, VERDICT_SKIP, NULL },
	{ "denied", &check_app_nginx, { programs_denied }, VERDICT_UNKNOWN, NULL },

	{ "sendfile", &check_app_nginx_sendfile, { 0 }, VERDICT_OK, NULL },
	{ "no sendfile",
	  &check_app_nginx_sendfile,
	  { no_sendfile },
	  VERDICT_WARN,
	  "nginx-sendfile-off" },
	{ "HTTP/2",
	  &check_app_nginx_sendfile,
	  { http2 },
	  VERDICT_INFO,
	  "nginx-sendfile-http2" },
	{ "an include",
	  &check_app_nginx_sendfile,
	  { no_sendfile, conf_unsure },
	  VERDICT_UNKNOWN,
	  "nginx-sendfile-unsure" },
	{ "not asked", &check_app_nginx_sendfile, { off }, VERDICT_SKIP, NULL },

	{ "on", &check_app_haproxy, { haproxy_3_3, on, experimental }, VERDICT_OK, NULL },
	{ "3.0", &check_app_haproxy, { haproxy_3_0 }, VERDICT_INFO, "haproxy-too-old" },
	{ "3.0, --pid",
	  &check_app_haproxy,
	  { haproxy_3_0, targeted },
	  VERDICT_WARN,
	  "haproxy-too-old" },
	{ "unset",
	  &check_app_haproxy,
	  { haproxy_3_3 },
	  VERDICT_INFO,
	  "haproxy-ktls-unset" },
	{ "unset, --pid",
	  &check_app_haproxy,
	  { haproxy_3_3, targeted },
	  VERDICT_WARN,
	  "haproxy-ktls-unset" },
	{ "off",
	  &check_app_haproxy,
	  { haproxy_3_3, off },
	  VERDICT_INFO,
	  "haproxy-ktls-off" },
	{ "off, --pid",
	  &check_app_haproxy,
	  { haproxy_3_3, off, targeted },
	  VERDICT_WARN,
	  "haproxy-ktls-off" },
	{ "not exposed",
	  &check_app_haproxy,
	  { haproxy_3_3, on },
	  VERDICT_WARN,
	  "haproxy-not-experimental" },
	{ "configuration denied",
	  &check_app_haproxy,
	  { haproxy_3_3, conf_denied },
	  VERDICT_UNKNOWN,
	  "haproxy-conf-unreadable" },
	{ "something not followed",
	  &check_app_haproxy,
	  { haproxy_3_3, conf_unsure },
	  VERDICT_UNKNOWN,
	  "haproxy-conf-unsure" },
	{ "no version",
	  &check_app_haproxy,
	  { haproxy_unknown },
	  VERDICT_UNKNOWN,
	  "haproxy-version-unknown" },
	{ "no TLS",
	  &check_app_haproxy,
	  { haproxy_3_3, no_tls },
	  VERDICT_SKIP,
	  "haproxy-without-tls" },
	{ "none", &check_app_haproxy, { 0 }, VERDICT_SKIP, NULL },

	{ "on", &check_app_lighttpd, { lighttpd, on }, VERDICT_OK, NULL },
	{ "default",
	  &check_app_lighttpd,
	  { lighttpd },
	  VERDICT_INFO,
	  "lighttpd-default" },
	{ "off",
	  &check_app_lighttpd,
	  { lighttpd, off },
	  VERDICT_WARN,
	  "lighttpd-option-off" },
	{ "configuration denied",
	  &check_app_lighttpd,
	  { lighttpd, conf_denied },
	  VERDICT_UNKNOWN,
	  "lighttpd-conf-unreadable" },
	{ "an include",
	  &check_app_lighttpd,
	  { lighttpd, conf_unsure },
	  VERDICT_UNKNOWN,
	  "lighttpd-conf-unsure" },
	{ "an include, but on",
	  &check_app_lighttpd,
	  { lighttpd, conf_unsure, on },
	  VERDICT_OK,
	  NULL },
	{ "an include, TLS not seen",
	  &check_app_lighttpd,
	  { lighttpd, conf_unsure, on, no_tls },
	  VERDICT_UNKNOWN,
	  "lighttpd-conf-unsure" },
	{ "no TLS",
	  &check_app_lighttpd,
	  { lighttpd, no_tls },
	  VERDICT_SKIP,
	  "lighttpd-without-tls" },
	{ "none", &check_app_lighttpd, { 0 }, VERDICT_SKIP, NULL },

	{ "none", &check_kernel_consumers, { 0 }, VERDICT_SKIP, NULL },
	{ "plain NFS", &check_kernel_consumers, { plain_nfs }, VERDICT_SKIP, NULL },
	{ "NFS", &check_kernel_consumers, { nfs, tlshd }, VERDICT_OK, NULL },
	{ "NVMe", &check_kernel_consumers, { nvme, tlshd }, VERDICT_OK, NULL },
	{ "no tlshd",
	  &check_kernel_consumers,
	  { nfs },
	  VERDICT_WARN,
	  "consumers-no-tlshd" },
	{ "no handshake",
	  &check_kernel_consumers,
	  { nvme, tlshd, no_handshake },
	  VERDICT_WARN,
	  "consumers-no-handshake" },
	{ "denied",
	  &check_kernel_consumers,
	  { consumers_denied },
	  VERDICT_UNKNOWN,
	  NULL },

	{ "none", &check_sockmap, { 0 }, VERDICT_OK, NULL },
	{ "refused", &check_sockmap, { maps }, VERDICT_WARN, "sockmap-refused" },
	{ "unsafe",
	  &check_sockmap,
	  { maps, open_kernel },
	  VERDICT_WARN,
	  "sockmap-unsafe" },
	{ "vendor",
	  &check_sockmap,
	  { maps, vendor_kernel },
	  VERDICT_WARN,
	  "sockmap-incompatible" },
	{ "kernel not known",
	  &check_sockmap,
	  { maps, kernel_denied },
	  VERDICT_WARN,
	  "sockmap-incompatible" },
	{ "EPERM", &check_sockmap, { sockmap_denied }, VERDICT_UNKNOWN, NULL },

	{ "none open", &check_mptcp, { 0 }, VERDICT_OK, NULL },
	{ "open", &check_mptcp, { mptcp_sockets }, VERDICT_INFO, "mptcp-sockets" },
	{ "not counted",
	  &check_mptcp,
	  { mptcp_uncounted },
	  VERDICT_UNKNOWN,
	  "mptcp-uncounted" },
	{ "not counted, but switched off",
	  &check_mptcp,
	  { mptcp_off },
	  VERDICT_OK,
	  NULL },
	{ "not in the kernel", &check_mptcp, { no_mptcp }, VERDICT_SKIP, NULL },
	{ "denied", &check_mptcp, { mptcp_denied }, VERDICT_UNKNOWN, NULL },
};

static void test_outcomes(void **state)
{
	(void)state;
	all_outcomes_have_rows(rows, ARRAY_SIZE(rows));
}

static const struct finding *one_finding(const struct report *r, size_t nth)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_findings; i++)
		if (r->findings[i].subject.kind == SUBJECT_PROCESS && n++ == nth)
			return &r->findings[i];
	return NULL;
}

/* Two programs of one name, and one with a hostile one: each is told apart. */
static void test_names(void **state)
{
	static const struct check *const table[] = { &check_app_nginx, NULL };
	cleanup_report struct report *r = NULL;
	struct facts f;

	(void)state;
	good_facts(&f);
	FIRST(&f)[1] = FIRST(&f)[0];
	FIRST(&f)[1].pid = 4711;
	FIRST(&f)[2] = FIRST(&f)[0];
	FIRST(&f)[2].comm = "$(x)";
	FIRST(&f)[2].pid = 99;
	f.programs.n_programs = 3;
	r = checks_run(table, &f);
	assert_non_null(r);
	assert_string_equal(one_finding(r, 0)->subject.name, "nginx/812");
	assert_string_equal(one_finding(r, 1)->subject.name, "nginx/4711");
	assert_string_equal(one_finding(r, 2)->subject.name, "$(x)");
}

/* With --pid, of that process alone. */
static void test_target_alone(void **state)
{
	static const struct check *const table[] = { &check_app_nginx,
						     &check_process_libssl, NULL };
	cleanup_report struct report *r = NULL;
	struct facts f;

	(void)state;
	good_facts(&f);
	targeted(&f);
	r = checks_run(table, &f);
	assert_non_null(r);
	assert_int_equal(r->n_findings, 2);
	for (size_t i = 0; i < r->n_findings; i++)
		assert_string_equal(r->findings[i].subject.name, "nginx/815");
}

/* More than are named are counted. */
static void test_many(void **state)
{
	static const struct check *const table[] = { &check_process_libssl, NULL };
	cleanup_report struct report *r = NULL;
	const struct finding *fi;
	struct facts f;

	(void)state;
	good_facts(&f);
	many(&f);
	r = checks_run(table, &f);
	assert_non_null(r);
	assert_int_equal(r->n_findings, 1);
	fi = &r->findings[0];
	assert_non_null(strstr(fi->summary, "12 programs"));
	assert_int_equal(fi->n_evidence, 9);
	assert_string_equal(fi->evidence[0].where, "python3/100");
	assert_string_equal(fi->evidence[8].saw, "4 more");
}

/* A path with a quote does not leave its word in a command. */
static void test_hostile_path(void **state)
{
	static const struct check *const table[] = { &check_app_lighttpd, NULL };
	cleanup_report struct report *r = NULL;
	struct facts f;

	(void)state;
	good_facts(&f);
	lighttpd(&f);
	conf_unsure(&f);
	FIRST(&f)->conf.file = "/tmp/a';reboot;'";
	r = checks_run(table, &f);
	assert_non_null(r);
	assert_non_null(strstr(r->findings[0].remedy->command,
			       "-f '/tmp/a'\\'';reboot;'\\''' |"));
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_CHECKS(rows),
		UNIT_ONE("every answer has a row", test_outcomes),
		UNIT_ONE("names of programs", test_names),
		UNIT_ONE("the process of --pid alone", test_target_alone),
		UNIT_ONE("many programs", test_many),
		UNIT_ONE("a hostile path", test_hostile_path),
	};

	return unit_run("checks of use", sets, ARRAY_SIZE(sets));
}
