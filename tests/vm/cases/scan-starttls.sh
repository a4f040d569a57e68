# SPDX-License-Identifier: MIT
# ktlsctl scan --starttls: Debian's postfix and dovecot, each told what to accept; what
# scan says must be that. And which of them openssl.cnf makes use kTLS.
# kernels: 6.12 7.x
# timeout: 300
# userlands: trixie
# fixtures: starttls

. /ktlsctl/case-starttls.sh

begin_postfix()
{
	local spool=/var/spool/postfix

	useradd -r postfix
	groupadd -r postdrop
	mkdir -p "$spool"/{active,bounce,corrupt,defer,deferred,flush,hold,incoming,maildrop} \
		"$spool"/{pid,private,public,saved,trace} /var/lib/postfix
	chown postfix "$spool"/* /var/lib/postfix
	chown root "$spool/pid"
	chgrp postdrop "$spool/public"
	cat >/etc/postfix/main.cf <<-END
		compatibility_level = 3.9
		queue_directory = $spool
		daemon_directory = /usr/lib/postfix/sbin
		data_directory = /var/lib/postfix
		myhostname = guest.example
		maillog_file = /var/log/postfix
		smtpd_tls_security_level = may
		smtpd_tls_cert_file = $CASE_TLS/cert
		smtpd_tls_key_file = $CASE_TLS/key
		smtpd_tls_protocols = TLSv1.2
		smtpd_tls_ciphers = high
		tls_high_cipherlist = $ONE:$TWO
		tls_preempt_cipherlist = yes
	END
	cat >/etc/postfix/master.cf <<-END
		smtp inet n - n - - smtpd
		tlsmgr unix - - n 1000? 1 tlsmgr
		rewrite unix - - n - - trivial-rewrite
		proxymap unix - - n - - proxymap
		anvil unix - - n - 1 anvil
		postlog unix-dgram n - n - 1 postlogd
	END
	/usr/lib/postfix/sbin/master -d >/tmp/postfix 2>&1 &
	disown
	wait_for listens 25 || fail "postfix does not start: $(cat /tmp/postfix /var/log/postfix)"
}

begin_dovecot()
{
	useradd -r dovecot
	useradd -r dovenull
	cat >/tmp/dovecot.conf <<-END
		dovecot_config_version = 2.4.0
		dovecot_storage_version = 2.4.0
		protocols = imap
		log_path = /tmp/dovecot.log
		ssl = yes
		ssl_server_cert_file = $CASE_TLS/cert
		ssl_server_key_file = $CASE_TLS/key
		ssl_min_protocol = TLSv1.3
		mail_driver = maildir
		mail_path = /tmp/mail
		passdb static {
		  password = x
		}
		userdb static {
		  fields {
		    uid = dovecot
		    gid = dovecot
		    home = /tmp/mail
		  }
		}
	END
	dovecot -c /tmp/dovecot.conf || fail "dovecot does not start"
	wait_for listens 143 || fail "dovecot does not listen: $(cat /tmp/dovecot.log)"
}

starttls_prepare
begin_postfix
begin_dovecot

note "postfix: TLS 1.2, two suites, its own order"
scan smtp 25
expect_accepted 1.2
expect_suites 1.2 "$ONE:$TWO"
expect_json '.versions[] | select(.version == "1.2") | .choice' server
expect_equal "kTLS of postfix" "$(server_ktls smtp 25)" yes

note "dovecot: TLS 1.3 alone"
scan imap 143
expect_accepted 1.3
expect_equal "kTLS of dovecot" "$(server_ktls imap 143)" yes
