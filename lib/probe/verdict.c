/* SPDX-License-Identifier: MIT */
/* What an errno means: pure. The kernel's reasons are in lib/tls/ktls.h. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "probe_priv.h"

static enum probe_verdict of_keys(int err)
{
	switch (-err) {
	case EINVAL:
	case ENOPROTOOPT:
	case EOPNOTSUPP:
	case EBUSY: /* a second key */
		return PROBE_NOT_IN_KERNEL;
	case ENOENT:
		return PROBE_NO_CRYPTO;
	case ELIBBAD: /* it failed the kernel's own test */
		return PROBE_BROKEN;
	default:
		return PROBE_UNKNOWN;
	}
}

/* Neither says anything about TLS: too little of something, or nothing moved. */
static enum probe_verdict of_data(int err)
{
	switch (-err) {
	case ETIMEDOUT:
	case ENOMEM:
	case ENOBUFS:
	case EMFILE:
	case ENFILE:
	case EPERM:
	case EACCES:
	case EINTR:
	case ENOSYS:
	case ENOTSUP: /* libcrypto cannot do it after all */
		return PROBE_UNKNOWN;
	default:
		return PROBE_BROKEN;
	}
}

enum probe_verdict verdict_of(const struct outcome *o, bool witness)
{
	if (!o->err)
		return witness ? PROBE_WORKS : PROBE_NO_WITNESS;
	switch (o->stage) {
	case STAGE_INSTALL:
	case STAGE_OPTION:
		return of_keys(o->err);
	case STAGE_DATA:
		return of_data(o->err);
	case STAGE_CONNECT:
	case STAGE_ATTACH:
		break;
	}
	return PROBE_UNKNOWN;
}

const char *verdict_differed(const struct outcome *o, enum probe_verdict v)
{
	if (v != PROBE_BROKEN)
		return "";
	if (o->differed)
		return o->differed;
	switch (-o->err) {
	case EILSEQ:
		return "the data";
	case EBADMSG:
		return "the authentication tag";
	case ELIBBAD:
		return "the kernel's own test of the algorithm";
	default:
		return "the answer to a good record";
	}
}

enum kind { KIND_VERSION, KIND_CIPHER, KIND_DIRECTION, KIND_FEATURE };

static enum kind kind_of(const char *word)
{
	const size_t len = strlen(word);

	if (ktls_version_named(word, len))
		return KIND_VERSION;
	if (ktls_cipher_named(word, len))
		return KIND_CIPHER;
	if (!strcasecmp(word, "tx") || !strcasecmp(word, "rx"))
		return KIND_DIRECTION;
	return KIND_FEATURE;
}

static bool names(const struct probe_filter *f, enum kind kind)
{
	for (size_t i = 0; i < f->n; i++)
		if (kind_of(f->words[i]) == kind)
			return true;
	return false;
}

static bool fits(const struct probe_filter *f, enum kind kind, const char *value)
{
	for (size_t i = 0; i < f->n; i++)
		if (kind_of(f->words[i]) == kind && !strcasecmp(f->words[i], value))
			return true;
	return !names(f, kind);
}

static bool names_cells(const struct probe_filter *f)
{
	return names(f, KIND_VERSION) || names(f, KIND_CIPHER) ||
	       names(f, KIND_DIRECTION);
}

bool filter_wants_cell(const struct probe_filter *f, const char *version,
		       const char *cipher, const char *direction)
{
	if (f->n && !names_cells(f))
		return false;
	return fits(f, KIND_VERSION, version) && fits(f, KIND_CIPHER, cipher) &&
	       fits(f, KIND_DIRECTION, direction);
}

bool filter_wants_feature(const struct probe_filter *f, const char *id)
{
	return !f->n || (names(f, KIND_FEATURE) && fits(f, KIND_FEATURE, id));
}

bool probe_word_known(const char *word)
{
	return kind_of(word) != KIND_FEATURE || probe_feature_known(word);
}

const char *probe_word_at(size_t i)
{
	static const char *const directions[] = { "tx", "rx" };

	for (const struct ktls_version *v = ktls_versions; v->word; v++)
		if (!i--)
			return v->word;
	for (const struct ktls_cipher *c = ktls_ciphers; c->word; c++)
		if (!i--)
			return c->word;
	return i < 2 ? directions[i] : probe_feature_at(i - 2);
}
