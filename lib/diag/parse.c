// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/tcp.h>
#include <stddef.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "diag.h"

/* Longer ones are a later kernel's, and begin like ours. */
static bool get_u16(const struct nlattr *a, uint16_t *out)
{
	if (mnl_attr_get_payload_len(a) < sizeof(*out))
		return false;
	memcpy(out, mnl_attr_get_payload(a), sizeof(*out));
	return true;
}

static void get_conf(const struct nlattr *a, enum ktls_conf *out)
{
	uint16_t v;

	if (get_u16(a, &v))
		*out = v <= KTLS_CONF_HW_RECORD ? (enum ktls_conf)v : KTLS_CONF_UNKNOWN;
}

static void parse_tls(const struct nlattr *nest, struct diag_tls *tls)
{
	const struct nlattr *a;

	tls->present = true;
	mnl_attr_for_each_nested (a, nest) {
		switch (mnl_attr_get_type(a)) {
		case KTLS_INFO_VERSION:
			get_u16(a, &tls->version);
			break;
		case KTLS_INFO_CIPHER:
			get_u16(a, &tls->cipher);
			break;
		case KTLS_INFO_TXCONF:
			get_conf(a, &tls->tx);
			break;
		case KTLS_INFO_RXCONF:
			get_conf(a, &tls->rx);
			break;
		case KTLS_INFO_ZC_RO_TX:
			tls->zerocopy_ro = true;
			break;
		case KTLS_INFO_RX_NO_PAD:
			tls->no_pad = true;
			break;
		case KTLS_INFO_TX_MAX_PAYLOAD_LEN:
			get_u16(a, &tls->max_payload);
			break;
		}
	}
}

static void get_name(const struct nlattr *a, char out[17])
{
	size_t len = strnlen(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));

	memset(out, 0, 17);
	memcpy(out, mnl_attr_get_payload(a), len > 16 ? 16 : len);
}

/* The kernel nests these without setting NLA_F_NESTED; the type is masked either way. */
static void parse_ulp(const struct nlattr *nest, struct diag_socket *s)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested (a, nest) {
		switch (mnl_attr_get_type(a)) {
		case INET_ULP_INFO_NAME:
			get_name(a, s->ulp);
			break;
		case INET_ULP_INFO_TLS:
			parse_tls(a, &s->tls);
			break;
		}
	}
}

/* The struct has grown at its end with every other kernel. */
static void parse_tcp_info(const struct nlattr *a, struct diag_tcp *tcp)
{
	struct tcp_info info = { 0 };
	size_t len = mnl_attr_get_payload_len(a);

	memcpy(&info, mnl_attr_get_payload(a), len < sizeof(info) ? len : sizeof(info));
	tcp->present = true;
	tcp->rtt_us = info.tcpi_rtt;
	tcp->mss = info.tcpi_snd_mss;
	tcp->cwnd = info.tcpi_snd_cwnd;
	tcp->bytes_acked = info.tcpi_bytes_acked;
	tcp->bytes_received = info.tcpi_bytes_received;
	tcp->bytes_sent = info.tcpi_bytes_sent;
	tcp->bytes_retransmitted = info.tcpi_bytes_retrans;
}

static void set_end(struct diag_end *end, const void *addr, uint16_t port)
{
	memcpy(end->addr, addr, sizeof(end->addr));
	end->port = ntohs(port);
}

static void parse_fixed(const struct inet_diag_msg *m, struct diag_socket *s)
{
	s->family = m->idiag_family;
	s->state = m->idiag_state;
	set_end(&s->local, m->id.idiag_src, m->id.idiag_sport);
	set_end(&s->peer, m->id.idiag_dst, m->id.idiag_dport);
	s->ifindex = m->id.idiag_if;
	s->rqueue = m->idiag_rqueue;
	s->wqueue = m->idiag_wqueue;
	s->uid = m->idiag_uid;
	s->inode = m->idiag_inode;
	s->cookie = (uint64_t)m->id.idiag_cookie[1] << 32 | m->id.idiag_cookie[0];
}

bool parse_diag_socket(struct span message, struct diag_socket *out)
{
	const size_t fixed = MNL_ALIGN(sizeof(struct inet_diag_msg));
	const struct nlattr *attr; /* the macro's name for it */
	struct inet_diag_msg m;

	memset(out, 0, sizeof(*out));
	if (message.len < fixed)
		return false;
	memcpy(&m, message.p, sizeof(m));
	parse_fixed(&m, out);
	mnl_attr_for_each_payload ((void *)(message.p + fixed), message.len - fixed) {
		switch (mnl_attr_get_type(attr)) {
		case INET_DIAG_INFO:
			parse_tcp_info(attr, &out->tcp);
			break;
		case INET_DIAG_ULP_INFO:
			parse_ulp(attr, out);
			break;
		}
	}
	return true;
}
