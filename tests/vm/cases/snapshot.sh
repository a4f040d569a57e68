# SPDX-License-Identifier: MIT
# The same answer from a snapshot as from the machine, whoever reads it.
# kernels: all

. /ktlsctl/case.sh

# $1 names the state, $2 is the caller who takes the snapshot.
check_snapshot()
{
	local name=$1 caller=$2 dir=/tmp/$1/snapshot status cause reader

	note "$name"
	mkdir -m 1777 "/tmp/$name"
	diagnose "$caller"
	status=$(jq -r .status "$CASE_REPORT")
	cause=$(jq -r .cause.id "$CASE_REPORT")
	"$caller" "$KTLSCTL" snapshot "$dir" || fail "snapshot failed with status $?"
	[ -s "$dir/ktlsctl-snapshot.json" ] || fail "the folder is not marked as a snapshot"
	mkdir -p /results/snapshots
	cp -r "$dir" "/results/snapshots/$name"
	# Whether others may read it is for its owner to say; here the owner says yes.
	chmod -R a+rX "$dir"
	for reader in as_root as_nobody; do
		diagnose "$reader" --root "$dir"
		expect_json .status "$status"
		expect_json .cause.id "$cause"
	done
	! "$caller" "$KTLSCTL" snapshot "$dir" 2>/dev/null || fail "a snapshot was overwritten"
}

check_snapshot root as_root
check_snapshot nobody as_nobody
if modprobe tls 2>/dev/null; then
	check_snapshot loaded as_root
fi
