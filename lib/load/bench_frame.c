// SPDX-License-Identifier: MIT
/* What the two ends of a bench send: bytes, and frames of a WebSocket around them. */
#include <string.h>

#include "bench_serve.h"

void bench_payload_fill(uint8_t *p, size_t len)
{
	uint32_t x = 2463534242u;

	for (size_t i = 0; i < len; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		p[i] = (uint8_t)x;
	}
}

size_t bench_frame_header(uint8_t *p, size_t len, const uint8_t *mask)
{
	size_t n = 2;

	p[0] = 0x82; /* binary, the last */
	p[1] = mask ? 0x80 : 0;
	if (len < 126) {
		p[1] |= (uint8_t)len;
	} else if (len < 65536) {
		p[1] |= 126;
		p[n++] = (uint8_t)(len >> 8);
		p[n++] = (uint8_t)len;
	} else {
		p[1] |= 127;
		for (int shift = 56; shift >= 0; shift -= 8)
			p[n++] = (uint8_t)((uint64_t)len >> shift);
	}
	if (mask) {
		memcpy(p + n, mask, 4);
		n += 4;
	}
	return n;
}

void bench_frame_mask(uint8_t *to, const uint8_t *from, size_t len, const uint8_t mask[4])
{
	for (size_t i = 0; i < len; i++)
		to[i] = from[i] ^ mask[i & 3];
}

void bench_frame_answer(uint8_t *frame, size_t n, size_t len)
{
	bench_frame_mask(frame + n, frame + n, len, frame + n - 4);
	bench_frame_header(frame + 4, len, NULL);
}
