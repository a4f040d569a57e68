#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The packages: built twice, judged, installed on a system that has nothing yet, upgraded,
removed and purged. run.py [bookworm|trixie|rpm|make...]; without arguments all of it.
"""
import hashlib
import os
import re
import shutil
import socket
import stat
import sys
import time
import tomllib

import roots

SUITES = ("bookworm", "trixie")
# An older lintian than the policy that the packages follow; it takes all that is ELF for
# compiled, as the newer one does not any more.
OLD = {"bookworm": ["--suppress-tags", "newer-standards-version,source-is-missing"]}
OURS = ("ktlsctl", "ktlsctl-prometheus", "libktls-dev", "libktls0")
RPMS = ("ktlsctl", "ktlsctl-prometheus", "libktls", "libktls-devel")
STATE = "/etc/sysctl.d/60-ktlsctl.conf"
METRICS = "/var/lib/prometheus/node-exporter/ktlsctl.prom"
# Changed by any installation of anything; and what the test puts there.
NOT_A_TRACE = re.compile(r"/(proc|sys|dev|src|tmp|debs|var/cache|var/log|var/lib/apt|var/lib/dpkg/"
                         r"(status|available|lock|triggers|updates)[^/]*)(/|$)")


class Suite:
    """Prints how each test went, and stops a group at what the rest of it is made of."""

    def __init__(self, prefix):
        self.prefix, self.failures = prefix, 0

    def test(self, name, needed=False):
        def decorate(function):
            start = time.monotonic()
            try:
                said = function()
                print(f"ok packages/{self.prefix}/{name}")
                for line in said or ():
                    print("# " + line)
            except Exception as error:  # whatever it is, it is this test's failure
                self.failures += 1
                print(f"not ok packages/{self.prefix}/{name}")
                print("# " + f"{type(error).__name__}: {error}"[-6000:].replace("\n", "\n# "))
                if needed:
                    raise SystemExit(1) from error
            finally:
                print(f"# {time.monotonic() - start:.1f} s", flush=True)
        return decorate


def hashes(folder, wanted):
    found = {}
    for name in sorted(os.listdir(folder)):
        if wanted(name):
            with open(os.path.join(folder, name), "rb") as f:
                found[name] = hashlib.sha256(f.read()).hexdigest()
    return found


def same(first, second):
    """The lines of what is the same in both; an error where anything is not."""
    if first != second or not first:
        raise AssertionError(f"{first}\n{second}")
    return [f"{digest}  {name}" for name, digest in first.items()]


def buildpackage(root, folder, user, **env):
    root.put(roots.sources(), folder, user)
    return root.run("dpkg-buildpackage", "--no-sign", "-j2", user=user, cwd=folder,
                    DEB_BUILD_OPTIONS="nocheck parallel=2", **env)


def is_deb(name):
    return name.endswith(".deb")


def build(suite, root):
    """Twice, by two people; the first one's packages are gone on with."""
    @suite.test("builds", needed=True)
    def _():
        log = buildpackage(root, "/srv/ktlsctl", roots.BUILDER)
        flags = [line for line in log.split("\n") if re.match(r"\s*gcc .* -c -o ", line)]
        assert len(flags) > 100, log[-3000:]
        wanted = root.run("dpkg-buildflags", "--get", "CFLAGS", DEB_BUILD_MAINT_OPTIONS="hardening=+all")
        for flag in ["-D_FORTIFY_SOURCE=2", *wanted.split()]:
            assert "prefix-map" in flag or all(flag in line for line in flags), flag
        assert {n.split("_")[0] for n in root.debs("/srv")} == {f"/srv/{n}" for n in OURS}

    @suite.test("reproducible")
    def _():
        socket.sethostname("elsewhere")
        buildpackage(root, "/opt/some/other/folder/x", roots.OTHER, umask="077", TZ="Asia/Kathmandu",
                     LC_ALL="C", LANGUAGE="de", USER="somebody", HOME="/tmp")
        return same(hashes(root.path + "/srv", is_deb), hashes(root.path + "/opt/some/other/folder", is_deb))

    @suite.test("lintian")
    def _():
        changes = [n for n in os.listdir(root.path + "/srv") if n.endswith(".changes")]
        out = root.run("lintian", "--display-info", "--pedantic", "--tag-display-limit", "0",
                       *OLD.get(suite.prefix, []), *changes, user=roots.BUILDER, cwd="/srv",
                       HOME="/tmp", check=False)
        assert not re.search(r"^[EWIP]: ", out, re.M), out
        return [root.run("lintian", "--version").strip() + ": no tag", *out.strip().split("\n")]

    @suite.test("hardened")
    def _():
        root.run("dpkg-deb", "-x", next(d for d in root.debs("/srv") if "/ktlsctl_" in d), "/tmp/x")
        told = root.run("readelf", "-hdlW", "/tmp/x/usr/bin/ktlsctl")
        for sign in (r"Type: +DYN", r"FLAGS_1.*NOW.*PIE", r"GNU_RELRO", r"GNU_STACK .* RW "):
            assert re.search(sign, told), sign

    @suite.test("autopkgtest")
    def _():
        out = root.run("sh", "-c", "autopkgtest --no-built-binaries /srv/*.deb /srv/*.dsc -- null",
                       check=False, HOME="/root")
        results = re.findall(r"^([\w-]+) +(PASS|FAIL|SKIP)", out, re.M)
        assert dict(results) == {"command-line": "PASS", "example": "PASS"}, out


