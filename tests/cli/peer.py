# SPDX-License-Identifier: MIT
"""serve, and probe --device against it, over loopback; wrong usage of both."""
import json
import re
import signal
import socket
import ssl
import subprocess
import time


class Serve:
    """A running ktlsctl serve; address is where it listens."""

    def __init__(self, t, *args):
        self.t = t
        self.process = subprocess.Popen([t.PROGRAM, "serve", *args], env=t.ENV,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.line = self.process.stdout.readline()
        self.address = self.line.split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def connect(self):
        host, port = self.address.rsplit(":", 1)
        return socket.create_connection((host, int(port)), timeout=5)

    def connect_tls(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(self.connect())

    def end(self, number=signal.SIGTERM):
        if number:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=10)
        self.t.equal(out, "")
        return self.process.returncode, err.split("\n")[:-1]


def usage(t):
    for args, words in (
            (["probe", "--device", "lo"], "--peer-netns"),
            (["probe", "--device", "lo", "--peer", "127.0.0.1:1", "--peer-netns", "x"], "exclude"),
            (["probe", "--peer", "127.0.0.1:1"], "--device"),
            (["probe", "--peer-netns", "x"], "--device"),
            (["probe", "--device", "nosuch0", "--peer", "127.0.0.1:1"], "'nosuch0'"),
            (["probe", "--device=", "--peer", "127.0.0.1:1"], "--device"),
            (["probe", "--device", "lo", "--peer", "localhost:1"], "'localhost:1'"),
            (["probe", "--device", "lo", "--peer", "127.0.0.1:0"], "'127.0.0.1:0'"),
            (["probe", "--device", "lo", "--peer", "127.0.0.1"], "ADDR:PORT"),
            (["probe", "--device", "lo", "--peer-netns", "nosuch-netns"], "'nosuch-netns'"),
            (["probe", "--device", "lo", "--peer-netns", "../x"], "--peer-netns"),
            (["serve", "more"], "'more'"), (["serve", "--listen", "x:1"], "'x:1'"),
            (["serve", "--listen", "127.0.0.1"], "ADDR:PORT"),
            (["serve", "--listen", "192.0.2.1:1"], "'192.0.2.1:1'"),
            (["serve", "--max-connections", "0"], "a number"),
            (["serve", "--format=nagios"], "text and json"),
            (["serve", "--root", "x"], "--root"), (["serve", "--max-time", "x"], "500ms")):
        answer = t.run(*args)
        t.equal(answer.status, 3 if "--format=nagios" in args else 2, str(args))
        t.equal((answer.out, answer.err.count("\n")), ("", 1), str(args))
        assert words in answer.err, (args, answer.err)


def taken(t):
    with Serve(t) as first:
        answer = t.run("serve", "--listen", first.address)
        t.equal((answer.status, answer.out, answer.err.count("\n")), (2, "", 1))
        assert "Address already in use" in answer.err


def line(t):
    with Serve(t) as s:
        assert re.fullmatch(r"listening on 127\.0\.0\.1:[1-9]\d*\n", s.line), s.line
    with Serve(t, "--listen", "[::1]:0") as s:
        assert re.fullmatch(r"listening on \[::1\]:[1-9]\d*\n", s.line), s.line
    answer = t.run("serve", "--json", "--max-time", "50ms")
    document = answer.json()
    t.valid(document)
    t.equal((answer.status, answer.err), (0, ""))
    t.equal(document["address"], f"127.0.0.1:{document['port']}")


def through_loopback(t):
    diagnosis = t.run("--json").json()["status"]
    for prefix in ((), t.NOBODY):
        with Serve(t, "--max-connections", "2") as s:
            report = t.run("probe", "--device", "lo", "--peer", s.address, "--json",
                           prefix=prefix)
            document = report.json()
            t.valid(document)
            t.equal((report.status, report.err), (1, ""))
            t.equal(document["answer"], "does_not_work")
            t.equal((document["probe"]["device"], document["probe"]["peer"],
                     document["probe"]["route"]), ("lo", s.address, "lo"))
            paths = document["probe"]["paths"]
            t.equal([(p["version"], p["direction"]) for p in paths],
                    [("1.2", "tx"), ("1.2", "rx"), ("1.3", "tx"), ("1.3", "rx")])
            if diagnosis == "cannot_work":
                t.equal({(p["verdict"], p["reason"], p["label"]) for p in paths},
                        {("user_space", "no-kernel-tls", "none")})
            else:
                assert {p["verdict"] for p in paths} <= {"user_space", "software"}, paths
            t.equal({p["payload_bytes"] for p in paths}, {640673})
            status, said = s.end(None)
            t.equal((status, len(said)), (0, 2), str(said))
            for words in said:
                assert words.endswith("5 requests, 640673 bytes each way"), words


def nobody_there(t):
    with Serve(t) as s:
        address = s.address
    answer = t.run("probe", "--device", "lo", "--peer", address, "--json", "--only", "tx")
    paths = answer.json()["probe"]["paths"]
    t.equal([(p["reason"], p["error"]) for p in paths], [("not-connected", -111)] * 2)


def ends(t):
    for number in (signal.SIGTERM, signal.SIGINT):
        with Serve(t) as s, s.connect_tls():
            begin = time.monotonic()
            status, said = s.end(number)
            t.equal((status, len(said)), (0, 1), str(said))
            assert time.monotonic() - begin < 2
    with Serve(t, "--max-time", "100ms", "--max-connections", "1") as s:
        t.equal(s.end(None), (1, []))
    with Serve(t, "--max-time", "100ms") as s:
        t.equal(s.end(None), (0, []))


def other_clients(t):
    """Nothing that they do keeps the next one out, and each is told of in one line."""
    with Serve(t) as s:
        with s.connect() as c:
            c.sendall(b"GET / HTTP/1.1\r\n\r\n")
        with s.connect() as c:
            c.sendall(bytes(range(256)) * 40)
        with s.connect_tls() as c:
            c.sendall(b"ktlsctl.peer/1 relay 1000\n")
            t.equal(c.recv(100), b"ktlsctl.peer/1 no no such kind of request\n")
        silent = s.connect()
        answer = t.run("probe", "--device", "lo", "--peer", s.address, "--json")
        t.equal(len(answer.json()["probe"]["paths"]), 4)
        assert all(p["error"] in (0, -2) for p in answer.json()["probe"]["paths"])
        status, said = s.end()
        silent.close()
        t.equal((status, len(said)), (0, 6), str(said))
        t.equal(sum("5 requests" in words for words in said), 2)
        t.equal(sum("refused: no such kind of request" in words for words in said), 1)


def stranger(t):
    """A server that is not ours answers what it likes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = "127.0.0.1:%d" % listener.getsockname()[1]
        process = subprocess.Popen([t.PROGRAM, "probe", "--device", "lo", "--peer", address,
                                    "--json", "--only", "TLS1.2,tx"], env=t.ENV,
                                   stdout=subprocess.PIPE, text=True)
        client, _ = listener.accept()
        with client:
            client.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
            out, _ = process.communicate(timeout=20)
    paths = json.loads(out)["probe"]["paths"]
    t.equal([(p["verdict"], p["reason"]) for p in paths], [("unknown", "no-handshake")])
    assert "wrong version number" in paths[0]["why"], paths


def tests(t):
    for name, function in (("usage", usage), ("address-in-use", taken), ("line", line),
                           ("through-loopback", through_loopback),
                           ("nobody-there", nobody_there), ("ends", ends),
                           ("other-clients", other_clients), ("stranger", stranger)):
        t.test("peer/" + name)(lambda f=function: f(t))
