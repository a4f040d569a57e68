/* SPDX-License-Identifier: MIT */
/* What a server offers, for people. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "scan.h"
#include "text.h"

enum { LABEL = 14, NAME = 32 };

static void put_certificate(struct text *t, const struct scan_certificate *c)
{
	char *words;

	if (!c->seen)
		return;
	if (asprintf(&words, "%s%s%s, %s, until %s", c->valid ? "" : c->error,
		     c->valid ? "" : "; ", c->subject, c->key, c->not_after) < 0)
		return;
	text_label_mark(t, LABEL, "certificate", c->valid ? VERDICT_OK : VERDICT_WARN,
			words);
	free(words);
}

static enum verdict mark_of(enum scan_offload v)
{
	switch (v) {
	case SCAN_SEEN:
	case SCAN_COULD:
		return VERDICT_OK;
	case SCAN_NO:
		return VERDICT_SKIP;
	default:
		return VERDICT_UNKNOWN;
	}
}

static void put_way(struct text *t, const struct scan_way *w, bool last)
{
	static const char *const words[] = { "kernel", "could", "no", "unknown" };

	text_symbol(t, mark_of(w->verdict));
	fprintf(t->f, last ? " %s\n" : " %-9s", words[w->verdict]);
}

/* Said once, not for each suite; that of the kernel stands above. */
static bool is_news(const struct scan_way *w, const struct scan_doc *d, const char *last)
{
	return *w->reason && strcmp(w->reason, d->kernel_ktls.reason) &&
	       strcmp(w->reason, last);
}

static void put_why(struct text *t, const char *direction, const char *why)
{
	fprintf(t->f, "      %s", direction);
	text_wrap(t, 6 + (unsigned)strlen(direction), 6, why);
}

static void put_suite(struct text *t, const struct scan_suite *s,
		      const struct scan_doc *d, const char *last[2])
{
	const bool same = !strcmp(s->tx.reason, s->rx.reason);

	fputs("    ", t->f);
	text_word(t, NAME, s->name);
	fputs("  ", t->f);
	put_way(t, &s->tx, false);
	put_way(t, &s->rx, true);
	if (is_news(&s->tx, d, last[0]))
		put_why(t, same ? "" : "TX: ", s->tx.why);
	if (!same && is_news(&s->rx, d, last[1]))
		put_why(t, "RX: ", s->rx.why);
	last[0] = s->tx.reason;
	last[1] = s->rx.reason;
}

static void put_version(struct text *t, const struct scan_version *v,
			const struct scan_doc *d)
{
	static const char *const accept[] = { "", "refused", "not asked for", "unknown" };
	static const char *const choice[] = { "", ", by the server's order",
					      ", by the client's order" };
	const char *last[2] = { "", "" };

	fputs("  TLS ", t->f);
	text_word(t, 0, v->version);
	if (v->accept != SCAN_ACCEPTED) {
		fprintf(t->f, "%*s%s%s", LABEL - 7, "", accept[v->accept],
			*v->note ? ": " : "");
		text_wrap(t, 2 + LABEL + (unsigned)strlen(accept[v->accept]) + 2,
			  2 + LABEL, v->note);
		return;
	}
	fprintf(t->f, "%*s%zu of %" PRIu64 " suites%s", LABEL - 7, "", v->n_suites,
		v->offered, choice[v->choice]);
	if (v->talked)
		fprintf(t->f, "; %" PRIu64 " ticket%s", v->tickets,
			v->tickets == 1 ? "" : "s");
	fputc('\n', t->f);
	if (*v->note)
		text_label_mark(t, LABEL, "",
				v->complete ? VERDICT_INFO : VERDICT_UNKNOWN, v->note);
	for (size_t i = 0; i < v->n_suites; i++)
		put_suite(t, &v->suites[i], d, last);
}

static void put_records(struct text *t, const struct scan_doc *d)
{
	const char *label = "records";
	char words[128];

	for (size_t i = 0; i < d->n_versions; i++) {
		const struct scan_version *v = &d->versions[i];

		if (!v->talked)
			continue;
		snprintf(words, sizeof(words),
			 "TLS %s: %" PRIu64 " bytes in the largest, of %" PRIu64
			 " that came",
			 v->version, v->largest_record_bytes, v->received_bytes);
		text_label(t, LABEL, label, words);
		label = "";
	}
}

static void put_fragments(struct text *t, const struct scan_doc *d)
{
	static const char *const did[] = { "unknown", "honoured", "ignored",
					   "no handshake with it" };
	const char *label = "max_fragment";
	bool honoured = false;
	char words[256];

	for (size_t i = 0; i < d->n_versions; i++) {
		const struct scan_version *v = &d->versions[i];

		if (v->accept != SCAN_ACCEPTED || strcmp(v->version, "1.2") < 0)
			continue;
		snprintf(words, sizeof(words), "TLS %s: %s%s%s", v->version,
			 did[v->max_fragment], *v->max_fragment_note ? ": " : "",
			 v->max_fragment_note);
		text_label(t, LABEL, label, words);
		label = "";
		honoured |= v->max_fragment == SCAN_FRAGMENT_HONOURED;
	}
	if (honoured)
		text_label_mark(t, LABEL, "", VERDICT_INFO, d->max_fragment.why);
}

