/* SPDX-License-Identifier: MIT */
/* The bench for people: the answer, what follows for each workload, then the tables. */
#include <inttypes.h>
#include <string.h>

#include "../host/cleanup.h"
#include "bench.h"
#include "text.h"

static const double mib = 1 << 20, thousand = 1000;

/* ---- numbers as people read them ---- */

static void put_size(char *buf, size_t size, uint64_t bytes)
{
	if (bytes >= 1 << 20 && bytes % (1 << 20) == 0)
		snprintf(buf, size, "%" PRIu64 " MiB", bytes >> 20);
	else if (bytes >= 1 << 10 && bytes % (1 << 10) == 0)
		snprintf(buf, size, "%" PRIu64 " KiB", bytes >> 10);
	else
		snprintf(buf, size, "%" PRIu64 " B", bytes);
}

static void put_number(char *buf, size_t size, double v)
{
	snprintf(buf, size, v < 10 ? "%.2f" : v < 100 ? "%.1f" : "%.0f", v);
}

static void put_value(char *buf, size_t size, const struct bench_figure_doc *f)
{
	char n[32];
	const double v = (double)f->value;

	if (f->source == BENCH_UNAVAILABLE) {
		snprintf(buf, size, "-");
	} else if (!strcmp(f->unit, "bytes_per_second")) {
		put_number(n, sizeof(n), v / mib);
		snprintf(buf, size, "%s MiB/s", n);
	} else if (!strcmp(f->unit, "ns_per_gib")) {
		put_number(n, sizeof(n), v < 1e10 ? v / 1e6 : v / 1e9);
		snprintf(buf, size, "%s %s/GiB", n, v < 1e10 ? "ms" : "s");
	} else if (!strcmp(f->unit, "per_gib")) {
		put_number(n, sizeof(n), v / 1024);
		snprintf(buf, size, "%s/MiB", n);
	} else if (!strcmp(f->unit, "bytes_per_gib")) {
		put_number(n, sizeof(n), v / (double)(1 << 30));
		snprintf(buf, size, "%s x", n);
	} else if (!strncmp(f->unit, "ns", 2)) {
		put_number(n, sizeof(n), v < 1e8 ? v / thousand : v / 1e6);
		snprintf(buf, size, "%s %s", n, v < 1e8 ? "us" : "ms");
	} else if (!strcmp(f->unit, "per_1000_operations")) {
		put_number(n, sizeof(n), v / thousand);
		snprintf(buf, size, "%s each", n);
	} else if (!strcmp(f->unit, "permille")) {
		snprintf(buf, size, "%.0f %%", v / 10);
	} else {
		put_number(n, sizeof(n), v);
		snprintf(buf, size, "%s/s", n);
	}
}

static bool is_change(const struct bench_figure_doc *f)
{
	return f->change == BENCH_BETTER || f->change == BENCH_WORSE;
}

/* "+20 %", and "x12" from ten times on: six columns. */
static void put_ratio(char *buf, size_t size, uint64_t permille)
{
	if (permille < 10000)
		snprintf(buf, size, "%+.0f %%", (double)permille / 10 - 100);
	else
		snprintf(buf, size, "x%.0f", (double)permille / thousand);
}

static void put_change(char *buf, size_t size, const struct bench_figure_doc *f)
{
	static const char *const words[] = { "", "", "", "no difference", "too noisy" };

	if (is_change(f) && f->ratio_high_permille >= 10000)
		snprintf(buf, size, "x%.0f (x%.0f to x%.0f)",
			 (double)f->ratio_permille / thousand,
			 (double)f->ratio_low_permille / thousand,
			 (double)f->ratio_high_permille / thousand);
	else if (is_change(f))
		snprintf(buf, size, "%+.0f %% (%+.0f to %+.0f)",
			 (double)f->ratio_permille / 10 - 100,
			 (double)f->ratio_low_permille / 10 - 100,
			 (double)f->ratio_high_permille / 10 - 100);
	else
		snprintf(buf, size, "%s", words[f->change]);
}

/* ---- tables ---- */

