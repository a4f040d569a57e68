#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ktlsctl fleet on many hosts: seconds, MB/s and peak memory for roll-ups and full reports.

fleet.py [ROLLUPS [REPORT_MB]]; the documents are made here, from those of tests/roots: each
host has its own name, time, kernel, NICs and findings, drawn with a fixed seed."""
import copy
import glob
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
OURS = os.path.join(ROOT, "build", "ktlsctl")
ROUNDS, WARM = 5, 1
DRIVERS = ["mlx5_core", "ice", "i40e", "virtio_net", "bnxt_en", "ena", "e1000e"]


def models(*args):
    """A document of each snapshot."""
    roots = sorted(glob.glob(ROOT + "/tests/roots/*/ktlsctl-snapshot.json"))
    return [json.loads(subprocess.run([OURS, "--root", os.path.dirname(root), *args],
                                      capture_output=True, text=True).stdout) for root in roots]


def vary(document, i, rnd):
    """Another host of the same kind."""
    host = document["host"] if isinstance(document["host"], dict) else document
    document["time"] = "2026-11-%02dT%02d:%02d:%02dZ" % (rnd.randint(1, 20), rnd.randint(0, 23),
                                                       rnd.randint(0, 59), rnd.randint(0, 59))
    if host is document:
        document["host"] = f"node-{i:07d}.rack{i % 97}.example"
    else:
        host["name"] = f"node-{i:07d}.rack{i % 97}.example"
    host["kernel"] = f"6.{rnd.choice([1, 6, 12])}.{rnd.randint(0, 120)}-amd64"
    host["openssl"] = f"3.{rnd.randint(0, 5)}.{rnd.randint(0, 20)}"
    host["nics"] = [{"name": f"ens{n}f0np{n}", "driver": rnd.choice(DRIVERS)}
                    for n in range(rnd.randint(1, 4))]
    rnd.shuffle(document["findings"])
    del document["findings"][rnd.randint(len(document["findings"]) * 3 // 4, 1000):]
    return document


def generate(path, kinds, count, size, indent):
    """count documents, or size bytes of them. Returns documents and bytes."""
    rnd = random.Random(7)
    done = 0
    with open(path, "w") as f:
        while (not count or done < count) and (not size or f.tell() < size):
            document = vary(copy.deepcopy(rnd.choice(kinds)), done, rnd)
            f.write(json.dumps(document, indent=indent,
                               separators=None if indent else (",", ":")) + "\n")
            done += 1
    return done, os.path.getsize(path)


def once(command):
    """Seconds of one run, of processor time, and peak memory in MiB."""
    out = subprocess.run(["/usr/bin/time", "-f", "%e %U %S %M"] + command, check=True,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wall, user, system, kib = map(float, out.stderr.split("\n")[-2].split())
    return wall, user + system, kib / 1024


def row(name, documents, size, command):
    runs = [once(command) for _ in range(WARM + ROUNDS)][WARM:]
    wall = statistics.median(r[0] for r in runs)
    best = min(r[0] for r in runs)
    cpu = statistics.median(r[1] for r in runs)
    print(f"| {name} | {documents} | {size / 1e6:.0f} | {best:.2f} | {wall:.2f} | {cpu:.2f} | "
          f"{size / 1e6 / best:.0f} | {size / 1e6 / cpu:.0f} | {max(r[2] for r in runs):.0f} |",
          flush=True)


def main():
    rollups = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    short, full = models("--ndjson"), models("--json")
    print(f"{ROUNDS} rounds after {WARM} warm one, files in the page cache; load average "
          f"{os.getloadavg()[0]:.1f}\n")
    print("| fleet | documents | MB | min s | median s | processor s | MB/s at best | "
          "MB/s of processor time | peak MiB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/documents"
        n, size = generate(path, short, rollups, 0, None)
        row("summary, roll-ups", n, size, [OURS, "fleet", "summary", path])
        row("diff, roll-ups, both", n * 2, size * 2, [OURS, "fleet", "diff", path, path])
        n, size = generate(path, full, 0, megabytes * 1000000, 1)
        row("summary, reports, indented", n, size, [OURS, "fleet", "summary", path])
        n, size = generate(path, full, 0, megabytes * 1000000, None)
        row("summary, reports, a line each", n, size, [OURS, "fleet", "summary", path])


main()
