"""What happened to a case, told alike by every kind: when, what, by whom, and what is to be added.

It is read from the journal, where every act of every kind stands; a kind whose own events say more tells those.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.base import journal
from app.base.journal import JournalLine
from app.casework.lists import staff_names
from app.casework.notes import About

SYSTEM, SOMEBODY = "sistem", "petugas"
# (what a line of the journal says, what its detail adds): the words belong to the rooms above (app/wiring.py)
IN_WORDS: list[Callable[[JournalLine], tuple[str, str]]] = []


@dataclass(frozen=True)
class Step:
    at: datetime
    what: str
    who: str
    more: str = ""


def who(kind: str, id: str | None, visitor: str = "pemohon") -> str:
    """Name of the member of staff, or a word for everybody else."""
    if kind == "staff":
        return staff_names().get(id, SOMEBODY)
    return {"citizen": visitor, "system": SYSTEM}.get(kind, kind)


def of_journal(about: About, but: Collection[str] = (), only: Collection[str] = ()) -> tuple[Step, ...]:
    """The lines about a case, oldest first, but for some actions, or of some alone."""
    return tuple(
        Step(line.at, what, who(line.actor_kind, line.actor_id), more)
        for line in journal.lines_about(*about) if line.action not in but and (not only or line.action in only)
        for what, more in (tell(line) for tell in IN_WORDS)
    )


def of_events(events: Iterable[Any], words: Mapping[str, str], visitor: str) -> tuple[Step, ...]:
    """The events of a kind that keeps its own, oldest first; `words` by act."""
    return tuple(
        Step(event.at, words.get(event.act, event.act), who(event.actor_kind, event.actor_id, visitor))
        for event in events
    )
