// SPDX-License-Identifier: MIT
/* Records as they stand on the wire, by libcrypto alone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "ktls.h"

enum { AAD_MAX = 13 };

/* One use of the AEAD. in may be out: the tag stands apart. */
struct aead {
	uint8_t nonce[KTLS_NONCE], aad[AAD_MAX];
	size_t aad_len;
	uint8_t *data; /* changed in place */
	size_t len;
	uint8_t *tag;
};

static void put_be(uint8_t *p, uint64_t v, size_t bytes)
{
	while (bytes--) {
		p[bytes] = (uint8_t)v;
		v >>= 8;
	}
}

static void count_up(uint8_t *p, size_t len)
{
	while (len-- && !++p[len])
		;
}

bool ktls_has_witness(const struct ktls_cipher *c)
{
	EVP_CIPHER *cipher;

	ERR_set_mark();
	cipher = EVP_CIPHER_fetch(NULL, c->evp, NULL);
	EVP_CIPHER_free(cipher);
	ERR_pop_to_mark();
	return cipher;
}

static bool set_tag(EVP_CIPHER_CTX *ctx, const struct aead *a, bool encrypt)
{
	return EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, KTLS_TAG,
				   encrypt ? NULL : a->tag) > 0;
}

/* CCM has to know the sizes of everything before it begins. */
static bool begin(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *cipher,
		  const struct ktls_keys *k, const struct aead *a, bool encrypt)
{
	const bool ccm = EVP_CIPHER_get_mode(cipher) == EVP_CIPH_CCM_MODE;
	int n;

	return EVP_CipherInit_ex(ctx, cipher, NULL, NULL, NULL, encrypt) > 0 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, KTLS_NONCE, NULL) > 0 &&
	       (!ccm || set_tag(ctx, a, encrypt)) &&
	       EVP_CipherInit_ex(ctx, NULL, NULL, k->key, a->nonce, encrypt) > 0 &&
	       (ccm || encrypt || set_tag(ctx, a, encrypt)) &&
	       (!ccm || EVP_CipherUpdate(ctx, NULL, &n, NULL, (int)a->len) > 0) &&
	       EVP_CipherUpdate(ctx, NULL, &n, a->aad, (int)a->aad_len) > 0;
}

/* -EBADMSG: what failed was the comparison of the tags. */
static int finish(EVP_CIPHER_CTX *ctx, const struct aead *a, bool encrypt)
{
	uint8_t none[EVP_MAX_BLOCK_LENGTH];
	int n;

	if (EVP_CipherUpdate(ctx, a->data, &n, a->data, (int)a->len) <= 0 ||
	    EVP_CipherFinal_ex(ctx, none, &n) <= 0)
		return encrypt ? -ENOTSUP : -EBADMSG;
	if (encrypt &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, KTLS_TAG, a->tag) <= 0)
		return -ENOTSUP;
	return 0;
}

static int crypt(const struct ktls_keys *k, const struct aead *a, bool encrypt)
{
	EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *ctx;
	int err = -ENOTSUP;

	ERR_set_mark();
	cipher = EVP_CIPHER_fetch(NULL, k->cipher->evp, NULL);
	ctx = cipher ? EVP_CIPHER_CTX_new() : NULL;
	if (ctx && begin(ctx, cipher, k, a, encrypt))
		err = finish(ctx, a, encrypt);
	EVP_CIPHER_CTX_free(ctx); /* cleanses the key schedule */
	EVP_CIPHER_free(cipher);
	ERR_pop_to_mark();
	return err;
}

/* explicit: the part of the nonce that the record carries; NULL: it carries none. */
static void set_nonce(struct aead *a, const struct ktls_keys *k, const uint8_t *explicit)
{
	uint8_t seq[KTLS_SEQ];

	memcpy(a->nonce, k->salt, k->cipher->salt);
	memcpy(a->nonce + k->cipher->salt, explicit ? explicit : k->iv, k->cipher->iv);
	if (explicit)
		return;
	put_be(seq, k->seq, sizeof(seq));
	for (size_t i = 0; i < sizeof(seq); i++)
		a->nonce[KTLS_NONCE - sizeof(seq) + i] ^= seq[i];
}

/* TLS 1.3 protects the header as it stands; 1.2 number, type, version, size of the data.
 */
static void set_aad(struct aead *a, const struct ktls_keys *k, const uint8_t *header)
{
	if (k->version == KTLS_1_3) {
		memcpy(a->aad, header, KTLS_HEADER);
		a->aad_len = KTLS_HEADER;
		return;
	}
	put_be(a->aad, k->seq, KTLS_SEQ);
	memcpy(a->aad + KTLS_SEQ, header, 3);
	put_be(a->aad + KTLS_SEQ + 3, a->len, 2);
	a->aad_len = AAD_MAX;
}

static void put_header(uint8_t *wire, uint8_t type, size_t len)
{
	wire[0] = type;
	put_be(wire + 1, KTLS_1_2, 2);
	put_be(wire + 3, len, 2);
}

