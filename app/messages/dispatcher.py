"""Sending what is due: claim, call the gateway with no transaction open, write down what it said.

A claim is a lease, so that of any number of workers exactly one sends a message: a conditional UPDATE to
`sending` with a token, committed before the call. PostgreSQL skips rows another worker is claiming at this
moment; SQLite has one writer anyway. On a limited channel workers claim one after the other, because pace and
quota are counted on the tries of all of them.
"""

from collections.abc import Callable

import structlog
from sqlalchemy import case, select, update

from app.base import clock
from app.base.database import db, end_reading, transaction
from app.base.ids import new_id
from app.base.logs import redact
from app.base.sealing import SealBroken
from app.base.services import settings
from app.messages import channel, contacts, delivery, quota, states, texts
from app.messages.addresses import WHATSAPP
from app.messages.catalogue import Message, lifetime_of, message_for
from app.messages.choose_gateway import CHANNELS, channel_of, gateway
from app.messages.delivery import Claim
from app.messages.email.threads import references_of
from app.messages.gateway import Heading, Outcome, Outgoing, Refused, TemplateUse, Unclear
from app.messages.models import OutboxAttempt, OutboxMessage
from app.messages.outbox import Payload, open_payload, text_of
from app.messages.whatsapp import templates

log = structlog.get_logger()

LOOKED_AT_ONCE = 20
BATCH = 100
# called for what is due and only a person can bring (app/wiring.py)
ON_BY_HAND: list[Callable[[], int]] = []


def deliver_due(limit: int = 50, should_stop: Callable[[], bool] = lambda: False) -> int:
    """Send up to `limit` due messages of each channel, one after the other; where a person says it, ask for a person.
    Returns how many were tried."""
    for ask in ON_BY_HAND:
        ask()
    return sum(_deliver_due(key, limit, should_stop) for key in CHANNELS if not CHANNELS[key].by_hand)


def deliver_now(message_id: str) -> None:
    """Send this one message without a worker, should its channel be open: nobody else may be there to do it."""
    row = db.session.get(OutboxMessage, message_id, populate_existing=True)
    key = row.channel if row else ""
    if row is None or gateway(key) is None or not channel.may_send(key):
        end_reading()
        return
    with transaction():
        row = delivery.locked(message_id)
        claim = _claim(row) if row.state == states.PENDING else None
    if claim is not None:
        delivery.record(claim, _outcome(claim.message_id))


def lose_expired() -> None:
    """Messages whose worker died, or hangs, between the call and its record become unknown; run every few seconds."""
    query = select(OutboxMessage.id).where(
        OutboxMessage.state == states.SENDING, OutboxMessage.lease_until < clock.now()
    )
    found = list(db.session.scalars(query.limit(BATCH)))
    end_reading()
    for message_id in found:
        delivery.lose(message_id)


def claim_next(key: str = WHATSAPP) -> Claim | None:
    """Claim what is due on this channel, the most urgent class first, then what is due longest.

    None when nothing is due, the pace is used up, or nothing that is due has room in the day's quota.
    """
    limited = CHANNELS[key].limited
    if not _something_due(key, limited):
        return None
    with transaction():
        if limited:
            channel.hold(key)
            if quota.pace_is_used_up():
                return None
        for _ in range(LOOKED_AT_ONCE):
            due = _due(key).with_for_update(skip_locked=True).execution_options(populate_existing=True)
            row = db.session.scalar(due)
            if row is None:
                return None
            if not limited or quota.has_room(row.share, row.to_index):
                return _claim(row)
            delivery.wait_for_room(row)
    return None


def _deliver_due(key: str, limit: int, should_stop: Callable[[], bool]) -> int:
    tried = 0
    while tried < limit and not should_stop():
        claim = _next_claim(key)
        if claim is None:
            break
        delivery.record(claim, _outcome(claim.message_id))
        tried += 1
    return tried


def _next_claim(key: str) -> Claim | None:
    if gateway(key) is None or not channel.may_send(key):
        end_reading()
        return None
    return claim_next(key)


