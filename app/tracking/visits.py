"""Number and PIN, or a link of ours, into a visit; wrong number and wrong PIN answer alike."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock, journal
from app.base.database import Base, UtcDateTime, db, end_reading, transaction
from app.base.ids import OLD_REGISTRATION_PINS, REGISTRATION_PIN, new_token, normalise_code
from app.base.problems import DomainError, FormRejected
from app.guessing import budgets, step_codes
from app.guessing.budgets import Mark, Visitor
from app.guessing.step_codes import StepNeeded
from app.messages import outbox
from app.registration.drafts import draft_life
from app.registration.links import RESUME, find_link, mark_of, number_index
from app.registration.models import Application
from app.registration.personal import open_personal, open_pin, reached_at
from app.registration.status import DRAFT


class Visit(Base):
    """One browser following one registration; the cookie holds a token, the row its SHA-256.

    `with_pin` is true when the PIN was typed, false when a link of ours was opened: such a link may
    have gone to a number that is not the resident's.
    """

    __tablename__ = "tracking_visit"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), index=True)
    with_pin: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


VISIT_LIFE = timedelta(hours=1)
NO_PIN = "-" * REGISTRATION_PIN
NUMBER_LENGTH = len("7KMP-3QXR")
FORGET_AT_ONCE = 1000


class NoMatch(DomainError):
    """Unknown number, wrong PIN and a draft that is too old, told in the same words."""

    message = "Nomor pendaftaran atau PIN tidak cocok. Periksa bukti pendaftaran Anda, lalu coba lagi."


@dataclass(frozen=True)
class Opened:
    """A visit's token, and by what this browser is known from now on."""

    token: str
    mark: Mark


def open_visit(typed_number: str, typed_pin: str, visitor: Visitor) -> Opened:
    """A visit that knows the PIN. Raises NoMatch; StepNeeded alike for right and wrong once strangers
    have spent their tries of this number (docs/limits.md)."""
    number = normalise_code(typed_number[:40])
    typed = "".join(c for c in typed_pin[:40] if not c.isspace())
    if len(number) != NUMBER_LENGTH or not _is_pin(typed):
        raise NoMatch()  # no try: nothing like it exists
    application = _known(number)
    pin = open_pin(application) if application else NO_PIN
    application_id, mark = (application.id, mark_of(application)) if application else (None, None)
    end_reading()
    guess = budgets.begin(budgets.TRACKING, number_index(number), mark, visitor)
    is_right = hmac.compare_digest(pin.encode(), typed.encode()) and application_id is not None
    if not guess.alone:
        raise StepNeeded(_one_step_more(number, application_id if is_right else None, mark))
    if not is_right:
        budgets.wrong(guess)
        raise NoMatch()
    budgets.right(guess)
    return Opened(_start(application_id, with_pin=True), mark)


def finish_visit(step_token: str, typed_code: str) -> Opened:
    """The second half after StepNeeded. Raises FormRejected for a wrong code, StepOver."""
    step = step_codes.spend_try(step_token, budgets.TRACKING)
    application = db.session.get(Application, step.subject)
    if application is None or not step_codes.is_code(step, typed_code):
        end_reading()
        raise FormRejected({"code": [step_codes.WRONG]})
    mark = mark_of(application)
    end_reading()
    step_codes.use_up(step)
    return Opened(_start(step.subject, with_pin=True), mark)


def _one_step_more(number: str, application_id: str | None, mark: Mark | None) -> str:
    """`application_id` is None after a wrong PIN."""
    if not application_id or not step_codes.may_send(budgets.TRACKING, number_index(number)):
        return step_codes.seal(step_codes.begin(budgets.TRACKING, None))
    step = step_codes.begin(budgets.TRACKING, application_id, mark.stamp)
    with transaction() as session:
        application = session.get_one(Application, application_id)
        about = ("application", application_id)
        outbox.enqueue(
            "kode_perangkat", to=reached_at(open_personal(application)), variables={"kode": step.code},
            about=about,
        )
        journal.record("step_code_sent", actor=journal.VISITOR, about=about)
    return step_codes.seal(step)


def open_by_link(token: str) -> Opened | None:
    """A visit without PIN, or None when the link is unknown or too old. The link has 128 random bits, so
    nobody guesses it, and who holds it is a stranger no more: this browser is known from now on."""
    link = find_link(token)
    if link is None or link.purpose == RESUME:
        return None
    mark = mark_of(db.session.get_one(Application, link.application_id))
    return Opened(_start(link.application_id, with_pin=False), mark)


def find_visit(token: str) -> Visit | None:
    return db.session.scalar(
        select(Visit).where(Visit.token_hash == _hash(token), Visit.expires_at > clock.now())
    )


def end_visit(token: str) -> None:
    with transaction() as session:
        session.execute(delete(Visit).where(Visit.token_hash == _hash(token)))


def end_visits_of(application_id: str) -> None:
    """Inside the caller's transaction: whoever looks at it has to show the new PIN."""
    db.session.execute(delete(Visit).where(Visit.application_id == application_id))


def forget_expired_visits() -> int:
    """A bounded number at once; returns how many. A job of the worker."""
    over = select(Visit.token_hash).where(Visit.expires_at < clock.now()).limit(FORGET_AT_ONCE)
    with transaction() as session:
        return session.execute(delete(Visit).where(Visit.token_hash.in_(over))).rowcount


def _is_pin(typed: str) -> bool:
    return typed.isascii() and typed.isdigit() and len(typed) in (REGISTRATION_PIN, *OLD_REGISTRATION_PINS)


def _known(number: str) -> Application | None:
    application = db.session.scalar(select(Application).where(Application.number == number))
    if application is None or application.pin_sealed is None:
        return None
    too_old = application.status == DRAFT and application.created_at + draft_life() < clock.now()
    return None if too_old else application


def _start(application_id: str, with_pin: bool) -> str:
    token, now = new_token(), clock.now()
    with transaction() as session:
        session.add(Visit(
            token_hash=_hash(token), application_id=application_id, with_pin=with_pin,
            created_at=now, expires_at=now + VISIT_LIFE,
        ))
        journal.record(
            "tracking_opened", actor=journal.VISITOR, about=("application", application_id),
            detail={"with": "pin" if with_pin else "link"},
        )
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
