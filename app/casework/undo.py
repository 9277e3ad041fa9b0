"""Taking one's own act back within a minute: before the message has left, and leaving both in the journal.

While the minute runs the resident is told what stood before, and of an act that was taken back nothing.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from app.base import clock
from app.base.database import db, once_a_page, transaction
from app.base.problems import StaleDecision
from app.casework import claims
from app.casework.acting import acting
from app.casework.desk import Desk, Seen, Staff
from app.casework.models import CaseAct
from app.casework.moving import Case, locked
from app.casework.notes import About
from app.messages import delivery, states
from app.messages.models import OutboxMessage

MINUTE = timedelta(seconds=60)
CANCELLED_AS = "taken_back"


class TooLate(StaleDecision):
    message = "Keputusan ini tidak dapat dibatalkan lagi."


@dataclass
class Doing:
    """An act that can be taken back once `act` names it; `sent` are the messages it caused, which wait until
    `not_before`. `event_id` is the kind's own row of the act."""

    case: Case
    not_before: datetime
    act: str = ""
    event_id: int = 0
    sent: list[OutboxMessage] = field(default_factory=list)


@contextmanager
def doing(desk: Desk, seen: Seen) -> Iterator[Doing]:
    """`acting` for what may be taken back: how the case stood is kept with it."""
    with acting(desk, seen) as case:
        before = {name: _plain(getattr(case, name)) for name in desk.kept}
        now = clock.now()
        done = Doing(case, now + MINUTE)
        yield done
        if done.act:
            db.session.flush()
            db.session.add(CaseAct(
                about_kind=desk.kind.about, case_id=case.id, act=done.act, event_id=done.event_id, at=now,
                staff_id=seen.staff.id, version=case.version, before=before, messages=[row.id for row in done.sent],
            ))


def open_until(desk: Desk, case: Case, staff: Staff) -> datetime | None:
    """Until when this person may take the last act back; None when there is nothing to take back."""
    done = pending((desk.kind.about, case.id))
    if done is None or done.staff_id != staff.id or done.version != case.version:
        return None
    return done.at + MINUTE


def undo(desk: Desk, seen: Seen) -> CaseAct:
    """Restore how the case stood before one's last act and cancel its messages. Raises TooLate, StaleDecision."""
    with transaction():
        case = locked(desk.model, seen.case_id)
        desk.find(seen.case_id, seen.staff)
        if case.version != seen.version:
            raise StaleDecision()
        if open_until(desk, case, seen.staff) is None:
            raise TooLate()
        done = pending((desk.kind.about, case.id))
        for message_id in done.messages:
            cancel_message(message_id)
        desk.undo(case, done, seen.actor)
        done.undone_at = clock.now()
        claims.take(desk, case.id, seen.staff.id)
        return done


PENDING = select(CaseAct).where(
    CaseAct.about_kind == bindparam("about"), CaseAct.case_id == bindparam("case"),
    CaseAct.at > bindparam("since"), CaseAct.undone_at.is_(None),
).order_by(CaseAct.id.desc()).limit(1)


@once_a_page
def pending(about: About) -> CaseAct | None:
    """The newest act, while it can still be taken back."""
    return db.session.scalar(PENDING, {"about": about[0], "case": about[1], "since": clock.now() - MINUTE})


def as_told(about: About, case: Case) -> Case:
    """The case as its resident may see it: as it stood before an act that can still be taken back. Once more has
    happened, the resident's own act for one, it cannot, and all is told."""
    done = pending(about)
    if done is None or done.version != case.version:
        return case
    return Told(case, {name: _value(kept) for name, kept in done.before.items()})


def hidden_messages(about: About, case: Case) -> set[str]:
    """Ids of messages the resident is not told of: they wait for the minute, or were taken back with an act."""
    return {one for done in _untold(about, case) for one in done.messages}


def hidden_events(about: About, case: Case) -> set[int]:
    """Ids of the kind's own rows of such acts."""
    return {done.event_id for done in _untold(about, case)}


def _untold(about: About, case: Case) -> list[CaseAct]:
    since = clock.now() - MINUTE
    acts = db.session.scalars(select(CaseAct).where(CaseAct.about_kind == about[0], CaseAct.case_id == about[1]))
    return [done for done in acts if done.undone_at or (done.at > since and done.version == case.version)]


def restore(case: Case, done: CaseAct) -> None:
    """Write back how the case stood, inside the caller's transaction."""
    for name, kept in done.before.items():
        setattr(case, name, _value(kept))


class Told:
    """A case with some columns as they stood before; everything else is the case itself."""

    def __init__(self, case: Case, before: dict[str, Any]):
        self.__dict__.update(before)
        self._case = case

    def __getattr__(self, name: str) -> Any:
        return getattr(self._case, name)


def cancel_message(message_id: str) -> None:
    """It is not sent, inside the caller's transaction. Raises TooLate."""
    message = delivery.locked(message_id)
    if message is None or message.state == states.CANCELLED:
        return
    if message.state != states.PENDING:
        raise TooLate("Pesan sudah dikirim, jadi keputusan ini tidak dapat dibatalkan lagi.")
    delivery.cancel(message, CANCELLED_AS)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return {"bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _value(kept: Any) -> Any:
    if isinstance(kept, dict):
        return datetime.fromisoformat(kept["at"]) if "at" in kept else base64.b64decode(kept["bytes"])
    return kept
