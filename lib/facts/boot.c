/* SPDX-License-Identifier: MIT */
/* What loads the tls module at boot: modules-load.d(5) and Debian's /etc/modules. */
#include <errno.h>
#include <stdio.h>

#include "../host/cleanup.h"
#include "reader.h"

static bool names_tls(struct span *line)
{
	struct span rest = *line, word;

	return next_word(&rest, &word) && span_is(word, "tls");
}

void filter_boot(struct bytes *b)
{
	filter_lines(b, names_tls);
}

int parse_boot_list(struct span text, const char *file, struct arena *a,
		    struct boot_facts *out)
{
	struct span line;

	for (unsigned n = 1; next_line(&text, &line); n++) {
		const char **v;

		if (!names_tls(&line))
			continue;
		v = arena_grow(a, out->files, out->n_files, sizeof(*v));
		if (!v)
			return -ENOMEM;
		out->files = v;
		v[out->n_files] = arena_printf(a, "%s:%u", file, n);
		if (!v[out->n_files++])
			return -ENOMEM;
	}
	return 0;
}

struct boot_dir {
	struct host *h;
	struct facts *f;
	const char *dir;
};

static int read_list(struct host *h, struct facts *f, const char *path)
{
	const struct read_opts o = { .filter = filter_boot };
	cleanup_bytes struct bytes b = { 0 };
	int err = host_read(h, path, &o, &b);

	if (err)
		return err == -ENOENT ? 0 : err;
	return parse_boot_list(span_of(&b), path, f->arena, &f->boot);
}

static int read_entry(void *arg, const char *name)
{
	const struct boot_dir *d = arg;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	return read_list(d->h, d->f, path);
}

void read_boot(struct host *h, struct facts *f)
{
	static const char *const dirs[] = { "/etc/modules-load.d", "/run/modules-load.d",
					    "/usr/local/lib/modules-load.d",
					    "/usr/lib/modules-load.d" };

	f->boot.src = (struct source){ "/etc/modules-load.d", 0 };
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		struct boot_dir d = { h, f, dirs[i] };
		int err = host_list(h, dirs[i], is_conf, read_entry, &d);

		if (err && err != -ENOENT)
			f->boot.src = (struct source){ dirs[i], err };
	}
	/* Debian links it into modules-load.d; elsewhere it means nothing, and is absent.
	 */
	if (!f->boot.n_files && read_list(h, f, "/etc/modules"))
		f->boot.src = (struct source){ "/etc/modules", -EIO };
}
