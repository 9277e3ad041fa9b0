"""Answers: written once, sent on the channel the resident chose, or said by phone or in public.

A final answer always names the way on (SP4N-LAPOR!, Ombudsman) and starts the days for objecting.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.base import clock
from app.base.problems import FormRejected
from app.base.services import city
from app.casework import claims, notes, undo
from app.casework.desk import Seen
from app.complaints.arriving.which_ticket import channel_kind
from app.complaints.desk import ready
from app.complaints.desk.acts import add_message, checked_words
from app.complaints.desk.case_desk import ANSWER_FORM, DESK
from app.complaints.ticket import notices
from app.complaints.ticket import status as st
from app.complaints.ticket.models import OUTBOUND, Ticket
from app.complaints.ticket.personal import seal_part
from app.complaints.ticket.transitions import change_status, note_event
from app.complaints.ticket.words import BREACH_OF, BREACHES, BY_PAGE, BY_PHONE, NO_BREACH, OUTCOMES, PROVEN
from app.messages.models import OutboxMessage

# rooms above act on a complaint that is upheld, inside its transaction (app/wiring.py); the message they cause, or
# None, is taken back with the answer
ON_UPHELD: list[Callable[[str, str | None, str, datetime], OutboxMessage | None]] = []
CHOSEN, PHONE, PUBLIC = "chosen", "phone", "public"
READ_OUT, POSTED, IN_PERSON, BY_PIN = "read_out", "posted", "in_person", "by_pin"
LONGEST_ANSWER = 5000
# outcome of a call -> (label, whether the resident has heard the answer)
CALLS: dict[str, tuple[str, bool]] = {
    "told": ("Sudah disampaikan kepada pelapor", True),
    "family_told": ("Disampaikan kepada keluarga, mohon pelapor menghubungi kantor", False),
    "no_answer": ("Tidak diangkat, dicoba lagi nanti", False),
    "wrong_number": ("Nomor salah", False),
}
OWN_NUMBERS = ("137", "1708", "112", "082137373737")


@dataclass(frozen=True)
class Answer:
    """`via` is one of VIA_LABELS. `final` ends the case with `outcome`; otherwise it is a
    question or an interim word. `breach` says what of the guarantee was broken when the outcome is that it is
    proven: one of BREACHES, NO_BREACH, or "" for what the category says."""

    text: str
    via: str = CHOSEN
    final: bool = True
    outcome: str = ""
    call: str = ""
    late_reason: str = ""
    breach: str = ""


def answer(seen: Seen, given: Answer) -> bool:
    """Send an answer. True when the resident has it now or will be told; False after a call that
    reached nobody, which is kept as an attempt.

    Raises FormRejected naming the field, StaleDecision, ClaimLost.
    """
    words = checked_words(given.text, "text", "Tulis jawabannya dulu.", LONGEST_ANSWER)
    check(given, words)
    with undo.doing(DESK, seen) as done:
        ticket = done.case
        _check_way(ticket, given)
        if given.via == PHONE and not CALLS[given.call][1]:
            note_event(ticket, "call", seen.actor, {"call": given.call})
            return False
        _explain(ticket, given)
        channel = _channel(ticket, given)
        message = add_message(ticket, OUTBOUND, full_words(words, given.final), channel, seen.staff, given.final)
        message.call_outcome, message.shown_at = given.call, done.not_before
        _move(ticket, seen, given)
        done.act = "answer" if given.final else "ask"
        if given.via == CHOSEN and (sent := notices.tell(ticket, words, given.final, done.not_before)):
            message.outbox_id = sent.id
            done.sent.append(sent)
        done.sent.extend(_uphold(ticket, given, done.not_before))
        notes.drop_draft(("ticket", ticket.id), ANSWER_FORM, seen.staff.id)
    return True


def _uphold(ticket: Ticket, given: Answer, not_before: datetime) -> list[OutboxMessage]:
    """What follows from a complaint that was right about the service; the messages wait for the minute."""
    breach = given.breach or BREACH_OF.get(ticket.category, NO_BREACH)
    if not given.final or given.outcome != PROVEN or breach not in BREACHES:
        return []
    sent = [listen(ticket.id, ticket.application_id, breach, not_before) for listen in ON_UPHELD]
    return [message for message in sent if message is not None]


def preview(ticket: Ticket, given: Answer) -> notices.Told:
    """What would be sent, as the resident reads it; nothing is written. Raises FormRejected without words."""
    words = checked_words(given.text, "text", "Tulis jawabannya dulu.", LONGEST_ANSWER)
    if given.via == CHOSEN:
        return notices.preview(ticket, words, given.final)
    return notices.Told(given.via, full_words(words, given.final))


def full_words(words: str, final: bool) -> str:
    """The answer as it is kept and read: a final one with the way on below it."""
    return f"{words}\n\n{notices.further_ways()}" if final else words


def is_public(ticket: Ticket) -> bool:
    """Whether an answer on the ticket's own channel can be read by anybody."""
    return next((channel.public_answers for channel in city().channels if channel.key == ticket.channel), False)


