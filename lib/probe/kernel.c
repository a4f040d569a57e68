/* SPDX-License-Identifier: MIT */
/* The kernel's own TLS, without libssl: every cell, then every feature. */
#include <errno.h>
#include <string.h>

#include "probe_priv.h"

void probe_ulp(struct probe_facts *out)
{
	cleanup_pair struct pair p;
	int err = pair_open(&p);

	if (!err)
		err = ktls_attach(p.fd[0]);
	out->ulp = !err;
	out->ulp_err = err;
}

static struct probe_cell *new_cell(struct arena *a, struct probe_facts *out)
{
	struct probe_cell *v = arena_grow(a, out->cells, out->n_cells, sizeof(*v));

	if (!v)
		return NULL;
	out->cells = v;
	return &v[out->n_cells++];
}

/* What the kernel sealed in the cell before, libcrypto's too to the last byte, saves
 * sealing the same again for the other direction. */
static int try_cell(struct bench *b, const struct ktls_cipher *c, uint16_t version,
		    struct probe_cell *cell)
{
	const bool tx = !strcmp(cell->direction, "tx");
	const bool witness = ktls_has_witness(c);
	struct cell_job job = { .kernel_seals = tx || !witness,
				.kernel_opens = !tx || !witness };
	const uint64_t start = probe_now_us();
	struct outcome o = { 0 };
	int err = 0;

	job.sealed = !job.kernel_seals && b->right.cipher == c &&
		     b->right.version == version;
	if (job.sealed)
		job.open = b->right;
	else
		err = keys_random(&job.open, c, version);
	if (err)
		return err;
	job.seal = job.open;
	ktls_keys_clear(&b->right);
	cell_run(b, &job, &o);
	if (!o.err && job.kernel_seals && !job.kernel_opens)
		b->right = job.seal;
	ktls_keys_clear(&job.seal);
	ktls_keys_clear(&job.open);
	cell->verdict = verdict_of(&o, witness);
	cell->err = o.err == -EILSEQ || o.err == -EPROTO ? 0 : o.err;
	cell->differed = verdict_differed(&o, cell->verdict);
	cell->duration_us = probe_now_us() - start;
	return 0;
}

struct coordinates {
	const struct ktls_version *version;
	const struct ktls_cipher *cipher;
	const char *direction;
};

static bool has_cell(const struct probe_facts *f, const struct coordinates *at)
{
	for (size_t i = 0; i < f->n_cells; i++)
		if (!strcmp(f->cells[i].cipher, at->cipher->word) &&
		    !strcmp(f->cells[i].version, at->version->word + strlen("TLS")) &&
		    !strcmp(f->cells[i].direction, at->direction))
			return true;
	return false;
}

static size_t stem(const char *cipher)
{
	size_t n = strlen(cipher);

	while (n && strchr("-0123456789", cipher[n - 1]))
		n--;
	return n;
}

/*
 * Another cell found that the kernel lacks the algorithm: it is the same one for both
 * directions and versions, and for all lengths of a key. Not asked again, because each
 * time the kernel starts modprobe.
 */
static bool known_missing(const struct probe_facts *f, const char *cipher)
{
	for (size_t i = 0; i < f->n_cells; i++)
		if (f->cells[i].verdict == PROBE_NO_CRYPTO &&
		    stem(f->cells[i].cipher) == stem(cipher) &&
		    !strncmp(f->cells[i].cipher, cipher, stem(cipher)))
			return true;
	return false;
}

/* b NULL: the row alone, for what was not to be found out. */
struct run {
	struct bench *b;
	const struct probe_options *o;
	struct arena *a;
	int err;
};

static int one_cell(const struct run *run, const struct coordinates *at,
		    struct probe_facts *out)
{
	const struct ktls_cipher *c = at->cipher;
	struct probe_cell *cell;
	const bool missing = known_missing(out, c->word);
	int err = run->err;

	if (!filter_wants_cell(&run->o->only, at->version->word, c->word,
			       at->direction) ||
	    (run->o->core && c->number != KTLS_AES_GCM_128) || has_cell(out, at))
		return 0;
	cell = new_cell(run->a, out);
	if (!cell)
		return -ENOMEM;
	*cell = (struct probe_cell){ at->version->word + strlen("TLS"),
				     c->word,
				     at->direction,
				     PROBE_UNDEFINED,
				     0,
				     "",
				     0 };
	if (!ktls_defined(c, at->version->number))
		return 0;
	if (missing) {
		cell->verdict = PROBE_NO_CRYPTO;
		cell->err = -ENOENT;
		return 0;
	}
	if (run->b)
		err = try_cell(run->b, c, at->version->number, cell);
	if (err) {
		cell->verdict = PROBE_UNKNOWN;
		cell->err = err;
	}
	probe_step(run->o, out);
	return 0;
}

static int matrix(const struct run *run, struct probe_facts *out)
{
	static const char *const directions[] = { "tx", "rx" };
	int err = 0;

	for (const struct ktls_cipher *c = ktls_ciphers; !err && c->word; c++)
		for (const struct ktls_version *v = ktls_versions; !err && v->word; v++)
			for (int i = 0; !err && i < 2; i++) {
				const struct coordinates at = { v, c, directions[i] };

				err = one_cell(run, &at, out);
			}
	return err;
}

int probe_kernel(const struct probe_options *o, struct arena *a, struct probe_facts *out)
{
	cleanup_bench struct bench b = { 0 };
	const struct run run = { &b, o, a, 0 };
	int err = bench_new(&b, o->core);

	if (err)
		return err;
	b.negative = out->private_netns;
	err = matrix(&run, out);
	if (!err && !o->core)
		err = features_run(&b, o, a, out);
	return err;
}

int kernel_complete(const struct probe_options *o, int err, struct arena *a,
		    struct probe_facts *out)
{
	struct probe_options quiet = *o;
	const struct run run = { NULL, &quiet, a, err };
	int ret;

	quiet.step = NULL;
	ret = matrix(&run, out);
	if (!ret && !o->core)
		ret = features_missing(&quiet, err, a, out);
	return ret;
}
