#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""gcc -fanalyzer, clang-tidy, cppcheck and clang-format; what is left is a failure.

run.py [--build FOLDER] [--jobs N] [--tool TOOL] [FILE...]

suppressions: what they say wrongly, one a line: tool, check, file (a glob), a word of the
message (* for any), and why; tabs between. One that nothing needs any more is a failure too,
with the versions it was written for.
"""
import argparse
import concurrent.futures
import fnmatch
import glob
import os
import re
import shlex
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
os.chdir(ROOT)
SUPPRESSIONS = "tests/analyze/suppressions"
FOUND = re.compile(r"^([^\s:]+):(\d+)(?::\d+)?: (?:warning|error|style|performance|portability):"
                   r" (.*?) \[([\w.,+-]+)\]$", re.M)


def flags(build):
    """As the files are compiled, without what only concerns the code that comes of it."""
    with open(f"{build}/flags") as f:
        words = shlex.split(f.read())
    return ["-Ilib/check", *(w for w in words if w.startswith(("-I", "-D", "-std=")))]


def said(command):
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout + "\n" + done.stderr


def gcc(path, with_flags):
    # Without optimisation what it says of cleanup_* is about code that is not there.
    return said(["gcc", *with_flags, "-O1", "-fanalyzer", "-c", "-o", "/dev/null", path])


def clang_tidy(path, with_flags):
    return said(["clang-tidy", "--quiet", path, "--", *with_flags])


def cppcheck(path, with_flags):
    usable = [f for f in with_flags if f.startswith(("-I", "-D")) and not f.startswith("-I/")]
    return said(["cppcheck", "--quiet", "--std=c11", "--enable=warning,performance,portability",
                 "--inconclusive", "--template={file}:{line}:{column}: warning: {message} [{id}]",
                 "--suppress=missingInclude", *usable, path])


TRIED = {"gcc": " 12.", "clang-tidy": "version 14.", "cppcheck": " 2.10",
         "clang-format": "version 14."}
TOOLS = {"gcc": gcc, "clang-tidy": clang_tidy, "cppcheck": cppcheck}


class Suppression:
    def __init__(self, line):
        words = [w.strip() for w in re.split(r"\t+", line.strip(), maxsplit=4)]
        if len(words) != 5 or not words[4]:
            sys.exit(f"analyze: {SUPPRESSIONS}: tool, check, file, word and why: {line}")
        self.tool, self.check, self.file, self.word, self.why = words
        self.used, self.line = 0, line.strip()

    def covers(self, tool, finding):
        path, _, message, check = finding
        return (tool == self.tool and check == self.check and fnmatch.fnmatch(path, self.file)
                and (self.word == "*" or self.word in message))


def suppressions():
    with open(SUPPRESSIONS) as f:
        return [Suppression(line) for line in f if line.strip() and not line.startswith("#")]


def findings(text):
    """(file, line, message, check) of this program's own files."""
    out = set()
    for path, line, message, check in FOUND.findall(text):
        path = os.path.relpath(path, ROOT)
        check = check.split(",")[0].removeprefix("-Wanalyzer-")
        if path.startswith(("cmd/", "lib/", "checks/")):
            out.add((path, int(line), message, check))
    return out


def look(tool, args, paths, known):
    """Prints how it went; the number of findings that nobody excuses."""
    with_flags, found = flags(args.build), set()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for text in pool.map(lambda p: TOOLS[tool](p, with_flags), paths):
            found |= findings(text)
            if re.search(r"^\S+: (fatal )?error: ", text, re.M):
                found.add(("?", 0, text[:500], "it could not look"))
    left = []
    for finding in sorted(found):
        excuse = next((s for s in known if s.covers(tool, finding)), None)
        if excuse:
            excuse.used += 1
        else:
            left.append(finding)
    print(f"{'not ok' if left else 'ok'} analyze/{tool}")
    print(f"# {len(paths)} files, {len(found)} findings, {len(found) - len(left)} excused")
    for path, line, message, check in left:
        print(f"# {path}:{line}: {message} [{check}]")
    sys.stdout.flush()
    return len(left)


def stale(tools, known):
    """Excuses that nothing needs."""
    for tool in tools:
        lines = [s.line for s in known if s.tool == tool and not s.used]
        tried = TRIED[tool] in said([tool, "--version"])
        if not tried:
            print(f"# {tool}: another version than its excuses are for")
        for line in lines:
            print(f"# nothing needs: {line}")
        if tried:
            yield from lines


def formatted():
    """Whether every source is laid out as .clang-format says; versions differ in details."""
    if TRIED["clang-format"] not in said(["clang-format", "--version"]):
        print("ok analyze/clang-format # SKIP another version than the sources are for")
        return 0
    files = [p for top in ("cmd", "lib", "checks", "tests")
             for p in sorted(glob.glob(top + "/**/*.[ch]", recursive=True))]
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", *files], capture_output=True,
                          text=True)
    bad = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error: .*clang-format", done.stderr, re.M)))
    if done.returncode and not bad:
        bad = ["it could not look: " + done.stderr[:500]]
    print(f"{'not ok' if bad else 'ok'} analyze/clang-format")
    for path in bad:
        print(f"# {path}")
    return len(bad)


def sources():
    return sorted(p for top in ("cmd", "lib", "checks")
                  for p in glob.glob(top + "/**/*.c", recursive=True))


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--build", default="build")
    p.add_argument("--jobs", type=int, default=1)
    p.add_argument("--tool", choices=sorted(TOOLS), action="append")
    p.add_argument("files", nargs="*")
    args = p.parse_args()
    known, tools = suppressions(), args.tool or sorted(TOOLS)
    bad = sum(look(t, args, args.files or sources(), known) for t in tools)
    if not args.files:
        bad += formatted()
        left = list(stale(tools, known))
        print(f"{'not ok' if left else 'ok'} analyze/every-excuse-is-needed")
        bad += len(left)
    sys.exit(1 if bad else 0)


main()
