"""The list of waiting applications, oldest first: one query a page, personal data masked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.extensions import db
from app.identity.mask import mask_name, mask_nik_staff
from app.registration.models import Application
from app.registration.personal import open_personal
from app.registration.status import COMPLETE, RETURNED, SUBMITTED

PAGE = 25
FIRST_TAB = "semua"
TABS: dict[str, tuple[str, tuple[str, ...]]] = {
    "semua": ("Semua yang menunggu kita", (SUBMITTED, COMPLETE)),
    "baru": ("Baru", (SUBMITTED,)),
    "lengkap": ("Lengkap, menunggu keputusan", (COMPLETE,)),
    "menunggu-pemohon": ("Menunggu pemohon", (RETURNED,)),
}
COUNT_CAP = 1000


@dataclass(frozen=True)
class Row:
    id: str
    number: str
    nik: str
    name: str
    status: str
    submitted_at: datetime
    due_at: datetime | None


def page_of(tab: str, after: tuple[datetime, str] | None = None) -> list[Row]:
    """Up to PAGE rows of one tab, the longest waiting first."""
    query = select(Application).where(Application.status.in_(TABS[tab][1]))
    if after is not None:
        query = query.where(
            (Application.submitted_at > after[0])
            | ((Application.submitted_at == after[0]) & (Application.id > after[1]))
        )
    rows = db.session.scalars(query.order_by(Application.submitted_at, Application.id).limit(PAGE))
    return [_row(application) for application in rows]


def counts() -> dict[str, int]:
    """Capped, so that a count never reads the whole table."""
    return {tab: _count(statuses) for tab, (_, statuses) in TABS.items()}


def _count(statuses: tuple[str, ...]) -> int:
    capped = select(Application.id).where(Application.status.in_(statuses)).limit(COUNT_CAP).subquery()
    return db.session.scalar(select(func.count()).select_from(capped))


def _row(application: Application) -> Row:
    person = open_personal(application)
    return Row(
        application.id, application.number, mask_nik_staff(person.nik), mask_name(person.full_name),
        application.status, application.submitted_at, application.due_at,
    )
