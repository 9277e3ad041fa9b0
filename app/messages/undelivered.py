"""Messages that left us and never arrived. WhatsApp gives no error when somebody has blocked us or
the phone is gone: the message stays `sent` for ever (docs/whatsapp.md, facts 3, code 63014)."""

from datetime import timedelta

from sqlalchemy import exists, select

from app.base import clock
from app.base.database import db, end_reading, transaction
from app.messages import calls, states
from app.messages.catalogue import UNSPOKEN
from app.messages.gateway import gateway
from app.messages.models import CallTask, OutboxMessage

ARRIVES_WITHIN = timedelta(hours=48)
# what is older was dealt with long ago, or lies before this rule
LOOK_BACK = timedelta(days=14)
BATCH = 100


def ask_for_calls() -> int:
    """Open a call task for each message that should have arrived by now. Returns how many."""
    if not gateway().capabilities.receipts:
        return 0
    now = clock.now()
    query = select(OutboxMessage.id).where(
        OutboxMessage.state.in_(states.ON_THE_WAY), OutboxMessage.template.not_in(UNSPOKEN),
        OutboxMessage.state_at < now - ARRIVES_WITHIN, OutboxMessage.state_at > now - LOOK_BACK,
        ~exists().where(CallTask.message_id == OutboxMessage.id),
    )
    ids = list(db.session.scalars(query.limit(BATCH)))
    end_reading()
    for message_id in ids:
        with transaction():
            calls.open_task(message_id, "not_arrived")
    return len(ids)
