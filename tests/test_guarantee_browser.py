"""The courier's phone in Chromium: the day opens without a line, a signature is drawn, the note waits and goes by
itself; and axe finds nothing on the pages of the guarantee."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from app.base.clock import WIB
from tests.audit import audit
from tests.desk import nik_of, officer
from tests.desk_screen import brings_a_session
from tests.live import served
from tests.test_guarantee import a_missed_promise, guarantee, hand_over

pytestmark = pytest.mark.browser


@contextmanager
def signed_in(app, chromium, url: str, username: str, width: int, height: int) -> Iterator[Page]:
    context = chromium.new_context(base_url=url, viewport={"width": width, "height": height})
    brings_a_session(app, context, url, username)
    try:
        yield context.new_page()
    finally:  # an open page would keep the server from stopping
        context.close()


def draws(page: Page) -> None:
    page.locator("#kanvas").scroll_into_view_if_needed()
    box = page.locator("#kanvas").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(box["x"] + 40 + 25 * step, box["y"] + (40 if step % 2 else 90))
    page.mouse.up()
    assert page.input_value("#drawing_data").startswith("data:image/png")


def at_the_door(app, page: Page) -> None:
    page.goto("/petugas/")
    expect(page.locator("#kepala-jaminan")).to_contain_text("1")
    page.goto("/petugas/antar")
    audit(page)
    stop = page.locator("a[data-stop]").first
    expect(page.locator("#siap-kurir")).to_have_text("Semua alamat hari ini dapat dibuka tanpa sinyal.")
    page.context.set_offline(True)
    stop.click()
    expect(page.get_by_role("button", name="Simpan: sudah diterima")).to_be_visible()
    page.get_by_text("Tidak ada kode: tanda tangan di HP").click()
    draws(page)
    page.get_by_role("button", name="Simpan tanda tangan").click()
    expect(page.locator("#antrean-kurir")).to_contain_text("1 catatan tersimpan di HP ini")
    expect(page.locator(".stops .done")).to_contain_text("Tersimpan di HP ini")
    assert guarantee(app).status == "carried"
    page.context.set_offline(False)
    expect(page.locator("#antrean-kurir")).to_be_hidden()
    expect(page.locator(".stops .done")).to_contain_text("✓ Diterima")
    closed = guarantee(app)
    assert (closed.status, closed.proof, closed.relation) == ("delivered", "signature", "self")
    assert page.evaluate("localStorage.getItem('loket-kurir')") == "[]", "nothing of it stays on the phone"


def test_a_signature_drawn_without_a_line_waits_on_the_phone_and_arrives_when_it_is_back(app, time, chromium):
    case = a_missed_promise(app, time)
    time.moment = datetime(2026, 11, 25, 8, 0, tzinfo=WIB)
    officer(app, "bayu").acts(case, "setujui", nik_read=nik_of(1))
    time.moves(minutes=2)
    with served(app) as url, signed_in(app, chromium, url, "bayu", 1366, 768) as desk:
        for path in ("/petugas/jaminan", f"/petugas/jaminan/{guarantee(app).id}"):
            desk.goto(path)
            audit(desk)
        desk.get_by_role("button", name=re.compile("^Cetak")).click()
        expect(desk.get_by_role("heading", level=1)).to_have_text("Akun online Anda sudah aktif")
        audit(desk)
        desk.emulate_media(media="print")
        expect(desk.locator(".slip")).to_be_visible()
        expect(desk.get_by_role("button", name="Cetak")).to_be_hidden()
        desk.emulate_media(media="screen")
        hand_over(app)
        time.moment = datetime(2026, 11, 25, 13, 20, tzinfo=WIB)
        with signed_in(app, chromium, url, "hadi", 360, 800) as page:
            page.clock.set_fixed_time(time.moment)
            at_the_door(app, page)
        closed = guarantee(app)
        desk.goto(f"/petugas/jaminan/{closed.id}")
        audit(desk)
