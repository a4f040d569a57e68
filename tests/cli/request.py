# SPDX-License-Identifier: MIT
"""request: wrong usage, certificates, servers that do everything wrong, and nginx."""
import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

OPENSSL_CNF = """
[ca]
default_ca = here
[here]
database = index
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
copy_extensions = copy
default_crl_days = 30
unique_subject = no
[any]
commonName = supplied
[root]
basicConstraints = critical,CA:true
"""


class Authority:
    """A folder with a certificate authority, and what it signs."""

    def __init__(self, folder):
        self.folder = folder
        pathlib.Path(folder, "cnf").write_text(OPENSSL_CNF)
        pathlib.Path(folder, "index").touch()
        pathlib.Path(folder, "serial").write_text("01\n")
        self.openssl("req", "-x509", *self.new_key("root"), "-subj", "/CN=root", "-days", "30",
                     "-config", "cnf", "-extensions", "root", "-out", "root.crt")
        self.root = f"{folder}/root.crt"

    def openssl(self, *args):
        subprocess.run(["openssl", *args], cwd=self.folder, check=True, capture_output=True)

    @staticmethod
    def new_key(name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                name + ".key"]

    def sign(self, name, names, *dates):
        self.openssl("req", *self.new_key(name), "-config", "cnf", "-subj", "/CN=" + name,
                     "-addext", "subjectAltName=" + names, "-out", name + ".csr")
        self.openssl("ca", "-batch", "-config", "cnf", "-cert", "root.crt", "-keyfile",
                     "root.key", "-in", name + ".csr", "-out", name + ".crt", "-notext",
                     *(dates or ("-days", "30")))
        return self.context(name)

    def context(self, name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{self.folder}/{name}.crt", f"{self.folder}/{name}.key")
        return context


class Server:
    """Each connection gets what talk(tls socket, plain socket) does; several at a time."""

    def __init__(self, context, talk):
        self.context, self.talk = context, talk
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}/"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(plain,), daemon=True).start()

    def serve(self, plain):
        with contextlib.suppress(OSError, ValueError):
            plain.settimeout(20)
            tls = self.context.wrap_socket(plain, server_side=True,
                                           suppress_ragged_eofs=False)
            self.talk(tls)
            tls.close()  # without close_notify

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def read_head(tls):
    data = b""
    while b"\r\n\r\n" not in data:
        more = tls.recv(65536)
        if not more:
            return b""
        data += more
    return data


def answering(*parts, close_notify=False):
    def talk(tls):
        read_head(tls)
        for part in parts:
            tls.sendall(part)
        if close_notify:
            tls.unwrap()
    return talk


def endless(first, again):
    def talk(tls):
        read_head(tls)
        tls.sendall(first)
        while True:
            tls.sendall(again)
    return talk


def one_byte_records(tls):
    read_head(tls)
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + 2000 * b"x":
        tls.send(bytes([byte]))


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

