// SPDX-License-Identifier: MIT
/* Where it is measured, and what disturbs it. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

#include "../facts/facts.h"
#include "../facts/lines.h"
#include "../host/cleanup.h"
#include "../host/host.h"
#include "bench_run.h"

/* More of it, and a comparison is one of the disturbances. */
enum { STEAL_PERMILLE = 50, OTHER_PERMILLE = 150 };

uint64_t bench_tick_ns(void)
{
	return 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK);
}

/*
 * "cpu  user nice system idle iowait irq softirq steal ...", proc_stat(5). A kernel that
 * gives interrupts a time of their own (IRQ_TIME_ACCOUNTING: elsewhere no tick ever hits
 * a hard one) charges no thread with it, ours neither: it is not what others used.
 */
void bench_times_parse(struct span line, struct bench_times *t)
{
	uint64_t v[8] = { 0 };
	struct span word;

	if (!next_word(&line, &word) || !span_is(word, "cpu"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		if (!next_word(&line, &word) || !span_u64(word, &v[i]))
			return;
	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		t->total += v[i];
	t->irq = v[5] + v[6];
	t->busy = v[0] + v[1] + v[2] + (v[5] ? 0 : v[6]);
	t->steal = v[7];
	t->known = true;
}

void bench_times_read(struct bench_times *t)
{
	const struct read_opts o = { .max = 4096, .head = true };
	cleanup_host struct host *h = NULL;
	cleanup_bytes struct bytes b = { 0 };
	struct span rest, line;
	struct rusage r;

	*t = (struct bench_times){ 0 };
	if (!getrusage(RUSAGE_SELF, &r))
		t->ours_ns =
			((uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000 +
			 (uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec)) *
			1000;
	if (host_open(&h, NULL) || host_read(h, "/proc/stat", &o, &b))
		return;
	rest = span(b.data, b.len);
	if (cut_at(&rest, '\n', &line))
		bench_times_parse(line, t);
}

void bench_noise(const struct bench_times *from, const struct bench_times *to,
		 struct bench_noise_doc *n)
{
	const uint64_t total = to->total - from->total;
	uint64_t ours, busy;

	n->known = from->known && to->known && total;
	if (!n->known)
		return;
	ours = (to->ours_ns - from->ours_ns) / bench_tick_ns();
	busy = to->busy - from->busy;
	n->steal_permille = (to->steal - from->steal) * 1000 / total;
	n->other_permille = busy > ours ? (busy - ours) * 1000 / total : 0;
}

void bench_frequency(struct bench_noise_doc *n)
{
	cleanup_host struct host *h = NULL;
	char line[32];
	uint64_t khz;

	if (host_open(&h, NULL) ||
	    host_read_line(h, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq",
			   line, sizeof(line)) ||
	    !span_u64(span(line, strlen(line)), &khz))
		return;
	if (!n->frequency_min_khz || khz < n->frequency_min_khz)
		n->frequency_min_khz = khz;
	if (khz > n->frequency_max_khz)
		n->frequency_max_khz = khz;
}

/* "", or ", at 2.1 to 3.0 GHz" */
static void say_frequency(const struct bench_noise_doc *n, char *buf, size_t size)
{
	const double low = (double)n->frequency_min_khz / 1e6,
		     high = (double)n->frequency_max_khz / 1e6;

	*buf = '\0';
	if (n->frequency_max_khz)
		snprintf(buf, size, ", the first one at %.2f to %.2f GHz", low, high);
}

int bench_noise_say(struct bench_noise_doc *n, struct arena *a)
{
	const char *what = "quiet enough";
	char frequency[64];

	say_frequency(n, frequency, sizeof(frequency));
	n->quiet = n->known && n->steal_permille <= STEAL_PERMILLE &&
		   n->other_permille <= OTHER_PERMILLE;
	if (!n->known)
		what = "not known: /proc/stat cannot be read";
	else if (n->steal_permille > STEAL_PERMILLE)
		what = "the hypervisor takes too much";
	else if (!n->quiet)
		what = "other programs use too much";
	if (!n->known)
		n->text = what;
	else
		n->text = arena_printf(
			a,
			"%s: %.1f %% of the processors stolen, %.1f %% used by others%s",
			what, (double)n->steal_permille / 10,
			(double)n->other_permille / 10, frequency);
	return n->text ? 0 : -ENOMEM;
}

static const char *environment(void)
{
#ifdef __x86_64__
	unsigned a, b, c, d;
	char name[13] = "";

	if (!__get_cpuid(1, &a, &b, &c, &d))
		return "unknown";
	if (!(c >> 31)) /* a processor leaves this bit to hypervisors */
		return "metal";
	__cpuid(0x40000000, a, b, c, d);
	memcpy(name, &b, 4);
	memcpy(name + 4, &c, 4);
	memcpy(name + 8, &d, 4);
	return strcmp(name, "TCGTCGTCGTCG") ? "virtual" : "emulated";
#else
	return "unknown";
#endif
}

static const char *label(const char *environment)
{
	if (!strcmp(environment, "emulated"))
		return "An emulated processor: counts are right, times and throughput "
		       "say nothing about a real one.";
	if (!strcmp(environment, "virtual"))
		return "A virtual machine: neighbours and the hypervisor are part of "
		       "what was measured.";
	return "";
}

static int cpu_name(struct host *h, struct bench_host_doc *out, struct arena *a)
{
	const struct read_opts o = { .max = 4096, .head = true };
	cleanup_bytes struct bytes b = { 0 };
	struct span rest, line, value;

	if (host_read(h, "/proc/cpuinfo", &o, &b))
		return 0;
	rest = span(b.data, b.len);
	while (cut_at(&rest, '\n', &line)) {
		if (!span_starts(line, "model name"))
			continue;
		value = line;
		if (!cut_at(&value, ':', &line))
			return 0;
		value = trimmed(value);
		out->cpu = arena_strndup(a, value.p, value.len);
		return out->cpu ? 0 : -ENOMEM;
	}
	return 0;
}

int bench_host(struct bench_host_doc *out, struct arena *a)
{
	cleanup_host struct host *h = NULL;
	struct utsname u;
	cpu_set_t set;
	int err = 0;

	*out = (struct bench_host_doc){
		.name = "", .kernel = "", .openssl = "", .cpu = ""
	};
	out->environment = environment();
	out->label = label(out->environment);
	if (!sched_getaffinity(0, sizeof(set), &set))
		out->cpus = (uint64_t)CPU_COUNT(&set);
	if (!uname(&u)) {
		out->name = arena_strdup(a, u.nodename);
		out->kernel = arena_strdup(a, u.release);
	}
	out->openssl = arena_strdup(a, bench_openssl_version());
	if (!host_open(&h, NULL))
		err = cpu_name(h, out, a);
	return err || !out->name || !out->kernel || !out->openssl ? -ENOMEM : 0;
}

bool bench_tls_stat(uint64_t *tx, uint64_t *rx)
{
	const struct facts_query q = { .mask = FACT_TLS_STAT };
	cleanup_host struct host *h = NULL;
	cleanup_facts struct facts *f = NULL;
	char text[256];

	*tx = *rx = 0;
	if (host_open(&h, NULL) || facts_read(h, &q, &f, text, sizeof(text)))
		return false;
	*tx = tls_stat_get(&f->tls_stat, "TlsTxSw", 0) +
	      tls_stat_get(&f->tls_stat, "TlsTxDevice", 0);
	*rx = tls_stat_get(&f->tls_stat, "TlsRxSw", 0) +
	      tls_stat_get(&f->tls_stat, "TlsRxDevice", 0);
	return f->tls_stat.present && !f->tls_stat.src.err;
}
