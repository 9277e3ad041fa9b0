"""Work announces itself in another browser, an open list renews itself, and the keyboard reaches the first case."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from app.base.clock import WIB
from app.process import worker
from tests.audit import audit
from tests.builders import add_staff
from tests.complaints import a_ticket, the
from tests.desk import a_case, officer, row
from tests.desk_screen import brings_a_session
from tests.live import served
from tests.whatsapp import inbound_form, sid, twilio, wa_app, write_to_us  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser
WITHIN = 10_000  # milliseconds of the page's own clock, which is put forward: nobody waits for it
LOUDSPEAKER = """
sounded = 0;
AudioContext = function () {
  var nothing = function () {};
  sounded += 1;
  this.createOscillator = function () { return { frequency: {}, connect: nothing, start: nothing, stop: nothing }; };
  this.createGain = function () {
    return { gain: { setValueAtTime: nothing, exponentialRampToValueAtTime: nothing }, connect: nothing };
  };
};
"""


@pytest.fixture
def screen(app, time, chromium):
    with served(app) as address:
        add_staff(app, "rina", "petugas")
        context = chromium.new_context(base_url=address, viewport={"width": 1366, "height": 768})
        page = context.new_page()
        page.clock.install()
        brings_a_session(app, context, address, "rina")
        yield page
        context.close()


def asks_for_news(page: Page) -> None:
    with page.expect_response("**/petugas/kabar"):
        page.clock.fast_forward(WITHIN)


def test_new_work_is_announced_and_moves_no_line_that_is_looked_at(app, screen):
    first = a_case(app, 1)
    screen.goto("/petugas/?tab=semua")
    expect(screen.locator("#kepala-antrean")).to_contain_text("1")
    link = screen.locator("tbody a.number").first
    link.focus()
    place = link.bounding_box()
    asks_for_news(screen)  # what was there before is no news
    a_ticket(app, channel="whatsapp")
    asks_for_news(screen)
    expect(screen.locator(".toast")).to_contain_text("1 pengaduan menunggu Anda")
    expect(screen.locator("#kepala-pengaduan")).to_contain_text("1")
    a_case(app, 2)
    officer(app, "dewi", "petugas").opens_case(first)
    screen.clock.fast_forward(WITHIN)
    expect(screen.locator("#baru")).to_contain_text("1 baru sejak")
    expect(screen.locator("tbody tr")).to_have_count(1)
    expect(screen.locator("tbody tr")).to_contain_text("Petugas Contoh")
    expect(link).to_be_focused()
    assert link.bounding_box() == place, "the line on top had its place before"
    audit(screen, ".toast, #baru")
    screen.keyboard.press("r")
    expect(screen.locator("tbody tr")).to_have_count(2)


def test_the_first_case_is_reached_with_two_keys_and_its_neighbour_with_one(app, screen):
    ids = sorted(a_case(app, number) for number in (1, 2))
    screen.goto("/petugas/?tab=semua")
    for key in ("j", "Enter"):
        screen.keyboard.press(key)
    expect(screen.locator("h1")).to_have_text(row(app, ids[0]).number)
    screen.wait_for_load_state()  # keys are pressed by somebody who sees the whole page
    screen.keyboard.press("]")
    expect(screen.locator("h1")).to_have_text(row(app, ids[1]).number)
    screen.wait_for_load_state()
    screen.keyboard.press("[")
    expect(screen.locator("h1")).to_have_text(row(app, ids[0]).number)


def test_ticked_complaints_are_answered_together_by_mouse(app, screen):
    ids = [a_ticket(app, phone=f"0812-0000-40{number:02}") for number in range(2)]
    screen.goto("/petugas/pengaduan?tab=terbuka")
    screen.locator("[data-all]").check()
    expect(screen.locator("[data-picked]")).to_have_text("2")
    audit(screen)
    screen.get_by_role("button", name="Jawab bersama").click()
    screen.fill("#text", "Mohon maaf, listrik padam.")
    screen.locator("button[name=confirm]").click()
    expect(screen.locator("h1")).to_have_text("Jawab bersama: 2 dari 2 berhasil")
    expect(screen.locator("tbody")).to_contain_text(the(app, ids[0], "number"))


def hears(app, chromium, address: str, who: str, hour: int) -> Page:
    """The screen of somebody at this hour of the day (WIB), which counts what it would sound."""
    size = {"width": 1366, "height": 768}
    context = chromium.new_context(base_url=address, viewport=size, timezone_id="Asia/Jakarta")
    context.add_init_script(LOUDSPEAKER)
    page = context.new_page()
    page.clock.install(time=datetime(2026, 11, 27, hour, tzinfo=WIB))
    brings_a_session(app, context, address, who)
    page.goto("/petugas/")
    asks_for_news(page)
    return page


def test_a_signed_whatsapp_message_is_announced_within_ten_seconds_and_sounds_by_day_or_as_one_likes(
    wa_app, twilio, chromium,
):
    """From Twilio's webhook through the worker to the screens of two colleagues, one of whom works at night."""
    add_staff(wa_app, "rina", "petugas")
    add_staff(wa_app, "dewi", "petugas")
    with served(wa_app) as address:
        rina, dewi = (
            hears(wa_app, chromium, address, who, hour) for who, hour in (("rina", 10), ("dewi", 22)))

        def writes(number: int, told: str) -> None:
            form = inbound_form(twilio, sid(number), "KTP saya kapan jadi?", f"+62812000040{number:02}")
            assert write_to_us(wa_app.test_client(), twilio, form).status_code == 200
            worker.work_once(worker.StopSign())
            for page in (rina, dewi):
                asks_for_news(page)
                expect(page.locator(".toast")).to_contain_text(told)

        writes(1, "1 pengaduan menunggu Anda")
        assert [page.evaluate("sounded") for page in (rina, dewi)] == [1, 0]
        for page, wish in ((rina, ""), (dewi, "always")):
            page.locator("[data-news] summary").click()
            page.locator("[data-sound]").select_option(wish)
        before = [page.evaluate("sounded") for page in (rina, dewi)]
        writes(2, "2 pengaduan menunggu Anda")
        after = [page.evaluate("sounded") for page in (rina, dewi)]
        assert [new - old for old, new in zip(before, after, strict=True)] == [0, 1]
        for page in (rina, dewi):
            page.context.close()
