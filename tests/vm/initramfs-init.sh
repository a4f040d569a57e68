#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The initramfs's /init: makes one root of the shared folders, then guest-init.sh has it.
# busybox only; boot.sh puts it in place.

bb=/bin/busybox

mount_share()
{
	$bb mkdir -p "$2"
	$bb mount -t 9p -o "trans=virtio,version=9p2000.L,msize=262144,$3" "$1" "$2"
}

load_modules()
{
	for module in "$1"/*; do
		[ ! -e "$module" ] || $bb insmod "$module"
	done
}

# What is written goes to memory, or to the disk that boot.sh names.
mount_writable()
{
	if [ -z "$lab_disk" ]; then
		$bb mount -t tmpfs tmpfs /rw
		return
	fi
	load_modules /modules-disk
	$bb mount -t devtmpfs devtmpfs /dev
	$bb mount -t ext4 "$lab_disk" /rw
	$bb umount /dev
}

load_modules /modules

mount_share root /root ro,cache=loose
mount_share kernel /kernel ro,cache=loose
$bb mkdir -p /rw /new
mount_writable
$bb mkdir -p /rw/upper /rw/work
# Both trees are one file system, and writable, though what is below stays as it is.
$bb mount -t overlay -o lowerdir=/kernel:/root,upperdir=/rw/upper,workdir=/rw/work \
	overlay /new
mount_share share /new/ktlsctl ro,cache=loose
mount_share results /new/results rw,cache=none

$bb mount -t proc proc /new/proc
$bb mount -t sysfs sysfs /new/sys
$bb mount -t securityfs securityfs /new/sys/kernel/security
$bb mount -t devtmpfs devtmpfs /new/dev
$bb mkdir /new/dev/pts /new/dev/shm
$bb mount -t devpts devpts /new/dev/pts
for dir in /new/dev/shm /new/run /new/tmp; do
	$bb mount -t tmpfs -o mode=1777 tmpfs $dir
done

exec $bb switch_root /new /bin/bash /ktlsctl/guest-init.sh
