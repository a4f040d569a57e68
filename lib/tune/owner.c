/* SPDX-License-Identifier: MIT */
/* Who sets a key today, what the next boot sets it to, and whom one would fight. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "tune_priv.h"

/* Canonical where it can be, so that blanks and zeros are no difference. */
static bool sets_to(const struct tunable *t, const char *text, const char *value,
		    struct arena *a)
{
	struct tune_error e;
	const char *c = text ? tune_canonical(t, text, a, &e) : NULL;

	return c && tune_equal(t, c, value);
}

static const char *at(const struct sysctl_value *v, struct arena *a)
{
	return arena_printf(a, "%s:%u", v->file, v->line);
}

static const char *tuned_name(const struct facts *f, struct arena *a)
{
	return *f->tuners.tuned_profile
		       ? arena_printf(a, "tuned (%s)", f->tuners.tuned_profile)
		       : "tuned";
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Our own file is /etc/sysctl.d/60-ktlsctl.conf, and the last one read is what holds. */
static bool is_read_later(const char *file)
{
	return !strcmp(file, "/etc/sysctl.conf") ||
	       strcmp(base_name(file), "60-ktlsctl.conf") > 0;
}

/* What it adapts as it sees fit, until somebody else writes the key. */
static bool is_bpftunes(const char *id)
{
	static const char *const keys[] = { "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
					    "net.ipv4.tcp_mem",
					    "net.ipv4.tcp_congestion_control" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(keys[i], id))
			return true;
	return false;
}

/* Who runs and sets it: it would not even stay until the next boot. */
static void refuse(struct tune_item *item, const struct tune_query *q, const char *why)
{
	if (!why || item->state != TUNE_CHANGE)
		return;
	if (q->force) {
		item->warning = why;
		return;
	}
	item->state = TUNE_REFUSED;
	item->why = why;
}

/*
 * Who sets it later than what --persist writes: until the next boot the value holds, and
 * an apply for that long is warned only. One that is to last is refused; nobody would
 * find out otherwise before the machine is booted.
 */
static void contest(struct tune_item *item, const struct tune_about *b,
		    const struct tune_query *q, const char *why)
{
	if (!why)
		item->warning = NULL;
	else if (item->state == TUNE_RIGHT && q->persist && !q->force)
		item->contested = why;
	else if (q->persist)
		refuse(item, q, why);
	else if (item->state == TUNE_CHANGE)
		item->warning = arena_printf(b->a, "%s; --persist wants --force", why);
}

static void of_later_file(struct tune_item *item, const struct tune_about *b,
			  const struct tune_query *q)
{
	const struct sysctl_value *v =
		&b->f->sysctl.value[sysctl_by_name(item->tunable->id)];

	if (v->file && is_read_later(v->file) &&
	    !sets_to(item->tunable, v->file_value, item->wanted, b->a))
		contest(item, b, q,
			arena_printf(b->a,
				     "%s is read after what --persist writes: the next "
				     "boot sets it to %s",
				     at(v, b->a), v->file_value));
}

static void of_sysctl(struct tune_item *item, const struct tune_about *b,
		      const struct tune_query *q)
{
	const struct sysctl_value *v =
		&b->f->sysctl.value[sysctl_by_name(item->tunable->id)];
	const char *tuned = b->f->tuners.tuned ? v->tuned : NULL;
	const struct tunable *t = item->tunable;

	if (tuned)
		item->boot = arena_printf(b->a, "%s sets %s", tuned_name(b->f, b->a),
					  tuned);
	else if (v->file)
		item->boot = arena_printf(b->a, "%s sets %s", at(v, b->a), v->file_value);
	else
		item->boot = "the kernel's default: no file sets it";
	if (sets_to(t, tuned, item->now, b->a))
		item->owner = tuned_name(b->f, b->a);
	else if (v->file && sets_to(t, v->file_value, item->now, b->a))
		item->owner = at(v, b->a);
	item->fleeting = item->state == TUNE_RIGHT && v->file &&
			 !is_read_later(v->file) &&
			 !sets_to(t, v->file_value, item->wanted, b->a);
	of_later_file(item, b, q);
	if (b->f->tuners.bpftune && is_bpftunes(t->id))
		contest(item, b, q,
			"bpftune adapts this key; once somebody else writes it, it stops "
			"doing so until it is started again, at the next boot");
	if (tuned && !sets_to(t, tuned, item->wanted, b->a))
		refuse(item, q,
		       arena_printf(b->a, "%s sets it to %s, at every start",
				    tuned_name(b->f, b->a), tuned));
}

static void of_module(struct tune_item *item, const struct tune_about *b)
{
	const struct boot_facts *boot = &b->f->boot;

	item->fleeting = item->state == TUNE_RIGHT && !strcmp(item->wanted, "on") &&
			 b->f->module.builtin == TRI_NO && boot->src.where &&
			 !boot->src.err && !boot->n_files;
	item->boot = boot->n_files ? arena_printf(b->a, "%s loads it", boot->files[0])
		     : boot->src.where && !boot->src.err
			     ? "nobody loads it before it is used"
			     : "";
}

static const char *nm_boot(const struct tune_about *b)
{
	const struct nm_device *nm = tune_nm(b->f, b->device);

	if (nm ? nm->err : b->f->tuners.network_manager && !b->f->tuners.n_nm)
		return "what NetworkManager's connection says (ethtool.*), which could "
		       "not be read, else the driver's default";
	return nm ? "the driver's default: NetworkManager's connection does not set it"
		  : "the driver's default";
}

static void of_nic(struct tune_item *item, const struct tune_about *b,
		   const struct tune_query *q)
{
	const struct nm_setting *s = tune_nm_setting(b->f, item->tunable, b->device);
	const char *line;

	item->boot = nm_boot(b);
	if (!s)
		return;
	line = arena_printf(b->a, "NetworkManager (%s:%u)", s->file, s->line);
	item->boot = arena_printf(b->a, "%s sets %s", line ? line : "", s->value);
	if (sets_to(item->tunable, s->value, item->now, b->a))
		item->owner = line;
	if (!sets_to(item->tunable, s->value, item->wanted, b->a))
		contest(item, b, q,
			arena_printf(b->a,
				     "%s sets it to %s whenever it brings the interface "
				     "up",
				     line ? line : "", s->value));
}

/* "a|b": the first that the host has. What its functions work out is not known. */
static bool is_among(const char *words, const char *value)
{
	struct span rest = span(words, strlen(words)), word;

	while (rest.len) {
		if (!cut_at(&rest, '|', &word)) {
			word = rest;
			rest.len = 0;
		}
		if (span_is(trimmed(word), value))
			return true;
	}
	return strchr(words, '$');
}

static void of_cpu(struct tune_item *item, const struct tune_about *b,
		   const struct tune_query *q)
{
	const char *tuned = strcmp(item->tunable->id, "cpu.governor")
				    ? b->f->tuners.tuned_preference
				    : b->f->tuners.tuned_governor;

	if (!b->f->tuners.tuned || !tuned)
		return;
	item->boot = arena_printf(b->a, "%s sets %s", tuned_name(b->f, b->a), tuned);
	if (is_among(tuned, item->now))
		item->owner = tuned_name(b->f, b->a);
	if (!is_among(tuned, item->wanted))
		refuse(item, q,
		       arena_printf(b->a, "%s sets it to %s, at every start",
				    tuned_name(b->f, b->a), tuned));
}

/* A channel that is opened anew begins with the driver's own settings. */
static void of_sysfs(struct tune_item *item, const struct tune_about *b,
		     const struct tune_query *q)
{
	bool irq = item->tunable->device == TUNE_IRQ;

	item->boot = item->tunable->device == TUNE_CPU ? "the kernel's default"
						       : "the driver's default";
	if (item->tunable->device == TUNE_CPU)
		of_cpu(item, b, q);
	if (!irq || !b->f->tuners.irqbalance)
		return;
	item->owner = item->boot = "irqbalance";
	refuse(item, q,
	       "irqbalance runs and moves interrupts as it sees fit: give it a policy "
	       "script, or stop it");
}

/*
 * PostgreSQL (17 was tried) puts calls of its own between libssl and the socket, which
 * know nothing of control records: no connection by TLS comes about any more.
 */
static void of_postgres(struct tune_item *item, const struct tune_about *b,
			const struct tune_query *q)
{
	const struct programs_facts *p = &b->f->programs;

	for (size_t i = 0; i < p->n_programs; i++)
		if (!strcmp(p->programs[i].comm, "postgres")) {
			refuse(item, q,
			       arena_printf(b->a,
					    "PostgreSQL runs (pid %" PRIu64 ") and reads "
					    "this file: with KTLS in it its connections "
					    "by TLS end with an error",
					    p->programs[i].pid));
			return;
		}
}

static void of_openssl(struct tune_item *item, const struct tune_about *b,
		       const struct tune_query *q)
{
	const struct openssl_cnf_facts *c = &b->f->openssl_cnf;

	if (c->file)
		item->owner = arena_printf(b->a, "%s:%u", c->file, c->line);
	item->boot = "a file: it stays as it is";
	if (!strcmp(item->wanted, "on"))
		of_postgres(item, b, q);
}

int tune_owner(struct tune_item *item, const struct tune_about *about,
	       const struct tune_query *q)
{
	item->owner = item->boot = item->warning = "";
	switch (item->tunable->mechanism) {
	case MECH_SYSCTL:
		of_sysctl(item, about, q);
		break;
	case MECH_MODULE:
		of_module(item, about);
		break;
	case MECH_ETHTOOL:
		of_nic(item, about, q);
		break;
	case MECH_SYSFS:
		of_sysfs(item, about, q);
		break;
	case MECH_OPENSSL:
		of_openssl(item, about, q);
		break;
	case MECH_COUNT:
		break;
	}
	return item->owner && item->boot && item->why && item->warning ? 0 : -ENOMEM;
}
