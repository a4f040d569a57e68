/* SPDX-License-Identifier: MIT */
/*
 * What nobody expects, through every parser: nothing, every byte, one huge line, a text
 * that ends anywhere. The parsers and their seeds are those of the fuzzers.
 */
#include <dirent.h>

#include "../fuzz/targets.h"
#include "unit.h"

#define CORPUS "tests/fuzz/corpus/"

static void feed(const struct fuzz_target *t, const char *data, size_t len)
{
	cleanup_free char *copy = exact_copy(data, len);
	const char *bad = t->run(copy, len);

	if (bad)
		fail_msg("%s: %s", t->name, bad);
}

/* The rows are the targets. */
static void test_bytes(void **state)
{
	const struct fuzz_target *t = *state;
	char all[512];

	for (int i = 0; i < 512; i++)
		all[i] = (char)i;
	feed(t, "", 0);
	for (size_t i = 0; i < 256; i++)
		feed(t, all + i, 1);
	feed(t, all, 256);
	feed(t, all + 1, 510);
	feed(t, "\n\n\n", 3);
	feed(t, "\r\n", 2);
	feed(t, "\x1f\x8b\x08", 3);
}

static void test_huge(void **state)
{
	static const char *const pieces[] = {
		"a",    "\n",   " ",        "[",     "((",
		"tls ", "=:\t", "OpenSSL ", "[[{\"", "name : gcm(aes)\n"
	};
	enum { SIZE = 1 << 20 };
	cleanup_free char *huge = malloc(SIZE);

	assert_non_null(huge);
	for (size_t p = 0; p < ARRAY_SIZE(pieces); p++) {
		size_t n = strlen(pieces[p]);

		for (size_t i = 0; i < SIZE; i++)
			huge[i] = pieces[p][i % n];
		feed(*state, huge, SIZE);
	}
}

/* The seed, and the beginning of it in every length: all of a short one. */
static void feed_file(const struct fuzz_target *t, const char *path)
{
	FILE *f = fopen(path, "re");
	cleanup_free char *data = malloc(65536);
	size_t len, step;

	assert_non_null(f);
	assert_non_null(data);
	len = fread(data, 1, 65536, f);
	fclose(f);
	step = len / 500 + 1;
	for (size_t n = 0; n < len; n += step)
		feed(t, data, n);
	feed(t, data, len);
}

static void test_seeds(void **state)
{
	const struct fuzz_target *t = *state;
	char path[512];
	const struct dirent *e;
	unsigned files = 0;
	DIR *d;

	snprintf(path, sizeof(path), CORPUS "%s", t->name);
	d = opendir(path);
	if (!d)
		fail_msg("%s: no seeds; the tests are run at the top of the tree", path);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), CORPUS "%s/%s", t->name, e->d_name);
		feed_file(t, path);
		files++;
	}
	closedir(d);
	assert_true(files > 0);
}

int main(void)
{
	struct unit_set sets[] = {
		{ "bytes", fuzz_targets, 0, sizeof(*fuzz_targets), test_bytes, NULL },
		{ "huge", fuzz_targets, 0, sizeof(*fuzz_targets), test_huge, NULL },
		{ "seeds", fuzz_targets, 0, sizeof(*fuzz_targets), test_seeds, NULL },
	};
	size_t n = 0;

	while (fuzz_targets[n].name)
		n++;
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		sets[i].n = n;
	return unit_run("nasty", sets, ARRAY_SIZE(sets));
}
