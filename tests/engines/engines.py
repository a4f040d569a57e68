# SPDX-License-Identifier: MIT
"""What the tests with real engines share: a root with Debian's programs, and hosts made of
namespaces. Everything happens below one process that is the first of its pid namespace,
with mounts and a network of its own: when it ends, whatever it started is gone.
"""
import os
import subprocess
import sys
import tempfile
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
PROGRAM = os.path.abspath(os.environ.get("KTLSCTL", os.path.join(TOP, "build", "ktlsctl")))
SKIP = 77
INSIDE = "KTLSCTL_ENGINES_INSIDE"
# The first process of each host; it stays, so that the namespaces do.
BOOT = """
set -e
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
for d in null zero full random urandom tty; do : >dev/$d; mount --bind /dev/$d dev/$d; done
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs tmpfs tmp
hostname "$2"
ip link set lo up
exec chroot . /bin/sh -c "$3"
"""
# What systemd needs beside that: control groups of its own, and no way to the settings,
# devices and modules of the machine that runs the test.
SYSTEMD = """
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount --bind /proc/sys /proc/sys
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,ro,bind /proc/sys
exec setpriv --bounding-set=-sys_module,-sys_boot,-sys_time,-sys_rawio,-mknod \\
    /usr/bin/env -i container=ktlsctl PATH=/usr/sbin:/usr/bin:/sbin:/bin \\
    /lib/systemd/systemd --log-target=console --unit=basic.target
"""


def root():
    """The folder with the engines; skips the test where it cannot be had."""
    done = subprocess.run([TOP + "/tests/vm/fetch.sh", "engines"], timeout=900)
    if done.returncode == SKIP:
        skip("no network to fetch the engines by")
    done.check_returncode()
    cache = os.environ.get("KTLSCTL_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "ktlsctl")
    return cache + "/userlands/engines/root"


def skip(why):
    name = os.path.basename(sys.argv[0]).removeprefix("test_").removesuffix(".py")
    print(f"ok engines/{name} # SKIP {why}", flush=True)
    sys.exit(0)


def enclose(seconds):
    """Goes on in namespaces of its own, for so many seconds at most."""
    if os.environ.get(INSIDE):
        for folder in ("/run", "/mnt"):
            subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder], check=True)
        return os.environ[INSIDE]
    if os.geteuid():
        skip("hosts of namespaces are made by root")
    folder = root()
    group = cgroup_new()
    done = subprocess.run(
        ["timeout", "-k", "10", str(seconds), "unshare", "--pid", "--fork", "--kill-child",
         "--mount-proc", "--mount", "--net", "--uts", "--ipc", "--propagation", "private",
         sys.executable, *sys.argv], env={**os.environ, INSIDE: folder, "KTLSCTL_ENGINES_CGROUP": group})
    cgroup_remove(group)
    if done.returncode == 124:
        print(f"not ok engines/{os.path.basename(sys.argv[0])} (not done in {seconds} s)")
    sys.exit(done.returncode)


def cgroup_new():
    """A control group for what systemd makes; "" where there are none of version 2."""
    with open("/proc/mounts", encoding="ascii") as f:
        mounts = [line.split()[1] for line in f if line.split()[2] == "cgroup2"]
    if not mounts:
        return ""
    path = f"{mounts[0]}/ktlsctl-engines-{os.getpid()}"
    os.mkdir(path)
    return path


