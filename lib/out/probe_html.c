/* SPDX-License-Identifier: MIT */
/* What a probe found as a page: the table, what else the kernel can do, libssl. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "html.h"
#include "probe_path.h"

/* A verdict of the table: the symbol, and the word that the text has. */
static void put_word(struct html *h, enum verdict v, const char *word, int err)
{
	const char *name = err ? strerrorname_np(-err) : NULL;

	html_says(h, v, word);
	if (name)
		fprintf(h->f, " <span class=\"note\">%s</span>", name);
}

static void put_probe_verdict(struct html *h, enum probe_verdict v, int err)
{
	const char *row = probe_words[v].row;

	put_word(h, probe_symbol(v), row ? row : probe_words[v].cell, err);
}

static void put_columns(struct html *h, const char *const *names)
{
	fputs("<thead><tr>", h->f);
	for (; *names; names++)
		fprintf(h->f, "<th scope=\"col\">%s</th>", *names);
	fputs("</tr></thead>\n<tbody>\n", h->f);
}

static void put_end(struct html *h)
{
	fputs("</tbody>\n", h->f);
	html_table_end(h);
}

/* A sign alone is a symbol beside a symbol. */
static const char *cell_word(enum probe_verdict v)
{
	return v == PROBE_UNDEFINED ? probe_words[v].row : probe_words[v].cell;
}

static void put_cipher(struct html *h, const struct probe_facts *p, const char *cipher)
{
	fputs("<tr>", h->f);
	html_element(h, "th scope=\"row\"", cipher);
	for (int i = 0; i < PROBE_COLUMNS; i++) {
		const struct probe_cell *c = probe_cell_at(p, cipher, i);

		fputs("<td>", h->f);
		if (c && c->verdict != PROBE_UNTRIED)
			put_word(h, probe_symbol(c->verdict), cell_word(c->verdict),
				 c->err);
		if (c && *c->differed)
			html_element(h, "p class=\"note\"", c->differed);
		fputs("</td>", h->f);
	}
	fputs("</tr>\n", h->f);
}

static bool has_verdict(const struct probe_facts *p, enum probe_verdict v)
{
	for (size_t i = 0; i < p->n_cells; i++)
		if (p->cells[i].verdict == v)
			return true;
	return false;
}

static void put_cells(struct html *h, const struct probe_facts *p)
{
	static const char *const names[] = { "cipher",     "TLS 1.2 tx", "TLS 1.2 rx",
					     "TLS 1.3 tx", "TLS 1.3 rx", NULL };
	const char *last = "";

	if (!p->n_cells)
		return;
	html_section(h, "The kernel: every version, cipher and direction");
	fputs("<p class=\"note\">tx: what is sent, rx: what is received. Compared byte "
	      "for byte with libcrypto.</p>\n",
	      h->f);
	html_table_begin(h, "Ciphers of the kernel");
	put_columns(h, names);
	for (size_t i = 0; i < p->n_cells; i++) {
		if (strcmp(p->cells[i].cipher, last))
			put_cipher(h, p, p->cells[i].cipher);
		last = p->cells[i].cipher;
	}
	put_end(h);
	if (has_verdict(p, PROBE_NO_WITNESS))
		fputs("<p class=\"note\">* This libcrypto does not have the cipher: the "
		      "kernel was compared with itself.</p>\n",
		      h->f);
	fputs("</section>\n", h->f);
}

static void put_feature(struct html *h, const struct probe_feature *f)
{
	fputs("<tr>", h->f);
	html_element(h, "th scope=\"row\"", f->id);
	fputs("<td>", h->f);
	put_probe_verdict(h, f->verdict, f->err);
	fputs("</td><td class=\"words\">", h->f);
	html_text(h, f->note);
	fputs(*f->note && *f->resembles ? "; like " : *f->resembles ? "like " : "", h->f);
	html_text(h, f->resembles);
	fputs("</td></tr>\n", h->f);
}

/* hostile: the records that no peer should send, or the others. */
static void put_features(struct html *h, const struct probe_facts *p, bool hostile)
{
	static const char *const names[] = { "feature", "answer", "note", NULL };
	bool any = false;

	for (size_t i = 0; i < p->n_features; i++)
		any |= (*p->features[i].resembles != '\0') == hostile;
	if (!any)
		return;
	html_section(h, hostile ? "Records that no peer should send"
				: "What else the kernel can do");
	html_table_begin(h, hostile ? "Hostile records" : "Features");
	put_columns(h, names);
	for (size_t i = 0; i < p->n_features; i++)
		if ((*p->features[i].resembles != '\0') == hostile)
			put_feature(h, &p->features[i]);
	put_end(h);
	fputs("</section>\n", h->f);
}

/* What libssl, the kernel and its counters say: each "tx rx", "tx", "rx" or "–". */
static void put_witness(struct html *h, bool tx, bool rx)
{
	fprintf(h->f, "<td>%s%s%s</td>", tx ? "tx" : "", tx && rx ? " " : "",
		rx   ? "rx"
		: tx ? ""
		     : "–");
}

