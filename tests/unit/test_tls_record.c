/* SPDX-License-Identifier: MIT */
/* Records sealed and opened by libcrypto. */
#include "unit.h"

#include <errno.h>

#include "../../lib/tls/ktls.h"
#include "hex.h"

static uint8_t wire[KTLS_WIRE_MAX + 1], plain[KTLS_FRAGMENT_MAX];

/*
 * RFC 8448, section 3: both directions of application data. The others were computed with
 * Python's "cryptography" (the record built by hand there), from the keys of
 * counted_keys().
 */
struct vector_row {
	const char *name;
	uint16_t version, cipher;
	const char *secret; /* NULL: counted_keys() */
	uint64_t seq;
	struct {
		uint8_t type;
		size_t pad;
		const char *hex;
	} plain;
	const char *wire;
};

#define FIFTY                                                                            \
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324"     \
	"25262728292a2b2c2d2e2f3031"
#define CLIENT "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5"
#define SERVER "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643"
#define TEXT   "6b65726e656c20544c53" /* kernel TLS */
#define SEQ    0x0102030405060708

static const struct vector_row vector_rows[] = {
	{ "RFC 8448 client data",
	  KTLS_1_3,
	  KTLS_AES_GCM_128,
	  CLIENT,
	  0,
	  { 23, 0, FIFTY },
	  "1703030043 a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b"
	  "395bd54a9a20441e2b62974e1f5a6292a2977014bd1e3deae63aeebb21694915e4" },
	{ "RFC 8448 client alert",
	  KTLS_1_3,
	  KTLS_AES_GCM_128,
	  CLIENT,
	  1,
	  { 21, 0, "0100" },
	  "1703030013 c9872760655666b74d7ff1153efd6db6d0b0e3" },
	{ "RFC 8448 server data",
	  KTLS_1_3,
	  KTLS_AES_GCM_128,
	  SERVER,
	  1,
	  { 23, 0, FIFTY },
	  "1703030043 2e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6"
	  "dffc602dcb501a59a8fcc49c4bf2e5f0a21c0047c2abf332540dd032e167c2955d" },
	{ "RFC 8448 server alert",
	  KTLS_1_3,
	  KTLS_AES_GCM_128,
	  SERVER,
	  2,
	  { 21, 0, "0100" },
	  "1703030013 b58fd67166ebf599d24720cfbe7efa7a8864a9" },
	{ "aes-gcm-128, 1.2",
	  KTLS_1_2,
	  KTLS_AES_GCM_128,
	  NULL,
	  SEQ,
	  { 23, 0, TEXT },
	  "1703030022 b0b1b2b3b4b5b6b7 6c4faa62d27674795b24 8287c51e5425e7ce45917ff4a8ae344c" },
	{ "aes-gcm-128, 1.3",
	  KTLS_1_3,
	  KTLS_AES_GCM_128,
	  NULL,
	  SEQ,
	  { 21, 3, TEXT },
	  "170303001e e478af872e1f7b07eb3cb14df006b009ae534c4875dfb65dfd0d90680f78" },
	{ "aes-gcm-256, 1.2",
	  KTLS_1_2,
	  KTLS_AES_GCM_256,
	  NULL,
	  SEQ,
	  { 23, 0, TEXT },
	  "1703030022 b0b1b2b3b4b5b6b7 1b2ae2316bb016a30ec9 3cf5b1b5220c455a04f814ceddcc2f2a" },
	{ "aes-gcm-256, 1.3",
	  KTLS_1_3,
	  KTLS_AES_GCM_256,
	  NULL,
	  SEQ,
	  { 21, 3, TEXT },
	  "170303001e c08c4964b6dec73a79af14d26ca93439f03f00affef13693fe45d6ee75bd" },
	{ "aes-ccm-128, 1.2",
	  KTLS_1_2,
	  KTLS_AES_CCM_128,
	  NULL,
	  SEQ,
	  { 23, 0, TEXT },
	  "1703030022 b0b1b2b3b4b5b6b7 8ba2d8beb40caeaadaa3 455af323331537692cd0d8e322dbfd3e" },
	{ "aes-ccm-128, 1.3",
	  KTLS_1_3,
	  KTLS_AES_CCM_128,
	  NULL,
	  SEQ,
	  { 21, 3, TEXT },
	  "170303001e 7e822723422e141675c3c0403a09219fc9d64f7663c887734dea295a3914" },
	{ "chacha20, 1.2",
	  KTLS_1_2,
	  KTLS_CHACHA20_POLY1305,
	  NULL,
	  SEQ,
	  { 23, 0, TEXT },
	  "170303001a eafd860309b3fac0f86fbd5c3181ce5a5f5630f4f37b4b6cb8a0" },
	{ "chacha20, 1.3",
	  KTLS_1_3,
	  KTLS_CHACHA20_POLY1305,
	  NULL,
	  SEQ,
	  { 21, 3, TEXT },
	  "170303001e eafd860309b3fac0f86f59527b76d5fa9857fc16b4ebc1ff773585bc39a8" },
};

