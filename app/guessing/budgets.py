"""Guessing at a secret: a known browser has a budget of its own, all strangers share another.

The rule, its numbers and the computed chance are in docs/limits.md (after OWASP's device cookies). A
used-up budget never refuses: it makes the right secret alone not enough. Then the answer is the same
for right and wrong, and whoever was right proves one thing more (`step_codes`), which makes this
browser known. A network address is weak evidence, because carriers hide thousands of people behind
one; it too only asks for the step. Call it before extensions.transaction(), never inside.
"""

import secrets
from dataclasses import dataclass, field

from app.base import limits
from app.base.services import sealer, settings

EVERYBODY = "all"


@dataclass(frozen=True)
class Lock:
    """Limits of all unknown browsers together: at one account or number, and over all of them."""

    strangers: tuple[str, ...]
    city: str = ""


CITIZEN, STAFF, TRACKING, TICKET, OLD_TICKET = "nik", "username", "lacak", "aduan", "aduan-lama"
LOCKS: dict[str, Lock] = {
    CITIZEN: Lock(("guess-strangers", "guess-strangers-day"), "guess-city"),
    STAFF: Lock(("guess-strangers", "guess-strangers-day")),
    TRACKING: Lock(("guess-strangers", "guess-strangers-day")),
    TICKET: Lock(("ticket-strangers",), "ticket-city"),
    OLD_TICKET: Lock(("old-ticket-strangers",), "old-ticket-city"),
}


@dataclass(frozen=True)
class Mark:
    """What a browser carries once it was right: `stamp` dies with the secret it was right about."""

    name: str
    stamp: str


@dataclass(frozen=True)
class KnownEntry:
    """One entry of the cookie; `nonce` names the browser's own budget."""

    name: str
    nonce: str
    stamp: str
    day: int


@dataclass(frozen=True)
class Visitor:
    """Who knocks. `browser` is the anonymous session of this browser, "" when there is none."""

    address: str = ""
    browser: str = ""
    known: tuple[KnownEntry, ...] = ()

    def nonce_for(self, mark: Mark | None) -> str:
        """"" for a stranger."""
        found = (e for e in self.known if mark and e.name == mark.name and secrets.compare_digest(e.stamp, mark.stamp))
        return next((entry.nonce for entry in found), "")


@dataclass(frozen=True)
class Guess:
    """`alone`: the right secret alone is enough. `taken` are the counters this try was counted on."""

    lock: str
    key: str
    visitor: Visitor
    alone: bool
    nonce: str = ""
    taken: tuple[tuple[str, str], ...] = field(default=())


def mark_of(lock: str, index: str, secret: str) -> Mark:
    """`index` is the keyed index of the account or number, `secret` what changes when the mark is to die."""
    name = f"{lock}:{index[:32]}"
    return Mark(name, sealer().index("known-browser", f"{name}:{secret}")[:24])


def begin(lock: str, index: str, mark: Mark | None, visitor: Visitor) -> Guess:
    """Count one well-formed try before anything is compared; `mark` is None for what does not exist.

    Raises TooManyTries only for the own browser session: who throws its cookies away is a stranger.
    """
    if visitor.browser:
        limits.hit("guess-browser", visitor.browser)
    key = f"{lock}:{index}"
    nonce = visitor.nonce_for(mark)
    if nonce:
        own = (("guess-known", nonce), ("guess-known-day", nonce))
        if limits.take(*own):
            return Guess(lock, key, visitor, True, nonce, own)
    if lock == STAFF and limits.is_blocked(*_office_flag(visitor)):
        from_office = f"{key}:{limits.network(visitor.address)}"
        own = (("guess-office", from_office), ("guess-office-day", from_office))
        if limits.take(*own):
            return Guess(lock, key, visitor, True, taken=own)
    shared = tuple((name, key) for name in LOCKS[lock].strangers)
    if LOCKS[lock].city:
        shared += (city_limit(LOCKS[lock].city),)
    alone = not limits.is_blocked("guess-address", _address_key(lock, visitor)) and limits.take(*shared)
    return Guess(lock, key, visitor, alone, taken=shared if alone else ())


def city_limit(name: str) -> tuple[str, str]:
    """The one counter of the whole city. A demo has invented people only and is tried by many at once:
    there a larger one counts, where the table has it."""
    demo = f"{name}-demo"
    return (demo if settings().demo and demo in limits.LIMITS else name, EVERYBODY)


def right(guess: Guess) -> None:
    """What this try was counted on is given back; a known browser starts anew."""
    if guess.nonce:
        for name, key in guess.taken:
            limits.clear(name, key)
    elif guess.taken:
        limits.give_back(*guess.taken)
    if guess.visitor.browser:
        limits.clear("guess-browser", guess.visitor.browser)


def wrong(guess: Guess) -> None:
    """Address counts misses only, and another account or number double."""
    if guess.nonce or not guess.visitor.address:
        return
    address = _address_key(guess.lock, guess.visitor)
    first = limits.count("guess-address", f"{address}:{guess.key}") == 1
    limits.count("guess-address", address, 2 if first else 1)


def note_office(visitor: Visitor) -> None:
    """A member of staff came in all the way: new browsers of this network have a budget apart from strangers."""
    limits.take(_office_flag(visitor))


def _office_flag(visitor: Visitor) -> tuple[str, str]:
    return ("office-network", limits.network(visitor.address))


def _address_key(lock: str, visitor: Visitor) -> str:
    return f"{lock}:{limits.network(visitor.address)}"
