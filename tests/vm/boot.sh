#!/bin/bash
# SPDX-License-Identifier: MIT
# Usage: boot.sh [OPTION...] SCRIPT [ARGUMENT...]
#        boot.sh [OPTION...] --shell
#
# Boots a kernel with a user land under QEMU, runs SCRIPT there as root and exits with its
# status. The guest's root is writable and as a rule thrown away; SCRIPT finds the program in
# $KTLSCTL, the laboratory's scripts in /ktlsctl, and writes what it wants kept to /results.
#
#   --kernel LABEL     5.10, 6.1, 6.12 (default) or 7.x
#   --userland NAME    trixie (default) or bookworm
#   --cmdline WORDS    added to the kernel's command line
#   --machine NAME     pc (default) or numa: two nodes with a processor each, an e1000e and
#                      a virtio NIC on the second
#   --fixtures NAMES   built from tests/fixtures and put into /ktlsctl; with "systemd" among
#                      them that is process 1, and runs SCRIPT when it has done all else
#   --disk FILE        what the guest writes is kept there (made unless it is there), for the
#                      next boot to find
#   --program FILE     the program under test (default: build/ktlsctl)
#   --results FOLDER   the guest's /results, where afterwards stand: output and status of
#                      SCRIPT, the kernel's dmesg, console (default: a temporary folder)
#   --timeout SECONDS  when to give up (default 120); counts as a failure
#   --cpus N           the guest's processors (default 1: an emulated second one costs more
#                      than it gives)
#   --icount SHIFT     every instruction takes 2^SHIFT ns of the guest's time: its clocks count
#                      instructions (default: they follow this machine's)
#   --offline          take what the cache has, up to date or not
#   --shell            an interactive shell on this terminal (Ctrl-A X ends the guest)
#
# Exit status: that of SCRIPT; 124 when the guest hung or died; 2 usage.

set -euo pipefail

. "$(dirname "$0")/lab.sh"

# In this order, each after what it depends on.
INITRAMFS_MODULES=(virtio_pci 9pnet_virtio 9p overlay)
# Only where there is a disk.
DISK_MODULES=(virtio_blk ext4)

kernel=6.12 userland=trixie cmdline='' program=$LAB_TOP/build/ktlsctl
results='' timeout=120 cpus=1 shell=no tmp='' machine=pc fixtures=() icount=''
offline=no disk=''
PATH+=:/usr/sbin:/sbin

parse_options()
{
	while [ $# -gt 0 ]; do
		case $1 in
		--kernel) kernel=${2-}; shift ;;
		--userland) userland=${2-}; shift ;;
		--cmdline) cmdline=${2-}; shift ;;
		--machine) machine=${2-}; shift ;;
		--fixtures) read -ra fixtures <<<"${2-}"; shift ;;
		--disk) disk=${2-}; shift ;;
		--program) program=${2-}; shift ;;
		--results) results=${2-}; shift ;;
		--timeout) timeout=${2-}; shift ;;
		--cpus) cpus=${2-}; shift ;;
		--icount) icount=${2-}; shift ;;
		--offline) offline=yes ;;
		--shell) shell=yes ;;
		--help) lab_help ;;
		-*) lab_usage_error "unknown option '$1'" ;;
		*) break ;;
		esac
		shift || lab_usage_error "an option lacks its value"
	done
	script=("$@")
}

check_options()
{
	lab_has_word "$kernel" "${LAB_KERNELS[@]}" || lab_usage_error "unknown kernel '$kernel'"
	lab_has_word "$userland" "${LAB_USERLANDS[@]}" ||
		lab_usage_error "unknown user land '$userland'"
	lab_has_word "$machine" pc numa || lab_usage_error "unknown machine '$machine'"
	[[ $icount =~ ^[0-9]*$ ]] || lab_usage_error "--icount wants a number, not '$icount'"
	[ "$shell" = no ] ||
		script=("$LAB_DIR/guest-shell.sh" "${TERM:-dumb}" "$(tput lines)" "$(tput cols)")
	[ "${#script[@]}" -gt 0 ] || lab_usage_error "no script to run"
	[ -r "${script[0]}" ] || lab_die "cannot read ${script[0]}"
}