static void put_update(struct text *t, const struct scan_doc *d)
{
	static const char *const did[] = { "what the server does is unknown",
					   "the server answers with a new key",
					   "the server goes on with its old key",
					   "the server ends the connection" };
	const struct scan_version *v = d->versions;
	const enum scan_offload verdict = d->key_update.verdict;
	char words[256];

	if (v->accept != SCAN_ACCEPTED || strcmp(v->version, "1.3") != 0)
		return;
	snprintf(words, sizeof(words), "%s%s%s", did[v->key_update],
		 *v->key_update_note ? ": " : "", v->key_update_note);
	text_label(t, LABEL, "KeyUpdate", words);
	if (*d->key_update.why && d->kernel_ktls.verdict != SCAN_NO)
		text_label_mark(t, LABEL, "",
				verdict == SCAN_NO ? VERDICT_WARN : VERDICT_UNKNOWN,
				d->key_update.why);
}

static void put_lines(struct text *t, const char *title, const char **lines, size_t n)
{
	if (!n)
		return;
	fputs("  ", t->f);
	text_line(t, 0, title);
	for (size_t i = 0; i < n; i++)
		text_line(t, 6, lines[i]);
}

static void put_advice(struct text *t, const struct scan_doc *d)
{
	const struct scan_advice *a = &d->advice;

	if (!*a->text)
		return;
	fputc('\n', t->f);
	text_label_mark(t, LABEL, "order", a->needed ? VERDICT_WARN : VERDICT_OK,
			a->text);
	put_lines(t, "nginx, in the http or server block:", a->nginx, a->n_nginx);
	put_lines(t,
		  a->n_nginx
			  ? "openssl.cnf, for servers that have no such options:"
			  : "openssl.cnf (what the server itself sets goes before it):",
		  a->openssl_cnf, a->n_openssl_cnf);
}

static void put_next(struct text *t, const struct scan_doc *d)
{
	const bool https = !strcmp(d->starttls, "https");

	fputs("\nNext: ", t->f);
	if (d->answer == SCAN_UNREACHABLE || d->answer == SCAN_NO_TLS ||
	    d->answer == SCAN_NO_STARTTLS)
		fprintf(t->f, "ktlsctl scan --help\n");
	else if (d->kernel_ktls.verdict == SCAN_NO)
		fprintf(t->f, "ktlsctl diagnose\n");
	else if (!d->tried) {
		fprintf(t->f, "ktlsctl scan --load %s%s%s",
			https ? "" : "--starttls=", https ? "" : d->starttls,
			https ? "" : " ");
		text_line(t, 0, d->target);
	} else {
		fprintf(t->f, "ktlsctl probe --openssl\n");
	}
}

static void put_head(struct text *t, const struct scan_doc *d)
{
	char words[512];
	int n;

	n = snprintf(words, sizeof(words), "%s%s%s", d->address,
		     *d->servername ? ", as " : "", d->servername);
	if (d->addresses > 1)
		snprintf(words + n, sizeof(words) - (size_t)n,
			 ", the first that answered of %" PRIu64 " addresses",
			 d->addresses);
	fputc('\n', t->f);
	text_label(t, LABEL, "address", words);
	put_certificate(t, &d->certificate);
}

static void put_offers(struct text *t, const struct scan_doc *d)
{
	if (*d->error)
		text_label_mark(t, LABEL, "incomplete", VERDICT_UNKNOWN, d->error);
	if (*d->kernel_ktls.why)
		text_label_mark(t, LABEL, "kTLS here", mark_of(d->kernel_ktls.verdict),
				d->kernel_ktls.why);
	if (*d->not_tried && d->kernel_ktls.verdict != SCAN_NO)
		text_label(t, LABEL, "not tried", d->not_tried);
	fprintf(t->f, "\n    %-*s  %-11sRX\n", NAME, "", "TX");
	for (size_t i = 0; i < d->n_versions; i++)
		put_version(t, &d->versions[i], d);
	fputc('\n', t->f);
	put_records(t, d);
	put_fragments(t, d);
	put_update(t, d);
	put_advice(t, d);
}

char *scan_text(const struct scan_doc *d, const struct text_style *style)
{
	struct text t;

	if (text_open_answer(&t, style, d->headline))
		return NULL;
	if (*d->address)
		put_head(&t, d);
	if (d->n_versions && d->answer <= SCAN_INCOMPLETE)
		put_offers(&t, d);
	put_next(&t, d);
	return text_close(&t);
}
