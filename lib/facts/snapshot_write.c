/* SPDX-License-Identifier: MIT */
/* Taking a snapshot: all readers run over the live host while it records them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../host/cleanup.h"
#include "../out/field.h"
#include "reader.h"
#include "snapshot.h"

static const char *redacted(struct arena *a, const char *path)
{
	char buf[4096];

	if (!path || host_redact_path(path, buf, sizeof(buf)))
		return "";
	return arena_strdup(a, buf);
}

/* Included files are called after customers and their hosts: of such a one the line
 * stays, and that it is not the main file. */
static const char *redacted_at(struct arena *a, const struct server_conf *c)
{
	size_t n = strlen(c->file);
	const char *colon = strrchr(c->at, ':');
	const char *slash = strrchr(c->file, '/');

	if (!n || !colon || !slash || !strncmp(c->at, c->file, n))
		return redacted(a, c->at);
	return redacted(
		a, arena_printf(a, "%.*s/*%s", (int)(slash - c->file), c->file, colon));
}

static void redact_programs(struct arena *a, struct programs_facts *p)
{
	for (size_t i = 0; i < p->n_programs; i++) {
		struct program *one = &p->programs[i];

		one->exe = redacted(a, one->exe);
		one->conf.at = redacted_at(a, &one->conf);
		one->conf.file = redacted(a, one->conf.file);
		for (size_t k = 0; k < one->n_libraries; k++)
			one->libraries[k].path = redacted(a, one->libraries[k].path);
	}
}

static int write_doc(struct host *h, struct facts *f, int dir, const char *tool_version)
{
	const struct host_error *errors;
	struct snapshot_doc doc = {
		.tool_version = tool_version,
		.time = f->time,
		.kernel = f->kernel,
		.modprobe = f->modprobe,
		.caller = f->caller,
		.ciphers = f->ciphers,
		.openssl = f->openssl,
		.libssl_copies = f->libssl_copies,
		.nics = f->nics,
		.ethtool = f->ethtool,
		.nic_stats = f->nic_stats,
		.topology = f->topology,
		.sockmap = f->sockmap,
		.programs = f->programs,
		.consumers = f->consumers,
		.probe = f->probe,
		.tuning = f->tuning,
	};
	cleanup_free char *json = NULL;
	cleanup_close int fd = -1;
	size_t len;

	doc.n_errors = host_errors(h, &errors);
	doc.errors = (struct host_error *)errors;
	doc.openssl.config_file = redacted(f->arena, f->openssl.config_file);
	doc.openssl.library = redacted(f->arena, f->openssl.library);
	for (size_t i = 0; i < doc.libssl_copies.n_copies; i++) {
		struct libssl_copy *c = &doc.libssl_copies.copies[i];

		c->path = redacted(f->arena, c->path);
	}
	redact_programs(f->arena, &doc.programs);
	json = doc_to_json(&snapshot_fields, &doc, true);
	if (!json)
		return -ENOMEM;
	len = strlen(json);
	fd = openat(dir, SNAPSHOT_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, json, len) != (ssize_t)len)
		return fd < 0 ? -errno : -EIO;
	return fsync(fd) ? -errno : 0;
}

/* What is in it, by descriptors: whoever owns the folder that it stands in may swap its
 * name for a link to another's. Closes fd. */
static void remove_all(int fd)
{
	DIR *d = fdopendir(fd);
	const struct dirent *e;

	if (!d)
		close(fd);
	while (d && (e = readdir(d))) {
		int sub;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
		    !unlinkat(fd, e->d_name, 0))
			continue;
		sub = openat(fd, e->d_name,
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0)
			remove_all(sub);
		unlinkat(fd, e->d_name, AT_REMOVEDIR);
	}
	if (d)
		closedir(d);
}

/* A new folder. fd or -errno: also when another stands there by the time it is opened. */
static int make_folder(char *template)
{
	int fd, err = 0;
	struct stat st;

	if (!mkdtemp(template))
		return -errno;
	fd = open(template, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (st.st_uid != geteuid() || (st.st_mode & 07777) != 0700)
		err = -EEXIST;
	if (!err && fchmod(fd, 0755))
		err = -errno;
	if (err)
		close(fd);
	return err ? err : fd;
}

static int fill(struct host *h, int fd, const struct snapshot_how *how, char *err,
		size_t errsize)
{
	cleanup_facts struct facts *f = NULL;
	const struct facts_query q = { .mask = FACT_ALL, .probe = how->probe };
	int ret = host_record(h, fd);

	if (!ret)
		ret = facts_read(h, &q, &f, err, errsize);
	if (!ret)
		ret = host_record_status(h);
	if (!ret)
		ret = write_doc(h, f, fd, how->tool_version);
	return ret;
}

int snapshot_write(struct host *h, const char *dir, const struct snapshot_how *how,
		   char *err, size_t errsize)
{
	struct stat st;
	static const char aside[] = ".XXXXXX";
	char tmp[4096];
	size_t len;
	int fd, ret;

	if (!lstat(dir, &st)) {
		snprintf(err, errsize, "'%s' is there already and is not overwritten",
			 dir);
		return -EEXIST;
	}
	snprintf(tmp, sizeof(tmp) - sizeof(aside), "%s", dir);
	len = strlen(tmp);
	while (len > 1 && tmp[len - 1] == '/')
		len--;
	memcpy(tmp + len, aside, sizeof(aside));
	fd = make_folder(tmp);
	ret = fd < 0 ? fd : fill(h, fd, how, err, errsize);
	if (!ret && renameat2(AT_FDCWD, tmp, AT_FDCWD, dir, RENAME_NOREPLACE))
		ret = -errno;
	if (ret) {
		snprintf(err, errsize, "cannot write '%s': %s", dir, strerror(-ret));
		if (fd >= 0)
			remove_all(fd);
		rmdir(tmp);
	} else {
		close(fd);
	}
	return ret;
}
