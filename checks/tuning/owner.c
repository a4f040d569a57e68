/* SPDX-License-Identifier: MIT */
#include "check.h"

static const char *cut_number(const char *s, size_t *len)
{
	s += strspn(s, " \t");
	*len = strcspn(s, " \t");
	return s;
}

/* "4096 131072" and "4096\t131072" are the same setting. */
static bool same_words(const char *a, const char *b)
{
	for (;;) {
		size_t na, nb;

		a = cut_number(a, &na);
		b = cut_number(b, &nb);
		if (na != nb || memcmp(a, b, na))
			return false;
		if (!na)
			return true;
		a += na;
		b += nb;
	}
}

static void say_drift(struct report *r, enum sysctl_key key, const struct sysctl_value *v)
{
	struct finding *fi = say(r, VERDICT_WARN,
				 "%s is %s now, and %s after the next boot",
				 sysctl_name(key), v->text, v->file_value);

	because(fi, "sysctl-drift");
	evidence(fi, text(r, "%s:%u", v->file, v->line), v->text, "%s", v->file_value);
	remedy(fi, "write what is wanted into the file that wins, or set it now",
	       text(r, "sysctl -p -- %s", shell_quoted(r, v->file)), REMEDY_ROOT, NULL);
}

/* The keys that the profile of tuned sets, as one string; "" when none is known. */
static const char *tuned_keys(const struct facts *f, struct report *r)
{
	const char *keys = "";

	for (int i = 0; i < SYSCTL_COUNT; i++)
		if (f->sysctl.value[i].tuned)
			keys = text(r, "%s%s%s = %s", keys, *keys ? ", " : "",
				    sysctl_name(i), f->sysctl.value[i].tuned);
	return keys;
}

static void say_daemons(const struct facts *f, struct report *r)
{
	const struct tuners_facts *t = &f->tuners;
	struct finding *fi;

	if (t->tuned) {
		fi = say(r, VERDICT_INFO,
			 "tuned runs%s%s and sets kernel keys of its own",
			 *t->tuned_profile ? " with profile " : "", t->tuned_profile);
		because(fi, "owner-tuned");
		evidence(fi, "/run/tuned/tuned.pid", NULL, "there");
		if (*tuned_keys(f, r))
			evidence(fi, t->tuned_profile, NULL, "%s", tuned_keys(f, r));
	}
	if (t->bpftune) {
		fi = say(r, VERDICT_INFO,
			 "bpftune runs and changes TCP keys as it sees fit");
		because(fi, "owner-bpftune");
		evidence(fi, "/run/bpftune.pid", NULL, "there");
	}
	if (t->network_manager) {
		fi = say(r, VERDICT_INFO,
			 "NetworkManager runs: features, rings and channels of the NICs "
			 "it manages belong into its connections (ethtool.*)");
		because(fi, "owner-networkmanager");
		evidence(fi, "/run/NetworkManager", NULL, "there");
	}
}

static void run(const struct facts *f, struct report *r)
{
	const char *owned = "";
	size_t before = r->n_findings;
	struct finding *fi;

	for (int i = 0; i < SYSCTL_COUNT; i++) {
		const struct sysctl_value *v = &f->sysctl.value[i];

		if (!v->file || v->err)
			continue;
		/* tuned starts later, so what it sets is what the next boot ends with. */
		if (!same_words(v->text, v->file_value) &&
		    !(f->tuners.tuned && v->tuned && same_words(v->text, v->tuned)))
			say_drift(r, i, v);
		owned = text(r, "%s%s%s", owned, *owned ? ", " : "", sysctl_name(i));
	}
	say_daemons(f, r);
	if (r->n_findings > before)
		return;
	fi = say(r, VERDICT_OK,
		 *owned ? "the keys that files set have their values"
			: "no file of sysctl.d sets the keys looked at here");
	evidence(fi, "/etc/sysctl.d and the like", NULL, "%s", *owned ? owned : "none");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "what stands in files is what holds", NULL },
	{ VERDICT_WARN, "sysctl-drift", "a file will set another value at the next boot",
	  "settle which it shall be" },
	{ VERDICT_INFO, "owner-tuned", "tuned runs", NULL },
	{ VERDICT_INFO, "owner-bpftune", "bpftune runs", NULL },
	{ VERDICT_INFO, "owner-networkmanager", "NetworkManager runs", NULL },
	{ 0 },
};

const struct check check_tuning_owner = {
	.id = "tuning-owner",
	.category = "tuning",
	.title = "who sets the keys, and what wins at boot",
	.why = "A value set by hand is gone at the next boot; one in a file of "
	       "sysctl.d may be hidden by a file of the same name or overruled by a "
	       "later one; tuned and bpftune write over both, and NetworkManager sets "
	       "what ethtool shows. tcp_* keys belong to a "
	       "network namespace: containers keep their own.",
	.outcomes = outcomes,
	.refs = "https://man7.org/linux/man-pages/man5/sysctl.d.5.html",
	.needs = FACT_SYSCTL | FACT_TUNERS,
	.run = run,
};
