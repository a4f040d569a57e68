/* SPDX-License-Identifier: MIT */
/* Configuration of nginx, HAProxy and lighttpd: one text a row, and what is made of it.
 */
#include "unit.h"

#include "../../lib/facts/server_conf.h"

struct conf_row {
	const char *name, *text, *want;
};

static const char *const ktls_words[] = { "unset", "on", "off" };

static void tell(struct notes *n, const struct server_conf *c)
{
	note(n, "%s%s", c->tls ? "tls " : "", ktls_words[c->ktls]);
	note(n, "%s%s", *c->at ? " @" : "", c->at);
	note(n, "%s%s%s%s", c->sendfile ? " sendfile" : "", c->http2 ? " http2" : "",
	     c->experimental ? " experimental" : "", c->unsure ? " ?" : "");
}

/* An include named "more" holds this; what else is named cannot be followed. */
static const char more[] = "listen 443 ssl;\nssl_conf_command Options KTLS;\n";

static int include_more(struct conf_parse *p, struct span pattern)
{
	if (span_is(pattern, "more"))
		return parse_nginx(span(more, strlen(more)), "more", p->arg);
	p->out->unsure = true;
	return 0;
}

#define TLS "listen 443 ssl;"

static const struct conf_row nginx_rows[] = {
	{ "empty", "", "unset" },
	{ "no TLS, so nothing holds",
	  "http { ssl_conf_command Options KTLS; server { listen 80; } }", "unset" },
	{ "TLS and not a word of kTLS", "http { server { " TLS " } }", "tls unset" },
	{ "in the server",
	  "http {\n server {\n " TLS "\n ssl_conf_command Options KTLS;\n"
	  " }\n}\n",
	  "tls on @f:4" },
	{ "in http", "http {\n ssl_conf_command Options KTLS;\n server { " TLS " }\n}",
	  "tls on @f:2" },
	{ "in http, behind the server",
	  "http {\n server { " TLS " }\n ssl_conf_command Options KTLS;\n}",
	  "tls on @f:3" },
	{ "switched off", "http { server { " TLS " ssl_conf_command Options -KTLS; } }",
	  "tls off @f:1" },
	{ "several options",
	  "http { server { " TLS " ssl_conf_command Options PrioritizeChaCha,KTLS; } }",
	  "tls on @f:1" },
	{ "quoted", "http { server { " TLS " ssl_conf_command \"Options\" 'KTLS'; } }",
	  "tls on @f:1" },
	{ "over several lines",
	  "http { server { " TLS "\n ssl_conf_command\n  Options # here\n  KTLS\n ; } }",
	  "tls on @f:2" },
	{ "in a comment",
	  "http { server { " TLS " # ssl_conf_command Options KTLS;\n } }", "tls unset" },
	{ "in a quoted word",
	  "http { server { " TLS " add_header X 'ssl_conf_command Options KTLS;'; } }",
	  "tls unset" },
	{ "another command",
	  "http { server { " TLS " ssl_conf_command Ciphersuites X; } }", "tls unset" },
	{ "commands of the server replace those of http",
	  "http { ssl_conf_command Options KTLS; server { " TLS
	  " ssl_conf_command Ciphersuites X; } }",
	  "tls unset" },
	{ "two commands add up",
	  "http { server { " TLS " ssl_conf_command Options KTLS;"
	  " ssl_conf_command Ciphersuites X; } }",
	  "tls on @f:1" },
	{ "one server of two is enough",
	  "http { server { " TLS " ssl_conf_command Options -KTLS; }\n"
	  "server { " TLS " ssl_conf_command Options KTLS; } }",
	  "tls on @f:2" },
	{ "of a server without TLS",
	  "http { server { listen 80; ssl_conf_command Options KTLS; } server { " TLS
	  " } }",
	  "tls unset" },
	{ "towards the upstream is another matter",
	  "http { server { " TLS " proxy_ssl_conf_command Options KTLS; } }",
	  "tls unset" },
	{ "a variable", "http { server { " TLS " ssl_conf_command Options $o; } }",
	  "tls unset ?" },
	{ "stream", "stream { server { " TLS " ssl_conf_command Options KTLS; } }",
	  "tls on @f:1" },
	{ "ssl on, as it was", "http { server { listen 443; ssl on; } }", "tls unset" },
	{ "sendfile in http", "http { sendfile on; server { " TLS " } }",
	  "tls unset sendfile" },
	{ "sendfile off in the server",
	  "http { sendfile on; server { " TLS " sendfile off; } }", "tls unset" },
	{ "sendfile in a location",
	  "http { server { " TLS " location /a { if ($x) { sendfile on; } } } }",
	  "tls unset sendfile" },
	{ "http2 on the listener", "http { server { listen 443 ssl http2; } }",
	  "tls unset http2" },
	{ "http2 on", "http { http2 on; server { " TLS " } }", "tls unset http2" },
	{ "http2 without TLS", "http { server { listen 80 http2; } }", "unset" },
	{ "braces of a variable",
	  "http { server { set $a ${b}c; " TLS " ssl_conf_command Options KTLS; } }",
	  "tls on @f:1" },
	{ "Lua in between",
	  "http { server { content_by_lua_block { if a then b = {'x'} -- it's }\n"
	  " end } " TLS " ssl_conf_command Options KTLS; } }",
	  "tls on @f:2" },
	{ "an include", "http { server { include more; } }", "tls on @more:2" },
	{ "an include that leads nowhere", "http { server { include x/*.conf; } }",
	  "unset ?" },
	{ "a map is no place for it",
	  "http { map $a $b { listen ssl; ssl_conf_command Options; } server { " TLS
	  " } }",
	  "tls unset" },
	{ "cut short", "http { server { " TLS " ssl_conf_command Options KTLS; ",
	  "tls on @f:1" },
	{ "one brace too many", "} } http { server { " TLS " } } } }", "tls unset" },
};

