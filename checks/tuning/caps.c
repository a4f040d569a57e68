/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

/* The default of every kernel up to 6.12; later ones have more. */
enum { DEFAULT_MAX = 212992 };

static void say_key(const struct facts *f, struct report *r, enum sysctl_key key)
{
	const struct sysctl_value *v = sysctl_numbers(f, r, key, 1);
	struct finding *fi;

	if (!v)
		return;
	if (v->v[0] < DEFAULT_MAX) {
		fi = say(r, VERDICT_INFO,
			 "%s=%" PRIu64 " is below the kernel's default: programs that "
			 "ask for a buffer get less",
			 sysctl_name(key), v->v[0]);
		because(fi, "socket-buffer-cap-low");
		evidence(fi, sysctl_name(key), text(r, "%d", DEFAULT_MAX), "%s", v->text);
	} else {
		fi = say(r, VERDICT_OK,
			 "%s=%" PRIu64 ": a cap for programs that ask for a buffer",
			 sysctl_name(key), v->v[0]);
		evidence(fi, sysctl_name(key), NULL, "%s", v->text);
	}
}

static void run(const struct facts *f, struct report *r)
{
	say_key(f, r, SYSCTL_RMEM_MAX);
	say_key(f, r, SYSCTL_WMEM_MAX);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "at least the kernel's default", NULL },
	{ VERDICT_INFO, "socket-buffer-cap-low", "lower than the kernel's default",
	  NULL },
	{ VERDICT_UNKNOWN, NULL, "the setting cannot be read or is no number", NULL },
	{ 0 },
};

const struct check check_socket_buffer_caps = {
	.id = "socket-buffer-caps",
	.category = "tuning",
	.title = "caps of SO_RCVBUF and SO_SNDBUF",
	.why = "net.core.rmem_max and wmem_max cap what a program may ask for with "
	       "SO_RCVBUF and SO_SNDBUF. They do not limit TCP autotuning, whatever "
	       "many guides say, and a program that sets the option switches "
	       "autotuning off for that socket.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/admin-guide/sysctl/net.html",
	.needs = FACT_SYSCTL,
	.run = run,
};
