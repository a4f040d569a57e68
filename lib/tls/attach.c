// SPDX-License-Identifier: MIT
/* From a handshake that libssl has finished to keys in the kernel, or a reason. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ssl.h>

#include "ssl_priv.h"

static const struct {
	int nid;
	uint16_t cipher;
} nids[] = {
	{ NID_aes_128_gcm, KTLS_AES_GCM_128 },
	{ NID_aes_256_gcm, KTLS_AES_GCM_256 },
	{ NID_aes_128_ccm, KTLS_AES_CCM_128 },
	{ NID_chacha20_poly1305, KTLS_CHACHA20_POLY1305 },
	{ NID_aria_128_gcm, KTLS_ARIA_GCM_128 },
	{ NID_aria_256_gcm, KTLS_ARIA_GCM_256 },
};

/* CCM with a tag of 8 bytes has the same number; the kernel's has 16. */
static const struct ktls_cipher *cipher_of(const SSL *ssl, uint16_t version)
{
	const SSL_CIPHER *s = SSL_get_current_cipher(ssl);
	const char *name = s ? SSL_CIPHER_get_name(s) : "";
	const int nid = s ? SSL_CIPHER_get_cipher_nid(s) : NID_undef;
	const struct ktls_cipher *c;

	if (strstr(name, "CCM8") || strstr(name, "CCM_8"))
		return NULL;
	for (size_t i = 0; i < sizeof(nids) / sizeof(nids[0]); i++) {
		c = ktls_cipher_of(nids[i].cipher);
		if (nid == nids[i].nid && ktls_defined(c, version))
			return c;
	}
	return NULL;
}

bool ktls_adopted(const struct ktls_conn *c, enum ktls_option direction)
{
	/* By number: the macros are constant 0 where the headers were made without. */
	if (direction == KTLS_TX)
		return BIO_ctrl(SSL_get_wbio(c->ssl), BIO_CTRL_GET_KTLS_SEND, 0, NULL) >
		       0;
	return BIO_ctrl(SSL_get_rbio(c->ssl), BIO_CTRL_GET_KTLS_RECV, 0, NULL) > 0;
}

/* What is in the way of both directions. */
static enum ktls_reason common_reason(const struct ktls_conn *c)
{
	const struct ktls_watch *w = c->watch;

	if (!SSL_is_init_finished(c->ssl) || SSL_waiting_for_async(c->ssl))
		return KTLS_UNFINISHED;
	if (!c->info.version)
		return KTLS_VERSION;
	if (!c->cipher)
		return KTLS_CIPHER;
	if (SSL_get_current_compression(c->ssl))
		return KTLS_COMPRESSION;
	if (SSL_get_early_data_status(c->ssl) == SSL_EARLY_DATA_ACCEPTED)
		return KTLS_EARLY_DATA;
	if (!w)
		return KTLS_UNPREPARED;
	return w->authenticating ? KTLS_POST_HANDSHAKE : KTLS_REASON_NONE;
}

static enum ktls_reason counted(const struct ktls_conn *c, int sent)
{
	const struct ktls_side *s = &c->watch->side[sent];

	if (c->info.version == KTLS_1_2)
		return s->changed ? KTLS_REASON_NONE : KTLS_UNCOUNTED;
	if (!s->secret_len)
		return KTLS_UNPREPARED;
	return s->finished ? KTLS_REASON_NONE : KTLS_UNCOUNTED;
}

/* Every byte that libssl has taken belonged to a record whose header was seen, and whole.
 * A memory BIO may hold more. */
static enum ktls_reason receive_reason(const struct ktls_conn *c)
{
	const struct ktls_side *s = &c->watch->side[KTLS_RECEIVED];
	BIO *bio = SSL_get_rbio(c->ssl);

	if (SSL_get_shutdown(c->ssl) & SSL_RECEIVED_SHUTDOWN)
		return KTLS_CLOSED;
	if (SSL_has_pending(c->ssl) && !SSL_pending(c->ssl))
		return KTLS_PARTIAL;
	if (ktls_adopted(c, KTLS_RX))
		return KTLS_REASON_NONE;
	if (BIO_number_read(bio) - s->base != s->bytes || BIO_ctrl_pending(bio))
		return KTLS_PARTIAL;
	return KTLS_REASON_NONE;
}

static bool unsent(const struct ktls_conn *c)
{
	const struct ktls_side *s = &c->watch->side[KTLS_SENT];
	BIO *bio = SSL_get_wbio(c->ssl);

	if (SSL_get_key_update_type(c->ssl) != SSL_KEY_UPDATE_NONE)
		return true;
	if (BIO_method_type(bio) == BIO_TYPE_MEM ? BIO_ctrl_pending(bio)
						 : BIO_ctrl_wpending(bio))
		return true;
	return !ktls_adopted(c, KTLS_TX) && BIO_number_written(bio) - s->base != s->bytes;
}

static enum ktls_reason send_reason(const struct ktls_conn *c)
{
	if (SSL_get_shutdown(c->ssl) & SSL_SENT_SHUTDOWN)
		return KTLS_CLOSED;
	return unsent(c) ? KTLS_UNSENT : KTLS_REASON_NONE;
}

static enum ktls_reason reason_for(const struct ktls_conn *c, enum ktls_option direction)
{
	const int sent = direction == KTLS_TX ? KTLS_SENT : KTLS_RECEIVED;
	enum ktls_reason r = common_reason(c);

	if (!(c->wants & (direction == KTLS_TX ? KTLS_WANT_TX : KTLS_WANT_RX)))
		return KTLS_NOT_ASKED;
	if (!r && !ktls_adopted(c, direction))
		r = counted(c, sent);
	if (r)
		return r;
	return direction == KTLS_TX ? send_reason(c) : receive_reason(c);
}

