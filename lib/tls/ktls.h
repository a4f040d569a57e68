/* SPDX-License-Identifier: MIT */
/*
 * libktls: kernel TLS on a connected TCP socket, for programs that did the handshake
 * elsewhere, and an independent second opinion of what must stand on the wire.
 *
 *	struct ktls_keys tx = { .version = KTLS_1_3, .cipher = ktls_cipher_of(51) };
 *
 *	ktls_derive13(&tx, secret, sizeof(secret));
 *	err = ktls_attach(fd);
 *	if (!err)
 *		err = ktls_install(fd, KTLS_TX, &tx);
 *	ktls_keys_clear(&tx);
 *
 * Every function gives 0 (or a number of bytes) or -errno, prints nothing, keeps nothing,
 * and needs no locks. Keys belong to the caller, who clears them; copies made on the way
 * are cleared here, on every path. Nothing here asks the kernel for keys back.
 *
 * Needs libc and libcrypto (3.0 or newer); ktls_attach() and the others up to
 * ktls_recv_record() use nothing of libcrypto but its cleansing.
 */
#ifndef KTLS_KTLS_H
#define KTLS_KTLS_H

#include <sys/socket.h>
#include <sys/types.h>

#include "cipher.h"

/*
 * The keys of one direction.
 *
 * iv is what follows the salt: for TLS 1.3, and for ChaCha20, the rest of a nonce that
 * never changes; for the other ciphers of TLS 1.2 the nonce that the next record sent
 * carries with it (it must not repeat; the kernel and ktls_seal() count it up), and of no
 * meaning for receiving. seq is the number of the next record.
 */
struct ktls_keys {
	uint16_t version; /* KTLS_1_2, KTLS_1_3 */
	const struct ktls_cipher *cipher;
	uint8_t key[KTLS_KEY_MAX], salt[KTLS_SALT_MAX], iv[KTLS_IV_MAX];
	uint64_t seq;
};

void ktls_keys_clear(struct ktls_keys *k);
#define cleanup_ktls_keys __attribute__((cleanup(ktls_keys_clear)))

enum { KTLS_CRYPTO_INFO_MAX = 56 };

/*
 * The bytes that the kernel wants for these keys; how many, at most KTLS_CRYPTO_INFO_MAX.
 * The caller clears them. Source: <linux/tls.h>, struct tls12_crypto_info_*.
 */
size_t ktls_crypto_info(const struct ktls_keys *k, uint8_t out[KTLS_CRYPTO_INFO_MAX]);

/*
 * Gives a connected TCP socket the TLS ULP; it stays plain TCP until keys come, and can
 * never be without the ULP again. Loads the module tls if it is not loaded and the caller
 * has CAP_NET_ADMIN in the first user namespace.
 *
 *	-ENOENT       no TLS in this kernel, or not loaded and the caller may not load it
 *	-ENOTCONN     not established: not yet connected, listening, the peer has closed
 *	-EEXIST       it has a ULP already, perhaps this one
 *	-ENOPROTOOPT  neither a TCP socket nor one that may have a ULP (UDP, MPTCP)
 */
int ktls_attach(int fd);

/* The name of the ULP, "" for none. */
int ktls_ulp(int fd, char name[17]);

/*
 * Installs keys for KTLS_TX or KTLS_RX. On failure the direction stays without keys. A
 * second call for TLS 1.3 is a rekey, which kernels since 6.14 know.
 *
 *	-ENOPROTOOPT  no ULP attached
 *	-EINVAL       this kernel does not know the cipher, or not with this version; the
 *	              other direction has another; the socket is in a BPF sockmap
 *	-EBUSY        the direction has keys, and this is no rekey
 *	-ENOENT       the kernel's crypto has no such algorithm, or FIPS forbids it
 *
 * That a NIC refuses to encrypt is no error: the kernel then does it itself.
 */
int ktls_install(int fd, enum ktls_option direction, const struct ktls_keys *k);

struct ktls_mode {
	uint16_t version, cipher;
};

/*
 * Which keys a direction has; asks for four bytes, never for the keys themselves.
 *
 *	-EBUSY        none yet
 *	-ENOPROTOOPT  no ULP attached
 */
int ktls_mode(int fd, enum ktls_option direction, struct ktls_mode *out);

/*
 * Sets one of the options that are no keys:
 *
 *	KTLS_TX_ZEROCOPY_RO      0, 1. Without effect where the kernel encrypts itself.
 *	KTLS_RX_EXPECT_NO_PAD    0, 1. -EINVAL before TLS 1.3 keys are there.
 *	KTLS_TX_MAX_PAYLOAD_LEN  bytes in a record, 64 to 16384 (TLS 1.3: from 63).
 *
 *	-ENOPROTOOPT  no ULP attached, or this kernel has no such option
 *	-EINVAL       value out of range, or not one of these options
 */
