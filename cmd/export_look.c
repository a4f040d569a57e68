/* SPDX-License-Identifier: MIT */
#include "export_look.h"

#include <errno.h>
#include <string.h>

#include "../lib/host/arena.h"
#include "../lib/host/cleanup.h"
#include "../lib/host/host.h"
#include "../lib/tune/tune.h"
#include "sockets_look.h"

enum { COMM_MAX = 15 }; /* characters of a process name that the kernel keeps */

/* Asking sock_diag makes the kernel load tcp_diag where that is a module. */
static bool would_load(const struct export_look *l)
{
	return host_exists(l->h, "/sys/module/tcp_diag") != 0 &&
	       l->f->kconfig.opt[KOPT_INET_TCP_DIAG] != KOPT_Y;
}

static bool is_held_by(struct export_look *l, const struct socket_owner *o,
		       const char *service)
{
	for (size_t i = 0; i < o->n; i++)
		if (!strncmp(owners_look(l->survey.owners, o->refs[i].owner)->comm,
			     service, COMM_MAX))
			return true;
	return false;
}

static int on_socket(const struct socket_view *v, void *arg)
{
	struct export_look *l = arg;

	l->unseen += v->owner.kind == OWNER_UNKNOWN &&
		     strcmp(v->owner.reason, "gone-meanwhile") != 0;
	for (size_t i = 0; i < l->n_uses; i++) {
		if (!is_held_by(l, &v->owner, l->uses[i].service))
			continue;
		l->uses[i].connections++;
		l->uses[i].on_ktls += v->s->tls.present;
	}
	return tally_add(&l->tally, v, l->survey.owners);
}

static int begin_uses(struct export_look *l)
{
	const struct policy_facts *p = &l->f->policy;

	l->uses = arena_alloc(l->arena, (p->n_expectations + 1) * sizeof(*l->uses));
	for (size_t i = 0; l->uses && i < p->n_expectations; i++) {
		const char *service = p->expectations[i].service;
		size_t j = 0;

		while (j < l->n_uses && strcmp(l->uses[j].service, service) != 0)
			j++;
		if (j == l->n_uses)
			l->uses[l->n_uses++].service = service;
	}
	return l->uses ? 0 : -ENOMEM;
}

static int count(struct export_look *l)
{
	const struct survey_query q = {
		.all = true,
		.owners = true,
		.sees_all = l->f->caller.net_admin && l->f->caller.initial_userns,
		.ktls_live = counts_ktls(l->f),
	};
	int err = begin_uses(l);

	if (!err)
		err = tally_open(&l->tally, l->f);
	if (!err)
		err = survey_open(&l->survey, &q);
	if (!err && l->survey.sight == ULP_SEEN)
		err = survey_run(&l->survey, on_socket, l);
	return err ? err : sums_of(&l->tally, l->arena, &l->sums);
}

static int look_at_sockets(struct export_look *l, struct export_input *in)
{
	int err;

	if (!l->f->live) {
		in->why_no_sums = "a snapshot has none";
		return 0;
	}
	if (!l->may_load && would_load(l)) {
		in->why_no_sums = "asking would load tcp_diag (--load does)";
		return 0;
	}
	err = count(l);
	if (err == -ENOMEM)
		return err;
	if (err)
		in->why_no_sums = strerror(-err);
	else if (l->survey.sight == ULP_HIDDEN)
		in->why_no_sums = "this kernel tells of kTLS with CAP_NET_ADMIN only";
	else
		in->sums = &l->sums;
	if (l->unseen)
		in->why_no_owners = "some are of processes that cannot be seen";
	if (l->f->programs.src.err || programs_incomplete(l->f))
		in->why_no_programs = "not every process could be looked at";
	in->uses = l->uses;
	in->n_uses = l->n_uses;
	return 0;
}

static int look_at_tune(struct export_look *l, struct export_input *in)
{
	if (!l->f->live) {
		in->why_no_drift = "a snapshot does not say what was applied";
		return 0;
	}
	in->drift = &l->drift;
	return tune_verify(l->h, l->f, l->arena, &l->drift);
}

int export_look(struct export_look *l, struct export_input *in)
{
	int err;

	l->arena = arena_new();
	if (!l->arena)
		return -ENOMEM;
	err = look_at_sockets(l, in);
	return err ? err : look_at_tune(l, in);
}

void export_forget(struct export_look *l)
{
	survey_close(&l->survey);
	tally_close(&l->tally);
	arena_free(l->arena);
}
