/* SPDX-License-Identifier: MIT */
/* One host before and after. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../host/arena.h"
#include "../host/cleanup.h"
#include "../out/stat.h"
#include "diff.h"

/* A finding with its words. */
struct told {
	const char *check, *subject, *reason;
	enum verdict verdict;
	int rank; /* what is waived counts like a hint */
};

static int rank_of(const struct store_finding *f)
{
	switch (f->waived ? VERDICT_INFO : (enum verdict)f->verdict) {
	case VERDICT_FAIL:
		return 3;
	case VERDICT_WARN:
		return 2;
	case VERDICT_UNKNOWN:
		return 1;
	default:
		return 0;
	}
}

static int same_thing(const struct told *a, const struct told *b)
{
	int o = strcmp(a->check, b->check);

	return o ? o : strcmp(a->subject, b->subject);
}

static int by_thing(const void *a, const void *b)
{
	const struct told *x = a, *y = b;
	int o = same_thing(x, y);

	o = o ? o : y->rank - x->rank;
	return o ? o : strcmp(x->reason, y->reason);
}

/* The findings of a host, one for each check and subject: the worst. */
static struct told *tell(const struct store *s, const struct store_host *h, size_t *n)
{
	struct told *all = calloc(h->n_findings + 1, sizeof(*all));

	*n = 0;
	for (uint32_t i = 0; all && i < h->n_findings; i++) {
		const struct store_finding *f = store_tuple(s, h->findings[i]);

		all[i] = (struct told){ store_name(s, f->check),
					store_name(s, f->subject),
					store_name(s, f->reason),
					(enum verdict)f->verdict, rank_of(f) };
	}
	if (all)
		qsort(all, h->n_findings, sizeof(*all), by_thing);
	for (uint32_t i = 0; all && i < h->n_findings; i++)
		if (!*n || same_thing(&all[*n - 1], &all[i]))
			all[(*n)++] = all[i];
	return all;
}

/* Either may be NULL: nothing was found. */
static enum fleet_change change_of(const struct told *before, const struct told *after)
{
	const int was = before ? before->rank : 0, is = after ? after->rank : 0;

	if (was != is)
		return was == 1 || is == 1 ? CHANGE_OTHER
		       : is > was          ? CHANGE_WORSE
					   : CHANGE_BETTER;
	if (before && after && before->verdict == after->verdict &&
	    !strcmp(before->reason, after->reason))
		return CHANGE_SAME;
	return CHANGE_OTHER;
}

static void add(struct host_diff *d, const struct told *before, const struct told *after)
{
	const struct told *any = before ? before : after;
	enum fleet_change change = change_of(before, after);

	if (change == CHANGE_SAME)
		return;
	d->findings[d->n_findings++] = (struct finding_diff){
		.check = any->check,
		.subject = any->subject,
		.change = change,
		.before = before ? verdict_words[before->verdict] : NULL,
		.after = after ? verdict_words[after->verdict] : NULL,
		.before_reason = before ? before->reason : NULL,
		.after_reason = after ? after->reason : NULL,
	};
}

static int worse_first(const void *a, const void *b)
{
	const struct finding_diff *x = a, *y = b;
	int o = (int)y->change - (int)x->change;

	o = o ? o : strcmp(x->check, y->check);
	return o ? o : strcmp(x->subject, y->subject);
}

static int compare_findings(const struct fleet_pair *p, const struct store_host *before,
			    const struct store_host *after, struct arena *a,
			    struct host_diff *d)
{
	size_t n_was, n_is, i = 0, j = 0;
	cleanup_free struct told *was = tell(&p->before.store, before, &n_was);
	cleanup_free struct told *is = tell(&p->after.store, after, &n_is);

	d->findings = arena_alloc(a, (n_was + n_is + 1) * sizeof(*d->findings));
	if (!was || !is || !d->findings)
		return -ENOMEM;
	while (i < n_was || j < n_is) {
		int o = i == n_was ? 1 : j == n_is ? -1 : same_thing(&was[i], &is[j]);

		add(d, o <= 0 ? &was[i] : NULL, o >= 0 ? &is[j] : NULL);
		i += o <= 0;
		j += o >= 0;
	}
	qsort(d->findings, d->n_findings, sizeof(*d->findings), worse_first);
	return 0;
}

