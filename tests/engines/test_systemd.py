#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""contrib/systemd under Debian's systemd, the first process of a pid namespace: the sandbox
is the real one, and what the program sees in it is compared with what root sees."""
import json
import os
import re

import engines

UNITS = engines.TOP + "/contrib/systemd"
FOLDER = "/var/lib/prometheus/node-exporter"
NAME = "ktlsctl-export.service"
DROPIN = f"/etc/systemd/system/{NAME}.d/"
LIMIT = 1.9
# A server of somebody else, with libssl mapped, in a folder that only he may list, with a
# connection: what it takes all three capabilities to tell of.
SERVER = """
import os, socket, ssl, time
os.setgid(65534); os.setuid(65534)
a = socket.create_server(("127.0.0.1", 0))
b = socket.create_connection(a.getsockname()); c = a.accept()
open("/tmp/served", "w").close()
time.sleep(600)
"""
# Of the checks: these need CAP_SYS_ADMIN, or speak of the caller itself.
OTHERWISE = {"sockmap": "unknown"}


def differences(a, b):
    """Findings that one report has and the other has not, as check id -> its verdict in b."""
    def rows(report):
        return {(f["id"], json.dumps(f.get("subject"))): f["verdict"] for f in report["findings"]}
    a, b = rows(a), rows(b)
    return {k[0]: b.get(k) for k in a.keys() | b.keys() if a.get(k) != b.get(k)}


def metrics(text):
    """Without those of the time."""
    return [line for line in text.splitlines() if not re.match(r"ktlsctl_report_\w+ ", line)]


def unknown(text):
    return set(re.findall(r'^ktlsctl_unknown\{part="(\w+)"\} 1$', text, re.M))


class Guest:
    def __init__(self, host):
        self.host = host
        for unit in (NAME, "ktlsctl-export.timer"):
            self.put(f"/etc/systemd/system/{unit}", f"{UNITS}/{unit}")
        host.write("/root/server.py", SERVER)
        host.run("sh", "-c", "setsid python3 /root/server.py </dev/null >/dev/null 2>&1 &")
        engines.wait(lambda: not host.run("test", "-e", "/tmp/served", check=False).returncode,
                     host.said)
        # So that a drift can be told: a folder for root alone.
        host.run("ktlsctl", "tune", "--set", "net.ipv4.tcp_slow_start_after_idle=0", "--apply")

    def put(self, path, source):
        with open(source, encoding="ascii") as f:
            self.host.write(path, f.read())

    def start(self, *service):
        """With these lines beside the unit's own; its file, once it has ended well."""
        self.host.write(DROPIN + "test.conf", "[Service]\n" + "\n".join(service) + "\n")
        file = self.host.root + FOLDER + "/ktlsctl.prom"
        if os.path.exists(file):
            os.unlink(file)
        self.host.run("systemctl", "daemon-reload")
        done = self.host.run("systemctl", "start", NAME, check=False)
        if done.returncode:
            raise AssertionError(done.stderr + self.host.run(
                "journalctl", "--no-pager", "-n", "30", "-u", NAME).stdout)
        with open(file, encoding="utf-8") as f:
            return f.read()

    def report(self, *service):
        return json.loads(self.start("ExecStart=", "ExecStart=/usr/bin/ktlsctl export --format=json "
                                     f"--output {FOLDER}/ktlsctl.prom", *service))

    def as_root(self, form):
        return self.host.run("ktlsctl", "export", "--format=" + form).stdout

    def exposure(self, file):
        out = self.host.run("systemd-analyze", "security", "--offline=yes", "--no-pager", file).stdout
        return float(re.search(r"Overall exposure level for \S+: ([\d.]+)", out)[1])


def capabilities(*names):
    words = " ".join("CAP_" + n for n in names)
    return ["CapabilityBoundingSet=", "AmbientCapabilities=", "CapabilityBoundingSet=" + words,
            "AmbientCapabilities=" + words]


