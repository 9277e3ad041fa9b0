"""Proof that a letter was handed over: the code its owner was sent, else a signature drawn on the phone or a photo of
the signed slip. Never a person or a card."""

import base64
import binascii
import hmac

from app.base.problems import FormRejected
from app.guarantee.models import CODE, PROOFS, SIGNATURE, Guarantee
from app.guarantee.moves import handover_code
from app.photos.cleaning import clean_photo
from app.photos.errors import PhotoError

MOST_WRONG = 5
LONGEST_DRAWING = 200_000  # characters of base64
PNG = "data:image/png;base64,"
TOO_MANY = "Kode sudah lima kali salah. Minta tanda tangan di HP atau foto tanda terima."
WRONG = "Kode tidak cocok. Minta penerima membacakannya sekali lagi."


def picture_of(kind: str, drawing: str, slip: bytes | None, sender: str) -> bytes | None:
    """A cleaned JPEG of what was drawn or photographed; None for a code. Opens the picture in its box, so call it
    outside a transaction. Raises FormRejected beside the field."""
    if kind not in PROOFS:
        raise FormRejected({"proof": ["Pilih buktinya: kode, tanda tangan, atau foto tanda terima."]})
    if kind == CODE:
        return None
    data = _drawn(drawing) if kind == SIGNATURE else slip
    missing = "Minta penerima menandatangani di kotak itu." if kind == SIGNATURE else "Foto dulu tanda terimanya."
    field = "drawing" if kind == SIGNATURE else "slip"
    if not data:
        raise FormRejected({field: [missing]})
    try:
        return clean_photo(data, kind="attachment", sender=sender).jpeg
    except PhotoError as error:
        raise FormRejected({field: [error.message]}) from None


def check_code(guarantee: Guarantee, typed: str) -> str:
    """"" when right; else what is wrong, and the try is counted on the row. Inside the caller's transaction."""
    if guarantee.wrong_codes >= MOST_WRONG:
        return TOO_MANY
    digits = "".join(char for char in typed if char.isdigit())
    code = handover_code(guarantee)
    if code and hmac.compare_digest(digits.encode(), code.encode()):
        return ""
    guarantee.wrong_codes += 1
    return WRONG


def _drawn(drawing: str) -> bytes:
    if not drawing.startswith(PNG) or len(drawing) > LONGEST_DRAWING:
        return b""
    try:
        return base64.b64decode(drawing.removeprefix(PNG), validate=True)
    except (binascii.Error, ValueError):
        return b""


