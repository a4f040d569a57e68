#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""diagnose among many processes: PROCESSES of MAPPINGS each, forked and each started anew.

scan.py [PROCESSES [MAPPINGS]]; ends only the processes it started."""
import glob
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
OURS = os.path.join(ROOT, "build", "ktlsctl")
CROWD = os.path.join(ROOT, "build", "bench", "crowd")
SOURCE = os.path.join(ROOT, "tests", "fixtures", "crowd", "crowd.c")
ROUNDS, WARM = 11, 2


def build():
    os.makedirs(os.path.dirname(CROWD), exist_ok=True)
    subprocess.run([os.environ.get("CC", "cc"), "-O2", "-o", CROWD, SOURCE], check=True)


def libraries(count):
    """Real libraries, one of them a libssl where there is one: TLS in each process."""
    found = {}
    for path in glob.glob("/usr/lib/*/lib*.so.*") + glob.glob("/usr/lib64/lib*.so.*"):
        real = os.path.realpath(path)
        if os.path.getsize(real) >= 65536:
            found[real] = os.path.basename(real).startswith(("libssl.", "libcrypto."))
    return sorted(found, key=lambda path: (not found[path], path))[:count]


def once(command):
    """Milliseconds of one run."""
    start = time.perf_counter()
    child = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    took = (time.perf_counter() - start) * 1000
    if child.returncode in (2, 126, 127):
        sys.exit(f"{' '.join(command)} failed: exit status {child.returncode}")
    return took


def row(name, command):
    ms = [once(command) for _ in range(WARM + ROUNDS)][WARM:]
    print(f"| {name} | {min(ms):.1f} | {statistics.median(ms):.1f} | {max(ms):.1f} |")


def crowd(mode, processes, files):
    command = [CROWD, mode, str(processes)] + files
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as child:
        if child.stdout.readline() != "ready\n":
            sys.exit(f"{processes} processes cannot be made here")
        row(f"{processes} processes, {mode}", [OURS, "diagnose"])
        child.stdin.close()


def main():
    processes = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    mappings = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    build()
    files = libraries(mappings // 4)
    print(f"{len(files)} libraries, four mappings each; {ROUNDS} rounds after {WARM} warm "
          f"ones; load average {os.getloadavg()[0]:.1f}\n")
    print("| diagnose with | min ms | median ms | max ms |")
    print("|---|---:|---:|---:|")
    row("none of them", [OURS, "diagnose"])
    for mode in ("fork", "exec"):
        crowd(mode, processes, files)


main()
