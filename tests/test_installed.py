"""On the home screen of a phone: the manifest, a lost line answered in words, and a page that reads itself aloud."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
HEARD = """
window.heard = [];
speechSynthesis.speak = function (speech) { window.heard.push([speech.lang, speech.text]); speech.onstart(); };
"""
DUMB = "delete window.SpeechSynthesisUtterance; window.SpeechSynthesisUtterance = undefined;"


def test_a_lost_line_is_answered_with_telephone_numbers_and_nothing_of_the_visitor_is_kept(browser_page):
    page = browser_page(360, 800)
    page.goto("/daftar")
    told = page.request.get(page.locator("link[rel=manifest]").get_attribute("href")).json()
    assert told["start_url"] == "/" and told["short_name"] == "Loket"
    for icon in told["icons"]:
        picture = Image.open(io.BytesIO(page.request.get(icon["src"]).body()))
        assert f"{picture.width}x{picture.height}" == icon["sizes"]
    page.get_by_label("Saya sudah membaca ini").check()
    page.get_by_role("button", name="Mulai").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Isi data")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.goto("/lacak")
    page.context.set_offline(True)
    page.goto("/pengaduan")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Internet terputus")
    assert page.locator("a[href^='tel:']").count() >= 1
    kept = page.evaluate("""async () => {
        const found = [];
        for (const name of await caches.keys()) {
            for (const request of await (await caches.open(name)).keys()) { found.push(new URL(request.url).pathname); }
        }
        return found;
    }""")
    assert len(kept) == 1 and "daftar" not in kept[0] and "lacak" not in kept[0], kept
    page.context.set_offline(False)
    page.goto("/pengaduan")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Internet terputus")


def test_a_page_reads_its_heading_hints_and_errors_aloud_where_the_phone_can(browser_page):
    page = browser_page(360, 800)
    page.add_init_script(HEARD)
    page.goto("/daftar")
    page.get_by_role("button", name="Mulai").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.get_by_role("button", name="Bacakan").click()
    expect(page.get_by_role("button", name="Berhenti")).to_be_visible()
    [[language, words]] = page.evaluate("window.heard")
    assert language == "id-ID" and "Login User Baru" in words
    assert page.locator(".error-summary li").first.inner_text().strip() in words
    dumb = browser_page(360, 800)
    dumb.add_init_script(DUMB)
    dumb.goto("/daftar")
    expect(dumb.locator("[data-read]")).to_be_hidden()
