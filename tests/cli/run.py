#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The program from outside: golden files, schemas, exit statuses, bad input, secrets.

run.py [--update] [NAME...]: --update writes the golden files anew, NAME begins the names of
the tests to run (default: all). KTLSCTL names the program.
"""
import difflib
import functools
import glob
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import jsonschema

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path.insert(0, "tests/cli")
PROGRAM = os.path.abspath(os.environ.get("KTLSCTL", "build/ktlsctl"))
# Then it takes more memory, and opens files of its own.
SANITIZED = "sanitize" in PROGRAM
ROOTS = sorted(os.path.basename(os.path.dirname(p))
               for p in glob.glob("tests/roots/*/ktlsctl-snapshot.json"))
GOLDEN = "tests/cli/golden"
ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TERM": "xterm",
       "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")}
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
failures = 0
# Two processes: the tests of this file in the one, those of its neighbours in the other.
neighbours = os.fork() if "--update" not in sys.argv else None
runs = neighbours != 0
only = tuple(a for a in sys.argv[1:] if a != "--update")


class Answer:
    def __init__(self, done):
        self.status = done.returncode
        self.out = done.stdout.decode("utf-8", "surrogateescape")
        self.err = done.stderr.decode("utf-8", "surrogateescape")

    def json(self):
        return json.loads(self.out)


def run(*args, env=None, prefix=(), program=PROGRAM, cwd=None):
    done = subprocess.run([*prefix, program, *args], env={**ENV, **(env or {})}, cwd=cwd,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    return Answer(done)


def root(name):
    return "tests/roots/" + name


def test(name):
    """Runs the decorated function at once and says how it went."""
    def decorate(function):
        global failures
        if not runs or (only and not name.startswith(only)):
            return function
        try:
            skip = function()
            said = f"ok cli/{name}" + (f" # SKIP {skip}" if skip else "")
        except Exception as error:  # whatever it is, it is this test's failure
            failures += 1
            why = f"{type(error).__name__}: {error}".split("\n")[:30]
            said = "\n# ".join([f"not ok cli/{name}", *why])
        print(said + "\n", end="", flush=True)
        return function
    return decorate


def equal(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what}: {got!r} instead of {want!r}")


def schema(name):
    return run("explain", "--schema", name).json()


@functools.cache
def validator(name):
    jsonschema.Draft202012Validator.check_schema(schema(name))
    return jsonschema.Draft202012Validator(schema(name))


def valid(document):
    validator(document["schema"]).validate(document)


def normal(report):
    """As text, without what differs from run to run; libcjson's versions indent differently."""
    report["tool_version"] = "X"
    for finding in report["findings"]:
        finding["duration_us"] = 0
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"


def golden(name, suffix, got):
    path = f"{GOLDEN}/{name}.{suffix}"
    if "--update" in sys.argv:
        os.makedirs(GOLDEN, exist_ok=True)
        with open(path, "w") as f:
            f.write(got)
    with open(path) as f:
        want = f.read()
    if got != want:
        raise AssertionError("\n".join(difflib.unified_diff(
            want.split("\n"), got.split("\n"), path, "now", n=1, lineterm="")))


for NAME in ROOTS:
    @test(f"golden/{NAME}")
    def _():
        text = run("--root", root(NAME), "--color=never")
        report = run("--root", root(NAME), "--json")
        golden(NAME, "text", text.out)
        golden(NAME, "json", normal(report.json()))
        valid(report.json())
        equal(text.err + report.err, "")
        failed = report.json()["counts"]["fail"]
        unknown = report.json()["status"] == "unknown"
        equal(text.status, 1 if failed else 3 if unknown else 0, "exit status")
        assert text.out.startswith(report.json()["headline"].split(",")[0][:40])

    @test(f"rollup/{NAME}")
    def _():
        line = run("--root", root(NAME), "--ndjson").out
        equal(line.count("\n"), 1, "lines")
        # As a rule; not where next to everything is wrong, or unknown.
        assert len(line) < (8192 if NAME in ("edge-bad", "confined") else 2048), len(line)
        valid(json.loads(line))
        full = run("--root", root(NAME) + "/", "--json").json()
        equal(json.loads(line)["cause"], full["cause"] and full["cause"]["id"])
        equal(json.loads(line)["host"], NAME)


