/* SPDX-License-Identifier: MIT */
#ifndef KTLSCTL_URING_H
#define KTLSCTL_URING_H

/* Why io_uring_setup(2) said no (a -errno), in words; constant. */
const char *uring_refusal(int err);

#endif
