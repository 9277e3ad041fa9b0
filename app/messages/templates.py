"""Which of our messages the provider may send as templates, and under which id."""

from collections.abc import Mapping

from sqlalchemy import select, update

from app.base import clock
from app.base.database import db
from app.messages.catalogue import MESSAGES, Message
from app.messages.gateway import TemplateUse
from app.messages.models import MessageTemplate

APPROVED, UNSUBMITTED = "approved", "unsubmitted"
# what an error at sending says about the template until the next look at Meta's list
STOPPED = {"63040": "rejected", "63041": "paused", "63042": "disabled"}
STATUS_LABELS = {
    "unsubmitted": "Belum diajukan", "received": "Sedang diperiksa Meta", "pending": "Sedang diperiksa Meta",
    "approved": "Disetujui", "rejected": "Ditolak Meta", "paused": "Dihentikan sementara",
    "disabled": "Dimatikan Meta", "missing": "Belum dibuat",
}


def use_of(message: Message, values: Mapping[str, str]) -> TemplateUse | None:
    """The newest approved version whose places `values` can fill; None when there is none.

    An older version serves until Meta has approved the newer one.
    """
    query = select(MessageTemplate).where(
        MessageTemplate.key == message.key, MessageTemplate.status == APPROVED
    )
    for row in db.session.scalars(query.order_by(MessageTemplate.version.desc())):
        if set(row.names) <= set(values):
            return TemplateUse(row.provider_id, tuple(values[name] for name in row.names))
    return None


def stop(key: str, code: str) -> None:
    """The provider refused the template itself: it is not used again before it is looked at."""
    newest = db.session.scalar(
        select(MessageTemplate.name)
        .where(MessageTemplate.key == key, MessageTemplate.status == APPROVED)
        .order_by(MessageTemplate.version.desc()).limit(1)
    )
    db.session.execute(
        update(MessageTemplate).where(MessageTemplate.name == newest)
        .values(status=STOPPED.get(code, "disabled"), checked_at=clock.now())
    )


def not_ready() -> list[tuple[Message, str]]:
    """Messages that could not go out as a template now, each with the status of its newest version."""
    newest: dict[str, MessageTemplate] = {}
    ready: set[str] = set()
    for row in db.session.scalars(select(MessageTemplate).order_by(MessageTemplate.version)):
        newest[row.key] = row
        if row.status == APPROVED:
            ready.add(row.key)
    return [
        (message, newest[key].status if key in newest else "missing")
        for key, message in MESSAGES.items() if key not in ready
    ]
