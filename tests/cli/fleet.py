# SPDX-License-Identifier: MIT
"""Many hosts: summaries of all snapshots, what changed between two, and files of anybody."""
import json
import os
import resource
import subprocess
import tempfile


def line(host, **fields):
    """A roll-up by hand."""
    document = {"schema": "ktlsctl.rollup/1", "tool_version": "0", "time": "2026-11-20T00:00:00Z",
                "host": host, "status": "works", "cause": None, "kernel": "6.12", "os": "",
                "openssl": "3.5", "nics": [], "findings": []}
    return json.dumps({**document, **fields}) + "\n"


def write(folder, name, text):
    path = f"{folder}/{name}"
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    return path


def rollups(t, *more):
    return "".join(t.run("--root", t.root(name), "--ndjson", *more).out for name in t.ROOTS)


def summary(t):
    with tempfile.TemporaryDirectory() as folder:
        short = write(folder, "short", rollups(t))
        full = write(folder, "full", "".join(t.run("--root", t.root(n), "--json").out
                                             for n in t.ROOTS))
        text = t.run("fleet", "summary", short)
        t.equal((text.status, text.err), (0, ""))
        t.golden("fleet-summary", "text", text.out)
        assert text.out.rstrip().split("\n")[-1].startswith("Next: ktlsctl explain ")
        documents = []
        for path in (short, full):
            answer = t.run("fleet", "summary", path, "--json")
            t.equal((answer.status, answer.err), (0, ""))
            t.valid(answer.json())
            documents.append(answer.json())
        t.equal(documents[0]["hosts"], len(t.ROOTS))
        t.equal(documents[0]["input"]["rollups"], documents[1]["input"]["reports"])
        for document in documents:
            del document["input"]
        # What is in a roll-up says as much as the report.
        t.equal(documents[0], documents[1])
        one_line = t.run("fleet", "summary", short, "--ndjson", "--top=1").out
        t.equal(one_line.count("\n"), 1)
        t.equal(len(json.loads(one_line)["causes"]["groups"]), 1)


def diff(t):
    def compared(*args):
        answer = t.run("fleet", "diff", *args, "--json")
        t.equal((answer.status, answer.err), (0, ""), str(args))
        t.valid(answer.json())
        return answer.json()

    with tempfile.TemporaryDirectory() as folder:
        every = rollups(t)
        before = write(folder, "before", every)
        worse = write(folder, "after", every.replace('"status":"works"', '"status":"cannot_work"')
                      .replace("6.12.117", "6.12.200"))
        same = compared(before, before)
        t.equal((same["same"], same["hosts"]), (len(t.ROOTS), len(t.ROOTS)))
        document = compared(before, worse)
        t.equal(document["worse"], every.count('"status":"works"'))
        t.equal([m for m in document["kernels"]["moves"] if m["before"] != m["after"]][0]["after"],
                "6.12.200+deb13-amd64")
        back = compared(worse, before)
        t.equal((back["better"], back["worse"]), (document["worse"], 0))
        text = t.run("fleet", "diff", before, worse, "--top=3")
        t.golden("fleet-diff", "text", text.out.replace(folder, "DIR"))
    # Two snapshots, two of their reports, and one of each: the same comparison.
    roots = [t.root("debian13-6.12"), t.root("offload-nic")]
    text = t.run("fleet", "diff", *roots)
    t.equal((text.status, text.err), (0, ""))
    t.golden("fleet-diff-snapshots", "text", text.out)
    snapshots = compared(*roots)
    assert {c["name"] for c in snapshots["counters"]} >= {"TlsTxDevice", "TlsRxSw"}, snapshots
    assert not any(c["restarted"] for c in snapshots["counters"])
    assert any(c["restarted"] for c in compared(*reversed(roots))["counters"])
    with tempfile.TemporaryDirectory() as folder:
        reports = [write(folder, str(i), t.run("--root", root, "--json").out)
                   for i, root in enumerate(roots)]
        for pair in (reports, [reports[0], roots[1]], [roots[0], reports[1]]):
            document = compared(*pair)
            for key in ("worse", "checks", "statuses", "host_diffs"):
                t.equal(document[key], snapshots[key], str(pair))


def newest_counts(t):
    with tempfile.TemporaryDirectory() as folder:
        old = write(folder, "old", line("a", status="cannot_work", cause="x") + line("b"))
        new = write(folder, "new", line("a", time="2026-11-21T00:00:00Z"))
        for files in ((old, new), (new, old)):
            document = t.run("fleet", "summary", *files, "--json").json()
            t.equal((document["hosts"], document["statuses"]["works"]), (2, 2))
            t.equal(document["input"]["superseded"], 1)
        turned = t.run("fleet", "diff", new, old, "--json").json()
        t.equal((turned["swapped"], turned["added"]), (True, 1))


