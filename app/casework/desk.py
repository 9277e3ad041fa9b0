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


@dataclass(frozen=True)
class Desk:
    """`noun` names a case in sentences. `find(id, staff)` raises NotFound alike for what does not exist and
    what this person must not see. `bar` says in a sentence why this person may not work on it. `receives`
    says whether a case may be given to somebody. A case is claimed on OPENING it, or only on ACTING.
    `told(case, act, actor, detail)` writes down that it changed hands. `kept` are the columns an act that can be
    taken back writes to, `undo(case, done, actor)` takes it back."""

    kind: Kind
    model: Any
    noun: str
    find: Callable[[str, Staff], Case]
    bar: Callable[[Case, Staff], str | None]
    receives: Callable[[Case, str], bool]
    told: Callable[[Case, str, journal.Actor, dict], None]
    claimable: tuple[str, ...]
    undo: Callable[[Case, CaseAct, journal.Actor], None]
    kept: tuple[str, ...]
    claim_on: str = OPENING


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
