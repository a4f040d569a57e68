# SPDX-License-Identifier: MIT
"""bench --peer against serve; peers that are none, and clients that serve should bear."""
import contextlib
import os
import ssl
import subprocess
import tempfile

from bench import NAMESPACE
from peer import Serve
from request import Authority, Server

LOUD = "ktlsctl: WARNING: --insecure: the certificate is not verified, whoever answers\n"


def figures(result):
    return {f["name"]: f for f in result["figures"]}


def check(t, document, address):
    t.valid(document)
    t.equal(document["path"], "peer " + address)
    for g in document["groups"]:
        by = {r["mode"]: r for r in g["results"]}
        for mode in ("openssl", "plain"):
            assert by[mode]["present"] and by[mode]["operations"], by[mode]
            payload = [p for p in by[mode]["proofs"] if p["witness"] == "payload"]
            t.equal([p["right"] for p in payload], [True], str(payload))
            t.equal("SHA-256" in payload[0]["saw"],
                    g["direction"] == "send" or g["workload"] in ("rpc", "websocket"))
            theirs = "sender" if g["direction"] == "receive" else "receiver"
            f = figures(by[mode])
            t.equal((f[theirs + "_cpu"]["source"], f[theirs + "_cpu"]["why"]),
                    ("measured", "measured by the peer"))
            t.equal((f[theirs + "_calls"]["source"], f[theirs + "_calls"]["why"]),
                    ("unavailable", "the peer does not count its system calls"))


def measures(t):
    with Serve(t) as s:
        answer = t.run("bench", "--json", "--peer", s.address, "--insecure", "--size", "1k",
                       "--duration=200ms", "--connections=2")
        t.equal((answer.status, answer.err), (0, LOUD), answer.out[:900])
        document = answer.json()
        t.equal([(g["workload"], g["direction"]) for g in document["groups"]],
                [("bulk", "send"), ("bulk", "receive"), ("rpc", "both"),
                 ("websocket", "both"), ("close", "both")])
        check(t, document, s.address)
        status, said = s.end()
        t.equal(status, 0)
        # Its many connections are not told of, but those of modes that are absent here.
        assert all("bench, its control" in words or "waiting for a request" in words
                   for words in said), said


def sizes(t):
    """The largest message, and one beyond what a peer takes of a WebSocket."""
    with Serve(t) as s:
        answer = t.run("bench", "--json", "--peer", s.address, "--insecure", "--size=4M",
                       "--duration=100ms", "--tls=1.2", "--only=openssl,plain")
        t.equal(answer.status, 0, answer.err)
        document = answer.json()
        for g in document["groups"]:
            for r in g["results"]:
                if g["workload"] != "websocket":
                    assert r["present"], r
                else:
                    assert "so much is not given" in r["reason"], r
    with Serve(t) as s:
        text = t.run("bench", "--peer", s.address, "--insecure", "--workload=rpc",
                     "--duration=100ms", "--only=openssl", "-v").out
        assert "client CPU" in text and "is the peer's" in text, text


class Half(Server):
    """Goes when it has said its part of the handshake, before it hears the client's."""

    def serve(self, plain):
        come, go = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.context.wrap_bio(come, go, server_side=True)
        with plain:
            come.write(plain.recv(65536))
            with contextlib.suppress(ssl.SSLWantReadError):
                tls.do_handshake()
            plain.sendall(go.read())


def not_there(t):
    def fails(words, *args):
        answer = t.run("bench", "--json", "--workload=rpc", "--duration=100ms", *args)
        t.equal((answer.status, answer.err.count("\n")), (3, 1 + ("--insecure" in args)))
        t.valid(answer.json())
        assert words in answer.err, answer.err

    with Serve(t) as s:
        fails("serve makes it anew: --insecure", "--peer", s.address)
    fails("Connection refused", "--peer", s.address, "--insecure")
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(folder)

        def older(tls):
            tls.recv(100)
            tls.sendall(b"ktlsctl.peer/1 no this is no request\n")

        def newer(tls):
            tls.recv(100)
            tls.sendall(b"bench/2 ok 7\n")

        good = authority.sign("good", "IP:127.0.0.1")
        with Server(good, older) as s:
            fails("an older one that knows nothing of bench", "--cacert", authority.root,
                  "--peer", s.url[8:-1])
        with Server(good, newer) as s:
            fails("another version", "--peer", s.url[8:-1], "--insecure")
        with Server(good, lambda tls: tls.recv(100)) as s:
            fails("", "--peer", s.url[8:-1], "--insecure")
        with Half(good, None) as s:
            fails("", "--peer", s.url[8:-1], "--insecure")
        with Server(authority.sign("other", "IP:127.0.0.2"), older) as s:
            fails("not to be believed", "--cacert", authority.root, "--peer", s.url[8:-1])
        with Server(good, older) as s:
            fails("--cacert", "--cacert", folder + "/nothing", "--peer", s.url[8:-1])


