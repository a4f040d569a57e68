#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ktlsctl sockets against ss(8), and against a dump of the kernel that only counts.

sockets.py [SOCKETS...]; whole processes, alternately in one run; ends only what it started."""
import os
import resource
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
OURS = [os.path.join(ROOT, "build", "ktlsctl"), "sockets", "--ndjson"]
BUILD = os.path.join(ROOT, "build", "bench")
PROCESSES = 16
SECONDS = 60  # for one pair of commands, whatever the rounds say


def build(name, *libraries):
    os.makedirs(BUILD, exist_ok=True)
    out = os.path.join(BUILD, name)
    source = os.path.join(ROOT, "tests", "fixtures", "sockets", name + ".c")
    subprocess.run([os.environ.get("CC", "cc"), "-O2", "-o", out, source, *libraries], check=True)
    return out


def once(command):
    """Seconds of one run, and of processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    took = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed: exit status {done.returncode}")
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peak(command):
    """Peak memory in KiB: of a process that time(1) started, not we."""
    out = subprocess.run(["/usr/bin/time", "-f", "%M"] + command, stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, text=True)
    return int(out.stderr.strip().split("\n")[-1])


class Sockets:
    """Connections over loopback, both ends in the same process, in several processes."""

    def __init__(self, program, count):
        pairs = count // PROCESSES // 2
        self.child = subprocess.Popen([program, str(PROCESSES), str(pairs)], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.child.stdout.readline() != "ready\n":
            sys.exit(f"{count} sockets cannot be made here")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait()
        time.sleep(1)


def compare(name, ours, theirs, rounds):
    """One row: medians, and how many times as long theirs takes."""
    a, b, start = [], [], time.perf_counter()
    once(ours), once(theirs)
    for _ in range(rounds):
        a.append(once(ours))
        b.append(once(theirs))
        if time.perf_counter() - start > SECONDS and len(a) >= 3:
            break
    wall = statistics.median(y[0] / x[0] for x, y in zip(a, b))
    cpu = statistics.median(y[1] / x[1] for x, y in zip(a, b))
    print(f"| {name} | {statistics.median(x[0] for x in a):.3f} "
          f"| {statistics.median(x[0] for x in b):.3f} | {wall:.2f} | {cpu:.2f} | {len(a)} |",
          flush=True)


def best_cpu(command):
    """Processor time, the least of some runs: what else runs here adds to it."""
    return min(once(command)[1] for _ in range(3))


def main():
    counts = [int(n) for n in sys.argv[1:]] or [10000, 100000, 200000]
    sockets, bare = build("sockets"), build("bare", "-lmnl")
    most = 100000 if 100000 in counts else counts[-1]
    with Sockets(sockets, most):
        print(f"{most} sockets in {PROCESSES} processes; load average {os.getloadavg()[0]:.1f}\n")
        print("| ktlsctl sockets --ndjson; against | seconds | the other's | times as long "
              "| of processor time | rounds |")
        print("|---|---:|---:|---:|---:|---:|")
        compare("--all; ss -tiepnO", OURS + ["--all"], ["ss", "-tiepnO"], 5)
        compare("--all --no-owners; ss -tienO", OURS + ["--all", "--no-owners"],
                ["ss", "-tienO"], 15)
        compare("--no-owners; a dump that only counts", OURS + ["--no-owners"], [bare], 25)
    print("\n| sockets | --all: processor s | KiB at most | --no-owners: processor s "
          "| KiB at most |")
    print("|---:|---:|---:|---:|---:|")
    for count in counts:
        with Sockets(sockets, count):
            every, few = OURS + ["--all"], OURS + ["--no-owners"]
            print(f"| {count} | {best_cpu(every):.3f} | {peak(every)} | {best_cpu(few):.3f} "
                  f"| {peak(few)} |", flush=True)


main()
