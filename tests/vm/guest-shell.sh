#!/bin/bash
# SPDX-License-Identifier: MIT
# An interactive shell on the guest's serial console; the guest powers off when it ends.
# Arguments: the terminal's type, rows and columns, which a serial line does not tell.

export TERM=$1
stty rows "$2" cols "$3" <>/dev/console
printf 'Kernel %s. The program is %s. Nothing written here is kept.\n' \
	"$(uname -r)" "$KTLSCTL"
ln -sf "$KTLSCTL" /usr/local/bin/ktlsctl
# A terminal of its own gives job control and a Ctrl-C that does not end the guest.
setsid --ctty --wait bash -i </dev/ttyS0 >/dev/ttyS0 2>&1
exit 0
