"""The resident's side: ask, see the answers, take a copy away.

`Asker` is who asks: the holder of an account, or somebody with number and PIN of one registration.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.accounts.models import Citizen
from app.accounts.sessions import SignedIn
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.ids import new_id
from app.base.problems import FormRejected, NotFound, StaleDecision, TooManyRequests
from app.base.services import city, sealer, settings
from app.casework.moving import set_clock
from app.citizen_account.account import actor, demand_password
from app.city.dates import show_moment
from app.identity.findings import FieldError
from app.messages import outbox
from app.privacy.export import Copy, copy_of
from app.privacy.kinds import (
    COPY,
    CORRECTION,
    DELETION,
    GRANTED,
    GROUNDS,
    OPEN,
    REFUSED,
    RESTRICTION,
    STOPPED,
    label_of,
)
from app.privacy.models import Asked, RightsRequest, answer_of, seal_answer, seal_asked
from app.privacy.rights_case import RIGHTS
from app.registration.fields import BY_KEY, CORRECTABLE, Personal, Seen
from app.registration.models import Application
from app.registration.personal import open_citizen, open_personal, reached_at
from app.registration.status import DRAFT

LONGEST_TEXT = 1000
OPEN_AT_ONCE = 5
ASKABLE = (CORRECTION, RESTRICTION, DELETION)
# without an account there is no password to prove, so the copy is handed over by a person
ASKABLE_WITH_PIN = (COPY, *ASKABLE)


@dataclass(frozen=True)
class Asker:
    """`citizen_id` is empty for who came with number and PIN."""

    application_id: str
    citizen_id: str | None = None

    @property
    def actor(self) -> journal.Actor:
        return actor(self.citizen_id) if self.citizen_id else journal.VISITOR

    @property
    def may_ask(self) -> tuple[str, ...]:
        return ASKABLE if self.citizen_id else ASKABLE_WITH_PIN


@dataclass(frozen=True)
class OwnRequest:
    kind: str
    status: str
    label: tuple[str, str]
    opened_at: datetime
    due_at: datetime
    answer: str
    answered_at: datetime | None


def account_holder(citizen_id: str) -> Asker:
    return Asker(db.session.get_one(Citizen, citizen_id).application_id, citizen_id)


def pin_holder(application_id: str) -> Asker:
    """Raises NotFound for a draft: it is not with us yet, and goes by itself."""
    if db.session.get_one(Application, application_id).status == DRAFT:
        raise NotFound()
    return Asker(application_id)


def ask(asker: Asker, kind: str, text: str, field: str = "", value: str = "") -> None:
    """Open a task for the office with the clock of 3 x 24 hours. Raises FormRejected."""
    asked = _checked(asker, kind, text.strip(), field, value)
    with transaction():
        if _open_of(asker) >= OPEN_AT_ONCE:
            raise TooManyRequests(24 * 3600, "Beberapa permintaan Anda masih kami kerjakan. Tunggu jawabannya dulu.")
        row = _add(asker, kind, asked, OPEN)
        if kind == DELETION:
            tell_owner(row, _record_of(asker))


def own_requests(asker: Asker) -> list[OwnRequest]:
    """Newest first, with the answers. Who has only the PIN sees what was asked with the PIN."""
    rows = db.session.scalars(
        select(RightsRequest).where(*_of(asker)).order_by(RightsRequest.opened_at.desc(), RightsRequest.id)
    )
    return [
        OwnRequest(
            row.kind, row.status, label_of(row.status, row.ground), row.opened_at, row.due_at, answer_of(row),
            row.answered_at,
        ) for row in rows
    ]


def take_copy(person: SignedIn, password: str) -> Copy:
    """Everything we hold about this account's owner. Answered at once, and recorded as such.

    Raises FormRejected for a wrong password, SessionOver.
    """
    demand_password(person, password, "password")
    asker = account_holder(person.id)
    with transaction():
        row = _add(asker, COPY, Asked("Salinan diambil sendiri di akun."), GRANTED)
        row.answered_at = clock.now()
        seal_answer(row, "Salinan sudah Anda ambil sendiri.")
        journal.record("own_data_downloaded", actor=asker.actor, about=("citizen", asker.citizen_id))
    return copy_of(db.session.get_one(Citizen, asker.citizen_id))


def _of(asker: Asker) -> tuple:
    if asker.citizen_id:
        return (RightsRequest.application_id == asker.application_id,)
    return (RightsRequest.application_id == asker.application_id, RightsRequest.citizen_id.is_(None))


def _add(asker: Asker, kind: str, asked: Asked, status: str) -> RightsRequest:
    now = clock.now()
    row = RightsRequest(
        id=new_id(), application_id=asker.application_id, citizen_id=asker.citizen_id, kind=kind, status=status,
        opened_at=now, due_at=now + timedelta(hours=city().privacy.answer_hours),
    )
    seal_asked(row, asked)
    if status == OPEN:
        set_clock(RIGHTS, row)
    db.session.add(row)
    db.session.flush()
    journal.record("rights_asked", actor=asker.actor, about=("rights_request", row.id), detail={"kind": kind})
    return row


def _checked(asker: Asker, kind: str, text: str, field: str, value: str) -> Asked:
    if kind not in asker.may_ask:
        raise FormRejected({"kind": ["Pilih apa yang Anda minta."]})
    if len(text) > LONGEST_TEXT:
        raise FormRejected({"text": [f"Tulis paling banyak {LONGEST_TEXT} huruf."]})
    if kind != CORRECTION:
        if not text:
            raise FormRejected({"text": ["Jelaskan singkat apa yang Anda minta."]})
        return Asked(text)
    if field not in CORRECTABLE:
        raise FormRejected({"field": ["Pilih isian yang perlu diperbaiki."]})
    try:
        return Asked(text, field, _parsed(field, value, _record_of(asker).nik))
    except FieldError as error:
        raise FormRejected({"value": [error.message]}) from None


def _parsed(field: str, value: str, nik: str) -> str:
    """The normalised value, by the rules of the form. Raises FieldError."""
    seen = Seen(clock.today(), city().region.digits, values={"nik": nik})
    return BY_KEY[field].parse(value, seen).value


def _record_of(asker: Asker) -> Personal:
    """The account's record where there is one, also for who came with number and PIN: its number is the one
    that was proven last."""
    application_id = asker.application_id
    account = db.session.scalar(select(Citizen).where(Citizen.application_id == application_id))
    return open_citizen(account) if account else open_personal(db.session.get_one(Application, application_id))


def _open_of(asker: Asker) -> int:
    query = select(func.count()).select_from(RightsRequest)
    return db.session.scalar(
        query.where(RightsRequest.application_id == asker.application_id, RightsRequest.status == OPEN)
    )


# Whoever holds the number on record is told when a deletion is asked for, and can stop it with one press.
#
# A deletion cannot be undone, and may be asked for with number and PIN alone. The link proves that somebody reads the
# messages of that number: enough to keep data, never enough to erase any. Its token is made from the request by a
# key, so nothing of it is stored.

STOP_MESSAGE = "hak_data_diminta"
STOP_PATH = "/lacak/hak-data/t/"
ID_LENGTH, MAC_LENGTH = 32, 32


def tell_owner(row: RightsRequest, owner: Personal) -> None:
    """Joins the caller's transaction. `owner` is the record that counts, whoever asked."""
    outbox.enqueue(STOP_MESSAGE, to=reached_at(owner), about=("rights_request", row.id), variables={
        "nama": owner.greeting_name, "tgl_jam": show_moment(row.opened_at), "batas": show_moment(row.due_at),
        "tautan": f"{settings().public_base_url}{STOP_PATH}{token_of(row.id)}", "kontak": city().contacts.phone,
    })


