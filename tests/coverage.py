#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Which lines the tests run: one table per folder, and the rest by name.

coverage.py PROGRAM...: the programs were built with clang -fcoverage-mapping, and left their
profiles (*.profraw) in PROFILES. The report goes to stdout, what no test entered and the
lines of every file to OUT/coverage.txt. A folder of which fewer lines run than
tests/uncovered says is a failure, and so is a function that is never entered and not named
there. Used by tests/fuzz/report.py too.
"""
import collections
import fnmatch
import glob
import json
import os
import re
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
UNCOVERED = "tests/uncovered"


def tool(name):
    """llvm-cov, or llvm-cov-19 where the plain name belongs to another package."""
    found = sorted(glob.glob(f"/usr/bin/{name}-[0-9]*"))
    plain = f"/usr/bin/{name}"
    version = subprocess.run(["clang", "--version"], capture_output=True, text=True).stdout
    number = re.search(r"version (\d+)", version)
    own = number and f"{plain}-{number.group(1)}"
    for path in (own, plain, *found):
        if path and os.path.exists(path):
            return path
    sys.exit(f"coverage: {name} is missing; 'make deps' installs it")


def merge(profiles, into):
    subprocess.run([tool("llvm-profdata"), "merge", "-sparse", "-o", into, *profiles],
                   check=True, capture_output=True)


class Source:
    """Lines of one file that can run -> how often they did; its functions and their lines."""

    def __init__(self):
        self.lines = {}
        self.functions = collections.defaultdict(lambda: [0, 0, 0])


def take_lines(text, sources):
    """lcov's format: SF: a file, FN: a function's first line, DA: a line and its count."""
    now = None
    for row in text.split("\n"):
        kind, _, rest = row.partition(":")
        if kind == "SF":
            now = sources[os.path.relpath(rest, ROOT)]
        elif kind == "DA":
            line, count = rest.split(",")[:2]
            now.lines[int(line)] = max(int(count), now.lines.get(int(line), 0))


def take_functions(document, sources):
    for function in document["data"][0]["functions"]:
        path = os.path.relpath(function["filenames"][0], ROOT)
        spot = sources[path].functions[function["name"].rsplit(":", 1)[-1]]
        first = min(r[0] for r in function["regions"] if r[5] == 0)
        last = max(r[2] for r in function["regions"] if r[5] == 0)
        spot[0], spot[1] = first, last
        spot[2] = max(spot[2], function["count"])


def read(programs, profile, files=()):
    """{path: Source} of the files named (all: none named), by llvm-cov."""
    sources = collections.defaultdict(Source)
    objects = [programs[0]] + [w for p in programs[1:] for w in ("-object", p)]
    args = [*objects, f"-instr-profile={profile}", *files]
    for form, take in (("lcov", take_lines), ("text", take_functions)):
        done = subprocess.run([tool("llvm-cov"), "export", f"-format={form}", *args],
                              capture_output=True, text=True, cwd=ROOT)
        if done.returncode:
            sys.exit(f"coverage: {done.stderr.strip()}")
        take(json.loads(done.stdout) if form == "text" else done.stdout, sources)
    return sources


def counted(source, functions=None):
    """(lines that ran, lines that can) of a file, or of the functions named."""
    lines = source.lines
    if functions is not None:
        spans = [source.functions[f] for f in functions if f in source.functions]
        lines = {n: c for n, c in lines.items() if any(a <= n <= b for a, b, _ in spans)}
    return sum(1 for c in lines.values() if c), len(lines)


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


def ranges(numbers):
    """1 2 3 7 -> "1-3 7"."""
    out = []
    for n in sorted(numbers):
        if out and out[-1][1] == n - 1:
            out[-1][1] = n
        else:
            out.append([n, n])
    return " ".join(f"{a}-{b}" if a != b else str(a) for a, b in out)


def detail(sources):
    """What a reader wants to know of a file: its share, what was never entered, the rest."""
    for path in sorted(sources):
        source = sources[path]
        ran, lines = counted(source)
        yield f"{percent(ran, lines):6.1f} %  {path}"
        never = sorted(n for n, (_, _, count) in source.functions.items() if not count)
        if never:
            yield "          never entered: " + ", ".join(never)
        inside = [span for span in source.functions.values() if not span[2]]
        rest = {n for n, c in source.lines.items()
                if not c and not any(a <= n <= b for a, b, _ in inside)}
        if rest:
            yield "          lines: " + ranges(rest)


class Uncovered:
    """What the tests need not run: of a folder (floor, in %), or functions by name."""

    def __init__(self, line):
        words = [w.strip() for w in re.split(r"\t+", line.strip(), maxsplit=2)]
        if len(words) != 3 or not re.fullmatch(r"-|\d+", words[1]) or not words[2]:
            sys.exit(f"coverage: {UNCOVERED}: a folder and its floor, or FILE:FUNCTION and -, "
                     f"and why; tabs between: {line}")
        self.where, self.why = words[0], words[2]
        self.floor = None if words[1] == "-" else int(words[1])


def uncovered():
    with open(UNCOVERED) as f:
        return [Uncovered(line) for line in f if line.strip() and not line.startswith("#")]


def sums(sources):
    """{folder: [lines that ran, lines, functions entered, functions]}."""
    folders = collections.defaultdict(lambda: [0, 0, 0, 0])
    for path, source in sources.items():
        ran, lines = counted(source)
        entered = [count for _, _, count in source.functions.values()]
        for i, n in enumerate((ran, lines, sum(1 for c in entered if c), len(entered))):
            folders[os.path.dirname(path)][i] += n
    return folders


def put_table(folders):
    print(f"# {'folder':16} {'lines':>14} {'':>8} {'functions':>12}")
    whole = [sum(s[i] for s in folders.values()) for i in range(4)]
    for name, (ran, lines, entered, functions) in [*sorted(folders.items()), ("all", whole)]:
        print(f"# {name:16} {ran:6} of {lines:5} {percent(ran, lines):6.1f} % "
              f"{entered:5} of {functions:4}")


def answer(name, problems):
    """A line of TAP; whether it is good."""
    print("\n# ".join([f"{'not ok' if problems else 'ok'} coverage/{name}", *problems]))
    return not problems


def judge_floors(folders, rows):
    floors = {r.where: r.floor for r in rows if r.floor is not None}
    good = []
    for name, (ran, lines, _, _) in sorted(folders.items()):
        share, floor = percent(ran, lines), floors.pop(name, None)
        problems = []
        if floor is None:
            problems = [f"{share:.1f} % of its lines run; {UNCOVERED} has no floor for it"]
        elif share < floor:
            problems = [f"{share:.1f} % of its lines run, {floor} % did"]
        good.append(answer(name, problems))
    return all(good) & answer("every-floor-has-its-folder", sorted(floors))


def judge_functions(sources, rows):
    """Each function that is never entered needs a row, and each row a function."""
    every = {f"{p}:{name}": f[2] for p, s in sources.items() for name, f in s.functions.items()}
    named = {r.where: fnmatch.filter(every, r.where) for r in rows if r.floor is None}
    known = {place for places in named.values() for place in places}
    good = answer("what-is-never-entered-is-named",
                  sorted(p for p, count in every.items() if not count and p not in known))
    # With root's rights or kTLS in the kernel more is entered: that is no failure.
    for where, places in named.items():
        if places and all(every[p] for p in places):
            print(f"# entered here: {where}")
    return good & answer("what-is-named-is-there", sorted(w for w, p in named.items() if not p))


def main():
    build = os.environ.get("OUT", "build/coverage")
    profiles = glob.glob(os.path.join(os.environ["PROFILES"], "*.profraw"))
    if not profiles:
        sys.exit("coverage: no test left a profile")
    merge(profiles, f"{build}/all.profdata")
    sources = read(sys.argv[1:], f"{build}/all.profdata")
    sources = {p: s for p, s in sources.items() if p.startswith(("cmd/", "lib/", "checks/"))}
    built = {p for top in ("cmd", "lib", "checks")
             for p in glob.glob(top + "/**/*.c", recursive=True)}
    # Tables alone, in which nothing can run, are no row of llvm-cov's.
    tables = sorted(built - set(sources))
    with open(f"{build}/coverage.txt", "w") as f:
        f.write("\n".join(detail(sources)) + "\n")
        if tables:
            f.write("\nNothing in them can run: " + ", ".join(tables) + "\n")
    sources = {p: s for p, s in sources.items() if p.endswith(".c")}
    folders, rows = sums(sources), uncovered()
    put_table(folders)
    print(f"# what is not covered is named in {build}/coverage.txt; why, in {UNCOVERED}")
    sys.exit(0 if judge_floors(folders, rows) & judge_functions(sources, rows) else 1)


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
