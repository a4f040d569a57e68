/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../lib/facts/programs.h"
#include "../../lib/facts/server_conf.h"
#include "../../lib/facts/snapshot.h"
#include "../../lib/host/cleanup.h"
#include "../../lib/out/render.h"
#include "targets.h"

static const char lines_lost[] = "the filter changed the number of a line";
static const char not_stable[] = "what was filtered once is filtered differently again";
static const char not_ended[] = "the filter's result has no NUL behind it";

static struct bytes copy(const char *data, size_t len)
{
	struct bytes b = { malloc(len + 1), len };

	if (!b.data)
		abort();
	memcpy(b.data, data, len);
	b.data[len] = '\0';
	return b;
}

static size_t newlines(const char *p, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += p[i] == '\n';
	return n;
}

/* A snapshot is filtered when it is written and again when it is read. */
static const char *again(host_filter_fn filter, const struct bytes *once)
{
	cleanup_bytes struct bytes b = copy(once->data ? once->data : "", once->len);

	filter(&b);
	return b.len == once->len && !memcmp(b.data, once->data, b.len) ? NULL
									: not_stable;
}

/* Filters data into *out, which the caller frees, and looks at what every filter keeps.
 */
static const char *filtered(host_filter_fn filter, const char *data, size_t len,
			    struct bytes *out)
{
	bool gzip = len > 2 && !memcmp(data, "\x1f\x8b", 2);

	*out = copy(data, len);
	filter(out);
	if (out->data[out->len])
		return not_ended;
	if (!gzip && out->len && newlines(out->data, out->len) != newlines(data, len))
		return lines_lost;
	return again(filter, out);
}

static const char *kconfig(const char *data, size_t len)
{
	cleanup_bytes struct bytes b = { 0 };
	struct kconfig_facts k = { 0 };
	const char *bad = filtered(filter_kconfig, data, len, &b);

	parse_kconfig(span_of(&b), &k);
	parse_kconfig(span(data, len), &k);
	if (bad == lines_lost)
		bad = NULL; /* nobody asks for the number of a line */
	return bad;
}

static const char *tls_stat(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	struct tls_stat_facts s = { 0 };

	parse_tls_stat(span(data, len), a, &s);
	for (size_t i = 0; i < s.n_counters; i++)
		if (!s.counters[i].name)
			return "a counter without a name";
	tls_stat_get(&s, "TlsTxSw", 0);
	return NULL;
}

static const char *crypto(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	struct crypto_facts c = { 0 };
	const struct crypto_alg *best;

	parse_crypto(span(data, len), a, &c);
	best = crypto_best(&c, "gcm(aes)");
	return best && best->internal ? "an internal driver was chosen" : NULL;
}

static const char *cpuinfo(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	cleanup_bytes struct bytes b = { 0 };
	struct cpu_facts c = { 0 };
	const char *bad = filtered(filter_cpuinfo, data, len, &b);

	parse_cpuinfo(span_of(&b), a, &c);
	parse_cpuinfo(span(data, len), a, &c);
	return bad;
}

static const char *modprobe_conf(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	cleanup_bytes struct bytes b = { 0 };
	struct modprobe_facts p = { 0 }, q = { 0 };
	const char *bad = filtered(filter_modprobe, data, len, &b);

	parse_modprobe_conf(span_of(&b), "f", a, &p);
	parse_modprobe_conf(span(data, len), "f", a, &q);
	if (p.n_lines != q.n_lines)
		return "the filter took a line that the parser wants";
	return bad;
}

static const char *boot_list(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	cleanup_bytes struct bytes b = { 0 };
	struct boot_facts p = { 0 }, q = { 0 };
	const char *bad = filtered(filter_boot, data, len, &b);

	parse_boot_list(span_of(&b), "f", a, &p);
	parse_boot_list(span(data, len), "f", a, &q);
	if (p.n_files != q.n_files)
		return "the filter took a line that the parser wants";
	return bad;
}

