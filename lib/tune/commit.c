/* SPDX-License-Identifier: MIT */
/* What is to last: files for the next boot, and what no reboot takes back. */
#include <errno.h>
#include <string.h>

#include "transaction.h"

static int make_folder(struct journal *j, const char *key, const char *folder)
{
	const struct journal_line l = { .step = STEP_FOLDER, .key = key, .file = folder };
	int err = host_probe(j->h, folder);

	if (err != -ENOENT)
		return 0;
	err = journal_add(j, &l);
	return err ? err : host_mkdir(j->h, folder, 0755);
}

static struct mech_file file_of(struct host *h, const struct mechanism *m,
				const struct mech_key *k)
{
	const struct mech_file *other = m->elsewhere ? m->elsewhere(h, k) : NULL;

	return other ? *other : (struct mech_file){ m->file, m->folder };
}

bool mech_filed(struct host *h, const struct mech_key *key, const char *value)
{
	const struct mechanism *m = mechanism_of(key->tunable);
	cleanup_arena struct arena *a = arena_new();
	struct mech_key k = *key;
	const char *there;

	if (!m || mechanism_lasts(m))
		return m;
	k.file = file_of(h, m, key).path;
	return a && !m->filed(h, &k, a, &there) && tune_equal(k.tunable, there, value);
}

static int file_it(struct journal *j, const struct journal_item *item,
		   const struct mech_key *key, struct tune_result *r)
{
	const struct mechanism *m = mechanism_of(key->tunable);
	const struct mech_file file = file_of(j->h, m, key);
	const struct mech_key k = { key->tunable, key->key, key->device, file.path };
	struct journal_line l = { .key = item->key,
				  .file = file.path,
				  .to = item->wanted };
	struct journal_place *p;
	int err = m->filed(j->h, &k, j->arena, &l.from);

	if (err && err != -ENOENT)
		return err;
	/* An earlier apply has it there: that one's to take back. */
	if (!err && tune_equal(k.tunable, l.from, l.to))
		return 0;
	err = make_folder(j, item->key, file.folder);
	if (!err)
		err = place_begin(j, &l, &p);
	if (err)
		return err;
	return result_add(r, &(struct tune_outcome){ .key = p->key,
						     .file = p->file,
						     .done = TUNE_WRITTEN,
						     .from = p->from,
						     .to = p->to,
						     .now = p->now });
}

static int write_it(struct journal *j, const struct journal_item *item,
		    struct tune_result *r)
{
	const struct journal_line l = { .key = item->key,
					.from = item->from,
					.to = item->wanted };
	struct journal_place *p;
	int err = place_begin(j, &l, &p);

	if (err)
		return err;
	return result_add(r, &(struct tune_outcome){ .key = p->key,
						     .done = TUNE_WRITTEN,
						     .from = p->from,
						     .to = p->to,
						     .now = p->now });
}

static int commit_item(struct journal *j, const struct journal_item *item, bool persist,
		       struct tune_result *r)
{
	const struct tunable *t = tunable_find(item->tunable);
	const struct mechanism *m = mechanism_of(t);
	const struct mech_key k = { t, item->key, item->device, NULL };

	if (!m)
		return -ENOTSUP;
	if (mechanism_lasts(m))
		return item->write ? write_it(j, item, r) : 0;
	return persist ? file_it(j, item, &k, r) : 0;
}

int transaction_commit(struct journal *j, bool persist, struct tune_result *r)
{
	for (size_t i = 0; i < j->head.n_items; i++) {
		const struct journal_item *item = &j->head.items[i];
		int err = commit_item(j, item, persist, r);

		if (err == -ENOMEM)
			return err;
		if (err && result_fail(r, "%s cannot be made to last: %s", item->key,
				       strerror(-err)))
			return -ENOMEM;
		if (err)
			return err;
		r->reboot_required |= persist && tunable_find(item->tunable)->reboot;
	}
	return journal_add(j, &(struct journal_line){ .step = STEP_CONFIRMED });
}
