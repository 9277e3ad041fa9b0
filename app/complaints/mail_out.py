"""E-mails that are to go out. `enqueue` joins the caller's transaction: it never commits, never sends.

What sends them (SMTP, on leases, outside any transaction) is in `mail_sending`.
"""

from dataclasses import asdict, dataclass, field

from app.complaints.models import MailOut
from app.extensions import db
from app.ids import new_id
from app.sealing import open_json, seal_json
from app.services import sealer


@dataclass(frozen=True)
class Mail:
    """`references` are Message-IDs of the thread, the newest last; `message_id` is the one it goes out with."""

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    message_id: str = ""
    references: tuple[str, ...] = ()


def enqueue(mail: Mail, ticket_id: str) -> MailOut:
    """Add one e-mail inside the caller's transaction."""
    row = MailOut(id=new_id(), ticket_id=ticket_id)
    row.payload_sealed = seal_json(sealer(), asdict(mail), _context(row.id))
    db.session.add(row)
    return row


def open_mail(row: MailOut) -> Mail:
    """Raises SealBroken when the ciphertext was altered or belongs to another row."""
    content = open_json(sealer(), row.payload_sealed, _context(row.id))
    return Mail(**{**content, "references": tuple(content["references"])})


def _context(mail_id: str) -> str:
    return f"mail_out:{mail_id}"
