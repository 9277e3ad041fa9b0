"""The resident's account: made by an approval, opened with NIK and the chosen password; found again, and what its
owner sees of it."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from app.accounts import passwords, sessions
from app.accounts.models import Citizen
from app.accounts.passwords import SignInRejected, hash_password, is_proved, needs_rehash, settle_proof, verify_password
from app.accounts.sessions import CITIZEN, Entered, SignedIn
from app.base import clock, journal, limits
from app.base.database import db, end_reading, transaction
from app.base.ids import new_id
from app.base.problems import FormRejected, StaleDecision
from app.base.services import city, sealer, settings
from app.city.dates import show_moment
from app.guessing import budgets, step_codes
from app.guessing.budgets import Mark, Visitor
from app.guessing.step_codes import StepNeeded
from app.identity.mask import mask_nik_tail, mask_phone
from app.messages import outbox
from app.registration.models import Application
from app.registration.personal import (
    Personal,
    open_citizen,
    open_personal,
    phone_index_of,
    reached_at,
    seal_for_citizen,
)
from app.tracking.words import ACTS


class AccountExists(StaleDecision):
    message = "NIK ini sudah memiliki akun."


def create_citizen(application: Application) -> Citizen:
    """The product of the service ("User baru"), inside the caller's transaction.

    Raises AccountExists (409) when the NIK has an account; the unique index stands behind the check.
    """
    taken = db.session.scalar(select(Citizen.id).where(Citizen.nik_index == application.nik_index))
    if taken is not None:
        raise AccountExists()
    citizen_id = new_id()
    citizen = Citizen(
        id=citizen_id, application_id=application.id, nik_index=application.nik_index,
        phone_index=phone_index_of(citizen_id, open_personal(application)), password_hash=application.password_hash,
        personal_sealed=seal_for_citizen(citizen_id, open_personal(application)),
    )
    db.session.add(citizen)
    db.session.flush()
    journal.record("account_created", actor=journal.SYSTEM, about=("citizen", citizen_id))
    return citizen


def sign_in(nik: str, password: str, visitor: Visitor, replaces: str = "") -> Entered:
    """`nik` is 16 digits, `replaces` the token this browser held before.

    Raises SignInRejected alike for an unknown NIK, a wrong password and an account that does not
    exist yet or is disabled; StepNeeded alike for right and wrong once strangers have spent theirs.
    """
    if not passwords.is_well_formed(password):
        raise SignInRejected()
    index = sealer().index("nik", nik)
    found = db.session.execute(
        select(Citizen.id, Citizen.password_hash).where(Citizen.nik_index == index, Citizen.disabled_at.is_(None))
    ).first()
    citizen_id, known_hash = tuple(found) if found else (None, None)
    end_reading()
    guess = budgets.begin(budgets.CITIZEN, index, mark_of(index, known_hash), visitor)
    is_right = verify_password(known_hash, password)
    if not guess.alone:
        raise StepNeeded(_one_step_more(index, citizen_id if is_right else None, known_hash))
    if not is_right:
        if passwords.note_failed(guess) and citizen_id:
            _tell_owner(citizen_id)
        raise SignInRejected()
    better = hash_password(password) if needs_rehash(known_hash) else None
    token = _open_session(citizen_id, known_hash, better, replaces)
    budgets.right(guess)
    return Entered(token, mark_of(index, better or known_hash))


def finish_sign_in(step_token: str, typed_code: str, replaces: str = "") -> Entered:
    """The second half after StepNeeded. Raises FormRejected for a wrong code, StepOver."""
    step = step_codes.spend_try(step_token, budgets.CITIZEN)
    citizen = db.session.get(Citizen, step.subject)
    if citizen is None or not step_codes.is_code(step, typed_code):
        end_reading()
        raise FormRejected({"code": [step_codes.WRONG]})
    index, known_hash = citizen.nik_index, citizen.password_hash
    end_reading()
    step_codes.use_up(step)
    mark = mark_of(index, known_hash)
    if mark.stamp != step.stamp:
        raise step_codes.StepOver()  # another password meanwhile
    return Entered(_open_session(step.subject, known_hash, None, replaces), mark)


def mark_of(nik_index: str, password_hash: str | None) -> Mark | None:
    """By what a browser of this account is known; a new password ends it."""
    return budgets.mark_of(budgets.CITIZEN, nik_index, password_hash) if password_hash else None


def _one_step_more(index: str, citizen_id: str | None, known_hash: str | None) -> str:
    """`citizen_id` is None after a wrong password."""
    if not citizen_id or not step_codes.may_send(budgets.CITIZEN, index):
        return step_codes.seal(step_codes.begin(budgets.CITIZEN, None))
    step = step_codes.begin(budgets.CITIZEN, citizen_id, mark_of(index, known_hash).stamp)
    with transaction() as session:
        citizen = session.get_one(Citizen, citizen_id)
        outbox.enqueue(
            "kode_perangkat", to=reached_at(open_citizen(citizen)), variables={"kode": step.code},
            about=(CITIZEN, citizen_id),
        )
        journal.record("step_code_sent", actor=journal.VISITOR, about=(CITIZEN, citizen_id))
    return step_codes.seal(step)


def _tell_owner(citizen_id: str) -> None:
    """Once a day for an account, and not more in the whole city than the channel can bear."""
    if not limits.take(("told-city", budgets.EVERYBODY)):
        return
    with transaction() as session:
        known = open_citizen(session.get_one(Citizen, citizen_id))
        to = reached_at(known)
        outbox.enqueue("percobaan_masuk", to=to, about=(CITIZEN, citizen_id), variables={
            "nama": known.greeting_name, "tgl_jam": show_moment(clock.now()),
            "tautan": f"{settings().public_base_url}/lupa-sandi", "kontak": city().contacts.phone,
        })
        journal.record("owner_told", actor=journal.SYSTEM, about=(CITIZEN, citizen_id))


def _open_session(citizen_id: str, checked_hash: str, better_hash: str | None, replaces: str) -> str:
    with transaction() as session:
        citizen = session.get_one(Citizen, citizen_id)
        passwords.accept_checked(citizen, checked_hash, better_hash, replaces)
        journal.record("login_ok", actor=journal.Actor(CITIZEN, citizen.id), about=("citizen", citizen.id))
        return sessions.start_citizen(citizen)


# The account of a NIK: finding it, asking for its password, what its owner sees (masked at first, whole after the
# password), changing its record.

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
