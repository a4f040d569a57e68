/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../host/cleanup.h"
#include "reader.h"
#include "snapshot.h"

/* What facts_query.probe finds by trying; nothing of it is read. */
static void read_probe(struct host *h, struct facts *f)
{
	int err = f->live && f->query.probe ? f->query.probe(f) : 0;

	(void)h;
	if (err)
		f->probe.src = (struct source){ "loopback", err };
}

/* The groups, in the order they are read: a reader may use what stands above it. */
static const struct {
	unsigned bit;
	const char *name;
	size_t src;
	void (*read)(struct host *h, struct facts *f);
	unsigned after; /* groups the reader looks at */
} groups[] = {
	{ FACT_OS, "os", offsetof(struct facts, os.src), read_os, 0 },
	{ FACT_KERNEL, "kernel", offsetof(struct facts, kernel.src), read_kernel, 0 },
	{ FACT_KCONFIG, "kconfig", offsetof(struct facts, kconfig.src), read_kconfig,
	  FACT_KERNEL },
	{ FACT_MODULE, "module", offsetof(struct facts, module.src), read_module,
	  FACT_KERNEL },
	{ FACT_MODPROBE, "modprobe", offsetof(struct facts, modprobe.src), read_modprobe,
	  FACT_KCONFIG },
	{ FACT_BOOT, "boot", offsetof(struct facts, boot.src), read_boot, 0 },
	{ FACT_ULP, "ulp", offsetof(struct facts, ulp.src), read_ulp, 0 },
	{ FACT_TLS_STAT, "tls_stat", offsetof(struct facts, tls_stat.src), read_tls_stat,
	  0 },
	{ FACT_CRYPTO, "crypto", offsetof(struct facts, crypto.src), read_crypto, 0 },
	{ FACT_CIPHERS, "ciphers", offsetof(struct facts, ciphers.src), read_ciphers, 0 },
	{ FACT_CPU, "cpu", offsetof(struct facts, cpu.src), read_cpu, 0 },
	{ FACT_FIPS, "fips", offsetof(struct facts, fips.src), read_fips, 0 },
	{ FACT_CALLER, "caller", offsetof(struct facts, caller.src), read_caller, 0 },
	{ FACT_CONTAINER, "container", offsetof(struct facts, container.src),
	  read_container, FACT_KERNEL | FACT_CALLER },
	{ FACT_OPENSSL, "openssl", offsetof(struct facts, openssl.src), read_openssl, 0 },
	{ FACT_OPENSSL_CNF, "openssl_cnf", offsetof(struct facts, openssl_cnf.src),
	  read_openssl_cnf, FACT_OPENSSL },
	{ FACT_LIBSSL_COPIES, "libssl_copies", offsetof(struct facts, libssl_copies.src),
	  read_libssl_copies, FACT_OPENSSL },
	{ FACT_NICS, "nics", offsetof(struct facts, nics.src), read_nics, 0 },
	{ FACT_SYSCTL, "sysctl", offsetof(struct facts, sysctl.src), read_sysctl, 0 },
	{ FACT_POWER, "power", offsetof(struct facts, power.src), read_power, 0 },
	{ FACT_TUNERS, "tuners", offsetof(struct facts, tuners.src), read_tuners,
	  FACT_SYSCTL },
	{ FACT_ETHTOOL, "ethtool", offsetof(struct facts, ethtool.src), read_ethtool,
	  FACT_NICS },
	{ FACT_NIC_STATS, "nic_stats", offsetof(struct facts, nic_stats.src),
	  read_nic_stats, FACT_NICS },
	{ FACT_TOPOLOGY, "topology", offsetof(struct facts, topology.src), read_topology,
	  FACT_NICS },
	{ FACT_TCP, "tcp", offsetof(struct facts, tcp.src), read_tcp, 0 },
	{ FACT_MPTCP, "mptcp", offsetof(struct facts, mptcp.src), read_mptcp, 0 },
	{ FACT_SOCKMAP, "sockmap", offsetof(struct facts, sockmap.src), read_sockmap, 0 },
	{ FACT_PROGRAMS, "programs", offsetof(struct facts, programs.src), read_programs,
	  FACT_OPENSSL },
	{ FACT_CONSUMERS, "consumers", offsetof(struct facts, consumers.src),
	  read_consumers, FACT_PROGRAMS },
	{ FACT_POLICY, "policy", offsetof(struct facts, policy.src), read_policy, 0 },
	{ FACT_PROBE, "probe", offsetof(struct facts, probe.src), read_probe,
	  FACT_ULP | FACT_MODULE | FACT_TLS_STAT | FACT_CRYPTO },
	{ FACT_TUNING, "tuning", offsetof(struct facts, tuning.src), read_tuning,
	  FACT_NICS },
};

