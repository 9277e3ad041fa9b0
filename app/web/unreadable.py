"""What was stored and no longer opens: its object is missing, its seal broken, or its key not at hand.

Said plainly, because trying again never helps: to a browser that wants a picture by a picture, else by
a page. The log line names the record; `flask fsck` finds all others.
"""

import structlog
from flask import Flask, Response, request

from app.base.problems import PhotoMissing
from app.base.sealing import SealBroken
from app.web.access import OFFICE
from app.web.assets import STATIC
from app.web.errors import error_page
from app.web.headers import PHOTO_CSP

GONE = 410
HEADING = "Berkas ini tidak dapat dibuka lagi"
FOR_RESIDENTS = (
    "Yang tersimpan di tempat kami rusak atau hilang. Ini bukan kesalahan Anda, dan mencoba lagi tidak membantu. "
    "Kalau ini foto pendaftaran yang belum dikirim, ambil foto baru. Kalau bukan, hubungi kami."
)
FOR_STAFF = (
    "Yang tersimpan rusak, hilang, atau disegel dengan kunci yang tidak ada di sini. Beri tahu admin dan sebutkan "
    "kode di bawah. Kalau ini foto pendaftaran, kembalikan berkasnya supaya warga mengirim foto baru."
)

log = structlog.get_logger()


def init_unreadable(app: Flask) -> None:
    app.register_error_handler(SealBroken, _seal_broken)
    app.register_error_handler(PhotoMissing, _object_missing)


def _seal_broken(error: SealBroken):
    log.error("stored_value_unreadable", kind=type(error).__name__, record=error.context, key_id=error.key_id)
    return _answer()


def _object_missing(error: PhotoMissing):
    log.error("stored_object_missing", kind=type(error).__name__, path=request.path)
    return _answer()


def _answer():
    if wants_picture():
        return _picture()
    advice = FOR_STAFF if request.path.startswith(OFFICE) else FOR_RESIDENTS
    return error_page(GONE, texts=(HEADING, advice))


def wants_picture() -> bool:
    """An <img> takes images of several kinds and no page."""
    accepted = request.headers.get("Accept", "")
    return "image/" in accepted and "text/html" not in accepted


def _picture() -> Response:
    response = Response((STATIC / "img" / "photo-unreadable.svg").read_bytes(), GONE, mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = PHOTO_CSP
    return response