def talk(s, line, plain=True):
    """What the peer says to one line, over a connection that stays open."""
    c = s.connect() if plain else s.connect_tls()
    c.sendall(line)
    try:
        return c, c.recv(300)
    except ConnectionResetError:
        return c, b""


def strangers(t):
    """Nothing that clients say keeps the next one out."""
    with Serve(t) as s, contextlib.ExitStack() as stack:
        for plain in (True, False):
            for line, words in (
                    (b"bench/2 run 0 0 0\n", b"another version"),
                    (b"bench/1 run 0 0\n", b"this is no request"),
                    (b"bench/1 run 0 0 0\nmore", b"this is no request"),
                    (b"bench/1 start 0 0 0\n", b"nothing to start"),
                    (b"bench/1 end 0 0 0\n", b"nothing to end"),
                    (b"bench/1 sink 0 64 0\n", b"no such run"),
                    (b"bench/1 sink 4711 64 0\n", b"no such run"),
                    (b"b" * 300, b"")):
                c, said = talk(s, line, plain)
                c.close()
                assert words in said, (line, said)
        runs = [talk(s, b"bench/1 run 0 0 0\n") for _ in range(8)]
        assert all(said.startswith(b"bench/1 ok ") for _, said in runs), runs
        for c, _ in runs:
            stack.enter_context(c)
        c, said = talk(s, b"bench/1 run 0 0 0\n")
        c.close()
        t.equal(said, b"bench/1 no too many runs at a time\n")
        number = runs[0][1].split()[2]
        for line, words in ((b"sink %s 0 0", b"so much"), (b"sink %s 4194305 0", b"so much"),
                            (b"websocket %s 262145 0", b"so much"),
                            (b"source %s 64 10001", b"so much")):
            c, said = talk(s, b"bench/1 " + line % number + b"\n")
            c.close()
            assert words in said, (line, said)
        # Who has no run any more is not served to the end of his time.
        c, said = talk(s, b"bench/1 rpc %s 4 0\n" % number)
        t.equal(said, b"bench/1 ok 0\n")
        c.sendall(b"four")
        t.equal(len(c.recv(4)), 4)
        runs[0][0].close()
        with contextlib.suppress(OSError):
            while True:
                c.sendall(b"four")
                if not c.recv(4):
                    break
        c.close()
        answer = t.run("bench", "--json", "--peer", s.address, "--insecure", "--workload=rpc",
                       "--size=64", "--duration=50ms", "--only=openssl")
        t.equal(answer.status, 0, answer.err)
        assert answer.json()["groups"][0]["results"][0]["present"], answer.out


def namespace(t):
    prefix = ("unshare", "-nm", "sh", "-ec", NAMESPACE, "sh")
    if os.geteuid() or subprocess.run([*prefix, "true"], capture_output=True).returncode:
        return  # not permitted here
    both = """
        ip netns exec far "$1" serve --listen 10.9.0.2:4433 >/run/at 2>&1 &
        while ! grep -q listening /run/at; do :; done
        status=0; "$@" || status=$?
        kill $!
        exit $status
    """
    answer = t.run("bench", "--json", "--peer", "10.9.0.2:4433", "--insecure", "--size=16k",
                   "--workload=bulk", "--workload=close", "--duration=200ms",
                   prefix=(*prefix, "sh", "-c", both, "sh"))
    t.equal(answer.status, 0, answer.err)
    check(t, answer.json(), "10.9.0.2:4433")


def usage(t):
    for args, words in (
            (["--peer", "localhost:1"], "numeric ADDR:PORT"),
            (["--peer", "127.0.0.1"], "numeric ADDR:PORT"),
            (["--peer", "127.0.0.1:0"], "numeric ADDR:PORT"),
            (["--peer", "127.0.0.1:1", "--netns", "x"], "exclude each other"),
            (["--peer", "127.0.0.1:1", "--insecure", "--cacert", "x"], "no --cacert"),
            (["--peer", "127.0.0.1:1", "--connections=61"], "60 at most"),
            (["--insecure"], "goes with --peer"), (["--cacert", "x"], "goes with --peer")):
        answer = t.run("bench", "--workload=rpc", *args)
        t.equal((answer.status, answer.out, answer.err.count("\n")), (2, "", 1), str(args))
        assert words in answer.err, (args, answer.err)


def tests(t):
    if not t.runs:
        return
    for name, function in (("measures", measures), ("sizes", sizes), ("not-there", not_there),
                           ("strangers", strangers), ("a-namespace", namespace),
                           ("usage", usage)):
        t.test("bench-peer/" + name)(lambda f=function: f(t))