static void count(uint8_t *p, size_t len, uint8_t from)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(from + i);
}

static struct ktls_keys counted_keys(uint16_t version, uint16_t cipher)
{
	struct ktls_keys k = { .version = version,
			       .cipher = ktls_cipher_of(cipher),
			       .seq = SEQ };

	count(k.key, sizeof(k.key), 0x40);
	count(k.salt, sizeof(k.salt), 0xa0);
	count(k.iv, sizeof(k.iv), k.cipher->salt ? 0xb0 : 0xc0);
	return k;
}

static struct ktls_keys row_keys(const struct vector_row *row)
{
	struct ktls_keys k = counted_keys(row->version, row->cipher);
	uint8_t secret[32];

	if (!row->secret)
		return k;
	unhex(row->secret, secret, sizeof(secret));
	assert_int_equal(ktls_derive13(&k, secret, sizeof(secret)), 0);
	k.seq = row->seq;
	return k;
}

static void test_vector(void **state)
{
	const struct vector_row *row = *state;
	uint8_t data[64], want[128], got[128];
	struct ktls_record r = { row->plain.type, data, 0, row->plain.pad }, back = { 0 };
	struct ktls_keys tx = row_keys(row), rx = row_keys(row);
	size_t len = unhex(row->wire, want, sizeof(want));

	r.len = unhex(row->plain.hex, data, sizeof(data));
	assert_int_equal(ktls_seal(&tx, &r, got, sizeof(got)), len);
	assert_memory_equal(got, want, len);
	back.data = plain;
	assert_int_equal(ktls_open(&rx, want, len, &back), len);
	assert_int_equal(back.type, r.type);
	assert_int_equal(back.len, r.len);
	assert_int_equal(back.pad, r.pad);
	assert_memory_equal(back.data, data, r.len);
	assert_int_equal(rx.seq, row->seq + 1);
	assert_int_equal(tx.seq, row->seq + 1);
}

/* The nonce that is carried is counted up with the number, and never repeats. */
static void test_carried(void **state)
{
	struct ktls_keys k = counted_keys(KTLS_1_2, KTLS_AES_GCM_128);
	struct ktls_record r = { KTLS_RECORD_DATA, plain, 4, 0 };

	(void)state;
	memset(k.iv, 0xff, 8);
	k.iv[0] = 0;
	assert_int_equal(ktls_seal(&k, &r, wire, sizeof(wire)), 5 + 8 + 4 + 16);
	assert_memory_equal(wire + 5, "\0\xff\xff\xff\xff\xff\xff\xff", 8);
	assert_int_equal(ktls_seal(&k, &r, wire, sizeof(wire)), 5 + 8 + 4 + 16);
	assert_memory_equal(wire + 5, "\1\0\0\0\0\0\0\0", 8);
}

static const size_t sizes[] = { 0, 1, 15, 16, 17, 1000, KTLS_DATA_MAX };

