"""The desk by keyboard, counted; the first screen; photos by keyboard and mouse; without scripts."""

import re

import pytest
from playwright.sync_api import expect

from app.base.database import db, transaction
from app.correspondence import calls
from app.messages.models import OutboxMessage
from app.registration.models import Application
from app.review.checklist import points_for
from app.review.evidence import is_flagged
from tests.audit import audit
from tests.desk import a_case, declare, nik_of, status_of
from tests.live import hold

pytestmark = pytest.mark.browser
# besides the digits of the NIK
MOST_KEYS = {"petugas": 7, "operator": 8, "return": 10, "rejection": 5, "call": 5}
PANELS = {"k": "#kembali", "x": "#penolakan", "d": "#not_double", "o": "#orang", "j": "#riwayat", "h": "#lain"}


class Keyboard:
    """Presses keys and counts them; the digits of the NIK are counted apart."""

    def __init__(self, page):
        self.page, self.pressed = page, 0

    def press(self, key: str, times: int = 1) -> None:
        self.page.wait_for_load_state()  # who presses sees the whole page
        for _ in range(times):
            self.page.keyboard.press(key)
            self.pressed += 1


def is_flagged_in(app, application_id: str) -> bool:
    with app.app_context():
        return is_flagged(db.session.get(Application, application_id))


def looks_by_keyboard(page, answers: int) -> "Keyboard":
    """Take the next case and answer everything with yes; ends at the main button, with the text that would go."""
    keys, sent = Keyboard(page), []
    keys.press("a")
    page.wait_for_url("**/pendaftaran/*")
    expect(page.locator("#nik_read")).to_be_focused()
    page.on("request", lambda request: sent.append(request.url) if "/pendaftaran/" in request.url else None)
    page.keyboard.type(nik_of(1))
    expect(page.locator("#bukti-nik .same")).to_be_visible()
    expect(page.locator("#check_ktp-ya")).to_be_focused()
    assert [url.rsplit("/", 1)[1] for url in sent] == ["nik"], "one request for the NIK"
    keys.press("y", answers)
    expect(page.locator("[data-ask]")).to_be_focused()
    expect(page.locator("#pesan .message")).to_be_visible()
    return keys


def test_two_people_do_a_case_with_the_keyboard_alone_in_few_key_presses(app, screen):
    application_id = a_case(app)
    asked = len(points_for(flagged=is_flagged_in(app, application_id)))
    rina, bayu = screen("rina", "petugas"), screen("bayu")
    first = looks_by_keyboard(rina, asked)
    first.press("s")
    expect(rina.locator("main")).to_contain_text("Berkas dinyatakan lengkap.")
    second = looks_by_keyboard(bayu, asked + 1)
    expect(bayu.locator("#aside-face b")).to_have_text("sama")
    expect(bayu.locator("#belum")).to_be_empty()
    second.press("s")
    expect(bayu.locator("main")).to_contain_text("Disetujui. Akun sudah aktif.")
    assert status_of(app, application_id) == "active"
    assert first.pressed <= MOST_KEYS["petugas"] and second.pressed <= MOST_KEYS["operator"]


def test_a_return_with_two_reasons_takes_few_keys_and_goes_as_it_was_shown(app, screen):
    application_id = a_case(app)
    page = screen("rina", "petugas", at=f"/petugas/pendaftaran/{application_id}")
    keys = Keyboard(page)
    expect(page.locator("#nik_read")).to_be_focused()
    keys.press("t")
    expect(page.locator("#bukti-nik")).to_contain_text("NIK pada foto KTP tidak terbaca")
    expect(page.locator("#check_ktp-ya")).to_be_focused()
    for key in "tyyyt":
        keys.press(key)
    keys.press("k")
    expect(page.locator("#r-KTP_BURAM")).to_be_focused()
    expect(page.locator("#r-TTD_TIDAK_JELAS")).to_be_checked()
    expect(page.locator("#pratinjau")).to_contain_text("Foto tanda tangan belum sesuai")
    expect(page.locator(".said-no [data-said-no]")).to_have_count(2)
    keys.press("1")
    expect(page.locator("#r-KTP_BURAM")).not_to_be_checked()
    keys.press("3")
    expect(page.locator("#r-KTP_SILAU")).to_be_checked()
    keys.press("Control+Enter")
    expect(page.locator(".undo")).to_be_visible()
    assert status_of(app, application_id) == "returned"
    assert keys.pressed <= MOST_KEYS["return"]


def test_every_panel_is_opened_by_its_key_and_none_is_closed_by_it(app, screen):
    application_id = a_case(app)
    a_case(app, 2, nik=nik_of(1))
    declare(app, application_id)
    page = screen("bayu", at=f"/petugas/pendaftaran/{application_id}")
    for key, panel in PANELS.items():
        for _ in range(2):
            page.keyboard.press(key)
            expect(page.locator(f"{panel} .over-body")).to_be_visible()
            assert page.evaluate("id => !!document.activeElement.closest(id)", panel), f"{key}: the focus is inside"
        assert page.locator("[data-over][open]").count() == 1, "one panel at a time"
    page.keyboard.press("Escape")
    assert page.locator("[data-over][open]").count() == 0
    keys = Keyboard(page)
    keys.press("x")
    keys.press("1")
    keys.press("Control+Enter")
    expect(page.get_by_role("button", name="Ya, tolak")).to_be_focused()
    expect(page.locator("#yakin")).to_be_in_viewport()
    keys.press("Control+Enter")
    expect(page.locator("main")).to_contain_text("Ditolak")
    assert status_of(app, application_id) == "rejected" and keys.pressed <= MOST_KEYS["rejection"]


