/* SPDX-License-Identifier: MIT */
/* Where libssl finds whom to believe. */
#ifndef KTLSCTL_NET_TRUST_H
#define KTLSCTL_NET_TRUST_H

enum { TRUST_PATHS = 3 };

/* A file or folder of authorities; NULL or "" where none is named. */
const char *trust_path(unsigned i);
/* Folders, "/a:/b"; NULL. */
const char *trust_folders(void);
/* Reads the configuration of OpenSSL, if that has not happened. */
void trust_load(void);

#endif
