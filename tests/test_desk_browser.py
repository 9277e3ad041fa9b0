"""The desk in Chromium: two screens on one case, photos, axe."""

import re

import pytest
from playwright.sync_api import expect

from tests.audit import audit
from tests.desk import a_case, declare, nik_of, status_of

pytestmark = pytest.mark.browser


def asks_again(page) -> None:
    """What the page does by itself once a minute, or every 15 seconds."""
    with page.expect_response(lambda answer: answer.url.endswith(("/denyut", "/pegangan"))):
        page.evaluate("""() => {
            var bar = document.getElementById('pegangan'), post = bar.getAttribute('hx-post');
            var how = {source: bar, target: bar, swap: 'outerHTML'};
            htmx.ajax(post ? 'POST' : 'GET', post || bar.getAttribute('hx-get'), how);
        }""")


def test_a_doubt_opens_its_sentence_and_a_second_person_is_asked_by_keyboard(app, screen):
    application_id = a_case(app)
    screen("dewi", "petugas")
    page = screen("rina", "petugas")
    page.goto(f"/petugas/pendaftaran/{application_id}")
    with page.expect_response("**/draf"):
        page.locator("label[for=check_signature-tidak_pasti]").click()
    expect(page.locator("#why_signature")).to_be_visible()
    expect(page.locator("#belum")).to_contain_text("Belum dapat dinyatakan lengkap:")
    page.fill("#why_signature", "Tanda tangan lama")
    with page.expect_response("**/draf"):
        page.locator("label[for=check_face-tidak_pasti]").click()
    expect(page.locator("#why_signature")).to_have_value("Tanda tangan lama")
    expect(page.locator("#belum")).to_contain_text("Tidak dapat dipastikan. Kembalikan, atau minta orang kedua.")
    page.locator("#periksa h2").click()
    page.keyboard.press("h")
    page.get_by_role("button", name="Minta orang kedua").click()
    expect(page.locator("main")).to_contain_text("Orang kedua diminta.")
    assert status_of(app, application_id) == "submitted"


def test_two_screens_show_each_others_claim_lapse_and_take_over(app, time, screen):
    application_id = a_case(app)
    rina, dewi, sri = screen("rina"), screen("dewi"), screen("sri", "supervisor")
    case = f"/petugas/pendaftaran/{application_id}"
    rina.goto(case)
    expect(rina.locator("#pegangan")).to_contain_text("Anda pegang")
    dewi.goto(case)
    expect(dewi.locator("#pegangan")).to_contain_text("Sedang diperiksa Rina Contoh")
    expect(dewi.locator("[data-ask]")).to_be_disabled()

    time.moves(minutes=11)
    asks_again(dewi)
    expect(dewi.locator("#pegangan")).to_contain_text("Berkas ini belum dipegang.")
    dewi.get_by_role("link", name="Periksa berkas ini").click()
    expect(dewi.locator("#pegangan")).to_contain_text("Anda pegang")
    rina.keyboard.press("l")
    rina.locator("#case_note").fill("Catatan yang belum terkirim")
    asks_again(rina)
    expect(rina.locator("#pegangan")).to_contain_text("Berkas ini sekarang dipegang Dewi Contoh")
    expect(rina.locator("[data-ask]")).to_be_disabled()
    expect(rina.locator("#case_note")).to_have_value("Catatan yang belum terkirim")

    sri.goto(case)
    sri.fill("#over-reason", "Dewi pulang lebih awal.")
    sri.get_by_role("button", name="Ambil alih").click()
    expect(sri.locator("main")).to_contain_text("Berkas diambil alih.")
    asks_again(dewi)
    expect(dewi.locator("#pegangan")).to_contain_text("Sri Contoh mengambil alih berkas ini: Dewi pulang lebih awal.")
    expect(dewi.locator("[data-ask]")).to_be_disabled()


def test_what_is_answered_survives_leaving_the_page(app, screen):
    application_id = a_case(app)
    page = screen("bayu")
    page.goto(f"/petugas/pendaftaran/{application_id}")
    with page.expect_response("**/draf"):
        page.locator("label[for=check_face-ya]").click()
    page.goto("/petugas/")
    page.goto(f"/petugas/pendaftaran/{application_id}")
    expect(page.locator("#check_face-ya")).to_be_checked()


def test_a_no_and_a_nik_that_differs_propose_their_reasons_and_the_text_that_would_go(app, screen):
    application_id = a_case(app)
    page = screen("bayu")
    page.goto(f"/petugas/pendaftaran/{application_id}")
    page.locator("label[for=check_signature-tidak]").click()
    expect(page.locator("#r-TTD_TIDAK_JELAS")).to_be_checked()
    expect(page.locator("#pratinjau")).to_contain_text("Foto tanda tangan belum sesuai")
    page.fill("#nik_read", nik_of(2))
    expect(page.locator("#r-NIK_TIDAK_COCOK")).to_be_checked()
    expect(page.locator("#pratinjau")).to_contain_text("NIK yang diisi berbeda dengan KTP")
    page.locator("label[for=check_signature-ya]").click()
    expect(page.locator("#r-TTD_TIDAK_JELAS")).not_to_be_checked()
    expect(page.locator("#r-NIK_TIDAK_COCOK")).to_be_checked()


