"""Is anything wrong with the messages? Figures for the desk, and sentences for the banner."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select

from app.base import clock, jobs
from app.base.database import db
from app.base.services import kept_answer, settings
from app.messages import channel, number_limits, quota, states
from app.messages.catalogue import Message
from app.messages.choose_gateway import CHANNELS, followed, gateway
from app.messages.models import OutboxMessage
from app.messages.whatsapp import errors, templates

# a due message waits at most this long while all is well
BEHIND_AFTER = timedelta(minutes=2)
SILENT_AFTER = timedelta(minutes=2)
KEPT_SECONDS = 10


@dataclass(frozen=True)
class Figures:
    """`forecast` counts different people against Meta's limit of 24 hours and `shares` divides it by class;
    `withheld` says how often a message was left to the page in that time, by reason; `oldest_age` is
    how long the message that waits longest has waited, None when none waits."""

    forecast: quota.Forecast
    shares: list[quota.ShareUse]
    withheld: dict[str, int]
    per_minute: int
    oldest_age: timedelta | None
    not_approved: list[tuple[Message, str]]


def figures() -> Figures:
    can = gateway().capabilities
    return Figures(
        forecast=quota.forecast(), shares=quota.by_share(), withheld=quota.withheld_today(number_limits.WITHHELD),
        per_minute=settings().whatsapp_per_minute, oldest_age=_oldest_age(),
        not_approved=templates.not_ready() if can.templates else [],
    )


def worker_is_behind() -> bool:
    """Due messages lie although nothing holds them back, or the worker has fallen silent."""
    now = clock.now()
    beat = jobs.last_beat()
    if (beat is not None and beat < now - SILENT_AFTER) or jobs.only_future_beats():
        return True
    return any(_is_behind(key, now) for key in CHANNELS)


def _is_behind(key: str, now: datetime) -> bool:
    oldest = _oldest_due(key)
    if oldest is None or oldest >= now - BEHIND_AFTER:
        return False
    held = gateway(key) is None or not channel.may_send(key)
    return not held and not (CHANNELS[key].limited and quota.pace_is_used_up())


def trouble() -> list[str]:
    """Sentences for the banner of every page of the office, looked for at most every KEPT_SECONDS by each process;
    empty when all is well."""
    return kept_answer("message_trouble", KEPT_SECONDS, _trouble)


def _trouble() -> list[str]:
    found = []
    known = channel.state()
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


def _oldest_due(key: str) -> datetime | None:
    """Since when the message of this channel that is due longest has been due."""
    query = select(func.min(OutboxMessage.next_try_at)).where(
        OutboxMessage.channel == key, OutboxMessage.state == states.PENDING, OutboxMessage.next_try_at <= clock.now()
    )
    return db.session.scalar(query)