static const char *sysctl(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	cleanup_bytes struct bytes b = { 0 };
	struct sysctl_facts p = { 0 }, q = { 0 };
	struct sysctl_value v = { 0 };
	const char *bad = filtered(filter_sysctl, data, len, &b);

	parse_sysctl_value(span(data, len), &v);
	if (v.n > 3)
		return "more numbers than there is room for";
	parse_sysctl_conf(span_of(&b), "f", a, &p);
	parse_sysctl_conf(span(data, len), "f", a, &q);
	for (int i = 0; i < SYSCTL_COUNT; i++)
		if (p.value[i].line != q.value[i].line)
			return "the filter took a line that the parser wants";
	return bad;
}

static const char *tuned(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	cleanup_bytes struct bytes b = { 0 };
	struct sysctl_facts p = { 0 };
	struct tuners_facts t = { 0 };
	const char *include, *bad = filtered(filter_tuned, data, len, &b);

	parse_tuned(span_of(&b), a, &p, &t, &include);
	parse_tuned(span(data, len), a, &p, &t, &include);
	return bad;
}

static const char *network_manager(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	cleanup_bytes struct bytes b = { 0 };
	struct nm_device d = { 0 }, raw = { 0 };
	const char *bad = filtered(filter_nm, data, len, &b);

	parse_nm_device(span(data, len), a, &raw);
	parse_nm_device(span_of(&b), a, &d);
	parse_nm_connection(span_of(&b), "f", a, &d);
	for (size_t i = 0; i < d.n_settings; i++)
		if (!*d.settings[i].key || !d.settings[i].line)
			bad = "half a setting";
	return bad;
}

static const char *policy(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	struct policy_facts p = { 0 };

	parse_waivers(span(data, len), "f", a, &p);
	parse_ktlsctl_conf(span(data, len), "f", a, &p);
	for (size_t i = 0; i < p.n_waivers; i++)
		if (!*p.waivers[i].id || !*p.waivers[i].reason || !p.waivers[i].host)
			return "half a waiver";
	for (size_t i = 0; i < p.n_expectations; i++)
		if (!p.expectations[i].service)
			return "an expectation of nobody";
	return NULL;
}

static int count_include(struct cnf *c, const char *path)
{
	(void)path;
	++*(size_t *)c->arg;
	return 0;
}

static size_t resolve(struct span text, struct arena *a, struct openssl_cnf_facts *out)
{
	size_t includes = 0;
	struct cnf c = { .arena = a, .include = count_include, .arg = &includes };

	parse_cnf(text, "f", &c);
	cnf_resolve(&c, out);
	return includes;
}

static const char *openssl_cnf(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	cleanup_bytes struct bytes b = { 0 };
	struct openssl_cnf_facts p = { 0 }, q = { 0 };
	const char *bad = filtered(filter_cnf, data, len, &b);
	size_t n = resolve(span_of(&b), a, &p), m = resolve(span(data, len), a, &q);

	if (p.ktls != q.ktls || p.line != q.line || n != m)
		return "the filter changed the answer";
	return bad;
}

static const char *os_release(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	cleanup_bytes struct bytes b = { 0 };
	struct os_facts o = { 0 };
	const char *bad = filtered(filter_os_release, data, len, &b);

	parse_os_release(span_of(&b), a, &o);
	if (!o.id || !o.id_like || !o.version_id || !o.pretty_name)
		return "a string is NULL";
	parse_os_release(span(data, len), a, &o);
	return bad;
}

static const char *proc_version(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	cleanup_bytes struct bytes b = { 0 };
	struct kernel_facts k = { 0 };
	const char *bad = filtered(filter_version, data, len, &b);

	if (bad == lines_lost)
		bad = NULL; /* it goes by brackets, not by lines */
	parse_stable("6.12.107+deb13-amd64", span_of(&b), a);
	parse_stable(b.data, span(data, len), a);
	parse_release(b.data, &k);
	return bad;
}

static const char *mountinfo(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	cleanup_bytes struct bytes b = { 0 };
	struct container_facts c = { 0 };
	const char *bad = filtered(filter_mountinfo, data, len, &b);

	parse_mountinfo(span_of(&b), a, &c);
	parse_mountinfo(span(data, len), a, &c);
	return bad;
}

static const char *modules(const char *data, size_t len)
{
	cleanup_bytes struct bytes b = { 0 };
	const char *bad = filtered(filter_modules, data, len, &b);

	if (parse_modules_has(span_of(&b), "tls") !=
	    parse_modules_has(span(data, len), "tls"))
		return "the filter changed the answer";
	parse_builtin_has(span(data, len), "tls");
	return bad;
}

