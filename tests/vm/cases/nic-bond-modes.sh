# SPDX-License-Identifier: MIT
# A bond of two cards in the modes that pass no TLS offload on: all software.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie
# fixtures: tlsnic

. /ktlsctl/case-bond.sh

for mode in balance-rr active-backup broadcast balance-tlb balance-alb; do
	try_bond sw warn bond-mode "$mode" layer3+4
done
