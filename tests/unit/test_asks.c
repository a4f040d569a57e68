/* SPDX-License-Identifier: MIT */
/* Whether a server is told to use kTLS, by its release and its configuration. */
#include "good.h"

struct asks_row {
	const char *name, *app, *version;
	enum cnf_ktls ktls;
	bool experimental, unsure;
	enum tristate want;
};

static const struct asks_row rows[] = {
	{ "no release", "haproxy", "", CNF_ON, true, false, TRI_UNKNOWN },
	{ "before 3.3", "haproxy", "3.2.9", CNF_ON, true, false, TRI_NO },
	{ "3.3 itself", "haproxy", "3.3", CNF_ON, true, false, TRI_YES },
	{ "behind it", "haproxy", "3.4.1", CNF_ON, true, false, TRI_YES },
	{ "switched off", "haproxy", "3.4", CNF_OFF, true, true, TRI_NO },
	{ "not mentioned", "haproxy", "3.4", CNF_UNSET, true, false, TRI_NO },
	{ "not as an experiment", "haproxy", "3.4", CNF_ON, false, false, TRI_NO },
	{ "perhaps elsewhere", "haproxy", "3.4", CNF_UNSET, false, true, TRI_UNKNOWN },
	{ "perhaps an experiment", "haproxy", "3.4", CNF_ON, false, true, TRI_UNKNOWN },
	{ "on", "lighttpd", "1.4.69", CNF_ON, false, false, TRI_YES },
	{ "off", "lighttpd", "1.4.69", CNF_OFF, false, false, TRI_NO },
	{ "by itself", "lighttpd", "1.4.69", CNF_UNSET, false, false, TRI_UNKNOWN },
};

static void test_asks(void **state)
{
	const struct asks_row *row = *state;
	const struct program p = { .comm = row->app,
				   .exe = "",
				   .conf = { .app = row->app,
					     .version = row->version,
					     .file = "",
					     .at = "",
					     .tls = true,
					     .ktls = row->ktls,
					     .experimental = row->experimental,
					     .unsure = row->unsure } };
	struct facts f;

	good_facts(&f);
	assert_int_equal(program_asks(&f, &p), row->want);
}

int main(void)
{
	const struct unit_set sets[] = { UNIT_ROWS("asks", rows, test_asks) };

	return unit_run("asks", sets, ARRAY_SIZE(sets));
}
