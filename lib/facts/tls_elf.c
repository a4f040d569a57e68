/* SPDX-License-Identifier: MIT */
/*
 * TLS that an executable has linked in: decided by symbols, by what a Go program carries
 * with it, or, where the symbols were stripped, by texts the library leaves. Sections are
 * read one by one and only up to a bound; nothing of the file is ever run.
 */
#include <errno.h>
#include <gelf.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "programs.h"

enum { MAX_SECTIONS = 4096, SECTION_MAX = 96 << 20 };

/* In this order: BoringSSL and LibreSSL have the names of OpenSSL too. */
static const struct {
	const char *name;
	enum tls_kind kind;
} symbols[] = {
	{ "BORINGSSL_self_test", TLS_BORINGSSL },
	{ "SSL_CTX_set_custom_verify", TLS_BORINGSSL },
	{ "tls_config_new", TLS_LIBRESSL },
	{ "wolfSSL_CTX_new", TLS_WOLFSSL },
	{ "gnutls_handshake", TLS_GNUTLS },
	{ "SSL_do_handshake", TLS_OPENSSL },
};

/* A section is searched piece by piece: to have all of it in memory takes far longer than
 * to look for a word in it, and most have none of the words. */
enum { CHUNK = 256 << 10, OVERLAP = 64 };

struct elf_look {
	Elf *elf;
	int fd; /* < 0: the bytes are in memory */
	struct span mem;
	char *chunk;
	size_t names; /* section of the section names */
	struct arena *arena;
	struct tls_library *out;
	Elf_Scn *rodata, *build_info, *functions;
	size_t best;     /* row of symbols; ARRAY_SIZE: none */
	unsigned tables; /* symbol tables looked at: an honest file has two */
};

static struct span bytes_of(Elf_Scn *scn)
{
	GElf_Shdr sh;
	Elf_Data *d;

	if (!scn || !gelf_getshdr(scn, &sh) || sh.sh_type == SHT_NOBITS ||
	    sh.sh_size > SECTION_MAX || sh.sh_flags & SHF_COMPRESSED)
		return span(NULL, 0);
	d = elf_rawdata(scn, NULL);
	return d && d->d_buf ? span(d->d_buf, d->d_size) : span(NULL, 0);
}

/* At most CHUNK bytes of the file from there on. */
static struct span piece(struct elf_look *l, uint64_t at, uint64_t len)
{
	ssize_t n;

	if (len > CHUNK)
		len = CHUNK;
	if (l->fd < 0) {
		if (at >= l->mem.len)
			return span(NULL, 0);
		return span(l->mem.p + at, len < l->mem.len - at ? len : l->mem.len - at);
	}
	n = at > INT64_MAX ? 0 : pread(l->fd, l->chunk, len, (off_t)at);
	return span(l->chunk, n > 0 ? (size_t)n : 0);
}

static bool has_word(struct span bytes, const struct span *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes.len && memmem(bytes.p, bytes.len, words[i].p, words[i].len))
			return true;
	return false;
}

/* At least one of the words, none longer than OVERLAP, is in the section. */
static bool section_has(struct elf_look *l, Elf_Scn *scn, const struct span *words,
			size_t n)
{
	uint64_t at = 0;
	GElf_Shdr sh;

	if (!scn || !gelf_getshdr(scn, &sh) || sh.sh_type == SHT_NOBITS ||
	    sh.sh_size > SECTION_MAX || sh.sh_offset > INT64_MAX)
		return false;
	while (at < sh.sh_size) {
		struct span bytes = piece(l, sh.sh_offset + at, sh.sh_size - at);

		if (has_word(bytes, words, n))
			return true;
		if (bytes.len < CHUNK)
			break;
		at += CHUNK - OVERLAP;
	}
	return false;
}

/* One that is only wanted from elsewhere is not linked in. */
static bool is_defined(Elf_Scn *scn, const GElf_Shdr *sh, size_t name)
{
	Elf_Data *d = sh->sh_entsize && sh->sh_size <= SECTION_MAX
			      ? elf_getdata(scn, NULL)
			      : NULL;
	size_t n = d ? d->d_size / sh->sh_entsize : 0;
	GElf_Sym sym;

	for (size_t i = 0; i < n && i < INT32_MAX; i++) {
		if (!gelf_getsym(d, (int)i, &sym))
			return false;
		if (sym.st_name == name)
			return sym.st_shndx != SHN_UNDEF;
	}
	return false;
}

