/* SPDX-License-Identifier: MIT */
/* /etc/os-release: which distribution, for the right package names in remedies. */
#include <errno.h>

#include "../host/cleanup.h"
#include "reader.h"

static const struct {
	const char *key;
	size_t off;
} keys[] = {
	{ "ID=", offsetof(struct os_facts, id) },
	{ "ID_LIKE=", offsetof(struct os_facts, id_like) },
	{ "VERSION_ID=", offsetof(struct os_facts, version_id) },
	{ "PRETTY_NAME=", offsetof(struct os_facts, pretty_name) },
};

static bool known_key(struct span *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (span_starts(*line, keys[i].key))
			return true;
	return false;
}

void filter_os_release(struct bytes *b)
{
	filter_lines(b, known_key);
}

static struct span unquoted(struct span v)
{
	v = trimmed(v);
	if (v.len >= 2 && (v.p[0] == '"' || v.p[0] == '\'') && v.p[v.len - 1] == v.p[0])
		return span(v.p + 1, v.len - 2);
	return v;
}

int parse_os_release(struct span text, struct arena *a, struct os_facts *out)
{
	struct span line;

	out->id = out->id_like = out->version_id = out->pretty_name = "";
	while (next_line(&text, &line)) {
		struct span key, value = line;

		for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
			const char **at = (const char **)((char *)out + keys[i].off);

			if (!span_starts(line, keys[i].key))
				continue;
			cut_at(&value, '=', &key);
			value = unquoted(value);
			*at = arena_strndup(a, value.p, value.len);
			if (!*at)
				return -ENOMEM;
			break;
		}
	}
	return 0;
}

void read_os(struct host *h, struct facts *f)
{
	static const char *const paths[] = { "/etc/os-release", "/usr/lib/os-release" };
	const struct read_opts o = { .max = 65536, .filter = filter_os_release };

	f->os = (struct os_facts){ { paths[0], 0 }, "", "", "", "" };
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		cleanup_bytes struct bytes b = { 0 };
		int err = host_read(h, paths[i], &o, &b);

		f->os.src = (struct source){ paths[i], err };
		if (!err)
			f->os.src.err = parse_os_release(span_of(&b), f->arena, &f->os);
		if (err != -ENOENT)
			return;
	}
}