@test("roots/derived-again")
def _():
    with tempfile.TemporaryDirectory() as into:
        subprocess.run(["/usr/bin/python3", "tests/roots/derive.py", into], check=True)
        for name in os.listdir(into):
            subprocess.run(["diff", "-r", f"{into}/{name}", root(name)], check=True,
                           capture_output=True)
        assert len(ROOTS) - len(os.listdir(into)) >= 6, "captured ones"
        assert len(ROOTS) >= 20


# Nothing is broken there, but this has to be said.
WITHOUT_CAUSE = {"connectx-stock": ("offload-config", "offload-not-built"),
                 "bond": ("nic-stacked", "bond-hash"),
                 "offload-nic": ("nic-tls-offload", "nic-tls-offload"),
                 "numa": ("nic-numa", "nic-numa"), "numa-far": ("nic-numa", "nic-irqs-remote"),
                 "edge-good": ("expectation", "expectation"),
                 "edge-bad": ("expectation", "expectation-library"),
                 "tuned": ("tuning-owner", "owner-tuned")}


# What no snapshot can show: a process is asked about on the live host only (options/pid,
# and the laboratory), and uname(2) cannot fail.
NOT_IN_A_SNAPSHOT = {("process-target", "ok"), ("process-target", "bad"),
                     ("kernel-version", "unknown")}


@test("roots/every-check-every-way")
def _():
    seen = set()
    for name in ROOTS:
        for f in run("--root", root(name), "--json").json()["findings"]:
            bad = f["verdict"] in ("info", "warn", "fail")
            seen.add((f["id"], "bad" if bad else f["verdict"]))
    for check in run("explain", "--list", "--json").json()["checks"]:
        can = {o["verdict"] for o in check["outcomes"]}
        wanted = {"unknown"} | can & {"ok"} | ({"bad"} if can & {"info", "warn", "fail"} else set())
        for way in wanted:
            if (check["id"], way) not in NOT_IN_A_SNAPSHOT:
                assert (check["id"], way) in seen, (check["id"], way)


@test("roots/causes-distinct")
def _():
    causes = {n: run("--root", root(n), "--json").json()["cause"] for n in ROOTS}
    del causes["confined"]  # not a fault, but nothing known of any
    ids = [c["id"] for c in causes.values() if c]
    equal(len(ids), len(set(ids)), f"{sorted(ids)}")
    equal({n for n, c in causes.items() if not c},
          {"debian13-6.12", "debian13-7.x", *WITHOUT_CAUSE})
    for name, (check, reason) in WITHOUT_CAUSE.items():
        found = run("--root", root(name), "--json").json()["findings"]
        assert (check, reason) in [(f["id"], f["reason"]) for f in found], name


@test("roots/cause-is-a-finding")
def _():
    for name in ROOTS:
        report = run("--root", root(name), "--json").json()
        cause = report["cause"]
        if cause:
            same = [f for f in report["findings"] if f["id"] == cause["check"]
                    and f["reason"] == cause["id"] and f["summary"] == cause["summary"]]
            equal(len(same), 1, name)


@test("documents/valid")
def _():
    for args in (["--json"], ["--ndjson"], ["explain", "--list", "--json"],
                 ["explain", "tls-module", "--json"], ["probe", "--json"],
                 ["--nosuch", "--json"],
                 ["--nosuch", "--ndjson"]):
        valid(run(*args).json())
    for name in ROOTS:
        with open(root(name) + "/ktlsctl-snapshot.json") as f:
            valid(json.load(f))


@test("documents/schemas-in-share")
def _():
    for path in glob.glob("share/schema/*.json"):
        name = "ktlsctl." + os.path.basename(path)[:-5].replace("-", "/")
        with open(path) as f:
            equal(json.load(f), schema(name), path)
    known = run("explain", "--schema", "x").err
    for name in re.findall(r"ktlsctl\.\w+/\d", known):
        assert os.path.exists("share/schema/" + name[8:].replace("/", "-") + ".json"), name


