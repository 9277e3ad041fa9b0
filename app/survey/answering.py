"""Taking answers: judged part by part, stored at once and without a trace of who gave them."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import delete, func, select

from app.base import clock, journal, limits
from app.base.database import db, insert_once, transaction
from app.base.ids import new_id
from app.base.problems import FormRejected, NotFound
from app.base.services import sealer, settings
from app.identity.findings import FieldError
from app.identity.text import clean_multiline
from app.survey.elements import CODES, ELEMENTS, LINK, MARKS, OFFICE, PAPER, PROFILE, QR
from app.survey.models import SurveyAnswer, SurveyLink, SurveyTap
from app.survey.notices import open_if_needed

PARTS = 4
ON_A_SCREEN = 3
LONGEST_SUGGESTION = 1000
LINK_DAYS = 14
SHEET_DAYS = 1
OLDEST_PAPER_MONTHS = 12
TOKEN = re.compile(r"[0-9a-f]{32}")
PATH = "/survei/t/"
OVER = "Survei ini sudah diisi, atau waktunya sudah habis."
MISSING = "Pilih satu jawaban."


class LinkOver(Exception):
    """The link was used, is over, or never was: all the same to whoever asks."""


@dataclass(frozen=True)
class Filled:
    """`marks` by code of element; `profile` by its key, "" for what was not said."""

    marks: dict[str, int]
    profile: dict[str, str] = field(default_factory=dict)
    suggestion: str = field(default="", repr=False)


def elements_of(part: int):
    """The three elements of one of the first three screens, counted from 1."""
    return ELEMENTS[(part - 1) * ON_A_SCREEN:part * ON_A_SCREEN]


def marks_of(values: Mapping[str, str], elements=ELEMENTS) -> dict[str, int]:
    """The marks typed for these elements. Raises FormRejected naming each that has none."""
    wrong = {one.code: [MISSING] for one in elements if values.get(one.code) not in MARKS}
    if wrong:
        raise FormRejected(wrong)
    return {one.code: int(values[one.code]) for one in elements}


def rest_of(values: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Profile and suggestion; a value of no list counts as not said. Raises FormRejected for too long a text."""
    profile = {key: chosen if (chosen := values.get(key) or "") in choices else ""
               for key, (_, choices) in PROFILE.items()}
    try:
        suggestion = clean_multiline(values.get("suggestion"))
    except FieldError as error:
        raise FormRejected({"suggestion": [error.message]}) from None
    if len(suggestion) > LONGEST_SUGGESTION:
        raise FormRejected({"suggestion": [
            f"Saran ini terlalu panjang. Paling banyak {LONGEST_SUGGESTION} huruf, Anda menulis {len(suggestion)}."
        ]})
    return profile, suggestion


def new_link(service: str, days: int = LINK_DAYS) -> str:
    """The address of a link that may be used once, made inside the caller's transaction: for a message or a letter."""
    return f"{settings().public_base_url}{PATH}{new_sheet(service, days)}"


def new_sheet(service: str, days: int = SHEET_DAYS) -> str:
    """The token alone, inside the caller's transaction. 128 random bits in hex."""
    token = new_id()
    db.session.add(SurveyLink(token_hash=_hash(token), service=service, until=clock.today() + timedelta(days=days)))
    return token


def begin_openly(address: str) -> str:
    """A token for somebody who read the code at the counter. Raises TooManyTries for a network that floods."""
    limits.hit("survey-address", address)
    with transaction():
        return new_sheet(OFFICE)


def works(token: str) -> bool:
    return _find(token) is not None


def send(token: str, filled: Filled) -> None:
    """Store an answer and end its token, in one transaction. Raises LinkOver; the second of two copies meets it."""
    with transaction():
        service = _spend(token)
        _store(filled, QR if service == OFFICE else LINK, service, clock.today())


def send_paper(token: str, filled: Filled, month: date, staff) -> None:
    """A sheet of paper typed by staff; who typed is a journal line that does not say which answer it was.

    Raises LinkOver when this sheet was stored already, FormRejected for a month that is not offered.
    """
    if month not in paper_months():
        raise FormRejected({"month": ["Pilih bulan dari daftar."]})
    with transaction():
        _spend(token)
        _store(filled, PAPER, OFFICE, month)
        journal.record("survey_paper_entered", actor=journal.Actor("staff", staff.id), about=("survey", ""))


def sheet() -> str:
    """A token for one sheet of paper, so that it is stored once however often it is sent."""
    with transaction():
        return new_sheet(OFFICE)


def paper_months() -> list[date]:
    """The months a sheet may be of, the newest first."""
    months = [clock.today().replace(day=1)]
    while len(months) < OLDEST_PAPER_MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months


