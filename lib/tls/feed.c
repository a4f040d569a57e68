// SPDX-License-Identifier: MIT
/* Records for a libssl that reads from memory, cut where they end. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include "ktls_ssl.h"

bool ktls_feed_whole(const struct ktls_feed *f)
{
	return !f->have;
}

size_t ktls_feed_want(const struct ktls_feed *f)
{
	if (f->have < KTLS_HEADER)
		return KTLS_HEADER - f->have;
	return f->left < KTLS_FEED_MAX ? f->left : KTLS_FEED_MAX;
}

/* Bodies too long are for libssl to refuse, which it does at the header. */
static void advance(struct ktls_feed *f, const uint8_t *p, size_t len)
{
	if (f->have < KTLS_HEADER) {
		memcpy(f->header + f->have, p, len);
		f->have += len;
		if (f->have == KTLS_HEADER)
			f->left = (size_t)f->header[3] << 8 | f->header[4];
	} else {
		f->left -= len;
	}
	if (f->have == KTLS_HEADER && !f->left)
		*f = (struct ktls_feed){ 0 };
}

int ktls_feed_put(struct ktls_feed *f, SSL *ssl, const void *buf, size_t len)
{
	if (!len || len > ktls_feed_want(f))
		return -EINVAL;
	if (BIO_write(SSL_get_rbio(ssl), buf, (int)len) != (int)len)
		return -ENOMEM;
	advance(f, buf, len);
	return 0;
}

ssize_t ktls_feed_read(struct ktls_feed *f, SSL *ssl, int fd)
{
	uint8_t buf[KTLS_FEED_MAX];
	ssize_t n;
	int err;

	if (ktls_feed_whole(f) && BIO_ctrl_pending(SSL_get_rbio(ssl)))
		return -EBUSY;
	n = recv(fd, buf, ktls_feed_want(f), 0);
	if (n <= 0)
		return n ? -errno : 0;
	err = ktls_feed_put(f, ssl, buf, (size_t)n);
	return err ? err : n;
}
