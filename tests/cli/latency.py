# SPDX-License-Identifier: MIT
"""latency: wrong usage, nobody there, and what servers of a few lines make of it."""
import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import threading

from request import Authority, Server, read_head

STAGES = ["nic", "wake", "call", "decrypt", "parse", "callback"]
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n%b\r\nhello"


def again_and_again(tls):
    tls.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while read_head(tls):
        tls.sendall(HELLO % b"")


def in_pieces(tls):
    """Several records, and something behind some of the answers' heads."""
    while read_head(tls):
        tls.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(4):
            tls.sendall(b"3e8\r\n" + 1000 * b"x" + b"\r\n")
        tls.sendall(b"0\r\n\r\n")


def some(n):
    def talk(tls):
        for _ in range(n):
            if read_head(tls):
                tls.sendall(HELLO % b"")
    return talk


def farewell(tls):
    read_head(tls)
    tls.sendall(HELLO % b"Connection: close\r\n")


def babble(tls):
    read_head(tls)  # what is not read makes the end a reset
    tls.sendall(b"what?")


def silent(tls):
    read_head(tls)
    tls.recv(1)


def usage(t):
    for args, words in (
            ([], "URL"), (["https://x/", "https://y/"], "'https://y/'"), (["http://x/"], "https"),
            (["wss://u:p@x/"], "wss URL"), (["--count=0", "https://x/"], "number"),
            (["--duration=x", "https://x/"], "time"), (["--rate=2000", "https://x/"], "1000"),
            (["--ask=get", "wss://x/"], "ping, echo, publish"),
            (["--ask=echo", "https://x/"], "wss://"), (["--size=5", "https://x/"], "wss://"),
            (["--size=126", "wss://x/"], "125"), (["--size=99999999", "wss://x/"], "16777216"),
            (["--ask=publish", "--size=5", "wss://x/"], "no --size"),
            (["--cpu=1023", "https://127.0.0.1:1/"], "no such processor"),
            (["--cpu=x", "https://x/"], "processor"), (["--format=ndjson", "https://x/"], "text"),
            (["--insecure", "--cacert=x", "https://x/"], "--insecure"),
            (["--cacert=/dev/null", "https://127.0.0.1:1/"], "--cacert"),
            (["--timeout=0", "https://x/"], "time")):
        answer = t.run("latency", *args)
        t.equal((answer.status, answer.err.count("\n")), (2, 1), str(args))
        assert words in answer.err, (args, answer.err)


def measured(t, answer, count):
    """The document of a run that came to its end, after what is true of all of them."""
    t.equal((answer.status, answer.err), (0, ""))
    document = answer.json()
    t.valid(document)
    t.equal((document["ended"], [w["way"] for w in document["ways"]]),
            ("complete", ["ktls", "user"]))
    for way in document["ways"]:
        if not way["measured"]:
            assert way["way"] == "ktls" and way["why"], way
            continue
        t.equal([s["stage"] for s in way["stages"]], STAGES)
        # Where stamps contradict each other, a message is left out.
        t.equal(way["total"]["count"] + way["implausible"] + way["unmatched"], count)
        assert way["difference_ns"] <= way["error_ns"], way
        for stage in way["stages"]:
            t.equal(stage["available"], not stage["why"])
            t.equal(stage["time"]["count"], way["total"]["count"] if stage["available"] else 0)
        shares = sum(s["share_permille"] for s in way["stages"])
        assert 997 <= shares <= 1003, way
    assert 0 < document["cost"]["clock_ns"] <= document["cost"]["message_ns"]
    return document


def user(document):
    return document["ways"][1]


