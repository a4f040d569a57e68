#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Is a comparison that is turned over noticed? One at a time, in the checks and the planner.

run.py [--sample N] [--seed N] [--jobs N] [--build FOLDER] [--without TEST] [--list] [FILE...]

Every comparison, junction and condition of the files is a mutant (source.py). A test program
that fails, crashes or does not end kills it; so does another answer for one of tests/roots.
The tests are asked that pass the place, the quick ones first. What survives is a failure,
unless tests/mutation/equivalent says why no test can tell the difference.
"""
import argparse
import concurrent.futures
import glob
import os
import random
import re
import resource
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import source  # noqa: E402

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
os.chdir(ROOT)
FILES = ["lib/check/*.c", "checks/*.c", "checks/*/*.c", "lib/tune/plan.c", "lib/tune/rule.c",
         "lib/tune/when.c", "lib/tune/values.c"]
EQUIVALENT = "tests/mutation/equivalent"
MEMORY = 4 << 30
ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TERM": "dumb"}


def write(path, text):
    """Only when it differs, so that make has nothing to do."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.islink(path):
        os.unlink(path)
    elif os.path.exists(path):
        with open(path) as f:
            if f.read() == text:
                return
    with open(path, "w") as f:
        f.write(text)


def link(path, tree):
    into = os.path.join(tree, path)
    os.makedirs(os.path.dirname(into), exist_ok=True)
    if not os.path.lexists(into):
        os.symlink(os.path.join(ROOT, path), into)


def make_tree(tree, files):
    """The sources with all mutants in them, next to links to the others."""
    mutants = []
    for path in files:
        with open(path) as f:
            made = source.Source(path, f.read(), len(mutants) + 1)
        mutants += made.mutants
        write(os.path.join(tree, path), made.result())
    for path in glob.glob("lib/**", recursive=True) + glob.glob("checks/**", recursive=True):
        if os.path.isfile(path) and path not in files:
            link(path, tree)
    for path in ("Makefile", "cmd", "profiles", "tests", "share", "man"):
        link(path, tree)
    write(os.path.join(tree, "lib/check/mutants.c"), '#include "mutant.inc"\n')
    return mutants


def compile_tree(tree, jobs):
    # By the environment: some rules add to these.
    env = {**os.environ, "CPPFLAGS": f"-I{ROOT}/tests/mutation", "CFLAGS": "-w",
           "LDFLAGS": "-fuse-ld=lld", "MAKEFLAGS": ""}
    subprocess.run(["make", "-s", f"-j{jobs}", "-C", tree, "B=out", "CC=clang", "OPT=-O1",
                    "HARDEN=-fPIE", "unit-build", "out/ktlsctl"], check=True, env=env)


def limits():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(command, number=0, seen=None, timeout=120):
    """(exit status, stdout); None when it does not end."""
    env = {**ENV, "MUTANT": str(number), **({"MUTANT_SEEN": seen} if seen else {})}
    try:
        done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, timeout=timeout,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              preexec_fn=limits)
    except subprocess.TimeoutExpired:
        return None
    return done.returncode, done.stdout


class Test:
    """A program of tests: what it says does not count, its exit status does."""

    def __init__(self, name, commands, tree):
        self.name, self.commands = name, commands
        seen = os.path.join(tree, "seen." + name.replace("/", "-"))
        if os.path.exists(seen):
            os.unlink(seen)
        start = time.monotonic()
        self.good = self.result(seen=seen)
        self.seconds = time.monotonic() - start
        with open(seen, "rb") as f:
            self.seen = {i for i, passed in enumerate(f.read()) if passed}

    def result(self, number=0, seen=None):
        timeout = 5 + 20 * self.seconds if number else 120
        out = []
        for command in self.commands:
            out.append(self.essence(run(command, number, seen, timeout)))
            if number and out[-1] != self.good[len(out) - 1]:
                break
        return out

    def essence(self, result):
        return result and result[0]

    def kills(self, number):
        return self.result(number) != self.good


class Root(Test):
    """The answer for a snapshot, which tests/cli/golden pins."""

    def essence(self, result):
        return result and (result[0], re.sub(rb'"duration_us": *\d+', b"", result[1]))


