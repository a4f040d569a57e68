/* SPDX-License-Identifier: MIT */
/* Between the files of `ktlsctl fleet`. */
#ifndef KTLSCTL_CMD_FLEET_H
#define KTLSCTL_CMD_FLEET_H

#include "../lib/fleet/fleet.h"
#include "cmd.h"

/* Subcommands (the table is in fleet.c); argv: what stands behind the name. */
int fleet_summary_run(const struct settings *s, int argc, char **argv);
int fleet_diff_run(const struct settings *s, int argc, char **argv);
int fleet_html_run(const struct settings *s, int argc, char **argv);

/* Reads FILE or "-". 0 or -ENOMEM. */
int fleet_read(struct fleet *f, const char *name);
/* Nothing in it was a document, and it was not empty. */
bool fleet_is_nothing(const struct fleet_input *in);
/* The exit status; a line on stderr where the answer is not all of it. */
int fleet_status(const struct fleet *f);
/* --top, or the default of the format. */
size_t fleet_top(const struct settings *s);
/* doc in the format asked for; text is freed. NULL: out of memory */
char *fleet_render(const struct settings *s, const struct fields *d, const void *doc,
		   char *text);

#endif
