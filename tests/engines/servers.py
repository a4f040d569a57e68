# SPDX-License-Identifier: MIT
"""Programs that a test starts on loopback, and ends."""
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PROGRAM = os.path.abspath(os.environ.get("KTLSCTL", TOP + "/build/ktlsctl"))
running = []


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(args, log, **more):
    with open(log, "ab") as out:
        process = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                   start_new_session=True, **more)
    running.append(process)
    return process


def stop_all():
    for process in reversed(running):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    for process in running:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    running.clear()


def get(url, timeout=20):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read().decode()


def wait_for(what, test, seconds):
    """Until test() says something that is true; that, or an error with the last one."""
    end, last = time.monotonic() + seconds, None
    while time.monotonic() < end:
        try:
            last = test()
            if last:
                return last
        except (OSError, urllib.error.URLError, ValueError) as error:
            last = error
        time.sleep(0.3)
    raise AssertionError(f"{what}: not within {seconds} s (last: {last!r})")


class Prometheus:
    def __init__(self, folder, config, data, *more):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = start([folder + "/usr/bin/prometheus", "--config.file=" + config,
                              "--storage.tsdb.path=" + data,
                              f"--web.listen-address=127.0.0.1:{self.port}", *more],
                             data + ".log")
        self.log = data + ".log"
        wait_for("prometheus", self.ready, 60)

    def ready(self):
        if self.process.poll() is None:
            return get(self.url + "/-/ready")
        with open(self.log, encoding="utf-8", errors="replace") as f:
            raise AssertionError("prometheus has ended: " + f.read()[-1000:])

    def ask(self, path, **args):
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(args)}"
        answer = json.loads(get(url, 60))
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, expr):
        return [(r["metric"], float(r["value"][1]))
                for r in self.ask("query", query=expr)["result"]]

    def alerts(self, state="firing"):
        """instance -> names of its alerts"""
        out = {}
        for a in self.ask("alerts")["alerts"]:
            if a["state"] == state:
                out.setdefault(a["labels"].get("instance"), set()).add(a["labels"]["alertname"])
        return out
