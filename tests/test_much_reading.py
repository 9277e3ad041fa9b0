"""Whoever opens very many cases or photos in an hour is told to the supervisor."""

import json

import pytest
from sqlalchemy import select

from app import create_app
from app.accounts.models import Staff
from app.base import journal
from app.base.database import db, transaction
from app.base.journal_line import JournalLine
from app.office import journal_page
from app.process import worker
from tests.accounts import staff_sign_in
from tests.browser import Page
from tests.builders import TEST_SETTINGS, add_staff, an_application
from tests.test_anchors import dispose
from tests.test_traces import run_sql, signs_in, verify  # noqa: F401


def reads(app, staff_id: str, cases: int, photos: int) -> None:
    with app.app_context(), transaction():
        for action, count in (("case_viewed", cases), ("photo_viewed", photos)):
            for number in range(count):
                journal.record(action, actor=journal.Actor("staff", staff_id), about=("application", f"{number:032}"))


def notices(client) -> str:
    return " ".join(box.get_text(" ", strip=True) for box in Page(client.get("/petugas/")).soup.select(".box"))


def alarms(app) -> list[dict]:
    with app.app_context():
        found = db.session.scalars(select(JournalLine.detail).where(JournalLine.action == journal_page.READING_ALARM))
        return [json.loads(detail) for detail in found]


def test_more_than_sixty_cases_or_150_photos_in_an_hour_are_told(app, time):
    read = {"rina": (60, 150), "dewi": (61, 0), "adi": (0, 151)}
    for name, (cases, photos) in read.items():
        reads(app, add_staff(app, name, "petugas"), cases, photos)
    worker.run_once(app)
    supervisor, operator = notices(signs_in(app, "supervisor")), notices(signs_in(app, "operator"))
    told = {name for name, (cases, photos) in read.items()
            if f"membuka {cases} berkas dan {photos} foto dalam satu jam" in supervisor}
    assert told == {"dewi", "adi"} and len(alarms(app)) == 2
    assert "dalam satu jam" not in operator


def test_cases_and_photos_really_opened_are_what_is_counted(app, time, monkeypatch):
    monkeypatch.setattr(journal_page, "MOST_CASES", 1)
    first, second = an_application(app), an_application(app, nik="3574031212850002", whatsapp_number="0812-0000-1002")
    operator = signs_in(app)
    for _ in range(3):
        operator.get(f"/petugas/pendaftaran/{first}")  # the same case again is no second one
    worker.run_once(app)
    assert alarms(app) == []
    time.moves(minutes=2)
    operator.get(f"/petugas/pendaftaran/{second}")
    operator.get(f"/petugas/pendaftaran/{second}/foto/ktp")
    worker.run_once(app)
    assert alarms(app) == [{"cases": 2, "photos": 1}]


def test_one_person_is_told_about_once_an_hour_and_never_to_themselves(app, time):
    for name in ("supervisor1", "supervisor2", "admin1"):
        add_staff(app, name, name[:-1])
    with app.app_context():
        staff_id = db.session.scalar(select(Staff.id).where(Staff.username == "supervisor1"))
    for minutes in (0, 20, 20):
        time.moves(minutes=minutes)
        reads(app, staff_id, 70, 0)
        worker.run_once(app)
    assert len(alarms(app)) == 1
    for username, told in (("supervisor2", True), ("supervisor1", False), ("admin1", True)):
        client = app.test_client()
        staff_sign_in(client, username)
        assert ("dalam satu jam" in notices(client)) is told
    time.moves(minutes=21)
    reads(app, staff_id, 70, 0)
    worker.run_once(app)
    assert len(alarms(app)) == 2


def test_what_was_read_in_another_hour_does_not_count(app, time):
    staff_id = add_staff(app, "rina", "petugas")
    reads(app, staff_id, 0, 100)
    time.moves(hours=1)
    reads(app, staff_id, 0, 100)
    worker.run_once(app)
    assert alarms(app) == []


@pytest.mark.usefixtures("on_sqlite")
def test_the_count_is_of_rows_and_survives_every_process(app, tmp_path, time):
    staff_id = add_staff(app, "rina", "petugas")
    for _ in range(4):  # four web processes, each with a share of the hour
        other = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path)})
        reads(other, staff_id, 0, 40)
        dispose(other)
    worker.run_once(app)
    assert alarms(app) == [{"cases": 0, "photos": 160}]
