# SPDX-License-Identifier: MIT
# Safe on any host; the others include it.

[profile]
summary = the module loaded, autotuning on: safe on any host
about = What kTLS needs to be there, and the two switches without which no TCP
about = buffer grows. All of it is the default of a kernel that nobody has touched,
about = but the module, which no boot loads by itself.

[module.tls]
value = on
because = for a server without privileges kTLS is not there until somebody has loaded
because = it: the kernel does that for CAP_NET_ADMIN alone (net/ipv4/tcp_ulp.c)
risk = the code of net/tls can be reached by every program; ktlsctl diagnose tells its
risk = known defects (kernel-cves)

[net.ipv4.tcp_moderate_rcvbuf]
value = 1
because = without it a receive buffer stays at its first size, whatever the path
because = (ip-sysctl.rst: tcp_moderate_rcvbuf)
risk = none: it is the default

[net.ipv4.tcp_window_scaling]
value = 1
because = without it no more than 64 KiB are ever on their way, four records of TLS
because = (RFC 7323; ip-sysctl.rst: tcp_window_scaling)
risk = none: it is the default
