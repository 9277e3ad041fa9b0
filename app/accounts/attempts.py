"""Counting sign-in attempts before anything costly happens (reference/security.md 2.1, A1, A2).

An attempt counts when it begins, so that many at once cannot slip past; success forgives those of
the account. Accounts are named by a keyed index, known and unknown names alike.
"""

from dataclasses import dataclass

from app import journal, limits
from app.extensions import transaction
from app.problems import DomainError
from app.services import sealer

# past the limit of a day only one try in ten minutes is left (app/limits.py)
PER_MINUTE, PER_DAY = "login-account", "login-account-day"


class SignInRejected(DomainError):
    """Wrong, unknown, disabled or not yet approved: all told in the same words (security.md A3)."""

    message = "Nama pengguna atau kata sandi tidak cocok."


@dataclass(frozen=True)
class Attempt:
    """`purpose` keeps residents, staff and second factors apart; `index` is 64 hex, keyed."""

    purpose: str
    index: str

    @property
    def key(self) -> str:
        return f"{self.purpose}:{self.index}"

    @property
    def about(self) -> tuple[str, str]:
        """Half of the index names the account in the journal; it cannot be turned back into a NIK."""
        return (f"{self.purpose}_index", self.index[:32])


def begin(purpose: str, name: str, address: str) -> Attempt:
    """Raises TooManyTries when the account or the address has had its share.

    `address` is the network address; the generous second limit (many share one, F5).
    """
    attempt = Attempt(purpose, sealer().index(purpose, name))
    if address:
        limits.hit("login-address", address)
    for limit in (PER_MINUTE, PER_DAY):
        limits.hit(limit, attempt.key)
    return attempt


def succeeded(attempt: Attempt) -> None:
    for limit in (PER_MINUTE, PER_DAY):
        limits.clear(limit, attempt.key)


def failed(attempt: Attempt, actor: journal.Actor = journal.VISITOR) -> None:
    """The journal lines are the same whether or not the account exists."""
    locked = limits.is_blocked(PER_DAY, attempt.key)
    with transaction():
        journal.record("login_failed", actor=actor, about=attempt.about)
        if locked:
            journal.record("login_locked", actor=actor, about=attempt.about)
