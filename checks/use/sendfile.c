/* SPDX-License-Identifier: MIT */
#include "check.h"

static void say_one(const struct facts *f, struct report *r, const struct program *p)
{
	const struct server_conf *c = &p->conf;
	const char *name = program_name(r, f, p);
	struct finding *fi;

	if (c->unsure && !c->sendfile) {
		fi = say(r, VERDICT_UNKNOWN,
			 "%s: whether it uses sendfile could not be followed to the end",
			 name);
		because(fi, "nginx-sendfile-unsure");
		evidence(fi, c->file, "sendfile on",
			 "an include or a variable not followed");
		remedy(fi, "let nginx show all of it", "nginx -T | grep -n sendfile",
		       REMEDY_ROOT, NULL);
	} else if (!c->sendfile) {
		fi = say(r, VERDICT_WARN,
			 "%s: sendfile is off, so files are still copied through nginx",
			 name);
		because(fi, "nginx-sendfile-off");
		evidence(fi, c->file, "sendfile on", "off, which is the default");
		remedy(fi, text(r, "add `sendfile on;` to the http block of %s", c->file),
		       p->same_root == TRI_YES ? "nginx -t && nginx -s reload" : NULL,
		       REMEDY_ROOT,
		       "on some network file systems sendfile serves old data");
	} else if (c->http2) {
		fi = say(r, VERDICT_INFO,
			 "%s: HTTP/2 cuts sendfile into frames, which gains little and "
			 "can be slower",
			 name);
		because(fi, "nginx-sendfile-http2");
		evidence(fi, c->file, "HTTP/1.1 for large files", "HTTP/2, sendfile on");
		remedy(fi,
		       "measure it; `sendfile off;` or a larger http2_chunk_size for "
		       "those servers",
		       NULL, 0, NULL);
	} else {
		fi = say(r, VERDICT_OK, "%s: kTLS with sendfile", name);
		evidence(fi, c->file, NULL, "sendfile on");
	}
	about(fi, SUBJECT_PROCESS, name);
}

static void run(const struct facts *f, struct report *r)
{
	const struct program_list all = programs_asked(f);
	size_t before = r->n_findings;

	for (size_t i = 0; i < all.n; i++)
		if (program_is(&all.v[i], "nginx") &&
		    program_asks(f, &all.v[i]) == TRI_YES)
			say_one(f, r, &all.v[i]);
	if (r->n_findings == before)
		say(r, VERDICT_SKIP, "no nginx that asks for kTLS");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "sendfile is on", NULL },
	{ VERDICT_WARN, "nginx-sendfile-off",
	  "kTLS without sendfile: the gain of static files is lost", "sendfile on;" },
	{ VERDICT_INFO, "nginx-sendfile-http2", "HTTP/2 makes small sendfile calls",
	  "measure it" },
	{ VERDICT_UNKNOWN, "nginx-sendfile-unsure",
	  "an include or a variable could not be followed", "nginx -T" },
	{ VERDICT_SKIP, NULL, "no nginx that asks for kTLS", NULL },
	{ 0 },
};

const struct check check_app_nginx_sendfile = {
	.id = "app-nginx-sendfile",
	.category = "use",
	.title = "nginx gains by kTLS",
	.why = "The gain of software kTLS is that a file goes from the page cache to "
	       "the socket without passing through nginx. That takes sendfile, which "
	       "is off by default; what nginx writes itself is encrypted in the kernel "
	       "too, but costs about as much as before.",
	.outcomes = outcomes,
	.refs = "https://nginx.org/en/docs/http/ngx_http_core_module.html#sendfile",
	.needs = FACT_PROGRAMS,
	.uses = FACT_OPENSSL_CNF | FACT_OPENSSL | FACT_LIBSSL_COPIES,
	.run = run,
};
