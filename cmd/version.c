/* SPDX-License-Identifier: MIT */
#include "../lib/host/library.h"
#include "cmd.h"

void print_version(bool verbose)
{
	struct library (*const libraries[])(void) = { library_openssl,  library_libnl,
						      library_cjson,    library_libkmod,
						      library_zlib,     library_inih,
						      library_libcapng, library_http,
						      library_liburing, library_wslay };

	puts("ktlsctl " KTLSCTL_VERSION);
	for (size_t i = 0; verbose && i < ARRAY_SIZE(libraries); i++) {
		struct library l = libraries[i]();

		if (l.header)
			printf("%-8s built with %s, runs with %s\n", l.name, l.header,
			       l.runtime ? l.runtime : "(it does not tell)");
		else
			printf("%-8s not in this build\n", l.name);
	}
}
