# SPDX-License-Identifier: MIT
"""serve by HTTP and WebSocket, with a client of Python's that follows RFC 6455, or does not;
and latency, with such a server."""
import base64
import contextlib
import hashlib
import json
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time

from peer import Serve

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(opcode, payload=b"", fin=True, mask=b"\x11\x22\x33\x44", rsv=0):
    """As a client sends it; mask None: as it should not."""
    n = len(payload)
    head = bytes([fin << 7 | rsv << 4 | opcode])
    bit = 0x80 if mask else 0
    if n < 126:
        head += bytes([bit | n])
    elif n < 65536:
        head += bytes([bit | 126]) + struct.pack(">H", n)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", n)
    if not mask:
        return head + payload
    key = (mask * (n // 4 + 1))[:n]
    return head + mask + (int.from_bytes(payload, "big") ^
                          int.from_bytes(key, "big")).to_bytes(n, "big")


def close_frame(code):
    return frame(CLOSE, struct.pack(">H", code))


class Client:
    def __init__(self, s, path=None):
        self.socket, self.buffer = s.connect_tls(), b""
        if path:
            self.upgrade(path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def read(self, n):
        while len(self.buffer) < n:
            data = self.socket.recv(65536)
            assert data, "the server closed the connection"
            self.buffer += data
        data, self.buffer = self.buffer[:n], self.buffer[n:]
        return data

    def ended(self):
        """Nothing comes any more."""
        return not self.buffer and self.socket.recv(1) == b""

    def head(self):
        while b"\r\n\r\n" not in self.buffer:
            data = self.socket.recv(65536)
            assert data, "the server closed the connection"
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        first, *lines = text.decode().split("\r\n")
        return int(first.split()[1]), dict(line.lower().split(": ", 1) for line in lines)

    def get(self, path, method="GET", more=""):
        self.send(f"{method} {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n".encode())
        status, fields = self.head()
        return status, fields, b"" if method == "HEAD" else self.read(int(fields["content-length"]))

    def ask_upgrade(self, path, more=b""):
        key = base64.b64encode(os.urandom(16))
        self.send(f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                  "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  f"Sec-WebSocket-Key: {key.decode()}\r\n\r\n".encode() + more)
        return key

    def upgrade(self, path, more=b""):
        key = self.ask_upgrade(path, more)
        status, fields = self.head()
        assert status == 101, (status, self.buffer)
        wanted = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode().lower()
        assert fields["sec-websocket-accept"] == wanted, fields

    def frame(self):
        first, n = self.read(2)
        if n == 126:
            n, = struct.unpack(">H", self.read(2))
        elif n == 127:
            n, = struct.unpack(">Q", self.read(8))
        return first, self.read(n)

    def message(self):
        """Its opcode, its bytes, its frames."""
        first, data = self.frame()
        opcode, frames = first & 15, 1
        assert not first & 0x70
        while not first & 0x80:
            first, more = self.frame()
            assert first & 15 == 0
            data, frames = data + more, frames + 1
        return opcode, data, frames

    def bye(self):
        self.send(close_frame(1000))
        assert self.frame() == (0x88, struct.pack(">H", 1000))
        assert self.ended()


def http(t):
    with Serve(t) as s:
        with Client(s) as c:
            status, fields, body = c.get("/")
            t.equal((status, fields["content-type"]), (200, "text/plain"))
            assert b"/publish" in body
            for size in (0, 1, 65536, 3000001):
                status, fields, body = c.get(f"/bytes?size={size}")
                t.equal((status, len(body)), (200, size))
            status, fields, body = c.get("/bytes?size=99", "HEAD")
            t.equal((status, fields["content-length"]), (200, "99"))
            # Two at once, and in single bytes.
            c.send(b"GET /bytes?size=3 HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
            for _ in range(2):
                t.equal((c.head()[0], c.read(3)), (200, b"\0\0\0"))
            for byte in b"GET /bytes?size=0 HTTP/1.1\r\nHost: x\r\n\r\n":
                c.send(bytes([byte]))
            t.equal(c.head()[0], 200)
        for path, method, more, wanted in (
                ("/x", "GET", "", 404), ("/", "POST", "", 405), ("/echo", "HEAD", "", 405),
                ("/echo", "GET", "", 426), ("/bytes?size=x", "GET", "", 400),
                ("/bytes?size=-1", "GET", "", 400), ("/bytes?size=99999999999", "GET", "", 400),
                ("/bytes?size=1&size=1", "GET", "", 400), ("/bytes?rate=1", "GET", "", 400),
                ("/bytes?more", "GET", "", 400), ("/", "GET", "Content-Length: 1\r\n", 400),
                ("/", "GET", "Upgrade: websocket\r\nConnection: upgrade\r\n", 200)):
            with Client(s) as c:
                status, fields, body = c.get(path, method, more)
                t.equal(status, wanted, path + method + more)
                if wanted != 200:
                    t.equal(fields["connection"], "close")
                    assert c.ended()
        with Client(s) as c:
            t.equal(c.get("/", "GET", "Connection: close\r\n")[0], 200)
            assert c.ended()
        status, said = s.end()
        t.equal((status, len(said)), (0, 14), str(said))
        assert re.search(r"TLSv1.3, tx .*, rx .*, 9 answers, 3065643 bytes", said[0]), said[0]


def echo(t):
    large = os.urandom(262144)
    with Serve(t) as s:
        with Client(s, "/echo") as c:
            for opcode, data in ((TEXT, b"hello"), (TEXT, b""), (BINARY, bytes(range(256))),
                                 (TEXT, "\0\u00e4\U0001f600".encode()), (BINARY, large)):
                c.send(frame(opcode, data))
                t.equal(c.message(), (opcode, data, 1))
            c.send(frame(TEXT, b"one ", fin=False) + frame(PING, b"!") +
                   frame(0, b"", fin=False) + frame(0, b"message"))
            t.equal({c.message(), c.message()}, {(PONG, b"!", 1), (TEXT, b"one message", 1)})
            c.send(frame(TEXT, b"a") * 1000)
            for _ in range(1000):
                t.equal(c.frame(), (0x81, b"a"))
            c.bye()
        with Client(s, "/echo?piece=100") as c:
            c.send(frame(BINARY, large))
            t.equal(c.message(), (BINARY, large, 2622))
            c.bye()
        # The first frame comes with the request.
        with Client(s) as c:
            c.upgrade("/echo", frame(TEXT, b"early"))
            t.equal(c.message(), (TEXT, b"early", 1))
            c.bye()
        # A close without a code, one of an application's, one with a reason.
        for sent, back in ((b"", b""), (b"\x0f\xa0", b"\x0f\xa0"), (b"\x03\xe9why", b"\x03\xe9")):
            with Client(s, "/echo") as c:
                c.send(frame(CLOSE, sent))
                t.equal(c.frame(), (0x88, back))
                assert c.ended()
        status, said = s.end()
        t.equal((status, len(said)), (0, 6), str(said))
        assert said[0].endswith("echo, 1006 messages in, 1006 out"), said[0]


def publish(t):
    with Serve(t, "--max-connections", "4") as s:
        begin = time.monotonic()
        with Client(s, "/publish?rate=200&size=20&count=20") as c:
            for i in range(20):
                t.equal(c.message(), (BINARY, b"%016xxxxx" % i, 1))
            assert time.monotonic() - begin > 0.09
            t.equal(c.frame(), (0x88, b"\x03\xe8"))
            c.send(close_frame(1000))
            assert c.ended()
        with Client(s, "/publish?rate=0&size=1000&count=3000&piece=300&text=1") as c:
            for i in range(3000):
                opcode, data, frames = c.message()
                t.equal((opcode, data[:16], len(data), frames), (TEXT, b"%016x" % i, 1000, 4))
            t.equal(c.frame(), (0x88, b"\x03\xe8"))
            c.send(close_frame(1000))
        # One that says something meanwhile, and one that ends it.
        with Client(s, "/publish?rate=100000&size=0&count=2&piece=16") as c:
            c.send(frame(TEXT, b"ignored"))
            t.equal([c.message(), c.message()], [(BINARY, b"", 1)] * 2)
            t.equal(c.frame(), (0x88, b"\x03\xe8"))
            c.send(close_frame(1000))
        with Client(s, "/publish?rate=1&size=3&count=1000") as c:
            t.equal(c.message(), (BINARY, b"000", 1))
            c.send(frame(PING, b"x"))
            t.equal(c.message(), (PONG, b"x", 1))
            c.bye()
        status, said = s.end(None)
        t.equal((status, len(said)), (0, 4), str(said))
        assert said[1].endswith("publish, 0 messages in, 3000 out"), said[1]
    with Serve(t) as s:
        for query in ("rate=100001", "count=0", "size=262145", "piece=15", "text=2", "rate=",
                      "size=262144&count=4097", "speed=1", "rate=1&rate=1", "=1", "&"):
            with Client(s) as c:
                c.ask_upgrade("/publish?" + query)
                t.equal(c.head()[0], 400, query)


def bad_frames(t):
    rows = (
        (frame(TEXT, b"a", mask=None), 1002, "not masked"),
        (frame(TEXT, b"a", rsv=4), 1002, "reserved bits"),
        (frame(3, b"a"), 1002, "opcode"),
        (frame(0, b"a"), 1002, "without a beginning"),
        (frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), 1002, "amid another"),
        (frame(PING, b"a" * 126), 1002, "control frame"),
        (frame(PING, b"a", fin=False), 1002, "control frame"),
        (frame(CLOSE, b"\3"), 1002, "half a code"),
        (close_frame(1005), 1002, "code that is not to be sent"),
        (frame(TEXT, b"\xff"), 1007, "UTF-8"),
        (b"\x82\xff" + struct.pack(">Q", 1 << 62) + b"mask.", 1009, "longer than is borne"),
        (b"\x82\xff" + struct.pack(">Q", 262145) + b"mask.", 1009, "longer than is borne"),
        (frame(TEXT, b"a" * 262144, fin=False) + frame(0, b"b"), 1009, "longer than is borne"),
        (b"\x82\xff" + struct.pack(">Q", 1 << 63) + b"mask.", 1002, "malformed"))
    with Serve(t) as s:
        for sent, code, _ in rows:
            with Client(s, "/echo") as c:
                c.send(sent)
                t.equal(c.frame(), (0x88, struct.pack(">H", code)), str(sent[:20]))
        with Client(s, "/echo") as c:
            c.bye()
        status, said = s.end()
        t.equal((status, len(said)), (0, len(rows) + 1), str(said))
        for line, (_, _, words) in zip(said, rows):
            assert "refused: " in line and words in line, (line, words)


def cut(t):
    """A client that goes away after every byte of what it has to say."""
    request = (b"GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n" +
               frame(TEXT, b"hello") + frame(PING, b"x"))
    step = 40 if t.SANITIZED or os.environ.get("VALGRIND") else 7
    places = range(0, len(request), step)
    with Serve(t) as s:
        for n in places:
            with Client(s) as c:
                c.send(request[:n])
        with Client(s, "/echo") as c:
            c.bye()
        status, said = s.end()
        t.equal((status, len(said)), (0, len(places) + 1), str(said))


def memory(t):
    """Clients that send and do not read what comes back, and those that announce much."""
    with Serve(t) as s:
        clients = [Client(s, "/echo") for _ in range(10)]
        for c in clients[:5]:
            c.socket.settimeout(0.2)
            try:
                for _ in range(200):
                    c.send(frame(PING, b"p" * 125) * 100 + frame(BINARY, b"b" * 200000))
            except TimeoutError:
                pass
        for c in clients[5:]:
            c.send(b"\x82\xff" + struct.pack(">Q", 262144) + b"mask")
        with Client(s, "/echo") as c:
            c.send(frame(TEXT, b"still there"))
            t.equal(c.message(), (TEXT, b"still there", 1))
            c.bye()
        status = open(f"/proc/{s.process.pid}/status", encoding="ascii").read()
        peak = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])
        for c in clients:
            c.socket.close()
        t.equal(s.end()[0], 0)
        assert t.SANITIZED or peak < 40000, f"{peak} kB"


GOOD = "101 Switching Protocols"
UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\n"


class Fake:
    """A server that shakes hands in its own way, and then says what it likes."""

    def __init__(self, folder, talk):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(f"{folder}/cert", f"{folder}/key")
        self.talk = talk
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"wss://127.0.0.1:{self.listener.getsockname()[1]}/"
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(plain,), daemon=True).start()

    def serve(self, plain):
        with contextlib.suppress(OSError), self.context.wrap_socket(plain, server_side=True) as c:
            head = b""
            while b"\r\n\r\n" not in head:
                data = c.recv(4096)
                if not data:
                    return
                head += data
            key = re.search(rb"Sec-WebSocket-Key: (\S+)", head)[1]
            self.talk(c, base64.b64encode(hashlib.sha1(key + GUID).digest()).decode())
            while c.recv(65536):
                pass


def answer(accept, status=GOOD, fields=UPGRADE):
    return f"HTTP/1.1 {status}\r\n{fields}Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()


def saying(data):
    """Shakes hands as it should; then that."""
    return lambda c, accept: c.sendall(answer(accept) + data)


def flood(data):
    def talk(c, accept):
        c.sendall(answer(accept))
        while True:
            c.sendall(data)
    return talk


def plain(opcode, payload=b"", **more):
    return frame(opcode, payload, mask=None, **more)


# What it does, and the words for that.
FAULTS = (
    (saying(frame(PONG, b"a")), "masked"), (saying(plain(TEXT, b"a", rsv=4)), "reserved bits"),
    (saying(plain(3, b"a")), "opcode"), (saying(plain(0, b"a")), "without a beginning"),
    (saying(plain(PING, b"a" * 126)), "control frame"),
    (saying(plain(CLOSE, b"\3")), "half a code"), (saying(plain(TEXT, b"\xff")), "UTF-8"),
    (saying(b"\x82\x7f" + struct.pack(">Q", 1 << 62) + b"x"), "longer than is borne"),
    (saying(b"\x82\x7f" + struct.pack(">Q", 1 << 63) + b"x"), "malformed"),
    (flood(plain(0, b"")), "without a beginning"),
    (flood(plain(BINARY, b"x" * 60000, fin=False)), "amid another"),
    (lambda c, a: c.sendall(answer("A" * 27 + "=")), "another key"),
    (lambda c, a: c.sendall(answer(a, fields="Upgrade: websocket\r\n")), "as a WebSocket"),
    (lambda c, a: c.sendall(answer(a, fields=UPGRADE + "Sec-WebSocket-Extensions: x\r\n")),
     "extension"),
    (lambda c, a: c.sendall(answer(a, "403 Forbidden")), "403"),
    (lambda c, a: c.sendall(answer(a, "301 Moved", "Location: /x\r\n")), "301"),
    (lambda c, a: c.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"), "handshake: ."),
    (lambda c, a: c.sendall(b"HTTP/1.1 101 x\r\nX: " + b"y" * 100000), "too (long|many)"),
    (lambda c, a: c.unwrap(), "ended"))


def certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=fake", "-keyout",
                    f"{folder}/key", "-out", f"{folder}/cert"], check=True, capture_output=True)


