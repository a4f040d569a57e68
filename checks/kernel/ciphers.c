/* SPDX-License-Identifier: MIT */
#include "check.h"

enum state { AT_HAND, GONE, BARRED, NOT_SEEN };

/* What the kernel used once it has registered, whatever lies on the disk. */
static enum state state_of(const struct facts *f, const struct cipher_module *m)
{
	if (!f->crypto.src.err && crypto_best(&f->crypto, m->algorithm))
		return AT_HAND;
	if (m->blacklisted || m->overridden)
		return BARRED;
	if (m->found)
		return AT_HAND;
	/* Modules are the host's, and /lib/modules here may be anybody's. */
	return in_container(f) ? NOT_SEEN : GONE;
}

static const char *join(const struct facts *f, struct report *r, enum state s)
{
	const char *list = "";

	for (size_t i = 0; i < f->ciphers.n_modules; i++) {
		const struct cipher_module *m = &f->ciphers.modules[i];

		if (state_of(f, m) == s)
			list = text(r, "%s%s%s", list, *list ? ", " : "", m->cipher);
	}
	return list;
}

static void add_modules(struct finding *fi, const struct facts *f, enum state s)
{
	for (size_t i = 0; i < f->ciphers.n_modules; i++) {
		const struct cipher_module *m = &f->ciphers.modules[i];

		if (state_of(f, m) != s)
			continue;
		evidence(fi, m->alias, m->module, "%s",
			 m->overridden    ? "an install line of modprobe.d"
			 : m->blacklisted ? "blacklisted in modprobe.d"
					  : "no such module");
	}
}

static const char *first_module(const struct facts *f, enum state s)
{
	for (size_t i = 0; i < f->ciphers.n_modules; i++)
		if (state_of(f, &f->ciphers.modules[i]) == s)
			return f->ciphers.modules[i].module;
	return "";
}

static void say_state(const struct facts *f, struct report *r, enum state s)
{
	static const char *const what[] = {
		[GONE] = "its module is not there",
		[BARRED] = "modprobe.d bars its module",
		[NOT_SEEN] = "its module is not seen from inside a container",
	};
	static const char *const reasons[] = {
		[GONE] = "cipher-module-missing",
		[BARRED] = "cipher-module-barred",
		[NOT_SEEN] = "cipher-module-unseen",
	};
	const char *list = join(f, r, s);
	struct finding *fi;

	if (!*list)
		return;
	fi = say(r, s == NOT_SEEN ? VERDICT_UNKNOWN : VERDICT_WARN,
		 "the kernel cannot do %s: %s", list, what[s]);
	because(fi, reasons[s]);
	add_modules(fi, f, s);
	if (s == GONE)
		remedy_distro(fi, f, FIX_MODULES);
	else if (s == BARRED)
		remedy(fi, "take the line out that bars it",
		       text(r, "modprobe --showconfig | grep -w %s", first_module(f, s)),
		       REMEDY_ROOT, "somebody wrote it on purpose: ask first");
	else
		remedy(fi, "ask on the host", "ktlsctl probe --kernel", 0, NULL);
}

/* Nobody told, or could: said, and true. */
static bool say_nothing_known(const struct facts *f, struct report *r)
{
	const struct source *s = &f->ciphers.src;
	struct finding *fi;

	if (!s->where && !f->kernel.src.where) {
		say(r, VERDICT_UNKNOWN, "could not find out: nothing was looked at");
	} else if (!s->where) {
		say(r, VERDICT_SKIP, "this snapshot is older than the question");
	} else if (s->err == -ENOSYS) {
		say(r, VERDICT_SKIP, "this ktlsctl was built without libkmod");
	} else if (s->err) {
		fi = say(r, VERDICT_UNKNOWN, "libkmod could not be asked: %s",
			 strerror(-s->err));
		evidence(fi, s->where, "an answer", "%s", strerror(-s->err));
	}
	return !s->where || s->err;
}

static void run(const struct facts *f, struct report *r)
{
	const size_t before = r->n_findings;

	if (kernel_lacks_tls(f)) {
		say(r, VERDICT_SKIP, "no kTLS, so no cipher of the kernel is asked for");
		return;
	}
	if (say_nothing_known(f, r))
		return;
	for (enum state s = GONE; s <= NOT_SEEN; s++)
		say_state(f, r, s);
	if (r->n_findings == before)
		say(r, VERDICT_OK, "the kernel has %s, or can load them",
		    join(f, r, AT_HAND));
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "AES-GCM, AES-CCM and ChaCha20-Poly1305 are at hand", NULL },
	{ VERDICT_WARN, "cipher-module-missing",
	  "the module of one is not on the disk: connections with it stay in user space",
	  "install the kernel's modules again" },
	{ VERDICT_WARN, "cipher-module-barred",
	  "a line of modprobe.d keeps the module of one from being loaded",
	  "take the line out" },
	{ VERDICT_UNKNOWN, "cipher-module-unseen",
	  "in a container, where the host's modules are not seen", "ask on the host" },
	{ VERDICT_UNKNOWN, NULL, "the configuration of modprobe could not be read",
	  NULL },
	{ VERDICT_SKIP, NULL,
	  "the kernel was built without CONFIG_TLS, ktlsctl without libkmod, or an old "
	  "snapshot does not tell",
	  NULL },
	{ 0 },
};

const struct check check_kernel_ciphers = {
	.id = "kernel-ciphers",
	.category = "kernel",
	.title = "ciphers the kernel can load",
	.why = "The tls module alone encrypts nothing: the kernel loads the algorithm "
	       "with the first connection that wants it, for any user. Where that module "
	       "is missing or barred, setting the keys answers ENOENT, and just the "
	       "connections with that cipher stay in user space.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls.html",
	.uses = FACT_CIPHERS | FACT_CRYPTO | FACT_KCONFIG | FACT_ULP | FACT_MODULE |
		FACT_TLS_STAT | FACT_CONTAINER | FACT_CALLER | FACT_OS | FACT_KERNEL,
	.run = run,
};
