#!/bin/bash
# SPDX-License-Identifier: MIT
# Usage: fetch.sh [KERNEL|USERLAND|EXTRA...]
#
# Fills the laboratory's cache with unpacked Debian kernels (5.10 6.1 6.12 7.x), what it
# takes to build modules for them, user lands (bookworm trixie), and trees beside them
# (haproxy: the newest there is, with its libraries; noktls: trixie's OpenSSL built
# without kTLS; apparmor, systemd, and starttls with postfix, dovecot and PostgreSQL: what
# trixie lacks of them), and roots with the programs that tests/engines runs (engines) and
# for tests/packages (build-bookworm build-trixie fresh-bookworm fresh-trixie); without
# arguments with all of them. What is there already is left alone: remove its folder to
# have it fetched anew.
#
# The cache is $KTLSCTL_CACHE, or ktlsctl below $XDG_CACHE_HOME or ~/.cache.
# Exit status: 0 all there, 1 something went wrong, 2 usage, 77 no network and not all there.

set -euo pipefail

. "$(dirname "$0")/lab.sh"

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# Suites whose linux-image-amd64 is the kernel of that label.
kernel_suites()
{
	case $1 in
	5.10) echo bullseye bullseye-security ;;
	6.1) echo bookworm bookworm-security ;;
	6.12) echo trixie trixie-security ;;
	7.x) echo trixie-backports ;;
	esac
}

# What the program is linked with, what the cases call, and what a server has anyway.
# Only libraries whose soname is the same in both suites let one program run in both.
# The servers are in one user land only; webhook and websocketd are small ones in Go.
userland_packages()
{
	local common=(libnl-3-200 libnl-route-3-200 libnl-genl-3-200 libmnl0 libcjson1
		libkmod2 liburing2 libwslay1 zlib1g openssl libinih1 kmod procps iproute2
		util-linux passwd libcap2-bin ethtool jq strace)

	case $1 in
	bookworm) echo "${common[@]}" libssl3 libelf1 ;;
	trixie)
		echo "${common[@]}" libssl3t64 libelf1t64 \
			nginx lighttpd lighttpd-mod-openssl haproxy webhook websocketd \
			mptcpize curl
		;;
	engines)
		echo "${common[@]}" libssl3 libelf1 ansible-core ansible-lint openssh-server \
			openssh-client prometheus prometheus-node-exporter gnuplot-nox \
			systemd dbus yamllint nginx-light
		;;
	build-*) packages_needed "$1"; packages_tools "$1" ;;
	fresh-*) packages_needed "$1" ;;
	esac
}

# What the packages are built with, which has all that they need to run, and what a test
# does with them once they are installed.
packages_needed()
{
	local http=libllhttp-dev

	[ "${1#*-}" != bookworm ] || http=libhttp-parser-dev
	echo gcc libc6-dev pkgconf man-db openssl prometheus-node-exporter libssl-dev \
		libnl-3-dev libnl-genl-3-dev libmnl-dev libcjson-dev libkmod-dev zlib1g-dev \
		libelf-dev libinih-dev libcap-ng-dev liburing-dev libwslay-dev "$http"
}

packages_tools()
{
	echo build-essential debhelper dh-apparmor scdoc lintian autopkgtest python3
	case $1 in
	*-bookworm) echo systemd ;;
	*-trixie) echo systemd-dev rpm rpmlint elfutils ;;
	esac
}

# The engines are those of the suite that the project is built on.
userland_suite()
{
	[ "$1" = "$LAB_ENGINES" ] && echo bookworm || echo "${1#*-}"
}

# The archive's address is a matter of the machine, so its apt is asked for it.
# $1 is the kind of suite: "" for the main archive, "-security" for that one.
apt_base()
{
	local origin uri suite

	# shellcheck disable=SC2016 # apt expands these, not the shell
	while IFS='|' read -r origin uri suite; do
		[ "$origin" = Debian ] || continue
		case $1:$suite in
		-security:*-security) ;;
		:*-*) continue ;;
		:*) ;;
		*) continue ;;
		esac
		printf '%s\n' "$uri"
		return
	done < <(apt-get indextargets --format '$(ORIGIN)|$(REPO_URI)|$(SUITE)' \
		'Created-By: Packages')
	# Before the first "apt-get update" apt knows no origins, only addresses.
	# shellcheck disable=SC2016
	apt-get indextargets --no-release-info --format '$(REPO_URI)' 'Created-By: Packages' |
		grep -m 1 "/debian$1/\$" || true
}

