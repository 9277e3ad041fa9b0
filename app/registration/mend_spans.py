"""When a registration lay with its resident to be mended: the office's own clock stands still meanwhile."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, String, column, select, table

from app.base import clock
from app.base.database import UtcDateTime, db

Spans = tuple[tuple[datetime, datetime], ...]
# `models.py` stands above the states, and the states' clock asks here; so of the rows no more than this
CHANGES = table(
    "status_change", column("id"), column("application_id", String), column("act", String), column("at", UtcDateTime()),
)


def mending_spans(application_id: str) -> Spans:
    """Each from a return to the sending that answered it, or to now: the clock starts before that is written."""
    return spans_of((application_id,)).get(application_id, ())


def spans_of(application_ids: Collection[str] | Select) -> dict[str, Spans]:
    """The same of many: ids, or a query for them, which may find any number. A return that was taken back is none."""
    query = select(CHANGES.c.application_id, CHANGES.c.act, CHANGES.c.at).where(
        CHANGES.c.application_id.in_(application_ids),
        CHANGES.c.act.in_(("return", "resubmit", "take_back", "take_back_early")),
    )
    found: dict[str, list] = {}
    begun: dict[str, datetime] = {}
    for application_id, act, at in db.session.execute(query.order_by(CHANGES.c.id)):
        since = begun.pop(application_id, None)
        if act == "return":
            begun[application_id] = at
        elif act == "resubmit" and since is not None:
            found.setdefault(application_id, []).append((since, at))
    for application_id, since in begun.items():
        found.setdefault(application_id, []).append((since, clock.now()))
    return {application_id: tuple(spans) for application_id, spans in found.items()}
