"""The office's side: what is asked, until when it must be answered, and the answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from app.accounts.models import Citizen, Staff
from app.accounts.sessions import CITIZEN, end_all_of
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import FormRejected, StaleDecision
from app.base.services import city, settings
from app.casework import claims
from app.casework.acting import acting
from app.casework.claims import Holder, holder_of
from app.casework.clocks import TimeLeft
from app.casework.desk import Seen
from app.casework.history import Step, of_journal
from app.casework.moving import set_clock
from app.citizen_account.account import change_record
from app.messages import outbox
from app.messages.outbox import messages_about
from app.privacy import service
from app.privacy.kinds import (
    CORRECTION,
    DELETION,
    GRANTED,
    OPEN,
    RESTRICTION,
    grounds_for,
)
from app.privacy.models import Asked, RightsRequest, answer_of, asked_of, seal_answer
from app.privacy.rights_case import DESK, RIGHTS, find, left_of
from app.registration.models import Application, NameWord
from app.registration.personal import Personal, name_word_rows, open_citizen, open_personal, reached_at, seal_personal
from app.registration.status import REGISTRATION
from app.registration.transitions import change_status, lock_application

LEAST_ANSWER, LONGEST_ANSWER = 10, 2000
# what erases after the answer is recorded, called with the id of the request (`app/wiring.py`)
ON_DELETION: list[Callable[[str], object]] = []


@dataclass(frozen=True)
class Told:
    """The message by which the owner heard that a deletion was asked for."""

    message_id: str
    at: datetime
    state: str


@dataclass(frozen=True)
class Restriction:
    """A limitation that was granted, in the words of the answer."""

    request_id: str
    since: datetime
    words: str


@dataclass(frozen=True)
class RightsCase:
    row: RightsRequest
    asked: Asked
    answer: str
    person: Personal
    number: str
    left: TimeLeft | None
    told: Told | None
    holder: Holder | None
    history: tuple[Step, ...]


def view(request_id: str, staff: Staff) -> RightsCase:
    """One request with the record it is about; looking is a journal line."""
    with transaction():
        row = find(request_id, staff)
        _record("rights_viewed", row, staff)
        claims.take(DESK, row.id, staff.id)
    row = find(request_id, staff)
    number = db.session.get_one(Application, row.application_id).number
    return RightsCase(
        row, asked_of(row), answer_of(row), _person(row), number or "", left_of(row), _told(row), holder_of(row),
        of_journal((RIGHTS.about, row.id)),
    )


RESTRICTED = select(RightsRequest).where(
    RightsRequest.application_id == bindparam("application"), RightsRequest.kind == RESTRICTION,
    RightsRequest.status == GRANTED,
).order_by(RightsRequest.answered_at.desc()).limit(1)


def restriction_of(application_id: str) -> Restriction | None:
    """The newest limitation granted for a registration or its account: whoever works on it must know."""
    row = db.session.scalar(RESTRICTED, {"application": application_id})
    return Restriction(row.id, row.answered_at, answer_of(row)) if row is not None else None


def _told(row: RightsRequest) -> Told | None:
    sent = [message for message in messages_about("rights_request", row.id) if message.template == service.STOP_MESSAGE]
    return Told(sent[-1].id, sent[-1].created_at, sent[-1].state) if sent else None


def grant(seen: Seen, text: str, sure: bool) -> None:
    """Record the answer, do what was asked, tell the resident. Raises FormRejected, StaleDecision.

    A deletion cannot be undone, so the officer must be `sure` who asked for it. Should erasing fail
    halfway, the daily run of `app/retention` ends it.
    """
    text = text.strip()
    if not LEAST_ANSWER <= len(text) <= LONGEST_ANSWER:
        raise FormRejected({"answer": [f"Tulis jawaban untuk pemohon, paling sedikit {LEAST_ANSWER} huruf."]})
    with acting(DESK, seen) as row:
        _answered(row, seen, "grant", text)
        is_deletion = row.kind == DELETION
        if is_deletion and not sure:
            raise FormRejected({"sure": ["Pastikan dulu siapa yang meminta, lalu beri tanda centang."]})
        _tell(row)
        _do(row, seen.staff)
    if is_deletion:
        for carry_out in ON_DELETION:
            carry_out(seen.case_id)


def refuse(seen: Seen, ground: str, text: str) -> None:
    """Refuse on one of the listed grounds; `text` may add to it. Raises FormRejected, StaleDecision."""
    with acting(DESK, seen) as row:
        grounds = grounds_for(row.kind)
        if ground not in grounds:
            raise FormRejected({"ground": ["Pilih dasar penolakan."]})
        _answered(row, seen, "refuse", f"{grounds[ground].words} {text.strip()[:LONGEST_ANSWER]}".strip())
        row.ground = ground
        _tell(row)


def _answered(row: RightsRequest, seen: Seen, act: str, text: str) -> None:
    if row.status != OPEN:
        raise StaleDecision("Permintaan ini sudah dijawab.")
    row.status = RIGHTS.next_state(act, row.status)
    row.answered_at, row.answered_by = clock.now(), seen.staff.id
    set_clock(RIGHTS, row)
    seal_answer(row, text)
    claims.let_go(DESK, row)
    _record(f"rights_{row.status}", row, seen.staff)


def _do(row: RightsRequest, staff: Staff) -> None:
    """What granting changes, inside the caller's transaction."""
    application = lock_application(row.application_id)
    account = _account_of(application)
    if row.kind == CORRECTION:
        _correct(asked_of(row), application, account, staff)
    elif row.kind == RESTRICTION:
        application.survey_consent = False
    elif row.kind == DELETION:
        _close(application, account, staff)


