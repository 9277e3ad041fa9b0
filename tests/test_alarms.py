"""Trouble reaches people: administrators and supervisors hear of it once, again after a day, and when it is over."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from app.accounts.models import Staff
from app.backup import target
from app.base import clock, jobs
from app.base.database import db, transaction
from app.base.jobs import WorkerBeat
from app.base.services import photo_store
from app.messages import channel, dispatcher, states
from app.messages.models import OutboxMessage
from app.messages.outbox import open_payload
from app.office.contacts import Contact, keep_contact
from app.photos.store import StorageUnavailable
from app.process import alarms, watchman
from app.process.alarms import OF_ALL, worker_silent
from app.process.watchman import Watchman
from tests.builders import add_staff

ADMIN, SUPERVISOR = "+6281200009001", "+6281200009002"
OF_WEB = {**OF_ALL, "worker-diam": worker_silent}


@pytest.fixture
def house(app):
    """An administrator and a supervisor who can be reached, and an operator who is not asked."""
    for username, role in (("admin1", "admin"), ("supervisor1", "supervisor"), ("operator1", "operator")):
        add_staff(app, username, role)
    with app.app_context():
        with transaction() as session:
            for username, phone in (("admin1", ADMIN), ("supervisor1", SUPERVISOR), ("operator1", "+6281200009003")):
                keep_contact(session.scalar(select(Staff).where(Staff.username == username)), Contact(phone=phone))
        jobs.beat("worker-1")
        yield app


def told(template: str = alarms.BEGUN) -> list[tuple[str, str]]:
    """(number, problem) of every message about an alarm."""
    rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.template == template))
    return sorted((open_payload(row).to, open_payload(row).variables["masalah"]) for row in rows)


def silence() -> None:
    with transaction() as session:
        session.execute(delete(WorkerBeat))
        session.add(WorkerBeat(worker="worker-1", seen_at=clock.now() - timedelta(minutes=6)))


def test_nothing_is_told_while_all_is_well(house):
    alarms.look(OF_WEB)
    assert told() == [] and alarms.current() == []


def test_a_stopped_channel_is_told_once_and_again_when_it_is_over(house):
    with transaction():
        channel.stop("20003")
    for _ in range(3):
        alarms.look(OF_WEB)
    assert [to for to, _ in told()] == [ADMIN, SUPERVISOR]
    assert {problem for _, problem in told()} == {"pesan WhatsApp berhenti keluar"}

    with transaction():
        channel.went_well()
    alarms.look(OF_WEB)
    alarms.look(OF_WEB)
    assert [to for to, _ in told(alarms.OVER)] == [ADMIN, SUPERVISOR] and alarms.current() == []


def test_a_photo_store_that_is_away_is_told_after_the_second_look_in_a_row(house, monkeypatch):
    store = photo_store()
    with monkeypatch.context() as patch:
        patch.setattr(type(store), "exists", lambda store, key: (_ for _ in ()).throw(StorageUnavailable("away")))
        alarms.look(OF_WEB)
        assert told() == []
        alarms.look(OF_WEB)
        patch.setattr(alarms.LastLook, "photos_away", False)  # another process, its first look
        alarms.look(OF_WEB)
        assert [to for to, _ in told()] == [ADMIN, SUPERVISOR] and told(alarms.OVER) == []
    alarms.look(OF_WEB)
    assert [to for to, _ in told(alarms.OVER)] == [ADMIN, SUPERVISOR]


def test_what_lasts_a_day_is_told_again(house, time):
    with transaction():
        channel.stop("20003")
    alarms.look(OF_ALL)
    time.moves(hours=25)
    alarms.look(OF_ALL)
    assert len(told()) == 4


def test_a_silent_worker_is_told_by_the_web_process_that_sends_the_message_itself(house):
    silence()
    Watchman(house).look(0)
    sent = db.session.scalars(select(OutboxMessage).where(OutboxMessage.template == alarms.BEGUN)).all()
    assert len(sent) == 2 and {row.state for row in sent} <= set(states.LEFT_US)
    jobs.beat("worker-1")
    Watchman(house).look(60)
    assert len(told(alarms.OVER)) == 2


def test_a_worker_that_gives_signs_of_life_is_never_called_silent(house):
    assert worker_silent() is None
    silence()
    assert "diam sejak 6 menit" in worker_silent().problem


def test_a_filling_disk_and_a_late_backup_are_told(house, monkeypatch):
    monkeypatch.setattr(alarms, "free_share", lambda: 0.12)
    target.note_backup(clock.now() - timedelta(hours=30), "/cadangan")
    alarms.look(OF_ALL)
    problems = {problem for to, problem in told() if to == ADMIN}
    assert "ruang disk tersisa 12 persen" in problems
    assert any(problem.startswith("cadangan terakhir dibuat 1 hari") for problem in problems)


def test_one_check_that_fails_does_not_keep_the_others_from_looking(house):
    def broken():
        raise RuntimeError("nobody knows why")

    silence()
    alarms.look({"disk-penuh": broken, "worker-diam": worker_silent})
    assert [alarm.key for alarm in alarms.current()] == ["worker-diam"]


def test_of_two_who_look_at_once_one_tells(house):
    trouble = alarms.Trouble("disk penuh", "kosongkan")
    assert alarms._begin_or_repeat("disk-penuh", trouble)
    assert not alarms._begin_or_repeat("disk-penuh", trouble)
    assert len(told()) == 2


def test_an_address_that_does_not_answer_for_five_minutes_is_an_alarm_of_the_worker(house, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(watchman.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(watchman, "ask", lambda base: (_ for _ in ()).throw(ConnectionRefusedError()))
    monkeypatch.setattr(watchman.Outside, "failing_since", None)
    assert watchman.web_silent() is None
    now[0] += 299
    assert watchman.web_silent() is None
    now[0] += 2
    assert "tidak menjawab selama lima menit" in watchman.web_silent().problem
    monkeypatch.setattr(watchman, "ask", lambda base: (200, clock.now() + timedelta(days=10)))
    assert watchman.web_silent() is None
    assert "sertifikat" in watchman.certificate_ending().problem


def test_a_message_that_goes_out_at_once_goes_out_once(house):
    silence()
    alarms.look({"worker-diam": worker_silent})
    before = db.session.scalars(select(OutboxMessage.attempts)).all()
    dispatcher.deliver_due()
    assert db.session.scalars(select(OutboxMessage.attempts)).all() == before
