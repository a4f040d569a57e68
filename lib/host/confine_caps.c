/* SPDX-License-Identifier: MIT */
#include <cap-ng.h>
#include <errno.h>
#include <sys/prctl.h>

#include "confine.h"
#include "library.h"

static const capng_type_t every_set = CAPNG_EFFECTIVE | CAPNG_PERMITTED |
				      CAPNG_INHERITABLE | CAPNG_BOUNDING_SET |
				      CAPNG_AMBIENT;

static bool has_any(void)
{
	return capng_have_permitted_capabilities() > CAPNG_NONE;
}

/* The library leaves the bounding set alone where it may not change it. */
static int drop(uint64_t keep)
{
	for (unsigned cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (!(keep >> cap & 1) && capng_update(CAPNG_DROP, every_set, cap))
			return -EINVAL;
	errno = 0;
	if (capng_apply(CAPNG_SELECT_ALL))
		return errno ? -errno : -EPERM;
	return 0;
}

int confine_privileges(uint64_t keep)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	errno = 0;
	if (capng_get_caps_process())
		return errno ? -errno : -EIO;
	return has_any() ? drop(keep) : 0;
}

struct library library_libcapng(void)
{
	return (struct library){ "libcapng", LIBCAPNG_VERSION, NULL };
}