def listen(t, url, *more):
    """Its status, what it says on standard error, its peak of memory in KiB."""
    process = subprocess.Popen([t.PROGRAM, "latency", "--insecure", "--count=3", "--json",
                                "--timeout=20s", *more, url], env=t.ENV, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, out, err, usage.ru_maxrss


def faults(t):
    """latency against servers that break the protocol: one status, and the words for it."""
    with tempfile.TemporaryDirectory() as folder:
        certificate(folder)
        least = 0
        for talk, words in FAULTS:
            with Fake(folder, talk) as fake:
                status, out, err, peak = listen(t, fake.url)
                t.equal(status, 1, words + out + err)
                assert re.search(words, out + err), (words, out, err)
                least = least or peak
                assert t.SANITIZED or peak < least + 20000, f"{peak} kB: {words}"
        with Fake(folder, saying(b"")) as fake:
            status, out, err, _ = listen(t, fake.url, "--timeout=300ms")
            t.equal(status, 1, out + err)
            assert "in time" in out + err, (out, err)
        whole = len(answer("A" * 28))
        for n in range(0, whole, 80 if t.SANITIZED or os.environ.get("VALGRIND") else 15):
            def talk(c, accept, n=n):
                c.sendall(answer(accept)[:n])
                c.unwrap()
            with Fake(folder, talk) as fake:
                status, out, err, _ = listen(t, fake.url)
                t.equal(status, 1, f"{n}: " + out + err)
                assert "within the handshake" in out + err, (n, out, err)


def foreign(t):
    """A server of somebody else's: websocketd, with cat behind it."""
    if not shutil.which("websocketd"):
        return "no websocketd"
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        certificate(folder)
        port = free.getsockname()[1]
        free.close()
        server = subprocess.Popen(["websocketd", "--address=127.0.0.1", f"--port={port}", "--ssl",
                                   f"--sslcert={folder}/cert", f"--sslkey={folder}/key", "cat"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while True:
                with contextlib.suppress(ConnectionRefusedError):
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                assert server.poll() is None, "websocketd does not start"
                time.sleep(0.02)
            for ask in ("echo", "ping"):
                status, out, err, _ = listen(t, f"wss://127.0.0.1:{port}/", "--ask=" + ask)
                t.equal((status, err), (0, ""), out)
                t.equal(json.loads(out)["ended"], "complete", out)
        finally:
            server.kill()
            server.wait()
    return None


def tests(t):
    for name, function in (("http", http), ("echo", echo), ("publish", publish),
                           ("bad-frames", bad_frames), ("cut", cut), ("memory", memory),
                           ("faults", faults), ("foreign", foreign)):
        t.test("websocket/" + name)(lambda f=function: f(t))