# Prints what the kernel has to be told to load, a file a line, without repetition.
initramfs_modules()
{
	local tree=$1 release=$2 module

	shift 2
	for module; do
		modprobe -d "$tree/usr" -S "$release" --show-depends "$module"
	done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++'
}

# busybox loads only plain modules; the number keeps the order. Into the folder $1.
initramfs_add_modules()
{
	local dir=$1 file n=10 name

	shift
	mkdir -p "$dir"
	while read -r file; do
		name=$n-$(basename "${file%.xz}")
		case $file in
		*.xz) xz -dc "$file" >"$dir/$name" ;;
		*) cp "$file" "$dir/$name" ;;
		esac
		n=$((n + 1))
	done < <(initramfs_modules "$@")
}

# Not compressed: unpacking costs an emulated processor more than reading.
initramfs_build()
{
	local out=$1 tree=$2 release=$3 dir=$tmp/initramfs

	mkdir -p "$dir"/{bin,dev}
	cp "$(command -v busybox)" "$dir/bin/busybox"
	cp "$LAB_DIR/initramfs-init.sh" "$dir/init"
	chmod 755 "$dir/init"
	initramfs_add_modules "$dir/modules" "$tree" "$release" "${INITRAMFS_MODULES[@]}"
	initramfs_add_modules "$dir/modules-disk" "$tree" "$release" "${DISK_MODULES[@]}"
	(cd "$dir" && find . | cpio --quiet -o -H newc -R 0:0) >"$tmp/initramfs.cpio"
	# Moved only when whole, because another boot may be doing the same.
	cp "$tmp/initramfs.cpio" "$out.$$"
	mv "$out.$$" "$out"
}

# Beside the kernel it belongs to; a change of what makes it gives it another name.
initramfs()
{
	local dir=$1 recipe out

	recipe=$(cat "$LAB_DIR/initramfs-init.sh" "$LAB_DIR/boot.sh" "$(command -v busybox)" |
		sha256sum)
	out=$dir/initramfs-${recipe:0:12}.cpio
	if [ ! -e "$out" ]; then
		# Not those of today: another boot may be about to use one.
		find "$dir" -maxdepth 1 -name 'initramfs-*' -mtime +0 -delete
		initramfs_build "$out" "$dir/tree" "$(cat "$dir/release")"
	fi
	printf '%s\n' "$out"
}

