// SPDX-License-Identifier: MIT
/* What the scanner wants of libssl: old versions, every suite, and to look on. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

#include "../host/arena.h"
#include "scan_priv.h"

enum { CERTIFICATES_BYTES = 64 << 10 };

/* Also what is no longer secure: the question is what the server takes. */
static const char every12[] = "ALL:eNULL:!PSK:!SRP:@SECLEVEL=0";
static const char every13[] = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
			      "TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:"
			      "TLS_AES_128_CCM_8_SHA256";

static struct scan_saw *saw_of(const SSL *ssl)
{
	return SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
}

/* By name: the numbers of states differ between OpenSSL 3.0 and 3.2, the names do not. */
static bool has_read(const SSL *ssl, const char *message)
{
	return !strcmp(SSL_state_string(ssl), message);
}

/* The state is that of the last message, when the next one comes or is to be made. */
static void on_state(const SSL *ssl, int where, int value)
{
	struct scan_saw *saw = saw_of(ssl);

	if (where == SSL_CB_READ_ALERT && value >> 8 == SSL3_AL_FATAL)
		saw->alert = value & 0xff;
	if (!(where & SSL_CB_LOOP))
		return;
	saw->hello |= has_read(ssl, "TRSH");
	saw->update |= has_read(ssl, "TRSKU");
}

/* Also of a session without a ticket, which TLS 1.2 knows. Nothing of it is kept. */
static int on_session(SSL *ssl, SSL_SESSION *session)
{
	saw_of(ssl)->tickets += SSL_SESSION_has_ticket(session);
	return 0;
}

static void set_hooks(SSL_CTX *c, struct scan_saw *saw)
{
	SSL_CTX_set_app_data(c, saw);
	SSL_CTX_set_info_callback(c, on_state);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT |
						  SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(c, on_session);
}

static bool set_version(SSL_CTX *c, uint16_t version)
{
	return SSL_CTX_set_min_proto_version(c, version) &&
	       SSL_CTX_set_max_proto_version(c, version);
}

static bool set_suites(SSL_CTX *c, uint16_t version, const char *suites)
{
	if (version == KTLS_1_3)
		return SSL_CTX_set_ciphersuites(c, suites);
	return SSL_CTX_set_cipher_list(c, suites) && SSL_CTX_set_ciphersuites(c, "");
}

/* Verified, but nothing ends because of it. */
static bool set_trust(SSL_CTX *c, const struct scan_options *o)
{
	X509_VERIFY_PARAM *p = SSL_CTX_get0_param(c);

	SSL_CTX_set_default_verify_paths(c);
	return o->numeric ? X509_VERIFY_PARAM_set1_ip_asc(p, o->host)
			  : X509_VERIFY_PARAM_set1_host(p, o->host, 0);
}

