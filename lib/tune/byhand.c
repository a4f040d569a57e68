/* SPDX-License-Identifier: MIT */
/*
 * What a plan wishes for that stands in somebody's own configuration: the lines are told,
 * and nobody's file is edited.
 */
#include <errno.h>
#include <string.h>

#include "../check/check.h"
#include "tune_priv.h"

static struct plan_lines *begin(struct tune_plan *p, const char *program,
				const char *where, const char *then)
{
	struct plan_lines *v = arena_grow(p->arena, p->by_hand, p->n_by_hand, sizeof(*v));

	if (!v || !where || !then)
		return NULL;
	p->by_hand = v;
	v += p->n_by_hand++;
	*v = (struct plan_lines){ .program = program, .where = where, .then = then };
	return v;
}

static int add(struct tune_plan *p, struct plan_lines *b, const char *line)
{
	const char **v = line ? arena_grow(p->arena, b->lines, b->n_lines, sizeof(*v))
			      : NULL;

	if (!v)
		return -ENOMEM;
	b->lines = v;
	v[b->n_lines++] = line;
	return 0;
}

/* Nobody switches kTLS on for it, and the line would do so. */
static bool wants_line(const struct facts *f, const struct program *p)
{
	const struct server_conf *c = &p->conf;

	return !c->err && !c->unsure && c->tls && c->ktls == CNF_UNSET && *c->file &&
	       (!c->bundled || c->ktls_built) && program_asks(f, p) != TRI_YES &&
	       (!*c->version || version_compare(c->version, "1.21.4") >= 0);
}

static int for_nginx(struct tune_plan *p, const struct program *nginx)
{
	const char *reload = nginx->same_root == TRI_YES
				     ? "nginx -t && nginx -s reload"
				     : "nginx -t && nginx -s reload, in its container";
	struct plan_lines *b = begin(
		p, "nginx",
		arena_printf(p->arena, "the http block of %s", nginx->conf.file), reload);
	int err = b ? add(p, b, "ssl_conf_command Options KTLS;") : -ENOMEM;

	/* Without it files are copied through nginx, and little is gained. */
	if (!err && !nginx->conf.sendfile)
		err = add(p, b, "sendfile on;");
	return err;
}

static int all_nginx(struct tune_plan *p, const struct facts *f)
{
	const struct program_list all = programs_asked(f);
	int err = 0;

	for (size_t i = 0; i < all.n && !err; i++)
		if (program_is(&all.v[i], "nginx") && wants_line(f, &all.v[i]))
			err = for_nginx(p, &all.v[i]);
	return err;
}

#define POLICY "/etc/ktlsctl/irqbalance-policy"

/* The NIC whose interrupts irqbalance keeps; NULL: not this one, or said already. */
static const struct nic *kept_by_irqbalance(const struct tune_plan *p, size_t i,
					    const struct facts *f)
{
	const struct tune_item *item = &p->items[i];
	const struct nic *nic = item->device ? tune_nic(f, item->device) : NULL;

	if (item->tunable->device != TUNE_IRQ || item->state != TUNE_REFUSED ||
	    strcmp(item->owner, "irqbalance") != 0 || !nic || nic->numa_node < 0)
		return NULL;
	for (size_t k = 0; k < i; k++)
		if (p->items[k].tunable == item->tunable &&
		    p->items[k].state == TUNE_REFUSED && p->items[k].device &&
		    tune_nic(f, p->items[k].device) == nic)
			return NULL;
	return nic;
}

/* A virtio NIC's folder is one below that of its PCI device. What is no PCI device has
 * "/sys" as its folder (irqbalance 1.9.2), where any other pattern finds class/net. */
static int for_irqbalance(struct tune_plan *p, struct plan_lines *b,
			  const struct nic *nic)
{
	return add(
		p, b,
		arena_printf(
			p->arena,
			"for d in \"$1/net/%s\" \"$1\"/virtio*/net/%s; do [ -d \"$d\" ] "
			"&& echo numa_node=%d; done",
			nic->name, nic->name, nic->numa_node));
}

static int policy_script(struct tune_plan *p, const struct facts *f)
{
	struct plan_lines *b = NULL;
	int err = 0;

	for (size_t i = 0; i < p->n_items && !err; i++) {
		const struct nic *nic = kept_by_irqbalance(p, i, f);

		if (!nic)
			continue;
		if (!b) {
			b = begin(p, "irqbalance", "a policy script, " POLICY,
				  "chmod 755 " POLICY
				  "; IRQBALANCE_ARGS=--policyscript=" POLICY
				  " in /etc/default/irqbalance; systemctl restart "
				  "irqbalance");
			err = b ? add(p, b, "#!/bin/sh") : -ENOMEM;
		}
		if (!err)
			err = for_irqbalance(p, b, nic);
	}
	return !err && b ? add(p, b, "exit 0") : err;
}

int tune_by_hand(struct tune_plan *p, const struct facts *f, const struct tune_query *q)
{
	bool asked = q->report || (q->profile && q->profile->servers);
	int err = policy_script(p, f);

	if (err || !asked || !f->programs.src.where || f->programs.src.err)
		return err;
	return all_nginx(p, f);
}
