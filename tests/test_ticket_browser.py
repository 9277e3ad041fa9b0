"""One complaint at the desk: what is typed survives everything, without scripts it is finished, and on a wide screen
its list stands beside it."""

import re

import pytest
from playwright.sync_api import expect

from tests.audit import audit
from tests.complaints import Handler, a_ticket, the
from tests.live import hold

pytestmark = pytest.mark.browser
TYPED = "Sudah kami periksa,\nbesok kami kabari lagi."


def kept(answer) -> bool:
    return answer.request.method == "POST" and answer.url.endswith("/draf") and answer.status == 204


def test_a_typed_answer_survives_lapse_take_over_reload_and_the_death_of_the_tab(app, time, screen, staff_client):
    ticket = a_ticket(app, phone="0812-0000-5001")
    page = screen("rina", "petugas", at=f"/petugas/pengaduan/{ticket}")
    page.keyboard.press("t")
    expect(page.locator("main")).to_contain_text("Anda tangani")
    with page.expect_response(kept):
        page.fill("#text", TYPED)
    time.moves(minutes=20)  # the claim lapses
    boss = Handler(staff_client("supervisor"))
    boss.acts(ticket, "ambil-alih", reason="Rina sedang tidak di tempat.")
    page.reload()
    expect(page.locator("#text")).to_have_value(TYPED)
    audit(page)
    page.locator("[name=via]").select_option(index=1)
    page.keyboard.press("j")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#text")).to_have_value(TYPED)
    context = page.context
    page.close()
    again = context.new_page()
    again.goto(f"/petugas/pengaduan/{ticket}")
    expect(again.locator("#text")).to_have_value(TYPED)


@pytest.mark.parametrize("script", ["answer", "drafts"])
def test_words_typed_before_the_script_has_come_are_kept_when_it_is_there(app, time, screen, script):
    address = "catat" if script == "drafts" else a_ticket(app, phone="0812-0000-5003")
    page, pattern = screen("rina", "petugas", at=""), re.compile(rf"/{script}[^/]*\.js")
    held = hold(page, pattern)
    with page.expect_request(pattern):
        page.goto(f"/petugas/pengaduan/{address}", wait_until="commit")
    page.fill("#text", TYPED)
    with page.expect_response(kept):
        held.pop().continue_()
    page.unroute(pattern)
    page.reload()
    expect(page.locator("#text")).to_have_value(TYPED)


def test_without_scripts_a_complaint_is_taken_answered_and_finished(app, time, screen):
    ticket = a_ticket(app, phone="0812-0000-5002")
    page = screen("rina", "petugas", scripts=False, at="/petugas/pengaduan?tab=terbuka")
    page.get_by_role("link", name=the(app, ticket, "number")).click()
    page.get_by_role("button", name="Tangani").click()
    page.fill("#text", TYPED)
    page.get_by_role("button", name="Lihat dulu yang dibaca pelapor").click()
    expect(page.locator("#dibaca")).to_contain_text("besok kami kabari lagi.")
    page.locator("[name=outcome]").select_option("proven")
    page.get_by_role("button", name="Kirim jawaban dan selesaikan").click()
    expect(page.locator(".talk .ours .words")).to_contain_text("besok kami kabari lagi.")
    assert the(app, ticket, "status") == "answered"


def test_the_list_stands_beside_the_case_on_a_wide_screen_and_not_on_others_nor_at_200_percent(app, time, screen):
    tickets = [a_ticket(app, phone=f"0812-0000-60{number:02}") for number in range(3)]
    numbers = {the(app, one, "number") for one in tickets}
    page = screen("rina", "petugas", (1920, 1080), at="/petugas/pengaduan?tab=terbuka&kanal=web")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    beside = page.locator(".list-beside")
    expect(beside.locator("tr")).to_have_count(3)
    assert set(beside.locator("a.number").all_inner_texts()) == numbers
    here = beside.locator("[aria-current=page]")
    expect(here).to_have_text(page.locator("h1").inner_text())
    audit(page)
    other = beside.locator("a.number:not([aria-current])").first
    wanted = other.inner_text()
    other.click()
    expect(page.locator("h1")).to_have_text(wanted)
    expect(here).to_have_text(wanted)
    for width, height in ((1366, 768), (683, 384)):  # the last is 1366 at 200 %
        page.set_viewport_size({"width": width, "height": height})
        page.reload()
        expect(beside).to_be_hidden()
    audit(page)
