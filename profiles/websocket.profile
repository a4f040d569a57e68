# SPDX-License-Identifier: MIT

[profile]
summary = very many connections, mostly idle: WebSocket, push, chat
about = What counts is the memory of a connection, the storm when all of them come
about = back after a restart, and that dead ones are noticed. How many descriptors a
about = server may have is up to its unit (LimitNOFILE=), not to the kernel's keys.
include = baseline

[net.ipv4.tcp_slow_start_after_idle]
value = 0
because = idle is the normal state of these connections, and each message after a pause
because = would begin slowly (RFC 2861; ip-sysctl.rst: tcp_slow_start_after_idle)
risk = a burst into a path that has changed meanwhile

[net.ipv4.tcp_notsent_lowat]
value = 131072
may_lower = the default is no limit at all: a slow peer may pile up megabytes
because = bounds what a peer that does not read holds of the kernel's memory, encrypted
because = and not yet sent, to 8 full records (ip-sysctl.rst: tcp_notsent_lowat)
risk = more wake-ups of programs that send in bulk

[net.core.somaxconn]
value = 16384
because = when all come back at once they wait for accept(2), and for a TLS handshake
because = each; those beyond the backlog are dropped and try again after a second
because = (ip-sysctl.rst: somaxconn; the program has to ask listen(2) for as much)
risk = a server that is too slow keeps more peers waiting instead of turning them away

[net.ipv4.tcp_max_syn_backlog]
value = 16384
because = the same for those whose handshake of TCP is not complete; beyond it SYN
because = cookies are used (ip-sysctl.rst: tcp_max_syn_backlog)
risk = about 300 bytes of memory for each
when = ram >= 512M

[net.ipv4.tcp_keepalive_time]
value = 600
may_lower = with two hours, the default, dead peers are most of the memory
because = a peer that went without a word holds its socket and both its TLS states
because = until a keepalive fails (ip-sysctl.rst: tcp_keepalive_time); holds for
because = sockets with SO_KEEPALIVE that do not say better themselves
risk = a packet each way every ten minutes wakes mobile devices
