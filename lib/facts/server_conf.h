/* SPDX-License-Identifier: MIT */
/*
 * Configuration of servers, as far as kTLS is concerned. The parsers take bytes and keep
 * answers and line numbers only: what else stands in such a file (passwords, names of
 * customers) never leaves them.
 */
#ifndef KTLSCTL_SERVER_CONF_H
#define KTLSCTL_SERVER_CONF_H

#include "reader.h"

struct conf_parse {
	struct arena *arena;
	struct server_conf *out;
	/* Parses what an include names, a pattern perhaps; NULL: unsure. -ENOMEM. */
	int (*include)(struct conf_parse *p, struct span pattern);
	void *arg;
	bool no_ktls; /* HAProxy: noktls stood there, wherever another line asks */
};

enum { NGINX_DEPTH = 32 };
enum nginx_block { NGINX_OTHER, NGINX_TOP, NGINX_HTTP, NGINX_SERVER, NGINX_LOCATION };

/* A block that is open, or a server block that was closed. CNF_*: unset, on, off. */
struct nginx_scope {
	enum nginx_block kind;
	bool commands; /* has ssl_conf_command: those outside of it do not hold */
	enum cnf_ktls ktls, sendfile, http2;
	const char *at;
	bool tls, listen_http2, location_sendfile;
};

struct nginx_parse {
	struct conf_parse base;
	struct nginx_scope open[NGINX_DEPTH];
	size_t depth;
	size_t deeper;               /* blocks inside of those, not looked at */
	struct nginx_scope *servers; /* of the http block that is open */
	size_t n_servers;
};
void nginx_begin(struct nginx_parse *p);
int parse_nginx(struct span text, const char *file, struct nginx_parse *p);
void nginx_end(struct nginx_parse *p);

int parse_haproxy(struct span text, const char *file, struct conf_parse *p);
int parse_lighttpd(struct span text, const char *file, struct conf_parse *p);

/* What a command line says of the configuration; spans into it. */
struct conf_args {
	struct span prefix, folder; /* nginx -p, haproxy -C */
	struct span files[16];
	size_t n;
	bool no_ktls; /* haproxy -dT */
};
void parse_conf_args(struct span cmdline, const char *app, struct conf_args *out);
/* Version and configure arguments, out of an executable of nginx. */
struct nginx_build {
	const char *prefix, *conf; /* NULL: not told */
};
int parse_nginx_exe(struct span bytes, struct arena *a, struct server_conf *out,
		    struct nginx_build *build);

/* The same for HAProxy and lighttpd: the version. */
int parse_server_version(struct span bytes, const char *app, struct arena *a,
			 struct server_conf *out);

/* "FILE:LINE" */
int conf_at(struct conf_parse *p, const char *file, unsigned line, const char **at);

#endif
