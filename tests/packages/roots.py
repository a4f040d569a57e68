# SPDX-License-Identifier: MIT
"""Debian systems to build packages on and to install them in: a root out of the cache with
a layer over it that is gone afterwards. All of it happens below one process that is the
first of its pid namespace, with mounts, a network and a name of its own.
"""
import os
import shutil
import subprocess
import sys

TOP = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SKIP = 77
INSIDE = "KTLSCTL_PACKAGES_INSIDE"
# Whoever builds; the second time another one.
BUILDER, OTHER = 1000, 2345
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
MOUNTS = """
set -e
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/shm dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
shift
for d; do : >dev/$d; mount --bind /dev/$d dev/$d; done
"""


def enclose(names, seconds):
    """Goes on in namespaces of its own, for so many seconds at most."""
    if os.environ.get(INSIDE):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/mnt"], check=True)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    if os.geteuid():
        skip("packages are installed by root")
    done = subprocess.run([TOP + "/tests/vm/fetch.sh", *names], timeout=1800, check=False)
    if done.returncode == SKIP:
        skip("no network to fetch Debian by")
    done.check_returncode()
    done = subprocess.run(
        ["timeout", "-k", "10", str(seconds), "unshare", "--pid", "--fork", "--kill-child",
         "--mount-proc", "--mount", "--net", "--uts", "--ipc", "--propagation", "private",
         sys.executable, *sys.argv], env={**os.environ, INSIDE: "1"}, check=False)
    if done.returncode == 124:
        print(f"not ok packages (not done in {seconds} s)")
    sys.exit(done.returncode)


def skip(why):
    print(f"ok packages # SKIP {why}", flush=True)
    sys.exit(0)


def sources():
    """What the packages are made of: the files of the repository, or of its archive."""
    done = subprocess.run(["git", "-C", TOP, "ls-files", "-z"], capture_output=True, text=True, check=False)
    if not done.returncode:
        return [n for n in done.stdout.split("\0") if n and os.path.lexists(f"{TOP}/{n}")]
    found = []
    for folder, folders, files in os.walk(TOP):
        folders[:] = [f for f in folders if f not in ("build", ".git", "__pycache__")]
        links = [f for f in folders if os.path.islink(os.path.join(folder, f))]
        found += [os.path.relpath(os.path.join(folder, f), TOP) for f in files + links]
    return found


class Root:
    """One of those systems."""

    def __init__(self, name, copy=""):
        cache = os.environ.get("KTLSCTL_CACHE") or os.path.join(
            os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "ktlsctl")
        here = f"/mnt/{name}{copy}"
        self.name, self.path = name, here + "/root"
        for part in ("upper", "work", "root"):
            os.makedirs(f"{here}/{part}")
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                        f"lowerdir={cache}/userlands/{name}/root,upperdir={here}/upper,"
                        f"workdir={here}/work", self.path], check=True)
        subprocess.run(["sh", "-c", MOUNTS, "sh", self.path, *DEVICES], check=True)
        # No service is started, and what would start one is told so in Debian's way.
        self.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)

    def write(self, path, text, mode=0o644):
        with open(self.path + path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(self.path + path, mode)

    def read(self, path):
        with open(self.path + path, encoding="utf-8") as f:
            return f.read()

    def put(self, names, folder, owner=0):
        """Files of the repository, as owner's."""
        for name in names:
            target = f"{self.path}{folder}/{name}"
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(f"{TOP}/{name}", target, follow_symlinks=False)
        top = self.path + os.path.dirname(folder)
        subprocess.run(["chmod", "-R", "u=rwX,go=rX", top], check=True)
        subprocess.run(["chown", "-hR", f"{owner}:{owner}", top], check=True)

    def run(self, *command, user=0, cwd="/", umask="022", check=True, timeout=900, **env):
        """Its standard output and error together."""
        done = subprocess.run(
            ["chroot", f"--userspec={user}:{user}", self.path, "/usr/bin/env", "-i",
             "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/nonexistent", "LC_ALL=C.UTF-8",
             "DEBIAN_FRONTEND=noninteractive", *[f"{k}={v}" for k, v in env.items()],
             "/bin/sh", "-c", 'umask "$1"; cd "$2"; shift 2; exec "$@"', "sh", umask, cwd, *command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", timeout=timeout, check=False)
        if check and done.returncode:
            raise AssertionError(f"{self.name}: {' '.join(command)}: status {done.returncode}\n{done.stdout}")
        return done.stdout

    def debs(self, folder):
        """Package files there, without those of debug symbols."""
        return sorted(f"{folder}/{n}" for n in os.listdir(self.path + folder)
                      if n.endswith(".deb") and "-dbgsym_" not in n)
