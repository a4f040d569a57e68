# SPDX-License-Identifier: MIT
"""sockets and stat on this host: connections of our own, next to whatever else there is."""
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess


# Counters of three generations, none, unreadable ones, and two cards.
GOLDEN = ("debian12-6.1", "debian13-7.x", "debian13-6.12-not-loaded", "confined", "offload-nic",
          "connectx-stock")


class Pair:
    """Two ends of a connection over loopback; the server's end need not be accepted."""

    def __init__(self, family=socket.AF_INET, accept=True):
        address = "127.0.0.1" if family == socket.AF_INET else "::1"
        self.listener = socket.socket(family)
        self.listener.bind((address, 0))
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        self.client = socket.create_connection((address, self.port))
        self.server = self.listener.accept()[0] if accept else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in (self.client, self.server, self.listener):
            if end:
                end.close()


def lines(answer):
    return [json.loads(line) for line in answer.out.splitlines()]


def tests(cli):
    run, test, equal, valid = cli.run, cli.test, cli.equal, cli.valid

    def sockets(port, *args, **more):
        return run("sockets", "--all", "--port", str(port), *args, **more)

    def side(port, *args, **more):
        """The server's end, by ndjson."""
        found = [s for s in lines(sockets(port, "--ndjson", *args, **more))
                 if s["local_port"] == port]
        equal(len(found), 1, f"{found}")
        return found[0]

    def no_diag():
        answer = run("sockets", "--ndjson", "--no-owners")
        return answer.status == 3 and "does not tell" in answer.err

    @test("sockets/own")
    def _():
        if no_diag():
            return "this kernel has no sock_diag"
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            with Pair(family) as pair:
                answer = sockets(pair.port, "--ndjson")
                equal((answer.status, answer.err, len(lines(answer))), (0, "", 2))
                for line in lines(answer):
                    valid(line)
                    equal(line["local"], address)
                    equal(line["owner"]["processes"][0]["pid"], os.getpid())
                pair.client.sendall(b"x" * 1000)
                select.select([pair.server], [], [], 5)
                server = side(pair.port)
                equal(server["receive_queue_bytes"], 1000)
                equal(server["tcp"]["bytes_received"], 1000)
                equal(server["inode"], os.fstat(pair.server.fileno()).st_ino)
                equal((server["state"], server["ktls"]), ("established", "no"))
                assert "owner" not in side(pair.port, "--no-owners")
                equal(len(lines(sockets(pair.port, "--ndjson", "--pid", str(os.getpid())))), 2)
                equal(sockets(pair.port, "--ndjson", "--pid", "1").out, "")
                equal(run("sockets", "--ndjson", "--port", str(pair.port)).out, "")

    @test("sockets/documents")
    def _():
        if no_diag():
            return "this kernel has no sock_diag"
        with Pair() as pair:
            document = sockets(pair.port, "--json").json()
            valid(document)
            equal((len(document["sockets"]), document["sums"]["sockets"]), (2, 2))
            valid(run("sockets", "--json", "--summary").json())
            equal(run("sockets", "--json", "--summary").json()["sockets"], [])
            valid(run("sockets", "--json", "--unused").json())
            text = sockets(pair.port).out
            assert re.search(rf"127\.0\.0\.1:{pair.port} +127\.0\.0\.1:\d+ +\S+/{os.getpid()} ",
                             text), text
            with_file = f"/tmp/ktlsctl-sockets-{os.getpid()}"
            try:
                equal(sockets(pair.port, "--ndjson", "--output", with_file).out, "")
                with open(with_file) as f:
                    equal(len(f.readlines()), 2)
            finally:
                os.unlink(with_file)

    @test("sockets/shared-and-ownerless")
    def _():
        if no_diag():
            return "this kernel has no sock_diag"
        with Pair(accept=False) as pair:
            equal(side(pair.port)["owner"], {"kind": "none", "reason": "not-accepted"})
            pair.server = pair.listener.accept()[0]
            os.set_inheritable(pair.server.fileno(), True)
            with subprocess.Popen(["sleep", "30"], close_fds=False) as child:
                pids = {p["pid"] for p in side(pair.port)["owner"]["processes"]}
                child.kill()
            equal(pids, {os.getpid(), child.pid})
            pair.server.shutdown(socket.SHUT_WR)
            pair.server.close()
            equal(side(pair.port)["owner"], {"kind": "none", "reason": "closed"})

    @test("sockets/others")
    def _():
        if os.geteuid() or no_diag():
            return "not root, or no sock_diag"
        with Pair() as pair:
            owner = side(pair.port, prefix=cli.NOBODY)["owner"]
            equal(owner, {"kind": "unknown", "reason": "processes-unreadable"})

    @test("sockets/watch")
    def _():
        if no_diag():
            return "this kernel has no sock_diag"
        with Pair() as pair:
            with subprocess.Popen([cli.PROGRAM, "sockets", "--all", "--ndjson", "--port",
                                   str(pair.port), "--watch", "200ms"], stdout=subprocess.PIPE,
                                  env=cli.ENV, text=True) as child:
                seen = []
                while not any(s["rates"]["received_bytes_per_s"] for s in seen):
                    pair.client.sendall(b"x" * 1000)
                    pair.server.recv(100000)
                    seen.append(json.loads(child.stdout.readline()))
                    assert len(seen) < 100, "no rate in 100 lines"
                child.kill()
            for line in seen:
                valid(line)
            equal(seen[0]["rates"]["first_seen_ms"], 0)

    @test("sockets/vanishing-namespaces")
    def _():
        """Named ones, and ones that only a process keeps, come and go while all are looked at."""
        if os.geteuid() or no_diag() or not shutil.which("ip"):
            return "not root, no sock_diag, or no iproute2"
        name = f"ktlsctl-{os.getpid()}"
        churn = (f"while :; do ip netns add {name} && unshare -n sleep 0.02; "
                 f"ip netns del {name}; done")
        with subprocess.Popen(["sh", "-c", churn], stderr=subprocess.DEVNULL,
                              start_new_session=True) as child:
            try:
                answers = [run(command, "--netns=all", "--ndjson")
                           for command in ("sockets", "stat") for _ in range(40)]
                named = [run("stat", f"--netns={name}", "--json") for _ in range(20)]
            finally:
                os.killpg(child.pid, signal.SIGKILL)
        subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL)
        left_out = re.compile(r"(ktlsctl: network namespaces that could not be entered: \d+\n)?")
        for answer in answers:
            assert answer.status == 0 and left_out.fullmatch(answer.err), answer
        for answer in named:
            assert answer.status in (0, 2), answer
            assert answer.status == 0 or name in answer.err, answer.err

    @test("stat/roots")
    def _():
        for name in cli.ROOTS:
            document = run("stat", "--root", cli.root(name), "--json").json()
            valid(document)
            if name in GOLDEN:
                cli.golden(name + ".stat", "text", run("stat", "--root", cli.root(name)).out)
            for counter in document["namespaces"][0]["counters"]:
                equal(counter["kind"] in ("total", "gauge"), True, counter["name"])

    @test("stat/live")
    def _():
        answer = run("stat", "--ndjson")
        equal((answer.status, answer.err), (0, ""))
        valid(json.loads(answer.out))

    @test("sockets/usage")
    def _():
        for args, words in ((["sockets", "x"], "'x'"), (["sockets", "--port=0"], "65535"),
                            (["sockets", "--port=65536"], "65535"),
                            (["sockets", "--mode=tx"], "none, sw, hw"),
                            (["sockets", "--json", "--watch"], "--watch"),
                            (["sockets", "--watch=1ms"], "100ms"),
                            (["sockets", "--watch", "--output=x"], "--output"),
                            (["sockets", "--ndjson", "--summary"], "--summary"),
                            (["sockets", "--no-owners", "--unused"], "--no-owners"),
                            (["sockets", "--no-owners", "--pid=1"], "--no-owners"),
                            (["sockets", "--unused", "--all"], "--unused"),
                            (["sockets", "--netns=/etc"], "--netns"),
                            (["sockets", "--netns=nosuch"], "'nosuch'"),
                            (["sockets", "--format=nagios"], "ndjson"),
                            (["sockets", "--root=/"], "--root"),
                            (["stat", "--watch", "--json"], "--watch"),
                            (["stat", "--netns=nosuch"], "'nosuch'"),
                            (["stat", "--root=tests/roots/fips", "--watch"], "--root"),
                            (["stat", "x"], "'x'")):
            answer = run(*args)
            equal(answer.status, 3 if "--format=nagios" in args else 2, f"{args} {answer.err}")
            assert words in answer.err, (args, answer.err)
            equal(answer.err.count("\n"), 1, str(args))
            if "--json" in args:
                valid(answer.json())
