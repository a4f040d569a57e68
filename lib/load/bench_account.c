// SPDX-License-Identifier: MIT
/* What a thread used: the scheduler's clock, its calls, and what perf lets be counted. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include "../host/cleanup.h"
#include "bench_priv.h"
#include "bench_serve.h"

enum { PERF_CALLS, PERF_INSTRUCTIONS, PERF_MISSES };

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t bench_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t bench_deadline(void)
{
	return bench_now_ns() + BENCH_WAIT_S * 1000000000ULL;
}

uint64_t bench_used_ns(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* A small file of this host as it is; its length, or -errno. */
static ssize_t slurp(const char *path, char *buf, size_t size)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return n;
}

/* Of this thread, wherever it runs; a descriptor or -errno. */
static int open_event(uint32_t type, uint64_t config)
{
	struct perf_event_attr a = { .type = type,
				     .size = sizeof(a),
				     .config = config,
				     .disabled = 1,
				     .exclude_hv = 1 };
	long fd = syscall(SYS_perf_event_open, &a, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}

static const char *why_none(int err)
{
	switch (-err) {
	case EACCES:
	case EPERM:
		return "perf is not permitted: kernel.perf_event_paranoid";
	case ENOENT:
	case EOPNOTSUPP:
	case ENODEV:
		return "this processor, or its hypervisor, shows no counters";
	case ENOSYS:
		return "no perf in this kernel";
	default:
		return "perf could not be opened";
	}
}

void bench_counters_find(struct bench_counters *c)
{
	char text[32];
	int fd;

	*c = (struct bench_counters){ .calls_why = "", .perf_why = "" };
	if (slurp("/sys/kernel/tracing/events/raw_syscalls/sys_enter/id", text,
		  sizeof(text)) > 0)
		c->tracepoint = strtoull(text, NULL, 10);
	fd = c->tracepoint ? open_event(PERF_TYPE_TRACEPOINT, c->tracepoint) : -ENOENT;
	if (fd < 0) {
		c->tracepoint = 0;
		c->calls_why = "the tracepoint raw_syscalls:sys_enter is not to be had";
	} else {
		close(fd);
	}
	fd = open_event(PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS);
	if (fd < 0)
		c->perf_why = why_none(fd);
	else
		close(fd);
}

static uint64_t microseconds(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000 + (uint64_t)t->tv_usec;
}

void bench_thread_times(uint64_t *user_ns, uint64_t *system_ns)
{
	struct rusage r = { 0 };

	getrusage(RUSAGE_THREAD, &r);
	*user_ns = microseconds(&r.ru_utime) * 1000;
	*system_ns = microseconds(&r.ru_stime) * 1000;
}

static uint64_t io_line(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static void read_clocks(struct bench_usage *u)
{
	bench_thread_times(&u->user_ns, &u->system_ns);
	u->cpu_ns = bench_used_ns();
}

static void read_io(struct bench_usage *u)
{
	char text[512];

	u->io = slurp("/proc/thread-self/io", text, sizeof(text)) > 0;
	if (u->io) {
		u->io_reads = io_line(text, "syscr: ");
		u->io_writes = io_line(text, "syscw: ");
	}
}

void bench_meter_start(struct bench_meter *m, const struct bench_counters *c)
{
	*m = (struct bench_meter){ .fds = { -1, -1, -1 } };
	if (c->tracepoint)
		m->fds[PERF_CALLS] = open_event(PERF_TYPE_TRACEPOINT, c->tracepoint);
	if (!*c->perf_why) {
		m->fds[PERF_INSTRUCTIONS] = open_event(PERF_TYPE_HARDWARE,
						       PERF_COUNT_HW_INSTRUCTIONS);
		m->fds[PERF_MISSES] = open_event(PERF_TYPE_HARDWARE,
						 PERF_COUNT_HW_CACHE_MISSES);
	}
	read_io(&m->begun);
	read_clocks(&m->begun);
	m->begun.begin_ns = bench_now_ns();
	/* The calls last, and first when it ends: of ours only that last one is counted,
	 * and not the clock, which is a call where the kernel trusts no fast one. */
	for (size_t i = ARRAY_SIZE(m->fds); i-- > 0;)
		if (m->fds[i] >= 0)
			ioctl(m->fds[i], PERF_EVENT_IOC_ENABLE, 0);
}

static bool take_event(int *fd, uint64_t *out)
{
	const ssize_t size = sizeof(*out);
	bool had = *fd >= 0 && read(*fd, out, sizeof(*out)) == size;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return had;
}

void bench_meter_stop(struct bench_meter *m, struct bench_usage *used)
{
	const struct bench_usage *b = &m->begun;
	struct bench_usage now = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(m->fds); i++)
		if (m->fds[i] >= 0)
			ioctl(m->fds[i], PERF_EVENT_IOC_DISABLE, 0);
	now.end_ns = bench_now_ns();
	read_clocks(&now);
	read_io(&now);
	*used = (struct bench_usage){
		.begin_ns = b->begin_ns,
		.end_ns = now.end_ns,
		.cpu_ns = now.cpu_ns - b->cpu_ns,
		.user_ns = now.user_ns - b->user_ns,
		.system_ns = now.system_ns - b->system_ns,
		.io = now.io && b->io,
		.io_reads = now.io_reads - b->io_reads,
		.io_writes = now.io_writes - b->io_writes,
	};
	/* Reading the first account counted itself in the second. */
	if (used->io_reads)
		used->io_reads--;
	used->traced = take_event(&m->fds[PERF_CALLS], &used->calls);
	if (used->calls)
		used->calls--;
	used->perf = take_event(&m->fds[PERF_INSTRUCTIONS], &used->instructions);
	take_event(&m->fds[PERF_MISSES], &used->misses);
}
