"""Following a ticket by number and PIN: stages, answers, replying, judging, objecting."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from app import clock, journal, limits
from app.complaints import clocks, intake, sending
from app.complaints import status as st
from app.complaints.files import File
from app.complaints.models import NOTE, Ticket, TicketMessage
from app.complaints.personal import body_of, open_contact, open_pin, seal_part
from app.complaints.threading import by_number, find_number
from app.complaints.transitions import change_status, note_event
from app.complaints.validation import LONGEST_REPLY, words
from app.dates import show_date, show_moment
from app.extensions import db, end_reading, transaction
from app.identity.errors import FieldError
from app.problems import FormRejected, NotFound, StaleDecision

NO_MATCH = "Nomor dan PIN ini tidak cocok. Periksa lagi keduanya."
NOBODY = "000000"
RATINGS = ("1", "2", "3", "4", "5")
LONGEST_SENTENCE = 1000


@dataclass(frozen=True)
class Said:
    """One message as the resident sees it; notes of colleagues are never among them."""

    ours: bool
    text: str
    at: datetime
    message: TicketMessage


def open_ticket(number: str, pin: str, address: str) -> Ticket:
    """The ticket of number and PIN. Raises FormRejected in the same words for a wrong number and a
    wrong PIN, TooManyTries after too many misses of this address or for this number."""
    proper = find_number(number) or ""
    digits = "".join(char for char in pin if char in "0123456789")
    miss_key = proper or "none"
    for name, key in (("tracking-miss", address), ("complaint-pin-miss", miss_key)):
        if seconds := limits.seconds_to_wait(name, key):
            raise limits.TooManyTries(seconds)
    ticket = by_number(proper) if proper else None
    known = open_pin(ticket) if ticket is not None else NOBODY
    right = hmac.compare_digest(known, digits) if len(digits) == len(known) else False
    if ticket is None or not right:
        limits.hit("tracking-miss", address)
        limits.hit("complaint-pin-miss", miss_key)
        raise FormRejected({"pin": [NO_MATCH]})
    return ticket


def find(ticket_id: str) -> Ticket:
    """The ticket a browser was let in to; where it was merged, the one it lives on in."""
    ticket = db.session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFound()
    return ticket


def conversation(ticket: Ticket) -> list[Said]:
    return [
        Said(message.direction == "out", body_of(message), message.at, message)
        for message in ticket.messages if message.direction != NOTE
    ]


def stages(ticket: Ticket) -> list[tuple[str, str, str]]:
    """(state, heading, words) of each stage; state is done, now or "". The words say when it was, and of the
    present one when it ends."""
    steps = [
        ("Pengaduan diterima", ticket.received_at), ("Diperiksa dan diteruskan", ticket.verified_at),
        ("Ditindaklanjuti", ticket.followed_up_at), ("Dijawab", ticket.answered_at), ("Selesai", ticket.closed_at),
    ]
    reached = max(place for place, (_, moment) in enumerate(steps) if moment is not None)
    done = len(steps) if ticket.status in (st.CLOSED, st.MERGED) else reached + 1
    return [
        ("done" if place < done else "now" if place == done else "", heading,
         show_moment(moment) if moment else _ends(ticket) if place == done else "")
        for place, (heading, moment) in enumerate(steps)
    ]


def _ends(ticket: Ticket) -> str:
    due = show_date(ticket.due_at)
    return f"Ditutup {due} jika tidak ada balasan." if ticket.status == st.ANSWERED else f"Paling lambat {due}."


def may_go_on(ticket: Ticket) -> bool:
    """Whether a reply is taken: always while it lives, and for some days after it was closed."""
    if ticket.status in st.LIVE:
        return True
    until = clocks.reopen_until(ticket)
    return ticket.status == st.CLOSED and until is not None and clock.now() <= until


def may_rate(ticket: Ticket) -> bool:
    return ticket.first_answered_at is not None and ticket.status in (st.ANSWERED, st.CLOSED)


def reply(ticket_id: str, text: str, sent_files: list[File], submission: str, sender: str) -> Ticket:
    """The resident goes on, or objects to an answer: the case is worked on anew.

    Raises FormRejected for an empty or too long text or a bad file, StaleDecision when the time for it is over,
    TooManyTries, PhotoBusy. `sender` as in clean_photo().
    """
    sending.check_outside(sent_files)
    try:
        wanted = words(LONGEST_REPLY, "Tulis balasan Anda dulu.")(text)
    except FieldError as error:
        raise FormRejected({"reply": [error.message]}) from None
    ticket = find(ticket_id)
    if not may_go_on(ticket):
        raise StaleDecision("Pengaduan ini sudah ditutup. Silakan kirim pengaduan baru dan sebut nomor ini.")
    contact, kept_id = open_contact(ticket), ticket.id
    sending.refuse_blocked([("complaint-contact", kept_id)])
    end_reading()
    attachments = sending.open_files(sent_files, sender)
    limits.hit("complaint-contact", kept_id)
    external_id = f"reply:{kept_id}:{submission}" if submission else ""
    return intake.receive("web", contact, wanted, attachments, external_id=external_id, into=kept_id)


def rate(ticket_id: str, rating: str, sentence: str, settled: bool) -> None:
    """One to five and a sentence, once an answer was given. `settled` closes the case at once.

    Raises FormRejected, StaleDecision while nothing was answered.
    """
    if rating not in RATINGS:
        raise FormRejected({"rating": ["Pilih satu angka dari 1 sampai 5."]})
    try:
        kept = words(LONGEST_SENTENCE, "")(sentence)
    except FieldError as error:
        raise FormRejected({"sentence": [error.message]}) from None
    with transaction():
        ticket = find(ticket_id)
        if not may_rate(ticket):
            raise StaleDecision("Pengaduan ini belum dijawab, jadi belum dapat dinilai.")
        ticket.rating, ticket.rated_at = int(rating), clock.now()
        ticket.rating_sealed = seal_part(ticket, "rating", kept) if kept else None
        note_event(ticket, "rate", journal.VISITOR, {"rating": ticket.rating})
        if settled and st.may("confirm", ticket.status):
            change_status(ticket, "confirm", journal.VISITOR)
