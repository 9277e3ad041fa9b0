#!/bin/sh
# try_fresh.sh SUITE [COMMAND...]: does Loket run on a machine on which nothing is installed?
#
# Makes a bare Debian (SUITE: bookworm, trixie ...) with debootstrap, holding python3, its venv module,
# make and git and nothing else; clones what is committed here; runs `make run` until the first page
# answers; stops it; starts it again; then runs COMMAND (default: make test) in the clone.
#
#   sh tools/try_fresh.sh trixie
#   sh tools/try_fresh.sh bookworm make lint
#   KEEP=1 sh tools/try_fresh.sh trixie .venv/bin/python -m pytest -q tests/test_complaints_mail.py
#
# Needs root, debootstrap and util-linux. Settings, all from the environment:
#   FRESH_DIR  where the systems are kept (default /var/tmp/loket-fresh; 3 GB a suite)
#   KEEP       1: go on in the system of the last run, with the clone brought up to date
#   MIRROR     an archive of Debian (default: the one this machine's apt uses)
# Everything runs in namespaces of its own: mounts and processes end with this script.
set -eu

suite=${1:?say which suite, such as: try_fresh.sh trixie}
shift
here=$(cd "$(dirname "$0")/.." && pwd)
folder=${FRESH_DIR:-/var/tmp/loket-fresh}
system=$folder/$suite
bare=$folder/$suite.tar
port=${PORT:-8300}

fail() { echo "try_fresh: $*" >&2; exit 2; }

[ "$(id -u)" = 0 ] || fail "only root can make a system of its own (debootstrap, chroot)."
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
[ "$#" -gt 0 ] || set -- make test

mirror() {
  found=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 2>/dev/null |
    head -n 1)
  echo "${MIRROR:-$found}"
}

make_bare() {
  from=$(mirror)
  [ -n "$from" ] || fail "apt on this machine names no archive of Debian: set MIRROR"
  script=/usr/share/debootstrap/scripts/$suite
  [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
  rm -rf "$system.new"
  echo "Making a bare $suite ..."
  debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv,make,git \
    "$suite" "$system.new" "$from" "$script" >"$folder/$suite.log" 2>&1 ||
    { tail -n 20 "$folder/$suite.log" >&2; fail "debootstrap failed, see $folder/$suite.log"; }
  # a package's service must not start beside those of this machine
  printf '#!/bin/sh\nexit 101\n' >"$system.new/usr/sbin/policy-rc.d"
  chmod 755 "$system.new/usr/sbin/policy-rc.d"
  tar -C "$system.new" -cf "$bare.new" .
  mv "$bare.new" "$bare"
  rm -rf "$system.new"
}

unpack() {
  rm -rf --one-file-system "$system"
  mkdir -p "$system"
  tar -C "$system" -xf "$bare"
}

# Only what reaches the network from here: names, certificates this machine trusts, package sources.
lend_network() {
  cp -L /etc/resolv.conf /etc/hosts "$system/etc/"
  if ls /usr/local/share/ca-certificates/*.crt >/dev/null 2>&1; then
    cp /usr/local/share/ca-certificates/*.crt "$system/usr/local/share/ca-certificates/"
    chroot "$system" update-ca-certificates >/dev/null 2>&1
  fi
}

clone() {
  [ -z "$(git -C "$here" status --porcelain)" ] || echo "Note: only what is committed is tried."
  if [ -d "$system/root/loket/.git" ]; then
    git -C "$system/root/loket" fetch -q "$here" HEAD
    git -C "$system/root/loket" reset -q --hard FETCH_HEAD
  else
    git clone -q --no-hardlinks "$here" "$system/root/loket"
  fi
}

mkdir -p "$folder"
[ -e "$bare" ] || make_bare
[ "${KEEP:-}" = 1 ] && [ -d "$system/root" ] || unpack
lend_network
clone
cp "$here/tools/try_fresh_inside.sh" "$system/root/"

# shellcheck disable=SC2016
exec unshare --mount --pid --fork --kill-child --propagation private sh -eu -c '
  system=$1; shift
  mount --rbind /dev "$system/dev"
  mount -t tmpfs -o mode=1777 shm "$system/dev/shm"
  mount -t proc proc "$system/proc"
  mount -t sysfs -o ro sys "$system/sys"
  cd /
  exec chroot "$system" "$@"
' try_fresh "$system" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
  PORT="$port" DEBIAN_FRONTEND=noninteractive SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
  ${CI:+CI="$CI"} ${https_proxy:+https_proxy="$https_proxy"} ${http_proxy:+http_proxy="$http_proxy"} \
  ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} ${UV_DEFAULT_INDEX:+UV_DEFAULT_INDEX="$UV_DEFAULT_INDEX"} \
  sh /root/try_fresh_inside.sh "$@"