def can_answer_in_place(ticket: Ticket) -> bool:
    """Channels where an officer types the answer himself: radio, social media, LAPOR!, VIEW, the box."""
    return channel_kind(ticket.channel) in ("radio", "social", "portal", "box", "visit")


def must_explain(ticket: Ticket) -> bool:
    """Whether a final answer now needs a reason for being late."""
    return ticket.is_open and ticket.resolve_due_at <= clock.now() and ticket.late_reason_sealed is None


def fill_in(text: str, ticket: Ticket, name: str) -> str:
    """A whole answer made of a ready one."""
    inbox = city().complaint_inbox
    return f"{inbox.answer_greeting}\n\n{ready.fill_in(text, ticket, name)}\n\n{inbox.answer_closing}"


def check(given: Answer, words: str = "") -> None:
    """What can be said of an answer whatever the ticket. Raises FormRejected."""
    errors = {}
    if given.via not in VIA_LABELS:
        errors["via"] = ["Pilih bagaimana pelapor menerima jawaban ini."]
    if given.via == PHONE and given.call not in CALLS:
        errors["call"] = ["Pilih hasil teleponnya."]
    if given.final and given.outcome not in OUTCOMES:
        errors["outcome"] = ["Pilih hasil penanganannya."]
    if given.breach not in ("", NO_BREACH, *BREACHES):
        errors["breach"] = ["Pilih dari daftar."]
    if given.via in READ_BY_ALL and (found := ready.found_in(words, _own_numbers())):
        errors["text"] = [f"Jawaban ini akan dibaca umum, tetapi tampaknya memuat {' dan '.join(found)}. Hapus dulu."]
    if errors:
        raise FormRejected(errors)


def ways(ticket: Ticket) -> dict[str, str]:
    """How an answer can reach whoever reported this; the first is proposed. Without a contact of theirs there is no
    way that goes by itself."""
    kind = channel_kind(ticket.channel)
    open_ = {
        CHOSEN: notices.is_told(ticket), PHONE: True, PUBLIC: can_answer_in_place(ticket),
        READ_OUT: kind == "radio", POSTED: kind == "box", IN_PERSON: True,
        BY_PIN: ticket.entered_by is not None and ticket.answer_by == BY_PAGE,
    }
    return {way: label for way, label in VIA_LABELS.items() if open_[way]}


def _check_way(ticket: Ticket, given: Answer) -> None:
    if given.via == CHOSEN and not notices.is_told(ticket):
        raise FormRejected({"via": ["Pelapor ini tidak akan menerimanya: kami tidak punya kontak yang dapat dikirimi. "
                                    "Pilih bagaimana pelapor mendengar jawabannya."]})
    if given.via not in ways(ticket):
        raise FormRejected({"via": ["Cara ini tidak berlaku untuk saluran pengaduan ini."]})
    if given.final and must_explain(ticket) and not given.late_reason.strip():
        raise FormRejected({"late_reason": ["Jawaban ini terlambat. Tulis alasannya."]})


def _explain(ticket: Ticket, given: Answer) -> None:
    if given.late_reason.strip():
        ticket.late_reason_sealed = seal_part(ticket, "late_reason", given.late_reason.strip()[:1000])


def _channel(ticket: Ticket, given: Answer) -> str:
    if given.via == PHONE:
        return BY_PHONE
    if given.via == CHOSEN:
        return ticket.answer_by
    return BY_PAGE if given.via == BY_PIN else ticket.channel if given.via == PUBLIC else given.via


def _move(ticket: Ticket, seen: Seen, given: Answer) -> None:
    """A final answer ends the stage; any word to the resident counts as the first follow-up."""
    ticket.last_said_at = clock.now()
    if given.final:
        ticket.outcome, ticket.lost_message_id = given.outcome, None
        ticket.assigned_to = ticket.assigned_to or seen.staff.id
        claims.drop(DESK, ticket.id)
        change_status(ticket, "answer", seen.actor, {"via": given.via, "outcome": given.outcome})
        return
    if ticket.status == st.ARRIVED:
        change_status(ticket, "verify", seen.actor)
    if ticket.status == st.VERIFIED:
        change_status(ticket, "follow_up", seen.actor)
    else:
        note_event(ticket, "ask", seen.actor, {"via": given.via})


def _own_numbers() -> tuple[str, ...]:
    contacts = city().contacts
    return (*OWN_NUMBERS, contacts.phone, contacts.whatsapp, contacts.email)


VIA_LABELS: dict[str, str] = {
    CHOSEN: "Dikirim lewat", PHONE: "Sudah saya telepon", PUBLIC: "Sudah saya jawab di saluran asalnya",
    READ_OUT: "Sudah dibacakan di radio", POSTED: "Sudah ditempel di kotak saran",
    IN_PERSON: "Sudah saya sampaikan langsung", BY_PIN: "Pelapor memegang nomor dan PIN, membaca di halaman lacak",
}
READ_BY_ALL = (PUBLIC, READ_OUT, POSTED)
