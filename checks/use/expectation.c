/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

enum { COMM_MAX = 15 }; /* characters of a process name that the kernel keeps */

/* What one link of the chain says to an expectation; reason NULL: nothing against it. */
struct answer {
	enum verdict verdict;
	const char *reason;
	const char *what, *where, *saw;
};
static const struct answer fine;

/* The three of which an expectation is about. */
struct asked {
	const struct facts *f;
	const struct expectation *e;
	const struct program *p;
};

static struct answer kernel_can(const struct asked *a)
{
	if (kernel_lacks_tls(a->f) || module_barred(a->f))
		return (struct answer){ VERDICT_FAIL, "expectation-kernel",
					"this kernel cannot do kTLS", "kernel",
					"see kernel-config and tls-module" };
	if (facts_ulp_absent(a->f))
		return (struct answer){
			VERDICT_UNKNOWN, "expectation-module",
			"the tls module is not loaded; only a program with "
			"CAP_NET_ADMIN makes the kernel load it",
			"/proc/modules", "no tls"
		};
	return fine;
}

static struct answer library_can(const struct asked *a)
{
	const struct tls_library *l = program_openssl(a->f, a->p);
	bool seen = a->p->n_libraries && *a->p->exe;

	for (size_t i = 0; !l && i < a->p->n_libraries; i++)
		seen &= a->p->libraries[i].kind != TLS_GNUTLS &&
			a->p->libraries[i].kind != TLS_UNSURE;
	if (l && library_ktls(a->f, a->p, l) == TRI_YES)
		return fine;
	if ((l && library_ktls(a->f, a->p, l) == TRI_NO) || (!l && seen))
		return (struct answer){ VERDICT_FAIL, "expectation-library",
					"its TLS library has no kTLS", a->p->exe,
					l ? l->evidence : "no OpenSSL" };
	return (struct answer){ VERDICT_UNKNOWN, "expectation-library-unclear",
				"whether its TLS library has kTLS is not known",
				l && *l->path ? l->path : a->p->comm, "not to be told" };
}

static struct answer option_set(const struct asked *a)
{
	const struct server_conf *c = &a->p->conf;
	const char *where = *c->at ? c->at : *c->file ? c->file : "openssl.cnf";

	switch (program_asks(a->f, a->p)) {
	case TRI_YES:
		return fine;
	case TRI_NO:
		return (struct answer){ VERDICT_FAIL, "expectation-option",
					"it does not ask for kTLS", where,
					"see the check of this server" };
	case TRI_UNKNOWN:
		break;
	}
	return (struct answer){ VERDICT_UNKNOWN, "expectation-option-unclear",
				"whether it asks for kTLS is not seen from outside",
				where, "not to be told" };
}

static struct answer receive_can(const struct asked *a)
{
	const struct tls_library *l = program_openssl(a->f, a->p);

	/* HAProxy installs the keys itself. */
	if (!a->e->rx || !l || program_is(a->p, "haproxy"))
		return fine;
	if (!*l->version)
		return (struct answer){ VERDICT_UNKNOWN, "expectation-receive-unclear",
					"the version of its OpenSSL is not known",
					*l->path ? l->path : a->p->exe, "no version" };
	if (version_compare(l->version, "3.2.0") < 0)
		return (struct answer){ VERDICT_FAIL, "expectation-receive",
					"its OpenSSL receives TLS 1.3 in user space",
					*l->path ? l->path : a->p->exe, l->version };
	return fine;
}

static bool active(const struct nic_settings *s, const char *feature)
{
	const struct nic_feature *n = s && !s->err ? nic_feature(s, feature) : NULL;

	return n && n->active;
}

static struct answer device_does(const struct asked *a)
{
	const struct facts *f = a->f;
	const struct source *n = &f->nics.src, *e = &f->ethtool.src;
	const char *feature = a->e->rx && !a->e->tx ? NIC_TLS_RX : NIC_TLS_TX;
	bool seen = n->where && !n->err && e->where && !e->err;

	if (!a->e->hw)
		return fine;
	for (size_t i = 0; i < f->nics.n_nics; i++) {
		const struct nic *nic = &f->nics.nics[i];
		const struct nic_settings *s = nic->chosen ? nic_settings(f, nic) : NULL;

		if (active(s, feature))
			return fine;
		seen &= !s || !s->err || s->err == -ENODEV;
	}
	if (!seen)
		return (struct answer){ VERDICT_UNKNOWN, "expectation-offload-unclear",
					"the features of the NICs could not be read",
					"ethtool", "not readable" };
	return (struct answer){ VERDICT_FAIL, "expectation-offload",
				"no NIC has the offload switched on", feature,
				"active nowhere" };
}

static const char *wanted(struct report *r, const struct expectation *e)
{
	return text(r, "%s%s%s%s%s", e->tx ? "tx" : "", e->tx && e->rx ? "," : "",
		    e->rx ? "rx" : "", (e->tx || e->rx) && e->hw ? "," : "",
		    e->hw ? "hw" : "");
}

static const char *at(struct report *r, const struct expectation *e)
{
	return text(r, "%s:%" PRIu64, e->file, e->line);
}

/* The first link against it, or the first that is not to be told. */
static struct answer judge(const struct asked *a)
{
	static struct answer (*const links[])(const struct asked *) = {
		kernel_can, library_can, option_set, receive_can, device_does
	};
	struct answer unclear = fine;

	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		struct answer one = links[i](a);

		if (one.reason && one.verdict == VERDICT_FAIL)
			return one;
		if (one.reason && !unclear.reason)
			unclear = one;
	}
	return unclear;
}

