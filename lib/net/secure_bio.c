// SPDX-License-Identifier: MIT
/* libssl on buffers of ours: as its memory BIOs, but without a copy and without growth.
 */
#include <openssl/bio.h>
#include <string.h>

#include "secure_priv.h"

static int bio_read(BIO *b, char *out, int len)
{
	struct secure_buffer *s = BIO_get_data(b);
	size_t n = s->len - s->at;

	BIO_clear_retry_flags(b);
	if (!n) {
		BIO_set_retry_read(b);
		return -1;
	}
	if (n > (size_t)len)
		n = (size_t)len;
	memcpy(out, s->p + s->at, n);
	s->at += n;
	return (int)n;
}

static int bio_write(BIO *b, const char *data, int len)
{
	struct secure_buffer *s = BIO_get_data(b);

	BIO_clear_retry_flags(b);
	if (s->at == s->len)
		s->at = s->len = 0;
	if ((size_t)len > s->size - s->len) {
		BIO_set_retry_write(b);
		return -1;
	}
	memcpy(s->p + s->len, data, (size_t)len);
	s->len += (size_t)len;
	return len;
}

/* 0 for what is not known, as libssl wants it: it asks for kernel TLS too. */
static long bio_ctrl(BIO *b, int what, long number, void *arg)
{
	const struct secure_buffer *s = BIO_get_data(b);

	(void)number;
	(void)arg;
	switch (what) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_PENDING:
		return (long)(s->len - s->at);
	default:
		return 0;
	}
}

BIO_METHOD *secure_bio_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "buffer");

	if (m && BIO_meth_set_read(m, bio_read) && BIO_meth_set_write(m, bio_write) &&
	    BIO_meth_set_ctrl(m, bio_ctrl))
		return m;
	BIO_meth_free(m);
	return NULL;
}

void secure_bio_method_free(BIO_METHOD *m)
{
	BIO_meth_free(m);
}

BIO *secure_bio(BIO_METHOD *m, struct secure_buffer *s)
{
	BIO *b = BIO_new(m);

	if (!b)
		return NULL;
	BIO_set_data(b, s);
	BIO_set_init(b, 1);
	return b;
}
