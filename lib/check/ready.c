/* SPDX-License-Identifier: MIT */
/* Go or no-go of one workload: collects conditions, says them as one finding. */
#include "check.h"

bool ready_blocked(const struct ready *y)
{
	const struct facts *f = y->f;
	const char *why = NULL;

	if (kernel_lacks_tls(f))
		why = "the kernel has no kTLS";
	else if (module_barred(f))
		why = "the tls module cannot be loaded";
	else if (f->openssl.src.where && !f->openssl.src.err && !f->openssl.ktls_send)
		why = "OpenSSL has no kTLS";
	if (why)
		say(y->r, VERDICT_SKIP, "%s: kTLS cannot work here: %s", y->workload,
		    why);
	return why;
}

void ready_but(struct ready *y, struct ready_condition c)
{
	if (y->n < ARRAY_LEN(y->conditions))
		y->conditions[y->n++] = c;
}

static void say_vendor(struct ready *y, const char *reason)
{
	const struct facts *f = y->f;
	struct finding *fi;

	fi = say(y->r, VERDICT_UNKNOWN,
		 "%s: vendor back-ports: %s does not tell which fixes it has",
		 y->workload, f->kernel.release);
	because(fi, reason);
	evidence(fi, "/proc/version", "a plain upstream or Debian number", "%s",
		 f->kernel.release);
	remedy(fi,
	       "ask the vendor's security tracker for the defects of net/tls "
	       "(ktlsctl explain kernel-cves)",
	       NULL, 0, NULL);
	y->unknown = true;
}

/* The ids of those that are open, the remote ones or the others. */
static const char *open_ids(struct report *r, const char *version, bool device,
			    bool remote)
{
	const char *ids = "";

	for (const struct kernel_defect *d = kernel_defects; d->id; d++)
		if (d->device == device && d->remote == remote &&
		    defect_state(d, version) == DEFECT_OPEN)
			ids = text(r, "%s%s%s", ids, *ids ? ", " : "", d->id);
	return ids;
}

void ready_kernel(struct ready *y, const struct ready_slugs *slugs, const char *remote,
		  bool device)
{
	static const char update[] = "install the distribution's current kernel first";
	const char *version = y->f->kernel.stable;
	const char *far, *local;

	if (!version) {
		say_vendor(y, slugs->vendor);
		return;
	}
	far = open_ids(y->r, version, device, true);
	local = open_ids(y->r, version, device, false);
	if (remote && *far)
		ready_but(y, (struct ready_condition){ slugs->remote, remote,
						       text(y->r, "Linux %s", version),
						       far, update });
	if (*local)
		ready_but(y, (struct ready_condition){
				     slugs->defects, "this kernel has known defects",
				     text(y->r, "Linux %s", version), local, update });
}

void ready_nginx_http2(struct ready *y, const char *reason)
{
	const struct programs_facts *p = &y->f->programs;

	for (size_t i = 0; i < p->n_programs; i++) {
		const struct program *n = &p->programs[i];
		const struct tls_library *l = program_openssl(y->f, n);

		if (!program_is(n, "nginx") || !n->conf.tls || !n->conf.http2 || !l ||
		    !*l->version || version_compare(l->version, "3.2.0") < 0)
			continue;
		ready_but(y,
			  (struct ready_condition){
				  reason,
				  "nginx with HTTP/2 ends connections with EIO (nginx "
				  "issue 651)",
				  *n->conf.file ? n->conf.file : n->comm,
				  text(y->r, "HTTP/2, OpenSSL %s", l->version),
				  "use `lingering_close off;` or no KTLS where HTTP/2 is "
				  "on, and watch the log for \"recv() failed (5:\"" });
		return;
	}
}

void ready_conclude(const struct ready *y, const struct nic *nic)
{
	const struct ready_condition *first = &y->conditions[0];
	struct finding *fi;

	if (!y->n && y->unknown)
		return;
	if (!y->n) {
		fi = say(y->r, VERDICT_OK, "%s: go", y->workload);
		evidence(fi, "kernel", NULL, "%s", y->f->kernel.release);
	} else {
		fi = say(y->r, VERDICT_WARN, "%s: go, but %s%s", y->workload, first->what,
			 y->n == 1 ? ""
				   : text(y->r, ", and %zu more condition%s", y->n - 1,
					  y->n == 2 ? "" : "s"));
		because(fi, first->reason);
		remedy(fi, first->action, NULL, 0, NULL);
	}
	for (size_t i = 0; i < y->n; i++)
		evidence(fi, y->conditions[i].where, NULL, "%s: %s",
			 y->conditions[i].what, y->conditions[i].saw);
	if (nic)
		about(fi, SUBJECT_NIC, nic->name);
}
