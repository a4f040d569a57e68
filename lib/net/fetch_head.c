// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch.h"

/* Whether the caller says it himself. */
static bool has(const struct fetch_request *r, const char *name)
{
	for (size_t i = 0; i < r->n_headers; i++) {
		struct span rest = span(r->headers[i], strlen(r->headers[i])), field;

		if (cut_at(&rest, ':', &field) && span_is_nocase(field, name))
			return true;
	}
	return false;
}

static void put_length(FILE *f, const struct fetch_request *r)
{
	if (r->body.fd >= 0 && r->body.len == HTTP_NO_LENGTH)
		fputs("Transfer-Encoding: chunked\r\n", f);
	else if (r->body.fd >= 0)
		fprintf(f, "Content-Length: %" PRIu64 "\r\n", r->body.len);
	else if (strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0 &&
		 strcmp(r->method, "DELETE") != 0)
		fputs("Content-Length: 0\r\n", f);
}

static void put_head(FILE *f, const struct fetch_request *r)
{
	char authority[URL_AUTHORITY];

	url_authority(r->url, authority);
	fprintf(f, "%s %s HTTP/1.1\r\n", r->method, r->url->target);
	if (!has(r, "Host"))
		fprintf(f, "Host: %s\r\n", authority);
	if (!has(r, "User-Agent"))
		fprintf(f, "User-Agent: %s\r\n", r->agent);
	if (!has(r, "Accept"))
		fputs("Accept: */*\r\n", f);
	if (r->body.fd >= 0 && !has(r, "Content-Type"))
		fputs("Content-Type: application/octet-stream\r\n", f);
	for (size_t i = 0; i < r->n_headers; i++)
		fprintf(f, "%s\r\n", r->headers[i]);
	put_length(f, r);
	if (r->expect)
		fputs("Expect: 100-continue\r\n", f);
	fputs("\r\n", f);
}

char *fetch_head(const struct fetch_request *r)
{
	char *head = NULL;
	size_t len;
	FILE *f = open_memstream(&head, &len);

	if (!f)
		return NULL;
	put_head(f, r);
	if (!fclose(f))
		return head;
	free(head);
	return NULL;
}