static void put_handshake(struct html *h, const struct probe_handshake *s)
{
	fputs("<tr>", h->f);
	html_element(h, "th scope=\"row\"", s->suite);
	fputs("<td>", h->f);
	html_text(h, s->version);
	fputs("</td><td>", h->f);
	put_probe_verdict(h, s->tx, s->err);
	fputs("</td><td>", h->f);
	put_probe_verdict(h, s->rx, s->err);
	fputs("</td>", h->f);
	put_witness(h, s->bio_tx, s->bio_rx);
	put_witness(h, s->kernel_tx, s->kernel_rx);
	put_witness(h, s->counted_tx, s->counted_rx);
	fputs("<td class=\"words\">", h->f);
	fputs(s->agree ? "" : "the witnesses disagree. ", h->f);
	html_text(h, s->note);
	fputs("</td></tr>\n", h->f);
}

static void put_handshakes(struct html *h, const struct probe_report *r)
{
	static const char *const names[] = { "suite",    "TLS",    "tx",
					     "rx",       "libssl", "the kernel",
					     "counters", "note",   NULL };

	if (!r->probe.n_handshakes)
		return;
	fputs("<section>\n<h2>Handshakes of libssl ", h->f);
	html_text(h, r->openssl);
	fputs("</h2>\n<p class=\"note\">Three witnesses say which directions are in the "
	      "kernel: libssl, the socket, the counters of tls_stat.</p>\n",
	      h->f);
	html_table_begin(h, "Handshakes of libssl");
	put_columns(h, names);
	for (size_t i = 0; i < r->probe.n_handshakes; i++)
		put_handshake(h, &r->probe.handshakes[i]);
	put_end(h);
	fputs("</section>\n", h->f);
}

static void put_path(struct html *h, const struct probe_path *x)
{
	fprintf(h->f, "<tr><th scope=\"row\">TLS ");
	html_text(h, x->version);
	fputc(' ', h->f);
	html_text(h, x->direction);
	fputs("</th><td>", h->f);
	put_word(h, path_words[x->verdict].verdict, path_words[x->verdict].word, x->err);
	fprintf(h->f, "</td><td>%s</td><td class=\"number\">%" PRIu64,
		path_label_words[x->label], x->payload_bytes);
	fprintf(h->f, "</td><td class=\"number\">%" PRIu64, x->bytes);
	fprintf(h->f, "</td><td class=\"number\">%" PRIu64 "</td><td>", x->packets);
	html_text(h, x->why);
	fputs("</td></tr>\n", h->f);
}

static void put_paths(struct html *h, const struct probe_facts *p)
{
	static const char *const names[] = { "direction",     "who encrypts",
					     "label",         "bytes sent",
					     "driver: bytes", "driver: packets",
					     "why",           NULL };

	if (!p->device)
		return;
	fputs("<section>\n<h2>Through ", h->f);
	html_text(h, p->device);
	fputs(" to ", h->f);
	html_text(h, p->peer ? p->peer : "?");
	fputs("</h2>\n", h->f);
	html_table_begin(h, "Through a network interface");
	put_columns(h, names);
	for (size_t i = 0; i < p->n_paths; i++)
		put_path(h, &p->paths[i]);
	put_end(h);
	fputs("</section>\n", h->f);
}

static void put_cause(struct html *h, const struct probe_report *r)
{
	if (!r->cause)
		return;
	fprintf(h->f, "<section class=\"cause %s\">\n<h2>Why not all of it works</h2>\n",
		verdict_words[r->cause->verdict]);
	fputs("<p class=\"lead\">", h->f);
	html_verdict(h, r->cause->verdict);
	fputc(' ', h->f);
	html_text(h, r->cause->summary);
	fputs("</p>\n<p class=\"id\"><code>", h->f);
	html_text(h, r->cause->check);
	fputs("</code></p>\n", h->f);
	if (r->cause->remedy)
		html_remedy(h, r->cause->remedy, r->cause->check);
	fputs("</section>\n", h->f);
}

static void put_remarks(struct html *h, const struct probe_report *r)
{
	const struct probe_facts *p = &r->probe;

	html_section(h, "How it was tried");
	fprintf(h->f, "<p>%s%s</p>\n",
		p->private_netns ? "In a network namespace of its own: the counters of "
				   "this host did not move."
				 : "In the network namespace of the host.",
		r->loaded_module ? " The tls module was not loaded: trying loaded it."
				 : "");
	if (p->src.err) {
		fputs("<p>It did not come to its end: ", h->f);
		html_text(h, strerror(-p->src.err));
		fputs(". What is unknown was not tried.</p>\n", h->f);
	}
	if (p->skipped)
		html_element(h, "p", p->skipped);
	if (!p->ulp) {
		fputs("<p>The TLS ULP could not be attached: ", h->f);
		html_text(h, strerror(-p->ulp_err));
		fputs("</p>\n", h->f);
	}
	fputs("</section>\n", h->f);
}

void probe_page(struct html *h, const struct probe_report *r)
{
	put_cause(h, r);
	put_paths(h, &r->probe);
	put_cells(h, &r->probe);
	put_features(h, &r->probe, false);
	put_features(h, &r->probe, true);
	put_handshakes(h, r);
	put_remarks(h, r);
}

char *probe_html(const struct probe_report *r)
{
	const bool named = r->host && *r->host;
	const struct html_head head = { r->headline, "probe", named ? r->host : r->kernel,
					NULL, r->tool_version };
	struct html h;

	if (html_open(&h, &head))
		return NULL;
	probe_page(&h, r);
	return html_close(&h, &head);
}
