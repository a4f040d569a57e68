/* SPDX-License-Identifier: MIT */
#include "check.h"

/* With a driver that scales by itself, powersave means "as needed"; the preference
 * counts. */
static bool scales_itself(const char *driver)
{
	return !strncmp(driver, "intel_pstate", 12) ||
	       !strncmp(driver, "amd-pstate-epp", 14) ||
	       !strncmp(driver, "amd_pstate_epp", 14);
}

static void say_slow(const struct facts *f, struct report *r, const char *reason,
		     const char *file, const char *saw)
{
	struct finding *fi = say(r, VERDICT_WARN, "the processor is kept slow: %s", saw);

	because(fi, reason);
	evidence(fi, file, "performance or schedutil", "%s", saw);
	evidence(fi, "scaling_driver", NULL, "%s",
		 *f->power.driver ? f->power.driver : "?");
	remedy(fi, "let it run as fast as it is needed",
	       text(r, "echo %s | tee /sys/devices/system/cpu/cpu*/cpufreq/%s",
		    strcmp(reason, "governor-powersave") ? "balance_performance"
							 : "performance",
		    file),
	       REMEDY_ROOT, "more power, more heat");
	mended_by(fi, strcmp(reason, "governor-powersave")
			      ? "cpu.energy-preference=balance_performance"
			      : "cpu.governor=performance");
}

static void run(const struct facts *f, struct report *r)
{
	const struct power_facts *p = &f->power;

	if (!*p->governor)
		say(r, VERDICT_SKIP,
		    "no frequency scaling here (a virtual machine, as a rule)");
	else if (scales_itself(p->driver) && !strcmp(p->preference, "power"))
		say_slow(f, r, "energy-preference-power", "energy_performance_preference",
			 p->preference);
	else if (!scales_itself(p->driver) && !strcmp(p->governor, "powersave"))
		say_slow(f, r, "governor-powersave", "scaling_governor", p->governor);
	else
		say(r, VERDICT_OK, "the governor is %s%s%s", p->governor,
		    *p->preference ? ", the preference " : "", p->preference);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "it may run as fast as needed", NULL },
	{ VERDICT_WARN, "governor-powersave", "the governor keeps the lowest frequency",
	  "performance or schedutil" },
	{ VERDICT_WARN, "energy-preference-power", "the hardware was told to save power",
	  "balance_performance" },
	{ VERDICT_SKIP, NULL, "no frequency scaling", NULL },
	{ 0 },
};

const struct check check_cpu_governor = {
	.id = "cpu-governor",
	.category = "tuning",
	.title = "CPU governor and energy preference",
	.why = "Encryption is processor time. A governor that keeps the lowest "
	       "frequency halves it or worse. With intel_pstate and amd-pstate-epp the "
	       "governor called powersave is no such thing: there the energy "
	       "preference decides.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/admin-guide/pm/cpufreq.html",
	.needs = FACT_POWER,
	.run = run,
};