# By apt's own downloader, which knows the machine's proxy.
suite_is_reachable()
{
	local base

	base=$(apt_base "")
	if [ -z "$base" ]; then
		lab_say "apt knows no Debian archive on this machine"
		return 1
	fi
	/usr/lib/apt/apt-helper -o APT::Sandbox::User=root \
		download-file "${base}dists/$1/InRelease" "$TMP/InRelease" \
		>"$TMP/log" 2>&1 || show_end "$TMP/log"
}

# One "deb" line for each suite that the machine's apt gives an address for.
apt_sources()
{
	local suite kind base

	for suite; do
		kind=
		[ "${suite%-security}" = "$suite" ] || kind=-security
		base=$(apt_base "$kind")
		[ -n "$base" ] || continue
		printf 'deb [arch=amd64 signed-by=%s check-valid-until=no] %s %s main\n' \
			"$KEYRING" "$base" "$suite"
	done
}

# apt with the machine's settings (proxy and the like) but with nothing of its state.
private_apt()
{
	local tool=$1 dir=$2

	shift 2
	"$tool" -q \
		-o Dir::Etc::SourceList="$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
		-o Dir::State="$dir/state" -o Dir::State::Lists="$dir/lists" \
		-o Dir::State::status="$dir/status" -o Dir::Cache="$dir/cache" \
		-o APT::Architecture=amd64 -o APT::Architectures=amd64 \
		-o APT::Sandbox::User=root -o APT::Update::Error-Mode=any \
		-o Acquire::Languages=none -o Acquire::Retries=2 \
		-o Acquire::http::Timeout=20 "$@"
}

apt_prepare()
{
	local dir=$1

	shift
	mkdir -p "$dir/state" "$dir/lists/partial" "$dir/cache/archives/partial"
	: >"$dir/status"
	apt_sources "$@" >"$dir/sources.list"
	private_apt apt-get "$dir" update >"$dir/log" 2>&1 || show_end "$dir/log"
}

# What a tool said last is why it failed.
show_end()
{
	tail -n 3 "$1" >&2
	return 1
}

# The packages that hold the newest kernel: linux-image-amd64 names one linux-image-*, and
# that holds it, or (from about 7.2 on) is empty and names those that do.
kernel_packages()
{
	local dir=$1 image

	image=$(package_depends "$dir" linux-image-amd64 | grep -m 1 '^linux-image-')
	printf '%s\n' "$image"
	package_depends "$dir" "$image" | grep -E '^linux-(base|binary|modules)-[0-9]' || true
}

# What a module for that kernel is built with. The headers name more, a compiler above
# all; fixture.sh takes the machine's.
headers_packages()
{
	local dir=$1 headers=linux-headers-$2

	printf '%s\n' "$headers"
	package_depends "$dir" "$headers" | grep -E '^linux-(headers|kbuild)-'
}

package_depends()
{
	private_apt apt-cache "$1" depends --no-recommends --no-suggests --no-conflicts \
		--no-breaks --no-replaces --no-enhances "$2" |
		sed -n 's/^ *|\{0,1\}\(Pre\)\{0,1\}Depends: //p'
}

download()
{
	local dir=$1

	shift
	mkdir "$dir/debs"
	(cd "$dir/debs" && private_apt apt-get "$dir" download "$@") \
		>"$dir/log" 2>&1 || show_end "$dir/log"
}

# All that was downloaded last, under one root.
unpack()
{
	local dir=$1 root=$2 deb

	mkdir -p "$root/usr/lib"
	# With the link in place it does not matter which of the two a package names.
	ln -s usr/lib "$root/lib"
	for deb in "$dir"/debs/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x -C "$root" --no-same-owner --keep-directory-symlink \
				--exclude='./usr/share/*'
	done
	rm -r "$dir/debs"
}

