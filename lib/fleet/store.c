/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../host/arena.h"
#include "../host/cleanup.h"
#include "store.h"

int store_init(struct store *s)
{
	const uint32_t other = STORE_OTHER_NAME;

	*s = (struct store){ .arena = arena_new() };
	s->names = (struct set){ .arena = s->arena, .limit = STORE_NAMES };
	s->sets = s->names;
	s->tuples = s->names;
	s->keys = (struct set){ .arena = s->arena, .limit = STORE_HOSTS };
	if (!s->arena)
		return -ENOMEM;
	return set_add(&s->names, STORE_OTHER, strlen(STORE_OTHER)) ||
			       set_add(&s->sets, &other, sizeof(other))
		       ? -ENOMEM
		       : 0;
}

void store_free(struct store *s)
{
	free(s->hosts);
	set_free(&s->names);
	set_free(&s->sets);
	set_free(&s->tuples);
	set_free(&s->keys);
	arena_free(s->arena);
	*s = (struct store){ 0 };
}

const char *store_name(const struct store *s, uint32_t name)
{
	return s->names.items[name].bytes;
}

const struct store_finding *store_tuple(const struct store *s, uint32_t tuple)
{
	return s->tuples.items[tuple].bytes;
}

const uint32_t *store_drivers(const struct store *s, const struct store_host *h,
			      size_t *n)
{
	const struct set_item *i = &s->sets.items[h->drivers];

	*n = i->len / sizeof(uint32_t);
	return i->bytes;
}

static int put_name_of(struct store *s, const char *text, size_t len, uint32_t *name)
{
	if (len > STORE_TEXT)
		len = STORE_TEXT;
	*name = set_add(&s->names, text, len);
	if (*name == SET_NONE) {
		*name = STORE_OTHER_NAME;
		s->crowded = true;
	}
	return *name == SET_NO_MEMORY ? -ENOMEM : 0;
}

static int put_name(struct store *s, const char *text, uint32_t *name)
{
	return put_name_of(s, text, strlen(text), name);
}

/* "nginx/812" is nginx: the number is another one after a restart. */
static size_t without_pid(const char *subject)
{
	const char *slash = strrchr(subject, '/');
	size_t digits = slash ? strspn(slash + 1, "0123456789") : 0;

	if (!digits || slash == subject || slash[1 + digits])
		return strlen(subject);
	return (size_t)(slash - subject);
}

static int put_tuple(struct store *s, const struct store_finding *f, uint32_t *tuple)
{
	struct store_finding of_host = *f;

	*tuple = set_add(&s->tuples, f, sizeof(*f));
	if (*tuple == SET_NONE) {
		s->crowded = true;
		of_host.subject = STORE_OTHER_NAME;
		*tuple = set_find(&s->tuples, &of_host, sizeof(of_host));
	}
	return *tuple == SET_NO_MEMORY ? -ENOMEM : 0;
}

static int put_finding(struct store *s, const struct entry_finding *f,
		       struct store_host *h)
{
	const char *subject = f->subject ? f->subject : "";
	struct store_finding t = { .verdict = f->verdict,
				   .waived = f->waived || f->waiver };
	uint32_t tuple;
	int err;

	if (f->verdict == VERDICT_OK || f->verdict == VERDICT_SKIP)
		return 0;
	err = put_name(s, f->id, &t.check);
	err = err ? err : put_name(s, f->reason, &t.reason);
	err = err ? err : put_name_of(s, subject, without_pid(subject), &t.subject);
	err = err ? err : put_tuple(s, &t, &tuple);
	if (!err && tuple != SET_NONE)
		h->findings[h->n_findings++] = tuple;
	return err;
}

static int put_findings(struct store *s, const struct entry *e, struct store_host *h)
{
	const size_t n = e->n_findings < STORE_FINDINGS ? e->n_findings : STORE_FINDINGS;
	int err = 0;

	s->crowded |= n < e->n_findings;
	h->findings = s->findings;
	for (size_t i = 0; i < n && !err; i++)
		err = put_finding(s, &e->findings[i], h);
	return err;
}

