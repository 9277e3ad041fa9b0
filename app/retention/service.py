"""Erasing what is due, kind by kind, at most 500 rows at a time; and saying what is due. `flask retention` does both
by hand."""

import time
from dataclasses import dataclass
from datetime import datetime

import click
import structlog
from flask.cli import AppGroup
from sqlalchemy import func, select

from app.base import clock, clock_guard
from app.base.database import db, end_reading
from app.base.jobs import LEASE
from app.base.services import city
from app.city.dates import show_date
from app.photos.store import StorageUnavailable
from app.retention import photos, records, rows
from app.retention.rules import BATCH, RULES, Rule, Work, days_of, limit_of

log = structlog.get_logger()

MODULES = (records, photos, rows)
WORKS: dict[str, Work] = {
    work.rule.key: work for module in MODULES for work in module.WORKS
}
# the job must end well within its lease; what is left waits for the next day
LONGEST_RUN_SECONDS = LEASE.total_seconds() / 2


class RetentionIncomplete(Exception):
    """Some kinds could not be erased; the others were. The next run tries again."""


@dataclass(frozen=True)
class Due:
    """`oldest` is the moment of the event that is longest past; None when nothing is due."""

    rule: Rule
    days: int
    count: int
    oldest: datetime | None


def report() -> list[Due]:
    """What a run would erase now. Erases nothing."""
    return [_due(WORKS[rule.key]) for rule in RULES]


def run() -> dict[str, int]:
    """Erase what is due, and return how much of each kind. Any crash leaves work for the next run.

    Raises RetentionIncomplete, after all other kinds had their turn, naming those that failed.
    """
    ends = time.monotonic() + LONGEST_RUN_SECONDS
    done, failed = {}, []
    for rule in RULES:
        done[rule.key], went_well = _erase_due(WORKS[rule.key], ends)
        if not went_well:
            failed.append(rule.key)
    log.info("retention_ran", **{key: count for key, count in done.items() if count})
    if failed:
        raise RetentionIncomplete(", ".join(failed))
    return done


def _erase_due(work: Work, ends: float) -> tuple[int, bool]:
    """(how many, whether all went well). What fails is passed over, and is due again tomorrow."""
    total, stuck = 0, set()
    while time.monotonic() < ends:
        found = db.session.scalars(work.due(_limit(work.rule)).limit(BATCH + len(stuck)))
        ids = [one for one in found if one not in stuck][:BATCH]
        end_reading()
        before = total, len(stuck)
        for piece in [ids] if work.in_batches else [[one] for one in ids]:
            try:
                total += _erase(work, piece, stuck) if piece else 0
            except StorageUnavailable:
                return total, False  # the store is away for all of them
        if before == (total, len(stuck)):
            break
    return total, not stuck


def _erase(work: Work, ids: list, stuck: set) -> int:
    """How many; what cannot be erased is added to `stuck`. Raises StorageUnavailable."""
    try:
        return work.erase(ids)
    except StorageUnavailable:
        raise
    except Exception as error:  # one that cannot be erased must not keep the others from their turn
        db.session.rollback()
        log.exception("retention_failed", kind=work.rule.key, error=type(error).__name__)
        stuck.update(ids)
        return 0


def _due(work: Work) -> Due:
    query = work.due(_limit(work.rule))
    counted = query.order_by(None).subquery()
    count = db.session.scalar(select(func.count()).select_from(counted))
    first = db.session.execute(query.limit(1)).first()
    end_reading()
    return Due(work.rule, days_of(work.rule, city().retention), count, first[1] if first else None)


def _limit(rule: Rule) -> datetime:
    return limit_of(rule, city().retention, clock.now())


retention_cli = AppGroup("retention", help="Erase data whose time is over.")


@retention_cli.command("report")
def report_command() -> None:
    """Show what is due now. Erases nothing."""
    for due in report():
        rule = due.rule
        oldest = f", oldest {show_date(due.oldest)}" if due.oldest else ""
        click.echo(f"{rule.key:14} {due.count:6} due{oldest}")
        click.echo(f"{'':14} {rule.data}: {due.days} days after {rule.since}; goes: {rule.erased}; stays: {rule.kept}")


@retention_cli.command("run")
def run_command() -> None:
    """Erase what is due now, as the worker does every day. Exit code 1 when some kinds failed."""
    try:
        clock_guard.refuse_doubted()
        done = run()
    except clock_guard.ClockDoubted as doubt:
        raise click.ClickException(f"{doubt} Nothing was erased. If the clock is right: clock confirm") from None
    except RetentionIncomplete as failure:
        raise click.ClickException(f"could not be erased: {failure}; see the log") from None
    for key, count in done.items():
        click.echo(f"{key:14} {count:6} erased")