def token_of(request_id: str) -> str:
    return request_id + sealer().index("stop-deletion", request_id)[:MAC_LENGTH]


def find_stopped(token: str) -> RightsRequest:
    """Raises NotFound for any token that we did not make."""
    request_id = token[:ID_LENGTH]
    if not token.isascii() or not hmac.compare_digest(token, token_of(request_id)):
        raise NotFound("Tautan ini tidak berlaku. Periksa apakah seluruh alamatnya tersalin.")
    row = db.session.get(RightsRequest, request_id)
    if row is None or row.kind != DELETION:
        raise NotFound("Tautan ini tidak berlaku lagi.")
    return row


def stop_deletion(token: str) -> None:
    """End the request unanswered. Pressed twice it is stopped once. Raises NotFound, and StaleDecision when the
    office has answered before."""
    with transaction():
        row = db.session.get(RightsRequest, find_stopped(token).id, with_for_update=True, populate_existing=True)
        if row.ground == STOPPED:
            return
        if row.status != OPEN:
            raise StaleDecision("Permintaan ini sudah dijawab, jadi tidak dapat dihentikan lagi.")
        row.status, row.ground, row.answered_at = REFUSED, STOPPED, clock.now()
        seal_answer(row, GROUNDS[STOPPED].words)
        journal.record(
            "rights_stopped", actor=journal.VISITOR, about=("rights_request", row.id), detail={"kind": row.kind}
        )