@test("explain/every-check-and-cause")
def _():
    listed = run("explain", "--list").out.strip().split("\n")
    for line in listed:
        assert re.match(r"[a-z0-9-]+ +(kernel|openssl|nic|use|tuning) +\S", line), line
        equal(run("explain", line.split()[0]).status, 0)
    for name in ROOTS:
        cause = run("--root", root(name), "--json").json()["cause"]
        if cause:
            assert cause["id"] in run("explain", cause["id"]).out, cause["id"]


@test("usage/errors")
def _():
    for args, words in ((["--jsno"], "--json"), (["diagnos"], "diagnose"),
                        (["explain", "tls-modul"], "tls-module"), (["explain"], "--list"),
                        (["--only", "nonsense"], "--only: 'nonsense'"),
                        (["--fail-on=ok"], "--fail-on"), (["--format=xml"], "json"),
                        (["--color=red"], "always"), (["--json=1"], "takes no value"),
                        (["--root"], "wants a value"), (["--root", "/nowhere"], "/nowhere"),
                        (["--load", "--root", root("fips")], "--load"), (["-x"], "-x"),
                        (["--pid", "1", "--root", root("fips")], "--pid"),
                        (["tune", "--apply", "--root", root("fips")], "--apply"),
                        (["tune", "--persist"], "--persist goes with --apply"),
                        (["tune", "--confirm-within=5s"], "--confirm-within goes"),
                        (["tune", "--apply", "--confirm-within=0"], "60s"),
                        (["tune", "--if-better"], "--if-better goes with --apply"),
                        (["tune", "--apply", "--if-better", "--confirm-within=5s"], "one of"),
                        (["tune", "--apply", "--duration=5s"], "--duration goes"),
                        (["tune", "--apply", "revert"], "'revert'"),
                        (["tune", "revert", "x"], "'x' is no ID"),
                        (["tune", "revert", "1", "2"], "'2' is too much"),
                        (["tune", "revert", "1", "--last"], "not both"),
                        (["tune", "confirm", "--last"], "goes with revert"),
                        (["tune", "verify", "--root", root("fips")], "--root"),
                        (["tune", "boot"], "KEY=VALUE"), (["tune", "revrt"], "revert"),
                        (["--pid", "0"], "--pid"), (["--pid=-1"], "--pid"),
                        (["--pid", "4194305"], "no process 4194305"),
                        (["--device", "nosuch0"], "'nosuch0'"), (["--device="], "--device"),
                        (["--max-time", "0s"], "500ms"), (["--max-time", "2m"], "500ms"),
                        (["diagnose", "more"], "'more'"), (["snapshot"], "folder"),
                        (["snapshot", "a", "b"], "'b'"), (["probe", "a"], "'a'"),
                        (["probe", "--only", "tls-ulp"], "a feature"),
                        (["probe", "--format=nagios"], "text and json"),
                        (["probe", "--root", root("fips")], "--root"),
                        (["probe", "--only", "truncated"], "'truncated' needs --hostile"),
                        (["probe", "--hostile", "--openssl"], "--kernel"),
                        (["probe", "--ciphers="], "--ciphers"), (["explain", "--schema=x"], "report/1"),
                        (["explain", "--format=nagios", "--list"], "text and json")):
        answer = run(*args)
        nagios = "--format=nagios" in args
        equal(answer.status, 3 if nagios else 2, str(args))
        equal(answer.out, "", str(args))
        equal(answer.err.count("\n"), 1, str(args))
        assert words in answer.err, (args, answer.err)
    equal(run("--nosuch", "--format=nagios").status, 3)
    equal(run("--nosuch", "--format", "nagios").status, 3)


@test("usage/help-and-version")
def _():
    for command in ([], ["diagnose"], ["probe"], ["serve"], ["sockets"], ["stat"], ["tune"],
                    ["export"], ["bench"], ["explain"], ["snapshot"]):
        answer = run(*command, "--help")
        equal((answer.status, answer.err), (0, ""))
        assert max(map(len, answer.out.split("\n"))) <= 100
        usage = "Usage: ktlsctl " + (command[0] if command else "[COMMAND]") + " [OPTION]..."
        assert answer.out.startswith(usage), answer.out[:60]
    assert run("--version").out.startswith("ktlsctl ")
    assert "openssl" in run("--version", "-v").out


