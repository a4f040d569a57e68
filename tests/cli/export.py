# SPDX-License-Identifier: MIT
"""ktlsctl export: golden files of what is its own, the rest as diagnose has it; files; what it
does not do to the host."""
import json
import os
import re
import shutil
import subprocess
import tempfile

# Counters of three generations, none, unreadable ones, two cards, expectations, a failure.
GOLDEN = ("debian12-6.1", "debian13-7.x", "debian13-6.12-not-loaded", "confined", "offload-nic",
          "connectx-stock", "edge-good", "blacklisted")
# All that a label may be: none of them is without bounds.
LABELS = {"version", "kernel", "openssl", "os", "status", "cause", "check", "level", "link",
          "category", "part", "direction", "mode", "name", "tx", "rx", "hw", "service", "device",
          "driver"}
SAMPLE = re.compile(r'([a-z_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? (\d+(?:\.\d{6})?)$')


def page(text):
    """name -> {labels: value} of the text format 0.0.4; whatever else there is, is an error."""
    assert text.endswith("\n")
    out, kinds = {}, {}
    for line in text.split("\n")[:-1]:
        if line.startswith("# HELP "):
            last = line.split(" ")[2]
            assert last not in out, last + " twice"
            continue
        if line.startswith("# TYPE "):
            name, kinds[name] = line.split(" ")[2:]
            assert name == last and kinds[name] in ("gauge", "counter", "untyped"), line
            continue
        m = SAMPLE.match(line)
        assert m and m[1] == name, line
        labels = re.findall(r'([a-z]+)="((?:[^"\\]|\\.)*)"', m[2] or "")
        assert {k for k, _ in labels} <= LABELS, line
        assert tuple(labels) not in out.setdefault(name, {}), line + " twice"
        out[name][tuple(labels)] = float(m[3])
    for name, kind in kinds.items():
        assert name.endswith("_total") == (kind == "counter"), name
    return out


def normal_page(text):
    text = re.sub(r'version="[^"]*"', 'version="X"', text)
    return re.sub(r"(ktlsctl_report_duration_seconds) \S+", r"\1 0", text)


def normal_document(document):
    document["tool_version"], document["duration_us"] = "X", 0
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def same_as_diagnose(t):
    for name in t.ROOTS:
        root = ("--root", t.root(name))
        mine, theirs = t.run("export", "--json", *root), t.run("--json", *root)
        t.equal(t.normal(mine.json()), t.normal(theirs.json()), name)
        lines = [t.run(*c, "--ndjson", *root) for c in (["export"], [])]
        t.equal(lines[0].out, lines[1].out, name)
        t.equal([mine.status, lines[0].status, mine.err + lines[0].err], [0, 0, ""], name)
        mine, theirs = (t.run(*c, "--format=nagios", *root) for c in (["export"], []))
        t.equal((mine.out, mine.status), (theirs.out, theirs.status), name)


def pages_and_documents(t):
    for name in t.ROOTS:
        answer = t.run("export", "--root", t.root(name))
        metrics = page(answer.out)
        facts = t.run("export", "--format=ansible", "--root", t.root(name))
        t.valid(facts.json())
        t.equal([answer.status, facts.status, answer.err + facts.err], [0, 0, ""], name)
        t.equal(facts.out.count("\n{"), 0, "one document")
        agree(t, metrics, facts.json(), name)


def agree(t, metrics, facts, name):
    """The metrics say what the document says, and of what is unknown nothing."""
    def of(metric):
        return metrics.get(metric, {})
    t.equal(of("ktlsctl_status_info"), {(("status", facts["status"]),): 1}, name)
    t.equal({k[0][1]: v for k, v in of("ktlsctl_findings").items()}, facts["counts"], name)
    t.equal({dict(k)["check"] for k in of("ktlsctl_check_not_ok")},
            {c["check"] for c in facts["checks"]}, name)
    t.equal(len(of("ktlsctl_cause_info")), bool(facts["cause"]), name)
    parts = {k[0][1] for k in of("ktlsctl_unknown")}
    t.equal(parts, {u["part"] for u in facts["unknown"]}, name)
    for part, silent in (("tls_stat", ("ktlsctl_sessions", "ktlsctl_decrypt_errors_total")),
                         ("sockets", ("ktlsctl_tls_connections", "ktlsctl_expected_connections")),
                         ("tune", ("ktlsctl_tune_drifted_keys",))):
        if part in parts:
            t.equal([m for m in silent if m in metrics], [], f"{name}: {part}")


