"""The activation letter: name, number, how to sign in, a code that opens the account once within seven days, and a
link to the survey. No password: its owner chose one, and may choose another with the code."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts.models import Citizen
from app.base import clock, journal, limits
from app.base.database import db
from app.base.ids import normalise_code, readable_code
from app.base.problems import FormRejected, StaleDecision
from app.base.services import sealer, settings
from app.casework import undo
from app.casework.acting import acting
from app.casework.desk import Seen
from app.citizen_account import password_service
from app.guarantee.models import Guarantee
from app.guarantee.moves import DESK, change, note, registration_of
from app.guarantee.status import DECLINED
from app.guessing.budgets import Mark
from app.registration.personal import open_personal
from app.registration.status import ACTIVE
from app.survey.answering import new_link
from app.survey.elements import REGISTRATION

LIFE = timedelta(days=7)
SURVEY_DAYS = 30
WRONG = "Nomor atau kode ini tidak cocok, atau kodenya sudah dipakai atau lewat tujuh hari. Periksa suratnya."


@dataclass(frozen=True)
class Letter:
    """What is printed, once: the code is kept as a keyed hash only, so a second print makes a second code."""

    name: str
    address: str
    village: str
    number: str
    code: str
    until: datetime
    sign_in: str
    set_password: str
    survey: str


def print_letter(seen: Seen) -> Letter:
    """The product is ready: the account is active and its letter printed. Raises StaleDecision before that."""
    with acting(DESK, seen) as guarantee:
        application = registration_of(guarantee)
        told = application and undo.as_told(("application", application.id), application)
        if told is None or told.status != ACTIVE:
            raise StaleDecision("Akunnya belum aktif, jadi suratnya belum dapat dicetak.")
        code, now = readable_code(8), clock.now()
        guarantee.letter_hash, guarantee.letter_until = _index(code), now + LIFE
        guarantee.letter_at, guarantee.letter_used_at = now, None
        change(guarantee, "fetch" if guarantee.status == DECLINED else "print", seen.actor)
        person, base = open_personal(application), settings().public_base_url
        return Letter(
            person.full_name, person.address, person.more_of_address, application.number, code, guarantee.letter_until,
            f"{base}/masuk", f"{base}/masuk/surat", new_link(REGISTRATION, SURVEY_DAYS),
        )


def use_code(number: str, typed: str, new_password: str, address: str) -> Mark:
    """A new password for who holds the letter; every session ends. Returns by what this browser is known. Raises
    FormRejected, alike for every number, and TooManyRequests."""
    number, code = normalise_code(number), normalise_code(typed)
    limits.hit("letter-code", number)
    limits.hit("letter-code-address", address)
    citizen = db.session.scalar(
        select(Citizen).join(Guarantee, Guarantee.application_id == Citizen.application_id).where(*_valid(code))
    )
    application = registration_of(_held(code)) if citizen is not None else None
    if citizen is None or application.number != number:
        raise FormRejected({"code": [WRONG]})

    def used() -> None:
        guarantee = db.session.scalar(select(Guarantee).where(*_valid(code)).with_for_update())
        if guarantee is None:
            raise FormRejected({"code": [WRONG]})
        guarantee.letter_used_at = clock.now()
        note(guarantee, "letter_used", journal.VISITOR)
        journal.record("letter_code_used", actor=journal.VISITOR, about=("guarantee", guarantee.id))

    return password_service.set_proved(citizen.id, new_password, used)


def _held(code: str) -> Guarantee:
    return db.session.scalar(select(Guarantee).where(*_valid(code)))


def _valid(code: str) -> tuple:
    unused = Guarantee.letter_used_at.is_(None)
    return Guarantee.letter_hash == _index(code), Guarantee.letter_until > clock.now(), unused


def _index(code: str) -> str:
    return sealer().index("letter-code", code)
