#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The examples of the manual and of docs/ are run, and say what stands there.

examples.py [--update] BUILD [FILE...]: --update writes anew what a command without "..." in
its answer says.

An example is a block of lines (between ``` in share/man/*.scd, indented by four in *.md) that
begins with "$ COMMAND"; what follows up to the next one is what it prints. "..." stands for
anything, alone in a line for any lines. Nothing is run unless a remark before it says so, for
this block and those behind it: "; run: here" or "; run: edge17=tests/roots/nginx", which makes
that snapshot the folder edge17. "; run: laboratory" leaves it to the case `examples` there,
which sets up what it needs; "; run: elsewhere, ..." ends that and says where it was run.
In *.md: <!-- run: ... -->. Of ktlsctl tune only plans are run.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

os.chdir(pathlib.Path(__file__).resolve().parent.parent)
TOP = pathlib.Path.cwd()
UPDATE = "--update" in sys.argv
ARGS = [a for a in sys.argv[1:] if a != "--update"]
BUILD = pathlib.Path(ARGS[0]).resolve()
FILES = [pathlib.Path(a) for a in ARGS[1:]] or [
    *sorted(TOP.glob("share/man/*.scd")), TOP / "README.md", *sorted(TOP.glob("docs/*.md"))]
failures = 0


class Block:
    def __init__(self, first, lines, needs):
        self.first, self.lines, self.needs = first, lines, needs

    def commands(self):
        """(line of the command, lines of it, the command, what it prints)"""
        at = 0
        while at < len(self.lines):
            start, command = at, self.lines[at][2:]
            while command.endswith("\\"):
                at += 1
                command = command[:-1] + self.lines[at]
            at += 1
            answer = at
            while at < len(self.lines) and not self.lines[at].startswith("$ "):
                at += 1
            yield start, answer, at, command


def blocks(path, lines):
    scd, needs, at = path.suffix == ".scd", "elsewhere", 0
    while at < len(lines):
        remark = re.match(r"; run: (.*)" if scd else r"<!-- run: (.*) -->", lines[at])
        needs = remark.group(1) if remark else needs
        begins = lines[at] == "```" if scd else lines[at].startswith("    $ ")
        if scd and begins:
            end = lines.index("```", at + 1)
            inner = [re.sub(r"\\(.)", r"\1", line) for line in lines[at + 1:end]]
            if inner and inner[0].startswith("$ "):
                yield Block(at + 1, inner, needs)
            at = end
        elif begins:
            end = at
            while end < len(lines) and (lines[end].startswith("    ") or not lines[end] and
                                        any(s.startswith("    ") for s in lines[end + 1:end + 2])):
                end += 1
            yield Block(at, [line[4:] for line in lines[at:end]], needs)
            at = end
        at += 1


def fits(wanted, got):
    """Lines; "..." alone is any lines, within a line anything."""
    pattern = ""
    for line in wanted:
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split("...")) + "\n"
    return re.fullmatch(pattern, "".join(line + "\n" for line in got))


def shell(command, folder, scd, status):
    env = {"PATH": f"{BUILD}:/usr/sbin:/usr/bin:/sbin:/bin", "TERM": "dumb",
           "LC_ALL": "C" if scd else "C.UTF-8", "HOME": folder}
    # $? is what the command before it ended with.
    return subprocess.run(["bash", "-c", f"(exit {status}); {command}"], cwd=folder, env=env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60)


def prepare(folder, needs):
    for link in needs.split():
        name, _, target = link.partition("=")
        if target and not os.path.lexists(f"{folder}/{name}"):
            os.symlink(TOP / target, f"{folder}/{name}")
    if not os.path.lexists(f"{folder}/tests"):
        os.symlink(TOP / "tests", f"{folder}/tests")


def show(wanted, got, command, line):
    return [f"line {line}: $ {command}", *("  - " + w for w in wanted), *("  + " + g for g in got)]


def run_block(path, block, folder, lines):
    """Problems; with --update lines are mended."""
    problems, status, mended = [], 0, []
    if any(re.search(r"--apply|\bmake\b|revert|confirm|--load", c[3]) for c in block.commands()):
        return [f"line {block.first + 1}: this would change the host"]
    prepare(folder, block.needs)
    for start, answer, end, command in block.commands():
        done = shell(command, folder, path.suffix == ".scd", status)
        status = done.returncode
        got = [line.rstrip() for line in done.stdout.split("\n")[:-1]]
        wanted = [line.rstrip() for line in block.lines[answer:end]]
        while wanted and not wanted[-1] and len(wanted) > len(got):
            wanted.pop()
        if fits(wanted, got):
            continue
        if UPDATE and not any("..." in line for line in wanted):
            mended.append((block.first + answer, block.first + answer + len(wanted), got))
        else:
            problems += show(wanted, got, command, block.first + start + 1)
    for start, end, got in reversed(mended):
        escape = path.suffix == ".scd"
        indent = "" if escape else "    "
        lines[start:end] = [(indent + (g.replace("\\", "\\\\") if escape else g)).rstrip()
                            for g in got]
    return problems


def run_file(path):
    lines = path.read_text().split("\n")
    problems, n = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for block in reversed(list(blocks(path, lines))):  # from the end: lines may move
            if not block.needs.startswith(("elsewhere", "laboratory")):
                problems = run_block(path, block, folder, lines) + problems
                n += 1
    if UPDATE:
        path.write_text("\n".join(lines))
    return n, problems


total = 0
for file in FILES:
    number, wrong = run_file(file)
    total += number
    failures += bool(wrong)
    if number:
        said = f"{'not ok' if wrong else 'ok'} examples/{file.name} ({number})"
        print("\n# ".join([said, *wrong]))
if total < 1:
    print("not ok examples/none were found")
sys.exit(1 if failures or not total else 0)
