/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "../out/field.h"
#include "reader.h"
#include "snapshot.h"

static const char *const tristate_words[] = { "unknown", "no", "yes", NULL };

static const struct field source_rows[] = {
	FIELD(FIELD_STR_OR_NULL, struct source, where, "what was asked; null: not asked"),
	FIELD_NAMED("error", FIELD_INT, struct source, err, "0 or a negated errno"),
};
FIELDS(source_fields, struct source, source_rows, NULL);

#define SOURCE(type_)                                                                    \
	FIELD_SUB(FIELD_OBJ, type_, src, &source_fields, "how reading it went")

static const struct field kernel_rows[] = {
	SOURCE(struct kernel_facts),
	FIELD(FIELD_STR, struct kernel_facts, release, "uname -r"),
	FIELD(FIELD_STR, struct kernel_facts, machine, "uname -m"),
	FIELD(FIELD_U64, struct kernel_facts, page_bytes, "size of a page"),
};
FIELDS(kernel_fields, struct kernel_facts, kernel_rows, NULL);

static const struct field modprobe_rows[] = {
	SOURCE(struct modprobe_facts),
	FIELD(FIELD_BOOL, struct modprobe_facts, resolves,
	      "tcp-ulp-tls leads to a module or built-in"),
	FIELD(FIELD_STR, struct modprobe_facts, path, "the module file"),
	FIELD(FIELD_BOOL, struct modprobe_facts, builtin, "it is built in"),
	FIELD(FIELD_BOOL, struct modprobe_facts, blacklisted,
	      "a blacklist line holds for it"),
	FIELD(FIELD_BOOL, struct modprobe_facts, overridden,
	      "an install line holds for it"),
	FIELD(FIELD_STR, struct modprobe_facts, signature, "yes, no or unknown"),
};
FIELDS(modprobe_fields, struct modprobe_facts, modprobe_rows, NULL);

static const struct field caller_rows[] = {
	SOURCE(struct caller_facts),
	FIELD(FIELD_U64, struct caller_facts, uid, "effective user id"),
	FIELD(FIELD_BOOL, struct caller_facts, net_admin, "CAP_NET_ADMIN is effective"),
	FIELD(FIELD_BOOL, struct caller_facts, sys_module, "CAP_SYS_MODULE is effective"),
	FIELD(FIELD_BOOL, struct caller_facts, initial_userns,
	      "in the initial user namespace"),
	FIELD(FIELD_BOOL, struct caller_facts, initial_others,
	      "in the initial pid, ipc and uts namespaces"),
	FIELD_WORD(struct caller_facts, initial_netns, tristate_words,
		   "in the network namespace of pid 1"),
	FIELD(FIELD_INT, struct caller_facts, seccomp,
	      "0 none, 1 strict, 2 filter, -1 unknown"),
	FIELD(FIELD_BOOL, struct caller_facts, memlock_unlimited, "RLIMIT_MEMLOCK"),
	FIELD(FIELD_U64, struct caller_facts, memlock_bytes, "RLIMIT_MEMLOCK, soft"),
};
FIELDS(caller_fields, struct caller_facts, caller_rows, NULL);

static const struct field openssl_rows[] = {
	SOURCE(struct openssl_facts),
	FIELD(FIELD_STR, struct openssl_facts, version, "at run time"),
	FIELD(FIELD_STR, struct openssl_facts, header_version, "at build time"),
	FIELD(FIELD_U64, struct openssl_facts, number, "OpenSSL_version_num()"),
	FIELD(FIELD_STR, struct openssl_facts, library, "path of libcrypto"),
	FIELD(FIELD_STR, struct openssl_facts, config_file, "the effective openssl.cnf"),
	FIELD(FIELD_BOOL, struct openssl_facts, config_from_env, "named by OPENSSL_CONF"),
	FIELD(FIELD_BOOL, struct openssl_facts, ktls_send, "BIO flag probe, TX"),
	FIELD(FIELD_BOOL, struct openssl_facts, ktls_receive, "BIO flag probe, RX"),
};
FIELDS(openssl_fields, struct openssl_facts, openssl_rows, NULL);

static const struct field copy_rows[] = {
	FIELD(FIELD_STR, struct libssl_copy, path, "the file"),
	FIELD(FIELD_STR, struct libssl_copy, version, "empty: not told by the file"),
	FIELD(FIELD_BOOL, struct libssl_copy, ours, "the one ktlsctl runs with"),
	FIELD_WORD(struct libssl_copy, ktls, tristate_words, "built with kTLS"),
};
FIELDS(copy_fields, struct libssl_copy, copy_rows, NULL);

