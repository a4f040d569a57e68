# SPDX-License-Identifier: MIT
"""Plans on snapshots, profiles of anybody, and that a plan touches nothing."""
import os
import re
import shutil
import tempfile

PROFILES = ["baseline", "latency", "offload", "streaming", "throughput", "websocket"]
# A host without cards, one seen by nobody, a card that offloads, two nodes, mlx5 and tuned.
PLANNED = ["debian12-6.1", "debian13-6.12-nobody", "offload-nic", "numa", "connectx-stock", "tuned"]


def plan(t, *args, **more):
    answer = t.run("tune", *args, "--json", **more)
    t.equal((answer.status, answer.err), (0, ""), str(args))
    document = answer.json()
    t.valid(document)
    t.equal(document["changed"], False)
    t.equal(document["reboot_required"], any(i["needs_reboot"] for i in document["items"]))
    return document


def states(document):
    return {i["key"]: i["state"] for i in document["items"]}


def goldens(t):
    for name in PLANNED:
        for profile in PROFILES:
            @t.test(f"tune/{profile}-{name}")
            def _():
                args = ["--profile", profile, "--root", t.root(name)]
                text = t.run("tune", *args)
                t.equal((text.status, text.err), (0, ""))
                t.golden(f"tune-{profile}-{name}", "text", text.out)
                document = plan(t, *args)
                for item in document["items"]:
                    assert item["because"] and item["source"], item
                    assert item["state"] in ("change", "right") or item["why"], item
                changes = [i for i in document["items"] if i["state"] == "change"]
                assert f"{len(changes)} change" in text.out.split(". Nothing")[0].replace("\n", " ")
                for item in changes:
                    assert item["now"] != item["wanted"], item


def keys(t):
    listed = t.run("tune", "keys", "--json").json()
    t.valid(listed)
    text = t.run("tune", "keys").out
    assert len(listed["tunables"]) > 30, listed
    for key in listed["tunables"]:
        assert re.search(rf"^(\S+/)?{re.escape(key['id'])}$", text, re.M), key
    by_id = {key["id"]: key for key in listed["tunables"]}
    t.equal((by_id["net.ipv4.tcp_rmem"]["file"], by_id["nic.rps-cpus"]["device"]),
            ("/etc/sysctl.d/60-ktlsctl.conf", "IF/rx-N"))
    t.equal(t.run("tune", "keys", "x").status, 2)


def profiles(t):
    listed = t.run("tune", "list", "--json").json()
    t.valid(listed)
    t.equal([p["name"] for p in listed["profiles"]], PROFILES)
    for profile in listed["profiles"]:
        one = t.run("tune", "show", profile["name"], "--json").json()
        t.valid(one)
        t.equal(one["profiles"], [profile])
        with open(f"profiles/{profile['name']}.profile") as f:
            own = re.findall(r"^\[(?!profile\])(.+)\]$", f.read(), re.M)
        t.equal(set(own) - {s["key"] for s in profile["settings"]}, set())
        text = t.run("tune", "show", f"profiles/{profile['name']}.profile").out
        assert all(key in text for key in own), text
    assert t.run("tune", "list").out.startswith("baseline ")


def options(t):
    where = ["--root", t.root("offload-nic")]
    full = plan(t, "--profile", "latency", *where)
    only = plan(t, "--profile", "latency", "--only", "net.core,tlsnic0/nic.rx-usecs", *where)
    skip = plan(t, "--profile", "latency", "--skip", "net.core", *where)
    t.equal(only["items"][0]["key"], full["items"][0]["key"])
    t.equal({k for k, v in states(only).items() if v != "skipped"} - {"tlsnic0/nic.rx-usecs"},
            {"net.core.busy_poll", "net.core.busy_read"})
    t.equal({k for k, v in states(skip).items() if v == "skipped"},
            {"net.core.busy_poll", "net.core.busy_read"})
    alone = plan(t, "--set", "net.core.default_qdisc=fq", *where)
    t.equal((states(alone), alone["reboot_required"], alone["profile"]),
            ({"net.core.default_qdisc": "change"}, True, "--set"))
    more = plan(t, "--profile", "baseline", "--set", "net.core.somaxconn=9000", "--set",
                "tlsnic0/nic.rx-ring=512", *where)
    assert {"module.tls", "net.core.somaxconn", "tlsnic0/nic.rx-ring"} <= set(states(more))
    t.equal(states(plan(t, "--set", "nic.rx-ring=512", "--device", "tlsnic0", *where)),
            {"tlsnic0/nic.rx-ring": "change"})
    text = t.run("tune", "--set", "net.ipv4.tcp_rmem=4096 131072 8388608", *where).out
    assert text.endswith(": ktlsctl tune --set 'net.ipv4.tcp_rmem=4096 131072 8388608'\n"), text
    t.run("tune", "--profile", "latency", "-v", *where, env={"LC_ALL": "C"}).out.encode("ascii")


