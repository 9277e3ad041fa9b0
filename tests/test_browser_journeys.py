"""The main job in Chromium, on a phone and on an office screen, with JavaScript and without."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.audit import audit, fits
from tests.builders import CITIZEN_PASSWORD, PHOTO_SLUGS, RESIDENT, photo_files
from tests.live import fill_in

pytestmark = pytest.mark.browser

PHONE, DESK = (360, 800), (1366, 768)
UNSHOWABLE = Path(__file__).parent / "data" / "card.heic"  # taken by us, but no picture to Chromium
HEADINGS = {
    "ktp": "Foto KTP", "tanda-tangan": "Foto Tanda Tangan", "selfie": "Foto Selfie sambil memegang KTP",
}


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Slug of the step -> a JPEG file as a phone makes it."""
    folder, files = tmp_path_factory.mktemp("foto"), photo_files()
    for slug, kind in PHOTO_SLUGS.items():
        (folder / f"{slug}.jpg").write_bytes(files[kind])
    return {slug: str(folder / f"{slug}.jpg") for slug in PHOTO_SLUGS}


class Phone:
    """A resident's browser; every page it comes to is audited. Without scripts axe looks where a page is made otherwise
    then, at a photo and at errors; every page fits."""

    def __init__(self, page: Page, person: dict[str, str], scripted: bool):
        self.page, self.person, self.scripted = page, person, scripted

        self.look = audit if scripted else fits

    def arrives(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        self.look(self.page)

    def presses(self, name: str) -> None:
        self.page.locator("main").get_by_role("button", name=name, exact=True).click()

    def starts(self) -> None:
        self.page.goto("/")
        self.page.locator(".menu summary").click()
        self.page.locator(".menu").get_by_role("link", name="Login User Baru").click()
        self.arrives("Login User Baru")
        self.page.get_by_label("Saya sudah membaca ini").check()
        self.presses("Mulai")
        self.arrives("Isi data Anda")

    def fills_in(self) -> None:
        fill_in(self.page, self.person)
        self.presses("Lanjut")

    def gives_photo(self, slug: str, file: str) -> None:
        self.arrives(HEADINGS[slug])
        self.page.locator("#photo-gallery").set_input_files(file)
        if not self.scripted:
            self.presses("Lanjut")
        expect(self.page.locator(".stored")).to_have_text(f"{HEADINGS[slug]} tersimpan.")
        shown = self.page.locator(".shot img")
        expect(shown).to_have_js_property("complete", True)
        assert shown.evaluate("image => image.naturalWidth") >= (600 if self.scripted else 200)
        assert self.page.url.endswith(f"/daftar/{slug}")
        audit(self.page)

    def sends(self) -> str:
        """Returns the registration number."""
        self.arrives("Periksa kembali data Anda")
        self.presses("Kirim Data Registrasi User Baru")
        self.arrives("Kirim sekarang?")
        self.presses("Ya")
        self.arrives("Registrasi selesai")
        words = self.page.locator("main").inner_text()
        assert "Anda akan menerima pemberitahuan melalui WhatsApp" in words
        return re.search(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b", words).group()

    def signs_in(self) -> None:
        self.page.goto("/masuk")
        self.look(self.page)
        self.page.locator("[name=nik]").fill(self.person["nik"])
        self.page.locator("[name=password]").fill(self.person["new_password"])
        self.presses("Masuk")
        self.page.wait_for_url("**/akun*")
        self.look(self.page)


class Desk:
    """An office screen with somebody signed in."""

    def __init__(self, page: Page, username: str, password: str, look=audit):
        self.page, self.look = page, look
        page.goto("/petugas/masuk")
        look(page)
        page.locator("[name=username]").fill(username)
        page.locator("[name=password]").fill(password)
        page.locator("main").get_by_role("button", name="Masuk", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Antrean")

    def opens(self, number: str, tab: str = "") -> None:
        self.page.goto(f"/petugas/{tab}")
        self.look(self.page)
        self.page.get_by_role("link", name=number).first.click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(number)
        for photo in self.page.locator(".photo-view img:visible").all():
            photo.scroll_into_view_if_needed()
            expect(photo).to_have_js_property("complete", True)
            assert photo.evaluate("image => image.naturalWidth") > 0
        self.look(self.page)

    def finds_all_in_order(self, nik: str) -> None:
        """Types the NIK of the card, unless somebody has, and answers what is still open with yes."""
        same = self.page.locator("#bukti-nik .same")
        if not same.count():
            self.page.locator("#nik_read").fill(nik)
            if not self.page.evaluate("matchMedia('(scripting: enabled)').matches"):
                # with scripts the sixteenth digit presses it, and the button goes while we reach for it
                self.page.get_by_role("button", name="Cocokkan").click()
            expect(same).to_be_visible()
        for point in self.page.locator("[data-point]").all():
            if not point.locator("input:checked").count():
                point.locator("label").first.click()

    def settles_doubles(self) -> None:
        """The residents of these tests send the same photos, so each is suspected to be the other."""
        found = self.page.locator(".double")
        for left in range(found.count(), 0, -1):
            expect(found).to_have_count(left)
            opener = self.page.locator("[data-opens=not_double]:visible, #not_double:not([open]) > summary:visible")
            opener.last.click()
            found.first.locator("[name=not_double]").fill("Foto uji yang sama.")
            found.first.get_by_role("button", name="Bukan ganda").click()
        expect(found).to_have_count(0)

    def acts(self, name: str, result: str) -> None:
        self.page.get_by_role("button", name=name).first.click()
        expect(self.page.locator("body")).to_contain_text(result)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_resident_registers_on_a_phone_and_becomes_a_user(browser_page, live_server, photos, javascript):
    person = {**RESIDENT, "nik": "3574014505910011" if javascript else "3574014505910012"}
    phone = Phone(browser_page(*PHONE, javascript=javascript), person, javascript)
    phone.starts()
    phone.fills_in()
    for slug, file in photos.items():
        phone.gives_photo(slug, file)
        phone.presses("Pakai foto ini")
    number = phone.sends()

    petugas = Desk(browser_page(*DESK, javascript=javascript), *live_server.login("petugas"), phone.look)
    petugas.opens(number)
    petugas.finds_all_in_order(person["nik"])
    petugas.acts("Nyatakan lengkap", "Berkas dinyatakan lengkap")
    operator = Desk(browser_page(*DESK, javascript=javascript), *live_server.login("operator"), phone.look)
    operator.opens(number, "?tab=lengkap")
    operator.settles_doubles()
    operator.finds_all_in_order(person["nik"])
    operator.acts("Setujui", "Disetujui")

    phone.signs_in()
    assert person["nik"] not in phone.page.locator("main").inner_text()
    assert CITIZEN_PASSWORD not in phone.page.content()


def test_a_tab_killed_by_the_camera_comes_back_to_the_same_step(browser_page, photos):
    first = browser_page(*PHONE)
    phone = Phone(first, RESIDENT, scripted=True)
    phone.starts()
    phone.fills_in()
    phone.gives_photo("ktp", photos["ktp"])
    first.close()

    again = first.context.new_page()
    again.goto("/daftar")
    again.get_by_role("button", name="Lanjutkan pendaftaran").click()
    expect(again.get_by_role("heading", level=1)).to_have_text("Foto Tanda Tangan")
    again.goto("/daftar/ktp")
    expect(again.locator(".stored")).to_have_text("Foto KTP tersimpan.")


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_wrong_values_come_back_with_the_reader_at_the_list_of_errors(browser_page, javascript):
    phone = Phone(browser_page(*PHONE, javascript=javascript), {**RESIDENT, "nik": "357401"}, javascript)
    phone.starts()
    phone.fills_in()
    expect(phone.page.locator(".error-summary")).to_contain_text("NIK harus 16 angka")
    expect(phone.page.locator("[name=full_name]")).to_have_value(RESIDENT["full_name"])
    if javascript:
        expect(phone.page.locator(".error-summary")).to_be_focused()
    assert phone.page.title().startswith("Perlu diperbaiki:")
    audit(phone.page)


def test_a_swapped_step_changes_address_title_and_focus_and_back_works(browser_page, photos):
    phone = Phone(browser_page(*PHONE), RESIDENT, scripted=True)
    phone.starts()
    phone.fills_in()
    phone.arrives("Foto KTP")
    phone.page.locator("#photo-gallery").set_input_files(UNSHOWABLE)
    expect(phone.page.locator(".stored")).to_have_text("Foto KTP tersimpan.")
    expect(phone.page.locator(".shot")).to_be_hidden()
    phone.page.locator("#photo-gallery").set_input_files(photos["ktp"])
    expect(phone.page.locator(".shot")).to_be_visible()
    expect(phone.page.locator(".stored")).to_have_text("Foto KTP tersimpan.")
    phone.presses("Pakai foto ini")
    expect(phone.page.get_by_role("heading", level=1)).to_be_focused()
    assert phone.page.url.endswith("/daftar/tanda-tangan")
    assert phone.page.title().startswith("Foto Tanda Tangan")
    phone.page.go_back()
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("KTP terbaca?")
