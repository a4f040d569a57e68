// SPDX-License-Identifier: MIT
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#include "upgrade.h"

enum { NONCE = 16, HASH = 20 };

/* Of every server's answer (RFC 6455, 1.3). */
static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

int upgrade_key(char key[UPGRADE_KEY])
{
	uint8_t nonce[NONCE];

	if (RAND_bytes(nonce, sizeof(nonce)) != 1)
		return -EIO;
	EVP_EncodeBlock((uint8_t *)key, nonce, sizeof(nonce));
	return 0;
}

int upgrade_accept(struct span key, char accept[UPGRADE_ACCEPT])
{
	uint8_t text[UPGRADE_KEY + sizeof(guid)], hash[EVP_MAX_MD_SIZE];

	if (key.len != UPGRADE_KEY - 1)
		return -EIO;
	memcpy(text, key.p, key.len);
	memcpy(text + key.len, guid, sizeof(guid) - 1);
	if (!EVP_Digest(text, key.len + sizeof(guid) - 1, hash, NULL, EVP_sha1(), NULL))
		return -EIO;
	EVP_EncodeBlock((uint8_t *)accept, hash, HASH);
	return 0;
}

/* What of the head it is about. */
struct seen {
	bool upgrade, connection, extensions, protocol;
	unsigned keys, accepts, versions;
	struct span key, accept, version;
};

/* One of a list with commas. */
static bool has_word(struct span list, const char *word)
{
	struct span part;

	while (cut_at(&list, ',', &part))
		if (span_is_nocase(trimmed(part), word))
			return true;
	return span_is_nocase(trimmed(list), word);
}

static void look(void *arg, struct span name, struct span value)
{
	struct seen *s = arg;

	if (span_is_nocase(name, "Upgrade")) {
		s->upgrade |= has_word(value, "websocket");
	} else if (span_is_nocase(name, "Connection")) {
		s->connection |= has_word(value, "upgrade");
	} else if (span_is_nocase(name, "Sec-WebSocket-Extensions")) {
		s->extensions = true;
	} else if (span_is_nocase(name, "Sec-WebSocket-Protocol")) {
		s->protocol = true;
	} else if (span_is_nocase(name, "Sec-WebSocket-Key")) {
		s->keys++;
		s->key = trimmed(value);
	} else if (span_is_nocase(name, "Sec-WebSocket-Accept")) {
		s->accepts++;
		s->accept = trimmed(value);
	} else if (span_is_nocase(name, "Sec-WebSocket-Version")) {
		s->versions++;
		s->version = trimmed(value);
	}
}

const char *upgrade_check_answer(const struct http *h, const char *key)
{
	char wanted[UPGRADE_ACCEPT];
	struct seen s = { 0 };

	http_each(h, look, &s);
	if (!s.upgrade || !s.connection)
		return "it does not say that it goes on as a WebSocket";
	if (s.accepts != 1)
		return s.accepts ? "it accepts the key twice" : "it accepts no key";
	if (upgrade_accept(span(key, strlen(key)), wanted))
		return "libcrypto has no SHA-1";
	if (!span_is(s.accept, wanted))
		return "it accepts another key than this one";
	if (s.extensions)
		return "it wants an extension that nobody offered";
	return s.protocol ? "it wants a subprotocol that nobody offered" : NULL;
}

/* 16 bytes in Base64. */
static bool is_key(struct span s)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";

	if (s.len != UPGRADE_KEY - 1 || s.p[22] != '=' || s.p[23] != '=')
		return false;
	for (size_t i = 0; i < 22; i++)
		if (!s.p[i] || !strchr(digits, s.p[i]))
			return false;
	return true;
}

const char *upgrade_check_request(const struct http *h, struct span *key)
{
	struct seen s = { 0 };

	http_each(h, look, &s);
	*key = s.key;
	if (!s.upgrade || !s.connection)
		return "it wants no WebSocket";
	if (s.versions != 1 || !span_is(s.version, "13"))
		return "it wants another version than 13";
	return s.keys == 1 && is_key(s.key) ? NULL : "its key is none";
}

bool upgrade_wanted(const struct http *h)
{
	struct seen s = { 0 };

	http_each(h, look, &s);
	return s.upgrade;
}
