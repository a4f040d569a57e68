#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What is written out of the program's own tables, and kept in the tree so that no build has
to run what it has built (make generated).

generate.py PROGRAM FOLDER: writes below FOLDER, which is share/ or a copy to compare with.
"""
import json
import pathlib
import re
import subprocess
import sys
import textwrap

PROGRAM, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])


def ask(*args):
    done = subprocess.run([PROGRAM, *args, "--json"], capture_output=True, check=True)
    return json.loads(done.stdout)


def write(path, text):
    target = FOLDER / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def plain(text):
    """For scdoc(5): nothing in it begins bold or underlined, or a comment or a list."""
    text = re.sub(r"([\\_*])", r"\\\1", text)
    return re.sub(r"^(\t*)([-#;.|\[])", r"\1\\\2", text, flags=re.M)


def paragraph(text, indent=""):
    return plain(textwrap.fill(text, 90, initial_indent=indent, subsequent_indent=indent,
                               break_long_words=False, break_on_hyphens=False))


REMARK = "; Written by share/generate.py out of the program's tables (make generated)."

CHECKS_HEAD = f"""ktlsctl-checks(7) "ktlsctl"

{REMARK}

# NAME

ktlsctl-checks - what ktlsctl diagnose looks at, and what it answers

# DESCRIPTION

Each check below has an id that stays, for *--only*, *--skip*, waivers and metrics. It answers
with a level and, where something is to be said, with a reason, whose id stays as well:

[[ *ok*
:[ as it should be
|  *info*
:  good to know
|  *warn*
:  works, but not as it could, or not for long
|  *fail*
:  in the way of kernel TLS
|  *unknown*
:  could not be found out; never mixed with fail
|  *skip*
:  does not apply here

Behind -> stands what to do. *ktlsctl explain* _ID_ prints the same of one check or reason.
"""


def outcome(o):
    tag = f"*{o['verdict']}*" + (f" {plain(o['reason'])}" if o["reason"] else "")
    said = o["meaning"] + (f" -> {o['remedy']}" if o["remedy"] else "")
    return f"{tag}\n{paragraph(said, chr(9))}\n"


def check_page():
    checks = ask("explain", "--list")["checks"]
    parts = [CHECKS_HEAD]
    for category in dict.fromkeys(c["category"] for c in checks):
        parts.append(f"# {category.upper()}\n")
        for c in checks:
            if c["category"] == category:
                parts += [f"## {c['id']}: {plain(c['title'])}\n", paragraph(c["why"]) + "\n"]
                parts += [outcome(o) for o in c["outcomes"]]
                parts += [plain(url) + "\n" for url in (c["refs"] or "").split()]
    parts.append("# SEE ALSO\n\n*ktlsctl-diagnose*(8), *ktlsctl-explain*(8), "
                 "*ktlsctl.conf*(5)\n")
    write("man/ktlsctl-checks.7.scd", "\n".join(parts))


check_page()