static const char *status(const char *data, size_t len)
{
	struct caller_facts c = { 0 };

	parse_status(span(data, len), &c);
	return c.seccomp < -1 || c.seccomp > 2 ? "a seccomp mode that does not exist"
					       : NULL;
}

static const char *lockdown(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	const char *word = parse_lockdown(span(data, len), a);

	return word && strchr(word, ']') ? "a bracket was kept" : NULL;
}

static const char *openssl_version(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	const char *v = parse_openssl_version(span(data, len), a);

	if (v)
		version_compare(v, "3.0.0");
	return v && strspn(v, "0123456789.abcdefghijklmnopqrstuvwxyz") != strlen(v)
		       ? "that is no version"
		       : NULL;
}

static const char *link_message(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	struct nics_facts n = { 0 };
	struct nic *nic;

	parse_link(span(data, len), a, &n);
	if (!n.n_nics)
		return NULL;
	nic = n.nics;
	if (n.n_nics > 1 || !nic->ifindex)
		return "one message, one interface with a number";
	return *nic->bond_mode && strcmp(nic->kind, "bond") ? "what is no bond has a mode"
							    : NULL;
}

static const char *ethtool(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	struct nic_settings s = { .name = "eth0", .err = -ENODATA };
	struct nic_bits bits = { 0 },
			some = { .known = { true, true }, .bit = { 0, 63 } };

	parse_ethtool_names(span(data, len), &bits);
	parse_ethtool_features(span(data, len), &bits, a, &s);
	parse_ethtool_features(span(data, len), &some, a, &s);
	parse_ethtool_rings(span(data, len), &s);
	parse_ethtool_channels(span(data, len), &s);
	parse_ethtool_coalesce(span(data, len), &s);
	parse_genl_family(span(data, len), "ethtool");
	if (parse_ethtool_ifindex(span(data, len)) > UINT32_MAX)
		return "a device number of more than 32 bits";
	for (size_t i = 0; i < s.n_features; i++)
		if (!s.features[i].supported && !s.features[i].fixed)
			return "a feature that is not there can be switched";
	return s.err && s.n_features ? "features of who did not answer" : NULL;
}

/* The first half are names, the rest numbers. */
static const char *nic_strings(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	struct span cells = span(data, len / 2);
	struct nic_stats s = { 0 };

	parse_nic_stats(cells, span(data + len / 2, len - len / 2), a, &s);
	for (size_t i = 0; i < s.n_counters; i++)
		if (!strstr(s.counters[i].name, "tls"))
			return "a counter that nobody wants";
	return s.n_counters && !nic_strings_wanted(cells) ? "there was none to want"
							  : NULL;
}

static const char *cpulist(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	struct cpus c = { 0 }, back = { 0 };
	const char *text;

	if (!parse_cpulist(span(data, len), &c))
		return cpus_overlap(&c, &c) ? "something of what is no list" : NULL;
	text = cpus_text(&c, a);
	if (!parse_cpulist(span(text, strlen(text)), &back))
		return "what was written is no list";
	return memcmp(&c, &back, sizeof(c)) ? "what was written is another list" : NULL;
}

static const char *snmp(const char *data, size_t len)
{
	cleanup_bytes struct bytes b = { 0 };
	struct tcp_facts p = { 0 }, q = { 0 };
	const char *bad = filtered(filter_snmp, data, len, &b);

	if (parse_snmp(span_of(&b), &p) != parse_snmp(span(data, len), &q) ||
	    p.out_segments != q.out_segments || p.retransmitted != q.retransmitted)
		return "the filter changed the answer";
	return bad;
}

static const char *maps(const char *data, size_t len)
{
	struct span rest = span(data, len), line;

	while (next_line(&rest, &line)) {
		struct mapping m;

		if (!parse_maps_line(line, &m))
			continue;
		if (!m.path.len || m.path.p[0] != '/')
			return "a mapping that is no file's";
		mapped_name(m.path);
	}
	return NULL;
}

