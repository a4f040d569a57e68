// SPDX-License-Identifier: MIT
/* Whom a client believes, and what it offers. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>

#include "secure.h"
#include "tls.h"

/*
 * What the kernel has comes first, AES-GCM before ChaCha20, which not every kernel has;
 * the others stand behind, because a connection in user space is better than none.
 */
static const char default_ciphers[] =
	"ECDHE+AESGCM:DHE+AESGCM:ECDHE+CHACHA20:DHE+CHACHA20:AESGCM:ECDHE+AESCCM:DEFAULT";
static const char default_suites[] =
	"TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256";

static bool set_suites(SSL_CTX *c, const struct secure_wants *w, char why[256])
{
	const char *old = w->ciphers ? w->ciphers : default_ciphers;
	const char *new = w->ciphersuites ? w->ciphersuites : default_suites;

	if (!SSL_CTX_set_cipher_list(c, old)) {
		snprintf(why, 256, "--ciphers: '%s' names nothing that libssl has", old);
		return false;
	}
	if (!SSL_CTX_set_ciphersuites(c, new)) {
		snprintf(why, 256, "--ciphersuites: '%s' is nothing that libssl has",
			 new);
		return false;
	}
	return true;
}

static bool set_anchors(SSL_CTX *c, const char *file, char why[256])
{
	if (!file)
		return SSL_CTX_set_default_verify_paths(c);
	if (SSL_CTX_load_verify_file(c, file))
		return true;
	snprintf(why, 256, "--cacert: '%s' holds no certificates that can be read", file);
	return false;
}

/* Of the whole chain: who has one list has to have them all. */
static bool set_revoked(SSL_CTX *c, const char *file, char why[256])
{
	X509_STORE *store = SSL_CTX_get_cert_store(c);
	X509_LOOKUP *l = X509_STORE_add_lookup(store, X509_LOOKUP_file());

	if (!file)
		return true;
	if (!l || X509_load_crl_file(l, file, X509_FILETYPE_PEM) <= 0) {
		snprintf(why, 256, "--crl: '%s' holds no lists that can be read", file);
		return false;
	}
	return X509_STORE_set_flags(store,
				    X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}

static bool set_protocol(SSL_CTX *c, const struct secure_wants *w)
{
	static const unsigned char alpn[] = "\x08http/1.1";

	SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE);
	SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	return SSL_CTX_set_min_proto_version(c, w->version ? w->version : KTLS_1_2) &&
	       SSL_CTX_set_max_proto_version(c, w->version ? w->version : KTLS_1_3) &&
	       !SSL_CTX_set_alpn_protos(c, alpn, sizeof(alpn) - 1);
}

static bool fill(SSL_CTX *c, const struct secure_wants *w, char why[256])
{
	SSL_CTX_set_verify(c, w->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	return set_protocol(c, w) && set_suites(c, w, why) &&
	       set_anchors(c, w->ca_file, why) && set_revoked(c, w->crl_file, why);
}

SSL_CTX *secure_context(const struct secure_wants *w, int *err, char why[256])
{
	SSL_CTX *c;

	tls_load_config();
	c = SSL_CTX_new(TLS_client_method());
	why[0] = '\0';
	*err = c ? 0 : -ENOMEM;
	if (c && !fill(c, w, why))
		*err = -EINVAL;
	if (!*err)
		*err = ktls_ssl_prepare(c);
	if (*err && !*why)
		snprintf(why, 256, "libssl: %s", tls_reason());
	ERR_clear_error();
	if (!*err)
		return c;
	SSL_CTX_free(c);
	return NULL;
}

void secure_context_free(SSL_CTX *c)
{
	SSL_CTX_free(c);
}
