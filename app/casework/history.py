"""What happened to a case, told alike by every kind: when, what, by whom, and what is to be added.

It is read from the journal, where every act of every kind stands; a kind whose own events say more tells those.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, Select, bindparam, func, select

from app.base import journal
from app.base.database import db
from app.base.journal_line import JournalLine
from app.casework.kept import written
from app.casework.lists import staff_names
from app.casework.notes import About

PAGE, LAST = 30, 2**62
# what is told of a line
TOLD = (
    JournalLine.seq, JournalLine.at, JournalLine.actor_kind, JournalLine.actor_id, JournalLine.action,
    JournalLine.detail, JournalLine.device,
)
SYSTEM, SOMEBODY = "sistem", "petugas"
# (what a line of the journal says, what its detail adds): the words belong to the rooms above (app/wiring.py)
IN_WORDS: list[Callable[[JournalLine | Row], tuple[str, str]]] = []


@dataclass(frozen=True)
class Step:
    at: datetime
    what: str
    who: str
    more: str = ""


@dataclass(frozen=True)
class Page:
    """`number` counts all steps, `older` is where the page before ends, 0 at the first."""

    steps: tuple[Step, ...]
    number: int
    older: int


def who(kind: str, id: str | None, visitor: str = "pemohon") -> str:
    """Name of the member of staff, or a word for everybody else."""
    if kind == "staff":
        return staff_names().get(id, SOMEBODY)
    return {"citizen": visitor, "system": SYSTEM}.get(kind, kind)


def of_journal(about: About) -> tuple[Step, ...]:
    """The lines about a case, oldest first."""
    return _in_words(journal.lines_about(*about))


def page_of(about: About, before: int = 0, but: Collection[str] = (), only: Collection[str] = ()) -> Page:
    """The same by pages, but for some actions, or of some alone; `before` is `older` of a page, 0 for the newest."""
    query = written(_lines, tuple(but), tuple(only))
    found = db.session.execute(query, {"kind": about[0], "case": about[1], "before": before or LAST}).all()
    shown = found[PAGE - 1::-1]
    return Page(_in_words(shown), found[0].number if found else 0, shown[0].seq if len(found) > PAGE else 0)


def _lines(but: tuple[str, ...], only: tuple[str, ...]) -> Select:
    chosen = [
        JournalLine.about_kind == bindparam("kind"), JournalLine.about_id == bindparam("case"),
        JournalLine.action.in_(only) if only else JournalLine.action.not_in(but),
    ]
    number = select(func.count()).select_from(JournalLine).where(*chosen).scalar_subquery().label("number")
    query = select(*TOLD, number).where(*chosen, JournalLine.seq < bindparam("before", type_=BigInteger))
    return query.order_by(JournalLine.seq.desc()).limit(PAGE + 1)


def _in_words(lines: Iterable[JournalLine | Row]) -> tuple[Step, ...]:
    return tuple(
        Step(line.at, what, who(line.actor_kind, line.actor_id), more)
        for line in lines for what, more in (tell(line) for tell in IN_WORDS)
    )


def of_events(events: Iterable[Any], words: Mapping[str, str], visitor: str) -> tuple[Step, ...]:
    """The events of a kind that keeps its own, oldest first; `words` by act."""
    return tuple(
        Step(event.at, words.get(event.act, event.act), who(event.actor_kind, event.actor_id, visitor))
        for event in events
    )
