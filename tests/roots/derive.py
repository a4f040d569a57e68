#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Derives snapshots from the captured ones: derive.py writes them all anew.

A derived snapshot is a captured one plus edits. Each edit names where the changed bytes
come from. What a host of that kind has, and no source was at hand for, is left as captured;
the states that an administrator brings about are chosen, and said to be.
"""
import json
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = "laboratory: the same state on a real kernel, tests/vm/cases/"


class Root:
    """A snapshot being derived; every change wants its source."""

    def __init__(self, into, name, base):
        self.path = os.path.join(into, name)
        shutil.rmtree(self.path, ignore_errors=True)
        shutil.copytree(os.path.join(HERE, base), self.path)
        with open(os.path.join(self.path, "ktlsctl-snapshot.json")) as f:
            self.doc = json.load(f)
        self.release = self.doc["kernel"]["release"]

    def write(self, name, text, source):
        assert source
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)

    def remove(self, name, source):
        assert source
        path = os.path.join(self.path, name)
        if os.path.isdir(path):
            shutil.rmtree(path)
        else:
            os.remove(path)

    def set(self, group, source, **values):
        assert source
        assert set(values) <= set(self.doc[group]), (group, values)
        self.doc[group].update(values)

    def untried(self, source):
        self.set("probe", source, src={"where": None, "error": 0}, skipped=None, ulp=False,
                 core=False, private_netns=False, cells=[])

    def os_release(self, text, source):
        self.write("etc/os-release", text, source)

    def kernel(self, release, version, config, source):
        """Another kernel: its release, /proc/version and configuration."""
        old = self.release
        self.set("kernel", source, release=release)
        self.write("proc/version", version, source)
        os.remove(os.path.join(self.path, "boot/config-" + old))
        self.write("boot/config-" + release, config, source)
        tree = os.path.join(self.path, "lib/modules")
        if os.path.isdir(os.path.join(tree, old)):
            os.rename(os.path.join(tree, old), os.path.join(tree, release))
        if self.doc["modprobe"]["path"]:
            self.doc["modprobe"]["path"] = self.doc["modprobe"]["path"].replace(old, release)
        self.untried("what was tried on one kernel proves nothing of another")
        self.release = release

    def save(self):
        with open(os.path.join(self.path, "ktlsctl-snapshot.json"), "w") as f:
            json.dump(self.doc, f, indent="\t")
            f.write("\n")


def copy_of(path, version, ours, ktls):
    return {"path": path, "version": version, "ours": ours, "ktls": ktls}


def module_missing(root):
    root.remove(f"lib/modules/{root.release}/kernel", LAB + "faults-module.sh")
    root.set("modprobe", LAB + "faults-module.sh", resolves=False, path="")


def blacklisted(root):
    root.write("etc/modprobe.d/hardening.conf", "\n\nblacklist tls\n",
               "modprobe.d(5), BLACKLIST; " + LAB + "faults-module.sh; the file's name is chosen")
    root.set("modprobe", LAB + "faults-module.sh", blacklisted=True)


def ciphers(root, source, gone=(), error=0):
    """What libkmod makes of the algorithms of kTLS."""
    assert source
    of = (("AES-GCM", "gcm(aes)", "crypto-gcm", "gcm"),
          ("AES-CCM", "ccm(aes)", "crypto-ccm", "ccm"),
          ("ChaCha20-Poly1305", "rfc7539(chacha20,poly1305)", "crypto-rfc7539",
           "chacha20poly1305"))
    root.doc["ciphers"] = {
        "src": {"where": "libkmod", "error": error},
        "modules": [{"cipher": c, "algorithm": a, "alias": i, "module": m,
                     "found": m not in gone, "blacklisted": False, "overridden": False}
                    for c, a, i, m in of]}


def cipher_missing(root):
    ciphers(root, LAB + "faults-cipher.sh", gone={"chacha20poly1305"})


def seccomp(root):
    """LAB faults-cipher.sh: a filter as systemd's SystemCallErrorNumber=EPERM makes it."""
    ciphers(root, "linux-image of Debian 13: all three are modules of it")
    root.doc["caller"].update(seccomp=2, seccomp_passes="no", seccomp_answer=-1)  # EPERM
    root.set("probe", LAB + "tried-refused.sh", ulp=False, ulp_error=-1, cells=[])


