/* SPDX-License-Identifier: MIT */
/* What the commands share: the options of the command line, and how they answer. */
#ifndef KTLSCTL_CMD_H
#define KTLSCTL_CMD_H

#include <time.h>

#include "../lib/host/cleanup.h"
#include "../lib/load/bench.h"
#include "../lib/out/nearest.h"
#include "../lib/out/render.h"
#include "latency.h"
#include "needs.h"
#include "request.h"

enum exit_status {
	EXIT_FINE = 0,
	EXIT_FINDINGS = 1,
	EXIT_USAGE = 2,
	EXIT_UNKNOWN = 3,
	EXIT_REFUSED = 4, /* refused, undone, or not all of it */
};

enum format {
	FORMAT_TEXT,
	FORMAT_JSON,
	FORMAT_NDJSON,
	FORMAT_NAGIOS,
	FORMAT_PROMETHEUS, /* of export alone, as those behind it */
	FORMAT_ANSIBLE,
};
#define FORMATS "one of text, json, ndjson, nagios; of export: prometheus, ansible"
/* In struct command. */
#define FORMAT_BIT(format_) (1U << (format_))

/* Ids and categories of --only and --skip; point into argv. */
struct id_list {
	const char *ids[64];
	size_t n;
};

struct id_kind {
	bool (*known)(const char *id);
	const char *(*at)(size_t i); /* the i-th of them; NULL: there are no more */
	const char *expected;        /* of a wrong one */
	const char *help;
};

struct settings {
	enum format format;
	const char *output; /* file; NULL: stdout */
	const char *html;   /* file of a page beside the answer; NULL: none */
	const char *root;   /* snapshot; NULL: the live host */
	struct id_list only, skip;
	const struct id_kind *ids; /* of the command */
	const char *device;        /* NULL: the default choice */
	uint64_t pid;              /* 0: none */
	uint64_t max_time_ms;      /* 0: the default */
	enum verdict fail_on;
	const char *color; /* "auto", "always", "never" */
	bool verbose, load, debug, help, version;
	bool list, commands;
	bool probe; /* of export */
	const char *schema;
	bool kernel, openssl; /* layers of probe; none: both */
	bool hostile;
	const char *ciphers, *ciphersuites;   /* of its handshakes; NULL: the defaults */
	const char *peer, *peer_netns;        /* of probe --device; NULL */
	const char *listen;                   /* NULL: the default */
	uint64_t max_connections;             /* 0: without end */
	bool all, unused, no_owners, summary; /* of sockets */
	uint64_t port;                        /* 0: any */
	const char *mode, *netns;             /* NULL: any; ours */
	uint64_t watch_ms;                    /* 0: once */
	const char *profile;                  /* of tune; NULL: none named */
	struct id_list sets;                  /* KEY=VALUE */
	bool fix, force;
	struct id_list fixes; /* check ids; none with fix: all that was found */
	bool apply, persist, last, if_better;
	uint64_t confirm_within_ms; /* 0: nobody has to confirm */
	uint64_t top;               /* of fleet; 0: the default */
	struct request_settings request;
	const char *starttls, *servername;   /* of scan; NULL: TLS at once; the host */
	uint64_t timeout_ms, rate, parallel; /* 0: the default */
	struct bench_options bench;
	struct {
		const struct needs *needs;
		char **inputs; /* arguments that are no options */
		int n_inputs;
		int seccomp; /* mode before our filter; -1: not known */
		bool off;
	} confine;
	struct latency_settings latency;
};

/* What an option means for one command. */
struct option_help {
	const char *name, *help;
};

struct option_table;
struct command {
	const char *name;
	const char *args;           /* "[OPTION]... DIR" without the options */
	const char *summary;        /* one line */
	const char *about;          /* paragraphs for --help */
	const char *const *options; /* names in options.c, NULL-terminated */
	/* Words that mean something else elsewhere; NULL: there are none. */
	const struct option_table *own;
	/* What --only and --skip take; NULL: ids and categories of checks. */
	const struct id_kind *ids;
	/* Ends with a zeroed row; NULL: all options mean what they do elsewhere. */
	const struct option_help *helps;
	unsigned formats; /* FORMAT_BIT() of each; 0: text and json */
	const struct needs *needs;
	/* The argument that is a page to be written, as --html names one; NULL: none is.
	 */
	const char *(*page)(int argc, char **argv);
	/* Returns the exit status. argv: what is left after the options. */
	int (*run)(const struct settings *s, int argc, char **argv);
};

