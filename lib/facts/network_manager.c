/* SPDX-License-Identifier: MIT */
/*
 * Which interfaces NetworkManager has a connection on, and what that sets of ethtool's.
 * State files of devices and keyfiles of connections, nm-settings-keyfile(5). Keyfiles
 * have passwords, and names that are those of places and people: nothing but what is
 * asked for is looked at, and nothing of it goes into a snapshot.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "ini.h"
#include "reader.h"

#define DEVICES     "/run/NetworkManager/devices"
#define CONNECTIONS "NetworkManager/system-connections"

static bool is_ethtools(struct span key)
{
	return span_starts(key, "feature-") || span_starts(key, "ring-") ||
	       span_starts(key, "coalesce-") || span_starts(key, "channels-");
}

static bool keep(struct span *line)
{
	struct span rest = trimmed(*line), key;

	*line = rest;
	if (rest.len && rest.p[0] == '[') {
		if (!span_is(rest, "[device]") && !span_is(rest, "[connection]") &&
		    !span_is(rest, "[ethtool]") && rest.len > 1)
			*line = span("[]", 2);
		return true;
	}
	if (!rest.len || rest.p[0] == '#' || !cut_at(&rest, '=', &key))
		return false;
	key = trimmed(key);
	return span_is(key, "uuid") || span_is(key, "connection-uuid") ||
	       span_is(key, "managed") || is_ethtools(key);
}

void filter_nm(struct bytes *b)
{
	filter_lines(b, keep);
}

struct nm_parse {
	struct arena *arena;
	struct nm_device *out;
	const char *file;
	char uuid[64];
};

static int add_setting(struct nm_parse *p, const struct ini_line *l)
{
	struct nm_device *d = p->out;
	struct nm_setting *v = arena_grow(p->arena, d->settings, d->n_settings,
					  sizeof(*v));

	if (!v)
		return -ENOMEM;
	d->settings = v;
	v += d->n_settings++;
	*v = (struct nm_setting){ arena_strdup(p->arena, l->key),
				  arena_strdup(p->arena, l->value), p->file, l->number };
	return v->key && v->value ? 0 : -ENOMEM;
}

static int on_line(void *arg, const struct ini_line *l)
{
	struct nm_parse *p = arg;

	if (!strcmp(l->section, "device") && !strcmp(l->key, "managed"))
		p->out->managed = !strcmp(l->value, "true");
	else if ((!strcmp(l->section, "device") && !strcmp(l->key, "connection-uuid")) ||
		 (!strcmp(l->section, "connection") && !strcmp(l->key, "uuid")))
		snprintf(p->uuid, sizeof(p->uuid), "%s", l->value);
	else if (!strcmp(l->section, "ethtool") &&
		 is_ethtools(span(l->key, strlen(l->key))))
		return add_setting(p, l);
	return 0;
}

int parse_nm_device(struct span text, struct arena *a, struct nm_device *out)
{
	struct nm_parse p = { .arena = a, .out = out };
	unsigned bad;
	int err = ini_walk(text, on_line, &p, &bad);

	out->settings = NULL;
	out->n_settings = 0;
	out->uuid = arena_strdup(a, p.uuid);
	return err ? err : out->uuid ? 0 : -ENOMEM;
}

int parse_nm_connection(struct span text, const char *file, struct arena *a,
			struct nm_device *out)
{
	struct nm_device found = *out;
	struct nm_parse p = { .arena = a, .out = &found, .file = file };
	unsigned bad;
	int err = ini_walk(text, on_line, &p, &bad);

	if (err)
		return err;
	if (!*p.uuid || strcmp(p.uuid, out->uuid) != 0)
		return -ENOENT;
	out->settings = found.settings;
	out->n_settings = found.n_settings;
	return 0;
}

struct nm_read {
	struct host *h;
	struct facts *f;
	const char *dir;
	struct nm_device *device;
};

static int read_filtered(struct host *h, const char *path, struct bytes *b)
{
	const struct read_opts o = { .max = 1 << 20,
				     .unrecorded = true,
				     .filter = filter_nm };

	return host_read(h, path, &o, b);
}

/* 1: this is the connection of the device. */
static int try_connection(void *arg, const char *name)
{
	struct nm_read *r = arg;
	cleanup_bytes struct bytes b = { 0 };
	const char *path = arena_printf(r->f->arena, "%s/%s", r->dir, name);
	int err = path ? read_filtered(r->h, path, &b) : -ENOMEM;

	if (!err)
		err = parse_nm_connection(span_of(&b), path, r->f->arena, r->device);
	if (!err)
		return 1;
	if (err != -ENOENT && err != -ENOMEM && err != -EINVAL)
		r->device->err = err;
	return err == -ENOMEM ? err : 0;
}

static int read_connection(struct nm_read *r)
{
	static const char *const dirs[] = { "/run/" CONNECTIONS, "/etc/" CONNECTIONS,
					    "/usr/lib/" CONNECTIONS };
	int found = 0;

	for (size_t i = 0; i < ARRAY_SIZE(dirs) && !found; i++) {
		r->dir = dirs[i];
		found = host_scan(r->h, dirs[i], try_connection, r);
		if (found == -EACCES)
			r->device->err = found;
		if (found < 0 && found != -ENOMEM)
			found = 0;
	}
	if (found == 1)
		r->device->err = 0;
	return found == -ENOMEM ? found : 0;
}

static int add_device(void *arg, const char *name)
{
	struct nm_read *r = arg;
	struct tuners_facts *t = &r->f->tuners;
	struct nm_device d = { 0 }, *v;
	cleanup_bytes struct bytes b = { 0 };
	char path[128];
	int err;

	snprintf(path, sizeof(path), DEVICES "/%.20s", name);
	if (!span_u64(span(name, strlen(name)), &d.ifindex) ||
	    read_filtered(r->h, path, &b))
		return 0;
	err = parse_nm_device(span_of(&b), r->f->arena, &d);
	if (!err && d.managed && *d.uuid) {
		r->device = &d;
		err = read_connection(r);
	}
	v = err ? NULL : arena_grow(r->f->arena, t->nm, t->n_nm, sizeof(*v));
	if (!v)
		return -ENOMEM;
	t->nm = v;
	v[t->n_nm++] = d;
	return 0;
}

int read_nm(struct host *h, struct facts *f)
{
	struct nm_read r = { .h = h, .f = f };

	return host_scan(h, DEVICES, add_device, &r) == -ENOMEM ? -ENOMEM : 0;
}
