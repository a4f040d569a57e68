/* SPDX-License-Identifier: MIT */
/*
 * The root cause: a chain from how the kernel was built to the NIC. Each link is a check;
 * the first that does not hold is the cause, whatever else is wrong behind it.
 */
#include <inttypes.h>

#include "check.h"

static const struct cause_link {
	const char *id;
	const char *check;
	enum subject_kind kind; /* whose chain it belongs to; the host's is everybody's */
	/* Without it kTLS still works, or a program can do it itself: an unknown here
	 * does not make the status unknown. */
	bool soft;
	const char *next; /* NULL: the last */
} links[] = {
	{ "kernel-build", "kernel-config", SUBJECT_HOST, false, "module" },
	{ "module", "tls-module", SUBJECT_HOST, false, "ulp" },
	{ "ulp", "tls-ulp", SUBJECT_HOST, false, "autoload" },
	{ "autoload", "tls-autoload", SUBJECT_HOST, false, "seccomp" },
	{ "seccomp", "tls-seccomp", SUBJECT_HOST, true, "cipher" },
	{ "cipher", "kernel-aead", SUBJECT_HOST, true, "fips" },
	{ "fips", "fips", SUBJECT_HOST, true, "ciphers" },
	{ "ciphers", "kernel-ciphers", SUBJECT_HOST, true, "trial" },
	{ "trial", "kernel-probe", SUBJECT_HOST, true, "libssl" },
	{ "libssl", "openssl-ktls", SUBJECT_HOST, false, "libssl-limits" },
	{ "libssl-limits", "openssl-tls13-receive", SUBJECT_HOST, true, "option" },
	{ "option", "openssl-option", SUBJECT_HOST, true, "process" },
	/* of a process */
	{ "process", "process-target", SUBJECT_PROCESS, false, "process-tls" },
	{ "process-tls", "process-foreign-tls", SUBJECT_PROCESS, true, "process-libssl" },
	{ "process-libssl", "process-libssl", SUBJECT_PROCESS, true, "process-option" },
	{ "process-option", "process-option", SUBJECT_PROCESS, true, "nginx" },
	{ "nginx", "app-nginx", SUBJECT_PROCESS, true, "haproxy" },
	{ "haproxy", "app-haproxy", SUBJECT_PROCESS, true, "lighttpd" },
	{ "lighttpd", "app-lighttpd", SUBJECT_PROCESS, true, "nic" },
	/* of a NIC */
	{ "nic", "offload-config", SUBJECT_NIC, true, "nic-stack" },
	{ "nic-stack", "nic-stacked", SUBJECT_NIC, true, "nic-checksum" },
	{ "nic-checksum", "nic-tls-checksum", SUBJECT_NIC, true, "nic-feature" },
	{ "nic-feature", "nic-tls-offload", SUBJECT_NIC, true, "nic-room" },
	{ "nic-room", "nic-tls-contexts", SUBJECT_NIC, true, NULL },
};

static const struct cause_link *link_find(const char *id)
{
	for (size_t i = 0; id && i < ARRAY_LEN(links); i++)
		if (!strcmp(links[i].id, id))
			return &links[i];
	return NULL;
}

/* The worst finding of the link's check that speaks of the subject. */
static const struct finding *link_finding(const struct report *r,
					  const struct cause_link *l,
					  const struct subject *s)
{
	const struct finding *worst = NULL;

	for (size_t i = 0; i < r->n_findings; i++) {
		const struct finding *f = &r->findings[i];

		if (strcmp(f->id, l->check) || f->subject.kind != l->kind)
			continue;
		if (l->kind != SUBJECT_HOST && strcmp(f->subject.name, s->name))
			continue;
		if (!worst || verdict_rank(f->verdict) > verdict_rank(worst->verdict))
			worst = f;
	}
	return worst;
}

/* A process has an OpenSSL of its own: that of ktlsctl is no link of its chain. */
static bool concerns(const struct cause_link *l, const struct subject *s)
{
	if (l->kind == SUBJECT_HOST && s->kind == SUBJECT_PROCESS)
		return strncmp(l->check, "openssl-", 8);
	return l->kind == SUBJECT_HOST || l->kind == s->kind;
}

static const struct finding *walk(const struct report *r, const struct subject *s,
				  bool (*breaks)(const struct cause_link *l,
						 enum verdict v),
				  const char **link)
{
	for (const struct cause_link *l = &links[0]; l; l = link_find(l->next)) {
		const struct finding *f;

		if (!concerns(l, s))
			continue;
		f = link_finding(r, l, s);
		if (!f || !breaks(l, f->verdict))
			continue;
		*link = l->id;
		return f;
	}
	return NULL;
}

static bool breaks(const struct cause_link *l, enum verdict v)
{
	return v == VERDICT_FAIL || (v == VERDICT_UNKNOWN && !l->soft);
}

static bool fails(const struct cause_link *l, enum verdict v)
{
	(void)l;
	return v == VERDICT_FAIL;
}

static bool limits(const struct cause_link *l, enum verdict v)
{
	(void)l;
	return v == VERDICT_WARN;
}

/* A process for which a link of its own is missing does without kTLS altogether. */
static bool idles(const struct cause_link *l, enum verdict v)
{
	return l->kind == SUBJECT_PROCESS && v == VERDICT_WARN;
}