/* /proc/PID: status, auxv, environ and cmdline. */
static const char *process(const char *data, size_t len)
{
	static const char *const apps[] = { "nginx", "haproxy", "lighttpd" };
	cleanup_arena struct arena *a = arena_new();
	struct conf_args args;

	parse_vmlib(span(data, len));
	parse_ppid(span(data, len));
	parse_at_base(span(data, len));
	parse_environ(span(data, len), a);
	for (size_t i = 0; i < ARRAY_SIZE(apps); i++)
		parse_conf_args(span(data, len), apps[i], &args);
	return args.n > ARRAY_SIZE(args.files) ? "more files than there is room for"
					       : NULL;
}

static const char *mounts(const char *data, size_t len)
{
	struct consumers_facts c = { 0 };

	parse_mounts(span(data, len), &c);
	return c.nfs_tls > c.nfs_mounts ? "more TLS than mounts" : NULL;
}

static const char *protocols(const char *data, size_t len)
{
	cleanup_bytes struct bytes b = { 0 };
	struct mptcp_facts p = { 0 }, q = { 0 };
	const char *bad = filtered(filter_protocols, data, len, &b);

	parse_protocols(span_of(&b), &p);
	parse_protocols(span(data, len), &q);
	if (p.present != q.present || p.sockets != q.sockets)
		return "the filter changed the answer";
	return bad;
}

/* What is linked into an executable, and what its texts say. */
static const char *elf(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	struct tls_library l = { 0 };
	struct server_conf c = { 0 };
	struct nginx_build b;

	if (tls_elf_bytes(span(data, len), a, &l) == 1 &&
	    (l.kind >= TLS_KIND_COUNT || !l.version || !l.path || !l.evidence))
		return "found, and not told what";
	tls_texts(span(data, len), a, &l);
	parse_openssldir(span(data, len), a);
	parse_nginx_exe(span(data, len), a, &c, &b);
	parse_server_version(span(data, len), "haproxy", a, &c);
	parse_server_version(span(data, len), "lighttpd", a, &c);
	return NULL;
}

static const char *gnutls_conf(const char *data, size_t len)
{
	static const char last[] = "\n[global]\nktls = true\n";
	cleanup_bytes struct bytes b = copy(data, len);

	parse_gnutls_config(span(data, len));
	b.data = realloc(b.data, len + sizeof(last));
	if (!b.data)
		abort();
	memcpy(b.data + len, last, sizeof(last));
	b.len = len + sizeof(last) - 1;
	return parse_gnutls_config(span_of(&b)) ? NULL : "the last word does not count";
}

static int no_include(struct conf_parse *p, struct span pattern)
{
	p->out->unsure |= pattern.len == 0;
	return 0;
}

static const char *conf_answer(const struct server_conf *c, const char *data, size_t len)
{
	const char *colon = strrchr(c->at, ':');

	if ((c->ktls == CNF_UNSET) != !*c->at)
		return "an answer without a line, or the reverse";
	if (colon && strtoull(colon + 1, NULL, 10) > newlines(data, len) + 1)
		return "a line that is not there";
	return NULL;
}

static const char *nginx_conf(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	struct server_conf c = { .at = "" };
	struct nginx_parse p = { .base = { a, &c, no_include, NULL, false } };

	nginx_begin(&p);
	parse_nginx(span(data, len), "f", &p);
	nginx_end(&p);
	if (p.depth != 1 || p.n_servers)
		return "a block was not closed";
	return !c.tls && c.ktls != CNF_UNSET ? "kTLS without TLS"
					     : conf_answer(&c, data, len);
}

static const char *haproxy_conf(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	struct server_conf c = { .at = "" };
	struct conf_parse p = { a, &c, NULL, NULL, false };

	parse_haproxy(span(data, len), "f", &p);
	return conf_answer(&c, data, len);
}

static const char *lighttpd_conf(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	struct server_conf c = { .at = "" };
	struct conf_parse p = { a, &c, no_include, NULL, false };

	parse_lighttpd(span(data, len), "f", &p);
	return conf_answer(&c, data, len);
}

static int from_json(const struct fields *d, void *doc, const char *text, size_t len,
		     struct arena *a)
{
	struct doc_input in = { .text = text, .len = len, .arena = a };
	int err = doc_from_json(d, doc, &in);

	/* 1: refused without a word. */
	return err == -EBADMSG && !*in.error ? 1 : err;
}

