/* SPDX-License-Identifier: MIT */
/* What a probe found, for people: one table. */
#include <inttypes.h>
#include <stdlib.h>

#include "../host/cleanup.h"
#include "probe_path.h"

enum { NAME = 18, CELL = 10 };

static const char *const versions[] = { "1.2", "1.3" };
static const char *const directions[] = { "tx", "rx" };

const struct probe_word probe_words[PROBE_VERDICT_COUNT] = {
	[PROBE_UNTRIED] = { "", "" },
	[PROBE_WORKS] = { "works", NULL },
	[PROBE_NO_WITNESS] = { "works*", NULL },
	[PROBE_UNDEFINED] = { "-", "not defined" },
	[PROBE_NOT_IN_KERNEL] = { "no", "not in this kernel" },
	[PROBE_NO_CRYPTO] = { "no crypto", "crypto missing" },
	[PROBE_REFUSED] = { "refused", "refused, as it should be" },
	[PROBE_NO_EFFECT] = { "no effect", "accepted, without effect" },
	[PROBE_USER_SPACE] = { "user", "stays in user space" },
	[PROBE_BROKEN] = { "BROKEN", "BROKEN" },
	[PROBE_UNKNOWN] = { "unknown", "unknown" },
};

const struct probe_cell *probe_cell_at(const struct probe_facts *p, const char *cipher,
				       int column)
{
	for (size_t i = 0; i < p->n_cells; i++) {
		const struct probe_cell *c = &p->cells[i];

		if (!strcmp(c->cipher, cipher) &&
		    !strcmp(c->version, versions[column / 2]) &&
		    !strcmp(c->direction, directions[column % 2]))
			return c;
	}
	return NULL;
}

/* A cell that all the others of the row agree with; NULL: there are two of a kind. */
static const struct probe_cell *one_verdict(const struct probe_facts *p,
					    const char *cipher)
{
	const struct probe_cell *first = NULL;

	for (int i = 0; i < PROBE_COLUMNS; i++) {
		const struct probe_cell *c = probe_cell_at(p, cipher, i);

		if (!c || c->verdict == PROBE_UNDEFINED)
			continue;
		if (first && first->verdict != c->verdict)
			return NULL;
		first = first ? first : c;
	}
	return first;
}

static void put_error(struct text *t, int err)
{
	const char *name = err ? strerrorname_np(-err) : NULL;

	if (name)
		fprintf(t->f, " (%s)", name);
}

static void put_row(struct text *t, const struct probe_facts *p, const char *cipher)
{
	const struct probe_cell *same = one_verdict(p, cipher);

	fprintf(t->f, "  %-*s", NAME, cipher);
	if (same && probe_words[same->verdict].row && same->verdict != PROBE_BROKEN) {
		fputs(probe_words[same->verdict].row, t->f);
		put_error(t, same->err);
		fputc('\n', t->f);
		return;
	}
	for (int i = 0; i < PROBE_COLUMNS; i++) {
		const struct probe_cell *c = probe_cell_at(p, cipher, i);

		fprintf(t->f, "%-*s", i < 3 ? CELL : 0,
			c ? probe_words[c->verdict].cell : "");
	}
	fputc('\n', t->f);
}

static void put_cells(struct text *t, const struct probe_facts *p)
{
	const char *last = "";

	if (!p->n_cells)
		return;
	fprintf(t->f, "\n  %*s%-*s%s\n", NAME, "", 2 * CELL, "TLS 1.2", "TLS 1.3");
	fprintf(t->f, "  %*s%-*s%-*s%-*s%s\n", NAME, "", CELL, "tx", CELL, "rx", CELL,
		"tx", "rx");
	for (size_t i = 0; i < p->n_cells; i++) {
		if (strcmp(p->cells[i].cipher, last))
			put_row(t, p, p->cells[i].cipher);
		last = p->cells[i].cipher;
	}
}