def all_tests(tree, without):
    tests, broken = [], []
    for program in sorted(glob.glob(tree + "/out/tests/unit/test_*")):
        if re.search(r"\.[od]$", program) or os.path.basename(program) in without:
            continue
        test = Test(os.path.basename(program), [[program]], tree)
        (broken if test.good != [0] else tests).append(test)
    program = tree + "/out/ktlsctl"
    for marker in sorted(glob.glob("tests/roots/*/ktlsctl-snapshot.json")):
        root = os.path.dirname(marker)
        commands = [[program, "--root", root, "--color=never"],
                    [program, "--root", root, "--json"]]
        tests.append(Root("golden/" + os.path.basename(root), commands, tree))
    return sorted(tests, key=lambda t: t.seconds), broken


def killer(mutant, tests):
    """The name of the first test that fails; "" when none passes the place; or None."""
    near = [t for t in tests if mutant.number in t.seen]
    for test in near:
        if test.kills(mutant.number):
            return test.name
    return None if near else ""


def equivalent():
    """{key: why no test can tell}."""
    out = {}
    if os.path.exists(EQUIVALENT):
        with open(EQUIVALENT) as f:
            for line in f:
                if line.strip() and not line.startswith("#"):
                    key, _, why = line.rstrip("\n").partition("\t")
                    if not why.strip():
                        sys.exit(f"mutation: {EQUIVALENT}: no reason: {key}")
                    out[key] = why.strip()
    return out


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--build", default="build/mutants")
    p.add_argument("--sample", type=int, default=0, help="so many of them; 0: all")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--jobs", type=int, default=1)
    p.add_argument("--without", action="append", default=[], help="a test that takes long")
    p.add_argument("--list", action="store_true", help="the mutants, and nothing is run")
    p.add_argument("files", nargs="*")
    return p.parse_args()


def judge(path, results):
    """One line of TAP for a file, and each survivor."""
    alive = [(m, by) for m, by in results if not by and not m.reason]
    excused = sum(1 for m, by in results if not by and m.reason)
    killed = sum(1 for _, by in results if by)
    print(f"{'not ok' if alive else 'ok'} mutation/{path}")
    print(f"# {killed} of {len(results)} fail a test, {excused} make no difference")
    for mutant, by in alive:
        print(f"# {'no test passes' if by == '' else 'survives'}: {mutant}")
    sys.stdout.flush()
    return len(alive)


def tell(args, chosen, known, results):
    alive = sum(judge(p, [r for r in results if r[0].path == p])
                for p in sorted({m.path for m in chosen}))
    killed = sum(1 for _, by in results if by)
    print(f"# {len(results)} of {len(chosen)} mutants: {killed} fail a test, "
          f"{len(results) - killed - alive} make no difference, {alive} survive")
    dead = {m.key() for m, by in results if by}
    if args.sample or args.files:
        return alive
    stale = sorted(set(known) - {m.key() for m, by in results if not by})
    print("\n# ".join([f"not ok mutation/{EQUIVALENT} is true"] +
                      [f"{'is killed' if k in dead else 'there is no'}: {k}" for k in stale])
          if stale else f"ok mutation/{EQUIVALENT} is true")
    return alive + len(stale)


def main():
    args = arguments()
    tree = os.path.join(ROOT, args.build)
    files = sorted({p for pattern in FILES for p in glob.glob(pattern)})
    mutants, known = make_tree(tree, files), equivalent()
    for mutant in mutants:
        mutant.reason = known.get(mutant.key())
    chosen = [m for m in mutants if not args.files or m.path in args.files]
    if args.list:
        print("\n".join(f"{m.number} {m}" for m in chosen))
        return
    if args.sample:
        chosen = random.Random(args.seed).sample(chosen, min(args.sample, len(chosen)))
    compile_tree(tree, args.jobs)
    tests, broken = all_tests(tree, args.without)
    for test in broken:
        print(f"# not used, fails here without a mutant: {test.name}")
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool, \
            open(tree + "/log", "w", buffering=1) as log:
        results = []
        for mutant, by in zip(chosen, pool.map(lambda m: killer(m, tests), chosen)):
            print(f"{by or '-':24} {mutant}", file=log)
            results.append((mutant, by))
    sys.exit(1 if tell(args, chosen, known, results) else 0)


if __name__ == "__main__":
    main()
