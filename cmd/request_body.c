/* SPDX-License-Identifier: MIT */
/* Where the bodies of answers go: standard output, a file that appears when it is whole,
 * or something that is no file and is written as it is. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "request_priv.h"

int body_open(struct body_file *b, const struct settings *s)
{
	*b = (struct body_file){ .path = s->output, .fd = -1 };
	if (!s->output) {
		/* There stands the document. */
		b->fd = s->format == FORMAT_TEXT ? STDOUT_FILENO : -1;
		return 0;
	}
	if (output_is_special(s->output)) {
		b->fd = open(s->output, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		return b->fd < 0 ? -errno : 0;
	}
	if ((size_t)snprintf(b->tmp, sizeof(b->tmp), "%s.XXXXXX", s->output) >=
	    sizeof(b->tmp))
		return -ENAMETOOLONG;
	b->fd = mkostemp(b->tmp, O_CLOEXEC);
	if (b->fd < 0)
		b->tmp[0] = '\0';
	return b->fd < 0 ? -errno : 0;
}

int body_write(struct body_file *b, const char *p, size_t n)
{
	while (n && b->fd >= 0) {
		ssize_t done = write(b->fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done ? -errno : -EIO;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

static mode_t usual_mode(void)
{
	const mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

int body_close(struct body_file *b, bool whole)
{
	int err = 0;

	if (!b->path || b->fd < 0)
		return 0;
	if (*b->tmp && whole && (fchmod(b->fd, usual_mode()) || rename(b->tmp, b->path)))
		err = -errno;
	if (*b->tmp && (!whole || err))
		unlink(b->tmp);
	if (close(b->fd) && !err)
		err = -errno;
	b->fd = -1;
	return err;
}
