/* SPDX-License-Identifier: MIT */
/* Driver counters that speak of TLS. */
#include <errno.h>
#include <string.h>

#include "../host/cleanup.h"
#include "nic_priv.h"

/*
 * A cell is padded with NULs or blanks and may be full to its last byte. What stands
 * before "tls" names a ring where it has a number in it (tx12_tls_ooo): those are summed
 * up in counters of the same name without it.
 */
static bool wanted(struct span cell, struct span *name)
{
	const char *tls;

	*name = trimmed(span(cell.p, strnlen(cell.p, cell.len)));
	for (size_t i = 0; i < name->len; i++)
		if (name->p[i] <= ' ' || name->p[i] > '~')
			return false;
	tls = name->len ? memmem(name->p, name->len, "tls", 3) : NULL;
	if (!tls)
		return false;
	for (const char *p = name->p; p < tls; p++)
		if (*p >= '0' && *p <= '9')
			return false;
	return true;
}

static bool next_cell(struct span *cells, struct span *cell)
{
	if (cells->len < NIC_STRING)
		return false;
	*cell = span(cells->p, NIC_STRING);
	*cells = span(cells->p + NIC_STRING, cells->len - NIC_STRING);
	return true;
}

bool nic_strings_wanted(struct span cells)
{
	struct span cell, name;

	while (next_cell(&cells, &cell))
		if (wanted(cell, &name))
			return true;
	return false;
}

int parse_nic_stats(struct span cells, struct span values, struct arena *a,
		    struct nic_stats *out)
{
	struct span cell, name;

	for (; next_cell(&cells, &cell) && values.len >= sizeof(uint64_t);
	     values = span(values.p + sizeof(uint64_t), values.len - sizeof(uint64_t))) {
		struct counter *c;

		if (!wanted(cell, &name))
			continue;
		c = arena_grow(a, out->counters, out->n_counters, sizeof(*c));
		if (!c)
			return -ENOMEM;
		out->counters = c;
		c += out->n_counters;
		c->name = arena_strndup(a, name.p, name.len);
		if (!c->name)
			return -ENOMEM;
		memcpy(&c->value, values.p, sizeof(c->value));
		out->n_counters++;
	}
	return 0;
}

static int read_nic(int fd, const char *name, struct facts *f)
{
	struct nic_stats_facts *all = &f->nic_stats;
	struct nic_stats *s = arena_grow(f->arena, all->nics, all->n_nics, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	all->nics = s;
	s += all->n_nics;
	s->name = name;
	err = nic_ioctl_driver(fd, f->arena, name, &s->driver, &s->firmware);
	if (err == -ENOMEM)
		return err;
	all->n_nics++;
	s->err = err == -EOPNOTSUPP ? 0 : err;
	if (!s->err)
		s->err = nic_ioctl_tls_stats(fd, f->arena, s);
	if (s->err)
		s->n_counters = 0;
	return 0;
}

static int read_all(struct facts *f)
{
	cleanup_close int fd = -1;
	int err = f->nics.src.err;

	for (size_t i = 0; i < f->nics.n_nics && !err; i++) {
		if (!f->nics.nics[i].physical)
			continue;
		if (fd < 0)
			fd = nic_ioctl_open();
		err = fd < 0 ? fd : read_nic(fd, f->nics.nics[i].name, f);
	}
	return err;
}

void read_nic_stats(struct host *h, struct facts *f)
{
	if (!host_is_live(h))
		return;
	f->nic_stats.src = (struct source){ "ethtool ioctl", read_all(f) };
	host_note(h, "ioctl", "ETHTOOL_GSTATS", f->nic_stats.src.err);
}

const struct nic_stats *nic_stats(const struct facts *f, const struct nic *nic)
{
	for (size_t i = 0; i < f->nic_stats.n_nics; i++)
		if (!strcmp(f->nic_stats.nics[i].name, nic->name))
			return &f->nic_stats.nics[i];
	return NULL;
}

uint64_t nic_counter(const struct nic_stats *s, const char *name, uint64_t fallback)
{
	for (size_t i = 0; s && i < s->n_counters; i++)
		if (!strcmp(s->counters[i].name, name))
			return s->counters[i].value;
	return fallback;
}
