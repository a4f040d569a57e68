#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Pages to look at: samples.py FOLDER writes one of each kind there, with build/ktlsctl.

The bench is made up: its numbers are round ones by hand, so that a page has lines to draw.
"""
import json
import os
import subprocess
import sys

SIZES = [64, 1024, 4096, 16384, 65536, 1 << 20]
MODES = [("openssl", "OpenSSL", 1.9e9), ("ktls", "kTLS", 2.3e9),
         ("ktls-sendfile", "kTLS sendfile", 3.4e9), ("ktls-zerocopy", "kTLS sendfile, zero-copy", 0),
         ("ktls-uring", "kTLS over io_uring", 2.5e9), ("plain", "plain TCP", 6.1e9)]
NIC = "no NIC encrypts on this path: only there does TLS_TX_ZEROCOPY_RO do anything"
# name: unit, and what part of a nanosecond or byte it is for each byte a second.
FIGURES = {"throughput": "bytes_per_second", "rate": "per_second", "sender_cpu": "ns_per_gib",
           "sender_user": "ns_per_gib", "sender_system": "ns_per_gib", "receiver_cpu": "ns_per_gib",
           "receiver_user": "ns_per_gib", "receiver_system": "ns_per_gib", "softirq": "ns_per_gib",
           "sender_calls": "per_gib", "copies": "bytes_per_gib", "latency_mean": "ns",
           "latency_p50": "ns", "latency_p99": "ns", "latency_p999": "ns", "connect": "ns",
           "handshake": "ns", "attach": "ns", "of_ceiling": "permille"}


def figure(name, value, base, **more):
    """One with an interval of 3 % to both sides, beside that of the baseline."""
    ratio = round(1000 * value / base) if base else 0
    better = (ratio > 1000) == (name in ("throughput", "rate", "of_ceiling"))
    change = "none" if not base else "no_difference" if 970 < ratio < 1030 else \
        "better" if better else "worse"
    return {"name": name, "unit": FIGURES[name], "source": "measured", "why": "",
            "value": round(value), "low": round(value * 0.97), "high": round(value * 1.03),
            "change": change, "ratio_permille": ratio, "ratio_low_permille": round(ratio * 0.97),
            "ratio_high_permille": round(ratio * 1.03), **more}


def values(mode, size, speed):
    """What a mode comes to, by its speed with large messages and a price for each call."""
    rate = 1 / (1 / speed + 700e-9 / size)
    call = 1e9 * (1 << 30) / size / 1e9
    cpu = 1e9 * (1 << 30) / rate
    kernel = 0.25 if mode == "openssl" else 0.96
    return {"throughput": rate, "rate": rate / size, "sender_cpu": cpu,
            "sender_user": cpu * (1 - kernel), "sender_system": cpu * kernel,
            "receiver_cpu": cpu * 0.9, "receiver_user": cpu * 0.6, "receiver_system": cpu * 0.3,
            "softirq": cpu * 0.1, "sender_calls": call, "copies": (2 << 30) if mode == "openssl"
            else 1 << 30, "latency_mean": 1.2e9 * size / rate + 9000,
            "latency_p50": 1.1e9 * size / rate + 8000, "latency_p99": 2.5e9 * size / rate + 30000,
            "latency_p999": 6e9 * size / rate + 200000, "connect": 60e3, "handshake": 850e3,
            "attach": 0 if mode in ("openssl", "plain") else 22e3, "of_ceiling": rate / 4.1e6}


def result(mode, title, speed, size, names):
    shown = values(mode, size, speed or 1)
    base = values("openssl", size, MODES[0][2]) if mode != "openssl" else {}
    figures = [figure(n, shown[n], base.get(n)) for n in names] if speed else []
    for f in figures:
        if f["name"] == "copies":
            f.update(source="derived", why="follows from how the mode works")
        if f["name"] == "softirq" or (f["name"] == "sender_cpu" and size == 1024 and mode == "plain"):
            f.update(source="unavailable", why="/proc/stat does not count it here", value=0, low=0,
                     high=0, change="none")
    return {"mode": mode, "title": title, "present": bool(speed), "reason": "" if speed else NIC,
            "baseline": mode == "openssl", "rounds": 7 if speed else 0, "operations": 100000,
            "bytes": 100000 * size, "figures": figures,
            "proofs": [{"witness": "tls_stat", "saw": "TlsTxSw +7", "right": True}]
            if "ktls" in mode and speed else []}


def group(workload, direction, size, names, factor=1.0):
    return {"workload": workload, "direction": direction, "tls": "TLSv1.3",
            "suite": "TLS_AES_128_GCM_SHA256", "cipher": "aes-gcm-128", "message_bytes": size,
            "connections": 1,
            "results": [result(m, t, s * factor, size, names) for m, t, s in MODES]}


def bench(factor=1.0, answer="A sample with made-up numbers: kTLS sends 21 % faster than OpenSSL"):
    bulk = [n for n in FIGURES if not n.startswith("latency") and
            n not in ("rate", "connect", "handshake", "attach")]
    asks = ["rate"] + [n for n in FIGURES if n.startswith("latency")] + bulk[1:7]
    closes = ["rate", "connect", "handshake", "attach", "latency_p50", "latency_p99",
              "latency_p999"]
    groups = [group("bulk", "send", s, bulk, factor) for s in SIZES] + \
        [group("bulk", "receive", s, bulk, factor * 0.8) for s in (1024, 16384)] + \
        [group("rpc", "both", s, asks, factor) for s in (128, 1024, 16384)] + \
        [group("close", "both", 4096, closes, factor)]
    return {"schema": "ktlsctl.bench/1", "tool_version": "1.0.0", "time_ms": 1795261191000,
            "complete": True, "ended": "complete", "path": "loopback", "answer": answer, "rounds": 7,
            "run_ms": 200, "total_ms": 43000,
            "host": {"kernel": "6.12.117+deb13-amd64", "openssl": "3.5.7",
                     "cpu": "A processor that does not exist", "cpus": 8, "environment": "virtual",
                     "label": "Measured in a virtual machine: the host's other guests and its "
                     "scheduler are in every figure."},
            "noise": {"quiet": True, "text": "quiet: 0.2 % steal, 0.5 % other load", "known": True,
                      "steal_permille": 2, "other_permille": 5, "frequency_min_khz": 0,
                      "frequency_max_khz": 0, "spread_permille": 30},
            "harness": {"operation_ns": 85, "sample_ns": 19, "histogram_ns": 3},
            "ceilings": [{"cipher": "aes-gcm-128", "libcrypto_bytes_per_second": 4100000000,
                          "kernel_bytes_per_second": 3600000000,
                          "kernel_source": "derived: CPU of kTLS less that of plain TCP",
                          "af_alg_bytes_per_second": 3100000000},
                         {"cipher": "chacha20-poly1305", "libcrypto_bytes_per_second": 2300000000,
                          "kernel_bytes_per_second": 0,
                          "kernel_source": "no mode of kernel TLS was measured",
                          "af_alg_reason": "the module algif_aead is not loaded, and trying "
                          "might load it"}],
            "groups": groups,
            "advice": [{"workload": "bulk", "advice": "on", "mode": "ktls-sendfile",
                        "text": "Files are sent 79 % faster: sendfile encrypts out of the page cache."},
                       {"workload": "receive", "advice": "no_difference", "mode": "",
                        "text": "What is received costs the same."},
                       {"workload": "close", "advice": "off", "mode": "",
                        "text": "Every connection pays for handing the keys over, and ends before it "
                        "is worth it."}]}


def times(mean):
    """A distribution by its mean."""
    return {"count": 9000, "mean_ns": mean, "min_ns": mean // 2, "p50_ns": mean * 9 // 10,
            "p99_ns": mean * 3, "p999_ns": mean * 9, "max_ns": mean * 40}


def latency():
    stages = ["nic", "wake", "call", "decrypt", "parse", "callback"]
    means = {"ktls": [0, 6200, 900, 2100, 400, 150], "user": [0, 6300, 950, 3900, 420, 150]}

    def stage(word, mean, total):
        return {"stage": word, "available": mean > 0,
                "why": "" if mean else "this NIC has no clock of its own",
                "time": times(mean), "share_permille": 1000 * mean // total}

    def way(word):
        total = sum(means[word])
        return {"way": word, "measured": True, "why": "",
                "address": "192.0.2.1:443", "tls": "TLSv1.3", "suite": "TLS_AES_128_GCM_SHA256",
                "cipher": "aes-gcm-128", "receives": "kernel" if word == "ktls" else "user",
                "begins": "kernel",
                "stages": [stage(s, m, total) for s, m in zip(stages, means[word])],
                "total": times(total), "sum_ns": total, "difference_ns": 0, "error_ns": 60,
                "warm": 100, "early": 0, "awake": 3, "implausible": 0, "unmatched": 0,
                "stamps_apart": times(40), "connections": 1, "message_bytes": 512}

    return {"schema": "ktlsctl.latency/1", "tool_version": "1.0.0", "url": "wss://192.0.2.1/",
            "ask": "echo", "answer": "A sample with made-up numbers: kTLS takes 9.8 µs, libssl 11.7 µs",
            "ended": "complete", "kernel": "6.12.117+deb13-amd64", "openssl": "3.5.7",
            "engine": "uring", "engine_why": "",
            "pin": {"cpu": 2, "device": "eth0", "node": 0, "why": ""},
            "hwtstamp": {"asked": True, "set": False, "why": "this NIC has no clock of its own",
                         "device": "eth0", "clock": "", "error_ns": 0},
            "cost": {"clock_ns": 25, "message_ns": 310},
            "ways": [way("ktls"), way("user")], "run_ms": 9000}


def main(folder, program="build/ktlsctl"):
    def run(*args):
        return subprocess.run([program, *args], capture_output=True, check=False)

    os.makedirs(folder, exist_ok=True)
    reports = []
    for name in ("nginx", "edge-bad", "old-openssl", "debian13-6.12"):
        made = run("--root", "tests/roots/" + name, "--json", "--html", f"{folder}/{name}.html")
        reports.append(f"{folder}/{name}.json")
        with open(reports[-1], "wb") as f:
            f.write(made.stdout)
    for name, factor in (("nginx", 1.0), ("debian13-6", 1.6)):
        with open(f"{folder}/{name}.bench.json", "w") as f:
            json.dump(bench(factor), f)
    with open(f"{folder}/edge.latency.json", "w") as f:
        json.dump(latency(), f)
    print(run("fleet", "html", f"{folder}/latency.html", f"{folder}/edge.latency.json"))
    run("probe", "--html", f"{folder}/probe.html")
    print(run("fleet", "html", f"{folder}/bench.html", f"{folder}/nginx.bench.json"))
    print(run("fleet", "html", f"{folder}/fleet.html", *reports, f"{folder}/nginx.bench.json",
              f"{folder}/debian13-6.bench.json"))


if __name__ == "__main__":
    main(*sys.argv[1:])