def https(t, context, ca):
    with Server(context, again_and_again) as s:
        for engine in ("epoll", "uring"):
            answer = t.run("latency", "--json", "--count=60", "--cacert", ca,
                           "--engine=" + engine, s.url)
            if answer.status == 2 and "uring" in answer.err:
                continue
            document = measured(t, answer, 60)
            t.equal((document["engine"], user(document)["message_bytes"]), (engine, 5))
            assert "--hwtstamp" in user(document)["stages"][0]["why"]
        text = t.run("latency", "--count=60", "--cacert", ca, s.url)
        assert text.out.startswith("From the kernel to the application's end"), text.out
        assert "add up to" in text.out and "ns a message" in text.out
        assert all(len(line) <= 80 for line in text.out.split("\n")), text.out


@contextlib.contextmanager
def serving(t):
    process = subprocess.Popen([t.PROGRAM, "serve", "--max-time=60s"], env=t.ENV,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.communicate()


def own(t):
    """The server of our own: pongs, echoes of one frame and of many, what it publishes."""
    with serving(t) as at:
        for path, options, size in (
                ("wss://%s/echo", (), 64), ("wss://%s/echo", ("--size=125",), 125),
                ("wss://%s/echo", ("--ask=echo", "--size=1000"), 1000),
                ("wss://%s/echo?piece=100", ("--ask=echo", "--size=1000"), 1000),
                ("https://%s/bytes?size=40000", (), 40000)):
            answer = t.run("latency", "--json", "--insecure", "--count=10", *options, path % at)
            t.equal(user(measured(t, answer, 10))["message_bytes"], size, path)
        answer = t.run("latency", "--json", "--insecure", "--count=10", "--ask=publish",
                       "--ktls=off", f"wss://{at}/publish?rate=500&size=200")
        way = answer.json()["ways"][0]
        t.equal((answer.status, way["message_bytes"]), (0, 200), str(way))
        answer = t.run("latency", "--json", "--insecure", f"wss://{at}/nothing")
        t.equal((answer.status, answer.json()["ended"]), (1, "failed"), answer.out)
        assert "WebSocket" in user(answer.json())["why"], answer.out


def silence(t, context, ca):
    """A server that ends connections between answers is asked over another one."""
    with Server(context, some(40)) as s:
        document = measured(t, t.run("latency", "--json", "--count=50", "--cacert", ca, s.url), 50)
        assert user(document)["connections"] >= 3, document


def pieces(t, context, ca):
    with Server(context, in_pieces) as s:
        document = measured(t, t.run("latency", "--json", "--count=30", "--cacert", ca, s.url), 30)
        t.equal(user(document)["message_bytes"], 4000)


def nobody(t, context, ca, folder):
    """Without CAP_NET_RAW recvmsg tells when the kernel had it, in user space."""
    if os.getuid():
        return "needs root, to be nobody"
    os.chmod(folder, 0o755)
    os.chmod(ca, 0o644)
    with Server(context, again_and_again) as s:
        answer = t.run("latency", "--json", "--count=30", "--cacert", ca, s.url, prefix=t.NOBODY)
        document = measured(t, answer, 30)
        t.equal((user(document)["begins"], user(document)["stamps_apart"]["count"]),
                ("kernel", 0))
    return None


def packets(t, context, ca):
    """With it the packet that brought the message is found, by its number."""
    if os.getuid():
        return "needs CAP_NET_RAW"
    with Server(context, again_and_again) as s:
        document = measured(t, t.run("latency", "--json", "--count=60", "--cacert", ca, s.url), 60)
        way = user(document)
        # Until the kernel has begun to stamp there is nothing to compare.
        assert way["begins"] == "kernel" and way["total"]["count"], way
        assert way["stamps_apart"]["count"] >= way["total"]["count"], way
    return None


def required(t, context, ca):
    with Server(context, again_and_again) as s:
        off = t.run("latency", "--json", "--count=5", "--ktls=off", "--cacert", ca, s.url)
        t.equal([w["way"] for w in off.json()["ways"]], ["user"])
        here = t.run("latency", "--json", "--count=5", "--cacert", ca, s.url).json()
        answer = t.run("latency", "--json", "--count=5", "--ktls=require", "--cacert", ca, s.url)
        t.valid(answer.json())
        t.equal(answer.status, 0 if here["ways"][0]["measured"] else 1)


def broken(t, context, ca):
    for talk, status, words in (
            (some(3), 1, "connection"), (farewell, 1, "enough"),
            (babble, 1, "HTTP"), (silent, 1, "in time")):
        with Server(context, talk) as s:
            answer = t.run("latency", "--json", "--cacert", ca,
                           "--timeout=" + ("200ms" if talk == silent else "10s"), s.url)
            document = answer.json()
            t.valid(document)
            t.equal((answer.status, document["ended"]), (status, "failed"), words)
            assert words.lower() in user(document)["why"].lower(), (words, document)
    with Server(context, again_and_again) as s:
        answer = t.run("latency", "--json", "--connect-timeout=5s", s.url)
        t.equal(answer.status, 1)
        assert "certificate" in user(answer.json())["why"], answer.out
    answer = t.run("latency", "--json", "https://127.0.0.1:1/")
    t.valid(answer.json())
    t.equal((answer.status, answer.json()["ended"]), (3, "failed"))
    answer = t.run("latency", "https://127.0.0.1:1/")
    assert answer.out.startswith("No message was measured."), answer.out


def interrupted(t, context, ca):
    """Ctrl-C: what there is."""
    with Watched(context) as s:
        process = subprocess.Popen(
            [t.PROGRAM, "latency", "--json", "--count=1000000", "--rate=50", "--cacert", ca,
             s.url], env=t.ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        # It has its signals blocked as soon as it talks to somebody.
        assert s.asked.wait(20)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        answer = t.Answer(subprocess.CompletedProcess([], process.returncode, out, err))
        t.valid(answer.json())
        t.equal((answer.status, answer.json()["ended"]), (0, "interrupted"), answer.err)


def placed(t, context, ca):
    """What cannot be had is said, and the messages are measured all the same."""
    with Server(context, again_and_again) as s:
        cpu = min(os.sched_getaffinity(0))
        document = measured(t, t.run("latency", "--json", "--count=10", "--numa", "--hwtstamp",
                                     f"--cpu={cpu}", "--cacert", ca, s.url), 10)
        t.equal((document["pin"]["cpu"], document["pin"]["node"]), (cpu, -1))
        assert "on this host" in document["pin"]["why"], document["pin"]
        t.equal((document["hwtstamp"]["asked"], document["hwtstamp"]["set"]), (True, False))
        assert "on this host" in document["hwtstamp"]["why"], document["hwtstamp"]
        assert "on this host" in user(document)["stages"][0]["why"], document


def lasting(t, context, ca):
    with Server(context, again_and_again) as s:
        document = t.run("latency", "--json", "--duration=300ms", "--cacert", ca, s.url).json()
        t.equal(document["ended"], "time")
        assert document["run_ms"] >= 300


class Watched(Server):
    """Tells when somebody has asked."""

    def __init__(self, context):
        self.asked = threading.Event()
        super().__init__(context, self.note)

    def note(self, tls):
        while read_head(tls):
            self.asked.set()
            tls.sendall(HELLO % b"")


def tests(t):
    t.test("latency/usage")(lambda: usage(t))
    t.test("latency/own")(lambda: own(t))
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        authority = Authority(folder)
        context, ca = authority.sign("good", "IP:127.0.0.1"), authority.root
        t.test("latency/https")(lambda: https(t, context, ca))
        t.test("latency/silence")(lambda: silence(t, context, ca))
        t.test("latency/pieces")(lambda: pieces(t, context, ca))
        t.test("latency/nobody")(lambda: nobody(t, context, ca, folder))
        t.test("latency/packets")(lambda: packets(t, context, ca))
        t.test("latency/ktls")(lambda: required(t, context, ca))
        t.test("latency/broken")(lambda: broken(t, context, ca))
        t.test("latency/interrupted")(lambda: interrupted(t, context, ca))
        t.test("latency/placed")(lambda: placed(t, context, ca))
        t.test("latency/lasting")(lambda: lasting(t, context, ca))