static void round_trip(const struct ktls_cipher *c, uint16_t version, size_t len)
{
	struct ktls_keys tx = counted_keys(version, c->number), rx = tx;
	const size_t pad = version == KTLS_1_3 && len < 100 ? 7 : 0;
	struct ktls_record r = { KTLS_RECORD_HANDSHAKE, plain, len, pad }, back = { 0 };
	cleanup_free uint8_t *got = malloc(KTLS_FRAGMENT_MAX);
	ssize_t n;

	assert_non_null(got);
	count(plain, len, 1);
	back.data = got;
	n = ktls_seal(&tx, &r, wire, sizeof(wire));
	assert_int_equal(n, 5 + ktls_explicit_nonce(c, version) + len + pad + 16 +
				    (version == KTLS_1_3));
	assert_int_equal(ktls_open(&rx, wire, (size_t)n, &back), n);
	assert_true(back.type == r.type && back.len == len && back.pad == pad);
	assert_memory_equal(got, plain, len);
	wire[n - 1] ^= 1;
	rx.seq--;
	assert_int_equal(ktls_open(&rx, wire, (size_t)n, &back), -EBADMSG);
}

struct cipher_row {
	const char *name;
	uint16_t cipher;
};

static const struct cipher_row cipher_rows[] = {
	{ "aes-gcm-128", 51 },       { "aes-gcm-256", 52 },  { "aes-ccm-128", 53 },
	{ "chacha20-poly1305", 54 }, { "sm4-gcm", 55 },      { "sm4-ccm", 56 },
	{ "aria-gcm-128", 57 },      { "aria-gcm-256", 58 },
};

static void test_round_trip(void **state)
{
	const struct cipher_row *row = *state;
	const struct ktls_cipher *c = ktls_cipher_of(row->cipher);

	if (!ktls_has_witness(c))
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (c->tls12)
			round_trip(c, KTLS_1_2, sizes[i]);
		if (c->tls13)
			round_trip(c, KTLS_1_3, sizes[i]);
	}
}

/* What libcrypto lacks is said, not guessed. */
static void test_no_witness(void **state)
{
	const struct ktls_cipher none = { "none",        99,       true, true, 16, 4, 8,
					  "NO-SUCH-GCM", "SHA256", NULL, NULL };
	struct ktls_keys k = { .version = KTLS_1_3, .cipher = &none };
	struct ktls_record r = { KTLS_RECORD_DATA, plain, 1, 0 };

	(void)state;
	assert_false(ktls_has_witness(&none));
	assert_true(ktls_has_witness(ktls_cipher_of(KTLS_AES_GCM_128)));
	assert_int_equal(ktls_seal(&k, &r, wire, sizeof(wire)), -ENOTSUP);
	assert_int_equal(k.seq, 0);
}

/* One thing of the keys is not what the sender had. */
struct mutant_row {
	const char *name;
	uint16_t version, cipher;
	size_t offset; /* of the byte that is changed */
	int want;      /* 0: it does not matter, or the wire says it */
};

#define KEYS(member) offsetof(struct ktls_keys, member)

static const struct mutant_row mutant_rows[] = {
	{ "key", KTLS_1_3, KTLS_AES_GCM_128, KEYS(key), -EBADMSG },
	{ "key's end", KTLS_1_3, KTLS_AES_GCM_256, KEYS(key[31]), -EBADMSG },
	{ "behind a short key", KTLS_1_3, KTLS_AES_GCM_128, KEYS(key[16]), 0 },
	{ "salt", KTLS_1_3, KTLS_AES_GCM_128, KEYS(salt), -EBADMSG },
	{ "salt, 1.2", KTLS_1_2, KTLS_AES_GCM_128, KEYS(salt[3]), -EBADMSG },
	{ "salt of chacha20", KTLS_1_2, KTLS_CHACHA20_POLY1305, KEYS(salt), 0 },
	{ "iv", KTLS_1_3, KTLS_AES_CCM_128, KEYS(iv[7]), -EBADMSG },
	{ "iv that the wire carries", KTLS_1_2, KTLS_AES_CCM_128, KEYS(iv), 0 },
	{ "iv of chacha20", KTLS_1_2, KTLS_CHACHA20_POLY1305, KEYS(iv[11]), -EBADMSG },
	{ "number", KTLS_1_3, KTLS_AES_GCM_128, KEYS(seq), -EBADMSG },
	{ "number, 1.2", KTLS_1_2, KTLS_AES_GCM_128, KEYS(seq), -EBADMSG },
	{ "number, chacha20", KTLS_1_2, KTLS_CHACHA20_POLY1305, KEYS(seq), -EBADMSG },
};