def picture(root):
    """Every path with what can be seen of it, and of files what is in them."""
    found = {}
    for folder, folders, files in os.walk(root.path):
        folders[:] = [f for f in folders if not left_out(root, os.path.join(folder, f))]
        for name in folders + files:
            path = os.path.join(folder, name)
            if not left_out(root, path):
                found[path.removeprefix(root.path)] = seen(path)
    return found


def left_out(root, path):
    return NOT_A_TRACE.match(path.removeprefix(root.path))


def seen(path):
    st = os.lstat(path)
    what = (stat.filemode(st.st_mode), st.st_uid, st.st_gid)
    if stat.S_ISLNK(st.st_mode):
        return (*what, os.readlink(path))
    if stat.S_ISREG(st.st_mode):
        with open(path, "rb") as f:
            return (*what, hashlib.sha256(f.read()).hexdigest())
    return what


def differences(before, after):
    return sorted(f"{p}: {before.get(p)} -> {after.get(p)}" for p in before.keys() | after.keys()
                  if before.get(p) != after.get(p))


def apt(root, *words):
    """There is no network: with nothing but what its cache holds."""
    return root.run("apt-get", "--yes", "--no-install-recommends", *words)


def older(root, folder):
    """The same packages under a version before theirs, to be upgraded from."""
    os.mkdir(root.path + folder)
    for deb in root.debs("/debs"):
        root.run("dpkg-deb", "-R", deb, "/tmp/deb")
        control = root.read("/tmp/deb/DEBIAN/control")
        version = re.search(r"^Version: (.+)$", control, re.M)[1]
        root.write("/tmp/deb/DEBIAN/control", control.replace(version, version + "~older"))
        root.run("dpkg-deb", "--root-owner-group", "-b", "/tmp/deb", folder)
        shutil.rmtree(root.path + "/tmp/deb")


def installed(root):
    out = root.run("dpkg-query", "-W", "-f", "${Package} ${Status} ${Version}\n", *OURS)
    return dict(line.split(" ", 1) for line in out.strip().split("\n"))


