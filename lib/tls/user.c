// SPDX-License-Identifier: MIT
/* The directions that stay with libssl. */
#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "ssl_priv.h"

/* What a call of libssl that gave ret means; 0: it went well. errno is still the call's.
 */
static int outcome(struct ktls_conn *c, int ret)
{
	const int err = -errno;
	const unsigned long first = ERR_peek_error();

	switch (SSL_get_error(c->ssl, ret)) {
	case SSL_ERROR_NONE:
		return 0;
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		c->info.closed = true;
		return 0;
	case SSL_ERROR_SYSCALL:
		return err ? err : -EPIPE;
	default:
		if (ERR_GET_REASON(first) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
			return -EPIPE;
		return c->watch && c->watch->alert >= 0 ? -ECONNABORTED : -EPROTO;
	}
}

/* SSL_get_error() looks at the queue too, so an older message must not be in it. */
static void before(void)
{
	ERR_clear_error();
	errno = 0;
}

static int after(struct ktls_conn *c, int ret)
{
	const int err = outcome(c, ret);

	ERR_clear_error();
	return err;
}

/* libssl followed the peer's KeyUpdate, but cannot send: the kernel does, with what is
 * sent next if not now. */
static int answer(struct ktls_conn *c)
{
	int err;

	if (!c->watch || !c->watch->asked)
		return 0;
	c->watch->asked = false;
	if (c->info.tx.where == KTLS_USER)
		return 0;
	if (!ktls_can_rekey(c))
		return -EKEYEXPIRED;
	c->owed |= KTLS_DO_ANSWER;
	err = ktls_settle(c);
	return err == -EAGAIN ? 0 : err;
}

ssize_t ktls_user_recv(struct ktls_conn *c, void *buf, size_t len)
{
	size_t n = 0;
	int err;

	before();
	err = after(c, SSL_read_ex(c->ssl, buf, len, &n));
	if (!err || err == -EAGAIN)
		err = answer(c) ?: err;
	if (err)
		return err;
	if (n)
		ktls_conn_received(c, n);
	return (ssize_t)n;
}

ssize_t ktls_user_send(struct ktls_conn *c, const void *buf, size_t len)
{
	size_t n = 0;
	int err;

	before();
	err = after(c, SSL_write_ex(c->ssl, buf, len, &n));
	return err ? err : (ssize_t)n;
}

int ktls_user_shutdown(struct ktls_conn *c)
{
	int ret;

	before();
	ret = SSL_shutdown(c->ssl);
	return ret < 0 ? after(c, ret) : 0;
}

int ktls_user_rekey(struct ktls_conn *c, bool ask_peer)
{
	before();
	/* One that is under way already need not be begun. */
	if (SSL_get_key_update_type(c->ssl) == SSL_KEY_UPDATE_NONE &&
	    !SSL_key_update(c->ssl, ask_peer ? SSL_KEY_UPDATE_REQUESTED
					     : SSL_KEY_UPDATE_NOT_REQUESTED))
		return after(c, 0) ?: -EPROTO;
	return after(c, SSL_do_handshake(c->ssl));
}
