/* SPDX-License-Identifier: MIT */
/*
 * Whatever a profile wishes for on whatever host: applied and reverted, the host is as it
 * was, byte for byte; also when a change of an apply fails, once or from then on. Seeds
 * are numbered, so a failure says which one to look at.
 */
#include <errno.h>
#include <unistd.h>

#include "../../lib/host/arena.h"
#include "../../lib/tune/tune_priv.h"
#include "scratch.h"

enum { SEEDS = 150 };

/* xorshift64*; good enough to be different every time, and the same on every machine. */
struct dice {
	uint64_t state;
};

static uint64_t roll(struct dice *d, uint64_t sides)
{
	d->state ^= d->state >> 12;
	d->state ^= d->state << 25;
	d->state ^= d->state >> 27;
	return (d->state * 2685821657736338717ULL >> 16) % sides;
}

static bool chance(struct dice *d, unsigned percent)
{
	return roll(d, 100) < percent;
}

/* --- values ----------------------------------------------------------------------- */

/* As likely small as large. */
static uint64_t number(struct dice *d, const struct tunable *t)
{
	uint64_t top = t->max - t->min;

	if (t->max > 1)
		top >>= roll(d, 30);
	return t->min + roll(d, top + 1);
}

static int ascending(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static const char *word(struct dice *d, const struct tunable *t)
{
	static const char *const qdiscs[] = { "fq", "fq_codel", "pfifo_fast" };
	static const char *const controls[] = { "bbr", "cubic", "reno" };

	return (strcmp(t->id, "net.core.default_qdisc") ? controls : qdiscs)[roll(d, 3)];
}

static void put_value(FILE *f, struct dice *d, const struct tunable *t, const char *blank)
{
	uint64_t v[TUNE_NUMBERS_MAX];

	if (t->kind != TUNE_NUMBERS) {
		fputs(word(d, t), f);
		return;
	}
	for (unsigned i = 0; i < t->n; i++)
		v[i] = number(d, t);
	qsort(v, t->n, sizeof(*v), ascending);
	for (unsigned i = 0; i < t->n; i++)
		fprintf(f, "%s%" PRIu64, i ? blank : "", v[i]);
}

static void put_rule(FILE *f, struct dice *d, const struct tunable *t)
{
	static const char *const terms[] = { "keep", "bdp:20ms", "ram/64", "bdp:1ms" };

	for (unsigned i = 0; i < t->n; i++)
		fprintf(f, "%s%s", i ? " " : "", terms[roll(d, ARRAY_SIZE(terms))]);
}

static bool is_sysctl(const struct tunable *t)
{
	return t->mechanism == MECH_SYSCTL;
}

/* --- a host and a profile ----------------------------------------------------------- */

static void make_key(const struct scratch *s, struct dice *d, const struct tunable *t)
{
	char path[128], *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	put_value(f, d, t, "\t");
	fputc('\n', f);
	fclose(f);
	snprintf(path, sizeof(path), "/proc/sys/%s", t->id);
	for (char *p = path + strlen("/proc/sys/"); *p; p++)
		*p = *p == '.' ? '/' : *p;
	temp_write(&s->t, path, text);
	free(text);
}

/* What is in /etc is there whole, in part or not at all, and may be somebody else's. */
static void make_host(const struct scratch *s, struct dice *d)
{
	static const char *const cnfs[] = { "", "# empty\n", "[a]\nb = c",
					    "openssl_conf = x\n[x]\nssl_conf = y\n[y]\n"
					    "system_default = z\n[z]\nMinProtocol = "
					    "TLSv1.2\n" };

	for (size_t i = 0; tunables[i]; i++)
		if (is_sysctl(tunables[i]))
			make_key(s, d, tunables[i]);
	temp_write(&s->t, "/etc/ssl/openssl.cnf", cnfs[roll(d, ARRAY_SIZE(cnfs))]);
	if (chance(d, 50))
		temp_mkdir(&s->t, "/etc/sysctl.d");
	if (chance(d, 30))
		temp_write(&s->t, "/etc/sysctl.d/60-ktlsctl.conf",
			   "# somebody's\nvm.swappiness = 1\nnet.core.busy_read=7\n");
	if (chance(d, 30))
		temp_write(&s->t, "/etc/sysctl.d/90-db.conf",
			   "net.core.somaxconn = 4096\nnet.ipv4.tcp_rmem = 4096 5000 "
			   "6000\n");
}

static char *make_profile(struct dice *d)
{
	unsigned percent = 5 + (unsigned)roll(d, 95);
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	for (size_t i = 0; tunables[i]; i++) {
		const struct tunable *t = tunables[i];

		if (!is_sysctl(t) || !chance(d, percent))
			continue;
		fprintf(f, "[%s]\nbecause = x\n", t->id);
		if (t->kind == TUNE_NUMBERS && t->max > 1 && chance(d, 30)) {
			fputs("rule = ", f);
			put_rule(f, d, t);
		} else {
			fputs("value = ", f);
			put_value(f, d, t, " ");
		}
		fputs(chance(d, 50) ? "\nmay_lower = y\n" : "\n", f);
	}
	fclose(f);
	return text;
}

static struct tune_plan *make_plan(const struct scratch *s, struct dice *d,
				   const char *text, bool persist)
{
	static const char *const set = "openssl.ktls=on";
	const struct facts_query facts = { .mask = tune_mask() };
	struct tune_profile *p = tune_profile_new("random");
	struct profile_text in = { .file = "random", .out = p };
	const struct tune_query q = { .profile = p,
				      .sets = &set,
				      .n_sets = chance(d, 30),
				      .persist = persist,
				      .force = chance(d, 70) };
	cleanup_facts struct facts *f = NULL;
	struct tune_error e = { 0 };
	struct tune_plan *plan;
	char why[512] = "";

	if (tune_profile_parse(span_of_text(text), &in, &e))
		fail_msg("%s\n%s", e.why, text);
	assert_int_equal(facts_read(s->h, &facts, &f, why, sizeof(why)), 0);
	if (tune_plan_make(&q, f, &plan, why, sizeof(why)))
		fail_msg("%s\n%s", why, text);
	tune_profile_free(p);
	return plan;
}

/* --- there and back ------------------------------------------------------------------
 */

struct tally {
	unsigned applies, values, failed, undone, refused;
};

static void set_fault(struct scratch *s, struct dice *d)
{
	static const int errors[] = { -EPERM, -ENOSPC, -EIO, -EROFS };

	s->after = (unsigned)roll(d, 60);
	s->once = chance(d, 50);
	s->err = errors[roll(d, ARRAY_SIZE(errors))];
}

static void apply(struct scratch *s, struct dice *d, bool fault, struct tally *all)
{
	const struct tune_apply_options o = { .persist = chance(d, 50) };
	cleanup_free char *profile = make_profile(d), *before = NULL, *after = NULL;
	struct tune_plan *p = make_plan(s, d, profile, o.persist);
	cleanup_result struct tune_result *r = NULL;

	before = scratch_tree(s);
	if (fault)
		set_fault(s, d);
	assert_int_equal(tune_apply(s->h, p, &o, &r), 0);
	tune_plan_free(p);
	scratch_reopen(s);
	after = scratch_tree(s);
	all->applies++;
	all->values += (unsigned)r->n_outcomes;
	all->failed += r->failure != NULL;
	all->undone += r->undone;
	all->refused += r->failure && !r->n_outcomes;
	/* What it says of itself holds. */
	assert_true(fault || !r->failure || !r->n_outcomes);
	if (r->undone || !r->changed)
		assert_string_equal(after, before);
	else if (!r->failure)
		assert_string_not_equal(after, before);
}

static void revert_all(struct scratch *s)
{
	for (bool more = true; more;) {
		struct tune_result *r = NULL;

		assert_int_equal(tune_revert(s->h, NULL, &r), 0);
		if (r->failure || result_is_short(r))
			fail_msg("%s", r->failure ? r->failure : "not all restored");
		more = *r->id;
		tune_result_free(r);
	}
}

static void there_and_back(unsigned seed, bool fault, struct tally *all)
{
	struct dice d = { .state = 0x9e3779b97f4a7c15ULL * (seed + 1) };
	cleanup_free char *before = NULL, *after = NULL;
	struct scratch s;

	scratch_make(&s);
	make_host(&s, &d);
	before = scratch_tree(&s);
	for (uint64_t n = 1 + roll(&d, 3); n; n--)
		apply(&s, &d, fault, all);
	revert_all(&s);
	after = scratch_tree(&s);
	if (strcmp(after, before) != 0)
		fail_msg("seed %u is not as it was:\n%s\nbut\n%s", seed, before, after);
	scratch_remove(&s);
}

struct random_row {
	const char *name;
	bool fault;
};

static const struct random_row rows[] = {
	{ "all goes well", false },
	{ "a change fails, once or from then on", true },
};

static void test_random(void **state)
{
	const struct random_row *row = *state;
	struct tally all = { 0 };

	need_roots();
	for (unsigned seed = 0; seed < SEEDS; seed++)
		there_and_back(seed, row->fault, &all);
	printf("# %u applies, %u values, %u failed, %u of them undone, %u refused\n",
	       all.applies, all.values, all.failed, all.undone, all.refused);
	/* A test that does nothing would pass as well. */
	assert_true(all.values > 5 * SEEDS);
	assert_true(!row->fault || all.undone > SEEDS / 5);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("there and back", rows, test_random),
	};

	/* Every line of a journal is synced: on a disk that is most of the time. */
	if (!access("/dev/shm", W_OK))
		setenv("TMPDIR", "/dev/shm", 0);
	return unit_run("tune_random", sets, ARRAY_SIZE(sets));
}
