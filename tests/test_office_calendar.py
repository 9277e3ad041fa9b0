"""The calendar table: seeded, corrected by the admin, and always what deadlines are counted with."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from app.accounts.models import Staff
from app.base import clock, journal, journal_proof
from app.base.clock import WIB
from app.base.database import db, transaction
from app.base.problems import FormRejected
from app.city import office_calendar, worktime
from app.city.office_calendar import (
    CalendarDay,
    calendar_for,
    change_day,
    keep_seeded,
    seed_years,
    undecreed_year_warning,
)
from tests.builders import add_staff

CHRISTMAS_LEAVE = date(2026, 12, 24)
BEFORE_CHRISTMAS = datetime(2026, 12, 23, 14, 0, tzinfo=WIB)


@pytest.fixture(autouse=True)
def in_november_2026(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 22, 3, 0, tzinfo=UTC))


@pytest.fixture
def admin(app_context):
    return db.session.get(Staff, add_staff(app_context, "admin1", "admin"))


def due() -> date:
    return worktime.due_after_working_days(calendar_for(), BEFORE_CHRISTMAS, 1).astimezone(WIB).date()


def correct(admin, day=CHRISTMAS_LEAVE, is_working=True, **changes):
    given = {"name": "Cuti Bersama Natal", "reason": "Kantor tetap buka.", "source": "SE Wali Kota 1/2026"}
    return change_day(day, is_working, **{**given, **changes}, staff=admin)


def test_deadlines_heed_holidays_even_before_anybody_seeded_the_table(app_context):
    assert due() == date(2026, 12, 28)


def test_seeding_fills_the_years_once(app_context):
    assert seed_years(2026, 2027) == 25 + 26
    assert seed_years(2026, 2027) == 0
    assert due() == date(2026, 12, 28)
    row = db.session.get(CalendarDay, CHRISTMAS_LEAVE)
    assert (row.is_working, row.name, row.changed_by) == (False, "Cuti Bersama Hari Raya Natal", None)


def test_the_daily_job_seeds_last_year_this_year_and_next(app_context):
    keep_seeded()
    years = {day.year for day in db.session.scalars(db.select(CalendarDay.day))}
    assert years == {2025, 2026, 2027}


def test_a_day_opened_by_the_admin_moves_the_deadline_at_once(admin):
    seed_years(2026, 2027)
    assert due() == date(2026, 12, 28)
    correct(admin)
    assert due() == date(2026, 12, 24)


def test_a_day_closed_by_the_admin_moves_the_deadline_at_once(admin):
    seed_years(2026, 2027)
    correct(admin, date(2026, 12, 28), is_working=False, name="Pemilihan wali kota")
    assert due() == date(2026, 12, 29)


def test_a_correction_before_seeding_counts_beside_the_holidays(admin):
    correct(admin, date(2026, 12, 28), is_working=False, name="Pemilihan wali kota")
    assert due() == date(2026, 12, 29)


def test_two_corrections_of_one_day_within_the_same_second_both_count(admin):
    seed_years(2026, 2027)
    correct(admin)
    assert due() == date(2026, 12, 24)
    correct(admin, is_working=False)
    assert due() == date(2026, 12, 28)


def test_another_process_sees_a_correction_without_being_told(admin, app_context):
    seed_years(2026, 2027)
    calendar_for()
    with transaction() as session:  # as another process would write it, past this one's cache
        row = session.get(CalendarDay, CHRISTMAS_LEAVE)
        row.is_working, row.revision = True, row.revision + 1
    assert due() == date(2026, 12, 24)


@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_seeding_and_correcting_work_the_same_on_both_databases(which, request):
    app = request.getfixturevalue(which)
    admin_id = add_staff(app, "admin1", "admin")
    with app.app_context():
        assert seed_years(2026, 2027) == 25 + 26
        correct(db.session.get(Staff, admin_id))
        assert seed_years(2026, 2027) == 0
        assert due() == date(2026, 12, 24)
        assert journal_proof.first_broken_line() is None


def test_seeding_again_keeps_what_an_admin_decided(admin):
    seed_years(2026, 2027)
    correct(admin)
    assert seed_years(2026, 2027) == 0
    assert due() == date(2026, 12, 24)


def test_a_seeded_day_dropped_by_a_newer_library_becomes_a_working_day(app_context, monkeypatch):
    seed_years(2026, 2027)
    library = office_calendar.library_days_of
    monkeypatch.setattr(office_calendar, "library_days_of", lambda years: {
        day: name for day, name in library(years).items() if day != CHRISTMAS_LEAVE
    })
    assert seed_years(2026, 2027) == 1
    assert due() == date(2026, 12, 24)
    assert db.session.get(CalendarDay, CHRISTMAS_LEAVE).reason == office_calendar.NO_LONGER


def test_a_correction_is_kept_with_reason_source_and_who_did_it(admin):
    correct(admin)
    row = db.session.get(CalendarDay, CHRISTMAS_LEAVE)
    assert (row.reason, row.source, row.changed_by) == ("Kantor tetap buka.", "SE Wali Kota 1/2026", admin.id)
    (line,) = journal.lines_about("calendar", "2026-12-24")
    assert (line.action, line.actor_id) == ("calendar_changed", admin.id)
    assert "SE Wali Kota 1/2026" in line.detail


@pytest.mark.parametrize("field", ["name", "reason", "source"])
def test_a_correction_without_reason_source_or_name_is_refused(admin, field):
    for text in ("  ", "x" * 501):
        with pytest.raises(FormRejected) as refused:
            correct(admin, **{field: text})
        assert list(refused.value.errors) == [field]
    assert db.session.get(CalendarDay, CHRISTMAS_LEAVE) is None


def test_a_saturday_cannot_be_declared_worked_without_office_hours(admin):
    with pytest.raises(FormRejected) as refused:
        correct(admin, date(2026, 12, 26))
    assert list(refused.value.errors) == ["is_working"]


@pytest.fixture
def listener(monkeypatch):
    heard = []
    monkeypatch.setattr(office_calendar, "_listeners", [])
    office_calendar.on_change(heard.append)
    return heard


def test_whoever_counts_deadlines_is_told_of_a_correction_with_the_new_calendar(admin, listener):
    seed_years(2026, 2027)
    correct(admin)
    assert CHRISTMAS_LEAVE in listener[0].days_off
    assert CHRISTMAS_LEAVE not in listener[1].days_off
    seed_years(2026, 2027)
    assert len(listener) == 2


def test_a_correction_whose_consequences_fail_leaves_everything_as_it_was(admin, monkeypatch):
    seed_years(2026, 2027)

    def fail(calendar):
        calendar_for()  # caches the calendar that is about to be rolled back
        raise RuntimeError("deadlines could not be moved")

    monkeypatch.setattr(office_calendar, "_listeners", [fail])
    with pytest.raises(RuntimeError):
        correct(admin)
    assert journal.lines_about("calendar", "2026-12-24") == []
    monkeypatch.setattr(office_calendar, "_listeners", [])
    correct(admin, date(2026, 12, 28), is_working=False)
    assert due() == date(2026, 12, 29)


def test_no_warning_while_this_year_and_next_are_decreed(app_context):
    assert undecreed_year_warning(date(2026, 10, 1)) is None


def test_from_october_on_a_year_without_joint_leave_is_warned_about(app_context):
    assert undecreed_year_warning(date(2027, 9, 30)) is None
    assert "Kalender 2028 belum ditetapkan" in undecreed_year_warning(date(2027, 10, 1))


def test_a_year_that_began_without_its_decree_is_warned_about_in_any_month(app_context):
    assert "Kalender 2028 belum ditetapkan" in undecreed_year_warning(date(2028, 2, 1))


def test_the_warning_ends_when_the_admin_enters_the_joint_leave(admin):
    correct(admin, date(2028, 12, 26), is_working=False, name="Cuti bersama Natal")
    assert undecreed_year_warning(date(2027, 10, 1)) is None


@pytest.mark.parametrize(("open_days", "words"), [
    (("senin", "selasa", "rabu", "kamis", "jumat"), "Senin–Jumat"),
    (("senin", "selasa", "rabu", "kamis", "sabtu"), "Senin–Kamis dan Sabtu"),
    (("minggu",), "Minggu"), (("senin", "rabu", "kamis"), "Senin dan Rabu–Kamis"), ((), ""),
])
def test_the_days_the_office_opens_are_said_in_runs(open_days, words):
    hours = worktime.parse_hours({day: ["08.00-12.00"] if day in open_days else [] for day in worktime.WEEKDAYS})
    assert worktime.show_days(hours) == words


def test_a_calendar_made_of_another_forgets_the_hours_that_one_knew(app_context):
    known, closed = calendar_for(), date(2026, 11, 25)
    assert worktime.is_working_day(known, closed)
    assert not worktime.is_working_day(replace(known, days_off={closed: "Libur"}), closed)
    assert worktime.is_working_day(known, closed)
