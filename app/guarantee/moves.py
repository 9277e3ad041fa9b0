"""Moving a guarantee from one step to the next, what is told of it, and what becomes of one that is late."""

from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Staff, may_receive
from app.base import clock, journal
from app.base.database import db
from app.base.problems import NotFound
from app.base.services import sealer
from app.casework import watch
from app.casework.clocks import Clock
from app.casework.desk import ACTING, Desk
from app.casework.moving import locked, move, write_beside
from app.city.office_calendar import on_change
from app.city.worktime import Calendar
from app.guarantee.models import Guarantee, GuaranteeEvent
from app.guarantee.status import CARRIED, DECLINED, GUARANTEE, LIVE, OPENED, VOID
from app.registration.models import Application
from app.web.access import holds

CLOSED_BY = ("deliver", "decline", "apologise", "end")


def change(
    guarantee: Guarantee, act: str, actor: journal.Actor, detail: dict | None = None, once: str | None = None,
    happened_at: datetime | None = None,
) -> GuaranteeEvent:
    """Inside the caller's transaction. Raises StaleDecision when it is not allowed now. `detail`: codes and ids."""
    def write(guarantee: Guarantee, act: str, before: str, actor: journal.Actor) -> GuaranteeEvent:
        return note(guarantee, act, actor, detail, once, happened_at, before)

    return move(GUARANTEE, guarantee, act, actor, entered=_note_moments, write=write, detail=detail)


def note(
    guarantee: Guarantee, act: str, actor: journal.Actor, detail: dict | None = None, once: str | None = None,
    happened_at: datetime | None = None, before: str | None = None,
) -> GuaranteeEvent:
    """What happened without a step, beside it."""
    now = clock.now()
    event = GuaranteeEvent(
        guarantee_id=guarantee.id, act=act, from_status=before or guarantee.status, to_status=guarantee.status, at=now,
        happened_at=happened_at or now, actor_kind=actor.kind, actor_id=actor.id, detail=detail or {}, once=once,
    )
    db.session.add(event)
    return event


def _note_moments(guarantee: Guarantee, act: str, before: str, actor: journal.Actor) -> None:
    now = clock.now()
    if guarantee.status == OPENED:
        guarantee.rule, guarantee.closed_at, guarantee.counted_from = "", None, now
    if act in CLOSED_BY:
        guarantee.closed_at = now
    if guarantee.status != CARRIED:
        guarantee.handover_sealed = None


def registration_of(guarantee: Guarantee) -> Application | None:
    return db.session.get(Application, guarantee.application_id) if guarantee.application_id else None


def of_registration(application_id: str, lock: bool = False) -> Guarantee | None:
    query = select(Guarantee).where(Guarantee.application_id == application_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def seal(guarantee: Guarantee, part: str, value: bytes) -> bytes:
    return sealer().seal(value, f"guarantee:{guarantee.id}:{part}")


def unseal(guarantee: Guarantee, part: str, value: bytes | None) -> bytes:
    """b"" for nothing."""
    return sealer().open(value, f"guarantee:{guarantee.id}:{part}") if value is not None else b""


def handover_code(guarantee: Guarantee) -> str:
    """Six digits, "" while nobody carries the letter."""
    return unseal(guarantee, "handover", guarantee.handover_sealed).decode()


def find(guarantee_id: str, staff: Staff | None = None, lock: bool = False) -> Guarantee:
    guarantee = locked(Guarantee, guarantee_id) if lock else db.session.get(Guarantee, guarantee_id)
    if guarantee is None or guarantee.status == VOID:
        raise NotFound()
    return guarantee


def _bar(guarantee: Guarantee, staff: Staff) -> str | None:
    return None if holds(staff, "handle_guarantees") else "Jaminan ditangani petugas, operator, dan pengawas."


DESK = Desk(
    GUARANTEE, Guarantee, "Jaminan ini", find=find, bar=_bar, claimable=(*LIVE, DECLINED), claim_on=ACTING,
    receives=lambda guarantee, staff_id: may_receive(staff_id, "handle_guarantees"),
)


def record_warnings() -> int:
    """A worker's job; returns how many are new."""
    return watch.record_warnings(WATCH)


@on_change
def follow_calendar(calendar: Calendar) -> None:
    watch.follow_calendar(WATCH, calendar)


def _warned(guarantee: Guarantee, level: str, running: Clock) -> bool:
    if level == watch.NEAR or guarantee.late_at is not None:
        return False
    write_beside(Guarantee, Guarantee.id == guarantee.id, late_at=clock.now())
    journal.record("guarantee_late", actor=journal.SYSTEM, about=("guarantee", guarantee.id))
    return True


WATCH = watch.Watch(GUARANTEE, Guarantee, ("counted_from",), _warned)
