#!/bin/sh
# The half of try_fresh.sh that runs inside the bare system: start, first page, start again, COMMAND.
set -eu
cd /root/loket
. /etc/os-release
echo "$PRETTY_NAME, $(python3 --version), $(git log -1 --format='%h %s')"

# first_page WHAT: seconds from `make run` to the first page, then stops it again.
first_page() {
  began=$(date +%s)
  make run PORT="$PORT" >/root/run.log 2>&1 &
  running=$!
  until python3 -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$PORT/', timeout=5)" 2>/dev/null; do
    kill -0 "$running" 2>/dev/null && [ $(($(date +%s) - began)) -lt 600 ] ||
      { tail -n 30 /root/run.log; echo "make run: no page."; exit 1; }
    sleep 0.2
  done
  echo "make run, $1: the first page after $(($(date +%s) - began)) s"
  # make does not pass signals on: its child is asked by name, among the few processes of this namespace
  for process in /proc/[0-9]*; do
    if tr '\0' ' ' <"$process/cmdline" 2>/dev/null | grep -q 'flask --app wsgi demo'; then
      kill -TERM "${process#/proc/}" 2>/dev/null || true
    fi
  done
  wait "$running" || { tail -n 30 /root/run.log; echo "make run: did not end well."; exit 1; }
}

first_page "first start"
first_page "second start"
echo "$*"
exec "$@"
