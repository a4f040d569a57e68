/* SPDX-License-Identifier: MIT */
/* What the kernel of this machine answers; without kTLS in it, that there is none. */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "../../lib/tls/ktls.h"

static bool tls_is_there(void)
{
	char text[256] = " ";
	cleanup_close int fd = open("/proc/sys/net/ipv4/tcp_available_ulp",
				    O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text + 1, sizeof(text) - 3);

	if (n <= 0)
		return false;
	text[n] = ' '; /* in place of the newline */
	return strstr(text, " tls ");
}

/* Two ends of a connection over loopback. */
static void pair(int fd[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	cleanup_close int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(listener >= 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &len), 0);
	fd[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd[0], (struct sockaddr *)&a, len), 0);
	fd[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(fd[1] >= 0);
}

/* Without the right to load modules, so that the machine stays as it is. */
static int attach_as_nobody(int fd)
{
	const bool root = !geteuid();
	int err;

	if (root)
		assert_int_equal(seteuid(65534), 0);
	err = ktls_attach(fd);
	if (root)
		assert_int_equal(seteuid(0), 0);
	return err;
}

static struct ktls_keys some_keys(void)
{
	return (struct ktls_keys){ .version = KTLS_1_3,
				   .cipher = ktls_cipher_of(KTLS_AES_GCM_128) };
}

static void test_attach(void **state)
{
	const bool there = tls_is_there();
	char name[17] = "x";
	int fd[2];

	(void)state;
	/* QEMU's user mode takes what TCP is asked for a number, which a name is not. */
	if (unit_emulated())
		skip();
	pair(fd);
	assert_int_equal(ktls_ulp(fd[0], name), 0);
	assert_string_equal(name, "");
	assert_int_equal(attach_as_nobody(fd[0]), there ? 0 : -ENOENT);
	assert_int_equal(ktls_ulp(fd[0], name), 0);
	assert_string_equal(name, there ? "tls" : "");
	if (there)
		assert_int_equal(ktls_attach(fd[0]), -EEXIST);
	close(fd[0]);
	close(fd[1]);
}

static void test_not_tcp(void **state)
{
	cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char name[17];

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ktls_attach(fd), -ENOPROTOOPT);
	assert_int_equal(ktls_ulp(fd, name), -ENOPROTOOPT);
	assert_int_equal(ktls_attach(-1), -EBADF);
}

/* A socket that is only TCP. */
static void test_no_ulp(void **state)
{
	struct ktls_keys k = some_keys();
	struct ktls_mode mode;
	uint8_t type = 9;
	char buf[4];
	int fd[2];

	(void)state;
	pair(fd);
	assert_int_equal(ktls_install(fd[0], KTLS_TX, &k), -ENOPROTOOPT);
	assert_int_equal(ktls_mode(fd[0], KTLS_TX, &mode), -ENOPROTOOPT);
	assert_int_equal(ktls_set_option(fd[0], KTLS_TX_ZEROCOPY_RO, 1), -ENOPROTOOPT);
	assert_int_equal(ktls_set_option(fd[0], KTLS_RX_EXPECT_NO_PAD, 1), -ENOPROTOOPT);
	assert_int_equal(ktls_set_option(fd[0], KTLS_TX_MAX_PAYLOAD_LEN, 512),
			 -ENOPROTOOPT);
	assert_int_equal(ktls_set_option(fd[0], KTLS_TX_MAX_PAYLOAD_LEN, 65536 + 512),
			 -EINVAL);
	assert_int_equal(ktls_set_option(fd[0], KTLS_TX, 1), -EINVAL);
	assert_int_equal(fcntl(fd[1], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(ktls_recv_record(fd[1], &type, buf, sizeof(buf)), -EAGAIN);
	assert_int_equal(type, 0);
	assert_int_equal(send(fd[0], "abc", 3, 0), 3);
	assert_int_equal(ktls_recv_record(fd[1], &type, buf, sizeof(buf)), -ENOPROTOOPT);
	close(fd[0]);
	assert_int_equal(ktls_recv_record(fd[1], &type, buf, sizeof(buf)), 0);
	close(fd[1]);
}

/* Both directions through the kernel, where it can. */
static void test_transfer(void **state)
{
	struct ktls_keys k = some_keys();
	struct ktls_mode mode = { 0 };
	uint8_t type = 0;
	char buf[8] = "";
	int fd[2];

	(void)state;
	if (!tls_is_there())
		skip();
	pair(fd);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ktls_attach(fd[i]), 0);
		assert_int_equal(ktls_mode(fd[i], KTLS_TX, &mode), -EBUSY);
		assert_int_equal(ktls_install(fd[i], i ? KTLS_RX : KTLS_TX, &k), 0);
	}
	assert_int_equal(ktls_mode(fd[0], KTLS_TX, &mode), 0);
	assert_true(mode.version == KTLS_1_3 && mode.cipher == KTLS_AES_GCM_128);
	assert_int_equal(ktls_send_record(fd[0], KTLS_RECORD_ALERT, "\1", 2), 2);
	assert_int_equal(ktls_recv_record(fd[1], &type, buf, sizeof(buf)), 2);
	assert_int_equal(type, KTLS_RECORD_ALERT);
	assert_memory_equal(buf, "\1", 2);
	close(fd[0]);
	assert_int_equal(ktls_recv_record(fd[1], &type, buf, sizeof(buf)), 0);
	assert_int_equal(type, 0);
	close(fd[1]);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ONE("attach", test_attach),
		UNIT_ONE("not TCP", test_not_tcp),
		UNIT_ONE("no ULP", test_no_ulp),
		UNIT_ONE("transfer", test_transfer),
	};

	return unit_run("tls_socket", sets, ARRAY_SIZE(sets));
}
