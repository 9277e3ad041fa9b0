"""What the office sees of its e-mails: what became of each letter, and whether the mailbox is read."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from app.base.database import db
from app.base.services import settings
from app.correspondence.page import may_resend, rows_after
from app.identity.mask import mask_email
from app.mailbox import ledger
from app.mailbox.models import BOUNCE, FAILING, LEFT_ALONE, MOST_TRIES, Mailbox, MailIn, MailTrouble
from app.messages import channel, states
from app.messages.addresses import EMAIL
from app.messages.audience import may_see_sent
from app.messages.models import ChannelState, OutboxMessage
from app.messages.outbox import recipient_of, subject_of

IN_TROUBLE = (states.FAILED, states.UNKNOWN)


@dataclass(frozen=True)
class Letter:
    """One letter: recipient cut short, no text. `ticket_id` is "" for one that is about something else."""

    id: str
    ticket_id: str
    subject: str
    recipient: str
    created_at: datetime
    state: str
    error: str
    may_resend: bool


@dataclass(frozen=True)
class Figures:
    """`left_alone` counts machines, floods and letters our code failed on; they lie unread in the mailbox.
    `not_read` and `not_sent` are the troubles of the two servers."""

    reads: bool
    authserv_id: str
    sends: bool
    looked_at: datetime | None
    left_alone: int
    not_read: MailTrouble | None
    not_sent: ChannelState | None


def letters_of(staff, after: str = "") -> tuple[list[Letter], str]:
    """Newest first, a page of letters after the letter `after` that this person may see; and where the next page
    begins, or ""."""
    rows, next_page = rows_after(after, *_seen_by(staff))
    return [_letter(row) for row in rows], next_page


def figures() -> Figures:
    left = select(func.count()).select_from(MailIn).where(or_(
        MailIn.fate.in_(LEFT_ALONE), and_(MailIn.fate == FAILING, MailIn.failures >= MOST_TRIES),
    ))
    way_out = channel.state(EMAIL)
    return Figures(
        reads=settings().mail.imap is not None, authserv_id=settings().mail.authserv_id,
        sends=settings().mail.smtp is not None,
        looked_at=db.session.scalar(select(func.max(Mailbox.looked_at))), left_alone=db.session.scalar(left),
        not_read=ledger.known_trouble(), not_sent=way_out if way_out is not None and way_out.stopped_code else None,
    )


@dataclass(frozen=True)
class LeftAlone:
    """A letter that became no ticket: who wrote it, about what, when it came, and why it was left."""

    name: str
    sender: str
    subject: str
    at: datetime
    why: str


# why a letter is left alone (app/mailbox/machines.py) -> as the office reads it
WHY_LEFT: dict[str, str] = {
    "auto-submitted": "Balasan otomatis", "self-answer": "Balasan otomatis", "away-subject": "Sedang tidak di tempat",
    "away-words": "Sedang tidak di tempat", "no-answers-wanted": "Balasan otomatis", "loop": "Surat kami sendiri",
    "own-address": "Surat kami sendiri", "report": "Laporan pengiriman atau tanda terima",
    "no-return-path": "Laporan pengiriman", "mailer-daemon": "Laporan pengiriman",
    "failed-subject": "Laporan pengiriman",
    "postmaster": "Laporan pengiriman", "read-receipt": "Tanda sudah dibaca", "precedence": "Kiriman massal",
    "list": "Daftar kiriman", "mass-sender": "Kiriman massal", "role": "Kiriman massal",
    "away-answer": "Sedang tidak di tempat", "no-reply": "Pengirim tanpa balasan",
    "thanks": "Hanya ucapan terima kasih", "too-many": "Kiriman beruntun dari satu pengirim",
}
NEWEST_LEFT = 50


def left_alone(knows: bool) -> list[LeftAlone]:
    """The newest letters that were left alone, delivery reports among them; in the mailbox they lie unread. Whose an
    anonymous ticket is may be told by such a letter, so only who oversees (`knows`) reads its sender whole."""
    query = select(MailIn).where(MailIn.fate.in_((*LEFT_ALONE, BOUNCE)), MailIn.heading_sealed.is_not(None))
    rows = list(db.session.scalars(query.order_by(MailIn.created_at.desc(), MailIn.uid.desc()).limit(NEWEST_LEFT)))
    return [_left(row, knows) for row in rows]


def _left(row: MailIn, knows: bool) -> LeftAlone:
    heading = ledger.heading_of(row)
    why = WHY_LEFT.get(row.reason, "Surat kami tidak sampai" if row.fate == BOUNCE else "Tidak diambil")
    name, sender = (heading.name, heading.sender) if knows else ("", mask_email(heading.sender))
    return LeftAlone(name, sender, heading.subject, row.created_at, why)


def count_in_trouble(staff) -> int:
    query = select(func.count()).select_from(OutboxMessage)
    return db.session.scalar(query.where(*_seen_by(staff), OutboxMessage.state.in_(IN_TROUBLE)))


def _seen_by(staff) -> tuple:
    return OutboxMessage.channel == EMAIL, may_see_sent(staff)


def _letter(row: OutboxMessage) -> Letter:
    return Letter(
        id=row.id, ticket_id=row.about_id if row.about_kind == "ticket" else "", subject=subject_of(row),
        recipient=recipient_of(row), created_at=row.created_at, state=row.state, error=row.error_code or "",
        may_resend=may_resend(row),
    )
