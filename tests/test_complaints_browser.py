"""Complaints in Chromium: two officers on one ticket, the entry by keyboard, the form on a phone."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.audit import audit, fits
from tests.complaints import WORDS
from tests.live import let_in

pytestmark = pytest.mark.browser

PHONE, DESK = (360, 800), (1366, 768)
MOST_KEYS = 40  # besides the text


class Keyboard:
    """Counts every key, `pause` seconds apart; only what was said on the radio is not counted, being the text."""

    def __init__(self, page: Page, pause: float = 0):
        self.page, self.pressed, self.pause = page, 0, 1000 * pause

    def press(self, *keys: str) -> None:
        self.page.wait_for_load_state()  # who presses sees the whole page
        for key in keys:
            self.page.keyboard.press("Space" if key == " " else key)
            self.page.wait_for_timeout(self.pause)
            self.pressed += 1 + key.count("+")

    def says(self, words: str) -> None:
        self.page.keyboard.type(words, delay=self.pause)


def enters_a_radio_call(page: Page, pause: float = 0) -> Keyboard:
    """From the list to the receipt, by keys alone."""
    keys = Keyboard(page, pause)
    keys.press("b")
    expect(page.locator("#channel")).to_be_focused()
    keys.press("r", "a", "Tab", *"kmr 0915", "Tab")
    keys.says(WORDS)
    keys.press("Tab", *"Pak Joko Contoh", "Control+Enter")
    expect(page.get_by_text("Pengaduan tercatat")).to_be_visible()
    return keys


def test_a_radio_call_is_entered_with_few_keys_and_no_mouse(browser_page, live_server):
    page = browser_page(*DESK)
    let_in(page, live_server, "petugas")
    page.goto("/petugas/pengaduan")
    audit(page)
    page.goto("/petugas/pengaduan/catat")
    audit(page)
    page.goto("/petugas/pengaduan")
    keys = enters_a_radio_call(page)
    expect(page.locator(".talk .theirs .words")).to_have_text(WORDS)
    expect(page.locator("dl.rows").get_by_text("Radio Suara Kota")).to_be_visible()
    assert keys.pressed <= MOST_KEYS
    audit(page)


def test_two_officers_on_one_ticket_see_each_other_and_do_not_overwrite(browser_page, live_server):
    first = browser_page(*DESK)
    let_in(first, live_server, "petugas")
    second = browser_page(*DESK)
    let_in(second, live_server, "operator")
    first.goto("/petugas/pengaduan?tab=terbuka&kanal=kotak_saran")
    line = first.locator("tr[data-case]", has_text="kursi tunggu untuk lansia")
    address = line.locator("a.number").get_attribute("href")
    for page in (first, second):
        page.goto(address)
        expect(page.locator("#hadir")).to_be_attached()
    second.locator("#text").press_sequentially("Jawaban operator yang panjang.")
    second.locator("[name=outcome]").select_option("granted")
    second.locator("[name=via]").select_option("posted")
    first.reload()
    expect(first.locator("#hadir")).to_contain_text("Bayu Contoh")
    first.locator("#text").fill("Kursi tunggu sudah kami tambah.")
    first.locator("[name=outcome]").select_option("granted")
    first.locator("[name=via]").select_option("posted")
    first.get_by_role("button", name="Kirim jawaban dan selesaikan").click()
    expect(first.locator(".talk .ours .words").first).to_contain_text("Kursi tunggu sudah kami tambah.")
    second.get_by_role("button", name="Kirim jawaban dan selesaikan").click()
    expect(second.get_by_text("Yang tadi Anda isi")).to_be_visible()
    expect(second.locator("#text")).to_have_value("Jawaban operator yang panjang.")
    expect(second.locator(".talk .ours")).to_have_count(1)
    audit(second)


def test_a_whatsapp_complaint_is_answered_with_a_ready_text_in_five_presses(browser_page, live_server):
    page = browser_page(*DESK)
    let_in(page, live_server, "petugas", 1)
    page.goto("/petugas/pengaduan?tab=terbuka&kanal=whatsapp")
    asked = page.locator("tr", has_text="sebulan belum jadi")
    page.goto(asked.locator("a.number").get_attribute("href"))
    expect(page.locator("#dibaca")).to_contain_text("tampil di sini")
    keys = Keyboard(page)
    keys.press("j", "/", "g", "Enter")
    expect(page.locator("#dibaca .message")).to_contain_text("Semua layanan kami gratis.")
    expect(page.locator("#dibaca .message")).to_contain_text("pesan petugas tentang pengaduan ADU-")
    expect(page.locator(".send-on")).to_have_class(re.compile("proposed"))
    audit(page)
    keys.press("Control+Enter")
    expect(page.locator(".talk .ours .words").first).to_contain_text("Semua layanan kami gratis.")
    expect(page.locator(".talk .ours")).to_contain_text("Menunggu dikirim")
    assert keys.pressed - 1 == 5  # Control and Enter are one press of two keys
    page.get_by_role("button", name="Batalkan").click()
    expect(page.locator("#text")).to_have_value(re.compile("Semua layanan kami gratis"))


def a_photo(side: int) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((side, side), 80).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


@pytest.mark.parametrize("scripted", [True, False], ids=["with scripts", "without scripts"])
def test_the_form_works_on_a_phone_and_big_photos_arrive_small(browser_page, tmp_path, scripted):
    page = browser_page(*PHONE, javascript=scripted)
    files, look = [], audit if scripted else fits
    for name in ("satu", "dua"):
        (tmp_path / f"{name}.jpg").write_bytes(a_photo(2200 if scripted else 900))
        files.append(str(tmp_path / f"{name}.jpg"))
    page.goto("/pengaduan")
    audit(page)
    page.locator("[name=category]").select_option("late")
    page.locator("[name=text]").fill(WORDS)
    page.locator("#files").set_input_files(files)
    if scripted:
        expect(page.locator("main form .status")).to_contain_text("2 berkas siap")
        assert page.locator("#files").evaluate("i => i.files[0].size") < (tmp_path / "satu.jpg").stat().st_size / 2
    page.get_by_label("Saya lihat sendiri").check()
    page.get_by_role("button", name="Kirim pengaduan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pengaduan terkirim")
    look(page)
    number, pin = [page.locator(".code dd").nth(i).inner_text() for i in (0, 1)]
    assert re.fullmatch(r"ADU-\d{4}-\d{6}", number)
    page.goto("/pengaduan/lacak?lain")
    look(page)
    page.locator("[name=number]").fill(number)
    page.locator("[name=pin]").fill(pin)
    page.get_by_role("button", name="Lihat pengaduan").click()
    expect(page.locator(".files img")).to_have_count(2)
    look(page)


def test_words_kept_late_do_not_talk_over_the_files_that_are_ready(browser_page, tmp_path):
    page = browser_page(*PHONE)
    late = []

    def hold(route) -> None:
        late.append(route)

    page.goto("/pengaduan")
    kept = f"**{page.locator('form[data-keep]').get_attribute('data-keep')}"
    page.route(kept, hold)
    with page.expect_request(kept):
        page.locator("[name=text]").fill(WORDS)
        page.locator("[name=category]").select_option("late")
    (tmp_path / "foto.jpg").write_bytes(a_photo(900))
    page.locator("#files").set_input_files(str(tmp_path / "foto.jpg"))
    expect(page.locator("main form .status")).to_have_text("1 berkas siap dikirim.")
    with page.expect_response(lambda answer: answer.status < 300):
        late.pop().continue_()
    page.wait_for_timeout(100)
    expect(page.locator("main form .status")).to_have_text("1 berkas siap dikirim.")


def test_a_mistake_in_the_form_is_shown_and_the_words_stay(browser_page):
    page = browser_page(*PHONE)
    page.goto("/pengaduan")
    page.locator("[name=text]").fill(WORDS)
    page.get_by_role("button", name="Kirim pengaduan").click()
    expect(page.locator(".error-summary")).to_contain_text("Pilih tentang apa")
    expect(page.locator("[name=text]")).to_have_value(WORDS)
    audit(page)


def test_figures_and_the_public_summary_pass_the_audit(browser_page, live_server):
    page = browser_page(*DESK)
    let_in(page, live_server, "supervisor")
    for address in ("/petugas/pengaduan/angka", "/petugas/pengaduan?tab=selesai", "/pengaduan/ringkasan"):
        page.goto(address)
        audit(page)
