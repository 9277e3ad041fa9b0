"""Debian's own clamd is asked about every file, with its test file as the virus (signature of our own: no download)."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import hashlib
import os
import shutil
import subprocess
import tempfile
import time as stopwatch
from pathlib import Path

import pytest

from app.doctor import GOOD, WRONG
from app.doctor.machine import scanner
from app.photos import proof
from tests.complaints import PDF
from tests.mail_reading import files, handler, tickets
from tests.mail_servers import Writer, open_office, servers  # noqa: F401

# the harmless file all scanners take for a virus (eicar.org), in two pieces so that none takes this one
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PROGRAM = shutil.which("clamd", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))
PATIENCE = 60

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no clamd here: install Debian's `clamav-daemon`")


@pytest.fixture(scope="module")
def clamd():
    """Its socket."""
    folder = Path(tempfile.mkdtemp(prefix="clamd", dir="/tmp"))
    (folder / "db").mkdir()
    (folder / "db" / "uji.hdb").write_text(f"{hashlib.md5(EICAR).hexdigest()}:{len(EICAR)}:Uji.Eicar\n")
    address = folder / "clamd.sock"
    (folder / "clamd.conf").write_text(
        f"LocalSocket {address}\nDatabaseDirectory {folder}/db\nForeground yes\nLogFile {folder}/log\n"
        "StreamMaxLength 40M\n",
    )
    process = subprocess.Popen([PROGRAM, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    end = stopwatch.monotonic() + PATIENCE
    while not address.exists():
        assert stopwatch.monotonic() < end and process.poll() is None, (folder / "log").read_text()
        stopwatch.sleep(0.05)
    yield str(address)
    process.terminate()
    process.wait(PATIENCE)
    shutil.rmtree(folder)


def test_a_virus_in_a_letter_is_refused_and_named_to_both(open_office, servers, clamd):
    office = open_office(CLAMD=clamd)
    budi = Writer(servers, office.address, "budi.virus@contoh.id")
    budi.writes("Ini buktinya.", files=((PDF, "application/pdf", "surat.pdf"), (EICAR, "text/plain", "catatan.txt")))
    office.works()
    assert files(office) == [("pdf", "stored", "surat.pdf"), ("file", "refused", "catatan.txt"),
                             ("file", "stored", "surat-asli.eml")]
    page = handler(office).reads(tickets(office)[0].id).text
    assert "Pemeriksa virus menolak berkas ini" in page and "jangan buka lampirannya" in page
    assert "catatan.txt: pemeriksa virus menolak berkas ini" in budi.letters()[0].get_content()
    with office.app.app_context():
        assert proof.version().startswith("ClamAV") and scanner().level == GOOD


def test_while_the_scanner_is_away_a_letter_waits_and_is_not_lost(open_office, servers, clamd, tmp_path):
    office = open_office(CLAMD=str(tmp_path / "nobody.sock"))
    budi = Writer(servers, office.address, "budi.tunggu@contoh.id")
    budi.writes("Ini buktinya.", files=((PDF, "application/pdf", "surat.pdf"),))
    office.works()
    assert tickets(office) == [] and office.servers.unread(office.address) == 1
    with office.app.app_context():
        assert scanner().level == WRONG
