/* SPDX-License-Identifier: MIT */
/*
 * What lib/tls and lib/diag find on a real kernel, a line an answer, for the case
 * ktls-core to hold against what that kernel is known to do. "works" means: the kernel
 * and libcrypto made the same bytes out of the same data.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../lib/diag/diag.h"
#include "../../../lib/host/cleanup.h"
#include "../../../lib/tls/ktls.h"

enum { ROOM = 2 << 20, STEP_MS = 5000 };

static uint8_t data[1 << 20], wire[ROOM], resealed[KTLS_WIRE_MAX], inner[ROOM];

struct message {
	uint8_t type;
	size_t len;
	size_t pad; /* only what libcrypto seals has it */
};

static const struct message messages[] = {
	{ KTLS_RECORD_DATA, 1, 0 },       { KTLS_RECORD_DATA, 16384, 0 },
	{ KTLS_RECORD_DATA, 16385, 0 },   { KTLS_RECORD_ALERT, 2, 0 },
	{ KTLS_RECORD_DATA, 1 << 20, 0 }, { KTLS_RECORD_DATA, 100, 200 },
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static const char *word(int err)
{
	return err ? strerrorname_np(-err) : "works";
}

/* Connected over loopback; neither end ever waits. */
static void connect_pair(int fd[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	cleanup_close int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(listener, (struct sockaddr *)&a, len) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&a, &len))
		die("listen");
	fd[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(fd[0], (struct sockaddr *)&a, len))
		die("connect");
	fd[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd[1] < 0 || fcntl(fd[0], F_SETFL, O_NONBLOCK))
		die("accept");
}

static void close_pair(int fd[2])
{
	close(fd[0]);
	close(fd[1]);
}

/* Keys nobody else has; a number whose next carries over. */
static struct ktls_keys keys_for(const struct ktls_cipher *c, uint16_t version)
{
	struct ktls_keys k = { .version = version, .cipher = c, .seq = 0xffffffff };

	for (size_t i = 0; i < sizeof(k.key); i++)
		k.key[i] = (uint8_t)(0x11 * i + c->number);
	memset(k.salt, 0x5a, sizeof(k.salt));
	memset(k.iv, 0xff, sizeof(k.iv));
	k.iv[0] = 0;
	return k;
}

static int with_ulp(int fd, enum ktls_option direction, const struct ktls_keys *k)
{
	int err = ktls_attach(fd);

	return err ? err : ktls_install(fd, direction, k);
}

/* Reads what has arrived; false after waiting too long for more. */
static bool drain(int fd, size_t *have)
{
	struct pollfd p = { fd, POLLIN, 0 };
	ssize_t n;

	if (poll(&p, 1, STEP_MS) != 1)
		return false;
	n = recv(fd, wire + *have, sizeof(wire) - *have, 0);
	if (n <= 0)
		return false;
	*have += (size_t)n;
	return true;
}

