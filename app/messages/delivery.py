"""What becomes of a message: every change of its state after the claim is made here."""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import update

from app.base import clock, journal
from app.base.database import db, insert_once, transaction
from app.messages import audience, channel, contacts, states
from app.messages.addresses import is_abroad
from app.messages.catalogue import SHARES, UNSPOKEN, lifetime_of
from app.messages.choose_gateway import channel_of
from app.messages.errors import NOT_SENT_ON_PURPOSE, PLANS, Effect, Retry, SendError, next_try
from app.messages.gateway import Accepted, Outcome, Refused, Unclear
from app.messages.models import LONGEST_CODE, OutboxAttempt, OutboxMessage, OutboxReceipt
from app.messages.outbox import readable_payload
from app.messages.quota import DAY_FULL
from app.messages.whatsapp import templates
from app.messages.whatsapp.errors import ABROAD_CLOSED, COUNTRY_CLOSED

log = structlog.get_logger()

# how long callbacks may take to tell before we go and look
BEFORE_LOOKING = timedelta(seconds=60)
BEFORE_TRYING_ONCE_MORE = timedelta(minutes=15)
# a message without room today is looked at again after this
ROOM_LOOK = timedelta(minutes=10)
WAITS_FOR_ROOM = "waits_for_room"


@dataclass(frozen=True)
class Claim:
    """One worker's lease of one message."""

    message_id: str
    token: str


def record(claim: Claim, outcome: Outcome) -> bool:
    """Write down what the gateway said. False for a worker that woke up after its lease was taken."""
    with transaction():
        _close_attempt(claim.token, outcome)
        row = locked(claim.message_id)
        if isinstance(outcome, Accepted):
            keep_receipt(row.id, outcome.provider_id, "answer")
        if row.state != states.SENDING or row.lease_token != claim.token:
            _from_late_worker(row, outcome)
            return False
        _settle(row, outcome)
        return True


def lose(message_id: str) -> None:
    """The lease of a message ran out: whether it was sent is unknown."""
    with transaction():
        row = locked(message_id)
        if row.state == states.SENDING and row.lease_until < clock.now():
            _become_unknown(row, "lease")


def locked(message_id: str) -> OutboxMessage | None:
    """The row, fresh and locked until the caller's transaction ends."""
    return db.session.get(OutboxMessage, message_id, with_for_update=True, populate_existing=True)


def keep_receipt(message_id: str, provider_id: str, learned_from: str) -> None:
    """Remember one accepted send; the same one may be learned from several sides."""
    insert_once(
        OutboxReceipt, provider_id=provider_id, message_id=message_id, learned_from=learned_from,
        at=clock.now(), failed=False,
    )


def has_failed(provider_id: str) -> bool:
    """Whether this very send was reported as failed."""
    receipt = db.session.get(OutboxReceipt, provider_id, populate_existing=True)
    return receipt is not None and receipt.failed


def arrive_at(row: OutboxMessage, state: str, provider_id: str | None) -> None:
    """The provider has it, in this state; ends doubt and stops a send that is still waiting."""
    move(row, state, provider_id=provider_id)
    if not channel_of(row).followed or state in states.ARRIVED:
        audience.tell(row, audience.ARRIVED)


def refuse(row: OutboxMessage, code: str) -> None:
    """Not sent, at once or later: try again, or give up so that a person hears of it."""
    if code == COUNTRY_CLOSED and _goes_abroad(row):
        give_up(row, ABROAD_CLOSED)
        return
    error = channel_of(row).error(code)
    if error.effect is Effect.STOP_CHANNEL and _others_went_through(row, code):
        give_up(row, code)
        return
    _follow(row, code, error)
    if error.effect is Effect.STOP_CHANNEL:
        # no fault of this message: it starts anew when the channel runs again, behind the others, so
        # that the next probe is another message
        move(row, states.PENDING, error_code=code, next_try_at=clock.now() + channel.PROBE_EVERY, first_try_at=None)
        return
    if error.effect is Effect.REST_CHANNEL:
        # no fault of this message either: it goes when the server is back, however long that takes
        move(row, states.PENDING, error_code=code, next_try_at=clock.now(), first_try_at=None)
        return
    if error.retry is Retry.AS_TEMPLATE and not row.as_template:
        move(row, states.PENDING, error_code=code, next_try_at=clock.now(), as_template=True)
        return
    again = _next_try(row, error)
    if again is None:
        give_up(row, code)
    else:
        move(row, states.PENDING, error_code=code, next_try_at=again)


def give_up(row: OutboxMessage, code: str) -> None:
    """For good. Whoever wants to hears of it: a person is asked to phone (app/correspondence), except about codes and
    what concerns a colleague's account."""
    move(row, states.FAILED, error_code=code)
    journal.record("message_failed", actor=journal.SYSTEM, about=("message", row.id), detail={"code": code})
    if not channel_of(row).followed or row.template not in UNSPOKEN:
        audience.tell(row, audience.LOST)


