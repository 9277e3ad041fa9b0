"""Background work as rows: each job has a lease, each worker a heartbeat, so that any number of
workers may run and somebody can see when none does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime, db, end_reading, once_a_page, transaction
from app.base.ids import new_id

# a job must end well within its lease, or a second worker starts it again
LEASE = timedelta(minutes=10)
FORGET_WORKER_AFTER = timedelta(days=1)
# clocks of two machines differ by seconds; a sign of life from later than that was given by a wrong clock
CLOCKS_DIFFER = timedelta(minutes=1)


class WorkerJob(Base):
    __tablename__ = "worker_job"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    next_run_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)


class WorkerBeat(Base):
    """The last sign of life of one worker process; `worker` is host and process id."""

    __tablename__ = "worker_beat"

    worker: Mapped[str] = mapped_column(String(100), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


@dataclass(frozen=True)
class Job:
    """`function` runs in an app context, at most once at a time over all workers, about every
    `interval_seconds`. It opens its own transactions and does a bounded piece of work. `by_clock`: it erases or
    closes something because time has passed, so it waits while the clock is doubted (clock_guard.py). `lease` is how
    long it waits when its worker died (LEASE); shorter only where a second run beside a slow first one does no harm."""

    name: str
    interval_seconds: int
    function: Callable[[], object]
    by_clock: bool = False
    lease: timedelta | None = None


def ensure_rows(jobs: tuple[Job, ...]) -> None:
    """A row for each job; several workers may start at once."""
    known = set(db.session.scalars(select(WorkerJob.name)))
    end_reading()
    for job in jobs:
        if job.name in known:
            continue
        try:
            with transaction() as session:
                session.add(WorkerJob(name=job.name))
        except IntegrityError:
            pass  # another worker made it first


def repair_moments(jobs: tuple[Job, ...]) -> None:
    """A worker whose clock was years ahead left next runs, leases and beats there: bring them back to now."""
    now = clock.now()
    intervals = {job.name: timedelta(seconds=job.interval_seconds) for job in jobs}
    wrong = [row.name for row in db.session.scalars(select(WorkerJob))
             if row.next_run_at > now + intervals.get(row.name, LEASE) + LEASE
             or (row.lease_until and row.lease_until > now + 2 * LEASE)]
    future = db.session.scalar(select(func.count()).where(WorkerBeat.seen_at > now + CLOCKS_DIFFER))
    end_reading()
    if wrong or future:
        with transaction() as session:
            session.execute(update(WorkerJob).where(WorkerJob.name.in_(wrong)).values(
                next_run_at=now, lease_token=None, lease_until=None,
            ))
            session.execute(delete(WorkerBeat).where(WorkerBeat.seen_at > now + CLOCKS_DIFFER))


def due_names() -> set[str]:
    """A plain read, so that an idle worker takes no write lock."""
    names = set(db.session.scalars(select(WorkerJob.name).where(*_free())))
    end_reading()
    return names


def claim(name: str, lease: timedelta | None = None) -> str | None:
    """The lease token, or None when another worker has the job."""
    token = new_id()
    with transaction() as session:
        claimed = session.execute(
            update(WorkerJob).where(WorkerJob.name == name, *_free())
            .values(lease_token=token, lease_until=clock.now() + (lease or LEASE))
        )
        return token if claimed.rowcount == 1 else None


def finish(job: Job, token: str, succeeded: bool) -> None:
    """Let the job go and set its next run. A worker whose lease was taken changes nothing."""
    now = clock.now()
    done = {"succeeded_at": now, "failures": 0} if succeeded else {"failures": WorkerJob.failures + 1}
    with transaction() as session:
        session.execute(
            update(WorkerJob).where(WorkerJob.name == job.name, WorkerJob.lease_token == token)
            .values(
                lease_token=None, lease_until=None,
                next_run_at=now + timedelta(seconds=job.interval_seconds), **done,
            )
        )


def beat(worker: str) -> None:
    """Say that this worker lives."""
    now = clock.now()
    with transaction() as session:
        seen = session.execute(
            update(WorkerBeat).where(WorkerBeat.worker == worker).values(seen_at=now)
        )
        if seen.rowcount == 0:
            session.add(WorkerBeat(worker=worker, started_at=now, seen_at=now))
            session.execute(delete(WorkerBeat).where(WorkerBeat.seen_at < now - FORGET_WORKER_AFTER))


@once_a_page
def last_beat() -> datetime | None:
    """When any worker was last seen alive. A beat in the future is none."""
    sane = WorkerBeat.seen_at <= clock.now() + CLOCKS_DIFFER
    return db.session.scalar(select(func.max(WorkerBeat.seen_at)).where(sane))


def only_future_beats() -> bool:
    """Workers were here, and not one of them with a right clock."""
    return db.session.scalar(select(func.count()).select_from(WorkerBeat)) > 0 and last_beat() is None


def _free() -> tuple:
    now = clock.now()
    return (
        WorkerJob.next_run_at <= now,
        or_(WorkerJob.lease_until.is_(None), WorkerJob.lease_until < now),
    )
