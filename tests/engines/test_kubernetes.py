#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""contrib/kubernetes: what the manifest promises is in it, and its command works with what it
grants: those capabilities, a root that is read-only, the namespaces of the node. No cluster.
"""
import os
import re

import yaml

import engines

MANIFEST = engines.TOP + "/contrib/kubernetes/daemonset.yaml"
CAPABILITIES = ["DAC_READ_SEARCH", "NET_ADMIN", "SYS_PTRACE"]


def manifest():
    with open(MANIFEST, encoding="utf-8") as f:
        documents = list(yaml.safe_load_all(f))
    return next(d for d in documents if d["kind"] == "DaemonSet")


def equal(saw, wanted):
    if saw != wanted:
        raise AssertionError(f"saw {saw!r}, wanted {wanted!r}")


def tests(suite, node):
    daemon = manifest()
    pod = daemon["spec"]["template"]["spec"]
    container = pod["containers"][0]
    security = container["securityContext"]

    @suite.test("structure")
    def _():
        equal(daemon["apiVersion"], "apps/v1")
        labels = daemon["spec"]["template"]["metadata"]["labels"]
        wanted = daemon["spec"]["selector"]["matchLabels"]
        equal({k: labels.get(k) for k in wanted}, wanted)
        equal((pod["hostNetwork"], pod["hostPID"], len(pod["containers"])), (True, True, 1))
        equal(sorted(security["capabilities"]["add"]), CAPABILITIES)
        equal(security["capabilities"]["drop"], ["ALL"])
        equal((security["privileged"], security["allowPrivilegeEscalation"],
               security["readOnlyRootFilesystem"]), (False, False, True))
        assert "ports" not in container, container
        volumes = {v["name"] for v in pod["volumes"]}
        equal(volumes, {m["name"] for m in container["volumeMounts"]})
        # One folder can be written to.
        equal([m["name"] for m in container["volumeMounts"] if not m.get("readOnly")], ["textfile"])
        annotation = list(daemon["spec"]["template"]["metadata"]["annotations"])[0]
        equal(annotation.rsplit("/", 1)[1], container["name"])

    @suite.test("yamllint")
    def _():
        node.write("/root/daemonset.yaml", open(MANIFEST, encoding="utf-8").read())
        node.run("yamllint", "--strict", "-d", "{extends: default, rules: {line-length: {max: 100},"
                 " document-start: disable}}", "/root/daemonset.yaml")

    @suite.test("works-with-what-it-is-granted")
    def _():
        node.run("mkdir", "-p", "/textfile")
        node.run("mount", "-t", "tmpfs", "tmpfs", "/textfile")
        node.run("mount", "-o", "remount,ro", "/")
        bits = ",".join(["-all"] + ["+" + c.lower() for c in CAPABILITIES])
        script = f"{container['args'][0]}"
        done = node.run("timeout", "5", "setpriv", "--no-new-privs", "--bounding-set", bits,
                        "--inh-caps=-all", *container["command"], script, check=False)
        assert not done.stderr and done.returncode in (0, 124), done
        text = node.run("cat", "/textfile/ktlsctl.prom").stdout
        assert not re.search(r"^ktlsctl_unknown", text, re.M), text
        whole = node.run("ktlsctl", "export").stdout
        # sockmap wants CAP_SYS_ADMIN.
        counts = re.compile(r'ktlsctl_(report|findings|check_not_ok\{category="use",check="sockmap")')
        odd = {line for line in set(text.splitlines()) ^ set(whole.splitlines())
               if not line.startswith("#") and not counts.match(line)}
        assert not odd, odd


def main():
    network = engines.Network(engines.enclose(120))
    suite = engines.Suite("kubernetes")
    node = network.host("node")
    os.makedirs(node.root + "/textfile", exist_ok=True)
    tests(suite, node)
    raise SystemExit(bool(suite.failures))


main()