def exit_statuses(t):
    for args, name, status in (
            ([], "blacklisted", 0), ([], "confined", 0), ([], "debian13-7.x", 0),
            (["--json"], "blacklisted", 0), (["--json"], "confined", 0),
            (["--ndjson"], "blacklisted", 0), (["--format=ansible"], "blacklisted", 0),
            (["--format=nagios"], "blacklisted", 2), (["--format=nagios"], "fips", 1),
            (["--format=nagios"], "debian13-7.x", 0), (["--format=nagios"], "confined", 3)):
        t.equal(t.run("export", "--root", t.root(name), *args).status, status, (args, name))


def usage(t):
    fips = ["--root", t.root("fips")]
    for args, words in ((["export", "x"], "'x' is too much"), (["export", "--format=xml"], "ansible"),
                        (["export", "--format="], "prometheus"),
                        (["export", "--root", "/nowhere"], "/nowhere"),
                        (["export", "--root="], "--root"), (["export", "--output="], "--output"),
                        (["export", "--load", *fips], "--load works on this host"),
                        (["export", "--probe", *fips], "--probe works on this host"),
                        (["export", "--max-time=0"], "500ms"),
                        (["export", "--fail-on=warn"], "unknown option"),
                        (["--format=prometheus"], "only text"),
                        (["stat", "--format=ansible"], "only text"),
                        (["explain", "--list", "--format=prometheus"], "only text"),
                        (["exprt"], "export")):
        answer = t.run(*args)
        t.equal((answer.status, answer.out, answer.err.count("\n")), (2, "", 1), str(args))
        assert words in answer.err, (args, answer.err)
    t.equal(t.run("export", "--format=nagios", "x").status, 3)
    t.valid(t.run("export", "--json", "x").json())


def old_file_stays(t):
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/ktlsctl.prom"
        for root in ("fips", "blacklisted"):
            answer = t.run("export", "--output", path, "--root", t.root(root))
            t.equal((answer.status, answer.out, answer.err), (0, "", ""))
            t.equal(os.stat(path).st_mode & 0o777, 0o644)
            t.equal(os.listdir(folder), ["ktlsctl.prom"])
        with open(path) as f:
            old = f.read()
        assert "module-blacklisted" in old
        os.mkdir(folder + "/folder")
        for bad in (folder + "/folder", folder + "/none/x", path + "/x", "/proc/x"):
            answer = t.run("export", "--output", bad, "--root", t.root("fips"))
            t.equal((answer.status, answer.out, answer.err.count("\n")), (2, "", 1), bad)
            assert bad in answer.err, answer.err
        # A snapshot that is none: nothing was found out, so nothing is written.
        t.equal(t.run("export", "--output", path, "--root", folder).status, 2)
        with open(path) as f:
            t.equal(f.read(), old)
        t.equal(sorted(os.listdir(folder)), ["folder", "ktlsctl.prom"])


