#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What runs for long: memory and descriptors stay what they are.

soak.py [NAME...]: SOAK=3600 looks of each watcher, which is an hour of them, and so many
connections of request, and four times as many requests over one. No time passes: between two
looks the program does not sleep, but waits until connections, processes and namespaces have
come and gone. KTLSCTL names the program.

As root all of it is in namespaces of its own: what else runs on the machine, and how much of
that there is to look at, is no matter then.
"""
import collections
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, "tests/cli")
from request import Authority, read_head  # noqa: E402 (tests/cli/request.py)

PROGRAM = os.path.abspath(os.environ.get("KTLSCTL", "build/ktlsctl"))
LOOKS = int(os.environ.get("SOAK", "3600"))
# Without malloc's cache of what a thread freed: it keeps up to seven pieces of each of 64
# sizes, fills over a thousand connections of libssl, and looks like a leak meanwhile.
ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TERM": "dumb",
       "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
# Per look or request, from the second fifth of them to the last; an allocation that is lost
# in each takes 32 bytes at least. The heap may have a few holes more in the end.
GROWTH_BYTES, HOLES_KB = 16, 16
SAMPLES = 100
failures = 0
only = tuple(sys.argv[1:])

# In place of each sleep: one byte says that a look is over, one comes when the next may begin.
HURRY = r"""
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *t, struct timespec *left)
{
	static void *volatile lost;
	char byte = 0;
	(void)clock, (void)flags, (void)t, (void)left;
	if (getenv("SOAK_LEAK"))
		lost = malloc(16);
	if (write(atoi(getenv("SOAK_SAY")), &byte, 1) != 1 || read(atoi(getenv("SOAK_HEAR")), &byte, 1) != 1)
		_exit(0);
	return 0;
}
"""


class Samples:
    """Memory that is the process's own, and its descriptors, by iteration."""

    def __init__(self, pid, iterations):
        self.pid, self.every = pid, max(1, iterations // SAMPLES)
        self.memory, self.descriptors = [], []

    def take(self, iteration):
        if iteration % self.every:
            return
        with open(f"/proc/{self.pid}/status") as f:
            self.memory.append(next(int(line.split()[1]) for line in f
                                    if line.startswith("RssAnon:")))
        self.descriptors.append(len(os.listdir(f"/proc/{self.pid}/fd")))

    def growth(self):
        """KiB, and descriptors: the last fifth above the second one. The first warms up."""
        fifth = len(self.memory) // 5
        assert fifth >= 10, f"{len(self.memory)} samples: it ended too early"
        return tuple(max(s[-fifth:]) - max(s[fifth:2 * fifth])
                     for s in (self.memory, self.descriptors))

    def flat(self):
        memory, descriptors = self.growth()
        most = HOLES_KB + GROWTH_BYTES * self.every * len(self.memory) * 3 // 5 // 1024
        return memory <= most and descriptors <= 0

    def __str__(self):
        memory, descriptors = self.growth()
        return (f"{self.every * len(self.memory)} times: {max(self.memory)} KiB at most, "
                f"{memory:+} KiB; {max(self.descriptors)} descriptors, {descriptors:+}")


class Load:
    """Connections that come and go, some left open; processes; network namespaces."""

    def __init__(self, namespaces):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.open, self.children = collections.deque(), collections.deque()
        self.namespaces = namespaces
        for _ in range(50):
            self.connect()

    def connect(self):
        client = socket.create_connection(("127.0.0.1", self.port))
        server = self.listener.accept()[0]
        client.send(b"x" * 100)
        self.open += [client, server]

    def move(self, iteration):
        for _ in range(4):
            self.connect()
            for end in (self.open.popleft(), self.open.popleft()):
                end.close()
        if iteration % 20:
            return
        prefix = ["unshare", "-n"] if self.namespaces else []
        self.children.append(subprocess.Popen([*prefix, "sleep", "600"], stdout=-3, stderr=-3,
                                              pass_fds=[self.open[0].fileno()]))
        if len(self.children) > 5:
            self.end(self.children.popleft())

    @staticmethod
    def end(child):
        child.kill()
        child.wait()

    def close(self):
        for child in self.children:
            self.end(child)
        for end in (*self.open, self.listener):
            end.close()


def test(name):
    def decorate(function):
        global failures
        if only and not name.startswith(only):
            return
        start = time.monotonic()
        try:
            said = function() or ""
            print(f"ok soak/{name}{said if said.startswith(' # SKIP') else ''}")
            print(f"# {said} ({time.monotonic() - start:.0f} s)", flush=True)
        except Exception as error:  # whatever it is, it is this test's failure
            failures += 1
            print(f"not ok soak/{name}\n# {type(error).__name__}: {error}", flush=True)
    return decorate


def watch(folder, *args, looks=LOOKS, leak=False, namespaces=False):
    """Samples of a program that looks again and again."""
    say, hear, load = os.pipe(), os.pipe(), Load(namespaces)
    env = {**ENV, "LD_PRELOAD": f"{folder}/hurry.so", "SOAK_SAY": str(say[1]),
           "SOAK_HEAR": str(hear[0]), **({"SOAK_LEAK": "1"} if leak else {})}
    with subprocess.Popen([PROGRAM, *args], env=env, pass_fds=[say[1], hear[0]],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        os.close(say[1])
        os.close(hear[0])
        samples = Samples(child.pid, looks)
        try:
            for i in range(1, looks + 1):
                if not os.read(say[0], 1):
                    raise AssertionError(f"it ended at look {i}: {child.stderr.read()}")
                samples.take(i)
                load.move(i)
                os.write(hear[1], b"x")
        finally:
            child.kill()
            load.close()
            os.close(say[0])
            os.close(hear[1])
    return samples


def same(samples):
    assert samples.flat(), str(samples)
    return str(samples)


class Server:
    """Answers each request; keep: on the same connection. It looks at who asks meanwhile."""

    def __init__(self, context, keep, wanted):
        self.context, self.keep, self.asked = context, keep, 0
        self.wanted, self.samples = wanted, None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}/"
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self.listener.accept()
                with self.context.wrap_socket(plain, server_side=True) as tls:
                    self.answer(tls)

    def answer(self, tls):
        while read_head(tls):
            self.asked += 1
            self.samples.take(self.asked)
            body = b"x" * (self.asked * 37 % 3000)
            end = b"" if self.keep else b"Connection: close\r\n"
            tls.sendall(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" %
                        (end, len(body), body))
            if not self.keep:
                break
        with contextlib.suppress(OSError):
            tls.unwrap()


def ask(authority, requests, keep, *args):
    server = Server(authority.context("server"), keep, requests)
    with subprocess.Popen([PROGRAM, "request", "--cacert", authority.root, "--repeat",
                           str(requests), *args, server.url], env=ENV,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        server.samples = Samples(child.pid, requests)
        server.thread.start()
        said = child.stderr.read()
    server.listener.close()
    assert (child.returncode, server.asked) == (0, requests), \
        f"status {child.returncode} after {server.asked}: {said}"
    return same(server.samples)


def watchers(folder):
    @test("notices-a-leak")
    def _():
        looks = max(LOOKS, 2000)
        samples = watch(folder, "stat", "--watch", looks=looks, leak=True)
        assert not samples.flat(), f"16 bytes were lost each time: {samples}"
        return str(samples)

    for args in (["sockets", "--all", "--watch"], ["sockets", "--all", "--watch", "--ndjson"],
                 ["sockets", "--unused", "--watch"], ["stat", "--watch"],
                 ["stat", "--watch", "--ndjson"]):
        @test(" ".join(args).replace("--", "").replace(" ", "-"))
        def _():
            return same(watch(folder, *args))

    for command in ("sockets", "stat"):
        @test(f"{command}-watch-netns-all")
        def _():
            if os.geteuid() or not shutil.which("unshare"):
                return " # SKIP not root"
            return same(watch(folder, command, "--watch", "--netns=all", namespaces=True))


def requests(folder):
    authority = Authority(folder)
    authority.sign("server", "IP:127.0.0.1")
    for engine in ("uring", "epoll"):
        @test(f"request-one-connection-{engine}")
        def _():
            return ask(authority, 4 * LOOKS, True, f"--engine={engine}")

        @test(f"request-connections-{engine}")
        def _():
            return ask(authority, LOOKS, False, f"--engine={engine}")


def alone():
    """The same once more, with nobody else in sight."""
    if os.geteuid() or "SOAK_ALONE" in os.environ or not shutil.which("unshare"):
        return
    os.environ["SOAK_ALONE"] = "1"
    begin = ("ip link set lo up; [ ! -d /run/netns ] || mount -t tmpfs none /run/netns; "
             'exec "$0" "$@"')
    os.execvp("unshare", ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc",
                          "sh", "-c", begin, sys.executable, os.path.abspath(__file__),
                          *sys.argv[1:]])


def main():
    alone()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", f"{folder}/hurry.so", "-x", "c",
                        "-"], input=HURRY.encode(), check=True)
        watchers(folder)
        requests(folder)
    sys.exit(1 if failures else 0)


main()
