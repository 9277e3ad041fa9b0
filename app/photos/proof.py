"""What may be kept beside photos as proof: told by its content, never by its name or declared type.

These files are kept as they came and only ever handed out as a download, sound and film also to the player of the
desk's own page; no program of ours opens them. A virus scanner named in the settings is asked first.
"""

import re
import socket
import struct
import zipfile
from dataclasses import dataclass, field
from io import BytesIO

import structlog

from app.base.services import settings
from app.photos.cleaning import MAX_PHOTO_BYTES
from app.photos.errors import EmptyFile, PhotoBusy, PhotoError, TooLarge

PDF, TEXT, WORD, SHEET, CONTACT, AUDIO, VIDEO = "pdf", "text", "word", "sheet", "contact", "audio", "video"
LARGEST_RECORDING = 16 * 1024 * 1024
# first bytes -> (form, type)
SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", PDF, "application/pdf"),
    (b"OggS", AUDIO, "audio/ogg"),
    (b"#!AMR", AUDIO, "audio/amr"),
    (b"ID3", AUDIO, "audio/mpeg"),
    (b"\xff\xf1", AUDIO, "audio/aac"),
    (b"\xff\xf9", AUDIO, "audio/aac"),
    (b"\xff\xfb", AUDIO, "audio/mpeg"),
    (b"\xff\xf3", AUDIO, "audio/mpeg"),
    (b"\x1aE\xdf\xa3", VIDEO, "video/webm"),
)
# ISO media: the major brand
_SOUND_BRANDS = (b"M4A ", b"M4B ", b"M4P ")
_FILM_BRANDS = (
    b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"3gp", b"3g2", b"qt  ",
    b"MSNV", b"dash", b"mmp4", b"hvc1", b"kddi",
)
_OFFICE = (("word/document.xml", WORD, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
           ("xl/workbook.xml", SHEET, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))
_OPEN_OFFICE = {
    b"application/vnd.oasis.opendocument.text": WORD, b"application/vnd.oasis.opendocument.spreadsheet": SHEET,
}
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(rb"\s{0,200}<[!?a-z]", re.IGNORECASE)
_MOST_MEMBERS = 2000
_MIN_PRINTABLE = 0.97
ENDINGS = {
    "application/pdf": "pdf", "text/plain": "txt", "text/vcard": "vcf", "audio/ogg": "ogg", "audio/amr": "amr",
    "audio/mpeg": "mp3", "audio/aac": "aac", "audio/mp4": "m4a", "audio/wav": "wav", "video/mp4": "mp4",
    "video/webm": "webm", "video/3gpp": "3gp", "video/quicktime": "mov", "image/jpeg": "jpg", "message/rfc822": "eml",
    "application/msword": "doc", "application/vnd.ms-excel": "xls", _OFFICE[0][2]: "docx", _OFFICE[1][2]: "xlsx",
    "application/vnd.oasis.opendocument.text": "odt", "application/vnd.oasis.opendocument.spreadsheet": "ods",
}


class WithMacros(PhotoError):
    status = 415
    code = "macros"
    message = "Berkas ini memuat program (makro). Simpan sebagai PDF, lalu kirim PDF-nya."


class RecordingTooLarge(TooLarge):
    message = "Rekaman ini lebih dari 16 MB. Kirim rekaman yang lebih pendek, atau bawa rekamannya ke kantor kami."


@dataclass(frozen=True)
class Proof:
    """`form` is one of the kinds above."""

    form: str
    content_type: str
    data: bytes = field(repr=False)


def check_size(data: bytes) -> None:
    """Raises EmptyFile, TooLarge."""
    if not data:
        raise EmptyFile
    is_recording = _recording(data) is not None
    if len(data) > (LARGEST_RECORDING if is_recording else MAX_PHOTO_BYTES):
        raise RecordingTooLarge if is_recording else TooLarge


def proof_of(data: bytes) -> Proof | None:
    """None for what may be a picture, or nothing we keep. Raises EmptyFile, TooLarge, WithMacros."""
    check_size(data)
    for signature, form, content_type in SIGNATURES[:1]:
        if data.startswith(signature):
            return Proof(form, content_type, data)
    return _recording(data) or _office(data) or _plain(data)


def check_for_virus(data: bytes) -> None:
    """Ask the scanner of the settings, if one is named. Raises VirusFound, and ScannerAway while it does not answer."""
    scan(data)


def _recording(data: bytes) -> Proof | None:
    for signature, form, content_type in SIGNATURES[1:]:
        if data.startswith(signature):
            return Proof(form, content_type, data)
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return Proof(AUDIO, "audio/wav", data)
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand in _SOUND_BRANDS:
            return Proof(AUDIO, "audio/mp4", data)
        if brand.startswith(_FILM_BRANDS):
            kind = {b"qt": "video/quicktime", b"3g": "video/3gpp"}.get(brand[:2], "video/mp4")
            return Proof(VIDEO, kind, data)
    return None


def _office(data: bytes) -> Proof | None:
    """A Word document or a sheet, by what lies in it. Raises WithMacros."""
    if data.startswith(_OLD_OFFICE):
        if "_VBA_PROJECT".encode("utf-16-le") in data:
            raise WithMacros
        for stream, form, content_type in (("WordDocument", WORD, "application/msword"),
                                           ("Workbook", SHEET, "application/vnd.ms-excel")):
            if stream.encode("utf-16-le") in data:
                return Proof(form, content_type, data)
        return None
    if not data.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            names = [entry.filename for entry in packed.infolist()[:_MOST_MEMBERS]]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    if any(name.lower().endswith("vbaproject.bin") or name.startswith("Basic/") for name in names):
        raise WithMacros
    for wanted, form, content_type in _OFFICE:
        if wanted in names and "[Content_Types].xml" in names:
            return Proof(form, content_type, data)
    if names[:1] == ["mimetype"]:
        for kind, form in _OPEN_OFFICE.items():
            if data[38 : 38 + len(kind)] == kind and b"-template" not in data[38 : 60 + len(kind)]:
                return Proof(form, kind.decode(), data)
    return None


def _plain(data: bytes) -> Proof | None:
    """Text that nothing would run or draw: no markup, no script."""
    if b"\0" in data or data.startswith((b"#!", b"{\\rtf", b"%!", b"MZ")) or _MARKUP.match(data):
        return None
    if data[:15].upper() == b"BEGIN:VCARD\r\n"[:15] or data[:11].upper() == b"BEGIN:VCARD":
        return Proof(CONTACT, "text/vcard", data)
    try:
        text = data.decode("utf-8")
    except ValueError:
        text = data.decode("cp1252", "replace")
        if sum(byte > 0x7F for byte in data) > len(data) // 5:
            return None
    printable = sum(char.isprintable() or char in "\r\n\t" for char in text)
    return Proof(TEXT, "text/plain", data) if printable >= _MIN_PRINTABLE * len(text) else None


# Asks a ClamAV daemon about a file, when the settings name one (CLAMD): its INSTREAM command, in Python's own words,
# because the packages for it were last released in 2016 and 2022.
#
# While the daemon does not answer nothing is taken for clean: forms say so, letters and WhatsApp files wait.

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