def container(root):
    docker = ("moby: oci/defaults.go, masked and read-only paths, default capabilities "
              "(no CAP_NET_ADMIN, no CAP_SYS_MODULE), default seccomp filter, /.dockerenv")
    root.write(".dockerenv", "", docker)
    root.write("proc/self/mountinfo", "\n".join(
        ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
         "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/scsi",
         "/sys/firmware"]) + "\n", docker)
    root.remove("boot", "Debian's container images carry no kernel: no /boot/config-*")
    root.remove("lib", "Debian's container images carry no kernel: no /lib/modules")
    root.remove("sbin", "Debian's container images have no package kmod: no /sbin/modprobe")
    root.set("modprobe", "no /lib/modules, see above", resolves=False, path="")
    root.set("caller", docker, net_admin=False, sys_module=False, initial_others=False,
             initial_netns="yes", seccomp=2)


def rhel8(root):
    epel = "EPEL 8: package openssl3, 3.2.2, beside the system's 1.1.1k"
    root.os_release('ID="rhel"\nID_LIKE="fedora"\nVERSION_ID="8.10"\n'
                    'PRETTY_NAME="Red Hat Enterprise Linux 8.10 (Ootpa)"\n',
                    "redhat-release 8.10: /etc/os-release")
    root.kernel("4.18.0-553.el8_10.x86_64",
                "Linux version 4.18.0-553.el8_10.x86_64 () (gcc version 8.5.0 20210514 "
                "(Red Hat 8.5.0-22) (GCC)) #1 SMP\n",
                "CONFIG_INET=y\nCONFIG_MODULES=y\nCONFIG_TLS=m\n",
                "RHEL 8.10 release notes: kernel 4.18.0-553; kTLS is a Technology Preview, "
                "so CONFIG_TLS=m. Options beside that: no source at hand, left out")
    root.write("proc/sys/kernel/modules_disabled", "1\n",
               "chosen: an administrator locked it; sysctl kernel.modules_disabled, "
               + LAB + "faults-module.sh")
    root.remove("etc/modules", "Debian's alone")
    root.remove("proc/sys/net/ipv4/tcp_available_ulp", "replaced below")
    root.write("proc/sys/net/ipv4/tcp_available_ulp", "\n",
               "MPTCP came with 5.6: no ULP of that name here")
    root.remove("usr/lib/ssl", "Debian's OPENSSLDIR")
    root.set("openssl", epel, version="3.2.2", number=0x30200020,
             library="/usr/lib64/libcrypto.so.3", config_file="/etc/pki/tls/openssl3.cnf")
    root.set("libssl_copies", epel, copies=[
        copy_of("/usr/lib64/libssl.so.3", "3.2.2", True, "yes"),
        copy_of("/usr/lib64/libssl.so.1.1", "1.1.1k", False, "no")])


def ubuntu2004(root):
    copies = "Ubuntu 20.04: package libssl1.1, 1.1.1f; the OpenSSL 3 of ktlsctl is its own copy"
    root.os_release('ID=ubuntu\nID_LIKE=debian\nVERSION_ID="20.04"\n'
                    'PRETTY_NAME="Ubuntu 20.04.6 LTS"\n', "base-files 11ubuntu5: os-release")
    root.kernel("5.4.0-216-generic",
                "Linux version 5.4.0-216-generic () (gcc version 9.4.0 "
                "(Ubuntu 9.4.0-1ubuntu1~20.04.2)) #236-Ubuntu SMP\n",
                "CONFIG_INET=y\nCONFIG_MODULES=y\nCONFIG_TLS=m\nCONFIG_TLS_DEVICE=y\n",
                "package linux-modules-5.4.0-216-generic: config and kernel/net/tls/tls.ko")
    root.write("etc/modprobe.d/cis.conf", "\ninstall tls /bin/false\n",
               "chosen: the way the CIS benchmark turns modules off; modprobe.d(5), "
               + LAB + "faults-module.sh")
    root.set("modprobe", LAB + "faults-module.sh", overridden=True)
    root.write("proc/sys/net/ipv4/tcp_available_ulp", "\n",
               "MPTCP came with 5.6: no ULP of that name here")
    root.set("libssl_copies", copies, copies=[
        copy_of("/usr/local/lib/libssl.so.3", root.doc["openssl"]["version"], True, "yes"),
        copy_of("/usr/lib/x86_64-linux-gnu/libssl.so.1.1", "1.1.1f", False, "no")])
    root.set("openssl", copies, library="/usr/local/lib/libcrypto.so.3",
             config_file="/usr/local/ssl/openssl.cnf")
    root.remove("usr/lib/ssl", "Debian 13's openssl.cnf; this copy has none")


