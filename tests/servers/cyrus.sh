#!/bin/bash
# Cyrus IMAP's httpd (C): pages a sync with 507, turns 4.0 into 3.0, compresses with whatever is offered.
. "$(dirname "$0")/serve.sh"
C=$DIR/cyrus
mkdir -p "$C"/{conf,data,run/proc,run/lock,run/socket}
for user in alice admin; do printf secret | saslpasswd2 -p -c -f "$C/users" -u localhost $user; done
cat >"$C/imapd.conf" <<N
configdirectory: $C/conf
partition-default: $C/data
defaultpartition: default
proc_path: $C/run/proc
mboxname_lockpath: $C/run/lock
servername: localhost
admins: admin
allowplaintext: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: $C/users
sasl_mech_list: PLAIN
httpmodules: carddav
unixhierarchysep: yes
altnamespace: yes
virtdomains: off
hashimapspool: no
autocreate_quota: -1
autocreate_users: anyone
httpallowcompress: yes
idlesocket: $C/run/socket/idle
lmtpsocket: $C/run/socket/lmtp
notifysocket: $C/run/socket/notify
N
cat >"$C/cyrus.conf" <<N
START {
  recover cmd="/usr/lib/cyrus/bin/ctl_cyrusdb -C $C/imapd.conf -r"
}
SERVICES {
  http cmd="/usr/lib/cyrus/bin/httpd -C $C/imapd.conf -U 10000" listen="127.0.0.1:$PORT" proto="tcp4" prefork=1 maxchild=20
  imap cmd="/usr/lib/cyrus/bin/imapd -C $C/imapd.conf" listen="$C/run/socket/imap" prefork=0 maxchild=5
}
EVENTS {
}
N
chown -R cyrus:mail "$C"
# Cyrus gives up root, so its user must be able to walk to the folder.
chmod a+x "$DIR"
run cyrmaster -C "$C/imapd.conf" -M "$C/cyrus.conf" -p "$C/run/master.pid"
answers GET "$URL/"
# CardDAV needs the user's INBOX, which only IMAP can make.
curl -sS -m 20 --unix-socket "$C/run/socket/imap" imap://localhost/ -u admin:secret -X 'CREATE user/alice'
HOMESET=$URL/dav/addressbooks/user/alice
request PROPFIND "$HOMESET/" -H 'Depth: 1'
book "$HOMESET/contacts/"
serve "$URL/" "$HOMESET/contacts/"