@test("explain/commands")
def _():
    document = run("explain", "--commands", "--json").json()
    valid(document)
    said = run("explain", "--commands").out
    for command in document["commands"]:
        assert re.search(rf"^ *{command['name']}\b.*", said, re.M), command["name"]
    every = ("text", "json", "ndjson", "nagios", "prometheus", "ansible")
    for command in document["commands"]:
        text = run(command["name"], "--help").out
        for option in command["options"]:
            assert f"--{option['name']}" in text, (command["name"], option["name"])
            # What is offered is taken: nothing is complained of but what comes behind it.
            values = option["values"]
            if option["arg"] == "IDS":
                values = [",".join(values[i::3]) for i in range(3 if values else 0)]
            for value in values:
                said = run(command["name"], f"--{option['name']}={value}", "--nosuch").err
                assert "unknown option '--nosuch'" in said, (command["name"], option["name"], said)
        formats = next(o["values"] for o in command["options"] if o["name"] == "format")
        for word in set(every) - set(formats) - {"text"}:
            answer = run(command["name"], f"--format={word}")
            assert answer.status in (2, 3) and "--format: only " in answer.err, (command["name"], word)


@test("options/only-and-skip")
def _():
    full = run("--root", root("blacklisted"), "--json").json()
    only = run("--root", root("blacklisted"), "--json", "--only", "openssl,fips").json()
    skip = run("--root", root("blacklisted"), "--json", "--skip", "openssl", "--skip",
               "tls-module").json()
    for key in ("status", "cause", "headline"):
        equal(only[key], full[key])
        equal(skip[key], full[key])
    equal({f["category"] for f in only["findings"]} - {"openssl"}, {"kernel"})
    equal({f["id"] for f in only["findings"] if f["category"] == "kernel"}, {"fips"})
    equal([f["id"] for f in skip["findings"] if f["id"] == "tls-module"], [])
    equal(sum(only["counts"].values()), len(only["findings"]))
    equal(run("--root", root("blacklisted"), "--only", "fips").status, 0)


@test("options/fail-on")
def _():
    name = root("debian12-6.1")  # warnings, nothing worse
    equal([run("--root", name, "--fail-on", level).status
           for level in ("info", "unknown", "warn", "fail")], [1, 1, 1, 0])


WAIVER = """[%s]
id = %s
reason = ticket 4711
expires = %s
"""


@test("options/waivers")
def _():
    with tempfile.TemporaryDirectory() as into:
        host = into + "/edge-1"
        shutil.copytree(root("blacklisted"), host)
        os.makedirs(host + "/etc/ktlsctl/waivers.d")
        path = host + "/etc/ktlsctl/waivers.d/x.conf"

        def diagnose(text, *args):
            with open(path, "w") as f:
                f.write(text)
            return run("--root", host, *args)

        before = run("--root", root("blacklisted"), "--json").json()
        equal(run("--root", host).status, 1)
        for text, waived in ((WAIVER % ("a", "tls-module", "never"), True),
                             (WAIVER % ("a", "module-blacklisted", "never"), True),
                             (WAIVER % ("a", "tls-module", "2020-01-01"), False),
                             (WAIVER % ("a", "tls-module", "never") + "host=core-*\n", False),
                             (WAIVER % ("a", "tls-module", "never") + "host=edge-*\n", True),
                             (WAIVER % ("a", "tls-module", "never") + "hosts=edge-*\n", False)):
            report = diagnose(text, "--json")
            document = report.json()
            valid(document)
            equal(report.status, 0 if waived else 1, text)
            equal([f["id"] for f in document["findings"] if f["waived"]],
                  ["tls-module"] if waived else [], text)
            for key in ("status", "headline"):
                equal(document[key], before[key])
            equal(sum(document["counts"].values()), len(document["findings"]))
        text = diagnose(WAIVER % ("a", "tls-module", "2099-12-31")).out
        assert "waived until 2099-12-31: ticket 4711" in text, text
        line = diagnose(WAIVER % ("a", "tls-module", "2099-12-31"), "--ndjson").json()
        equal([f.get("waived") for f in line["findings"] if f["id"] == "tls-module"], [True])
        assert diagnose(WAIVER % ("a", "tls-module", "never"),
                        "--format=nagios").status != 2


