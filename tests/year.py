"""A year of the office in rows, written straight into the tables: what figures are recomputed from."""

import random
from datetime import datetime, timedelta

from app.base import clock
from app.base.clock import WIB
from app.base.database import transaction
from app.base.ids import new_id
from app.complaints.ticket.models import Ticket
from app.guarantee.models import Guarantee
from app.registration.models import Application
from app.survey.elements import CODES
from app.survey.models import SurveyAnswer

CHANNELS, KINDS = ("web", "whatsapp", "telepon"), ("complaint", "information", "aspiration")


def a_year(app, year: int, registrations: int = 120, complaints: int = 40, answers: int = 60) -> None:
    """Half a day on both sides lies outside in WIB, so that a wrong boundary shows."""
    chance = random.Random(year)
    start = datetime(year, 1, 1, tzinfo=WIB) - timedelta(hours=12)
    end = min(datetime(year + 1, 1, 1, 12, tzinfo=WIB), clock.now().astimezone(WIB))
    length = (end - start).total_seconds()
    with app.app_context(), transaction() as session:
        for number in range(registrations):
            row = _registration(year, number, start + timedelta(seconds=chance.random() * length), chance, end)
            session.add(row)
            if row.decided_at is not None and row.decided_at > row.due_at:
                session.flush()  # no relationship tells which of the two comes first
                session.add(_guarantee(row, chance))
        for number in range(complaints):
            session.add(_complaint(year, number, start + timedelta(seconds=chance.random() * length), chance, end))
        for _ in range(answers):
            month = min(max(start + timedelta(hours=12), start + timedelta(seconds=chance.random() * length)), end)
            session.add(SurveyAnswer(
                id=new_id(), month=month.date().replace(day=1), way="qr", service="office",
                **{code: chance.choice((2, 3, 3, 4, 4)) for code in CODES}, sex=chance.choice(("L", "P", "")),
            ))


def _registration(year: int, number: int, sent: datetime, chance, end: datetime) -> Application:
    complete = sent + timedelta(hours=chance.randint(1, 30))
    due = complete + timedelta(days=1)
    decided = complete + timedelta(hours=chance.choice((2, 5, 20, 23, 30, 50)))
    status = chance.choice(("active",) * 7 + ("rejected", "complete", "submitted"))
    if decided > end:
        status = "submitted" if complete > end else "complete"
    is_decided, is_complete = status in ("active", "rejected"), status != "submitted"
    return Application(
        id=new_id(), status=status, number=f"{year % 100:02d}AA-{number:04d}", personal_sealed=b"x", nik_index=new_id(),
        notice_version="uji", notice_hash="0" * 64, notice_accepted_at=sent, submitted_at=sent,
        declared_complete_at=complete if is_complete else None, due_at=due if is_complete else None,
        decided_at=decided if is_decided else None,
    )


def _guarantee(late: Application, chance) -> Guarantee:
    return Guarantee(
        id=new_id(), application_id=late.id, opened_at=late.due_at, counted_from=late.due_at,
        due_at=late.due_at + timedelta(days=1), status=chance.choice(("declined", "opened")),
        closed_at=late.due_at + timedelta(hours=3),
    )


def _complaint(year: int, number: int, received: datetime, chance, end: datetime) -> Ticket:
    answered = received + timedelta(days=chance.choice((1, 3, 9, 25)))
    is_answered = answered < end and chance.random() < 0.8
    return Ticket(
        id=new_id(), number=f"ADU-{year}-{number + 1:06d}", pin_sealed=b"x", content_sealed=b"x", contact_sealed=b"x",
        channel=chance.choice(CHANNELS), kind=chance.choice(KINDS), category="late", received_at=received,
        last_said_at=received, due_at=received + timedelta(days=5), resolve_due_at=received + timedelta(days=5),
        status="closed" if is_answered else "new", tray="done" if is_answered else "new", is_open=not is_answered,
        first_answered_at=answered if is_answered else None, answered_at=answered if is_answered else None,
        closed_at=answered if is_answered else None, outcome=chance.choice(("proven", "not_proven")) if is_answered
        else "", reopened=0,
    )
