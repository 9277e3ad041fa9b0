"""Whether a way out is open. Trouble that is not about one message slows or stops all of its channel,
and only them: no page of the app waits for it."""

import random
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import and_, func, select, update

from app.base import clock, jobs, journal
from app.base.database import db, insert_once, transaction
from app.base.services import kept_answer, settings
from app.messages import quota, states
from app.messages.addresses import WHATSAPP
from app.messages.catalogue import Message
from app.messages.choose_gateway import CHANNELS, followed, gateway
from app.messages.models import LONGEST_CODE, ChannelState, OutboxMessage
from app.messages.whatsapp import errors, templates

log = structlog.get_logger()

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=60)
# after a server was away
REST = timedelta(minutes=1)
# a stopped channel tries one message again by itself, so that a mended account needs nobody
PROBE_EVERY = timedelta(minutes=15)
JITTER = 0.1


def may_send(channel: str = WHATSAPP) -> bool:
    row = state(channel)
    return row is None or row.paused_until is None or row.paused_until <= clock.now()


def is_stopped(channel: str = WHATSAPP) -> bool:
    row = state(channel)
    return row is not None and row.stopped_code is not None


def state(channel: str = WHATSAPP) -> ChannelState | None:
    """The row, fresh; None while nothing ever went wrong."""
    return db.session.get(ChannelState, channel, populate_existing=True)


def hold(channel: str = WHATSAPP) -> None:
    """Be the only one who claims a message of this channel until the caller's transaction ends."""
    _locked(channel)


def slow_down(channel: str = WHATSAPP) -> None:
    """Rest twice as long as the time before, inside the caller's transaction."""
    row = _locked(channel)
    row.slowdowns += 1
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(row.slowdowns - 1, 10))
    _pause(row, pause * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - spreads load, no secret


def rest(code: str, channel: str) -> None:
    """The server is away, or does not let us in: one try a minute, and the office sees why nothing goes."""
    row = _locked(channel)
    if row.stopped_code is None:
        row.stopped_at = clock.now()
        log.error("channel_rests", channel=channel, why=code)
    row.stopped_code, row.paused_until = code[:LONGEST_CODE], clock.now() + REST


def stop(code: str, channel: str = WHATSAPP) -> None:
    """An error of the account: nothing can be sent until somebody mends it. Staff see a banner."""
    row = _locked(channel)
    if row.stopped_code is None:
        row.stopped_at = clock.now()
        journal.record("channel_stopped", actor=journal.SYSTEM, about=("channel", channel), detail={"code": code})
    row.stopped_code = code
    _pause(row, PROBE_EVERY)


def went_well(channel: str = WHATSAPP) -> None:
    """A message was accepted: whatever was wrong is over."""
    seen = state(channel)
    if seen is None or (seen.slowdowns == 0 and seen.stopped_code is None):
        return
    row = _locked(channel)
    if row.stopped_code is not None and channel == WHATSAPP:
        journal.record("channel_resumed", actor=journal.SYSTEM, about=("channel", channel))
    row.paused_until = row.stopped_code = row.stopped_at = None
    row.slowdowns = 0


def try_now(actor: journal.Actor, channel: str = WHATSAPP) -> None:
    """Staff say that the account is mended: the messages that met the trouble go out at once."""
    with transaction() as session:
        row = _locked(channel)
        session.execute(
            update(OutboxMessage).where(
                OutboxMessage.channel == channel, OutboxMessage.state == states.PENDING,
                OutboxMessage.error_code == row.stopped_code,
            ).values(next_try_at=clock.now())
        )
        row.paused_until = None
        journal.record("channel_probed", actor=actor, about=("channel", channel))


def _locked(channel: str) -> ChannelState:
    insert_once(ChannelState, channel=channel, slowdowns=0)
    return db.session.get(ChannelState, channel, with_for_update=True, populate_existing=True)


def _pause(row: ChannelState, length: timedelta) -> None:
    until = clock.now() + length
    row.paused_until = max(until, row.paused_until or until)


# Is anything wrong with the messages? Figures for the desk, and sentences for the banner.

# a due message waits at most this long while all is well
BEHIND_AFTER = timedelta(minutes=2)
SILENT_AFTER = timedelta(minutes=2)
KEPT_SECONDS = 10


@dataclass(frozen=True)
class MessageFigures:
    """`forecast` counts different people against Meta's limit of 24 hours and `shares` divides it by class;
    `withheld` says how often a message was left to the page in that time, by reason; `oldest_age` is
    how long the message that waits longest has waited, None when none waits."""

    forecast: quota.Forecast
    shares: list[quota.ShareUse]
    withheld: dict[str, int]
    per_minute: int
    oldest_age: timedelta | None
    not_approved: list[tuple[Message, str]]


def figures_of_messages() -> MessageFigures:
    can = gateway().capabilities
    return MessageFigures(
        forecast=quota.forecast(), shares=quota.by_share(), withheld=quota.withheld_today(quota.WITHHELD),
        per_minute=settings().whatsapp_per_minute, oldest_age=_oldest_age(),
        not_approved=templates.not_ready() if can.templates else [],
    )


def worker_is_behind() -> bool:
    """Due messages lie although nothing holds them back, or the worker has fallen silent."""
    now = clock.now()
    beat = jobs.last_beat()
    is_silent = jobs.only_future_beats() if beat is None else beat < now - SILENT_AFTER
    if is_silent:
        return True
    late = select(OutboxMessage.channel).distinct().where(
        OutboxMessage.channel.in_(CHANNELS), OutboxMessage.state == states.PENDING,
        OutboxMessage.next_try_at < now - BEHIND_AFTER,
    )
    return any(not _is_held(key) for key in db.session.scalars(late).all())


def _is_held(key: str) -> bool:
    return gateway(key) is None or not may_send(key) or (CHANNELS[key].limited and quota.pace_is_used_up())


def trouble() -> list[str]:
    """Sentences for the banner of every page of the office, looked for at most every KEPT_SECONDS by each process;
    empty when all is well."""
    return kept_answer("message_trouble", KEPT_SECONDS, _trouble_now)


def _trouble_now() -> list[str]:
    found = []
    known = state()
    if known is not None and known.stopped_code:
        found.append(f"Pesan WhatsApp berhenti: {errors.for_code(known.stopped_code).meaning}.")
    if worker_is_behind():
        found.append("Pesan terlambat dikirim. Admin perlu memeriksa pengirim pesan.")
    return found


def _oldest_age() -> timedelta | None:
    """Of all that has not left us, between two tries too; not of what is meant for later."""
    now = clock.now()
    for_later = and_(OutboxMessage.attempts == 0, OutboxMessage.next_try_at > now)
    query = select(func.min(OutboxMessage.created_at)).where(
        OutboxMessage.channel.in_(followed()), OutboxMessage.state.in_(states.WAITING), ~for_later,
    )
    oldest = db.session.scalar(query)
    return now - oldest if oldest else None