def cgroup_remove(path):
    """Its processes are gone, or about to."""
    end = time.monotonic() + 10
    while path and os.path.exists(path) and time.monotonic() < end:
        for folder, _, _ in os.walk(path, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                time.sleep(0.1)


class Suite:
    """Prints how each test went; a context manager that ends the program."""

    def __init__(self, prefix):
        self.prefix, self.failures = prefix, 0

    def test(self, name):
        def decorate(function):
            start = time.monotonic()
            try:
                function()
                print(f"ok engines/{self.prefix}/{name}", end="")
            except Exception as error:  # whatever it is, it is this test's failure
                self.failures += 1
                print(f"not ok engines/{self.prefix}/{name}")
                print("# " + f"{type(error).__name__}: {error}"[-6000:].replace("\n", "\n# "), end="")
            print(f"\n# {time.monotonic() - start:.1f} s", flush=True)
        return decorate


class Network:
    """A bridge with one address; hosts are plugged into it."""

    def __init__(self, folder):
        self.root, self.hosts = folder, []
        ip("link", "set", "lo", "up")
        ip("link", "add", "br0", "type", "bridge")
        ip("addr", "add", "10.77.0.1/24", "dev", "br0")
        ip("link", "set", "br0", "up")

    def host(self, name, command="exec sleep infinity", binds=()):
        host = Host(self, name, len(self.hosts) + 2)
        self.hosts.append(host)
        host.boot(command, binds)
        return host


def ip(*args):
    subprocess.run(["ip", *args], check=True)


class Host:
    """A root file system over the engines', processes and a network of its own."""

    def __init__(self, network, name, number):
        self.name, self.address = name, f"10.77.0.{number}"
        self.dir = f"/mnt/{name}"
        self.root = self.dir + "/root"
        self._plug(f"e{number}")
        self._mount(network.root)

    def _plug(self, end):
        ip("netns", "add", self.name)
        ip("link", "add", end, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("link", "set", end, "master", "br0", "up")
        ip("-n", self.name, "addr", "add", self.address + "/24", "dev", "eth0")
        ip("-n", self.name, "link", "set", "eth0", "up")

    def _mount(self, lower):
        for part in ("upper", "work", "root"):
            os.makedirs(f"{self.dir}/{part}")
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", f"lowerdir={lower},"
                        f"upperdir={self.dir}/upper,workdir={self.dir}/work", self.root], check=True)

    def bind(self, path, target):
        there = self.root + target
        os.makedirs(there if os.path.isdir(path) else os.path.dirname(there), exist_ok=True)
        if not os.path.isdir(path):
            open(there, "a", encoding="ascii").close()
        subprocess.run(["mount", "--bind", path, there], check=True)
        subprocess.run(["mount", "-o", "remount,ro,bind", there], check=True)

    def boot(self, command, binds):
        self.bind(PROGRAM, "/usr/bin/ktlsctl")
        for path, target in binds:
            self.bind(path, target)
        self.log = open(self.dir + "/log", "wb")
        group = os.environ["KTLSCTL_ENGINES_CGROUP"]
        enter = [] if not group else ["sh", "-c", f'echo $$ >{group}/cgroup.procs; exec "$@"', "sh"]
        self.init = subprocess.Popen(
            [*enter, "ip", "netns", "exec", self.name, "unshare", "--pid", "--fork", "--kill-child",
             "--mount", "--cgroup", "--uts", "--ipc", "sh", "-c", BOOT, "boot", self.root, self.name, command],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        wait(lambda: self.pid() and os.path.exists(f"/proc/{self.pid()}/root/dev/tty")
             and os.readlink(f"/proc/{self.pid()}/root") != "/", self.said)

    def said(self):
        with open(self.dir + "/log", errors="replace") as f:
            return f"{self.name}: {f.read()[-2000:]}"

    def pid(self):
        """Of its first process, as we see it."""
        path = f"/proc/{self.init.pid}/task/{self.init.pid}/children"
        with open(path) as f:
            return (f.read().split() or [""])[0]

    def run(self, *command, check=True, timeout=120, env=None):
        done = subprocess.run(
            ["nsenter", "--target", self.pid(), "--all", "--root", "env", "-i", "-C", "/",
             "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/root",
             *[f"{k}={v}" for k, v in (env or {}).items()], *command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=timeout)
        if check and done.returncode:
            raise AssertionError(f"{self.name}: {' '.join(command)}: status {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}")
        return done

    def write(self, path, text):
        os.makedirs(os.path.dirname(self.root + path), exist_ok=True)
        with open(self.root + path, "w", encoding="utf-8") as f:
            f.write(text)

    def halt(self):
        """The first process goes, and all of the host with it."""
        self.init.kill()
        self.init.wait()


def wait(ready, why, seconds=30):
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise AssertionError(f"not ready after {seconds} s: {why()}")
        time.sleep(0.05)


def scratch():
    return tempfile.mkdtemp(dir="/mnt")