def owners(t):
    with tempfile.TemporaryDirectory() as temp:
        host = temp + "/host"
        shutil.copytree(t.root("offload-nic"), host)
        os.makedirs(host + "/etc/sysctl.d", exist_ok=True)
        with open(host + "/etc/sysctl.d/90-db.conf", "w") as f:
            f.write("# ours\nnet.core.somaxconn = 4096\n")
        args = ["--set", "net.core.somaxconn=9000", "--root", host]
        item = plan(t, *args)["items"][0]
        t.equal((item["owner"], item["boot"]), ("/etc/sysctl.d/90-db.conf:2",
                                                "/etc/sysctl.d/90-db.conf:2 sets 4096"))
        assert item["warning"].endswith("boot sets it to 4096; --persist wants --force"), item
        os.makedirs(host + "/run/irqbalance")
        os.makedirs(host + "/etc/tuned/mine")
        os.makedirs(host + "/run/tuned")
        for path, content in (("run/tuned/tuned.pid", "1\n"), ("etc/tuned/active_profile", "mine\n"),
                              ("etc/tuned/mine/tuned.conf", "[sysctl]\nnet.core.somaxconn=777\n")):
            with open(os.path.join(host, path), "w") as f:
                f.write(content)
        item = plan(t, *args)["items"][0]
        t.equal((item["state"], item["why"]),
                ("refused", "tuned (mine) sets it to 777, at every start"))
        t.equal(plan(t, *args, "--force")["items"][0]["state"], "change")


NGINX = {"program": "nginx", "where": "the http block of /etc/nginx/nginx.conf",
         "lines": ["ssl_conf_command Options KTLS;"], "then": "nginx -t && nginx -s reload"}


def by_hand(t):
    with tempfile.TemporaryDirectory() as temp:
        for profile in PROFILES:
            bulk = profile in ("throughput", "offload", "streaming")
            found = plan(t, "--profile", profile, "--root", t.root("nginx"))["by_hand"]
            t.equal(found, [NGINX] if bulk else [], profile)
        t.equal(plan(t, "--profile", "throughput", "--root", t.root("numa"))["by_hand"], [])
        host = temp + "/host"
        shutil.copytree(t.root("numa"), host)
        os.makedirs(host + "/run/irqbalance")
        args = ["--set", "nic.irq-affinity=near", "--root", host]
        (block,) = plan(t, *args)["by_hand"]
        t.equal((block["program"], block["lines"][0], len(block["lines"])), ("irqbalance", "#!/bin/sh", 3))
        assert all(line in t.run("tune", *args).out for line in block["lines"])
        # What irqbalance calls with the folder of a device, and the number of its interrupt.
        script, (nic, node) = temp + "/policy", re.search(r"net/(\w+)\".*numa_node=(\d+)", block["lines"][1]).groups()
        with open(script, "w") as f:
            f.write("\n".join(block["lines"]) + "\n")
        os.chmod(script, 0o755)
        for folder, want in ((f"pci/net/{nic}", f"numa_node={node}\n"), ("other/net/eth7", ""),
                             (f"sys/class/net/{nic}", ""),
                             (f"pci2/virtio0/net/{nic}", f"numa_node={node}\n")):
            os.makedirs(f"{temp}/{folder}")
            answer = t.run(f"{temp}/{folder.split('/', maxsplit=1)[0]}", "45", program=script)
            t.equal((answer.status, answer.out), (0, want), folder)