def cancel(row: OutboxMessage, code: str) -> None:
    """Not sent, on purpose."""
    move(row, states.CANCELLED, error_code=code)
    journal.record("message_cancelled", actor=journal.SYSTEM, about=("message", row.id), detail={"code": code})


def wait_for_room(row: OutboxMessage) -> None:
    """The day's share of its class is used up: left to the page, or put off; a code that is too old ends."""
    lifetime, now = lifetime_of(row.template), clock.now()
    if SHARES[row.share].dropped:
        cancel(row, DAY_FULL)
    elif lifetime and now + ROOM_LOOK >= row.created_at + lifetime:
        cancel(row, "too_late")
    else:
        move(row, states.PENDING, error_code=WAITS_FOR_ROOM, next_try_at=now + ROOM_LOOK)


def send_again(row: OutboxMessage, in_doubt: bool = True) -> None:
    """Back to the queue. `in_doubt`: an earlier send may have gone out; counted, so that it shows."""
    move(
        row, states.PENDING, next_try_at=clock.now(), first_try_at=None, provider_id=None,
        resends=row.resends + in_doubt,
    )


def move(row: OutboxMessage, state: str, **values) -> None:
    """The one place that sets a state; it also ends the lease."""
    row.state, row.state_at = state, clock.now()
    row.lease_token = row.lease_until = row.error_code = None
    for name, value in values.items():
        setattr(row, name, value[:LONGEST_CODE] if name == "error_code" else value)
    db.session.flush()


def _settle(row: OutboxMessage, outcome: Outcome) -> None:
    match outcome:
        case Accepted(provider_id, state):
            arrive_at(row, state, provider_id)
            channel.went_well(row.channel)
        case Refused(code) if code in NOT_SENT_ON_PURPOSE:
            cancel(row, code)
        case Refused(code):
            refuse(row, code)
        case Unclear(code):
            if channel_of(row).followed:
                channel.slow_down(row.channel)
            _become_unknown(row, code)


def _become_unknown(row: OutboxMessage, code: str) -> None:
    """Nobody may send it again before somebody knows more."""
    move(row, states.UNKNOWN, error_code=code, next_try_at=clock.now() + BEFORE_LOOKING)
    journal.record("message_unknown", actor=journal.SYSTEM, about=("message", row.id), detail={"code": code})
    audience.tell(row, audience.IN_DOUBT)


def _from_late_worker(row: OutboxMessage, outcome: Outcome) -> None:
    log.warning("late_worker", message=row.id, outcome=type(outcome).__name__)
    known = isinstance(outcome, Accepted) and not has_failed(outcome.provider_id)
    if known and row.state in (states.UNKNOWN, states.PENDING):
        arrive_at(row, outcome.state, outcome.provider_id)


def _goes_abroad(row: OutboxMessage) -> bool:
    payload = readable_payload(row)
    return payload is not None and is_abroad(payload.to)


def _others_went_through(row: OutboxMessage, code: str) -> bool:
    """It stopped the channel before, and another message was accepted since: then the account is in
    order, and one message must not stop all for ever."""
    return row.error_code == code and not channel.is_stopped(row.channel)


def _follow(row: OutboxMessage, code: str, error: SendError) -> None:
    match error.effect:
        case Effect.SLOW_CHANNEL:
            channel.slow_down(row.channel)
        case Effect.REST_CHANNEL:
            channel.rest(code, row.channel)
        case Effect.STOP_CHANNEL:
            channel.stop(code, row.channel)
        case Effect.STOP_TEMPLATE:
            templates.stop(row.template, code)
        case Effect.OPT_OUT:
            contacts.opt_out(row.to_index)


def _next_try(row: OutboxMessage, error: SendError):
    """None when there is no sense, or no time, for another try."""
    now, lifetime = clock.now(), lifetime_of(row.template)
    again = None
    if error.retry in PLANS:
        again = next_try(error.retry, row.first_try_at or now, max(1, row.attempts), now)
    elif error.retry is Retry.ONCE and row.attempts < 2:
        again = now + BEFORE_TRYING_ONCE_MORE
    in_time = again is not None and (lifetime is None or again < row.created_at + lifetime)
    return again if in_time else None


def _close_attempt(token: str, outcome: Outcome) -> None:
    values = {"ended_at": clock.now(), "outcome": type(outcome).__name__.lower()}
    if isinstance(outcome, Refused | Unclear):
        values["code"] = outcome.code[:LONGEST_CODE]
    db.session.execute(update(OutboxAttempt).where(OutboxAttempt.token == token).values(**values))