def arch(root):
    root.os_release('ID=arch\nPRETTY_NAME="Arch Linux"\n', "Arch: package filesystem, os-release")
    root.kernel("6.17.8-arch1-1",
                "Linux version 6.17.8-arch1-1 () (gcc (GCC) 15.2.1) #1 SMP PREEMPT_DYNAMIC\n",
                "CONFIG_INET=y\nCONFIG_MODULES=y\nCONFIG_TLS=m\nCONFIG_TLS_DEVICE=y\n",
                "Arch: package linux, its config (CONFIG_TLS=m, CONFIG_TLS_DEVICE=y)")
    root.remove("etc/modules", "Debian's alone")
    root.remove("usr/lib/ssl", "Debian's OPENSSLDIR; Arch has /etc/ssl")
    root.set("openssl", "Arch: package openssl, 3.6.0, enable-ktls, OPENSSLDIR /etc/ssl",
             version="3.6.0", number=0x30600000, library="/usr/lib/libcrypto.so.3",
             config_file="/etc/ssl/openssl.cnf")
    root.set("libssl_copies", "Arch: package openssl", copies=[
        copy_of("/usr/lib/libssl.so.3", "3.6.0", True, "yes")])
    root.write("etc/ssl/openssl.cnf",
               "openssl_conf = openssl_init\n[openssl_init]\nssl_conf = ssl_module\n"
               "[ssl_module]\nsystem_default = tls_defaults\n[tls_defaults]\n"
               "Options = ServerPreference,-KTLS\n",
               "chosen: an administrator switched it off; config(5), SSL_CONF_cmd(3)")


def wsl2(root):
    wsl = ("microsoft/WSL2-Linux-Kernel arch/x86/configs/config-wsl: CONFIG_TLS=m, "
           "CONFIG_TLS_DEVICE and CONFIG_MPTCP not set")
    root.os_release('ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n'
                    'PRETTY_NAME="Ubuntu 24.04.3 LTS"\n', "base-files 13ubuntu10: os-release")
    root.kernel("6.18.20.1-microsoft-standard-WSL2",
                "Linux version 6.18.20.1-microsoft-standard-WSL2 () (gcc (GCC) 13.2.0) #1 SMP "
                "PREEMPT_DYNAMIC\n",
                "", wsl + "; the very number is chosen")
    root.remove("boot", "WSL's kernel is a file of Windows: no /boot/config-*")
    root.write("proc/config.gz", "CONFIG_INET=y\nCONFIG_MODULES=y\nCONFIG_TLS=m\n"
               "# CONFIG_TLS_DEVICE is not set\n", wsl)
    root.remove("lib", "WSL brings modules for its own kernel only: microsoft/WSL2-Linux-Kernel, "
                "release notes of linux-msft-wsl-6.6.36.3; a kernel named in .wslconfig has none")
    root.set("modprobe", "no /lib/modules, see above", resolves=False, path="")
    root.write("proc/sys/net/ipv4/tcp_available_ulp", "\n", wsl)
    root.set("openssl", "Ubuntu 24.04: package libssl3t64, 3.0.13", version="3.0.13",
             number=0x300000d0)
    root.set("libssl_copies", "Ubuntu 24.04: package libssl3t64", copies=[
        copy_of("/usr/lib/x86_64-linux-gnu/libssl.so.3", "3.0.13", True, "yes")])


