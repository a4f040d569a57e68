/* SPDX-License-Identifier: MIT */
/* Settings below /proc/sys, and the line of sysctl.d(5) that sets each at the next boot.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/cleanup.h"
#include "reader.h"

/* The one place for the names. */
static const char *const names[SYSCTL_COUNT] = {
	[SYSCTL_RMEM_MAX] = "net.core.rmem_max",
	[SYSCTL_WMEM_MAX] = "net.core.wmem_max",
	[SYSCTL_TCP_RMEM] = "net.ipv4.tcp_rmem",
	[SYSCTL_TCP_WMEM] = "net.ipv4.tcp_wmem",
	[SYSCTL_TCP_MEM] = "net.ipv4.tcp_mem",
	[SYSCTL_TCP_MODERATE_RCVBUF] = "net.ipv4.tcp_moderate_rcvbuf",
	[SYSCTL_TCP_WINDOW_SCALING] = "net.ipv4.tcp_window_scaling",
	[SYSCTL_TCP_SLOW_START_AFTER_IDLE] = "net.ipv4.tcp_slow_start_after_idle",
	[SYSCTL_TCP_CONGESTION_CONTROL] = "net.ipv4.tcp_congestion_control",
	[SYSCTL_DEFAULT_QDISC] = "net.core.default_qdisc",
	[SYSCTL_IO_URING_DISABLED] = "kernel.io_uring_disabled",
	[SYSCTL_TCP_NOTSENT_LOWAT] = "net.ipv4.tcp_notsent_lowat",
	[SYSCTL_TCP_KEEPALIVE_TIME] = "net.ipv4.tcp_keepalive_time",
	[SYSCTL_TCP_KEEPALIVE_INTVL] = "net.ipv4.tcp_keepalive_intvl",
	[SYSCTL_TCP_MAX_SYN_BACKLOG] = "net.ipv4.tcp_max_syn_backlog",
	[SYSCTL_TCP_MTU_PROBING] = "net.ipv4.tcp_mtu_probing",
	[SYSCTL_TCP_AVAILABLE_CONGESTION_CONTROL] =
		"net.ipv4.tcp_available_congestion_control",
	[SYSCTL_SOMAXCONN] = "net.core.somaxconn",
	[SYSCTL_BUSY_POLL] = "net.core.busy_poll",
	[SYSCTL_BUSY_READ] = "net.core.busy_read",
};

const char *sysctl_name(enum sysctl_key key)
{
	return names[key];
}

void parse_sysctl_value(struct span text, struct sysctl_value *out)
{
	struct span word;

	out->n = 0;
	while (next_word(&text, &word)) {
		if (out->n == ARRAY_SIZE(out->v) || !span_u64(word, &out->v[out->n])) {
			out->n = 0;
			return;
		}
		out->n++;
	}
}

/* sysctl.d takes net.ipv4.x and net/ipv4/x for the same. */
enum sysctl_key sysctl_find(struct span key)
{
	for (int i = 0; i < SYSCTL_COUNT; i++) {
		size_t n = 0;

		if (key.len != strlen(names[i]))
			continue;
		while (n < key.len && (key.p[n] == names[i][n] ||
				       (key.p[n] == '/' && names[i][n] == '.')))
			n++;
		if (n == key.len)
			return i;
	}
	return SYSCTL_COUNT;
}

/* Numbers and names: a remark behind them is nobody's business. */
static struct span plain(struct span value)
{
	size_t n = 0;

	while (n < value.len && value.p[n] != '#' && value.p[n] != ';')
		n++;
	return trimmed(span(value.p, n));
}

enum sysctl_key sysctl_by_name(const char *name)
{
	return sysctl_find(span(name, strlen(name)));
}

/* "-net.ipv4.tcp_rmem = 4096 131072 6291456"; the dash: errors are no matter. */
static enum sysctl_key parse_line(struct span line, struct span *value)
{
	struct span key;

	line = trimmed(line);
	if (!line.len || line.p[0] == '#' || line.p[0] == ';' ||
	    !cut_at(&line, '=', &key))
		return SYSCTL_COUNT;
	key = trimmed(key);
	if (key.len && key.p[0] == '-')
		key = trimmed(span(key.p + 1, key.len - 1));
	*value = plain(trimmed(line));
	return sysctl_find(key);
}

