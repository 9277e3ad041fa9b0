#!/bin/sh
# The half of try.sh that runs inside the bare system: README's commands, then the rehearsal.
set -eu
. /etc/os-release
echo "$PRETTY_NAME, systemd $(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')"
began=$(date +%s)
cat /root/readme.sh
# each command as it stands there; the first that fails ends the trial
sh -eu /root/readme.sh
echo "README's commands: $(($(date +%s) - began)) s"
loket rehearse || {
  journalctl --no-pager -n 40 -u 'loket*' -u caddy
  exit 1
}
echo "From a bare machine to a signed-in resident: $(($(date +%s) - began)) s"
systemctl --no-pager --plain list-units 'loket*' 'caddy*' || true
systemd-analyze --no-pager security loket-web@1.service loket-worker.service 2>/dev/null | tail -n 1 || true

[ -e /root/newer ] || exit 0
# the same machine goes on to a newer version while eight clients ask without pause
older=$(readlink -f /opt/loket)
git -C /root/loket.git update-ref HEAD "$(cat /root/newer)"
address=$(. /etc/loket/loket.env && echo "$PUBLIC_BASE_URL")
python3 /root/try_load.py "$address" /root/stop &
sleep 5
loket upgrade
sleep 5
touch /root/stop
wait $!
echo "$older -> $(readlink -f /opt/loket); the database is at $(loket db current 2>/dev/null | tail -n 1)"
loket fsck
loket downgrade && loket doctor >/dev/null && echo "and back to $(readlink -f /opt/loket), with the doctor content"
