/* SPDX-License-Identifier: MIT */
#include "check.h"

static void limit(struct report *r, const char *reason, const char *summary,
		  const char *where, const char *saw)
{
	struct finding *fi = say(r, VERDICT_INFO, "%s", summary);

	because(fi, reason);
	evidence(fi, where, NULL, "%s", saw);
}

static bool say_limits(const struct facts *f, struct report *r)
{
	const struct caller_facts *c = &f->caller;
	size_t before = r->n_findings;

	if (!c->initial_userns)
		limit(r, "container-user-namespace",
		      "own user namespace: this process cannot make the kernel load a "
		      "module",
		      "/proc/self/ns/user", "not the initial one");
	if (c->initial_netns == TRI_NO)
		limit(r, "container-network-namespace",
		      "own network namespace: counters and sockets of the host are not "
		      "in it",
		      "/proc/self/ns/net", "another one than that of pid 1");
	for (size_t i = 0; i < f->container.n_masked; i++)
		if (!strcmp(f->container.masked[i], "/proc/sys") ||
		    !strncmp(f->container.masked[i], "/proc/net", 9) ||
		    !strncmp(f->container.masked[i], "/sys/module", 11))
			limit(r, "container-masked",
			      "a mount covers a place this program reads: absence "
			      "there is no proof",
			      "/proc/self/mountinfo", f->container.masked[i]);
	return r->n_findings > before;
}

static void run(const struct facts *f, struct report *r)
{
	const char *kind = f->container.kind;
	bool limited = say_limits(f, r);

	if (*kind) {
		struct finding *fi = say(r, VERDICT_INFO,
					 "inside a container (%s): kTLS and its module "
					 "belong to the host",
					 kind);

		because(fi, "container");
		evidence(fi, "container marker", NULL, "%s", kind);
	} else if (!limited) {
		say(r, VERDICT_OK, "no container: nothing is hidden from this process");
	}
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "no container", NULL },
	{ VERDICT_INFO, "container", "inside a container", NULL },
	{ VERDICT_INFO, "container-user-namespace", "in a user namespace of its own",
	  NULL },
	{ VERDICT_INFO, "container-network-namespace",
	  "in a network namespace of its own", NULL },
	{ VERDICT_INFO, "container-masked",
	  "a mount covers /proc/sys, /proc/net or /sys/module", NULL },
	{ 0 },
};

const struct check check_container = {
	.id = "container",
	.category = "kernel",
	.title = "what a container hides or forbids",
	.why = "A container shares the host's kernel, but may neither load its modules "
	       "nor see all of /proc. What cannot be seen from inside is no sign that "
	       "it is missing: run ktlsctl on the host as well.",
	.outcomes = outcomes,
	.refs = "https://man7.org/linux/man-pages/man7/user_namespaces.7.html",
	.needs = FACT_CALLER | FACT_CONTAINER,
	.run = run,
};