static void test_nginx(void **state)
{
	const struct conf_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	cleanup_free char *copy = exact_copy(row->text, strlen(row->text));
	struct server_conf c = { .at = "" };
	struct nginx_parse p = { .base = { a, &c, include_more, &p, false } };
	struct notes n = { 0 };

	nginx_begin(&p);
	assert_int_equal(parse_nginx(span(copy, strlen(row->text)), "f", &p), 0);
	nginx_end(&p);
	tell(&n, &c);
	assert_string_equal(n.text, row->want);
}

static const struct conf_row haproxy_rows[] = {
	{ "empty", "", "unset" },
	{ "TLS", "frontend f\n bind :443 ssl crt a.pem\n", "tls unset" },
	{ "on",
	  "global\n expose-experimental-directives\nfrontend f\n"
	  " bind :443 ssl crt a.pem ktls on\n",
	  "tls on @f:4 experimental" },
	{ "off", "frontend f\n bind :443 ssl ktls off\n", "tls off @f:2" },
	{ "towards the server", "backend b\n server s 10.0.0.1:443 ssl ktls on\n",
	  "on @f:2" },
	{ "a default of servers", "defaults\n default-server ktls on\n", "on @f:2" },
	{ "noktls wins", "global\n noktls\nlisten l\n bind :443 ssl\n", "tls off @f:2" },
	{ "noktls twice, the second time perhaps", "global\n noktls\n.if x\n noktls\n",
	  "off @f:2" },
	{ "noktls wins over what stands behind it",
	  "global\n noktls\nlisten l\n bind :443 ssl ktls on\n", "tls off @f:2" },
	{ "and over what stands before it",
	  "listen l\n bind :443 ssl ktls on\nglobal\n noktls\n", "tls off @f:4" },
	{ "in a comment", "listen l\n bind :443 ssl # ktls on\n", "tls unset" },
	{ "the mark in quotes", "listen l\n bind :443 name 'a # b' ssl ktls on\n",
	  "tls on @f:2" },
	{ "an escaped blank", "listen l\n bind :443 name a\\ ktls ssl ktls off\n",
	  "tls off @f:2" },
	{ "a variable", "listen l\n bind :443 ssl ktls \"${KTLS}\"\n", "tls unset ?" },
	{ "in a condition", ".if defined(A)\nlisten l\n bind :443 ssl ktls on\n.endif\n",
	  "tls on @f:3 ?" },
	{ "behind a condition",
	  ".if defined(A)\n.endif\nlisten l\n bind :443 ssl ktls on\n", "tls on @f:4" },
	{ "bind in another section", "userlist u\n bind :443 ssl ktls on\n", "unset" },
	{ "no final newline", "listen l\n bind :443 ssl ktls on", "tls on @f:2" },
	{ "the word alone", "listen l\n bind :443 ssl ktls", "tls unset" },
};

