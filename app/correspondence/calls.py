"""`Telepon pemohon`: what WhatsApp could not deliver is said by a person, and what came of it kept. Who has no WhatsApp
hears everything so: by a letter, by phone, or on coming back to the office."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, func, select

from app.accounts.models import Staff, may_receive
from app.base import clock, journal
from app.base.database import db, end_reading, insert_once, transaction
from app.base.ids import new_id
from app.base.problems import FormRejected, NotFound
from app.base.services import sealer
from app.casework import claims, watch
from app.casework.acting import acting
from app.casework.desk import ACTING, Desk, Seen
from app.casework.kept import NOW
from app.casework.moving import locked, set_clock
from app.correspondence.call_task import (
    BY_PHONE,
    CALLS,
    MAY,
    OFFERED,
    OPEN,
    OUTCOMES,
    WAITING,
    WHY,
    CallOutcome,
    CallTask,
)
from app.messages import states
from app.messages.audience import ARRIVED, LOST, may_see_sent, tell
from app.messages.catalogue import UNSPOKEN
from app.messages.choose_gateway import by_hand, channel_of, followed, gateway
from app.messages.models import OutboxMessage

LONGEST_NOTE = 500
# WhatsApp gives no error when somebody has blocked us or the phone is gone: the message stays `sent` for ever
# (docs/whatsapp.md, facts 3, code 63014)
ARRIVES_WITHIN = timedelta(hours=48)
# what is older was dealt with long ago, or lies before this rule
LOOK_BACK = timedelta(days=14)
BATCH = 100
NOT_ARRIVED = "not_arrived"


def find(task_id: str, staff: Staff) -> CallTask:
    """Raises NotFound, alike for what does not exist and what this person must not see."""
    task = db.session.scalar(select(CallTask).where(CallTask.id == task_id, seen_by(staff)))
    if task is None:
        raise NotFound()
    return task


DESK = Desk(
    CALLS, CallTask, "Panggilan ini", find=find, claimable=WAITING, claim_on=ACTING,
    receives=lambda task, staff_id: may_receive(staff_id, MAY),
)
WATCH = watch.follows_the_calendar(watch.Watch(CALLS, CallTask, ("opened_at",)))


def follow(message: OutboxMessage, news: str) -> None:
    """What became of a message (app/messages/audience.py), inside the transaction that learned it. About a letter
    nobody phones: whoever it is about hears of it."""
    if not channel_of(message).followed:
        return
    if news == LOST:
        _ask_for(message.id, message.error_code or NOT_ARRIVED)
    elif news == ARRIVED:
        _close_as_arrived(message.id)


def open_task(message_id: str, reason: str) -> None:
    """Ask for a call, inside the caller's transaction; a task closed before is opened again."""
    _ask_for(message_id, reason)
    tell(db.session.get(OutboxMessage, message_id), LOST)


def ask_about_undelivered() -> int:
    """Open a task for each message that left us, and should have arrived by now. Returns how many."""
    now, sure = clock.now(), [key for key in followed() if gateway(key).capabilities.receipts]
    query = select(OutboxMessage.id).where(
        OutboxMessage.channel.in_(sure),
        OutboxMessage.state.in_(states.ON_THE_WAY), OutboxMessage.template.not_in(UNSPOKEN),
        OutboxMessage.state_at < now - ARRIVES_WITHIN, OutboxMessage.state_at > now - LOOK_BACK,
        ~exists().where(CallTask.message_id == OutboxMessage.id),
    )
    ids = list(db.session.scalars(query.limit(BATCH)))
    end_reading()
    for message_id in ids:
        with transaction():
            open_task(message_id, NOT_ARRIVED)
    return len(ids)


def ask_by_hand() -> int:
    """Open a task for each message that is due and that only a person can bring. Returns how many."""
    due = select(OutboxMessage.id).where(
        OutboxMessage.channel.in_(by_hand()), OutboxMessage.state == states.PENDING,
        OutboxMessage.next_try_at <= clock.now(),
    )
    ids = list(db.session.scalars(due.order_by(OutboxMessage.next_try_at).limit(BATCH)))
    end_reading()
    for message_id in ids:
        with transaction():
            row = locked(OutboxMessage, message_id)
            if row.state == states.PENDING:
                row.state, row.state_at = states.ACCEPTED, clock.now()
                _ask_for(message_id, WHY[row.channel])
    return len(ids)


def outcomes_of(task: CallTask) -> dict[str, CallOutcome]:
    """What can come of this task."""
    return {key: OUTCOMES[key] for key in OFFERED.get(task.message.channel, BY_PHONE)}


