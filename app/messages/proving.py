"""Proving a number by writing to us: a button opens WhatsApp with a ready text and a short code.

The message that arrives shows who holds the number, and opens the window for free text. Optional,
never blocking; an ordinary `wa.me` link, so it works without JavaScript.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import bindparam, select

from app.base import clock, journal
from app.base.database import db, insert_once, once_a_page, transaction
from app.base.ids import READABLE, normalise_code, readable_code
from app.base.services import city, settings
from app.messages.addresses import contact_index
from app.messages.models import NumberProof

CODE = re.compile(rf"(?<![A-Z0-9])[{READABLE}]{{4}}-?[{READABLE}]{{4}}(?![A-Z0-9])")
MOST_CODES = 20


@dataclass(frozen=True)
class Offer:
    """A `wa.me` link with the code in its text; `proven` when that was done from the given number."""

    link: str
    proven: bool


def code_for(about: tuple[str, str], is_new: bool = False) -> str:
    """The code of one record, made at the first call inside the caller's transaction; `is_new` when the record was
    made in it as well."""
    row = None if is_new else proof_of(about)
    while row is None:  # a code that is taken inserts nothing: another is drawn
        code = readable_code(8)
        if insert_once(NumberProof, code=code, about_kind=about[0], about_id=about[1], created_at=clock.now()):
            return code
        row = proof_of(about)
    return row.code


def offer(about: tuple[str, str], number: str = "") -> Offer:
    """The button for one record; its code is written at the first call. Not inside a transaction."""
    row = proof_of(about)
    if row is None:
        with transaction():
            code = code_for(about)
        return Offer(_link(code), proven=False)
    return Offer(_link(row.code), proven=bool(number) and _proves(row, number))


def accept_code(text: str, sender_index: str) -> None:
    """Look for codes in an inbound text, inside the caller's transaction. The last sender counts, so
    that a code sent from a wrong phone can be sent again from the right one."""
    for found in CODE.findall(text.upper())[:MOST_CODES]:
        row = db.session.get(NumberProof, normalise_code(found))
        if row is None or row.contact_index == sender_index:
            continue
        row.contact_index, row.proven_at = sender_index, clock.now()
        journal.record("number_proven", actor=journal.VISITOR, about=(row.about_kind, row.about_id))


def note_typed_code(about: tuple[str, str], number: str) -> None:
    """Whoever typed a code that we sent to `number` (E.164) holds it; inside the caller's transaction."""
    code_for(about)
    row = proof_of(about)
    if not _proves(row, number):
        row.contact_index, row.proven_at = contact_index(number), clock.now()
        journal.record("number_proven", actor=journal.VISITOR, about=about)


def is_proven(about: tuple[str, str], number: str) -> bool:
    """Whether the holder of `number` (E.164) sent the code of this record from that number."""
    row = proof_of(about)
    return row is not None and _proves(row, number)


def _proves(row: NumberProof, number: str) -> bool:
    return row.proven_at is not None and row.contact_index == contact_index(number)


def _link(code: str) -> str:
    """Opens WhatsApp with the ready text, addressed to the office's number."""
    office = settings().twilio.sender if settings().twilio else ""
    target = f"https://wa.me/{office.lstrip('+')}" if office else city().contacts.whatsapp_link
    text = f"Halo {city().short_name}, ini nomor WhatsApp saya. Kode: {code}"
    return f"{target}?text={quote(text)}"


@once_a_page
def proof_of(about: tuple[str, str]) -> NumberProof | None:
    return db.session.scalar(_PROOF, {"kind": about[0], "id": about[1]})


_PROOF = select(NumberProof).where(
    NumberProof.about_kind == bindparam("kind"), NumberProof.about_id == bindparam("id"),
)