@test("options/output")
def _():
    with tempfile.TemporaryDirectory() as into:
        path = into + "/r.json"
        answer = run("--root", root("fips"), "--json", "--output", path)
        equal((answer.out, answer.status), ("", 0))
        valid(json.load(open(path)))
        equal(os.stat(path).st_mode & 0o777, 0o644)
        equal(os.listdir(into), ["r.json"])
        for bad in (into + "/no/such", "/proc/x"):
            answer = run("--root", root("fips"), "--output", bad)
            equal((answer.status, answer.out, answer.err.count("\n")), (2, "", 1))
        os.mkfifo(into + "/pipe")
        reader = os.open(into + "/pipe", os.O_RDONLY | os.O_NONBLOCK)
        equal(run("--root", root("fips"), "--ndjson", "--output", into + "/pipe").status, 0)
        valid(json.loads(os.read(reader, 65536)))
        os.close(reader)
        equal(sorted(os.listdir(into)), ["pipe", "r.json"], "a pipe is written to")
    answer = subprocess.run([PROGRAM, "--root", root("fips")], env=ENV,
                            stdout=open("/dev/full", "w"), stderr=subprocess.PIPE)
    equal(answer.returncode, 2, "/dev/full")


@test("options/nagios")
def _():
    for name, status, word in (("blacklisted", 2, "CRITICAL"), ("fips", 1, "WARNING"),
                               ("debian13-7.x", 0, "OK")):
        answer = run("--root", root(name), "--format=nagios")
        equal(answer.status, status, name)
        assert re.match(rf"KTLS {word} - [^|]+\| fail=\d+;;0( \w+=\d+)+\n$", answer.out), answer.out


@test("options/pid")
def _():
    for pid, name in ((os.getpid(), "python3"), (os.getppid(), None)):
        answer = run("--pid", str(pid), "--json")
        document = answer.json()
        valid(document)
        equal(document["subject"]["kind"], "process")
        equal(document["subject"]["name"].split("/")[1], str(pid))
        assert document["headline"].startswith(document["subject"]["name"] + ": ")
        about = [f for f in document["findings"] if f["subject"]["kind"] == "process"]
        assert "process-target" in [f["id"] for f in about], about
        equal({f["subject"]["name"] for f in about}, {document["subject"]["name"]})
    equal(run("--json").json()["subject"], {"kind": "host", "name": ""})


@test("options/device")
def _():
    def spoken_of(*args):
        findings = run("--root", root("bond"), "--json", *args).json()["findings"]
        return {f["subject"]["name"] for f in findings if f["subject"]["kind"] == "nic"}
    equal(spoken_of(), {"ens1f0np0", "ens1f1np1", "bond0", "bond0.100"})
    equal(spoken_of("--device", "bond0"), {"bond0"})
    equal(spoken_of("--device=ens1f1np1"), {"ens1f1np1"})


@test("options/color")
def _():
    def colored(*args, **env):
        return "\033[" in run("--root", root("fips"), *args, env=env).out
    equal([colored(), colored("--color=always"), colored(CLICOLOR_FORCE="1"),
           colored(CLICOLOR_FORCE="1", NO_COLOR="1"), colored("--color=always", NO_COLOR="1"),
           colored("--color=never", CLICOLOR_FORCE="1"), colored(CLICOLOR_FORCE="0")],
          [False, True, True, False, True, False, False])


@test("options/ascii")
def _():
    for name in ROOTS:
        run("--root", root(name), "-v", env={"LC_ALL": "C"}).out.encode("ascii")


@test("options/debug")
def _():
    for args, env in ((["--debug"], {}), ([], {"KTLSCTL_DEBUG": "1"})):
        answer = run("--root", root("fips"), *args, env=env)
        assert "debug: read /proc/crypto: ok\n" in answer.err
        assert "gcm" not in answer.err
    equal(run("--root", root("fips"), env={"KTLSCTL_DEBUG": "0"}).err, "")