def count_waiting(staff: Staff | None = None) -> int:
    """Open tasks that `staff` may see; None counts all, for figures that name nobody."""
    return db.session.scalar(select(_number(*([] if staff is None else [seen_by(staff)]))))


def count_for(staff: Staff) -> ColumnElement[int]:
    """Open tasks that `staff` may see, as part of a statement."""
    return _number(seen_by(staff))


def is_urgent(staff: Staff) -> ColumnElement[bool]:
    """Whether the first of them is near its end or past it."""
    return exists().where(CallTask.status.in_(WAITING), CallTask.warn_at <= NOW, seen_by(staff))


def _number(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count(CallTask.id)).where(CallTask.status.in_(WAITING), *conditions).scalar_subquery()


def seen_by(staff: Staff):
    """A condition: calls are shown to whom the message is."""
    return exists().where(OutboxMessage.id == CallTask.message_id, may_see_sent(staff))


def release(task_id: str, staff: Staff) -> None:
    with transaction():
        find(task_id, staff)
        claims.drop(DESK, task_id, CallTask.claimed_by == staff.id)


def of_message(message_id: str) -> CallTask | None:
    return db.session.scalar(select(CallTask).where(CallTask.message_id == message_id))


def of_messages(message_ids: Sequence[str]) -> dict[str, CallTask]:
    """Message -> its task, for those that have one."""
    query = select(CallTask).where(CallTask.message_id.in_(message_ids))
    return {task.message_id: task for task in db.session.scalars(query)} if message_ids else {}


def note_of(task: CallTask) -> str:
    return sealer().open(task.note_sealed, f"call_task:{task.id}").decode() if task.note_sealed else ""


def record_call(seen: Seen, outcome: str, note: str) -> bool:
    """Write down what came of a call. True when it ended the task.

    Raises FormRejected for an outcome that is not in the list, NotFound, StaleDecision when the task is another one by
    now, ClaimLost while a colleague is phoning.
    """
    if outcome not in outcomes_of(find(seen.case_id, seen.staff)):
        raise FormRejected({"outcome": ["Pilih hasilnya."]})
    with acting(DESK, seen) as task:
        _write(task, outcome, note, seen.actor)
        return task.status not in WAITING


def told_by_phone(message_id: str, staff: Staff) -> None:
    """Somebody was told without a task asking for it. Raises NotFound, StaleDecision."""
    with transaction():
        query = select(OutboxMessage.id).where(OutboxMessage.id == message_id, may_see_sent(staff))
        if db.session.scalar(query) is None:
            raise NotFound()
        _ask_for(message_id, "told")
        task = _locked(message_id)
        _write(task, "told", "", journal.Actor("staff", staff.id))


def _locked(message_id: str) -> CallTask | None:
    task = of_message(message_id)
    return locked(CallTask, task.id) if task is not None else None


def _ask_for(message_id: str, reason: str) -> None:
    now = clock.now()
    is_new = insert_once(
        CallTask, id=new_id(), message_id=message_id, reason=reason, opened_at=now, status=OPEN, version=1, calls=0,
        closed_by="", outcome="",
    )
    task = _locked(message_id)
    if not is_new and task.status not in WAITING:
        task.status = CALLS.next_state("ask_again", task.status)
        task.opened_at, task.reason, task.calls = now, reason, 0
        task.closed_at, task.closed_by, task.outcome = None, "", ""
    if is_new or task.opened_at == now:
        set_clock(CALLS, task)


def _close_as_arrived(message_id: str) -> None:
    """The message came through after all: nobody needs to phone."""
    task = _locked(message_id)
    if task is not None and task.status in WAITING:
        _end(task, ARRIVED, "")


def _write(task: CallTask, outcome: str, note: str, actor: journal.Actor) -> None:
    task.calls += 1
    task.last_call_at = clock.now()
    if note.strip():
        task.note_sealed = sealer().seal(note.strip()[:LONGEST_NOTE].encode(), f"call_task:{task.id}")
    _end(task, outcome, actor.id)
    claims.let_go(DESK, task)
    journal.record(
        "applicant_called", actor=actor, about=("message", task.message_id), detail={"outcome": outcome},
    )
    if OUTCOMES[outcome].closes:
        row = locked(OutboxMessage, task.message_id)
        if row.channel in by_hand():
            row.state, row.state_at = OUTCOMES[outcome].leaves, clock.now()
        tell(row, outcome)


def _end(task: CallTask, outcome: str, by: str) -> None:
    task.status, task.outcome = CALLS.next_state(outcome, task.status), outcome
    if task.status not in WAITING:
        task.closed_at, task.closed_by = clock.now(), by
    set_clock(CALLS, task)