static enum fleet_change status_change(enum status before, enum status after)
{
	if (before == after)
		return CHANGE_SAME;
	if (before == STATUS_UNKNOWN || after == STATUS_UNKNOWN)
		return CHANGE_OTHER;
	if (after == STATUS_CANNOT_WORK)
		return CHANGE_WORSE;
	/* Whether it is in use just now is neither. */
	return before == STATUS_CANNOT_WORK ? CHANGE_BETTER : CHANGE_OTHER;
}

static enum fleet_change cause_change(const char *before, const char *after)
{
	if (!before && !after)
		return CHANGE_SAME;
	if (!before || !after)
		return after ? CHANGE_WORSE : CHANGE_BETTER;
	return strcmp(before, after) ? CHANGE_OTHER : CHANGE_SAME;
}

/* The status decides; then anything that is worse, then anything better. */
static enum fleet_change on_the_whole(const struct host_diff *d)
{
	enum fleet_change status = status_change(d->before, d->after), change;

	if (status == CHANGE_WORSE || status == CHANGE_BETTER)
		return status;
	/* Of a status that is not known, a cause says what could not be found out. */
	change = d->before == STATUS_UNKNOWN || d->after == STATUS_UNKNOWN
			 ? CHANGE_SAME
			 : cause_change(d->before_cause, d->after_cause);
	if (status > change)
		change = status;
	if (d->n_findings && d->findings[0].change > change)
		change = d->findings[0].change;
	return change;
}

static const char *cause_of(const struct store *s, const struct store_host *h)
{
	return h->cause == STORE_NO_CAUSE ? NULL : store_name(s, h->cause);
}

int host_compare(const struct fleet_pair *p, const struct store_host *before,
		 const struct store_host *after, struct arena *a, struct host_diff *d)
{
	const struct store *was = &p->before.store, *is = &p->after.store;
	int err;

	*d = (struct host_diff){
		.host = after->name,
		.before = before->status,
		.after = after->status,
		.before_cause = cause_of(was, before),
		.after_cause = cause_of(is, after),
		.before_kernel = store_name(was, before->kernel),
		.after_kernel = store_name(is, after->kernel),
		.before_openssl = store_name(was, before->openssl),
		.after_openssl = store_name(is, after->openssl),
	};
	err = compare_findings(p, before, after, a, d);
	d->change = on_the_whole(d);
	return err;
}

static const struct stat_counter_doc *find(const struct stat_counter_doc *v, size_t n,
					   const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i].name, name))
			return &v[i];
	return NULL;
}

static int add_counter(const char *where, const struct stat_counter_doc *before,
		       const struct stat_counter_doc *after, struct arena *a,
		       struct fleet_diff_doc *d)
{
	struct counter_diff *c;

	if (!before || before->value == after->value || strcmp(after->kind, "total"))
		return 0;
	c = arena_grow(a, d->counters, d->n_counters, sizeof(*c));
	if (!c)
		return -ENOMEM;
	d->counters = c;
	c += d->n_counters++;
	*c = (struct counter_diff){
		.where = where,
		.name = after->name,
		.before = before->value,
		.after = after->value,
		.restarted = after->value < before->value,
		.bad = after->bad,
	};
	c->rise = c->restarted ? c->after : c->after - c->before;
	return 0;
}

static int nic_counters(const struct stat_netns_doc *before,
			const struct stat_nic_doc *nic, struct arena *a,
			struct fleet_diff_doc *d)
{
	int err = 0;

	for (size_t i = 0; i < before->n_nics && !err; i++) {
		const struct stat_nic_doc *was = &before->nics[i];

		if (strcmp(was->name, nic->name))
			continue;
		for (size_t j = 0; j < nic->n_counters && !err; j++)
			err = add_counter(nic->name,
					  find(was->counters, was->n_counters,
					       nic->counters[j].name),
					  &nic->counters[j], a, d);
	}
	return err;
}

int fleet_diff_counters(const struct stat_doc *before, const struct stat_doc *after,
			struct arena *a, struct fleet_diff_doc *d)
{
	const struct stat_netns_doc *was = before->namespaces, *is = after->namespaces;
	int err = 0;

	if (!before->n_namespaces || !after->n_namespaces)
		return 0;
	for (size_t i = 0; i < is->n_counters && !err; i++)
		err = add_counter(
			"kernel",
			find(was->counters, was->n_counters, is->counters[i].name),
			&is->counters[i], a, d);
	for (size_t i = 0; i < is->n_nics && !err; i++)
		err = nic_counters(was, &is->nics[i], a, d);
	return err;
}
