#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The harness of bench: its plain TCP beside iperf3, its OpenSSL beside other programs that send
and receive through the same libssl, alternately; how long --quick takes."""
import contextlib
import json
import os
import pathlib
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
OURS = os.path.join(HERE, "..", "..", "build", "ktlsctl")
ROUNDS, SECONDS, BLOCK, FILE = 7, 3, 128 << 10, 256 << 20
TLS = ["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"]
CONFIG = """
daemon off; pid {0}/pid; error_log {0}/error; worker_processes 1; {1}
events {{ }}
http {{
  access_log off; sendfile off; output_buffers 2 64k; ssl_protocols TLSv1.3; ssl_buffer_size 16k;
  ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256; keepalive_requests 1000000;
  client_body_temp_path {0}/1; proxy_temp_path {0}/2; fastcgi_temp_path {0}/3;
  uwsgi_temp_path {0}/4; scgi_temp_path {0}/5;
  server {{ listen 127.0.0.1:{2} ssl; root {0};
    ssl_certificate {0}/cert; ssl_certificate_key {0}/key; }}
}}
"""


# Sends from memory, 1 MiB with each call of libssl, as long as somebody asks; no file is read.
SENDER = """
import socket, ssl, sys
port, folder, size = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = ssl.TLSVersion.TLSv1_3
context.load_cert_chain(folder + "/cert", folder + "/key")
listener, piece = socket.create_server(("127.0.0.1", port)), bytes(1 << 20)
while True:
    s = listener.accept()[0]
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        t = context.wrap_socket(s, server_side=True)
        while b"\\r\\n\\r\\n" not in t.recv(4096):
            pass
        t.send(b"HTTP/1.0 200 OK\\r\\n\\r\\n")
        for _ in range(size >> 20):
            t.send(piece)
        t.close()
    except OSError:
        pass
"""
# python3 has no other way to say which suite of TLS 1.3.
SUITE = """
openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = suite
[suite]
Ciphersuites = TLS_AES_128_GCM_SHA256
"""


def ours(mode, size):
    """MiB/s, the median of its own rounds; processor ms of each end for a GiB."""
    done = subprocess.run([OURS, "bench", "--json", "--workload=bulk", f"--size={size}",
                           "--only", mode, f"--duration={SECONDS}s"],
                          capture_output=True, text=True, check=True)
    figures = {f["name"]: f["value"]
               for f in json.loads(done.stdout)["groups"][0]["results"][0]["figures"]}
    return (figures["throughput"] / (1 << 20), figures["sender_cpu"] / 1e6,
            figures["receiver_cpu"] / 1e6)


def iperf3(port):
    done = subprocess.run(["iperf3", "-c", "127.0.0.1", "-p", str(port), "-J", "-t",
                           str(SECONDS), "-l", str(BLOCK)],
                          capture_output=True, text=True, check=True)
    end = json.loads(done.stdout)["end"]
    received, cpu = end["sum_received"], end["cpu_utilization_percent"]
    ms = (cpu["host_total"] + cpu["remote_total"]) / 100 * received["seconds"] * 1000
    return (received["bits_per_second"] / 8 / (1 << 20),
            ms / (received["bytes"] / (1 << 30)))


def children():
    u = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (u.ru_utime + u.ru_stime)


def used(pid):
    """Processor ms of a process and its children that still run."""
    tasks = [pid, *pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return sum(int(pathlib.Path(f"/proc/{p}/schedstat").read_text().split()[0])
               for p in tasks) / 1e6


def received(client, server):
    """MiB/s of what client() has received; processor ms of both ends for a GiB of it."""
    before, mine, start = used(server), children(), time.perf_counter()
    moved = client()
    took, gib = time.perf_counter() - start, moved / (1 << 30)
    return moved / took / (1 << 20), (used(server) - before) / gib, (children() - mine) / gib


def s_time(port):
    done = subprocess.run(["openssl", "s_time", "-connect", f"127.0.0.1:{port}", "-www", "/big",
                           "-new", "-time", str(SECONDS), *TLS], capture_output=True, text=True)
    found = re.search(r"(\d+) connections in \d+ real seconds, (\d+) bytes", done.stdout)
    return int(found[1]) * int(found[2])


def wrk(port):
    done = subprocess.run(["wrk", "-t1", "-c1", f"-d{SECONDS}s", f"https://127.0.0.1:{port}/big"],
                          capture_output=True, text=True, check=True)
    found = re.search(r"([\d.]+)([KMG])B read", done.stdout)
    return float(found[1]) * {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}[found[2]]


def reading(path, block):
    """Processor ms for a GiB out of the page cache."""
    before = children()
    subprocess.run(["dd", "if=" + path, "of=/dev/null", f"bs={block}"], check=True,
                   capture_output=True)
    return (children() - before) * (1 << 30) / FILE


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


@contextlib.contextmanager
def running(command, port, **more):
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, **more)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            time.sleep(0.1)
        yield server.pid
    finally:
        server.terminate()
        server.wait()


def alternate(*these):
    """What each of them came to, round after round; the first is a warm one."""
    rounds = [[one() for one in these] for _ in range(ROUNDS + 1)]
    return list(zip(*rounds[1:]))


def ratio(values, other):
    ratios = [v / o for v, o in zip(values, other)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def beside(values, other):
    return (f"{statistics.median(values):.0f} | {statistics.median(other):.0f} | "
            + ratio(values, other))


def starts(*programs):
    """Each is there, with the libraries it needs (127: the loader found one missing)."""
    return all(shutil.which(p) and
               subprocess.run([p, "-v"], capture_output=True).returncode != 127
               for p in programs)


def plain():
    if not starts("iperf3"):
        print("| plain TCP; iperf3 | not measured: no iperf3 here | | | | | |")
        return
    port = free_port()
    with running(["iperf3", "-s", "-p", str(port)], port):
        a, b = alternate(lambda: ours("plain", BLOCK), lambda: iperf3(port))
    print("| plain TCP, writes of 128 KiB; iperf3 -l 128K | "
          + beside([v[0] for v in a], [v[0] for v in b]) + " | "
          + beside([v[1] + v[2] for v in a], [v[1] for v in b]) + " |", flush=True)


def row(name, a, b, less=()):
    """less: what the other's sender does that ours does not, each round."""
    senders = [v[1] - x for v, x in zip(b, less or [0] * len(b))]
    speed = "" if less else ratio([v[0] for v in a], [v[0] for v in b])
    print(f"| {name} | {speed} | "
          + beside([v[1] for v in a], senders) + " | "
          + beside([v[2] for v in a], [v[2] for v in b]) + " | "
          + ratio([v[1] + v[2] for v in a], [s + v[2] for s, v in zip(senders, b)]) + " |", flush=True)


