/* SPDX-License-Identifier: MIT */
/*
 * Could the kernel load the algorithm of each cipher? Its crypto API asks modprobe for
 * "crypto-NAME", for any caller, so libkmod is the judge here too.
 */
#include <errno.h>
#include <string.h>

#include "../host/cleanup.h"
#include "reader.h"

/* The ciphers of OpenSSL; what else the uapi has is for few. */
static const struct cipher_module wanted[] = {
	{ .cipher = "AES-GCM",
	  .algorithm = "gcm(aes)",
	  .alias = "crypto-gcm",
	  .module = "gcm" },
	{ .cipher = "AES-CCM",
	  .algorithm = "ccm(aes)",
	  .alias = "crypto-ccm",
	  .module = "ccm" },
	{ .cipher = "ChaCha20-Poly1305",
	  .algorithm = "rfc7539(chacha20,poly1305)",
	  .alias = "crypto-rfc7539",
	  .module = "chacha20poly1305" },
};

#ifdef HAVE_LIBKMOD
#include <libkmod.h>

/* An index can name a file that is gone. */
static void judge(struct host *h, struct cipher_module *m, struct kmod_module *mod)
{
	const char *path = kmod_module_get_path(mod);

	m->found = kmod_module_get_initstate(mod) == KMOD_MODULE_BUILTIN ||
		   (path && !host_probe(h, path));
	m->overridden = kmod_module_get_install_commands(mod) != NULL;
}

static int look_up(struct host *h, struct kmod_ctx *ctx, const char *name,
		   struct cipher_module *m)
{
	struct kmod_list *list = NULL, *allowed = NULL;
	int err = kmod_module_new_from_lookup(ctx, name, &list);

	/* -ENOSYS: no index, so nothing to be found. */
	if (err < 0 && err != -ENOENT && err != -ENOSYS)
		return err;
	if (!list)
		return 0;
	err = kmod_module_apply_filter(ctx, KMOD_FILTER_BLACKLIST, list, &allowed);
	if (!err) {
		struct kmod_module *mod = kmod_module_get_module(list);

		m->blacklisted = !allowed;
		judge(h, m, mod);
		kmod_module_unref(mod);
	}
	kmod_module_unref_list(allowed);
	kmod_module_unref_list(list);
	return err;
}

/* By its name, where an old index does not know the aliases of what is built in. */
static int look_up_each(struct host *h, struct ciphers_facts *c)
{
	struct kmod_ctx *ctx = kmod_quiet();
	int err = ctx ? 0 : -ENOMEM;

	for (size_t i = 0; i < c->n_modules && !err; i++) {
		struct cipher_module *m = &c->modules[i];

		err = look_up(h, ctx, m->alias, m);
		if (!err && !m->found && !m->blacklisted && !m->overridden)
			err = look_up(h, ctx, m->module, m);
	}
	if (ctx)
		kmod_unref(ctx);
	return err;
}
#else
static int look_up_each(struct host *h, struct ciphers_facts *c)
{
	(void)h;
	(void)c;
	return -ENOSYS;
}
#endif

void read_ciphers(struct host *h, struct facts *f)
{
	struct ciphers_facts *c = &f->ciphers;

	if (!host_is_live(h))
		return;
	c->src.where = "libkmod";
	c->modules = arena_alloc(f->arena, sizeof(wanted));
	if (c->modules) {
		memcpy(c->modules, wanted, sizeof(wanted));
		c->n_modules = ARRAY_SIZE(wanted);
	}
	c->src.err = c->modules ? look_up_each(h, c) : -ENOMEM;
	host_note(h, "libkmod", "crypto-*", c->src.err);
}
