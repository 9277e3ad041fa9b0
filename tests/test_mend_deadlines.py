"""Reminding of returned registrations, and closing those that nobody mended."""

from datetime import timedelta

import pytest

from app.process.fsck import check
from app.registration.mend_plan import remind_and_close
from tests.browser import Officer
from tests.builders import an_application
from tests.resident_pages import Follower, application, link_in, messages


@pytest.fixture
def returned(app, staff_client):
    application_id = an_application(app)
    Officer(staff_client("operator")).acts(application_id, "kembalikan", reasons=["KTP_BURAM"])
    return application_id


def run_deadlines(app) -> None:
    with app.app_context():
        remind_and_close()


def test_reminders_come_on_day_two_and_five_once_each_and_closing_after_the_last_day(time, app, returned):
    seen = []
    for _ in range(16):
        run_deadlines(app)
        run_deadlines(app)
        seen.append((len(messages(app, "pengingat_perbaikan")), application(app, returned).status))
        time.moves(days=1)
    assert [count for count, _ in seen[:6]] == [0, 0, 1, 1, 1, 2]
    assert seen[14] == (2, "returned") and seen[15] == (2, "expired")
    assert len(messages(app, "pendaftaran_ditutup")) == 1
    with app.app_context():
        assert check() == []


def test_a_worker_that_was_away_sends_one_reminder_not_two(time, app, returned):
    time.moves(days=6)
    run_deadlines(app)
    run_deadlines(app)
    assert len(messages(app, "pengingat_perbaikan")) == 1


def test_nobody_is_reminded_at_night(time, app, returned):
    time.moment = time.moment.replace(hour=0, minute=30) + timedelta(days=2)  # 07.30 WIB
    run_deadlines(app)
    assert messages(app, "pengingat_perbaikan") == []


def test_the_link_of_a_reminder_opens_the_mending(time, app, returned):
    time.moves(days=2)
    run_deadlines(app)
    follower = Follower(app.test_client())
    follower.opens_link(link_in(messages(app, "pengingat_perbaikan")[0][2]))
    assert follower.address == "/perbaikan" and follower.page.status == 200
