/* SPDX-License-Identifier: MIT */
/* Loading and unloading a kernel module through libkmod. */
#include <errno.h>
#include <stddef.h>

#include "host_priv.h"

#ifdef HAVE_LIBKMOD
#include <libkmod.h>
#include <stdlib.h>

struct kmod_ctx *kmod_quiet(void)
{
	struct kmod_ctx *ctx;

	/* It reads modprobe.d before anybody could take its log to standard error away,
	 * and quotes what it does not like. */
	if (setenv("KMOD_LOG", "0", 1))
		return NULL;
	ctx = kmod_new(NULL, NULL);
	if (ctx)
		kmod_set_log_fn(ctx, NULL, NULL);
	return ctx;
}

/* libkmod would run an `install` line with system(3); this program runs no command. */
static int refuse_install(struct kmod_module *mod, const char *cmd, void *data)
{
	(void)mod;
	(void)cmd;
	(void)data;
	return -ECANCELED;
}

static int probe_insert(struct kmod_list *list)
{
	struct kmod_list *item;
	int err = list ? 0 : -ENOENT;

	kmod_list_foreach (item, list) {
		struct kmod_module *mod = kmod_module_get_module(item);

		err = kmod_module_probe_insert_module(mod, KMOD_PROBE_APPLY_BLACKLIST,
						      NULL, refuse_install, NULL, NULL);
		kmod_module_unref(mod);
		if (err)
			break;
	}
	return err > 0 ? -EPERM : err;
}

static int load(const char *name)
{
	struct kmod_ctx *ctx = kmod_quiet();
	struct kmod_list *list = NULL;
	int err;

	if (!ctx)
		return -ENOMEM;
	err = kmod_module_new_from_lookup(ctx, name, &list);
	if (!err)
		err = probe_insert(list);
	kmod_module_unref_list(list);
	kmod_unref(ctx);
	return err;
}

/* In use: delete_module(2) says EBUSY for those that depend on it, EAGAIN for holders. */
static int unload(const char *name)
{
	struct kmod_ctx *ctx = kmod_quiet();
	struct kmod_module *mod = NULL;
	int err;

	if (!ctx)
		return -ENOMEM;
	err = kmod_module_new_from_name(ctx, name, &mod);
	if (!err)
		err = kmod_module_remove_module(mod, 0);
	kmod_module_unref(mod);
	kmod_unref(ctx);
	return err == -EAGAIN || err == -EWOULDBLOCK ? -EBUSY : err;
}
#else
static int unload(const char *name)
{
	(void)name;
	return -ENOSYS;
}

static int load(const char *name)
{
	(void)name;
	return -ENOSYS;
}
#endif

int host_load_module(struct host *h, const char *name)
{
	int err = change_begin(h, "load", name, NULL);

	if (!err)
		err = host_is_live(h) ? load(name) : -EROFS;
	return host_note(h, "load", name, err > 0 ? 0 : err);
}

int host_unload_module(struct host *h, const char *name)
{
	int err = change_begin(h, "unload", name, NULL);

	if (!err)
		err = host_is_live(h) ? unload(name) : -EROFS;
	return host_note(h, "unload", name, err > 0 ? 0 : err);
}
