#!/bin/sh
# install.sh [--beside]: puts the version checked out here under /opt/loket-versions, with its packages.
#
# The first time it also makes the system account, the units, the command `loket` and the folder for backups, and points
# /opt/loket to that version. --beside only puts it there: `loket upgrade` does the rest.
set -eu

source=$(cd "$(dirname "$0")/.." && pwd)
versions=/opt/loket-versions
version=$(git -C "$source" rev-parse --short=12 HEAD)
target=$versions/$version

[ "$(id -u)" = 0 ] || { echo "install.sh: jalankan sebagai root." >&2; exit 2; }

mkdir -p "$versions"
if [ ! -e "$target/.venv/ready-to-run" ]; then
  rm -rf "$target.new" "$target"
  mkdir "$target.new"
  git -C "$source" archive HEAD | tar -x -C "$target.new"
  mv "$target.new" "$target"  # a virtual environment knows its own address, so it is made in place
  (cd "$target" && sh tools/install.sh .venv requirements.txt)
  # styles and scripts are packed now: the account of Loket may not write here
  (cd "$target" && .venv/bin/python -c "from app.web.assets import built; built()")
  touch "$target/.venv/ready-to-run"
fi
[ "${1:-}" != --beside ] || exit 0

getent passwd loket >/dev/null || useradd --system --user-group --home-dir /var/lib/loket --shell /usr/sbin/nologin loket
ln -sfn "$target" /opt/loket.new && mv -T /opt/loket.new /opt/loket  # never away for a moment
install -m 755 "$target/deploy/loket" /usr/local/bin/loket
install -m 644 "$target"/deploy/systemd/* /etc/systemd/system/
install -d -m 700 -o loket -g loket /var/backups/loket
if [ -d /etc/logrotate.d ]; then install -m 644 "$target/deploy/logrotate" /etc/logrotate.d/loket; fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
echo "Loket $version terpasang. Lanjutkan dengan: loket setup"
