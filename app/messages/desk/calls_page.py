"""What the pages of the call tasks show."""

from dataclasses import dataclass
from datetime import datetime

from app.base import journal
from app.base.database import transaction
from app.identity.mask import show_phone
from app.messages import calls, texts
from app.messages.addresses import LETTER, has_number
from app.messages.catalogue import MESSAGES, title_of
from app.messages.models import CallTask, OutboxMessage
from app.messages.outbox import UNREADABLE, Payload, readable_payload, recipient_of


@dataclass(frozen=True)
class Waiting:
    """One line of the list; the number is cut short."""

    id: str
    title: str
    recipient: str
    reason: str
    opened_at: datetime
    calls: int
    holder: str
    channel: str


@dataclass(frozen=True)
class Call:
    """One task, opened: `number` and `to_say` are whole. `number` is empty when WhatsApp hides it, and while `holder`,
    a colleague, is phoning. `envelope` is name and address of a letter, line by line."""

    task: CallTask
    title: str
    name: str
    number: str
    to_say: str
    note: str
    message: OutboxMessage
    holder: str
    envelope: tuple[str, ...] = ()


def waiting(staff) -> list[Waiting]:
    return [
        Waiting(task.id, title_of(task.message.template), recipient_of(task.message),
                task.reason, task.opened_at, task.calls, calls.holder_of(task, staff), task.message.channel)
        for task in calls.waiting(staff)
    ]


def open_call(task_id: str, staff) -> Call:
    """Everything needed to phone; whoever opens it has it (calls.CLAIM). Seeing the number is a journal line
    (UU 27/2022 art. 31)."""
    with transaction():
        task = calls.claim(task_id, staff)
        holder = calls.holder_of(task, staff)
        journal.record("call_task_viewed", actor=journal.Actor("staff", staff.id), about=("message", task.message_id))
    row = task.message
    message, payload = MESSAGES.get(row.template), readable_payload(row) or Payload("", {})
    spoken = message is not None and payload.to and texts.for_speaking(message, payload.variables)
    return Call(
        task=task, title=title_of(row.template), name=payload.variables.get("nama", ""),
        number=show_phone(payload.to) if has_number(payload.to) and not holder else "",
        to_say=texts.spoken_text(message, spoken, row.channel) if spoken else UNREADABLE,
        note=calls.note_of(task), message=row, holder=holder,
        envelope=tuple(payload.to.split("\n")) if row.channel == LETTER and not holder else (),
    )
