"""The locked screen in Chromium: F9, work kept, other tabs, quiet minutes, the warning, no JavaScript."""

import json

import pytest

from tests.live import let_in

pytestmark = pytest.mark.browser
SECRET = "#kunci [name=secret]"
PIN_PAGE = "/petugas/pin"


@pytest.fixture
def officer(browser_page, live_server):
    """officer(javascript=True) -> (page of a signed-in operator, password)."""

    def make(javascript: bool = True):
        page = browser_page(1366, 768, javascript)
        return page, let_in(page, live_server, "operator")

    return make


def lock(page) -> None:
    page.keyboard.press("F9")
    page.wait_for_selector(SECRET)


def unlock(page, password: str) -> None:
    page.fill(SECRET, password)
    page.keyboard.press("Enter")
    page.wait_for_selector("#kunci", state="detached")


def test_f9_covers_the_page_and_the_password_brings_back_what_was_typed(officer):
    page, password = officer()
    page.goto(PIN_PAGE)
    page.fill("[name=pin]", "7301")
    lock(page)
    assert not page.is_visible("h1 >> text=PIN layar") and not page.is_visible("text=Antrean")
    page.fill(SECRET, "bukan itu")
    page.keyboard.press("Enter")
    page.wait_for_selector("#kunci .error-summary")
    unlock(page, password)
    assert page.input_value("[name=pin]") == "7301" and page.is_visible("text=Antrean")
    assert page.evaluate("document.activeElement.name") == "pin"


def test_no_key_reaches_the_page_under_the_lock(officer):
    page, _ = officer()
    page.goto(PIN_PAGE)
    page.evaluate("window.heard = 0; document.addEventListener('keydown', function () { window.heard++; });")
    lock(page)
    for key in ("a", "1", "Escape", "?"):
        page.keyboard.press(key)
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('#kunci')")
    assert page.evaluate("window.heard") == 0


def test_every_tab_of_the_browser_is_covered_and_opened_together(officer):
    page, password = officer()
    page.goto(PIN_PAGE)
    other = page.context.new_page()
    other.goto("/petugas/hak")
    lock(page)
    other.wait_for_selector(SECRET)
    unlock(other, password)
    page.wait_for_selector("#kunci", state="detached")
    assert page.is_visible("h1 >> text=PIN layar") and other.is_visible("h1")


def test_reloading_a_locked_page_shows_the_lock_and_unlocking_leads_back(officer):
    page, password = officer()
    page.goto("/petugas/hak")
    lock(page)
    page.reload()
    assert page.inner_text("h1") == "Layar terkunci"
    page.fill("[name=secret]", password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/petugas/hak")


def test_fifteen_quiet_minutes_lock_the_screen(officer):
    page, _ = officer()
    page.clock.install()
    page.goto(PIN_PAGE)
    page.clock.fast_forward("14:00")
    page.keyboard.press("Shift")
    page.clock.fast_forward("14:00")
    assert not page.query_selector("#kunci")
    page.clock.fast_forward("02:00")
    page.wait_for_selector(SECRET)


def test_two_minutes_before_the_end_the_page_offers_to_stay(officer):
    page, _ = officer()
    state = {"seconds": 100, "final": False, "locked": False}
    page.route("**/petugas/sesi", lambda route: (
        route.fulfill(body=json.dumps(state)) if route.request.method == "GET" else route.continue_()
    ))
    page.goto(PIN_PAGE)
    warning = page.wait_for_selector(".session-end")
    assert "kurang dari 2 menit" in warning.inner_text()
    state["seconds"] = 1800
    with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        page.click("text=Tetap masuk")
    assert sent.value.status == 204
    page.wait_for_selector(".session-end", state="detached")


def test_the_end_of_the_ten_hours_is_announced_without_an_offer(officer):
    page, _ = officer()
    page.route("**/petugas/sesi", lambda route: route.fulfill(
        body=json.dumps({"seconds": 100, "final": True, "locked": False})
    ))
    page.goto(PIN_PAGE)
    assert "sudah 10 jam" in page.wait_for_selector(".session-end").inner_text()
    assert not page.is_visible("text=Tetap masuk")


def test_a_lock_that_did_not_reach_the_server_leaves_the_screen_covered(officer):
    page, password = officer()
    page.goto(PIN_PAGE)
    page.route("**/petugas/kunci", lambda route: route.fulfill(status=408))
    page.keyboard.press("F9")
    page.wait_for_selector("#kunci button")
    assert not page.is_visible("h1 >> text=PIN layar")
    page.unroute("**/petugas/kunci")
    page.click("#kunci button")
    page.wait_for_selector(SECRET)
    unlock(page, password)


def test_without_javascript_the_button_locks_and_the_password_leads_back(officer):
    page, password = officer(javascript=False)
    page.goto("/petugas/hak")
    page.click("text=Kunci layar")
    assert page.inner_text("h1") == "Layar terkunci"
    page.goto("/petugas/")
    assert page.inner_text("h1") == "Layar terkunci"
    page.fill("[name=secret]", password)
    page.press("[name=secret]", "Enter")
    page.wait_for_url("**/petugas/")
    assert "Antrean" in page.inner_text("h1")
