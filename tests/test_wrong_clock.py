"""A clock that runs wrong erases nothing, and leaves nothing behind that stops the house when it is right again."""

from datetime import timedelta

import pytest

from app.base import clock, jobs
from app.base.database import db, transaction
from app.base.jobs import WorkerJob
from app.doctor import GOOD, WRONG
from app.messages.channel import worker_is_behind
from app.process import worker
from app.registration.models import Application
from tests.accounts import a_draft
from tests.doctoring import says


@pytest.fixture
def running(app, time):
    """With a worker that did its work today, and a draft."""
    a_draft(app)
    worker.run_once(app)
    return app


def drafts(app) -> int:
    with app.app_context():
        return db.session.query(Application).count()


@pytest.mark.usefixtures("on_sqlite")
def test_two_years_ahead_for_one_run_nothing_is_erased_and_afterwards_every_job_runs_again(running, time):
    time.moves(days=730)
    worker.run_once(running)
    assert drafts(running) == 1
    level, sentence = says(running, "Lompatan jam")
    assert level == WRONG and "tidak ada data yang dihapus" in sentence
    time.moves(days=-730, seconds=30)
    worker.run_once(running)
    with running.app_context():
        late = [row.name for row in db.session.query(WorkerJob) if row.next_run_at > clock.now() + timedelta(days=2)]
    assert late == [] and says(running, "Lompatan jam")[0] == GOOD


@pytest.mark.usefixtures("on_sqlite")
def test_a_person_confirms_that_the_machine_was_off_and_the_work_goes_on(running, time):
    time.moves(days=40)
    worker.run_once(running)
    assert drafts(running) == 1
    told = running.test_cli_runner().invoke(args=["clock", "confirm"])
    assert told.exit_code == 0 and "confirmed" in told.output
    worker.run_once(running)
    assert drafts(running) == 0


@pytest.mark.usefixtures("on_sqlite")
def test_a_day_after_a_day_is_no_jump(running, time):
    for _ in range(9):
        time.moves(days=1)
        worker.run_once(running)
    assert drafts(running) == 0


@pytest.mark.usefixtures("on_sqlite")
def test_a_heartbeat_in_the_future_is_none_and_a_right_clock_removes_it(running, time):
    time.moves(days=1)
    with running.app_context():
        jobs.beat("wrong-1")
    time.moves(days=-1)
    with running.app_context():
        assert jobs.last_beat() is None and worker_is_behind()
    worker.run_once(running)
    with running.app_context():
        assert not jobs.only_future_beats()


@pytest.mark.usefixtures("on_sqlite")
def test_a_job_left_far_ahead_or_leased_for_years_is_due_now(running, time):
    with running.app_context(), transaction() as session:
        for row in session.query(WorkerJob):
            row.next_run_at = row.lease_until = clock.now() + timedelta(days=700)
            row.lease_token = "gone"
    worker.run_once(running)
    with running.app_context():
        assert all(row.lease_token is None and row.next_run_at < clock.now() + timedelta(days=2)
                   for row in db.session.query(WorkerJob))
