"""Sending what is due: claim, call the gateway with no transaction open, write down what it said."""

from collections.abc import Callable

import structlog

from app.base import clock
from app.base.database import db, end_reading
from app.base.sealing import SealBroken
from app.base.services import settings
from app.messages import channel, claims, contacts, delivery, templates, texts
from app.messages.catalogue import Message, message_for
from app.messages.gateway import Outcome, Outgoing, Refused, TemplateUse, Unclear, gateway
from app.messages.models import OutboxMessage
from app.messages.outbox import Payload, open_payload

log = structlog.get_logger()


def deliver_due(limit: int = 50, should_stop: Callable[[], bool] = lambda: False) -> int:
    """Send up to `limit` due messages, one after the other. Returns how many were tried."""
    tried = 0
    while tried < limit and not should_stop():
        claim = _next_claim()
        if claim is None:
            break
        delivery.record(claim, _outcome(claim.message_id))
        tried += 1
    return tried


def lose_expired() -> None:
    """Messages of dead workers become unknown; run every few seconds."""
    for message_id in claims.expired():
        delivery.lose(message_id)


def _next_claim() -> claims.Claim | None:
    if not channel.may_send():
        end_reading()
        return None
    return claims.claim_next()


def _outcome(message_id: str) -> Outcome:
    planned = _planned(message_id)
    end_reading()  # plain values only from here on: the slow call holds no connection
    if isinstance(planned, Refused):
        return planned
    try:
        return gateway().send(planned)
    except Exception as error:  # an unforeseen failure says nothing about whether it was sent
        log.exception("gateway_failed", message=message_id, kind=type(error).__name__)
        return Unclear("exception")


def _planned(message_id: str) -> Outgoing | Refused:
    try:
        return _plan(db.session.get(OutboxMessage, message_id))
    except (SealBroken, ValueError) as error:  # altered, a key is missing, or a message of the past
        log.exception("message_unreadable", message=message_id, kind=type(error).__name__)
        return Refused("unreadable")


def _plan(row: OutboxMessage) -> Outgoing | Refused:
    """What to hand over, or why it is not handed over at all."""
    message, payload = message_for(row.template), open_payload(row)
    if message.expires and clock.now() >= row.created_at + message.expires:
        return Refused("too_late")
    if settings().whatsapp_allow and payload.to not in settings().whatsapp_allow:
        return Refused("held_back")
    if contacts.has_opted_out(row.to_index):
        return Refused("opted_out")
    use = None
    if _needs_template(row, message):
        use = _template(row, message, payload)
        if use is None:
            return Refused("no_template")
    return Outgoing(
        reference=row.id, to=payload.to, title=message.title, template=use, lifetime=message.expires,
        text=texts.full_text(message, payload.variables, row.check_code),
        masked=texts.masked_text(message, payload.variables, row.check_code),
    )


def _needs_template(row: OutboxMessage, message: Message) -> bool:
    """Outside the window only templates pass; codes to +62 always need Meta's own template."""
    can = gateway().capabilities
    if not can.templates:
        return False
    return message.is_code or row.as_template or not contacts.window_is_open(row.to_index, can.window)


def _template(row: OutboxMessage, message: Message, payload: Payload) -> TemplateUse | None:
    return templates.use_of(message, {**payload.variables, texts.CHECK_CODE: row.check_code})