def fixes(t):
    seen = set()
    for name in t.ROOTS:
        where = ["--root", t.root(name)]
        for finding in t.run(*where, "--json").json()["findings"]:
            tunables = (finding["remedy"] or {}).get("tunables", [])
            for tunable in tunables:
                items = plan(t, "--set", tunable, *where)["items"]
                assert items, tunable
                seen.add(items[0]["tunable"])
            if tunables:
                wanted = {x.split("=")[0].split("/")[-1] for x in tunables}
                planned = plan(t, f"--fix={finding['id']}", *where)["items"]
                assert wanted <= {i["tunable"] for i in planned}, (name, finding["id"])
        plan(t, "--fix", *where)
    t.equal(seen, {"module.tls", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
                   "net.ipv4.tcp_moderate_rcvbuf", "net.ipv4.tcp_slow_start_after_idle",
                   "nic.rx-ring", "nic.tx-ring", "nic.irq-affinity", "nic.tls-hw-tx-offload",
                   "nic.tls-hw-rx-offload", "cpu.energy-preference"})
    t.golden("tune-fix-edge-bad", "text", t.run("tune", "--fix", "--root", t.root("edge-bad")).out)
    nginx = t.run("tune", "--fix", "--root", t.root("nginx")).out
    assert "http block of /etc/nginx/nginx.conf:\n      ssl_conf_command Options KTLS;\n" in nginx, nginx
    loud = t.run("tune", "--set", "openssl.ktls=on", "--root", t.root("offload-nic")).out
    assert "EVERY program" in loud and "(openssl-keyupdate)" in loud, loud


KEY = "[net.core.somaxconn]\nbecause = x\n"
BAD = {  # text of a profile, and what is said of it
    "unknown": ("[net.core.somaxcon]\nvalue = 1\n", ":2: unknown key 'net.core.somaxcon'; did you "
                                                    "mean net.core.somaxconn?"),
    "range": (KEY + "value = 1\n", ":3: net.core.somaxconn: '1' is out of range: 64 to 65535"),
    "include": ("[profile]\ninclude = nosuch\n", ":2: there is no profile 'nosuch'"),
    "condition": (KEY + "value = 99\nwhen = x\n", ":4: net.core.somaxconn: 'x' is no condition"),
    "line": ("[profile]\n\nx\n", ":3: neither [section] nor key = value"),
    "huge": ("x" * (10 << 20), ":1: larger than 1 MiB"),
    "long": ("x" * 5000, ":1: neither [section]"),
    "server": ("[profile]\nservers = apache\n", ":2: 'apache' is no server whose lines are known"),
    "binary": ("\x01\x1b[31m=\x7f\n", ":1: no [section]"),
}


def bad_profiles(t):
    with tempfile.TemporaryDirectory() as temp:
        cases = [(f"{temp}/{name}", words) for name, (_, words) in BAD.items()]
        for name, (text, _) in BAD.items():
            with open(f"{temp}/{name}", "w") as f:
                f.write(text)
        for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
            with open(f"{temp}/{name}.profile", "w") as f:
                f.write(f"[profile]\nsummary = x\ninclude = {temp}/{other}.profile\n")
        with open(temp + "/garbage", "wb") as f:
            f.write(bytes((i * 7919 + (i >> 3)) & 0xff for i in range(10 << 20)))
        cases += [(temp + "/a.profile", f"{temp}/c.profile:3: include goes in a circle"),
                  (temp + "/garbage", "/garbage:1: larger"), (temp + "/nosuch", "no profile"),
                  (temp, "")]
        for path, words in cases:
            for args in (["--profile", path], ["show", path]):
                answer = t.run("tune", *args, "--root", t.root("nginx"))
                t.equal((answer.status, answer.out, answer.err.count("\n")), (2, "", 1), path)
                assert words in answer.err, (path, answer.err)
                assert answer.err.strip("\n").isprintable(), answer.err
            document = t.run("tune", "--profile", path, "--json").json()
            t.equal(document["schema"], "ktlsctl.error/1")


