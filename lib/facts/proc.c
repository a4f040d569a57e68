/* SPDX-License-Identifier: MIT */
/* Small readers of one /proc file each: the ULP list, tls_stat, FIPS. */
#include <errno.h>
#include <string.h>

#include "../host/cleanup.h"
#include "reader.h"

void read_ulp(struct host *h, struct facts *f)
{
	static const char path[] = "/proc/sys/net/ipv4/tcp_available_ulp";
	struct span rest, word;
	char buf[1024];

	f->ulp.src = (struct source){ path, host_read_line(h, path, buf, sizeof(buf)) };
	if (f->ulp.src.err)
		return;
	f->ulp.text = arena_strdup(f->arena, buf);
	rest = span(buf, strlen(buf));
	/* The file says mptcp on every kernel: only the word itself proves anything. */
	while (next_word(&rest, &word))
		f->ulp.tls |= span_is(word, "tls");
}

int parse_tls_stat(struct span text, struct arena *a, struct tls_stat_facts *out)
{
	struct span line;

	while (next_line(&text, &line)) {
		struct span name, number, extra;
		struct counter *c;
		uint64_t v;

		if (!next_word(&line, &name))
			continue;
		if (!next_word(&line, &number) || !span_u64(number, &v) ||
		    next_word(&line, &extra)) {
			out->skipped++;
			continue;
		}
		c = arena_grow(a, out->counters, out->n_counters, sizeof(*c));
		if (!c)
			return -ENOMEM;
		out->counters = c;
		c += out->n_counters++;
		c->name = arena_strndup(a, name.p, name.len);
		c->value = v;
		if (!c->name)
			return -ENOMEM;
	}
	return 0;
}

void read_tls_stat(struct host *h, struct facts *f)
{
	static const char path[] = "/proc/net/tls_stat";
	const struct read_opts o = { .max = 65536 };
	cleanup_bytes struct bytes b = { 0 };
	int err = host_read(h, path, &o, &b);

	f->tls_stat.src = (struct source){ path, err == -ENOENT ? 0 : err };
	if (err)
		return;
	f->tls_stat.present = true;
	f->tls_stat.src.err = parse_tls_stat(span_of(&b), f->arena, &f->tls_stat);
	if (!f->tls_stat.src.err && !f->tls_stat.n_counters)
		f->tls_stat.src.err = -EBADMSG;
}

uint64_t tls_stat_get(const struct tls_stat_facts *s, const char *name, uint64_t fallback)
{
	for (size_t i = 0; i < s->n_counters; i++)
		if (!strcmp(s->counters[i].name, name))
			return s->counters[i].value;
	return fallback;
}

void read_fips(struct host *h, struct facts *f)
{
	static const char path[] = "/proc/sys/crypto/fips_enabled";
	char buf[16];
	int err = host_read_line(h, path, buf, sizeof(buf));

	f->fips.src = (struct source){ path, err == -ENOENT ? 0 : err };
	f->fips.present = !err;
	f->fips.enabled = !err && buf[0] == '1';
	if (!err && strcmp(buf, "0") && strcmp(buf, "1"))
		f->fips.src.err = -EBADMSG;
}