static bool set_all(SSL_CTX *c, const struct scan_options *o, const struct scan_goal *g)
{
	SSL_CTX_set_security_level(c, 0);
	SSL_CTX_set_verify(c, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_options(c, SSL_OP_LEGACY_SERVER_CONNECT);
	SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE);
	/* Tickets without end must not keep a read from coming back. */
	SSL_CTX_clear_mode(c, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_max_cert_list(c, CERTIFICATES_BYTES);
	if (o->ktls && g->what == SCAN_FOR_SUITES)
		SSL_CTX_set_options(c, SSL_OP_ENABLE_KTLS);
	if (g->what == SCAN_FOR_FRAGMENT &&
	    !SSL_CTX_set_tlsext_max_fragment_length(c, TLSEXT_max_fragment_length_512))
		return false;
	return g->what != SCAN_FOR_TALK || set_trust(c, o);
}

SSL_CTX *scan_context(const struct scan_options *o, const struct scan_goal *g,
		      struct scan_saw *saw, int *err)
{
	SSL_CTX *c = SSL_CTX_new(TLS_client_method());
	const bool ok = c && set_all(c, o, g);

	*err = ok ? -ENOTSUP : -EIO;
	if (!ok || !set_version(c, g->version) || !set_suites(c, g->version, g->suites)) {
		SSL_CTX_free(c);
		return NULL;
	}
	*err = 0;
	set_hooks(c, saw);
	return c;
}

int scan_set_name(struct tls_stream *s, const struct scan_options *o)
{
	if (!o->servername)
		return 0;
	return SSL_set_tlsext_host_name(tls_stream_ssl(s), o->servername) ? 0 : -EIO;
}

/* What libssl would offer, which leaves out what it was built without. */
static STACK_OF(SSL_CIPHER) * offers(uint16_t version)
{
	const char *list = version == KTLS_1_3 ? every13 : every12;
	SSL_CTX *c = SSL_CTX_new(TLS_client_method());
	STACK_OF(SSL_CIPHER) *names = NULL;
	SSL *ssl = NULL;

	if (c) {
		SSL_CTX_set_security_level(c, 0);
		if (set_version(c, version) && set_suites(c, version, list))
			ssl = SSL_new(c);
	}
	if (ssl)
		names = SSL_get1_supported_ciphers(ssl);
	SSL_free(ssl);
	SSL_CTX_free(c);
	ERR_clear_error();
	return names;
}

int scan_suites(uint16_t version, struct arena *a, const char ***names, size_t *n)
{
	STACK_OF(SSL_CIPHER) *s = offers(version);
	const int count = s ? sk_SSL_CIPHER_num(s) : 0;
	int err = 0;

	*n = 0;
	*names = arena_alloc(a, ((size_t)count + 1) * sizeof(**names));
	for (int i = 0; *names && i < count && !err; i++) {
		const char *name =
			arena_strdup(a, SSL_CIPHER_get_name(sk_SSL_CIPHER_value(s, i)));

		(*names)[(*n)++] = name;
		err = name ? 0 : -ENOMEM;
	}
	sk_SSL_CIPHER_free(s);
	return *names ? err : -ENOMEM;
}

bool scan_ask_update(struct tls_stream *s)
{
	const bool ok = SSL_key_update(tls_stream_ssl(s), SSL_KEY_UPDATE_REQUESTED);

	ERR_clear_error();
	return ok;
}

bool scan_got_fragment(const struct tls_stream *s)
{
	const SSL_SESSION *session = SSL_get0_session(tls_stream_ssl(s));

	return session && SSL_SESSION_get_max_fragment_length(session) ==
				  TLSEXT_max_fragment_length_512;
}

static char *one_line(X509_NAME *name, struct arena *a)
{
	char buf[256] = "";

	X509_NAME_oneline(name, buf, sizeof(buf));
	return arena_strdup(a, buf);
}

static char *time_text(const ASN1_TIME *t, struct arena *a)
{
	struct tm tm;
	char buf[32] = "";

	if (ASN1_TIME_to_tm(t, &tm))
		strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return arena_strdup(a, buf);
}

static char *key_text(X509 *x, struct arena *a)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	const char *type = key ? EVP_PKEY_get0_type_name(key) : NULL;

	if (!type)
		return arena_strdup(a, "");
	return arena_printf(a, "%s %d", type, EVP_PKEY_get_bits(key));
}

int scan_certificate(const struct tls_stream *s, struct arena *a,
		     struct scan_certificate *out)
{
	SSL *ssl = tls_stream_ssl(s);
	X509 *x = SSL_get0_peer_certificate(ssl);
	const long result = SSL_get_verify_result(ssl);

	if (!x)
		return 0;
	*out = (struct scan_certificate){
		.seen = true,
		.valid = result == X509_V_OK,
		.error = result == X509_V_OK ? "" : X509_verify_cert_error_string(result),
		.subject = one_line(X509_get_subject_name(x), a),
		.key = key_text(x, a),
		.not_after = time_text(X509_get0_notAfter(x), a),
	};
	return out->subject && out->key && out->not_after ? 0 : -ENOMEM;
}
