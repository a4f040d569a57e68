/* SPDX-License-Identifier: MIT */
#include "check.h"

static void say_copy(struct finding *fi, const struct libssl_copy *c)
{
	static const char *const words[] = { "kTLS not to be told from the file",
					     "no kTLS", "kTLS" };

	evidence(fi, c->path, NULL, "%s%s, %s%s",
		 *c->version ? "OpenSSL " : "version unknown", c->version, words[c->ktls],
		 c->ours ? " (the one ktlsctl runs with)" : "");
}

static void run(const struct facts *f, struct report *r)
{
	const struct libssl_copies_facts *l = &f->libssl_copies;
	size_t without = 0;
	struct finding *fi;

	for (size_t i = 0; i < l->n_copies; i++)
		without += l->copies[i].ktls == TRI_NO;
	if (l->n_copies <= 1) {
		fi = say(r, VERDICT_OK,
			 l->n_copies ? "one libssl on this host"
				     : "no libssl in the usual folders");
	} else if (without) {
		fi = say(r, VERDICT_INFO,
			 "%zu copies of libssl, %zu without kTLS: what a program can "
			 "do depends on which it uses",
			 l->n_copies, without);
		because(fi, "openssl-copy-without-ktls");
	} else {
		fi = say(r, VERDICT_INFO,
			 "%zu copies of libssl: programs may differ from ktlsctl",
			 l->n_copies);
		because(fi, "openssl-several-copies");
	}
	for (size_t i = 0; i < l->n_copies; i++)
		say_copy(fi, &l->copies[i]);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "one copy or none", NULL },
	{ VERDICT_INFO, "openssl-several-copies", "more than one copy", NULL },
	{ VERDICT_INFO, "openssl-copy-without-ktls",
	  "more than one copy, at least one without kTLS", NULL },
	{ 0 },
};

const struct check check_openssl_copies = {
	.id = "openssl-copies",
	.category = "openssl",
	.title = "copies of libssl on the host",
	.why = "A second libssl in /usr/local or /opt, or a 1.1 left by an upgrade, is "
	       "used by the programs linked to it, whatever the distribution's own can "
	       "do. Bundled builds are without kTLS unless somebody asked for it.",
	.outcomes = outcomes,
	.refs = NULL,
	.needs = FACT_LIBSSL_COPIES,
	.run = run,
};
