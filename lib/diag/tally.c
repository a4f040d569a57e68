// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../host/arena.h"
#include "tally.h"

/* A process and its service; service 0: free, else its number + 1. */
struct tally_process {
	uint32_t pid, service;
};

int tally_open(struct tally *t, const struct facts *facts)
{
	*t = (struct tally){ .facts = facts, .arena = arena_new() };
	return t->arena ? 0 : -ENOMEM;
}

void tally_close(struct tally *t)
{
	arena_free(t->arena);
	free(t->processes);
	*t = (struct tally){ 0 };
}

static struct tally_process *slot(const struct tally *t, uint32_t pid)
{
	const uint32_t hash = pid * 2654435761u;
	size_t i = hash & (t->room - 1);

	while (t->processes[i].service && t->processes[i].pid != pid)
		i = (i + 1) & (t->room - 1);
	return &t->processes[i];
}

/* At most half full. */
static int make_room(struct tally *t)
{
	struct tally bigger = { .room = t->room ? t->room * 2 : 256 };

	if (t->n_processes * 2 < t->room)
		return 0;
	bigger.processes = calloc(bigger.room, sizeof(*bigger.processes));
	if (!bigger.processes)
		return -ENOMEM;
	for (size_t i = 0; i < t->room; i++)
		if (t->processes[i].service)
			*slot(&bigger, t->processes[i].pid) = t->processes[i];
	free(t->processes);
	t->processes = bigger.processes;
	t->room = bigger.room;
	return 0;
}

static uint32_t find_service(const struct tally *t, const char *name, bool tls)
{
	for (size_t i = 0; i < t->n_services; i++)
		if (t->services[i].tls == tls && !strcmp(t->services[i].name, name))
			return (uint32_t)i + 1;
	return 0;
}

/* Its number + 1, or 0 without memory. */
static uint32_t service_of(struct tally *t, const struct owner *p)
{
	const char *name = *p->unit ? p->unit : *p->comm ? p->comm : "?";
	const bool tls = program_of(t->facts, p->pid) != NULL;
	uint32_t number = find_service(t, name, tls);
	struct tally_service *s;

	if (number)
		return number;
	s = arena_grow(t->arena, t->services, t->n_services, sizeof(*s));
	if (!s)
		return 0;
	t->services = s;
	s += t->n_services;
	*s = (struct tally_service){ .name = arena_strdup(t->arena, name), .tls = tls };
	s->pid = p->pid;
	return s->name ? (uint32_t)++t->n_services : 0;
}

static struct tally_service *service_of_pid(struct tally *t, struct owners *owners,
					    uint32_t owner)
{
	const uint32_t pid = owners_get(owners, owner)->pid;
	struct tally_process *p;
	struct tally_service *s;

	if (make_room(t))
		return NULL;
	p = slot(t, pid);
	if (p->service)
		return &t->services[p->service - 1];
	p->service = service_of(t, owners_look(owners, owner));
	if (!p->service)
		return NULL;
	p->pid = pid;
	t->n_processes++;
	s = &t->services[p->service - 1];
	s->processes++;
	if (pid < s->pid)
		s->pid = pid;
	return s;
}

static int count_mode(struct tally *t, const struct diag_tls *tls)
{
	struct tally_mode *m;

	for (size_t i = 0; i < t->n_modes; i++) {
		m = &t->modes[i];
		if (m->tx == tls->tx && m->rx == tls->rx) {
			m->sockets++;
			return 0;
		}
	}
	m = arena_grow(t->arena, t->modes, t->n_modes, sizeof(*m));
	if (!m)
		return -ENOMEM;
	t->modes = m;
	m[t->n_modes++] = (struct tally_mode){ tls->tx, tls->rx, 1 };
	return 0;
}

static int count_cipher(struct tally *t, const struct diag_tls *tls)
{
	struct tally_cipher *c;

	for (size_t i = 0; i < t->n_ciphers; i++) {
		c = &t->ciphers[i];
		if (c->version == tls->version && c->cipher == tls->cipher) {
			c->sockets++;
			return 0;
		}
	}
	c = arena_grow(t->arena, t->ciphers, t->n_ciphers, sizeof(*c));
	if (!c)
		return -ENOMEM;
	t->ciphers = c;
	c[t->n_ciphers++] = (struct tally_cipher){ tls->version, tls->cipher, 1 };
	return 0;
}

/* Workers that share a socket are mostly of one service. */
static int count_services(struct tally *t, const struct socket_view *v,
			  struct owners *owners)
{
	const bool hw = v->s->tls.tx >= KTLS_CONF_HW || v->s->tls.rx >= KTLS_CONF_HW;
	const char *last = NULL;
	bool tls = false;

	for (size_t i = 0; i < v->owner.n; i++) {
		struct tally_service *s = service_of_pid(t, owners,
							 v->owner.refs[i].owner);

		if (!s)
			return -ENOMEM;
		if (s->name == last)
			continue;
		last = s->name;
		s->connections++;
		s->ktls += v->s->tls.present;
		s->hw += hw;
		tls |= s->tls;
	}
	t->tls_connections += tls;
	t->tls_ktls += tls && v->s->tls.present;
	return 0;
}

int tally_add(struct tally *t, const struct socket_view *v, struct owners *owners)
{
	int err = 0;

	t->sockets++;
	if (v->s->tls.present) {
		t->ktls++;
		err = count_mode(t, &v->s->tls);
		if (!err)
			err = count_cipher(t, &v->s->tls);
	}
	return err ? err : count_services(t, v, owners);
}
