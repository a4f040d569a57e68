/* SPDX-License-Identifier: MIT */
#include "check.h"

static const char alg_name[] = "gcm(aes)";

/* Names of fast drivers changed three times since 2024; those of slow ones did not. */
static bool is_slow(const char *driver)
{
	return strstr(driver, "-generic") || strstr(driver, "-lib") ||
	       !strncmp(driver, "gcm_base", 8);
}

static bool cpu_is_able(const struct cpu_facts *c)
{
	return c->have[CPU_AES] && (c->have[CPU_PCLMULQDQ] || c->have[CPU_PMULL]);
}

static void say_cpu(struct finding *fi, const struct facts *f, const char *wanted)
{
	const char *list = "";

	if (f->cpu.src.err) {
		evidence(fi, "/proc/cpuinfo", wanted, "%s", strerror(-f->cpu.src.err));
		return;
	}
	for (int i = 0; i < CPU_FLAG_COUNT; i++)
		if (f->cpu.have[i])
			list = text(fi->report, "%s%s%s", list, *list ? " " : "",
				    cpu_flag_name(i));
	evidence(fi, "/proc/cpuinfo", wanted, "%s",
		 *list ? list : "none of the AES flags");
}

static void say_unused(const struct facts *f, struct report *r)
{
	struct finding *fi;

	if (f->cpu.src.err)
		fi = say(r, VERDICT_INFO, "AES-GCM was not used in the kernel yet");
	else if (cpu_is_able(&f->cpu))
		fi = say(r, VERDICT_INFO,
			 "AES-GCM was not used in the kernel yet; the processor can "
			 "do it in hardware");
	else
		fi = say(r, VERDICT_INFO,
			 "AES-GCM was not used in the kernel yet; on this processor "
			 "it will be slow");
	because(fi, "aead-not-used-yet");
	evidence(fi, "/proc/crypto", NULL, "no %s: entries appear with the first use",
		 alg_name);
	say_cpu(fi, f, NULL);
}

static void say_slow(const struct facts *f, struct report *r,
		     const struct crypto_alg *best)
{
	bool able = !f->cpu.src.err && cpu_is_able(&f->cpu);
	bool arm = f->cpu.have[CPU_PMULL];
	struct finding *fi;

	if (!able) {
		fi = say(r, VERDICT_INFO, "AES-GCM runs without hardware help here: %s",
			 best->driver);
		because(fi, "aead-no-hardware");
		evidence(fi, "/proc/crypto", NULL, "%s priority %u", best->driver,
			 best->priority);
		say_cpu(fi, f, NULL);
		return;
	}
	fi = say(r, VERDICT_WARN,
		 "AES-GCM is slow here: %s serves it, not the processor's own "
		 "instructions",
		 best->driver);
	because(fi, "aead-slow");
	evidence(fi, "/proc/crypto", arm ? "gcm-aes-ce" : "a driver with aesni or vaes",
		 "%s priority %u", best->driver, best->priority);
	say_cpu(fi, f, NULL);
	remedy(fi, "load the driver for this processor; new sockets use it",
	       arm ? "modprobe ghash-ce" : "modprobe aesni_intel", REMEDY_ROOT, NULL);
}

static const struct crypto_alg *untested(const struct crypto_facts *c)
{
	for (size_t i = 0; i < c->n_algs; i++)
		if (c->algs[i].selftest_seen && !c->algs[i].internal &&
		    !strcmp(c->algs[i].name, alg_name))
			return &c->algs[i];
	return NULL;
}

static void run(const struct facts *f, struct report *r)
{
	const struct crypto_alg *best = crypto_best(&f->crypto, alg_name);
	const struct crypto_alg *failed = best ? NULL : untested(&f->crypto);
	struct finding *fi;

	if (kernel_lacks_tls(f)) {
		say(r, VERDICT_SKIP, "no kTLS, so no cipher of the kernel is asked for");
	} else if (!best && !failed) {
		say_unused(f, r);
	} else if (!best) {
		fi = say(r, VERDICT_FAIL,
			 "the kernel's AES-GCM did not pass its self-test: %s",
			 failed->driver);
		because(fi, "aead-selftest");
		evidence(fi, "/proc/crypto", "selftest: passed", "not passed");
		remedy(fi, "see the kernel's log for the self-test that failed", NULL,
		       REMEDY_ROOT, "whoever else uses it changes too");
	} else if (is_slow(best->driver)) {
		say_slow(f, r, best);
	} else {
		fi = say(r, VERDICT_OK, "AES-GCM is served by %s", best->driver);
		evidence(fi, "/proc/crypto", NULL, "priority %u, %s", best->priority,
			 best->async ? "asynchronous" : "synchronous");
	}
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "a fast driver serves AES-GCM", NULL },
	{ VERDICT_WARN, "aead-slow",
	  "a portable driver serves it although the processor can do better",
	  "load the processor's driver" },
	{ VERDICT_FAIL, "aead-selftest", "no driver for it passed its self-test",
	  "see the kernel's log" },
	{ VERDICT_INFO, "aead-no-hardware", "the processor has no instructions for it",
	  NULL },
	{ VERDICT_INFO, "aead-not-used-yet",
	  "nothing in the kernel has used AES-GCM yet, so there is no entry", NULL },
	{ VERDICT_SKIP, NULL, "the kernel was built without CONFIG_TLS", NULL },
	{ 0 },
};

const struct check check_kernel_aead = {
	.id = "kernel-aead",
	.category = "kernel",
	.title = "AES-GCM implementation in the kernel",
	.why = "kTLS encrypts with the kernel's crypto API, which takes the registered "
	       "driver with the highest priority. Where the driver for the processor's "
	       "AES instructions is missing, a portable one serves, many times slower "
	       "than OpenSSL in user space.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/crypto/architecture.html",
	.needs = FACT_CRYPTO,
	.uses = FACT_CPU | FACT_KCONFIG | FACT_ULP | FACT_MODULE | FACT_TLS_STAT,
	.run = run,
};
