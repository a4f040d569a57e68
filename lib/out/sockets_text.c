/* SPDX-License-Identifier: MIT */
/* The sockets for people: the answer in a sentence, a table, sums. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../host/arena.h"
#include "sockets.h"
#include "text.h"
#include "utf8.h"

enum column { NETNS, LOCAL, PEER, PROCESS, VERSION, CIPHER, TX, RX, SENT, RECEIVED, NIC };
_Static_assert(NIC + 1 == SOCKET_CELLS, "one cell a column");

/* Columns keep these widths where the rows are not known beforehand. */
static const struct {
	const char *title;
	unsigned least;
} columns[SOCKET_CELLS] = {
	[NETNS] = { "NETNS", 6 },
	[LOCAL] = { "LOCAL", 17 },
	[PEER] = { "PEER", 17 },
	[PROCESS] = { "PROCESS", 12 },
	[VERSION] = { "TLS", 3 },
	[CIPHER] = { "CIPHER", 11 },
	[TX] = { "TX", 2 },
	[RX] = { "RX", 2 },
	[SENT] = { "SENT/S", 7 },
	[RECEIVED] = { "RECV/S", 7 },
	[NIC] = { "NIC BY ROUTE", 3 },
};

static const char *end_text(const char *addr, uint64_t port, struct arena *a)
{
	const bool v6 = strchr(addr, ':') != NULL;

	return arena_printf(a, "%s%s%s:%" PRIu64, v6 ? "[" : "", addr, v6 ? "]" : "",
			    port);
}

/* "nginx/812", "nginx/812+3" when three more have it. */
static const char *owner_text(const struct socket_owner_doc *o, struct arena *a)
{
	const struct socket_process_doc *p = o ? o->processes : NULL;
	char *clean;
	const char *text;

	if (!o)
		return "";
	if (o->kind == OWNER_KERNEL)
		return "kernel";
	if (o->kind != OWNER_PROCESS || !o->n_processes)
		return o->kind == OWNER_NONE ? "-" : "?";
	clean = utf8_clean(*p->comm ? p->comm : "?");
	text = arena_printf(a, "%s/%" PRIu64, clean ? clean : "?", p->pid);
	free(clean);
	if (text && o->n_processes > 1)
		text = arena_printf(a, "%s+%zu", text, o->n_processes - 1);
	return text;
}

static const char *bytes_text(uint64_t v, struct arena *a)
{
	static const char units[] = " kMGT";
	unsigned u = 0;

	while (v >= 100000 && u < 4) {
		v /= 1000;
		u++;
	}
	return u ? arena_printf(a, "%" PRIu64 "%c", v, units[u])
		 : arena_printf(a, "%" PRIu64, v);
}

/* "eth0", "eth0 far" on another node than the process, "?" where rules hide it. */
static const char *nic_text(const struct socket_nic_doc *n, struct arena *a)
{
	if (!n)
		return "";
	if (!*n->name)
		return !strcmp(n->reason, "no-route") ? "-" : "?";
	if (n->numa_node >= 0 && n->process_node >= 0 && n->numa_node != n->process_node)
		return arena_printf(a, "%s far", n->name);
	return n->name;
}

int socket_row(const struct socket_doc *d, struct arena *a, struct socket_row *out)
{
	const struct socket_tls_doc *tls = d->tls;
	const char *none = d->ktls == KTLS_WORD_UNKNOWN ? "?" : "-";
	const char *nic = nic_text(d->nic, a);

	*out = (struct socket_row){ {
		[NETNS] = arena_strdup(a, d->netns),
		[LOCAL] = end_text(d->local, d->local_port, a),
		[PEER] = end_text(d->peer, d->peer_port, a),
		[PROCESS] = owner_text(d->owner, a),
		[VERSION] = !tls           ? none
			    : tls->version ? arena_strdup(a, tls->version)
					   : "-",
		[CIPHER] = tls && tls->cipher ? arena_strdup(a, tls->cipher) : none,
		[TX] = tls ? tls->tx : none,
		[RX] = tls ? tls->rx : none,
		[SENT] = d->rates ? bytes_text(d->rates->sent_bytes_per_s, a) : "",
		[RECEIVED] = d->rates ? bytes_text(d->rates->received_bytes_per_s, a)
				      : "",
		[NIC] = nic ? arena_strdup(a, nic) : NULL,
	} };
	for (size_t i = 0; i < SOCKET_CELLS; i++)
		if (!out->cell[i])
			return -ENOMEM;
	if (!strncmp(out->cell[VERSION], "TLS", 3))
		out->cell[VERSION] += 3;
	return 0;
}

