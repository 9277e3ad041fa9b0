"""Finding a case by number, NIK, Nomor KK, phone or words of the name, all through keyed indexes."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, literal_column, or_

from app.accounts.models import Staff
from app.base import journal
from app.base.database import transaction
from app.base.ids import normalise_code
from app.base.services import sealer
from app.casework import lists
from app.casework.lists import Look
from app.casework.narrowing import NameIndex, newest_named
from app.identity.findings import FieldError
from app.identity.name import name_words
from app.identity.nik import parse_sixteen
from app.identity.phone import parse_whatsapp
from app.registration.models import Application, NameWord
from app.registration.personal import name_word_index
from app.registration.status import DRAFT
from app.review.worklist import BY_ARRIVAL, REGISTRATIONS, Row

NUMBER_END = literal_column("substr(application.number, 6)")  # as its index says it
NEWEST = BY_ARRIVAL.reversed()
NAMES = NameIndex(NameWord.application_id, NameWord.word_index, NameWord.sent_at)
MOST = 50
LONGEST = 100
NUMBER_LENGTH, HALF = 9, 4


def search(typed: str, staff: Staff) -> list[Row]:
    """Up to MOST cases, the newest first: of the first meaning of the words that finds any. A search is a journal
    line, without what was searched for."""
    kind, rows, look = "nothing", [], Look(staff)
    for meaning, condition in _meanings(typed[:LONGEST]):
        rows = lists.find(REGISTRATIONS, look, NEWEST, condition, Application.status != DRAFT, most=MOST)
        kind = meaning
        if rows:
            break
    with transaction():
        journal.record(
            "case_search", actor=journal.Actor("staff", staff.id), about=("staff", staff.id),
            detail={"by": kind, "found": len(rows)},
        )
    return rows


def _meanings(typed: str) -> Iterator[tuple[str, Any]]:
    """What the words probably are, likeliest first, each with the condition that finds it."""
    if nik := _sixteen(typed):
        box = sealer()
        yield "nik", or_(Application.nik_index == box.index("nik", nik), Application.kk_index == box.index("kk", nik))
        return
    if number := _number(typed):
        yield "number", Application.number == number
        return
    if phone := _phone(typed):
        yield "phone", Application.phone_index == sealer().index("phone", phone)
        return
    if words := name_words(typed):
        indexes = [name_word_index(word) for word in words]
        yield "name", Application.id.in_(newest_named(NAMES, Application, indexes, MOST, Application.status != DRAFT))
    if part := _part_of_number(typed):
        yield "number", or_(and_(Application.number >= part, Application.number < f"{part}~"), part == NUMBER_END)


def _part_of_number(typed: str) -> str:
    """One half of a registration number, as people read it out; "" for what is none."""
    part = normalise_code(typed)
    return part if len(part) == HALF else ""


def _number(typed: str) -> str | None:
    """A registration number; eight letters without a digit or dash are a name rather than a number."""
    plain = typed.replace("-", "").replace(" ", "")
    looks_like_one = len(plain) == NUMBER_LENGTH - 1 and any(char.isdigit() or char == "-" for char in typed)
    number = normalise_code(typed)
    return number if looks_like_one and len(number) == NUMBER_LENGTH else None


def _sixteen(typed: str) -> str | None:
    try:
        return parse_sixteen(typed, "NIK")
    except FieldError:
        return None


def _phone(typed: str) -> str | None:
    try:
        return parse_whatsapp(typed).value
    except FieldError:
        return None
