"""Who opens very many records is told to the supervisor: the journal's own lines are counted.

A number of an hour, not of a process: whichever worker looks, and however many web processes there are,
the rows are the same. Told at most once an hour for each person, by a line that is itself in the journal.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, distinct, func, select

from app.base import clock, journal
from app.base.database import db, end_reading, transaction
from app.base.journal_line import JournalLine

WINDOW = timedelta(hours=1)
MOST_CASES, MOST_PHOTOS = 60, 150
SHOWN = timedelta(hours=24)
CASES = ("case_viewed", "account_request_viewed", "ticket_viewed", "rights_viewed")
PHOTOS = ("photo_viewed", "ticket_file_viewed", "ticket_letter_viewed", "inbound_file_viewed")
ALARM = "reading_alarm"


@dataclass(frozen=True)
class Reading:
    """What one member of staff opened in the hour before `at`: different cases, and photos counted each time."""

    staff_id: str
    cases: int
    photos: int
    at: datetime


def watch() -> None:
    """Write an alarm for everybody above a limit who has none from the last hour."""
    excessive = _excessive()
    end_reading()
    for reading in excessive:
        with transaction() as session:
            told = select(JournalLine.seq).where(
                JournalLine.action == ALARM, JournalLine.about_id == reading.staff_id,
                JournalLine.at > reading.at - WINDOW,
            )
            if session.scalar(told.limit(1)) is None:
                journal.record(
                    ALARM, actor=journal.SYSTEM, about=("staff", reading.staff_id),
                    detail={"cases": reading.cases, "photos": reading.photos},
                )


def counts_of(line: JournalLine) -> Reading:
    """What an alarm says."""
    detail = json.loads(line.detail)
    return Reading(line.about_id, detail["cases"], detail["photos"], line.at)


def _excessive() -> list[Reading]:
    now = clock.now()
    opened = func.count(distinct(case((JournalLine.action.in_(CASES), JournalLine.about_id))))
    looked = func.count(case((JournalLine.action.in_(PHOTOS), 1)))
    rows = db.session.execute(
        select(JournalLine.actor_id, opened, looked).where(
            JournalLine.at > now - WINDOW, JournalLine.actor_kind == "staff",
            JournalLine.action.in_((*CASES, *PHOTOS)),
        ).group_by(JournalLine.actor_id).having((opened > MOST_CASES) | (looked > MOST_PHOTOS))
    )
    return [Reading(staff_id, cases, photos, now) for staff_id, cases, photos in rows]
