#!/bin/sh
# install.sh VENV REQUIREMENTS: makes VENV with the newest Python found, unless a working one is
# there, and installs the pinned packages into it. uv does in seconds what takes pip most of a
# minute; where it cannot work (it does not read pip's own settings) pip does the same from the
# same hashes.
set -eu
venv=$1 requirements=$2
pip="$venv/bin/python -m pip --quiet --no-input --disable-pip-version-check"

make_venv() {
  # a Debian python3 without ensurepip cannot make one, so each candidate is asked for it
  for python in python3.13 python3.12 python3.11 python3 python; do
    if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      "$python" -m venv --clear "$venv"
      return
    fi
  done
  echo "Loket needs Python 3.11 or newer with its venv module, and none was found on PATH." >&2
  echo "Debian, Ubuntu: apt-get install python3 python3-venv.  macOS: brew install python@3.13." >&2
  exit 1
}

with_uv() {
  $pip install --require-hashes --no-compile -r tools/installer.txt 2>/dev/null &&
    "$venv/bin/uv" pip install --quiet --no-cache --require-hashes --compile-bytecode \
      --python "$venv/bin/python" -r "$requirements"
}

"$venv/bin/python" -m pip --version >/dev/null 2>&1 || make_venv
echo "Installing packages, once (up to a minute) ..."
with_uv || $pip install --require-hashes -r "$requirements"
