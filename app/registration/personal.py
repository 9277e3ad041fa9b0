"""The personal record of an application: sealed JSON, and the keyed indexes that find it."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import ColumnElement, select, update

from app.base.database import db, transaction
from app.base.sealing import SealBroken, UnknownKey, open_record, seal_record
from app.base.services import sealer
from app.casework.moving import write_beside
from app.identity.name import name_words
from app.messages import addresses
from app.messages.addresses import Recipient, by_whatsapp
from app.registration.fields import Personal
from app.registration.models import Application, NameWord

log = structlog.get_logger()
NOWHERE = ""  # no kelurahan is named
AT_ONCE, TURN_SECONDS = 200, 5.0  # messages wait for the worker meanwhile


def seal_personal(application: Application, personal: Personal) -> None:
    """Write the sealed record and its indexes onto the row. The caller replaces the name words."""
    box = sealer()
    application.personal_sealed = seal_record(box, personal, _context(application.id))
    application.nik_index = box.index("nik", personal.nik)
    application.kk_index = box.index("kk", personal.kk_number)
    application.phone_index = box.index("phone", personal.whatsapp_number) if personal.whatsapp_number else None
    application.reached_by, application.village_index = personal.reached_by, village_index(personal.village)


def village_index(village: str) -> str:
    """By which a list is narrowed to a kelurahan; nobody without our key learns who lives where."""
    return sealer().index("village", village)


def find_villages() -> int:
    """Give the index to rows of the time before it; returns how many. A worker's job."""
    return place_rows(Application, lambda row: open_personal(row).village, Application.personal_sealed.is_not(None))


def place_rows(model: type, village_of: Callable[[Any], str], *conditions: ColumnElement[bool]) -> int:
    """Write the index of rows that have none, for no longer than TURN_SECONDS; returns how many. `village_of` opens
    one, "" for no kelurahan. What was altered has none and is not tried again; under a key that is missing today it is
    left for another turn."""
    ends, last, number = time.monotonic() + TURN_SECONDS, "", 0
    while time.monotonic() < ends:
        query = select(model).where(model.village_index.is_(None), *conditions, model.id > last).order_by(model.id)
        with transaction():
            rows = list(db.session.scalars(query.limit(AT_ONCE).with_for_update()))
            if not rows:
                break
            for row in rows:
                number += _place(model, row, village_of)
            last = rows[-1].id
    return number


def _place(model: type, row: Any, village_of: Callable[[Any], str]) -> bool:
    try:
        village = village_of(row)
    except UnknownKey:
        return False
    except SealBroken as error:
        log.error("village_not_found", context=error.context, key=error.key_id)
        village = ""
    return write_beside(model, model.id == row.id, village_index=village_index(village) if village else NOWHERE)


def date_names() -> int:
    """Date the words of registrations that an older process sent, which knew no such date; returns how many. A
    worker's job."""
    sent = select(Application.submitted_at).where(
        Application.id == NameWord.application_id, Application.submitted_at.is_not(None)
    )
    undated = update(NameWord).where(NameWord.sent_at.is_(None), sent.exists())
    with transaction() as session:
        dated = undated.values(sent_at=sent.scalar_subquery())
        return session.execute(dated.execution_options(synchronize_session=False)).rowcount


def reached_at(person: Personal) -> Recipient:
    """Where this person hears from us."""
    match person.reached_by:
        case "":
            return by_whatsapp(person.whatsapp_number)
        case addresses.CALL:
            return Recipient(addresses.CALL, person.whatsapp_number)
        case addresses.LETTER:
            lines = (person.full_name, *person.address.split("\n"), person.village)
            return Recipient(addresses.LETTER, "\n".join(line for line in lines if line))
    return Recipient(person.reached_by, person.full_name)


def name_word_rows(application: Application, full_name: str) -> list[NameWord]:
    indexes = {name_word_index(word) for word in name_words(full_name)}
    return [
        NameWord(application_id=application.id, word_index=index, sent_at=application.submitted_at)
        for index in sorted(indexes)
    ]


def name_word_index(word: str) -> str:
    return sealer().index("name-word", word)


def open_personal(application: Application) -> Personal:
    """Raises SealBroken when the ciphertext was altered or belongs to another row."""
    return open_record(sealer(), Personal, application.personal_sealed, _context(application.id))


def seal_for_citizen(citizen_id: str, personal: Personal) -> bytes:
    """The account keeps its own copy, bound to its own row."""
    return seal_record(sealer(), personal, f"citizen:{citizen_id}:personal")


def phone_index_of(citizen_id: str, personal: Personal) -> str:
    """By which an account is found; who has no number shares none with others."""
    number = personal.whatsapp_number
    return sealer().index("phone", number) if number else sealer().index("no-phone", citizen_id)


def open_citizen(citizen) -> Personal:
    return open_record(sealer(), Personal, citizen.personal_sealed, f"citizen:{citizen.id}:personal")


def seal_pin(application: Application, pin: str) -> None:
    application.pin_sealed = sealed_pin(application.id, pin)


def sealed_pin(application_id: str, pin: str) -> bytes:
    return sealer().seal(pin.encode(), f"application:{application_id}:pin")


def open_pin(application: Application) -> str:
    return sealer().open(application.pin_sealed, f"application:{application.id}:pin").decode()


def _context(application_id: str) -> str:
    return f"application:{application_id}:personal"
