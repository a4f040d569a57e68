/* SPDX-License-Identifier: MIT */
/* Between the files of `ktlsctl fleet`. */
#ifndef KTLSCTL_CMD_FLEET_H
#define KTLSCTL_CMD_FLEET_H

#include "../lib/fleet/fleet.h"
#include "cmd.h"

/* Subcommands (the table is in fleet.c); argv: what stands behind the name. */
int fleet_summary_run(const struct settings *s, int argc, char **argv);

/* Reads FILE or "-"; a line on stderr about one that cannot be. 0 or -ENOMEM. */
int fleet_read(struct fleet *f, const char *name);
/* Nothing in it was a document, and it was not empty. */
bool fleet_is_nothing(const struct fleet_input *in);
/* --top, or the default of the format. */
size_t fleet_top(const struct settings *s);
/* doc in the format asked for; text is freed. NULL: out of memory */
char *fleet_render(const struct settings *s, const struct fields *d, const void *doc,
		   char *text);

#endif
