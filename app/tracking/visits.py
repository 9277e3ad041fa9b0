"""Number and PIN, or a link of ours, into a visit; wrong number and wrong PIN answer alike."""

import hashlib
import hmac
from datetime import timedelta

from sqlalchemy import delete, select

from app import clock, journal, limits
from app.extensions import db, end_reading, transaction
from app.ids import new_token, normalise_code
from app.problems import DomainError
from app.registration.drafts import draft_life
from app.registration.link_models import RESUME
from app.registration.links import find_link
from app.registration.models import Application
from app.registration.personal import open_pin
from app.registration.status import DRAFT
from app.tracking.models import Visit

VISIT_LIFE = timedelta(hours=1)
NO_PIN = "------"
FORGET_AT_ONCE = 1000


class NoMatch(DomainError):
    """Unknown number, wrong PIN and a draft that is too old, told in the same words."""

    message = "Nomor pendaftaran atau PIN tidak cocok. Periksa bukti pendaftaran Anda, lalu coba lagi."


def open_visit(typed_number: str, typed_pin: str, address: str) -> str:
    """Token of a visit that knows the PIN. Raises NoMatch, TooManyTries.

    Tries count by number from their beginning and are forgiven by success; misses count by network
    address, generously, because many phones share one (reference/security.md 2.1, F5).
    """
    number = normalise_code(typed_number[:40])
    if limits.is_blocked("tracking-miss", address):
        limits.hit("tracking-miss", address)
    limits.hit("tracking-number", number)
    application = _known(number)
    pin = open_pin(application) if application else NO_PIN
    application_id = application.id if application else None
    end_reading()
    typed = "".join(c for c in typed_pin[:40] if not c.isspace())
    if not hmac.compare_digest(pin.encode(), typed.encode()) or application_id is None:
        limits.hit("tracking-miss", address)
        raise NoMatch()
    limits.clear("tracking-number", number)
    return _start(application_id, with_pin=True)


def open_by_link(token: str) -> str | None:
    """Token of a visit without PIN, or None when the link is unknown or too old."""
    link = find_link(token)
    if link is None or link.purpose == RESUME:
        return None
    return _start(link.application_id, with_pin=False)


def find_visit(token: str) -> Visit | None:
    return db.session.scalar(
        select(Visit).where(Visit.token_hash == _hash(token), Visit.expires_at > clock.now())
    )


def end_visit(token: str) -> None:
    with transaction() as session:
        session.execute(delete(Visit).where(Visit.token_hash == _hash(token)))


def forget_expired_visits() -> int:
    """A bounded number at once; returns how many. A job of the worker."""
    over = select(Visit.token_hash).where(Visit.expires_at < clock.now()).limit(FORGET_AT_ONCE)
    with transaction() as session:
        return session.execute(delete(Visit).where(Visit.token_hash.in_(over))).rowcount


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
