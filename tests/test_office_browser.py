"""The pages of an administrator in Chromium, from the first sign-in with a second factor on: axe finds nothing."""

import re

import pyotp
import pytest
from playwright.sync_api import expect

from tests.audit import audit
from tests.builders import STAFF_PASSWORD, add_staff
from tests.live import served

pytestmark = pytest.mark.browser
ADMIN_PAGES = (
    "/petugas/", "/petugas/pesan", "/petugas/pegawai", "/petugas/pegawai/tambah", "/petugas/kalender",
    "/petugas/alasan", "/petugas/alasan/BUKAN_WARGA_KOTA", "/petugas/alasan/tambah", "/petugas/hak", "/petugas/pin",
    "/petugas/sandi",
)


@pytest.fixture
def extra_settings():
    """As in production."""
    return {"STAFF_2FA": "on"}


def enrols(page) -> None:
    secret = re.search(r"\b([A-Z2-7]{4} ){7}[A-Z2-7]{4}\b", page.inner_text("main")).group().replace(" ", "")
    page.fill("[name=code]", pyotp.TOTP(secret).now())
    page.press("[name=code]", "Enter")
    expect(page.locator("main")).to_contain_text("Simpan kode cadangan")


def test_an_administrator_meets_nothing_axe_would_find_from_the_qr_code_to_the_locked_screen(app, chromium):
    add_staff(app, "admin1", "admin")
    with served(app) as url:
        page = chromium.new_context(base_url=url, viewport={"width": 1366, "height": 768}).new_page()
        page.goto("/petugas/masuk")
        page.fill("[name=username]", "admin1")
        page.fill("[name=password]", STAFF_PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(re.compile("/dua-langkah"))
        assert page.evaluate("document.querySelector('main img').naturalWidth") > 100
        audit(page)
        enrols(page)
        audit(page)
        for address in ADMIN_PAGES:
            page.goto(address)
            audit(page)
        page.goto("/petugas/pegawai")
        page.locator("table a").first.click()
        page.wait_for_url(re.compile(r"/pegawai/[0-9a-f]{32}$"))
        audit(page)
        page.keyboard.press("F9")
        page.wait_for_selector("#kunci [name=secret]")
        audit(page)
        page.context.close()
