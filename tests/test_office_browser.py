"""The pages of admin and supervisor in Chromium, from the first sign-in with a second factor on: axe finds nothing."""

import re

import pyotp
import pytest
from playwright.sync_api import expect

from tests.audit import audit
from tests.builders import STAFF_PASSWORD, add_staff
from tests.desk import a_case
from tests.live import served

pytestmark = pytest.mark.browser
ADMIN_PAGES = (
    "/petugas/", "/petugas/pesan", "/petugas/pegawai", "/petugas/pegawai/tambah", "/petugas/kalender",
    "/petugas/alasan", "/petugas/alasan/BUKAN_WARGA_KOTA", "/petugas/alasan/tambah", "/petugas/hak", "/petugas/pin",
    "/petugas/sandi",
)
SUPERVISOR_PAGES = ("/petugas/", "/petugas/jurnal", "/petugas/angka")


@pytest.fixture
def extra_settings():
    """As in production."""
    return {"STAFF_2FA": "on"}


@pytest.fixture
def arrives(app, chromium):
    """arrives("admin") -> a screen at the page where the second factor is enrolled."""
    with served(app) as url:
        def make(role: str):
            add_staff(app, f"{role}1", role)
            page = chromium.new_context(base_url=url, viewport={"width": 1366, "height": 768}).new_page()
            page.goto("/petugas/masuk")
            page.fill("[name=username]", f"{role}1")
            page.fill("[name=password]", STAFF_PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_url(re.compile("/dua-langkah"))
            return page

        yield make


def enrols(page) -> None:
    secret = re.search(r"\b([A-Z2-7]{4} ){7}[A-Z2-7]{4}\b", page.inner_text("main")).group().replace(" ", "")
    page.fill("[name=code]", pyotp.TOTP(secret).now())
    page.press("[name=code]", "Enter")
    expect(page.locator("main")).to_contain_text("Simpan kode cadangan")


def test_an_administrator_meets_nothing_axe_would_find_from_the_qr_code_to_the_locked_screen(arrives):
    page = arrives("admin")
    assert page.evaluate("document.querySelector('main img').naturalWidth") > 100
    audit(page)
    enrols(page)
    audit(page)
    for address in ADMIN_PAGES:
        page.goto(address)
        audit(page)
    page.goto("/petugas/pegawai")
    page.locator("table a").first.click()
    audit(page)
    page.keyboard.press("F9")
    page.wait_for_selector("#kunci [name=secret]")
    audit(page)


def test_a_supervisor_meets_nothing_axe_would_find(app, arrives):
    a_case(app)
    page = arrives("supervisor")
    enrols(page)
    for address in SUPERVISOR_PAGES:
        page.goto(address)
        audit(page)