def tests(suite, guest):
    host = guest.host

    @suite.test("verify")
    def _():
        for unit in (NAME, "ktlsctl-export.timer"):
            done = host.run("systemd-analyze", "verify", "--man=no", "/etc/systemd/system/" + unit)
            assert not done.stdout + done.stderr, done.stdout + done.stderr

    @suite.test("exposure-below-2")
    def _():
        level = guest.exposure("/etc/systemd/system/" + NAME)
        print(f"# exposure {level}")
        assert level <= LIMIT, level
        with open(f"{UNITS}/{NAME}", encoding="ascii") as f:
            worse = f.read().replace("User=prometheus", "").replace("ProtectProc=invisible", "")
        host.write("/root/worse/ktlsctl-export.service", worse)
        assert guest.exposure("/root/worse/ktlsctl-export.service") > LIMIT

    @suite.test("sees-what-root-sees")
    def _():
        inside, outside = guest.report(), json.loads(guest.as_root("json"))
        assert len(outside["findings"]) > 50, outside
        saw = differences(outside, inside)
        for check, verdict in OTHERWISE.items():
            assert saw.pop(check, verdict) == verdict, saw
        assert not saw, saw

    @suite.test("writes-what-root-writes")
    def _():
        inside, outside = metrics(guest.start()), metrics(guest.as_root("prometheus"))
        allowed = re.compile(r'ktlsctl_findings\{level="(skip|ok|info|unknown)"\}|'
                             r'ktlsctl_check_not_ok\{category="use",check="sockmap"|'
                             r"# (HELP|TYPE) ")
        odd = [line for line in set(inside) ^ set(outside) if not allowed.match(line)]
        assert not odd, odd
        assert "ktlsctl_tune_applied_keys 1" in inside, "\n".join(inside)
        mode = os.stat(host.root + FOLDER + "/ktlsctl.prom").st_mode & 0o777
        assert mode == 0o644, oct(mode)

    @suite.test("every-capability-is-needed")
    def _():
        assert not unknown(guest.start()), guest.start()
        saw = unknown(guest.start(*capabilities("NET_ADMIN", "SYS_PTRACE")))
        assert saw == {"owners", "tune"}, saw
        text = guest.start(*capabilities("NET_ADMIN", "DAC_READ_SEARCH"))
        assert unknown(text) == {"owners"}, text
        assert 'check="process-scan",level="unknown"' in text, text

    @suite.test("without-net-admin")
    def _():
        with open(UNITS + "/without-net-admin.conf", encoding="ascii") as f:
            lines = f.read().split("[Service]\n")[1].splitlines()
        text = guest.start(*lines)
        kernel = tuple(int(n) for n in os.uname().release.split(".")[:2])
        assert unknown(text) == (set() if kernel >= (6, 15) else {"sockets"}), text

    @suite.test("timer")
    def _():
        host.write(DROPIN + "test.conf", "")
        host.run("systemctl", "daemon-reload")
        host.run("systemctl", "enable", "--now", "ktlsctl-export.timer")
        shown = host.run("systemctl", "show", "ktlsctl-export.timer", "-p",
                         "RandomizedDelayUSec,FixedRandomDelay,ActiveState").stdout
        for line in ("RandomizedDelayUSec=2min", "FixedRandomDelay=yes", "ActiveState=active"):
            assert line in shown.splitlines(), shown


def main():
    network = engines.Network(engines.enclose(300))
    if not os.environ["KTLSCTL_ENGINES_CGROUP"]:
        engines.skip("systemd needs control groups of version 2")
    suite = engines.Suite("systemd")
    host = network.host("guest", engines.SYSTEMD)
    engines.wait(lambda: host.run("systemctl", "is-system-running", check=False).stdout.strip()
                 in ("running", "degraded"), host.said)
    tests(suite, Guest(host))
    raise SystemExit(bool(suite.failures))


main()