/* What was read can be written, and is then read back as the same. */
static const char *document(const struct fields *d, const char *data, size_t len,
			    const char *(*look)(const void *doc))
{
	cleanup_arena struct arena *a = arena_new();
	cleanup_free char *one = NULL, *two = NULL;
	void *doc = arena_alloc(a, d->size), *back = arena_alloc(a, d->size);
	int err = from_json(d, doc, data, len, a);

	if (err)
		return err > 0 ? "refused without a word" : NULL;
	one = doc_to_json(d, doc, true);
	if (!one || from_json(d, back, one, strlen(one), a))
		return "what was written cannot be read";
	two = doc_to_json(d, back, true);
	if (!two || strcmp(one, two))
		return "what was written is read as something else";
	return look ? look(doc) : NULL;
}

static const char *render(const void *doc)
{
	const struct report *r = doc;
	const struct text_style style = { .utf8 = true, .verbose = true };
	cleanup_free char *text = report_text(r, &style), *nagios = report_nagios(r);
	cleanup_free char *line = report_ndjson(r);

	if (!text || !nagios || !line)
		return "it cannot be rendered";
	if (strchr(nagios, '\n') != strrchr(nagios, '\n'))
		return "Nagios gets more than one line";
	if (strchr(nagios, '|') != strrchr(nagios, '|'))
		return "Nagios gets a second |";
	return strchr(text, '\033') ? "an escape reaches the terminal" : NULL;
}

static const char *snapshot(const char *data, size_t len)
{
	return document(&snapshot_fields, data, len, NULL);
}

static const char *report(const char *data, size_t len)
{
	return document(&report_fields, data, len, render);
}

const struct fuzz_target fuzz_targets[] = {
	{ "kconfig", kconfig },
	{ "tls_stat", tls_stat },
	{ "crypto", crypto },
	{ "cpuinfo", cpuinfo },
	{ "modprobe_conf", modprobe_conf },
	{ "boot_list", boot_list },
	{ "journal", fuzz_journal },
	{ "sysctl", sysctl },
	{ "tuned", tuned },
	{ "network_manager", network_manager },
	{ "policy", policy },
	{ "profile", fuzz_profile },
	{ "cpumask", fuzz_mask },
	{ "openssl_cnf", openssl_cnf },
	{ "os_release", os_release },
	{ "proc_version", proc_version },
	{ "mountinfo", mountinfo },
	{ "modules", modules },
	{ "status", status },
	{ "lockdown", lockdown },
	{ "openssl_version", openssl_version },
	{ "link", link_message },
	{ "ethtool", ethtool },
	{ "nic_strings", nic_strings },
	{ "cpulist", cpulist },
	{ "snmp", snmp },
	{ "maps", maps },
	{ "process", process },
	{ "mounts", mounts },
	{ "protocols", protocols },
	{ "elf", elf },
	{ "gnutls_conf", gnutls_conf },
	{ "nginx_conf", nginx_conf },
	{ "haproxy_conf", haproxy_conf },
	{ "lighttpd_conf", lighttpd_conf },
	{ "snapshot", snapshot },
	{ "report", report },
	{ "tls_record", fuzz_tls_record },
	{ "tls_words", fuzz_tls_words },
	{ "tls_control", fuzz_tls_control },
	{ "tls_look", fuzz_tls_look },
	{ "tls_feed", fuzz_tls_feed },
	{ "diag", fuzz_diag },
	{ "peer", fuzz_peer },
	{ "bench_line", fuzz_bench_line },
	{ "url", fuzz_url },
	{ "http", fuzz_http },
	{ "frames", fuzz_frames },
	{ "upgrade", fuzz_upgrade },
	{ "query", fuzz_query },
	{ "way", fuzz_way },
	{ "route", fuzz_route },
	{ "owner", fuzz_owner },
	{ "starttls", fuzz_starttls },
	{ "target", fuzz_target_name },
	{ "metrics", fuzz_metrics },
	{ "fleet", fuzz_fleet },
	{ "fleet_diff", fuzz_fleet_diff },
	{ "page", fuzz_page },
	{ "packet", fuzz_packet },
	{ "sequence", fuzz_sequence },
	{ 0 },
};

const struct fuzz_target *fuzz_find(const char *name)
{
	for (const struct fuzz_target *t = fuzz_targets; t->name; t++)
		if (!strcmp(t->name, name))
			return t;
	return NULL;
}
