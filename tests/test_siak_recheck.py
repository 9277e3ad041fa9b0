"""An account approved while SIAK was closed: provisional, on a list with an owner and an end, looked at again."""

from datetime import date

from sqlalchemy import select

from app.accounts.models import Citizen, Staff
from app.base import clock
from app.base.database import db, transaction
from app.city.office_calendar import change_day
from app.review.models import AccountBasis, SiakRecheck
from tests.browser import Resident
from tests.builders import CITIZEN_PASSWORD, add_staff
from tests.desk import a_case, declare, journalled, messages, name_staff, nik_of, officer, row
from tests.prepared import Prepared

TUESDAY_CLOSING = "Sel 24/11 16.00"


def closed(app) -> str:
    case = a_case(app)
    declare(app, case)
    officer(app, "bayu")
    name_staff(app, "bayu", "Bayu Contoh")
    page = officer(app, "bayu").acts(case, "setujui", siak="unavailable")
    assert page.status == 200 and row(app, case).status == "active"
    return case


CLOSED = Prepared(closed)


def approved_with_siak_closed(app) -> str:
    return CLOSED.into(app)


def account(app) -> Citizen:
    with app.app_context():
        found = db.session.scalar(select(Citizen))
        db.session.expunge(found)
        return found


def signs_in(app) -> Resident:
    resident = Resident(app.test_client())
    resident.signs_in(nik_of(1), CITIZEN_PASSWORD)
    return resident


def test_the_account_is_marked_and_stands_on_the_list_with_owner_and_end(app, time):
    case = approved_with_siak_closed(app)
    page = officer(app, "bayu").open("/petugas/?tab=siak")
    line = page.soup.select_one("tbody tr").get_text(" ", strip=True)
    assert row(app, case).number in line and "Akun sementara" in line and "Bayu Contoh" in line
    assert TUESDAY_CLOSING in line and page.soup.select_one("#jumlah-siak").get_text() == "1"
    assert "Akun sementara" in page.text and "Akun sementara" in officer(app, "bayu").opens_case(case).text
    assert "Akun sementara" in signs_in(app).page.text, "its owner may use it and is told"


def test_found_in_order_the_mark_goes(app, time):
    case = approved_with_siak_closed(app)
    hendra = officer(app, "hendra")
    hendra.opens_case(case)
    assert hendra.sends_act(case, "periksa-ulang").status == 422
    page = hendra.sends_act(case, "periksa-ulang", recheck="found")
    assert "Akun tidak lagi sementara." in page.text and account(app).provisional_until is None
    assert not hendra.open("/petugas/?tab=siak").soup.select("td a.number")
    assert "Akun sementara" not in signs_in(app).page.text
    hendra.opens_case(case)
    assert hendra.sends_act(case, "periksa-ulang", recheck="moved").status == 409, "answered once"
    assert "siak_rechecked" in journalled(app, case)


def test_found_otherwise_the_account_is_suspended_told_and_opened_again_when_it_is_right(app, time):
    case = approved_with_siak_closed(app)
    resident = signs_in(app)
    bayu = officer(app, "bayu")
    bayu.opens_case(case)
    page = bayu.sends_act(case, "periksa-ulang", recheck="not_found")
    assert "Akun ditangguhkan" in page.text and account(app).disabled_at is not None
    assert resident.open("/akun").heading == "Masuk", "whoever was signed in is not any more"
    assert "tidak cocok" in signs_in(app).page.text
    assert messages(app).count(("akun_ditangguhkan", "pending")) == 1
    bayu.opens_case(case)
    assert bayu.sends_act(case, "periksa-ulang", recheck="found").status == 200
    assert account(app).disabled_at is None and "Akun Anda" in signs_in(app).page.text
    assert messages(app).count(("akun_aktif", "pending")) == 2, "the second one says that it works again"


def test_what_is_still_open_after_its_day_is_told_to_the_supervisor(app, time):
    approved_with_siak_closed(app)
    sri = officer(app, "sri", "supervisor")
    assert "diperiksa ulang di SIAK." not in sri.open("/petugas/").soup.select_one("main").get_text()
    time.moves(days=1, hours=7)
    sri = officer(app, "sri", "supervisor")
    assert "1 akun sementara terlambat diperiksa ulang di SIAK." in sri.open("/petugas/").text
    assert "lewat" in sri.open("/petugas/?tab=siak").soup.select_one("td .left").get_text()


def test_an_account_closed_meanwhile_is_not_waited_for(app, time):
    approved_with_siak_closed(app)
    with app.app_context(), transaction() as session:
        session.scalar(select(Citizen)).disabled_at = clock.now()
    time.moves(days=1, hours=7)
    page = officer(app, "sri", "supervisor").open("/petugas/?tab=siak")
    assert not page.soup.select("td a.number") and "diperiksa ulang di SIAK." not in page.text


def test_somebody_else_becomes_the_owner(app, time):
    case = approved_with_siak_closed(app)
    hendra = officer(app, "hendra")
    name_staff(app, "hendra", "Hendra Contoh")
    hendra.opens_case(case)
    hendra.sends_act(case, "periksa-ulang/ambil")
    assert "Hendra Contoh" in hendra.open("/petugas/?tab=siak").soup.select_one("tbody").get_text()


def test_a_day_declared_closed_moves_the_end(app, time):
    approved_with_siak_closed(app)
    before = account(app).provisional_until
    with app.app_context():
        admin = db.session.get(Staff, add_staff(app, "agus", "admin"))
        change_day(date(2026, 11, 24), False, "Pemilihan", "Surat edaran.", "SE 1/2026", admin)
    assert account(app).provisional_until > before


def test_taking_the_approval_back_leaves_nothing_to_look_at_again(app, time):
    case = approved_with_siak_closed(app)
    bayu = officer(app, "bayu")
    bayu.opens_case(case)
    assert bayu.sends_act(case, "batalkan").status == 200 and row(app, case).status == "complete"
    with app.app_context():
        assert db.session.scalar(select(SiakRecheck)) is None and db.session.scalar(select(AccountBasis)) is None