/* What was written, for a program that asked with --json. */
struct written {
	const char *path;
	uint64_t unreadable;
};
extern const struct fields written_fields; /* ktlsctl.written/1 (snapshot.c) */
extern const struct fields serve_fields;   /* ktlsctl.serve/1 (serve.c) */
/* ktlsctl.commands/1 (commands_doc.c) */
extern const struct fields commands_fields;
char *commands_json(void);
char *commands_text(void);

extern const struct command
	*const commands[]; /* NULL-terminated; the first is the default */

/* format.c: a value of --format; false: there is none such. */
bool set_format(struct settings *s, const char *arg);
/* The i-th format that a command has; NULL: there are no more. */
const char *format_at(const struct command *c, size_t i);
bool format_fits(const struct command *c, enum format format);
/* "text, json and ndjson": those of a command, the last behind this word. */
void format_list(const struct command *c, const char *word, char *out, size_t size);
/* The format asked for, whatever else is wrong: an error has to come in it too. */
enum format format_wanted(int argc, char **argv);
/* Why --watch and what else was said do not go together; NULL: they do. */
const char *watch_wrong(const struct settings *s);

/* options.c. Returns 0, or EXIT_USAGE after one line on stderr. *rest: first non-option.
 */
int options_parse(const struct command *c, struct settings *s, int argc, char **argv,
		  int *rest);
/* confine.c: gives up what c does not need. argv: what is left after the options. */
void confine(const struct command *c, struct settings *s, int argc, char **argv);
/* Where needs.late: all but the files, and the network but for this port. */
void confine_now(const struct settings *s, uint16_t port);

/* fleet.c */
bool set_top(struct settings *s, const char *arg);
/* The options of c as lines of --help. */
void options_help(const struct command *c, FILE *f);

/*
 * One line on stderr, and an error document on stdout where JSON was asked for. Returns
 * the exit status for wrong usage (Nagios: 3).
 */
int usage_error(const struct settings *s, const char *command, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Likewise for what is not done because it could do harm; EXIT_REFUSED. */
int refusal(const struct settings *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Writes text to stdout or, aside and renamed, to --output. text NULL: out of memory.
 * Frees text. Returns status, or EXIT_USAGE when it could not be written. */
int answer(const struct settings *s, char *text, int status);
/* text to path, which is no option but an argument. */
int answer_to(const struct settings *s, const char *path, char *text, int status);
/* The same, and page to --html where that was given (else page is NULL). Frees both. */
int answer_with_page(const struct settings *s, char *text, char *page, int status);
struct text_style style_of(const struct settings *s);

struct facts;
/* A snapshot carries no host name; its folder's name is what tells it from others. */
void name_snapshot(struct facts *f, const char *root);
/* For an answer that is written while it is found out: stdout, or a file aside that takes
 * the place of path when all went well. */
struct sink {
	const struct settings *s;
	const char *path;
	int fd;         /* -1: stdout */
	char tmp[4096]; /* "": it is written as it is */
};
/* There is something, and no file (/dev/null, a pipe): nothing may take its place. */
bool output_is_special(const char *path);
/* path NULL: stdout. 0 or -errno */
int sink_open(const struct settings *s, struct sink *k, const char *path);
/* arg: a struct sink. 0 or -errno */
int sink_write(void *arg, const char *p, size_t n);
/* There is no answer: the file stays as it was. */
void sink_discard(struct sink *k);
/* err: what went wrong before, 0 or -errno. Returns status, or EXIT_USAGE after a line on
 * stderr. */
int sink_close(struct sink *k, int err, int status);

/* signals.c: a descriptor that is readable as soon as somebody wants the program to end;
 * -1 with errno. */
int end_signals(void);

/* --debug, or KTLSCTL_DEBUG in the environment. */
bool wants_debug(const struct settings *s);

struct host;
/* Opens the host of --root or the live one, with --debug tracing. 0 or a reported error.
 */
int open_host(const struct settings *s, const char *command, struct host **h);

void print_version(bool verbose);

/* For --watch. */
uint64_t cmd_now_ns(clockid_t clock);
void cmd_sleep_until(uint64_t ns); /* CLOCK_MONOTONIC */

#endif
