"""A private Dovecot for the e-mail tests; `python -m tests.dovecot` installs the program if it can.

It runs in the foreground on free ports of 127.0.0.1, with everything it writes in a temporary folder, as
the powerless user `nobody` when we are root. A machine without it skips those tests with a sentence; with
CI=true that is a failure where it could have been installed.
"""

import contextlib
import getpass
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.certificates import make_certificate
from tests.live import free_port

PACKAGES = ("dovecot-imapd", "dovecot-lmtpd")
PASSWORD = "sandi-kotak-surat-uji"
MISSING = "No Dovecot found: e-mail tests need it. Install Debian's `dovecot-imapd` and `dovecot-lmtpd`, or run " \
          "`make mail-server`."
START_SECONDS = 30
SHORT = "/tmp" if Path("/tmp").is_dir() else None  # a socket path has at most 107 bytes
# What every version reads alike; {mail} is one of the two below. One process after another serves {requests} people:
# a new one for each was a fifth of the processor time of these tests.
CONFIG = """
{mail}
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
listen = 127.0.0.1
ssl = yes
auth_mechanisms = plain
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  {requests} = 1000
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service imap {{
  {requests} = 1000
}}
service lmtp {{
  inet_listener lmtp {{
    {listen_on} = 127.0.0.1
    port = {lmtp}
  }}
}}
"""
MAIL_UP_TO_2_3 = """
protocols = imap lmtp
mail_location = maildir:{folder}/mail/%u
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
"""
# 2.4 renamed most of it, and wants to be told first which version the file is written for
MAIL_FROM_2_4 = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
protocols = imap lmtp
mail_driver = maildir
mail_path = {folder}/mail/%{{user}}
ssl_server_cert_file = {folder}/certificate.pem
ssl_server_key_file = {folder}/key.pem
auth_allow_cleartext = yes
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {folder}/mail/%{{user}}
  }}
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """Every address is a mailbox with PASSWORD; it comes into being with its first letter."""

    folder: Path
    imap: int
    imaps: int
    lmtp: int
    process: subprocess.Popen

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    def renumber(self, address: str) -> None:
        """What a restored or rebuilt mailbox looks like: all numbers anew, under a new UIDVALIDITY."""
        for path in (self.folder / "mail" / address).glob("dovecot*"):
            path.unlink()


@cache
def find_dovecot() -> str | None:
    """Path of the program, if it can also speak IMAP and LMTP."""
    folders = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    program = shutil.which("dovecot", path=folders)
    parts = (Path("/usr/lib/dovecot"), Path("/usr/libexec/dovecot"), Path("/usr/local/libexec/dovecot"))
    whole = any((part / "imap").exists() and (part / "lmtp").exists() for part in parts)
    return program if whole else None


def require_dovecot() -> str:
    found = find_dovecot()
    if found is None and os.environ.get("CI") == "true" and _ways_to_install():
        pytest.fail(MISSING, pytrace=False)
    if found is None:
        pytest.skip(MISSING)
    return found


@contextlib.contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    """Raises RuntimeError with its log when it does not start."""
    program = require_dovecot()
    folder = Path(tempfile.mkdtemp(prefix="dovecot", dir=SHORT))
    try:
        server = _start(program, folder)
        try:
            yield server
        finally:
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(program: str, folder: Path) -> Dovecot:
    imap, imaps, lmtp = free_port(), free_port(), free_port()
    for name in ("run", "state", "mail"):
        (folder / name).mkdir()
    make_certificate(folder / "certificate.pem", folder / "key.pem")
    user, uid, gid, group = _who()
    (folder / "dovecot.conf").write_text(config_for(
        version_of(program), folder=folder, user=user, group=group, uid=uid, gid=gid, password=PASSWORD,
        imap=imap, imaps=imaps, lmtp=lmtp,
    ))
    powers = {}
    if os.geteuid() == 0:
        powers = {"user": uid, "group": gid, "extra_groups": []}
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, uid, gid)
    process = subprocess.Popen(
        [program, "-F", "-c", str(folder / "dovecot.conf")], cwd=folder, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=(folder / "output").open("wb"), **powers,
    )
    server = Dovecot(folder, imap, imaps, lmtp, process)
    _wait(server)
    return server


def version_of(program: str) -> tuple[int, int]:
    """Major and minor. Raises RuntimeError when it does not tell."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"(\d+)\.(\d+)", said)
    if found is None:
        raise RuntimeError(f"Dovecot at {program} does not tell its version: {said[:80]!r}")
    return int(found[1]), int(found[2])


def config_for(version: tuple[int, int], **values: object) -> str:
    """The configuration file in the words of that version."""
    renamed = version >= (2, 4)
    mail = (MAIL_FROM_2_4 if renamed else MAIL_UP_TO_2_3).format(**values).strip()
    return CONFIG.lstrip().format(mail=mail, listen_on="listen" if renamed else "address",
                                 requests="restart_request_count" if renamed else "service_count", **values)


def _wait(server: Dovecot) -> None:
    import socket

    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        with contextlib.suppress(OSError):
            for port in (server.imap, server.lmtp):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.05)
    server.process.kill()
    said = [(server.folder / name).read_text(errors="replace") for name in ("output", "log")
            if (server.folder / name).exists()]
    raise RuntimeError(f"Dovecot does not start: {' '.join(said)[-600:]}")


def _who() -> tuple[str, int, int, str]:
    import grp
    import pwd

    person = pwd.getpwnam("nobody" if os.geteuid() == 0 else getpass.getuser())
    return person.pw_name, person.pw_uid, person.pw_gid, grp.getgrgid(person.pw_gid).gr_name


def _ways_to_install() -> list[list[list[str]]]:
    """A list of commands each. Only where Debian's package does not leave a mail server running on
    somebody's own machine: in a container, or in CI."""
    own_machine = Path("/run/systemd/system").exists() and os.environ.get("CI") != "true"
    if not shutil.which("apt-get") or own_machine:
        return []
    commands = [["apt-get", "update", "-q"], ["apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES]]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return [commands]
    return [[["sudo", "-n", *command] for command in commands]] if shutil.which("sudo") else []


def install() -> bool:
    for commands in _ways_to_install():
        print("Installing Dovecot for the e-mail tests:", " ".join(commands[-1]), flush=True)
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
            if done.returncode:
                print((done.stderr or done.stdout)[-600:], flush=True)
    find_dovecot.cache_clear()
    return find_dovecot() is not None


if __name__ == "__main__":
    if not find_dovecot() and not install():
        print(MISSING)
        # only CI insists, and only where it could be done; elsewhere the tests say that they were skipped
        sys.exit(1 if os.environ.get("CI") == "true" and _ways_to_install() else 0)
