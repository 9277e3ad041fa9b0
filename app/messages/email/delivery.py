"""What becomes of an e-mail after it was claimed. Only what was certainly not sent is tried again by itself."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.base import clock, journal
from app.base.database import db, transaction
from app.base.ids import new_id
from app.base.problems import NotFound, StaleDecision
from app.complaints.arriving.intake import next_position
from app.complaints.ticket import delivery
from app.complaints.ticket.models import NOTE, MailOut, Ticket, TicketMessage
from app.complaints.ticket.personal import seal_body
from app.complaints.ticket.transitions import note_event
from app.mailbox.words import meaning
from app.messages.email import trouble
from app.messages.email.claims import Claim
from app.messages.email.outbox import message_index
from app.messages.email.smtp import Away, Outcome, Refused, Sent, Unclear
from app.messages.retry import next_try
from app.messages.whatsapp.errors import Retry

PENDING, SENDING, SENT, FAILED, UNKNOWN = "pending", "sending", "sent", "failed", "unknown"
# how long the way out rests after the server was away
PAUSE = timedelta(minutes=1)
FAILED_NOTE = "E-mail kami tidak sampai kepada pelapor: {why}. Hubungi pelapor dengan cara lain."
OFFICE_NOTE = "E-mail tentang keterlambatan tidak sampai: {why}. Beri tahu atasan dengan cara lain."
UNKNOWN_NOTE = "Belum pasti apakah e-mail kami sampai kepada pelapor: {why}. Periksa di Pesan, E-mail."


def record(claim: Claim, outcome: Outcome) -> bool:
    """Write down what the server said. False for a worker that woke up after its lease was taken."""
    with transaction():
        row = locked(claim.mail_id)
        if row is None:
            return False  # its ticket was erased in the meantime
        if row.state != SENDING or row.lease_token != claim.token:
            if isinstance(outcome, Sent) and row.state in (UNKNOWN, PENDING):
                _move(row, SENT)
            return False
        _settle(row, outcome)
        return True


def lose(mail_id: str) -> None:
    """The lease ran out: whether it was sent is unknown."""
    with transaction():
        row = locked(mail_id)
        if row is not None and row.state == SENDING and row.lease_until < clock.now():
            _become_unknown(row, "lease")


def bounced(message_id: str, status: str) -> bool:
    """A delivery report says that this letter of ours failed; inside the caller's transaction. False when
    it is not ours or was known as failed."""
    row = _of_message(message_id)
    if row is None or row.state == FAILED:
        return False
    _give_up(row, f"bounced_{status}" if status else "bounced")
    return True


def proven(message_ids: tuple[str, ...]) -> None:
    """Somebody answered these letters, so they arrived; inside the caller's transaction."""
    for message_id in message_ids:
        row = _of_message(message_id)
        if row is not None and row.state in (UNKNOWN, FAILED):
            _move(row, SENT)


def resend(mail_id: str, actor: journal.Actor) -> None:
    """Back to the queue on somebody's word, with the same Message-ID, so that two copies count as one.

    Raises NotFound, StaleDecision while it is on its way or has gone out.
    """
    with transaction():
        row = locked(mail_id)
        if row is None:
            raise NotFound()
        if row.state not in (FAILED, UNKNOWN):
            raise StaleDecision("E-mail ini sedang dikirim atau sudah terkirim. Tidak ada yang dikirim ulang.")
        _move(row, PENDING, next_try_at=clock.now(), first_try_at=None)
        journal.record("mail_resent", actor=actor, about=("mail", row.id))


def locked(mail_id: str) -> MailOut | None:
    return db.session.get(MailOut, mail_id, with_for_update=True, populate_existing=True)


def _settle(row: MailOut, outcome: Outcome) -> None:
    match outcome:
        case Sent():
            _move(row, SENT)
            trouble.clear("smtp")
        case Away(code):
            # no fault of this letter: it starts anew when the server is back
            _move(row, PENDING, error=code, next_try_at=clock.now(), first_try_at=None)
            trouble.note("smtp", code, PAUSE)
        case Refused(code, permanent):
            again = None if permanent else _next_try(row)
            if again is None:
                _give_up(row, code)
            else:
                _move(row, PENDING, error=code, next_try_at=again)
        case Unclear(code):
            _become_unknown(row, code)


def _next_try(row: MailOut) -> datetime | None:
    now = clock.now()
    return next_try(Retry.BACKOFF, row.first_try_at or now, max(1, row.attempts), now)


def _give_up(row: MailOut, code: str) -> None:
    _move(row, FAILED, error=code)
    journal.record("mail_failed", actor=journal.SYSTEM, about=("mail", row.id), detail={"code": code})
    if row.ticket_id is None:
        return
    note = OFFICE_NOTE if row.to_office else FAILED_NOTE
    _tell_office(row.ticket_id, note.format(why=meaning(code)), "mail_failed")
    if not row.to_office:
        delivery.lost(row.ticket_id, row.id, row.created_at)


def _become_unknown(row: MailOut, code: str) -> None:
    """Nobody may send it again before a person decides, or a reply proves that it arrived."""
    _move(row, UNKNOWN, error=code)
    journal.record("mail_unknown", actor=journal.SYSTEM, about=("mail", row.id), detail={"code": code})
    if not row.to_office:
        _tell_office(row.ticket_id, UNKNOWN_NOTE.format(why=meaning(code)), "mail_unknown")


def _tell_office(ticket_id: str, words: str, act: str) -> None:
    """A note among colleagues on the ticket itself, where its handler looks."""
    note = TicketMessage(
        id=new_id(), ticket_id=ticket_id, position=next_position(ticket_id), direction=NOTE, channel="note",
        author_kind=journal.SYSTEM.kind, at=clock.now(),
    )
    note.body_sealed = seal_body(note.id, words)
    db.session.add(note)
    note_event(db.session.get(Ticket, ticket_id), act, journal.SYSTEM)


def _move(row: MailOut, state: str, error: str = "", **values) -> None:
    """The one place that sets a state; it also ends the lease."""
    row.state, row.state_at, row.error = state, clock.now(), error[:60]
    row.lease_token = row.lease_until = None
    for name, value in values.items():
        setattr(row, name, value)
    db.session.flush()
    if state == SENT and row.ticket_id is not None:
        delivery.reached(row.ticket_id, row.id)


def _of_message(message_id: str) -> MailOut | None:
    query = select(MailOut).where(MailOut.message_index == message_index(message_id))
    return db.session.scalar(query.with_for_update())
