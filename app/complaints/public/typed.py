"""A complaint that is being written: kept sealed under a cookie of its own, so that a killed tab loses no word."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import BooleanField, HiddenField, StringField, TextAreaField

from app.base import clock
from app.base.database import Base, UtcDateTime, db, transaction
from app.base.ids import new_token
from app.base.services import sealer
from app.complaints.ticket.words import BY_EMAIL, BY_PAGE, BY_WHATSAPP, CATEGORIES, COMPLAINT, KINDS, OTHER
from app.web.forms import ChoiceField, TextForm

# Forms of the complaint pages. The rules live in `validation`; a form only carries what was typed.

class ComplaintForm(TextForm):
    """`submission_id` is made with the page: the same form sent twice makes one ticket. `about` is the number of the
    registration whose page led here."""

    submission_id = HiddenField()
    about = HiddenField()
    kind = ChoiceField("Apa yang ingin Anda sampaikan?", choices=list(KINDS.items()), default=COMPLAINT)
    category = ChoiceField("Tentang apa?", choices=[("", "Pilih satu"), *CATEGORIES.items()], default="")
    text = TextAreaField("Apa yang terjadi?")
    happened_on = StringField("Kapan terjadi?")
    place = StringField("Di mana?")
    name = StringField("Nama Anda")
    answer_by = ChoiceField("Ke mana jawaban kami kirim?", default=BY_WHATSAPP, choices=[
        (BY_WHATSAPP, "WhatsApp"), (BY_EMAIL, "E-mail"), (BY_PAGE, "Saya lihat sendiri dengan nomor dan PIN"),
    ])
    whatsapp_number = StringField("Nomor WhatsApp")
    email = StringField("Alamat e-mail")
    anonymous = BooleanField("Sembunyikan nama saya (anonim)")
    secret = BooleanField("Jangan tampilkan kepada umum (rahasia)")
    survey = BooleanField("Bersedia disurvei")


class TrackForm(TextForm):
    number = StringField("Nomor pengaduan")
    pin = StringField("PIN")


class ReplyForm(TextForm):
    reply = TextAreaField("Tulis balasan Anda")


class RatingForm(TextForm):
    rating = ChoiceField("Seberapa puas Anda?", choices=[
        ("5", "5 - sangat puas"), ("4", "4 - puas"), ("3", "3 - cukup"), ("2", "2 - kurang puas"),
        ("1", "1 - tidak puas"),
    ])
    sentence = TextAreaField("Ceritakan singkat (boleh dikosongkan)")


class EntryForm(TextForm):
    """The thirty-second entry; its order is the order of the Tab key."""

    submission_id = HiddenField()
    channel = ChoiceField("Dari", choices=[])
    received_at = StringField("Kapan disampaikan")
    text = TextAreaField("Apa yang disampaikan")
    name = StringField("Nama pelapor")
    contact = StringField("HP atau e-mail pelapor")
    outside_reference = StringField("Nomor di luar (misalnya LAPOR!)")
    kind = ChoiceField("Jenis", choices=list(KINDS.items()), default=COMPLAINT)
    category = ChoiceField("Kategori", choices=list(CATEGORIES.items()), default=OTHER)
    anonymous = BooleanField("Anonim")
    secret = BooleanField("Rahasia")
    about_staff = BooleanField("Tentang petugas (hanya pengawas yang membuka)")
    about_staff_id = ChoiceField("Petugas yang diadukan", choices=[])


LONGEST = 6000  # characters of one field; a longer one is refused by its rule anyway
KEYS = frozenset((
    "submission_id", "kind", "category", "text", "happened_on", "place", "name", "answer_by", "whatsapp_number",
    "email", "anonymous", "secret",
))


class ComplaintDraft(Base):
    """`sealed` is the JSON of what was typed; found by the hash of a token that only the browser holds."""

    __tablename__ = "complaint_draft"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, index=True)


def keep_typed(token: str, values: Mapping[str, str]) -> str:
    """Remember these fields beside those kept before. Returns the token, a new one for a browser without."""
    given = {key: values[key][:LONGEST] for key in KEYS if key in values}
    with transaction() as session:
        row = session.get(ComplaintDraft, _hash(token), with_for_update=True) if token else None
        if row is None:
            token = new_token()
            row = ComplaintDraft(token_hash=_hash(token))
            session.add(row)
            before = {}
        else:
            before = _opened(row)
        row.sealed = sealer().seal(json.dumps({**before, **given}).encode(), _context(row.token_hash))
        row.updated_at = clock.now()
    return token


def typed_with(token: str) -> dict[str, str]:
    """Field -> what was typed; empty for a token that opens nothing."""
    row = db.session.get(ComplaintDraft, _hash(token)) if token else None
    return _opened(row) if row else {}


def forget_typed(token: str) -> None:
    """It was sent, or its writer wants it gone."""
    if not token:
        return
    with transaction() as session:
        row = session.get(ComplaintDraft, _hash(token))
        if row is not None:
            session.delete(row)


def _opened(row: ComplaintDraft) -> dict[str, str]:
    return json.loads(sealer().open(row.sealed, _context(row.token_hash)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _context(token_hash: str) -> str:
    return f"complaint_draft:{token_hash}"
