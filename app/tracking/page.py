"""Everything the status page shows of one registration. Reads only; names are masked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, false, func, or_, select

from app.base import clock
from app.base.database import db
from app.base.problems import NotFound
from app.casework import undo
from app.casework.kinds import Label
from app.city.dates import show_moment
from app.city.office_calendar import calendar_for
from app.city.worktime import is_open, next_opening
from app.messages.catalogue import MESSAGES
from app.messages.outbox import messages_about
from app.messages.states import Label as MessageLabel
from app.messages.states import label_of
from app.registration.fields import TOLD
from app.registration.mend_plan import last_day_of, last_return, may_correct, may_withdraw
from app.registration.models import Application
from app.registration.personal import open_personal
from app.registration.reasons import reason_of
from app.registration.status import COMPLETE, REGISTRATION, REJECTED, SUBMITTED
from app.registration.transitions import UNDONE, reason_note
from app.tracking.words import ACTS, AHEAD

QUEUE_CAP = 500
# what rooms above show beside the status, from the registration and whether the PIN was typed (app/wiring.py)
BESIDE: list[Callable[[Application, bool], Any]] = []


@dataclass(frozen=True)
class SentMessage:
    """`code` is what its last line reads: who opened this page by hand compares, and need not type it."""

    title: str
    at: datetime
    fate: MessageLabel
    code: str


@dataclass(frozen=True)
class Office:
    """Whether the office works now, and when it opens next."""

    is_open: bool
    opens_at: datetime


@dataclass(frozen=True)
class StatusPage:
    """`place` is 1 for who is next, None when there is no queue to stand in; `due_at` is the
    promise, known once the documents are declared complete; `steps` are timeline events."""

    number: str
    name: str
    status: str
    label: Label
    due_at: datetime | None
    overdue: bool
    mend_until: date | None
    place: int | None
    office: Office
    steps: tuple[tuple[str, str, str], ...]
    messages: tuple[SentMessage, ...]
    refusal: tuple[str, str] | None
    to_look: bool
    told_by: str
    reached_by: str
    may_correct: bool
    may_withdraw: bool
    guarantee: Any


def status_page(application_id: str, with_pin: bool = False) -> StatusPage:
    application = db.session.get(Application, application_id)
    if application is None:
        raise NotFound()
    application = undo.as_told(("application", application_id), application)
    told = next((shown for show in BESIDE if (shown := show(application, with_pin)) is not None), None)
    promised = application.due_at if application.status == COMPLETE else None
    change = last_return(application)
    return StatusPage(
        number=application.number, name=open_personal(application).greeting_name,
        status=application.status, label=REGISTRATION.labels[application.status], due_at=promised,
        overdue=promised is not None and promised < clock.now(),
        mend_until=last_day_of(change) if change else None,
        place=_place(application), office=_office(), steps=_steps(application, told.steps if told else ()),
        messages=_messages(application), refusal=_refusal(application),
        to_look=application.to_look and application.status == SUBMITTED,
        reached_by=application.reached_by, told_by=TOLD[application.reached_by],
        may_correct=may_correct(application), may_withdraw=may_withdraw(application),
        guarantee=told,
    )


def _place(application: Application) -> int | None:
    """Waiting for the first look, in the order of sending; capped, so that a count stays cheap. A burst
    that waits to be looked at stands in nobody's way."""
    if application.status != SUBMITTED or application.to_look:
        return None
    before = or_(
        Application.submitted_at < application.submitted_at,
        and_(Application.submitted_at == application.submitted_at, Application.id < application.id),
    )
    ahead = select(Application.id).where(
        Application.status == SUBMITTED, Application.to_look == false(), before,
    ).limit(QUEUE_CAP).subquery()
    return db.session.scalar(select(func.count()).select_from(ahead)) + 1


def _office() -> Office:
    calendar, now = calendar_for(), clock.now()
    return Office(is_open(calendar, now), next_opening(calendar, now))


def _steps(application: Application, beside: tuple = ()) -> tuple[tuple[str, str, str], ...]:
    hidden = undo.hidden_events(("application", application.id), application)
    own = [(change.at, ACTS[change.act], "done") for change in application.changes
           if change.id not in hidden and change.act not in UNDONE]
    steps = sorted((*own, *beside), key=lambda step: step[0])
    done = [(state, what, show_moment(at)) for at, what, state in steps]
    ahead = AHEAD.get(application.status, ())
    return (*done, *(("now" if place == 0 else "", *step) for place, step in enumerate(ahead)))


def _messages(application: Application) -> tuple[SentMessage, ...]:
    hidden = undo.hidden_messages(("application", application.id), application)
    rows = [row for row in messages_about("application", application.id) if row.id not in hidden]
    return tuple(
        SentMessage(
            MESSAGES[row.template].title, row.created_at, label_of(row.channel, row.state), row.check_code or "",
        )
        for row in reversed(rows) if row.template in MESSAGES and not MESSAGES[row.template].is_code
    )


def _refusal(application: Application) -> tuple[str, str] | None:
    """(why, what to do now) of a rejected registration."""
    if application.status != REJECTED:
        return None
    reason = application.changes[-1].reasons[0]
    ground = reason_of(reason.code)
    return f"{ground.citizen} {reason_note(reason)}".strip(), ground.advice