const struct finding *cause_find(const struct report *r, const struct subject *s,
				 const char **link)
{
	const struct finding *f = walk(r, s, breaks, link);

	if (!f)
		f = walk(r, s, idles, link);
	return f ? f : walk(r, s, limits, link);
}

static uint64_t sockets(const struct usage *u)
{
	return u ? u->tx_software + u->rx_software + u->tx_device + u->rx_device : 0;
}

static uint64_t sessions(const struct facts *f)
{
	static const char *const names[] = { "TlsTxSw", "TlsRxSw", "TlsTxDevice",
					     "TlsRxDevice" };
	uint64_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		n += tls_stat_get(&f->tls_stat, names[i], 0);
	return n;
}

static enum status status_of(const struct report *r, const struct facts *f,
			     const struct finding *failed, const struct finding *first)
{
	if (sockets(r->usage))
		return STATUS_USED;
	if (failed)
		return STATUS_CANNOT_WORK;
	if (sessions(f) || probe_proved(&f->probe))
		return STATUS_WORKS;
	return first && first->verdict == VERDICT_UNKNOWN ? STATUS_UNKNOWN
							  : STATUS_SHOULD_WORK;
}

static const char *used_text(struct report *r)
{
	const struct usage *u = r->usage;

	return text(r,
		    "kTLS is used here: %" PRIu64 " sockets send and %" PRIu64 " receive "
		    "through the kernel, %" PRIu64 " and %" PRIu64 " through a NIC "
		    "(this network "
		    "namespace)",
		    u->tx_software, u->rx_software, u->tx_device, u->rx_device);
}

/* Tried now is worth more than that it was used once. */
static const char *works_text(struct report *r, const struct facts *f)
{
	if (probe_proved(&f->probe))
		return "kTLS works here (TLS 1.2 and 1.3, both directions)";
	return text(r,
		    "kTLS works here: %" PRIu64
		    " directions were set up since the module was loaded, none is open "
		    "now",
		    sessions(f));
}

static const char *limit_text(struct report *r, const struct finding *cause)
{
	if (cause && cause->verdict == VERDICT_FAIL)
		return text(r, "; but %s", cause->summary);
	if (!cause || cause->verdict != VERDICT_WARN)
		return "";
	if (cause->subject.kind == SUBJECT_PROCESS)
		return text(r, ", but %s does not use it", cause->subject.name);
	return text(r, ", with a limit: %s", cause->summary);
}

static const char *headline(struct report *r, const struct facts *f,
			    const struct finding *cause)
{
	const char *but = limit_text(r, cause);

	switch (r->status) {
	case STATUS_USED:
		return text(r, "%s%s", used_text(r), but);
	case STATUS_WORKS:
		return text(r, "%s%s", works_text(r, f), but);
	case STATUS_SHOULD_WORK:
		return text(r, "kTLS should work here (not probed)%s", but);
	case STATUS_CANNOT_WORK:
		return text(r, "kTLS cannot work here: %s", cause->summary);
	case STATUS_UNKNOWN:
		break;
	}
	return text(r, "Whether kTLS works here could not be found out: %s",
		    cause ? cause->summary : "nothing was checked");
}

/* The host, or the process of --pid. */
static struct subject subject_of(struct report *r, const struct facts *f)
{
	const struct target_facts *t = &f->programs.target;

	if (!t->asked)
		return (struct subject){ SUBJECT_HOST, "" };
	return (struct subject){ SUBJECT_PROCESS, target_name(r, f) };
}

/* Where kTLS works, or is only limited: a server that does not use it, if there is one,
 * else the cause as it is. */
static const struct finding *idle_server(struct report *r, const struct facts *f,
					 const struct finding *cause, const char **link)
{
	const struct program_list all = programs_asked(f);

	if ((r->status != STATUS_WORKS && r->status != STATUS_SHOULD_WORK) ||
	    (cause && cause->verdict != VERDICT_WARN))
		return cause;
	for (size_t i = 0; i < all.n; i++) {
		const struct program *p = &all.v[i];
		const struct subject s = { SUBJECT_PROCESS, program_name(r, f, p) };
		const struct finding *own = NULL;

		if (*p->conf.app && p->conf.tls)
			own = walk(r, &s, idles, link);
		if (own)
			return own;
	}
	return cause;
}

/*
 * Status, cause and headline tell one story. What fails is the cause, also behind a link
 * that could not be looked at: that one decides only when nothing else is known. Seen at
 * work, it does not matter.
 */
void report_conclude(struct report *r, const struct facts *f)
{
	const char *link = NULL, *first_link = NULL;
	const struct finding *first, *cause;

	r->subject = subject_of(r, f);
	first = cause_find(r, &r->subject, &first_link);
	cause = walk(r, &r->subject, fails, &link);

	r->status = status_of(r, f, cause, first);
	if (!cause && r->status == STATUS_UNKNOWN) {
		cause = first;
		link = first_link;
	} else if (!cause) {
		cause = walk(r, &r->subject, limits, &link);
	}
	cause = idle_server(r, f, cause, &link);
	if (cause)
		blame(r, cause, link);
	r->headline = headline(r, f, cause);
	if (r->subject.kind == SUBJECT_PROCESS)
		r->headline = text(r, "%s: %s", r->subject.name, r->headline);
}
