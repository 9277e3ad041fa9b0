"""How a guarantee opens by itself and moves from one step to the next, what is told of it, and what becomes of one that
is late."""

from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Staff, may_receive
from app.base import clock, journal
from app.base.database import db, insert_once
from app.base.ids import new_id
from app.base.problems import NotFound
from app.base.services import sealer
from app.casework import watch
from app.casework.clocks import Clock
from app.casework.desk import ACTING, Desk
from app.casework.moving import locked, move, set_clock, write_beside
from app.city.office_calendar import on_change
from app.city.worktime import Calendar
from app.complaints.ticket.words import TIME
from app.guarantee import telling
from app.guarantee.models import Breach, Guarantee, GuaranteeEvent
from app.guarantee.status import APOLOGISED, CARRIED, DECLINED, GUARANTEE, LATENESS, LIVE, OPENED, PROMISE, UPHELD, VOID
from app.messages.models import OutboxMessage
from app.registration.models import Application, StatusChange
from app.registration.status import ACTIVE, COMPLETE
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


# A guarantee opens by itself, in the transaction that finds the breach: called from there (app/wiring.py).
#
# One registration has one guarantee, whatever else goes wrong with it, so that figures count it once; a further
# breach joins it. Every function here is harmless a second time.

ENDINGS = {"reject": "rejected", "return": "returned", "expire": "ended", "withdraw": "ended", "close": "ended"}
TAKEN_BACK = ("take_back", "take_back_early")


def promise_missed(application: Application, due_at: datetime) -> None:
    """The promise of a registration ended without a decision."""
    _open(application.id, None, TIME, PROMISE, promised_at=due_at, counted_from=due_at)


def complaint_upheld(
    ticket_id: str, application_id: str | None, breach: str, not_before: datetime,
) -> OutboxMessage | None:
    """An answer says that the complaint was right about one of the five. It can be taken back until `not_before`, and
    nobody is told before."""
    return _open(application_id, ticket_id, breach, UPHELD, not_before=not_before)


def lateness_told(ticket_id: str, application_id: str) -> None:
    """A resident complains that this registration is late. It joins the guarantee; it opens one only when the promise
    is broken, which nobody may have seen yet."""
    application = db.session.get(Application, application_id)
    broken = application.status == COMPLETE and application.due_at is not None and application.due_at <= clock.now()
    if broken or of_registration(application_id) is not None:
        _open(application_id, ticket_id, TIME, LATENESS, promised_at=application.due_at if broken else None)


def upheld_taken_back(ticket_id: str) -> None:
    """The answer that opened or joined was taken back within its minute."""
    now = clock.now()
    query = select(Breach).where(Breach.ticket_id == ticket_id, Breach.source == UPHELD, Breach.void_at.is_(None),
                                 Breach.shown_at > now)
    for breach in db.session.scalars(query):
        breach.void_at = now
        db.session.flush()
        guarantee = db.session.get(Guarantee, breach.guarantee_id, with_for_update=True, populate_existing=True)
        if guarantee.status == OPENED and not standing(guarantee):
            change(guarantee, "void", journal.SYSTEM)


def follow(application: Application, status_change: StatusChange) -> None:
    """What became of a registration decides whether there is something to bring."""
    if status_change.act == "submit":  # nothing was promised yet
        return
    guarantee = of_registration(application.id, lock=True)
    if guarantee is None or guarantee.status == VOID:
        return
    act = status_change.act
    if act in ENDINGS and guarantee.status in LIVE:
        guarantee.rule = ENDINGS[act]
        change(guarantee, "end", journal.SYSTEM, {"rule": guarantee.rule})
        telling.tell_apology(guarantee, application)
    elif guarantee.status == APOLOGISED and (act in TAKEN_BACK or application.status == ACTIVE):
        # a decision that was taken back, or what was returned is approved after all
        change(guarantee, "owe_again", journal.SYSTEM)
        telling.cancel_apology(guarantee)


def standing(guarantee: Guarantee) -> list[Breach]:
    query = select(Breach).where(Breach.guarantee_id == guarantee.id, Breach.void_at.is_(None)).order_by(Breach.id)
    return list(db.session.scalars(query))


def _open(
    application_id: str | None, ticket_id: str | None, breach: str, source: str, *, promised_at: datetime | None = None,
    counted_from: datetime | None = None, not_before: datetime | None = None,
) -> OutboxMessage | None:
    """The message that tells of it; None when it joined one that was told of."""
    now = clock.now()
    guarantee, is_new = _found_or_made(application_id, ticket_id, counted_from or now)
    if _is_known(guarantee, breach, source, ticket_id, promised_at):
        return None
    db.session.add(Breach(
        guarantee_id=guarantee.id, breach=breach, source=source, ticket_id=ticket_id, at=now, promised_at=promised_at,
        shown_at=not_before or now,
    ))
    db.session.flush()
    detail = {"breach": breach, "source": source, "ticket": ticket_id or ""}
    if guarantee.status == VOID:
        guarantee.status, guarantee.opened_at, guarantee.counted_from, is_new = OPENED, now, now, True
        set_clock(GUARANTEE, guarantee)
    note(guarantee, "open" if is_new else "join", journal.SYSTEM, detail)
    journal.record(
        "guarantee_open" if is_new else "guarantee_join", actor=journal.SYSTEM, about=("guarantee", guarantee.id),
        detail=detail | {"application": application_id or ""},
    )
    if is_new:
        _end_what_is_over(guarantee)
        return telling.opened(guarantee, registration_of(guarantee), breach, not_before)
    return None


def _found_or_made(
    application_id: str | None, ticket_id: str | None, counted_from: datetime,
) -> tuple[Guarantee, bool]:
    """Two that find a breach of one registration at once meet at its unique key."""
    known = of_registration(application_id, lock=True) if application_id else _of_ticket(ticket_id)
    if known is not None:
        return known, False
    now = clock.now()
    values = {"id": new_id(), "application_id": application_id, "ticket_id": ticket_id, "status": OPENED, "version": 1,
              "opened_at": now, "counted_from": counted_from, "updated_at": now}
    insert_once(Guarantee, **values)
    made = of_registration(application_id, lock=True) if application_id else _of_ticket(ticket_id)
    if made.id != values["id"]:
        return made, False
    set_clock(GUARANTEE, made)
    if made.due_at <= now:  # found so late that nobody could be told of a day that lies ahead
        made.counted_from = now
        set_clock(GUARANTEE, made)
    return made, True


def _of_ticket(ticket_id: str | None) -> Guarantee | None:
    return db.session.scalar(select(Guarantee).where(
        Guarantee.ticket_id == ticket_id, Guarantee.application_id.is_(None)
    ).with_for_update().execution_options(populate_existing=True))


def _is_known(
    guarantee: Guarantee, breach: str, source: str, ticket_id: str | None, promised_at: datetime | None,
) -> bool:
    return any(
        (one.breach, one.source, one.ticket_id) == (breach, source, ticket_id)
        and (source != PROMISE or one.promised_at == promised_at) for one in standing(guarantee)
    )


def _end_what_is_over(guarantee: Guarantee) -> None:
    """A complaint about a registration that was rejected or closed long ago is owed an apology from the start."""
    application = registration_of(guarantee)
    rule = {"rejected": "rejected", "returned": "returned", "expired": "ended", "withdrawn": "ended"}.get(
        application.status if application else "", ""
    )
    if rule:
        guarantee.rule = rule
        change(guarantee, "end", journal.SYSTEM, {"rule": rule})
