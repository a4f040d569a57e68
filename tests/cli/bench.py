# SPDX-License-Identifier: MIT
"""bench: which modes there are and why not the others, wrong usage, and how it ends. No
figure is compared with another: the machine has other work."""
import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import tempfile
import time

SHORT = ("--size", "16k", "--duration", "300ms")

NAMESPACE = """
    mount -t tmpfs none /run
    mkdir /run/netns
    ip netns add far
    ip link add near0 type veth peer name far0 netns far
    ip addr add 10.9.0.1/24 dev near0
    ip link set near0 up
    ip netns exec far ip addr add 10.9.0.2/24 dev far0
    ip netns exec far ip link set far0 up
    exec "$@"
"""


def tests(t):
    if not t.runs:
        return

    def bench(*args, **more):
        answer = t.run("bench", "--json", *args, **more)
        t.equal((answer.status, answer.err), (0, ""), str(args) + answer.out[:900])
        t.valid(answer.json())
        return answer.json()

    def modes(group):
        return {r["mode"]: r for r in group["results"]}

    @t.test("bench/modes-and-reasons")
    def _():
        document = bench(*SHORT)
        t.equal([(g["workload"], g["direction"]) for g in document["groups"]],
                [("bulk", "send"), ("bulk", "receive"), ("rpc", "both"),
                 ("websocket", "both"), ("close", "both")])
        t.equal(document["host"]["name"], os.uname().nodename)
        for ceiling in document["ceilings"]:
            assert ceiling["libcrypto_bytes_per_second"], ceiling
            # Measured or not: it says which.
            t.equal("af_alg_reason" in ceiling, "af_alg_bytes_per_second" not in ceiling,
                    str(ceiling))
        kernel = "tls" in open("/proc/sys/net/ipv4/tcp_available_ulp").read().split()
        for group in document["groups"]:
            by = modes(group)
            t.equal(list(by), ["openssl", "ktls", "ktls-sendfile", "ktls-zerocopy",
                               "ktls-uring", "plain"])
            for name in ("openssl", "plain"):
                assert by[name]["present"] and by[name]["operations"], (name, by[name])
            for mode in by.values():
                t.equal(mode["present"], not mode["reason"], str(mode))
                if not kernel:
                    t.equal(mode["present"], not mode["mode"].startswith("ktls"))
                assert all(p["right"] for p in mode["proofs"]), mode["proofs"]
                for figure in mode["figures"]:
                    assert figure["low"] <= figure["value"] <= figure["high"], figure
                    t.equal(bool(figure["why"]), figure["source"] != "measured", str(figure))
            copies = [f for f in by["openssl"]["figures"] if f["name"] == "copies"]
            assert all(f["source"] == "derived" for f in copies), copies
            t.equal(len(copies), group["direction"] == "send")
        t.equal([a["workload"] for a in document["advice"]],
                ["bulk", "receive", "rpc", "websocket", "close"])
        if not kernel:
            assert all(a["advice"] == "unknown" and "kTLS was not measured" in a["text"]
                       for a in document["advice"]), document["advice"]

    @t.test("bench/what-is-asked-for")
    def _():
        document = bench("--workload", "rpc", "--workload", "close", "--tls", "1.2", "--size",
                         "64,1k", "--connections", "2", "--duration=100ms", "--ciphers",
                         "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305")
        t.equal([(g["workload"], g["suite"][12:18], g["message_bytes"], g["connections"],
                  g["tls"]) for g in document["groups"]],
                [(w, s, n, 2, "TLSv1.2") for w in ("rpc", "close")
                 for s in ("AES128", "CHACHA") for n in (64, 1024)])
        t.equal([c["cipher"] for c in document["ceilings"]],
                ["aes-gcm-128", "chacha20-poly1305"])
        assert all(c["libcrypto_bytes_per_second"] for c in document["ceilings"])
        document = bench("--workload=rpc", "--duration=50ms", "--ciphersuites", "TLS_NO_SUCH")
        for mode in document["groups"][0]["results"]:
            assert not mode["present"] and "no such suite" in mode["reason"], mode
        t.equal(document["answer"], "Nothing could be measured here.")
        document = bench("--workload=rpc", "--duration=50ms", "--only=openssl")
        t.equal(document["answer"], "kTLS was not measured here; OpenSSL was.")

    @t.test("bench/too-few-descriptors")
    def _():
        begun = time.monotonic()
        document = bench("--workload=websocket", "--workload=bulk", "--size=1k", "--only=plain",
                         "--connections=100", "--duration=50ms",
                         prefix=("sh", "-c", 'ulimit -n 60; exec "$@"', "sh"))
        for group in document["groups"]:
            assert "Too many open files" in modes(group)["plain"]["reason"], group
        assert time.monotonic() - begun < 15, "one end waited for the other"
        t.equal(document["answer"], "Nothing could be measured here.")
        t.equal(document["advice"][0]["text"],
                "kTLS was not measured: its modes were not asked for.")

    @t.test("bench/text")
    def _():
        answer = t.run("bench", "--workload=bulk", *SHORT, "-v", "--color=never")
        t.equal((answer.status, answer.err), (0, ""))
        assert re.match(r".*kTLS.*\.\n\n  bulk", answer.out), answer.out
        for words in ("plain TCP", "throughput", "one core", "payload: ", " ms", "; medians"):
            assert words in answer.out, answer.out
        assert max(map(len, answer.out.split("\n"))) <= 100, answer.out

    @t.test("bench/a-namespace")
    def _():
        prefix = ("unshare", "-nm", "sh", "-ec", NAMESPACE, "sh")
        if os.geteuid() or subprocess.run([*prefix, "true"], capture_output=True).returncode:
            return  # not permitted here
        begun = time.monotonic()
        document = bench("--netns", "far", "--workload=bulk", "--workload=close", *SHORT,
                         prefix=prefix)
        assert time.monotonic() - begun < 15, "one end waited for the other"
        t.equal(document["path"], "netns far")
        for group in document["groups"]:
            for name in ("openssl", "plain"):
                assert modes(group)[name]["present"], modes(group)[name]

    @t.test("bench/usage")
    def _():
        for args, words in ((["--workload=bluk"], "one of bulk, rpc, websocket, close"),
                            (["--size=0"], "--size"), (["--size=5M"], "--size"),
                            (["--size=64,"], None), (["--size=x"], "--size"),
                            (["--size=1,2,3,4,5,6,7,8,9"], "--size"),
                            (["--connections=257"], "--connections"),
                            (["--duration=soon"], "--duration"), (["now"], "'now' is too much"),
                            (["--format=nagios"], "only text and json"),
                            (["--netns=nowhere"], "--netns: 'nowhere'"),
                            (["--ciphersuites", ":".join("a" * 9)], "more than 8 suites"),
                            (["--workload=bulk", "--size=1,2,3,4,5,6,7,8", "--ciphersuites",
                              ":".join("a" * 8)], "too many sizes and suites"),
                            (["--output=/nowhere/x"], "'/nowhere/x' cannot be written: No "),
                            (["--ciphers=x", "--tls=1.3"], "--ciphers are those of TLS 1.2"),
                            (["--ciphersuites=x", "--tls=1.2"], "are those of TLS 1.3")):
            answer = t.run("bench", "--workload=rpc", "--duration=50ms", *args)
            if not words:
                t.equal(answer.status, 0, str(args))
                continue
            t.equal((answer.status, answer.out, answer.err.count("\n")),
                    (3 if "nagios" in args[0] else 2, "", 1), str(args) + answer.err)
            assert words in answer.err, (args, answer.err)

    @t.test("bench/interrupted-and-progress")
    def _():
        terminal, end = pty.openpty()
        document = tempfile.TemporaryFile()
        child = subprocess.Popen([t.PROGRAM, "bench", "--json", "--workload=rpc"], env=t.ENV,
                                 stdout=document, stderr=end)
        os.close(end)
        shown = b""
        while b"left" not in shown:
            shown += os.read(terminal, 4096)
        time.sleep(0.1)
        child.send_signal(signal.SIGINT)
        with contextlib.suppress(OSError):  # a terminal whose other end has gone
            while os.read(terminal, 4096):
                pass
        t.equal(child.wait(), 0)
        os.close(terminal)
        document.seek(0)
        document = json.load(document)
        t.valid(document)
        t.equal((document["ended"], document["complete"]), ("interrupted", False))
        assert re.search(rb"rpc +\d+ %, \d+ s left", shown), shown