/* Brings the secret up to the KeyUpdates that libssl has been through. */
static int derive_from_secret(struct ktls_side *s, struct ktls_keys *k)
{
	int err = 0;

	for (; s->updates && !err; s->updates--)
		err = ktls_next_secret13(k->cipher, s->secret, s->secret_len);
	return err ? err : ktls_derive13(k, s->secret, s->secret_len);
}

static int derive_from_master(const SSL *ssl, struct ktls_keys *client,
			      struct ktls_keys *server)
{
	struct ktls_master m;
	const SSL_SESSION *s = SSL_get_session(ssl);
	int err = -EINVAL;

	if (s &&
	    SSL_SESSION_get_master_key(s, m.master, sizeof(m.master)) ==
		    sizeof(m.master) &&
	    SSL_get_client_random(ssl, m.client_random, sizeof(m.client_random)) ==
		    sizeof(m.client_random) &&
	    SSL_get_server_random(ssl, m.server_random, sizeof(m.server_random)) ==
		    sizeof(m.server_random))
		err = ktls_derive12(&m, client, server);
	OPENSSL_cleanse(&m, sizeof(m));
	return err;
}

/* The nonce that records of TLS 1.2 carry is their number, as RFC 5288 proposes. */
static void number(struct ktls_keys *k, uint64_t seq)
{
	const size_t len = ktls_explicit_nonce(k->cipher, k->version);

	k->seq = seq;
	for (size_t i = 0; i < len; i++)
		k->iv[len - 1 - i] = (uint8_t)(seq >> 8 * i);
}

static int derive(struct ktls_conn *c, int sent, struct ktls_keys *k)
{
	const bool client = SSL_is_server(c->ssl) != sent;
	cleanup_ktls_keys struct ktls_keys other = *k;
	int err;

	if (k->version == KTLS_1_3)
		err = derive_from_secret(&c->watch->side[sent], k);
	else
		err = derive_from_master(c->ssl, client ? k : &other,
					 client ? &other : k);
	if (!err)
		number(k, c->watch->side[sent].records);
	return err;
}

static enum ktls_reason attach_reason(int fd, int *err)
{
	char name[17];

	*err = ktls_attach(fd);
	if (*err == -EEXIST && !ktls_ulp(fd, name) && !strcmp(name, "tls"))
		*err = 0;
	switch (*err) {
	case 0:
		return KTLS_REASON_NONE;
	case -ENOENT:
		return KTLS_KERNEL_NO_TLS;
	case -ENOTCONN:
	case -ENOPROTOOPT:
	case -ENOTSOCK:
		return KTLS_KERNEL_SOCKET;
	case -EEXIST:
		return KTLS_KERNEL_ULP;
	default:
		return KTLS_KERNEL_REFUSED;
	}
}

static enum ktls_reason install_reason(int err)
{
	switch (err) {
	case 0:
		return KTLS_REASON_NONE;
	case -EINVAL:
		return KTLS_KERNEL_CIPHER;
	case -ENOENT:
		return KTLS_KERNEL_CRYPTO;
	default:
		return KTLS_KERNEL_REFUSED;
	}
}

/* 512 to 4096 bytes of data in a record (RFC 6066): since 6.19 the kernel can be told. */
static enum ktls_reason limit_records(struct ktls_conn *c)
{
	const uint8_t code = SSL_SESSION_get_max_fragment_length(SSL_get_session(c->ssl));

	if (code < TLSEXT_max_fragment_length_512 ||
	    code > TLSEXT_max_fragment_length_4096)
		return KTLS_REASON_NONE;
	c->info.tx.err = ktls_set_option(c->fd, KTLS_TX_MAX_PAYLOAD_LEN, 256u << code);
	return c->info.tx.err ? KTLS_RECORD_SIZE : KTLS_REASON_NONE;
}

static enum ktls_reason hand_over(struct ktls_conn *c, enum ktls_option direction,
				  int *err)
{
	const int sent = direction == KTLS_TX ? KTLS_SENT : KTLS_RECEIVED;
	cleanup_ktls_keys struct ktls_keys k = { .version = c->info.version,
						 .cipher = c->cipher };
	enum ktls_reason r;

	if (ktls_adopted(c, direction))
		return KTLS_REASON_NONE;
	r = attach_reason(c->fd, err);
	if (!r && direction == KTLS_TX)
		r = limit_records(c);
	if (r)
		return r;
	if (derive(c, sent, &k))
		return KTLS_DERIVE;
	*err = ktls_install(c->fd, direction, &k);
	return install_reason(*err);
}

static void take(struct ktls_conn *c, enum ktls_option direction,
		 struct ktls_direction *d)
{
	const int sent = direction == KTLS_TX ? KTLS_SENT : KTLS_RECEIVED;

	d->reason = reason_for(c, direction);
	if (!d->reason)
		d->reason = hand_over(c, direction, &d->err);
	d->where = d->reason ? KTLS_USER : KTLS_KERNEL;
	if (!c->watch)
		return;
	d->records_estimate = c->watch->side[sent].records;
	c->watch->side[sent].taken = !d->reason;
}

void ktls_takeover(struct ktls_conn *c)
{
	const int version = SSL_version(c->ssl);

	if (version == KTLS_1_2 || version == KTLS_1_3)
		c->info.version = (uint16_t)version;
	c->cipher = cipher_of(c->ssl, (uint16_t)version);
	c->info.cipher = c->cipher ? c->cipher->word : "";
	c->info.suite = SSL_get_cipher_name(c->ssl);
	take(c, KTLS_RX, &c->info.rx);
	take(c, KTLS_TX, &c->info.tx);
}