/* " NAME " with NUL bytes in place of the blanks: a whole name of a string table. */
static struct span whole_name(size_t row, char *buf, size_t size)
{
	int n = snprintf(buf, size, "%c%s", 0, symbols[row].name);

	return span(buf, (size_t)n + 1);
}

static void look_at_symbols(struct elf_look *l, Elf_Scn *scn, const GElf_Shdr *sh)
{
	Elf_Scn *strings = elf_getscn(l->elf, sh->sh_link);
	struct span names, words[ARRAY_SIZE(symbols)];
	char buf[ARRAY_SIZE(symbols)][OVERLAP];

	for (size_t i = 0; i < l->best; i++)
		words[i] = whole_name(i, buf[i], sizeof(buf[i]));
	if (!section_has(l, strings, words, l->best))
		return;
	names = bytes_of(strings);
	for (size_t i = 0; i < l->best && names.len; i++) {
		const char *at = memmem(names.p, names.len, words[i].p, words[i].len);

		if (at && is_defined(scn, sh, (size_t)(at + 1 - names.p)))
			l->best = i;
	}
}

static void look_at_section(struct elf_look *l, Elf_Scn *scn)
{
	GElf_Shdr sh;
	const char *name;

	if (!gelf_getshdr(scn, &sh))
		return;
	if ((sh.sh_type == SHT_DYNSYM || sh.sh_type == SHT_SYMTAB) && l->tables++ < 4)
		look_at_symbols(l, scn, &sh);
	name = elf_strptr(l->elf, l->names, sh.sh_name);
	if (!name)
		return;
	if (!strcmp(name, ".rodata"))
		l->rodata = scn;
	else if (!strcmp(name, ".go.buildinfo"))
		l->build_info = scn;
	else if (!strcmp(name, ".gopclntab") || !strcmp(name, ".data.rel.ro.gopclntab"))
		l->functions = scn;
}

/* "1.22.1" behind mark; NULL. */
static char *number_behind(struct span bytes, const char *mark, struct arena *a)
{
	size_t len = strlen(mark), n = 0;
	const char *at;

	while (bytes.len > len && (at = memmem(bytes.p, bytes.len, mark, len))) {
		bytes = span(at + len, bytes.len - (size_t)(at + len - bytes.p));
		for (n = 0; n < bytes.len && n < 16 && bytes.p[n] &&
			    strchr("0123456789.", bytes.p[n]);
		     n++)
			;
		while (n && bytes.p[n - 1] == '.')
			n--;
		if (n && bytes.p[0] != '.')
			return arena_strndup(a, bytes.p, n);
	}
	return NULL;
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* Go writes the names of all functions into the program: no strip takes them out. */
static bool found_go(struct elf_look *l)
{
	static const struct span mark = { "crypto/tls.(*Conn)", 18 };
	Elf_Scn *where = l->functions ? l->functions : l->rodata;

	if (!l->build_info || !section_has(l, where, &mark, 1))
		return false;
	*l->out = (struct tls_library){
		.kind = TLS_GO,
		.version =
			or_empty(number_behind(bytes_of(l->build_info), "go", l->arena)),
		.ktls = TRI_NO, /* crypto/tls knows nothing of it */
		.evidence = "crypto/tls among its functions",
	};
	return true;
}

/* Texts of a library whose symbols are gone. */
static const struct {
	const char *mark, *evidence;
	enum tls_kind kind;
} marks[] = {
	{ "ssl/ssl_lib.cc", "text ssl/ssl_lib.cc", TLS_BORINGSSL },
	{ "LibreSSL ", "text LibreSSL", TLS_LIBRESSL },
	{ "ssl/statem/", "text ssl/statem/", TLS_OPENSSL },
	{ "/rustls-", "text rustls", TLS_RUSTLS },
};

static bool found_text(struct span bytes, struct arena *a, struct tls_library *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		char *version;

		if (!span_has(bytes, marks[i].mark))
			continue;
		version = marks[i].kind == TLS_OPENSSL
				  ? parse_openssl_version(bytes, a)
				  : number_behind(bytes, marks[i].mark, a);
		/* A word that is no release tells nothing: "LibreSSL or OpenSSL". */
		if (!version && marks[i].kind != TLS_BORINGSSL)
			continue;
		*out = (struct tls_library){ .kind = marks[i].kind,
					     .version = or_empty(version),
					     .evidence = marks[i].evidence };
		return true;
	}
	return false;
}

