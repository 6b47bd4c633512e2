#!/bin/bash
# Xandikos (Python, git) behind nginx with gzip: weak ETags on GET, 412 for an invalid token.
. "$(dirname "$0")/serve.sh"
mkdir -p "$DIR/data" "$DIR/state" "$DIR/tmp"
echo 'alice:{PLAIN}secret' >"$DIR/users"
cat >"$DIR/nginx.conf" <<C
user root; worker_processes 1; pid $DIR/nginx.pid; error_log $DIR/nginx.log; daemon off;
events { worker_connections 256; }
http {
  access_log off; client_max_body_size 64m; keepalive_requests 100000;
  client_body_temp_path $DIR/tmp; proxy_temp_path $DIR/tmp; fastcgi_temp_path $DIR/tmp; uwsgi_temp_path $DIR/tmp; scgi_temp_path $DIR/tmp;
  gzip on; gzip_types application/xml text/xml text/vcard; gzip_proxied any;
  server {
    listen 127.0.0.1:$PORT;
    auth_basic "Xandikos"; auth_basic_user_file $DIR/users;
    location / {
      proxy_pass http://unix:$DIR/xandikos.sock; proxy_http_version 1.1; proxy_read_timeout 300;
      proxy_set_header Host \$http_host; proxy_set_header X-Remote-User \$remote_user; proxy_set_header Authorization "";
    }
  }
}
C
run "$CACHE/xandikos-0.4.10/bin/xandikos" multi-user -d "$DIR/data" --state-dir "$DIR/state" --defaults \
  --no-detect-systemd -l "$DIR/xandikos.sock" --trust-x-remote-user-unix
run nginx -e "$DIR/nginx.log" -c "$DIR/nginx.conf"
answers PROPFIND "$URL/" -u alice:secret -H 'Depth: 0'
# The first request of a user makes the default book, and it may come before that is done.
BOOK=$URL/alice/contacts/addressbook/
for _ in $(seq 20); do
  [ "$(curl -s -o /dev/null -w '%{http_code}' -u alice:secret -X PROPFIND -H 'Depth: 0' "$BOOK")" != 207 ] || break
  sleep 0.2
done
request PROPFIND "$BOOK" -H 'Depth: 0'
serve "$URL/" "$BOOK"
