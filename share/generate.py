#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""What is written out of the program's own tables, and kept in the tree so that no build has
to run what it has built (make generated).

generate.py PROGRAM FOLDER: writes below FOLDER, which is share/ or a copy to compare with.
"""
import glob
import json
import os
import pathlib
import re
import subprocess
import sys
import textwrap

import completion

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


TUNABLES_HEAD = f"""ktlsctl-tunables(7) "ktlsctl"

{REMARK}

# NAME

ktlsctl-tunables - what ktlsctl tune can set

# DESCRIPTION

The keys of *--set*, *--only* and *--skip* of *ktlsctl-tune*(8) and of the sections of a
*ktlsctl-profile*(5), in the order in which they are written. *ktlsctl tune keys* prints the
same. Of those that stand behind a device (_IF_/nic.rx-ring) there is one a NIC, a queue, an
interrupt or a policy of the processors; without it, all are meant.
"""


def tunable(t):
    name = f"_{t['device']}_/" if t["device"] else ""
    said = [t["help"] + ": " + t["values"]]
    if t["netns"]:
        said.append("each network namespace has its own")
    if t["needs_reboot"]:
        said.append("has its effect on what is made at the next boot only")
    said.append(f"for every boot (--persist): {t['file']}" if t["file"] else "lasts by itself")
    if t["irreversible"]:
        said.append("a revert does not take back: " + t["irreversible"])
    text = ". ".join(s[0].upper() + s[1:] for s in said) + "."
    return f"{name}*{t['id']}*\n{paragraph(text, chr(9))}\n"


def tunables_page():
    parts = [TUNABLES_HEAD, "# KEYS\n"]
    parts += [tunable(t) for t in ask("tune", "keys")["tunables"]]
    parts.append("# SEE ALSO\n\n*ktlsctl-tune*(8), *ktlsctl-profile*(5), *ktlsctl-checks*(7)\n")
    write("man/ktlsctl-tunables.7.scd", "\n".join(parts))


def completions():
    here = os.path.dirname(os.path.abspath(__file__))
    names = sorted(os.path.basename(p) for p in glob.glob(f"{here}/schema/*.json"))
    schemas = ["ktlsctl." + n[:-len(".json")].replace("-", "/") for n in names]
    tables = completion.Tables(ask, schemas)
    write("bash-completion/completions/ktlsctl", completion.bash(tables))
    write("zsh/site-functions/_ktlsctl", completion.zsh(tables))
    write("fish/vendor_completions.d/ktlsctl.fish", completion.fish(tables))


check_page()
tunables_page()
completions()
