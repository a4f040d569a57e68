# SPDX-License-Identifier: MIT
"""scan: real servers with this and that switched off, and servers that are none."""
import concurrent.futures
import json
import os
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time

FAST = ("--rate=1000", "--parallel=4")
SUITES13 = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256",
            "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256")
SUITES12 = {"ECDHE-RSA-AES128-GCM-SHA256": "aes-gcm-128", "AES256-GCM-SHA384": "aes-gcm-256",
            "DHE-RSA-AES128-CCM": "aes-ccm-128", "AES128-CCM8": "", "DHE-RSA-AES256-CCM": "",
            "ECDHE-RSA-CHACHA20-POLY1305": "chacha20-poly1305",
            "ECDHE-ARIA128-GCM-SHA256": "aria-gcm-128", "ECDHE-RSA-AES128-SHA": "",
            "AES256-SHA256": "", "ECDHE-RSA-CAMELLIA128-SHA256": ""}


class Folder:
    """A key and certificates, for as long as the tests last."""

    def __init__(self):
        self.path = tempfile.mkdtemp()
        self.key, self.cert = self.path + "/key", self.path + "/cert"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
                        self.key, "-out", self.cert, "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"],
                       check=True, capture_output=True)
        self.trust = {"SSL_CERT_FILE": self.cert}