def install(suite, root, built):
    os.mkdir(root.path + "/debs")
    for deb in built.debs("/srv"):
        shutil.copy(built.path + deb, root.path + "/debs")
    root.put(roots.sources(), "/src/ktlsctl")
    debs = root.debs("/debs")
    before = {}

    @suite.test("build-dependencies-are-in-debian")
    def _():
        told = root.run("apt-get", "--simulate", "build-dep", "./", cwd="/src/ktlsctl")
        assert re.search(r"^Inst debhelper ", told, re.M), told

    @suite.test("dependencies-are-in-debian", needed=True)
    def _():
        wanted = re.findall(r"^Inst (\S+)", apt(root, "--simulate", "install", *debs), re.M)
        apt(root, "install", "man-db", "openssl", "gcc", "libc6-dev", "pkgconf",
            *[w for w in wanted if w not in OURS])
        before.update(picture(root))
        assert "/usr/bin/apt-get" in before and "/usr/bin/ktlsctl" not in before

    @suite.test("installs", needed=True)
    def _():
        older(root, "/tmp/older")
        root.run("dpkg", "--install", *root.debs("/tmp/older"))
        assert all("install ok installed" in s and s.endswith("~older") for s in installed(root).values())

    @suite.test("upgrades")
    def _():
        apt(root, "install", *debs)
        apt(root, "install", "--reinstall", *debs)
        assert not any("~older" in s for s in installed(root).values()), installed(root)

    runs(suite, root)

    @suite.test("purges-without-a-trace")
    def _():
        # Of our network namespace, where the suite before has left it otherwise.
        with open("/proc/sys/net/ipv4/tcp_slow_start_after_idle", "w", encoding="ascii") as f:
            f.write("1")
        root.run("ktlsctl", "tune", "--set", "net.ipv4.tcp_slow_start_after_idle=0", "--apply", "--persist")
        root.run("ktlsctl", "export", "--output", METRICS)
        for path in (STATE, METRICS, "/var/lib/ktlsctl"):
            assert os.path.exists(root.path + path), path
        apt(root, "remove", *OURS)
        assert os.path.exists(root.path + STATE) and not os.path.exists(root.path + METRICS)
        root.run("dpkg", "--purge", *OURS)
        left = differences(before, picture(root))
        assert not left, "\n".join(left)
        return [f"{len(before)} paths as before"]


def runs(suite, root):
    """As installed, by others than root too."""
    @suite.test("runs")
    def _():
        root.run("debian/tests/command-line", cwd="/src/ktlsctl")
        root.run("debian/tests/command-line", cwd="/src/ktlsctl", user=roots.BUILDER)
        version = re.search(r"^ktlsctl (\S+)$", root.run("ktlsctl", "--version"), re.M)[1]
        assert root.run("pkg-config", "--modversion", "ktls").strip() == version
        assert " ok " in installed(root)["ktlsctl"] and installed(root)["ktlsctl"].endswith(version)

    @suite.test("example-of-the-manual")
    def _():
        root.run("debian/tests/example", cwd="/src/ktlsctl", user=roots.BUILDER)

    @suite.test("files")
    def _():
        wants = root.path + "/etc/systemd/system/timers.target.wants/ktlsctl-export.timer"
        assert os.path.islink(wants), "the timer is not enabled"
        for path in ("/usr/share/ktlsctl/prometheus/ktlsctl.rules.yml", "/usr/share/ktlsctl/grafana/host.json",
                     "/usr/share/ktlsctl/schema/report-1.json", "/usr/share/ktlsctl/profiles/baseline.profile",
                     "/usr/share/bash-completion/completions/ktlsctl",
                     "/usr/share/doc/ktlsctl-prometheus/README.Debian.gz"):
            assert os.path.exists(root.path + path) or os.path.exists(root.path + path[:-3]), path
        assert root.run("dpkg", "--verify", *OURS).strip() == ""


def plain(suite, root):
    """`make` as anybody runs it, from two folders."""
    made = {}

    def make(folder, user, **env):
        root.put(roots.sources(), folder, user)
        root.run("make", "-s", "-j2", "all", "man", "sbom", user=user, cwd=folder,
                 SOURCE_DATE_EPOCH="1790000000", **env)
        made[folder] = {}
        for part in ("build", "build/man"):
            made[folder].update(hashes(f"{root.path}{folder}/{part}", lambda n: re.match(
                r"ktlsctl$|libktls\.(a|so\.0)$|.*\.json$|.*\.[1-8]$", n)))

    @suite.test("reproducible")
    def _():
        make("/srv/make/a", roots.BUILDER)
        make("/var/opt/another/place/b", roots.OTHER, umask="077", TZ="Asia/Kathmandu", LC_ALL="C")
        first, second = made.values()
        assert len(first) > 4, first
        return same(first, second)


