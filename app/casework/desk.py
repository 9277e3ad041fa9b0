"""What a feature hands to the engine beside its kind, and what a page carries back to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.base import journal
from app.casework.kinds import Kind
from app.casework.models import CaseAct
from app.casework.moving import Case

Staff = Any  # a signed-in member of staff: has `id` and `role`
OPENING, ACTING = "opening", "acting"


def nothing_bars(case: Case, staff: Staff) -> None:
    return None


@dataclass(frozen=True)
class Desk:
    """`noun` names a case in sentences. `find(id, staff)` raises NotFound alike for what does not exist and
    what this person must not see. `bar` says in a sentence why this person may not work on it. `receives`
    says whether a case may be given to somebody. A case is claimed on OPENING it, or only on ACTING.
    `told(case, act, actor, detail)` writes down that it changed hands, by itself as a line of the journal. A kind
    whose acts can be taken back names the columns they write to (`kept`) and takes them back in
    `undo(case, done, actor)`; it needs both exactly when an act is declared with undo (ValueError)."""

    kind: Kind
    model: Any
    noun: str
    find: Callable[[str, Staff], Case]
    receives: Callable[[Case, str], bool]
    claimable: tuple[str, ...]
    bar: Callable[[Case, Staff], str | None] = nothing_bars
    told: Callable[[Case, str, journal.Actor, dict], None] | None = None
    undo: Callable[[Case, CaseAct, journal.Actor], None] | None = None
    kept: tuple[str, ...] = ()
    claim_on: str = OPENING

    def __post_init__(self) -> None:
        if any(act.undo for act in self.kind.acts) != (self.undo is not None):
            raise ValueError(f"{self.kind.name}: undo goes with the acts that are declared with it")

    def note_hands(self, case: Case, act: str, actor: journal.Actor, detail: dict) -> None:
        """It was taken over or handed over, inside the caller's transaction."""
        if self.told is not None:
            self.told(case, act, actor, detail)
        else:
            about = self.kind.about
            journal.record(f"{about}_{act}", actor=actor, about=(about, case.id), detail=detail)


@dataclass(frozen=True)
class Seen:
    """What the page of the person acting showed: which case, which version, which claim ("" for none)."""

    case_id: str
    version: int
    token: str
    staff: Staff

    @property
    def actor(self) -> journal.Actor:
        return journal.Actor("staff", self.staff.id)
