"""The desk in Chromium: two screens on one case, what is answered, axe."""

import pytest
from playwright.sync_api import expect

from tests.audit import audit
from tests.browser import LOOKED_AT
from tests.builders import add_staff
from tests.desk import a_case, declare, nik_of, officer, status_of

pytestmark = pytest.mark.browser
TEXT_200 = {"width": 683, "height": 384}  # a screen of 1366 x 768 whose text is twice as large


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
    add_staff(app, "dewi", "petugas")
    page = screen("rina", "petugas", at=f"/petugas/pendaftaran/{application_id}")
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
    case = f"/petugas/pendaftaran/{application_id}"
    rina = screen("rina", at=case)
    expect(rina.locator("#pegangan")).to_contain_text("Anda pegang")
    dewi = screen("dewi", at=case)
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

    sri = screen("sri", "supervisor", at=case)
    sri.fill("#over-reason", "Dewi pulang lebih awal.")
    sri.get_by_role("button", name="Ambil alih").click()
    expect(sri.locator("main")).to_contain_text("Berkas diambil alih.")
    asks_again(dewi)
    expect(dewi.locator("#pegangan")).to_contain_text("Sri Contoh mengambil alih berkas ini: Dewi pulang lebih awal.")
    expect(dewi.locator("[data-ask]")).to_be_disabled()


def test_a_no_and_a_nik_that_differs_propose_reasons_and_text_and_what_is_answered_survives_leaving(app, screen):
    case = f"/petugas/pendaftaran/{a_case(app)}"
    page = screen("bayu", at=case)
    page.locator("label[for=check_signature-tidak]").click()
    expect(page.locator("#r-TTD_TIDAK_JELAS")).to_be_checked()
    expect(page.locator("#pratinjau")).to_contain_text("Foto tanda tangan belum sesuai")
    pasted = page.evaluate("""() => document.getElementById('nik_read').dispatchEvent(
        new ClipboardEvent('paste', {bubbles: true, cancelable: true}))""")
    assert not pasted, "a NIK is read from the card and typed"
    page.fill("#nik_read", nik_of(2))
    expect(page.locator("#r-NIK_TIDAK_COCOK")).to_be_checked()
    expect(page.locator("#pratinjau")).to_contain_text("NIK yang diisi berbeda dengan KTP")
    with page.expect_response(lambda answer: "check_signature=ya" in (answer.request.post_data or "")):
        page.locator("label[for=check_signature-ya]").click()
    expect(page.locator("#r-TTD_TIDAK_JELAS")).not_to_be_checked()
    expect(page.locator("#r-NIK_TIDAK_COCOK")).to_be_checked()
    page.goto("/petugas/")
    page.goto(case)
    expect(page.locator("#check_signature-ya")).to_be_checked()


@pytest.mark.parametrize("size", [
    pytest.param((1366, 768), id="1366"), pytest.param((1920, 1080), id="1920", marks=pytest.mark.long),
])
def test_queue_and_case_please_axe_in_every_shape(app, time, screen, size):
    cases = [a_case(app, number) for number in (1, 2)]
    page = screen("bayu", size=size)
    audit(page)
    page.goto(f"/petugas/pendaftaran/{cases[0]}")
    page.fill("#nik_read", nik_of(2))
    expect(page.locator("#bukti-nik mark").first).to_be_visible()
    page.locator("[data-opens=kembali]").click()
    for shape in (page.viewport_size, TEXT_200):
        page.set_viewport_size(shape)
        audit(page)
    page.keyboard.press("Escape")
    for panel in ("orang", "lain"):
        page.locator(f"[data-opens={panel}]").first.click()
        audit(page, f"#{panel}")
        page.keyboard.press("Escape")
    for address in ("/petugas/data-diri", "/petugas/loket"):
        page.goto(address)
        audit(page)


@pytest.mark.parametrize("size", [
    pytest.param((1366, 768), id="1366"), pytest.param((1920, 1080), id="1920", marks=pytest.mark.long),
])
def test_a_supervisor_meets_nothing_axe_would_find(app, time, screen, size):
    page = screen("sri", "supervisor", size, at=f"/petugas/pendaftaran/{a_case(app)}")
    audit(page)
    for address in ("/petugas/", "/petugas/jurnal", "/petugas/angka"):
        page.goto(address)
        audit(page)


@pytest.mark.parametrize("size", [
    pytest.param((1366, 768), id="1366"), pytest.param((360, 800), id="360", marks=pytest.mark.long),
])
def test_differences_provisional_accounts_and_days_with_one_person_please_axe(app, time, screen, size):
    case = a_case(app)
    declare(app, case)
    bayu = screen("bayu", size=size, at="")
    before = officer(app, "bayu")  # has answered all but the face already
    before.opens_case(case)
    before.sends_act(case, "draf", **{**LOOKED_AT, "check_face": "", "siak": "unavailable"}, nik_read=nik_of(1))
    bayu.goto(f"/petugas/pendaftaran/{case}")
    expect(bayu.locator("#bukti-nik .same")).to_be_visible()
    expect(bayu.locator("#aside-face")).to_have_text("jawaban lain tertutup")
    audit(bayu)
    with bayu.expect_response("**/draf"):
        bayu.locator("label[for=check_face-tidak_pasti]").click()
    expect(bayu.locator("#aside-face b")).to_have_text("berbeda")
    expect(bayu.locator("#belum")).to_contain_text("Wajah di selfie sama dengan foto KTP: Tidak dapat dipastikan.")
    bayu.locator("[data-opens=lain]").click()
    audit(bayu, "#aside-face, #lain")
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
    sri = screen("sri", "supervisor", size, at="/petugas/satu-orang")
    sri.get_by_role("button", name="Buka tanggal ini").click()
    expect(sri.locator(".error-summary")).to_be_visible()
    audit(sri)
