# SPDX-License-Identifier: MIT
# ktlsctl scan --starttls=postgres: Debian's PostgreSQL, told what to accept; what scan says
# must be that. With kTLS in openssl.cnf it breaks, which is why no lines are advised.
# kernels: 6.12 7.x
# timeout: 300
# userlands: trixie
# fixtures: starttls

. /ktlsctl/case-starttls.sh

begin_postgres()
{
	local data=/tmp/postgres bin=/usr/lib/postgresql/17/bin

	id postgres >/dev/null 2>&1 || useradd -r postgres
	install -d -o postgres -m 700 "$data" /tmp/postgres.tls
	install -o postgres -m 600 "$CASE_TLS/key" "$CASE_TLS/cert" /tmp/postgres.tls
	as_postgres "$bin/initdb" -D "$data/db" -N -A trust --no-locale >/tmp/initdb 2>&1 ||
		fail "initdb: $(tail -n 5 /tmp/initdb)"
	run_postgres
}

run_postgres()
{
	local data=/tmp/postgres bin=/usr/lib/postgresql/17/bin

	as_postgres "$bin/postgres" -D "$data/db" -h 127.0.0.1 -k '' -c ssl=on \
		-c ssl_cert_file=/tmp/postgres.tls/cert -c ssl_key_file=/tmp/postgres.tls/key \
		-c ssl_ciphers="$TWO" -c ssl_max_protocol_version=TLSv1.2 \
		>/tmp/postgres.log 2>&1 &
	disown
	wait_for listens 5432 || fail "postgres: $(cat /tmp/postgres.log)"
}

as_postgres()
{
	setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
}

not_listens()
{
	! listens 5432
}

starttls_prepare
sed -i.ktls /KTLS/d /etc/ssl/openssl.cnf
begin_postgres

note "TLS 1.2, one suite"
scan postgres 5432
expect_accepted 1.2
expect_suites 1.2 "$TWO"
expect_json '.advice.openssl_cnf | length' 0

note "why there are no lines for it: with KTLS in openssl.cnf it breaks"
pkill -x postgres
wait_for not_listens || fail "postgres does not stop"
mv /etc/ssl/openssl.cnf.ktls /etc/ssl/openssl.cnf
run_postgres
"$KTLSCTL" scan --rate=500 --timeout=20s --starttls=postgres 127.0.0.1:5432 >/tmp/broken &&
	fail "it does not: $(cat /tmp/broken)"
grep -q "could not accept SSL connection: Input/output error" /tmp/postgres.log ||
	fail "for another reason: $(cat /tmp/postgres.log)"
