#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What bash, zsh and fish offer, asked in a terminal of their own: completion.py BUILD.

bash and zsh insert all that they would offer into the line (insert-completions,
_all_matches); the line is then made the arguments of a printf. fish says it when asked.
"""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

os.chdir(pathlib.Path(__file__).resolve().parent.parent)
BUILD = pathlib.Path(sys.argv[1]).resolve()
SHARE = pathlib.Path("share").resolve()
# fish makes folders for itself.
HOME = tempfile.TemporaryDirectory()
ENV = {"PATH": f"{BUILD}:/usr/bin:/bin", "TERM": "dumb", "HOME": HOME.name,
       "LC_ALL": "C.UTF-8", "XDG_DATA_DIRS": str(SHARE), "INPUTRC": "/dev/null"}
failures = 0


def report(name, problems=(), skip=None):
    global failures
    failures += bool(problems)
    print("\n# ".join([("not ok " if problems else "ok ") + "completion/" + name +
                       (f" # SKIP {skip}" if skip else ""), *problems]), flush=True)


def program(*args):
    done = subprocess.run([BUILD / "ktlsctl", *args, "--json"], capture_output=True, check=True)
    return json.loads(done.stdout)


class Terminal:
    """A shell at a terminal; every() lets it put all it would offer into a line."""

    def __init__(self, argv, folder, setup, key):
        self.folder, self.key, self.n = folder, key, 0
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.chdir(folder)
            os.execvpe(argv[0], argv, ENV)
        self.said = b""
        self.type(setup + " : >ready\n")
        self.wait("ready")

    def type(self, text):
        os.write(self.fd, text.encode())

    def wait(self, name):
        deadline = time.monotonic() + 60
        while not (self.folder / name).exists():
            if select.select([self.fd], [], [], 0.01)[0]:
                try:
                    self.said += os.read(self.fd, 65536)
                except OSError:
                    break
            if time.monotonic() > deadline:
                break
        if not (self.folder / name).exists():
            raise TimeoutError(self.said[-2000:].decode(errors="replace"))
        return (self.folder / name).read_text()

    def every(self, line):
        self.n += 1
        # The answer appears when it is whole.
        self.type(f"{line}{self.key}\x05 >t{self.n}; mv t{self.n} a{self.n}\x01printf '%s\\n' \n")
        words = self.wait(f"a{self.n}").split("\n")[:-1]
        return words[len(line.split()) - (not line.endswith(" ")):]

    def close(self):
        os.close(self.fd)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)


def bash(folder):
    return Terminal(["bash", "--norc", "--noprofile", "-i"], folder,
                    f"bind '\"\\C-xa\": insert-completions'; . {SHARE}/bash-completion/"
                    "completions/ktlsctl;", "\x18a")


def zsh(folder):
    setup = (f"fpath=({SHARE}/zsh/site-functions $fpath); autoload -U compinit; compinit -u -D; "
             "zle -C every complete-word _generic; "
             "zstyle ':completion:every:*' completer _all_matches _complete; "
             "zstyle ':completion:every:*' insert true; bindkey -e; bindkey '^Xa' every;")
    return Terminal(["zsh", "-f", "-i"], folder, setup, "\x18a")


class Fish:
    def __init__(self, folder):
        self.folder = folder

    def every(self, line):
        done = subprocess.run(["fish", "-c", "complete -C $argv[1]", line], env=ENV,
                              cwd=self.folder, capture_output=True, text=True)
        return [row.split("\t")[0] for row in done.stdout.split("\n")[:-1]]

    def close(self):
        pass


def rows():
    """A line, and what belongs behind it: all of it, or a part that has to be there."""
    commands = [c["name"] for c in program("explain", "--commands")["commands"]]
    checks = [c["id"] for c in program("explain", "--list")["checks"]]
    profiles = [p["name"] for p in program("tune", "list")["profiles"]]
    yield "ktlsctl ", commands
    yield "ktlsctl st", ["stat"]
    yield "ktlsctl stat --wat", ["--watch"]
    yield "ktlsctl sockets --format ", ["text", "json", "ndjson"]
    yield "ktlsctl --fail-on ", ["info", "warn", "fail", "unknown"]
    yield "ktlsctl --only tls-", [c for c in checks if c.startswith("tls-")]
    yield "ktlsctl diagnose --only fips,tls-mo", ["fips,tls-module"]
    yield "ktlsctl probe --only TLS1.3,aes-ccm", ["TLS1.3,aes-ccm-128"]
    yield "ktlsctl tune --profile ", profiles
    yield "ktlsctl tune show ", profiles
    yield "ktlsctl tune ", ["list", "show", "keys", "confirm", "revert", "verify", "history"]
    yield "ktlsctl tune --set net.core.r", ["net.core.rmem_max="]
    yield "ktlsctl explain module-b", ["module-blacklisted"]
    yield "ktlsctl explain --schema ktlsctl.st", ["ktlsctl.stat/1"]
    yield "ktlsctl --device l", ["lo"]
    yield "ktlsctl --root edge", ["edge17"]
    yield "ktlsctl fleet summary mon", ["monday"]
    yield "ktlsctl request P", ["PATCH", "POST", "PUT"]
    yield "ktlsctl request -v --tls 1.", ["1.2", "1.3"]


def offered(shell, line, wanted):
    got = [word.rstrip(" /") for word in shell.every(line)]
    if sorted(got) != sorted(wanted):
        return [f"{line!r}: {got} instead of {wanted}"]
    return []


def joined(shell, name):
    """--format=, of which each shell says the answers in another way."""
    got = {re.sub("^--format=", "", w) for w in shell.every("ktlsctl export --format=")}
    want = {"prometheus", "json", "ndjson", "nagios", "ansible"}
    return [] if got - {""} == want else [f"{name}: {sorted(got)}"]


def options_of_all(shell):
    problems = []
    for c in program("explain", "--commands")["commands"]:
        got = {re.sub(r"[=]$", "", w) for w in shell.every(f"ktlsctl {c['name']} --")}
        want = {f"--{o['name']}" for o in c["options"]}
        if got != want:
            problems.append(f"{c['name']}: {sorted(got ^ want)}")
    return problems


def syntax(shell, path):
    done = subprocess.run([shell, "-n", path], capture_output=True, text=True)
    return [done.stderr] if done.returncode else []


for name, start, path in (("bash", bash, "bash-completion/completions/ktlsctl"),
                          ("zsh", zsh, "zsh/site-functions/_ktlsctl"),
                          ("fish", Fish, "fish/vendor_completions.d/ktlsctl.fish")):
    if not shutil.which(name):
        report(name, skip="it is not installed")
        continue
    report(f"{name}/syntax", syntax(name, SHARE / path))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "edge17").mkdir()
        (folder / "monday").touch()
        shell = start(folder)
        try:
            report(f"{name}/values", sum([offered(shell, *row) for row in rows()], []))
            report(f"{name}/joined", joined(shell, name))
            report(f"{name}/options", options_of_all(shell))
        except TimeoutError as error:
            report(f"{name}/answers", str(error).split("\n"))
        finally:
            shell.close()
sys.exit(1 if failures else 0)
