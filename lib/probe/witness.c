// SPDX-License-Identifier: MIT
/*
 * What the kernel says of a connection of libssl, and what follows when libssl, the
 * sockets and the counters do or do not say the same.
 */
#include <errno.h>
#include <unistd.h>

#include "../diag/diag.h"
#include "../host/cleanup.h"
#include "../host/host.h"
#include "handshake.h"

static enum tristate has_keys(int fd, enum ktls_option direction, struct kernel_says *out)
{
	struct ktls_mode m;

	switch (ktls_mode(fd, direction, &m)) {
	case 0:
		out->version = m.version;
		out->cipher = m.cipher;
		return TRI_YES;
	case -EBUSY:
	case -ENOPROTOOPT:
		return TRI_NO;
	default:
		return TRI_UNKNOWN;
	}
}

/* sock_diag says who encrypts; where it may not be asked, or shows nothing of the ULP
 * (see diag.h), the socket itself says whether there are keys. */
void kernel_ask(int fd, struct kernel_says *out)
{
	struct diag_socket s;

	*out = (struct kernel_says){ 0 };
	if (diag_lookup_fd(fd, &s) || !s.tls.present) {
		out->tx = has_keys(fd, KTLS_TX, out);
		out->rx = has_keys(fd, KTLS_RX, out);
		return;
	}
	out->tx = s.tls.tx > KTLS_CONF_BASE ? TRI_YES : TRI_NO;
	out->rx = s.tls.rx > KTLS_CONF_BASE ? TRI_YES : TRI_NO;
	out->version = s.tls.version;
	out->cipher = s.tls.cipher;
}

int counts_read(struct tls_counts *out)
{
	const struct facts_query q = { .mask = FACT_TLS_STAT };
	cleanup_host struct host *h = NULL;
	struct facts *f = NULL;
	char text[256];
	int err;

	*out = (struct tls_counts){ 0 };
	if (host_open(&h, NULL) || facts_read(h, &q, &f, text, sizeof(text)))
		return -ENOMEM;
	err = f->tls_stat.src.err;
	out->present = f->tls_stat.present && !err;
	out->tx = tls_stat_get(&f->tls_stat, "TlsTxSw", 0) +
		  tls_stat_get(&f->tls_stat, "TlsTxDevice", 0);
	out->rx = tls_stat_get(&f->tls_stat, "TlsRxSw", 0) +
		  tls_stat_get(&f->tls_stat, "TlsRxDevice", 0);
	facts_free(f);
	return 0;
}

int kernel_refuses(const struct handshake_plan *row, enum ktls_option direction,
		   bool *ulp)
{
	const struct ktls_keys k = { .version = row->version, .cipher = row->cipher };
	int fd[TLS_ENDS], err;

	*ulp = false;
	err = loopback_pair(fd);
	if (err)
		return err;
	err = ktls_attach(fd[TLS_CLIENT]);
	*ulp = !err;
	if (!err && row->cipher)
		err = ktls_install(fd[TLS_CLIENT], direction, &k);
	close(fd[TLS_CLIENT]);
	close(fd[TLS_SERVER]);
	return err;
}

bool direction_in_kernel(const struct direction_saw *s)
{
	return s->bio[TLS_CLIENT] && s->kernel[TLS_CLIENT] != TRI_NO;
}

/* How many ends libssl counts. */
static uint64_t ends(const struct direction_saw *s)
{
	return (uint64_t)s->bio[TLS_CLIENT] + s->bio[TLS_SERVER];
}

bool direction_counted(const struct direction_saw *s)
{
	if (!s->counts_known || !s->counted)
		return false;
	/* What others opened meanwhile is no witness. */
	return s->private_netns || (ends(s) && s->counted >= ends(s));
}

bool direction_agreed(const struct direction_saw *s)
{
	for (int i = 0; i < TLS_ENDS; i++)
		if (s->kernel[i] != TRI_UNKNOWN && s->bio[i] != (s->kernel[i] == TRI_YES))
			return false;
	return true;
}

bool direction_agrees(const struct direction_saw *s)
{
	if (!direction_agreed(s) || s->other_keys ||
	    s->bio[TLS_CLIENT] != s->bio[TLS_SERVER])
		return false;
	if (!s->counts_known)
		return true;
	return s->private_netns ? s->counted == ends(s) : s->counted >= ends(s);
}

/* What ended the connection was the data, not that something took too long. */
static bool is_broken(const struct shake_end *e)
{
	if (e->step < SHAKE_DATA || !e->err)
		return false;
	return e->err == -EPROTO || e->err == -EILSEQ || e->err == -EPIPE ||
	       e->err == -EBADMSG || e->err == -ECONNRESET || e->err == -EIO;
}

enum probe_verdict handshake_verdict(const struct direction_saw *s,
				     const struct shake_end *e, int refused, bool ulp)
{
	if (e->step == SHAKE_OPEN && e->err == -ENOTSUP)
		return PROBE_NO_CRYPTO;
	if (is_broken(e))
		return PROBE_BROKEN;
	if (e->step != SHAKE_DONE)
		return PROBE_UNKNOWN;
	/* One of them encrypts twice, or nobody does. */
	if (!direction_agreed(s))
		return PROBE_BROKEN;
	if (direction_in_kernel(s))
		return PROBE_WORKS;
	if (ulp && refused == -ENOENT)
		return PROBE_NO_CRYPTO;
	if (ulp && refused == -EINVAL)
		return PROBE_NOT_IN_KERNEL;
	return PROBE_USER_SPACE;
}