def _claim(row: OutboxMessage) -> Claim | None:
    token, now, taken = new_id(), clock.now(), channel_of(row)
    claimed = db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == row.id, OutboxMessage.state == states.PENDING)
        .values(
            state=states.SENDING, state_at=now, lease_token=token, lease_until=now + taken.lease,
            attempts=OutboxMessage.attempts + 1,
            first_try_at=case((OutboxMessage.first_try_at.is_(None), now), else_=OutboxMessage.first_try_at),
        )
    )
    if claimed.rowcount != 1:
        return None
    counted = taken.limited and quota.counts_for(row.to_index)
    db.session.add(OutboxAttempt(message_id=row.id, token=token, started_at=now, counted=counted))
    return Claim(row.id, token)


def _something_due(key: str, limited: bool) -> bool:
    """A plain read first: an idle worker must not take the write lock every second."""
    found = db.session.scalar(_due(key)) is not None and not (limited and quota.pace_is_used_up())
    end_reading()
    return found


def _due(key: str):
    return (
        select(OutboxMessage)
        .where(
            OutboxMessage.channel == key, OutboxMessage.state == states.PENDING,
            OutboxMessage.next_try_at <= clock.now(),
        )
        .order_by(OutboxMessage.share, OutboxMessage.next_try_at, OutboxMessage.id)
        .limit(1)
    )


def _outcome(message_id: str) -> Outcome:
    row = db.session.get(OutboxMessage, message_id)
    way, planned = gateway(row.channel), _planned(row)
    end_reading()  # plain values only from here on: the slow call holds no connection
    if isinstance(planned, Refused):
        return planned
    try:
        return way.send(planned)
    except Exception as error:  # an unforeseen failure says nothing about whether it was sent
        log.exception("gateway_failed", message=message_id, kind=type(error).__name__)
        return Unclear("exception")


def _planned(row: OutboxMessage) -> Outgoing | Refused:
    try:
        return _plan(row)
    except (SealBroken, ValueError) as error:  # altered, a key is missing, or a message of the past
        log.exception("message_unreadable", message=row.id, kind=type(error).__name__)
        return Refused("unreadable")


def _plan(row: OutboxMessage) -> Outgoing | Refused:
    """What to hand over, or why it is not handed over at all."""
    payload, lifetime = open_payload(row), lifetime_of(row.template)
    if row.erased_at is not None:
        return Refused("erased")
    if lifetime and clock.now() >= row.created_at + lifetime:
        return Refused("too_late")
    return _letter(row, payload) if channel_of(row).letters else _short_message(row, payload)


def _letter(row: OutboxMessage, payload: Payload) -> Outgoing:
    text = text_of(row)
    return Outgoing(
        reference=row.id, to=payload.to, title=payload.subject, text=text, masked=redact(text),
        heading=Heading(payload.message_id, references_of(row), payload.automatic, row.created_at),
    )


def _short_message(row: OutboxMessage, payload: Payload) -> Outgoing | Refused:
    message = message_for(row.template)
    allowed = settings().whatsapp_allow if row.channel == WHATSAPP else ()
    if allowed and payload.to not in allowed:
        return Refused("held_back")
    if contacts.has_opted_out(row.to_index):
        return Refused("opted_out")
    use = None
    if _needs_template(row, message):
        if message.own_words and not templates.fits_template(message, payload.variables):
            return Refused(templates.TOO_LONG)
        use = _template(row, message, payload)
        if use is None:
            return Refused("no_template")
    text = texts.full_text(message, payload.variables, row.check_code)  # names a person no further than "Siti A."
    return Outgoing(
        reference=row.id, to=payload.to, title=message.title, template=use, lifetime=message.expires,
        text=text, masked=text,
    )


def _needs_template(row: OutboxMessage, message: Message) -> bool:
    """Outside the window only templates pass; codes to +62 always need Meta's own template."""
    can = gateway(row.channel).capabilities
    if not can.templates:
        return False
    return message.is_code or row.as_template or not contacts.window_is_open(row.to_index, can.window)


def _template(row: OutboxMessage, message: Message, payload: Payload) -> TemplateUse | None:
    values = texts.on_one_line(message, payload.variables)
    return templates.use_of(message, {**values, texts.CHECK_CODE: row.check_code})