def memory(folder):
    port = free_port()
    with running([sys.executable, "-c", SENDER, str(port), folder, str(FILE)], port,
                 env={**os.environ, "OPENSSL_CONF": folder + "/suite"}) as server:
        a, b = alternate(lambda: ours("openssl", 1 << 20),
                         lambda: received(lambda: s_time(port), server))
    row("writes of 1 MiB; python3 from memory to s_time", a, b)


def s_server(folder):
    port = free_port()
    with running(["openssl", "s_server", "-quiet", "-WWW", "-accept", f"127.0.0.1:{port}",
                  "-key", "key", "-cert", "cert", *TLS], port, cwd=folder) as server:
        a, b, read = alternate(lambda: ours("openssl", 16 << 10),
                               lambda: received(lambda: s_time(port), server),
                               lambda: reading(folder + "/big", "16k"))
    row("writes of 16 KiB; s_server -WWW to s_time", a, b)
    row("the same, less the reading of the file", a, b, read)


def nginx(folder):
    if not starts("nginx", "wrk"):
        print("| nginx to wrk | not measured: no nginx or no wrk that starts here | | | | | | | |")
        return
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    pathlib.Path(folder, "conf").write_text(CONFIG.format(folder, user, port))
    with running(["nginx", "-c", folder + "/conf"], port) as server:
        a, b, read = alternate(lambda: ours("openssl", 16 << 10),
                               lambda: received(lambda: wrk(port), server),
                               lambda: reading(folder + "/big", "64k"))
    row("writes of 16 KiB; nginx to wrk", a, b)
    row("the same, less the reading of the file", a, b, read)


def user_space():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=x",
                        "-keyout", folder + "/key", "-out", folder + "/cert"],
                       check=True, capture_output=True)
        pathlib.Path(folder, "suite").write_text(SUITE)
        pathlib.Path(folder, "big").write_bytes(bytes(FILE))
        for one in (memory, s_server, nginx):
            one(folder)


def quick():
    start = time.perf_counter()
    done = subprocess.run([OURS, "bench", "--quick", "--json"], capture_output=True, check=True)
    took, document = time.perf_counter() - start, json.loads(done.stdout)
    harness = document["harness"]
    print(f"\n--quick: {took:.1f} s, {document['rounds']} rounds; the harness: "
          f"{harness['operation_ns']} ns an operation, {harness['sample_ns']} ns a latency sample "
          "with its two clocks")


def main():
    print(f"bench beside others, loopback, alternately, {ROUNDS} rounds of {SECONDS} s after a warm "
          f"one; load average {os.getloadavg()[0]:.1f}\n")
    print("| ktlsctl bench; the other | MiB/s | the other's | ratio | processor ms a GiB | "
          "the other's | ratio |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    plain()
    print("\nUser space, TLS 1.3 with AES-128-GCM; sender and receiver in processor ms a GiB\n")
    print("| OpenSSL of ktlsctl bench; the other | MiB/s, ratio | sender | the other's | ratio | "
          "receiver | the other's | ratio | both, ratio |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    user_space()
    quick()


main()
