// SPDX-License-Identifier: MIT
/* Which order of suites lets kTLS work, and the lines to write. Pure. */
#include <errno.h>
#include <string.h>

#include "../host/arena.h"
#include "handshake.h"
#include "scan.h"

/* What to take where a server has nothing that kTLS knows. */
static const char common12[] =
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
static const char common13[] = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384";

struct order {
	const char *list; /* those that fit best first, each kind as the server has it */
	enum scan_fit best, first;
	bool mixed; /* not all fit as well as the best */
};

static const char *append(struct arena *a, const char *list, const char *name)
{
	return list ? arena_printf(a, "%s%s%s", list, *list ? ":" : "", name) : NULL;
}

static int order_of(const struct facts *f, struct arena *a, const struct scan_version *v,
		    struct order *out)
{
	const uint16_t version = scan_version_number(v->version);

	*out = (struct order){ .list = "" };
	for (int fit = SCAN_FIT_BOTH; fit >= SCAN_FIT_NONE; fit--) {
		for (size_t i = 0; i < v->n_suites; i++) {
			const char *name = v->suites[i].name;
			const enum scan_fit own =
				scan_fit(f, version, cipher_with_suite(name, version));

			if (own > out->best)
				out->best = own;
			if (!i)
				out->first = own;
			out->mixed |= own < out->best && fit == SCAN_FIT_NONE;
			if ((int)own == fit)
				out->list = append(a, out->list, name);
		}
	}
	return out->list ? 0 : -ENOMEM;
}

static const struct scan_version *version_of(const struct scan_doc *d, const char *word)
{
	for (size_t i = 0; i < d->n_versions; i++)
		if (!strcmp(d->versions[i].version, word) &&
		    d->versions[i].accept == SCAN_ACCEPTED)
			return &d->versions[i];
	return NULL;
}

/* What clients get that offer all there is. */
static bool order_matters(const struct scan_version *v, const struct order *o)
{
	if (!v || !v->n_suites)
		return false;
	return v->choice == SCAN_CHOICE_SERVER ? o->first < o->best : o->mixed;
}

static int add_line(struct arena *a, const char ***lines, size_t *n, const char *line)
{
	const char **v = line ? arena_grow(a, *lines, *n, sizeof(*v)) : NULL;

	if (!v)
		return -ENOMEM;
	*lines = v;
	v[(*n)++] = line;
	return 0;
}

static int nginx_lines(struct arena *a, struct scan_advice *v)
{
	const bool v12 = *v->order12, v13 = *v->order13;
	int err = add_line(a, &v->nginx, &v->n_nginx,
			   arena_printf(a, "ssl_protocols%s%s;", v12 ? " TLSv1.2" : "",
					v13 ? " TLSv1.3" : ""));

	if (!err && v12)
		err = add_line(a, &v->nginx, &v->n_nginx,
			       arena_printf(a, "ssl_ciphers %s;", v->order12));
	if (!err)
		err = add_line(a, &v->nginx, &v->n_nginx,
			       "ssl_prefer_server_ciphers on;");
	if (!err && v13)
		err = add_line(
			a, &v->nginx, &v->n_nginx,
			arena_printf(a, "ssl_conf_command Ciphersuites %s;", v->order13));
	if (!err)
		err = add_line(a, &v->nginx, &v->n_nginx,
			       "ssl_conf_command Options KTLS;");
	return err ? err : add_line(a, &v->nginx, &v->n_nginx, "sendfile on;");
}

static int openssl_lines(struct arena *a, struct scan_advice *v)
{
	static const char *const head[] = { "openssl_conf = openssl_init",
					    "[openssl_init]",
					    "ssl_conf = ssl_sect",
					    "[ssl_sect]",
					    "system_default = system_default_sect",
					    "[system_default_sect]",
					    "Options = KTLS,ServerPreference" };
	int err = 0;

	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]) && !err; i++)
		err = add_line(a, &v->openssl_cnf, &v->n_openssl_cnf, head[i]);
	if (!err && *v->order12)
		err = add_line(a, &v->openssl_cnf, &v->n_openssl_cnf,
			       arena_printf(a, "CipherString = %s", v->order12));
	if (!err && *v->order13)
		err = add_line(a, &v->openssl_cnf, &v->n_openssl_cnf,
			       arena_printf(a, "Ciphersuites = %s", v->order13));
	return err;
}

/* In front of what the server has, where nothing of that will do. */
static const char *with_common(struct arena *a, const struct order *o, const char *common)
{
	if (o->best != SCAN_FIT_NONE)
		return o->list;
	return *o->list ? arena_printf(a, "%s:%s", common, o->list) : common;
}

static const char *reason(bool fits, bool matters)
{
	if (!fits)
		return "with a version the server accepts no suite that kTLS can have: "
		       "some are put in front";
	if (matters)
		return "what the server may choose now is not all for kTLS: with this "
		       "order it takes what kTLS can have from every client that has it";
	return "the order need not change: what the server chooses is as good for kTLS "
	       "as anything it accepts";
}

static const char postgres_text[] =
	"PostgreSQL 17 and before put calls of their own between libssl and the socket: "
	"with Options = KTLS in openssl.cnf its connections end with an error; leave "
	"that out where it runs";

/* Postfix and Dovecot take KTLS from openssl.cnf; PostgreSQL breaks with it (tried). */
static int lines(struct arena *a, const struct scan_doc *d, struct scan_advice *v)
{
	if (!strcmp(d->starttls, starttls_words[STARTTLS_POSTGRES])) {
		v->text = postgres_text;
		return 0;
	}
	if (!strcmp(d->starttls, starttls_words[STARTTLS_NONE]) && nginx_lines(a, v))
		return -ENOMEM;
	return openssl_lines(a, v);
}

int scan_advise(const struct facts *f, struct arena *a, struct scan_doc *d)
{
	const struct scan_version *v12 = version_of(d, "1.2");
	const struct scan_version *v13 = version_of(d, "1.3");
	const bool any = version_of(d, "1.1") || version_of(d, "1.0") || v12 || v13;
	struct scan_advice *v = &d->advice;
	struct order o12 = { .list = "" }, o13 = { .list = "" };
	bool fits;

	*v = (struct scan_advice){ .text = "", .order12 = "", .order13 = "" };
	if (!any)
		return 0;
	if ((v12 && order_of(f, a, v12, &o12)) || (v13 && order_of(f, a, v13, &o13)))
		return -ENOMEM;
	fits = (v12 || v13) && (!v12 || o12.best != SCAN_FIT_NONE) &&
	       (!v13 || o13.best != SCAN_FIT_NONE);
	v->needed = !fits || order_matters(v12, &o12) || order_matters(v13, &o13);
	v->text = reason(fits, v->needed);
	v->order12 = v12 || !v13 ? with_common(a, &o12, common12) : "";
	v->order13 = v13 ? with_common(a, &o13, common13) : "";
	if (!v->order12 || !v->order13 || lines(a, d, v))
		return -ENOMEM;
	return 0;
}
