/* SPDX-License-Identifier: MIT */
/*
 * What a TLS library in a process is: version, and whether it was built with kTLS. Each
 * file is looked at once, as bytes; a foreign library is never loaded into ourselves.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "ini.h"
#include "programs.h"

/* No TLS library is smaller, not even without symbols. */
enum { EXE_MIN = 256 << 10 };

static size_t dir_len(struct span path)
{
	const char *slash = path.len ? memrchr(path.p, '/', path.len) : NULL;

	return slash ? (size_t)(slash - path.p) : 0;
}

/* The libcrypto in the folder of libssl, else any; NULL. */
static const struct lib_map *crypto_of(const struct lib_set *set,
				       const struct mapping *ssl)
{
	const struct lib_map *found = NULL;
	size_t n = dir_len(ssl->path);

	for (size_t i = 0; i < set->n; i++) {
		const struct lib_map *l = &set->libs[i];

		if (l->name.what != MAPPED_CRYPTO)
			continue;
		if (dir_len(l->at.path) == n && !memcmp(l->at.path.p, ssl->path.p, n))
			return l;
		found = l;
	}
	return found;
}

static char *text_between(struct span bytes, const char *mark, char end, struct arena *a)
{
	size_t len = strlen(mark);
	const char *at = bytes.len ? memmem(bytes.p, bytes.len, mark, len) : NULL;
	struct span rest, text;

	if (!at)
		return NULL;
	rest = span(at + len, bytes.len - (size_t)(at + len - bytes.p));
	if (rest.len > 4096)
		rest.len = 4096;
	if (!cut_at(&rest, end, &text) || memchr(text.p, '\0', text.len))
		return NULL;
	return arena_strndup(a, text.p, text.len);
}

char *parse_openssldir(struct span bytes, struct arena *a)
{
	return text_between(bytes, "OPENSSLDIR: \"", '"', a);
}

/* libssl by its libcrypto, which has the version, and by its own bytes. */
static int describe_libssl(struct scan *s, uint64_t pid, const struct lib_map *crypto,
			   const struct mapping *ssl, struct tls_library *out)
{
	cleanup_bytes struct bytes c = { 0 }, b = { 0 };
	char *version;

	if (crypto && s->own_crypto.ino == crypto->at.ino &&
	    s->own_crypto.dev == crypto->at.dev) {
		out->version = s->f->openssl.version;
		out->ktls = s->f->openssl.ktls_send ? TRI_YES : TRI_NO;
		return 0;
	}
	if (!crypto || maps_file(s, pid, &crypto->at, &c))
		return 0;
	if (out->kind == TLS_LIBRESSL) {
		version = text_between(span_of(&c), "LibreSSL ", '\0', s->f->arena);
		out->version = version && strlen(version) < 16 ? version : "";
		out->ktls = TRI_NO;
		return 0;
	}
	version = parse_openssl_version(span_of(&c), s->f->arena);
	if (span_has(span_of(&c), "(compatible; ")) {
		out->kind = TLS_BORINGSSL;
		out->ktls = TRI_NO;
	} else if (version) {
		out->version = version;
		if (!maps_file(s, pid, ssl, &b))
			out->ktls = libssl_has_ktls(span_of(&b), version);
	}
	return 0;
}

static int gnutls_line(void *arg, const struct ini_line *l)
{
	bool *on = arg;

	if (strcasecmp(l->section, "global") || strcasecmp(l->key, "ktls"))
		return 0;
	if (!strcasecmp(l->value, "true"))
		*on = true;
	else if (!strcasecmp(l->value, "false"))
		*on = false;
	return 0;
}

bool parse_gnutls_config(struct span text)
{
	bool on = false;
	unsigned bad;

	ini_walk(text, gnutls_line, &on, &bad);
	return on;
}

static int describe_gnutls(struct scan *s, uint64_t pid, const struct mapping *at,
			   struct tls_library *out)
{
	static const char path[] = "/etc/gnutls/config";
	const struct read_opts o = { .max = 1 << 20, .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 }, conf = { 0 };
	cleanup_host struct host *own = NULL;
	struct host *root;
	char *version;

