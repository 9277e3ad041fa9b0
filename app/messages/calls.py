"""`Telepon pemohon`: what WhatsApp could not deliver is said by a person, and what came of it kept. Who has no WhatsApp
hears everything so: by a letter, by phone, or on coming back to the office."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import exists, func, select

from app.base import clock, journal
from app.base.database import db, end_reading, transaction
from app.base.ids import new_id
from app.base.once import insert_once
from app.base.problems import FormRejected, NotFound, StaleDecision
from app.base.services import sealer
from app.messages import states
from app.messages.addresses import CALL, LETTER, VISIT
from app.messages.audience import ARRIVED, LOST, may_see_sent, tell
from app.messages.catalogue import UNSPOKEN
from app.messages.choose_gateway import by_hand, followed, gateway
from app.messages.models import CallTask, OutboxMessage

LONGEST_NOTE = 500
# whoever opened a task has it so long: nobody else phones meanwhile
CLAIM = timedelta(minutes=15)
PAGE = 100
# WhatsApp gives no error when somebody has blocked us or the phone is gone: the message stays `sent` for ever
# (docs/whatsapp.md, facts 3, code 63014)
ARRIVES_WITHIN = timedelta(hours=48)
# what is older was dealt with long ago, or lies before this rule
LOOK_BACK = timedelta(days=14)
BATCH = 100
# called with task and staff once a call is written down (app/wiring.py)
ON_RECORDED: list[Callable[[str, object], None]] = []


@dataclass(frozen=True)
class CallOutcome:
    """`closes` ends the task; the others leave it open for another call. `leaves` is the state of a message that only
    a person could bring; what the provider says of the others stays."""

    label: str
    closes: bool
    leaves: str = states.DELIVERED


OUTCOMES: dict[str, CallOutcome] = {
    "told": CallOutcome("Sudah disampaikan kepada pemohon", closes=True),
    "family_told": CallOutcome("Disampaikan kepada keluarga: mohon pemohon menghubungi kantor", closes=True),
    "no_answer": CallOutcome("Tidak diangkat, dicoba lagi nanti", closes=False),
    "wrong_number": CallOutcome("Nomor salah atau milik orang lain, perlu disurati", closes=True, leaves=states.FAILED),
    "letter": CallOutcome("Tidak dapat dihubungi, perlu disurati", closes=True, leaves=states.FAILED),
    "posted": CallOutcome("Surat sudah dikirim", closes=True, leaves=states.SENT),
    "handed": CallOutcome("Surat sudah diserahkan kepada warga", closes=True),
    "came": CallOutcome("Sudah disampaikan di kantor", closes=True),
    "not_come": CallOutcome("Warga belum datang", closes=False),
}
BY_PHONE = ("told", "family_told", "no_answer", "wrong_number", "letter")
OFFERED = {LETTER: ("posted", "handed"), VISIT: ("came", "told", "not_come")}
WHY = {LETTER: "by_letter", CALL: "by_call", VISIT: "by_visit"}
LABELS = {**{key: outcome.label for key, outcome in OUTCOMES.items()}, ARRIVED: "Ternyata pesan sampai"}


def open_task(message_id: str, reason: str) -> None:
    """Ask for a call, inside the caller's transaction; a task closed before is opened again."""
    _ask_for(message_id, reason)
    _tell(message_id, LOST)


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
            open_task(message_id, "not_arrived")
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
            row = db.session.get(OutboxMessage, message_id, with_for_update=True, populate_existing=True)
            if row.state == states.PENDING:
                row.state, row.state_at = states.ACCEPTED, clock.now()
                _ask_for(message_id, WHY[row.channel])
    return len(ids)


def outcomes_of(task: CallTask) -> dict[str, CallOutcome]:
    """What can come of this task."""
    return {key: OUTCOMES[key] for key in OFFERED.get(task.message.channel, BY_PHONE)}


def _ask_for(message_id: str, reason: str) -> None:
    now = clock.now()
    if not insert_once(CallTask, id=new_id(), message_id=message_id, reason=reason, opened_at=now,
                       calls=0, closed_by="", outcome=""):
        task = _of_message(message_id)
        if task.closed_at is not None:
            task.opened_at, task.reason, task.calls = now, reason, 0
            task.closed_at, task.closed_by, task.outcome = None, "", ""


def close_as_arrived(message_id: str) -> None:
    """The message came through after all: nobody needs to phone."""
    task = _of_message(message_id)
    if task is not None and task.closed_at is None:
        task.closed_at, task.outcome = clock.now(), ARRIVED
        _tell(message_id, ARRIVED)


