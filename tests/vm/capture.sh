#!/bin/bash
# SPDX-License-Identifier: MIT
# Usage: capture.sh [--into FOLDER] [NAME...]
#
# Takes the snapshots that tests/roots has of real kernels anew, all or those named: boots
# each machine, runs "ktlsctl snapshot" there, and replaces the folder of that name.

set -euo pipefail

. "$(dirname "$0")/lab.sh"

# Name, kernel, user land, what is set up (a function of the guest's script), who takes it.
MACHINES='
debian11-5.10            5.10  bookworm  nothing  root
debian12-6.1             6.1   bookworm  loaded   root
debian13-6.12            6.12  trixie    loaded   root
debian13-6.12-not-loaded 6.12  trixie    nothing  root
debian13-6.12-nobody     6.12  trixie    nothing  nobody
debian13-7.x             7.x   trixie    loaded   root
offload-nic              6.12  trixie    card     root
numa                     6.12  trixie    numa     root
nginx                    7.x   trixie    nginx    root
'

into=$LAB_TOP/tests/roots
work=''

guest_script()
{
	cat <<-'END'
		. /ktlsctl/case.sh

		# lighttpd's package, which other cases need, has tls loaded at boot.
		nothing() { rm -rf /usr/lib/modules-load.d; }
		# With the processor's ciphers, which udev loads where there is one.
		loaded() { nothing; load_tls; modprobe -a gcm aesni_intel; }
		# A connection that the simulated card takes over, open meanwhile.
		card() { . /ktlsctl/case-nic.sh; load_tlsnic; nic_connect; }
		# Both processors on the other node than the cards.
		numa() { load_tls; modprobe -a e1000e virtio_net; udevadm settle 2>/dev/null ||
			sleep 1; for c in /sys/class/net/*/device; do c=${c%/device}
			ip link set "${c##*/}" up; done; }
		# As Debian configures it, with a site that says nothing of kTLS.
		nginx_site() { echo "server { listen 4433 ssl; root /tmp/www;
			ssl_certificate $CASE_TLS/cert; ssl_certificate_key $CASE_TLS/key; }"; }
		nginx() { load_tls; . /ktlsctl/case-server.sh; server_prepare
			nginx_site >/etc/nginx/conf.d/site.conf; command nginx
			wait_for server_answers; }

		# The laboratory has every server; one of them loads tls at boot.
		rm -f /usr/lib/modules-load.d/lighttpd-mod-openssl.conf
		"$1"
		mkdir -m 1777 /tmp/captured
		"as_$2" "$KTLSCTL" snapshot /tmp/captured/root
		cp -r --no-dereference --preserve=links /tmp/captured/root /results/root
		chmod -R a+rX /results/root
	END
}

# What the machine needs for it.
boot_options()
{
	case $1 in
	card) echo --fixtures tlsnic ;;
	numa) echo --machine numa ;;
	esac
}

capture()
{
	local name=$1 kernel=$2 userland=$3 setup=$4 who=$5 options

	read -ra options <<<"$(boot_options "$setup")"

	lab_say "capturing $name"
	rm -rf "${work:?}/$name"
	if ! "$LAB_DIR/boot.sh" --kernel "$kernel" --userland "$userland" "${options[@]}" \
		--results "$work/$name" "$work/script" "$setup" "$who"; then
		cat "$work/$name/output" >&2 || true
		lab_die "$name was not captured"
	fi
	rm -rf "${into:?}/$name"
	cp -r --no-dereference --preserve=links "$work/$name/root" "$into/$name"
}

main()
{
	local name kernel userland setup who

	[ "${1-}" != --help ] || lab_help
	if [ "${1-}" = --into ]; then
		into=${2:?--into wants a folder}
		shift 2
	fi
	for name; do
		grep -q "^$name " <<<"$MACHINES" || lab_usage_error "unknown machine '$name'"
	done
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	guest_script >"$work/script"
	mkdir -p "$into"
	while read -r name kernel userland setup who; do
		[ -n "$name" ] || continue
		[ $# -eq 0 ] || lab_has_word "$name" "$@" || continue
		capture "$name" "$kernel" "$userland" "$setup" "$who" </dev/null
	done <<<"$MACHINES"
}

main "$@"
