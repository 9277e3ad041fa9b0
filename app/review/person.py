"""What else the office knows of the person of a case: other registrations of the NIK, the Nomor KK or the number,
those that ended included."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, bindparam, or_, select

from app.base.database import db
from app.casework.kinds import Label
from app.registration.models import Application
from app.registration.status import REGISTRATION

SHARED = {"nik_index": "NIK", "kk_index": "Nomor KK", "phone_index": "nomor WhatsApp"}
MOST = 20


COLUMNS = [getattr(Application, column) for column in SHARED]
OTHERS = select(
    Application.id, Application.number, Application.status, Application.submitted_at, *COLUMNS,
).where(
    or_(*(column == bindparam(column.key) for column in COLUMNS)),
    Application.id != bindparam("case"), Application.submitted_at.is_not(None),
).order_by(Application.submitted_at.desc()).limit(MOST)


@dataclass(frozen=True)
class Kept:
    """Another registration; `same` names what it has in common."""

    id: str
    number: str
    label: Label
    sent_at: datetime
    same: tuple[str, ...]


def others_of_person(application: Application) -> tuple[Kept, ...]:
    """The newest first; drafts belong to their resident alone, and what is erased shares nothing any more."""
    known = {column: value for column in SHARED if (value := getattr(application, column))}
    if not known:
        return ()
    rows = db.session.execute(OTHERS, {"case": application.id, **{column: known.get(column) for column in SHARED}})
    return tuple(_kept(row, known) for row in rows)


def _kept(row: Row, known: dict[str, str]) -> Kept:
    same = tuple(SHARED[column] for column, value in known.items() if getattr(row, column) == value)
    return Kept(row.id, row.number or "", REGISTRATION.labels[row.status], row.submitted_at, same)
