# Sourced by every server's script: one life cycle, so that no test leaves a server behind.
#
# usage: NAME.sh PORT DIR. The server listens on 127.0.0.1:PORT, keeps everything in DIR, and writes
# to DIR/log. When it answers, one line `ready BASE_URL BOOK_URL` goes to standard output. It lives
# until standard input closes: a test that is killed closes it too. User alice, password secret.
set -euo pipefail
PORT=${1:?usage: $0 PORT DIR}
DIR=${2:?usage: $0 PORT DIR}
CACHE=${CARDWEAVE_TEST_CACHE:-$HOME/.cache/cardweave-tests}
URL=http://127.0.0.1:$PORT
mkdir -p "$DIR"
DIR=$(cd "$DIR" && pwd)
# Standard input is kept on 4: children get /dev/null, or they would keep the test's pipe for themselves.
exec 3>&1 4<&0 0</dev/null 1>>"$DIR/log" 2>&1

end() {
  trap - EXIT TERM INT
  local children; children=$(jobs -p)
  [ -z "$children" ] || kill $children 2>/dev/null || true
  wait
}
trap end EXIT
trap 'exit 1' TERM INT

"$(dirname "${BASH_SOURCE[0]}")/install.sh" "$(basename "$0" .sh)"

run() { # run COMMAND...: in the background, without our pipes
  "$@" 3>&- 4<&- &
}

answers() { # answers METHOD URL [curl arguments]: waits up to 30 s for any answer but 502 and 000
  local method=$1 url=$2 status; shift 2
  for _ in $(seq 300); do
    status=$(curl -s -o "$DIR/reply" -w '%{http_code}' -m 10 -X "$method" "$@" "$url") || true
    case $status in 000 | 502) ;; *) return 0 ;; esac
    [ -n "$(jobs -pr)" ] || { echo "the server ended while it started"; exit 1; }
    sleep 0.1
  done
  echo "no answer at $url: $status"
  exit 1
}

request() { # request METHOD URL [curl arguments]: as alice; anything but 2xx ends the start
  local method=$1 url=$2 status; shift 2
  status=$(curl -s --anyauth -u alice:secret -o "$DIR/reply" -w '%{http_code}' -m 60 -X "$method" "$@" "$url") || true
  case $status in 2*) ;; *) cat "$DIR/reply"; echo "$method $url: HTTP $status"; exit 1 ;; esac
}

book() { # book URL: makes the address book (RFC 5689, extended MKCOL; RFC 6352 section 6.3.1)
  request MKCOL "$1" -H 'Content-Type: application/xml; charset=utf-8' --data-binary \
    '<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:set><D:prop><D:resourcetype><D:collection/><C:addressbook/></D:resourcetype><D:displayname>Contacts</D:displayname></D:prop></D:set></D:mkcol>'
}

serve() { # serve BASE_URL BOOK_URL: tells that it is ready, and stays until the test goes
  echo "ready $1 $2" >&3
  cat <&4 >/dev/null
}
