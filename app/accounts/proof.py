"""Proving again who sits at the screen: the password before weighty acts, PIN or password when it is locked.

Three wrong tries end the session (`attempts`). The lock is a mark on the session's row, so that no
page of the office opens behind it.
"""

import hmac
import re
from datetime import timedelta

from sqlalchemy import select, update

from app.accounts.models import SignIn, Staff
from app.accounts.passwords import is_proved, settle_proof, verify_password
from app.accounts.sessions import STAFF, SignedIn
from app.base import clock, journal
from app.base.database import db, end_reading, transaction
from app.base.problems import FormRejected
from app.base.services import sealer

PROOF_LASTS = timedelta(minutes=10)
PIN = re.compile("[0-9]{6}")
RUNS = ("0123456789", "9876543210")


def is_fresh(person: SignedIn) -> bool:
    """Whether the password was typed in this session less than ten minutes ago."""
    return person.proved_at is not None and clock.now() - person.proved_at < PROOF_LASTS


def prove(person: SignedIn, password: str) -> None:
    """Raises FormRejected for a wrong password, SessionOver after the third."""
    if not is_proved(person, lambda: _is_password(person, password)):
        raise FormRejected({"password": ["Kata sandi tidak cocok."]})
    _settle(person, "password_proved", {}, proved_at=clock.now())


def lock(person: SignedIn) -> None:
    """Locking again keeps the first moment."""
    with transaction() as session:
        locked = session.execute(
            update(SignIn).where(SignIn.token_hash == person.token_hash, SignIn.locked_at.is_(None))
            .values(locked_at=clock.now())
        )
        if locked.rowcount == 1:
            _record_proof("screen_locked", person, {})


def unlock(person: SignedIn, secret: str) -> None:
    """PIN or password. Raises as `prove` does; the field is `secret`."""
    by_pin = PIN.fullmatch(secret) is not None
    check = _is_pin if by_pin else _is_password
    if not is_proved(person, lambda: check(person, secret)):
        raise FormRejected({"secret": ["PIN atau kata sandi tidak cocok."]})
    now = clock.now()
    proof = {} if by_pin else {"proved_at": now}
    _settle(person, "screen_unlocked", {"with": "pin" if by_pin else "password"},
            locked_at=None, seen_at=now, **proof)


def set_pin(person: SignedIn, pin: str, again: str) -> None:
    """Six digits that only open a locked screen. Raises FormRejected naming the field."""
    if not PIN.fullmatch(pin):
        raise FormRejected({"pin": ["PIN terdiri dari 6 angka."]})
    if len(set(pin)) == 1 or any(pin in run for run in RUNS):
        raise FormRejected({"pin": ["PIN ini mudah ditebak. Pilih angka lain."]})
    if pin != again:
        raise FormRejected({"pin_again": ["Kedua isian PIN harus sama."]})
    _keep_pin(person, _pin_hash(person.id, pin), "pin_set")


def remove_pin(person: SignedIn) -> None:
    _keep_pin(person, None, "pin_removed")


def has_pin(person: SignedIn) -> bool:
    return db.session.scalar(select(Staff.pin_hash).where(Staff.id == person.id)) is not None


def _is_password(person: SignedIn, password: str) -> bool:
    known_hash = db.session.scalar(select(Staff.password_hash).where(Staff.id == person.id))
    end_reading()
    return verify_password(known_hash, password)


def _is_pin(person: SignedIn, pin: str) -> bool:
    known = db.session.scalar(select(Staff.pin_hash).where(Staff.id == person.id))
    end_reading()
    return known is not None and hmac.compare_digest(known, _pin_hash(person.id, pin))


def _settle(person: SignedIn, action: str, detail: dict, **values) -> None:
    with transaction():
        settle_proof(person, **values)
        _record_proof(action, person, detail)


def _keep_pin(person: SignedIn, pin_hash: str | None, action: str) -> None:
    with transaction() as session:
        session.get_one(Staff, person.id).pin_hash = pin_hash
        _record_proof(action, person, {})


def _pin_hash(staff_id: str, pin: str) -> str:
    return sealer().index("staff-pin", f"{staff_id}:{pin}")


def _record_proof(action: str, person: SignedIn, detail: dict) -> None:
    journal.record(action, actor=journal.Actor(STAFF, person.id), about=(STAFF, person.id), detail=detail)