static bool plainly_works(const struct probe_feature *f)
{
	return f->verdict == PROBE_WORKS && !*f->note && !*f->resembles;
}

/* All that works in one paragraph; the others have something to say. */
static void put_working(struct text *t, const struct probe_facts *p)
{
	char line[512] = "";
	size_t len = 0;

	for (size_t i = 0; i < p->n_features && len < sizeof(line); i++)
		if (plainly_works(&p->features[i]))
			len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s",
						len ? ", " : "", p->features[i].id);
	if (!len)
		return;
	fprintf(t->f, "  %-*s", NAME, "works");
	text_wrap(t, 2 + NAME, 2 + NAME, line);
}

enum verdict probe_symbol(enum probe_verdict v)
{
	switch (v) {
	case PROBE_WORKS:
		return VERDICT_OK;
	case PROBE_BROKEN:
		return VERDICT_FAIL;
	case PROBE_UNKNOWN:
		return VERDICT_UNKNOWN;
	default:
		return VERDICT_SKIP;
	}
}

static void put_feature(struct text *t, const struct probe_feature *f)
{
	fprintf(t->f, "  %-*s", NAME, f->id);
	text_symbol(t, probe_symbol(f->verdict));
	fprintf(t->f, " %s",
		probe_words[f->verdict].row ? probe_words[f->verdict].row : "works");
	put_error(t, f->err);
	if (*f->note)
		fprintf(t->f, ": %s", f->note);
	if (*f->resembles)
		fprintf(t->f, "; like %s", f->resembles);
	fputc('\n', t->f);
}

static void put_features(struct text *t, const struct probe_facts *p)
{
	if (p->n_features)
		fputc('\n', t->f);
	put_working(t, p);
	for (size_t i = 0; i < p->n_features; i++)
		if (!plainly_works(&p->features[i]) && !*p->features[i].resembles)
			put_feature(t, &p->features[i]);
}

/* Good is that nothing happened. */
static void put_hostile(struct text *t, const struct probe_facts *p)
{
	bool first = true;

	for (size_t i = 0; i < p->n_features; i++) {
		if (!*p->features[i].resembles)
			continue;
		if (first)
			fputs("\n  Records that no peer should send:\n", t->f);
		first = false;
		put_feature(t, &p->features[i]);
	}
}

/* What went wrong, a line each: the table has no room for it. */
static void put_broken(struct text *t, const struct probe_facts *p)
{
	for (size_t i = 0; i < p->n_cells; i++) {
		const struct probe_cell *c = &p->cells[i];

		if (c->verdict != PROBE_BROKEN)
			continue;
		fprintf(t->f, "  BROKEN: TLS %s %s %s: not as it should be: %s",
			c->version, c->cipher, c->direction, c->differed);
		put_error(t, c->err);
		fputc('\n', t->f);
	}
}

/* The suites of a version: how many send, how many receive through the kernel. */
struct version_tally {
	size_t n, tx, rx;
};

static struct version_tally tally(const struct probe_facts *p, const char *version)
{
	struct version_tally v = { 0 };

	for (size_t i = 0; i < p->n_handshakes; i++) {
		const struct probe_handshake *h = &p->handshakes[i];

		if (strcmp(h->version, version))
			continue;
		v.n++;
		v.tx += h->tx == PROBE_WORKS;
		v.rx += h->rx == PROBE_WORKS;
	}
	return v;
}

static void put_version(struct text *t, const struct version_tally *v,
			const char *version)
{
	fprintf(t->f, "TLS %s ", version);
	if (v->tx == v->n && v->rx == v->n)
		fputs("tx rx", t->f);
	else if (v->tx == v->n && !v->rx)
		fputs("tx only", t->f);
	else if (v->rx == v->n && !v->tx)
		fputs("rx only", t->f);
	else if (!v->tx && !v->rx)
		fputs("stays in user space", t->f);
	else
		fprintf(t->f, "tx %zu, rx %zu of %zu suites", v->tx, v->rx, v->n);
}

