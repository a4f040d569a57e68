// SPDX-License-Identifier: MIT
/*
 * What one core encrypts in the kernel: records of 16 KiB, sealed over and over by its
 * crypto API, which AF_ALG opens to programs. Two system calls and a copy of each record
 * are part of it, so the kernel itself does at least that. A socket of this family loads
 * modules for any caller: unasked it is opened only where they are there already.
 */
#include <errno.h>
#include <linux/if_alg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/utsname.h>

#include "../facts/facts.h"
#include "../facts/reader.h"
#include "../host/cleanup.h"
#include "../host/host.h"
#include "bench_run.h"

#ifndef SOL_ALG
#define SOL_ALG 279
#endif

enum {
	AAD = 13,    /* of TLS 1.2: number, type, version, size */
	CCM_IV = 16, /* the size of the counter, the nonce, the counter */
	WHOLE = AAD + KTLS_DATA_MAX,
};

static const uint8_t key[KTLS_KEY_MAX] = { 1 };

struct alg {
	const struct ktls_cipher *cipher;
	int op;
	bool ccm;
	uint8_t iv[CCM_IV], *in, *out; /* header and data; and the tag */
	uint64_t records;
	int err;
};

/* ---- whether asking has no other effect than an answer ---- */

static bool is_builtin(struct host *h, const char *module)
{
	const struct read_opts o = { .max = 1 << 20 };
	cleanup_bytes struct bytes b = { 0 };
	struct utsname u;
	char path[128];

	if (uname(&u))
		return false;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin", u.release);
	return !host_read(h, path, &o, &b) && parse_builtin_has(span_of(&b), module);
}

static bool is_loaded(struct host *h, const char *module)
{
	const struct read_opts o = { .max = 1 << 20 };
	cleanup_bytes struct bytes b = { 0 };

	return (!host_read(h, "/proc/modules", &o, &b) &&
		parse_modules_has(span_of(&b), module)) ||
	       is_builtin(h, module);
}

static bool is_there(struct host *h, const struct facts *f, const char *name,
		     char why[160])
{
	/* Without CONFIG_MODULES there is no such file, and nothing to be loaded. */
	if (host_exists(h, "/proc/modules") == -ENOENT)
		return true;
	if (!is_loaded(h, "algif_aead"))
		snprintf(why, 160,
			 "the module algif_aead is not loaded, and trying "
			 "might load it");
	else if (f->crypto.src.err)
		snprintf(why, 160,
			 "/proc/crypto cannot be read, and trying might load a "
			 "module");
	else if (!crypto_best(&f->crypto, name))
		snprintf(why, 160,
			 "/proc/crypto does not show %s, and trying might load a module "
			 "for it",
			 name);
	return !*why;
}

static bool may_try(const struct ktls_cipher *c, char why[160])
{
	const struct facts_query q = { .mask = FACT_CRYPTO };
	cleanup_host struct host *h = NULL;
	cleanup_facts struct facts *f = NULL;

	if (!host_open(&h, NULL) && !facts_read(h, &q, &f, why, 160))
		return is_there(h, f, crypto_name(c), why);
	if (!*why)
		snprintf(why, 160, "this host could not be looked at");
	return false;
}

/* ---- one record ---- */

static struct cmsghdr *put_cmsg(struct msghdr *m, struct cmsghdr *c, int type, size_t len)
{
	c->cmsg_level = SOL_ALG;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	return CMSG_NXTHDR(m, c);
}

static void put_control(const struct alg *a, struct msghdr *m)
{
	const uint32_t op = ALG_OP_ENCRYPT, aad = AAD;
	const uint32_t len = a->ccm ? CCM_IV : KTLS_NONCE;
	struct cmsghdr *c = CMSG_FIRSTHDR(m);

	memcpy(CMSG_DATA(c), &op, sizeof(op));
	c = put_cmsg(m, c, ALG_SET_OP, sizeof(op));
	memcpy(CMSG_DATA(c), &aad, sizeof(aad));
	c = put_cmsg(m, c, ALG_SET_AEAD_ASSOCLEN, sizeof(aad));
	memcpy(CMSG_DATA(c), &len, sizeof(len));
	memcpy(CMSG_DATA(c) + sizeof(len), a->iv, len);
	put_cmsg(m, c, ALG_SET_IV, sizeof(len) + len);
	m->msg_controllen = 2 * CMSG_SPACE(sizeof(op)) + CMSG_SPACE(sizeof(len) + len);
}

static bool failed(struct alg *a, ssize_t n)
{
	a->err = n < 0 ? -errno : -EIO;
	return false;
}

