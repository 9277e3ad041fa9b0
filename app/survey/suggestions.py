"""What residents wrote beside their answers: read by who may, and quoted once somebody saw that it names nobody."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select

from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import NotFound
from app.survey.answering import suggestion_of
from app.survey.models import SurveyAnswer

SHOWN, QUOTED = 200, 30
# no line of the journal says which answer it was
ABOUT = ("survey", "")


@dataclass(frozen=True)
class Quote:
    """One of `of` suggestions."""

    words: str = field(repr=False)
    of: int


def read(first: date, last: date, staff) -> list[tuple[SurveyAnswer, str]]:
    """Those of these months, the newest first. Free text may name people, so reading it is a journal line."""
    query = select(SurveyAnswer).where(*_written(first, last)).order_by(SurveyAnswer.month.desc(), SurveyAnswer.id)
    found = [(answer, suggestion_of(answer)) for answer in db.session.scalars(query.limit(SHOWN))]
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
