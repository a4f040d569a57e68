// SPDX-License-Identifier: MIT
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "trust.h"

const char *trust_path(unsigned i)
{
	switch (i) {
	case 0:
		return X509_get_default_cert_file();
	case 1:
		return X509_get_default_cert_dir();
	default:
		return getenv(X509_get_default_cert_file_env());
	}
}

const char *trust_folders(void)
{
	return getenv(X509_get_default_cert_dir_env());
}

void trust_load(void)
{
	OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, NULL);
}