def waiting(staff) -> list[CallTask]:
    """Open tasks about messages that `staff` may see, oldest first."""
    query = _seen_by(staff).where(CallTask.closed_at.is_(None)).order_by(CallTask.opened_at, CallTask.id)
    return list(db.session.scalars(query.limit(PAGE)))


def count_waiting(staff=None) -> int:
    """Open tasks that `staff` may see; None counts all, for figures that name nobody."""
    query = select(func.count(CallTask.id)) if staff is None else _seen_by(staff).with_only_columns(func.count())
    return db.session.scalar(query.where(CallTask.closed_at.is_(None)))


def find(task_id: str, staff) -> CallTask:
    """Raises NotFound, alike for what does not exist and what this person must not see."""
    task = db.session.scalar(_seen_by(staff).where(CallTask.id == task_id))
    if task is None:
        raise NotFound()
    return task


def claim(task_id: str, staff) -> CallTask:
    """Take the task when nobody is phoning, inside the caller's transaction. Raises NotFound."""
    find(task_id, staff)
    task = db.session.get(CallTask, task_id, with_for_update=True, populate_existing=True)
    if task.closed_at is None and not holder_of(task, staff):
        task.claimed_by, task.claimed_name, task.claimed_until = staff.id, staff.name, clock.now() + CLAIM
    return task


def release(task_id: str, staff) -> None:
    with transaction():
        task = find(task_id, staff)
        if task.claimed_by == staff.id:
            _let_go(task)


def holder_of(task: CallTask, staff) -> str:
    """The name of the colleague who is phoning now; "" for nobody or oneself."""
    is_held = task.claimed_until is not None and task.claimed_until > clock.now()
    return task.claimed_name if is_held and task.claimed_by != staff.id else ""


def of_message(message_id: str) -> CallTask | None:
    return _of_message(message_id)


def note_of(task: CallTask) -> str:
    return sealer().open(task.note_sealed, f"call_task:{task.id}").decode() if task.note_sealed else ""


def record_call(task_id: str, outcome: str, note: str, staff) -> bool:
    """Write down what came of a call. True when it ended the task.

    Raises FormRejected for an outcome that is not in the list, NotFound, StaleDecision when somebody
    closed the task before.
    """
    with transaction():
        if outcome not in outcomes_of(find(task_id, staff)):
            raise FormRejected({"outcome": ["Pilih hasilnya."]})
        task = db.session.get(CallTask, task_id, with_for_update=True, populate_existing=True)
        if task.closed_at is not None:
            raise StaleDecision("Tugas ini sudah ditutup. Tidak ada yang disimpan.")
        if holder := holder_of(task, staff):
            raise StaleDecision(f"{holder} sedang menelepon orang ini. Tidak ada yang disimpan.")
        _write(task, outcome, note, journal.Actor("staff", staff.id))
        is_closed = task.closed_at is not None
    for told in ON_RECORDED:
        told(task_id, staff)
    return is_closed


def told_by_phone(message_id: str, staff) -> None:
    """Somebody was told without a task asking for it. Raises NotFound, StaleDecision."""
    with transaction():
        query = select(OutboxMessage.id).where(OutboxMessage.id == message_id, may_see_sent(staff))
        if db.session.scalar(query) is None:
            raise NotFound()
        _ask_for(message_id, "told")
        task = _of_message(message_id)
        _write(task, "told", "", journal.Actor("staff", staff.id))


def _let_go(task: CallTask) -> None:
    task.claimed_by = task.claimed_name = ""
    task.claimed_until = None


def _write(task: CallTask, outcome: str, note: str, actor: journal.Actor) -> None:
    _let_go(task)
    task.calls += 1
    task.last_call_at, task.outcome = clock.now(), outcome
    if note.strip():
        task.note_sealed = sealer().seal(note.strip()[:LONGEST_NOTE].encode(), f"call_task:{task.id}")
    if OUTCOMES[outcome].closes:
        task.closed_at, task.closed_by = clock.now(), actor.id
        _leave(task.message_id, OUTCOMES[outcome])
        _tell(task.message_id, outcome)
    journal.record(
        "applicant_called", actor=actor, about=("message", task.message_id), detail={"outcome": outcome},
    )


def _leave(message_id: str, outcome: CallOutcome) -> None:
    row = db.session.get(OutboxMessage, message_id, with_for_update=True, populate_existing=True)
    if row.channel in by_hand():
        row.state, row.state_at = outcome.leaves, clock.now()


def _tell(message_id: str, news: str) -> None:
    tell(db.session.get(OutboxMessage, message_id), news)


def _seen_by(staff):
    return select(CallTask).join(OutboxMessage, OutboxMessage.id == CallTask.message_id).where(may_see_sent(staff))


def _of_message(message_id: str) -> CallTask | None:
    return db.session.scalar(select(CallTask).where(CallTask.message_id == message_id))
