/* SPDX-License-Identifier: MIT */
/* What to type on which distribution. Data; the text is what a person pastes. */
#include "check.h"

struct fix {
	const char *os;       /* ID or ID_LIKE of os-release(5); NULL: any */
	const char *versions; /* blank-separated VERSION_IDs it is for; NULL: all */
	enum distro_fix fix;
	const char *action;
	const char *command; /* %s: the kernel's release, quoted; NULL: none to paste */
	unsigned flags;
};

/* The first row that fits. */
static const struct fix fixes[] = {
	{ "debian", "9 10 11", FIX_KERNEL,
	  "no fix but an upgrade: Debian builds its kernels with CONFIG_TLS from "
	  "release 12 on",
	  NULL, REMEDY_ROOT | REMEDY_REBOOT },
	{ "debian", NULL, FIX_KERNEL, "boot a kernel that has it: Debian's own",
	  "apt install linux-image-$(dpkg --print-architecture)",
	  REMEDY_ROOT | REMEDY_REBOOT },
	{ "ubuntu", NULL, FIX_KERNEL, "boot a kernel that has it: Ubuntu's own",
	  "apt install linux-image-generic", REMEDY_ROOT | REMEDY_REBOOT },
	{ "fedora", NULL, FIX_KERNEL, "boot a kernel that has it: the distribution's own",
	  "dnf install kernel", REMEDY_ROOT | REMEDY_REBOOT },
	{ "rhel", NULL, FIX_KERNEL, "boot a kernel that has it: the distribution's own",
	  "dnf install kernel", REMEDY_ROOT | REMEDY_REBOOT },
	{ "arch", NULL, FIX_KERNEL, "boot a kernel that has it: the distribution's own",
	  "pacman -S linux", REMEDY_ROOT | REMEDY_REBOOT },
	{ "suse", NULL, FIX_KERNEL, "boot a kernel that has it: the distribution's own",
	  "zypper install kernel-default", REMEDY_ROOT | REMEDY_REBOOT },
	{ NULL, NULL, FIX_KERNEL, "boot a kernel built with CONFIG_TLS=m or =y", NULL,
	  REMEDY_ROOT | REMEDY_REBOOT },

	{ "debian", NULL, FIX_MODULES, "install the running kernel's modules again",
	  "apt install --reinstall linux-image-%s", REMEDY_ROOT },
	{ "ubuntu", NULL, FIX_MODULES, "install the running kernel's modules",
	  "apt install linux-modules-%s linux-modules-extra-%s", REMEDY_ROOT },
	{ "fedora", NULL, FIX_MODULES, "install the running kernel's modules",
	  "dnf install kernel-modules-%s", REMEDY_ROOT },
	{ "rhel", NULL, FIX_MODULES, "install the running kernel's modules",
	  "dnf install kernel-modules-%s", REMEDY_ROOT },
	{ NULL, NULL, FIX_MODULES,
	  "install the modules of the running kernel, or boot a kernel that has tls.ko",
	  NULL, REMEDY_ROOT },

	{ "alpine", NULL, FIX_LOAD, "load it now and at every boot",
	  "modprobe tls && echo tls >> /etc/modules", REMEDY_ROOT },
	{ NULL, NULL, FIX_LOAD, "load it now and at every boot",
	  "modprobe tls && echo tls > /etc/modules-load.d/tls.conf", REMEDY_ROOT },
	{ "alpine", NULL, FIX_BOOT, "load it at every boot", "echo tls >> /etc/modules",
	  REMEDY_ROOT },
	{ NULL, NULL, FIX_BOOT, "load it at every boot",
	  "echo tls > /etc/modules-load.d/tls.conf", REMEDY_ROOT },

	{ "gentoo", NULL, FIX_OPENSSL, "build it with kTLS",
	  "echo 'dev-libs/openssl ktls' >> /etc/portage/package.use/ktls && emerge -1 "
	  "openssl",
	  REMEDY_ROOT },
	{ "debian", "9 10 11", FIX_OPENSSL,
	  "no fix but an upgrade: OpenSSL 3, which has kTLS, comes with Debian 12", NULL,
	  REMEDY_ROOT },
	{ "debian", NULL, FIX_OPENSSL,
	  "use Debian's own OpenSSL, which is built with kTLS",
	  "apt install --reinstall libssl3", REMEDY_ROOT },
	{ "ubuntu", "16.04 18.04 20.04", FIX_OPENSSL,
	  "no fix but an upgrade: OpenSSL 3, which has kTLS, comes with Ubuntu 22.04",
	  NULL, REMEDY_ROOT },
	{ "rhel", "8 8.0 8.1 8.2 8.3 8.4 8.5 8.6 8.7 8.8 8.9 8.10", FIX_OPENSSL,
	  "no fix but an upgrade: release 8 ships OpenSSL 1.1.1, release 9 OpenSSL 3",
	  NULL, REMEDY_ROOT },
	{ NULL, NULL, FIX_OPENSSL,
	  "use an OpenSSL 3 that was configured with enable-ktls (the default is off)",
	  NULL, 0 },

	{ "debian", "12", FIX_OPENSSL_NEW,
	  "upgrade to Debian 13 (OpenSSL 3.5), or offload the send side only, or TLS 1.2",
	  NULL, 0 },
	{ "ubuntu", "22.04 24.04", FIX_OPENSSL_NEW,
	  "upgrade to a release with OpenSSL 3.2 or later, or offload the send side only",
	  NULL, 0 },
	{ NULL, NULL, FIX_OPENSSL_NEW,
	  "use OpenSSL 3.2 or later, or offload the send side only, or TLS 1.2", NULL,
	  0 },
};

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; n && (p = strstr(p, word)); p += n)
		if ((p == list || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
			return true;
	return false;
}

bool os_is(const struct facts *f, const char *id)
{
	return f->os.id && (!strcmp(f->os.id, id) || has_word(f->os.id_like, id));
}

/* An exact ID goes before ID_LIKE: Ubuntu is like Debian, with other package names. */
static bool fits(const struct fix *row, const struct facts *f, bool exact)
{
	if (row->os && exact && (!f->os.id || strcmp(f->os.id, row->os)))
		return false;
	if (row->os && !exact && !os_is(f, row->os))
		return false;
	return !row->versions ||
	       (f->os.version_id && has_word(row->versions, f->os.version_id));
}

static const struct fix *find(const struct facts *f, enum distro_fix fix)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < ARRAY_LEN(fixes); i++)
			if (fixes[i].fix == fix && (pass || fixes[i].os) &&
			    fits(&fixes[i], f, !pass))
				return &fixes[i];
	return NULL;
}