static bool is_known(struct span *line)
{
	struct span value;

	if (parse_line(*line, &value) == SYSCTL_COUNT)
		return false;
	/* With no value, the blanks behind "=" go too: filtering twice changes nothing.
	 */
	while (value.p > line->p && !value.len && value.p[-1] != '=')
		value.p--;
	line->len = (size_t)(value.p + value.len - line->p);
	return true;
}

void filter_sysctl(struct bytes *b)
{
	filter_lines(b, is_known);
}

int parse_sysctl_conf(struct span text, const char *file, struct arena *a,
		      struct sysctl_facts *out)
{
	struct span line, value;

	for (unsigned n = 1; next_line(&text, &line); n++) {
		enum sysctl_key key = parse_line(line, &value);
		struct sysctl_value *v;

		if (key == SYSCTL_COUNT)
			continue;
		v = &out->value[key];
		v->file = arena_strdup(a, file);
		v->file_value = arena_strndup(a, value.p, value.len);
		v->line = n;
		if (!v->file || !v->file_value)
			return -ENOMEM;
	}
	return 0;
}

static int read_value(struct host *h, struct facts *f, enum sysctl_key key)
{
	struct sysctl_value *v = &f->sysctl.value[key];
	char path[128], text[256];

	snprintf(path, sizeof(path), "/proc/sys/%s", names[key]);
	for (char *p = path + 10; *p; p++)
		*p = *p == '.' ? '/' : *p;
	v->text = "";
	v->err = host_read_line(h, path, text, sizeof(text));
	/* A snapshot from before anybody asked for the later ones. */
	if (v->err == -ENOENT && !f->live && !f->tuning.src.where &&
	    key >= SYSCTL_TCP_NOTSENT_LOWAT)
		v->err = -ENODATA;
	if (v->err)
		return 0;
	v->text = arena_strdup(f->arena, text);
	parse_sysctl_value(span(text, strlen(text)), v);
	return v->text ? 0 : -ENOMEM;
}

/* A file of sysctl.d; one in an earlier folder hides those of the same name. */
struct conf {
	const char *name, *dir;
};

struct confs {
	struct arena *arena;
	const char *dir;
	struct conf *v;
	size_t n;
};

static int add_conf(void *arg, const char *name)
{
	struct confs *c = arg;
	struct conf *v;

	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->v[i].name, name))
			return 0;
	v = arena_grow(c->arena, c->v, c->n, sizeof(*v));
	if (!v)
		return -ENOMEM;
	c->v = v;
	v[c->n] = (struct conf){ arena_strdup(c->arena, name), c->dir };
	return v[c->n++].name ? 0 : -ENOMEM;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct conf *)a)->name, ((const struct conf *)b)->name);
}

static int read_conf(struct host *h, struct facts *f, const char *dir, const char *name)
{
	const struct read_opts o = { .filter = filter_sysctl };
	cleanup_bytes struct bytes b = { 0 };
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	/* One that cannot be read hides an owner; the value itself is known all the same.
	 */
	if (host_read(h, path, &o, &b))
		return 0;
	return parse_sysctl_conf(span_of(&b), path, f->arena, &f->sysctl);
}

void read_sysctl(struct host *h, struct facts *f)
{
	static const char *const dirs[] = { "/etc/sysctl.d", "/run/sysctl.d",
					    "/usr/local/lib/sysctl.d",
					    "/usr/lib/sysctl.d" };
	struct confs c = { .arena = f->arena };
	int err = 0;

	f->sysctl.src = (struct source){ "/proc/sys", 0 };
	for (int i = 0; i < SYSCTL_COUNT && !err; i++)
		err = read_value(h, f, i);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		c.dir = dirs[i];
		host_list(h, dirs[i], is_conf, add_conf, &c);
	}
	if (c.n)
		qsort(c.v, c.n, sizeof(*c.v), by_name);
	for (size_t i = 0; i < c.n && !err; i++)
		err = read_conf(h, f, c.v[i].dir, c.v[i].name);
	/* procps reads it last; systemd does not, but where a link in sysctl.d says so.
	 */
	if (!err && host_exists(h, "/run/systemd/system"))
		err = read_conf(h, f, "/etc", "sysctl.conf");
	f->sysctl.src.err = err;
}