static struct facts *facts_new(const struct host *h)
{
	struct facts *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->arena = arena_new();
	if (!f->arena) {
		free(f);
		return NULL;
	}
	f->live = host_is_live(h);
	f->time = (uint64_t)time(NULL);
	f->name = "";
	return f;
}

static unsigned with_dependencies(unsigned mask)
{
	for (size_t i = ARRAY_SIZE(groups); i-- > 0;)
		if (mask & groups[i].bit)
			mask |= groups[i].after;
	return mask;
}

/* What was asked for by name has to be there. 0 or -errno with a sentence. */
static int find_subjects(struct facts *f, char *err, size_t errsize)
{
	const char *device = f->query.device;
	int ret = nics_choose(f, device);

	if (ret) {
		snprintf(err, errsize, "--device: there is no interface '%s' here",
			 device);
		return ret;
	}
	ret = f->programs.target.asked ? f->programs.target.err : 0;
	if (ret == -ESRCH)
		snprintf(err, errsize, "--pid: there is no process %" PRIu64,
			 f->query.pid);
	return ret == -ESRCH ? ret : 0;
}

int facts_read(struct host *h, const struct facts_query *q, struct facts **out, char *err,
	       size_t errsize)
{
	struct facts *f = facts_new(h);
	int ret = f ? 0 : -ENOMEM;
	unsigned mask;

	*out = NULL;
	if (ret)
		snprintf(err, errsize, "out of memory");
	if (!ret && !f->live)
		ret = snapshot_load(h, f, err, errsize);
	if (ret) {
		facts_free(f);
		return ret;
	}
	f->query = *q;
	mask = with_dependencies(q->mask | (q->device ? FACT_NICS : 0));
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (mask & groups[i].bit)
			groups[i].read(h, f);
	if (f->live && f->kernel.nodename)
		f->name = f->kernel.nodename;
	ret = find_subjects(f, err, errsize);
	if (ret) {
		facts_free(f);
		return ret;
	}
	*out = f;
	return 0;
}

void facts_set_name(struct facts *f, const char *name, size_t len)
{
	const char *copy = arena_strndup(f->arena, name, len);

	if (copy)
		f->name = copy;
}

void facts_free(struct facts *f)
{
	if (!f)
		return;
	arena_free(f->arena);
	free(f);
}

const struct source *facts_source(const struct facts *f, unsigned bit)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (groups[i].bit == bit)
			return (const struct source *)((const char *)f + groups[i].src);
	return NULL;
}

const char *facts_group_name(unsigned bit)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (groups[i].bit == bit)
			return groups[i].name;
	return "?";
}

/* The number at *s and the dot behind it are cut off; false when there is none. */
static bool next_number(const char **s, unsigned long *v)
{
	*v = 0;
	if (**s < '0' || **s > '9')
		return false;
	while (**s >= '0' && **s <= '9')
		*v = *v * 10 + (unsigned long)(*(*s)++ - '0');
	if (**s == '.')
		++*s;
	return true;
}

int version_compare(const char *a, const char *b)
{
	for (;;) {
		unsigned long x, y;
		bool more = next_number(&a, &x);

		more |= next_number(&b, &y);
		if (x != y)
			return x < y ? -1 : 1;
		if (!more)
			return 0;
	}
}

bool facts_ulp_proven(const struct facts *f)
{
	return (!f->ulp.src.err && f->ulp.tls) || f->module.loaded || f->tls_stat.present;
}

bool facts_ulp_absent(const struct facts *f)
{
	return !facts_ulp_proven(f) && ((f->ulp.src.where && !f->ulp.src.err) ||
					(f->module.src.where && !f->module.src.err));
}
