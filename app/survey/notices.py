"""What a supervisor has to look at: an answer that says somebody paid or gives the worst mark, and a complaint whose
answer was rated 1. Opened in the transaction that stores the answer."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from app.base import clock, journal
from app.base.database import db, insert_once, transaction
from app.base.problems import FormRejected, NotFound, StaleDecision
from app.base.services import sealer
from app.casework.moving import locked
from app.complaints.ticket import status
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.personal import open_part
from app.complaints.ticket.transitions import change_status
from app.complaints.ticket.visibility import find_visible, visible_to
from app.identity.findings import FieldError
from app.identity.text import clean_multiline
from app.survey.elements import ELEMENTS, FEE, FREE, WORST
from app.survey.models import RatingNotice, SurveyAnswer, SurveyNotice

WORST_RATING = 1
SHORTEST, LONGEST = 5, 1000
SHOWN = 100


@dataclass(frozen=True)
class AnswerNotice:
    """`signs` say in words what is wrong; `paid` is whether the fee is among it."""

    answer: SurveyAnswer
    opened_on: date
    signs: list[str]
    paid: bool


@dataclass(frozen=True)
class TicketNotice:
    ticket: Ticket
    opened_at: datetime
    sentence: str
    may_reopen: bool


def signs_of(answer: SurveyAnswer) -> list[str]:
    """Why a supervisor looks at this answer; empty for most."""
    return [
        f"{one.name}: {one.answers[answer.mark(one.code) - 1]}" for one in ELEMENTS
        if answer.mark(one.code) == WORST or (one.code == FEE and answer.mark(FEE) < FREE)
    ]


def open_if_needed(answer: SurveyAnswer) -> None:
    """Inside the transaction that stores the answer. Only the day is kept: a moment would lead to a phone."""
    if signs_of(answer):
        db.session.add(SurveyNotice(answer_id=answer.id, opened_on=clock.today()))


def of_rating(ticket: Ticket) -> None:
    """Listens to ratings (app/wiring.py), inside their transaction. A better rating afterwards ends the notice; the
    worst one once more, such as of the answer after a reopening, opens it again."""
    if ticket.rating == WORST_RATING:
        insert_once(RatingNotice, ticket_id=ticket.id, opened_at=clock.now())
    row = db.session.get(RatingNotice, ticket.id)
    if ticket.rating == WORST_RATING and row.settled_at is not None:
        row.opened_at, row.settled_at = clock.now(), None  # the remark before stays until the next
    elif ticket.rating != WORST_RATING and row is not None and row.settled_at is None:
        row.settled_at = clock.now()


def count_waiting(staff) -> int:
    """How many of both kinds this person may look at."""
    answers = select(func.count()).select_from(SurveyNotice).where(SurveyNotice.settled_at.is_(None))
    return db.session.scalar(answers) + len(_open_tickets(staff))


def waiting_answers() -> list[AnswerNotice]:
    """The oldest first, those about money before all others."""
    query = (
        select(SurveyNotice, SurveyAnswer).join(SurveyAnswer, SurveyAnswer.id == SurveyNotice.answer_id)
        .where(SurveyNotice.settled_at.is_(None)).order_by(SurveyNotice.opened_on, SurveyNotice.answer_id).limit(SHOWN)
    )
    found = [AnswerNotice(answer, row.opened_on, signs_of(answer), answer.mark(FEE) < FREE)
             for row, answer in db.session.execute(query)]
    return sorted(found, key=lambda one: not one.paid)


def waiting_tickets(staff) -> list[TicketNotice]:
    return [
        TicketNotice(ticket, row.opened_at, open_part(ticket, "rating", ticket.rating_sealed),
                     status.TICKET.may("reopen", ticket.status))
        for row, ticket in _open_tickets(staff)
    ]


def settle_answer(answer_id: str, remark: str, staff) -> None:
    """Raises FormRejected without a remark, NotFound, StaleDecision when a colleague was faster."""
    kept = _remark(remark)
    with transaction() as session:
        row = session.get(SurveyNotice, answer_id, with_for_update=True)
        _end(row, kept, f"survey_notice:{answer_id}:remark", staff)
        journal.record("survey_notice_settled", actor=journal.Actor("staff", staff.id), about=("survey", ""))


def settle_ticket(ticket_id: str, remark: str, reopen: bool, staff) -> None:
    """The same for a complaint; `reopen` has it worked on again. Its own supervisor does not see it: NotFound."""
    find_visible(ticket_id, staff)
    kept = _remark(remark)
    with transaction() as session:
        ticket = locked(Ticket, ticket_id)
        row = session.get(RatingNotice, ticket_id, with_for_update=True)
        _end(row, kept, f"rating_notice:{ticket_id}:remark", staff)
        actor = journal.Actor("staff", staff.id)
        if reopen:
            change_status(ticket, "reopen", actor)
        journal.record("rating_notice_settled", actor=actor, about=("ticket", ticket_id))


def _end(row, remark: str, context: str, staff) -> None:
    if row is None:
        raise NotFound()
    if row.settled_at is not None:
        raise StaleDecision("Ini sudah ditanggapi. Muat ulang daftarnya.")
    row.settled_at, row.settled_by = clock.now(), staff.id
    row.remark_sealed = sealer().seal(remark.encode(), context)


def _remark(typed: str) -> str:
    try:
        text = clean_multiline(typed)
    except FieldError as error:
        raise FormRejected({"remark": [error.message]}) from None
    if not SHORTEST <= len(text) <= LONGEST:
        raise FormRejected({"remark": [f"Tulis apa yang sudah dilakukan, {SHORTEST} sampai {LONGEST} huruf."]})
    return text


def _open_tickets(staff) -> list:
    query = (
        select(RatingNotice, Ticket).join(Ticket, Ticket.id == RatingNotice.ticket_id)
        .where(RatingNotice.settled_at.is_(None), visible_to(staff)).order_by(RatingNotice.opened_at).limit(SHOWN)
    )
    return list(db.session.execute(query))

