#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The metrics in the hands of those they are for: node_exporter reads what the program wrote,
Prometheus scrapes that and judges it by the rules of contrib/prometheus.

A host is a snapshot (with the time and the counters of now put into it) or this machine in
network and mount namespaces, its folder, its node_exporter. Then things go wrong on some of
them, and each has to raise its alert and no other. Time runs sixty times as fast: durations in
the rules are divided by sixty, a report is written every three seconds in place of minutes.
"""
import ctypes
import json
import os
import re
import shutil
import socket
import ssl  # a program that speaks TLS  # noqa: F401
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import engines  # noqa: E402
import servers  # noqa: E402

os.chdir(servers.TOP)
RULES = "contrib/prometheus/ktlsctl.rules.yml"
RULES_TEST = "contrib/prometheus/ktlsctl.rules.test.yml"
EVERY = 3  # seconds
SERVICE = "edge-server"
failures = 0


def said(name, function):
    global failures
    try:
        function()
        print(f"ok engines/{name}", flush=True)
    except Exception as error:  # whatever it is, it is this test's failure
        failures += 1
        print(f"not ok engines/{name}")
        for line in f"{type(error).__name__}: {error}".split("\n")[:30]:
            print("# " + line)
        sys.stdout.flush()


class Host:
    """One that a snapshot describes."""
    prefix = ()

    def __init__(self, folder, name, root="debian13-7.x"):
        self.name, self.folder, self.writes = name, f"{folder}/{name}", True
        self.prom = self.folder + "/textfile/ktlsctl.prom"
        self.stat, self.rises = {}, None  # the counter that goes on rising
        os.makedirs(self.folder + "/textfile")
        if root:
            self.become(root)

    def become(self, root):
        self.root = f"{self.folder}/{root}"
        shutil.copytree("tests/roots/" + root, self.root)
        with open(self.root + "/ktlsctl-snapshot.json") as f:
            self.snapshot = json.load(f)
        try:
            with open(self.root + "/proc/net/tls_stat") as f:
                self.stat = {n: int(v) for n, v in (line.split() for line in f)}
        except FileNotFoundError:
            self.stat = {}

    def arguments(self):
        if self.rises:
            self.stat[self.rises] += 5
        self.snapshot["time_seconds"] = int(time.time())
        with open(self.root + "/ktlsctl-snapshot.json", "w") as f:
            json.dump(self.snapshot, f)
        if self.stat:
            with open(self.root + "/proc/net/tls_stat", "w") as f:
                f.writelines(f"{n:<32}\t{v}\n" for n, v in self.stat.items())
        return ["--root", self.root]

    def write(self):
        if not self.writes:
            return
        done = subprocess.run([*self.prefix, servers.PROGRAM, "export", "--format=prometheus",
                               "--output", self.prom, *self.arguments()],
                              capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), (self.name, done)

    def page(self):
        with open(self.prom) as f:
            return f.read()


class Live(Host):
    """This machine, in namespaces of its own that leave its settings alone."""

    def __init__(self, folder, name):
        super().__init__(folder, name, None)
        own = [] if os.geteuid() == 0 else ["-r"]
        etc = self.folder + "/etc"
        # A new /etc, because there need be no /etc/ktlsctl to put something on.
        set_up = (f"mkdir -p {etc}/ktlsctl {etc}/ssl && cp -a /etc/os-release /etc/ld.so.cache "
                  f"/etc/passwd /etc/group {etc}/ && cp /etc/ssl/openssl.cnf {etc}/ssl/ && "
                  f"printf '[service {SERVICE}]\\nexpect = tx\\n' >{etc}/ktlsctl/ktlsctl.conf "
                  f"&& mount --bind {etc} /etc && mount -t tmpfs none /var/lib && "
                  "ip link set lo up && echo ready && exec sleep 600")
        self.holder = servers.start(["unshare", *own, "-n", "-m", "sh", "-c", set_up],
                                    self.folder + "/holder.log")
        servers.wait_for(name, lambda: "ready" in open(self.folder + "/holder.log").read(), 30)
        self.prefix = ["nsenter", "-t", str(self.holder.pid), "-n", "-m",
                       *(["-U", "--preserve-credentials"] if own else [])]

    def arguments(self):
        return []

    def run(self, *args):
        done = subprocess.run([*self.prefix, *args], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, (args, done)
        return done.stdout


def serve():
    """In a host's namespace: a service with three connections, by the name of SERVICE."""
    ctypes.CDLL(None).prctl(15, SERVICE.encode(), 0, 0, 0)
    listener = socket.create_server(("127.0.0.1", 0))
    kept = []
    for _ in range(3):
        kept.append(socket.create_connection(listener.getsockname()))
        kept.append(listener.accept()[0])
    print("ready", flush=True)
    time.sleep(600)


