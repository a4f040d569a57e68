# SPDX-License-Identifier: MIT
# A bond of two cards passes TLS offload on in two modes and with one hash policy. From 6.2
# on it shows "off [fixed]" also where it does.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# fixtures: tlsnic

. /ktlsctl/case-bond.sh

try_bond hw ok '' balance-xor layer3+4
try_bond hw ok '' 802.3ad layer3+4
try_bond sw warn bond-hash balance-xor layer2+3
try_bond sw warn bond-hash 802.3ad layer2
