"""Following a ticket by number and PIN: stages, answers, replying, judging, objecting."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.base import clock, journal, limits
from app.base.database import db, end_reading, transaction
from app.base.ids import OLD_TICKET_PIN, TICKET_PIN
from app.base.problems import FormRejected, NotFound, StaleDecision
from app.base.services import sealer
from app.casework import undo
from app.casework.moving import locked
from app.city.dates import show_date, show_moment
from app.complaints.arriving import intake, web_form
from app.complaints.arriving.validation import LONGEST_REPLY, words
from app.complaints.arriving.which_ticket import LONGEST_CHAIN, by_number, find_number
from app.complaints.ticket import notices, status, timekeeping
from app.complaints.ticket.doubts import is_open, is_owners
from app.complaints.ticket.files import File
from app.complaints.ticket.models import NOTE, Ticket, TicketMessage
from app.complaints.ticket.personal import body_of, open_contact, open_pin, seal_part
from app.complaints.ticket.transitions import change_status, note_event
from app.complaints.ticket.words import DISMISSALS_TOLD, NOT_A_CASE
from app.guessing import budgets, step_codes
from app.guessing.budgets import Mark, Visitor
from app.guessing.step_codes import StepNeeded
from app.identity.findings import FieldError

NO_MATCH = "Nomor dan PIN ini tidak cocok. Periksa lagi keduanya."
NOBODY = "-" * TICKET_PIN
RATINGS = ("1", "2", "3", "4", "5")
LONGEST_SENTENCE = 1000
# called with each ticket that was rated, inside the transaction (app/wiring.py)
ON_RATING: list[Callable[[Ticket], None]] = []
UNSURE = ("Pesan ini datang dari alamat atau nomor yang belum kami pastikan sebagai milik Anda. Isinya kami tampilkan "
          "setelah dipastikan petugas.")


@dataclass(frozen=True)
class Said:
    """One message as the resident sees it; notes of colleagues are never among them. `is_mine` is false
    while nobody has said whose words these are."""

    ours: bool
    text: str
    at: datetime
    message: TicketMessage
    is_mine: bool = True


@dataclass(frozen=True)
class LetIn:
    """The ticket, and by what this browser is known from now on."""

    ticket: Ticket
    mark: Mark


def let_in(number: str, pin: str, visitor: Visitor) -> LetIn:
    """The ticket of number and PIN. Raises FormRejected in the same words for a wrong number and a
    wrong PIN; StepNeeded alike for right and wrong once strangers have spent theirs (docs/limits.md)."""
    proper = find_number(number) or ""
    digits = "".join(char for char in pin[:40] if char in "0123456789")
    if not proper or len(digits) not in (TICKET_PIN, OLD_TICKET_PIN):
        raise _no_match()  # no try: nothing like it exists
    ticket = by_number(proper)
    known = open_pin(ticket) if ticket is not None else NOBODY
    ticket_id, mark = (ticket.id, mark_of(ticket)) if ticket is not None else (None, None)
    end_reading()
    lock = budgets.OLD_TICKET if len(known) == OLD_TICKET_PIN else budgets.TICKET
    guess = budgets.begin(lock, _index(proper), mark, visitor)
    is_right = ticket_id is not None and hmac.compare_digest(known, digits)
    if not guess.alone:
        raise StepNeeded(_one_step_more(proper, ticket_id if is_right else None, mark))
    if not is_right:
        budgets.wrong(guess)
        raise _no_match()
    budgets.right(guess)
    return LetIn(find(ticket_id), mark)


def finish_opening(step_token: str, typed_code: str) -> LetIn:
    """The second half after StepNeeded. Raises FormRejected for a wrong code, StepOver."""
    step = step_codes.spend_try(step_token, budgets.TICKET)
    ticket = db.session.get(Ticket, step.subject)
    if ticket is None or not step_codes.is_code(step, typed_code):
        raise FormRejected({"code": [step_codes.WRONG]})
    end_reading()
    step_codes.use_up(step)
    ticket = find(step.subject)
    return LetIn(ticket, mark_of(ticket))


def mark_of(ticket: Ticket) -> Mark:
    """By what a browser of this ticket is known."""
    return budgets.mark_of(budgets.TICKET, _index(ticket.number), ticket.id)


def _index(number: str) -> str:
    return sealer().index("ticket-number", number)


def _no_match() -> FormRejected:
    return FormRejected({"pin": [NO_MATCH]})


def _one_step_more(number: str, ticket_id: str | None, mark: Mark | None) -> str:
    """`ticket_id` is None after a wrong PIN."""
    if not ticket_id or not step_codes.may_send(budgets.TICKET, _index(number)):
        return step_codes.seal(step_codes.begin(budgets.TICKET, None))
    step = step_codes.begin(budgets.TICKET, ticket_id, mark.stamp)
    with transaction():
        ticket = find(ticket_id)
        if notices.send_code(ticket, step.code):
            note_event(ticket, "step_code", journal.VISITOR)
    return step_codes.seal(step)


def find(ticket_id: str) -> Ticket:
    """The ticket a browser was let in to; where it was merged, the one it lives on in."""
    ticket = db.session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFound()
    return ticket


def conversation(ticket: Ticket) -> list[Said]:
    """Of words that may be somebody else's only that they came; of those that are, nothing."""
    return [
        Said(message.direction == "out", body_of(message) if is_owners(message) else UNSURE, message.at, message,
             is_owners(message))
        for message in ticket.messages
        if message.direction != NOTE and (is_owners(message) or is_open(message)) and _is_settled(message)
    ]