# name, what the server does, options, exit status, the end that is told, the body
SERVERS = (
    ("length", answering(OK + b"Content-Length: 3\r\nConnection: close\r\n\r\nabc"), [], 0,
     "complete", b"abc"),
    ("chunks", answering(CHUNKED + b"3\r\nabc\r\n0\r\n\r\n"), [], 0, "complete", b"abc"),
    ("close-notify", answering(OK + b"\r\nabc", close_notify=True), [], 0, "complete", b"abc"),
    ("no-close-notify", answering(OK + b"\r\nabc"), [], 1, "truncated", None),
    ("short", answering(OK + b"Content-Length: 4\r\n\r\nabc"), [], 1, "truncated", None),
    ("short-with-close-notify", answering(OK + b"Content-Length: 4\r\n\r\nabc",
                                          close_notify=True), [], 1, "truncated", None),
    ("half-a-chunk", answering(CHUNKED + b"5\r\nabc"), [], 1, "truncated", None),
    ("no-last-chunk", answering(CHUNKED + b"3\r\nabc\r\n"), [], 1, "truncated", None),
    ("nothing", answering(), [], 1, "closed", None),
    ("no-http", answering(b"220 mail ESMTP\r\n"), [], 1, "bad_http", None),
    ("header-flood", endless(OK, b"Name: " + 1000 * b"x" + b"\r\n"), [], 1, "bad_http", None),
    ("one-endless-header", endless(OK + b"Name: ", 16000 * b"x"), [], 1, "bad_http", None),
    ("interim-flood", endless(b"", 100 * b"HTTP/1.1 100 Continue\r\n\r\n"), [], 1, "bad_http",
     None),
    ("endless-chunk", endless(CHUNKED + b"fffffffffff\r\n", 16000 * b"x"),
     ["--max-size", "50000000"], 1, "bad_http", None),
    ("endless-time", endless(CHUNKED + b"fffffffffff\r\n", 16000 * b"x"),
     ["--max-time", "3s"], 1, "timed_out", None),
    ("endless-extension", endless(CHUNKED + b"1;", 16000 * b"x"), [], 1, "bad_http", None),
    ("endless-trailer", endless(CHUNKED + b"0\r\n", b"Name: " + 9000 * b"x" + b"\r\n"), [], 1,
     "bad_http", None),
    ("silent", lambda tls: time.sleep(15), ["--max-time", "3s"], 1, "timed_out", None),
    ("silent-after-the-head", lambda tls: (read_head(tls), tls.sendall(OK), time.sleep(15)),
     ["--max-time", "3s"], 1, "timed_out", None),
    ("one-byte-records", one_byte_records, [], 0, "complete", 2000 * b"x"),
    ("protocol-switch", answering(b"HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: upgrade"
                                  b"\r\n\r\n"), [], 1, "bad_http", None),
)


def usage(t):
    for args, words in (
            ([], "URL"), (["GET"], "URL"), (["http://x/"], "without TLS"), (["x"], "https://"),
            (["https://u:p@x/"], "--header"), (["BREW", "https://x/"], "'BREW'"),
            (["https://x/ y"], "percent"), (["https://[::1/"], "bracket"),
            (["--header", "no colon", "https://x/"], "--header"),
            (["--header", "A: b\x7f", "https://x/"], "--header"),
            (["--header", "Content-Length: 4", "https://x/"], "--header"),
            (["--tls", "1.1", "https://x/"], "one of 1.2, 1.3"),
            (["--ktls=always", "https://x/"], "auto, require, off"),
            (["--engine=select", "https://x/"], "uring"), (["--repeat=0", "https://x/"], "number"),
            (["--body", "/etc/passwd", "https://x/"], "--body goes with"),
            (["PUT", "--body", "/nonexistent", "https://x/"], "'/nonexistent'"),
            (["PUT", "--body", "/", "https://x/"], "folder"),
            (["--cacert", "/dev/null", "https://x/"], "--cacert"),
            (["--crl", "/dev/null", "https://x/"], "--crl"),
            (["--ciphers", "nosuch", "https://x/"], "--ciphers"),
            (["--ciphersuites", "nosuch", "https://x/"], "--ciphersuites"),
            (["--insecure", "--crl", "x", "https://x/"], "--insecure"),
            (["--output", "/nonexistent/x", "https://x/"], "--output"),
            (["--format=ndjson", "https://x/"], "text and json")):
        answer = t.run("request", *args)
        t.equal(answer.status, 2, str(args))
        t.equal(answer.err.count("\n"), 1, str(args))
        assert words in answer.err, (args, answer.err)


def servers(t, context, ca):
    for name, talk, options, status, end, body in SERVERS:
        @t.test("request/" + name)
        def _():
            with Server(context, talk) as s, tempfile.TemporaryDirectory() as folder:
                out = folder + "/out"
                begin = time.monotonic()
                answer = t.run("request", "--json", "--cacert", ca, "--output", out, *options,
                               s.url)
                assert time.monotonic() - begin < 25
                document = answer.json()
                t.valid(document)
                t.equal((answer.status, document["exchanges"][-1]["end"]), (status, end),
                        answer.err)
                t.equal(document["complete"], status == 0)
                t.equal(os.listdir(folder), ["out"] if body else [])
                if body:
                    t.equal(pathlib.Path(out).read_bytes(), body)
                else:
                    t.equal(answer.err.count("\n"), 1, answer.err)


