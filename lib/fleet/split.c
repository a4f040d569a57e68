/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "split.h"

enum { SPLIT_FIRST = 64 << 10 };

void split_free(struct split *s)
{
	free(s->buf);
	s->buf = NULL;
}

/* Hands on what lies before scan. */
static int give(struct split *s)
{
	struct piece p = { s->buf + s->begin, s->scan - s->begin, s->first + 1 };
	char behind = s->buf[s->scan];
	int err = 0;

	if (s->skipping)
		p = (struct piece){ .line = s->first + 1 };
	s->buf[s->scan] = '\0';
	if (p.len || s->skipping)
		err = s->piece(&p, s->arg);
	s->buf[s->scan] = behind;
	s->begin = s->scan;
	s->first = s->lines;
	s->skipping = false;
	return err;
}

static int grow(struct split *s)
{
	size_t size = s->size ? s->size * 2 : SPLIT_FIRST;
	char *buf = realloc(s->buf, size + 1);

	if (!buf)
		return -ENOMEM;
	s->buf = buf;
	s->size = size;
	return 0;
}

char *split_room(struct split *s, size_t *n)
{
	if (s->skipping)
		s->begin = s->scan;
	if (s->begin) {
		memmove(s->buf, s->buf + s->begin, s->end - s->begin);
		s->scan -= s->begin;
		s->end -= s->begin;
		s->begin = 0;
	}
	if (s->end == s->size && s->size >= SPLIT_MAX) {
		s->skipping = true;
		return split_room(s, n);
	}
	if (s->end == s->size && grow(s))
		return NULL;
	*n = s->size - s->end;
	return s->buf + s->end;
}

int split_got(struct split *s, size_t n)
{
	int err = 0;

	s->end += n;
	s->bytes += n;
	while (!err && s->scan < s->end) {
		char *nl = memchr(s->buf + s->scan, '\n', s->end - s->scan);

		s->scan = nl ? (size_t)(nl - s->buf) : s->end;
		/* What stands behind it has not come yet. */
		if (s->scan + 1 >= s->end)
			break;
		s->scan++;
		s->lines++;
		if (s->buf[s->scan] == '{')
			err = give(s);
	}
	return err;
}

int split_end(struct split *s)
{
	s->scan = s->end;
	return s->buf ? give(s) : 0;
}

int split_fd(struct split *s, int fd, int *read_err)
{
	ssize_t got;
	int err = 0;

	*read_err = 0;
	do {
		size_t n;
		char *room = split_room(s, &n);

		if (!room)
			return -ENOMEM;
		do
			got = read(fd, room, n);
		while (got < 0 && errno == EINTR);
		if (got > 0)
			err = split_got(s, (size_t)got);
	} while (got > 0 && !err);
	*read_err = got < 0 ? -errno : 0;
	return err ? err : split_end(s);
}
