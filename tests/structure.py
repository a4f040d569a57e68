#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The house rules: which folder may include which, tables that forget nothing, sizes."""
import glob
import os
import re
import statistics
import subprocess
import sys

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

# A folder may include its own files and those of a lower level; within level 1 also the
# neighbours. host and tls know nobody.
LEVEL = {"host": 0, "tls": 0, "facts": 1, "diag": 1, "check": 1, "out": 1, "net": 1,
         "checks": 2, "probe": 2, "tune": 2, "load": 2, "fleet": 2, "cmd": 3}
LIBRARIES = ["openssl", "cjson", "libkmod", "netlink", "libmnl", "zlib", "libelf", "gelf", "ini", "liburing", "cap-ng",
             "(?:llhttp|http_parser)", "wslay",
             "cmocka"]
MAX_FILE, MAX_FUNCTION, P95, MEDIAN, MAX_PARAMETERS, MAX_COLUMNS = 500, 80, 50, 15, 5, 90
# Their shape is OpenSSL's.
CALLBACKS = {"lib/tls/watch.c: forget", "lib/tls/watch.c: no_copy", "lib/tls/watch.c: on_message"}
TOP = {".ci", ".clang-format", ".clang-tidy", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile",
       "README.md", "SECURITY.md", "checks", "cmd", "contrib", "debian", "docs", "lib", "profiles",
       "share", "tests"}

failures = 0


def report(name, problems):
    global failures
    failures += bool(problems)
    print(("not ok " if problems else "ok ") + "structure/" + name)
    for problem in problems:
        print("# " + problem)


def room(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "lib" else parts[0]


def sources():
    files = []
    for top in ("cmd", "lib", "checks"):
        files += glob.glob(top + "/**/*.[ch]", recursive=True)
    return sorted(files)


def includes(path):
    with open(path) as f:
        return re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', f.read(), re.M)


def arrow_problem(path, target):
    src, dst = room(path), room(target)
    if src == dst:
        return None
    if src == "checks":
        return None if target == "lib/check/check.h" else "a check includes check.h only"
    if dst == "cmd" or LEVEL[dst] > LEVEL[src]:
        return "an arrow upwards"
    if dst == "tls" and src in ("facts", "diag") and not target.endswith("/cipher.h"):
        return "of lib/tls they may use cipher.h only"
    if LEVEL[dst] == LEVEL[src] and LEVEL[src] != 1:
        return "an arrow between neighbours"
    return None


def check_arrows():
    problems = []
    for path in sources():
        for kind, name in includes(path):
            if kind == "<":
                continue
            target = os.path.normpath(os.path.join(os.path.dirname(path), name))
            if path.startswith("checks/") and name == "check.h":
                target = "lib/check/check.h"
            if not os.path.exists(target):
                problems.append(f"{path}: {name} is not there")
            elif arrow_problem(path, target):
                problems.append(f"{path} -> {target}: {arrow_problem(path, target)}")
    report("arrows", problems)


def check_libraries():
    problems = []
    for path in sources():
        used = {lib for kind, name in includes(path) for lib in LIBRARIES
                if kind == "<" and re.match(lib + r"[/.]", name)}
        if path.endswith(".h") and used:
            problems.append(f"{path}: a header of ours includes {', '.join(used)}")
        if len(used) > 1:
            problems.append(f"{path}: more than one outside library: {', '.join(used)}")
    report("one-library-a-file", problems)


def check_no_shell():
    words = re.compile(r"\b(system|popen|execl|execlp|execle|execv|execvp|execve|posix_spawn)\s*\(")
    problems = []
    for path in sources():
        with open(path) as f:
            text = re.sub(r"/\*.*?\*/|//[^\n]*", "", f.read(), flags=re.S)
        problems += [f"{path}: {m.group(0)}" for m in words.finditer(text)]
    report("no-shelling-out", problems)


def defined(pattern, what):
    found = {}
    for path in glob.glob(pattern):
        with open(path) as f:
            for name in re.findall(r"^const struct " + what + r" (\w+) = \{", f.read(), re.M):
                found[name] = path
    return found


def check_tables():
    problems = []
    for pattern, what, table in (("checks/*/*.c", "check", "checks/table.c"),
                                 ("cmd/*.c", "command", "cmd/main.c")):
        with open(table) as f:
            rows = re.findall(r"&(\w+)[,\s]", f.read())
        for name, path in defined(pattern, what).items():
            if rows.count(name) != 1:
                problems.append(f"{path}: {name} stands {rows.count(name)} times in {table}")
    for name, path in defined("cmd/*.c", "command").items():
        with open(path) as f:
            if "\t.needs = " not in f.read():
                problems.append(f"{path}: {name} does not say what it needs (cmd/needs.h)")
    for path in glob.glob("checks/*/*.c"):
        with open(path) as f:
            text = f.read()
        if len(re.findall(r"^const struct check ", text, re.M)) != 1:
            problems.append(f"{path}: not exactly one check")
        if f'.category = "{path.split("/")[1]}"' not in text:
            problems.append(f"{path}: the category is not the folder")
    report("tables", problems)


def check_built():
    known = re.compile(r"(lib/\w+|checks|checks/\w+|cmd|tests/unit|tests/fuzz|"
                       r"tests/vm/programs|"
                       r"tests/fixtures/\w+)/[\w-]+\.c$")
    tracked = subprocess.run(["git", "ls-files", "*.c"], capture_output=True, text=True)
    problems = [p for p in tracked.stdout.split() if not known.match(p)]
    report("every-file-built", [p + ": no rule builds it" for p in problems])


def functions(path):
    """(name, lines, parameters) of each function; Linux style: { and } in column 0."""
    with open(path) as f:
        lines = f.read().split("\n")
    start, head = None, []
    for i, line in enumerate(lines):
        if line == "{":
            start = i
            head = []
            for back in range(i - 1, -1, -1):
                head.insert(0, lines[back])
                if not lines[back].startswith(("\t", " ")) and "(" in lines[back]:
                    break
        elif line == "}" and start is not None:
            text = " ".join(head)
            inner = text[text.find("(") + 1:text.rfind(")")]
            inner = re.sub(r"\([^()]*\)", "", inner)
            yield head[0].strip(), i - start - 1, inner.count(",") + 1
            start = None


def check_sizes():
    problems, lengths = [], []
    for path in sources():
        with open(path) as f:
            text = f.read()
        if text.count("\n") >= MAX_FILE:
            problems.append(f"{path}: {text.count(chr(10))} lines")
        for n, line in enumerate(text.split("\n"), 1):
            if len(line.expandtabs(8)) > MAX_COLUMNS:
                problems.append(f"{path}:{n}: {len(line.expandtabs(8))} columns")
        for name, length, parameters in functions(path):
            lengths.append(length)
            if length > MAX_FUNCTION:
                problems.append(f"{path}: {name}: {length} lines")
            callback = f"{path}: {name.split('(')[0].split()[-1]}"
            if parameters > MAX_PARAMETERS and callback not in CALLBACKS:
                problems.append(f"{path}: {name}: {parameters} parameters")
    lengths.sort()
    p95 = lengths[int(len(lengths) * 0.95)]
    print(f"# {len(lengths)} functions, median {statistics.median(lengths)}, "
          f"95th percentile {p95}, longest {lengths[-1]} lines")
    if statistics.median(lengths) > MEDIAN or p95 > P95:
        problems.append("functions are too long on the whole")
    report("sizes", problems)


def check_top():
    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True)
    top = {p.split("/")[0] for p in tracked.stdout.split("\n") if p}
    report("top-level", [t + ": not at the top" for t in sorted(top - TOP)])


