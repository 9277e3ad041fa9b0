"""Working time: the examples of docs/facts.md 5, and what must hold for every moment."""

import os
import time as clock_time
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.base.clock import WIB
from app.city import worktime
from app.city.office_calendar import decreed_years, library_days_off
from app.city.worktime import parse_hours

HOURS = parse_hours({
    **dict.fromkeys(("senin", "selasa", "rabu", "kamis"), ["07.30-12.00", "13.00-16.00"]),
    "jumat": ["07.30-11.30", "13.00-16.30"], "sabtu": [], "minggu": [],
})
RAMADAN_HOURS = parse_hours({
    **dict.fromkeys(("senin", "selasa", "rabu", "kamis"), ["08.00-12.00", "12.30-15.00"]),
    "jumat": ["08.00-11.30", "12.30-15.30"], "sabtu": [], "minggu": [],
})
RAMADAN = (
    (date(2026, 2, 19), date(2026, 3, 20)),
    (date(2027, 2, 8), date(2027, 3, 9)),
)
YEARS = range(2024, 2028)
DAYS_OFF = {day: name for year in YEARS for day, name in library_days_off(year).items()}
CALENDAR = worktime.Calendar(HOURS, RAMADAN_HOURS, RAMADAN, DAYS_OFF, decreed_years(DAYS_OFF))


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


# docs/facts.md 5: declared complete (WIB) -> due (WIB), due (UTC)
EXAMPLES = [
    ("2026-11-25 10:15", "2026-11-26 16:00", "09:00"),
    ("2026-11-27 15:00", "2026-11-30 16:00", "09:00"),
    ("2026-11-28 09:00", "2026-11-30 16:00", "09:00"),
    ("2026-12-01 22:40", "2026-12-02 16:00", "09:00"),
    ("2026-12-23 14:00", "2026-12-28 16:00", "09:00"),
    ("2026-12-24 09:00", "2026-12-28 16:00", "09:00"),
    ("2026-12-31 15:59", "2027-01-04 16:00", "09:00"),
    ("2027-01-04 07:35", "2027-01-06 16:00", "09:00"),
    ("2027-02-10 15:30", "2027-02-11 15:00", "08:00"),
    ("2027-03-05 11:00", "2027-03-16 16:00", "09:00"),
    ("2027-05-14 13:00", "2027-05-21 16:30", "09:30"),
    ("2026-11-27 00:30", "2026-11-30 16:00", "09:00"),
    ("2025-08-15 10:00", "2025-08-19 16:00", "09:00"),
]


@pytest.mark.parametrize(("complete", "due", "due_utc"), EXAMPLES)
def test_one_working_day_ends_at_closing_time_of_the_next_working_day(complete, due, due_utc):
    result = worktime.due_after_working_days(CALENDAR, wib(complete), 1)
    assert result == wib(due)
    assert result.tzinfo is UTC
    assert result.strftime("%H:%M") == due_utc


def test_the_date_of_an_event_is_its_date_in_probolinggo_not_in_utc():
    late_thursday_utc = datetime(2026, 11, 26, 17, 30, tzinfo=UTC)
    assert worktime.due_after_working_days(CALENDAR, late_thursday_utc, 1) == wib("2026-11-30 16:00")


@pytest.mark.parametrize(("start", "days", "due"), [
    ("2026-12-22", 3, "2026-12-29"),
    ("2026-12-22", 5, "2026-12-31"),
    ("2026-12-22", 10, "2027-01-11"),
    ("2026-12-01", 14, "2026-12-21"),
    ("2026-12-01", 60, "2027-03-02"),
])
def test_many_working_days_are_counted_over_holidays_and_new_year(start, days, due):
    result = worktime.due_after_working_days(CALENDAR, wib(f"{start} 10:00"), days)
    assert result.astimezone(WIB).date() == date.fromisoformat(due)


@pytest.mark.parametrize(("year", "working_days"), [(2024, 238), (2025, 237), (2026, 240), (2027, 242)])
def test_a_year_has_the_working_days_of_its_decree(year, working_days):
    first = date(year, 1, 1)
    days = (first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days))
    assert sum(worktime.is_working_day(CALENDAR, day) for day in days) == working_days


DECREED = {
    2026: "0101 0116 0217 0319 0321 0322 0403 0405 0501 0514 0527 0531 0601 0616 0817 0825 1225"
          " 0216 0318 0320 0323 0324 0515 0528 1224",
    2027: "0101 0105 0206 0308 0310 0311 0326 0328 0501 0506 0517 0520 0601 0606 0815 0817 1225 1226"
          " 0205 0309 0312 0315 0325 0518 0519 1224",
}


@pytest.mark.parametrize("year", DECREED)
def test_the_library_knows_exactly_the_decreed_days(year):
    assert sorted(f"{day:%m%d}" for day in library_days_off(year)) == sorted(DECREED[year].split())