def memory(t, context, ca):
    with Server(context, endless(CHUNKED + b"fffffffffff\r\n", 16000 * b"x")) as s:
        done = subprocess.run(["/usr/bin/time", "-f", "%M", t.PROGRAM, "request", "--cacert", ca,
                               "--max-size", "100000000", "--output", "/dev/null", s.url],
                              env=t.ENV, capture_output=True, text=True, timeout=60)
        kib = int(done.stderr.strip().split("\n")[-1])
        assert t.SANITIZED or kib < 20000, f"{kib} KiB for a body without end"


def certificates(t, authority, folder):
    expired = authority.sign("expired", "IP:127.0.0.1", "-startdate", "20200101000000Z",
                             "-enddate", "20200201000000Z")
    other = authority.sign("other", "DNS:other.example")
    revoked = authority.sign("revoked", "IP:127.0.0.1")
    good = authority.context("good")
    authority.openssl("req", "-x509", *authority.new_key("self"), "-subj", "/CN=self", "-days",
                      "3", "-addext", "subjectAltName=IP:127.0.0.1", "-out", "self.crt")
    authority.openssl("ca", "-config", "cnf", "-cert", "root.crt", "-keyfile", "root.key",
                      "-revoke", "revoked.crt")
    authority.openssl("ca", "-config", "cnf", "-cert", "root.crt", "-keyfile", "root.key",
                      "-gencrl", "-out", "crl")
    crl = ["--crl", folder + "/crl"]
    talk = answering(OK + b"Content-Length: 3\r\n\r\nabc")
    for context, options, why in (
            (expired, [], "certificate has expired"), (other, [], "IP address mismatch"),
            (authority.context("self"), [], "self-signed certificate"),
            (revoked, crl, "certificate revoked"), (revoked, [], None), (good, crl, None)):
        with Server(context, talk) as s:
            answer = t.run("request", "--json", "--cacert", authority.root, *options, s.url)
            link = answer.json()["connections"][0]
            t.valid(answer.json())
            if why is None:
                t.equal((answer.status, link["verified"]), (0, True), answer.err)
                continue
            t.equal((answer.status, link["end"], link["verified"]), (1, "certificate", False))
            assert why in link["why"] and why in answer.err, link["why"]
            loud = t.run("request", "--insecure", s.url)
            t.equal((loud.status, loud.out), (0, "abc"), loud.err)
            assert "WARNING: --insecure" in loud.err
    with Server(authority.sign("name", "DNS:localhost"), talk) as s:
        url = s.url.replace("127.0.0.1", "localhost")
        t.equal(t.run("request", "--cacert", authority.root, url).status, 0)
        # Nobody here knows that authority.
        t.equal(t.run("request", url).status, 1)


def output(t, context, ca):
    """It appears when it is whole; what is no file stays what it is."""
    with Server(context, answering(OK + b"Content-Length: 4\r\n\r\nabc")) as s, \
            tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "out").write_text("before")
        t.equal(t.run("request", "--cacert", ca, "--output", folder + "/out", s.url).status, 1)
        t.equal(pathlib.Path(folder, "out").read_text(), "before")
        t.equal(os.listdir(folder), ["out"])
        t.run("request", "--cacert", ca, "--output", "/dev/null", s.url)
        assert pathlib.Path("/dev/null").is_char_device()


def verbose(t, context, ca):
    """Heads are shown, without what nobody else is to see, and without bytes that are no text."""
    fields = (b"Content-Length: 0\r\nset-cookie: id=PLANTED1\r\nServer: a\x9b31m\r\n"
              b"X-Shown: yes\r\n\r\n")
    with Server(context, answering(OK + fields)) as s:
        answer = t.run("request", "-v", "--cacert", ca, "--header", "AUTHORIZATION: PLANTED2",
                       "--header", "Cookie: PLANTED3", "--header",
                       "Proxy-Authorization:PLANTED4", "--header", "X-Asked: this", s.url)
    t.equal((answer.status, answer.out), (0, ""), answer.err)
    lines = answer.err.split("\n")
    for line in ("> GET / HTTP/1.1", "> AUTHORIZATION", "> Cookie", "> Proxy-Authorization",
                 "> X-Asked: this", "< 200", "< set-cookie: ", "< X-Shown: yes"):
        assert line in lines, (line, answer.err)
    assert "PLANTED" not in answer.err and "\udc9b" not in answer.err, answer.err


