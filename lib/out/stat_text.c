/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stat.h"
#include "text.h"

static uint64_t value_of(const struct stat_netns_doc *n, const char *name)
{
	for (size_t i = 0; i < n->n_counters; i++)
		if (!strcmp(n->counters[i].name, name))
			return n->counters[i].value;
	return 0;
}

static void put_answer(struct text *t, const struct stat_netns_doc *n)
{
	char line[256];

	if (*n->error)
		snprintf(line, sizeof(line),
			 "The kernel's counters could not be read: %s.", n->error);
	else if (!n->present)
		snprintf(line, sizeof(line),
			 "The kernel counts no TLS: the tls module is not loaded.");
	else
		snprintf(line, sizeof(line),
			 "%" PRIu64 " sockets send and %" PRIu64
			 " receive by kTLS now, %" PRIu64 " and %" PRIu64
			 " of them through a NIC by label; %" PRIu64 " decrypt errors.",
			 value_of(n, "TlsCurrTxSw") + value_of(n, "TlsCurrTxDevice"),
			 value_of(n, "TlsCurrRxSw") + value_of(n, "TlsCurrRxDevice"),
			 value_of(n, "TlsCurrTxDevice"), value_of(n, "TlsCurrRxDevice"),
			 value_of(n, "TlsDecryptError"));
	if (*n->netns) {
		text_word(t, 0, n->netns);
		fputs(": ", t->f);
	}
	text_wrap(t, *n->netns ? (unsigned)strlen(n->netns) + 2 : 0, 0, line);
}

static void put_counter(struct text *t, const struct stat_counter_doc *c)
{
	fputs("  ", t->f);
	if (c->bad && c->value)
		text_symbol(t, VERDICT_WARN);
	else
		fputc(' ', t->f);
	fputc(' ', t->f);
	text_word(t, 24, c->name);
	fprintf(t->f, " %14" PRIu64 "  ", c->value);
	text_wrap(t, 45, 45, c->meaning);
}

static void put_counters(struct text *t, const struct stat_counter_doc *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_counter(t, &v[i]);
}

static void put_nic(struct text *t, const struct stat_nic_doc *n)
{
	fputs("\n  ", t->f);
	text_word(t, 0, n->name);
	fprintf(t->f, " (");
	text_word(t, 0, *n->driver ? n->driver : "no driver named");
	fprintf(t->f, ")%s\n",
		*n->error       ? ": its counters could not be read"
		: n->n_counters ? ""
				: ": its driver does not count TLS");
	put_counters(t, n->counters, n->n_counters);
}

char *stat_text(const struct stat_doc *d, const struct text_style *style)
{
	struct text t;

	if (text_open(&t, style))
		return NULL;
	for (size_t i = 0; i < d->n_namespaces; i++) {
		const struct stat_netns_doc *n = &d->namespaces[i];

		if (i)
			fputc('\n', t.f);
		put_answer(&t, n);
		if (n->n_counters)
			fputc('\n', t.f);
		put_counters(&t, n->counters, n->n_counters);
		for (size_t j = 0; j < n->n_nics; j++)
			put_nic(&t, &n->nics[j]);
	}
	return text_close(&t);
}

/* "12:31:05  TlsRxRekeyOk  3  +1  (1/s)  keys to receive changed" */
static void put_change(struct text *t, const char *at, const char *where,
		       const struct stat_counter_doc *c)
{
	if (!c->changed)
		return;
	fprintf(t->f, "%s ", at);
	if (c->bad)
		text_symbol(t, VERDICT_WARN);
	else
		fputc(' ', t->f);
	fputc(' ', t->f);
	if (*where) {
		text_word(t, 0, where);
		fputc(' ', t->f);
	}
	text_word(t, 20, c->name);
	fprintf(t->f, " %10" PRIu64, c->value);
	if (c->rise)
		fprintf(t->f, "  +%" PRIu64 " (%" PRIu64 "/s)", c->rise, c->per_second);
	fputs("  ", t->f);
	text_line(t, 0, c->meaning);
}

char *stat_text_changes(const struct stat_doc *d, const struct text_style *style)
{
	const time_t seconds = (time_t)(d->time_ms / 1000);
	char at[16] = "";
	struct tm tm;
	struct text t;

	if (text_open(&t, style))
		return NULL;
	if (localtime_r(&seconds, &tm))
		strftime(at, sizeof(at), "%H:%M:%S", &tm);
	for (size_t i = 0; i < d->n_namespaces; i++) {
		const struct stat_netns_doc *n = &d->namespaces[i];

		for (size_t j = 0; j < n->n_counters; j++)
			put_change(&t, at, n->netns, &n->counters[j]);
		for (size_t j = 0; j < n->n_nics; j++)
			for (size_t k = 0; k < n->nics[j].n_counters; k++)
				put_change(&t, at, n->nics[j].name,
					   &n->nics[j].counters[k]);
	}
	return text_close(&t);
}