def fips(root):
    root.write("proc/sys/crypto/fips_enabled", "1\n", LAB + "fips.sh")


def slow_aes(root):
    root.write("proc/crypto", "name         : gcm(aes)\n"
               "driver       : gcm_base(ctr(aes-generic),ghash-generic)\n"
               "module       : gcm\npriority     : 100\nrefcnt       : 1\n"
               "selftest     : passed\ninternal     : no\ntype         : aead\n"
               "async        : no\nblocksize    : 1\nivsize       : 12\nmaxauthsize  : 16\n"
               "geniv        : <none>\n\n",
               "crypto/gcm.c of Linux 6.12: the template over aes-generic and ghash-generic, "
               "what is left when aesni_intel is not loaded")


def old_openssl(root):
    root.set("openssl", "OpenSSL 3.0.1, CHANGES.md: TLS 1.2 receive mended in 3.0.2 "
             "(openssl#17492), TLS 1.3 receive in 3.2 (openssl#17942)", version="3.0.1",
             number=0x30000010)
    root.set("libssl_copies", "the same", copies=[
        copy_of("/usr/lib/x86_64-linux-gnu/libssl.so.3", "3.0.1", True, "yes")])


def libssl_without_ktls(root):
    source = ("OpenSSL 3.5, Configure: ktls is off unless enable-ktls; the BIO flag probe "
              "then answers 0 (unit test of the check)")
    root.set("openssl", source, ktls_send=False, ktls_receive=False,
             library="/usr/local/lib64/libcrypto.so.3",
             config_file="/usr/local/ssl/openssl.cnf")
    root.set("libssl_copies", source, copies=[
        copy_of("/usr/lib/x86_64-linux-gnu/libssl.so.3", "3.5.7", False, "yes"),
        copy_of("/usr/local/lib64/libssl.so.3", "3.5.7", True, "no")])


def folder_gone(root):
    root.remove(f"lib/modules/{root.release}", LAB + "faults-module.sh")
    root.write("lib/modules/6.12.120+deb13-amd64/.keep", "",
               "the next kernel of an upgrade; its number is chosen, and the file is there "
               "because git keeps no empty folder")
    root.set("modprobe", LAB + "faults-module.sh", resolves=False, path="")


def nic(name, ifindex, **values):
    """A row of the group nics."""
    row = {"name": name, "ifindex": ifindex, "kind": "", "driver": "", "up": True,
           "speed_mbps": 0, "physical": False, "lower": 0, "master": 0, "bond_mode": "",
           "bond_hash": "", "pci": "", "numa_node": -1}
    assert set(values) <= set(row), values
    return {**row, **values}


def connectx(name, ifindex, **values):
    return nic(name, ifindex, driver="mlx5_core", physical=True, speed_mbps=100000,
               pci="15b3:101d", numa_node=0, **values)


def features(name, tls, **values):
    """What ethtool netlink says of it; tls: "on", "off" or "fixed"."""
    def bit(feature, on, can):
        return {"name": feature, "supported": can, "wanted": on, "active": on,
                "fixed": not can}
    row = {"name": name, "error": 0, "features": [
        bit("tls-hw-tx-offload", tls == "on", tls != "fixed"),
        bit("tls-hw-rx-offload", False, tls != "fixed"),
        bit("tx-checksum-ip-generic", True, True), bit("tx-checksum-ipv4", False, False),
        bit("tx-checksum-ipv6", False, False), bit("rx-checksum", True, True)],
        "rx_ring": 1024, "rx_ring_max": 8192, "tx_ring": 1024, "tx_ring_max": 8192,
        "combined": 1, "combined_max": 1, "rx_channels": 0, "tx_channels": 0}
    assert set(values) <= set(row), values
    return {**row, **values}


def counters(name, driver, values):
    return {"name": name, "error": 0, "driver": driver, "firmware": "22.41.1000 (MT_0000000359)",
            "counters": [{"name": n, "value": v} for n, v in values.items()]}


