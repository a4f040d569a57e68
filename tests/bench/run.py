#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Speed of diagnose against guide.sh: whole processes, alternately, warm; medians."""
import os
import statistics
import subprocess
import sys
import time

ROUNDS, WARM = 41, 3
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
OURS = [os.path.join(ROOT, "build", "ktlsctl"), "--color=never"]
GUIDE = ["/bin/sh", os.path.join(HERE, "guide.sh")]


def once(command):
    """Milliseconds of one run."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    child.wait()
    took = (time.perf_counter() - start) * 1000
    if child.returncode in (2, 126, 127):
        sys.exit(f"{' '.join(command)} failed: exit status {child.returncode}")
    return took


def peak(command):
    """Peak memory in MiB: of a process that time(1) started, not we."""
    out = subprocess.run(["/usr/bin/time", "-f", "%M"] + command, stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, text=True)
    return int(out.stderr.strip().split("\n")[-1]) / 1024


def row(name, ms, mib):
    print(f"| {name} | {min(ms):.1f} | {statistics.median(ms):.1f} | {max(ms):.1f} | {mib:.1f} |")


def main():
    ours, guide = [], []
    for i in range(WARM + ROUNDS):
        a, b = once(OURS), once(GUIDE)
        if i >= WARM:
            ours.append(a)
            guide.append(b)
    ratios = [b / a for a, b in zip(ours, guide)]
    print(f"{ROUNDS} rounds, alternately, after {WARM} warm ones; "
          f"load average {os.getloadavg()[0]:.1f}\n")
    print("| command | min ms | median ms | max ms | peak MiB |")
    print("|---|---:|---:|---:|---:|")
    row("ktlsctl", ours, peak(OURS))
    row("tests/bench/guide.sh", guide, peak(GUIDE))
    print(f"\nguide.sh takes {statistics.median(ratios):.1f} times as long "
          f"(median of pairs; {min(ratios):.1f} to {max(ratios):.1f})\n", flush=True)
    subprocess.run([os.path.join(HERE, "scan.py")], check=True)
    print(flush=True)
    subprocess.run([os.path.join(HERE, "sockets.py")], check=True)
    print(flush=True)
    subprocess.run([os.path.join(HERE, "fleet.py")], check=True)
    print(flush=True)
    subprocess.run([os.path.join(HERE, "request.py")], check=True)
    print(flush=True)
    subprocess.run([os.path.join(HERE, "gain.py")], check=True)


main()
