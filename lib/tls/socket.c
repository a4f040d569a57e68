// SPDX-License-Identifier: MIT
/* What the kernel is told and asked about a socket. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/crypto.h>

#include "ktls.h"

void ktls_keys_clear(struct ktls_keys *k)
{
	OPENSSL_cleanse(k, sizeof(*k));
}

static uint8_t *put(uint8_t *p, const void *data, size_t len)
{
	memcpy(p, data, len);
	return p + len;
}

size_t ktls_crypto_info(const struct ktls_keys *k, uint8_t out[KTLS_CRYPTO_INFO_MAX])
{
	const struct ktls_cipher *c = k->cipher;
	uint8_t *p = out;

	p = put(p, &k->version, sizeof(k->version));
	p = put(p, &c->number, sizeof(c->number));
	p = put(p, k->iv, c->iv);
	p = put(p, k->key, c->key);
	p = put(p, k->salt, c->salt);
	for (int shift = 56; shift >= 0; shift -= 8)
		*p++ = (uint8_t)(k->seq >> shift);
	return (size_t)(p - out);
}

static int set(int fd, int level, int name, const void *value, size_t len)
{
	return setsockopt(fd, level, name, value, (socklen_t)len) ? -errno : 0;
}

/* For a level nobody answers to, IPv4 says EOPNOTSUPP here and ENOPROTOOPT everywhere
 * else. */
static int get(int fd, int level, int name, void *value, socklen_t len)
{
	if (!getsockopt(fd, level, name, value, &len))
		return 0;
	return errno == EOPNOTSUPP ? -ENOPROTOOPT : -errno;
}

int ktls_attach(int fd)
{
	return set(fd, IPPROTO_TCP, KTLS_TCP_ULP, "tls", sizeof("tls"));
}

int ktls_ulp(int fd, char name[17])
{
	memset(name, 0, 17);
	return get(fd, IPPROTO_TCP, KTLS_TCP_ULP, name, 16);
}

int ktls_install(int fd, enum ktls_option direction, const struct ktls_keys *k)
{
	uint8_t info[KTLS_CRYPTO_INFO_MAX];
	size_t len = ktls_crypto_info(k, info);
	int err = set(fd, KTLS_SOL_TLS, direction, info, len);

	OPENSSL_cleanse(info, sizeof(info));
	return err;
}

int ktls_mode(int fd, enum ktls_option direction, struct ktls_mode *out)
{
	_Static_assert(sizeof(*out) == 4, "more would be keys");
	return get(fd, KTLS_SOL_TLS, direction, out, sizeof(*out));
}

int ktls_set_option(int fd, enum ktls_option option, unsigned value)
{
	const uint16_t narrow = (uint16_t)value;

	switch (option) {
	case KTLS_TX_ZEROCOPY_RO:
	case KTLS_RX_EXPECT_NO_PAD:
		return set(fd, KTLS_SOL_TLS, option, &value, sizeof(value));
	case KTLS_TX_MAX_PAYLOAD_LEN:
		if (value > UINT16_MAX)
			return -EINVAL;
		return set(fd, KTLS_SOL_TLS, option, &narrow, sizeof(narrow));
	default:
		return -EINVAL;
	}
}

void ktls_message(struct ktls_message *m, void *buf, size_t len)
{
	*m = (struct ktls_message){ .iov = { buf, len } };
	m->msg.msg_iov = &m->iov;
	m->msg.msg_iovlen = 1;
	m->msg.msg_control = &m->control;
	m->msg.msg_controllen = sizeof(m->control.buf);
}

void ktls_message_set_type(struct ktls_message *m, uint8_t type)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(&m->msg);

	c->cmsg_level = KTLS_SOL_TLS;
	c->cmsg_type = KTLS_SET_RECORD_TYPE;
	c->cmsg_len = CMSG_LEN(sizeof(type));
	*CMSG_DATA(c) = type;
}

uint8_t ktls_message_type(struct ktls_message *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m->msg); c; c = CMSG_NXTHDR(&m->msg, c))
		if (c->cmsg_level == KTLS_SOL_TLS &&
		    c->cmsg_type == KTLS_GET_RECORD_TYPE &&
		    c->cmsg_len >= CMSG_LEN(sizeof(uint8_t)))
			return *CMSG_DATA(c);
	return 0;
}

ssize_t ktls_send_record(int fd, uint8_t type, const void *buf, size_t len)
{
	struct ktls_message m;
	ssize_t n;

	ktls_message(&m, (void *)buf, len);
	ktls_message_set_type(&m, type);
	n = sendmsg(fd, &m.msg, MSG_NOSIGNAL);
	return n < 0 ? -errno : n;
}

ssize_t ktls_recv_record(int fd, uint8_t *type, void *buf, size_t len)
{
	struct ktls_message m;
	ssize_t n;

	ktls_message(&m, buf, len);
	n = recvmsg(fd, &m.msg, 0);
	*type = 0;
	if (n < 0)
		return -errno;
	*type = ktls_message_type(&m);
	if (n && !*type)
		return -ENOPROTOOPT;
	return n;
}
