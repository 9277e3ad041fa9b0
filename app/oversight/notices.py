"""Notices of the office: from when until when something is closed or away, and what to do instead. Shown on every page,
so what is in force is asked of the database once a minute by each process."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.clock import WIB
from app.base.database import db, transaction
from app.base.problems import FormRejected, NotFound, StaleDecision
from app.identity.findings import FieldError
from app.identity.text import clean_multiline, clean_text
from app.oversight.models import OfficeNotice

ASKED_EVERY = 60  # seconds
LONGEST = {"title": 120, "instead": 400}
LONGEST_LIFE = timedelta(days=366)
SHOWN = 30
_CACHE = "loket_office_notices"


@dataclass(frozen=True)
class Shown:
    title: str
    instead: str
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Written:
    """One of the list of the office; `state` is "now", "later" or "over"."""

    id: str
    title: str
    instead: str
    begins_at: datetime
    ends_at: datetime
    by: str
    state: str


def in_force() -> list[Shown]:
    """What every page shows now. Nothing while the database is away: the page must stand without it."""
    kept, moment = current_app.extensions.get(_CACHE), time.monotonic()
    if kept is None or moment - kept[0] >= ASKED_EVERY:
        kept = current_app.extensions[_CACHE] = (moment, _asked(kept[1] if kept else []))
    now = clock.now()
    return [one for one in kept[1] if one.begins_at <= now < one.ends_at]


def _asked(otherwise: list[Shown]) -> list[Shown]:
    """Those of the next minutes too, so that one begins in time."""
    now = clock.now()
    query = select(OfficeNotice).where(
        OfficeNotice.ends_at > now, OfficeNotice.begins_at <= now + timedelta(seconds=2 * ASKED_EVERY),
        OfficeNotice.ended_at.is_(None),
    )
    try:
        rows = db.session.scalars(query.order_by(OfficeNotice.begins_at)).all()
    except SQLAlchemyError:
        return otherwise
    return [Shown(row.title, row.instead, row.begins_at, row.ends_at) for row in rows]


def all_of_them() -> list[Written]:
    """The newest first."""
    now = clock.now()
    rows = db.session.execute(
        select(OfficeNotice, Staff.name).join(Staff, Staff.id == OfficeNotice.made_by)
        .order_by(OfficeNotice.begins_at.desc(), OfficeNotice.id).limit(SHOWN)
    )
    return [
        Written(row.id, row.title, row.instead, row.begins_at, row.ended_at or row.ends_at, name, _state(row, now))
        for row, name in rows
    ]


def _state(row: OfficeNotice, now: datetime) -> str:
    if row.ended_at is not None or row.ends_at <= now:
        return "over"
    return "now" if row.begins_at <= now else "later"


def put_up(title: str, instead: str, begins: str, ends: str, staff) -> None:
    """`begins` and `ends` are local times such as 2026-11-27T09:30, `begins` "" for now. Raises FormRejected naming
    each wrong field."""
    now, errors = clock.now(), {}
    values = {"title": _text("title", title, clean_text, errors),
              "instead": _text("instead", instead, clean_multiline, errors)}
    begins_at, ends_at = _moment(begins) if begins.strip() else now, _moment(ends)
    if begins_at is None:
        errors["begins"] = ["Isi tanggal dan jam mulainya, atau kosongkan untuk mulai sekarang."]
    if ends_at is None or ends_at <= max(now, begins_at or now):
        errors["ends"] = ["Isi tanggal dan jam selesainya, sesudah mulai dan sesudah sekarang."]
    elif ends_at > now + LONGEST_LIFE:
        errors["ends"] = ["Pengumuman paling lama setahun. Periksa tahunnya."]
    if errors:
        raise FormRejected(errors)
    with transaction() as session:
        row = OfficeNotice(begins_at=begins_at, ends_at=ends_at, made_by=staff.id, **values)
        session.add(row)
        session.flush()
        journal.record("office_notice_put_up", actor=journal.Actor("staff", staff.id), about=("notice", row.id))
    forget()


def take_down(notice_id: str, staff) -> None:
    """Raises NotFound, StaleDecision when it is over already."""
    with transaction() as session:
        row = session.get(OfficeNotice, notice_id, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound()
        if _state(row, clock.now()) == "over":
            raise StaleDecision("Pengumuman ini sudah selesai.")
        row.ended_at = clock.now()
        journal.record("office_notice_taken_down", actor=journal.Actor("staff", staff.id), about=("notice", row.id))
    forget()


def forget() -> None:
    """Ask anew at the next page. Other processes do so within a minute."""
    current_app.extensions.pop(_CACHE, None)


def _text(field: str, typed: str, clean, errors: dict) -> str:
    try:
        text = clean(typed)
    except FieldError as error:
        errors[field] = [error.message]
        return ""
    if not text:
        errors[field] = ["Tulis apa yang tutup atau terganggu." if field == "title" else
                         "Tulis apa yang dapat dilakukan warga sementara itu."]
    elif len(text) > LONGEST[field]:
        errors[field] = [f"Terlalu panjang. Paling banyak {LONGEST[field]} huruf, Anda menulis {len(text)}."]
    return text


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=WIB)
    except ValueError:
        return None
