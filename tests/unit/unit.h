/* SPDX-License-Identifier: MIT */
/*
 * A test is a row of data: a program lists sets of rows and the function each set is run
 * through, and every row comes out as one line of TAP.
 */
#ifndef KTLSCTL_UNIT_H
#define KTLSCTL_UNIT_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../lib/facts/reader.h"
#include "../../lib/host/cleanup.h"

/* rows NULL: test is run once. Else each row begins with a const char *name. */
struct unit_set {
	const char *name;
	const void *rows;
	size_t n, size;
	void (*test)(void **state);             /* *state: the row */
	const char *(*prefix)(const void *row); /* in place of name; may be NULL */
};

#define UNIT_ROWS(name_, rows_, test_)                                                   \
	{                                                                                \
		(name_), (rows_), ARRAY_SIZE(rows_), sizeof((rows_)[0]), (test_), NULL   \
	}
#define UNIT_ONE(name_, test_)                                                           \
	{                                                                                \
		(name_), NULL, 1, 0, (test_), NULL                                       \
	}

/* Runs all rows of all sets; what main() returns. */
int unit_run(const char *program, const struct unit_set *sets, size_t n);

/* Results written down as text, to be compared with the text of a row. */
struct notes {
	char text[8192];
	size_t len;
};
void note(struct notes *n, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A copy without a byte behind it, so that a tool sees what reads too far. */
char *exact_copy(const char *data, size_t len);
struct span span_of_text(const char *text);

/* Skips the test where a root cannot be read (openat2(2): old kernels, valgrind). */
void need_roots(void);

/* Whether UNIT_PATIENCE=N says that this is an emulator: one of programs, whose kernel is
 * the machine's own, and which does some things N times as slowly, others not at all. */
bool unit_emulated(void);
/* Ends the program that waits for what never comes, an emulator after N times as long. */
void unit_alarm(unsigned seconds);

/* A folder of its own below TMPDIR; removed with all that is in it. */
struct temp_dir {
	char path[256];
};
void temp_make(struct temp_dir *t);
void temp_remove(struct temp_dir *t);
/* Writes a file below the folder, and the folders on the way to it. */
void temp_write(const struct temp_dir *t, const char *path, const char *text);
void temp_mkdir(const struct temp_dir *t, const char *path);
void temp_link(const struct temp_dir *t, const char *target, const char *path);
/* The full path, in one of a few buffers. */
const char *temp_path(const struct temp_dir *t, const char *path);
/* What a file below the folder holds, NULL when it is not there; free(3). */
char *temp_read(const struct temp_dir *t, const char *path);

#endif