def connectx_stock(root):
    root.set("nics", "PCI ids: 15b3:101d is a ConnectX-6 Dx; name and speed are chosen",
             nics=[connectx("ens1f0np0", 2)])
    root.set("ethtool", "Linux 6.12, drivers/net/ethernet/mellanox/mlx5/core/en_accel/ktls.c: "
             "without CONFIG_MLX5_EN_TLS the bits are never set; ethtool -k shows off [fixed]",
             nics=[features("ens1f0np0", "fixed")])
    root.set("nic_stats", "the same, en_stats.c: no tls names in such a build",
             nics=[counters("ens1f0np0", "mlx5_core", {})])


def bond(root):
    config = "boot/config-" + root.release
    with open(os.path.join(root.path, config)) as f:
        text = f.read()
    root.write(config, text.replace("# CONFIG_MLX5_EN_TLS is not set", "CONFIG_MLX5_EN_TLS=y"),
               "a kernel of one's own: Debian's leave the option out")
    source = ("Linux 7.x, drivers/net/bonding/bond_main.c: bond_sk_check wants 802.3ad or "
              "balance-xor with layer3+4; the bond's own bit is off since 6.2; " + LAB +
              "nic-bond.sh")
    root.set("nics", source, nics=[
        connectx("ens1f0np0", 2, master=4), connectx("ens1f1np1", 3, master=4),
        nic("bond0", 4, kind="bond", speed_mbps=200000, bond_mode="802.3ad",
            bond_hash="layer2+3"),
        nic("bond0.100", 5, kind="vlan", speed_mbps=200000, lower=4)])
    own = {"rx_ring": 0, "rx_ring_max": 0, "tx_ring": 0, "tx_ring_max": 0, "combined": 0,
           "combined_max": 0}
    root.set("ethtool", source, nics=[
        features("ens1f0np0", "on"), features("ens1f1np1", "on"),
        features("bond0", "fixed", **own), features("bond0.100", "fixed", **own)])
    names = ("tx_tls_encrypted_packets", "tx_tls_encrypted_bytes", "tx_tls_ctx", "tx_tls_del",
             "tx_tls_ooo", "tx_tls_drop_no_sync_data", "tx_tls_drop_bypass_req", "rx_tls_ctx",
             "rx_tls_del", "rx_tls_decrypted_packets")
    root.set("nic_stats", "en_stats.c: these names, present though never used",
             nics=[counters(n, "mlx5_core", dict.fromkeys(names, 0))
                   for n in ("ens1f0np0", "ens1f1np1")])


def library(kind, path, version, ktls, evidence="mapped", deleted=False):
    return {"kind": kind, "path": path, "version": version, "deleted": deleted, "ktls": ktls,
            "evidence": evidence}


LIBSSL = "/usr/lib/x86_64-linux-gnu/libssl.so.3"


def program(comm, pid, libraries, exe=None, **conf):
    """A row of the group programs; conf: what its own configuration says."""
    row = {"app": "", "version": "", "file": "", "error": 0, "unsure": False, "tls": False,
           "ktls": "unset", "at": "", "sendfile": False, "http2": False, "experimental": False,
           "bundled": False, "ktls_built": False}
    assert set(conf) <= set(row), conf
    return {"comm": comm, "exe": exe or "/usr/sbin/" + comm, "exe_deleted": False, "pid": pid,
            "processes": 4, "same_netns": "yes", "same_userns": "yes", "same_root": "yes",
            "libraries": libraries, "conf": {**row, **conf}}


CHOSEN = ("chosen, so that each check has something to say; single states of it are in the "
          "laboratory: ")


def sysctl(root, key, value):
    root.write("proc/sys/" + key.replace(".", "/"), value + "\n", CHOSEN + "tuning.sh")


def governor(root, name, preference):
    for file, text in (("scaling_governor", name), ("scaling_driver", "intel_pstate"),
                       ("energy_performance_preference", preference)):
        root.write("sys/devices/system/cpu/cpu0/cpufreq/" + file, text + "\n",
                   "Linux, Documentation/admin-guide/pm/intel_pstate.rst; " + CHOSEN)


def offloading(root):
    bond(root)
    root.set("nics", CHOSEN + "nic-offload.sh", nics=[connectx("ens1f0np0", 2)])


