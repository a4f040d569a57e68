/* SPDX-License-Identifier: MIT */
/* The files of profiles/, made into strings by the Makefile. */
#include "tune_priv.h"

const struct builtin_profile builtin_profiles[] = {
#include <profiles.inc>
	{ 0 },
};
