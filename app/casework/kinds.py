"""A kind of case as data: its states, the acts between them, who may do what, and its clocks (docs/casework.md).

What is not declared is refused. Pure: knows no row, no request and no feature.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.base.problems import StaleDecision
from app.casework.clocks import Clock
from app.city.worktime import Calendar

# The list a case stands in, whatever its kind: nobody has looked, it is our turn, it is the other one's, over.
NEW, WORK, OUTSIDE, DONE = "new", "work", "outside", "done"
TRAYS = (NEW, WORK, OUTSIDE, DONE)
OURS = (NEW, WORK)
# who acts when it is nobody of the office
VISITOR, SYSTEM = "visitor", "system"


@dataclass(frozen=True)
class Label:
    """How a state is said: to the resident, and in the office; `tone` picks the badge colour."""

    citizen: str
    office: str
    tone: str


@dataclass(frozen=True)
class State:
    """`tray` is "" for what stands in no list yet. `clock` runs while the case is here. With `keeps_due` the
    end of the clock before stays to be read."""

    tray: str
    label: Label
    clock: Clock | None = None
    keeps_due: bool = False


@dataclass(frozen=True)
class Act:
    """`moves` maps the states it starts from to those it leads to. `by` is a permission of web/access, or
    VISITOR or SYSTEM. With `undo` whoever did it may take it back within the minute; `done` says it."""

    name: str
    moves: Mapping[str, str]
    by: str
    undo: bool = False
    done: str = ""


def nothing(case: Any, calendar: Calendar) -> dict[str, datetime]:
    return {}


@dataclass(frozen=True)
class Kind:
    """`about` is what journal and messages call it. `also` are further columns that follow the calendar, `marks`
    those that say of whom was warned, which a new end empties. Raises ValueError when two acts say different
    things of one state, or lead nowhere."""

    name: str
    about: str
    states: Mapping[str, State]
    acts: tuple[Act, ...]
    also: Callable[[Any, Calendar], dict[str, datetime]] = nothing
    marks: tuple[str, ...] = ()
    moves: dict[tuple[str, str], str] = field(init=False)

    def __post_init__(self) -> None:
        moves: dict[tuple[str, str], str] = {}
        for act in self.acts:
            for start, end in act.moves.items():
                if (act.name, start) in moves or not {start, end} <= self.states.keys():
                    raise ValueError(f"{self.name}: {act.name} from {start} to {end}")
                moves[act.name, start] = end
        object.__setattr__(self, "moves", moves)

    def next_state(self, act: str, state: str) -> str:
        """The state `act` leads to. Raises StaleDecision when it is not declared for this state."""
        try:
            return self.moves[act, state]
        except KeyError:
            raise StaleDecision() from None

    def may(self, act: str, state: str) -> bool:
        return (act, state) in self.moves

    def act(self, name: str, state: str) -> Act | None:
        """The declaration that holds for `state`, None when there is none."""
        return next((act for act in self.acts if act.name == name and state in act.moves), None)

    def open_to(self, name: str, state: str, holds: Callable[[str], bool]) -> bool:
        """Whether somebody who holds these permissions may do it in this state."""
        act = self.act(name, state)
        return act is not None and holds(act.by)

    @property
    def labels(self) -> dict[str, Label]:
        return {name: state.label for name, state in self.states.items()}

    def tray_of(self, state: str) -> str:
        return self.states[state].tray

    def in_trays(self, *trays: str) -> tuple[str, ...]:
        """The states of these lists."""
        return tuple(name for name, state in self.states.items() if state.tray in trays)

    def clock_of(self, state: str) -> Clock | None:
        return self.states[state].clock