static bool is_shown(const struct socket_table *t, size_t column)
{
	if (column == NETNS)
		return t->netns;
	return t->rates || (column != SENT && column != RECEIVED);
}

char *sockets_text_row(const struct socket_table *t, const struct socket_row *r)
{
	struct text out;
	const char *blanks = " ";

	if (text_open(&out, &(struct text_style){ 0 }))
		return NULL;
	for (size_t i = 0; i < SOCKET_CELLS; i++) {
		if (!is_shown(t, i))
			continue;
		fputs(blanks, out.f);
		if (i == NIC)
			fputs(r->cell[i], out.f);
		else
			fprintf(out.f, "%-*s", (int)t->width[i], r->cell[i]);
		blanks = "  ";
	}
	fputc('\n', out.f);
	return text_close(&out);
}

char *sockets_text_table_head(struct socket_table *t)
{
	struct socket_row titles;

	for (size_t i = 0; i < SOCKET_CELLS; i++) {
		titles.cell[i] = columns[i].title;
		t->width[i] = columns[i].least;
		for (size_t j = 0; j < t->n; j++)
			if (strlen(t->rows[j].cell[i]) > t->width[i])
				t->width[i] = (unsigned)strlen(t->rows[j].cell[i]);
	}
	return sockets_text_row(t, &titles);
}

static void put_modes(struct text *t, const struct sums_doc *s)
{
	for (size_t i = 0; i < s->n_modes; i++)
		fprintf(t->f, "%s%" PRIu64 " tx %s rx %s", i ? ", " : ": ",
			s->modes[i].sockets, s->modes[i].tx, s->modes[i].rx);
}

static uint64_t services_without(const struct sums_doc *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->n_services; i++)
		n += s->services[i].speaks_tls &&
		     s->services[i].ktls < s->services[i].connections;
	return n;
}

/* The sentence without line breaks. */
static char *answer_of(const struct sockets_doc *d)
{
	const struct sums_doc *s = &d->sums;
	const uint64_t without = s->tls_connections - s->tls_on_ktls;
	const uint64_t services = services_without(s);
	struct text t;

	if (text_open(&t, &(struct text_style){ 0 }))
		return NULL;
	if (!d->visible)
		fputs("Which sockets are on kTLS could not be found out: there are some, "
		      "and this kernel hides them from callers without CAP_NET_ADMIN",
		      t.f);
	else if (s->ktls)
		fprintf(t.f, "%" PRIu64 " kTLS socket%s", s->ktls,
			s->ktls == 1 ? "" : "s");
	else
		fputs("No socket is on kTLS", t.f);
	put_modes(&t, s);
	fputc('.', t.f);
	if (d->visible && without)
		fprintf(t.f,
			" %" PRIu64 " connection%s of %" PRIu64
			" program%s that speak%s TLS %s not on kTLS.",
			without, without == 1 ? "" : "s", services,
			services == 1 ? "" : "s", services == 1 ? "s" : "",
			without == 1 ? "is" : "are");
	return text_close(&t);
}

char *sockets_text_head(const struct sockets_doc *d, const struct text_style *style)
{
	char *answer = answer_of(d);
	struct text t;

	if (!answer || text_open(&t, style)) {
		free(answer);
		return NULL;
	}
	text_wrap(&t, 0, 0, answer);
	free(answer);
	if (d->offload && strcmp(d->offload->verdict, "ok")) {
		fputs("  ! ", t.f);
		text_wrap(&t, 4, 4, d->offload->summary);
	}
	return text_close(&t);
}