def first(path, pattern):
    with open(path) as f:
        return re.findall(pattern, f.read(), re.M)


def check_versions():
    """Of the packages, and the symbols that Debian's says there are."""
    version = first("Makefile", r"^VERSION := (\S+)$")[0]
    problems = []
    for path, pattern in (("debian/changelog", r"\A\S+ \((\S+)\)"),
                          ("contrib/rpm/ktlsctl.spec", r"^Version: +(\S+)$"),
                          ("README.md", r"ktlsctl-([\d.]+)\.tar\.gz$"),
                          ("contrib/rpm/ktlsctl.spec", r"^%changelog\n.* - (\S+)-\d+$")):
        if first(path, pattern)[:1] != [version]:
            problems.append(f"{path}: {first(path, pattern)[:1]} is not {version}")
    known = set(first("debian/libktls0.symbols", r"^ (ktls_\w+)@"))
    for name in known ^ set(first("lib/tls/libktls.map", r"^\t(ktls_\w+);$")):
        problems.append(f"{name}: only in one of libktls.map and debian/libktls0.symbols")
    report("versions", problems)


def check_fuzz():
    """Every target has its seeds, and says whose lines it is to reach."""
    targets = set(first("tests/fuzz/targets.c", r'^\t\{ "(\w+)", '))
    others = {"tests/fuzz/corpus": set(os.listdir("tests/fuzz/corpus")),
              "tests/fuzz/parsers": set(first("tests/fuzz/parsers", r"^(\w+)\t"))}
    report("fuzz-targets", [f"{name}: only in one of tests/fuzz/targets.c and {where}"
                            for where, names in others.items()
                            for name in sorted(targets ^ names)])


def main():
    for check in (check_arrows, check_libraries, check_no_shell, check_tables, check_built,
                  check_sizes, check_top, check_versions, check_fuzz):
        check()
    sys.exit(1 if failures else 0)


main()
