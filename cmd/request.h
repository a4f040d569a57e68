/* SPDX-License-Identifier: MIT */
/* The settings of request, and what its files share. */
#ifndef KTLSCTL_CMD_REQUEST_H
#define KTLSCTL_CMD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum request_ktls { REQUEST_AUTO, REQUEST_REQUIRE, REQUEST_OFF };

struct request_settings {
	const char *headers[64]; /* "Name: value" */
	size_t n_headers;
	const char *body; /* a file, "-" for stdin; NULL: none */
	enum request_ktls ktls;
	int engine;   /* enum wire_engine */
	uint16_t tls; /* 0: 1.2 and 1.3 */
	const char *cacert, *crl;
	bool insecure, fail, no_progress;
	uint64_t redirects, repeat, max_size;
	uint64_t connect_timeout_ms; /* 0: the default */
};

#endif
