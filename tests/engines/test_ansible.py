#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""contrib/ansible with Debian's ansible-core, over ssh, against six hosts of namespaces."""
import glob
import json
import os
import re
import signal
import subprocess
import time

import jsonschema

import engines

SLOW_START = "net.ipv4.tcp_slow_start_after_idle"
NOTSENT = "net.ipv4.tcp_notsent_lowat"
WISHES = {SLOW_START: "0", NOTSENT: "131072"}
DROPIN = "/etc/sysctl.d/60-ktlsctl.conf"
SSHD = """
Port 22
HostKey /etc/ssh/key
PermitRootLogin prohibit-password
AuthorizedKeysFile /etc/ssh/authorized
StrictModes no
UsePAM no
MaxStartups 100
Subsystem sftp internal-sftp
"""
CONFIG = """
[defaults]
inventory = /root/inventory.json
roles_path = /ansible/roles
forks = 6
retry_files_enabled = false
nocows = true
[ssh_connection]
pipelining = true
ssh_args = -o ControlMaster=auto -o ControlPersist=30s -o ConnectTimeout=4 -o ServerAliveInterval=2 -o ServerAliveCountMax=2
"""
# On a host: as soon as the value is ours, somebody sets the old one again, or the host is
# cut off.
POISON = "while sleep 0.2; do [ $(cat {file}) = 1 ] || {{ {then}; }}; done"
STOP_POISON = "kill $(cat /run/poison)"


class Fleet:
    """A controller and six hosts that speak ssh."""

    def __init__(self, network):
        ansible = os.path.join(engines.TOP, "contrib", "ansible")
        self.control = network.host("control", binds=[(ansible, "/ansible")])
        self.control.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/root/key")
        with open(self.control.root + "/root/key.pub", encoding="ascii") as f:
            public = f.read()
        self.hosts = [self._host(network, f"edge{i}", public) for i in range(1, 7)]
        inventory = {"all": {"hosts": {h.name: {"ansible_host": h.address} for h in self.hosts},
                             "vars": {"ansible_user": "root", "ansible_become": False,
                                      "ansible_ssh_private_key_file": "/root/key",
                                      "ansible_python_interpreter": "/usr/bin/python3"}}}
        self.control.write("/root/inventory.json", json.dumps(inventory))
        self.control.write("/root/ansible.cfg", CONFIG)
        known = "".join(f"{h.address} {open(h.root + '/etc/ssh/key.pub').read()}" for h in self.hosts)
        self.control.write("/root/.ssh/known_hosts", known)

    @staticmethod
    def _host(network, name, public):
        host = network.host(name, "until [ -e /etc/ssh/ready ]; do sleep 0.05; done; mkdir /run/sshd;"
                                  "exec /usr/sbin/sshd -D -e -f /etc/ssh/config")
        host.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/etc/ssh/key")
        host.write("/etc/ssh/config", SSHD)
        host.write("/etc/ssh/authorized", public)
        host.write("/etc/ssh/ready", "")
        return host

    def command(self, playbook, *args, **more):
        variables = {"ktlsctl_profile": "", "ktlsctl_set": [f"{k}={v}" for k, v in WISHES.items()],
                     "ktlsctl_serial": 2, "ktlsctl_soak_seconds": 2, "ktlsctl_confirm_within": "120s",
                     **more}
        return ["ansible-playbook", f"/ansible/{playbook}.yml", "-e", json.dumps(variables), *args]

    def play(self, playbook, *args, **more):
        done = self.control.run(*self.command(playbook, *args, **more), check=False, timeout=240,
                                env={"ANSIBLE_CONFIG": "/root/ansible.cfg"})
        return Play(done)

    def reach(self, host):
        """The controller's old connections and its neighbour table take their time."""
        knock = ["ssh", "-o", "ControlPath=none", "-o", "ConnectTimeout=1", "-i", "/root/key",
                 host.address, "true"]
        engines.wait(lambda: not self.control.run(*knock, check=False).returncode, host.said)

    def told(self, hosts):
        return "\n".join(h.run("ktlsctl", "tune", "history", check=False).stdout for h in hosts)

    def states(self):
        return {h.name: state(h) for h in self.hosts}


