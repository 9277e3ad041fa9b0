"""The resident after sending, in Chromium on a phone of 360x800, with JavaScript and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.demo.photos import realistic_ktp
from tests.accounts import an_account
from tests.audit import audit, fits
from tests.browser import Officer
from tests.builders import CITIZEN_PASSWORD, RESIDENT, add_staff, an_application, sign_in_staff
from tests.complaints import a_minute_passes
from tests.desk import declare
from tests.live import empty_office, fill_in
from tests.resident_pages import code_in, link_in, messages, number_and_pin

pytestmark = pytest.mark.browser

PHONE = (360, 800)
COLOUR = "element => getComputedStyle(element).color"
NEW_PASSWORD = "angin laut dari timur"
WITH, WITHOUT = pytest.param(True, id="with JavaScript"), pytest.param(False, id="without JavaScript")
EITHER = pytest.mark.parametrize("scripted", [WITH, WITHOUT])
# without scripts the HTTP tests walk the same forms; in the browser it is breadth
MOSTLY_SCRIPTED = pytest.mark.parametrize(
    "scripted", [WITH, pytest.param(False, id="without JavaScript", marks=pytest.mark.long)])


@pytest.fixture(scope="module")
def live_server(tmp_path_factory, migrated_sqlite):
    """An empty office: these journeys bring their own people."""
    with empty_office(tmp_path_factory.mktemp("resident"), migrated_sqlite) as server:
        yield server


@pytest.fixture(scope="module")
def office(live_server):
    app = live_server.from_inside()
    add_staff(app, "operator1", "operator")
    return app


@pytest.fixture(scope="module")
def person(office):
    """person() -> the data of somebody new."""
    serial = iter(range(11, 99))

    def make() -> dict[str, str]:
        number = next(serial)
        return {**RESIDENT, "nik": f"35740145059000{number}", "whatsapp_number": f"0812-0000-10{number}"}

    return make


@pytest.fixture
def phone(browser_page):
    return lambda scripted: Phone(browser_page(*PHONE, javascript=scripted), scripted)


@pytest.fixture(scope="module")
def ktp_file(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("foto") / "ktp.jpg"
    path.write_bytes(realistic_ktp(nik=RESIDENT["nik"], name="SITI CONTOH AMINAH SARI"))
    return str(path)


class Phone:
    """A resident's browser; every page it comes to is audited, without scripts those of mending are."""

    def __init__(self, page: Page, scripted: bool):
        self.page, self.scripted = page, scripted

    def goes_to(self, address: str, heading: str) -> None:
        self.page.goto(address)
        self.arrives(heading)

    def arrives(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(re.compile(heading))
        look = audit if self.scripted or "/perbaikan" in self.page.url else fits
        look(self.page)

    def presses(self, name: str) -> None:
        """A button, or a link that looks like one."""
        self.page.locator("main").get_by_role("button", name=name, exact=True).first.click()

    def follows(self, name: str) -> None:
        self.page.locator("main").get_by_role("link", name=name).first.click()

    def fills(self, **values: str) -> None:
        fill_in(self.page, values)

    def tells(self, words: str) -> None:
        expect(self.page.locator("main")).to_contain_text(words)

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    @property
    def text(self) -> str:
        return self.page.locator("main").inner_text()

    def gives_photo(self, file: str) -> None:
        self.page.locator("#photo-gallery").set_input_files(file)
        if self.scripted:
            expect(self.page.locator(".stored")).to_have_text("Foto KTP tersimpan.")

    def signs_in(self, nik: str, password: str) -> None:
        self.goes_to("/masuk", "Masuk")
        self.fills(nik=nik, password=password)
        self.presses("Masuk")
        self.arrives("Akun Anda")


def last_message(office, template: str, number: str | None = None) -> str:
    """The text of the newest message of this kind, to one number if given."""
    wanted = number and "+62" + number.replace("-", "")[1:]
    return [text for _, to, text in messages(office, template) if wanted in (None, to)][-1]


@EITHER
def test_returned_for_a_blurred_ktp_and_a_wrong_name_mended_approved_signed_in(
    office, person, phone, ktp_file, scripted,
):
    resident, who = phone(scripted), person()
    application_id = an_application(office, **who)
    operator = Officer(sign_in_staff(office.test_client(), "operator1"))
    operator.acts(application_id, "kembalikan", reasons=["KTP_BURAM", "NAMA_TIDAK_COCOK"])
    resident.goes_to(link_in(last_message(office, "perlu_perbaikan")), "Perbaiki pendaftaran")
    resident.fills(full_name="SITI CONTOH AMINAH SARI")
    resident.presses("Ulangi foto")
    resident.arrives("Foto KTP")
    resident.gives_photo(ktp_file)
    resident.presses("Pakai foto ini" if scripted else "Lanjut")
    resident.arrives("Perbaiki pendaftaran")
    resident.tells("Sudah diganti")
    old, new = resident.page.locator(".mend figcaption").all()
    assert old.evaluate(COLOUR) == new.evaluate(COLOUR), "neither of the two photos is marked as a wrong one"
    expect(resident.page.locator("[name=full_name]")).to_have_value("SITI CONTOH AMINAH SARI")
    resident.presses("Kirim perbaikan")
    resident.arrives("Pendaftaran")
    resident.tells("Menunggu pemeriksaan")
    declare(office, application_id, who["nik"])
    a_minute_passes(office)
    resident.goes_to("/lacak", "Pendaftaran")
    resident.tells("Selesai paling lambat")
    operator.acts(application_id, "setujui", nik_read=who["nik"])
    resident.signs_in(who["nik"], CITIZEN_PASSWORD)


@MOSTLY_SCRIPTED
def test_a_forgotten_password_is_recovered(office, person, phone, scripted):
    resident, who = phone(scripted), person()
    an_account(office, **who)
    resident.goes_to("/masuk", "Masuk")
    resident.follows("Lupa kata sandi")
    resident.arrives("Lupa kata sandi")
    resident.fills(nik=who["nik"])
    resident.presses("Kirim kode")
    resident.arrives("Isi kode")
    resident.fills(code=code_in(last_message(office, "kode_reset_sandi")))
    resident.presses("Lanjut")
    resident.arrives("Buat kata sandi baru")
    resident.fills(new_password=NEW_PASSWORD)
    if scripted:
        resident.page.get_by_role("button", name="Lihat").click()
        expect(resident.page.locator("[name=new_password]")).to_have_attribute("type", "text")
    resident.presses("Simpan kata sandi")
    resident.arrives("Masuk")
    resident.signs_in(who["nik"], NEW_PASSWORD)
    assert resident.heading == "Akun Anda"


@MOSTLY_SCRIPTED
def test_the_number_is_changed(office, person, phone, scripted):
    resident, who = phone(scripted), person()
    new_number = "0812-0000-20" + who["nik"][-2:]
    an_account(office, **who)
    resident.signs_in(who["nik"], CITIZEN_PASSWORD)
    resident.follows("Ganti nomor WhatsApp")
    resident.arrives("Ganti nomor WhatsApp")
    resident.fills(new_number=new_number, password=CITIZEN_PASSWORD)
    resident.presses("Kirim kode")
    resident.arrives("Isi kedua kode")
    resident.fills(
        code_old=code_in(last_message(office, "kode_ganti_nomor", who["whatsapp_number"])),
        code_new=code_in(last_message(office, "kode_ganti_nomor", new_number)),
    )
    resident.presses("Ganti nomor")
    resident.arrives("Akun Anda")
    resident.tells("Nomor WhatsApp akun Anda sudah diganti.")
    assert f"0812-••••-20{who['nik'][-2:]}" in resident.text


@MOSTLY_SCRIPTED
def test_a_draft_is_resumed_on_a_second_phone(office, person, phone, scripted):
    first, second, who = phone(scripted), phone(scripted), person()
    first.goes_to("/daftar", "Login User Baru")
    first.page.get_by_label("Saya sudah membaca ini").check()
    first.presses("Mulai")
    first.arrives("Isi data Anda")
    first.fills(**who)
    first.presses("Lanjut")
    first.arrives("Foto KTP")
    first.follows("Lanjutkan nanti atau di HP lain")
    first.arrives("Lanjutkan nanti")
    *_, number, pin = first.page.locator("dl.code dd").all_inner_texts()
    second.goes_to("/lacak", "Lacak Pendaftaran")
    second.fills(number=number, pin=pin)
    second.presses("Lihat")
    second.tells("Belum dikirim")
    audit(second.page)
    second.presses("Lanjutkan isian di HP ini")
    second.arrives("Foto KTP")
    assert second.page.url.endswith("/daftar/ktp"), "at the step where the first phone stopped"


@MOSTLY_SCRIPTED
def test_the_lost_number_and_the_rights_over_data_have_their_pages(office, person, phone, scripted):
    resident, who = phone(scripted), person()
    an_account(office, **who)
    resident.goes_to("/lupa-sandi/tanpa-whatsapp", "Nomor WhatsApp lama hilang")
    resident.signs_in(who["nik"], CITIZEN_PASSWORD)
    for name, heading in (
        ("Lihat data lengkap", "Lihat data lengkap"), ("Ganti kata sandi", "Ganti kata sandi"),
        ("Hak Anda atas data", "Hak"),
    ):
        resident.goes_to("/akun", "Akun Anda")
        resident.follows(name)
        resident.arrives(heading)
        assert resident.heading.startswith(heading)
    expect(resident.page.get_by_label("Yang benar")).to_be_hidden()
    resident.page.get_by_label("Apa yang Anda minta?").select_option("Perbaikan data")
    expect(resident.page.get_by_label("Yang benar")).to_be_visible()


def test_the_status_page_refreshes_itself(office, person, phone):
    resident, who = phone(True), person()
    application_id = an_application(office, **who)
    number, pin = number_and_pin(office, application_id)
    resident.page.clock.install()
    resident.goes_to(f"/lacak?nomor={number}", "Lacak Pendaftaran")
    resident.fills(pin=pin)
    resident.presses("Lihat")
    resident.tells("Menunggu pemeriksaan")
    operator = Officer(sign_in_staff(office.test_client(), "operator1"))
    operator.acts(application_id, "kembalikan", reasons=["TTD_TIDAK_JELAS"])
    a_minute_passes(office)
    resident.page.clock.run_for(50_000)
    expect(resident.page.locator("#keadaan")).to_contain_text("Perlu Anda perbaiki")
    resident.goes_to("/perbaikan", "Perbaiki pendaftaran")
    assert "Tanda tangan" in resident.text
    resident.goes_to("/lacak/bukti", "Bukti pendaftaran")
    resident.goes_to("/lacak/batalkan", "Batalkan pendaftaran")