	if (maps_file(s, pid, at, &b))
		return 0;
	version = text_between(span_of(&b), "Enabled GnuTLS ", ' ', s->f->arena);
	out->version = version ? version : "";
	/* The log text of the one function that attaches the ULP: without --enable-ktls
	 * that function is empty. */
	out->ktls = span_has(span_of(&b), "TCP_ULP") ? TRI_YES : TRI_NO;
	root = process_root(s, pid, &own);
	if (root && !host_read(root, path, &o, &conf) &&
	    parse_gnutls_config(span_of(&conf)))
		out->evidence = "mapped; ktls = true in /etc/gnutls/config";
	return 0;
}

static int describe(struct scan *s, uint64_t pid, const struct lib_set *set,
		    const struct lib_map *l, struct tls_library *out)
{
	*out = (struct tls_library){ .kind = l->name.kind,
				     .path = l->at.path.p,
				     .version = "",
				     .deleted = l->at.deleted,
				     .evidence = "mapped" };
	switch (out->kind) {
	case TLS_OPENSSL:
	case TLS_LIBRESSL:
		return describe_libssl(s, pid, crypto_of(set, &l->at), &l->at, out);
	case TLS_GNUTLS:
		return describe_gnutls(s, pid, &l->at, out);
	case TLS_JAVA:
		out->evidence = "libjvm.so mapped";
		out->ktls = TRI_NO; /* JSSE has none */
		return 0;
	default:
		out->ktls = TRI_NO;
		return 0;
	}
}

const struct tls_library *library_of(struct scan *s, uint64_t pid,
				     const struct lib_set *set, size_t i)
{
	const struct mapping *at = &set->libs[i].at;
	const uint64_t key[IDMAP_KEY] = { at->dev, at->ino, at->deleted };
	struct tls_library *l = idmap_get(&s->libraries, key);

	if (l)
		return l;
	l = arena_alloc(s->f->arena, sizeof(*l));
	if (!l || describe(s, pid, set, &set->libs[i], l) ||
	    idmap_put(&s->libraries, key, l))
		return NULL;
	return l;
}

/* Programs that speak TLS as a rule; the others only count where nothing can be read. */
bool is_tls_name(struct span name, bool unreadable)
{
	static const char *const names[] = { "envoy", "caddy", "traefik", "stunnel",
					     "hitch", "tlshd", "stunnel4" };
	static const char *const more[] = { "nginx",   "haproxy", "lighttpd",
					    "apache2", "httpd",   "java",
					    "openvpn", "slapd",   "dovecot" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (span_is(name, names[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(more) && unreadable; i++)
		if (span_is(name, more[i]))
			return true;
	return false;
}

static int look_into(struct scan *s, uint64_t pid, const struct host_id *exe,
		     struct exe_info *out)
{
	cleanup_close int fd = -1;
	char link[4096];
	struct span path;
	int found = 0;

	if (exe->size >= EXE_MIN)
		fd = host_open_file(s->live, pid_path(pid, "exe").text);
	if (fd >= 0)
		found = tls_elf_file(fd, s->f->arena, &out->library);
	if (found < 0)
		return found;
	if (!found)
		out->library.kind = TLS_KIND_COUNT;
	if (host_readlink(s->live, pid_path(pid, "exe").text, link, sizeof(link)))
		return 0;
	path = span(link, strlen(link));
	cut_deleted(&path);
	path = path_base(path);
	out->server = is_known_server(path);
	if (!found && is_tls_name(path, false))
		out->library = (struct tls_library){
			.kind = TLS_UNSURE, .path = "", .version = "", .evidence = "name"
		};
	return 0;
}

const struct exe_info *exe_info_of(struct scan *s, uint64_t pid,
				   const struct host_id *exe)
{
	const uint64_t key[IDMAP_KEY] = { exe->dev, exe->ino };
	struct exe_info *info = idmap_get(&s->executables, key);

	if (info)
		return info;
	info = arena_alloc(s->f->arena, sizeof(*info));
	if (!info || look_into(s, pid, exe, info) ||
	    idmap_put(&s->executables, key, info))
		return NULL;
	return info;
}
