// SPDX-License-Identifier: MIT
/*
 * What libssl tells nobody afterwards, noted while it happens: the traffic secrets of TLS
 * 1.3 (from the key log), and how many records each direction has had since its key
 * changed (from the headers, which the message callback sees).
 */
#include <errno.h>
#include <string.h>

#include <openssl/ssl.h>

#include "ssl_priv.h"

/* Numbers of libcrypto's, for what it keeps of us with a connection and a context. They
 * are of the process, so they can only be here. */
static struct {
	CRYPTO_ONCE once;
	int ssl, ctx;
} slots = { CRYPTO_ONCE_STATIC_INIT, -1, -1 };

/* libcrypto's shape of functions, with more parameters than ours have. */
static void forget(void *parent, void *p, CRYPTO_EX_DATA *ad, int idx, long argl,
		   void *argp)
{
	(void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
	ktls_vault_put(p);
}

/* SSL_dup(): another connection, of which nothing was seen. */
static int no_copy(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from, void **p, int idx,
		   long argl, void *argp)
{
	(void)to, (void)from, (void)idx, (void)argl, (void)argp;
	*(void **)p = NULL;
	return 1;
}

static void get_slots(void)
{
	slots.ssl = SSL_get_ex_new_index(0, NULL, NULL, no_copy, forget);
	slots.ctx = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

static bool have_slots(void)
{
	return CRYPTO_THREAD_run_once(&slots.once, get_slots) && slots.ssl >= 0 &&
	       slots.ctx >= 0;
}

struct ktls_watch *ktls_watch_of(const SSL *ssl)
{
	return have_slots() ? SSL_get_ex_data(ssl, slots.ssl) : NULL;
}

static struct ktls_watch *make_watch(SSL *ssl)
{
	struct ktls_watch *w = ktls_watch_of(ssl);

	if (w || !have_slots())
		return w;
	w = ktls_vault_get();
	if (w && SSL_set_ex_data(ssl, slots.ssl, w))
		return w;
	ktls_vault_put(w);
	return NULL;
}

static void wipe_side(struct ktls_side *s)
{
	OPENSSL_cleanse(s->secret, sizeof(s->secret));
	s->secret_len = 0;
	s->updates = 0;
}

void ktls_watch_wipe(struct ktls_watch *w)
{
	for (int sent = KTLS_RECEIVED; sent <= KTLS_SENT; sent++)
		if (w->side[sent].taken)
			wipe_side(&w->side[sent]);
}

/* "12af" to bytes; how many, 0 if it is anything else. */
static size_t parse_hex(const char *hex, uint8_t *out, size_t size)
{
	size_t n = 0;
	int high, low;

	for (; hex[0] && hex[1] && n < size; hex += 2, n++) {
		high = OPENSSL_hexchar2int((unsigned char)hex[0]);
		low = OPENSSL_hexchar2int((unsigned char)hex[1]);
		if (high < 0 || low < 0)
			return 0;
		out[n] = (uint8_t)(high << 4 | low);
	}
	return *hex ? 0 : n;
}

/* "LABEL client_random secret"; the secrets of the handshake tell only that another one
 * begins. */
static void note_secret(struct ktls_watch *w, const char *line, bool server)
{
	const size_t label = strcspn(line, " ");
	const char *secret = strrchr(line, ' ');
	struct ktls_side *s;

	if (label < 7 || !secret)
		return;
	s = &w->side[!memcmp(line, server ? "SERVER_" : "CLIENT_", 7)];
	if (strspn(line, "CLIENTSRV") != 6)
		return;
	if (!strncmp(line + 7, "HANDSHAKE_TRAFFIC_SECRET ", 25)) {
		wipe_side(s);
		s->finished = false;
	} else if (!strncmp(line + 7, "TRAFFIC_SECRET_0 ", 17)) {
		s->secret_len = parse_hex(secret + 1, s->secret, sizeof(s->secret));
	}
}

/* const, but what hangs on it may be changed. */
static void on_keylog(const SSL *ssl, const char *line)
{
	SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);
	SSL_CTX_keylog_cb_func next = NULL;
	void *kept = SSL_CTX_get_ex_data(ctx, slots.ctx);
	struct ktls_watch *w = make_watch((SSL *)ssl);

	if (w)
		note_secret(w, line, SSL_is_server(ssl));
	memcpy(&next, &kept, sizeof(next));
	if (next && next != on_keylog)
		next(ssl, line);
}

/* The first header that is seen: where the counts of the BIOs begin. That of a received
 * record has just been read; with read-ahead more, and nothing was before. */
static void begin(struct ktls_watch *w, const SSL *ssl, int sent)
{
	const uint64_t read = BIO_number_read(SSL_get_rbio(ssl));

	w->begun = true;
	w->side[KTLS_SENT].base = BIO_number_written(SSL_get_wbio(ssl));
	if (sent)
		w->side[KTLS_RECEIVED].base = read;
	else if (!SSL_get_read_ahead(ssl) && read >= KTLS_HEADER)
		w->side[KTLS_RECEIVED].base = read - KTLS_HEADER;
}

static void note_header(struct ktls_watch *w, const SSL *ssl, int sent, const uint8_t *h)
{
	struct ktls_side *s = &w->side[sent];

	if (!w->begun)
		begin(w, ssl, sent);
	s->bytes += KTLS_HEADER + ((unsigned)h[3] << 8 | h[4]);
	if (h[0] != KTLS_RECORD_CCS) {
		s->records++;
	} else if (!s->finished) {
		s->changed = true;
		s->records = 0;
	}
}

static void note_handshake(struct ktls_watch *w, const SSL *ssl, int sent, int type)
{
	struct ktls_side *s = &w->side[sent];
	const bool done = w->side[0].finished && w->side[1].finished;

	if (SSL_version(ssl) != TLS1_3_VERSION)
		return;
	if (type == SSL3_MT_FINISHED) {
		if (!s->finished)
			s->records = 0;
		s->finished = true;
		w->authenticating = false;
	} else if (type == SSL3_MT_KEY_UPDATE) {
		s->records = 0;
		s->updates++;
	} else if (type == SSL3_MT_CERTIFICATE_REQUEST && done) {
		w->authenticating = true;
	}
}

void ktls_ssl_message(int sent, int type, const void *buf, size_t len, SSL *ssl)
{
	struct ktls_watch *w = make_watch(ssl);
	const uint8_t *p = buf;

	sent = sent ? KTLS_SENT : KTLS_RECEIVED;
	if (!w || w->side[sent].taken)
		return;
	if (type == SSL3_RT_HEADER && len == KTLS_HEADER)
		note_header(w, ssl, sent, p);
	else if (type == SSL3_RT_HANDSHAKE && len)
		note_handshake(w, ssl, sent, p[0]);
	else if (type == SSL3_RT_ALERT && len == 2 && !sent && p[1])
		w->alert = p[1]; /* not close_notify */
	if (type == SSL3_RT_HANDSHAKE && !sent && len == sizeof(ktls_key_update) &&
	    p[0] == SSL3_MT_KEY_UPDATE && p[4] == SSL_KEY_UPDATE_REQUESTED)
		w->asked = true;
}

/* libssl's shape of function. */
static void on_message(int sent, int version, int type, const void *buf, size_t len,
		       SSL *ssl, void *arg)
{
	(void)version, (void)arg;
	ktls_ssl_message(sent, type, buf, len, ssl);
}

int ktls_ssl_prepare(SSL_CTX *ctx)
{
	SSL_CTX_keylog_cb_func next = SSL_CTX_get_keylog_callback(ctx);
	void *kept = NULL;

	if (!have_slots())
		return -ENOMEM;
	if (next == on_keylog)
		return 0;
	memcpy(&kept, &next, sizeof(next));
	if (!SSL_CTX_set_ex_data(ctx, slots.ctx, kept))
		return -ENOMEM;
	SSL_CTX_set_keylog_callback(ctx, on_keylog);
	SSL_CTX_set_msg_callback(ctx, on_message);
	return 0;
}