/* It does not wait for room: with too small a buffer there would never be enough. */
static bool seal(void *arg)
{
	struct alg *a = arg;
	char control[128] = { 0 };
	struct iovec v = { a->in, WHOLE };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	ssize_t n;

	put_control(a, &m);
	a->records++;
	n = sendmsg(a->op, &m, MSG_DONTWAIT);
	if (n != WHOLE)
		return failed(a, n);
	n = read(a->op, a->out, WHOLE + KTLS_TAG);
	return n == WHOLE + KTLS_TAG || failed(a, n);
}

/* ---- the same record as libcrypto's ---- */

static bool is_right(struct alg *a)
{
	cleanup_free uint8_t *wire = malloc(KTLS_WIRE_MAX);
	cleanup_ktls_keys struct ktls_keys k = { .version = KTLS_1_2,
						 .cipher = a->cipher,
						 .key = { 1 } };
	const struct ktls_record r = { .type = 23,
				       .data = a->in + AAD,
				       .len = KTLS_DATA_MAX };
	const size_t before = KTLS_HEADER + ktls_explicit_nonce(a->cipher, KTLS_1_2);

	return wire && ktls_seal(&k, &r, wire, KTLS_WIRE_MAX) > 0 && seal(a) &&
	       !memcmp(a->out + AAD, wire + before, KTLS_DATA_MAX + KTLS_TAG);
}

/* ---- sockets ---- */

static void explain(int err, char why[160])
{
	if (err == -EAFNOSUPPORT)
		snprintf(why, 160, "this kernel has no AF_ALG");
	else if (err == -EPERM || err == -EACCES)
		snprintf(why, 160, "AF_ALG is not permitted");
	else
		snprintf(why, 160, "AF_ALG: %s", strerror(-err));
}

/* The socket that has the key, which has to stay open. */
static int open_key(const struct ktls_cipher *c, int *fd)
{
	struct sockaddr_alg at = { .salg_family = AF_ALG, .salg_type = "aead" };

	snprintf((char *)at.salg_name, sizeof(at.salg_name), "%s", crypto_name(c));
	*fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (*fd < 0 || bind(*fd, (const struct sockaddr *)&at, sizeof(at)) ||
	    setsockopt(*fd, SOL_ALG, ALG_SET_KEY, key, c->key) ||
	    setsockopt(*fd, SOL_ALG, ALG_SET_AEAD_AUTHSIZE, NULL, KTLS_TAG))
		return -errno;
	return 0;
}

static int open_alg(const struct ktls_cipher *c, int *fd, int *op)
{
	int err = open_key(c, fd);

	if (err)
		return err;
	*op = accept4(*fd, NULL, NULL, SOCK_CLOEXEC);
	return *op < 0 ? -errno : 0;
}

static uint64_t sleeps(void)
{
	struct rusage r;

	return getrusage(RUSAGE_THREAD, &r) ? 0 : (uint64_t)r.ru_nvcsw;
}

static uint64_t measure(struct alg *a, char why[160])
{
	const uint64_t slept = sleeps();
	uint64_t rate;

	a->records = 0;
	rate = bench_seal_rate(seal, a);
	if (!rate)
		explain(a->err, why);
	if (!rate || sleeps() - slept < a->records / 2)
		return rate;
	snprintf(why, 160, "what encrypts there is not this core");
	return 0;
}

/* The header of the first record but its number, and its nonce, which both are 0. */
static void make_record(struct alg *a)
{
	static const uint8_t behind[] = { 23, 3, 3, KTLS_DATA_MAX >> 8, 0 };

	memcpy(a->in + KTLS_SEQ, behind, sizeof(behind));
	a->ccm = !strncmp(crypto_name(a->cipher), "ccm", 3);
	a->iv[0] = a->ccm ? 2 : 0; /* RFC 3610: L - 1 */
}

uint64_t bench_alg(const struct ktls_cipher *c, bool load, char why[160])
{
	cleanup_free uint8_t *in = calloc(1, WHOLE), *out = calloc(1, WHOLE + KTLS_TAG);
	cleanup_close int fd = -1, op = -1;
	struct alg a = { .cipher = c, .in = in, .out = out };
	int err;

	*why = '\0';
	if (!load && !may_try(c, why))
		return 0;
	err = in && out ? open_alg(c, &fd, &op) : -ENOMEM;
	if (err) {
		explain(err, why);
		return 0;
	}
	a.op = op;
	make_record(&a);
	if (is_right(&a))
		return measure(&a, why);
	snprintf(why, 160, "AF_ALG: no record as libcrypto has it%s%s", a.err ? ": " : "",
		 a.err ? strerror(-a.err) : "");
	return 0;
}
