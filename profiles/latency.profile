# SPDX-License-Identifier: MIT

[profile]
summary = few microseconds: trading, RPC, games
about = Short messages whose answer is waited for. Processors burn power to wait
about = faster: not for a host that is shared, or runs on a battery.
include = baseline

[net.ipv4.tcp_slow_start_after_idle]
value = 0
because = a connection that paused for longer than its retransmission timeout sends no
because = more than a first window at once: a large message takes more round trips
because = (RFC 2861; ip-sysctl.rst: tcp_slow_start_after_idle)
risk = a burst into a path that has changed meanwhile

[net.ipv4.tcp_notsent_lowat]
value = 131072
may_lower = the default is no limit at all, which is what makes the queue
because = what waits unsent in the kernel is already encrypted and cannot be overtaken
because = by what is more urgent; 128 KiB are 8 full records, enough to be woken in time
because = (ip-sysctl.rst: tcp_notsent_lowat)
risk = more wake-ups of programs that send in bulk; a program's own TCP_NOTSENT_LOWAT
risk = goes before it

[net.core.busy_read]
value = 50
because = a read looks at the queue of the NIC itself for 50 microseconds before it
because = sleeps, the value that is recommended (admin-guide/sysctl/net.rst: busy_read)
risk = a processor spins while it waits; every socket made from now on does it

[net.core.busy_poll]
value = 50
because = the same for poll(2) and select(2) on a few sockets
because = (admin-guide/sysctl/net.rst: busy_poll)
risk = a processor spins while it waits; with hundreds of sockets epoll is better

[nic.adaptive-rx]
value = off
because = a driver that finds out by itself how long interrupts may wait trades the
because = first packets of a burst for fewer interrupts
because = (Documentation/networking/net_dim.rst)
risk = more interrupts under load

[nic.rx-usecs]
value = 0
may_lower = every microsecond of it is added to a message
because = an interrupt at once for what comes in (ethtool(8): rx-usecs)
risk = an interrupt for nearly every packet: less throughput, more load

[nic.irq-affinity]
rule = near
when = numa-nodes >= 2
because = an interrupt taken on another node fetches every packet across the machine
because = (Documentation/networking/scaling.rst: RSS IRQ configuration)
risk = these processors are busier; programs should run near them too

[cpu.governor]
value = performance
when = cpu-preference = no
because = a processor that has to speed up first encrypts the first records slowly
because = (admin-guide/pm/cpufreq.rst: performance)
risk = more power, more heat, also when nothing is to be done

[cpu.energy-preference]
value = performance
when = cpu-preference = yes
because = where the hardware decides, this is what it goes by, not the governor's name
because = (admin-guide/pm/intel_pstate.rst: energy_performance_preference)
risk = more power, more heat, also when nothing is to be done
