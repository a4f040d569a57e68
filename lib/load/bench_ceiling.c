// SPDX-License-Identifier: MIT
/* What one core can encrypt: by libcrypto, by the kernel, and what a mode is a part of.
 */
#include <errno.h>
#include <string.h>

#include "bench_run.h"

static bool had(const struct bench_doc *d, const struct ktls_cipher *c)
{
	for (size_t i = 0; i < d->n_ceilings; i++)
		if (!strcmp(d->ceilings[i].cipher, c->word))
			return true;
	return false;
}

static int put_ceiling(const struct bench_made *m, const struct ktls_cipher *c)
{
	struct bench_ceiling_doc *out = &m->d->ceilings[m->d->n_ceilings++];
	char why[160];

	*out = (struct bench_ceiling_doc){
		.cipher = c->word,
		.libcrypto_bytes_per_second = bench_aead(c),
		.kernel_source = "no mode of kernel TLS was measured",
		.af_alg_bytes_per_second = bench_alg(c, m->w->o->load, why),
	};
	out->af_alg_reason = arena_strdup(m->a, why);
	return out->af_alg_reason ? 0 : -ENOMEM;
}

int bench_ceilings(const struct bench_made *m)
{
	int err = 0;

	m->d->ceilings = arena_alloc(m->a, (m->n_sets + 1) * sizeof(*m->d->ceilings));
	if (!m->d->ceilings)
		return -ENOMEM;
	for (size_t i = 0; i < m->n_sets && !err; i++) {
		const struct ktls_cipher *c = m->sets[i].g.cipher;

		if (c && !had(m->d, c))
			err = put_ceiling(m, c);
	}
	return err;
}

const struct bench_ceiling_doc *bench_ceiling_of(const struct bench_doc *d,
						 const struct bench_set *s)
{
	for (size_t i = 0; s->g.cipher && i < d->n_ceilings; i++)
		if (!strcmp(d->ceilings[i].cipher, s->g.cipher->word))
			return &d->ceilings[i];
	return NULL;
}

uint64_t bench_ceiling(const struct bench_ceiling_doc *c, const struct bench_mode *mode,
		       const char **whose)
{
	if (c && mode->kernel && c->af_alg_bytes_per_second) {
		*whose = "throughput by what the kernel encrypts on one core, measured "
			 "over AF_ALG: it does at least that";
		return c->af_alg_bytes_per_second;
	}
	*whose = "throughput by what libcrypto encrypts on one core";
	return c ? c->libcrypto_bytes_per_second : 0;
}

/* What the kernel needs to encrypt a GiB, where plain TCP was measured beside it. */
void bench_ceilings_derive(struct bench_doc *d)
{
	for (size_t i = 0; i < d->n_groups; i++) {
		const struct bench_group_doc *g = &d->groups[i];
		const struct bench_result_doc *r = bench_result(g, bench_ktls.name);
		const struct bench_figure_doc *f = r && r->present
							   ? bench_figure(r, BENCH_CRYPTO)
							   : NULL;

		for (size_t k = 0; f && f->value && k < d->n_ceilings; k++) {
			struct bench_ceiling_doc *c = &d->ceilings[k];
			const uint64_t rate =
				(uint64_t)(BENCH_GIB * 1e9 / (double)f->value);

			if (strcmp(c->cipher, g->cipher) != 0 ||
			    rate < c->kernel_bytes_per_second)
				continue;
			c->kernel_bytes_per_second = rate;
			c->kernel_source = "derived: CPU of kTLS less that of plain TCP";
		}
	}
}
