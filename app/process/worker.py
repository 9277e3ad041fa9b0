"""The background worker: sends what is due every second, and runs the periodic jobs.

Any number may run, beside the web process or on another machine: messages and jobs are claimed by
leases. SIGTERM lets the message under way end and be recorded.
"""

import os
import select
import signal
import socket
import threading
import time
import weakref
from datetime import timedelta
from functools import partial

import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError

from app.backup import erased
from app.base import clock_guard, jobs, limits
from app.base.database import checkpoint
from app.base.jobs import Job
from app.base.services import photo_store
from app.casework import bulk_acts, watch
from app.citizen_account import number_service
from app.citizen_account.codes import forget_old_challenges
from app.city.office_calendar import keep_seeded
from app.complaints.arriving import by_email
from app.complaints.ticket import timekeeping
from app.complaints.ticket.personal import find_villages as find_places
from app.correspondence import calls
from app.guarantee import moves as guarantee_moves
from app.journal import anchors
from app.keys import rotation
from app.mailbox import ledger
from app.messages import contacts, dispatcher, resolver
from app.messages.inbound import attachments, inbox
from app.messages.whatsapp import events, templates
from app.office import journal_page, late
from app.oversight import weekly
from app.photos import cleaning, disk_space
from app.privacy.rights_case import WATCH
from app.process import watchman
from app.registration.bursts import forget_old_marks
from app.registration.links import forget_expired_links
from app.registration.mend_plan import remind_and_close
from app.registration.minutes import count_old
from app.registration.personal import date_names, find_villages
from app.retention import service as retention
from app.review.promises import record_warnings
from app.survey import answering, inviting
from app.tracking.visits import forget_expired_visits

log = structlog.get_logger()

MINUTE, DAY = 60, 24 * 3600
# of what residents wait for and every row of which is taken once whoever takes it
SHORT_LEASE = timedelta(minutes=1)
PAUSE_SECONDS = 1.0
BEAT_SECONDS = 10.0
AFTER_FAILURE_SECONDS = 5.0
# small, because each message may take the gateway's whole timeout and the beat waits for it
ROUND = 5
NICENESS = 10


# A sign to stop that a signal handler may raise.
#
# threading.Event takes a lock to be set and to be waited for. A handler runs in the middle of either, in
# the same thread, so a second signal (make repeats the one it gets) would wait for itself for ever.

class StopSign:
    """`set`, `is_set` and `wait` as threading.Event has them, without any lock."""

    def __init__(self) -> None:
        self._seen, self._ring = socket.socketpair()
        self._raised = False
        weakref.finalize(self, _close, self._seen, self._ring)

    def is_set(self) -> bool:
        return self._raised

    def set(self) -> None:
        if not self._raised:
            self._raised = True
            self._ring.send(b"!")  # never read, so that every later wait returns at once

    def wait(self, seconds: float | None = None) -> bool:
        """Until the sign is raised, or `seconds` have passed; whether it is raised."""
        select.select([self._seen], [], [], seconds)
        return self._raised


def _close(*ends: socket.socket) -> None:
    for end in ends:
        end.close()


def sweep_temporary_photos() -> None:
    """Remove what crashed writes left behind; whole objects without a row are fsck's."""
    photo_store().sweep_temporary(timedelta(hours=1))


JOBS: tuple[Job, ...] = (
    Job("lose-expired-messages", 15, dispatcher.lose_expired),
    Job("resolve-unknown-messages", 15, resolver.resolve_unknown),
    Job("drop-unmatched-reports", MINUTE, events.drop_unmatched, by_clock=True),
    Job("ask-for-calls", 15 * MINUTE, calls.ask_about_undelivered, by_clock=True),
    Job("follow-templates", 3600, templates.follow),
    Job("compare-inbound", DAY, inbox.compare_with_provider),
    Job("forget-expired-limits", 3600, limits.forget_expired, by_clock=True),
    Job("remind-and-close-returned", 900, remind_and_close, by_clock=True),
    Job("forget-expired-links", 3600, forget_expired_links, by_clock=True),
    Job("forget-expired-visits", 3600, forget_expired_visits, by_clock=True),
    Job("forget-burst-marks", 3600, forget_old_marks, by_clock=True),
    Job("forget-empty-contacts", DAY, contacts.forget_empty, by_clock=True),
    Job("forget-old-codes", 3600, forget_old_challenges, by_clock=True),
    Job("sweep-temporary-photos", 3600, sweep_temporary_photos, by_clock=True),
    Job("keep-complaint-time", MINUTE, timekeeping.keep_time, by_clock=True),
    Job("adopt-complaint-files", 10, timekeeping.adopt_files, lease=SHORT_LEASE),
    Job("read-mailbox", 20, by_email.take_new, lease=SHORT_LEASE),
    Job("forget-stored-bytes", 3600, disk_space.forget_old_days, by_clock=True),
    Job("forget-picture-tries", DAY, cleaning.forget_old_tries, by_clock=True),
    Job("forget-mailbox-rows", DAY, ledger.forget_old, by_clock=True),
    Job("record-rights-warnings", MINUTE, partial(watch.record_warnings, WATCH), by_clock=True),
    Job("record-number-warnings", MINUTE, partial(watch.record_warnings, number_service.WATCH), by_clock=True),
    Job("record-call-warnings", MINUTE, partial(watch.record_warnings, calls.WATCH), by_clock=True),
    Job("record-clock-warnings", MINUTE, record_warnings, by_clock=True),
    Job("escalate-late-work", MINUTE, late.escalate),
    Job("watch-guarantees", MINUTE, guarantee_moves.record_warnings),
    Job("keep-calendar-seeded", 24 * 3600, keep_seeded),
    Job("find-villages", MINUTE, find_villages),
    Job("find-places", MINUTE, find_places),
    Job("date-names", 10 * MINUTE, date_names),
    Job("count-old-minutes", MINUTE, count_old),
    Job("forget-old-reminders", DAY, bulk_acts.forget_old_reminders, by_clock=True),
    Job("retention", 24 * 3600, retention.run, by_clock=True),
    Job("anchor-journal", 3600, anchors.send_out),
    Job("invite-to-survey", 15 * MINUTE, inviting.invite_due, by_clock=True),
    Job("forget-survey-links", DAY, answering.forget_expired, by_clock=True),
    Job("remove-replaced-objects", 5 * MINUTE, rotation.remove_replaced),
    Job("copy-erasures", 5 * MINUTE, erased.copy_to_last),
    Job("checkpoint-database", 10 * MINUTE, checkpoint),
    Job("watch-reading", MINUTE, journal_page.watch_reading),
    Job("weekly-note", 15 * MINUTE, weekly.write_notes),
    Job("watch-house", MINUTE, watchman.watch_house),
)