def test_names_of_days_off_carry_no_label_of_estimation():
    assert library_days_off(2027)[date(2027, 3, 10)] == "Hari Raya Idul Fitri"
    assert not any("perkiraan" in name for name in library_days_off(2028).values())


def test_a_year_is_decreed_once_its_joint_leave_is_known():
    with_2028 = {**DAYS_OFF, **library_days_off(2028)}
    assert decreed_years(with_2028) == frozenset(YEARS)
    assert worktime.is_decreed(CALENDAR, 2027)
    assert not worktime.is_decreed(CALENDAR, 2028)


@pytest.mark.parametrize(("moment", "open_"), [
    ("2026-11-25 07:29", False), ("2026-11-25 07:30", True), ("2026-11-25 12:00", False),
    ("2026-11-25 13:00", True), ("2026-11-25 15:59", True), ("2026-11-25 16:00", False),
    ("2026-11-27 12:30", False), ("2026-11-27 16:29", True), ("2026-11-28 10:00", False),
    ("2026-12-24 10:00", False), ("2027-02-10 07:45", False), ("2027-02-10 15:30", False),
])
def test_the_office_is_open_only_within_its_hours(moment, open_):
    assert worktime.is_open(CALENDAR, wib(moment)) is open_


@pytest.mark.parametrize(("moment", "opening"), [
    ("2026-11-25 10:00", "2026-11-25 10:00"),
    ("2026-11-25 12:15", "2026-11-25 13:00"),
    ("2026-11-27 16:30", "2026-11-30 07:30"),
    ("2026-12-23 18:00", "2026-12-28 07:30"),
    ("2027-03-05 16:00", "2027-03-16 07:30"),
])
def test_the_next_opening_is_now_when_open_and_else_the_next_first_minute(moment, opening):
    assert worktime.next_opening(CALENDAR, wib(moment)) == wib(opening)


@pytest.mark.parametrize(("a", "b", "minutes"), [
    ("2026-11-25 07:30", "2026-11-25 16:00", 450),
    ("2026-11-27 00:00", "2026-11-28 00:00", 450),
    ("2027-02-10 00:00", "2027-02-11 00:00", 390),
    ("2027-02-12 00:00", "2027-02-13 00:00", 390),
    ("2026-11-25 11:50", "2026-11-25 13:10", 20),
    ("2026-11-27 16:00", "2026-11-30 08:00", 60),
    ("2026-11-30 08:00", "2026-11-27 16:00", -60),
    ("2026-12-24 08:00", "2026-12-27 16:00", 0),
])
def test_minutes_between_count_office_hours_only(a, b, minutes):
    assert worktime.working_minutes_between(CALENDAR, wib(a), wib(b)) == minutes


@pytest.mark.parametrize(("moment", "minutes", "result"), [
    ("2026-11-25 15:00", 60, "2026-11-25 16:00"),
    ("2026-11-25 15:00", 61, "2026-11-26 07:31"),
    ("2026-11-28 09:00", 1, "2026-11-30 07:31"),
    ("2026-11-25 16:00", -120, "2026-11-25 14:00"),
    ("2026-11-30 08:00", -60, "2026-11-27 16:00"),
    ("2026-11-28 09:00", 0, "2026-11-28 09:00"),
])
def test_minutes_are_added_within_office_hours(moment, minutes, result):
    assert worktime.add_working_minutes(CALENDAR, wib(moment), minutes) == wib(result)


@pytest.mark.parametrize(("day", "minutes"), [
    ("2026-11-23", 450), ("2026-11-24", 390), ("2026-11-25", 390), ("2026-11-26", 450),
])
def test_the_first_and_the_last_day_of_ramadan_have_ramadan_hours(day, minutes):
    calendar = worktime.Calendar(HOURS, RAMADAN_HOURS, ((date(2026, 11, 24), date(2026, 11, 25)),))
    start = wib(f"{day} 00:00")
    assert worktime.working_minutes_between(calendar, start, start + timedelta(days=1)) == minutes


def test_a_day_opened_by_the_admin_counts_again():
    opened = {day: name for day, name in DAYS_OFF.items() if day != date(2026, 12, 24)}
    calendar = worktime.Calendar(HOURS, RAMADAN_HOURS, RAMADAN, opened)
    assert worktime.due_after_working_days(calendar, wib("2026-12-23 14:00"), 1) == wib("2026-12-24 16:00")