/* The command with every %s replaced by the kernel's release. */
static const char *with_release(struct report *r, const char *command,
				const char *release)
{
	const char *out = "", *at;

	while (command && (at = strstr(command, "%s"))) {
		out = text(r, "%s%.*s%s", out, (int)(at - command), command, release);
		command = at + 2;
	}
	return command ? text(r, "%s%s", out, command) : NULL;
}

/* Under WSL the kernel is Windows' business, whatever the distribution inside. */
static const char *wsl_action(enum distro_fix fix)
{
	return fix == FIX_KERNEL
		       ? "WSL: build Microsoft's kernel with CONFIG_TLS=y and name it "
			 "in .wslconfig (kernel=)"
	       : fix == FIX_MODULES
		       ? "WSL: use Microsoft's kernel, which brings its modules along, "
			 "not one named in .wslconfig (kernel=) without them"
		       : NULL;
}

void remedy_distro(struct finding *fi, const struct facts *f, enum distro_fix fix)
{
	const struct fix *row = find(f, fix);
	/* Of a snapshot it is whatever somebody wrote into it. */
	const char *release = f->kernel.release && *f->kernel.release
				      ? shell_quoted(fi->report, f->kernel.release)
				      : "$(uname -r)";
	const char *wsl = f->container.wsl ? wsl_action(fix) : NULL;

	if (wsl)
		remedy(fi, wsl, NULL, REMEDY_REBOOT, NULL);
	else
		remedy(fi, row->action, with_release(fi->report, row->command, release),
		       row->flags, NULL);
	if (!wsl && fix == FIX_LOAD)
		mended_by(fi, "module.tls=on");
}

const char *shell_quoted(struct report *r, const char *s)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789./_-+:@";
	const char *out = "'", *at;

	if (*s && s[strspn(s, safe)] == '\0')
		return s;
	for (; (at = strchr(s, '\'')); s = at + 1)
		out = text(r, "%s%.*s'\\''", out, (int)(at - s), s);
	return text(r, "%s%s'", out, s);
}
