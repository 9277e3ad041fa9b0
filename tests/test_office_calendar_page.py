"""/petugas/kalender, and what the office is told on its queue page (docs/security.md A2)."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app.base.database import db
from app.base.journal_line import JournalLine
from app.city import office_calendar
from app.city.office_calendar import CalendarDay, calendar_for, decreed_years, seed_years
from tests.accounts import staff_sign_in, submit
from tests.browser import Page
from tests.builders import add_staff

PAGE = "/petugas/kalender"
LEAVE = {"day": "2026-12-24", "kind": "kerja", "name": "Cuti Bersama Natal", "reason": "Kantor tetap buka.",
         "source": "SE Wali Kota 1/2026"}


@pytest.fixture(autouse=True)
def in_november(time):
    time.moment = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture
def admin(app, staff_client):
    with app.app_context():
        seed_years(2025, 2027)
    return staff_client("admin")


def change(admin, **fields):
    return submit(admin, PAGE, **{**LEAVE, **fields})


def page_of(client, address: str = PAGE) -> Page:
    page = Page(client.get(address))
    assert page.status == 200
    page.audit(fragment=False)
    return page


def is_off(app, day: date) -> bool:
    with app.app_context():
        return day in calendar_for().days_off


def test_the_year_is_shown_month_by_month(admin):
    page = page_of(admin)
    assert page.heading == "Kalender kantor 2026"
    months = [section.h2.get_text() for section in page.soup.select(".months section")]
    assert len(months) == 12 and months[11] == "Desember"
    assert "Kamis, 24 Desember 2026 Cuti Bersama Hari Raya Natal" in page.text
    assert page_of(admin, f"{PAGE}?tahun=2027").heading == "Kalender kantor 2027"


def test_a_day_is_opened_and_closed_again_with_reason_and_source(app, admin):
    assert change(admin).location == f"{PAGE}?tahun=2026"
    assert not is_off(app, date(2026, 12, 24))
    page = page_of(admin)
    assert "kantor buka" in page.text
    assert "Diubah Admin Contoh: Kantor tetap buka. Sumber: SE Wali Kota 1/2026" in page.text
    change(admin, kind="libur")
    assert is_off(app, date(2026, 12, 24))
    with app.app_context():
        query = select(JournalLine.about_id).where(JournalLine.action == "calendar_changed")
        assert list(db.session.scalars(query)) == ["2026-12-24", "2026-12-24"]


@pytest.mark.parametrize("fields", [
    {"day": ""}, {"day": "24/12/2026"}, {"day": "2031-01-01"}, {"name": ""}, {"reason": " "}, {"source": ""},
    {"day": "2026-12-26"}, {"name": "x" * 201},
])
def test_what_is_missing_or_impossible_is_named_and_nothing_changes(app, admin, fields):
    answer = change(admin, **fields)
    assert answer.status_code == 422
    page = Page(answer)
    page.audit(fragment=False)
    assert page.soup.select(".error") and "Not a valid" not in page.text
    with app.app_context():
        assert db.session.scalar(select(CalendarDay.day).where(CalendarDay.changed_by.is_not(None))) is None


@pytest.mark.parametrize("query", ["tahun=1999", "tahun=99999999999"])
def test_a_year_out_of_reach_is_not_there_or_is_this_year(admin, query):
    assert admin.get(f"{PAGE}?{query}").status_code in (200, 404)


@pytest.fixture
def undecreed(monkeypatch):
    """The decree for 2027 is not out yet."""
    known = office_calendar.library_days_of
    monkeypatch.setattr(office_calendar, "library_days_of", lambda years: {
        day: name for day, name in known(years).items() if not (day.year == 2027 and day in decreed_only(known(years)))
    })


def decreed_only(days: dict) -> set:
    return {day for day, name in days.items() if decreed_years({day: name})}


@pytest.mark.parametrize("role, told", [("admin", True), ("supervisor", True), ("operator", False), ("petugas", False)])
def test_whoever_can_act_is_told_that_next_years_calendar_is_not_decreed(undecreed, staff_client, role, told):
    page = page_of(staff_client(role), "/petugas/")
    assert ("Kalender 2027 belum ditetapkan" in page.text) is told
    assert bool(page.soup.select('.box a[href="/petugas/kalender"]')) is (role == "admin")


def lock_out(app, username: str, time) -> None:
    """Ten wrong passwords, as fast as the limits allow."""
    stranger = app.test_client()
    for _ in range(10):
        staff_sign_in(stranger, username, "salah sekali lagi")
        time.moves(seconds=15)


@pytest.mark.parametrize("role, told", [("admin", True), ("supervisor", False)])
def test_the_administrator_learns_of_a_locked_account(app, admin, staff_client, time, role, told):
    add_staff(app, "rina", "operator")
    lock_out(app, "rina", time)
    lock_out(app, "tidak-ada", time)
    client = admin if role == "admin" else staff_client(role)
    assert ("masuk yang gagal dengan nama Operator Contoh" in page_of(client, "/petugas/").text) is told


def test_the_owner_of_a_locked_account_is_told_at_the_next_sign_in_for_a_day(app, time):
    add_staff(app, "rina", "operator")
    lock_out(app, "rina", time)
    time.moves(hours=1)
    rina = app.test_client()
    assert staff_sign_in(rina, "rina").status_code == 303
    assert "Jika itu bukan Anda" in page_of(rina, "/petugas/").text
    time.moves(hours=24)
    staff_sign_in(rina, "rina")
    assert "Jika itu bukan Anda" not in page_of(rina, "/petugas/").text
