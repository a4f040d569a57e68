/* SPDX-License-Identifier: MIT */
/* Between the files of request. */
#ifndef KTLSCTL_CMD_REQUEST_PRIV_H
#define KTLSCTL_CMD_REQUEST_PRIV_H

#include "../lib/net/client.h"
#include "../lib/out/request.h"
#include "cmd.h"

struct arena;

/* Where the bodies of answers go. */
struct body_file {
	const char *path; /* NULL: stdout */
	int fd;           /* -1: nowhere */
	char tmp[4096];   /* aside; "": it is written in place */
};
/* 0 or -errno. What is no ordinary file (a pipe, /dev/null) is written in place. */
int body_open(struct body_file *b, const struct settings *s);
int body_write(struct body_file *b, const char *p, size_t n);
/* whole: else --output stays as it was. 0 or -errno. */
int body_close(struct body_file *b, bool whole);

enum { LINKS_KEPT = 64 };

/* A run of the command. */
struct request_run {
	const struct settings *s;
	const char *method;
	struct client_wants wants;
	struct client *client;
	struct http *http;
	struct body_file body;
	struct fetch_body upload;
	struct arena *arena;
	struct request_doc doc;
	struct client_link link; /* the one at hand */
	int status;              /* exit status so far */
	int64_t begin_ns, shown_ns;
	bool bar; /* it stands on the terminal */
};

/* request_do.c: one URL, with its redirects and repetitions. False: do not go on. */
bool request_url(struct request_run *r, const struct url *u, const char *text);

/* request_say.c: for people, on stderr. */
void say_link(const struct request_run *r);
void say_head(const struct request_run *r, const struct fetch_request *f);
void say_end(const struct request_run *r, const struct request_exchange_doc *e);
void say_progress(void *run, uint64_t received, uint64_t sent);
void say_no_progress(struct request_run *r);

/* request_note.c: into the document. */
int note_link(struct request_run *r);
/* The last connection again, as it is now. */
void note_link_again(struct request_run *r);
struct request_exchange_doc *note_exchange(struct request_run *r, const char *url,
					   const char *method);
/* What went wrong; the first of it is what the document tells. */
void note_failure(struct request_run *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
