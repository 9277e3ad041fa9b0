"""Messages in doubt. First the callbacks may tell; then we look at the provider's list; then one more send, or a
person (docs/whatsapp.md, facts 1). Where no provider can be asked, as about a letter, a person decides.

One-time codes are never sent again by themselves: the person asks for a new one.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select

from app.base import clock, journal
from app.base.database import db, end_reading, transaction
from app.messages import delivery, states
from app.messages.catalogue import is_code
from app.messages.choose_gateway import followed, gateway
from app.messages.gateway import CannotTell, Finding, Found, NotThere, Sought
from app.messages.models import OutboxAttempt, OutboxMessage
from app.messages.outbox import Payload, readable_payload
from app.messages.whatsapp import events

log = structlog.get_logger()

BATCH = 20
BETWEEN_LOOKS = timedelta(minutes=2)
# a request that hung may still be accepted long after we stopped waiting for its answer
SURE_AFTER = timedelta(minutes=10)
# when the list cannot be read, or hides the texts, a person must decide
PATIENCE = timedelta(minutes=60)


def resolve_unknown() -> int:
    """Look into the messages whose time has come. Returns how many."""
    query = select(OutboxMessage.id, OutboxMessage.channel).where(
        OutboxMessage.state == states.UNKNOWN, OutboxMessage.next_try_at <= clock.now(),
        OutboxMessage.channel.in_(followed()),
    )
    found = list(db.session.execute(query.order_by(OutboxMessage.next_try_at).limit(BATCH)))
    end_reading()
    for message_id, channel in found:
        sought = _sought(message_id)
        _write_down(message_id, gateway(channel).look_up(sought) if sought else CannotTell())
    return len(found)


def _sought(message_id: str) -> Sought | None:
    row = db.session.get(OutboxMessage, message_id)
    payload = readable_payload(row)
    sought = payload and Sought(to=payload.to, mark=_mark(row, payload), since=_first_started(row))
    end_reading()
    return sought


def _mark(row: OutboxMessage, payload: Payload) -> str:
    """The text of a one-time code is Meta's own and holds that code, but not ours for checking."""
    return payload.variables.get("kode", row.check_code) if is_code(row.template) else row.check_code


def _first_started(row: OutboxMessage) -> datetime:
    started = db.session.scalar(
        select(func.min(OutboxAttempt.started_at)).where(OutboxAttempt.message_id == row.id)
    )
    return started or row.created_at


def _write_down(message_id: str, finding: Finding) -> None:
    with transaction():
        row = delivery.locked(message_id)
        if row.state != states.UNKNOWN:
            return  # a callback told in the meantime
        match finding:
            case Found(news):
                delivery.keep_receipt(row.id, news.provider_id, "lookup")
                events.keep(news)
                if news.status not in events.FAILURES:
                    state = events.STATES.get(news.status, states.ACCEPTED)
                    delivery.arrive_at(row, state, news.provider_id)
            case NotThere():
                _not_there(row)
            case CannotTell():
                _later(row, PATIENCE)


def _not_there(row: OutboxMessage) -> None:
    if clock.now() < row.state_at + SURE_AFTER:
        _later(row, PATIENCE)
    elif is_code(row.template) or row.resends:
        delivery.give_up(row, "never_confirmed")
    else:
        delivery.send_again(row)
        journal.record("message_resent", actor=journal.SYSTEM, about=("message", row.id))


def _later(row: OutboxMessage, patience: timedelta) -> None:
    if clock.now() >= row.state_at + patience:
        delivery.give_up(row, "never_confirmed")
    else:
        row.next_try_at = clock.now() + BETWEEN_LOOKS