def is_shown(message: TicketMessage) -> bool:
    """Whether its files may be opened with number and PIN."""
    return message.direction != NOTE and is_owners(message) and _is_settled(message)


def _is_settled(message: TicketMessage) -> bool:
    """Not what can still be taken back, nor what was."""
    return message.taken_back_at is None and (message.shown_at is None or message.shown_at <= clock.now())


def as_told(ticket: Ticket) -> Ticket:
    """The ticket as its reporter may see it: an answer that can still be taken back was not given yet."""
    return undo.as_told(("ticket", ticket.id), ticket)


def stages(ticket: Ticket) -> list[tuple[str, str, str]]:
    """(state, heading, words) of each stage; state is done, now or "". The words say when it was, and of the
    present one when it ends. A ticket that ended without an answer passed only the stages it came to."""
    steps = [
        ("Pengaduan diterima", ticket.received_at),
        ("Diperiksa" if ended_how(ticket) else "Diperiksa dan diteruskan", ticket.verified_at),
        ("Ditindaklanjuti", ticket.followed_up_at), ("Dijawab", ticket.answered_at or _answered_before(ticket)),
    ]
    if ticket.status in (status.CLOSED, status.MERGED):
        end = (status.label_of(ticket).citizen, ticket.closed_at)
        return [("done", heading, show_moment(moment)) for heading, moment in (*steps, end) if moment]
    reached = max(place for place, (_, moment) in enumerate(steps) if moment is not None)
    return [
        ("done" if place <= reached else "now" if place == reached + 1 else "", heading,
         show_moment(moment) if moment else _ends(ticket) if place == reached + 1 else "")
        for place, (heading, moment) in enumerate([*steps, ("Selesai", None)])
    ]


def _answered_before(ticket: Ticket) -> datetime | None:
    """A finished ticket that was opened again for a word of thanks was answered before that."""
    return ticket.first_answered_at if ticket.status == status.CLOSED else None


def ended_how(ticket: Ticket) -> str:
    """Why a ticket ended without an answer of its own, in a sentence; "" for every other."""
    if ticket.status == status.MERGED:
        return f"Pengaduan ini digabung dengan pengaduan {_living(ticket).number}. Jawabannya ada di sana."
    if ticket.status != status.CLOSED or status.label_of(ticket) is status.TICKET.labels[status.CLOSED]:
        return ""
    dismissed = [event.detail.get("reason", "") for event in ticket.events if event.act == "dismiss"]
    if ticket.outcome != NOT_A_CASE or not dismissed:
        return "Kami tidak dapat menghubungi Anda untuk menyampaikan jawaban kami."
    return DISMISSALS_TOLD.get(dismissed[-1], "")


def _living(ticket: Ticket) -> Ticket:
    for _ in range(LONGEST_CHAIN):
        if ticket.merged_into_id is None:
            break
        ticket = db.session.get_one(Ticket, ticket.merged_into_id)
    return ticket


def _ends(ticket: Ticket) -> str:
    due = show_date(ticket.due_at)
    return f"Ditutup {due} jika tidak ada balasan." if ticket.status == status.ANSWERED else f"Paling lambat {due}."


def may_go_on(ticket: Ticket) -> bool:
    """Whether a reply is taken: always while it lives, and for some days after it was closed."""
    if ticket.status in status.LIVE:
        return True
    until = timekeeping.reopen_until(ticket)
    return ticket.status == status.CLOSED and until is not None and clock.now() <= until


def may_rate(ticket: Ticket) -> bool:
    return ticket.first_answered_at is not None and ticket.status in (status.ANSWERED, status.CLOSED)


def reply(ticket_id: str, text: str, sent_files: list[File], submission: str, sender: str) -> Ticket:
    """The resident goes on, or objects to an answer: the case is worked on anew.

    Raises FormRejected for an empty or too long text or a bad file, StaleDecision when the time for it is over,
    TooManyTries, PhotoBusy. `sender` as in clean_photo().
    """
    web_form.check_outside(sent_files)
    try:
        wanted = words(LONGEST_REPLY, "Tulis balasan Anda dulu.")(text)
    except FieldError as error:
        raise FormRejected({"reply": [error.message]}) from None
    ticket = find(ticket_id)
    if not may_go_on(ticket):
        raise StaleDecision("Pengaduan ini sudah ditutup. Silakan kirim pengaduan baru dan sebut nomor ini.")
    contact, kept_id = open_contact(ticket), ticket.id
    web_form.refuse_blocked([("complaint-contact", kept_id)])
    end_reading()
    attachments = web_form.open_files(sent_files, sender)
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
        ticket = locked(Ticket, ticket_id)
        if not may_rate(as_told(ticket)):
            raise StaleDecision("Pengaduan ini belum dijawab, jadi belum dapat dinilai.")
        ticket.rating, ticket.rated_at = int(rating), clock.now()
        ticket.rating_sealed = seal_part(ticket, "rating", kept) if kept else None
        note_event(ticket, "rate", journal.VISITOR, {"rating": ticket.rating})
        if settled and status.TICKET.may("confirm", ticket.status):
            change_status(ticket, "confirm", journal.VISITOR)
        for listener in ON_RATING:
            listener(ticket)