static int check_seal(const struct ktls_keys *k, const struct ktls_record *r)
{
	if (r->pad && k->version != KTLS_1_3)
		return -EINVAL;
	if (r->len > KTLS_DATA_MAX || r->pad > KTLS_DATA_MAX - r->len)
		return -EMSGSIZE;
	return k->seq == UINT64_MAX ? -EOVERFLOW : 0;
}

/* The plain record: data, and in TLS 1.3 the true type and the padding. */
static size_t put_inner(uint8_t *p, const struct ktls_keys *k,
			const struct ktls_record *r)
{
	if (r->len)
		memcpy(p, r->data, r->len);
	if (k->version != KTLS_1_3)
		return r->len;
	p[r->len] = r->type;
	memset(p + r->len + 1, 0, r->pad);
	return r->len + 1 + r->pad;
}

ssize_t ktls_seal(struct ktls_keys *k, const struct ktls_record *r, uint8_t *wire,
		  size_t size)
{
	const size_t explicit = ktls_explicit_nonce(k->cipher, k->version);
	const bool tls13 = k->version == KTLS_1_3;
	const size_t inner = r->len + r->pad + tls13;
	const size_t total = KTLS_HEADER + explicit + inner + KTLS_TAG;
	struct aead a = { .data = wire + KTLS_HEADER + explicit, .len = inner };
	int err = check_seal(k, r);

	if (err)
		return err;
	if (total > size)
		return -EMSGSIZE;
	put_header(wire, tls13 ? KTLS_RECORD_DATA : r->type, total - KTLS_HEADER);
	memcpy(wire + KTLS_HEADER, k->iv, explicit);
	put_inner(a.data, k, r);
	a.tag = a.data + inner;
	set_nonce(&a, k, explicit ? k->iv : NULL);
	set_aad(&a, k, wire);
	err = crypt(k, &a, true);
	OPENSSL_cleanse(a.nonce, sizeof(a.nonce));
	if (err) {
		OPENSSL_cleanse(wire, total);
		return err;
	}
	k->seq++;
	count_up(k->iv, explicit);
	return (ssize_t)total;
}

/* How long the record is that begins here, behind its header. */
static ssize_t parse_header(const struct ktls_keys *k, const uint8_t *wire, size_t len)
{
	const size_t least = ktls_explicit_nonce(k->cipher, k->version) + KTLS_TAG +
			     (k->version == KTLS_1_3);
	size_t fragment;

	if (len < KTLS_HEADER)
		return -EAGAIN;
	if (wire[1] != KTLS_1_2 >> 8 || wire[2] != (KTLS_1_2 & 0xff))
		return -EINVAL;
	if (k->version == KTLS_1_3 && wire[0] != KTLS_RECORD_DATA)
		return -EINVAL;
	fragment = (size_t)wire[3] << 8 | wire[4];
	if (fragment > KTLS_FRAGMENT_MAX)
		return -EMSGSIZE;
	if (fragment < least)
		return -EBADMSG;
	return len - KTLS_HEADER < fragment ? -EAGAIN : (ssize_t)fragment;
}

/* The true type of TLS 1.3 is the last byte that is not padding. */
static int strip_inner(struct ktls_record *r)
{
	size_t n = r->len;

	while (n && !r->data[n - 1])
		n--;
	if (!n)
		return -EBADMSG;
	r->type = r->data[n - 1];
	r->pad = r->len - n;
	r->len = n - 1;
	return 0;
}

static int open_fragment(const struct ktls_keys *k, const uint8_t *wire, size_t fragment,
			 struct ktls_record *r)
{
	const size_t explicit = ktls_explicit_nonce(k->cipher, k->version);
	const uint8_t *body = wire + KTLS_HEADER + explicit;
	struct aead a = { .data = r->data, .len = fragment - explicit - KTLS_TAG };
	uint8_t tag[KTLS_TAG];
	int err;

	memcpy(r->data, body, a.len);
	memcpy(tag, body + a.len, sizeof(tag));
	a.tag = tag;
	set_nonce(&a, k, explicit ? wire + KTLS_HEADER : NULL);
	set_aad(&a, k, wire);
	err = crypt(k, &a, false);
	OPENSSL_cleanse(a.nonce, sizeof(a.nonce));
	r->type = wire[0];
	r->len = a.len;
	r->pad = 0;
	if (!err && k->version == KTLS_1_3)
		err = strip_inner(r);
	if (!err && r->len > KTLS_DATA_MAX)
		err = -EMSGSIZE;
	if (err)
		OPENSSL_cleanse(r->data, a.len);
	return err;
}

ssize_t ktls_open(struct ktls_keys *k, const uint8_t *wire, size_t len,
		  struct ktls_record *r)
{
	ssize_t fragment = parse_header(k, wire, len);
	int err;

	if (fragment < 0)
		return fragment;
	if (k->seq == UINT64_MAX)
		return -EOVERFLOW;
	err = open_fragment(k, wire, (size_t)fragment, r);
	if (err)
		return err;
	k->seq++;
	return KTLS_HEADER + fragment;
}
