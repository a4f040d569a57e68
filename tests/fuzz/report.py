#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every fuzz target for so many inputs, and how much of its parser they reached.

report.py [--runs N] [--jobs N] [--resume] [--floor PERCENT] [TARGET...]

A target is done after N inputs, of which the last fifth found no new edge; it gets more of
them (--stretch times N at most) while it still finds any. Where its parser is stands in
tests/fuzz/parsers. The lines are counted by another build (clang's source coverage) that is
given the inputs kept: tests/fuzz/corpus, and what was found. --resume counts on where the
last run of the same programs ended.
"""
import argparse
import concurrent.futures
import glob
import hashlib
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import coverage  # noqa: E402 (tests/coverage.py)

os.chdir(coverage.ROOT)
PARSERS = "tests/fuzz/parsers"
EDGE = re.compile(r"^#(\d+)\t(\S+)\s+cov: (\d+)")
# Room to find what is freed twice is kept small, and who allocated is not written down: that
# costs a quarter of the time, and `make fuzz` tells it of an input that failed.
ENV = {**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=1:thread_local_quarantine_size_kb=64:"
                                     "malloc_context_size=1:max_malloc_fill_size=0:"
                                     "detect_stack_use_after_return=0"}


class Row:
    def __init__(self, line):
        words = line.split()
        self.name, self.longest, self.where = words[0], int(words[1]), words[2:]

    def parts(self):
        """(file, names of functions or None)."""
        for where in self.where:
            path, _, names = where.partition(":")
            yield path, called(path, names.split(",")) if names else None


def rows():
    with open(PARSERS) as f:
        return [Row(line) for line in f if line.strip() and not line.startswith("#")]


def called(path, names):
    """The functions named and all of the same file that they lead to."""
    bodies, name = {}, None
    with open(path) as f:
        text = re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"', "", f.read(), flags=re.S)
    for line in text.split("\n"):
        head = re.match(r"\w[^;={}]*?\b(\w+)\(", line)
        if head:
            name = head.group(1)
        elif name:
            bodies[name] = bodies.get(name, "") + line + "\n"
    missing = [n for n in names if n not in bodies]
    if missing:
        raise LookupError(f"{path} has no {', '.join(missing)}")
    found, todo = set(), list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            # By a call, or by its address: a callback.
            near = re.findall(r"(?<![\w.>])(\w+)(?=\()|(?<=[,(={&] )(\w+)(?=[,;)} ])|"
                              r"(?<=\()(\w+)(?=,)", bodies[name])
            todo += [n for words in near for n in words if n in bodies]
    return found


class Target:
    def __init__(self, row, args):
        self.row, self.args = row, args
        self.build = args.build + "/fuzz"
        self.state_file = f"{self.build}/{row.name}.state"
        self.found = f"{self.build}/found/{row.name}"
        self.state = {"ran": 0, "edges": 0, "last": 0, "programs": self.programs()}
        self.fault = None

    def programs(self):
        with open(f"{self.build}/{self.row.name}", "rb") as f:
            return hashlib.sha256(f.read()).hexdigest()

    def resume(self):
        if self.args.resume and os.path.exists(self.state_file):
            with open(self.state_file) as f:
                state = json.load(f)
            if state["programs"] == self.state["programs"]:
                self.state = state

    def wanted(self):
        """How many inputs are still to come; 0: done."""
        ran, runs = self.state["ran"], self.args.runs
        if ran < runs:
            return runs - ran
        quiet = self.state["last"] * 5 // 4 + 1
        return min(max(quiet, ran) - ran, self.args.stretch * runs - ran)

    def fuzz(self):
        os.makedirs(self.found, exist_ok=True)
        self.resume()
        while not self.fault and self.wanted() > 0:
            self.some(min(self.wanted(), max(self.args.runs // 10, 1000)))
            with open(self.state_file, "w") as f:
                json.dump(self.state, f)

    def some(self, runs):
        name, ran = self.row.name, self.state["ran"]
        command = ["nice", "-n", "10", f"{self.build}/{name}", f"-runs={runs}",
                   f"-seed={1 + ran}", f"-max_len={self.row.longest}", "-timeout=10",
                   "-rss_limit_mb=1024", "-reload=0", "-print_final_stats=0",
                   f"-artifact_prefix={self.build}/{name}-"]
        if os.path.exists(f"tests/fuzz/dict/{name}"):
            command.append(f"-dict=tests/fuzz/dict/{name}")
        log = f"{self.build}/{name}.log"
        with open(log, "w") as f:
            status = subprocess.run([*command, self.found, f"tests/fuzz/corpus/{name}"],
                                    stdout=f, stderr=f, env=ENV).returncode
        with open(log, errors="replace") as f:
            self.read(f.read(), status)

    def read(self, log, status):
        ran = 0
        for line in log.split("\n"):
            seen = EDGE.match(line)
            if not seen:
                continue
            ran, edges = int(seen.group(1)), int(seen.group(3))
            if edges > self.state["edges"]:
                # What the seeds reach is not new.
                at = 0 if seen.group(2) == "INITED" and not self.state["ran"] else ran
                self.state["edges"] = edges
                self.state["last"] = self.state["ran"] + at if at else 0
        self.state["ran"] += ran
        if status:
            said = re.findall(r"^(?:\w+: .*|SUMMARY:.*|.*runtime error.*)$", log, re.M)
            self.fault = "; ".join(said[-3:]) or log[-300:]

    def measure(self):
        """(lines that ran, lines) of the parser, and what never did, by file."""
        name, build = self.row.name, self.args.build + "/fuzz-cov"
        raw, profile = f"{build}/{name}.profraw", f"{build}/{name}.profdata"
        kept = [d for d in (self.found, f"tests/fuzz/corpus/{name}") if os.path.isdir(d)]
        subprocess.run([f"{build}/{name}", "-runs=0", f"-max_len={self.row.longest}", *kept],
                       check=True, capture_output=True,
                       env={**os.environ, "LLVM_PROFILE_FILE": raw})
        coverage.merge([raw], profile)
        os.unlink(raw)
        parts = list(self.row.parts())
        sources = coverage.read([f"{build}/{name}"], profile, [p for p, _ in parts])
        ran = lines = 0
        rest = []
        for path, names in parts:
            some, all_of_it = coverage.counted(sources[path], names)
            ran, lines = ran + some, lines + all_of_it
            rest += not_reached(path, sources[path], names)
        return ran, lines, rest


def not_reached(path, source, names):
    spans = [s for n, s in source.functions.items() if names is None or n in names]
    never = [n for n, c in source.lines.items()
             if not c and any(a <= n <= b for a, b, _ in spans)]
    return [f"{path}: {coverage.ranges(never)}"] if never else []


def judge(target, share):
    """What the issue of each target is; None: all is well."""
    state, args = target.state, target.args
    if target.fault:
        return target.fault
    if state["ran"] < args.runs:
        return f"{state['ran']} inputs instead of {args.runs}"
    if share < args.floor:
        return f"{share:.1f} % of its parser, not {args.floor} %"
    if state["last"] * 5 > state["ran"] * 4:
        return f"still finds new edges, the last by input {state['last']} of {state['ran']}"
    return None


def tell(target):
    ran, lines, rest = target.measure()
    share = coverage.percent(ran, lines)
    bad = judge(target, share)
    state = target.state
    print(f"# {target.row.name:16} {state['ran']:10} inputs {ran:5} of {lines:4} lines "
          f"{share:5.1f} %   last new edge by {state['last']}")
    for path in rest if share < target.args.floor or target.args.verbose else []:
        print(f"#     not reached: {path}")
    print(f"not ok fuzz-long/{target.row.name}\n# {bad}" if bad
          else f"ok fuzz-long/{target.row.name}", flush=True)
    return bad


def declared(table):
    """Every target has a row and every row a target, and names what is there."""
    targets = {os.path.basename(p) for p in glob.glob("tests/fuzz/corpus/*")}
    problems = [f"{t}: no row in {PARSERS}" for t in sorted(targets - {r.name for r in table})]
    for row in table:
        if row.name not in targets:
            problems.append(f"{row.name}: no such target")
        try:
            list(row.parts())
        except (LookupError, OSError) as error:
            problems.append(f"{row.name}: {error}")
    print("\n# ".join(["not ok fuzz-long/every-target-has-its-parser", *problems])
          if problems else "ok fuzz-long/every-target-has-its-parser", flush=True)
    return problems


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--build", default="build")
    p.add_argument("--runs", type=int, default=1000000)
    p.add_argument("--stretch", type=int, default=4)
    p.add_argument("--floor", type=float, default=80)
    p.add_argument("--jobs", type=int, default=1)
    p.add_argument("--resume", action="store_true")
    p.add_argument("--verbose", action="store_true", help="name all lines not reached")
    p.add_argument("targets", nargs="*")
    return p.parse_args()


def main():
    args = arguments()
    table = rows()
    bad = declared(table) if not args.targets else []
    targets = [Target(r, args) for r in table
               if (not args.targets or r.name in args.targets) and
               os.path.exists(f"{args.build}/fuzz/{r.name}")]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for target, done in [(t, pool.submit(t.fuzz)) for t in targets]:
            done.result()
            bad = [tell(target)] + bad
    sys.exit(1 if any(bad) else 0)


if __name__ == "__main__":
    main()