static const struct conf_row lighttpd_rows[] = {
	{ "empty", "", "unset" },
	{ "TLS", "ssl.engine = \"enable\"\n", "tls unset" },
	{ "off, in a condition and over lines",
	  "$SERVER[\"socket\"] == \":443\" {\n ssl.engine = \"enable\"\n"
	  " ssl.openssl.ssl-conf-cmd = (\"MinProtocol\" => \"TLSv1.2\",\n"
	  "  \"Options\" => \"-KTLS\")\n}\n",
	  "tls off @f:4" },
	{ "added", "ssl.openssl.ssl-conf-cmd += (\"Options\" => \"NoTicket,-KTLS\")",
	  "off @f:1" },
	{ "on", "ssl.openssl.ssl-conf-cmd = (\"Options\" => \"KTLS\")", "on @f:1" },
	{ "off wins over on",
	  "ssl.openssl.ssl-conf-cmd = (\"Options\" => \"KTLS\")\n"
	  "ssl.openssl.ssl-conf-cmd = (\"Options\" => \"-KTLS\")\n",
	  "off @f:2" },
	{ "another key's Options", "x.y = (\"Options\" => \"-KTLS\")\n", "unset" },
	{ "a value that is called so",
	  "ssl.openssl.ssl-conf-cmd = (\"A\" => \"Options\", \"B\" => \"x\")", "unset" },
	{ "in a comment", "#ssl.openssl.ssl-conf-cmd = (\"Options\" => \"-KTLS\")\n",
	  "unset" },
	{ "in a string", "a.b = \"ssl.engine = \\\"enable\\\"\"\n", "unset" },
	{ "a variable", "ssl.openssl.ssl-conf-cmd = (\"Options\" => var.x)\n",
	  "unset ?" },
	{ "an include", "include \"conf.d/*.conf\"\n", "unset ?" },
	{ "a harmless script",
	  "include_shell \"/usr/share/lighttpd/create-mime.conf.pl\"\n", "unset" },
	{ "any other script", "include_shell \"cat /etc/x\"\n", "unset ?" },
	{ "not closed", "ssl.openssl.ssl-conf-cmd = (\"Options\" => \"-KTLS\"",
	  "off @f:1" },
};

static void check_plain(const struct conf_row *row,
			int (*parse)(struct span, const char *, struct conf_parse *))
{
	cleanup_arena struct arena *a = arena_new();
	cleanup_free char *copy = exact_copy(row->text, strlen(row->text));
	struct server_conf c = { .at = "" };
	struct conf_parse p = { .arena = a, .out = &c };
	struct notes n = { 0 };

	assert_int_equal(parse(span(copy, strlen(row->text)), "f", &p), 0);
	tell(&n, &c);
	assert_string_equal(n.text, row->want);
}

static void test_haproxy(void **state)
{
	check_plain(*state, parse_haproxy);
}

static void test_lighttpd(void **state)
{
	check_plain(*state, parse_lighttpd);
}

struct args_row {
	const char *name, *app;
	const char *cmdline; /* "|" for a NUL byte */
	const char *want;
};

static const struct args_row args_rows[] = {
	{ "nginx: a title", "nginx",
	  "nginx: master process nginx -c /a/b.conf -p /p -g daemon off;|||",
	  "-p /p /a/b.conf" },
	{ "nginx: no title", "nginx", "/usr/sbin/nginx|-c/a.conf|-g|daemon off;|",
	  "/a.conf" },
	{ "nginx: nothing", "nginx", "nginx: worker process", "" },
	{ "haproxy: several", "haproxy", "haproxy|-W|-f|/a.cfg|-f|/b|", "/a.cfg /b" },
	{ "haproxy: behind --", "haproxy", "haproxy|--|a.cfg|b.cfg", "a.cfg b.cfg" },
	{ "haproxy: without kTLS, elsewhere", "haproxy", "haproxy|-dT|-C|/d|-f|x|",
	  "-C /d x off" },
	{ "haproxy: after a reload", "haproxy", "haproxy|-f|x|-sf|12|-f|", "x" },
	{ "lighttpd", "lighttpd", "lighttpd|-D|-f|/l.conf|", "/l.conf" },
	{ "the value is missing", "lighttpd", "lighttpd|-f", "" },
	{ "empty", "haproxy", "", "" },
};

