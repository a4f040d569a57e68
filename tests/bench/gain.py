#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The harness of bench: its plain TCP beside iperf3, its OpenSSL beside nginx and openssl
s_time, alternately; how long --quick takes."""
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
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
OURS = os.path.join(HERE, "..", "..", "build", "ktlsctl")
ROUNDS, SECONDS, BLOCK, FILE = 7, 3, 128 << 10, 64 << 20
CONFIG = """
daemon off; pid {0}/pid; error_log {0}/error; worker_processes 1; {1}
events {{ }}
http {{
  access_log off; sendfile off; output_buffers 2 64k; ssl_protocols TLSv1.3;
  client_body_temp_path {0}/1; proxy_temp_path {0}/2; fastcgi_temp_path {0}/3;
  uwsgi_temp_path {0}/4; scgi_temp_path {0}/5;
  server {{ listen 127.0.0.1:{2} ssl; root {0};
    ssl_certificate {0}/cert; ssl_certificate_key {0}/key; }}
}}
"""


def ours(mode, size):
    """MiB/s, the median of its own rounds; processor ms of both ends for a GiB."""
    done = subprocess.run([OURS, "bench", "--json", "--workload=bulk", f"--size={size}",
                           "--only", mode, f"--duration={SECONDS}s"],
                          capture_output=True, text=True, check=True)
    figures = {f["name"]: f["value"]
               for f in json.loads(done.stdout)["groups"][0]["results"][0]["figures"]}
    return (figures["throughput"] / (1 << 20),
            (figures["sender_cpu"] + figures["receiver_cpu"]) / 1e6)


def iperf3(port):
    done = subprocess.run(["iperf3", "-c", "127.0.0.1", "-p", str(port), "-J", "-t",
                           str(SECONDS), "-l", str(BLOCK)],
                          capture_output=True, text=True, check=True)
    end = json.loads(done.stdout)["end"]
    received, cpu = end["sum_received"], end["cpu_utilization_percent"]
    ms = (cpu["host_total"] + cpu["remote_total"]) / 100 * received["seconds"] * 1000
    return (received["bits_per_second"] / 8 / (1 << 20),
            ms / (received["bytes"] / (1 << 30)))


def used(pid):
    """Processor ms of a process and its children that still run."""
    ticks = 0
    for each in [pid, *map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]:
        fields = pathlib.Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


def s_time(port, server):
    """Its own seconds are whole ones."""
    before, mine = used(server), resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(["openssl", "s_time", "-connect", f"127.0.0.1:{port}", "-www", "/big",
                           "-new", "-time", str(SECONDS), "-tls1_3", "-ciphersuites",
                           "TLS_AES_128_GCM_SHA256"], capture_output=True, text=True)
    took, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    found = re.search(r"(\d+) connections in \d+ real seconds, (\d+) bytes", done.stdout)
    moved = int(found[1]) * int(found[2])
    ms = used(server) - before + 1000 * (after.ru_utime + after.ru_stime - mine.ru_utime -
                                         mine.ru_stime)
    return moved / took / (1 << 20), ms / (moved / (1 << 30))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


@contextlib.contextmanager
def running(command, port):
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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


def alternate(a, b):
    first, second = [], []
    for i in range(ROUNDS + 1):
        x, y = a(), b()
        if i:  # the first is a warm one
            first.append(x)
            second.append(y)
    return first, second


def beside(values, other):
    ratios = [v / o for v, o in zip(values, other) if o]
    return (f"{statistics.median(values):.0f} | {statistics.median(other):.0f} | "
            f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def row(name, first, second):
    print(f"| {name} | " + " | ".join(beside([v[i] for v in first], [v[i] for v in second])
                                      for i in (0, 1)) + " |", flush=True)


def plain():
    if not shutil.which("iperf3"):
        print("| plain TCP; iperf3 | not measured: no iperf3 here | | | | | |")
        return
    port = free_port()
    with running(["iperf3", "-s", "-p", str(port)], port):
        row("plain TCP, writes of 128 KiB; iperf3 -l 128K",
            *alternate(lambda: ours("plain", BLOCK), lambda: iperf3(port)))


def user_space():
    if not shutil.which("nginx"):
        print("| OpenSSL; nginx | not measured: no nginx here | | | | | |")
        return
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=x",
                        "-keyout", folder + "/key", "-out", folder + "/cert"],
                       check=True, capture_output=True)
        with open(folder + "/big", "wb") as f:
            f.truncate(FILE)
        user = "user root;" if os.geteuid() == 0 else ""
        pathlib.Path(folder, "conf").write_text(CONFIG.format(folder, user, port))
        with running(["nginx", "-c", folder + "/conf"], port) as server:
            row("OpenSSL, writes of 64 KiB; nginx to openssl s_time",
                *alternate(lambda: ours("openssl", 65536), lambda: s_time(port, server)))


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
    user_space()
    quick()


main()