def rpm(suite, root):
    tops = ["--define", "_topdir /srv/rpm"]
    spec = "/srv/rpm/ktlsctl/contrib/rpm/ktlsctl.spec"

    @suite.test("builds", needed=True)
    def _():
        root.put(roots.sources(), "/srv/rpm/ktlsctl", roots.BUILDER)
        version = re.search(r"^Version: +(\S+)$", root.read(spec), re.M)[1]
        root.run("tar", "--transform", f"s|^ktlsctl|ktlsctl-{version}|", "-czf",
                 f"ktlsctl-{version}.tar.gz", "ktlsctl", cwd="/srv/rpm", user=roots.BUILDER)
        # Debian's libraries are no RPMs.
        root.run("rpmbuild", "-ta", "--nodeps", *tops, f"/srv/rpm/ktlsctl-{version}.tar.gz",
                 user=roots.BUILDER, HOME="/tmp")
        names = [n for f in ("RPMS", "SRPMS") for _, _, ns in os.walk(f"{root.path}/srv/rpm/{f}") for n in ns]
        assert len(names) >= 5, names
        return sorted(names)

    def lint(config):
        return root.run("sh", "-c", f"rpmlint --config {config} contrib/rpm/ktlsctl.spec "
                        "$(find /srv/rpm/RPMS /srv/rpm/SRPMS -name '*.rpm')",
                        cwd="/srv/rpm/ktlsctl", user=roots.BUILDER, HOME="/tmp", check=False)

    @suite.test("rpmlint")
    def _():
        out = lint("contrib/rpm/rpmlint.toml")
        assert re.search(r"\b0 errors, 0 warnings", out), out
        return out.strip().split("\n")[-1:]

    @suite.test("rpmlint-excuses-are-needed")
    def _():
        config = root.read("/srv/rpm/ktlsctl/contrib/rpm/rpmlint.toml")
        root.write("/tmp/strict.toml", config.partition("Filters")[0])
        out = lint("/tmp/strict.toml")
        left = [f for f in tomllib.loads(config)["Filters"] if not re.search(f, out)]
        assert not left, f"{left} of\n{out}"

    @suite.test("the-timer-is-systemds")
    def _():
        """With the macros that Debian's rpm does not have."""
        defined = [w for n in ("post", "preun", "postun") for w in ("--define", f"systemd_{n}() told {n} %*")]
        told = root.run("rpmspec", "--parse", *defined, spec)
        for name in ("post", "preun", "postun"):
            assert re.search(rf"^%{name} prometheus\ntold {name} ktlsctl-export.timer$", told, re.M), told

    @suite.test("installs-and-is-erased")
    def _():
        """Beside Debian's own, in a folder that has an RPM database of its own."""
        there = ["rpm", "--root", "/there"]
        os.mkdir(root.path + "/there")
        root.run(*there, "--initdb")
        before = picture(root)
        root.run("sh", "-c", 'exec "$@" $(find /srv/rpm/RPMS -name "*.rpm")', "sh", *there, "--install",
                 "--nodeps")
        root.run(*there, "--verify", "--nodeps", *RPMS)
        root.run("/there/usr/bin/ktlsctl", "--version")
        root.run(*there, "--erase", "--nodeps", *RPMS, "ktlsctl-debuginfo")
        # The folders that are nobody's belong to a package that is not there.
        left = [line for line in differences(before, picture(root)) if "/there/var/lib/rpm" not in line
                and (not line.endswith("-> ('drwxr-xr-x', 0, 0)") or "ktls" in line)]
        assert not left, "\n".join(left)


def main():
    groups = sys.argv[1:] or [*SUITES, "make", "rpm"]
    wanted = {"make": "build-bookworm", "rpm": "build-trixie"}
    names = []
    for group in groups:
        names += [wanted[group]] if group in wanted else [f"build-{group}", f"fresh-{group}"]
    roots.enclose(sorted(set(names)), 3600)
    failures = 0
    for group in groups:
        suite = Suite(group)
        try:
            if group in SUITES:
                built = roots.Root("build-" + group)
                build(suite, built)
                install(suite, roots.Root("fresh-" + group), built)
            else:
                {"make": plain, "rpm": rpm}[group](suite, roots.Root(wanted[group], "-" + group))
        except SystemExit:  # the rest of the group hangs on what failed
            pass
        failures += suite.failures
    sys.exit(1 if failures else 0)


main()
