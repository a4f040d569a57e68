// SPDX-License-Identifier: MIT
/* Keys that change while a connection lives, and what is owed to a peer who asks. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "ssl_priv.h"

static struct ktls_direction *info_of(struct ktls_conn *c, enum ktls_option direction)
{
	return direction == KTLS_TX ? &c->info.tx : &c->info.rx;
}

/* Sets the keys of the next secret, and keeps that only if the kernel took them. */
static int install_next(struct ktls_conn *c, enum ktls_option direction,
			struct ktls_side *s, uint8_t *secret)
{
	cleanup_ktls_keys struct ktls_keys k = { .version = KTLS_1_3,
						 .cipher = c->cipher };
	int err = 0;

	memcpy(secret, s->secret, s->secret_len);
	for (unsigned i = 0; i <= s->updates && !err; i++)
		err = ktls_next_secret13(c->cipher, secret, s->secret_len);
	if (!err)
		err = ktls_derive13(&k, secret, s->secret_len);
	if (!err)
		err = ktls_install(c->fd, direction, &k);
	if (!err) {
		memcpy(s->secret, secret, s->secret_len);
		s->updates = 0;
	}
	return err;
}

int ktls_rekey(struct ktls_conn *c, enum ktls_option direction)
{
	struct ktls_direction *d = info_of(c, direction);
	struct ktls_side *s;
	uint8_t secret[KTLS_SECRET_MAX];
	int err;

	if (!c->watch || c->info.version != KTLS_1_3)
		return -EOPNOTSUPP;
	s = &c->watch->side[direction == KTLS_TX ? KTLS_SENT : KTLS_RECEIVED];
	if (!s->secret_len)
		return -EOPNOTSUPP;
	err = install_next(c, direction, s, secret);
	OPENSSL_cleanse(secret, sizeof(secret));
	if (err) {
		c->ended = true;
		return err == -EBUSY ? -EKEYEXPIRED : err;
	}
	c->can_rekey = true;
	d->rekeys++;
	d->records_estimate = 0;
	return 0;
}

int ktls_conn_next_tx(struct ktls_conn *c)
{
	if (c->info.tx.where == KTLS_USER)
		return -EINVAL;
	c->owed &= ~(unsigned)KTLS_DO_ANSWER;
	return ktls_rekey(c, KTLS_TX);
}

/* 1: there is such a line; 0: not; -1: cannot be read here. */
static int counts_rekeys(void)
{
	FILE *f = fopen("/proc/net/tls_stat", "re");
	char line[128];
	int found = 0;

	if (!f)
		return -1;
	while (!found && fgets(line, sizeof(line), f))
		found = !strncmp(line, "TlsTxRekeyOk", 12);
	fclose(f);
	return found;
}

/*
 * Without /proc the kernel is asked for what none grants, a change to TLS 1.2: one that
 * knows of no change at all says EBUSY before it looks at the keys, one that does EINVAL
 * (and counts a TlsTxRekeyError).
 */
static bool refuses_with_einval(const struct ktls_conn *c)
{
	const struct ktls_keys k = { .version = KTLS_1_2, .cipher = c->cipher };

	return ktls_install(c->fd, KTLS_TX, &k) == -EINVAL;
}

bool ktls_can_rekey(struct ktls_conn *c)
{
	if (c->can_rekey < 0)
		c->can_rekey = counts_rekeys();
	if (c->can_rekey < 0)
		c->can_rekey = refuses_with_einval(c);
	return c->can_rekey;
}

/* Under the old key, which the kernel has until the message is its own. */
static int send_update(struct ktls_conn *c, bool ask_peer)
{
	uint8_t update[sizeof(ktls_key_update)];
	ssize_t n;

	memcpy(update, ktls_key_update, sizeof(update));
	update[sizeof(update) - 1] = ask_peer;
	n = ktls_send_record(c->fd, KTLS_RECORD_HANDSHAKE, update, sizeof(update));
	if (n < 0)
		return (int)n;
	return ktls_conn_next_tx(c);
}

int ktls_conn_rekey(struct ktls_conn *c, bool ask_peer)
{
	int err = c->owed ? ktls_settle(c) : 0;

	if (c->info.version != KTLS_1_3)
		return -EOPNOTSUPP;
	if (c->ended || c->shut)
		return c->ended ? -EPROTO : -ESHUTDOWN;
	if (err)
		return err;
	if (c->info.tx.where == KTLS_USER)
		return ktls_user_rekey(c, ask_peer);
	if (!c->watch || !c->watch->side[KTLS_SENT].secret_len || !ktls_can_rekey(c))
		return -EOPNOTSUPP;
	return send_update(c, ask_peer);
}

int ktls_settle(struct ktls_conn *c)
{
	const bool kernel = c->info.tx.where != KTLS_USER;
	ssize_t n;

	/* libssl has no call that says it; a client may be silent (RFC 5246, 7.4.1.1). */
	if (!kernel)
		c->owed &= ~(unsigned)KTLS_DO_DECLINE;
	if (c->owed & KTLS_DO_DECLINE) {
		n = ktls_send_record(c->fd, KTLS_RECORD_ALERT, ktls_no_renegotiation,
				     sizeof(ktls_no_renegotiation));
		if (n < 0)
			return (int)n;
		c->owed &= ~(unsigned)KTLS_DO_DECLINE;
	}
	if (!(c->owed & KTLS_DO_ANSWER))
		return 0;
	if (!kernel) {
		c->owed &= ~(unsigned)KTLS_DO_ANSWER;
		return ktls_user_rekey(c, false);
	}
	return send_update(c, false);
}

int ktls_conn_digest(struct ktls_conn *c, uint8_t type, const void *buf, size_t len)
{
	unsigned act = ktls_control_digest(&c->control, type, buf, len);
	int err;

	if (type != KTLS_RECORD_DATA)
		c->info.rx.records_estimate++;
	if (act & (KTLS_DO_ABORT | KTLS_DO_FAIL)) {
		c->info.alert = c->control.alert;
		c->ended = true;
	}
	if (act & KTLS_DO_CLOSE)
		c->info.closed = true;
	if (act & KTLS_DO_REKEY_RX) {
		err = ktls_rekey(c, KTLS_RX);
		if (err)
			return err;
	}
	return (int)(act & ~(unsigned)KTLS_DO_REKEY_RX);
}
