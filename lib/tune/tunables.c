/* SPDX-License-Identifier: MIT */
/* What can be set. */
#include <errno.h>
#include <string.h>

#include "../facts/lines.h"
#include "../host/arena.h"
#include "../host/cleanup.h"
#include "tune.h"

static int sysctl_value(const struct facts *f, const struct tunable *t,
			const char *device, struct arena *a, const char **out)
{
	const enum sysctl_key key = sysctl_by_name(t->id);
	const struct sysctl_value *v = &f->sysctl.value[key];

	(void)device;
	*out = v->err ? NULL : arena_strdup(a, v->text);
	return v->err ? v->err : *out ? 0 : -ENOMEM;
}

#define SYSCTL(name_, kind_, n_)                                                         \
	{                                                                                \
		.id = name_, .mechanism = MECH_SYSCTL, .kind = kind_, .n = n_,           \
		.max = UINT32_MAX, .needs = FACT_SYSCTL, .value = sysctl_value           \
	}

static const struct tunable rows[] = {
	SYSCTL("net.core.rmem_max", TUNE_NUMBERS, 1),
	SYSCTL("net.ipv4.tcp_rmem", TUNE_NUMBERS, 3),
	SYSCTL("net.ipv4.tcp_wmem", TUNE_NUMBERS, 3),
	SYSCTL("net.ipv4.tcp_slow_start_after_idle", TUNE_NUMBERS, 1),
	SYSCTL("net.core.default_qdisc", TUNE_WORD, 1),
};

const struct tunable *const tunables[] = { &rows[0], &rows[1], &rows[2],
					   &rows[3], &rows[4], NULL };

const struct tunable *tunable_find(const char *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(rows[i].id, id))
			return &rows[i];
	return NULL;
}

bool tune_equal(const struct tunable *t, const char *a, const char *b)
{
	struct span x = span(a, strlen(a)), y = span(b, strlen(b)), wx, wy;
	bool more;

	(void)t;
	while ((more = next_word(&x, &wx)) && next_word(&y, &wy))
		if (wx.len != wy.len || memcmp(wx.p, wy.p, wx.len))
			return false;
	return !more && !next_word(&y, &wy);
}