static void put_unused(struct text *t, const struct sum_unused_doc *u)
{
	fprintf(t->f, "\n  ");
	text_word(t, 0, u->program);
	fprintf(t->f, " (pid %" PRIu64 "): %" PRIu64 " connection%s\n", u->pid,
		u->connections, u->connections == 1 ? "" : "s");
	fputs("    cause   ", t->f);
	text_wrap(t, 12, 12,
		  u->cause ? u->cause->summary
			   : "none was found from outside: whether it asks its library "
			     "for kTLS is not seen, and not every connection is TLS");
	if (!u->cause || !u->cause->remedy)
		return;
	fputs("    remedy  ", t->f);
	text_wrap(t, 12, 12, u->cause->remedy->action);
	if (u->cause->remedy->command)
		text_line(t, 16, u->cause->remedy->command);
}

static void put_share(struct text *t, const struct sum_service_doc *s)
{
	fputs("  ", t->f);
	text_word(t, 28, s->name);
	fprintf(t->f, " %9" PRIu64 " %11" PRIu64 " %8" PRIu64 " %8" PRIu64, s->processes,
		s->connections, s->ktls, s->hw);
	if (s->speaks_tls && s->connections)
		fprintf(t->f, " %7.1f %%\n",
			100.0 * (double)s->ktls / (double)s->connections);
	else
		fputs("       -\n", t->f);
}

char *sockets_text_sums(const struct sockets_doc *d, const struct text_style *style)
{
	const struct sums_doc *s = &d->sums;
	struct text t;

	if (text_open(&t, style))
		return NULL;
	if (s->n_services)
		fprintf(t.f, "\n  %-28s %9s %11s %8s %8s %9s\n", "SERVICE", "PROCESSES",
			"CONNECTIONS", "ON KTLS", "BY NIC", "COVERAGE");
	for (size_t i = 0; i < s->n_services; i++)
		put_share(&t, &s->services[i]);
	if (s->n_ciphers)
		fprintf(t.f, "\n  %-8s %-20s %8s\n", "TLS", "CIPHER", "SOCKETS");
	for (size_t i = 0; i < s->n_ciphers; i++)
		fprintf(t.f, "  %-8s %-20s %8" PRIu64 "\n",
			s->ciphers[i].version ? s->ciphers[i].version : "-",
			s->ciphers[i].cipher ? s->ciphers[i].cipher : "-",
			s->ciphers[i].sockets);
	if (s->n_modes)
		fprintf(t.f, "\n  %-8s %-20s %8s\n", "TX", "RX", "SOCKETS");
	for (size_t i = 0; i < s->n_modes; i++)
		fprintf(t.f, "  %-8s %-20s %8" PRIu64 "\n", s->modes[i].tx,
			s->modes[i].rx, s->modes[i].sockets);
	return text_close(&t);
}

static const char *next_command(const struct sockets_doc *d)
{
	if (!d->visible)
		return "sudo ktlsctl sockets";
	if (!d->n_unused && d->sums.tls_connections > d->sums.tls_on_ktls)
		return "ktlsctl sockets --unused";
	return d->sums.ktls ? "ktlsctl sockets --summary" : "ktlsctl";
}

char *sockets_text_end(const struct sockets_doc *d, const struct text_style *style)
{
	struct text t;

	if (text_open(&t, style))
		return NULL;
	for (size_t i = 0; i < d->n_unused; i++)
		put_unused(&t, &d->unused[i]);
	if (d->changed)
		fputs("\nThe kernel's list changed while it was read: some may be "
		      "missing or there twice.\n",
		      t.f);
	if (d->owners && !d->programs)
		fputs("\nNot every process could be looked at: programs and their "
		      "coverage are of a\npart only (as root, or with a longer "
		      "--max-time, more).\n",
		      t.f);
	fprintf(t.f, "\nNext: %s\n", next_command(d));
	return text_close(&t);
}