static int ascending(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int put_drivers(struct store *s, const struct entry *e, struct store_host *h)
{
	uint32_t all[STORE_DRIVERS];
	size_t n = 0, n_nics = e->n_nics < STORE_DRIVERS ? e->n_nics : STORE_DRIVERS;
	int err = 0;

	s->crowded |= n_nics < e->n_nics;
	for (size_t i = 0; i < n_nics && !err; i++)
		err = put_name(s, e->nics[i].driver, &all[i]);
	if (err)
		return err;
	qsort(all, n_nics, sizeof(*all), ascending);
	for (size_t i = 0; i < n_nics; i++)
		if (!n || all[i] != all[n - 1])
			all[n++] = all[i];
	h->drivers = set_add(&s->sets, all, n * sizeof(*all));
	if (h->drivers == SET_NONE) {
		s->crowded = true;
		h->drivers = 0;
	}
	return h->drivers == SET_NO_MEMORY ? -ENOMEM : 0;
}

/* A roll-up names the cause; the check is that of the finding it came from. */
static const char *check_of_cause(const struct entry *e)
{
	for (size_t i = 0; e->cause && i < e->n_findings; i++)
		if (!strcmp(e->findings[i].reason, e->cause))
			return e->findings[i].id;
	return "";
}

static int put_cause(struct store *s, const struct entry *e, struct store_host *h)
{
	const char *cause = e->full ? e->full->id : e->cause;
	int err;

	h->cause = h->check = STORE_NO_CAUSE;
	if (!cause)
		return 0;
	err = put_name(s, cause, &h->cause);
	return err ? err
		   : put_name(s, e->full ? e->full->check : check_of_cause(e), &h->check);
}

static int fill(struct store *s, const struct entry *e, struct store_host *h)
{
	int err;

	*h = (struct store_host){ .name = "",
				  .time = entry_time(e->time),
				  .status = e->status };
	err = put_cause(s, e, h);
	err = err ? err : put_name(s, e->kernel, &h->kernel);
	err = err ? err : put_name(s, e->openssl, &h->openssl);
	err = err ? err : put_drivers(s, e, h);
	return err ? err : put_findings(s, e, h);
}

/* The findings move to where those of the host's older record were, if there is room: a
 * host that comes again and again takes no more memory for it. */
static int keep(struct store *s, const struct store_host *old, struct store_host *h)
{
	const uint32_t *from = h->findings;

	h->findings = old->findings;
	h->findings_room = old->findings_room;
	if (h->n_findings > h->findings_room) {
		h->findings_room = h->n_findings > 2 * old->findings_room
					   ? h->n_findings
					   : 2 * old->findings_room;
		h->findings = arena_alloc(s->arena,
					  h->findings_room * sizeof(*h->findings));
	}
	if (h->n_findings && !h->findings)
		return -ENOMEM;
	if (h->n_findings)
		memcpy(h->findings, from, h->n_findings * sizeof(*from));
	return 0;
}

static int make_room(struct store *s)
{
	uint32_t room = s->room ? s->room * 2 : 64;
	struct store_host *hosts;

	if (s->keys.n < s->room)
		return 0;
	hosts = realloc(s->hosts, room * sizeof(*hosts));
	if (!hosts)
		return -ENOMEM;
	s->hosts = hosts;
	s->room = room;
	return 0;
}

static void count(struct store *s, enum entry_kind kind, uint64_t time)
{
	s->documents[kind]++;
	if (!s->oldest || time < s->oldest)
		s->oldest = time;
	if (time > s->newest)
		s->newest = time;
}

int store_add(struct store *s, const struct entry *e, enum entry_kind kind,
	      struct store_host *h)
{
	const uint64_t time = entry_time(e->time);
	size_t len = strnlen(e->host, STORE_TEXT);
	uint32_t known = set_find(&s->keys, e->host, len), at;

	count(s, kind, time);
	if (known != SET_NONE) {
		s->superseded++;
		if (s->hosts[known].time > time)
			return STORE_OLDER;
	}
	if (make_room(s) || fill(s, e, h))
		return -ENOMEM;
	at = known == SET_NONE && len ? set_add(&s->keys, e->host, len) : known;
	if (at == SET_NO_MEMORY)
		return -ENOMEM;
	if (at == SET_NONE)
		return STORE_UNMATCHED;
	if (known == SET_NONE)
		s->hosts[at] = (struct store_host){ 0 };
	if (keep(s, &s->hosts[at], h))
		return -ENOMEM;
	h->name = s->keys.items[at].bytes;
	s->hosts[at] = *h;
	return known == SET_NONE ? STORE_NEW : STORE_REPLACED;
}