def tls_stat(root, **values):
    path = os.path.join(root.path, "proc/net/tls_stat")
    with open(path) as f:
        names = dict(line.split() for line in f)
    assert set(values) <= set(names), values
    root.write("proc/net/tls_stat", "".join(f"{n:<32}\t{values.get(n, v)}\n"
                                            for n, v in names.items()),
               CHOSEN + "nic-offload.sh")


def edge_good(root):
    """All that this program looks for, as it should be."""
    bond(root)
    root.set("nics", CHOSEN + "nic-bond.sh", nics=[
        {**card, "bond_hash": card["bond_hash"] and "layer3+4"}
        for card in root.doc["nics"]["nics"] if card["kind"] != "vlan"])
    root.set("nic_stats", CHOSEN, nics=[counters(name, "mlx5_core", {
        "tx_tls_ctx": 40, "tx_tls_del": 36, "tx_tls_encrypted_packets": 100000,
        "tx_tls_encrypted_bytes": 140000000, "tx_tls_ooo": 3, "tx_tls_drop_no_sync_data": 0,
        "tx_tls_drop_bypass_req": 0, "rx_tls_ctx": 0, "rx_tls_del": 0})
        for name in ("ens1f0np0", "ens1f1np1")])
    tls_stat(root, TlsCurrTxDevice=4, TlsTxDevice=40, TlsRxSw=40, TlsCurrRxSw=4)
    for key, value in (("net.ipv4.tcp_rmem", "4096 131072 536870912"),
                       ("net.ipv4.tcp_wmem", "4096 16384 536870912"),
                       ("net.ipv4.tcp_mem", "3145728 4194304 6291456"),
                       ("net.ipv4.tcp_slow_start_after_idle", "0")):
        sysctl(root, key, value)
    governor(root, "performance", "performance")
    root.write("etc/modules-load.d/tls.conf", "tls\n", CHOSEN + "modules-load.d(5)")
    root.write("usr/lib/ssl/openssl.cnf", "openssl_conf = init\n[init]\nssl_conf = mod\n[mod]\n"
               "system_default = tls\n[tls]\nOptions = KTLS\n", CHOSEN + "openssl.cnf(5)")
    ours = [library("openssl", LIBSSL, "3.5.7", "yes")]
    root.set("programs", CHOSEN + "servers-*.sh", programs=[
        program("nginx", 812, ours, app="nginx", version="1.28.0", tls=True, ktls="on",
                file="/etc/nginx/nginx.conf", at="/etc/nginx/nginx.conf:31", sendfile=True),
        program("haproxy", 900, ours, app="haproxy", version="3.3.1", tls=True, ktls="on",
                file="/etc/haproxy/haproxy.cfg", at="/etc/haproxy/haproxy.cfg:44",
                experimental=True),
        program("lighttpd", 950, ours, app="lighttpd", version="1.4.79", tls=True, ktls="on",
                file="/etc/lighttpd/lighttpd.conf", at="/etc/lighttpd/lighttpd.conf:9"),
        program("python3", 960, ours, exe="/usr/bin/python3.13")])
    root.set("consumers", CHOSEN + "nfs(5), xprtsec", nfs_mounts=2, nfs_tls=2, tlshd=True)
    root.write("etc/ktlsctl/ktlsctl.conf", "[service nginx]\nexpect = tx,hw\n", CHOSEN)
    root.write("etc/ktlsctl/waivers.d/edge.conf", "[w]\nid = nic-speed\nreason = spare link\n"
               "expires = never\n", CHOSEN)


