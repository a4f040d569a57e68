#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""contrib/grafana: every expression returns data from a real Prometheus that scraped real
node_exporters with pages of the real program. Each dashboard is drawn, for somebody to look
at, to build/dashboard/NAME.png: Debian has no Grafana.

Hosts are snapshots whose counters go on, hosts of namespaces, and a page that was recorded in
the laboratory (nginx on kTLS, Linux 6.12; export-capabilities) with the time of now. Rules run sixty times as
fast, as in test_prometheus.py.
"""
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import engines  # noqa: E402
import plot  # noqa: E402
import servers  # noqa: E402
import test_prometheus as hosts  # noqa: E402

PICTURES = os.path.join(engines.TOP, "build", "dashboard")
SECONDS = 75
SERVICE = """
import ctypes, socket, ssl, time
ctypes.CDLL(None).prctl(15, b"edge-server", 0, 0, 0)
a = socket.create_server(("127.0.0.1", 0))
kept = []
open("/served", "w").close()
for i in range(600):
    if i % 10 == 0 and i < 60:
        kept += [socket.create_connection(a.getsockname()), a.accept()]
    time.sleep(1)
"""
SLOW_START = "net.ipv4.tcp_slow_start_after_idle"


class Live:
    """A host of namespaces, with a service that speaks TLS."""

    def __init__(self, network, name, drifts):
        self.name, self.host = name, network.host(name)
        self.prom = self.host.root + "/textfile/ktlsctl.prom"
        self.folder = self.host.root
        os.mkdir(self.host.root + "/textfile")
        self.host.write("/service.py", SERVICE)
        self.host.write("/etc/ktlsctl/ktlsctl.conf", "[service edge-server]\nexpect = tx\n")
        self.host.run("sh", "-c", "setsid python3 /service.py </dev/null >/dev/null 2>&1 &")
        engines.wait(lambda: os.path.exists(self.host.root + "/served"), self.host.said)
        self.host.run("ktlsctl", "tune", "--set", SLOW_START + "=0", "--apply")
        self.drifts = drifts

    def write(self, n):
        if n == 10 and self.drifts:
            self.host.run("sysctl", "-q", "-w", SLOW_START + "=1")
        self.host.run("ktlsctl", "export", "--output", "/textfile/ktlsctl.prom")


class Page:
    """A recorded one, at another time."""

    def __init__(self, folder, name, file):
        self.name, self.prom = name, f"{folder}/{name}/ktlsctl.prom"
        os.mkdir(os.path.dirname(self.prom))
        with open(file, encoding="utf-8") as f:
            self.text = f.read()

    def write(self, _):
        now = f"ktlsctl_report_timestamp_seconds {time.time():.0f}"
        with open(self.prom + ".new", "w", encoding="utf-8") as f:
            f.write(re.sub(r"^ktlsctl_report_timestamp_seconds \d+$", now, self.text, flags=re.M))
        os.rename(self.prom + ".new", self.prom)


class Snapshot(hosts.Host):
    """Its counters rise with every look."""

    def __init__(self, folder, name, root, **rise):
        super().__init__(folder, name, root)
        self.rise = rise

    def write(self, n=0):
        for name, by in self.rise.items():
            if name in self.stat:
                self.stat[name] = max(0, self.stat[name] + (by if n % 7 else 3 * by))
        for nic in self.snapshot.get("nic_stats", {}).get("nics", ()):
            for counter in nic["counters"]:
                counter["value"] += self.rise.get(counter["name"], 0)
        super().write()


def make_fleet(folder, network):
    busy = {"TlsTxSw": 9, "TlsRxSw": 6, "TlsCurrTxSw": 2, "TlsCurrRxSw": 1, "TlsTxRekeyOk": 2,
            "TlsRxRekeyOk": 1, "TlsRxRekeyReceived": 1}
    nic = {"TlsTxDevice": 5, "TlsCurrTxDevice": 1, "TlsTxSw": 1, "tx_tls_ctx": 5, "tx_tls_del": 4,
           "tx_tls_encrypted_packets": 90000, "tx_tls_encrypted_bytes": 120000000, "tx_tls_ooo": 3}
    fleet = [Snapshot(folder, f"web{i}", "debian13-7.x", **busy) for i in range(3)]
    fleet += [Snapshot(folder, f"nic{i}", "offload-nic", **nic) for i in range(2)]
    fleet += [Snapshot(folder, "sick", "debian13-7.x", TlsDecryptError=4, TlsDecryptRetry=1,
                       TlsTxRekeyError=1, **busy),
              Snapshot(folder, "old", "debian11-5.10"), Snapshot(folder, "black", "blacklisted"),
              Snapshot(folder, "edge", "edge-bad", TlsDecryptError=1),
              Page(folder, "nginx", engines.TOP + "/tests/fixtures/pages/nginx-6.12.prom")]
    return fleet + [Live(network, f"live{i}", i == 1) for i in range(2)]


def serve(fleet, tools, folder):
    for host in fleet:
        host.write(0)
        host.port = servers.free_port()
        servers.start([tools + "/usr/bin/prometheus-node-exporter", "--collector.disable-defaults",
                       "--collector.textfile",
                       "--collector.textfile.directory=" + os.path.dirname(host.prom),
                       f"--web.listen-address=127.0.0.1:{host.port}"], folder + "/node.log")

    def promtool(*args):
        subprocess.run([tools + "/usr/bin/promtool", *args], check=True, capture_output=True)
    hosts.configure(folder, fleet, promtool)
    os.mkdir(folder + "/data")
    return servers.Prometheus(tools, folder + "/prometheus.yml", folder + "/data")


def grow(fleet):
    end, n = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        n += 1
        for host in fleet:
            host.write(n)
        time.sleep(2)


def filled(expr, instance):
    expr = expr.replace("$job", ".+").replace("$instance", instance).replace("$__rate_interval", "20s")
    assert "$" not in expr, expr
    return expr


def load(name):
    with open(f"{engines.TOP}/contrib/grafana/{name}.json", encoding="utf-8") as f:
        return json.load(f)


def expressions(board):
    """Of the panels, the annotations and the variables."""
    found = [t["expr"] for p in board["panels"] for t in p.get("targets", ())]
    found += [a["expr"] for a in board["annotations"]["list"]]
    return found + [re.match(r"label_values\((\w+), \w+\)$", v["definition"])[1]
                    for v in board["templating"]["list"] if v["type"] == "query"]


def answers(board, prometheus, instance):
    now, out = time.time(), {}
    for panel in board["panels"]:
        out[panel["id"]] = []
        for target in panel.get("targets", ()):
            expr = filled(target["expr"], instance)
            if panel["type"] == "timeseries":
                got = prometheus.ask("query_range", query=expr, start=now - SECONDS, end=now, step=1)
            else:
                got = prometheus.ask("query", query=expr, time=now)
            out[panel["id"]].append(got["result"])
    return out


def draw(plotter, name, board, got):
    plotter.write("/plot", plot.script(board, got, "/plot.png"))
    plotter.run("gnuplot", "/plot")
    os.makedirs(PICTURES, exist_ok=True)
    with open(plotter.root + "/plot.png", "rb") as f, open(f"{PICTURES}/{name}.png", "wb") as out:
        picture = f.read()
        out.write(picture)
    assert picture.startswith(b"\x89PNG") and len(picture) > 20000, len(picture)


def tests(suite, fleet, prometheus, plotter):
    names = [h.name for h in fleet]

    for name in ("fleet", "host"):
        board = load(name)

        @suite.test(name + "/every-expression-returns-data")
        def _():
            dead = [e for e in expressions(board)
                    if not any(prometheus.query(filled(e, i)) for i in names)]
            assert not dead, dead

        @suite.test(name + "/panels-do-not-overlap")
        def _():
            taken = set()
            for at in (p["gridPos"] for p in board["panels"]):
                cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                         for y in range(at["y"], at["y"] + at["h"])}
                assert not cells & taken and max(cells)[0] < plot.COLUMNS, at
                taken |= cells
            ids = [p["id"] for p in board["panels"]]
            assert len(set(ids)) == len(ids), ids

    @suite.test("pictures")
    def _():
        draw(plotter, "fleet", load("fleet"), answers(load("fleet"), prometheus, ""))
        for host in ("nic0", "sick", "live1", "nginx"):
            draw(plotter, "host-" + host, load("host"), answers(load("host"), prometheus, host))
        print(f"# {PICTURES}")


def main():
    tools = engines.enclose(300)
    network, folder = engines.Network(tools), engines.scratch()
    suite = engines.Suite("dashboard")
    plotter = network.host("plotter")
    fleet = make_fleet(folder, network)
    prometheus = serve(fleet, tools, folder)
    grow(fleet)
    tests(suite, fleet, prometheus, plotter)
    servers.stop_all()
    raise SystemExit(bool(suite.failures))


if __name__ == "__main__":
    main()
