/* SPDX-License-Identifier: MIT */
/* All sockets as one document: the sums behind them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../host/arena.h"
#include "sockets.h"

#define OPTIONAL(kind_, type_, member_, sub_, help_)                                     \
	{                                                                                \
		.name = #member_, .kind = (kind_), .off = offsetof(type_, member_),      \
		.sub = (sub_), .optional = true, .help = (help_)                         \
	}

static const struct field mode_rows[] = {
	FIELD(FIELD_STR, struct sum_mode_doc, tx, "as of a socket"),
	FIELD(FIELD_STR, struct sum_mode_doc, rx, "as of a socket"),
	FIELD(FIELD_U64, struct sum_mode_doc, sockets, "with both"),
};
FIELDS(mode_fields, struct sum_mode_doc, mode_rows, NULL);

static const struct field cipher_rows[] = {
	FIELD(FIELD_STR_OR_NULL, struct sum_cipher_doc, version, "null: no keys yet"),
	FIELD(FIELD_STR_OR_NULL, struct sum_cipher_doc, cipher, "null: no keys yet"),
	FIELD(FIELD_U64, struct sum_cipher_doc, sockets, "with both"),
};
FIELDS(cipher_fields, struct sum_cipher_doc, cipher_rows, NULL);

static const struct field service_rows[] = {
	FIELD(FIELD_STR, struct sum_service_doc, name,
	      "the systemd unit, or the name of the process where it is in none"),
	FIELD(FIELD_U64, struct sum_service_doc, pid, "the lowest one"),
	FIELD(FIELD_U64, struct sum_service_doc, processes, "that hold a connection"),
	FIELD(FIELD_BOOL, struct sum_service_doc, speaks_tls,
	      "a TLS library is mapped or linked in"),
	FIELD(FIELD_U64, struct sum_service_doc, connections, "of TCP, of any kind"),
	FIELD(FIELD_U64, struct sum_service_doc, ktls,
	      "of these on kTLS; the share is the coverage of the service"),
	FIELD(FIELD_U64, struct sum_service_doc, hw, "of these through a NIC, by label"),
};
FIELDS(service_fields, struct sum_service_doc, service_rows, NULL);

static const struct field sums_rows[] = {
	FIELD(FIELD_U64, struct sums_doc, sockets, "that were looked at"),
	FIELD(FIELD_U64, struct sums_doc, ktls, "with the TLS ULP"),
	FIELD(FIELD_U64, struct sums_doc, tls_connections,
	      "of programs that speak TLS, encrypted or not; 0 with --no-owners"),
	FIELD(FIELD_U64, struct sums_doc, tls_on_ktls, "of these on kTLS"),
	FIELD_ARRAY(FIELD_LIST, struct sums_doc, modes, &mode_fields, "by mode"),
	FIELD_ARRAY(FIELD_LIST, struct sums_doc, ciphers, &cipher_fields, "by cipher"),
	FIELD_ARRAY(FIELD_LIST, struct sums_doc, services, &service_fields,
		    "those with a connection on kTLS, or that speak TLS"),
};
FIELDS(sums_fields, struct sums_doc, sums_rows, NULL);

static const struct field unused_rows[] = {
	FIELD(FIELD_STR, struct sum_unused_doc, program, "name"),
	FIELD(FIELD_U64, struct sum_unused_doc, pid, "the lowest process of it"),
	FIELD(FIELD_U64, struct sum_unused_doc, connections,
	      "without kTLS, encrypted or not"),
	FIELD_SUB(FIELD_PTR, struct sum_unused_doc, cause, &cause_fields,
		  "as ktlsctl --pid has it; null: none was found"),
};
FIELDS(unused_fields, struct sum_unused_doc, unused_rows, NULL);

static const struct field offload_rows[] = {
	FIELD(FIELD_STR, struct offload_doc, verdict, "of the check nic-tls-effect"),
	FIELD(FIELD_STR, struct offload_doc, reason, "slug of its answer"),
	FIELD(FIELD_STR, struct offload_doc, summary, "its answer"),
};
FIELDS(offload_fields, struct offload_doc, offload_rows, NULL);

static const struct field rows[] = {
	FIELD(FIELD_STR, struct sockets_doc, tool_version, "ktlsctl that made it"),
	FIELD(FIELD_STR, struct sockets_doc, kernel, "uname -r"),
	FIELD(FIELD_BOOL, struct sockets_doc, visible,
	      "false: this kernel hides kTLS from callers without CAP_NET_ADMIN, and "
	      "there is some"),
	FIELD_ARRAY(
		FIELD_LIST, struct sockets_doc, sockets, &socket_fields,
		"those asked for; a dump of TCP is no snapshot, some may be missing or "
		"there twice"),
	FIELD(FIELD_BOOL, struct sockets_doc, owners, "processes were looked for"),
	FIELD(FIELD_BOOL, struct sockets_doc, programs,
	      "every process was looked at for TLS; else services and coverage are of a "
	      "part only"),
	FIELD(FIELD_BOOL, struct sockets_doc, changed,
	      "the kernel said that what it went through changed meanwhile"),
	FIELD_SUB(FIELD_OBJ, struct sockets_doc, sums, &sums_fields, "sums"),
	{ .name = "unused",
	  .kind = FIELD_LIST,
	  .off = offsetof(struct sockets_doc, unused),
	  .count_off = offsetof(struct sockets_doc, n_unused),
	  .sub = &unused_fields,
	  .optional = true,
	  .help = "with --unused: by program, and why" },
	OPTIONAL(FIELD_PTR, struct sockets_doc, offload, &offload_fields,
		 "where sockets are labelled hw: whether NICs do it"),
};

const struct fields sockets_fields = {
	.name = "ktlsctl.sockets/1",
	.help = "the sockets of a host, by ktlsctl sockets",
	.size = sizeof(struct sockets_doc),
	.f = rows,
	.n = sizeof(rows) / sizeof(rows[0])
};

static int add_modes(const struct tally *t, struct arena *a, struct sums_doc *out)
{
	out->modes = arena_alloc(a, (t->n_modes + 1) * sizeof(*out->modes));
	if (!out->modes)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_modes; i++)
		out->modes[i] = (struct sum_mode_doc){ socket_conf_word(t->modes[i].tx),
						       socket_conf_word(t->modes[i].rx),
						       t->modes[i].sockets };
	out->n_modes = t->n_modes;
	return 0;
}

static int add_ciphers(const struct tally *t, struct arena *a, struct sums_doc *out)
{
	out->ciphers = arena_alloc(a, (t->n_ciphers + 1) * sizeof(*out->ciphers));
	if (!out->ciphers)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_ciphers; i++) {
		const struct tally_cipher *c = &t->ciphers[i];
		const struct ktls_version *version = ktls_version_of(c->version);
		const struct ktls_cipher *cipher = ktls_cipher_of(c->cipher);

		out->ciphers[i] = (struct sum_cipher_doc){
			version      ? version->word
			: c->version ? arena_printf(a, "%#06x", c->version)
				     : NULL,
			cipher      ? cipher->word
			: c->cipher ? arena_printf(a, "%u", c->cipher)
				    : NULL,
			c->sockets,
		};
	}
	out->n_ciphers = t->n_ciphers;
	return 0;
}

/* What is on kTLS most first. */
static int by_weight(const void *a, const void *b)
{
	const struct sum_service_doc *x = a, *y = b;

	if (x->ktls != y->ktls)
		return x->ktls > y->ktls ? -1 : 1;
	if (x->connections != y->connections)
		return x->connections > y->connections ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int add_services(const struct tally *t, struct arena *a, struct sums_doc *out)
{
	out->services = arena_alloc(a, (t->n_services + 1) * sizeof(*out->services));
	if (!out->services)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_services; i++) {
		const struct tally_service *s = &t->services[i];
		const char *name = arena_strdup(a, s->name);

		if (!name)
			return -ENOMEM;
		if (s->tls || s->ktls)
			out->services[out->n_services++] = (struct sum_service_doc){
				name,    s->pid, s->processes, s->connections,
				s->ktls, s->hw,  s->tls
			};
	}
	qsort(out->services, out->n_services, sizeof(*out->services), by_weight);
	return 0;
}

int sums_of(const struct tally *t, struct arena *a, struct sums_doc *out)
{
	*out = (struct sums_doc){
		.sockets = t->sockets,
		.ktls = t->ktls,
		.tls_connections = t->tls_connections,
		.tls_on_ktls = t->tls_ktls,
	};
	if (add_modes(t, a, out) || add_ciphers(t, a, out))
		return -ENOMEM;
	return add_services(t, a, out);
}
