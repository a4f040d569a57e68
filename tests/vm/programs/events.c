/* SPDX-License-Identifier: MIT */
/*
 * Makes the kernel count something, for the case stat: "events rekey" gives a sender
 * another key, "events spoil" has a receiver meet a record that no key fits.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../../lib/tls/ktls.h"

static void check(const char *what, int err)
{
	if (err >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-err));
	exit(1);
}

static void connect_pair(int fds[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&a, len) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&a, &len) ||
	    connect(fds[0], (struct sockaddr *)&a, len))
		exit(1);
	fds[1] = accept(listener, NULL, NULL);
	close(listener);
}

static struct ktls_keys keys_of(uint8_t byte)
{
	struct ktls_keys k = { .version = KTLS_1_3,
			       .cipher = ktls_cipher_named("aes-gcm-128", 11) };

	memset(k.key, byte, sizeof(k.key));
	return k;
}

static void rekey(const int fds[2])
{
	struct ktls_keys first = keys_of(1), second = keys_of(2);

	check("attach", ktls_attach(fds[0]));
	check("install", ktls_install(fds[0], KTLS_TX, &first));
	check("rekey", ktls_install(fds[0], KTLS_TX, &second));
}

static void spoil(const int fds[2])
{
	static const char record[5 + 32] = "\x17\x03\x03\x00\x20";
	struct ktls_keys keys = keys_of(1);
	char byte;

	check("attach", ktls_attach(fds[1]));
	check("install", ktls_install(fds[1], KTLS_RX, &keys));
	if (write(fds[0], record, sizeof(record)) != sizeof(record))
		exit(1);
	if (read(fds[1], &byte, 1) >= 0)
		exit(1); /* it must not fit */
}

int main(int argc, char **argv)
{
	int fds[2];

	connect_pair(fds);
	if (argc == 2 && !strcmp(argv[1], "rekey"))
		rekey(fds);
	else if (argc == 2 && !strcmp(argv[1], "spoil"))
		spoil(fds);
	else
		return 2;
	return 0;
}