def tap(place: str, person: str, value: int) -> bool:
    """Count one tap of `person` (the id of a registration or an account), who is kept nowhere beside it. False when
    this person has tapped here within the month."""
    try:
        limits.hit("survey-tap", f"{place}:{person}")
    except limits.TooManyTries:
        return False
    month = clock.today().replace(day=1)
    with transaction() as session:
        insert_once(SurveyTap, month=month, place=place, value=value, count=0)
        row = session.get(SurveyTap, (month, place, value), with_for_update=True, populate_existing=True)
        row.count += 1
    return True


def has_tapped(place: str, person: str) -> bool:
    return bool(limits.seconds_to_wait("survey-tap", f"{place}:{person}"))


def seal_suggestion(answer_id: str, words: str) -> bytes:
    return sealer().seal(words.encode(), _context(answer_id))


def suggestion_of(answer: SurveyAnswer) -> str:
    sealed = answer.suggestion_sealed
    return sealer().open(sealed, _context(answer.id)).decode() if sealed else ""


def forget_expired() -> int:
    """Remove links whose time is over. A job of the worker."""
    with transaction() as session:
        return session.execute(delete(SurveyLink).where(SurveyLink.until < clock.today())).rowcount


def _store(filled: Filled, way: str, service: str, day: date) -> None:
    answer = SurveyAnswer(
        id=new_id(), month=day.replace(day=1), way=way, service=service,
        **{code: filled.marks[code] for code in CODES}, **filled.profile,
    )
    if filled.suggestion:
        answer.suggestion_sealed = seal_suggestion(answer.id, filled.suggestion)
    db.session.add(answer)
    db.session.flush()
    open_if_needed(answer)


def _spend(token: str) -> str:
    """End the token and return its service; the row goes, so that nothing leads from it to an answer."""
    row = _find(token)
    if row is None:
        raise LinkOver
    gone = db.session.execute(delete(SurveyLink).where(SurveyLink.token_hash == row.token_hash))
    if gone.rowcount != 1:
        raise LinkOver
    return row.service


def _find(token: str) -> SurveyLink | None:
    if not TOKEN.fullmatch(token):
        return None
    query = select(SurveyLink).where(SurveyLink.token_hash == _hash(token), SurveyLink.until >= clock.today())
    return db.session.scalar(query)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _context(answer_id: str) -> str:
    return f"survey_answer:{answer_id}:suggestion"


# What residents wrote beside their answers: read by who may, and quoted once somebody saw that it names nobody.

SUGGESTIONS_SHOWN, QUOTED = 200, 30
# no line of the journal says which answer it was
ABOUT = ("survey", "")


@dataclass(frozen=True)
class Quote:
    """One of `of` suggestions."""

    words: str = field(repr=False)
    of: int


def read_suggestions(first: date, last: date, staff) -> list[tuple[SurveyAnswer, str]]:
    """Those of these months, the newest first. Free text may name people, so reading it is a journal line."""
    query = select(SurveyAnswer).where(*_written(first, last)).order_by(SurveyAnswer.month.desc(), SurveyAnswer.id)
    found = [(answer, suggestion_of(answer)) for answer in db.session.scalars(query.limit(SUGGESTIONS_SHOWN))]
    with transaction():
        journal.record("survey_suggestions_read", actor=journal.Actor("staff", staff.id), about=ABOUT)
    return found


def allow_quote(answer_id: str, may_be_quoted: bool, staff) -> None:
    """It names nobody, says who read it; or it is quoted no longer. Raises NotFound. Harmless a second time."""
    with transaction() as session:
        answer = session.get(SurveyAnswer, answer_id, with_for_update=True)
        if answer is None or answer.suggestion_sealed is None:
            raise NotFound()
        answer.quotable = may_be_quoted
        journal.record("survey_quote_allowed" if may_be_quoted else "survey_quote_ended",
                       actor=journal.Actor("staff", staff.id), about=ABOUT)


def quote_of_today(first: date, last: date) -> Quote | None:
    """Another one every day, of those that may be quoted."""
    written = _written(first, last)
    query = select(SurveyAnswer).where(SurveyAnswer.quotable, *written)
    found = list(db.session.scalars(query.order_by(SurveyAnswer.month.desc(), SurveyAnswer.id).limit(QUOTED)))
    if not found:
        return None
    number = db.session.scalar(select(func.count()).select_from(SurveyAnswer).where(*written))
    return Quote(suggestion_of(found[clock.today().toordinal() % len(found)]), number)


def _written(first: date, last: date) -> tuple:
    return SurveyAnswer.month.between(first.replace(day=1), last), SurveyAnswer.suggestion_sealed.is_not(None)
