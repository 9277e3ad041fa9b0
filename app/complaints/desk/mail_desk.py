"""What the office sees of its e-mails: each letter's fate, and whether the mailbox is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from app.base.database import db
from app.base.problems import NotFound
from app.base.services import settings
from app.complaints.ticket.models import MailOut, Ticket
from app.complaints.ticket.visibility import known_to
from app.identity.mask import mask_email
from app.mailbox.ledger import MOST_TRIES
from app.mailbox.models import FAILING, LEFT_ALONE, Mailbox, MailIn, MailTrouble
from app.messages.email import trouble as mail_trouble
from app.messages.email.outbox import open_mail

PAGE = 50
# state -> (word, tone of the badge)
STATES: dict[str, tuple[str, str]] = {
    "pending": ("Menunggu dikirim", "new"), "sending": ("Sedang dikirim", "progress"), "sent": ("Terkirim", "good"),
    "failed": ("Gagal terkirim", "bad"), "unknown": ("Belum pasti terkirim", "warning"),
}
IN_TROUBLE = ("failed", "unknown")


@dataclass(frozen=True)
class Line:
    """One letter: recipient cut short, no text."""

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
    """`left_alone` counts machines, floods and letters our code failed on; they lie unread in the mailbox."""

    reads: bool
    authserv_id: str
    sends: bool
    looked_at: datetime | None
    left_alone: int
    trouble: Mapping[str, MailTrouble]


def page_of(staff, after: str = "") -> tuple[list[Line], str]:
    """Newest first, PAGE letters after the letter `after`, about tickets whose reporter this person may
    know; and where the next page begins, or ""."""
    query = select(MailOut).join(Ticket, Ticket.id == MailOut.ticket_id).where(known_to(staff))
    last = db.session.get(MailOut, after) if after else None
    if last is not None:
        query = query.where(or_(
            MailOut.created_at < last.created_at, and_(MailOut.created_at == last.created_at, MailOut.id < last.id),
        ))
    rows = list(db.session.scalars(query.order_by(MailOut.created_at.desc(), MailOut.id.desc()).limit(PAGE + 1)))
    return [_line(row) for row in rows[:PAGE]], rows[PAGE - 1].id if len(rows) > PAGE else ""


def figures() -> Figures:
    left = select(func.count()).select_from(MailIn).where(or_(
        MailIn.fate.in_(LEFT_ALONE), and_(MailIn.fate == FAILING, MailIn.failures >= MOST_TRIES),
    ))
    return Figures(
        reads=settings().mail.imap is not None, authserv_id=settings().mail.authserv_id,
        sends=settings().mail.smtp is not None,
        looked_at=db.session.scalar(select(func.max(Mailbox.looked_at))), left_alone=db.session.scalar(left),
        trouble=mail_trouble.all_of(),
    )


def count_in_trouble(staff) -> int:
    query = select(func.count()).select_from(MailOut).join(Ticket, Ticket.id == MailOut.ticket_id)
    return db.session.scalar(query.where(MailOut.state.in_(IN_TROUBLE), known_to(staff)))


def check_visible(mail_id: str, staff) -> None:
    """Raises NotFound for a letter about a ticket this person must not see."""
    query = select(MailOut.id).join(Ticket, Ticket.id == MailOut.ticket_id).where(MailOut.id == mail_id)
    if db.session.scalar(query.where(known_to(staff))) is None:
        raise NotFound()


def _line(row: MailOut) -> Line:
    mail = open_mail(row)
    return Line(
        id=row.id, ticket_id=row.ticket_id, subject=mail.subject, recipient=mask_email(mail.to),
        created_at=row.created_at, state=row.state, error=row.error, may_resend=row.state in IN_TROUBLE,
    )
