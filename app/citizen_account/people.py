"""The account of a NIK: finding it, asking for its password, what its owner sees (masked at first, whole after the
password), changing its record."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Citizen
from app.accounts.passwords import is_proved, settle_proof, verify_password
from app.accounts.sessions import CITIZEN, SignedIn
from app.base import journal
from app.base.database import db, end_reading, transaction
from app.base.problems import FormRejected
from app.city.dates import show_moment
from app.identity.mask import mask_nik_tail, mask_phone
from app.registration.models import Application
from app.registration.personal import Personal, open_citizen, phone_index_of, seal_for_citizen
from app.tracking.words import ACTS

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
        settle_proof(person)


def change_record(citizen: Citizen, **changed: str) -> None:
    """Seal the record anew with normalised values of `Personal`, inside the caller's transaction."""
    person = replace(open_citizen(citizen), **changed)
    citizen.personal_sealed = seal_for_citizen(citizen.id, person)
    citizen.phone_index = phone_index_of(citizen.id, person)


def actor(citizen_id: str) -> journal.Actor:
    return journal.Actor(CITIZEN, citizen_id)


@dataclass(frozen=True)
class AccountPage:
    """The numbers are masked already; `history` holds timeline events of the registration."""

    name: str
    nik: str
    kk_number: str
    phone: str
    number: str
    active_since: datetime
    provisional_until: datetime | None
    history: tuple[tuple[str, str, str], ...]


def account_page(citizen_id: str) -> AccountPage:
    citizen = db.session.get_one(Citizen, citizen_id)
    application = db.session.get_one(Application, citizen.application_id)
    person = open_citizen(citizen)
    return AccountPage(
        name=person.full_name, nik=mask_nik_tail(person.nik), kk_number=mask_nik_tail(person.kk_number),
        phone="belum ada" if person.reached_by else mask_phone(person.whatsapp_number), number=application.number,
        active_since=citizen.created_at, provisional_until=citizen.provisional_until,
        history=tuple(("done", ACTS[change.act], show_moment(change.at)) for change in application.changes),
    )


def reveal(person: SignedIn, password: str) -> Personal:
    """The whole record, once the password was asked again. Raises FormRejected, SessionOver."""
    demand_password(person, password, "password")
    with transaction():
        citizen_id = person.id
        citizen = db.session.get_one(Citizen, citizen_id)
        journal.record("own_data_viewed", actor=actor(citizen_id), about=("citizen", citizen_id))
        return open_citizen(citizen)
