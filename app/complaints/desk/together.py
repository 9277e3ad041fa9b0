"""One answer or one apology to many complaints, such as those of one outage: each gets it in its own words and on its
own way. Those of one outage are put into one *kejadian*."""

from functools import partial

from app.base import clock
from app.casework import claims, undo
from app.casework.bulk import BulkAct, BulkDesk, Typed
from app.casework.bulk_acts import hand_out, remind, take_over
from app.casework.desk import Seen, Staff
from app.casework.labels import in_use, label_many
from app.complaints.desk import answering, incidents
from app.complaints.desk.case_desk import DESK, handlers
from app.complaints.ticket import notices
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.status import LIVE
from app.complaints.ticket.visibility import shown_contact
from app.complaints.ticket.words import OUTCOMES

APOLOGY = "Mohon maaf, kami terlambat menangani pengaduan Anda. Kami tetap mengerjakannya dan menjawab secepatnya."


def _held_elsewhere(ticket: Ticket, staff: Staff) -> str:
    holder = claims.holder_of(ticket)
    if ticket.status not in LIVE:
        return "Sudah ditutup."
    return f"Sedang dipegang {holder.name}." if holder and holder.id != staff.id else ""


def _bar(ticket: Ticket, staff: Staff) -> str:
    if reason := _held_elsewhere(ticket, staff):
        return reason
    return "" if notices.is_told(ticket) else "Pelapor tidak punya kontak: jawab di halamannya, pilih caranya."


def _answer_of(ticket: Ticket, staff: Staff, typed: Typed) -> answering.Answer:
    contact = shown_contact(ticket, staff)
    return answering.Answer(
        text=answering.fill_in(typed["text"], ticket, contact.name if contact else ""), via=answering.CHOSEN,
        final=bool(typed.get("final")), outcome=typed.get("outcome", ""), late_reason=typed.get("late_reason", ""),
    )


def _answer(ticket_id: str, version: int, staff: Staff, typed: Typed) -> dict:
    given = _answer_of(DESK.find(ticket_id, staff), staff, typed)
    answering.answer(Seen(ticket_id, version, "", staff), given)
    return {}


def _take_back(ticket_id: str, before: dict, staff: Staff) -> None:
    undo.undo(DESK, Seen(ticket_id, DESK.find(ticket_id, staff).version, "", staff))


def _late(ticket: Ticket, staff: Staff) -> str:
    if not ticket.is_open:
        return "Sudah dijawab atau ditutup."
    if ticket.warn_at is None or ticket.warn_at > clock.now():
        return "Belum terlambat."
    return _bar(ticket, staff)


def _words(ticket: Ticket, staff: Staff, typed: Typed) -> str:
    if not typed.get("text"):
        return ""
    given = _answer_of(ticket, staff, typed)
    return notices.preview(ticket, given.text, given.final).text


def _join(ticket_id: str, version: int, staff: Staff, typed: Typed) -> dict:
    before = DESK.find(ticket_id, staff).incident_id
    incidents.join(Seen(ticket_id, version, "", staff), "", typed["incident"])
    return {"incident": before or "", "onward": {"incident_id": DESK.find(ticket_id, staff).incident_id}}


def _leave(ticket_id: str, before: dict, staff: Staff) -> None:
    incidents.go_back(Seen(ticket_id, DESK.find(ticket_id, staff).version, "", staff), before["incident"])


TOGETHER = BulkDesk(
    DESK, "complaint_inbox.inbox_page", (
        hand_out(DESK, "handle_complaints", "oversee_complaints"), take_over(DESK, "oversee_complaints"),
        BulkAct(
            "jawab", "Jawab bersama", "handle_complaints", ("text", "late_reason", "final", "outcome"), _bar, _answer,
            _take_back, _words,
        ),
        label_many(DESK, "handle_complaints"), remind(DESK, "oversee_complaints"),
        BulkAct("maaf", "Minta maaf", "handle_complaints", ("text",), _late, _answer, _take_back, _words, APOLOGY),
        BulkAct(
            "kejadian", "Masukkan ke kejadian", "handle_complaints", ("incident",), _held_elsewhere, _join, _leave,
            onward=("incidents.incident_page", "Buka kejadian dan jawab semuanya"),
        ),
    ), handlers, OUTCOMES, partial(in_use, DESK.kind.about), lambda: list(incidents.offered().values()),
)