/* What the kind says of kTLS. rustls leaves it to the crate ktls. */
static enum tristate ktls_of(const struct tls_library *l, struct span bytes)
{
	switch (l->kind) {
	case TLS_OPENSSL:
		return *l->version ? libssl_has_ktls(bytes, l->version) : TRI_UNKNOWN;
	case TLS_GNUTLS:
		return span_has(bytes, "TCP_ULP") ? TRI_YES : TRI_NO;
	case TLS_RUSTLS:
		return span_has(bytes, "/ktls-") ? TRI_YES : TRI_NO;
	case TLS_UNSURE:
		return TRI_UNKNOWN;
	default:
		return TRI_NO;
	}
}

int tls_texts(struct span bytes, struct arena *a, struct tls_library *out)
{
	if (!found_text(bytes, a, out))
		return 0;
	out->path = "";
	out->ktls = ktls_of(out, bytes);
	return 1;
}

static int found_marks(struct elf_look *l)
{
	struct span words[ARRAY_SIZE(marks)];

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		words[i] = span(marks[i].mark, strlen(marks[i].mark));
	if (!section_has(l, l->rodata, words, ARRAY_SIZE(marks)))
		return 0;
	return tls_texts(bytes_of(l->rodata), l->arena, l->out);
}

static int found_symbol(struct elf_look *l)
{
	struct span rodata = bytes_of(l->rodata);
	struct tls_library text = { 0 };
	const char *name = symbols[l->best].name;

	*l->out = (struct tls_library){ .kind = symbols[l->best].kind, .version = "" };
	l->out->evidence = arena_printf(l->arena, "symbol %s", name);
	if (!l->out->evidence)
		return -ENOMEM;
	if (l->out->kind == TLS_GNUTLS)
		l->out->version =
			or_empty(number_behind(rodata, "Enabled GnuTLS ", l->arena));
	else if (found_text(rodata, l->arena, &text) && text.kind == l->out->kind)
		l->out->version = text.version;
	else if (l->out->kind == TLS_OPENSSL)
		l->out->version = or_empty(parse_openssl_version(rodata, l->arena));
	l->out->ktls = ktls_of(l->out, rodata);
	return 1;
}

static int look(struct elf_look *l)
{
	cleanup_free char *chunk = l->fd < 0 ? NULL : malloc(CHUNK);
	Elf_Scn *scn = NULL;
	int found;

	if (l->fd >= 0 && !chunk)
		return -ENOMEM;
	l->chunk = chunk;
	l->best = ARRAY_SIZE(symbols);
	if (elf_kind(l->elf) != ELF_K_ELF || elf_getshdrstrndx(l->elf, &l->names))
		return 0;
	for (int i = 0; i < MAX_SECTIONS && (scn = elf_nextscn(l->elf, scn)); i++)
		look_at_section(l, scn);
	if (l->best < ARRAY_SIZE(symbols))
		found = found_symbol(l);
	else
		found = found_go(l) ? 1 : found_marks(l);
	if (found == 1)
		l->out->path = "";
	return found;
}

int tls_elf_file(int fd, struct arena *a, struct tls_library *out)
{
	struct elf_look l = { .fd = fd, .arena = a, .out = out };
	int found;

	elf_version(EV_CURRENT);
	l.elf = elf_begin(fd, ELF_C_READ, NULL);
	found = l.elf ? look(&l) : 0;
	elf_end(l.elf);
	return found;
}

int tls_elf_bytes(struct span bytes, struct arena *a, struct tls_library *out)
{
	cleanup_free char *copy = malloc(bytes.len + 1);
	struct elf_look l = { .fd = -1, .mem = bytes, .arena = a, .out = out };
	int found;

	if (!copy)
		return -ENOMEM;
	/* libelf wants to write there, and bytes is nobody's to write to. */
	if (bytes.len)
		memcpy(copy, bytes.p, bytes.len);
	elf_version(EV_CURRENT);
	l.elf = elf_memory(copy, bytes.len);
	found = l.elf ? look(&l) : 0;
	elf_end(l.elf);
	return found;
}
