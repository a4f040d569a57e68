/* SPDX-License-Identifier: MIT */
/* The outside libraries, for `ktlsctl --version -v`. Each is known to one file only. */
#ifndef KTLSCTL_LIBRARY_H
#define KTLSCTL_LIBRARY_H

struct library {
	const char *name;
	const char
		*header; /* when this program was built; NULL: left out of this build */
	const char *runtime; /* as it runs; NULL: the library does not tell */
};

struct library library_openssl(void);
struct library library_libnl(void);
struct library library_cjson(void);
struct library library_zlib(void);
struct library library_libkmod(void);
struct library library_inih(void);
struct library library_libcapng(void);
struct library library_http(void);
struct library library_liburing(void);
struct library library_wslay(void);

#endif
