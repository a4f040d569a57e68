/* SPDX-License-Identifier: MIT */
#include "uring.h"

#include <errno.h>

const char *uring_refusal(int err)
{
	switch (-err) {
	case ENOSYS:
		return "no io_uring in this kernel, or hidden";
	case EPERM:
	case EACCES:
		return "io_uring is forbidden: io_uring_disabled or seccomp";
	case ENOMEM:
		return "too little memory may be locked: ulimit -l";
	default:
		return "io_uring could not be set up";
	}
}
