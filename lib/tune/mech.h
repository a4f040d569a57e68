/* SPDX-License-Identifier: MIT */
/* The ways of setting a key; one row a mechanism, one file each. Only lib/tune. */
#ifndef KTLSCTL_MECH_H
#define KTLSCTL_MECH_H

#include "../host/arena.h"
#include "../host/host.h"
#include "tune.h"

/* One key of one device (NULL), as a mechanism needs to know it. */
struct mech_key {
	const struct tunable *tunable;
	const char *key, *device;
	const char *file; /* for the next boot, of several; NULL: the mechanism's own */
};

/* A file that sets keys at boot, and the folder that it or its link is in. */
struct mech_file {
	const char *path, *folder;
};

struct mechanism {
	/* Sets it now. Reading back is the tunable's business. 0 or -errno; -EBUSY: in
	 * use, and it stays. */
	int (*write)(struct host *h, const struct mech_key *k, const char *value);
	/* The file that sets it at the next boot; NULL: it needs none, what write() does
	 * lasts. Such a key is written only when an apply is confirmed. */
	const char *file;
	/* The folder that the file's or its link's is, made when it is missing. */
	const char *folder;
	/* Where it is another file, for the sake of who else is there; NULL: never. */
	const struct mech_file *(*elsewhere)(struct host *h, const struct mech_key *k);
	/* What the file has for it, in arena a; -ENOENT: nothing. */
	int (*filed)(struct host *h, const struct mech_key *k, struct arena *a,
		     const char **value);
	/* Puts value into the file; NULL: takes it out. Others' lines stay, byte for
	 * byte, and a file with no key in it goes. */
	int (*put)(struct host *h, const struct mech_key *k, const char *value);
	/* Takes away what an interrupted writing left, the value being as it was. */
	int (*tidy)(struct host *h, const struct mech_key *k);
};

extern const struct mechanism mech_sysctl, mech_module, mech_ethtool, mech_sysfs,
	mech_openssl;
const struct mechanism *mechanism_of(const struct tunable *t);
static inline bool mechanism_lasts(const struct mechanism *m)
{
	return !m->file;
}

/* The value of a key now, out of facts read for it, in arena a; as tunable.value(). */
int tune_read(struct host *h, const struct mech_key *k, struct arena *a,
	      const char **out);

/* A file of this program's with a line a key (dropin.c). */
struct dropin {
	const char *path;
	const char *head; /* what a new one begins with */
	unsigned mode;    /* of a new one; 0: 0644 */
	/* A line is before, key, between, value, behind. before_own: what a new line has
	 * in place of before, where that differs from host to host; NULL. */
	const char *before, *between, *behind;
	const char *before_own;
};
int dropin_get(struct host *h, const struct dropin *d, const char *key, struct arena *a,
	       const char **value);
int dropin_set(struct host *h, const struct dropin *d, const char *key,
	       const char *value);

/* The unit that writes keys at boot which no other file is read for (unit.c). */
#define UNIT_FILE   "/etc/systemd/system/ktlsctl-tune.service"
#define UNIT_FOLDER "/etc/systemd/system/multi-user.target.wants"
int unit_filed(struct host *h, const struct mech_key *k, struct arena *a,
	       const char **value);
int unit_put(struct host *h, const struct mech_key *k, const char *value);
int unit_tidy(struct host *h, const struct mech_key *k);
const struct mech_file *unit_elsewhere(struct host *h, const struct mech_key *k);

/* The script that does the same on an interface of NetworkManager's (nm.c). */
#define NM_FOLDER "/etc/NetworkManager/dispatcher.d"
#define NM_FILE   NM_FOLDER "/60-ktlsctl"
bool tune_is_nms(struct host *h, const char *device);
int nm_filed(struct host *h, const struct mech_key *k, struct arena *a,
	     const char **value);
int nm_put(struct host *h, const struct mech_key *k, const char *value);
int nm_tidy(struct host *h);

#endif