def bad_lines(t):
    """Counted, named and passed over; the neighbours are read."""
    bad = ["{\"schema\":\"ktlsctl.rollup/1\",\"host\":\"cut",
           line("x").replace("rollup/1", "rollup/2").strip(), "{}",
           "ssh: connect to host y port 22: Connection timed out", line("z")[:-20],
           line("n").replace('"n"', '"n\0"').strip(), '{"a":' + "[" * 100000,
           line("s", status=7).strip(), '{"schema":"ktlsctl.rollup/1","time":1e999}']
    with tempfile.TemporaryDirectory() as folder:
        text = "".join(line(f"good{i}") + b + "\n" for i, b in enumerate(bad))
        path = write(folder, "mixed", text.encode() + b'{"\xff":1}\n' + line("last").encode())
        for args, more in ((["fleet", "summary", path], {}), (["fleet", "diff", path, path], {})):
            answer = t.run(*args, "--json", **more)
            t.equal((answer.status, answer.err), (0, ""))
            t.valid(answer.json())
        document = t.run("fleet", "summary", path, "--json").json()
        found = document["input"]
        t.equal((document["hosts"], document["complete"]), (len(bad) + 1, True))
        t.equal((found["malformed"], found["foreign"]), (7, 3))
        t.equal([p["where"] for p in found["problems"]],
                [f"{path}:{2 * i + 2}" for i in range(len(bad))] + [f"{path}:{2 * len(bad) + 1}"])
        assert "7 passed over" in t.run("fleet", "summary", path).out
        # Nothing but that: not the file that was meant.
        for text in (bad[0], "hello\n", "\0" * 5000, "[1]", "{}"):
            path = write(folder, "no", text)
            for args in (["summary", path], ["diff", path, path]):
                answer = t.run("fleet", *args)
                t.equal((answer.status, answer.out, answer.err.count("\n")), (2, "", 1), text[:20])
                assert path + ":1: " in answer.err, answer.err
                document = t.run("fleet", *args, "--json")
                t.equal(document.status, 2)
                t.valid(document.json())


def unreadable(t):
    with tempfile.TemporaryDirectory() as folder:
        good = write(folder, "good", line("a"))
        for names in ([good, folder + "/none"], [folder, good], [good, folder, folder + "/x"]):
            answer = t.run("fleet", "summary", *names, "--json")
            t.equal((answer.status, answer.err.count("\n")), (3, 1), str(names))
            t.valid(answer.json())
            t.equal((answer.json()["complete"], answer.json()["hosts"]), (False, 1))
            assert answer.err.startswith("ktlsctl: cannot read " + folder), answer.err
        for args in (["summary", folder + "/none"], ["diff", good, folder + "/none"],
                     ["diff", folder, good]):
            answer = t.run("fleet", *args)
            t.equal((answer.status, answer.out, answer.err.count("\n")), (2, "", 1), str(args))


def one_process(t):
    """What diagnose --pid says is not the answer of the host."""
    with tempfile.TemporaryDirectory() as folder:
        for form in ("--json", "--ndjson"):
            text = t.run("--pid", str(os.getpid()), form).out
            t.valid(json.loads(text))
            answer = t.run("fleet", "summary", write(folder, "one", text))
            t.equal(answer.status, 2, form)
            assert "a report on one process" in answer.err, answer.err
        assert "process" not in t.run("--ndjson").json()


def usage(t):
    for args in ([], ["sumary"], ["summary"], ["diff"], ["diff", "a"], ["diff", "a", "b", "c"],
                 ["diff", "-", "-"], ["summary", "--top=0", "x"], ["summary", "--top=x", "x"],
                 ["summary", "--format=nagios", "x"], ["summary", "--root=x", "x"],
                 ["summary", "--format=prometheus", "x"]):
        answer = t.run("fleet", *args)
        nagios = "--format=nagios" in args
        t.equal((answer.status, answer.out, answer.err.count("\n")), (3 if nagios else 2, "", 1),
                str(args))
    assert "did you mean summary?" in t.run("fleet", "sumary").err


def output(t):
    """The old file stays where the new one cannot be written."""
    with tempfile.TemporaryDirectory() as folder:
        good, into = write(folder, "good", line("a")), folder + "/out.json"
        t.equal(t.run("fleet", "summary", good, "--json", "--output", into).status, 0)
        with open(into) as f:
            before = f.read()
        t.valid(json.loads(before))
        bad = write(folder, "bad", "no\n")
        t.equal(t.run("fleet", "summary", bad, "--json", "--output", into).status, 2)
        small = t.run("fleet", "summary", good, "--json", "--output", into,
                      prefix=("sh", "-c", "ulimit -f 0; trap '' XFSZ; exec \"$@\"", "sh"))
        t.equal((small.status, small.err.count("\n")), (2, 1), small.err)
        with open(into) as f:
            t.equal(f.read(), before)
        t.equal(sorted(os.listdir(folder)), ["bad", "good", "out.json"])
        with open("/dev/full", "w") as full:
            done = subprocess.run([t.PROGRAM, "fleet", "summary", good], env=t.ENV, stdout=full,
                                  stderr=subprocess.PIPE)
        t.equal((done.returncode, done.stderr.count(b"\n")), (2, 1))


def stream(t):
    """Standard input, a line of 100 MB in it, and memory that has an end."""
    def limited():
        if not t.SANITIZED:
            resource.setrlimit(resource.RLIMIT_AS, (128 << 20, 128 << 20))

    process = subprocess.Popen([t.PROGRAM, "fleet", "summary", "-", "--json"], env=t.ENV,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=limited)
    process.stdin.write(line("a").encode() + b'{"schema":"')
    for _ in range(100):
        process.stdin.write(b"x" * (1 << 20))
    process.stdin.write(b'"}\n' + line("b").encode())
    out, _ = process.communicate(timeout=60)
    document = json.loads(out)
    t.valid(document)
    t.equal((process.returncode, document["hosts"]), (0, 2))
    t.equal((document["input"]["too_long"], document["input"]["problems"][0]["where"]),
            (1, "(stdin):2"))
    assert document["input"]["bytes"] > 100 << 20


def tests(t):
    for name, function in (("summary", summary), ("diff", diff), ("newest", newest_counts),
                           ("bad-lines", bad_lines), ("unreadable", unreadable),
                           ("one-process", one_process), ("usage", usage), ("output", output), ("stream", stream)):
        t.test("fleet/" + name)(lambda f=function: f(t))