def test_a_call_is_made_and_written_down_in_few_keys(app, screen):
    application_id = a_case(app)
    with app.app_context(), transaction() as session:
        receipt = session.scalar(db.select(OutboxMessage).where(OutboxMessage.about_id == application_id))
        calls.open_task(receipt.id, "63003")
    page = screen("rina", "petugas", at="/petugas/telepon")
    keys = Keyboard(page)
    keys.press("j")
    keys.press("Enter")
    expect(page.locator("h1")).to_have_text("Telepon pemohon")
    audit(page)
    keys.press("1")
    expect(page.get_by_label("Sudah disampaikan kepada pemohon")).to_be_checked()
    keys.press("s")
    expect(page.locator("main")).to_contain_text("Tugas selesai")
    assert keys.pressed <= MOST_KEYS["call"]


def stands_on_the_first_screen(page) -> None:
    for cut in page.locator("canvas").all():
        expect(cut).to_have_attribute("data-found", "ya")
        expect(cut).to_be_in_viewport(ratio=1)
    expect(page.locator("#bukti-nik .same")).to_be_in_viewport(ratio=1)
    for part in page.locator("[data-point] .answers, [data-view] .frame, [data-ask], [data-opens=kembali]").all():
        expect(part).to_be_in_viewport(ratio=0.99)
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight"), page.viewport_size


def test_a_good_case_stands_on_the_first_screen_with_signature_and_face_cut_out_of_the_card(app, screen):
    page, missing = screen("rina", "petugas", at=""), []
    page.on("response", lambda answer: missing.append(answer.url) if answer.status >= 400 else None)
    page.goto(f"/petugas/pendaftaran/{a_case(app)}")
    page.keyboard.type(nik_of(1))
    stands_on_the_first_screen(page)
    for width, height in ((1280, 720), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        page.reload()
        stands_on_the_first_screen(page)
    assert not missing, "the page asks for nothing that is not there"


def looks_at_photos_by_keyboard(page) -> None:
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


def cuts_the_face_by_mouse(page) -> None:
    face, canvas = page.locator("[data-view=face]"), page.locator("[data-part=face]")
    expect(canvas).to_have_attribute("data-found", "ya")
    for act in ("Putar", "Cermin", "Terang"):
        face.get_by_role("button", name=act).click()
    assert re.search(r"scale\(-.*rotate\(90deg\)", canvas.evaluate("one => one.style.transform"))
    assert canvas.evaluate("one => one.style.filter") == "brightness(1.3)"
    face.get_by_role("button", name="Semula").click()
    face.get_by_role("button", name="Potong sendiri").click()
    whole, place = canvas.evaluate("one => one.width"), canvas.bounding_box()
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 20, steps=3)
    page.mouse.up()
    expect(canvas).to_have_attribute("data-found", "sendiri")
    assert canvas.evaluate("one => one.width") < whole / 2
    face.get_by_role("button", name="Perbesar").click()
    expect(face).to_have_class(re.compile(r"\blarge\b"))


def test_photos_are_turned_mirrored_brightened_by_keyboard_and_mouse_put_back_and_cut(app, screen):
    page = screen("bayu", at=f"/petugas/pendaftaran/{a_case(app)}")
    looks_at_photos_by_keyboard(page)
    cuts_the_face_by_mouse(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator(".key-list")).to_be_visible()


def test_a_nik_typed_before_the_script_has_come_is_compared_when_it_is_there_and_copied_for_siak(app, screen):
    case, page, script = f"/petugas/pendaftaran/{a_case(app)}", screen("bayu", at=""), re.compile(r"/case[^/]*\.js")
    page.context.grant_permissions(["clipboard-read"])
    held = hold(page, script)
    with page.expect_request(script):
        page.goto(case, wait_until="commit")
    page.fill("#nik_read", nik_of(1))
    held.pop().continue_()
    expect(page.locator("#bukti-nik .same")).to_be_visible()
    expect(page.locator("#check_ktp-ya")).to_be_focused()
    page.get_by_role("button", name="Salin untuk SIAK").click()
    expect(page.locator(".js-copy")).to_have_text("Tersalin")
    assert page.evaluate("navigator.clipboard.readText()") == nik_of(1)


def test_without_scripts_a_case_is_finished(app, screen):
    application_id = a_case(app)
    page = screen("rina", "petugas", scripts=False, at=f"/petugas/pendaftaran/{application_id}")
    page.fill("#nik_read", nik_of(1))
    page.get_by_role("button", name="Cocokkan").click()
    expect(page.locator("#bukti-nik .same")).to_be_visible()  # answers given before it has come are the old page's
    for point in page.locator("[data-point]").all():
        point.locator("label").first.click()
    page.locator("[data-ask]").click()
    expect(page.locator("main")).to_contain_text("Berkas dinyatakan lengkap.")
    assert status_of(app, application_id) == "complete"