static void test_args(void **state)
{
	const struct args_row *row = *state;
	cleanup_free char *copy = exact_copy(row->cmdline, strlen(row->cmdline));
	struct conf_args args;
	struct notes n = { 0 };

	for (size_t i = 0; i < strlen(row->cmdline); i++)
		if (copy[i] == '|')
			copy[i] = '\0';
	parse_conf_args(span(copy, strlen(row->cmdline)), row->app, &args);
	if (args.prefix.len)
		note(&n, "-p %.*s ", (int)args.prefix.len, args.prefix.p);
	if (args.folder.len)
		note(&n, "-C %.*s ", (int)args.folder.len, args.folder.p);
	for (size_t i = 0; i < args.n; i++)
		note(&n, "%s%.*s", i ? " " : "", (int)args.files[i].len, args.files[i].p);
	note(&n, "%s", args.no_ktls ? " off" : "");
	assert_string_equal(n.text, row->want);
}

struct exe_row {
	const char *name, *app, *bytes, *want;
};

static const struct exe_row exe_rows[] = {
	{ "nginx", "nginx",
	  "xx|nginx version: nginx/1.22.1\n|y|configure arguments: --prefix=/usr/share/n"
	  " --conf-path=/etc/nginx/nginx.conf --with-x='-O2'|",
	  "1.22.1 /usr/share/n /etc/nginx/nginx.conf" },
	{ "nginx with an OpenSSL of its own", "nginx",
	  "nginx version: nginx/1.27.0 (a vendor)\n|configure arguments: --with-openssl=/s"
	  " --with-openssl-opt='no-shared enable-ktls'|",
	  "1.27.0 bundled enable-ktls" },
	{ "enable-ktls alone is another option", "nginx",
	  "configure arguments: --with-cc-opt=-Denable-ktls|", "" },
	{ "no nginx", "nginx", "configure arguments", "" },
	{ "haproxy", "haproxy",
	  "|a version b| version 2.6.12-1+deb12u4, released 2026/10/17|", "2.6.12" },
	{ "haproxy, another text", "haproxy", " version 2.6.12 of it|", "" },
	{ "lighttpd", "lighttpd", "lighttpd/|lighttpd/1.4.69|", "1.4.69" },
};

static void test_exe(void **state)
{
	const struct exe_row *row = *state;
	cleanup_arena struct arena *a = arena_new();
	cleanup_free char *copy = exact_copy(row->bytes, strlen(row->bytes));
	struct span bytes = span(copy, strlen(row->bytes));
	struct server_conf c = { .version = "" };
	struct nginx_build b = { 0 };
	struct notes n = { 0 };

	for (size_t i = 0; i < bytes.len; i++)
		if (copy[i] == '|')
			copy[i] = '\0';
	if (!strcmp(row->app, "nginx"))
		assert_int_equal(parse_nginx_exe(bytes, a, &c, &b), 0);
	else
		assert_int_equal(parse_server_version(bytes, row->app, a, &c), 0);
	note(&n, "%s", c.version);
	if (b.prefix)
		note(&n, " %s", b.prefix);
	if (b.conf)
		note(&n, " %s", b.conf);
	note(&n, "%s%s", c.bundled ? " bundled" : "", c.ktls_built ? " enable-ktls" : "");
	assert_string_equal(n.text, row->want);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("nginx.conf", nginx_rows, test_nginx),
		UNIT_ROWS("haproxy.cfg", haproxy_rows, test_haproxy),
		UNIT_ROWS("lighttpd.conf", lighttpd_rows, test_lighttpd),
		UNIT_ROWS("command line", args_rows, test_args),
		UNIT_ROWS("executable", exe_rows, test_exe),
	};

	return unit_run("server_conf", sets, ARRAY_SIZE(sets));
}
