/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

static const struct tls_library *deleted(const struct program *p)
{
	for (size_t i = 0; i < p->n_libraries; i++)
		if (p->libraries[i].deleted)
			return &p->libraries[i];
	return NULL;
}

static bool is_stale(const struct facts *f, const struct program *p, int what)
{
	(void)f;
	(void)what;
	return deleted(p);
}

static void say_one(const struct facts *f, struct report *r, const struct program *p)
{
	const struct tls_library *l = deleted(p);
	const char *name = program_name(r, f, p);
	struct finding *fi;

	fi = say(r, VERDICT_WARN, "%s still runs with a TLS library that was replaced",
		 name);
	because(fi, "process-libssl-replaced");
	about(fi, SUBJECT_PROCESS, name);
	evidence(fi, l->path, "the file on the disk", "%s %s, deleted, still mapped",
		 tls_kind_words[l->kind], l->version);
	remedy(fi, "restart it, with its master process",
	       p->same_root == TRI_YES ? text(r,
					      "systemctl restart \"$(ps -o unit= -p "
					      "%" PRIu64 ")\"",
					      p->pid)
				       : NULL,
	       REMEDY_ROOT, "its connections end");
}

static void run(const struct facts *f, struct report *r)
{
	const struct program_list all = programs_asked(f);
	size_t before = r->n_findings, others = 0;
	struct finding *fi;

	for (size_t i = 0; i < all.n; i++) {
		if (!deleted(&all.v[i]))
			continue;
		if (program_prominent(f, &all.v[i]))
			say_one(f, r, &all.v[i]);
		else
			others++;
	}
	if (others) {
		fi = say(r, VERDICT_WARN,
			 "%zu program%s still run%s with a TLS library that was replaced",
			 others, others == 1 ? "" : "s", others == 1 ? "s" : "");
		because(fi, "process-libssl-replaced");
		evidence_programs(fi, f, is_stale, 0);
		remedy(fi, "restart them", NULL, REMEDY_ROOT, "their connections end");
	}
	if (r->n_findings == before)
		say(r, all.n ? VERDICT_OK : VERDICT_SKIP, "%s",
		    all.n ? "every program runs with the library that is on the disk"
			  : "no program with a TLS library among those looked at");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "what is mapped is what is on the disk", NULL },
	{ VERDICT_WARN, "process-libssl-replaced",
	  "an upgrade replaced the library; the old code runs on", "restart it" },
	{ VERDICT_SKIP, NULL, "no program with a TLS library", NULL },
	{ 0 },
};

const struct check check_process_stale_libssl = {
	.id = "process-stale-libssl",
	.category = "use",
	.title = "replaced TLS libraries still in use",
	.why = "After an upgrade of OpenSSL a program runs on with the old code until "
	       "it is restarted: with its defects, and without the kTLS the new one "
	       "may have. A reload is often not enough, the master process keeps it.",
	.outcomes = outcomes,
	.refs = NULL,
	.needs = FACT_PROGRAMS,
	.run = run,
};
