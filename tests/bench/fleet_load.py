#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a fleet's Prometheus pays for our metrics: memory, rules, queries.

fleet_load.py [--hosts 40000] [--interval 120] [--minutes 10]

Real are Prometheus (Debian's, unpacked by tests/vm/fetch.sh engines), its rules
(contrib/prometheus) and the pages, which the program writes of the snapshots in tests/roots.
Simulated are the hosts: one process on loopback answers for all of them, without TLS or a
network between. What differs from host to host and from scrape to scrape is the time, the
connections opened and, on one in a hundred each, decrypt errors that rise, drift and a failing
check; how many of these alerts fire has to be how many were seeded.
"""
import argparse
import asyncio
import json
import multiprocessing
import os
import re
import resource
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "engines"))
import engines  # noqa: E402
import servers  # noqa: E402

os.chdir(servers.TOP)
# Snapshots and how many of ten hosts are like them.
ROOTS = {"debian12-6.1": 4, "debian13-7.x": 3, "nginx": 1, "connectx-stock": 1, "offload-nic": 1}
FAILED = 'ktlsctl_check_not_ok{category="kernel",check="tls-module",level="fail"} 1\n'
QUERIES = {
    "checks that fail, from the hosts' series":
        "sort_desc(count by (check, level) (ktlsctl_check_not_ok))",
    "the same, recorded": "sort_desc(job_check_level:ktlsctl_hosts:count)",
    "kernels": "count by (kernel) (ktlsctl_host_info)",
    "connections opened a second, by mode":
        "sum by (mode) (rate(ktlsctl_sessions_opened_total[10m]))",
}


def record(root):
    """A page with holes: the time (twice), connections opened by the host, decrypt errors,
    drift, and what is added for a failing check."""
    done = subprocess.run([servers.PROGRAM, "export", "--root", "tests/roots/" + root],
                          capture_output=True, text=True, check=True)
    page = done.stdout.replace("%", "%%")
    page = re.sub(r"^(ktlsctl_report_timestamp_seconds) .*", r"\1 %(now)d", page, flags=re.M)
    page = re.sub(r'^(ktlsctl_sessions_opened_total{.*mode="(sw|device)"}) .*', r"\1 %(\2)d",
                  page, flags=re.M)
    page = re.sub(r"^(ktlsctl_decrypt_errors_total) .*", r"\1 %(errors)d", page, flags=re.M)
    # A live host knows what tune has set.
    page = page.replace('ktlsctl_unknown{part="tune"} 1\n', "") + (
        "# TYPE ktlsctl_tune_applied_keys gauge\nktlsctl_tune_applied_keys 4\n"
        "# TYPE ktlsctl_tune_drifted_keys gauge\nktlsctl_tune_drifted_keys %(drifted)d\n"
        "# TYPE ktlsctl_tune_unverified_keys gauge\nktlsctl_tune_unverified_keys 0\n"
        "# TYPE node_textfile_scrape_error gauge\nnode_textfile_scrape_error 0\n")
    head = "# TYPE ktlsctl_check_not_ok gauge\n"
    if head not in page:
        page += head
    return page.replace(head, head + "%(failed)s")


def seeded(host, fault):
    return host % 100 == {"errors": 7, "drift": 17, "fails": 27}[fault]


class Fleet(asyncio.Protocol):
    pages = []
    begun = 0

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        for _ in range(data.count(b"GET /")):
            host = int(data.split(b"GET /", 1)[1].split(b" ", 1)[0])
            data = data.split(b"GET /", 1)[1]
            body = self.page(host)
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
                                 b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def page(self, host):
        now = time.time()
        age = now - Fleet.begun
        opened = int(age * (1 + host % 50))
        return (Fleet.pages[host % len(Fleet.pages)] % {
            "now": now - now % 300 if now % 300 < age else now, "sw": opened, "device": opened // 9,
            "errors": int(age) if seeded(host, "errors") else 0,
            "drifted": seeded(host, "drift"),
            "failed": FAILED if seeded(host, "fails") else ""}).encode()


def serve(port, pages):
    Fleet.pages, Fleet.begun = pages, time.time()

    async def forever():
        server = await asyncio.get_running_loop().create_server(
            Fleet, "127.0.0.1", port, backlog=4096)
        await server.serve_forever()
    asyncio.run(forever())


def configure(folder, args, port):
    with open(folder + "/hosts.json", "w") as f:
        json.dump([{"targets": [f"127.0.0.1:{port}"],
                    "labels": {"__metrics_path__": f"/{i}", "instance": f"host{i:06}"}}
                   for i in range(args.hosts)], f)
    with open(folder + "/prometheus.yml", "w") as f:
        f.write(f"""global: {{scrape_interval: {args.interval}s, scrape_timeout: {min(30, args.interval)}s,
  evaluation_interval: 60s}}
rule_files: [{os.path.abspath("contrib/prometheus/ktlsctl.rules.yml")}]
scrape_configs:
- job_name: fleet
  file_sd_configs: [{{files: [hosts.json]}}]
""")


def own_metrics(prometheus):
    out = {}
    for line in servers.get(prometheus.url + "/metrics", 60).split("\n"):
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            out[name] = float(value)
    return out


def summed(metrics, name):
    return sum(v for k, v in metrics.items() if k.split("{")[0] == name)


def memory_gb(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1]) / 1e6


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load_average():
    with open("/proc/loadavg", encoding="ascii") as f:
        return f.read().split()[0]


def timed(prometheus, expr):
    best = []
    for _ in range(3):
        begin = time.monotonic()
        prometheus.query(expr)
        best.append(time.monotonic() - begin)
    return sorted(best)[1]


def look(prometheus, begin, cpu):
    m = own_metrics(prometheus)
    rules = {k.split(";")[-1].rstrip('"}'): v for k, v in m.items()
             if k.startswith("prometheus_rule_group_last_duration_seconds")}
    value = dict.fromkeys(("up", "slow"))
    for key, expr in (("up", "count(up == 1)"),
                      ("slow", "quantile(0.99, scrape_duration_seconds)")):
        value[key] = (prometheus.query(expr) or [(None, 0.0)])[0][1]
    return {"minute": (time.monotonic() - begin) / 60, "up": int(value["up"]),
            "series": int(m["prometheus_tsdb_head_series"]),
            "samples": m["prometheus_tsdb_head_samples_appended_total"]
            if "prometheus_tsdb_head_samples_appended_total" in m
            else summed(m, "prometheus_tsdb_head_samples_appended_total"),
            "rss": memory_gb(prometheus.process.pid),
            "cpu": cpu_seconds(prometheus.process.pid) - cpu, "slow": value["slow"],
            "rules": rules, "missed": summed(m, "prometheus_rule_group_iterations_missed_total")}


def judge(prometheus, args):
    """The alerts that fire, next to how many were seeded."""
    for alert, fault in (("KtlsDecryptErrors", "errors"), ("KtlsConfigDrift", "drift"),
                         ("KtlsCheckFailed", "fails"), ("KtlsReportStale", None),
                         ("KtlsTextfileBroken", None), ("KtlsOffloadFellBack", None)):
        got = {m["alertstate"]: int(n) for m, n in prometheus.query(
            f'count by (alertstate) (ALERTS{{alertname="{alert}"}})')}
        want = sum(seeded(i, fault) for i in range(args.hosts)) if fault else 0
        print(f"alerts {alert}: {got.get('firing', 0)} fire, {got.get('pending', 0)} wait for "
              f"their time, {want} seeded", flush=True)


def follow(prometheus, args):
    begin, cpu, before = time.monotonic(), cpu_seconds(prometheus.process.pid), None
    print("| minute | hosts up | series | samples/s | GB | cores | slowest 1 % s | rule groups s "
          "(host, fleet, alerts) | missed | load average |\n" + "|---:" * 10 + "|")
    while time.monotonic() - begin < args.minutes * 60:
        time.sleep(min(60, args.minutes * 60))
        try:
            now = look(prometheus, begin, cpu)
        except OSError as error:
            print(f"| {(time.monotonic() - begin) / 60:.1f} | no answer: {error} |", flush=True)
            continue
        seconds = (now["minute"] - (before["minute"] if before else 0)) * 60
        rate = (now["samples"] - (before["samples"] if before else 0)) / seconds
        cores = (now["cpu"] - (before["cpu"] if before else 0)) / seconds
        groups = " ".join(f"{now['rules'].get('ktlsctl-' + g, 0):.2f}"
                          for g in ("host", "fleet", "alerts"))
        print(f"| {now['minute']:.1f} | {now['up']} | {now['series']} | {rate:.0f} | "
              f"{now['rss']:.1f} | {cores:.2f} | {now['slow']:.3f} | {groups} | "
              f"{now['missed']:.0f} | {load_average()} |", flush=True)
        before = now


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--hosts", type=int, default=40000)
    parser.add_argument("--interval", type=int, default=120, help="seconds between scrapes")
    parser.add_argument("--minutes", type=float, default=10)
    args = parser.parse_args()
    tools = engines.root()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    pages = [page for root, share in ROOTS.items() for page in [record(root)] * share]
    port = servers.free_port()
    hosts = multiprocessing.Process(target=serve, args=(port, pages), daemon=True)
    hosts.start()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        try:
            configure(folder, args, port)
            prometheus = servers.Prometheus(tools, folder + "/prometheus.yml", folder + "/data",
                                            "--storage.tsdb.retention.time=2h")
            print(f"{args.hosts} hosts every {args.interval} s, pages of "
                  f"{sum(map(len, pages)) // len(pages)} bytes; {os.cpu_count()} processors, "
                  f"load average {load_average()}")
            follow(prometheus, args)
            for what, expr in QUERIES.items():
                print(f"query, {what}: {timed(prometheus, expr):.2f} s", flush=True)
            judge(prometheus, args)
        finally:
            servers.stop_all()
            hosts.terminate()


if __name__ == "__main__":
    main()