int ktls_set_option(int fd, enum ktls_option option, unsigned value);

/*
 * What the two calls below hand to the kernel, for who gets it there by other means
 * (io_uring). It points into itself: not to be moved.
 */
struct ktls_message {
	struct msghdr msg;
	struct iovec iov;
	union {
		char buf[CMSG_SPACE(sizeof(uint8_t))];
		struct cmsghdr align;
	} control;
};

void ktls_message(struct ktls_message *m, void *buf, size_t len);
/* Before it is sent. */
void ktls_message_set_type(struct ktls_message *m, uint8_t type);
/* Of what was received; 0: the kernel told none. */
uint8_t ktls_message_type(struct ktls_message *m);

/*
 * Sends bytes as a record of that type; more than 16384 bytes of data become several
 * records. How many bytes were taken.
 *
 *	-EAGAIN  a non-blocking socket is full
 *	-EPIPE   closed; no signal is raised
 */
ssize_t ktls_send_record(int fd, uint8_t type, const void *buf, size_t len);

/*
 * Receives bytes of one record: its rest comes with the next calls when buf is too small
 * (one call can give several records of data). 0 and *type 0: the peer has closed.
 *
 *	-EAGAIN       a non-blocking socket has nothing
 *	-EBADMSG      wrong keys, or a changed record; the socket is broken
 *	-EINVAL       not TLS, or another version
 *	-EMSGSIZE     longer than a record may be
 *	-EKEYEXPIRED  the peer has changed its keys (6.14 and later)
 *	-ENOPROTOOPT  this direction has no keys: the kernel told no type, *type
 *	              is 0, and what was read is lost
 */
ssize_t ktls_recv_record(int fd, uint8_t *type, void *buf, size_t len);

/*
 * Keys out of a traffic secret of TLS 1.3 (RFC 8446, 7.3); the secret has the length of
 * the cipher's hash. version and cipher of k are set before; seq becomes 0.
 *
 *	-EINVAL   another version
 *	-ENOTSUP  libcrypto has no such hash
 */
int ktls_derive13(struct ktls_keys *k, const uint8_t *secret, size_t len);

/* The secret that follows a KeyUpdate takes the place of this one. */
int ktls_next_secret13(const struct ktls_cipher *c, uint8_t *secret, size_t len);

/* What both ends of a TLS 1.2 connection know. */
struct ktls_master {
	uint8_t master[48], client_random[32], server_random[32];
};

/*
 * Keys of both directions of TLS 1.2 (RFC 5246, 6.3). version and cipher of both are set
 * before; iv and seq become 0, so that the carried nonce is the record's number.
 */
int ktls_derive12(const struct ktls_master *m, struct ktls_keys *client,
		  struct ktls_keys *server);

enum {
	KTLS_HEADER = 5,
	KTLS_DATA_MAX = 16384,                   /* of one record */
	KTLS_FRAGMENT_MAX = KTLS_DATA_MAX + 256, /* behind the header */
	KTLS_WIRE_MAX = KTLS_HEADER + KTLS_FRAGMENT_MAX,
};

/* A record before it is encrypted or after it was decrypted. data is the caller's. */
struct ktls_record {
	uint8_t type;
	uint8_t *data;
	size_t len;
	size_t pad; /* TLS 1.3: zeros behind the type */
};

/* libcrypto can do this cipher. */
bool ktls_has_witness(const struct ktls_cipher *c);

/*
 * Encrypts a record in libcrypto, as it must stand on the wire (RFC 5288, 6655, 7905,
 * 8446); the bytes written. k->seq, and the carried nonce, are counted up.
 *
 *	-ENOTSUP    libcrypto does not have the cipher
 *	-EMSGSIZE   more than a record may hold, or than size
 *	-EINVAL     padding in TLS 1.2
 *	-EOVERFLOW  the last sequence number is used up
 */
ssize_t ktls_seal(struct ktls_keys *k, const struct ktls_record *r, uint8_t *wire,
		  size_t size);

/*
 * Decrypts the record that wire begins with into r, whose data has room for
 * KTLS_FRAGMENT_MAX bytes; its bytes on the wire. k->seq is counted up.
 *
 *	-EAGAIN    the record is not whole yet
 *	-EBADMSG   not what these keys made
 *	-EINVAL    no record of this version
 *	-EMSGSIZE  longer than a record may be
 *	-ENOTSUP, -EOVERFLOW  as above
 */
ssize_t ktls_open(struct ktls_keys *k, const uint8_t *wire, size_t len,
		  struct ktls_record *r);

#endif
