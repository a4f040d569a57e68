// SPDX-License-Identifier: MIT
/* Which handshakes: the defaults, or what --ciphers, --ciphersuites and --only say. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "../host/arena.h"
#include "../host/cleanup.h"
#include "handshake.h"

struct plan {
	const struct probe_options *o;
	struct arena *a;
	struct handshake_plan *rows;
	size_t n;
	size_t named; /* by the user, for one version, tried or not */
};

static const char *suite_of(const struct ktls_cipher *c, uint16_t version)
{
	return version == KTLS_1_3 ? c->suite13 : c->suite12;
}

static bool ends_with(const char *name, const char *end)
{
	const size_t n = strlen(name), m = strlen(end);

	return n >= m && !strcmp(name + n - m, end) && (n == m || name[n - m - 1] == '-');
}

/* The cipher is what a name of TLS 1.2 ends with, whatever the keys are agreed with:
 * "ECDHE-RSA-AES128-GCM-SHA256", "AES128-GCM-SHA256". */
const struct ktls_cipher *cipher_with_suite(const char *suite, uint16_t version)
{
	static const char common[] = "ECDHE-ECDSA-";

	for (const struct ktls_cipher *c = ktls_ciphers; c->word; c++) {
		const char *own = suite_of(c, version);

		if (own && version == KTLS_1_2)
			own += sizeof(common) - 1;
		if (own &&
		    (version == KTLS_1_2 ? ends_with(suite, own) : !strcmp(suite, own)))
			return c;
	}
	return NULL;
}

/* "TLS_AES_128_GCM_SHA256"; those of TLS 1.2 have "_WITH_" in them when they are spelled
 * as in the RFCs. */
static bool is_name13(const char *name)
{
	return !strncmp(name, "TLS_", 4) && !strstr(name, "_WITH_");
}

/* The words of --only are of kinds; a kind that no word is of is not narrowed down. */
static bool wanted(const struct probe_filter *f, const struct handshake_plan *row)
{
	bool versions = false, ciphers = false, others = false;
	bool version = false, cipher = false;

	for (size_t i = 0; i < f->n; i++) {
		const char *w = f->words[i];
		const struct ktls_version *v = ktls_version_named(w, strlen(w));
		const struct ktls_cipher *c = ktls_cipher_named(w, strlen(w));

		versions |= v != NULL;
		ciphers |= c != NULL;
		others |= !v && !c && strcasecmp(w, "tx") && strcasecmp(w, "rx");
		version |= v && v->number == row->version;
		cipher |= c && c == row->cipher;
	}
	/* Features alone are asked for: no handshake is one. */
	if (others && !versions && !ciphers)
		return false;
	return (!versions || version) && (!ciphers || cipher);
}

static int add(struct plan *p, const struct handshake_plan *row)
{
	struct handshake_plan *rows;

	if (!wanted(&p->o->only, row))
		return 0;
	if (p->o->core && (!row->cipher || row->cipher->number != KTLS_AES_GCM_128))
		return 0;
	rows = arena_grow(p->a, p->rows, p->n, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	p->rows = rows;
	rows[p->n++] = *row;
	return 0;
}

/* OpenSSL's kTLS knows no SM4 and no ARIA: there is nothing to find out. */
static int add_defaults(struct plan *p, uint16_t version)
{
	int err = 0;

	for (const struct ktls_cipher *c = ktls_ciphers; c->word && !err; c++) {
		const struct handshake_plan row = { .version = version,
						    .suite = suite_of(c, version),
						    .cipher = c,
						    .note = "" };

		if (row.suite && c->number <= KTLS_CHACHA20_POLY1305)
			err = add(p, &row);
	}
	return err;
}

/* Modifiers of a list belong where they stand. */
static bool is_modifier(const char *name)
{
	return strchr("!+-@", name[0]) != NULL;
}

static uint16_t version_of(const char *name, uint16_t list)
{
	if (is_modifier(name))
		return list;
	return is_name13(name) ? KTLS_1_3 : KTLS_1_2;
}

static const char *oddity(const char *name, uint16_t version, uint16_t list)
{
	if (is_modifier(name))
		return "not the name of a suite";
	if (version == list)
		return "";
	return list == KTLS_1_2
		       ? "a TLS 1.3 name does nothing in the TLS 1.2 list: tried "
			 "with TLS 1.3"
		       : "a TLS 1.2 name does nothing in the TLS 1.3 list: tried "
			 "with TLS 1.2";
}

/* Those of the list that are of the version. */
static int add_list(struct plan *p, const char *list, uint16_t of, uint16_t version)
{
	static const char between[] = ":, ";
	int err = 0;

	for (const char *s = list ? list : ""; *s && !err;) {
		const size_t len = strcspn(s, between);
		const char *name = arena_strndup(p->a, s, len);

		if (!name)
			return -ENOMEM;
		if (len && version_of(name, of) == version) {
			const struct handshake_plan row = {
				.version = version,
				.suite = name,
				.cipher = cipher_with_suite(name, version),
				.rsa = version == KTLS_1_2 && !strstr(name, "ECDSA"),
				.no_suite = is_modifier(name),
				.note = oddity(name, version, of),
			};

			p->named++;
			err = add(p, &row);
		}
		s += len + strspn(s + len, between);
	}
	return err;
}

static int add_version(struct plan *p, uint16_t version)
{
	const char *own = version == KTLS_1_3 ? p->o->ciphersuites : p->o->ciphers;
	int err;

	p->named = 0;
	err = add_list(p, p->o->ciphers, KTLS_1_2, version);
	if (!err)
		err = add_list(p, p->o->ciphersuites, KTLS_1_3, version);
	return err || own || p->named ? err : add_defaults(p, version);
}

/* A client may ask for short records, and so takes a server's kTLS away. */
static int add_max_fragment(struct plan *p)
{
	const struct ktls_cipher *c = ktls_cipher_of(KTLS_AES_GCM_128);
	const struct handshake_plan row = {
		.version = KTLS_1_3,
		.suite = c->suite13,
		.cipher = c,
		.max_fragment = true,
		.note = "a client with max_fragment_length: libssl keeps to user space"
	};

	return p->o->core || p->o->ciphers || p->o->ciphersuites ? 0 : add(p, &row);
}

int handshake_plan(const struct probe_options *o, struct arena *a,
		   struct handshake_plan **rows, size_t *n)
{
	struct plan p = { .o = o, .a = a };
	int err = add_version(&p, KTLS_1_2);

	if (!err)
		err = add_version(&p, KTLS_1_3);
	if (!err)
		err = add_max_fragment(&p);
	*rows = p.rows;
	*n = p.n;
	return err;
}
