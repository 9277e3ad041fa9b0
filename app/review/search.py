"""Finding a case by number, NIK, Nomor KK, phone or words of the name, all through keyed indexes."""

from sqlalchemy import or_, select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.ids import normalise_code
from app.base.services import sealer
from app.identity.errors import FieldError
from app.identity.name import name_words
from app.identity.nik import parse_sixteen
from app.identity.phone import parse_whatsapp
from app.registration.models import Application, NameWord
from app.registration.status import DRAFT
from app.review.queue import COLUMNS, Row, to_row, with_names

MOST = 50
LONGEST = 100
NUMBER_LENGTH = 9


def search(typed: str, staff: Staff) -> list[Row]:
    """Up to MOST cases, the newest first. A search is a journal line, without what was searched for."""
    kind, condition = _meaning(typed[:LONGEST])
    rows = [] if condition is None else _find(condition)
    with transaction():
        journal.record(
            "case_search", actor=journal.Actor("staff", staff.id), about=("staff", staff.id),
            detail={"by": kind, "found": len(rows)},
        )
    return rows


def _find(condition) -> list[Row]:
    # sorted here: the database would have to read every namesake before it could sort them
    query = with_names(select(*COLUMNS), Application)
    found = list(db.session.execute(query.where(condition, Application.status != DRAFT).limit(MOST)))
    now = clock.now()
    return [to_row(row, now) for row in sorted(found, key=lambda row: row.submitted_at, reverse=True)]


def _meaning(typed: str) -> tuple[str, object | None]:
    """What the words probably are, and the condition that finds it."""
    if nik := _sixteen(typed):
        box = sealer()
        return "nik", or_(Application.nik_index == box.index("nik", nik), Application.kk_index == box.index("kk", nik))
    if number := _number(typed):
        return "number", Application.number == number
    if phone := _phone(typed):
        return "phone", Application.phone_index == sealer().index("phone", phone)
    words = name_words(typed)
    return ("name", _named(words)) if words else ("nothing", None)


def _named(words: tuple[str, ...]):
    """Every word must stand in the name."""
    having = [
        Application.id.in_(select(NameWord.application_id).where(
            NameWord.word_index == sealer().index("name-word", word)
        ))
        for word in words
    ]
    condition = having[0]
    for more in having[1:]:
        condition = condition & more
    return condition


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
