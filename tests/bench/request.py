#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""request against curl: nginx on loopback, alternately, encrypted in user space."""
import contextlib
import os
import pathlib
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
BIG, SMALL, MANY = 1 << 30, 100, 3000
BIG_ROUNDS, SMALL_ROUNDS = 5, 7
CONFIG = """
daemon off; pid {0}/pid; error_log {0}/error; worker_processes 1; {1}
events {{ }}
http {{
  access_log off; sendfile on; keepalive_requests 1000000; ssl_protocols TLSv1.3;
  client_body_temp_path {0}/1; proxy_temp_path {0}/2; fastcgi_temp_path {0}/3;
  uwsgi_temp_path {0}/4; scgi_temp_path {0}/5;
  server {{ listen 127.0.0.1:{2} ssl; root {0};
    ssl_certificate {0}/cert; ssl_certificate_key {0}/key; }}
}}
"""


def prepare(folder):
    os.chmod(folder, 0o755)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=x",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder + "/key",
                    "-out", folder + "/cert"], check=True, capture_output=True)
    with open(folder + "/big", "wb") as f:
        f.truncate(BIG)
    pathlib.Path(folder, "small").write_bytes(SMALL * b"x")


@contextlib.contextmanager
def nginx(folder):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    user = "user root;" if os.geteuid() == 0 else ""
    pathlib.Path(folder, "conf").write_text(CONFIG.format(folder, user, port))
    server = subprocess.Popen(["nginx", "-c", folder + "/conf"], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            time.sleep(0.1)
        yield f"https://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def once(command):
    """Seconds of one run, and of processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL)
    took = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed: exit status {done.returncode}")
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def alternate(commands, rounds):
    """name -> (median seconds, median of processor time)"""
    runs = {name: [] for name in commands}
    for i in range(rounds + 1):
        for name, command in commands.items():
            result = once(command)
            if i:  # the first is a warm one
                runs[name].append(result)
    return {name: tuple(statistics.median(r[i] for r in result) for i in (0, 1))
            for name, result in runs.items()}


def main():
    if not shutil.which("nginx") or not shutil.which("curl"):
        print("request: no nginx or no curl here: not measured")
        return
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        ours = [OURS, "request", "--cacert", folder + "/cert", "--output", "/dev/null"]
        curl = ["curl", "-s", "--cacert", folder + "/cert", "-o", "/dev/null"]
        with nginx(folder) as url:
            big = alternate({"request": ours + [url + "/big"],
                             "request --engine=epoll": ours + ["--engine=epoll", url + "/big"],
                             "curl": curl + [url + "/big"]}, BIG_ROUNDS)
            small = alternate({
                "request": ours + ["--repeat", str(MANY), url + "/small"],
                "request --engine=epoll":
                    ours + ["--engine=epoll", "--repeat", str(MANY), url + "/small"],
                "curl": curl + [f"{url}/small?[1-{MANY}]"]}, SMALL_ROUNDS)
    print(f"HTTPS in user space, nginx on loopback, alternately, medians of {BIG_ROUNDS} and {SMALL_ROUNDS} "
          f"rounds; load average {os.getloadavg()[0]:.1f}\n")
    print("| client | 1 GiB: MiB/s | processor s | small GETs/s | processor s of "
          f"{MANY} |\n|---|---:|---:|---:|---:|")
    for name in big:
        print(f"| {name} | {BIG / big[name][0] / (1 << 20):.0f} | {big[name][1]:.2f} | "
              f"{MANY / small[name][0]:.0f} | {small[name][1]:.3f} |")


main()
