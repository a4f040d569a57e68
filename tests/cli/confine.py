# SPDX-License-Identifier: MIT
"""What each command gives up: seen from outside, and that its answer stays the same."""
import contextlib
import ctypes
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

# linux/capability.h
CAPS = {"CHOWN": 0, "DAC_OVERRIDE": 1, "DAC_READ_SEARCH": 2, "FOWNER": 3, "FSETID": 4,
        "NET_BIND_SERVICE": 10, "NET_ADMIN": 12, "NET_RAW": 13, "IPC_LOCK": 14,
        "SYS_MODULE": 16, "SYS_PTRACE": 19, "SYS_ADMIN": 21}
LIBC = ctypes.CDLL(None)
OFF = {"KTLSCTL_SANDBOX": "off"}
# Of what a run tells those words differ from run to run.
VARY = re.compile(r'"(\w*duration\w*|\w*_us|\w*_ns|\w*time\w*)":\s*("[^"]*"|[-\d.]+)'
                  r'|_seconds [\d.]+')


def bits(*names):
    return sum(1 << CAPS[name] for name in names)


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


@contextlib.contextmanager
def serving(t, *args, prefix=()):
    process = subprocess.Popen([*prefix, t.PROGRAM, "serve", *args], env=t.ENV, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.where = process.stdout.readline().split()[-1]
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def landlock(t):
    said = t.run("--root", t.root("fips"), "--debug").err
    return "confine files: ok" in said


def seen_from_outside(t):
    for prefix in ((), t.NOBODY):
        with serving(t, prefix=prefix) as server:
            status = status_of(server.pid)
        t.equal((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"), str(prefix))
        allowed = 0 if prefix or os.geteuid() else bits("NET_ADMIN", "NET_BIND_SERVICE")
        for name in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
            t.equal(int(status[name], 16) & ~allowed, 0, name)
        if not prefix and not os.geteuid():
            t.equal(int(status["CapBnd"], 16) & ~allowed, 0, "CapBnd")


def kept_by():
    """What root keeps, by command, as the table of SECURITY.md has it."""
    kept, look = {}, 0
    with open("SECURITY.md", encoding="utf-8") as f:
        rows = [line.split("|")[1:3] for line in f if line.startswith("| ")][1:]
    for commands, names in rows:
        own = bits(*re.findall(r"[A-Z_]{5,}", names))
        look = look or own
        for command in re.split(r", (?!once)", commands.strip()):
            kept[command] = own | (look if "the same" in names else 0)
    return kept


@contextlib.contextmanager
def confined(t, args, prefix=()):
    """The process of a command that has given up what it does: it runs on, or waits for
    somebody to read what it says, which nobody does."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    with contextlib.suppress(BlockingIOError):
        while os.write(write, bytes(4096)):
            pass
    os.set_blocking(write, True)
    child = subprocess.Popen([*prefix, t.PROGRAM, *args], env=t.ENV, stdin=subprocess.DEVNULL,
                             stdout=write, stderr=subprocess.DEVNULL, start_new_session=True)
    start = time.monotonic()
    try:
        while status_of(child.pid)["Seccomp"] != "2":
            assert child.poll() is None, f"{args}: status {child.returncode}"
            assert time.monotonic() < start + 30, f"{args}: it gives up nothing"
            time.sleep(0.005)
        yield child.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        os.close(read)
        os.close(write)


def threads_of(pid):
    return [status_of(f"{pid}/task/{task}") for task in os.listdir(f"/proc/{pid}/task")]


def each_command(t):
    """Every command, while it runs: what root keeps is what SECURITY.md says, and no
    thread of it may get more."""
    kept, mine = kept_by(), int(status_of("self")["CapEff"], 16)
    with socket.create_server(("127.0.0.1", 0)) as silent, tempfile.TemporaryDirectory() as into:
        where = f"127.0.0.1:{silent.getsockname()[1]}"
        runs = (["diagnose"], ["sockets", "--watch"], ["stat", "--watch"], ["export"],
                ["probe", "--only", "TLS1.3"], ["snapshot", into + "/snap"],
                ["tune", "--set", "net.ipv4.tcp_slow_start_after_idle=0"], ["serve"],
                ["bench", "--quick", "--workload=close"], ["latency", f"https://{where}/"],
                ["request", f"https://{where}/"], ["scan", where], ["explain", "--list"],
                ["fleet", "summary", "/dev/null"], ["--root", os.path.abspath(t.root("fips"))])
        rows = {re.split(r"[ ,]", row)[0]: caps for row, caps in kept.items()}
        t.equal(set(rows), {args[0] for args in runs} - {"--root"} | {"any"}, "rows")
        for args in runs:
            caps = rows["any" if args[0] == "--root" else args[0]]
            with confined(t, args) as pid:
                for status in threads_of(pid):
                    t.equal((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"), str(args))
                    for name in ("CapPrm", "CapEff", *(() if os.geteuid() else ["CapBnd"])):
                        t.equal(int(status[name], 16), caps & mine, f"{args} {name}")
                    for name in ("CapInh", "CapAmb"):
                        t.equal(int(status[name], 16), 0, f"{args} {name}")


def said(t):
    """In force for each command that says so."""
    there = landlock(t)
    for args, files in ((["diagnose"], False), (["stat"], False), (["sockets"], False),
                        (["--root", t.root("fips")], True), (["fleet", "summary", "/dev/null"], True),
                        (["scan", "127.0.0.1:1"], True), (["latency", "https://127.0.0.1:1/"], True)):
        lines = t.run(*args, env={"KTLSCTL_DEBUG": "1"}).err
        assert "debug: confine privileges: ok\n" in lines, (args, lines[:400])
        assert "debug: confine calls: ok\n" in lines, (args, lines[:400])
        t.equal("debug: confine files: ok\n" in lines, files and there, str(args))
        lines = t.run(*args, env={**OFF, "KTLSCTL_DEBUG": "1"}).err
        assert "confine nothing: ok" in lines and "confine calls" not in lines, lines[:400]


def normal(text):
    return VARY.sub("", text)


def same_answer(t):
    """Every command, with and without."""
    with tempfile.TemporaryDirectory() as into:
        hosts = into + "/hosts"
        with open(hosts, "w") as f:
            for name in ("fips", "blacklisted"):
                f.write(t.run("--root", t.root(name), "--ndjson").out)
        commands = [["explain", "--list"], ["explain", "tls-module"],
                    ["explain", "--schema", "ktlsctl.report/1"],
                    ["fleet", "summary", hosts, "--json"], ["fleet", "diff", hosts, hosts, "--json"],
                    ["tune", "list"], ["scan", "127.0.0.1:1", "--json"],
                    ["request", "https://127.0.0.1:1/"], ["stat", "--json"],
                    ["latency", "https://127.0.0.1:1/"],
                    ["tune", "--profile", "baseline", "--root", t.root("nginx"), "--json"],
                    ["export", "--format=prometheus", "--root", t.root("fips")],
                    ["sockets", "--root", t.root("fips")]]
        commands += [["--root", t.root(name), "--json"] for name in t.ROOTS[:4]]
        for args in commands:
            for prefix in ((), t.NOBODY):
                if prefix and hosts in args:
                    continue
                one, other = (t.run(*args, env=env, prefix=prefix) for env in ({}, OFF))
                t.equal((one.status, normal(one.out), one.err),
                        (other.status, normal(other.out), other.err), str(args))


def diagnosis(t):
    """What this host is said to be, too: our own filter is not taken for one of others."""
    for prefix in ((), t.NOBODY):
        documents = []
        for env in ({}, OFF):
            document = t.run("--json", env=env, prefix=prefix).json()
            documents.append([(f["id"], f["subject"], f["verdict"]) for f in document["findings"]
                              if f["category"] in ("kernel", "openssl")])
        t.equal(documents[0], documents[1], str(prefix))


def outputs(t):
    """--output can be written where it is: also here, and behind a folder that is a link."""
    with tempfile.TemporaryDirectory() as into:
        os.mkdir(into + "/d")
        os.symlink(into + "/d", into + "/link")
        for name in ("a", into + "/d/b", "link/c", "d/../e"):
            answer = t.run("--root", os.path.abspath(t.root("fips")), "--json", "--output", name,
                           cwd=into)
            t.equal((answer.status, answer.err), (0, ""), name)
        t.equal(sorted(os.listdir(into)), ["a", "d", "e", "link"])
        t.equal(sorted(os.listdir(into + "/d")), ["b", "c"])


def links(t):
    """A link in the place of what is written is replaced, never followed."""
    with tempfile.TemporaryDirectory() as into:
        victim = into + "/victim"
        for args in (["--root", t.root("fips"), "--json"],
                     ["export", "--format=prometheus", "--root", t.root("fips")],
                     ["explain", "--list"], ["fleet", "summary", "/dev/null", "--json"]):
            with open(victim, "w") as f:
                f.write("mine")
            os.symlink(victim, into + "/out")
            t.run(*args, "--output", into + "/out")
            with open(victim) as f:
                t.equal(f.read(), "mine", str(args))
            os.unlink(into + "/out")
        # A folder for a snapshot has to be a new one.
        os.mkdir(into + "/real")
        os.symlink(into + "/real", into + "/snap")
        answer = t.run("snapshot", into + "/snap")
        t.equal((answer.status, os.listdir(into + "/real")), (2, []))
        os.symlink(into + "/nowhere", into + "/dangling")
        answer = t.run("snapshot", into + "/dangling")
        t.equal((answer.status, os.path.exists(into + "/nowhere")), (2, False))


def nothing_for_all(t):
    """Neither what is written nor what is made on the way is writable by others."""
    with tempfile.TemporaryDirectory() as into:
        before = os.umask(0)
        try:
            t.run("--root", t.root("fips"), "--json", "--output", into + "/report")
            t.run("export", "--format=prometheus", "--root", t.root("fips"), "--output",
                  into + "/metrics")
            t.equal(t.run("snapshot", into + "/snap").status, 0)
        finally:
            os.umask(before)
        for folder, names, files in os.walk(into):
            for name in names + files:
                mode = os.lstat(os.path.join(folder, name)).st_mode
                t.equal(mode & 0o022, 0, os.path.join(folder, name))


@contextlib.contextmanager
def swapping(target, link):
    """Somebody makes link one to target and takes it away, again and again."""
    loop = 'trap exit TERM; while :; do ln -sfn "$1" "$2"; rm -rf "$2"; done'
    swap = subprocess.Popen(["sh", "-c", loop, "sh", target, link], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        # Not killed: a last ln(1) would go on for a while.
        swap.terminate()
        swap.wait()


def race(t):
    """Somebody swaps what is written for a link: the victim stays as it is."""
    with tempfile.TemporaryDirectory() as into:
        victim, out = into + "/victim", into + "/out"
        with open(victim, "w") as f:
            f.write("mine")
        with swapping(victim, out):
            for args in (["explain", "--list", "--output"],
                         ["export", "--format=prometheus", "--root", t.root("fips"), "--output"],
                         ["--root", t.root("fips"), "--html"]):
                for _ in range(6):
                    t.run(*args, out)
        with open(victim) as f:
            t.equal(f.read(), "mine")
        t.equal([n for n in os.listdir(into) if n.startswith("out.")], [], "left behind")


def race_snapshot(t):
    """The same with a snapshot's folder: another's gets nothing, and a link gets none."""
    with tempfile.TemporaryDirectory() as into:
        os.mkdir(into + "/victim")
        with swapping(into + "/victim", into + "/snap"):
            statuses = {t.run("snapshot", into + "/snap").status for _ in range(8)}
        t.equal(os.listdir(into + "/victim"), [])
        assert statuses <= {0, 2}, statuses


def exchange(one, other):
    """Both at once, if both are there."""
    here, both = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return not LIBC.renameat2(here, one.encode(), here, other.encode(), both)


def swapped(t, folder, victim):
    """How often a snapshot's folder was swapped for a link while it was there, and its end."""
    os.mkdir(folder)
    os.symlink(victim, folder + "/link")
    child = subprocess.Popen([t.PROGRAM, "snapshot", folder + "/snap"], env=t.ENV,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    names, swaps = [], 0
    while child.poll() is None:
        names = names or glob.glob(folder + "/snap.*")
        # So that it has to take back what it wrote.
        if names and not swaps and not os.path.exists(folder + "/snap"):
            os.mkdir(folder + "/snap")
        swaps += bool(names) and exchange(names[0], folder + "/link")
    return swaps, child.returncode


def race_aside(t):
    """The folder that a snapshot is made in aside, by whoever owns the one around it: it is
    swapped for a link to another's, in which the same names are."""
    with tempfile.TemporaryDirectory() as into:
        victim, lost = into + "/victim", 0
        t.equal(t.run("snapshot", victim).status, 0)
        mine = set(glob.glob(victim + "/**", recursive=True))
        # Whoever is too slow has to try again.
        for turn in range(30):
            swaps, status = swapped(t, f"{into}/{turn}", victim)
            lost += swaps > 10 and status == 2
            if lost == 3:
                break
        assert lost, "never swapped in time"
        t.equal(set(glob.glob(victim + "/**", recursive=True)) ^ mine, set())


def apparmor(_):
    """The profile is one that AppArmor takes, and has what the rows of the commands keep."""
    kept = set()
    for path in glob.glob("cmd/*.[ch]"):
        with open(path, encoding="utf-8") as f:
            kept |= set(re.findall(r"CONFINE_CAP\((\w+)\)", f.read()))
    with open("contrib/apparmor/usr.bin.ktlsctl", encoding="utf-8") as f:
        has = {c.upper() for c in re.findall(r"^ *capability (\w+),", f.read(), re.M)}
    # What tune alone has, and only to write, is not for the profile.
    lacks = {c for c in kept if c.isupper()} - has
    assert "SYS_PTRACE" in kept and lacks == {"CHOWN", "FSETID"}, lacks
    parser = shutil.which("apparmor_parser", path="/usr/sbin:/sbin:/usr/bin")
    if not parser:
        return "no apparmor_parser here"
    done = subprocess.run([parser, "--skip-kernel-load", "--skip-cache", "--skip-read-cache",
                           "contrib/apparmor/usr.bin.ktlsctl"], capture_output=True, text=True,
                          timeout=60)
    assert not done.returncode, done.stderr
    return None


def tests(t):
    for name, function in (("seen-from-outside", seen_from_outside),
                           ("each-command", each_command), ("said", said),
                           ("same-answer", same_answer), ("diagnosis", diagnosis),
                           ("outputs", outputs), ("links", links),
                           ("nothing-for-all", nothing_for_all), ("race", race),
                           ("race-snapshot", race_snapshot), ("race-aside", race_aside),
                           ("apparmor", apparmor)):
        t.test("confine/" + name)(lambda f=function: f(t))
