# SPDX-License-Identifier: MIT
# A server written in Go brings TLS of its own, which nothing here turns into kTLS.
# kernels: 6.1 6.12 7.x
# userlands: trixie

. /ktlsctl/case-server.sh

load_tls
server_prepare
cat >/tmp/hooks.json <<END
[ { "id": "file", "execute-command": "/usr/bin/cat", "include-command-output-in-response": true,
    "pass-arguments-to-command": [ { "source": "string", "name": "$SERVER_ROOT/file" } ] } ]
END
webhook -secure -cert "$CASE_TLS/cert" -key "$CASE_TLS/key" -ip 127.0.0.1 -port 4433 \
	-urlprefix "" -hooks /tmp/hooks.json >/tmp/webhook.log 2>&1 &
expect_server_ktls no

diagnose
expect_json .status should_work
expect_finding process-foreign-tls "" info foreign-tls
expect_evidence process-foreign-tls webhook
kill %1
