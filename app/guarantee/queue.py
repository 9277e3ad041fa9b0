"""The lists of guarantees, least time left first (app/casework/lists.py). Names are masked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select

from app.base.database import db
from app.casework import lists
from app.casework.clocks import TimeLeft, time_left
from app.casework.desk import Staff
from app.casework.kept import NOW
from app.casework.lists import CaseList, Column, Look, Order, Tab
from app.casework.narrowing import by_time
from app.casework.work import MOST_HANDED
from app.city.office_calendar import calendar_for
from app.complaints.ticket.words import BREACHES
from app.guarantee.models import Breach, Guarantee
from app.guarantee.status import APOLOGISED, CARRIED, DECLINED, DELIVERED, LIVE, OPENED, READY
from app.identity.mask import mask_name
from app.registration.models import Application
from app.registration.personal import open_personal
from app.registration.status import ACTIVE

BY_TIME = Order((Guarantee.due_at, Guarantee.id))
SHOWN = (
    Guarantee.id, Guarantee.status, Guarantee.application_id, Guarantee.opened_at, Guarantee.due_at, Guarantee.warn_at,
    Guarantee.courier_id, Guarantee.claimed_by, Guarantee.claim_until,
)
LATE = (Guarantee.status.in_(LIVE), Guarantee.due_at <= NOW)
NEXT: dict[str, str] = {OPENED: "Cetak surat begitu akun aktif", READY: "Serahkan kepada kurir",
                        CARRIED: "Kurir mengantar"}


@dataclass(frozen=True)
class Row:
    """One line of the list; `what` are the breaches, `next` is what is to be done."""

    id: str
    number: str
    name: str
    status: str
    what: str
    opened_at: datetime
    left: TimeLeft | None
    courier: str
    next: str


def _in(*statuses: str, late: bool = False):
    def ranges(look: Look) -> list[tuple]:
        only = (Guarantee.due_at <= look.now,) if late else ()
        return [(Guarantee.status == status, *only) for status in statuses]

    return ranges


TABS: dict[str, Tab] = {
    "berjalan": Tab("Berjalan", _in(*LIVE), empty="Jaminan terbuka sendiri begitu janji terlewati atau pengaduan "
                    "terbukti."),
    "lewat": Tab("Lewat batas", _in(*LIVE, late=True)), "menunggu": Tab("Menunggu akun atau surat", _in(OPENED)),
    "siap": Tab("Surat siap", _in(READY)), "dibawa": Tab("Dibawa petugas", _in(CARRIED)),
    "selesai": Tab("Selesai", _in(DELIVERED, DECLINED, APOLOGISED)),
}


def count_late() -> int:
    return db.session.scalar(select(func.count()).select_from(Guarantee).where(*LATE))


def is_late(staff: Staff) -> ColumnElement[bool]:
    return exists().where(*LATE)


def count_for(staff: Staff) -> ColumnElement[int]:
    """What the desk can do now: a letter to print, because the account is active, or to hand to a courier."""
    active = select(Application.id).where(Application.status == ACTIVE)
    return _count(or_(Guarantee.status == READY, (Guarantee.status == OPENED) & Guarantee.application_id.in_(active)))


def count_carried(staff: Staff) -> ColumnElement[int]:
    """Letters that are in this courier's hands."""
    return _count(Guarantee.status == CARRIED, Guarantee.courier_id == staff.id)


def carried_by(staff: Staff) -> list[tuple[str, str]]:
    """(id, number of the registration) of them."""
    query = select(Guarantee.id, Application.number).join(Application, Application.id == Guarantee.application_id)
    mine = (Guarantee.status == CARRIED, Guarantee.courier_id == staff.id)
    return [tuple(row) for row in db.session.execute(query.where(*mine).order_by(Guarantee.id).limit(MOST_HANDED))]


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return lists.capped_count([select(Guarantee.id).where(*conditions)], "guarantees")


def _lines(rows: Sequence[Any], tab: str, look: Look) -> list[Row]:
    names, calendar = lists.staff_names(), calendar_for()
    found = select(Breach.guarantee_id, Breach.breach).where(
        Breach.guarantee_id.in_([row.id for row in rows]), Breach.void_at.is_(None)
    ).order_by(Breach.id)
    what: dict[str, dict[str, None]] = {}
    for guarantee_id, breach in db.session.execute(found):
        what.setdefault(guarantee_id, {})[BREACHES[breach]] = None
    ids = [row.application_id for row in rows if row.application_id]
    query = select(Application.id, Application.number, Application.personal_sealed).where(Application.id.in_(ids))
    cases = {row.id: row for row in db.session.execute(query)}
    return [_line(row, cases.get(row.application_id), ", ".join(what.get(row.id, ())), names, calendar) for row in rows]


def _line(row: Any, case: Any, what: str, names: dict[str, str], calendar) -> Row:
    live = row.status in LIVE
    return Row(
        row.id, case.number if case else "-", mask_name(open_personal(case).full_name) if case else "Tanpa pendaftaran",
        row.status, what, row.opened_at, time_left(row.due_at, row.warn_at, calendar) if live else None,
        names.get(row.courier_id, ""), NEXT.get(row.status, ""),
    )


GUARANTEES = CaseList(
    "guarantees", Guarantee, SHOWN, TABS, BY_TIME, _lines, first="berjalan",
    columns=(
        Column("Nomor"), Column("Nama"), Column("Tidak sesuai"), Column("Status"), Column("Dibuka"),
        Column("Sisa waktu", "sisa"), Column("Kurir"), Column("Berikutnya"),
    ),
    sorts={"sisa": BY_TIME}, filters={"sisa": by_time(Guarantee)},
)