def faster(text):
    """The rules, at sixty times the speed."""
    def seconds(m):
        return f"{m[1]}{int(m[2]) * {'m': 1, 'h': 60}[m[3]]}s{m[4]}"
    text = re.sub(r"(\[)(\d+)([mh])(\])", seconds, text)
    text = re.sub(r"(for: )(\d+)([mh])()", seconds, text)
    return re.sub(r"> 1800\b", "> 30", text)


def configure(folder, hosts, promtool):
    with open(RULES) as f, open(folder + "/rules.yml", "w") as out:
        out.write(faster(f.read()))
    lines = ["global: {scrape_interval: 1s, evaluation_interval: 1s}",
             "rule_files: [rules.yml]", "scrape_configs:", "- job_name: node",
             "  static_configs:"]
    for h in hosts:
        lines.append(f"  - {{targets: ['127.0.0.1:{h.port}'], labels: {{instance: {h.name}}}}}")
    with open(folder + "/prometheus.yml", "w") as f:
        f.write("\n".join(lines) + "\n")
    promtool("check", "config", folder + "/prometheus.yml")


class Fleet:
    def __init__(self, folder, tools):
        self.folder, self.tools = folder, tools
        names = ["healthy", "corrupt", "stale", "gone", "failing", "decrypt", "decrypt-reset",
                 "rekey"]
        self.hosts = [Host(folder, n) for n in names]
        self.hosts += [Host(folder, n, "offload-nic") for n in ("moved", "label")]
        self.hosts += [Host(folder, "not-known", "edge-good")]
        self.hosts += [Live(folder, n) for n in ("live", "drifts", "unused")]
        self.by = {h.name: h for h in self.hosts}
        self.by["decrypt-reset"].stat["TlsDecryptError"] = 700
        self.by["moved"].rises = self.by["label"].rises = "TlsTxDevice"
        for h in self.hosts:
            h.write()
            h.port = servers.free_port()
            servers.start([tools + "/usr/bin/prometheus-node-exporter",
                           "--collector.disable-defaults", "--collector.textfile",
                           f"--collector.textfile.directory={h.folder}/textfile",
                           f"--web.listen-address=127.0.0.1:{h.port}"], h.folder + "/node.log")
        configure(folder, self.hosts, self.promtool)
        os.mkdir(folder + "/data")
        self.prometheus = servers.Prometheus(tools, folder + "/prometheus.yml",
                                             folder + "/data")

    def promtool(self, *args, text=None):
        done = subprocess.run([self.tools + "/usr/bin/promtool", *args], input=text,
                              capture_output=True, text=True, timeout=60)
        # Lint that it prints and forgives is a failure here.
        assert done.returncode == 0 and "error" not in done.stderr.lower(), done
        return done.stdout + done.stderr

    def tick(self):
        """What a timer does every few minutes."""
        begin = time.monotonic()
        for h in self.hosts:
            h.write()
        time.sleep(max(0, EVERY - (time.monotonic() - begin)))

    def run_for(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.tick()

    def by_itself(self, host):
        """What a page says all the same: this machine may lack kTLS."""
        return {"KtlsCheckFailed"} if re.search(r'^ktlsctl_check_not_ok.*level="fail"',
                                                host.page(), re.M) else set()


# What goes wrong: the host, what is done to it, the alert.
def break_corrupt(h):
    h.writes = False
    text = h.page()
    with open(h.prom, "w") as f:
        f.write(text[:len(text) // 2].rstrip("\n"))


def break_stale(h):
    h.writes = False


def break_gone(h):
    h.writes = False
    os.remove(h.prom)


def break_failing(h):
    h.become("blacklisted")


def break_decrypt(h):
    h.rises = "TlsDecryptError"


def break_reset(h):
    h.stat["TlsDecryptError"] = 0


def break_rekey(h):
    h.rises = "TlsTxRekeyError"


def break_moved(h):
    h.rises = "TlsTxSw"
    h.stat["TlsCurrTxSw"] += h.stat["TlsCurrTxDevice"]
    h.stat["TlsCurrTxDevice"] = 0


def break_label(h):
    for c in h.snapshot["nic_stats"]["nics"][0]["counters"]:
        if c["name"] == "tx_tls_encrypted_packets":
            c["value"] = 0


def break_drifts(h):
    # Somebody else sets what ktlsctl had set.
    h.run("sysctl", "-q", "-w", "net.ipv4.tcp_slow_start_after_idle=1")


def break_unused(h):
    log = h.folder + "/service.log"
    servers.start([*h.prefix, sys.executable, os.path.abspath(__file__), "--serve"], log)
    servers.wait_for("the service", lambda: "ready" in open(log).read(), 30)


FAULTS = {
    "healthy": (None, None), "not-known": (None, None), "live": (None, None),
    "corrupt": (break_corrupt, "KtlsTextfileBroken"), "stale": (break_stale, "KtlsReportStale"),
    "gone": (break_gone, "KtlsReportStale"), "failing": (break_failing, "KtlsCheckFailed"),
    "decrypt": (break_decrypt, "KtlsDecryptErrors"), "decrypt-reset": (break_reset, None),
    "rekey": (break_rekey, "KtlsRekeyErrors"), "moved": (break_moved, "KtlsOffloadFellBack"),
    "label": (break_label, "KtlsOffloadFellBack"), "drifts": (break_drifts, "KtlsConfigDrift"),
    "unused": (break_unused, "KtlsExpectedButUnused"),
}


def scraped(fleet, name):
    """What Prometheus has of a host is what stands in its file."""
    host = fleet.by[name]
    text = host.page()
    want = {}
    for line in text.split("\n"):
        if line and not line.startswith("#"):
            series, value = line.rsplit(" ", 1)
            want[series] = float(value)
    got = {}
    for metric, value in fleet.prometheus.query(
            '{__name__=~"ktlsctl_.*",instance="%s"}' % name):
        labels = ",".join(f'{k}="{v}"' for k, v in metric.items()
                          if k not in ("__name__", "instance", "job"))
        got[metric["__name__"] + ("{" + labels + "}" if labels else "")] = value

    def normal(series):
        head, _, labels = series.partition("{")
        return head, tuple(sorted(re.findall(r'(\w+)="([^"]*)"', labels)))
    want = {normal(k): v for k, v in want.items()}
    got = {normal(k): v for k, v in got.items()}
    return len(want) > 25 and all(
        got.get(k) == v or "_seconds" in k[0] or "opened" in k[0] for k, v in want.items()) \
        and set(got) == set(want)


def calm(fleet):
    fleet.run_for(35)
    want = {h.name: fleet.by_itself(h) for h in fleet.hosts}
    got = fleet.prometheus.alerts()
    assert got == {k: v for k, v in want.items() if v}, (got, want)


def faults(fleet):
    for name, (do, _) in FAULTS.items():
        if do:
            do(fleet.by[name])
    seen, end, good = {}, time.monotonic() + 150, 0
    want = {name: ({alert} if alert else set()) |
            (fleet.by_itself(h) if isinstance(h := fleet.by[name], Live) else set())
            for name, (_, alert) in FAULTS.items()}
    want = {k: v for k, v in want.items() if v}
    while time.monotonic() < end and good < 8:
        fleet.tick()
        got = fleet.prometheus.alerts()
        for name, alerts in got.items():
            seen.setdefault(name, set()).update(alerts)
        good = good + 1 if got == want else 0
    assert good, f"fired: {got}, wanted: {want}"
    # Also none that came and went.
    assert seen == want, f"fired once: {seen}, wanted: {want}"
    for name, alerts in sorted(want.items()):
        print(f"# {name}: {', '.join(sorted(alerts))}")


def rules(fleet):
    empty = []
    for group in fleet.prometheus.ask("rules")["groups"]:
        for rule in group["rules"]:
            assert rule["health"] == "ok", rule
            if rule["type"] == "recording" and not fleet.prometheus.query(rule["name"]):
                empty.append(rule["name"])
    # Programs that speak TLS are known of where every process could be looked at.
    assert all("connections" in r or "coverage" in r for r in empty), empty


def metrics(fleet):
    for h in fleet.hosts:
        fleet.promtool("check", "metrics", text=h.page())


def main():
    if "--serve" in sys.argv:
        return serve()
    tools = engines.root()
    with tempfile.TemporaryDirectory() as folder:
        try:
            fleet = Fleet(folder, tools)
            fleet.by["drifts"].run(servers.PROGRAM, "tune", "--apply", "--set",
                                   "net.ipv4.tcp_slow_start_after_idle=0")
            said("prometheus/check-metrics", lambda: metrics(fleet))
            said("prometheus/check-rules", lambda: fleet.promtool("check", "rules", RULES))
            said("prometheus/test-rules", lambda: fleet.promtool("test", "rules", RULES_TEST))
            said("prometheus/calm", lambda: calm(fleet))
            for name in ("healthy", "label", "unused"):
                said("prometheus/scraped-" + name, lambda n=name: servers.wait_for(
                    n, lambda: scraped(fleet, n), 20))
            said("prometheus/each-fault-its-alert", lambda: faults(fleet))
            said("prometheus/rules-healthy", lambda: rules(fleet))
        finally:
            servers.stop_all()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
