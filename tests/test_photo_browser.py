"""When too many send photos at once: the page keeps the photo and, with JavaScript, sends it again by itself."""

from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Page, expect

from app.photos import gate
from app.photos.gate import OPEN_AT_ONCE, WAITING, turn
from tests.builders import RESIDENT, photo_files
from tests.live import fill_in

pytestmark = pytest.mark.browser

PHONE, DESK = (360, 800), (1366, 768)
LONGEST_PAUSE = 60  # seconds of the page's own clock until it tries again


@contextmanager
def all_places_taken(instance):
    """By eight strangers, until the end of the body."""
    gate.use_folder(instance / "photo-places")
    with ExitStack() as held:
        for number in range(OPEN_AT_ONCE):
            held.enter_context(turn(f"192.0.2.{number}", heavy=False))
        for number in range(WAITING):
            held.enter_context(gate._open(gate._take_place(f"198.51.100.{number}", heavy=False)))
        yield


def at_the_photo_step(page: Page, photo: str) -> None:
    """Data filled in, a photo chosen, not yet sent."""
    page.goto("/daftar")
    page.get_by_label("Saya sudah membaca ini").check()
    press(page, "Mulai")
    fill_in(page, RESIDENT)
    press(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Foto KTP")
    page.locator("#photo-gallery").set_input_files(photo)


def press(page: Page, name: str = "Lanjut") -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def photo(tmp_path) -> str:
    (tmp_path / "ktp.jpg").write_bytes(photo_files()["ktp"])
    return str(tmp_path / "ktp.jpg")


@pytest.mark.parametrize("size", [PHONE, pytest.param(DESK, marks=pytest.mark.long)])
def test_a_photo_that_finds_no_place_goes_again_by_itself(browser_page, live_server, photo, size):
    page = browser_page(*size)
    page.clock.install()
    asked, answers = [], []
    page.on("request", lambda request: asked.append(request) if request.method == "POST" else None)
    page.on("response", lambda answer: answers.append(answer.status) if answer.request.method == "POST" else None)
    with all_places_taken(live_server.instance):
        at_the_photo_step(page, photo)
        expect(page.locator(".slot")).to_contain_text("Banyak foto sedang diproses")
        expect(page.locator(".slot")).to_contain_text("Kami coba lagi sendiri dalam")
        expect(page.get_by_role("heading", level=1)).to_have_text("Belum terkirim")
        before = len(asked)
    for _ in range(LONGEST_PAUSE):
        if len(asked) == before:
            page.clock.run_for(1000)
    expect(page.locator(".stored")).to_have_text("Foto KTP tersimpan.")
    assert 503 in answers and answers[-1] in (200, 303)


def test_without_javascript_the_step_says_so_and_the_next_press_works(browser_page, live_server, photo):
    page = browser_page(*PHONE, javascript=False)
    at_the_photo_step(page, photo)
    with all_places_taken(live_server.instance):
        press(page)
        expect(page.locator(".error-summary")).to_contain_text("Banyak foto sedang diproses.")
    page.locator("#photo-gallery").set_input_files(photo)
    press(page)
    expect(page.locator(".stored")).to_have_text("Foto KTP tersimpan.")