# Copies, so that a build that goes on meanwhile does not change a program that runs.
fill_share()
{
	local share=$1 name file

	mkdir "$share" "$share/man"
	cp "$LAB_TOP"/share/man/*.scd "$share/man/"
	cp "$LAB_TOP/contrib/apparmor/usr.bin.ktlsctl" "$share/"
	cp "$LAB_DIR/guest-init.sh" "$LAB_DIR"/case*.sh "$share/"
	cp "${script[0]}" "$share/script"
	: >"$share/arguments"
	[ "${#script[@]}" -eq 1 ] || printf '%s\0' "${script[@]:1}" >"$share/arguments"
	[ "$shell" = no ] || : >"$share/interactive"
	[ ! -e "$program" ] || cp "$program" "$share/ktlsctl"
	[ ! -d "$LAB_TOP/build/tests/programs" ] ||
		cp "$LAB_TOP"/build/tests/programs/* "$share/"
	for name in "${fixtures[@]}"; do
		file=$("$LAB_DIR/fixture.sh" "$name" "$kernel")
		case $file in
		*.ko) cp "$file" "$share/$name.ko" ;;
		*) cp "$file" "$share/$name" ;;
		esac
	done
	chmod -R a+rX "$share"
}

# Sets the array "devices". A second root of the bus is what a NIC of another node is on;
# the folders stay on the first. No ROM: a NIC boots nothing here, and not every machine
# has the files. An emulated second processor costs more than it gives, but a node without
# one is none.
machine_devices()
{
	local node port n=0

	[ "$machine" = numa ] || { devices=(-smp "$cpus" -m 1024 -nic none); return; }
	devices=(-M q35 -smp 2 -m 1024)
	for node in 0 1; do
		devices+=(-object "memory-backend-ram,id=m$node,size=512M"
			-numa "node,nodeid=$node,cpus=$node,memdev=m$node")
	done
	devices+=(-device "pxb-pcie,id=pxb1,bus_nr=128,numa_node=1,bus=pcie.0")
	for port in e1000e virtio-net-pci; do
		n=$((n + 1))
		devices+=(-device "pcie-root-port,id=rp$n,bus=pxb1,chassis=$n"
			-netdev "user,id=n$n,restrict=on,net=10.0.$((n + 1)).0/24"
			-device "$port,bus=rp$n,netdev=n$n,romfile=")
	done
}

# A sparse file, with room for what a case may write.
add_disk()
{
	local bus=pci.0

	[ "$machine" = pc ] || bus=pcie.0
	if [ ! -e "$disk" ]; then
		truncate -s 512M "$disk"
		mkfs.ext4 -q -F "$disk"
	fi
	devices+=(-drive "if=none,id=disk,format=raw,file=$disk"
		-device "virtio-blk-pci,bus=$bus,drive=disk")
	# A word that the kernel does not know is for the first program.
	cmdline+=" lab_disk=/dev/vda"
}

# Adds a folder that the guest may mount by its name: $1 name, $2 folder, $3 more words.
share_folder()
{
	local bus=pci.0

	[ "$machine" = pc ] || bus=pcie.0
	devices+=(-fsdev "local,id=$1,path=$2,security_model=none,multidevs=remap$3"
		-device "virtio-9p-pci,bus=$bus,fsdev=$1,mount_tag=$1")
}

# In the background, because only then a signal reaches this script at once, and with it
# the guest; not so the shell, which needs the terminal.
run_guest()
{
	if [ "$shell" = yes ]; then
		(run_qemu)
		return
	fi
	run_qemu </dev/null &
	trap 'kill $! 2>/dev/null; exit 143' INT TERM
	wait $!
}

run_qemu()
{
	local dir release serial root devices accel

	root=$(lab_userland_dir "$userland")/root
	dir=$(lab_kernel_dir "$kernel")
	release=$(cat "$dir/release")
	accel=(-accel "tcg,thread=multi")
	[ -z "$icount" ] || accel=(-accel "tcg,thread=single" -icount "shift=$icount,sleep=off")
	serial=file:$results/console
	[ "$shell" = no ] || serial=mon:stdio
	machine_devices
	[ -z "$disk" ] || add_disk
	share_folder root "$root" ,readonly=on
	share_folder kernel "$dir/tree" ,readonly=on
	share_folder share "$tmp/share" ,readonly=on
	share_folder results "$results" ''
	# Programs at the same addresses each time: the emulation translates them once.
	exec timeout --foreground -k 5 "$timeout" qemu-system-x86_64 \
		"${accel[@]}" -cpu max "${devices[@]}" \
		-display none -monitor none -no-reboot -serial "$serial" \
		-kernel "$dir/tree/boot/vmlinuz-$release" -initrd "$(initramfs "$dir")" \
		-append "console=ttyS0 quiet panic=-1 norandmaps $cmdline"
}

main()
{
	local rc=0

	parse_options "$@"
	check_options
	lab_need qemu-system-x86_64 busybox cpio modprobe xz
	[ -z "$disk" ] || lab_need mkfs.ext4
	[ "$offline" = yes ] || "$LAB_DIR/fetch.sh" "$kernel" "$userland"
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
	[ -n "$results" ] || results=$tmp/results
	mkdir -p "$results"
	rm -f "$results/status" "$results/started"
	fill_share "$tmp/share"
	[ "$shell" = no ] || timeout=infinity
	run_guest || rc=$?
	# Now and then an emulated kernel with two processors dies of patching its own code.
	if [ "$rc" -eq 0 ] && [ ! -e "$results/started" ]; then
		lab_say "the kernel died before anything ran; once more"
		run_guest || rc=$?
	fi
	if [ ! -s "$results/status" ]; then
		lab_say "the guest gave no exit status (QEMU's own is $rc); its console ends:"
		[ "$shell" = yes ] || tail -n 40 "$results/console" >&2 || true
		exit 124
	fi
	exit "$(cat "$results/status")"
}

main "$@"