class Openssl:
    """openssl s_server; it listens when this is made."""

    def __init__(self, folder, *options, host="127.0.0.1", **env):
        with socket.create_server((host, 0), family=family_of(host)) as s:
            self.port = s.getsockname()[1]
        name = f"[{host}]" if ":" in host else host
        self.process = subprocess.Popen(
            ["openssl", "s_server", "-accept", f"{name}:{self.port}", "-cert", folder.cert,
             "-key", folder.key, *options], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **env})
        for _ in range(200):
            try:
                socket.create_connection((host, self.port)).close()
                break
            except OSError:
                time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def family_of(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class Fake:
    """A server that does with each connection what it is told to, in a thread of its own."""

    def __init__(self, serve):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.serve, self.open, self.most, self.count = serve, 0, 0, 0
        self.broken = []  # what went wrong here, and not with the program
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                threading.Thread(target=self.one, args=(client,), daemon=True).start()
            except RuntimeError as error:  # no thread for it: it would seem a reset
                self.broken.append(repr(error))

    def one(self, client):
        with self.lock:
            self.count += 1
            self.open += 1
            self.most = max(self.most, self.open)
        client.settimeout(20)
        try:
            with client:
                self.serve(client)
        except (OSError, ssl.SSLError, ValueError):
            pass
        except Exception as error:
            self.broken.append(repr(error))
        with self.lock:
            self.open -= 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Wakes who waits for a connection; close(2) alone leaves the port listening.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        assert not self.broken, self.broken


def until_gone(client):
    while client.recv(65536):
        pass


def line_of(client):
    line = b""
    while not line.endswith(b"\n"):
        byte = client.recv(1)
        if not byte:
            raise OSError
        line += byte
    return line


def tests(t):
    if not t.runs:
        return
    folder = Folder()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder.cert, folder.key)

    def scan(port, *args, host="127.0.0.1", trusted=True, status=0, **more):
        answer = t.run("scan", f"{host}:{port}", "--json", *FAST, *args,
                       env=folder.trust if trusted else None, **more)
        t.equal((answer.status, answer.err), (status, ""), str(args) + answer.out[:900])
        t.valid(answer.json())
        return answer.json()

    def versions(document):
        return {v["version"]: v for v in document["versions"]}

    def accepted(document):
        return {v["version"]: [s["name"] for s in v["suites"]]
                for v in document["versions"] if v["accept"] == "accepted"}

    todo = []

    def test(name):
        return lambda function: todo.append((name, function))

    @test("usage")
    def _():
        for args, words in (
                ([], "HOST:PORT is missing"), (["a:1", "b:1"], "'b:1'"), (["a"], "'a'"),
                (["a:0"], "'a:0'"), (["a b:1"], "'a b:1'"), (["::1:443"], "'::1:443'"),
                (["a:1", "--starttls=ftp"], "smtp, imap, postgres"),
                (["a:1", "--rate=0"], "1 to 1000"), (["a:1", "--rate=1001"], "1 to 1000"),
                (["a:1", "--parallel=5"], "1 to 4"), (["a:1", "--timeout=x"], "500ms"),
                (["a:1", "--servername=a b"], "a name"), (["a:1", "--ndjson"], "--ndjson"),
                (["a:1", "--startls"], "--starttls")):
            answer = t.run("scan", *args)
            t.equal((answer.status, answer.err.count("\n")), (2, 1), str(args))
            assert words in answer.err, (args, answer.err)

    @test("versions")
    def _():
        for options, want in ((["-tls1_3"], ["1.3"]), (["-tls1_2"], ["1.2"]),
                              (["-no_tls1_2"], ["1.3"]), ([], ["1.3", "1.2"]),
                              (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], ["1.1"]),
                              (["-tls1", "-cipher", "ALL:@SECLEVEL=0"], ["1.0"]),
                              (["-cipher", "ALL:@SECLEVEL=0"], ["1.3", "1.2", "1.1", "1.0"])):
            with Openssl(folder, "-www", *options) as s:
                document = scan(s.port)
            t.equal(list(accepted(document)), want, str(options))
            t.equal({v["accept"] for v in document["versions"] if v["version"] not in want},
                    {"refused"} if len(want) < 4 else set(), str(options))
            assert all(v["complete"] for v in document["versions"])
            old = [s for v in document["versions"] if v["version"] < "1.2" for s in v["suites"]]
            t.equal({s["tx"]["reason"] for s in old}, {"version-too-old"} if old else set())

    @test("suites-1.3")
    def _():
        for suite in SUITES13:
            with Openssl(folder, "-www", "-tls1_3", "-ciphersuites", suite, "-cipher",
                         "ALL:@SECLEVEL=0") as s:
                t.equal(accepted(scan(s.port)), {"1.3": [suite]})
        with Openssl(folder, "-www", "-tls1_3", "-ciphersuites", ":".join(SUITES13), "-cipher",
                     "ALL:@SECLEVEL=0") as s:
            t.equal(sorted(accepted(scan(s.port))["1.3"]), sorted(SUITES13))

    @test("suites-1.2")
    def _():
        for suite, cipher in SUITES12.items():
            with Openssl(folder, "-www", "-tls1_2", "-cipher", suite + ":@SECLEVEL=0") as s:
                document = scan(s.port)
            t.equal(accepted(document), {"1.2": [suite]})
            t.equal(versions(document)["1.2"]["suites"][0]["cipher"], cipher, suite)

    @test("the-same-as-openssl-says")
    def _():
        """What s_server has by itself, of those that go with a certificate of RSA."""
        listed = subprocess.run(["openssl", "ciphers", "-s", "-tls1_2", "DEFAULT"],
                                capture_output=True, text=True, check=True).stdout.strip()
        want = [c for c in listed.split(":") if "ECDSA" not in c and "PSK" not in c
                and "SRP" not in c and not c.startswith("TLS_")]
        with Openssl(folder, "-www", "-tls1_2", "-serverpref") as s:
            document = scan(s.port)
        t.equal(accepted(document)["1.2"], want)
        t.equal(versions(document)["1.2"]["choice"], "server")
        with Openssl(folder, "-www", "-tls1_2") as s:
            document = scan(s.port)
        t.equal(sorted(accepted(document)["1.2"]), sorted(want))
        t.equal(versions(document)["1.2"]["choice"], "client")

    @test("advice")
    def _():
        bad, good = "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES128-GCM-SHA256"
        with Openssl(folder, "-www", "-tls1_2", "-serverpref", "-cipher", f"{bad}:{good}") as s:
            document = scan(s.port)
            text = t.run("scan", f"127.0.0.1:{s.port}", *FAST, env=folder.trust).out
        t.equal(accepted(document), {"1.2": [bad, good]})
        advice = document["advice"]
        t.equal((advice["needed"], advice["order12"]), (True, f"{good}:{bad}"))
        for line in advice["nginx"] + advice["openssl_cnf"]:
            assert "\n      " + line + "\n" in text, line
        # As it stands there, in a server that has nothing but openssl.cnf.
        with tempfile.NamedTemporaryFile("w") as conf:
            conf.write("\n".join(advice["openssl_cnf"]) + "\n")
            conf.flush()
            with Openssl(folder, "-www", "-tls1_2", OPENSSL_CONF=conf.name) as s:
                after = scan(s.port)
        t.equal(accepted(after), {"1.2": [good, bad]})
        t.equal((after["advice"]["needed"], versions(after)["1.2"]["choice"]), (False, "server"))

    @test("tickets")
    def _():
        for options, want13, want12 in (([], 2, 1), (["-num_tickets", "0"], 0, 1),
                                        (["-num_tickets", "7"], 7, 1), (["-no_ticket"], 2, 0)):
            with Openssl(folder, "-www", *options) as s:
                v = versions(scan(s.port))
            t.equal((v["1.3"]["tickets"], v["1.2"]["tickets"]), (want13, want12), str(options))

    @test("behaviour")
    def _():
        with Openssl(folder, "-www") as s:
            document = scan(s.port)
        v = versions(document)
        t.equal([(v[i]["max_fragment"], v[i]["key_update"]) for i in ("1.3", "1.2")],
                [("honoured", "answered"), ("honoured", "unknown")])
        assert 100 < v["1.3"]["largest_record_bytes"] <= 16384
        t.equal(document["max_fragment"]["reason"], "max-fragment")
        # A server that says nothing owes no key (RFC 8446, 4.6.3). It serves one after the
        # other: nobody is to wait for the end of the silence.
        with Openssl(folder, "-quiet", "-tls1_3") as s:
            v = versions(scan(s.port, "--timeout=1s", "--parallel=1"))["1.3"]
        t.equal((v["key_update"], v["received_bytes"], v["talked"]), ("unknown", 0, True))

    @test("verdicts-without-kernel")
    def _():
        if t.run("--json").json()["status"] != "cannot_work":
            return "this kernel may have kTLS"
        with Openssl(folder, "-www") as s:
            document = scan(s.port)
            text = t.run("scan", f"127.0.0.1:{s.port}", *FAST, env=folder.trust).out
        why = document["kernel_ktls"]["why"]
        t.equal((document["tried"], document["kernel_ktls"]["verdict"]), (False, "no"))
        for v in document["versions"]:
            t.equal({s[way]["verdict"] for s in v["suites"] for way in ("tx", "rx")} or {"no"},
                    {"no"})
        assert document["headline"].endswith(why), document["headline"]
        assert " ".join(text.split("\n\n")[0].split()) == document["headline"] + "."
        assert text.endswith("\n\nNext: ktlsctl diagnose\n")

    @test("certificate")
    def _():
        with Openssl(folder, "-www", "-tls1_3") as s:
            document = scan(s.port, trusted=False, status=1)
            t.equal((document["answer"], document["certificate"]["valid"]), ("complete", False))
            assert "self-signed" in document["certificate"]["error"]
            assert document["headline"].endswith(document["certificate"]["error"])
            t.equal(accepted(document).keys(), {"1.3"})
            document = scan(s.port, "--servername=other.example", status=1)
            assert "ostname mismatch" in document["certificate"]["error"], document
            t.equal(document["servername"], "other.example")
            t.equal(scan(s.port, "--servername=localhost")["certificate"]["valid"], True)
            document = scan(s.port, host="localhost")
            t.equal((document["servername"], document["certificate"]["valid"]),
                    ("localhost", True))
            t.equal(document["address"], f"127.0.0.1:{s.port}")

    @test("ipv6")
    def _():
        with Openssl(folder, "-www", "-tls1_3", host="::1") as s:
            document = scan(s.port, host="[::1]")
        t.equal((document["address"], document["certificate"]["valid"]),
                (f"[::1]:{s.port}", True))

    @test("nobody-there")
    def _():
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
        document = scan(port, status=3)
        t.equal((document["answer"], document["error"]), ("unreachable", "Connection refused"))
        document = scan(1, host="nosuch.invalid", status=3)
        t.equal(document["answer"], "unreachable")
        text = t.run("scan", f"127.0.0.1:{port}")
        t.equal((text.status, text.out.split("\n")[0]),
                (3, f"127.0.0.1:{port} could not be reached: Connection refused."))

    @test("accepts-nothing")
    def _():
        for options in (["-tls1_2", "-cipher", "PSK", "-psk", "00", "-nocert"],
                        ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"]):
            with Openssl(folder, *options) as s:
                document = scan(s.port, status=1)
            t.equal((document["answer"], accepted(document)), ("no_handshake", {}), str(options))
            t.equal({v["accept"] for v in document["versions"]}, {"refused"})

    def reset(client):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def after_hello(do):
        def serve(client):
            client.recv(65536)
            do(client)
        return serve

    def says(data, then=until_gone):
        def do(client):
            client.sendall(data)
            then(client)
        return do

    def nothing(_):
        pass

    def bounded(fake, *args, status=1, most=6, timeout="300ms"):
        begin = time.monotonic()
        document = scan(fake.port, "--timeout=" + timeout, *args, status=status)
        took = time.monotonic() - begin
        assert took < most, took
        return document

    @test("no-tls-servers")
    def _():
        record = b"\x16\x03\x03\x00\x50\x02\x00"
        for name, serve, words in (
                ("hangs", until_gone, "timed out"),
                ("hangs after the hello", after_hello(until_gone), "timed out"),
                ("hangs in a record", after_hello(says(record)), "timed out"),
                ("closes", nothing, "closes every connection"),
                ("closes after the hello", after_hello(nothing), "closes every connection"),
                ("resets", reset, "closes every connection"),
                ("resets after the hello", after_hello(reset), "closes every connection"),
                ("speaks HTTP", after_hello(says(b"HTTP/1.0 400 Bad Request\r\n\r\n")), "version"),
                ("speaks SSH", says(b"SSH-2.0-OpenSSH_9.2\r\n"), "version"),
                ("garbage", says(bytes(range(256)) * 200), "version"),
                ("a record too long", after_hello(says(b"\x16\x03\x03\xff\xff" + bytes(70000))),
                 "handshake: ")):
            with Fake(serve) as fake:
                # Long enough for a slow machine, where it is not the end.
                document = bounded(fake, timeout="300ms" if words == "timed out" else "5s")
            t.equal((document["answer"], accepted(document)), ("no_handshake", {}), name)
            t.equal({v["accept"] for v in document["versions"]}, {"unknown"}, name)
            assert words in document["error"].lower(), (name, document["error"])

    def tls(client, talk=None):
        with context.wrap_socket(client, server_side=True) as s:
            s.recv(1000)
            (talk or (lambda c: c.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello")))(s)
            # What is not read makes of the end a reset, which can overtake the answer.
            s.shutdown(socket.SHUT_WR)
            until_gone(s)

    @test("endless")
    def _():
        """Data without end inside TLS: time and memory have a bound."""
        grown = []  # records of 256 KiB, and KiB of memory since the first

        def peak():
            with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
                return next(int(w.split()[1]) for w in status if w.startswith("VmHWM"))

        def flood(s):
            for n in range(1 << 20):
                s.sendall(bytes(1 << 18))
                if not n:
                    before = peak()
                grown.append((n, peak() - before))

        with Fake(lambda c: tls(c, flood)) as fake:
            begin = time.monotonic()
            process = subprocess.Popen([t.PROGRAM, "scan", f"127.0.0.1:{fake.port}", "--json",
                                        "--timeout=1s", *FAST], env={**t.ENV, **folder.trust},
                                       stdout=subprocess.PIPE)
            document = json.loads(process.communicate()[0])
        assert time.monotonic() - begin < 15
        t.equal(versions(document)["1.3"]["largest_record_bytes"], 16384)
        # A mebibyte is heard; what more the kernel takes in before the end is its affair.
        assert max(grown)[0] >= 3, grown
        if not t.SANITIZED:  # those keep what was freed
            assert max(kib for _, kib in grown) < 512, grown

    @test("bounds")
    def _():
        for parallel, rate in (("1", "40"), ("3", "40")):
            with Fake(tls) as fake:
                document = scan(fake.port, f"--parallel={parallel}", f"--rate={rate}")
                assert fake.most <= int(parallel) + 1, fake.most  # one may be ending still
                t.equal(document["connections"], fake.count)
            least = 1000 * (document["connections"] - 2) / int(rate)
            assert document["duration_ms"] >= least, document["duration_ms"]
        with Fake(tls) as fake:
            begin = time.monotonic()
            document = scan(fake.port, "--rate=1", "--max-time=2s", status=1)
            assert time.monotonic() - begin < 4
        t.equal(document["answer"] in ("incomplete", "no_handshake"), True)
        assert "the time" in document["error"], document["error"]

    def smtp(client, ability=b"250-SIZE 1\r\n250 STARTTLS\r\n", answer=b"220 go\r\n"):
        client.sendall(b"220-mx\r\n220 ESMTP\r\n")
        assert line_of(client) == b"EHLO localhost\r\n"
        client.sendall(b"250-mx\r\n" + ability)
        assert line_of(client) == b"STARTTLS\r\n"
        client.sendall(answer)
        tls(client, lambda s: s.sendall(b"250 mx\r\n"))

    def imap(client, answer=b"a OK begin\r\n"):
        client.sendall(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n")
        assert line_of(client) == b"a STARTTLS\r\n"
        client.sendall(answer)
        tls(client, lambda s: s.sendall(b"* CAPABILITY IMAP4rev1\r\nb OK\r\n"))

    def postgres(client, answer=b"S"):
        t.equal(client.recv(8), struct.pack("!II", 8, 80877103))
        client.sendall(answer)
        tls(client, lambda s: s.sendall(b"E" + struct.pack("!I", 4)))

    @test("gives-up-in-between")
    def _():
        """What is known by then is said, and that it is not all."""
        for then, words in ((until_gone, "timed out"), (reset, "reset")):
            def serve(client, then=then):
                with fake.lock:
                    turn = fake.count
                if turn <= 6:
                    tls(client)
                else:
                    client.recv(65536)
                    then(client)
            with Fake(serve) as fake:
                document = bounded(fake, "--parallel=1", most=10)
            assert document["answer"] in ("incomplete", "complete"), document["answer"]
            assert accepted(document), words
            assert document["connections"] < 60
        # What mail servers say who are asked too often.
        def tired(client):
            with fake.lock:
                turn = fake.count
            (smtp if turn <= 6 else says(b"421 too many connections from you\r\n"))(client)
        with Fake(tired) as fake:
            document = bounded(fake, "--parallel=1", "--starttls=smtp", most=10)
        t.equal(document["answer"], "incomplete")
        assert "421 too many" in document["error"], document["error"]
        assert accepted(document), document

    @test("starttls")
    def _():
        for kind, serve in (("smtp", smtp), ("imap", imap), ("postgres", postgres)):
            with Fake(serve) as fake:
                document = scan(fake.port, "--starttls=" + kind)
            t.equal((document["starttls"], document["answer"]), (kind, "complete"), kind)
            t.equal(list(accepted(document)), ["1.3", "1.2"], kind)
            t.equal(versions(document)["1.3"]["key_update"], "answered", kind)
            t.equal(versions(document)["1.3"]["tickets"], 2, kind)
            # What is nobody's but a web server's; and PostgreSQL breaks with it.
            advice = document["advice"]
            t.equal((advice["nginx"], bool(advice["openssl_cnf"])), ([], kind != "postgres"))
            t.equal("PostgreSQL" in advice["text"], kind == "postgres")

    @test("starttls-reset")
    def _():
        """A reset before TLS says nothing of TLS; one after the other are an answer."""
        def busy(often):
            def serve(client):
                with fake.lock:
                    turn = fake.count
                if turn % often == 2 % often:
                    client.recv(1)
                    reset(client)
                else:
                    postgres(client)
            return serve
        with Fake(busy(4)) as fake:
            document = scan(fake.port, "--starttls=postgres", "--parallel=1")
        t.equal((document["answer"], list(accepted(document))), ("complete", ["1.3", "1.2"]))
        with Fake(busy(1)) as fake:
            document = scan(fake.port, "--starttls=postgres", status=1)
        t.equal((document["answer"], document["error"]),
                ("no_handshake", "before TLS: Connection reset by peer"))

    @test("starttls-refused")
    def _():
        for kind, serve, words in (
                ("smtp", lambda c: smtp(c, ability=b"250 SIZE 1\r\n"), "does not offer"),
                ("smtp", lambda c: smtp(c, answer=b"454 not now\r\n"), "454 not now"),
                ("smtp", lambda c: smtp(c, answer=b"220 go\r\n250 injected\r\n"), "in the clear"),
                ("smtp", says(b"421 too many\r\n"), "421 too many"),
                ("smtp", says(b"* OK imap\r\n"), "does not speak smtp"),
                ("smtp", says(b"220-" + b"x" * 5000), "more than belongs"),
                ("smtp", says(b"220-more\r\n" * 5000), "more than belongs"),
                ("imap", lambda c: imap(c, answer=b"a NO never\r\n"), "does not offer"),
                ("imap", says(b"* BYE full\r\n"), "* BYE full"),
                ("imap", lambda c: imap(c, answer=b"* x\r\n" * 9000), "more than belongs"),
                ("imap", says(b"220 mx\r\n"), "does not speak imap"),
                ("postgres", lambda c: postgres(c, b"N"), "does not offer"),
                ("postgres", lambda c: postgres(c, b"E\0\0\0\x08"), "an error"),
                ("postgres", lambda c: postgres(c, b"SS"), "in the clear"),
                ("postgres", lambda c: postgres(c, b"HTTP"), "does not speak postgres")):
            with Fake(serve) as fake:
                document = bounded(fake, "--starttls=" + kind)
            t.equal(document["answer"], "no_starttls", words)
            assert words in document["error"], (words, document["error"])

    @test("starttls-hangs")
    def _():
        for kind, serve in (("smtp", until_gone), ("smtp", says(b"220-x\r\n")),
                            ("smtp", says(b"220 x\r\n")), ("imap", until_gone),
                            ("imap", says(b"* OK\r\n")), ("postgres", until_gone)):
            with Fake(serve) as fake:
                document = bounded(fake, "--starttls=" + kind)
            t.equal(document["answer"], "no_handshake", kind)
            assert "before tls: connection timed out" in document["error"].lower(), document
        def drip(client):
            while True:
                client.sendall(b"2")
                time.sleep(0.1)
        with Fake(drip) as fake:
            assert "timed out" in bounded(fake, "--starttls=smtp")["error"]

    def real_postgres(programs):
        with tempfile.TemporaryDirectory() as home, \
                socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
            s.close()
            for name in ("key", "cert"):
                shutil.copy(f"{folder.path}/{name}", home)
                os.chown(f"{home}/{name}", 65534, 65534)
                os.chmod(f"{home}/{name}", 0o600)
            os.chown(home, 65534, 65534)
            data = home + "/data"
            nobody = {"preexec_fn": None, "env": {**t.ENV, "HOME": home}, "cwd": home}
            made = subprocess.run([*t.NOBODY, programs + "/initdb", "-D", data, "-N"],
                                  capture_output=True, timeout=60, **nobody)
            if made.returncode:
                return "initdb does not work here as nobody"
            server = subprocess.Popen(
                [*t.NOBODY, programs + "/postgres", "-D", data, "-p", str(port), "-h",
                 "127.0.0.1", "-k", "", "-c", "ssl=on", "-c", f"ssl_cert_file={home}/cert",
                 "-c", f"ssl_key_file={home}/key", "-c", "fsync=off"],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **nobody)
            try:
                wait_for_port(port)
                document = scan(port, "--starttls=postgres")
            finally:
                server.terminate()
                said = server.communicate(timeout=20)[1]
            t.equal(document["answer"], "complete", said)
            assert "1.3" in accepted(document) and "1.2" in accepted(document)
            t.equal(versions(document)["1.3"]["key_update"], "answered")
        return None

    def wait_for_port(port):
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except OSError:
                time.sleep(0.05)

    @test("postgresql")
    def _():
        initdb = shutil.which("initdb", path=os.environ.get("PATH", "") + ":" + ":".join(
            f"/usr/lib/postgresql/{n}/bin" for n in range(13, 20)))
        if not initdb:
            return "no PostgreSQL server here"
        if os.geteuid():
            return "only root can become nobody"
        return real_postgres(os.path.dirname(os.path.realpath(initdb)))

    # Next to all of it is waiting for servers.
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda row: t.test("scan/" + row[0])(row[1]), todo))
    shutil.rmtree(folder.path)
