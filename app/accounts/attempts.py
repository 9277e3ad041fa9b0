"""Wrong passwords: what is written down of them, and when their owner is told (docs/limits.md).

Accounts are named by a keyed index, known and unknown names alike. Only tries whose answer tells
something are written, so that nobody fills the journal by typing.
"""

from app.base import journal, limits
from app.base.database import transaction
from app.base.problems import DomainError
from app.guessing import budgets
from app.guessing.budgets import Guess
from app.identity.errors import FieldError
from app.identity.password import normal_password


class SignInRejected(DomainError):
    """Wrong, unknown, disabled or not yet approved: all told in the same words."""

    message = "Nama pengguna atau kata sandi tidak cocok."


def is_well_formed(password: str) -> bool:
    """An empty or over-long one is no try: it is neither hashed nor counted."""
    try:
        return bool(normal_password(password))
    except FieldError:
        return False


def failed(guess: Guess, actor: journal.Actor = journal.VISITOR) -> bool:
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