def errors(t):
    where = ["--root", t.root("nginx")]
    for args, words in ((["shw"], "did you mean show?"), (["show"], "which profile"),
                        (["list", "x"], "'x' is too much"), (["show", "a", "b"], "'b'"),
                        (["--profile", "nosuch"], "no profile 'nosuch'"), (["--profile="], "--profile"),
                        (["--set", "net.core.somaxcon=1"], "did you mean net.core.somaxconn?"),
                        (["--set", "net.core.somaxconn=1"], "out of range"),
                        (["--set", "net.core.somaxconn"], "KEY=VALUE"), (["--only", "nosuch"], "--only"),
                        (["--skip", "eth0/nosuch"], "--skip"), (["--fix=nosuch"], "--fix"),
                        (["--fix", "--profile", "latency"], "one of them"),
                        (["--device", "nosuch0"], "'nosuch0'"), (["--format=nagios"], "text and json")):
        answer = t.run("tune", *args, *where)
        nagios = "--format=nagios" in args
        t.equal((answer.status, answer.out, answer.err.count("\n")), (3 if nagios else 2, "", 1),
                str(args))
        assert words in answer.err, (args, answer.err)


def said_before(t):
    if "openssl.ktls" not in states(plan(t, "--set", "openssl.ktls=on")) or \
            states(plan(t, "--set", "openssl.ktls=on"))["openssl.ktls"] != "change":
        return "nothing to be switched on in this openssl.cnf"
    answer = t.run("tune", "--set", "openssl.ktls=on", "--apply", prefix=[] if os.geteuid() else t.NOBODY)
    t.equal(answer.status, 4)
    assert "ktlsctl: openssl.ktls: reaches EVERY program" in answer.err, answer.err
    assert answer.out.startswith("nothing was changed: /var/lib/ktlsctl cannot"), answer.out
    return None


def nobody(t):
    if os.geteuid():
        return "needs root to become nobody"
    for profile in PROFILES:
        mine, theirs = (plan(t, "--profile", profile, prefix=p) for p in ((), t.NOBODY))
        t.equal([i["tunable"] for i in theirs["items"]], [i["tunable"] for i in mine["items"]])
        for a, b in zip(mine["items"], theirs["items"]):
            assert a["state"] == b["state"] or b["state"] == "unknown", (a, b)
            t.equal(b["because"], a["because"])
    return None


def touches_nothing(t):
    if not shutil.which("strace") or t.SANITIZED:
        return "no strace, or a sanitizer that opens files of its own"
    harmless = re.compile(r"socket\(AF_NETLINK, SOCK_RAW\|SOCK_CLOEXEC, NETLINK_(ROUTE|GENERIC)\)"
                          r"|socket\(AF_UNIX, SOCK_DGRAM\|SOCK_CLOEXEC, 0\)")
    changing = ("O_WRONLY", "O_RDWR", "O_CREAT", "creat(", "unlink", "rename", "mkdir", "mount(",
                "_module(", "link", "chmod", "truncate", "setns(", "unshare(")
    for prefix in ([], t.NOBODY):
        for args in (["--profile", "offload"], ["--fix"], ["list"]):
            log = tempfile.NamedTemporaryFile(mode="r")
            os.chmod(log.name, 0o666)
            answer = t.run("-f", "-o", log.name, "-e", "trace=%file,%process,%network,init_module,"
                           "finit_module,delete_module,mount,unshare,setns,ftruncate,fchmod",
                           t.PROGRAM, "tune", *args, program="/usr/bin/strace",
                           prefix=prefix if not os.geteuid() else [])
            t.equal(answer.status, 0, answer.err)
            calls = [line.split(" ", 1)[1].strip() for line in log.read().split("\n") if " " in line]
            t.equal([c for c in calls if c.startswith("socket(") and not harmless.match(c)], [])
            t.equal([c for c in calls if not c.startswith("readlink") and
                     any(w in re.sub(r'"[^"]*"', "", c) for w in changing)], [])
            t.equal(sum(c.startswith("execve(") for c in calls), 1, "execve")
            assert any("/etc/ktlsctl/profiles.d" in c for c in calls) == (args != ["--fix"])
    return None


def tests(t):
    goldens(t)
    for function in (keys, profiles, options, owners, by_hand, fixes, bad_profiles, errors, said_before, nobody,
                     touches_nothing):
        t.test("tune/" + function.__name__.replace("_", "-"))(lambda f=function: f(t))
