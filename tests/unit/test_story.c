/* SPDX-License-Identifier: MIT */
/*
 * Whatever is wrong with a host, all at once: status, cause and headline tell one story.
 * The chain is written down here a second time, so that this is no echo of cause.c.
 */
#include "good.h"

static const struct {
	const char *check;
	bool soft;
} chain[] = {
	{ "kernel-config", false },
	{ "tls-module", false },
	{ "tls-ulp", false },
	{ "tls-autoload", false },
	{ "tls-seccomp", true },
	{ "kernel-aead", true },
	{ "fips", true },
	{ "kernel-ciphers", true },
	{ "kernel-probe", true },
	{ "openssl-ktls", false },
	{ "openssl-tls13-receive", true },
	{ "openssl-option", true },
};

LOST(kconfig_denied, FACT_KCONFIG, -EACCES)
LOST(module_denied, FACT_MODULE, -EACCES)
LOST(no_libkmod, FACT_MODPROBE, -ENOSYS)
LOST(ulp_denied, FACT_ULP, -EACCES)
LOST(stat_denied, FACT_TLS_STAT, -EACCES)
LOST(crypto_denied, FACT_CRYPTO, -EACCES)
LOST(fips_denied, FACT_FIPS, -EACCES)
LOST(openssl_unasked, FACT_OPENSSL, 0)
LOST(cnf_denied, FACT_OPENSSL_CNF, -EACCES)
LOST(nics_denied, FACT_NICS, -EPERM)
LOST(ethtool_denied, FACT_ETHTOOL, -EPERM)
TWEAK(filter_denies, f->caller.seccomp = 2; f->caller.seccomp_passes = TRI_NO;
      f->caller.seccomp_answer = -EPERM;)
TWEAK(fips_on, f->fips.enabled = true;)
TWEAK(far_away, f->topology.n_nodes = 0;)
TWEAK(offload_off, if (f->ethtool.n_nics) f->ethtool.nics[0].features[0].active = false;)

static const tweak_fn tweaks[] = {
	unloaded,        unprivileged,     without_tls,    blacklisted,
	no_openssl_ktls, openssl_3_0,      option_off,     caller_unreadable,
	in_use,          never_used,       in_docker,      in_userns,
	slow_aes,        no_offload_built, kconfig_denied, module_denied,
	no_libkmod,      ulp_denied,       stat_denied,    crypto_denied,
	fips_denied,     openssl_unasked,  cnf_denied,     nics_denied,
	ethtool_denied,  fips_on,          far_away,       offload_off,
	proved,          probe_broken,     filter_denies,
};

/* xorshift32: the same on every machine. */
static uint32_t next(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

/* What the links of the host say, looked at without cause.c. */
struct seen {
	const struct finding *fails, *unknown, *warns; /* the first of each */
};

static const struct finding *worst(const struct report *r, const char *check)
{
	const struct finding *w = NULL;

	for (size_t i = 0; i < r->n_findings; i++) {
		const struct finding *f = &r->findings[i];

		if (!strcmp(f->id, check) && f->subject.kind == SUBJECT_HOST &&
		    (!w || verdict_rank(f->verdict) > verdict_rank(w->verdict)))
			w = f;
	}
	return w;
}

static struct seen look(const struct report *r)
{
	struct seen s = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(chain); i++) {
		const struct finding *f = worst(r, chain[i].check);

		if (f && f->verdict == VERDICT_FAIL && !s.fails)
			s.fails = f;
		if (f && f->verdict == VERDICT_UNKNOWN && !chain[i].soft && !s.unknown)
			s.unknown = f;
		if (f && f->verdict == VERDICT_WARN && !s.warns)
			s.warns = f;
	}
	return s;
}

static bool used(const struct report *r)
{
	const struct usage *u = r->usage;

	return u && (u->tx_software || u->rx_software || u->tx_device || u->rx_device);
}

/* The finding that should be the cause; NULL: none should be. */
static const struct finding *expected(const struct report *r, const struct seen *s)
{
	if (s->fails)
		return s->fails;
	return r->status == STATUS_UNKNOWN ? s->unknown : s->warns;
}

static bool tried_and_works(const struct report *r)
{
	const struct finding *f = worst(r, "kernel-probe");

	return f && f->verdict == VERDICT_OK;
}

static void check_status(const struct report *r, const struct seen *s)
{
	assert_int_equal(r->status == STATUS_USED, used(r));
	assert_int_equal(r->status == STATUS_CANNOT_WORK, s->fails && !used(r));
	if (r->status == STATUS_UNKNOWN)
		assert_non_null(s->unknown);
	if (r->status == STATUS_SHOULD_WORK)
		assert_null(s->unknown);
	if (r->status == STATUS_SHOULD_WORK || r->status == STATUS_UNKNOWN)
		assert_false(tried_and_works(r));
}

static void check_cause(const struct report *r, const struct seen *s)
{
	const struct finding *want = expected(r, s);

	if (!want) {
		assert_null(r->cause);
		return;
	}
	assert_non_null(r->cause);
	assert_string_equal(r->cause->check, want->id);
	assert_string_equal(r->cause->id, want->reason);
	assert_int_equal(r->cause->verdict, want->verdict);
	assert_ptr_equal(r->cause->remedy, want->remedy);
	assert_non_null(strstr(r->headline, r->cause->summary));
	switch (r->status) {
	case STATUS_CANNOT_WORK:
		assert_int_equal(r->cause->verdict, VERDICT_FAIL);
		break;
	case STATUS_UNKNOWN:
		assert_int_equal(r->cause->verdict, VERDICT_UNKNOWN);
		break;
	case STATUS_WORKS:
	case STATUS_SHOULD_WORK:
		assert_int_equal(r->cause->verdict, VERDICT_WARN);
		break;
	case STATUS_USED:
		assert_true(r->cause->verdict == VERDICT_FAIL ||
			    r->cause->verdict == VERDICT_WARN);
	}
}

/* Each check answers, and with an answer that explain knows. */
static void check_findings(const struct report *r)
{
	for (size_t i = 0; checks[i]; i++) {
		bool said = false;

		for (size_t j = 0; j < r->n_findings; j++)
			said |= !strcmp(r->findings[j].id, checks[i]->id);
		if (!said)
			fail_msg("%s says nothing", checks[i]->id);
	}
}

static void one_story(uint32_t *x, unsigned *seen)
{
	cleanup_report struct report *r = NULL;
	unsigned n = next(x) % 7;
	struct seen s;
	struct facts f;

	good_facts(&f);
	for (unsigned i = 0; i < n; i++)
		tweaks[next(x) % ARRAY_SIZE(tweaks)](&f);
	r = checks_run(checks, &f);
	assert_non_null(r);
	s = look(r);
	check_status(r, &s);
	check_cause(r, &s);
	check_findings(r);
	*seen |= 1U << r->status;
	if (r->status == STATUS_CANNOT_WORK && s.unknown)
		*seen |= 1U << 8;
}

static void test_stories(void **state)
{
	unsigned seen = 0;
	uint32_t x = 20261121;

	(void)state;
	for (int i = 0; i < 5000; i++)
		one_story(&x, &seen);
	/* Every status came up, and a failure beside what could not be looked at. */
	assert_int_equal(seen, 0x11f);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ONE("5000 hosts tell one story each", test_stories),
	};

	return unit_run("story", sets, ARRAY_SIZE(sets));
}
