"""The chance that strangers take over one account of the city in a year, computed from the table of limits.

Printed here, shown in docs/limits.md, held below one in a hundred by tests/test_limit_table.py.
"""

from dataclasses import dataclass

from limits import parse

from app.base.ids import CODE, LONG_CODE, OLD_TICKET_PIN, TICKET_PIN
from app.base.limits import LIMITS

DAYS = 365
KNOWN_NIKS = 100_000  # accounts whose NIK strangers hold
# An assumption, not a measurement: no password that the rules allow is the choice of more than one
# resident in 250,000. The commonest 13,000 and everything made of own data are refused.
COMMONEST_PASSWORD = 1 / 250_000
TRIES_A_SECOND = 100  # what strangers can send without stopping the site, all year long


@dataclass(frozen=True)
class Way:
    """`guesses` are those of a year, over the whole city; `chance` that one of them is right."""

    name: str
    guesses: float
    chance: float

    @property
    def expected(self) -> float:
        return self.guesses * self.chance


def a_day(limit: str) -> int:
    """Raises ValueError for a limit that is not one of a day."""
    item = parse(LIMITS[limit])
    if item.get_expiry() != 24 * 3600:
        raise ValueError(f"{limit} is not a limit of a day")
    return item.amount


def a_window(limit: str) -> int:
    return parse(LIMITS[limit]).amount


def take_overs() -> list[Way]:
    """Everything a stranger with a list of NIKs can try, at full speed, all year, from any number of addresses."""
    codes = KNOWN_NIKS * a_day("reset-strangers") * _tries_of_a_code() * DAYS
    steps = TRIES_A_SECOND * 24 * 3600 * DAYS * COMMONEST_PASSWORD * a_window("step-tries")
    return [
        Way("password of any account, until the city's guesses of a day are used up", DAYS * a_day("guess-city"),
            COMMONEST_PASSWORD),
        Way("password past every budget, unseen, then the code sent to the owner", steps, 10.0 ** -LONG_CODE),
        Way("first code for a new password, while it is enough", DAYS * a_day("reset-city"), 10.0 ** -CODE),
        Way("first code, then the second and longer one", codes * 10.0 ** -CODE * _tries_of_a_code(),
            10.0 ** -LONG_CODE),
    ]


def openings() -> list[Way]:
    """The same for tickets, which are no accounts; whoever counts through all their numbers."""
    return [
        Way("PIN of a ticket", DAYS * a_day("ticket-city"), 10.0 ** -TICKET_PIN),
        Way("PIN of a ticket from before the longer ones", DAYS * a_day("old-ticket-city"), 10.0 ** -OLD_TICKET_PIN),
    ]


def expected(ways: list[Way]) -> float:
    """Expected number a year; while small, it is the chance of one."""
    return sum(way.expected for way in ways)


def _tries_of_a_code() -> int:
    from app.citizen_account.codes import TRIES

    return TRIES


def main() -> None:
    for title, ways in (("accounts taken over", take_overs()), ("tickets opened", openings())):
        print(f"{title} a year: {expected(ways):.2%}")
        for way in ways:
            print(f"  {way.expected:8.4%}  {way.name} ({way.guesses:,.0f} guesses, {way.chance:.3g} each)")