/* Of the figures, those that a screen has room for. */
static const enum bench_figure shown[] = {
	BENCH_THROUGHPUT,  BENCH_RATE,         BENCH_LATENCY_MEAN,   BENCH_LATENCY_P50,
	BENCH_LATENCY_P99, BENCH_LATENCY_P999, BENCH_SENDER_CPU,     BENCH_RECEIVER_CPU,
	BENCH_CRYPTO,      BENCH_SENDER_CALLS, BENCH_RECEIVER_CALLS, BENCH_COPIES,
	BENCH_OF_CEILING,  BENCH_SOFTIRQ,      BENCH_HANDSHAKE,      BENCH_ATTACH,
};

static const enum bench_figure brief_bulk[] = { BENCH_THROUGHPUT, BENCH_SENDER_CPU,
						BENCH_RECEIVER_CPU };
static const enum bench_figure brief_both[] = { BENCH_RATE, BENCH_LATENCY_P99,
						BENCH_SENDER_CPU };

static void put_title(struct text *t, const struct bench_group_doc *g)
{
	char line[160], size[24];

	put_size(size, sizeof(size), g->message_bytes);
	snprintf(line, sizeof(line), "%s, %s, %s%s%s, %s, %" PRIu64 " %s", g->workload,
		 strcmp(g->direction, "both") ? g->direction : "both ways", g->tls,
		 *g->cipher ? " " : "", g->cipher, size, g->connections,
		 g->connections == 1 ? "connection" : "connections");
	fputc('\n', t->f);
	text_bold(t, line);
	fputc('\n', t->f);
}

/* Three columns of 20; nothing hangs behind the last one. */
static void put_column(struct text *t, int i, const char *value, const char *change)
{
	fprintf(t->f, " %12s", value);
	if (i < 2)
		fprintf(t->f, " %-6s", change);
	else if (*change)
		fprintf(t->f, " %s", change);
}

/* A figure, and what it is beside the baseline. */
static void put_cell(struct text *t, int i, const struct bench_figure_doc *f)
{
	char value[48] = "-", change[48] = "";

	if (f)
		put_value(value, sizeof(value), f);
	if (f && is_change(f))
		put_ratio(change, sizeof(change), f->ratio_permille);
	else if (f && f->change == BENCH_NO_DIFFERENCE)
		snprintf(change, sizeof(change), "same");
	else if (f && f->change == BENCH_TOO_NOISY)
		snprintf(change, sizeof(change), "?");
	put_column(t, i, value, change);
}

/* both: 1, and 2 where a peer answers. */
static void put_head(struct text *t, unsigned both)
{
	static const char *const titles[3][3] = {
		{ "throughput", "sender CPU", "receiver CPU" },
		{ "operations", "latency p99", "server CPU" },
		{ "operations", "latency p99", "client CPU" },
	};

	fprintf(t->f, "  %-18s", "");
	for (int i = 0; i < 3; i++)
		put_column(t, i, titles[both][i], "");
	fputc('\n', t->f);
}

/* Those that are absent for the same reason, in one paragraph. */
static void put_absent(struct text *t, const struct bench_group_doc *g)
{
	for (size_t i = 0; i < g->n_results; i++) {
		const struct bench_result_doc *r = &g->results[i];
		char line[512];
		size_t len = 0;
		bool told = r->present;

		for (size_t k = 0; k < i && !told; k++)
			told = !g->results[k].present &&
			       !strcmp(g->results[k].reason, r->reason);
		if (told)
			continue;
		for (size_t k = i; k < g->n_results; k++)
			if (!g->results[k].present &&
			    !strcmp(g->results[k].reason, r->reason) &&
			    len < sizeof(line))
				len += (size_t)snprintf(line + len, sizeof(line) - len,
							"%s%s", len ? ", " : "",
							g->results[k].title);
		if (len < sizeof(line))
			snprintf(line + len, sizeof(line) - len, ": absent, %s",
				 r->reason);
		fputs("  ", t->f);
		text_wrap(t, 3, 5, line);
	}
}

