"""Fourteen pictures, judged on the phone before they travel and by the server afterwards: in the first registration, in
mending and at the counter the same word; and a line that breaks, stalls or comes back while one is on its way."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.accounts import cookie_of
from tests.browser import Officer, Resident
from tests.builders import RESIDENT, STAFF_PASSWORD, add_staff, an_application, photo_files, sign_in_staff
from tests.live import empty_office, fill_in, hold
from tests.photo_judging import (
    LYING_CANVAS,
    ONE_OF_EACH,
    READY,
    STORED,
    fill_the_form,
    judge,
    judge_behind_a_lying_canvas,
    judge_the_same_again,
    pictures,
    told,
    walk_to_the_card,
)
from tests.resident_pages import Follower, link_in, messages

pytestmark = pytest.mark.browser
DRAFT = "loket_draf"
# what a file is made of is judged by the same code everywhere: the first of these tests asks it of all
NAMES = pytest.mark.parametrize("names", [
    pytest.param(ONE_OF_EACH, id="one of each"),
    pytest.param((), id="all", marks=pytest.mark.long),
])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for name, (data, _) in pictures().items():
        (folder / f"{name}.jpg").write_bytes(data)
    (folder / "signature.jpg").write_bytes(photo_files()["signature"])
    return folder


@pytest.fixture(scope="module")
def live_server(tmp_path_factory, migrated_sqlite):
    with empty_office(tmp_path_factory.mktemp("verdicts"), migrated_sqlite) as server:
        yield server


@pytest.fixture(scope="module")
def office(live_server):
    app = live_server.from_inside()
    add_staff(app, "operator1", "operator")
    add_staff(app, "petugas1", "petugas")
    return app


@pytest.fixture
def at_the_card(office, live_server):
    """at_the_card(page): where somebody stands whose data are written."""

    def stand(page: Page) -> None:
        resident = Resident(office.test_client())
        resident.starts()
        resident.fills_in()
        page.context.add_cookies([{"name": DRAFT, "value": cookie_of(resident.client, DRAFT), "url": live_server.url}])
        page.goto("/daftar/ktp")

    return stand


def test_each_picture_gets_its_word_before_it_travels_and_the_same_after(browser_page, files):
    page = browser_page(360, 800)
    walk_to_the_card(page)
    judge(page, files, pictures())
    page.goto("/daftar/ktp")
    expect(page.locator(".stored")).to_have_text(STORED)
    judge_behind_a_lying_canvas(page, files)
    for name in ("dark", "blurred", "much more blurred", "glare"):
        page.goto("/daftar/ktp?ganti=1")
        before = told(page, files, name, pictures()[name][1])
        page.get_by_role("button", name="Pakai saja").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Foto Tanda Tangan")
        page.goto("/daftar/ktp")
        expect(page.locator(".slot h2")).to_have_text(before)
    page.goto("/daftar/ktp?ganti=1")
    judge_the_same_again(page, files)
    page.goto("/daftar/tanda-tangan")
    expect(page.locator(".slot")).to_contain_text("sama dengan Foto KTP")


@NAMES
def test_mending_judges_alike(browser_page, files, office, names):
    page = browser_page(360, 800)
    case = an_application(office, nik="3574014505900031", whatsapp_number="0812-0000-1031")
    operator = Officer(sign_in_staff(office.test_client(), "operator1"))
    operator.acts(case, "kembalikan", reasons=["KTP_BURAM"])
    page.goto(link_in(next(text for template, _, text in messages(office) if template == "perlu_perbaikan")))
    page.get_by_role("button", name="Ulangi foto").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Foto KTP")
    judge(page, files, names or pictures())
    judge_behind_a_lying_canvas(page, files)
    told(page, files, "signature", "sama dengan Foto Tanda Tangan")
    told(page, files, "dark", "gelap")
    page.get_by_role("button", name="Pakai saja").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Perbaiki pendaftaran")
    expect(page.locator(".mend")).to_contain_text("Foto terlalu gelap")
    expect(page.locator(".mend .badge.good")).to_have_count(0)


@NAMES
def test_the_counter_judges_alike(browser_page, files, office, names):
    page = browser_page(1366, 768)
    page.goto("/petugas/masuk")
    fill_in(page, {"username": "petugas1", "password": STAFF_PASSWORD})
    page.locator("main").get_by_role("button", name="Masuk").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Antrean")
    page.goto("/petugas/loket")
    page.get_by_label("Pemberitahuan ini sudah saya bacakan").check()
    page.get_by_role("button", name="Mulai mengisi").click()
    fill_the_form(page)
    judge(page, files, names or pictures())
    judge_behind_a_lying_canvas(page, files)
    page.goto("/daftar/ktp?ganti=1")
    judge_the_same_again(page, files)


@NAMES
def test_the_selfie_of_a_lost_number_is_judged_alike_before_and_after_it_is_sent(browser_page, files, office, names):
    page = browser_page(360, 800)
    page.goto("/lupa-sandi/tanpa-whatsapp")
    # of each picture the phone says one sentence, and the server, asked without a script, the same
    for number, name in enumerate(names or pictures()):
        data, wanted = pictures()[name]
        if wanted != STORED:  # the words of a first time
            page.goto("/lupa-sandi/tanpa-whatsapp")
            expect(page.locator("[data-photo]")).to_have_js_property("ready", True)
        there = told(page, files, name, READY if wanted == STORED else wanted)
        follower = Follower(office.test_client())
        follower.open("/lupa-sandi/tanpa-whatsapp")
        answer = follower.send("/lupa-sandi/tanpa-whatsapp", {
            "nik": f"35740145059100{number:02}", "new_number": "0812-0000-2222", "photo": (io.BytesIO(data), "a.jpg"),
        }, multipart=True)
        if wanted == STORED:
            assert answer.heading == "Permintaan diterima", name
        else:
            assert answer.soup.select_one("#photo-error").text.startswith(there), name
    page.goto("/lupa-sandi/tanpa-whatsapp")
    fill_in(page, {"nik": RESIDENT["nik"], "new_number": "0812-0000-2222"})
    first = told(page, files, "dark", "gelap")
    page.get_by_role("button", name="Kirim permintaan").click()
    expect(page.locator(".error-summary")).to_contain_text(first)
    expect(page.locator("[data-photo]")).to_have_js_property("ready", True)
    told(page, files, "dark", "gelap")
    page.get_by_role("button", name="Pakai saja").click()
    expect(page.locator(".stored")).to_contain_text(READY)
    page.get_by_role("button", name="Kirim permintaan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Permintaan diterima")


def test_a_canvas_that_lies_is_found_out_and_the_original_arrives(browser_page, files, at_the_card):
    page = browser_page(360, 800)
    page.add_init_script(LYING_CANVAS)
    at_the_card(page)
    told(page, files, "good", STORED)
    page.goto("/daftar/ktp")
    expect(page.locator(".stored")).to_have_text(STORED)
    small = page.request.get("/daftar/ktp/gambar?ukuran=kecil")
    kept, source = (Image.open(io.BytesIO(data)).convert("L").resize((16, 12)) for data in (
        small.body(), (files / "good.jpg").read_bytes()))
    far = max(abs(one - other) for one, other in zip(kept.tobytes(), source.tobytes(), strict=True))
    assert far < 40, "what is stored is the picture that was chosen"
    again = page.request.get("/daftar/ktp/gambar?ukuran=kecil", headers={"If-None-Match": small.headers["etag"]})
    assert again.status == 304 and "private" in small.headers["cache-control"]
    assert len(small.body()) <= 25 * 1024


def test_a_line_that_breaks_is_told_and_the_photo_goes_when_it_is_back(browser_page, files, at_the_card):
    page = browser_page(360, 800)
    at_the_card(page)
    expect(page.locator("[data-photo]")).to_have_js_property("ready", True)
    page.context.set_offline(True)
    page.locator("#photo-gallery").set_input_files(str(files / "good.jpg"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Belum terkirim")
    expect(page.locator(".slot")).to_contain_text("Kami coba lagi sendiri dalam")
    expect(page.locator(".saved")).to_contain_text("Data Anda")
    page.context.set_offline(False)
    expect(page.locator(".stored")).to_have_text(STORED)


def test_a_photo_chosen_while_the_script_cannot_come_is_told_and_goes_when_it_can(browser_page, files):
    page = browser_page(360, 800)
    script = re.compile(r"/photo[^/]*\.js")
    page.route(script, lambda route: route.abort("internetdisconnected"))
    walk_to_the_card(page)
    page.locator("#photo-gallery").set_input_files(str(files / "good.jpg"))
    expect(page.locator("#kabar")).to_contain_text("Internet terputus")
    page.unroute(script)
    expect(page.locator(".stored")).to_have_text(STORED)
    expect(page.locator("#kabar")).to_be_empty()


def test_a_press_without_a_line_is_told_and_goes_when_it_is_back(browser_page, files, at_the_card):
    page = browser_page(360, 800)
    at_the_card(page)
    page.locator("#photo-gallery").set_input_files(str(files / "good.jpg"))
    expect(page.locator(".stored")).to_have_text(STORED)
    page.context.set_offline(True)
    page.get_by_role("button", name="Pakai foto ini").click()
    expect(page.locator("#kabar")).to_contain_text("Internet terputus")
    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text("Foto Tanda Tangan")


def test_pressed_early_it_waits_and_goes_on_by_itself(browser_page, files, at_the_card):
    page = browser_page(360, 800)
    at_the_card(page)
    held = hold(page)
    page.locator("#photo-gallery").set_input_files(str(files / "good.jpg"))
    expect(page.locator(".slot progress")).to_be_visible()
    page.locator("[data-use]").click()
    expect(page.locator("[data-use]")).to_have_text("Pakai foto ini, menunggu...")
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text("Foto Tanda Tangan")


def test_a_photo_chosen_before_the_script_has_come_goes_when_it_is_there(browser_page, files):
    page = browser_page(360, 800)
    script = re.compile(r"/photo[^/]*\.js")
    slow = hold(page, script)
    with page.expect_request(script):
        walk_to_the_card(page)
    page.locator("#photo-gallery").set_input_files(str(files / "good.jpg"))
    slow.pop().continue_()
    expect(page.locator(".stored")).to_have_text(STORED)


def test_a_tab_killed_on_the_way_says_which_photo_was_not_sent(browser_page, files):
    page = browser_page(360, 800)
    walk_to_the_card(page)
    hold(page)
    page.locator("#photo-gallery").set_input_files(str(files / "good.jpg"))
    expect(page.locator(".slot progress")).to_be_visible()
    page.reload()
    expect(page.locator("[data-unsent]")).to_have_text("Foto KTP tadi belum terkirim. Ambil atau pilih lagi fotonya.")
    page.unroute("**/daftar/ktp")
    told(page, files, "good", STORED)
    page.goto("/daftar/ktp?ganti=1")
    expect(page.locator("[data-choose]")).to_be_visible()
    expect(page.locator("[data-unsent]")).to_be_hidden()


def test_a_line_that_is_open_and_silent_is_cut_and_the_photo_sent_again(browser_page, files, at_the_card):
    page = browser_page(360, 800)
    page.clock.install()
    at_the_card(page)
    page.clock.run_for(1000)
    silent = hold(page)
    page.locator("#photo-gallery").set_input_files(str(files / "good.jpg"))
    expect(page.locator(".slot progress")).to_be_visible()
    while not silent:
        page.wait_for_timeout(20)
    page.clock.fast_forward(120_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("Belum terkirim")
    page.unroute("**/daftar/ktp")
    page.clock.run_for(5_000)
    expect(page.locator(".stored")).to_have_text(STORED)