def full_disk(t):
    with tempfile.TemporaryDirectory() as folder:
        script = (f"mount -t tmpfs -o size=64k none {folder} && echo old >{folder}/a.prom && "
                  f"dd if=/dev/zero of={folder}/filler bs=4k 2>/dev/null; "
                  f"{t.PROGRAM} export --root {t.root('fips')} --output {folder}/a.prom; "
                  f"echo $?; cat {folder}/a.prom; ls {folder}; rm {folder}/filler; "
                  f"{t.PROGRAM} export --root {t.root('fips')} --output {folder}/a.prom; "
                  f"echo $?; grep -c . {folder}/a.prom")
        prefix = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
        done = subprocess.run([*prefix, "sh", "-c", script], capture_output=True, text=True,
                              env=t.ENV, timeout=60)
        if "unshare" in done.stderr or "mount:" in done.stderr:
            return "no mount namespace here"
        lines = done.stdout.split("\n")
        t.equal(lines[:4], ["2", "old", "a.prom", "filler"], done.stderr)
        t.equal(lines[4], "0")
        t.equal(done.stderr.count("\n"), 1, done.stderr)
        assert "No space left" in done.stderr, done.stderr
    return None


def side_effects(t):
    """No program, no probe, no write; and no question that would load tcp_diag."""
    if not shutil.which("strace") or t.SANITIZED:
        return "no strace, or a sanitizer that opens files of its own"
    if os.geteuid():
        return "needs root to hide what this kernel has"
    with tempfile.TemporaryDirectory() as folder:
        empty = folder + "/empty"
        open(empty, "w").close()
        hide = "mount -t tmpfs none /sys/module; mount -t tmpfs none /boot; " + "".join(
            f"[ ! -e {p} ] || mount --bind {empty} {p}; " for p in ("/proc/config.gz",))
        for args, asks in (([], False), (["--load"], True)):
            log = folder + "/log"
            done = subprocess.run(
                ["unshare", "-m", "sh", "-c", hide + 'exec "$@"', "sh", "strace", "-f", "-o", log,
                 "-e", "trace=execve,socket,open,openat,creat,openat2,unlink,rename,mkdir,finit_module",
                 t.PROGRAM, "export", *args], capture_output=True, text=True, env=t.ENV, timeout=60)
            if "unshare" in done.stderr or "mount:" in done.stderr:
                return "no mount namespace here"
            t.equal(done.returncode, 0, done.stderr)
            with open(log) as f:
                calls = f.read()
            t.equal(calls.count("execve("), 1)
            t.equal([w for w in ("O_WRONLY", "O_RDWR", "O_CREAT", "creat(", "unlink(", "rename(",
                                 "mkdir(", "finit_module(", "AF_INET") if w in calls], [], str(args))
            t.equal("NETLINK_SOCK_DIAG" in calls, asks, str(args))
            t.equal(("ktlsctl_unknown", (("part", "sockets"),)) in
                    [(n, k) for n, v in page(done.stdout).items() for k in v], not asks)
    return None


def live(t):
    for prefix in ([], t.NOBODY if os.geteuid() == 0 else []):
        answer = t.run("export", prefix=prefix)
        t.equal((answer.status, answer.err), (0, ""), str(prefix))
        metrics = page(answer.out)
        facts = t.run("export", "--format=ansible", prefix=prefix).json()
        t.valid(facts)
        for metric in ("ktlsctl_build_info", "ktlsctl_report_timestamp_seconds"):
            assert metric in metrics
        diagnosed = t.run("--json", prefix=prefix).json()
        t.equal(facts["status"] in (diagnosed["status"], "should_work"), True)
        assert len(answer.out) < 16384, len(answer.out)


def tests(t):
    for name in GOLDEN:
        def compare(name=name):
            root = ("--root", t.root(name))
            t.golden(name, "prom", normal_page(t.run("export", *root).out))
            facts = t.run("export", "--format=ansible", *root).json()
            t.golden(name, "facts.json", normal_document(facts))
        t.test(f"export/golden/{name}")(compare)
    for name, function in (
            ("as-diagnose", same_as_diagnose), ("page-and-document", pages_and_documents),
            ("exit-status", exit_statuses), ("usage", usage), ("old-file-stays", old_file_stays),
            ("full-disk", full_disk), ("side-effects", side_effects), ("live", live)):
        t.test("export/" + name)(lambda f=function: f(t))
