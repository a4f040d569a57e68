# SPDX-License-Identifier: MIT

[profile]
summary = the NIC encrypts: mlx5, cxgb4, nfp, funeth
about = For NICs whose driver can. Connections that are open stay as they are; new ones
about = with TLS 1.2 and AES-GCM are taken over, TLS 1.3 stays in software.
include = throughput

[nic.tls-hw-tx-offload]
value = on
because = the NIC encrypts what goes out, and the processor does not touch it
because = (Documentation/networking/tls-offload.rst)
risk = after a change of the route, or with the link down, the kernel encrypts again;
risk = ktlsctl diagnose tells the known defects (ready-offload, nic-tls-counters)

[nic.tls-hw-rx-offload]
value = on
because = the NIC decrypts what comes in; a packet that comes out of order is decrypted
because = by the kernel, which then has the NIC find its place again
because = (Documentation/networking/tls-offload.rst: resync)
risk = with mlx5 the channels are closed and opened when it is first switched on: a
risk = moment without traffic; where packets are lost often it costs more than it saves
