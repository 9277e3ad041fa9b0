"""The background worker: any number of them, each job and each message in one hand at a time."""

import os
import shutil
import subprocess
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from app.base import clock, jobs
from app.base.database import db
from app.base.jobs import Job, WorkerBeat, WorkerJob
from app.messages import states
from app.process import worker
from tests.live import ROOT, LiveServer
from tests.messaging import FakeGateway, a_message, message, use_gateway


class Counter:
    """A job that counts its runs and how many ran at once."""

    def __init__(self):
        self.runs = self.most_at_once = self._now = 0
        self._lock = threading.Lock()

    def __call__(self):
        with self._lock:
            self.runs += 1
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        time.sleep(0.05)
        with self._lock:
            self._now -= 1


@pytest.fixture
def never():
    return threading.Event()


def test_a_job_runs_when_it_is_due_and_not_before(app_context, never, monkeypatch):
    counter = Counter()
    known = (Job("hitung", 60, counter),)
    jobs.ensure_rows(known)
    moment = clock.now()
    for seconds, runs in ((0, 1), (30, 1), (61, 2), (100, 2), (130, 3)):
        monkeypatch.setattr(clock, "now", lambda at=moment + timedelta(seconds=seconds): at)
        worker.run_due_jobs(known, never)
        assert counter.runs == runs


def run_many(app, known, workers):
    def work():
        with app.app_context():
            jobs.ensure_rows(known)
            worker.run_due_jobs(known, threading.Event())

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("workers", [2, 8])
def test_workers_that_start_together_run_each_job_once(app, workers):
    counter = Counter()
    run_many(app, (Job("hitung", 600, counter),), workers)
    assert (counter.runs, counter.most_at_once) == (1, 1)


def test_workers_that_start_together_run_each_job_once_on_postgresql(pg_app):
    counter = Counter()
    run_many(pg_app, (Job("hitung", 600, counter),), 8)
    assert (counter.runs, counter.most_at_once) == (1, 1)


def test_a_job_of_a_worker_that_died_is_taken_over_after_its_lease(app_context, never, monkeypatch):
    counter = Counter()
    known = (Job("hitung", 60, counter),)
    jobs.ensure_rows(known)
    assert jobs.claim("hitung") is not None
    worker.run_due_jobs(known, never)
    assert counter.runs == 0
    later = clock.now() + jobs.LEASE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    worker.run_due_jobs(known, never)
    assert counter.runs == 1


@pytest.mark.parametrize("name", ["read-mailbox", "adopt-complaint-files"])
def test_what_residents_sent_waits_a_minute_for_a_worker_that_died(app_context, never, monkeypatch, name):
    [job] = [job for job in worker.JOBS if job.name == name]
    counter = Counter()
    known = (replace(job, function=counter),)
    jobs.ensure_rows(known)
    assert jobs.claim(name, job.lease) is not None
    later = clock.now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    worker.run_due_jobs(known, never)
    assert counter.runs == 1


def test_a_job_that_fails_is_counted_and_stops_no_other(app_context, never):
    counter = Counter()
    known = (Job("gagal", 60, lambda: 1 / 0), Job("hitung", 60, counter))
    jobs.ensure_rows(known)
    worker.run_due_jobs(known, never)
    assert counter.runs == 1
    assert db.session.get(WorkerJob, "gagal").failures == 1
    assert db.session.get(WorkerJob, "hitung").succeeded_at is not None


def test_the_names_of_the_jobs_are_different_and_fit_their_column():
    names = [job.name for job in worker.JOBS]
    assert len(set(names)) == len(names) and max(map(len, names)) <= 40


def test_the_worker_sends_beats_and_stops_when_asked(app, app_context):
    use_gateway(app, FakeGateway())
    sent = a_message()
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(app, stop))
    thread.start()
    deadline = time.monotonic() + 20
    while message(sent).state != states.ACCEPTED and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert message(sent).state == states.ACCEPTED
    assert db.session.query(WorkerBeat).count() == 1


def test_the_worker_outlives_a_broken_round(app, monkeypatch):
    rounds = []
    monkeypatch.setattr(worker, "AFTER_FAILURE_SECONDS", 0.01)
    stop = threading.Event()

    def broken(_stop):
        rounds.append(1)
        if len(rounds) == 3:
            stop.set()
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(worker, "work_once", broken)
    worker.run(app, stop)
    assert len(rounds) == 3


@pytest.mark.server
def test_the_worker_process_gives_way_to_the_pages_and_ends_when_asked(tmp_path, migrated_sqlite):
    shutil.copy(migrated_sqlite, tmp_path / "loket.sqlite3")
    there = LiveServer(tmp_path)
    with subprocess.Popen(there.flask("worker"), cwd=ROOT, env=there.environment, stderr=subprocess.PIPE) as process:
        assert b"worker_started" in process.stderr.readline()
        assert os.getpriority(os.PRIO_PROCESS, process.pid) > os.getpriority(os.PRIO_PROCESS, 0)
        process.terminate()
        assert process.wait(30) == 0


def test_old_workers_are_forgotten(app_context, monkeypatch):
    jobs.beat("lama")
    later = clock.now() + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    jobs.beat("baru")
    assert [row.worker for row in db.session.query(WorkerBeat)] == ["baru"]
