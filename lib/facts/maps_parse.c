/* SPDX-License-Identifier: MIT */
/* The files of /proc/PID as bytes: maps, status, auxv; and names of libraries. */
#include <elf.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "../host/cleanup.h"
#include "programs.h"

/* A whole hexadecimal number of at most 16 digits. */
static bool span_hex(struct span s, uint64_t *out)
{
	uint64_t v = 0;

	if (!s.len || s.len > 16)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *at = memchr(digits, s.p[i], 16);

		if (!at)
			return false;
		v = v << 4 | (uint64_t)(at - digits);
	}
	*out = v;
	return true;
}

static bool cut_hex(struct span *word, char c, uint64_t *out)
{
	struct span before;

	return cut_at(word, c, &before) && span_hex(before, out);
}

bool cut_deleted(struct span *path)
{
	static const char mark[] = " (deleted)";
	size_t n = sizeof(mark) - 1;

	if (path->len <= n || memcmp(path->p + path->len - n, mark, n) != 0)
		return false;
	path->len -= n;
	return true;
}

/* "7f0c1000-7f0c2000 r-xp 00012000 fd:01 1234      /usr/lib/libssl.so.3 (deleted)" */
bool parse_maps_line(struct span line, struct mapping *out)
{
	struct span range, rights, offset, dev, ino;
	uint64_t major, minor;

	*out = (struct mapping){ 0 };
	if (!next_word(&line, &range) || !next_word(&line, &rights) ||
	    !next_word(&line, &offset) || !next_word(&line, &dev) ||
	    !next_word(&line, &ino))
		return false;
	if (!cut_hex(&range, '-', &out->start) || !span_hex(range, &out->end) ||
	    !cut_hex(&dev, ':', &major) || !span_hex(dev, &minor) ||
	    !span_u64(ino, &out->ino) || major > UINT32_MAX || minor > UINT32_MAX)
		return false;
	out->dev = makedev((unsigned)major, (unsigned)minor);
	out->exec = rights.len > 2 && rights.p[2] == 'x';
	out->path = trimmed(line);
	out->deleted = cut_deleted(&out->path);
	return out->ino && out->path.len && out->path.p[0] == '/';
}

static uint64_t status_number(struct span text, const char *name)
{
	struct span line, key, word;
	uint64_t v;

	while (next_line(&text, &line))
		if (cut_at(&line, ':', &key) && span_is(key, name) &&
		    next_word(&line, &word) && span_u64(word, &v))
			return v;
	return 0;
}

uint64_t parse_vmlib(struct span text)
{
	uint64_t kib = status_number(text, "VmLib");

	return kib > UINT64_MAX / 1024 ? 0 : kib * 1024;
}

uint64_t parse_ppid(struct span text)
{
	return status_number(text, "PPid");
}

uint64_t parse_at_base(struct span bytes)
{
	uint64_t pair[2];

	for (; bytes.len >= sizeof(pair); bytes.p += sizeof(pair)) {
		memcpy(pair, bytes.p, sizeof(pair));
		bytes.len -= sizeof(pair);
		if (pair[0] == AT_NULL)
			break;
		if (pair[0] == AT_BASE)
			return pair[1];
	}
	return 0;
}

struct span path_base(struct span path)
{
	const char *slash = path.len ? memrchr(path.p, '/', path.len) : NULL;

	if (!slash)
		return path;
	return span(slash + 1, path.len - (size_t)(slash + 1 - path.p));
}

/* "libssl.so.3", "libssl-1a2b3c4d.so.1.1" (as Python packages carry it), "libssl.so";
 * not "libssl3.so", which is of NSS, nor "libssl.so.debug". */
static bool is_library(struct span name, const char *stem, struct span *version)
{
	size_t n = strlen(stem);
	const char *so;

	if (!span_starts(name, stem) || name.len <= n ||
	    (name.p[n] != '.' && name.p[n] != '-'))
		return false;
	so = memmem(name.p, name.len, ".so", 3);
	if (!so)
		return false;
	*version = span(so + 3, name.len - (size_t)(so + 3 - name.p));
	if (!version->len)
		return true;
	if (version->p[0] != '.')
		return false;
	*version = span(version->p + 1, version->len - 1);
	return version->len && version->p[0] >= '0' && version->p[0] <= '9';
}

/* OpenSSL's sonames are 0.9.8, 1.0.0, 1.0.2, 10, 1.1, 3, 4; LibreSSL counts from 26. */
static bool is_libressl(struct span version)
{
	struct span major;
	uint64_t v;

	if (!cut_at(&version, '.', &major))
		major = version;
	return span_u64(major, &v) && v >= 20;
}

struct mapped_name mapped_name(struct span path)
{
	static const struct {
		const char *stem;
		enum tls_kind kind;
	} stems[] = {
		{ "libgnutls", TLS_GNUTLS },
		{ "libwolfssl", TLS_WOLFSSL },
		{ "libjvm", TLS_JAVA },
		{ "libssl", TLS_OPENSSL },
	};
	struct span name = path_base(path), version;

	if (!span_starts(name, "lib"))
		return (struct mapped_name){ 0 };
	if (is_library(name, "libcrypto", &version))
		return (struct mapped_name){ .what = MAPPED_CRYPTO };
	for (size_t i = 0; i < ARRAY_SIZE(stems); i++) {
		struct mapped_name n = { MAPPED_TLS, stems[i].kind };

		if (!is_library(name, stems[i].stem, &version))
			continue;
		if (n.kind == TLS_OPENSSL && is_libressl(version))
			n.kind = TLS_LIBRESSL;
		return n;
	}
	return (struct mapped_name){ 0 };
}