static void put_rows(struct text *t, const struct bench_group_doc *g, bool peer)
{
	const bool both = !strcmp(g->direction, "both");
	const enum bench_figure *f = both ? brief_both : brief_bulk;
	bool any = false;

	for (size_t i = 0; i < g->n_results; i++) {
		const struct bench_result_doc *r = &g->results[i];

		if (!r->present)
			continue;
		if (!any)
			put_head(t, both && peer ? 2 : both);
		any = true;
		fputs("  ", t->f);
		text_word(t, 18, r->title);
		for (int k = 0; k < 3; k++)
			put_cell(t, k, bench_figure(r, f[k]));
		fputc('\n', t->f);
	}
	put_absent(t, g);
}

/* "" where there is no value; of two it is derived when one of them is. */
static const char *source_of(const struct bench_figure_doc *a,
			     const struct bench_figure_doc *b)
{
	enum bench_source s = BENCH_UNAVAILABLE;

	if (a)
		s = a->source;
	if (b && (s == BENCH_UNAVAILABLE || b->source == BENCH_DERIVED))
		s = b->source;
	return s == BENCH_UNAVAILABLE ? "" : bench_source_words[s];
}

static void put_both(struct text *t, const char *title, const struct bench_figure_doc *a,
		     const struct bench_figure_doc *b)
{
	const char *source = source_of(a, b);
	char va[48] = "-", vb[48] = "-", change[64] = "";

	if (a)
		put_value(va, sizeof(va), a);
	if (b)
		put_value(vb, sizeof(vb), b);
	if (b)
		put_change(change, sizeof(change), b);
	fprintf(t->f, "  %-22s %11s %11s", title, va, vb);
	if (*change)
		fprintf(t->f, " %-8s %s\n", source, change);
	else
		fprintf(t->f, "%s%s\n", *source ? " " : "", source);
}

/* The table that guides have: OpenSSL, kTLS, change; a row a figure. */
static void put_beside(struct text *t, const struct bench_group_doc *g)
{
	const struct bench_result_doc *user = bench_result(g, "openssl"),
				      *ktls = bench_result(g, "ktls");

	if (!user || !user->present || !ktls || !ktls->present)
		return;
	fprintf(t->f, "\n  %-22s %11s %11s %-8s %s\n", "", "OpenSSL", "kTLS", "source",
		"change");
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		const struct bench_figure_doc *a = bench_figure(user, shown[i]),
					      *b = bench_figure(ktls, shown[i]);

		if (a || b)
			put_both(t, bench_kinds[shown[i]].title, a, b);
	}
}

static bool is_wrong(const struct bench_result_doc *r)
{
	for (size_t i = 0; i < r->n_proofs; i++)
		if (!r->proofs[i].right)
			return true;
	return false;
}

static void put_proofs(struct text *t, const struct bench_group_doc *g)
{
	for (size_t i = 0; i < g->n_results; i++) {
		const struct bench_result_doc *r = &g->results[i];

		if (!r->present || !(t->style.verbose || is_wrong(r)))
			continue;
		for (size_t k = 0; k < r->n_proofs; k++) {
			fputs("    ", t->f);
			text_symbol(t, r->proofs[k].right ? VERDICT_OK : VERDICT_FAIL);
			fprintf(t->f, " %s, ", r->mode);
			text_word(t, 0, r->proofs[k].witness);
			fputs(": ", t->f);
			text_line(t, 0, r->proofs[k].saw);
		}
	}
}

/* ---- the whole ---- */

static void put_advice(struct text *t, const struct bench_doc *d)
{
	if (d->n_advice)
		fputc('\n', t->f);
	for (size_t i = 0; i < d->n_advice; i++) {
		char of[128];

		if (!bench_advised(d, i, of, sizeof(of)))
			continue;
		fputs("  ", t->f);
		text_word(t, 10, of);
		fputs(strlen(of) > 10 ? "\n             " : " ", t->f);
		text_wrap(t, 13, 13, d->advice[i].text);
	}
}

