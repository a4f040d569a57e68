/* SPDX-License-Identifier: MIT */
/* Between the files of `ktlsctl tune`. */
#ifndef KTLSCTL_CMD_TUNE_H
#define KTLSCTL_CMD_TUNE_H

#include "../lib/host/host.h"
#include "../lib/out/plan.h"
#include "../lib/tune/tune.h"
#include "cmd.h"

/* A plan and what it was made of; tune_make_plan() fills it, tune_made_free() frees. */
struct tune_made {
	struct host *host;
	struct facts *facts;
	struct report *report; /* NULL: nobody diagnosed */
	struct tune_profile *profile;
	struct tune_plan *plan;
};
/* What the command line asks for. Returns 0, or the exit status of an error that was
 * reported. */
int tune_make_plan(const struct settings *s, struct tune_made *m);
void tune_made_free(struct tune_made *m);

/* A profile by name or path; 0, or the status of an error that was reported. */
int tune_read_profile(const struct settings *s, struct host *h, const char *name,
		      struct tune_profile **out);

/* Subcommands (the table is in tune.c); argv: what stands behind the name. */
int tune_plan_run(const struct settings *s, int argc, char **argv);
int tune_list_run(const struct settings *s, int argc, char **argv);
int tune_keys_run(const struct settings *s, int argc, char **argv);
int tune_show_run(const struct settings *s, int argc, char **argv);
int tune_confirm_run(const struct settings *s, int argc, char **argv);
int tune_revert_run(const struct settings *s, int argc, char **argv);
int tune_verify_run(const struct settings *s, int argc, char **argv);
int tune_history_run(const struct settings *s, int argc, char **argv);
int tune_boot_run(const struct settings *s, int argc, char **argv);
/* --apply */
int tune_apply_run(const struct settings *s, const struct tune_made *m);
/* --if-better: applies, and takes back what brings nothing. 0 with a result; -errno. */
int tune_better_run(const struct settings *s, const struct tune_made *m,
		    struct tune_result **r);
/* A line on stderr about an apply that was interrupted or waits. */
void tune_remind(const struct settings *s, struct host *h);

#endif