def kernel(t, context, ca):
    """What cannot be had is said; on kernels without TLS that is all of it."""
    with Server(context, answering(OK + b"Content-Length: 3\r\n\r\nabc")) as s:
        link = t.run("request", "--json", "--cacert", ca, s.url).json()["connections"][0]
        required = t.run("request", "--ktls=require", "--cacert", ca, s.url)
        both = {link["tx"]["where"], link["rx"]["where"]}
        t.equal(required.status, 1 if "user" in both else 0)
        t.equal(required.out, "" if "user" in both else "abc")
        if "user" in both:
            assert "kernel TLS is required" in required.err and link["tx"]["reason"]
        off = t.run("request", "--ktls=off", "--json", "--cacert", ca, s.url).json()
        t.equal({off["connections"][0][d]["reason"] for d in ("tx", "rx")}, {"not-asked"})


def addresses(t, context, ca):
    answer = t.run("request", "--json", "https://127.0.0.1:1/")
    t.equal((answer.status, answer.json()["connections"][0]["end"]), (3, "no_address"))
    answer = t.run("request", "--json", "https://nosuch.invalid/")
    t.equal((answer.status, answer.json()["connections"][0]["end"]), (3, "no_name"))
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    answer = t.run("request", "--connect-timeout", "300ms", f"https://127.0.0.1:{port}/")
    t.equal(answer.status, 1)
    assert "timed out" in answer.err, answer.err