static void test_mutant(void **state)
{
	const struct mutant_row *row = *state;
	struct ktls_keys tx = counted_keys(row->version, row->cipher), rx = tx;
	struct ktls_record r = { KTLS_RECORD_DATA, plain, 20, 0 }, back = { 0 };
	cleanup_free uint8_t *got = malloc(KTLS_FRAGMENT_MAX);
	const uint64_t seq = rx.seq;
	ssize_t n, m;

	assert_non_null(got);
	back.data = got;
	((uint8_t *)&rx)[row->offset] ^= 1;
	n = ktls_seal(&tx, &r, wire, sizeof(wire));
	m = ktls_open(&rx, wire, (size_t)n, &back);
	assert_int_equal(m, row->want ? row->want : n);
	if (row->want)
		assert_true(rx.seq == seq || rx.seq == (seq ^ 1));
}

/* Every bit of a record counts. */
static void flip_all(const struct ktls_cipher *c, uint16_t version)
{
	struct ktls_keys k = counted_keys(version, c->number);
	struct ktls_record r = { KTLS_RECORD_DATA, (uint8_t *)"abc", 3,
				 version == KTLS_1_3 ? 2 : 0 };
	struct ktls_record back = { .data = plain };
	ssize_t n = ktls_seal(&k, &r, wire, sizeof(wire));

	assert_true(n > 0);
	k.seq--;
	for (ssize_t i = 0; i < 8 * n; i++) {
		wire[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_true(ktls_open(&k, wire, (size_t)n, &back) < 0);
		wire[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_int_equal(ktls_open(&k, wire, (size_t)n, &back), n);
}

static void test_flipped(void **state)
{
	const struct cipher_row *row = *state;
	const struct ktls_cipher *c = ktls_cipher_of(row->cipher);

	if (!ktls_has_witness(c))
		skip();
	if (c->tls12)
		flip_all(c, KTLS_1_2);
	if (c->tls13)
		flip_all(c, KTLS_1_3);
}

struct head_row {
	const char *name;
	uint16_t version;
	const char *wire;
	int want;
};

static const struct head_row head_rows[] = {
	{ "nothing", KTLS_1_3, "", -EAGAIN },
	{ "four bytes", KTLS_1_3, "17030300", -EAGAIN },
	{ "header alone", KTLS_1_3, "1703030020", -EAGAIN },
	{ "one byte is missing", KTLS_1_2,
	  "1703030018 00000000000000000000000000000000"
	  "00000000000000",
	  -EAGAIN },
	{ "HTTP", KTLS_1_3, "474554202f", -EINVAL },
	{ "TLS 1.0 in the header", KTLS_1_3, "1703010020", -EINVAL },
	{ "an alert in the clear, 1.3", KTLS_1_3, "15030300020100", -EINVAL },
	{ "an alert in the clear, 1.2", KTLS_1_2, "15030300020100", -EBADMSG },
	{ "longest", KTLS_1_3, "1703034100", -EAGAIN },
	{ "too long", KTLS_1_3, "1703034101", -EMSGSIZE },
	{ "empty", KTLS_1_3, "1703030000", -EBADMSG },
	{ "a tag alone, 1.3", KTLS_1_3, "1703030010", -EBADMSG },
	{ "a tag and a type, 1.3", KTLS_1_3, "1703030011", -EAGAIN },
	{ "a nonce and no whole tag, 1.2", KTLS_1_2, "1703030017", -EBADMSG },
	{ "an empty record, 1.2", KTLS_1_2, "1703030018", -EAGAIN },
};

static void test_head(void **state)
{
	const struct head_row *row = *state;
	struct ktls_keys k = counted_keys(row->version, KTLS_AES_GCM_128);
	struct ktls_record r = { .data = plain };
	uint8_t bytes[64];
	size_t len = unhex(row->wire, bytes, sizeof(bytes));
	cleanup_free char *copy = exact_copy((char *)bytes, len);

	assert_int_equal(ktls_open(&k, (uint8_t *)copy, len, &r), row->want);
	assert_true(k.seq == SEQ);
}

struct limit_row {
	const char *name;
	uint16_t version;
	uint64_t seq;
	size_t len, pad, room;
	ssize_t want;
};

static const struct limit_row limit_rows[] = {
	{ "largest", KTLS_1_3, 0, 16384, 0, KTLS_WIRE_MAX, 5 + 16384 + 1 + 16 },
	{ "largest, 1.2", KTLS_1_2, 0, 16384, 0, KTLS_WIRE_MAX, 5 + 8 + 16384 + 16 },
	{ "too large", KTLS_1_3, 0, 16385, 0, KTLS_WIRE_MAX, -EMSGSIZE },
	{ "too large with padding", KTLS_1_3, 0, 16384, 1, KTLS_WIRE_MAX, -EMSGSIZE },
	{ "endless padding", KTLS_1_3, 0, 1, SIZE_MAX, KTLS_WIRE_MAX, -EMSGSIZE },
	{ "padding, 1.2", KTLS_1_2, 0, 1, 1, KTLS_WIRE_MAX, -EINVAL },
	{ "just room", KTLS_1_3, 0, 10, 0, 32, 32 },
	{ "no room", KTLS_1_3, 0, 10, 0, 31, -EMSGSIZE },
	{ "last number but one", KTLS_1_3, UINT64_MAX - 1, 10, 0, 32, 32 },
	{ "last number", KTLS_1_3, UINT64_MAX, 10, 0, 32, -EOVERFLOW },
};

static void test_limit(void **state)
{
	const struct limit_row *row = *state;
	struct ktls_keys k = counted_keys(row->version, KTLS_AES_GCM_128);
	cleanup_free uint8_t *data = calloc(1, KTLS_DATA_MAX);
	cleanup_free uint8_t *out = malloc(row->room);
	struct ktls_record r = { KTLS_RECORD_DATA, data, row->len, row->pad };

	assert_non_null(data);
	assert_non_null(out);
	k.seq = row->seq;
	assert_int_equal(ktls_seal(&k, &r, out, row->room), row->want);
}

/* Padding without a type: the peer is wrong, and what it sent is not given out. */
static void test_only_padding(void **state)
{
	struct ktls_keys tx = counted_keys(KTLS_1_3, KTLS_AES_GCM_128), rx = tx;
	struct ktls_record r = { 0, (uint8_t *)"", 0, 9 }, back = { .data = plain };
	ssize_t n = ktls_seal(&tx, &r, wire, sizeof(wire));

	(void)state;
	assert_true(n > 0);
	assert_int_equal(ktls_open(&rx, wire, (size_t)n, &back), -EBADMSG);
	assert_true(rx.seq == SEQ);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("vector", vector_rows, test_vector),
		UNIT_ONE("carried nonce", test_carried),
		UNIT_ROWS("there and back", cipher_rows, test_round_trip),
		UNIT_ONE("no such cipher", test_no_witness),
		UNIT_ROWS("mutant", mutant_rows, test_mutant),
		UNIT_ROWS("flipped bits", cipher_rows, test_flipped),
		UNIT_ROWS("header", head_rows, test_head),
		UNIT_ROWS("limit", limit_rows, test_limit),
		UNIT_ONE("padding without a type", test_only_padding),
	};

	return unit_run("tls_record", sets, ARRAY_SIZE(sets));
}
