# SPDX-License-Identifier: MIT
"""Bad input in every place that is read, planted secrets, side effects on the live host."""
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile

SECRETS = ["hunter2", "Mallory", "de:ad:be:ef:00:17", "198.51.100.77", "db17.corp.example",
           "BEGIN PRIVATE KEY"]


def garbage(_path, size):
    return bytes((i * 7919 + (i >> 3)) & 0xff for i in range(size))


# What is put in the place of a file: (name, function of path).
def breakages(outside):
    def replace(make):
        def change(path):
            os.remove(path)
            make(path)
        return change

    def truncate(path):
        os.truncate(path, os.path.getsize(path) // 2)

    def huge(path):
        os.truncate(path, 100 << 20)

    def binary(path):
        with open(path, "wb") as f:
            f.write(garbage(path, 5000))

    return [("missing", os.remove), ("empty", lambda p: os.truncate(p, 0)),
            ("truncated", truncate), ("huge", huge), ("binary", binary),
            ("folder", replace(os.mkdir)), ("fifo", replace(os.mkfifo)),
            ("absolute-link", replace(lambda p: os.symlink(outside, p))),
            ("dots-link", replace(lambda p: os.symlink("../" * 12 + outside, p))),
            ("loop", replace(lambda p: os.symlink(os.path.basename(p), p)))]


def files_of(folder):
    return sorted(os.path.join(top, name) for top, _, names in os.walk(folder)
                  for name in names)


def harmless(t, answer, what):
    """An answer to bad input: a known status, all or nothing on stdout, no secret."""
    if answer.status not in (0, 1, 2, 3):
        raise AssertionError(f"{what}: exit status {answer.status}: {answer.err[-500:]}")
    if answer.out:
        t.valid(json.loads(answer.out))
    if "hunter2" in answer.out + answer.err:
        raise AssertionError(f"{what}: read outside of the root")


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        os.rmdir(path)
    elif os.path.lexists(path):
        os.remove(path)


def every_file_broken(t):
    with tempfile.TemporaryDirectory() as temp:
        outside = temp + "/outside"
        with open(outside, "w") as f:
            f.write("hunter2 tls : hunter2\nflags\t: hunter2\nID=hunter2\n")
        for base in ("debian13-6.12", "arch"):
            copy = temp + "/" + base
            shutil.copytree(t.root(base), copy)
            for whole in files_of(t.root(base)):
                victim = whole.replace(t.root(base), copy)
                for name, change in breakages(outside):
                    change(victim)
                    answer = t.run("--root", copy, "--json")
                    harmless(t, answer, f"{whole} {name}")
                    remove(victim)
                    shutil.copy2(whole, victim)


def no_snapshots(t):
    deep = '{"schema":' + "[" * 500000
    texts = ["", "{}", "[]", "null", "hunter", deep, '{"schema":"ktlsctl.report/1"}',
             '{"schema":"ktlsctl.snapshot/1"}', '{"schema":"ktlsctl.snapshot/1","time_seconds":-1}']
    with tempfile.TemporaryDirectory() as temp:
        t.equal(t.run("--root", temp).status, 2, "empty folder")
        t.equal(t.run("--root", temp + "/none").status, 2, "missing folder")
        for text in texts:
            with open(temp + "/ktlsctl-snapshot.json", "w") as f:
                f.write(text)
            answer = t.run("--root", temp)
            t.equal((answer.status, answer.out, answer.err.count("\n")), (2, "", 1), text[:40])
        t.equal(t.run("--root", temp + "/ktlsctl-snapshot.json").status, 2, "a file")


def unreadable(t):
    if os.geteuid():
        return "needs root to become nobody"
    with tempfile.TemporaryDirectory() as temp:
        os.chmod(temp, 0o755)
        copy = temp + "/copy"
        shutil.copytree(t.root("debian13-6.12-not-loaded"), copy)
        for victim in files_of(copy):
            if victim.endswith("ktlsctl-snapshot.json"):
                continue
            os.chmod(victim, 0)
            answer = t.run("--root", copy, "--json", prefix=t.NOBODY)
            harmless(t, answer, victim)
            for finding in answer.json()["findings"]:
                t.equal(finding["verdict"] == "fail", False, f"{victim}: {finding['reason']}")
            os.chmod(victim, 0o644)
    return None


def live_and_snapshot(t, prefix):
    if prefix and os.geteuid():
        return "needs root to become nobody"
    with tempfile.TemporaryDirectory() as temp:
        os.chmod(temp, 0o777)
        taken = t.run("snapshot", temp + "/s", "--json", prefix=prefix)
        t.equal((taken.status, taken.err), (0, ""))
        t.valid(taken.json())
        live = t.run("--json", prefix=prefix).json()
        again = t.run("--root", temp + "/s", "--json", prefix=prefix).json()
        for report in (live, again):
            # Processes come and go between the two.
            report["findings"] = [f for f in report["findings"]
                                  if not f["id"].startswith("process-")]
            for finding in report["findings"]:
                del finding["duration_us"]
        for key in ("status", "cause", "findings"):
            t.equal(again[key], live[key], key)
        twice = t.run("snapshot", temp + "/s", prefix=prefix)
        t.equal((twice.status, twice.out), (2, ""))
        t.equal(os.listdir(temp), ["s"])
        name = socket.gethostname()
        found = subprocess.run(["grep", "-rlw", name, temp + "/s"], capture_output=True, text=True)
        if len(name) > 3:
            t.equal(found.stdout, "", "host name")


def plant(temp):
    """Files full of secrets, and where they go."""
    places = {
        "/etc/modprobe.d/planted.conf": "install tls PASS=hunter2 /bin/sh -c 'curl hunter2'\n"
        "options tls key=hunter2\n# Mallory\n",
        "/etc/modules-load.d/planted.conf": "# hunter2 Mallory\ntls\nnic_de:ad:be:ef:00:17\n",
        "/etc/sysctl.d/planted.conf": "# hunter2 Mallory\nkernel.hostname = db17.corp.example\n"
        "net.ipv4.tcp_rmem = 4096 131072 6291456 # hunter2\n",
        "/etc/os-release": 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian"\nOWNER=Mallory\n'
        "HOME_URL=http://db17.corp.example\n",
    }
    commands = []
    for path, text in places.items():
        source = temp + "/" + path.replace("/", "_")
        with open(source, "w") as f:
            f.write(text)
        if path == "/etc/os-release":
            commands.append(f"mount --bind {source} {os.path.realpath(path)}")
        else:
            folder = os.path.dirname(path)
            commands.append(f"mkdir -p {folder} && mount -t tmpfs none {folder} && "
                            f"cp {source} {path}")
    return commands


def planted_secrets(t):
    if os.geteuid():
        return "needs root to plant them in a mount namespace"
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        return "no mount namespace to be had here (a chroot that is no mount point)"
    with tempfile.TemporaryDirectory() as temp:
        home = temp + "/home"
        os.makedirs(home + "/Mallory")
        with open(home + "/Mallory/o.cnf", "w") as f:
            f.write("openssl_conf = i # hunter2\npassword = hunter2\n[i]\nssl_conf = s\n[s]\n"
                    "system_default = d\n[d]\nOptions = KTLS\nCipherString = hunter2\n"
                    "-----BEGIN PRIVATE KEY-----\nhost = db17.corp.example 198.51.100.77\n"
                    "mac = de:ad:be:ef:00:17\n.include /home/Mallory/more.cnf\n")
        with open(home + "/Mallory/more.cnf", "w") as f:
            f.write("# hunter2\n")
        steps = plant(temp) + [f"mount --bind {home} /home", f"mkdir {temp}/out",
                               "python3 -c 'import ssl, time; print(flush=True); time.sleep(60)' "
                               "hunter2 db17.corp.example | head -n 1 & sleep 1",
                               f"{t.PROGRAM} snapshot {temp}/out/s", "pkill -P $$ python3", f"{t.PROGRAM} --json -v",
                               f"{t.PROGRAM} --debug", f"{t.PROGRAM} --root {temp}/out/s --json"]
        done = subprocess.run(["unshare", "-m", "sh", "-c", "\n".join(steps)],
                              env={**t.ENV, "OPENSSL_CONF": "/home/Mallory/o.cnf"},
                              capture_output=True, text=True)
        kept = "".join(open(p, errors="replace").read() + p for p in files_of(temp + "/out/s"))
        assert "Options = KTLS" in kept, done.stderr[-800:]
        assert '"python3"' in kept, "the process with secrets in its command line"
        assert "/home/user/more.cnf" in kept
        for secret in SECRETS:
            assert secret not in kept.replace(temp, ""), secret + " in the snapshot"
            if secret != "Mallory":  # a path one gave oneself may be named on the screen
                assert secret not in done.stdout + done.stderr, secret + done.stderr
        assert '"openssl-option"' in done.stdout
    return None


def side_effects(t):
    if not shutil.which("strace") or t.SANITIZED:
        return "no strace, or a sanitizer that opens files of its own"
    log = tempfile.NamedTemporaryFile(mode="r")
    t.run("-f", "-o", log.name, "-e", "trace=execve,socket,openat,open,creat,openat2,unlink,rename",
          t.PROGRAM, program="/usr/bin/strace")
    lines = log.read().split("\n")
    calls = [line.split(" ", 1)[1].strip() for line in lines if " " in line]
    t.equal(sum(c.startswith("execve(") for c in calls), 1, "execve")
    # Netlink of what is there anyway (sock_diag would load a module), and a socket that the
    # ethtool ioctl is asked through.
    allowed = re.compile(r"socket\(AF_NETLINK, SOCK_RAW\|SOCK_CLOEXEC, NETLINK_(ROUTE|GENERIC)\)"
                         r"|socket\(AF_UNIX, SOCK_DGRAM\|SOCK_CLOEXEC, 0\)")
    t.equal([c for c in calls if c.startswith("socket(") and not allowed.match(c)], [])
    t.equal([c for c in calls if any(w in c for w in ("O_WRONLY", "O_RDWR", "O_CREAT", "creat(",
                                                      "unlink(", "rename("))], [])
    assert any(c.startswith("openat(") for c in calls)
    return None


def nobody_agrees(t):
    if os.geteuid():
        return "needs root to become nobody"
    mine, theirs = (t.run("--json", prefix=p).json() for p in ((), t.NOBODY))
    known = {f["reason"]: f["verdict"] for f in mine["findings"]}
    for finding in theirs["findings"]:
        if finding["verdict"] in ("fail", "ok"):
            t.equal(known.get(finding["reason"], finding["verdict"]), finding["verdict"],
                    finding["id"])
    return None


def tests(t):
    for name, function in (
            ("bad/every-file-broken", every_file_broken), ("bad/no-snapshot", no_snapshots),
            ("bad/unreadable-is-unknown", unreadable),
            ("snapshot/as-root", lambda t: live_and_snapshot(t, ())),
            ("snapshot/as-nobody", lambda t: live_and_snapshot(t, t.NOBODY)),
            ("snapshot/planted-secrets", planted_secrets),
            ("live/side-effects", side_effects), ("live/nobody-agrees", nobody_agrees)):
        t.test(name)(lambda f=function: f(t))