static void put_handshakes(struct text *t, const struct probe_report *r)
{
	const struct probe_facts *p = &r->probe;
	const char *last = "";

	if (!p->n_handshakes)
		return;
	fprintf(t->f, "\n  %-*s", NAME, "libssl");
	for (int i = 0; i < 2; i++) {
		const struct version_tally v = tally(p, versions[i]);

		if (!v.n)
			continue;
		fputs(*last ? ", " : "", t->f);
		put_version(t, &v, versions[i]);
		last = versions[i];
	}
	fprintf(t->f, " (%s)\n", r->openssl);
	last = "";
	for (size_t i = 0; i < p->n_handshakes; i++) {
		const struct probe_handshake *h = &p->handshakes[i];

		if (!*h->note || !strcmp(h->note, last))
			continue;
		fprintf(t->f, "  %*s", NAME, "");
		text_wrap(t, 2 + NAME, 2 + NAME, h->note);
		last = h->note;
	}
}

static bool has_verdict(const struct probe_facts *p, enum probe_verdict v)
{
	for (size_t i = 0; i < p->n_cells; i++)
		if (p->cells[i].verdict == v)
			return true;
	return false;
}

static void put_counted(struct text *t, const struct probe_facts *p)
{
	fputs("\nNo network namespace of its own was permitted: no record was spoiled, "
	      "and the\ncounters of this one rose by",
	      t->f);
	for (size_t i = 0; i < p->n_counted; i++)
		fprintf(t->f, "%s %s %" PRIu64, i ? "," : "", p->counted[i].name,
			p->counted[i].value);
	fputs(p->n_counted ? " or less.\n" : " nothing.\n", t->f);
}

static void put_remarks(struct text *t, const struct probe_report *r)
{
	const struct probe_facts *p = &r->probe;

	if (has_verdict(p, PROBE_NO_WITNESS))
		fputs("\n* This libcrypto does not have the cipher: the kernel was "
		      "compared with itself.\n",
		      t->f);
	if (p->src.err)
		fprintf(t->f,
			"\nIt did not come to its end: %s.\nWhat is unknown was not "
			"tried.\n",
			p->src.err == -ETIMEDOUT
				? "no answer for 5 seconds, the kernel hangs or this "
				  "machine is too busy"
				: strerror(-p->src.err));
	if (p->ulp && !p->private_netns && p->src.where &&
	    (p->n_cells || p->n_features || p->n_handshakes))
		put_counted(t, p);
	if (r->loaded_module)
		fputs("\nThe tls module was not loaded: trying loaded it, as any program "
		      "of root does.\n",
		      t->f);
}

static void put_next(struct text *t, const struct probe_report *r)
{
	fputs("\nNext: ktlsctl ", t->f);
	if (r->cause) {
		fputs("explain ", t->f);
		text_word(t, 0, r->cause->check);
		fputc('\n', t->f);
	} else {
		fputs(r->answer == PROBE_YES ? "diagnose\n" : "diagnose -v\n", t->f);
	}
}

static void put_remedy(struct text *t, const struct remedy *m)
{
	fputs("\n  remedy  ", t->f);
	text_wrap(t, 10, 10, m->action);
	if (m->command)
		text_line(t, 14, m->command);
}

char *probe_text(const struct probe_report *r, const struct text_style *style)
{
	struct text t;
	char *line;

	if (text_open(&t, style))
		return NULL;
	if (asprintf(&line, "%s.", r->headline) >= 0) {
		text_wrap(&t, 0, 0, line);
		free(line);
	}
	if (r->cause && r->cause->remedy)
		put_remedy(&t, r->cause->remedy);
	put_cells(&t, &r->probe);
	put_broken(&t, &r->probe);
	put_features(&t, &r->probe);
	put_hostile(&t, &r->probe);
	put_handshakes(&t, r);
	path_text(&t, &r->probe);
	put_remarks(&t, r);
	put_next(&t, r);
	return text_close(&t);
}
