# SPDX-License-Identifier: MIT

[profile]
summary = bulk transfers: downloads, CDN, backup, sendfile
about = A few fast connections, or many, that have more to send than the path takes.
about = net.core.rmem_max and wmem_max are left alone: they bound what a program asks
about = for with SO_RCVBUF, not autotuning. So is net.core.optmem_max: it counts for
about = MSG_ZEROCOPY, which kTLS refuses.
include = baseline
servers = nginx

[net.ipv4.tcp_rmem]
rule = keep keep bdp:20ms
max = 1G ram/64
because = autotuning stops at the third value; a receiver that shall keep the path full
because = needs what is in flight: speed of the NIC x 20 ms
because = (ip-sysctl.rst: tcp_rmem)
risk = a busy socket may hold that much; tcp_mem bounds the sum of all
when = ram >= 512M

[net.ipv4.tcp_wmem]
rule = keep keep bdp:20ms
max = 1G ram/64
because = what is sent and not yet acknowledged stays in the send buffer, whose
because = autotuning stops at the third value (ip-sysctl.rst: tcp_wmem)
risk = a busy socket may hold that much; with kTLS in software the plaintext is copied
risk = into records first; tcp_mem bounds the sum of all
when = ram >= 512M

[nic.rx-ring]
rule = max
max = 4096
because = a burst that comes while the processor encrypts has to wait in the ring, and
because = what finds it full is lost (Documentation/networking/statistics.rst:
because = rx_missed_errors)
risk = memory; with much more than 4096 the ring falls out of the processor's cache

[nic.rps-cpus]
rule = near
when = rx-queues = 1
because = with one queue one processor receives everything; RPS hands packets to its
because = neighbours (Documentation/networking/scaling.rst: RPS)
risk = an interrupt between processors for each batch of packets

[nic.irq-affinity]
rule = near
when = numa-nodes >= 2
because = an interrupt taken on another node fetches every packet across the machine
because = (Documentation/networking/scaling.rst: RSS IRQ configuration)
risk = these processors are busier; programs should run near them too