static bool send_all(int fd, int to, const struct message *m, size_t *have)
{
	size_t done = 0;

	while (done < m->len) {
		ssize_t n = ktls_send_record(fd, m->type, data + done, m->len - done);

		if (n == -EAGAIN && !drain(to, have))
			return false;
		if (n < 0 && n != -EAGAIN)
			return false;
		done += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* The next record out of the wire: opened, sealed again, and the same bytes. */
static ssize_t take_record(struct ktls_keys *open, struct ktls_keys *seal, size_t at,
			   size_t have, struct ktls_record *r)
{
	ssize_t n = ktls_open(open, wire + at, have - at, r);

	if (n < 0)
		return n;
	if (ktls_seal(seal, r, resealed, sizeof(resealed)) != n ||
	    memcmp(resealed, wire + at, (size_t)n))
		return -EILSEQ;
	return n;
}

static int take_message(struct ktls_keys keys[2], const struct message *m, size_t *at,
			size_t have)
{
	struct ktls_record r = { .data = inner };

	for (size_t done = 0; done < m->len; done += r.len) {
		ssize_t n = take_record(&keys[0], &keys[1], *at, have, &r);

		if (n < 0)
			return (int)n;
		if (r.type != m->type || r.len > m->len - done ||
		    memcmp(r.data, data + done, r.len))
			return -EILSEQ;
		*at += (size_t)n;
	}
	return 0;
}

/* The kernel seals, libcrypto opens. */
static int transmit(int fd[2], const struct ktls_keys *k)
{
	struct ktls_keys keys[2] = { *k, *k };
	size_t have = 0, at = 0;
	int err = with_ulp(fd[0], KTLS_TX, k);

	for (size_t i = 0; !err && i < ARRAY_SIZE(messages); i++)
		if (!send_all(fd[0], fd[1], &messages[i], &have))
			return -ETIMEDOUT;
	shutdown(fd[0], SHUT_WR);
	while (!err && drain(fd[1], &have))
		;
	if (!err && !ktls_has_witness(k->cipher))
		return -ENOTSUP;
	for (size_t i = 0; !err && i < ARRAY_SIZE(messages); i++)
		err = take_message(keys, &messages[i], &at, have);
	return err ? err : at == have ? 0 : -EILSEQ;
}

/* All messages sealed by libcrypto; how many bytes, or -errno. */
static ssize_t seal_all(struct ktls_keys k)
{
	size_t len = 0;

	for (const struct message *m = messages; m < messages + ARRAY_SIZE(messages);
	     m++) {
		for (size_t done = 0; done < m->len;) {
			size_t left = m->len - done;
			struct ktls_record r = { m->type, data + done, left,
						 k.version == KTLS_1_3 ? m->pad : 0 };
			ssize_t n;

			r.len = left < KTLS_DATA_MAX ? left : KTLS_DATA_MAX;
			n = ktls_seal(&k, &r, wire + len, sizeof(wire) - len);
			if (n < 0)
				return n;
			len += (size_t)n;
			done += r.len;
		}
	}
	return (ssize_t)len;
}

/* One byte more than what was sent would be there. */
static int receive_message(int fd, const struct message *m)
{
	for (size_t done = 0; done < m->len;) {
		struct pollfd p = { fd, POLLIN, 0 };
		uint8_t type;
		ssize_t n;

		if (poll(&p, 1, STEP_MS) != 1)
			return -ETIMEDOUT;
		n = ktls_recv_record(fd, &type, inner, m->len - done);
		if (n == -EAGAIN)
			continue;
		if (n <= 0)
			return n ? (int)n : -EPIPE;
		if (type != m->type || memcmp(inner, data + done, (size_t)n))
			return -EILSEQ;
		done += (size_t)n;
	}
	return 0;
}

/* Writes as much as there is room for. */
static bool push(int fd, size_t *sent, size_t len)
{
	ssize_t n = send(fd, wire + *sent, len - *sent, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN;
	*sent += (size_t)n;
	return true;
}

static int receive_all(int fd[2], size_t len)
{
	size_t sent = 0;
	pid_t child = fork();
	int err = 0, status;

	/* The sender is a process of its own, so that neither end waits for the other. */
	if (!child) {
		struct pollfd p = { fd[0], POLLOUT, 0 };

		while (sent < len && poll(&p, 1, STEP_MS) == 1 && push(fd[0], &sent, len))
			;
		_exit(sent != len);
	}
	for (size_t i = 0; !err && i < ARRAY_SIZE(messages); i++)
		err = receive_message(fd[1], &messages[i]);
	if (err)
		close(fd[1]), fd[1] = -1;
	if (waitpid(child, &status, 0) != child || (!err && status))
		return -ECHILD;
	return err;
}

/* A record with one bit flipped, behind those that were right. */
static int flipped(int fd[2], struct ktls_keys k)
{
	struct ktls_record r = { KTLS_RECORD_DATA, data, 50, 0 };
	struct pollfd p = { fd[1], POLLIN, 0 };
	uint8_t type;
	ssize_t n = ktls_seal(&k, &r, wire, sizeof(wire));

	if (n < 0)
		return (int)n;
	wire[30] ^= 4;
	if (send(fd[0], wire, (size_t)n, 0) != n || poll(&p, 1, STEP_MS) != 1)
		return -ETIMEDOUT;
	return (int)ktls_recv_record(fd[1], &type, inner, sizeof(inner)) == -EBADMSG
		       ? 0
		       : -EILSEQ;
}

static uint64_t records(void)
{
	uint64_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
		n += (messages[i].len + KTLS_DATA_MAX - 1) / KTLS_DATA_MAX;
	return n;
}

/* libcrypto seals, the kernel opens. */
static int receive(int fd[2], const struct ktls_keys *k)
{
	struct ktls_keys after = *k;
	int err = with_ulp(fd[1], KTLS_RX, k);
	ssize_t len = err ? err : seal_all(*k);

	if (len < 0)
		return (int)len;
	err = receive_all(fd, (size_t)len);
	after.seq += records();
	return err ? err : flipped(fd, after);
}

typedef int (*cell_fn)(int fd[2], const struct ktls_keys *k);

static int run(cell_fn fn, const struct ktls_keys *k)
{
	int fd[2], err;

	connect_pair(fd);
	err = fn(fd, k);
	close_pair(fd);
	return err;
}

static void matrix(void)
{
	for (const struct ktls_version *v = ktls_versions; v->word; v++) {
		for (const struct ktls_cipher *c = ktls_ciphers; c->word; c++) {
			const struct ktls_keys k = keys_for(c, v->number);

			printf("%s %s tx %s\n", v->word, c->word,
			       word(run(transmit, &k)));
			printf("%s %s rx %s\n", v->word, c->word, word(run(receive, &k)));
		}
	}
}

static int unknown_cipher(int fd[2], const struct ktls_keys *k)
{
	struct ktls_cipher c = *k->cipher;
	struct ktls_keys other = *k;

	c.number = 99;
	other.cipher = &c;
	return with_ulp(fd[0], KTLS_TX, &other);
}

static int second_keys(int fd[2], const struct ktls_keys *k)
{
	int err = with_ulp(fd[0], KTLS_TX, k);

	return err ? err : ktls_install(fd[0], KTLS_TX, k);
}

static int expect_no_pad(int fd[2], const struct ktls_keys *k)
{
	int err = with_ulp(fd[0], KTLS_RX, k);

	return err ? err : ktls_set_option(fd[0], KTLS_RX_EXPECT_NO_PAD, 1);
}

static int zerocopy(int fd[2], const struct ktls_keys *k)
{
	int err = with_ulp(fd[0], KTLS_TX, k);

	return err ? err : ktls_set_option(fd[0], KTLS_TX_ZEROCOPY_RO, 1);
}

/* Small records, on the wire too. */
static int max_payload(int fd[2], const struct ktls_keys *k)
{
	struct ktls_keys keys[2] = { *k, *k };
	const struct message m = { KTLS_RECORD_DATA, 1000, 0 };
	size_t have = 0, at = 0;
	int err = with_ulp(fd[0], KTLS_TX, k);

	if (!err)
		err = ktls_set_option(fd[0], KTLS_TX_MAX_PAYLOAD_LEN, 512);
	if (err)
		return err;
	if (!send_all(fd[0], fd[1], &m, &have) || shutdown(fd[0], SHUT_WR))
		return -ETIMEDOUT;
	while (drain(fd[1], &have))
		;
	err = take_message(keys, &m, &at, have);
	return err ? err : keys[0].seq == k->seq + 2 ? 0 : -EILSEQ;
}

static int mode(int fd[2], const struct ktls_keys *k)
{
	struct ktls_mode m;
	int err = ktls_attach(fd[0]);

	if (err || ktls_mode(fd[0], KTLS_TX, &m) != -EBUSY)
		return -EILSEQ;
	err = ktls_install(fd[0], KTLS_TX, k);
	if (!err)
		err = ktls_mode(fd[0], KTLS_TX, &m);
	if (err)
		return err;
	return m.version == k->version && m.cipher == k->cipher->number ? 0 : -EILSEQ;
}

static void options(const struct ktls_keys *k)
{
	const struct ktls_version *v = ktls_version_of(k->version);
	static const struct {
		const char *name;
		cell_fn fn;
	} cells[] = {
		{ "unknown-cipher", unknown_cipher }, { "second-keys", second_keys },
		{ "expect-no-pad", expect_no_pad },   { "zerocopy-ro", zerocopy },
		{ "max-payload", max_payload },       { "mode", mode },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cells); i++)
		printf("%s %s %s\n", v->word, cells[i].name, word(run(cells[i].fn, k)));
}

/* One thing is not what the sender had: the kernel must notice. */
struct mutant {
	const char *name;
	size_t offset;   /* of the changed byte of the keys; 0: none */
	uint16_t cipher; /* 0: the sender's */
	enum ktls_option direction;
	bool tag;
};

static const struct mutant mutants[] = {
	{ "nothing", 0, 0, KTLS_RX, false },
	{ "key", offsetof(struct ktls_keys, key), 0, KTLS_RX, false },
	{ "salt", offsetof(struct ktls_keys, salt), 0, KTLS_RX, false },
	{ "iv", offsetof(struct ktls_keys, iv), 0, KTLS_RX, false },
	{ "sequence-number", offsetof(struct ktls_keys, seq), 0, KTLS_RX, false },
	{ "tag", 0, 0, KTLS_RX, true },
	{ "direction", 0, 0, KTLS_TX, false },
	{ "cipher", 0, KTLS_AES_CCM_128, KTLS_RX, false },
};

static int mutated(int fd[2], const struct ktls_keys *k, const struct mutant *mutant)
{
	struct ktls_keys wrong = *k, right = *k;
	const struct message m = { KTLS_RECORD_DATA, 100, 0 };
	struct ktls_record r = { m.type, data, m.len, 0 };
	ssize_t n = ktls_seal(&right, &r, wire, sizeof(wire));
	int err;

	if (n < 0)
		return (int)n;
	if (mutant->cipher)
		wrong.cipher = ktls_cipher_of(mutant->cipher);
	if (mutant->offset)
		((uint8_t *)&wrong)[mutant->offset] ^= 1;
	wire[n - 1] ^= mutant->tag;
	err = with_ulp(fd[1], mutant->direction, &wrong);
	if (err)
		return err;
	if (send(fd[0], wire, (size_t)n, 0) != n)
		return -ETIMEDOUT;
	return receive_message(fd[1], &m);
}

static void run_mutants(const struct ktls_keys *k)
{
	const struct ktls_version *v = ktls_version_of(k->version);

	for (size_t i = 0; i < ARRAY_SIZE(mutants); i++) {
		int fd[2];

		connect_pair(fd);
		printf("%s wrong-%s %s\n", v->word, mutants[i].name,
		       word(mutated(fd, k, &mutants[i])));
		close_pair(fd);
	}
}

static const char *const confs[] = { "unknown", "base", "sw", "hw", "hw-record" };

static void tell(const char *who, int fd)
{
	struct diag_socket s;
	int err = diag_lookup_fd(fd, &s);

	if (err)
		printf("diag %s %s\n", who, word(err));
	else
		printf("diag %s ulp '%s' tls %d version %#x cipher %u tx %s rx %s max %u\n",
		       who, s.ulp, s.tls.present, s.tls.version, s.tls.cipher,
		       confs[s.tls.tx], confs[s.tls.rx], s.tls.max_payload);
}

static int count(const struct diag_socket *s, void *arg)
{
	int *n = arg;

	*n += s->tls.present && s->tls.tx == KTLS_CONF_SW;
	return 0;
}

static int diag(int fd[2], const struct ktls_keys *k)
{
	const struct diag_query q = { 0 };
	int n = 0, err;

	tell("plain", fd[0]);
	if (ktls_attach(fd[0]))
		die("attach");
	tell("attached", fd[0]);
	if (ktls_install(fd[0], KTLS_TX, k))
		die("install");
	tell("keys", fd[0]);
	err = diag_tcp(&q, count, &n);
	printf("diag sockets %d %s\n", n, word(err));
	if (seteuid(65534))
		die("seteuid");
	tell("nobody", fd[0]);
	return seteuid(0);
}

static void each_version(void (*fn)(const struct ktls_keys *))
{
	for (const struct ktls_version *v = ktls_versions; v->word; v++) {
		const struct ktls_keys k = keys_for(ktls_cipher_of(KTLS_AES_GCM_128),
						    v->number);

		fn(&k);
	}
}

int main(int argc, char **argv)
{
	const struct ktls_keys k = keys_for(ktls_cipher_of(KTLS_AES_GCM_256), KTLS_1_3);

	(void)argc;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + (i >> 8));
	for (; argv[1]; argv++) {
		if (!strcmp(argv[1], "matrix"))
			matrix();
		else if (!strcmp(argv[1], "options"))
			each_version(options);
		else if (!strcmp(argv[1], "mutants"))
			each_version(run_mutants);
		else if (!strcmp(argv[1], "diag"))
			run(diag, &k);
		else
			return 2;
	}
	return 0;
}
