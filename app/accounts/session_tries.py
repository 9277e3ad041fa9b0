"""Proving again who holds an open session: counted on the session and nowhere else.

Three wrong tries end it (docs/limits.md). Strangers cannot spend these, because they hold no session.
"""

from collections.abc import Callable

from sqlalchemy import update

from app.accounts import sessions
from app.accounts.models import SignIn
from app.accounts.sessions import SignedIn
from app.base import journal
from app.base.database import transaction
from app.base.problems import NotAllowed

TRIES = 3


class SessionOver(NotAllowed):
    """Too many wrong tries: this session has ended."""

    message = "Tiga kali tidak cocok, jadi Anda dikeluarkan. Silakan masuk lagi."


def is_proved(person: SignedIn, is_right: Callable[[], bool]) -> bool:
    """Count the try first, so that many at once cannot slip past; then look. A right one forgives when
    its caller calls `settle`. Raises SessionOver."""
    with transaction() as session:
        counted = session.execute(
            update(SignIn).where(
                SignIn.token_hash == person.token_hash, SignIn.ended_at.is_(None), SignIn.misses < TRIES,
            ).values(misses=SignIn.misses + 1)
        ).rowcount == 1
    if counted and is_right():
        return True
    _missed(person)
    return False


def settle(person: SignedIn, **values) -> None:
    """It was right: forget the misses, inside the caller's transaction, and keep `values` on the row."""
    sessions.change(person, misses=0, **values)


def _missed(person: SignedIn) -> None:
    with transaction() as session:
        over = session.get_one(SignIn, person.token_hash).misses >= TRIES
        journal.record(
            "proof_failed", actor=journal.Actor(person.kind, person.id), about=(person.kind, person.id),
            detail={"session_ended": over},
        )
        if over:
            sessions.end(person.token_hash)
    if over:
        raise SessionOver()