def test_a_calendar_without_office_hours_is_refused_instead_of_searched_for_ever():
    closed = parse_hours(dict.fromkeys(
        ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu"), []))
    calendar = worktime.Calendar(closed, closed)
    moment = wib("2026-11-25 10:00")
    with pytest.raises(worktime.NoWorkingTime):
        worktime.due_after_working_days(calendar, moment, 1)
    with pytest.raises(worktime.NoWorkingTime):
        worktime.next_opening(calendar, moment)
    for minutes in (5, -5):
        with pytest.raises(worktime.NoWorkingTime):
            worktime.add_working_minutes(calendar, moment, minutes)


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        worktime.is_open(CALENDAR, datetime(2026, 11, 25, 10, 0))


def test_less_than_one_working_day_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        worktime.due_after_working_days(CALENDAR, wib("2026-11-25 10:00"), 0)


WEEK = {"senin": ["07.30-12.00"], "selasa": [], "rabu": [], "kamis": [], "jumat": [], "sabtu": [], "minggu": []}


@pytest.mark.parametrize(("change", "told"), [
    ({"rabu": ["7.30-12.00"]}, "rabu"),
    ({"rabu": ["07.30-25.00"]}, "rabu"),
    ({"rabu": ["12.00-07.30"]}, "rabu"),
    ({"rabu": ["07.30-12.00", "11.00-13.00"]}, "rabu"),
    ({"rabu": "07.30-12.00"}, "rabu"),
    ({"rabu": [730]}, "rabu"),
    ({"rebo": []}, "rebo"),
])
def test_badly_written_hours_are_refused_naming_the_day(change, told):
    with pytest.raises(ValueError, match=told):
        parse_hours({**WEEK, **change})


def test_a_forgotten_day_is_refused_by_name():
    with pytest.raises(ValueError, match="minggu"):
        parse_hours({day: hours for day, hours in WEEK.items() if day != "minggu"})


moments = st.datetimes(
    datetime(2024, 1, 10), datetime(2027, 10, 31), timezones=st.just(UTC),
)
zones = st.integers(-12, 14).map(lambda hours: timedelta(hours=hours))
day_counts = st.integers(1, 40)
minute_counts = st.integers(-5_000, 5_000)
quick = settings(max_examples=150, deadline=None)


@quick
@given(moments, moments, day_counts)
def test_a_later_event_is_never_due_earlier(a, b, n):
    first, second = sorted((a, b))
    due = worktime.due_after_working_days
    assert due(CALENDAR, first, n) <= due(CALENDAR, second, n)


@quick
@given(moments, day_counts)
def test_one_more_day_is_always_due_later(moment, n):
    due = worktime.due_after_working_days
    assert moment < due(CALENDAR, moment, n) < due(CALENDAR, moment, n + 1)


@quick
@given(moments, day_counts)
def test_nothing_is_ever_due_on_a_day_off(moment, n):
    day = worktime.due_after_working_days(CALENDAR, moment, n).astimezone(WIB).date()
    assert day.weekday() < 5
    assert day not in DAYS_OFF


@quick
@given(moments, minute_counts, st.integers(1, 59).map(lambda seconds: timedelta(seconds=seconds)))
def test_minutes_added_are_the_minutes_between_and_a_part_of_one_counts_for_neither_way(moment, minutes, part):
    moved, between = worktime.add_working_minutes(CALENDAR, moment, minutes), worktime.working_minutes_between
    assert between(CALENDAR, moment, moved) == minutes
    spans = [(moment, moved), (moved, moment), (moment, moved + part), (moved + part, moment)]
    assert worktime.working_minutes_of(CALENDAR, spans) == [between(CALENDAR, *span) for span in spans]


@quick
@given(moments, minute_counts, st.integers(0, 500))
def test_more_minutes_never_end_earlier(moment, minutes, more):
    add = worktime.add_working_minutes
    assert add(CALENDAR, moment, minutes) <= add(CALENDAR, moment, minutes + more)


@quick
@given(moments)
def test_the_next_opening_is_open_and_nothing_before_it_is(moment):
    opening = worktime.next_opening(CALENDAR, moment)
    assert opening >= moment
    assert worktime.is_open(CALENDAR, opening)
    assert worktime.working_minutes_between(CALENDAR, moment, opening) == 0


@quick
@given(moments, zones, day_counts)
def test_the_zone_in_which_a_moment_is_written_changes_nothing(moment, offset, n):
    elsewhere = moment.astimezone(timezone(offset))
    due = worktime.due_after_working_days
    assert due(CALENDAR, elsewhere, n) == due(CALENDAR, moment, n)


@pytest.fixture(params=["America/Los_Angeles", "Pacific/Kiritimati", "UTC"])
def machine_zone(request):
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    clock_time.tzset()
    yield request.param
    os.environ.pop("TZ") if before is None else os.environ.__setitem__("TZ", before)
    clock_time.tzset()


def test_the_zone_of_the_machine_changes_nothing(machine_zone):
    for complete, due, _ in EXAMPLES:
        assert worktime.due_after_working_days(CALENDAR, wib(complete), 1) == wib(due)
    assert worktime.working_minutes_between(CALENDAR, wib("2026-11-27 16:00"), wib("2026-11-30 08:00")) == 60
    assert worktime.is_open(CALENDAR, wib("2026-11-25 07:30"))