def edge_bad(root):
    """As much as can be wrong on one host where kTLS is used all the same."""
    offloading(root)
    with open(os.path.join(root.path, "proc/version")) as f:
        version = f.read().replace(root.release.split("+")[0], "6.12.30")
    with open(os.path.join(root.path, "boot/config-" + root.release)) as f:
        root.kernel("6.12.30+deb13-amd64", version, f.read(),
                    "Debian 13 before its updates: 6.12.30, facts of the table of defects")
    root.set("probe", "lib/probe/run.c: a kernel that never answers",
             src={"where": "loopback", "error": -110}, skipped=None, core=True, cells=[])
    root.set("openssl", CHOSEN, version="3.4.1", number=0x30400010, header_version="3.5.0")
    root.set("nics", CHOSEN, nics=[connectx("ens1f0np0", 2), {
        **connectx("ens1f1np1", 3), "up": False, "speed_mbps": 0}])
    root.set("topology", CHOSEN, nodes=[{"id": 0, "cpus": "0-31"}])
    off = features("ens1f0np0", "off", rx_ring=256, tx_ring=256, combined=4, combined_max=63)
    for bit in off["features"]:
        if bit["name"] == "tx-checksum-ip-generic":
            bit["active"] = bit["wanted"] = False
    root.set("ethtool", CHOSEN + "nic-feature-off.sh",
             nics=[off, features("ens1f1np1", "off")])
    root.set("nic_stats", CHOSEN + "nic-drops.sh, nic-no-space.sh, nic-effect.sh",
             nics=[counters("ens1f0np0", "mlx5_core", {
                 "tx_tls_ctx": 4000, "tx_tls_del": 3, "tx_tls_encrypted_packets": 100000,
                 "tx_tls_ooo": 90000, "tx_tls_drop_no_sync_data": 17,
                 "tx_tls_drop_bypass_req": 2, "hw_tls_no_space": 12, "rx_tls_err": 4,
                 "rx_tls_ctx": 0, "rx_tls_del": 0})])
    tls_stat(root, TlsCurrTxDevice=4, TlsTxDevice=40, TlsDecryptError=7)
    root.write("proc/net/snmp", "Tcp: OutSegs RetransSegs\nTcp: 1000000 90000\n", CHOSEN)
    root.write("run/irqbalance/.keep", "", "irqbalance 1.9: its socket lies in that folder")
    for key, value in (("net.core.wmem_max", "65536"), ("net.ipv4.tcp_mem", "512 1024 2048"),
                       ("net.ipv4.tcp_moderate_rcvbuf", "0"), ("kernel.io_uring_disabled", "2"),
                       ("net.ipv4.tcp_congestion_control", "bbr"),
                       ("net.core.default_qdisc", "pfifo_fast")):
        sysctl(root, key, value)
    governor(root, "powersave", "power")
    root.write("proc/net/protocols", "protocol size sockets\nMPTCP 2048 12\n", CHOSEN)
    root.set("sockmap", CHOSEN, maps=2)
    root.set("consumers", CHOSEN, nfs_mounts=1, nfs_tls=1, nvme_tcp=1, nvme_tls=1)
    old = [library("openssl", LIBSSL, "3.0.11", "no", deleted=True)]
    root.set("programs", CHOSEN + "servers-*.sh", programs=[
        program("nginx", 812, old, app="nginx", version="1.28.0", tls=True, ktls="on",
                file="/etc/nginx/nginx.conf", at="/etc/nginx/nginx.conf:31", http2=True),
        program("haproxy", 900, old, app="haproxy", version="3.0.11", tls=True,
                file="/etc/haproxy/haproxy.cfg"),
        program("lighttpd", 950, old, app="lighttpd", version="1.4.79", tls=True, ktls="off",
                file="/etc/lighttpd/lighttpd.conf", at="/etc/lighttpd/lighttpd.conf:9"),
        program("webhook", 970, [library("go", "", "go1.24.4", "no", ".go.buildinfo")])])
    root.write("etc/ktlsctl/ktlsctl.conf", "[service nginx]\nexpect = tx,rx,hw\nexpcet = tx\n",
               CHOSEN)
    root.write("etc/ktlsctl/waivers.d/old.conf", "[w]\nid = fips\nreason = r\n"
               "expires = 2020-01-01\n", CHOSEN)


