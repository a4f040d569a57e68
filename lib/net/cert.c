// SPDX-License-Identifier: MIT
/* The certificates of a run, and what both ends want of libssl. */
#include <errno.h>
#include <openssl/conf.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "tls.h"

enum { DAY_S = 86400, RSA_BITS = 2048 };

const char *tls_reason(void)
{
	unsigned long e = ERR_get_error();
	const char *text = e ? ERR_reason_error_string(e) : NULL;

	ERR_clear_error();
	return text ? text : "";
}

const char *tls_alert_text(int alert)
{
	return SSL_alert_desc_string_long(alert);
}

/*
 * Loaded here and nowhere else: that programs wait for libcrypto to do it by itself is
 * switched off where this program asks libcrypto for its version. A file that is wrong
 * leaves the defaults, as it does for them.
 */
void tls_load_config(void)
{
	OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	CONF_modules_load_file(NULL, NULL,
			       CONF_MFLAGS_DEFAULT_SECTION |
				       CONF_MFLAGS_IGNORE_MISSING_FILE |
				       CONF_MFLAGS_IGNORE_ERRORS | CONF_MFLAGS_SILENT);
	ERR_clear_error();
}

static bool set_name(X509 *x)
{
	static const unsigned char name[] = "localhost";
	X509_NAME *n = X509_get_subject_name(x);

	return X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC, name, -1, -1, 0) &&
	       X509_set_issuer_name(x, n);
}

static bool fill(X509 *x, EVP_PKEY *key)
{
	return X509_set_version(x, X509_VERSION_3) &&
	       ASN1_INTEGER_set(X509_get_serialNumber(x), 1) &&
	       X509_gmtime_adj(X509_getm_notBefore(x), -DAY_S) &&
	       X509_gmtime_adj(X509_getm_notAfter(x), DAY_S) && set_name(x) &&
	       X509_set_pubkey(x, key) && X509_sign(x, key, EVP_sha256());
}

static X509 *sign(EVP_PKEY *key)
{
	X509 *x = key ? X509_new() : NULL;

	if (x && fill(x, key))
		return x;
	X509_free(x);
	return NULL;
}

int identity_make(struct tls_identity *id)
{
	id->key = EVP_EC_gen("P-256");
	id->cert = sign(id->key);
	return id->cert ? 0 : -EIO;
}

int identity_add_rsa(struct tls_identity *id)
{
	if (id->rsa_cert)
		return 0;
	if (!id->rsa_key)
		id->rsa_key = EVP_RSA_gen(RSA_BITS);
	id->rsa_cert = sign(id->rsa_key);
	return id->rsa_cert ? 0 : -EIO;
}

/* libcrypto cleanses the keys when it lets them go. */
void identity_free(struct tls_identity *id)
{
	EVP_PKEY_free(id->key);
	X509_free(id->cert);
	EVP_PKEY_free(id->rsa_key);
	X509_free(id->rsa_cert);
	*id = (struct tls_identity){ 0 };
}

static bool set_suite(SSL_CTX *c, const struct tls_wants *w)
{
	if (!w->suite)
		return true;
	if (w->version == KTLS_1_3)
		return SSL_CTX_set_ciphersuites(c, w->suite);
	return SSL_CTX_set_cipher_list(c, w->suite);
}

static bool set_common(SSL_CTX *c, const struct tls_wants *w)
{
	const uint16_t version = w->version, min = version ? version : KTLS_1_2;

	if (w->user_space)
		SSL_CTX_clear_options(c, SSL_OP_ENABLE_KTLS);
	else
		SSL_CTX_set_options(c, SSL_OP_ENABLE_KTLS);
	SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	return SSL_CTX_set_min_proto_version(c, min) &&
	       SSL_CTX_set_max_proto_version(c, version ? version : KTLS_1_3);
}

static bool set_verify(SSL_CTX *c, const struct tls_wants *w)
{
	SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);
	if (!X509_VERIFY_PARAM_set1_ip_asc(SSL_CTX_get0_param(c), w->verify))
		return false;
	return w->ca_file ? SSL_CTX_load_verify_file(c, w->ca_file)
			  : SSL_CTX_set_default_verify_paths(c);
}

/* Whom it talks to is not the question, as a rule. */
static bool set_client(SSL_CTX *c, const struct tls_wants *w)
{
	SSL_CTX_set_verify(c, SSL_VERIFY_NONE, NULL);
	if (w->verify && !set_verify(c, w))
		return false;
	return !w->max_fragment ||
	       SSL_CTX_set_tlsext_max_fragment_length(c, TLSEXT_max_fragment_length_4096);
}

static bool set_server(SSL_CTX *c, const struct tls_identity *id)
{
	if (!SSL_CTX_use_certificate(c, id->cert) || !SSL_CTX_use_PrivateKey(c, id->key))
		return false;
	if (!id->rsa_cert)
		return true;
	/* The suites that come with RSA may want Diffie-Hellman without curves, too. */
	return SSL_CTX_set_dh_auto(c, 1) && SSL_CTX_use_certificate(c, id->rsa_cert) &&
	       SSL_CTX_use_PrivateKey(c, id->rsa_key);
}

SSL_CTX *tls_context(enum tls_end end, const struct tls_identity *id,
		     const struct tls_wants *w, int *err)
{
	SSL_CTX *c = SSL_CTX_new(end == TLS_CLIENT ? TLS_client_method()
						   : TLS_server_method());
	bool ok = c && set_common(c, w);

	*err = -EIO;
	if (ok)
		ok = end == TLS_CLIENT ? set_client(c, w) : set_server(c, id);
	if (ok && !set_suite(c, w)) {
		*err = -ENOTSUP;
		ok = false;
	}
	if (ok)
		return c;
	SSL_CTX_free(c);
	return NULL;
}

void tls_context_free(SSL_CTX *c)
{
	SSL_CTX_free(c);
}
