"""Who else has a case open, and who of them is writing. It only tells: the claim decides."""

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select

from app.base import clock
from app.base.database import db, insert_once, transaction
from app.casework.kept import ME
from app.casework.models import STAFF, CasePresence
from app.casework.notes import About

WRITING = timedelta(seconds=20)
FORGET = timedelta(hours=1)


def be_present(about: About, staff: Any, is_writing: bool) -> None:
    """A sign of life from an open page."""
    now = clock.now()
    key = {"about_kind": about[0], "case_id": about[1], "staff_id": staff.id}
    with transaction() as session:
        insert_once(CasePresence, **key, seen_at=now)
        row = session.get(CasePresence, tuple(key.values()))
        row.seen_at = now
        row.writing_at = now if is_writing else row.writing_at
        session.execute(delete(CasePresence).where(CasePresence.seen_at < now - FORGET))


OTHERS = select(CasePresence.writing_at, STAFF.c.name).join(STAFF, STAFF.c.id == CasePresence.staff_id).where(
    CasePresence.about_kind == bindparam("about"), CasePresence.case_id == bindparam("case"),
    CasePresence.staff_id != ME, CasePresence.seen_at > bindparam("since"),
).order_by(STAFF.c.name)


def others_present(about: About, staff: Any, within: timedelta) -> list[tuple[str, bool]]:
    """(name, is writing) of colleagues whose page gave a sign of life `within` this time."""
    now = clock.now()
    asked = {"about": about[0], "case": about[1], "me": staff.id, "since": now - within}
    return [
        (name, writing_at is not None and writing_at > now - WRITING)
        for writing_at, name in db.session.execute(OTHERS, asked)
    ]
