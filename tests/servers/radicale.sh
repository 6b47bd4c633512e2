#!/bin/bash
# Radicale (Python): sorts properties, HTTP/1.0 with a connection per request, refuses a second UID.
. "$(dirname "$0")/serve.sh"
echo alice:secret >"$DIR/users"
cat >"$DIR/config" <<C
[server]
hosts = 127.0.0.1:$PORT
[auth]
type = htpasswd
htpasswd_filename = $DIR/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = $DIR/collections
strict_preconditions = ${RADICALE_STRICT:-False}
[web]
type = none
C
run "$CACHE/radicale-3.9.0/bin/radicale" -C "$DIR/config"
answers GET "$URL/"
book "$URL/alice/contacts/"
serve "$URL/" "$URL/alice/contacts/"