@test("probe/without-tls")
def _():
    with open("/proc/sys/net/ipv4/tcp_available_ulp") as f:
        if "tls" in f.read().split():
            return "this kernel has the TLS ULP"
    before = os.listdir("/sys/class/net")
    for prefix in ((), NOBODY):
        begin = time.monotonic()
        answer = run("probe", prefix=prefix)
        took = time.monotonic() - begin
        report = run("probe", "--json", prefix=prefix)
        diagnosis = run("--json", prefix=prefix).json()
        if diagnosis["status"] != "cannot_work":
            return "this kernel may get the TLS ULP"
        valid(report.json())
        equal((answer.status, report.status, answer.err), (1, 1, ""), str(prefix))
        equal(report.json()["answer"], "does_not_work")
        equal(report.json()["cause"], diagnosis["cause"])
        equal(answer.out.split("\n")[0], report.json()["headline"] + ".")
        assert diagnosis["cause"]["summary"] in report.json()["headline"]
        assert took < 1, took
        equal(report.json()["probe"]["ulp_error"], -2)
        # There is nobody to send a bad record to.
        hostile = run("probe", "--hostile", prefix=prefix)
        equal((hostile.status, hostile.out, hostile.err), (1, answer.out, ""), str(prefix))
    equal(os.listdir("/sys/class/net"), before)


@test("probe/hostile-refused")
def _():
    if os.geteuid() != 0:
        return "only root can give /proc/version another content"
    with tempfile.TemporaryDirectory() as folder:
        config, version = folder + "/config", folder + "/version"
        pathlib.Path(config).touch()
        mounts = (f"mount --bind {version} /proc/version && "
                  f"{{ [ ! -e /proc/config.gz ] || mount --bind {config} /proc/config.gz; }} && "
                  "exec \"$@\"")
        for line, words in (("6.12.40 (a@b) #1 SMP Debian 6.12.40-1", "has CVE-2025-39682"),
                            ("6.12.48 (a@b) #1 SMP Debian 6.12.48-1", "has CVE-2025-39946"),
                            ("6.12.40-acme (a@b) #1 SMP", "vendor")):
            pathlib.Path(version).write_text("Linux version " + line + "\n")
            prefix = ("unshare", "--mount", "sh", "-c", mounts, "sh")
            answer = run("probe", "--hostile", prefix=prefix)
            if "unshare" in answer.err or "mount" in answer.err:
                return "no mount namespace here"
            equal((answer.status, answer.out), (4, ""), line)
            equal(answer.err.count("\n"), 1, line)
            assert words in answer.err and "nothing was tried" in answer.err, answer.err
            report = run("probe", "--hostile", "--json", prefix=prefix)
            equal(report.status, 4, line)
            valid(report.json())
            assert words in report.json()["error"]


import live  # noqa: E402  commands that look at this host alone
import confine  # noqa: E402  what it gives up before it begins
import bad  # noqa: E402  the second half: bad input, secrets, side effects
import export  # noqa: E402  what a fleet is told
import fleet  # noqa: E402  many hosts
import latency  # noqa: E402  messages, and where their time goes
import pages  # noqa: E402  for the browser
import peer  # noqa: E402  serve, and what talks to it
import bench  # noqa: E402  what is measured, and how it ends
import bench_peer  # noqa: E402  and with another host
import request  # noqa: E402  the HTTPS client, and servers that do everything wrong
import scan  # noqa: E402  servers of other programs
import tune  # noqa: E402  and the plans
import websocket  # noqa: E402  serve as a web server

runs = not neighbours
live.tests(sys.modules[__name__])
bad.tests(sys.modules[__name__])
confine.tests(sys.modules[__name__])
export.tests(sys.modules[__name__])
fleet.tests(sys.modules[__name__])
latency.tests(sys.modules[__name__])
pages.tests(sys.modules[__name__])
peer.tests(sys.modules[__name__])
bench.tests(sys.modules[__name__])
bench_peer.tests(sys.modules[__name__])
request.tests(sys.modules[__name__])
scan.tests(sys.modules[__name__])
tune.tests(sys.modules[__name__])
websocket.tests(sys.modules[__name__])
if neighbours:
    failures += os.waitpid(neighbours, 0)[1]
sys.exit(1 if failures else 0)
