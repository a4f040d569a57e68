/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <fts.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"

static const struct {
	const char *path, *text;
} files[] = {
	{ "/proc/sys/kernel/random/boot_id", "11111111-2222\n" },
	{ "/proc/sys/net/core/rmem_max", "212992\n" },
	{ "/proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456\n" },
	{ "/proc/sys/net/ipv4/tcp_wmem", "4096\t16384\t4194304\n" },
	{ "/proc/sys/net/ipv4/tcp_slow_start_after_idle", "1\n" },
	{ "/etc/other.conf", "kernel.printk = 4 4 1 7\n" },
	{ "/var/lib/dpkg/status", "" },
};

static unsigned long rounded(unsigned long v, unsigned to)
{
	return (v + to - 1) / to * to;
}

/* What a kernel does that does not take every number. */
static void write_rounded(const struct scratch *s, const struct host_change *c)
{
	FILE *f = fopen(temp_path(&s->t, c->path), "we");
	char *end;

	assert_non_null(f);
	for (const char *p = c->text; *p && *p != '\n'; p = end) {
		fprintf(f, "%s%lu", p == c->text ? "" : "\t",
			rounded(strtoul(p, &end, 10), s->round));
		if (end == p)
			break;
	}
	fputc('\n', f);
	fclose(f);
}

static bool fails(struct scratch *s, const struct host_change *c)
{
	if (!s->err || (s->what && strcmp(s->what, c->what)) ||
	    (s->path && !strstr(c->path, s->path)))
		return false;
	if (s->after) {
		s->after--;
		return false;
	}
	return true;
}

static int guard(void *arg, const struct host_change *c)
{
	struct scratch *s = arg;

	if (++s->steps == s->kill_at)
		_exit(9);
	if (fails(s, c)) {
		int err = s->err;

		s->err = s->once ? 0 : err;
		return err;
	}
	if (!c->text)
		return 0;
	if (s->stuck && strstr(c->path, s->stuck))
		return 1;
	if (s->round) {
		write_rounded(s, c);
		return 1;
	}
	return 0;
}

/* What marks a folder as a root; its facts of other groups are nobody's business here. */
static void copy_snapshot(const struct scratch *s)
{
	static char text[1 << 20];
	FILE *f = fopen("tests/roots/arch/ktlsctl-snapshot.json", "re");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	temp_write(&s->t, "ktlsctl-snapshot.json", text);
}

void scratch_make(struct scratch *s)
{
	*s = (struct scratch){ 0 };
	temp_make(&s->t);
	copy_snapshot(s);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		temp_write(&s->t, files[i].path, files[i].text);
	assert_int_equal(host_open_scratch(&s->h, s->t.path, guard, s), 0);
}

void scratch_reopen(struct scratch *s)
{
	struct temp_dir t = s->t;

	host_close(s->h);
	*s = (struct scratch){ .t = t };
	assert_int_equal(host_open_scratch(&s->h, s->t.path, guard, s), 0);
}

void scratch_remove(struct scratch *s)
{
	host_close(s->h);
	temp_remove(&s->t);
}

static void put_entry(FILE *out, const FTSENT *e, size_t cut)
{
	char text[4096];
	size_t n = 0;
	FILE *f;

	fprintf(out, "%s %o\n", e->fts_path + cut, e->fts_statp->st_mode);
	f = e->fts_info == FTS_F ? fopen(e->fts_path, "re") : NULL;
	if (f) {
		n = fread(text, 1, sizeof(text), f);
		fclose(f);
	}
	for (size_t i = 0; i < n; i++)
		fputc(text[i] == '\t' ? ' ' : text[i], out);
}

/* A file that is replaced may come at another place in its folder. */
static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

char *scratch_tree(const struct scratch *s)
{
	cleanup_free char *etc = strdup(temp_path(&s->t, "/etc"));
	cleanup_free char *net = strdup(temp_path(&s->t, "/proc/sys/net"));
	char *const roots[] = { etc, net, NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(walk);
	assert_non_null(out);
	for (const FTSENT *e; (e = fts_read(walk));)
		if (e->fts_info != FTS_DP)
			put_entry(out, e, strlen(s->t.path));
	fts_close(walk);
	fclose(out);
	return text;
}

static const char *now_of(const struct scratch *s, const struct tunable *t,
			  struct arena *a)
{
	const struct facts_query q = { .mask = t->needs };
	cleanup_facts struct facts *f = NULL;
	const char *now;
	char why[256];

	assert_int_equal(facts_read(s->h, &q, &f, why, sizeof(why)), 0);
	assert_int_equal(t->value(f, t, NULL, a, &now), 0);
	return now;
}

struct tune_plan *scratch_plan(const struct scratch *s, const struct scratch_wish *w,
			       size_t n)
{
	struct arena *a = arena_new();
	struct tune_plan *p = arena_alloc(a, sizeof(*p));

	p->arena = a;
	p->profile = "by hand";
	p->items = arena_alloc(a, n * sizeof(*p->items));
	p->n_items = n;
	for (size_t i = 0; i < n; i++) {
		const struct tunable *t = tunable_find(w[i].key);

		assert_non_null(t);
		p->items[i] = (struct tune_item){
			.tunable = t,
			.key = w[i].key,
			.now = now_of(s, t, a),
			.wanted = w[i].value,
			.because = "it is a test",
			.source = "scratch.c:1",
		};
		if (tune_equal(t, p->items[i].now, w[i].value))
			p->items[i].state = TUNE_RIGHT;
	}
	return p;
}