def _correct(asked: Asked, application: Application, account: Citizen | None, staff: Staff) -> None:
    """The account holds the record that counts; without one the registration does."""
    if account is not None:
        change_record(account, **{asked.field: asked.value})
    else:
        person = replace(open_personal(application), **{asked.field: asked.value})
        seal_personal(application, person)
        db.session.execute(delete(NameWord).where(NameWord.application_id == application.id))
        db.session.add_all(name_word_rows(application, person.full_name))
    journal.record(
        "data_corrected", actor=_actor(staff), about=("application", application.id), detail={"field": asked.field}
    )


def _close(application: Application, account: Citizen | None, staff: Staff) -> None:
    if REGISTRATION.may("withdraw", application.status):
        change_status(application, "withdraw", _actor(staff))
    if account is not None and account.disabled_at is None:
        account.disabled_at = clock.now()
        end_all_of(CITIZEN, account.id)
        journal.record("account_closed", actor=_actor(staff), about=(CITIZEN, account.id))


def _tell(row: RightsRequest) -> None:
    """Where the answer can be read; of a deletion the message itself is the last word."""
    if row.kind == DELETION and row.status == GRANTED:
        template, values = "hak_data_dihapus", {}
    else:
        page = "/akun/hak-data" if row.citizen_id else "/lacak/hak-data"
        template, values = "hak_data_dijawab", {"tautan": f"{settings().public_base_url}{page}"}
    outbox.enqueue(
        template, to=reached_at(_person(row)), about=("rights_request", row.id),
        variables={**values, "kontak": city().contacts.phone},
    )


def _person(row: RightsRequest) -> Personal:
    application = db.session.get_one(Application, row.application_id)
    account = _account_of(application)
    return open_citizen(account) if account is not None else open_personal(application)


def _account_of(application: Application) -> Citizen | None:
    return db.session.scalar(select(Citizen).where(Citizen.application_id == application.id))


def _record(action: str, row: RightsRequest, staff: Staff) -> None:
    journal.record(action, actor=_actor(staff), about=("rights_request", row.id), detail={"kind": row.kind})


def _actor(staff: Staff) -> journal.Actor:
    return journal.Actor("staff", staff.id)