# Laid out as a machine with a merged /usr has it.
kernel_unpack()
{
	local dir=$1 new=$2 tree=$2/tree release

	mkdir -p "$tree/boot"
	unpack "$dir" "$tree"
	release=$(basename "$tree"/usr/lib/modules/*)
	kernel_fill_boot "$tree" "$release"
	depmod -b "$tree" "$release"
	rm "$tree/lib"
	printf '%s\n' "$release" >"$new/release"
}

# The split packages keep these beside the modules; installing them copies them to /boot.
kernel_fill_boot()
{
	local tree=$1 release=$2 name

	for name in vmlinuz config; do
		[ -e "$tree/boot/$name-$release" ] ||
			cp "$tree/usr/lib/modules/$release/$name" "$tree/boot/$name-$release"
	done
}

# The build tools among them want the C library of their own suite: each gives way to a
# script that fixture.sh tells which one to use.
headers_unpack()
{
	local dir=$1 root=$2/headers tool

	unpack "$dir" "$root"
	sed -i 's|/usr/src/|../|' "$root"/usr/src/linux-headers-*-amd64/Makefile
	find "$root/usr/lib/" "$root/usr/src/" -path '*/linux-kbuild-*' -type f -perm -u+x |
		while read -r tool; do
			[ "$(head -c 4 "$tool" | tail -c 3)" = ELF ] || continue
			mv "$tool" "$tool.elf"
			# shellcheck disable=SC2016 # expanded when it runs
			printf '#!/bin/sh\nexec $LAB_LOADER --argv0 "$0" "$0.elf" "$@"\n' >"$tool"
			chmod 755 "$tool"
		done
}

fetch_kernel()
{
	local label=$1 new=$TMP/$1 dir=$TMP/apt-$1 packages suites

	read -ra suites < <(kernel_suites "$label")
	suite_is_reachable "${suites[0]}" || return "$LAB_SKIP"
	lab_say "kernel $label: asking ${suites[*]} for its newest"
	# An old release loses its security suite before its main one.
	apt_prepare "$dir" "${suites[@]}" || apt_prepare "$dir" "${suites[0]}" || return
	mapfile -t packages < <(kernel_packages "$dir")
	lab_say "kernel $label: downloading and unpacking ${packages[*]}"
	download "$dir" "${packages[@]}"
	mkdir -p "$new"
	kernel_unpack "$dir" "$new"
	if lab_wants_headers "$label"; then
		mapfile -t packages < <(headers_packages "$dir" "$(cat "$new/release")")
		lab_say "kernel $label: downloading and unpacking ${packages[*]}"
		download "$dir" "${packages[@]}"
		headers_unpack "$dir" "$new"
	fi
	publish "$new" "$(lab_kernel_dir "$label")"
}

# The newest is in experimental as a rule; what it needs comes from sid, which is newer
# than any user land here: it has to run in a root of its own.
fetch_haproxy()
{
	local new=$1 dir=$TMP/apt-haproxy version

	suite_is_reachable sid || return "$LAB_SKIP"
	apt_prepare "$dir" sid experimental || return
	version=$(private_apt apt-cache "$dir" madison haproxy | awk '{ print $3 }' |
		sort -V | tail -n 1)
	lab_say "haproxy: downloading and unpacking $version, with its libraries"
	private_apt apt-get "$dir" install --download-only --no-install-recommends --yes \
		-o Debug::NoLocking=1 "haproxy=$version" systemd-standalone-sysusers \
		>"$dir/log" 2>&1 || show_end "$dir/log" || return
	mkdir "$dir/debs"
	mv "$dir"/cache/archives/*.deb "$dir/debs/"
	mkdir -p "$new/root/usr/lib64"
	ln -s usr/lib64 "$new/root/lib64"
	unpack "$dir" "$new/root"
	tar -c -f "$new/tree.tar" -C "$new/root" .
	rm -r "$new/root"
}

# Not in the user land itself, where few cases want its files.
fetch_apparmor()
{
	fetch_beside "$1" apparmor apparmor
}

fetch_systemd()
{
	fetch_beside "$1" systemd systemd
}

# Servers that begin in the clear; what they share is not documents alone.
fetch_starttls()
{
	fetch_beside "$1" starttls postfix dovecot-imapd postgresql-17 postgresql-client-17
}

# Only what is not there yet, so that both fit together.
fetch_beside()
{
	local new=$1 name=$2 dir=$TMP/apt-$2 root deb

	shift 2
	root=$(lab_userland_dir trixie)/root
	suite_is_reachable trixie || return "$LAB_SKIP"
	apt_prepare "$dir" trixie || return
	cp "$root/var/lib/dpkg/status" "$dir/status"
	lab_say "$name: downloading and unpacking what trixie lacks of it"
	private_apt apt-get "$dir" install --download-only --no-install-recommends --yes \
		-o Debug::NoLocking=1 "$@" >"$dir/log" 2>&1 || show_end "$dir/log" || return
	mkdir "$dir/debs"
	mv "$dir"/cache/archives/*.deb "$dir/debs/"
	mkdir -p "$new/root"
	for deb in "$dir"/debs/postgresql-[0-9]*.deb; do
		[ ! -e "$deb" ] || dpkg-deb --fsys-tarfile "$deb" |
			tar -x -C "$new/root" --no-same-owner ./usr/share/postgresql
	done
	unpack "$dir" "$new/root"
	# No server wants them to begin: a compiler for queries, and perl.
	rm -rf "$new"/root/usr/lib/x86_64-linux-gnu/{libLLVM*,libz3*,perl} \
		"$new"/root/usr/lib/postgresql/*/lib/bitcode
	rm "$new/root/lib"
	tar -c -f "$new/tree.tar" -C "$new/root" .
	rm -r "$new/root"
}

# Out of the source package of the user land's own OpenSSL, so that all its programs run
# with it. Not optimised as theirs is: what counts is the wait.
fetch_noktls()
{
	local new=$1 dir=$TMP/apt-noktls source=$TMP/openssl

	suite_is_reachable trixie || return "$LAB_SKIP"
	lab_need dpkg-source gcc make perl
	apt_prepare "$dir" trixie || return
	apt_sources trixie | sed 's/^deb /deb-src /' >>"$dir/sources.list"
	private_apt apt-get "$dir" update >"$dir/log" 2>&1 || show_end "$dir/log" || return
	mkdir "$dir/source"
	(cd "$dir/source" && private_apt apt-get "$dir" source --download-only openssl) \
		>"$dir/log" 2>&1 || show_end "$dir/log" || return
	dpkg-source --no-check -x "$dir"/source/*.dsc "$source" >"$dir/log" 2>&1 ||
		show_end "$dir/log" || return
	lab_say "noktls: building OpenSSL without kTLS (some minutes, once)"
	noktls_build "$source" >"$dir/log" 2>&1 || show_end "$dir/log" || return
	mkdir -p "$new/root"
	cp "$source"/lib{ssl,crypto}.so.3 "$new/root/"
	strip "$new"/root/*.so.3
	tar -c -f "$new/tree.tar" -C "$new/root" .
	rm -r "$new/root" "$source"
}

noktls_build()
{
	cd "$1"
	./Configure linux-x86_64 no-ktls no-tests no-docs no-module no-legacy shared \
		--prefix=/usr --openssldir=/usr/lib/ssl --libdir=lib/x86_64-linux-gnu -O1
	make -j2 build_libs
}

fetch_extra()
{
	local new=$TMP/$1

	mkdir -p "$new"
	"fetch_$1" "$new" || return
	publish "$new" "$(lab_extra_dir "$1")"
}

# By way of a tar, which makes a tree that an ordinary user can read and remove as well.
fetch_userland()
{
	local name=$1 new=$TMP/$1 suite base proxy='' options=() packages

	suite=$(userland_suite "$name")
	suite_is_reachable "$suite" || return "$LAB_SKIP"
	base=$(apt_base "")
	eval "$(apt-config shell proxy Acquire::http::Proxy)"
	[ -z "$proxy" ] || options+=(--aptopt="Acquire::http::Proxy \"$proxy\"")
	lab_say "user land $name: building a root (about a minute)"
	packages=$(userland_packages "$name" | tr '\n' ' ')
	if [ "${name%-*}" = fresh ]; then
		options+=(--skip=cleanup/apt --customize-hook="chroot \"\$1\" apt-get install \
			--download-only --no-install-recommends --yes $packages")
	else
		options+=(--include="$packages")
	fi
	mkdir -p "$new/root"
	mmdebstrap --quiet --variant=minbase --architectures=amd64 --format=tar \
		--keyring="$KEYRING" "${options[@]}" --components=main \
		"$suite" - "$base" 2>"$new/log" |
		tar -x -C "$new/root" --exclude='./dev/*' || show_end "$new/log"
	userland_packages "$name" >"$new/packages"
	publish "$new" "$(lab_userland_dir "$name")"
}

# What stood there before was incomplete or out of date.
publish()
{
	mkdir -p "$(dirname "$2")"
	rm -rf "$2"
	mv "$1" "$2"
}

item_is_current()
{
	lab_is_cached "$1" || return 1
	if lab_has_word "$1" "${LAB_USERLANDS[@]}" "$LAB_ENGINES" "${LAB_PACKAGES[@]}"; then
		[ "$(userland_packages "$1")" = "$(cat "$(lab_userland_dir "$1")/packages")" ]
	elif lab_has_word "$1" "${LAB_EXTRAS[@]}"; then
		return 0
	else
		! lab_wants_headers "$1" || lab_has_headers "$1"
	fi
}

# A fresh shell for each item: "set -e" does not work in a function whose status is asked.
fetch_missing()
{
	local item status=0 rc

	for item; do
		! item_is_current "$item" || continue
		rc=0
		"$0" --one "$TMP" "$item" || rc=$?
		[ "$rc" -eq 0 ] || lab_say "$item could not be fetched (status $rc)"
		[ "$rc" -eq 0 ] || [ "$status" -eq 1 ] || status=$rc
	done
	return "$status"
}

missing()
{
	local item

	for item; do
		item_is_current "$item" || return 0
	done
	return 1
}

fetch_one()
{
	TMP=$1
	if lab_has_word "$2" "${LAB_KERNELS[@]}"; then
		fetch_kernel "$2"
	elif lab_has_word "$2" "${LAB_EXTRAS[@]}"; then
		fetch_extra "$2"
	else
		fetch_userland "$2"
	fi
}

main()
{
	local item rc=0

	case ${1-} in
	--help) lab_help ;;
	--one) fetch_one "$2" "$3"; return ;;
	esac
	local all=("${LAB_KERNELS[@]}" "${LAB_USERLANDS[@]}" "${LAB_EXTRAS[@]}"
		"$LAB_ENGINES" "${LAB_PACKAGES[@]}")

	[ $# -gt 0 ] || set -- "${all[@]}"
	for item; do
		lab_has_word "$item" "${all[@]}" ||
			lab_usage_error "unknown kernel, user land or tree '$item'"
	done
	missing "$@" || return 0

	lab_need apt-get apt-config dpkg-deb depmod flock mmdebstrap tar
	mkdir -p "$LAB_CACHE"
	# The guest's ordinary users read these trees too.
	umask 022
	exec 9>"$LAB_CACHE/lock"
	flock 9
	missing "$@" || return 0
	# Left by an interrupted run: whoever holds the lock owns it.
	TMP=$LAB_CACHE/new
	rm -rf "$TMP"
	mkdir "$TMP"
	lab_say "filling $LAB_CACHE: the laboratory boots real kernels from there"
	fetch_missing "$@" || rc=$?
	rm -rf "$TMP"
	[ "$rc" -ne "$LAB_SKIP" ] ||
		lab_say "SKIPPED: no network, and the cache does not hold all that was asked for"
	return "$rc"
}

main "$@"
