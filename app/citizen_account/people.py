"""Finding the account of a NIK, asking for its password, changing its record."""

from dataclasses import replace

from sqlalchemy import select

from app.accounts.attempts import is_proved, settle
from app.accounts.models import Citizen
from app.accounts.passwords import verify_password
from app.accounts.sessions import CITIZEN, SignedIn
from app.base import journal
from app.base.database import db, end_reading, transaction
from app.base.problems import FormRejected
from app.base.services import sealer
from app.registration.personal import open_citizen, seal_for_citizen

WRONG_PASSWORD = "Kata sandi tidak cocok."  # noqa: S105 - a sentence


def account_of(nik_index: str) -> Citizen | None:
    """The usable account of a NIK, found by its keyed index."""
    return db.session.scalar(
        select(Citizen).where(Citizen.nik_index == nik_index, Citizen.disabled_at.is_(None))
    )


def locked_account(citizen_id: str) -> Citizen:
    """The row, held until the caller's transaction ends."""
    return db.session.get_one(Citizen, citizen_id, with_for_update=True, populate_existing=True)


def demand_password(person: SignedIn, password: str, field: str) -> None:
    """Ask once more who is there, counted on the session alone. Raises FormRejected, SessionOver."""
    known_hash = db.session.get_one(Citizen, person.id).password_hash
    end_reading()
    if not is_proved(person, lambda: verify_password(known_hash, password)):
        raise FormRejected({field: [WRONG_PASSWORD]})
    with transaction():
        settle(person)


def change_record(citizen: Citizen, **changed: str) -> None:
    """Seal the record anew with normalised values of `Personal`, inside the caller's transaction."""
    person = replace(open_citizen(citizen), **changed)
    citizen.personal_sealed = seal_for_citizen(citizen.id, person)
    citizen.phone_index = sealer().index("phone", person.whatsapp_number)


def actor(citizen_id: str) -> journal.Actor:
    return journal.Actor(CITIZEN, citizen_id)
