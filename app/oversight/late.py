"""Late work and who owns it: no name and no word of a resident, so that whoever steers by figures may read it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.accounts.models import Staff
from app.base import clock
from app.base.database import db
from app.casework.time_left import time_left
from app.city.office_calendar import calendar_for
from app.complaints.ticket.models import Ticket
from app.registration.models import Application
from app.registration.status import COMPLETE

MOST = 100
REGISTRATION, COMPLAINT = "Pendaftaran", "Pengaduan"


@dataclass(frozen=True)
class Late:
    """`holder` is "" when nobody holds it; `case_id` is for who may open it."""

    kind: str
    case_id: str
    number: str
    words: str
    due_at: datetime
    holder: str


def late_now() -> list[Late]:
    """What nobody holds first, then the longest late."""
    calendar, found = calendar_for(), [*_registrations(), *_complaints()]
    rows = [
        Late(kind, row.id, row.number, time_left(row.due, calendar=calendar).words.removeprefix("lewat "), row.due,
             row.owner or row.worker or "")
        for kind, row in found
    ]
    return sorted(rows, key=lambda row: (row.holder != "", row.due_at))


def _registrations() -> list[tuple[str, object]]:
    return _rows(REGISTRATION, Application, Application.due_at, Application.status == COMPLETE)


def _complaints() -> list[tuple[str, object]]:
    return _rows(COMPLAINT, Ticket, Ticket.resolve_due_at, Ticket.is_open.is_(True))


def _rows(kind: str, model, due, condition) -> list[tuple[str, object]]:
    owner, worker, now = aliased(Staff), aliased(Staff), clock.now()
    query = (
        select(model.id, model.number, due.label("due"), owner.name.label("owner"), worker.name.label("worker"))
        .outerjoin(owner, owner.id == model.assigned_to)
        .outerjoin(worker, (worker.id == model.claimed_by) & (model.claim_until > now))
        .where(condition, due <= now).order_by(due).limit(MOST)
    )
    return [(kind, row) for row in db.session.execute(query)]
