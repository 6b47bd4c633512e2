#!/bin/bash
# Installs the pinned CardDAV servers that the tests run against, the programs that share folders with
# us there, a DNS server, a keyring, a browser, what reads our pages, calendars and units, and what moves
# a clock; no argument means all of them.
# usage: install.sh [radicale] [xandikos] [cyrus] [sabre] [vdirsyncer] [khard] [icalendar] [dnsmasq] [keyring] [groff] [systemd]
#                   [faketime] [chromium] [poppler]
# Python programs go into virtual environments below ${CARDWEAVE_TEST_CACHE:-$HOME/.cache/cardweave-tests};
# Debian packages need root, and are installed without letting any of them start a service.
set -euo pipefail
RADICALE=3.9.0
XANDIKOS=0.4.10
VDIRSYNCER=0.21.0
KHARD=0.22.0
ICALENDAR=7.3.2
CACHE=${CARDWEAVE_TEST_CACHE:-$HOME/.cache/cardweave-tests}
mkdir -p "$CACHE"
# Tests start servers in parallel, and neither apt nor a half-made virtual environment bears company.
exec 8>"$CACHE/install.lock"
flock 8

packages() {
  local missing=() package policy=/usr/sbin/policy-rc.d
  for package; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || { echo "The test servers need the packages ${missing[*]}: install them, or run this as root." >&2; exit 1; }
  echo "installing ${missing[*]}" >&2
  local ours=
  # Without this file Debian starts each service with its default ports and data.
  [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy; chmod +x $policy; ours=1; }
  local apt=(apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3) status=0
  export DEBIAN_FRONTEND=noninteractive
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >&2 ||
    { "${apt[@]}" update >&2 && "${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >&2; } || status=$?
  [ -z "$ours" ] || rm -f $policy
  return $status
}

environment() { # environment NAME VERSION PACKAGE...: $CACHE/NAME-VERSION, made whole or not at all
  local home=$CACHE/$1-$2; shift 2
  [ ! -e "$home/whole" ] || return 0
  rm -rf "$home"
  python3 -m venv "$home" >&2 || { packages python3-venv; rm -rf "$home"; /usr/bin/python3 -m venv "$home" >&2; }
  "$home/bin/pip" -q --disable-pip-version-check --retries 5 install "$@" >&2
  touch "$home/whole"
}

[ $# -gt 0 ] || set -- radicale xandikos cyrus sabre vdirsyncer khard icalendar dnsmasq keyring groff systemd faketime chromium poppler
command -v curl >/dev/null || packages curl ca-certificates
command -v openssl >/dev/null || packages openssl
for program; do
  case $program in
    radicale) environment radicale $RADICALE radicale==$RADICALE ;;
    xandikos) packages git nginx-light; environment xandikos $XANDIKOS xandikos==$XANDIKOS ;;
    cyrus) packages cyrus-imapd cyrus-caldav sasl2-bin libsasl2-modules libsasl2-modules-db ;;
    sabre) packages php8.2-fpm php8.2-sqlite3 php8.2-xml php8.2-mbstring php-sabre-dav php-sabre-vobject nginx-light sqlite3 ;;
    vdirsyncer) environment vdirsyncer $VDIRSYNCER vdirsyncer==$VDIRSYNCER ;;
    # The end-to-end test of discovery also needs a network of its own (ip, unshare).
    dnsmasq) packages dnsmasq-base iproute2 util-linux ;;
    khard) environment khard $KHARD khard==$KHARD ;;
    icalendar) environment icalendar $ICALENDAR icalendar==$ICALENDAR ;;
    keyring) packages dbus gnome-keyring ;;
    groff) packages groff-base ;;
    systemd) packages systemd ;;
    # The year in the life of 300 contacts is played on a moved clock.
    faketime) packages libfaketime ;;
    # A browser, and what reads the pages that it prints; the font has the letters of most scripts.
    chromium) packages chromium fonts-dejavu-core ;;
    poppler) packages poppler-utils ;;
    *) echo "$program is no program that the tests know." >&2; exit 2 ;;
  esac
done
