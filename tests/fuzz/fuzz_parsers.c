/* SPDX-License-Identifier: MIT */
/*
 * The fuzzer: one program for all parsers, which is linked to one name per target. What
 * it is called tells what it feeds.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "targets.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct fuzz_target *target;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *slash = strrchr((*argv)[0], '/');
	const char *name = slash ? slash + 1 : (*argv)[0];

	(void)argc;
	target = fuzz_find(name);
	if (target)
		return 0;
	fprintf(stderr, "'%s' is no target; there are:", name);
	for (const struct fuzz_target *t = fuzz_targets; t->name; t++)
		fprintf(stderr, " %s", t->name);
	fputc('\n', stderr);
	exit(2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bad = target->run((const char *)data, size);

	if (bad) {
		fprintf(stderr, "%s: %s\n", target->name, bad);
		abort();
	}
	return 0;
}