static void say_program(const struct asked *a, struct report *r)
{
	const char *name = program_name(r, a->f, a->p);
	const char *expected = wanted(r, a->e);
	struct answer one = judge(a);
	struct finding *fi;

	if (!one.reason) {
		fi = say(r, VERDICT_OK,
			 "%s is expected to use kTLS (%s); nothing configured speaks "
			 "against it",
			 name, expected);
		evidence(fi, at(r, a->e), NULL, "%s", expected);
	} else {
		fi = say(r, one.verdict, "%s %s use kTLS as expected (%s): %s", name,
			 one.verdict == VERDICT_FAIL ? "deviates: it cannot"
						     : "may or may not",
			 expected, one.what);
		because(fi, one.reason);
		evidence(fi, one.where, text(r, "%s (%s)", expected, at(r, a->e)), "%s",
			 one.saw);
		remedy(fi,
		       "mend what is named here (its own check has the command), or the "
		       "expectation",
		       NULL, REMEDY_ROOT, NULL);
	}
	about(fi, SUBJECT_PROCESS, name);
}

static void say_absent(const struct facts *f, struct report *r,
		       const struct expectation *e)
{
	bool part = programs_incomplete(f);
	struct finding *fi;

	fi = say(r, part ? VERDICT_UNKNOWN : VERDICT_WARN,
		 part ? "%s is expected to use kTLS, and is not among the processes that "
			"could be looked at"
		      : "%s is expected to use kTLS, but no such program with TLS runs",
		 e->service);
	because(fi, part ? "expectation-not-seen" : "expectation-not-running");
	about(fi, SUBJECT_PROCESS, e->service);
	evidence(fi, at(r, e), wanted(r, e), "no such process");
	remedy(fi,
	       part ? "run it as root"
		    : "start it, or mend the name: it is that of the process "
		      "(ps -o comm)",
	       part ? "sudo ktlsctl" : NULL, REMEDY_ROOT, NULL);
}

static void say_expectation(const struct facts *f, struct report *r,
			    const struct expectation *e)
{
	const struct programs_facts *p = &f->programs;
	bool found = false;

	for (size_t i = 0; i < p->n_programs; i++) {
		const struct asked a = { f, e, &p->programs[i] };

		if (strncmp(a.p->comm, e->service, COMM_MAX))
			continue;
		say_program(&a, r);
		found = true;
	}
	if (!found)
		say_absent(f, r, e);
}

static void run(const struct facts *f, struct report *r)
{
	const struct policy_facts *p = &f->policy;

	for (size_t i = 0; i < p->n_expectations; i++)
		say_expectation(f, r, &p->expectations[i]);
	if (!p->n_expectations)
		say(r, VERDICT_SKIP, "no service is expected to use kTLS");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "nothing configured speaks against it", NULL },
	{ VERDICT_FAIL, "expectation-kernel", "the kernel cannot do kTLS",
	  "see kernel-config, tls-module" },
	{ VERDICT_FAIL, "expectation-library", "its TLS library has no kTLS",
	  "see process-libssl" },
	{ VERDICT_FAIL, "expectation-option", "its configuration does not ask for kTLS",
	  "see the check of the server" },
	{ VERDICT_FAIL, "expectation-receive",
	  "rx: OpenSSL before 3.2 receives TLS 1.3 in user space", "OpenSSL 3.2" },
	{ VERDICT_FAIL, "expectation-offload", "hw: no NIC has the offload active",
	  "switch it on" },
	{ VERDICT_WARN, "expectation-not-running", "no such program runs",
	  "start it, or mend the name" },
	{ VERDICT_UNKNOWN, "expectation-not-seen",
	  "not every process could be looked at, and it is not among the others",
	  "run it as root" },
	{ VERDICT_UNKNOWN, "expectation-module",
	  "the module is not loaded, so only a privileged program gets kTLS",
	  "load it at every boot" },
	{ VERDICT_UNKNOWN, "expectation-library-unclear",
	  "whether its TLS library has kTLS is not known", "see process-libssl" },
	{ VERDICT_UNKNOWN, "expectation-option-unclear",
	  "whether it asks for kTLS is not seen from outside", "look at its sockets" },
	{ VERDICT_UNKNOWN, "expectation-receive-unclear",
	  "rx: the version of its OpenSSL is not known", NULL },
	{ VERDICT_UNKNOWN, "expectation-offload-unclear",
	  "hw: the features of the NICs could not be read", "run it as root" },
	{ VERDICT_SKIP, NULL, "nothing is expected", NULL },
	{ 0 },
};

const struct check check_expectation = {
	.id = "expectation",
	.category = "use",
	.title = "services that shall use kTLS",
	.why = "kTLS falls back in silence: after an upgrade, a new certificate or a "
	       "moved line, a service encrypts in user space again and nobody notices. "
	       "/etc/ktlsctl/ktlsctl.conf says what is meant to be (expect = tx,rx,hw); "
	       "what deviates fails.",
	.outcomes = outcomes,
	.refs = NULL,
	.needs = FACT_POLICY | FACT_PROGRAMS,
	.uses = FACT_KERNEL | FACT_KCONFIG | FACT_MODULE | FACT_MODPROBE | FACT_ULP |
		FACT_TLS_STAT | FACT_CONTAINER | FACT_CALLER | FACT_OPENSSL |
		FACT_OPENSSL_CNF | FACT_LIBSSL_COPIES | FACT_NICS | FACT_ETHTOOL,
	.run = run,
};
