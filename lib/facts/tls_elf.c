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

struct elf_look {
	Elf *elf;
	size_t names; /* section of the section names */
	struct arena *arena;
	struct tls_library *out;
	struct span rodata, build_info, functions;
	size_t best; /* row of symbols; ARRAY_SIZE: none */
	bool rust;
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

static void look_at_symbols(struct elf_look *l, Elf_Scn *scn, const GElf_Shdr *sh)
{
	struct span names = bytes_of(elf_getscn(l->elf, sh->sh_link));

	for (size_t i = 0; i < l->best && names.len; i++) {
		char wanted[64];
		int n = snprintf(wanted, sizeof(wanted), "%c%s", 0, symbols[i].name);
		const char *at = memmem(names.p, names.len, wanted, (size_t)n + 1);

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
	if (sh.sh_type == SHT_DYNSYM || sh.sh_type == SHT_SYMTAB)
		look_at_symbols(l, scn, &sh);
	name = elf_strptr(l->elf, l->names, sh.sh_name);
	if (!name)
		return;
	if (!strcmp(name, ".rodata"))
		l->rodata = bytes_of(scn);
	else if (!strcmp(name, ".go.buildinfo"))
		l->build_info = bytes_of(scn);
	else if (!strcmp(name, ".gopclntab") || !strcmp(name, ".data.rel.ro.gopclntab"))
		l->functions = bytes_of(scn);
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
	struct span where = l->functions.len ? l->functions : l->rodata;

	if (!l->build_info.len || !span_has(where, "crypto/tls.(*Conn)"))
		return false;
	*l->out = (struct tls_library){
		.kind = TLS_GO,
		.version = or_empty(number_behind(l->build_info, "go", l->arena)),
		.ktls = TRI_NO, /* crypto/tls knows nothing of it */
		.evidence = "crypto/tls among its functions",
	};
	return true;
}

static bool found_text(struct span bytes, struct arena *a, struct tls_library *out)
{
	static const struct {
		const char *mark, *evidence;
		enum tls_kind kind;
	} marks[] = {
		{ "ssl/ssl_lib.cc", "text ssl/ssl_lib.cc", TLS_BORINGSSL },
		{ "LibreSSL ", "text LibreSSL", TLS_LIBRESSL },
		{ "ssl/statem/", "text ssl/statem/", TLS_OPENSSL },
		{ "/rustls-", "text rustls", TLS_RUSTLS },
	};

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

static int found_symbol(struct elf_look *l)
{
	struct tls_library text = { 0 };
	const char *name = symbols[l->best].name;

	*l->out = (struct tls_library){ .kind = symbols[l->best].kind, .version = "" };
	l->out->evidence = arena_printf(l->arena, "symbol %s", name);
	if (!l->out->evidence)
		return -ENOMEM;
	if (l->out->kind == TLS_GNUTLS)
		l->out->version =
			or_empty(number_behind(l->rodata, "Enabled GnuTLS ", l->arena));
	else if (found_text(l->rodata, l->arena, &text) && text.kind == l->out->kind)
		l->out->version = text.version;
	else if (l->out->kind == TLS_OPENSSL)
		l->out->version = or_empty(parse_openssl_version(l->rodata, l->arena));
	l->out->ktls = ktls_of(l->out, l->rodata);
	return 1;
}

static int look(Elf *elf, struct arena *a, struct tls_library *out)
{
	struct elf_look l = { elf, .arena = a, .out = out, .best = ARRAY_SIZE(symbols) };
	Elf_Scn *scn = NULL;
	int found;

	if (elf_kind(elf) != ELF_K_ELF || elf_getshdrstrndx(elf, &l.names))
		return 0;
	for (int i = 0; i < MAX_SECTIONS && (scn = elf_nextscn(elf, scn)); i++)
		look_at_section(&l, scn);
	if (l.best < ARRAY_SIZE(symbols))
		found = found_symbol(&l);
	else
		found = found_go(&l) ? 1 : tls_texts(l.rodata, a, out);
	if (found == 1)
		out->path = "";
	return found;
}

int tls_elf_file(int fd, struct arena *a, struct tls_library *out)
{
	Elf *elf;
	int found;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	found = elf ? look(elf, a, out) : 0;
	elf_end(elf);
	return found;
}

int tls_elf_bytes(struct span bytes, struct arena *a, struct tls_library *out)
{
	cleanup_free char *copy = malloc(bytes.len + 1);
	Elf *elf;
	int found;

	if (!copy)
		return -ENOMEM;
	/* libelf wants to write there, and bytes is nobody's to write to. */
	if (bytes.len)
		memcpy(copy, bytes.p, bytes.len);
	elf_version(EV_CURRENT);
	elf = elf_memory(copy, bytes.len);
	found = elf ? look(elf, a, out) : 0;
	elf_end(elf);
	return found;
}
