"""Two clocks: the office's own target and the promise; warned about once, and following the calendar."""

from datetime import date, datetime

from sqlalchemy import select

from app.accounts.models import Staff
from app.base.clock import WIB
from app.base.database import db
from app.city.office_calendar import change_day
from app.review.models import ClockWarning
from app.review.promises import record_warnings
from tests.browser import LOOKED_AT
from tests.builders import add_staff
from tests.desk import a_case, declare, journalled, nik_of, officer, row

# the clock of the tests stands at Monday 23 November 2026, 10.00 WIB
TUESDAY_CLOSING = datetime(2026, 11, 24, 16, 0, tzinfo=WIB)
WEDNESDAY_CLOSING = datetime(2026, 11, 25, 16, 0, tzinfo=WIB)


def warnings(app) -> list[tuple[str, str]]:
    with app.app_context():
        record_warnings()
        rows = db.session.scalars(select(ClockWarning).order_by(ClockWarning.at, ClockWarning.level))
        return [(warning.clock_name, warning.level) for warning in rows]


def tuesday_is_closed(app, is_working: bool = False) -> None:
    with app.app_context():
        admin = db.session.get(Staff, add_staff(app, f"agus{is_working:d}", "admin"))
        change_day(date(2026, 11, 24), is_working, "Pemilihan", "Surat edaran.", "SE 1/2026", admin)


def test_the_promise_starts_at_the_declaration_and_the_target_at_the_sending(app, time):
    application_id = a_case(app)
    assert row(app, application_id).due_at == TUESDAY_CLOSING
    time.moves(days=1)
    bayu = officer(app, "bayu")
    bayu.acts(application_id, "lengkap", nik_read=nik_of(1))
    assert row(app, application_id).due_at == WEDNESDAY_CLOSING
    assert "Janji: sisa" in bayu.page.text


def test_supervisors_learn_on_their_first_page_of_cases_near_and_past_their_time(app, time):
    a_case(app)
    assert "pendaftaran lewat target" not in officer(app, "sri", "supervisor").open("/petugas/").text
    time.moment = datetime(2026, 11, 24, 15, 0, tzinfo=WIB)
    assert "1 pendaftaran hampir terlambat" in officer(app, "sri", "supervisor").open("/petugas/").text
    time.moment = datetime(2026, 11, 24, 16, 1, tzinfo=WIB)
    page = officer(app, "sri", "supervisor").open("/petugas/")
    assert "1 pendaftaran lewat target kantor" in page.text and "hampir terlambat" not in page.text
    assert "pendaftaran melewati" not in officer(app, "rina", "petugas").open("/petugas/").text


def test_a_clock_warns_once_when_near_and_once_when_late(app, time):
    application_id = a_case(app)
    assert warnings(app) == []
    time.moves(days=1, hours=4)
    assert warnings(app) == [("target", "near")] == warnings(app)
    time.moves(hours=3)
    assert warnings(app) == [("target", "near"), ("target", "late")] == warnings(app)
    lines = [line for line in journalled(app, application_id) if line.startswith("clock_")]
    assert lines == ["clock_near", "clock_late"]


def test_a_worker_that_was_away_records_the_missed_promise(app, time):
    application_id = a_case(app)
    officer(app, "bayu").acts(application_id, "lengkap", nik_read=nik_of(1))
    time.moves(days=3)
    assert warnings(app) == [("promise", "late"), ("promise", "told")], "four working hours later its head is told, too"


def test_nobody_is_warned_of_a_case_that_waits_for_the_resident(app, time):
    application_id = a_case(app)
    officer(app, "bayu").acts(application_id, "kembalikan", reasons=["KTP_BURAM"])
    time.moves(days=5)
    assert warnings(app) == []
    assert row(app, application_id).due_at is None


def test_a_corrected_calendar_moves_open_due_moments_and_makes_no_page_stale(app, time):
    application_id = a_case(app)
    bayu = officer(app, "bayu")
    declare(app, application_id)
    bayu.opens_case(application_id)
    version = row(app, application_id).version
    tuesday_is_closed(app)
    now = row(app, application_id)
    assert (now.due_at, now.version) == (WEDNESDAY_CLOSING, version)
    assert now.warn_at == now.next_warning_at < now.due_at
    assert bayu.sends_act(application_id, "setujui", **LOOKED_AT, nik_read=nik_of(1)).status == 200


def test_a_decided_case_keeps_its_due_moment(app, time):
    application_id = a_case(app)
    bayu = officer(app, "bayu")
    declare(app, application_id)
    bayu.acts(application_id, "setujui")
    tuesday_is_closed(app)
    assert row(app, application_id).due_at == TUESDAY_CLOSING
    assert "sisa" not in bayu.opens_case(application_id).soup.select_one(".case-head").get_text()
    found = bayu.send("/petugas/cari", {"q": nik_of(1)})
    assert "tidak berjalan" in found.soup.select_one("tbody").get_text()


def test_the_clock_of_the_office_stands_still_while_the_resident_mends_and_the_page_says_so(app, time):
    case = a_case(app, 1)  # sent on Monday at 10.00
    time.moves(hours=1)
    dewi = officer(app, "dewi", "petugas")
    dewi.acts(case, "kembalikan", reasons=["KTP_BURAM"])
    time.moves(hours=23)
    page = officer(app, "dewi", "petugas").open(f"/petugas/pendaftaran/{case}").text
    assert "Jam target berhenti, 6 jam 30 menit kerja di pemohon" in page
    assert "1 jam kerja di kantor, 6 jam 30 menit kerja di pemohon" in page
