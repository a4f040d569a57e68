/* SPDX-License-Identifier: MIT */
/* /proc/crypto and /proc/cpuinfo: which implementation serves a cipher, and could. */
#include <errno.h>
#include <string.h>

#include "../host/cleanup.h"
#include "../tls/cipher.h"
#include "reader.h"

/* The algorithms kTLS asks the crypto API for (net/tls/tls_sw.c). */
static const char *const wanted[] = {
	"gcm(aes)", "ccm(aes)", "rfc7539(chacha20,poly1305)",
	"gcm(sm4)", "ccm(sm4)", "gcm(aria)",
};

static bool is_wanted(struct span name)
{
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (span_is(name, wanted[i]))
			return true;
	return false;
}

static int set_field(struct crypto_alg *alg, struct span key, struct span value,
		     struct arena *a)
{
	uint64_t n;

	if (span_is(key, "driver"))
		alg->driver = arena_strndup(a, value.p, value.len);
	else if (span_is(key, "module"))
		alg->module = arena_strndup(a, value.p, value.len);
	else if (span_is(key, "priority") && span_u64(value, &n) && n <= 0x7fffffff)
		alg->priority = (unsigned)n;
	else if (span_is(key, "internal"))
		alg->internal = span_is(value, "yes");
	else if (span_is(key, "async"))
		alg->async = span_is(value, "yes");
	else if (span_is(key, "selftest")) {
		alg->selftest_seen = true;
		alg->selftest_passed = span_is(value, "passed");
	}
	return alg->driver && alg->module ? 0 : -ENOMEM;
}

static struct crypto_alg *add_alg(struct crypto_facts *out, struct span name,
				  struct arena *a)
{
	struct crypto_alg *alg = arena_grow(a, out->algs, out->n_algs, sizeof(*alg));

	if (!alg)
		return NULL;
	out->algs = alg;
	alg += out->n_algs++;
	*alg = (struct crypto_alg){ .name = arena_strndup(a, name.p, name.len),
				    .driver = "",
				    .module = "" };
	return alg->name ? alg : NULL;
}

int parse_crypto(struct span text, struct arena *a, struct crypto_facts *out)
{
	struct crypto_alg *alg = NULL;
	struct span line, key;

	while (next_line(&text, &line)) {
		int err = 0;

		if (!cut_at(&line, ':', &key)) {
			alg = NULL; /* an empty line ends the entry */
			continue;
		}
		key = trimmed(key);
		line = trimmed(line);
		if (span_is(key, "name")) {
			alg = is_wanted(line) ? add_alg(out, line, a) : NULL;
			err = is_wanted(line) && !alg ? -ENOMEM : 0;
		} else if (alg) {
			err = set_field(alg, key, line, a);
		}
		if (err)
			return err;
	}
	return 0;
}

void read_crypto(struct host *h, struct facts *f)
{
	static const char path[] = "/proc/crypto";
	const struct read_opts o = { .max = 1 << 20 };
	cleanup_bytes struct bytes b = { 0 };

	f->crypto.src = (struct source){ path, host_read(h, path, &o, &b) };
	if (!f->crypto.src.err)
		f->crypto.src.err = parse_crypto(span_of(&b), f->arena, &f->crypto);
}

const struct crypto_alg *crypto_best(const struct crypto_facts *c, const char *name)
{
	const struct crypto_alg *best = NULL;

	for (size_t i = 0; i < c->n_algs; i++) {
		const struct crypto_alg *alg = &c->algs[i];

		if (alg->internal || strcmp(alg->name, name) ||
		    (alg->selftest_seen && !alg->selftest_passed))
			continue;
		if (!best || alg->priority > best->priority)
			best = alg;
	}
	return best;
}

const char *crypto_name(const struct ktls_cipher *c)
{
	switch (c->number) {
	case KTLS_AES_GCM_128:
	case KTLS_AES_GCM_256:
		return "gcm(aes)";
	case KTLS_AES_CCM_128:
		return "ccm(aes)";
	case KTLS_CHACHA20_POLY1305:
		return "rfc7539(chacha20,poly1305)";
	case KTLS_SM4_GCM:
		return "gcm(sm4)";
	case KTLS_SM4_CCM:
		return "ccm(sm4)";
	case KTLS_ARIA_GCM_128:
	case KTLS_ARIA_GCM_256:
		return "gcm(aria)";
	default:
		return "";
	}
}

static const char *const flag_names[CPU_FLAG_COUNT] = {
	[CPU_AES] = "aes",
	[CPU_PCLMULQDQ] = "pclmulqdq",
	[CPU_AVX] = "avx",
	[CPU_VAES] = "vaes",
	[CPU_VPCLMULQDQ] = "vpclmulqdq",
	[CPU_AVX512BW] = "avx512bw",
	[CPU_PMULL] = "pmull",
};

const char *cpu_flag_name(enum cpu_flag flag)
{
	return flag_names[flag];
}

/* x86 says "flags", arm64 "Features". Serial numbers and the like stay out. */
static bool cpu_line(struct span *line)
{
	return span_starts(*line, "flags\t") || span_starts(*line, "Features\t") ||
	       span_starts(*line, "model name\t");
}

void filter_cpuinfo(struct bytes *b)
{
	filter_lines(b, cpu_line);
}

int parse_cpuinfo(struct span text, struct arena *a, struct cpu_facts *out)
{
	struct span line, key, word;
	bool flags_seen = false;

	out->model = "";
	while (next_line(&text, &line) && !flags_seen) {
		if (!cut_at(&line, ':', &key))
			continue;
		if (span_starts(key, "model name")) {
			line = trimmed(line);
			out->model = arena_strndup(a, line.p, line.len);
			if (!out->model)
				return -ENOMEM;
			continue;
		}
		if (!span_starts(key, "flags") && !span_starts(key, "Features"))
			continue;
		flags_seen = true;
		while (next_word(&line, &word))
			for (int i = 0; i < CPU_FLAG_COUNT; i++)
				out->have[i] |= span_is(word, flag_names[i]);
	}
	return flags_seen ? 0 : -EBADMSG;
}

void read_cpu(struct host *h, struct facts *f)
{
	static const char path[] = "/proc/cpuinfo";
	/* The first processor is enough: with hundreds of them the file takes long. */
	const struct read_opts o = { .max = 4096,
				     .head = true,
				     .filter = filter_cpuinfo };
	cleanup_bytes struct bytes b = { 0 };

	f->cpu.model = "";
	f->cpu.src = (struct source){ path, host_read(h, path, &o, &b) };
	if (!f->cpu.src.err)
		f->cpu.src.err = parse_cpuinfo(span_of(&b), f->arena, &f->cpu);
}
