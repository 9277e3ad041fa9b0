"""Asks a ClamAV daemon about a file, when the settings name one (CLAMD): its INSTREAM command, in Python's own words,
because the packages for it were last released in 2016 and 2022.

While the daemon does not answer nothing is taken for clean: forms say so, letters and WhatsApp files wait.
"""

import socket
import struct

import structlog

from app.base.services import settings
from app.photos.errors import PhotoBusy, PhotoError

log = structlog.get_logger()

TIMEOUT_SECONDS = 20
CHUNK = 1 << 16


class VirusFound(PhotoError):
    status = 415
    code = "virus"
    message = "Pemeriksa virus kami menolak berkas ini. Jangan kirim berkas ini, dan periksa HP atau komputer Anda."


class ScannerAway(PhotoBusy):
    code = "busy"
    message = "Pemeriksa virus kami sedang tidak menjawab, jadi berkas belum dapat diterima. Coba lagi sebentar."


def scan(data: bytes) -> None:
    """Nothing without the setting. Raises VirusFound, ScannerAway."""
    if not settings().clamd:
        return
    try:
        said = _asked(b"zINSTREAM\0", data)
    except OSError as error:
        log.error("virus_scanner_away", kind=type(error).__name__)
        raise ScannerAway from None
    if said.endswith("FOUND"):
        log.warning("virus_found", what=said.removeprefix("stream: ").removesuffix(" FOUND")[:80])
        raise VirusFound
    if not said.endswith("OK"):
        log.error("virus_scanner_failed", said=said[:80])
        raise ScannerAway


def version() -> str:
    """What the daemon says it is, "" while it does not answer."""
    try:
        return _asked(b"zVERSION\0", None)
    except OSError:
        return ""


def _asked(command: bytes, data: bytes | None) -> str:
    with _connected(settings().clamd) as line:
        line.sendall(command)
        if data is not None:
            view = memoryview(data)
            for start in range(0, len(data), CHUNK):
                piece = view[start : start + CHUNK]
                line.sendall(struct.pack(">I", len(piece)) + piece)
            line.sendall(struct.pack(">I", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < CHUNK and (piece := line.recv(4096)):
            answer += piece
    return answer.rstrip(b"\0\n").decode("ascii", "replace")


def _connected(address: str) -> socket.socket:
    """`/run/clamav/clamd.ctl`, or `host:port`."""
    if address.startswith("/"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(TIMEOUT_SECONDS)
        line.connect(address)
        return line
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=TIMEOUT_SECONDS)
