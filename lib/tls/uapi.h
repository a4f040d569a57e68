/* SPDX-License-Identifier: MIT */
/*
 * The numbers of the kernel's TLS interface that this library speaks, up to Linux 7.3, so
 * that it builds with older headers and finds newer kernels all the same. The numbers are
 * those of <linux/tls.h> (GPL-2.0 WITH Linux-syscall-note), which is not copied here; the
 * names are our own, so that both can be included. A unit test holds them against the
 * header of the machine it is built on.
 */
#ifndef KTLS_UAPI_H
#define KTLS_UAPI_H

enum {
	KTLS_TCP_ULP = 31,  /* at level IPPROTO_TCP: attach by name */
	KTLS_SOL_TLS = 282, /* the level of everything below */
};

/* setsockopt(2), getsockopt(2) at KTLS_SOL_TLS, and the first kernel that has it. */
enum ktls_option {
	KTLS_TX = 1,                 /* 4.13: keys for sending */
	KTLS_RX = 2,                 /* 4.17: keys for receiving */
	KTLS_TX_ZEROCOPY_RO = 3,     /* 5.19 */
	KTLS_RX_EXPECT_NO_PAD = 4,   /* 6.0 */
	KTLS_TX_MAX_PAYLOAD_LEN = 5, /* 6.19 */
};

/* Control messages at KTLS_SOL_TLS: one byte, the record's type. */
enum { KTLS_SET_RECORD_TYPE = 1, KTLS_GET_RECORD_TYPE = 2 };

enum { KTLS_1_2 = 0x0303, KTLS_1_3 = 0x0304 };

enum {
	KTLS_AES_GCM_128 = 51,
	KTLS_AES_GCM_256 = 52,       /* 5.1 */
	KTLS_AES_CCM_128 = 53,       /* 5.2 */
	KTLS_CHACHA20_POLY1305 = 54, /* 5.11 */
	KTLS_SM4_GCM = 55,           /* 5.16 */
	KTLS_SM4_CCM = 56,
	KTLS_ARIA_GCM_128 = 57, /* 6.1 */
	KTLS_ARIA_GCM_256 = 58,
};

/* Who encrypts one direction, as sock_diag tells. */
enum ktls_conf {
	KTLS_CONF_UNKNOWN = 0,
	KTLS_CONF_BASE = 1, /* the ULP is attached, but has no keys for this direction */
	KTLS_CONF_SW = 2,
	KTLS_CONF_HW = 3,        /* said when keys were installed; not that it still is */
	KTLS_CONF_HW_RECORD = 4, /* gone since 7.2 */
};

/* Attributes inside the TLS nest of sock_diag's ULP information. */
enum {
	KTLS_INFO_VERSION = 1,   /* u16; absent before there are keys, as is the cipher */
	KTLS_INFO_CIPHER = 2,    /* u16 */
	KTLS_INFO_TXCONF = 3,    /* u16, enum ktls_conf */
	KTLS_INFO_RXCONF = 4,    /* u16 */
	KTLS_INFO_ZC_RO_TX = 5,  /* flag; only where the NIC encrypts */
	KTLS_INFO_RX_NO_PAD = 6, /* flag */
	KTLS_INFO_TX_MAX_PAYLOAD_LEN = 7 /* u16; 6.19 */
};

/* Record types. */
enum {
	KTLS_RECORD_CCS = 20,
	KTLS_RECORD_ALERT = 21,
	KTLS_RECORD_HANDSHAKE = 22,
	KTLS_RECORD_DATA = 23,
};

#endif
