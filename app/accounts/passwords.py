"""Password hashes, Argon2id, 19 MiB, t=2, p=1 (16 ms here; docs/security.md, trap 15); and what is written down of
wrong passwords, and when their owner is told (docs/limits.md)."""

import secrets
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION
from sqlalchemy import update

from app.accounts import sessions
from app.accounts.models import Citizen, SignIn, Staff
from app.accounts.sessions import SignedIn
from app.base import journal, limits
from app.base.database import transaction
from app.base.problems import DomainError, NotAllowed, TooManyRequests
from app.guessing import budgets
from app.guessing.budgets import Guess
from app.identity.findings import FieldError
from app.identity.password import normal_password

AT_ONCE = 2
IN_QUEUE = 10

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# what no password has: verified with the same work as any other, and never found equal
_NOBODY = "$argon2id$v={}$m={},t={},p={}${}${}".format(
    ARGON2_VERSION, _hasher.memory_cost, _hasher.time_cost, _hasher.parallelism,
    *(b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (_hasher.salt_len, _hasher.hash_len)),
)
_slots = threading.BoundedSemaphore(AT_ONCE)
_places = threading.BoundedSemaphore(AT_ONCE + IN_QUEUE)


def hash_password(password: str) -> str:
    """Raises FieldError past 128 characters, TooManyRequests when the queue is full."""
    text = normal_password(password)
    with _turn():
        return _hasher.hash(text)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Without a hash (nobody of that name) the same work is done, so that time tells nothing.

    Over-long input never reaches the hasher. Raises TooManyRequests when the queue is full.
    """
    try:
        text = normal_password(password)
    except FieldError:
        return False
    with _turn():
        try:
            return _hasher.verify(password_hash or _NOBODY, text) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def needs_rehash(password_hash: str) -> bool:
    return _hasher.check_needs_rehash(password_hash)


@contextmanager
def _turn() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise TooManyRequests(2)
    try:
        with _slots:
            yield
    finally:
        _places.release()


# Wrong passwords: what is written down of them, and when their owner is told (docs/limits.md).
#
# Accounts are named by a keyed index, known and unknown names alike. Only tries whose answer tells
# something are written, so that nobody fills the journal by typing.

class SignInRejected(DomainError):
    """Wrong, unknown, disabled or not yet approved: all told in the same words."""

    message = "Nama pengguna atau kata sandi tidak cocok."


def accept_checked(account: Staff | Citizen, checked_hash: str, better_hash: str | None, replaces: str) -> None:
    """The last look at an account whose password was right, inside the transaction that opens its session: the
    session that this browser held before ends. Raises SignInRejected when the account was closed, or got another
    password, while this one was being checked."""
    if account.disabled_at is not None or account.password_hash != checked_hash:
        raise SignInRejected()
    account.password_hash = better_hash or account.password_hash
    sessions.end(sessions.token_hash(replaces))


def is_well_formed(password: str) -> bool:
    """An empty or over-long one is no try: it is neither hashed nor counted."""
    try:
        return bool(normal_password(password))
    except FieldError:
        return False


def note_failed(guess: Guess, actor: journal.Actor = journal.VISITOR) -> bool:
    """The journal lines are the same whether or not the account exists.

    Returns whether the owner is to be told now: once a day, after some wrong tries of strangers.
    """
    budgets.wrong(guess)
    many = not guess.nonce and limits.count("told-after", guess.key) == limits.amount_of("told-after")
    with transaction():
        journal.record("login_failed", actor=actor, about=_about(guess))
        if many:
            journal.record("login_locked", actor=actor, about=_about(guess))
    return many


def _about(guess: Guess) -> tuple[str, str]:
    """Half of the index names the account in the journal; it cannot be turned back into a NIK."""
    lock, _, index = guess.key.partition(":")
    return (f"{lock}_index", index[:32])


# Proving again who holds an open session: counted on the session and nowhere else.
#
# Three wrong tries end it (docs/limits.md). Strangers cannot spend these, because they hold no session.

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


def settle_proof(person: SignedIn, **values) -> None:
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
