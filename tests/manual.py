#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The manual pages say what the program does: manual.py BUILD (the folder with ktlsctl and
the pages below man/).

Every command has a page ktlsctl-COMMAND(8), whose OPTIONS name the options of its --help in
the same form and no others; what comes out of tables is as share/generate.py writes it now.
"""
import filecmp
import os
import pathlib
import re
import subprocess
import sys
import tempfile

os.chdir(pathlib.Path(__file__).resolve().parent.parent)
BUILD = pathlib.Path(sys.argv[1])
PROGRAM = BUILD / "ktlsctl"
SOURCES = sorted(pathlib.Path("share/man").glob("*.scd"))
failures = 0


def test(name):
    def decorate(function):
        global failures
        problems = function() or []
        failures += bool(problems)
        print("\n# ".join([("not ok " if problems else "ok ") + "manual/" + name, *problems]))
    return decorate


def run(*args):
    return subprocess.run(args, capture_output=True, text=True).stdout


def rendered(page):
    # Wide, so that no name is broken at its hyphen.
    return re.sub(".\b", "", run("mandoc", "-T", "ascii", "-O", "width=500", BUILD / "man" / page))


def section(page, title):
    text = pathlib.Path(f"share/man/{page}.scd").read_text()
    found = re.search(rf"^# {title}\n(.*?)(?=^# |\Z)", text, re.M | re.S)
    return found.group(1) if found else ""


def tags(text):
    """Of "*-v*, *--only*=_IDS_" the forms "-v" and "--only=IDS"."""
    found = set()
    for line in text.split("\n"):
        if line.startswith("*-"):
            found |= {re.sub(r"\*|_(?=[^_])|_$", "", tag) for tag in line.split(", ")}
    return found


def helped(command):
    found = set()
    options = run(PROGRAM, command, "--help").split("\nOptions:\n")[1]
    for line in options.split("\n"):
        words = re.match(r"  (?:(-\w), |    )(--\S+)", line)
        if words:
            found |= {w for w in words.groups() if w}
    return found


COMMANDS = re.findall(r"^  (\w+) ", run(PROGRAM, "--help").split("Commands:\n")[1]
                      .split("\n\n")[0], re.M)

for source in SOURCES:
    @test(f"lint/{source.stem}")
    def _():
        # scdoc ends every section with a .PP too many, which says nothing about the page.
        return [line for line in run("mandoc", "-T", "lint", "-W", "warning",
                                     BUILD / "man" / source.stem).split("\n")
                if line and "skipping paragraph macro" not in line]


@test("commands")
def _():
    page = section("ktlsctl.8", "COMMANDS")
    named = re.findall(r"^\*ktlsctl (\w+)\*$", page, re.M)
    pages = [s.name[len("ktlsctl-"):-len(".8.scd")] for s in SOURCES
             if s.name.startswith("ktlsctl-") and s.name.endswith(".8.scd")]
    return ([f"{c} is not in ktlsctl(8)" for c in COMMANDS if c not in named] +
            [f"{c} is in ktlsctl(8), and no command" for c in named if c not in COMMANDS] +
            [f"there is no ktlsctl-{c}(8)" for c in COMMANDS if c not in pages] +
            [f"ktlsctl-{c}(8), and no command" for c in pages if c not in COMMANDS])


for command in COMMANDS:
    @test(f"options/{command}")
    def _():
        text = section(f"ktlsctl-{command}.8", "OPTIONS")
        page, program = tags(text), helped(command)
        common = tags(section("ktlsctl.8", "COMMON OPTIONS"))
        shared = re.findall(r"^(\*-.*)\n\tAs with every command", text, re.M)
        return ([f"not in the page: {o}" for o in sorted(program - page)] +
                [f"not in --help: {o}" for o in sorted(page - program)] +
                [f"not in COMMON OPTIONS: {o}"
                 for o in sorted(tags("\n".join(shared)) - common)])


@test("references")
def _():
    there = {s.stem for s in SOURCES}
    return sorted(f"{s.stem} names {name}({number}), which there is not" for s in SOURCES
                  for name, number in re.findall(r"\*((?:ktls|libktls)[\w.-]*)\*\((\d)\)",
                                                 s.read_text())
                  if f"{name}.{number}" not in there)


@test("commands-in-documents")
def _():
    """What documents and pages tell to type: the command, its options, the ids are there."""
    known = {c: {o.split("=")[0].rstrip("[") for o in helped(c)} for c in COMMANDS}
    words = pathlib.Path("share/man/ktlsctl-checks.7.scd").read_text()
    problems, n = [], 0
    for path in [*SOURCES, pathlib.Path("README.md"), *sorted(pathlib.Path("docs").glob("*.md"))]:
        text = path.read_text()
        spans = re.findall(r"`(ktlsctl [^`\n]*)`|\$ (ktlsctl [^\n|;&>]*)|^\t(ktlsctl [^\n|;&>]*)$",
                           text, re.M)
        for span in filter(None, (s for group in spans for s in group)):
            typed = span.split()[1:]
            command = typed[0] if typed and re.fullmatch("[a-z]+", typed[0]) else "diagnose"
            n += 1
            if command not in COMMANDS:
                problems.append(f"{path.name}: {span}")
                continue
            problems += [f"{path.name}: {span}: {o}" for o in re.findall(r"(?<!\S)--[a-z-]+", span)
                         if o not in known[command]]
            if command == "explain" and len(typed) > 1 and re.fullmatch("[a-z][a-z0-9-]*", typed[1]):
                if not re.search(rf"\b{typed[1]}\b", words):
                    problems.append(f"{path.name}: {span}")
    return problems if n > 50 else ["too few", str(n)]


@test("metrics")
def _():
    text = pathlib.Path("lib/out/metrics.c").read_text()
    names = re.findall(r'^\s*\{ "(ktlsctl_[a-z_]*)', text, re.M)
    names += [f"ktlsctl_nic_tls_{name}{'_total' if kind == 'TOTAL' else ''}"
              for kind, name in re.findall(r'^\s*NIC_(GAUGE|TOTAL)\("([a-z_]*)', text, re.M)]
    page = rendered("ktlsctl-export.8")
    return ([f"not in ktlsctl-export(8): {n}" for n in names
             if not re.search(rf"\b{n}\b", page)] + ([] if len(names) > 30 else ["too few"]))


@test("generated")
def _():
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["share/generate.py", PROGRAM, folder], capture_output=True,
                              text=True)
        files = [p.relative_to(folder) for p in pathlib.Path(folder).rglob("*") if p.is_file()]
        return ([done.stderr] if done.returncode or not files else []) + \
            [f"share/{p} is not what the program says now: make generated" for p in files
             if not filecmp.cmp(f"{folder}/{p}", f"share/{p}", shallow=False)]


sys.exit(1 if failures else 0)
