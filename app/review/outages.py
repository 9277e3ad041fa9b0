"""When SIAK was away: recorded by who notices, so that figures can say what explains a late day and hide nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.clock import WIB
from app.base.database import db, transaction
from app.base.problems import FormRejected, NotFound, StaleDecision
from app.city.dates import show_moment
from app.review.models import SiakOutage

SHOWN = 50
LONGEST_SOURCE, LONGEST_ID = 200, 9
RECORDING_LOCK = 0x4C6F53494B  # a number of PostgreSQL's advisory locks that is ours


@dataclass(frozen=True)
class Outage:
    """`ended_at` is None while it lasts."""

    id: int
    began_at: datetime
    ended_at: datetime | None
    source: str
    by: str


def recorded() -> list[Outage]:
    """The newest first."""
    rows = db.session.execute(
        select(SiakOutage, Staff.name).join(Staff, Staff.id == SiakOutage.recorded_by)
        .order_by(SiakOutage.began_at.desc()).limit(SHOWN)
    )
    return [Outage(row.id, row.began_at, row.ended_at, row.source, name) for row, name in rows]


def record(began: str, ended: str, source: str, staff: Staff) -> None:
    """`began` and `ended` are local times such as 2026-11-27T09:30, `ended` "" while it lasts. Raises FormRejected
    naming each wrong field."""
    began_at, ended_at, errors, now = _moment(began), _moment(ended), {}, clock.now()
    if began_at is None or began_at > now:
        errors["began"] = ["Isi tanggal dan jam mulainya, tidak sesudah sekarang."]
    if ended.strip() and (ended_at is None or ended_at > now or (began_at is not None and ended_at <= began_at)):
        errors["ended"] = ["Isi tanggal dan jam selesainya, sesudah mulai dan tidak sesudah sekarang."]
    if not source:
        errors["source"] = ["Tulis dari mana Anda tahu, misalnya surat Ditjen Dukcapil atau dicoba di meja layanan."]
    if errors:
        raise FormRejected(errors)
    with transaction() as session:
        _one_after_the_other(session)
        if (other := _overlapping(began_at, ended_at)) is not None:
            raise FormRejected({"began": [f"Gangguan yang mulai {show_moment(other)} sudah dicatat."]})
        row = SiakOutage(
            began_at=began_at, ended_at=ended_at, source=source[:LONGEST_SOURCE], recorded_by=staff.id, recorded_at=now,
        )
        session.add(row)
        session.flush()
        journal.record("siak_outage_recorded", actor=journal.Actor("staff", staff.id), about=("outage", str(row.id)))


def _one_after_the_other(session: Session) -> None:
    """Who records waits for who records, so that the second one sees the first; SQLite has one writer anyway."""
    if db.engine.dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(RECORDING_LOCK)))


def _overlapping(began_at: datetime, ended_at: datetime | None) -> datetime | None:
    """When one began that is on record already: two people notice the same."""
    query = select(SiakOutage.began_at).where(or_(SiakOutage.ended_at.is_(None), SiakOutage.ended_at > began_at))
    if ended_at is not None:
        query = query.where(SiakOutage.began_at < ended_at)
    return db.session.scalar(query.order_by(SiakOutage.began_at).limit(1))


def end(outage_id: str, staff: Staff) -> None:
    """SIAK is back now. Raises NotFound, StaleDecision when somebody has said so already."""
    with transaction() as session:
        known = outage_id.isascii() and outage_id.isdigit() and len(outage_id) <= LONGEST_ID
        row = session.get(SiakOutage, int(outage_id) if known else 0, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound()
        if row.ended_at is not None:
            raise StaleDecision("Akhir gangguan ini sudah dicatat.")
        row.ended_at = clock.now()
        journal.record("siak_outage_ended", actor=journal.Actor("staff", staff.id), about=("outage", str(row.id)))


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=WIB)
    except ValueError:
        return None
