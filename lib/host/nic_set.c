/* SPDX-License-Identifier: MIT */
/*
 * Settings of an interface over ethtool netlink (Linux 5.6; features 5.7). Attributes of
 * <linux/ethtool_netlink.h>; the kernel's own words are in ethtool-netlink.rst.
 */
#include <errno.h>
#include <linux/ethtool_netlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <string.h>

#include "cleanup.h"
#include "host_priv.h"

/* The header is the first attribute of every message of this family. */
enum { HEADER = ETHTOOL_A_RINGS_HEADER };

static const struct nic_number {
	uint8_t cmd;
	int attr;
	bool byte; /* u8, not u32 */
} numbers[] = {
	[HOST_NIC_RX_RING] = { ETHTOOL_MSG_RINGS_SET, ETHTOOL_A_RINGS_RX, false },
	[HOST_NIC_TX_RING] = { ETHTOOL_MSG_RINGS_SET, ETHTOOL_A_RINGS_TX, false },
	[HOST_NIC_CHANNELS] = { ETHTOOL_MSG_CHANNELS_SET,
				ETHTOOL_A_CHANNELS_COMBINED_COUNT, false },
	[HOST_NIC_RX_USECS] = { ETHTOOL_MSG_COALESCE_SET, ETHTOOL_A_COALESCE_RX_USECS,
				false },
	[HOST_NIC_TX_USECS] = { ETHTOOL_MSG_COALESCE_SET, ETHTOOL_A_COALESCE_TX_USECS,
				false },
	[HOST_NIC_ADAPTIVE_RX] = { ETHTOOL_MSG_COALESCE_SET,
				   ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX, true },
	[HOST_NIC_ADAPTIVE_TX] = { ETHTOOL_MSG_COALESCE_SET,
				   ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX, true },
};

/* The errno of the kernel, which libnl turns into a number of its own. */
static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	(void)from;
	*(int *)arg = e->error;
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	(void)msg;
	*(int *)arg = 0;
	return NL_STOP;
}

/* Sends msg and waits for the kernel's verdict, which stays in err when none comes. */
static int send_and_wait(struct nl_sock *sock, struct nl_msg *msg)
{
	int err = -EIO;

	if (nl_socket_modify_cb(sock, NL_CB_ACK, NL_CB_CUSTOM, on_ack, &err) ||
	    nl_socket_modify_err_cb(sock, NL_CB_CUSTOM, on_error, &err))
		return -ENOMEM;
	if (nl_send_auto(sock, msg) < 0)
		return -EIO;
	nl_recvmsgs_default(sock);
	return err;
}

static int open_family(struct nl_sock *sock, int *family)
{
	if (!sock)
		return -ENOMEM;
	if (genl_connect(sock))
		return -EIO;
	*family = genl_ctrl_resolve(sock, ETHTOOL_GENL_NAME);
	return *family < 0 ? -EOPNOTSUPP : 0;
}

static struct nl_msg *message(int family, uint8_t cmd, unsigned ifindex)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct nlattr *header;

	if (!msg)
		return NULL;
	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_REQUEST | NLM_F_ACK,
		    cmd, ETHTOOL_GENL_VERSION);
	header = nla_nest_start(msg, HEADER | NLA_F_NESTED);
	nla_put_u32(msg, ETHTOOL_A_HEADER_DEV_INDEX, ifindex);
	nla_put_u32(msg, ETHTOOL_A_HEADER_FLAGS, ETHTOOL_FLAG_OMIT_REPLY);
	nla_nest_end(msg, header);
	return msg;
}

/* WANTED of FEATURES_SET: a bitset with one bit, by its name. */
static void put_feature(struct nl_msg *msg, const char *feature, bool on)
{
	struct nlattr *set = nla_nest_start(msg,
					    ETHTOOL_A_FEATURES_WANTED | NLA_F_NESTED);
	struct nlattr *bits = nla_nest_start(msg, ETHTOOL_A_BITSET_BITS | NLA_F_NESTED);
	struct nlattr *bit = nla_nest_start(msg,
					    ETHTOOL_A_BITSET_BITS_BIT | NLA_F_NESTED);

	nla_put_string(msg, ETHTOOL_A_BITSET_BIT_NAME, feature);
	if (on)
		nla_put_flag(msg, ETHTOOL_A_BITSET_BIT_VALUE);
	nla_nest_end(msg, bit);
	nla_nest_end(msg, bits);
	nla_nest_end(msg, set);
}

struct order {
	const char *device, *feature; /* feature NULL: number */
	const struct nic_number *number;
	uint32_t value;
};

static int carry_out(const struct order *o, struct nl_sock *sock)
{
	unsigned ifindex = if_nametoindex(o->device);
	struct nl_msg *msg;
	int family, err;

	if (!ifindex)
		return -ENODEV;
	err = open_family(sock, &family);
	if (err)
		return err;
	msg = message(family, o->feature ? ETHTOOL_MSG_FEATURES_SET : o->number->cmd,
		      ifindex);
	if (!msg)
		return -ENOMEM;
	if (o->feature)
		put_feature(msg, o->feature, o->value);
	else if (o->number->byte)
		nla_put_u8(msg, o->number->attr, (uint8_t)o->value);
	else
		nla_put_u32(msg, o->number->attr, o->value);
	err = send_and_wait(sock, msg);
	nlmsg_free(msg);
	return err;
}

static int set(struct host *h, const struct order *o)
{
	int err = change_begin(h, "ethtool", o->device, NULL);

	if (!err && host_is_live(h)) {
		struct nl_sock *sock = nl_socket_alloc();

		err = carry_out(o, sock);
		nl_socket_free(sock);
	} else if (!err) {
		err = -EROFS;
	}
	return host_note(h, "ethtool", o->device, err > 0 ? 0 : err);
}

int host_set_nic_number(struct host *h, const char *device, enum host_nic_number which,
			uint32_t value)
{
	const struct order o = { device, NULL, &numbers[which], value };

	return set(h, &o);
}

int host_set_nic_feature(struct host *h, const char *device, const char *feature, bool on)
{
	const struct order o = { device, feature, NULL, on };

	return set(h, &o);
}
