#!/bin/sh
# try.sh [SUITE]: README's section "Running it for a city", word by word, on a bare Debian of its own.
#
# Makes a bare Debian (default: bookworm) with debootstrap, starts its own systemd in it, runs the commands of that
# section as they stand there, and ends with `loket rehearse`: a registration over TLS, decided, told, signed in. The
# city is another one than Loket's first (deploy/answers-try.toml), in staging, with the stand-in for Twilio.
#
#   sh deploy/try.sh
#   sh deploy/try.sh trixie
#   FROM=COMMIT sh deploy/try.sh        # installs that older version, and ends with `loket upgrade` under load
#
# Needs root, debootstrap, util-linux, and free ports 80, 443, 8000 and 8155: the network is this machine's. Settings:
#   TRY_DIR    where the bare system is kept (default /var/tmp/loket-try)
#   MIRROR     an archive of Debian (default: the one this machine's apt uses)
set -eu

suite=${1:-bookworm}
here=$(cd "$(dirname "$0")/.." && pwd)
folder=${TRY_DIR:-/var/tmp/loket-try}
bare=$folder/$suite.tar system=$folder/$suite
domain=$(sed -n 's/^domain = "\(.*\)"/\1/p' "$here/deploy/answers-try.toml")

fail() { echo "try: $*" >&2; exit 2; }
[ "$(id -u)" = 0 ] || fail "only root can make a system of its own (debootstrap, chroot)."
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
for port in 80 443 8000 8155; do
  ! ss -ltn | grep -q ":$port " || fail "port $port is in use on this machine, whose network is borrowed."
done

mirror() {
  found=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 2>/dev/null |
    head -n 1)
  echo "${MIRROR:-$found}"
}

if [ ! -e "$bare" ]; then
  mkdir -p "$folder"
  script=/usr/share/debootstrap/scripts/$suite
  [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
  echo "Making a bare $suite ..."
  debootstrap --variant=minbase --include=ca-certificates,systemd,systemd-sysv,dbus,iproute2,procps \
    "$suite" "$system.new" "$(mirror)" "$script" >"$folder/$suite.log" 2>&1 ||
    { tail -n 20 "$folder/$suite.log" >&2; fail "debootstrap failed, see $folder/$suite.log"; }
  tar -C "$system.new" -cf "$bare.new" . && mv "$bare.new" "$bare"
  rm -rf "$system.new"
fi

rm -rf --one-file-system "$system"
mkdir -p "$system"
tar -C "$system" -xf "$bare"

# only what reaches the network from here: names, certificates this machine trusts
cp -L /etc/resolv.conf "$system/etc/resolv.conf"
printf '127.0.0.1 localhost %s\n' "$domain" >"$system/etc/hosts"
if ls /usr/local/share/ca-certificates/*.crt >/dev/null 2>&1; then
  cp /usr/local/share/ca-certificates/*.crt "$system/usr/local/share/ca-certificates/"
  chroot "$system" update-ca-certificates >/dev/null 2>&1
fi
[ ! -d "${PIP_FIND_LINKS:-/none}" ] || cp -r "$PIP_FIND_LINKS" "$system/opt/wheels"

git clone -q --bare --no-hardlinks "$here" "$system/root/loket.git"
branch=$(git -C "$here" rev-parse --abbrev-ref HEAD)
git -C "$system/root/loket.git" symbolic-ref HEAD "refs/heads/$branch"
if [ -n "${FROM:-}" ]; then
  git -C "$system/root/loket.git" rev-parse HEAD >"$system/root/newer"
  git -C "$system/root/loket.git" update-ref "refs/heads/$branch" "$(git -C "$here" rev-parse "$FROM^{commit}")"
  cp "$here/deploy/try_load.py" "$system/root/"
fi
cp "$here/deploy/answers-try.toml" "$system/root/answers.toml"
cp "$here/deploy/try_inside.sh" "$system/root/"
# the commands of the section, as they stand in README.md
sed -n '/^## Running it for a city/,/^## /p' "$here/README.md" | sed -n '/^```sh/,/^```/p' |
  sed -n '2,/^```/p' | sed '/^```/d' >"$system/root/readme.sh"

# a system of its own: mounts, processes, names and control groups end with this script
unshare --mount --uts --ipc --pid --cgroup --fork --kill-child --propagation private sh -eu -c '
  system=$1
  mount --bind "$system" "$system"  # a root of its own, so that units can be given namespaces
  mount --rbind /dev "$system/dev"
  mount -t proc proc "$system/proc"
  mount -t sysfs -o ro sys "$system/sys"
  mount -t tmpfs -o mode=755 tmpfs "$system/run"
  mount -t tmpfs -o mode=1777 tmpfs "$system/tmp"
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    mount -t cgroup2 cgroup2 "$system/sys/fs/cgroup"
  else
    mount -t tmpfs tmpfs "$system/sys/fs/cgroup"
    mkdir "$system/sys/fs/cgroup/systemd" "$system/sys/fs/cgroup/unified"
    mount --bind /sys/fs/cgroup/systemd "$system/sys/fs/cgroup/systemd"
    mount --bind /sys/fs/cgroup/unified "$system/sys/fs/cgroup/unified"
  fi
  cd "$system"
  pivot_root . mnt
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=loket-try \
    chroot . sh -c "umount -l /mnt; exec /lib/systemd/systemd --log-target=journal --unit=multi-user.target"
' try "$system" >"$folder/boot.log" 2>&1 &
outer=$!
trap 'kill -KILL "$outer" 2>/dev/null || true' EXIT

first=
for _ in $(seq 600); do
  first=$(pgrep -P "$outer" || true)
  [ -n "$first" ] && [ -e "/proc/$first/root/run/systemd/private" ] && break
  kill -0 "$outer" 2>/dev/null || { first=; break; }
  sleep 0.2
done
[ -n "$first" ] || { cat "$folder/boot.log" >&2; fail "systemd did not start"; }

nsenter -t "$first" -m -u -i -p -C -r -w env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
  DEBIAN_FRONTEND=noninteractive LOKET_SOURCE=/root/loket.git LOKET_ANSWERS=/root/answers.toml \
  SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt ${PIP_FIND_LINKS:+PIP_FIND_LINKS=/opt/wheels} \
  ${https_proxy:+https_proxy="$https_proxy"} ${http_proxy:+http_proxy="$http_proxy"} \
  ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} ${UV_DEFAULT_INDEX:+UV_DEFAULT_INDEX="$UV_DEFAULT_INDEX"} \
  sh /root/try_inside.sh
