"""`/petugas/telepon`: whom to phone because a message did not arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import NotFound
from app.casework import claims, lists
from app.casework.attempt import Refusal, attempt, read_seen, typed_words
from app.casework.claims import Holder
from app.casework.clocks import TimeLeft, time_left
from app.casework.history import Step, of_journal
from app.casework.list_page import ListPage, serve_list
from app.casework.lists import CaseList, Column, Look, Order, Tab
from app.casework.narrowing import by_time
from app.city.office_calendar import calendar_for
from app.correspondence import calls
from app.correspondence.call_task import CLOSED, LABELS, OUTCOMES, WAITING, CallTask
from app.identity.mask import show_phone
from app.messages import texts
from app.messages.addresses import LETTER, has_number
from app.messages.catalogue import MESSAGES, title_of
from app.messages.choose_gateway import error_for
from app.messages.models import OutboxMessage
from app.messages.outbox import UNREADABLE, Payload, readable_payload, recipient_of
from app.web.access import staff
from app.web.htmx import go_to

# What the pages of the call tasks show: the list, and one task, opened.


@dataclass(frozen=True)
class Line:
    """One line of the list; the number is cut short. `left` is None once the task is closed."""

    id: str
    title: str
    recipient: str
    reason: str
    opened_at: datetime
    calls: int
    outcome: str
    left: TimeLeft | None
    holder: str
    channel: str


@dataclass(frozen=True)
class OpenedCall:
    """One task, opened: `number` and `to_say` are whole. `number` is empty when WhatsApp hides it, and while a
    colleague is phoning: then `token` is "" and `holder` is not this person. `envelope` is name and address of a
    letter, line by line."""

    task: CallTask
    title: str
    name: str
    number: str
    to_say: str
    note: str
    message: OutboxMessage
    holder: Holder | None
    token: str
    left: TimeLeft | None
    history: tuple[Step, ...]
    envelope: tuple[str, ...] = ()


def open_call(task_id: str, staff: Staff) -> OpenedCall:
    """Everything needed to phone; whoever opens it has it, and nobody else phones meanwhile. Seeing the number is a
    journal line (UU 27/2022 art. 31)."""
    with transaction():
        task = calls.find(task_id, staff)
        token = claims.take(calls.DESK, task.id, staff.id) if task.status in WAITING else None
        journal.record("call_task_viewed", actor=journal.Actor("staff", staff.id), about=("message", task.message_id))
    task = calls.find(task_id, staff)
    row, waits = task.message, task.status in WAITING
    message, payload = MESSAGES.get(row.template), readable_payload(row) or Payload("", {})
    spoken = message is not None and payload.to and texts.for_speaking(message, payload.variables)
    open_ = bool(token) or not waits
    return OpenedCall(
        task=task, title=title_of(row.template), name=payload.variables.get("nama", ""),
        number=show_phone(payload.to) if has_number(payload.to) and open_ else "",
        to_say=texts.spoken_text(message, spoken, row.channel) if spoken else UNREADABLE,
        note=calls.note_of(task), message=row, holder=claims.holder_of(task), token=token or "",
        left=time_left(task.due_at, task.warn_at) if waits else None, history=of_journal(("message", row.id)),
        envelope=tuple(payload.to.split("\n")) if row.channel == LETTER and open_ else (),
    )


def _lines(rows: Sequence[Any], tab: str, look: Look) -> list[Line]:
    names, calendar = lists.staff_names(), calendar_for()
    ids = [row.message_id for row in rows]
    messages = {row.id: row for row in db.session.scalars(select(OutboxMessage).where(OutboxMessage.id.in_(ids)))}
    return [
        Line(
            row.id, title_of(messages[row.message_id].template), recipient_of(messages[row.message_id]), row.reason,
            row.opened_at, row.calls, row.outcome,
            time_left(row.due_at, row.warn_at, calendar) if row.status in WAITING else None,
            names.get(claims.holder_id(row), ""), messages[row.message_id].channel,
        )
        for row in rows
    ]


def _waiting(look: Look) -> list[tuple]:
    return [(CallTask.status == status,) for status in WAITING]


def _for_me(look: Look) -> list[tuple]:
    free = claims.free_for(CallTask, look.staff.id, look.now)
    return [(CallTask.status == status, free) for status in WAITING]


BY_WAIT = Order((CallTask.opened_at, CallTask.id))
CALLS_LIST = CaseList(
    "calls", CallTask,
    (
        CallTask.id, CallTask.message_id, CallTask.status, CallTask.reason, CallTask.opened_at, CallTask.calls,
        CallTask.outcome, CallTask.due_at, CallTask.warn_at, CallTask.claimed_by, CallTask.claim_until,
    ),
    {
        "untuk-saya": Tab("Untuk saya", _for_me, empty="Jika sebuah pesan gagal terkirim, tugasnya muncul di sini."),
        "terbuka": Tab("Terbuka", _waiting, empty="Jika sebuah pesan gagal terkirim, tugasnya muncul di sini."),
        "selesai": Tab("Selesai", lambda look: [(CallTask.status == CLOSED,)], is_counted=False,
                       order=Order((CallTask.closed_at, CallTask.id), newest_first=True)),
    },
    BY_WAIT, _lines, first="untuk-saya",
    columns=(
        Column("Cara"), Column("Sejak", "sejak"), Column("Pesan"), Column("Kepada"), Column("Sebab"),
        Column("Sudah dicoba"), Column("Sisa waktu"), Column("Dipegang"),
    ),
    sorts={"sejak": BY_WAIT}, filters={"sisa": by_time(CallTask)},
    seen=lambda look: (calls.seen_by(look.staff),),
)


blueprint = Blueprint("calls", __name__, url_prefix="/petugas/telepon")
CALLS = ListPage(
    CALLS_LIST, "notifications/calls.html", page="calls.tasks",
    case="calls.task", case_id_name="task_id", context=lambda: {"error_for": error_for, "labels_of_calls": LABELS},
)


serve_list(blueprint, CALLS, "tell_applicant")


@blueprint.get("/<task_id>")
@staff("tell_applicant")
def task(task_id: str):
    return _call_page(task_id)


@blueprint.post("/<task_id>")
@staff("tell_applicant")
def record(task_id: str):
    def then(closed: bool):
        flash("Tugas selesai. Terima kasih." if closed else "Dicatat. Tugas tetap ada untuk dicoba lagi.")
        return go_to(url_for("calls.tasks"))

    outcome, note = request.form.get("outcome", ""), request.form.get("note", "")
    seen = read_seen(task_id, current_user)
    return attempt(lambda: calls.record_call(seen, outcome, note), then, lambda refusal: _call_page(task_id, refusal))


@blueprint.get("/<task_id>/surat")
@staff("tell_applicant")
def letter(task_id: str):
    """What is said, on one sheet of paper."""
    call = open_call(task_id, current_user)
    if not call.envelope:
        raise NotFound()
    return render_template("notifications/letter.html", call=call, now=clock.now())


@blueprint.post("/<task_id>/lepas")
@staff("tell_applicant")
def release(task_id: str):
    calls.release(task_id, current_user)
    return redirect(url_for("calls.tasks"), 303)


def _call_page(task_id: str, refusal: Refusal | None = None):
    words = {key: outcome.label for key, outcome in OUTCOMES.items()}
    call = open_call(task_id, current_user)
    page = render_template(
        "notifications/call.html", call=call, outcomes=calls.outcomes_of(call.task),
        labels_of_calls=LABELS, error_for=error_for, refusal=refusal, typed=request.form,
        typed_before=typed_words({"outcome": "Hasil", "note": "Catatan"}, words),
    )
    return make_response(page, refusal.status if refusal else 200)