def test_photos_are_looked_at_by_keyboard_and_put_back(app, screen):
    application_id = a_case(app)
    page = screen("bayu")
    page.goto(f"/petugas/pendaftaran/{application_id}")
    view, picture = page.locator("[data-view]").nth(1), page.locator("[data-view] img").nth(1)
    page.keyboard.press("Escape")  # out of the box that takes digits
    page.keyboard.press("2")
    expect(view).to_have_class(re.compile(r"\blarge\b"))
    for key, sign in (("r", "rotate(90deg)"), ("m", "scale(-1"), ("+", "1.25")):
        page.keyboard.press(key)
        assert sign in picture.evaluate("image => image.style.transform"), key
    page.keyboard.press("b")
    assert picture.evaluate("image => image.style.filter") == "brightness(1.3)"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert re.search(r"translate\(-[1-9][\d.]*px, ?-[1-9]", picture.evaluate("image => image.style.transform"))
    page.keyboard.press("0")
    assert "translate(0px, 0px) scale(1, 1) rotate(0deg)" in picture.evaluate("image => image.style.transform")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page.locator("[data-view=face]")).to_have_class(re.compile(r"\blarge\b"))
    page.keyboard.press("c")
    expect(page.locator("[data-view=face]")).not_to_have_class(re.compile(r"\blarge\b"))
    page.keyboard.press("?")
    expect(page.locator(".key-list")).to_be_visible()


def test_a_pasted_nik_is_not_taken_and_the_one_that_was_read_is_copied_for_siak(app, screen):
    application_id = a_case(app)
    page = screen("bayu")
    page.context.grant_permissions(["clipboard-read"])
    page.goto(f"/petugas/pendaftaran/{application_id}")
    page.focus("#nik_read")
    stopped = page.evaluate("""() => !document.getElementById('nik_read').dispatchEvent(
        new ClipboardEvent('paste', {bubbles: true, cancelable: true}))""")
    assert stopped
    page.keyboard.type(nik_of(1))
    page.get_by_role("button", name="Salin untuk SIAK").click()
    expect(page.locator(".js-copy")).to_have_text("Tersalin")
    assert page.evaluate("navigator.clipboard.readText()") == nik_of(1)


@pytest.mark.parametrize("size", [
    pytest.param((1366, 768), id="1366"), pytest.param((1920, 1080), id="1920", marks=pytest.mark.long),
    pytest.param((683, 384), id="text-200"),
])
def test_queue_and_case_please_axe_in_every_shape(app, time, screen, size):
    held = a_case(app, 1)
    other = a_case(app, 2)
    page = screen("bayu", size=size)
    audit(page)
    page.goto(f"/petugas/pendaftaran/{held}")
    audit(page)
    page.fill("#nik_read", nik_of(2))
    expect(page.locator("#bukti-nik mark").first).to_be_visible()
    page.locator("[data-opens=kembali]").click()
    audit(page)
    page.keyboard.press("Escape")
    for opener in page.locator("[data-opens=orang], [data-opens=lain]").all():
        opener.click()
        audit(page)
        page.keyboard.press("Escape")
    page.goto("/petugas/data-diri")
    audit(page)
    page.goto("/petugas/loket")
    audit(page)
    sri = screen("sri", "supervisor", size)
    sri.goto(f"/petugas/pendaftaran/{other}")
    audit(sri)


@pytest.mark.parametrize("size", [
    pytest.param((1366, 768), id="1366"), pytest.param((360, 800), id="360", marks=pytest.mark.long),
])
def test_differences_provisional_accounts_and_days_with_one_person_please_axe(app, time, screen, size):
    case = a_case(app)
    declare(app, case)
    bayu = screen("bayu", size=size)
    bayu.goto(f"/petugas/pendaftaran/{case}")
    expect(bayu.locator("#aside-face")).to_have_text("jawaban lain tertutup")
    audit(bayu)
    bayu.fill("#nik_read", nik_of(1))
    expect(bayu.locator("#bukti-nik .same")).to_be_visible()
    with bayu.expect_response("**/draf"):
        bayu.locator("label[for=check_face-tidak_pasti]").click()
    expect(bayu.locator("#aside-face b")).to_have_text("berbeda")
    for point in bayu.locator("#periksa [data-point]").all():
        if not point.locator("input:checked").count():
            point.locator("label").first.click()
    with bayu.expect_response("**/draf"):
        bayu.locator("label[for=siak-unavailable]").click()
    expect(bayu.locator("#belum")).to_contain_text("Wajah di selfie sama dengan foto KTP: Tidak dapat dipastikan.")
    bayu.locator("[data-opens=lain]").click()
    audit(bayu)
    bayu.keyboard.press("Escape")
    with bayu.expect_response("**/draf"):
        bayu.locator("label[for=check_face-ya]").click()
    bayu.fill("#why_face", "Sama, hanya lebih tua.")
    with bayu.expect_response("**/draf"):
        bayu.press("#why_face", "Tab")
    expect(bayu.locator("#tombol-utama")).to_have_text("Setujui sementara")
    bayu.locator("[data-ask=s]").click()
    expect(bayu.locator("#recheck")).to_contain_text("Akun ini sementara")
    audit(bayu)
    bayu.goto("/petugas/?tab=siak")
    audit(bayu)
    sri = screen("sri", "supervisor", size)
    sri.goto("/petugas/satu-orang")
    sri.get_by_role("button", name="Buka tanggal ini").click()
    expect(sri.locator(".error-summary")).to_be_visible()
    audit(sri)
