"""May what the clock says be believed? Asked before anything is erased or closed because time has passed.

One worker with a clock two years ahead would erase every draft and message at once, rightly journalled. So the
workers keep a mark that moves on with them. A clock more than a day away from it, from the newest line of the journal
while there is no mark, or from the clock of the database, is doubted until a person confirms it: whether the machine
slept for a week or its clock runs wrong, no program can tell.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock, journal
from app.base.database import Base, UtcDateTime, db, end_reading, transaction
from app.base.journal_line import JournalLine

# a day, and what a daily timer may be late
LONGEST_GAP = timedelta(hours=25)


class ClockMark(Base):
    """One row: how late it was for certain. Only a worker that believes its clock moves it on."""

    __tablename__ = "clock_mark"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClockDoubted(Exception):
    """The text says, in Indonesian, which two moments do not fit."""


def doubt() -> str:
    """In one Indonesian sentence, why the clock is not believed; "" when it is. A demo that runs ahead on purpose
    writes lines of a later day than its machine has, which proves nothing."""
    if clock.runs_ahead():
        return ""
    now, last = clock.machine_time(), last_certain()
    if last is not None and abs(now - last) > LONGEST_GAP:
        return f"Jam mesin ini {_told(now)}, padahal yang terakhir tercatat {_told(last)}."
    others = _clock_of_database()
    if others is not None and abs(now - others) > LONGEST_GAP:
        return f"Jam mesin ini {_told(now)}, sedangkan jam database {_told(others)}."
    return ""


def last_certain() -> datetime | None:
    """The workers' mark; before the first, the newest line of the journal, or None."""
    mark = db.session.get(ClockMark, 1, populate_existing=True)
    if mark is not None:
        return mark.at
    return db.session.scalar(select(JournalLine.at).order_by(JournalLine.seq.desc()).limit(1))


def refuse_doubted() -> None:
    """Raises ClockDoubted."""
    found = doubt()
    end_reading()
    if found:
        raise ClockDoubted(found)


def move_on() -> bool:
    """Believe the clock and move the mark, or say that it is doubted."""
    found = doubt()
    end_reading()
    if found:
        return False
    with transaction() as session:
        session.merge(ClockMark(id=1, at=clock.machine_time()))
    return True


def confirm(actor: journal.Actor) -> None:
    """A person looked at the clock and it is right."""
    with transaction() as session:
        session.merge(ClockMark(id=1, at=clock.machine_time()))
        journal.record("clock_confirmed", actor=actor, about=("installation", ""))


def _clock_of_database() -> datetime | None:
    """None with SQLite, which has none of its own."""
    if db.engine.dialect.name != "postgresql":
        return None
    return db.session.scalar(select(func.clock_timestamp())).astimezone(UTC)


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
