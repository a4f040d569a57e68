/* SPDX-License-Identifier: MIT */
/* The OpenSSL this program runs with: its version, and whether it was built with kTLS. */
#include <dlfcn.h>
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/conf.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "../host/library.h"
#include "reader.h"

/*
 * BIO_FLAGS_KTLS_TX/RX of OpenSSL's internal/bio.h (the same from 3.0 to 3.5), and the
 * control numbers of the public bio.h, whose macros are constant 0 when the headers were
 * made without kTLS: it is the library that is asked here, not the headers.
 */
enum {
	KTLS_TX_FLAG = 0x4000,
	KTLS_RX_FLAG = 0x2000,
	GET_KTLS_SEND = 73,
	GET_KTLS_RECV = 76,
};

/*
 * A socket BIO of a libcrypto without kTLS answers 0 whatever its flags. No socket is
 * made: descriptor -1 also keeps 3.0.0 to 3.0.3 from attaching the ULP in BIO_new_socket.
 */
static int flag_probe(struct openssl_facts *o)
{
	BIO *b = BIO_new(BIO_s_socket());

	if (!b)
		return -ENOMEM;
	BIO_set_fd(b, -1, BIO_NOCLOSE);
	BIO_set_flags(b, KTLS_TX_FLAG | KTLS_RX_FLAG);
	o->ktls_send = BIO_ctrl(b, GET_KTLS_SEND, 0, NULL) == 1;
	o->ktls_receive = BIO_ctrl(b, GET_KTLS_RECV, 0, NULL) == 1;
	BIO_clear_flags(b, KTLS_TX_FLAG | KTLS_RX_FLAG);
	BIO_free(b);
	return 0;
}

static const char *library_path(struct arena *a)
{
	Dl_info info;
	unsigned long (*fn)(void) = OpenSSL_version_num;
	cleanup_free char *real = NULL;
	void *addr;

	memcpy(&addr, &fn, sizeof(addr));
	if (!dladdr(addr, &info) || !info.dli_fname || info.dli_fname[0] != '/')
		return "";
	/* /lib is a link to usr/lib: the name it has where the copies are looked for. */
	real = realpath(info.dli_fname, NULL);
	return arena_strdup(a, real ? real : info.dli_fname);
}

void read_openssl(struct host *h, struct facts *f)
{
	struct openssl_facts *o = &f->openssl;
	char *config;

	if (!host_is_live(h))
		return;
	/* Nothing of ours lives long enough to be worth a clean-up at exit. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	o->src.where = "libcrypto";
	o->version = OpenSSL_version(OPENSSL_VERSION_STRING);
	o->header_version = OPENSSL_VERSION_STR;
	o->number = OpenSSL_version_num();
	o->library = library_path(f->arena);
	config = CONF_get1_default_config_file();
	o->config_file = arena_strdup(f->arena, config ? config : "");
	OPENSSL_free(config);
	o->config_from_env = secure_getenv("OPENSSL_CONF") != NULL;
	o->src.err = o->config_file && o->library ? flag_probe(o) : -ENOMEM;
	host_note(h, "libcrypto", "BIO flag probe", o->src.err);
}

char *parse_openssl_version(struct span bytes, struct arena *a)
{
	static const char mark[] = "OpenSSL ";

	while (bytes.len > sizeof(mark)) {
		const char *at = memmem(bytes.p, bytes.len, mark, sizeof(mark) - 1);
		size_t n = 0, dots = 0;

		if (!at)
			return NULL;
		at += sizeof(mark) - 1;
		bytes = span(at, bytes.len - (size_t)(at - bytes.p));
		while (n < bytes.len && n < 16 && strchr("0123456789.", at[n]) && at[n])
			dots += at[n++] == '.';
		/* "1.1.1k": the letter belongs to the version. */
		if (dots == 2 && n < bytes.len && at[n] >= 'a' && at[n] <= 'z')
			n++;
		if (dots == 2 && n < bytes.len && at[n] == ' ')
			return arena_strndup(a, at, n);
	}
	return NULL;
}

struct library library_openssl(void)
{
	return (struct library){ "openssl", OPENSSL_VERSION_STR,
				 OpenSSL_version(OPENSSL_VERSION_STRING) };
}
