/* SPDX-License-Identifier: MIT */
/* What the unit at boot runs: a key that was made to last is written again. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../host/cleanup.h"
#include "mech.h"

/* An interface may come later than the unit; more than this, and it does not come. */
enum { WAIT_MS = 10000, STEP_MS = 100 };

static void wait_for(const struct tunable *t, const char *device)
{
	const struct timespec step = { 0, STEP_MS * 1000000L };
	char name[IF_NAMESIZE];

	if (!device || t->device == TUNE_CPU)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(device, "/"), device);
	for (int ms = 0; ms < WAIT_MS && !if_nametoindex(name); ms += STEP_MS)
		nanosleep(&step, NULL);
}

static int set(struct host *h, const struct mech_key *k, const char *value,
	       struct arena *a)
{
	const char *now;
	int err = tune_read(h, k, a, &now);

	if (err || tune_equal(k->tunable, now, value))
		return err;
	err = mechanism_of(k->tunable)->write(h, k, value);
	return err ? err : tune_read(h, k, a, &now);
}

int tune_boot(struct host *h, const char *setting, char *why, size_t size)
{
	cleanup_arena struct arena *a = arena_new();
	const char *equals = strchr(setting, '=');
	struct mech_key k = { 0 };
	struct tune_error e = { 0 };
	const char *value, *slash;
	char *key;
	int err;

	if (!a || !equals)
		return a ? -EINVAL : -ENOMEM;
	k.key = key = arena_strndup(a, setting, (size_t)(equals - setting));
	slash = key ? strrchr(key, '/') : NULL;
	k.tunable = key ? tunable_find(slash ? slash + 1 : key) : NULL;
	k.device = slash ? arena_strndup(a, key, (size_t)(slash - key)) : NULL;
	value = k.tunable ? tune_canonical(k.tunable, equals + 1, a, &e) : NULL;
	if (!value || !mechanism_of(k.tunable)) {
		snprintf(why, size, "%s", *e.why ? e.why : "there is no such key");
		return -EINVAL;
	}
	wait_for(k.tunable, k.device);
	err = set(h, &k, value, a);
	snprintf(why, size, "%s", strerror(-err));
	return err;
}
