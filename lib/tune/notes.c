/* SPDX-License-Identifier: MIT */
/* What is to be said of a plan as a whole, before anybody applies it. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../check/report.h"
#include "tune_priv.h"

static int note(struct tune_plan *p, const char *text)
{
	const char **v = text ? arena_grow(p->arena, p->notes, p->n_notes, sizeof(*v))
			      : NULL;

	if (!v)
		return -ENOMEM;
	p->notes = v;
	v[p->n_notes++] = text;
	return 0;
}

static int first_of_all(struct tune_plan *p, const char *text)
{
	const char **v = text ? arena_grow(p->arena, p->before, p->n_before, sizeof(*v))
			      : NULL;

	if (!v)
		return -ENOMEM;
	p->before = v;
	v[p->n_before++] = text;
	return 0;
}

/* A note that may not wait until it is done. */
static int note_before(struct tune_plan *p, const char *text)
{
	int err = note(p, text);

	return err ? err : first_of_all(p, text);
}

static bool changes(const struct tune_item *i)
{
	return i->state == TUNE_CHANGE;
}

static const struct tune_item *first(const struct tune_plan *p,
				     bool (*is)(const struct tunable *t))
{
	for (size_t i = 0; i < p->n_items; i++)
		if (changes(&p->items[i]) && is(p->items[i].tunable))
			return &p->items[i];
	return NULL;
}

static bool in_netns(const struct tunable *t)
{
	return t->netns;
}

static bool at_reboot(const struct tunable *t)
{
	return t->reboot;
}

static int note_namespaces(struct tune_plan *p, const struct facts *f)
{
	const struct tuning_facts *t = &f->tuning;
	const char *which = "net.ipv4.tcp_* and net.core.somaxconn are those of this "
			    "network namespace";

	if (!t->src.where || t->src.err)
		return note(p, arena_printf(p->arena,
					    "%s; how many others there are, which do not "
					    "change, is not known",
					    which));
	if (t->netns_counted != TRI_YES && !t->other_netns)
		return note(p, arena_printf(p->arena,
					    "%s; whether there are others, which do not "
					    "change, could not be seen",
					    which));
	if (t->netns_counted != TRI_YES)
		return note(p,
			    arena_printf(p->arena,
					 "%s; at least %" PRIu64
					 " others do not change (not all could be seen)",
					 which, t->other_netns));
	if (!t->other_netns)
		return note(p, arena_printf(p->arena, "%s, the only one here", which));
	return note(p, arena_printf(p->arena, "%s; %" PRIu64 " other%s keep%s what %s",
				    which, t->other_netns, t->other_netns > 1 ? "s" : "",
				    t->other_netns > 1 ? "" : "s",
				    t->other_netns > 1 ? "they have" : "it has"));
}

/* What a revert does not take back, each sentence once. */
static int note_irreversible(struct tune_plan *p)
{
	int err = 0;

	for (size_t i = 0; i < p->n_items && !err; i++) {
		const char *what = p->items[i].tunable->irreversible;
		size_t k = 0;

		if (!what || !changes(&p->items[i]))
			continue;
		while (k < i && (!changes(&p->items[k]) ||
				 p->items[k].tunable->irreversible != what))
			k++;
		if (k == i)
			err = note_before(
				p, arena_printf(p->arena,
						"not taken back by a revert: %s: %s",
						p->items[i].tunable->id, what));
	}
	return err;
}

/* What every program that uses OpenSSL would meet. */
static bool is_told_first(const struct finding *f)
{
	bool about = !strcmp(f->id, "openssl-keyupdate") ||
		     !strcmp(f->id, "openssl-defects") || !strcmp(f->id, "kernel-cves") ||
		     !strncmp(f->id, "ready-", 6);

	return about && (f->verdict == VERDICT_WARN || f->verdict == VERDICT_FAIL ||
			 f->verdict == VERDICT_UNKNOWN);
}

static int note_findings(struct tune_plan *p, const struct report *r)
{
	int err = 0;

	for (size_t i = 0; i < r->n_findings && !err; i++)
		if (is_told_first(&r->findings[i]))
			err = note_before(p, arena_printf(p->arena,
							  "before openssl.ktls: %s (%s)",
							  r->findings[i].summary,
							  r->findings[i].id));
	return err;
}

static int note_openssl(struct tune_plan *p, const struct report *r)
{
	for (size_t i = 0; i < p->n_items; i++) {
		struct tune_item *item = &p->items[i];

		if (!changes(item) || item->tunable->mechanism != MECH_OPENSSL ||
		    strcmp(item->wanted, "on") != 0)
			continue;
		item->warning = "reaches EVERY program that uses OpenSSL and reads this "
				"file, from its next start on, clients too";
		return r ? note_findings(p, r)
			 : note_before(
				   p,
				   "before openssl.ktls: nobody diagnosed whether this "
				   "host is ready for it (ktlsctl diagnose)");
	}
	return 0;
}

/* A server's own configuration is nobody's to edit but its owner's; where a line is all
 * that is missing, it is told by itself (byhand.c). */
static int note_servers(struct tune_plan *p, const struct report *r)
{
	int err = 0;

	for (size_t i = 0; i < r->n_findings && !err; i++) {
		const struct finding *f = &r->findings[i];

		if (strcmp(f->id, "app-nginx") || f->verdict == VERDICT_OK ||
		    !f->remedy || !strcmp(f->reason, "nginx-option-unset"))
			continue;
		err = note(p,
			   arena_printf(p->arena, "nginx is not edited: %s%s%s%s (%s)",
					f->remedy->action, f->remedy->command ? ": " : "",
					f->remedy->command ? f->remedy->command : "",
					f->waived ? ", waived" : "", f->id));
	}
	return err;
}

/* The next queue has nothing new to say. */
static bool is_said(const struct tune_plan *p, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (changes(&p->items[k]) && p->items[k].tunable == p->items[i].tunable &&
		    !strcmp(p->items[k].warning, p->items[i].warning))
			return true;
	return false;
}

/* "eth0/nic.rx-ring: NetworkManager sets it ..." */
static int warn_before(struct tune_plan *p)
{
	int err = 0;

	for (size_t i = 0; i < p->n_items && !err; i++)
		if (changes(&p->items[i]) && *p->items[i].warning && !is_said(p, i))
			err = first_of_all(p, arena_printf(p->arena, "%s: %s",
							   p->items[i].key,
							   p->items[i].warning));
	return err;
}

static int note_fleeting(struct tune_plan *p)
{
	int err = 0;

	for (size_t i = 0; i < p->n_items && !err; i++)
		if (p->items[i].fleeting)
			err = note(p,
				   arena_printf(p->arena,
						"%s is right until the next boot (%s); "
						"--apply --persist makes it last",
						p->items[i].key, p->items[i].boot));
	return err;
}

int tune_notes(struct tune_plan *p, const struct facts *f, const struct report *r)
{
	const struct tune_item *late = first(p, at_reboot);
	int err = 0;

	if (first(p, in_netns))
		err = note_namespaces(p, f);
	if (!err)
		err = note_irreversible(p);
	if (!err)
		err = note_fleeting(p);
	if (!err && late)
		err = note(p,
			   arena_printf(p->arena,
					"%s holds for devices that are made later: those "
					"there are get it after a reboot, if it lasts "
					"(--persist)",
					late->tunable->id));
	if (!err)
		err = note_openssl(p, r);
	if (!err && r)
		err = note_servers(p, r);
	p->reboot_required = late;
	return err ? err : warn_before(p);
}
