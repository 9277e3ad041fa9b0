"""The phone forgets a registration: when its holder says so, and an hour after sending by itself."""

import re

import pytest
from sqlalchemy import select

from app.base.database import db
from app.base.journal_line import JournalLine
from app.registration.models import Application
from tests.accounts import cookie_of
from tests.browser import Resident
from tests.live import served
from tests.resident_pages import Follower

COOKIE = "loket_draf"
AFTERWARDS = ("/daftar/selesai", "/daftar/bukti", "/daftar/bukti.png")


@pytest.fixture(params=[False, True], ids=["without scripts", "htmx"])
def resident(client, request):
    return Resident(client, htmx=request.param)


def actions(app) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(JournalLine.action).order_by(JournalLine.seq)))


def holds_nothing(resident: Resident, number: str, pin: str) -> bool:
    """No address of the registration shows number or PIN in this browser."""
    for address in ("/daftar", "/daftar/data", "/daftar/lanjut-nanti", *AFTERWARDS):
        answer = resident.client.get(address, follow_redirects=True)
        if number in answer.text or pin in answer.text or answer.mimetype == "image/png":
            return False
    return True


def test_the_last_page_forgets_at_a_press_and_says_how_to_come_back(app, resident):
    resident.registers()
    number, pin = resident.number, resident.pin
    page = resident.send("/daftar/hapus", {"draft": resident.page.field("draft")})
    assert page.heading == "Tidak ada lagi di HP ini" and "Lacak Pendaftaran" in page.text
    assert cookie_of(resident.client, COOKIE) is None
    assert holds_nothing(resident, number, pin)
    assert "forgotten_on_phone" in actions(app)
    assert number in Follower(app.test_client()).follows(number, pin).text, "the registration itself goes on"


def test_a_copy_of_the_cookie_opens_nothing_after_that(app, resident):
    resident.registers()
    number, pin, copied = resident.number, resident.pin, cookie_of(resident.client, COOKIE)
    resident.send("/daftar/hapus", {"draft": resident.page.field("draft")})
    resident.client.set_cookie(COOKIE, copied)
    assert holds_nothing(resident, number, pin)


def test_pressing_twice_ends_on_the_same_page(resident):
    resident.registers()
    draft = resident.page.field("draft")
    first = resident.send("/daftar/hapus", {"draft": draft})
    resident.open("/daftar")
    assert resident.send("/daftar/hapus", {"draft": draft}).heading == first.heading


def test_an_hour_after_sending_the_phone_has_forgotten_by_itself(app, resident, time):
    resident.registers()
    number, pin = resident.number, resident.pin
    time.moves(minutes=59)
    assert number in resident.open("/daftar/selesai").text
    time.moves(minutes=1)
    page = resident.open("/daftar/selesai")
    assert page.heading == "Tidak ada lagi di HP ini" and "Nomor atau PIN tidak sempat dicatat?" in page.text
    assert cookie_of(resident.client, COOKIE) is None
    assert holds_nothing(resident, number, pin)
    assert number in Follower(app.test_client()).follows(number, pin).text


@pytest.mark.parametrize("address", AFTERWARDS)
def test_after_an_hour_the_receipt_is_gone_too(client, time, address):
    Resident(client).registers()
    time.moves(hours=1)
    answer = client.get(address)
    assert (answer.status_code, answer.location) == (303, "/daftar/dihapus")


def test_the_open_page_leaves_by_itself_when_the_hour_is_over(resident, time):
    resident.registers()
    time.moves(minutes=20)
    page = resident.open("/daftar/selesai")
    assert page.soup.select_one('[hx-get="/daftar/dihapus"]')["hx-trigger"] == f"load delay:{40 * 60}s"
    refresh = page.soup.select_one('noscript meta[http-equiv="refresh"]')
    assert refresh["content"] == f"{40 * 60};url=/daftar/dihapus"


def test_a_draft_is_forgotten_after_its_number_and_pin_were_shown(app, resident):
    resident.starts()
    resident.fills_in()
    link = resident.open("/daftar").soup.find("a", string=re.compile("Hapus isian ini dari HP"))
    page = resident.open(link["href"])
    number, pin = resident.number, resident.pin
    forgotten = resident.send("/daftar/hapus", {"draft": page.field("draft")})
    assert "Belum ada yang dikirim" in forgotten.text
    assert holds_nothing(resident, number, pin)
    second = Follower(app.test_client())
    assert "Belum dikirim" in second.follows(number, pin).text
    second.send("/lacak/lanjutkan", {})
    assert second.open("/daftar/data").field("full_name"), "number and PIN open it again, here or elsewhere"


def test_a_draft_without_anything_in_it_is_forgotten_too(app, resident):
    resident.starts()
    page = resident.open("/daftar/hapus")
    assert "Belum ada isian yang tersimpan" in page.text
    resident.send("/daftar/hapus", {"draft": page.field("draft")})
    assert resident.open("/daftar/data").heading == "Login User Baru"


def test_an_old_tab_does_not_forget_what_was_begun_meanwhile(app, client):
    resident = Resident(client)
    resident.registers()
    sent = resident.page.field("draft")
    resident.starts()
    assert resident.send("/daftar/hapus", {"draft": sent}).status == 409
    assert resident.open("/daftar/data").status == 200
    with app.app_context():
        assert db.session.query(Application).count() == 2


def test_a_draft_that_is_not_sent_is_kept_for_its_week(resident, time):
    resident.starts()
    resident.fills_in()
    time.moves(days=6)
    assert resident.open("/daftar/data").field("full_name")


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_screen_left_lying_shows_nothing_after_the_hour(app, time, chromium, scripts):
    resident = Resident(app.test_client())
    resident.registers()
    time.moves(minutes=59, seconds=58)
    with served(app) as url:
        context = chromium.new_context(base_url=url, java_script_enabled=scripts)
        context.add_cookies([{"name": COOKIE, "value": cookie_of(resident.client, COOKIE), "url": url}])
        page = context.new_page()
        page.goto("/daftar/selesai")
        assert resident.pin in page.content()
        page.wait_for_url("**/daftar/dihapus")
        page.wait_for_selector("text=Tidak ada lagi di HP ini")
        assert resident.pin not in page.content()
        context.close()