class Play:
    def __init__(self, done):
        self.status, self.out = done.returncode, done.stdout + done.stderr
        self.recap = {m[1]: {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", m[2])}
                      for m in re.finditer(r"^(edge\d)\s*: (ok=.*)$", self.out, re.M)}

    def changed(self):
        return {name: row["changed"] for name, row in self.recap.items() if row["changed"]}


def values(host):
    read = host.run("sysctl", "-n", *WISHES).stdout.split()
    return dict(zip(WISHES, read))


def last_apply(host):
    return json.loads(host.run("ktlsctl", "tune", "history", "--json").stdout)["applies"][-1]["state"]


def state(host):
    """All that a tune could have left: the keys, and every file that differs from the image."""
    upper = host.dir + "/upper"
    files = sorted((p.removeprefix(upper), os.path.getsize(p))
                   for p in glob.glob(upper + "/**", recursive=True) if os.path.isfile(p))
    keys = host.run("sysctl", "-a", "--pattern", "^net[.]ipv4[.]tcp_", check=False).stdout
    return {"keys": keys, "files": [f for f in files if not f[0].startswith("/root/.ansible/")]}


def without_history(seen):
    """The journal of what was done stays after a revert; that is what it is for."""
    return {"keys": seen["keys"],
            "files": [f for f in seen["files"] if not f[0].startswith("/var/lib/ktlsctl/")]}


def is_tuned(host, persisted=True):
    equal(values(host), WISHES, host.name)
    equal(os.path.exists(host.root + DROPIN), persisted, f"{host.name}: {DROPIN}")
    equal(host.run("ktlsctl", "tune", "verify", check=False).returncode, 0, host.name)


def equal(saw, wanted, what=""):
    if saw != wanted:
        raise AssertionError(f"{what}: saw {saw!r:.1500}, wanted {wanted!r:.1500}")


def poison(host, then):
    file = "/proc/sys/" + SLOW_START.replace(".", "/")
    script = POISON.format(file=file, then=then.format(file=file))
    host.run("sh", "-c", f"setsid sh -c '{script}' >/dev/null 2>&1 & echo $! >/run/poison")


def expect_reverted(fleet, before, names):
    for host in fleet.hosts:
        if host.name in names:
            equal(without_history(state(host)), without_history(before[host.name]), host.name)


def tests(suite, fleet):
    before = fleet.states()

    @suite.test("lint")
    def _():
        fleet.control.run("cp", "-r", "/ansible", "/root/lint")
        fleet.control.run("yamllint", "--strict", "-d",
                          "{extends: default, rules: {line-length: {max: 120}}}", "/root/lint")
        fleet.control.run("env", "-C", "/root/lint", "ansible-lint", "--offline", "--strict",
                          "--profile=production", "diagnose.yml", "tune.yml", "revert.yml",
                          env={"ANSIBLE_CONFIG": "/root/ansible.cfg"})

    @suite.test("diagnose")
    def _():
        play = fleet.play("diagnose", ktlsctl_rollups="/root/fleet.ndjson")
        equal(play.status, 0, play.out)
        # The file here is the only change.
        equal(sum(play.changed().values()), 1, play.out)
        with open(fleet.control.root + "/root/fleet.ndjson", encoding="utf-8") as f:
            rows = [json.loads(line) for line in f]
        with open(engines.TOP + "/share/schema/rollup-1.json", encoding="utf-8") as f:
            schema = json.load(f)
        for row in rows:
            jsonschema.validate(row, schema)
        told = fleet.hosts[0].run("ktlsctl", "export", "--format=ansible").stdout
        equal(play.out.count(json.dumps(json.loads(told)["headline"])), 6, play.out)
        equal(sorted(r["host"] for r in rows), [h.name for h in fleet.hosts])
        equal(fleet.states(), before)

    @suite.test("check-mode-changes-nothing")
    def _():
        play = fleet.play("tune", "--check")
        equal(play.status, 0, play.out)
        equal(play.changed(), {h.name: 1 for h in fleet.hosts}, play.out)
        assert SLOW_START in play.out, play.out
        equal(fleet.states(), before)

    @suite.test("failing-batch-is-taken-back")
    def _():
        one, two, three, four, five, six = fleet.hosts
        poison(four, "echo 1 >{file}")
        play = fleet.play("tune")
        equal(play.status, 2, play.out)
        four.run("sh", "-c", STOP_POISON)
        for host in (one, two):
            is_tuned(host)
        expect_reverted(fleet, before, ("edge3", "edge4"))
        equal(play.recap["edge3"]["failed"], 1, play.out)
        equal(play.recap["edge4"]["failed"], 1, play.out)
        assert "taken back because of edge4" in play.out, play.out
        assert f"Not as written any more: {SLOW_START} is 1, not 0" in play.out, play.out
        for host in (five, six):
            assert host.name not in play.recap, play.out
            equal(state(host), before[host.name], host.name)

    @suite.test("a-command-of-ones-own-decides")
    def _():
        fleet.hosts[5].write("/root/broken", "")
        play = fleet.play("tune", "--limit", "edge5,edge6",
                          ktlsctl_probe_command=["test", "!", "-e", "/root/broken"])
        os.unlink(fleet.hosts[5].root + "/root/broken")
        equal(play.status, 2, play.out)
        assert "taken back because of edge6." in play.out, play.out
        expect_reverted(fleet, before, ("edge5", "edge6"))

    @suite.test("what-somebody-else-has-set-stays-and-is-named")
    def _():
        host = fleet.hosts[5]
        play = fleet.play("tune", "--limit", "edge6", ktlsctl_probe_command=[
            "sh", "-c", f"sysctl -q -w {NOTSENT}=4242; exit 7"])
        equal(play.status, 2, play.out)
        assert "whether it serves ended with 7." in play.out, play.out
        assert f"Taking back was not complete: {NOTSENT} (foreign)." in play.out, play.out
        equal(values(host), {SLOW_START: "1", NOTSENT: "4242"})
        first = re.search(NOTSENT + " = (.*)", before["edge6"]["keys"])[1]
        host.run("sysctl", "-q", "-w", f"{NOTSENT}={first}")
        expect_reverted(fleet, before, ("edge6",))

    @suite.test("a-host-that-is-cut-off-takes-it-back-itself")
    def _():
        lost = fleet.hosts[3]
        poison(lost, "ip link set eth0 down; sleep infinity")
        play = fleet.play("tune", "--limit", "edge3,edge4", ktlsctl_confirm_within="25s")
        equal(play.status, 2, play.out)
        assert "taken back because of edge4" in play.out, play.out
        expect_reverted(fleet, before, ("edge3",))
        engines.wait(lambda: values(lost)[SLOW_START] == "1", lost.said)
        lost.run("sh", "-c", STOP_POISON)
        engines.ip("-n", lost.name, "link", "set", "eth0", "up")
        fleet.reach(lost)
        expect_reverted(fleet, before, ("edge4",))

    @suite.test("a-controller-that-dies-leaves-nothing")
    def _():
        pair = fleet.hosts[2:4]
        command = fleet.command("tune", "--limit", "edge3,edge4", ktlsctl_soak_seconds=60,
                                ktlsctl_confirm_within="8s")
        with subprocess.Popen(
                ["nsenter", "--target", fleet.control.pid(), "--all", "--root", "env", "-i", "-C", "/",
                 "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/root",
                 "ANSIBLE_CONFIG=/root/ansible.cfg", *command],
                stdout=subprocess.DEVNULL, start_new_session=True) as child:
            engines.wait(lambda: all(values(h) == WISHES for h in pair), lambda: fleet.told(pair))
            os.killpg(child.pid, signal.SIGKILL)
        engines.wait(lambda: all(last_apply(h) == "reverted" for h in pair), lambda: fleet.told(pair))
        expect_reverted(fleet, before, ("edge3", "edge4"))

    @suite.test("the-rest-of-the-fleet")
    def _():
        play = fleet.play("tune")
        equal(play.status, 0, play.out)
        equal(play.changed(), {f"edge{i}": 1 for i in (3, 4, 5, 6)}, play.out)
        for host in fleet.hosts:
            is_tuned(host)

    @suite.test("the-second-time-changes-nothing")
    def _():
        tuned = fleet.states()
        play = fleet.play("tune")
        equal(play.status, 0, play.out)
        equal(play.changed(), {}, play.out)
        equal(fleet.states(), tuned)

    @suite.test("revert")
    def _():
        play = fleet.play("revert")
        equal(play.status, 0, play.out)
        equal(play.changed(), {h.name: 1 for h in fleet.hosts}, play.out)
        expect_reverted(fleet, before, [h.name for h in fleet.hosts])
        equal(fleet.play("revert").changed(), {})


def main():
    network = engines.Network(engines.enclose(600))
    suite = engines.Suite("ansible")
    start = time.monotonic()
    fleet = Fleet(network)
    print(f"# {len(fleet.hosts)} hosts in {time.monotonic() - start:.1f} s", flush=True)
    tests(suite, fleet)
    raise SystemExit(bool(suite.failures))


main()
