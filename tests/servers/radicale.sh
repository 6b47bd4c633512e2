#!/bin/bash
# Radicale (Python): sorts properties, HTTP/1.0 with a connection per request, refuses a second UID.
# The user `reader` (password secret) may read everything and write nothing. RADICALE_TLS=True: https,
# with an authority of its own in DIR/ca.pem, for clients that show the certificate in DIR/client.pem.
. "$(dirname "$0")/serve.sh"
printf '%s:secret\n' alice reader >"$DIR/users"
cat >"$DIR/rights" <<C
[all]
user: alice
collection: .*
permissions: RrWw
[look]
user: reader
collection: .*
permissions: Rr
C
TLS=${RADICALE_TLS:-False}
if [ "$TLS" = True ]; then
  URL=https://127.0.0.1:$PORT
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n' >"$DIR/leaf.ext"
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=Test authority' -keyout "$DIR/ca-key.pem" -out "$DIR/ca.pem"
  openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$DIR/key.pem" -out "$DIR/leaf.csr"
  openssl x509 -req -in "$DIR/leaf.csr" -CA "$DIR/ca.pem" -CAkey "$DIR/ca-key.pem" -CAcreateserial -days 30 \
    -extfile "$DIR/leaf.ext" -out "$DIR/cert.pem"
  printf 'basicConstraints=critical,CA:FALSE\nextendedKeyUsage=clientAuth\n' >"$DIR/client.ext"
  openssl req -newkey rsa:2048 -nodes -subj /CN=alice -keyout "$DIR/client-key.pem" -out "$DIR/client.csr"
  openssl x509 -req -in "$DIR/client.csr" -CA "$DIR/ca.pem" -CAkey "$DIR/ca-key.pem" -CAcreateserial -days 30 \
    -extfile "$DIR/client.ext" -out "$DIR/client-cert.pem"
  cat "$DIR/client-cert.pem" "$DIR/client-key.pem" >"$DIR/client.pem"
  AUTHORITY="certificate_authority = $DIR/ca.pem"
  printf 'cert = "%s"\n' "$DIR/client.pem" >"$DIR/.curlrc"
  export CURL_HOME=$DIR
  # curl's own word for the file with the authorities that it trusts.
  export CURL_CA_BUNDLE=$DIR/ca.pem
fi
cat >"$DIR/config" <<C
[server]
hosts = 127.0.0.1:$PORT
ssl = $TLS
certificate = $DIR/cert.pem
key = $DIR/key.pem
${AUTHORITY:-}
[auth]
type = htpasswd
htpasswd_filename = $DIR/users
htpasswd_encryption = plain
delay = 0
[rights]
type = from_file
file = $DIR/rights
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