static const struct field copies_rows[] = {
	SOURCE(struct libssl_copies_facts),
	FIELD_ARRAY(FIELD_LIST, struct libssl_copies_facts, copies, &copy_fields,
		    "every libssl.so found"),
};
FIELDS(libssl_copies_fields, struct libssl_copies_facts, copies_rows, NULL);

static const struct field nic_rows[] = {
	FIELD(FIELD_STR, struct nic, name, "interface"),
	FIELD(FIELD_U64, struct nic, ifindex, "its index"),
	FIELD(FIELD_STR, struct nic, kind, "rtnl kind, empty for a device"),
	FIELD(FIELD_STR, struct nic, driver, "empty if it has none"),
	FIELD(FIELD_BOOL, struct nic, up, "IFF_UP"),
	FIELD(FIELD_U64, struct nic, speed_mbps, "0: it reports none"),
};
FIELDS(nic_fields, struct nic, nic_rows, NULL);

static const struct field nics_rows[] = {
	SOURCE(struct nics_facts),
	FIELD_ARRAY(FIELD_LIST, struct nics_facts, nics, &nic_fields,
		    "interfaces but loopback"),
};
FIELDS(nics_fields, struct nics_facts, nics_rows, NULL);

static const struct field error_rows[] = {
	FIELD(FIELD_STR, struct host_error, path, "what could not be read"),
	FIELD_NAMED("error", FIELD_INT, struct host_error, err, "a negated errno"),
};
FIELDS(error_fields, struct host_error, error_rows, NULL);

#define GROUP(member_, help_)                                                            \
	FIELD_SUB(FIELD_OBJ, struct snapshot_doc, member_, &member_##_fields, help_)

static const struct field doc_rows[] = {
	FIELD(FIELD_STR, struct snapshot_doc, tool_version, "ktlsctl that wrote it"),
	FIELD_NAMED("time_seconds", FIELD_U64, struct snapshot_doc, time,
		    "when it was read, seconds since 1970"),
	GROUP(kernel, "uname(2), without the node's name"),
	GROUP(modprobe, "what libkmod makes of tcp-ulp-tls"),
	GROUP(caller, "privileges of the one who took it"),
	GROUP(openssl, "the OpenSSL ktlsctl ran with"),
	GROUP(libssl_copies, "libssl files on the disk"),
	GROUP(nics, "interfaces, over rtnetlink"),
	FIELD_ARRAY(FIELD_LIST, struct snapshot_doc, errors, &error_fields,
		    "paths that were there and could not be read"),
};

const struct fields snapshot_fields = {
	.name = "ktlsctl.snapshot/1",
	.help = "The fact groups of a snapshot that are no file.",
	.size = sizeof(struct snapshot_doc),
	.f = doc_rows,
	.n = ARRAY_SIZE(doc_rows),
};

static void take_groups(struct facts *f, const struct snapshot_doc *doc)
{
	f->time = doc->time;
	f->kernel = doc->kernel;
	f->modprobe = doc->modprobe;
	f->caller = doc->caller;
	f->openssl = doc->openssl;
	f->libssl_copies = doc->libssl_copies;
	f->nics = doc->nics;
}

int snapshot_load(struct host *h, struct facts *f, char *err, size_t errsize)
{
	struct snapshot_doc doc = { 0 };
	cleanup_bytes struct bytes b = { 0 };
	struct doc_input in = { .arena = f->arena };
	int ret = host_read(h, "/" SNAPSHOT_FILE, NULL, &b);

	if (ret) {
		snprintf(err, errsize, "it is no snapshot: %s: %s", SNAPSHOT_FILE,
			 strerror(-ret));
		return ret;
	}
	in.text = b.data ? b.data : "";
	in.len = b.len;
	ret = doc_from_json(&snapshot_fields, &doc, &in);
	if (ret) {
		snprintf(err, errsize, "%s cannot be used: %s", SNAPSHOT_FILE, in.error);
		return ret;
	}
	for (size_t i = 0; i < doc.n_errors && !ret; i++)
		if (doc.errors[i].path && doc.errors[i].err < 0)
			ret = host_set_error(h, doc.errors[i].path, doc.errors[i].err);
	if (!ret)
		take_groups(f, &doc);
	return ret;
}
