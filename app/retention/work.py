"""The shape of one kind's work, shared by the modules that do it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select

from app.base import journal
from app.retention.rules import Rule

BATCH = 500


@dataclass(frozen=True)
class Work:
    """`due` selects (id, moment of the event) before a limit, the oldest first; `erase` erases those
    ids and returns how many, each act proved by a journal line. Rows that are nobody's case go
    `in_batches`, all others one at a time, so that one that cannot be erased holds up no other.

    Erasing is repeatable: files go first, then the row says so, so that a crash between the two
    leaves work for the next run and never a file that nobody knows (the row still names it).
    """

    rule: Rule
    due: Callable[[datetime], Select]
    erase: Callable[[Sequence], int]
    in_batches: bool = False


def prove(action: str, reason: str, about: tuple[str, str], **detail) -> None:
    """The line of proof, inside the caller's transaction: hashes, counts and codes only."""
    journal.record(action, actor=journal.SYSTEM, about=about, detail={"reason": reason, **detail})


def prove_many(rule: Rule, count: int) -> None:
    """One line for a batch of rows that are nobody's case."""
    prove("rows_erased", rule.key, ("retention", rule.key), rows=count)