/* "" where it is not known. */
static void put_speed(char buf[96], const char *before, uint64_t rate, const char *behind)
{
	char n[32];

	put_number(n, sizeof(n), (double)rate / mib);
	snprintf(buf, 96, "%s%s MiB/s%s", before, n, behind);
	if (!rate)
		*buf = '\0';
}

/* One line for each cipher: libcrypto, the kernel by its modes, and through AF_ALG. */
static void put_ceilings(struct text *t, const struct bench_doc *d)
{
	for (size_t i = 0; i < d->n_ceilings; i++) {
		const struct bench_ceiling_doc *c = &d->ceilings[i];
		char user[96], derived[96], alg[96], line[512];
		const bool why = !c->af_alg_bytes_per_second && c->af_alg_reason;

		put_speed(user, "libcrypto ", c->libcrypto_bytes_per_second, "");
		put_speed(derived, ", kernel ", c->kernel_bytes_per_second, " (derived)");
		put_speed(alg, ", kernel at least ", c->af_alg_bytes_per_second,
			  " (measured over AF_ALG)");
		snprintf(line, sizeof(line), "%s: %s%s%s%s%s", c->cipher,
			 *user ? user : "libcrypto does not have it", derived, alg,
			 why ? "; not measured over AF_ALG: " : "",
			 why ? c->af_alg_reason : "");
		fputs("  one core   ", t->f);
		text_wrap(t, 13, 13, line);
	}
}

static bool any_noisy(const struct bench_doc *d)
{
	for (size_t i = 0; i < d->n_groups; i++)
		for (size_t k = 0; k < d->groups[i].n_results; k++)
			for (size_t n = 0; n < d->groups[i].results[k].n_figures; n++)
				if (d->groups[i].results[k].figures[n].change ==
				    BENCH_TOO_NOISY)
					return true;
	return false;
}

static void put_circumstances(struct text *t, const struct bench_doc *d)
{
	char line[256];

	fputs("\n  where      ", t->f);
	snprintf(line, sizeof(line),
		 "%s, %" PRIu64 " processor%s, Linux %s, OpenSSL %s, %s", d->host.cpu,
		 d->host.cpus, d->host.cpus == 1 ? "" : "s", d->host.kernel,
		 d->host.openssl, d->path);
	text_wrap(t, 13, 13, line);
	if (*d->host.label) {
		fputs("  mind       ", t->f);
		text_wrap(t, 13, 13, d->host.label);
	}
	fputs("  noise      ", t->f);
	text_wrap(t, 13, 13, d->noise.text);
	put_ceilings(t, d);
	snprintf(line, sizeof(line),
		 "%" PRIu64 " round%s of %" PRIu64
		 " ms%s; medians with 95 %% intervals of "
		 "the rounds; an operation of the harness itself takes %" PRIu64
		 " ns, a latency sample %" PRIu64 " ns, the histogram %" PRIu64
		 " ns of it",
		 d->rounds, d->rounds == 1 ? "" : "s", d->run_ms,
		 !strcmp(d->ended, "interrupted") ? ", interrupted"
		 : !strcmp(d->ended, "time")      ? ", then the time was over"
						  : "",
		 d->harness.operation_ns, d->harness.sample_ns, d->harness.histogram_ns);
	fputs("  how        ", t->f);
	text_wrap(t, 13, 13, line);
	if (!any_noisy(d))
		return;
	fputs("  ?          ", t->f);
	text_wrap(t, 13, 13,
		  "too noisy, or fewer than 6 rounds: nothing can be concluded from the "
		  "ratio to OpenSSL");
}

char *bench_text(const struct bench_doc *d, const struct text_style *style)
{
	struct text t;

	if (text_open(&t, style))
		return NULL;
	text_bold(&t, d->answer);
	fputc('\n', t.f);
	put_advice(&t, d);
	for (size_t i = 0; i < d->n_groups; i++) {
		put_title(&t, &d->groups[i]);
		put_rows(&t, &d->groups[i], !strncmp(d->path, "peer ", 5));
		put_beside(&t, &d->groups[i]);
		put_proofs(&t, &d->groups[i]);
	}
	put_circumstances(&t, d);
	return text_close(&t);
}
