/* SPDX-License-Identifier: MIT */
/*
 * A snapshot may be anybody's: what stands in it must not come out of the quotes of a
 * command that is to be pasted.
 */
#include "good.h"

/* Ends a quoted word, and then does what nobody asked for. */
#define EVIL "x';touch EVIL;$(touch EVIL)`touch EVIL`|EVIL&EVIL>EVIL\nEVIL #"

static void evil_kernel(struct facts *f)
{
	f->kernel.release = EVIL;
	f->os.id = f->os.id_like = EVIL;
	f->os.version_id = EVIL;
}

static void evil_modprobe(struct facts *f)
{
	static struct modprobe_line line = { EVIL, 3, "blacklist", EVIL, EVIL };

	unloaded(f);
	f->modprobe.blacklisted = true;
	f->modprobe.lines = &line;
	f->modprobe.n_lines = 1;
}

static void evil_modules(struct facts *f)
{
	unloaded(f);
	f->kernel.release = EVIL;
	f->module.tree_present = false;
	f->module.ko = NULL;
}

static void on(struct facts *f, const char *id)
{
	f->os.id = id;
	f->os.id_like = "";
}

TWEAK(on_ubuntu, on(f, "ubuntu");)
TWEAK(on_fedora, on(f, "fedora");)
TWEAK(on_rhel, on(f, "rhel");)

static void evil_cnf(struct facts *f)
{
	f->openssl.config_file = f->openssl.library = f->openssl.version = EVIL;
	f->openssl_cnf.src.where = f->openssl_cnf.file = EVIL;
	f->openssl_cnf.section = f->openssl_cnf.missing = EVIL;
	f->openssl_cnf.ktls = CNF_UNSET;
	f->openssl_cnf.unsure = true;
}

static void evil_sysctl(struct facts *f)
{
	for (int i = 0; i < SYSCTL_COUNT; i++) {
		f->sysctl.value[i].file = EVIL;
		f->sysctl.value[i].file_value = EVIL;
	}
	set_sysctl(f, SYSCTL_TCP_SLOW_START_AFTER_IDLE, "1");
	set_sysctl(f, SYSCTL_TCP_RMEM, "4096 131072 6291456");
	f->power.governor = "powersave";
	f->power.driver = f->power.preference = EVIL;
	f->tuners.tuned_profile = EVIL;
}

/* Every check of NICs that has a command gives it. */
static void evil_nics(struct facts *f)
{
	static struct nic_irqs q = { EVIL, 0, 8, 3, EVIL };
	struct nic_settings *s = &f->ethtool.nics[0];
	struct nic *nics = f->nics.nics;

	nics[0].name = s->name = f->nic_stats.nics[0].name = EVIL;
	nics[0].driver = nics[0].pci = f->nic_stats.nics[0].driver = EVIL;
	nics[0].master = nics[1].ifindex;
	nics[1].name = EVIL;
	nics[1].kind = "bond";
	nics[1].bond_mode = "802.3ad";
	nics[1].bond_hash = EVIL;
	nics[1].chosen = true;
	for (size_t i = 0; i < s->n_features; i++)
		s->features[i].active = false;
	s->rx_ring = s->tx_ring = 64;
	s->combined = 1;
	f->nic_stats.nics[0].counters[5].value = 1;
	f->topology.nodes[0].cpus = EVIL;
	f->topology.nodes[1] = (struct numa_node){ 1, "0-3" };
	f->topology.n_nodes = 2;
	f->topology.nics = &q;
	f->topology.n_nics = 1;
}

TWEAK(evil_far, f->nics.nics[0].numa_node = 1;)

struct evil_row {
	const char *name;
	tweak_fn tweaks[MAX_TWEAKS];
	size_t at_least; /* commands that hold the name */
};

static const struct evil_row rows[] = {
	{ "modules of Debian", { evil_modules }, 1 },
	{ "modules of Ubuntu", { evil_modules, on_ubuntu }, 1 },
	{ "modules of Fedora", { evil_modules, on_fedora }, 1 },
	{ "modules of RHEL", { evil_modules, on_rhel }, 1 },
	{ "another distribution", { evil_modules, evil_kernel }, 0 },
	{ "modprobe.d", { evil_modprobe }, 1 },
	{ "openssl.cnf", { evil_cnf }, 1 },
	{ "sysctl.d", { evil_sysctl }, 1 },
	{ "a NIC", { evil_nics }, 6 },
	{ "a NIC on another node", { evil_nics, evil_far }, 6 },
};

/* What a shell takes for its own: all that is neither in '...' nor behind a backslash. */
static void unquoted(const char *command, char *out, size_t size)
{
	size_t n = 0;
	bool in = false;

	for (const char *p = command; *p; p++) {
		if (!in && *p == '\\' && p[1])
			p++;
		else if (*p == '\'')
			in = !in;
		else if (!in && n + 1 < size)
			out[n++] = *p;
	}
	out[n] = '\0';
	assert_false(in);
}

static void test_commands(void **state)
{
	const struct evil_row *row = *state;
	cleanup_report struct report *r = NULL;
	size_t found = 0;
	struct facts f;

	tweaked_facts(&f, row->tweaks);
	r = checks_run(checks, &f);
	assert_non_null(r);
	for (size_t i = 0; i < r->n_findings; i++) {
		const struct remedy *m = r->findings[i].remedy;
		char own[4096];

		if (!m || !m->command)
			continue;
		unquoted(m->command, own, sizeof(own));
		if (strstr(own, "EVIL"))
			fail_msg("%s: %s", r->findings[i].id, m->command);
		found += strstr(m->command, "EVIL") != NULL;
	}
	if (found < row->at_least)
		fail_msg("%zu commands instead of %zu", found, row->at_least);
}

struct word_row {
	const char *name, *out;
};

static const struct word_row words[] = {
	{ "eth0", "eth0" },     { "/etc/a-b_c.d/1+2:3@4", "/etc/a-b_c.d/1+2:3@4" },
	{ "", "''" },           { "a b", "'a b'" },
	{ "$(id)", "'$(id)'" }, { "it's", "'it'\\''s'" },
	{ "'", "''\\'''" },     { "0-3,8", "'0-3,8'" },
	{ "~", "'~'" },         { "\303\251", "'\303\251'" },
};

static void test_word(void **state)
{
	const struct word_row *row = *state;
	cleanup_report struct report *r = report_new();

	assert_non_null(r);
	assert_string_equal(shell_quoted(r, row->name), row->out);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("a word of a shell", words, test_word),
		UNIT_ROWS("commands", rows, test_commands),
	};

	return unit_run("quoting", sets, ARRAY_SIZE(sets));
}