def redirects(t, context, ca):
    def talk(tls):
        path = read_head(tls).split()[1]
        where = {b"/": b"/a/b", b"/a/b": b"../c?d", b"/loop": b"/loop",
                 b"/plain": b"http://x/"}.get(path)
        if where:
            tls.sendall(b"HTTP/1.1 302 Go\r\nLocation: " + where +
                        b"\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
        else:
            tls.sendall(OK + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(path) + path)

    with Server(context, talk) as s:
        t.equal(t.run("request", "--cacert", ca, s.url).out, "no")
        t.equal(t.run("request", "--cacert", ca, "--redirects=2", s.url).out, "/c?d")
        for path, n, words in (("", 1, "more than --redirects"), ("loop", 9, "more than"),
                               ("plain", 3, "without TLS")):
            answer = t.run("request", "--cacert", ca, f"--redirects={n}", s.url + path)
            t.equal((answer.status, answer.out), (1, ""), answer.err)
            assert words in answer.err, answer.err


def continues(t, context, ca):
    """A body of 2 MiB: wanted after 100, without a word after a second, or not at all."""
    seen = {}

    def talk(tls):
        head = read_head(tls)
        path, rest = head.split()[1], head.split(b"\r\n\r\n", 1)[1]
        assert b"Expect: 100-continue" in head and not rest
        if path == b"/no":
            tls.sendall(b"HTTP/1.1 413 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            seen[path] = len(tls.recv(1))
            return
        if path == b"/yes":
            tls.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        digest, n = hashlib.sha256(), 0
        while n < 2 << 20:
            data = tls.recv(65536)
            digest.update(data)
            n += len(data)
        tls.sendall(OK + b"Content-Length: 64\r\n\r\n" + digest.hexdigest().encode())

    data = os.urandom(2 << 20)
    want = hashlib.sha256(data).hexdigest()
    with Server(context, talk) as s, tempfile.NamedTemporaryFile() as f:
        f.write(data)
        f.flush()
        for path in ("yes", "silence"):
            t.equal(t.run("request", "PUT", "--cacert", ca, "--body", f.name, s.url + path).out,
                    want)
        refused = t.run("request", "--json", "POST", "--cacert", ca, "--body", f.name,
                        s.url + "no")
        t.equal((refused.status, refused.json()["exchanges"][0]["status"]), (0, 413))
        t.equal(refused.json()["exchanges"][0]["sent_bytes"], 0)
        t.equal(t.run("request", "--fail", "POST", "--cacert", ca, "--body", f.name,
                      s.url + "no").status, 1)


# How nginx is started. Its package is none of those that tests need: it starts a server on
# every address.
NGINX = os.environ.get("NGINX", "nginx").split()
CONFIGURATION = """
daemon off; pid {0}/pid; error_log {0}/error; worker_processes 1; {1}
events {{ }}
http {{
  access_log off; client_body_temp_path {0}/1; proxy_temp_path {0}/2;
  fastcgi_temp_path {0}/3; uwsgi_temp_path {0}/4; scgi_temp_path {0}/5;
  client_max_body_size 64m; ssl_protocols TLSv1.2 TLSv1.3;
  server {{
    listen 127.0.0.1:{2} ssl; root {0}/www;
    ssl_certificate {0}/good.crt; ssl_certificate_key {0}/good.key;
    dav_methods PUT DELETE;
    location /post {{ return 200 "posted"; }}
  }}
}}
"""


@contextlib.contextmanager
def nginx(folder):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    os.makedirs(folder + "/www", exist_ok=True)
    user = "user root;" if os.geteuid() == 0 else ""
    pathlib.Path(folder, "nginx.conf").write_text(CONFIGURATION.format(folder, user, port))
    server = subprocess.Popen([*NGINX, "-c", folder + "/nginx.conf"], stderr=subprocess.PIPE)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            time.sleep(0.1)
        yield f"https://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate()


def uring(t):
    """Whether the program was built with it."""
    return not re.search("^liburing *not in", t.run("--version", "-v").out, re.M)


def against_nginx(t, folder, ca):
    if not shutil.which(NGINX[0]):
        return "no nginx"
    data = os.urandom(3000000)
    body = pathlib.Path(folder, "body")
    body.write_bytes(data)
    with nginx(folder) as url:
        www = pathlib.Path(folder, "www")
        for engine in ("uring", "epoll") if uring(t) else ("epoll",):
            for version in ("1.2", "1.3"):
                common = ["--cacert", ca, "--engine", engine, "--tls", version]
                t.equal(t.run("request", "PUT", *common, "--body", str(body), url + "/x").status, 0)
                t.equal((www / "x").read_bytes(), data)
                got = t.run("request", "--json", *common, "--output", folder + "/got", url + "/x")
                t.equal((got.status, got.json()["engine"]), (0, engine), got.err)
                t.equal(pathlib.Path(folder, "got").read_bytes(), data)
                head = t.run("request", "--json", *common, "HEAD", url + "/x").json()
                t.equal([head["exchanges"][0][k] for k in ("status", "received_bytes")], [200, 0])
                t.equal(t.run("request", *common, "POST", "--body", str(body), url + "/post").out,
                        "posted")
                t.equal(t.run("request", *common, "PATCH", "--body", str(body), url + "/post").out,
                        "posted")
                t.equal(t.run("request", *common, "DELETE", url + "/x").status, 0)
                assert not (www / "x").exists()
                t.equal(t.run("request", *common, "--fail", url + "/x").status, 1)
        (www / "small").write_text("small")
        many = t.run("request", "--json", "--cacert", ca, "--repeat", "100", url + "/small",
                     url + "/small").json()
        t.equal((many["connections_total"], many["connections"][0]["requests"]), (1, 200))
        with open(body, "rb") as f:
            done = subprocess.run(["sh", "-c", 'cat | "$@"', "sh", t.PROGRAM, "request", "PUT",
                                   "--cacert", ca, "--body", "-", url + "/x"], stdin=f, env=t.ENV,
                                  timeout=30)
        t.equal((done.returncode, (www / "x").read_bytes() == data), (0, True))


def tests(t):
    t.test("request/usage")(lambda: usage(t))
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        authority = Authority(folder)
        context, ca = authority.sign("good", "IP:127.0.0.1"), authority.root
        servers(t, context, ca)
        t.test("request/memory")(lambda: memory(t, context, ca))
        t.test("request/certificates")(lambda: certificates(t, authority, folder))
        t.test("request/output")(lambda: output(t, context, ca))
        t.test("request/verbose")(lambda: verbose(t, context, ca))
        t.test("request/kernel")(lambda: kernel(t, context, ca))
        t.test("request/addresses")(lambda: addresses(t, context, ca))
        t.test("request/redirects")(lambda: redirects(t, context, ca))
        t.test("request/continue")(lambda: continues(t, context, ca))
        t.test("request/nginx")(lambda: against_nginx(t, folder, ca))
