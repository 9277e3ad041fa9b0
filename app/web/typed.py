"""What was typed is in the answer, also where no page of the form can be shown: a lost cookie, a stale token, too many
tries, a database that is away. The error page holds the fields as they came, with a button that sends them again.

One mechanism for every form, with and without JavaScript. Never carried: passwords, PINs and codes, files, and
anything of a request from another site, which is refused before (headers.refuse_foreign_origin).
"""

import re
from dataclasses import dataclass, field

from flask import request
from werkzeug.exceptions import HTTPException

# statuses after which the same fields may be sent again; 400 stands for a stale or missing token, 401 for somebody who
# is no longer known here
SENT_AGAIN = (400, 401, 429, 500, 503)
NEVER = re.compile(r"password|sandi|pin$|^pin|code|kode|csrf_token|totp|secret_key|recovery", re.IGNORECASE)
# what a person reads again: field -> what it is called; the rest travels along unseen
LABELS = {
    "text": "Pengaduan", "reply": "Balasan", "sentence": "Kalimat penilaian", "suggestion": "Saran", "place": "Tempat",
    "name": "Nama", "full_name": "Nama lengkap", "address": "Alamat", "whatsapp_number": "Nomor WhatsApp",
    "email": "E-mail", "nik": "NIK", "kk_number": "Nomor KK", "number": "Nomor", "happened_on": "Tanggal kejadian",
    "new_number": "Nomor WhatsApp baru", "value": "Yang benar", "village": "Kelurahan",
    "reason": "Alasan", "note": "Catatan", "contact": "Kontak", "details": "Penjelasan", "message": "Pesan",
}
# what a form carries without anybody having typed or chosen it
CARRIED = frozenset((
    "submission_id", "draft", "next", "to", "fresh", "upload_id", "version", "claim_token", "confirm", "notice", "act",
    "about", "nik_rechecked",
))
LONG = ("text", "reply", "address", "suggestion", "details", "note", "message")
MOST_FIELDS, MOST_CHARACTERS = 80, 200_000


@dataclass(frozen=True)
class Typed:
    """`label` is "" for what is not shown."""

    name: str
    value: str = field(repr=False)
    label: str = ""
    is_long: bool = False


def typed_fields(status: int) -> list[Typed]:
    """The fields of this request for the answer; empty when there is nothing to be sent again."""
    if request.method != "POST" or status not in SENT_AGAIN or request.endpoint is None:
        return []
    try:
        given = list(request.form.items(multi=True))[:MOST_FIELDS]
    except (HTTPException, OSError, ValueError):  # the body itself could not be read
        return []
    # who has to begin again begins another draft
    over = {"draft"} if status == 401 else frozenset()
    kept = [(name, value) for name, value in given if not NEVER.search(name) and name not in over]
    if sum(len(value) for _, value in kept) > MOST_CHARACTERS or not any(
        value.strip() for name, value in kept if name not in CARRIED
    ):
        return []
    return [
        Typed(name, value, LABELS.get(name, "") if value.strip() else "", name in LONG or len(value) > 100)
        for name, value in kept
    ]


def sent_to() -> str:
    """Where the form went, by its own address alone."""
    return request.full_path if request.query_string else request.path