def confined(root):
    """Nothing can be read: what a security module leaves a confined service."""
    offloading(root)
    root.untried("apparmor.d(5): nor is anything tried")
    source = "apparmor.d(5): without a rule open(2) is EACCES and socket(2) EPERM"
    kept = {"proc/version", "etc/os-release"}
    for top, _, names in os.walk(root.path):
        for name in names:
            path = os.path.relpath(os.path.join(top, name), root.path)
            if path != "ktlsctl-snapshot.json" and path not in kept:
                root.doc["errors"].append({"path": "/" + path, "error": -13})
    for folder in ("/sys/module/tls", "/etc/modprobe.d", "/etc/modules-load.d", "/proc/modules",
                   "/etc/ktlsctl/waivers.d", "/proc/config.gz", "/proc/sys/crypto/fips_enabled",
                   "/run/tuned/tuned.pid", "/run/bpftune.pid", "/run/irqbalance",
                   "/run/NetworkManager", "/lib/modules/" + root.release,
                   "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"):
        root.doc["errors"].append({"path": folder, "error": -13})
    root.write("etc/ktlsctl/ktlsctl.conf", "", source)
    ciphers(root, source)
    for group in ("modprobe", "caller", "openssl", "nics", "ethtool", "nic_stats", "topology",
                  "sockmap", "programs", "consumers", "libssl_copies", "ciphers"):
        root.doc[group]["src"]["error"] = -13


def numa_far(root):
    cards = root.doc["topology"]["nics"]
    root.set("topology", LAB + "nic-numa.sh, the interrupts aimed at the other node",
             nics=[{**card, "remote": card["irqs"], "cpus": "0"} for card in cards])


def tuned(root):
    package = "Debian 12, package tuned 2.20.0-1: "
    root.write("run/tuned/tuned.pid", "", package + "PID_FILE of its daemon; the number is left out")
    root.write("etc/tuned/active_profile", "network-throughput\n", package + "ACTIVE_PROFILE_FILE")
    root.write("usr/lib/tuned/network-throughput/tuned.conf",
               "[main]\ninclude=throughput-performance\n[sysctl]\n"
               'net.ipv4.tcp_rmem="4096 87380 16777216"\n'
               'net.ipv4.tcp_wmem="4096 16384 16777216"\n',
               package + "that file, what the filter leaves of it")
    root.write("proc/sys/net/ipv4/tcp_rmem", "4096\t87380\t16777216\n", "the profile, applied")
    root.write("proc/sys/net/ipv4/tcp_wmem", "4096\t16384\t16777216\n", "the profile, applied")
    root.write("etc/sysctl.d/90-db.conf", "net.ipv4.tcp_rmem = 4096 131072 6291456\n",
               "chosen: somebody set it before tuned came")


def trial_refused(root):
    root.set("probe", "chosen: an LSM that refuses setsockopt(2)", ulp=False, ulp_error=-1,
             cells=[])


NOT_LOADED, LOADED = "debian13-6.12-not-loaded", "debian13-6.12"
DERIVED = {
    "module-missing": (NOT_LOADED, module_missing),
    "blacklisted": (NOT_LOADED, blacklisted),
    "container": (NOT_LOADED, container),
    "rhel8": (NOT_LOADED, rhel8),
    "ubuntu2004": (NOT_LOADED, ubuntu2004),
    "arch": (LOADED, arch),
    "wsl2": (NOT_LOADED, wsl2),
    "fips": (LOADED, fips),
    "slow-aes": (LOADED, slow_aes),
    "cipher-missing": (LOADED, cipher_missing),
    "seccomp": (LOADED, seccomp),
    "old-openssl": (LOADED, old_openssl),
    "libssl-without-ktls": (LOADED, libssl_without_ktls),
    "folder-gone": (NOT_LOADED, folder_gone),
    "connectx-stock": (LOADED, connectx_stock),
    "bond": ("debian13-7.x", bond),
    "tuned": (LOADED, tuned),
    "numa-far": ("numa", numa_far),
    "edge-good": ("debian13-7.x", edge_good),
    "edge-bad": (LOADED, edge_bad),
    "trial-refused": (LOADED, trial_refused),
    "confined": ("debian13-7.x", confined),
}


def main():
    into = sys.argv[1] if len(sys.argv) > 1 else HERE
    for name, (base, edit) in DERIVED.items():
        root = Root(into, name, base)
        edit(root)
        root.save()


main()
