// SPDX-License-Identifier: MIT
#include "../host/cleanup.h"
#include "distribution.h"
#include "field.h"

static const struct field rows[] = {
	FIELD(FIELD_U64, struct distribution, count,
	      "samples; 0: the rest means nothing"),
	FIELD(FIELD_U64, struct distribution, mean_ns, "exact"),
	FIELD(FIELD_U64, struct distribution, min_ns, "exact"),
	FIELD(FIELD_U64, struct distribution, p50_ns, "within 0.4 %, as all percentiles"),
	FIELD(FIELD_U64, struct distribution, p99_ns, "99 of 100 took no longer"),
	FIELD(FIELD_U64, struct distribution, p999_ns, "999 of 1000 took no longer"),
	FIELD(FIELD_U64, struct distribution, max_ns, "exact"),
};

const struct fields distribution_fields = {
	.help = "Times that were measured, by a histogram of fixed size.",
	.size = sizeof(struct distribution),
	.f = rows,
	.n = ARRAY_SIZE(rows),
};