def stop_on_signals() -> StopSign:
    """What SIGTERM and SIGINT raise; call it in the main thread."""
    stop = StopSign()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def yield_to_pages() -> None:
    """Messages can wait a moment, a person before a page should not: on a machine both share, the
    pages go first. For a process of its own only; a slowed-down thread would hold back its process."""
    os.nice(NICENESS)


def run(app: Flask, stop: StopSign) -> None:
    """Work until `stop` is set. Survives a database that is away for a while."""
    worker = f"{socket.gethostname()}-{os.getpid()}"[:100]
    log.info("worker_started", worker=worker)
    last_beat, trusted = -BEAT_SECONDS, False
    while not stop.is_set():
        try:
            with app.app_context():
                if time.monotonic() - last_beat >= BEAT_SECONDS:
                    trusted = _begin_round()
                    if trusted:
                        jobs.beat(worker)
                    last_beat = time.monotonic()
                busy = work_once(stop)
                run_due_jobs(JOBS, stop, trusted)
        except Exception as error:  # noqa: BLE001  whatever one round met, the worker lives on for the next
            _say_why(error)
            stop.wait(AFTER_FAILURE_SECONDS)
            continue
        stop.wait(0 if busy else PAUSE_SECONDS)
    log.info("worker_stopped", worker=worker)


class Beside:
    """The worker as a thread of the web process, for the demo."""

    def __init__(self, app: Flask):
        self._app, self._stop, self._thread = app, None, None

    def start(self) -> None:
        self._stop = StopSign()
        self._thread = threading.Thread(target=run, args=(self._app, self._stop), name="worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._thread is not None:
            self._stop.set()
            self._thread.join(timeout=10)


def run_once(app: Flask) -> None:
    """Do what is due now, then return: for a timer of the system, and for tests."""
    with app.app_context():
        trusted, never = _begin_round(), StopSign()
        while work_once(never):
            pass
        run_due_jobs(JOBS, never, trusted)


def _begin_round() -> bool:
    """Whether the clock is believed. A doubted one gives no sign of life, so that its silence is noticed."""
    jobs.ensure_rows(JOBS)
    if not clock_guard.move_on():
        log.error("clock_doubted", why=clock_guard.doubt())
        return False
    jobs.repair_moments(JOBS)
    return True


def work_once(stop: StopSign) -> int:
    """What every worker does all the time, claimed row by row. Returns how much there was to do."""
    done = dispatcher.deliver_due(ROUND, stop.is_set)
    for handle in (events.apply_new, inbox.handle_new, attachments.fetch_due):
        if not stop.is_set():
            done += handle()
    return done


def run_due_jobs(known: tuple[Job, ...], stop: StopSign, trusted: bool = True) -> None:
    """Run each job that is due and free, one after the other; with a doubted clock only what erases nothing."""
    due = jobs.due_names()
    for job in known:
        if job.name not in due or stop.is_set() or (job.by_clock and not trusted):
            continue
        token = jobs.claim(job.name, job.lease)
        if token is not None:
            jobs.finish(job, token, succeeded=_ran(job))


def _ran(job: Job) -> bool:
    try:
        job.function()
        return True
    except Exception:  # one failing job must not stop the others; the row counts failures
        log.exception("job_failed", job=job.name)
        return False


def _say_why(error: Exception) -> None:
    if isinstance(error, OperationalError):
        log.error("worker_waits_for_database")
    else:
        log.exception("worker_round_failed", kind=type(error).__name__)
