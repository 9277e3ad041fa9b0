"""A draft goes on in another browser, by number and PIN or by a link one sent to oneself."""

import re
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from app.base.database import db
from app.registration.models import Application
from tests.browser import Resident
from tests.builders import RESIDENT
from tests.resident_pages import Follower

LINK = re.compile(r"/lacak/t/[0-9a-f]{32}")


@pytest.fixture
def first_phone(client):
    """A resident who has saved the data and one photo, and knows number and PIN."""
    resident = Resident(client)
    resident.starts()
    resident.fills_in()
    resident.open("/daftar/lanjut-nanti")
    return resident


def made_link(resident: Resident) -> str:
    page = resident.send("/daftar/lanjut-nanti", {})
    address = page.soup.find("a", href=re.compile(r"^https://wa\.me/\?text="))["href"]
    return LINK.search(unquote(address)).group()


def test_number_and_pin_are_shown_from_the_first_saved_step_on(client):
    resident = Resident(client)
    resident.starts()
    assert "Belum ada yang tersimpan" in resident.open("/daftar/lanjut-nanti").text
    assert "Lanjutkan nanti" in resident.fills_in().text
    page = resident.open("/daftar/lanjut-nanti")
    assert resident.number and resident.pin and "7 hari" in page.text


def test_a_draft_goes_on_with_number_and_pin_on_a_second_phone(app, first_phone):
    number, pin = first_phone.number, first_phone.pin
    second = Follower(app.test_client())
    assert "Belum dikirim" in second.follows(number, pin).text
    second.send("/lacak/lanjutkan", {})
    second.sends_all_photos()
    assert "Registrasi selesai" in second.confirms().text
    assert number in second.page.text and pin in second.page.text


def test_the_first_phone_no_longer_opens_a_draft_that_has_moved(app, first_phone):
    second = Follower(app.test_client())
    second.follows(first_phone.number, first_phone.pin)
    second.send("/lacak/lanjutkan", {})
    assert first_phone.open("/daftar/data").heading == "Login User Baru"


def test_a_link_to_oneself_moves_the_draft_once(app, first_phone):
    link = made_link(first_phone)
    second, third = Follower(app.test_client()), Follower(app.test_client())
    assert "Lanjutkan pendaftaran di sini?" in second.open(link).heading
    third.open(link)
    assert second.send(link, {}).heading == "Foto KTP"
    assert third.send(link, {}).status == 404
    assert third.open(link).status == 404


def test_looking_at_the_link_uses_nothing_up(app, first_phone):
    link = made_link(first_phone)
    for _ in range(3):
        app.test_client().get(link, headers={"User-Agent": "WhatsApp/2.24"})
    assert first_phone.open("/daftar/data").status == 200
    second = Follower(app.test_client())
    second.open(link)
    assert second.send(link, {}).heading == "Foto KTP"


def test_a_draft_that_is_too_old_is_as_unknown_as_any(time, app, first_phone):
    number, pin = first_phone.number, first_phone.pin
    time.moves(days=30)
    page = Follower(app.test_client()).follows(number, pin)
    assert page.status == 422 and "tidak cocok" in page.text


def test_no_link_is_made_after_sending(app, first_phone):
    link = made_link(first_phone)
    first_phone.sends_all_photos()
    first_phone.confirms()
    second = Follower(app.test_client())
    second.open(link)
    assert second.send(link, {}).status == 409
    assert first_phone.open("/daftar/lanjut-nanti").status == 404


def test_the_receipt_is_there_after_sending_and_not_before(app, first_phone):
    assert first_phone.open("/daftar/bukti").status == 404
    first_phone.sends_all_photos()
    first_phone.confirms()
    answer = first_phone.client.get("/daftar/bukti.png")
    assert answer.mimetype == "image/png"
    assert first_phone.open("/daftar/bukti").soup.find("img", src="/daftar/bukti.png")


@pytest.mark.parametrize("slug", ["data", "ktp", "periksa"])
def test_a_page_left_open_never_writes_into_a_draft_begun_for_somebody_else(app, client, slug):
    resident = Resident(client)
    resident.starts()
    resident.fills_in()
    resident.sends_all_photos()
    left_open = resident.open(f"/daftar/{slug}?ganti=1")
    resident.open("/daftar?baru=1")
    resident.send("/daftar", {"notice": "y", "fresh": "ya"})
    before = rows(app)
    late = {**RESIDENT, "draft": left_open.field("draft"), "confirm": "ya"}
    answer = resident.send(f"/daftar/{slug}", late)
    assert answer.status == 409 and "pendaftaran lain" in answer.text
    assert rows(app) == before


def rows(app) -> list:
    with app.app_context():
        return [(row.id, row.status, row.personal_sealed) for row in db.session.scalars(select(Application))]
