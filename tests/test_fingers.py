"""A finger and weak eyes: on every page and in every state of the public's, what is pressed measures 44 px, letters
twice as big push nothing out of a screen of 360 px, and axe finds nothing in the dark at that size, either."""

import pytest
from playwright.sync_api import Page, expect

from tests.audit import TOO_WIDE, axe_findings
from tests.builders import PHOTO_SLUGS, RESIDENT, photo_files
from tests.live import empty_office, fill_in
from tests.photo_judging import STORED, pictures, told

pytestmark = pytest.mark.browser

PAGES = (
    "/", "/cek-pesan", "/daftar/dihapus", "/kinerja", "/lacak", "/lupa-sandi", "/lupa-sandi/tanpa-whatsapp", "/luring",
    "/masuk", "/masuk/surat", "/pengaduan", "/pengaduan/lacak", "/pengaduan/ringkasan", "/privasi", "/skm",
    "/standar-pelayanan", "/survei/selesai", "/tidak-ada",
)
FORMS = {"/masuk": "Masuk", "/lacak": "Lihat", "/pengaduan": "Kirim pengaduan", "/lupa-sandi": "Kirim kode"}
# In the dark axe looks at one page of each build; of these it sees others of their build here, and by day themselves in
# the journeys. In `make test-long` it looks at all.
ALIKE = (
    "/cek-pesan", "/lacak", "/lupa-sandi", "/lupa-sandi/tanpa-whatsapp", "/masuk", "/pengaduan/lacak",
    "/pengaduan/ringkasan", "/lacak, not filled in", "/lupa-sandi, not filled in", "/pengaduan, not filled in", "data",
    "photo asked for", "photo stored", "later", "start, unfinished", "asked",
)
MUCH = pytest.mark.parametrize("alike", [
    pytest.param(ALIKE, id="one of each build"), pytest.param((), id="all", marks=pytest.mark.long),
])
# a link inside a sentence is as high as the sentence; a box to tick is pressed on its words, too
TOO_SMALL = """() => {
  const box = one => one.getBoundingClientRect();
  const style = one => getComputedStyle(one);
  const seen = one => one.offsetParent && box(one).width > 1 && !one.closest('.vh') &&
    style(one).visibility !== 'hidden';
  const inText = one => one.matches('a') && style(one).display === 'inline' &&
    one.parentNode.textContent.trim() !== one.textContent.trim();
  const small = [];
  for (const one of document.querySelectorAll('a[href], button, input, select, textarea, summary')) {
    if (!seen(one) || one.disabled || one.type === 'hidden' || one.className === 'skip' || inText(one)) { continue; }
    const label = /checkbox|radio/.test(one.type) && one.id && document.querySelector(`label[for="${one.id}"]`);
    const parts = [box(one), ...(label ? [box(label)] : [])];
    const height = Math.max(...parts.map(part => part.bottom)) - Math.min(...parts.map(part => part.top));
    const width = Math.max(...parts.map(part => part.right)) - Math.min(...parts.map(part => part.left));
    if (height < 43.5 || width < 43.5) { small.push(`${width} x ${height}: ${one.outerHTML.slice(0, 90)}`); }
  }
  return small;
}"""


@pytest.fixture(scope="module")
def live_server(tmp_path_factory, migrated_sqlite):
    with empty_office(tmp_path_factory.mktemp("fingers"), migrated_sqlite) as server:
        yield server


class Sweep:
    """Gathers what is wrong on each page, so that one visit tells of all."""

    def __init__(self, page: Page, alike: tuple[str, ...]):
        self.page, self.alike, self.wrong = page, alike, []
        page.emulate_media(color_scheme="dark")

    def look(self, state: str) -> None:
        self.wrong += [f"{state}: small: {found}" for found in self.page.evaluate(TOO_SMALL)]
        self.page.evaluate("document.documentElement.style.fontSize = '200%'")
        if self.page.evaluate("document.documentElement.scrollWidth") > 360:
            self.wrong.append(f"{state}: wide at 200 %: {self.page.evaluate(TOO_WIDE, 360)}")
        if state not in self.alike:
            self.wrong += [f"{state}: axe {finding}" for finding in axe_findings(self.page)]
        self.page.evaluate("document.documentElement.style.fontSize = ''")

    def presses(self, name: str, heading: str) -> None:
        self.page.locator("main").get_by_role("button", name=name, exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)


@MUCH
def test_every_public_page_suits_a_finger_and_weak_eyes(browser_page, alike):
    sweep = Sweep(browser_page(360, 800), alike)
    for address in PAGES:
        sweep.page.goto(address)
        sweep.look(address)
    sweep.page.goto("/")
    sweep.page.locator(".menu summary").click()
    sweep.look("menu")
    for address, button in FORMS.items():
        sweep.page.goto(address)
        sweep.page.locator("main").get_by_role("button", name=button, exact=True).click()
        expect(sweep.page.locator(".error-summary")).to_be_visible()
        sweep.look(f"{address}, not filled in")
    assert not sweep.wrong, "\n".join(sweep.wrong)


@MUCH
def test_every_state_of_a_registration_suits_a_finger_and_weak_eyes(browser_page, tmp_path, alike):
    for name in ("good", "dark"):
        (tmp_path / f"{name}.jpg").write_bytes(pictures()[name][0])
    for slug, kind in PHOTO_SLUGS.items():
        (tmp_path / f"{slug}.jpg").write_bytes(photo_files()[kind])
    sweep = Sweep(browser_page(360, 800), alike)
    page = sweep.page
    page.goto("/daftar")
    sweep.look("start")
    page.get_by_label("Saya sudah membaca ini").check()
    sweep.presses("Mulai", "Isi data")
    sweep.look("data")
    page.locator("main").get_by_role("button", name="Lanjut").click()
    expect(page.locator(".error-summary")).to_be_visible()
    sweep.look("data, not filled in")
    fill_in(page, RESIDENT)
    sweep.presses("Lanjut", "Foto KTP")
    sweep.look("photo asked for")
    told(page, tmp_path, "dark", "gelap")
    sweep.look("photo too dark")
    page.context.set_offline(True)
    page.locator("#photo-gallery").set_input_files(str(tmp_path / "good.jpg"))
    expect(page.locator(".saved")).to_be_visible()
    sweep.look("photo not sent")
    page.context.set_offline(False)
    expect(page.locator(".stored")).to_have_text(STORED)
    sweep.look("photo stored")
    page.locator(".shot").click()
    sweep.look("photo enlarged")
    page.get_by_role("button", name="Tutup").click()
    sweep.presses("Pakai foto ini", "Foto Tanda Tangan")
    for slug, heading in (("tanda-tangan", "Foto Selfie"), ("selfie", "Periksa kembali")):
        page.locator("#photo-gallery").set_input_files(str(tmp_path / f"{slug}.jpg"))
        expect(page.locator(".stored")).to_be_visible()
        sweep.presses("Pakai foto ini", heading)
    sweep.look("check")
    page.goto("/daftar/lanjut-nanti")
    sweep.look("later")
    page.goto("/daftar")
    sweep.look("start, unfinished")
    page.goto("/daftar/periksa")
    sweep.presses("Kirim Data Registrasi User Baru", "Kirim sekarang?")
    sweep.look("asked")
    sweep.presses("Ya", "Registrasi selesai")
    sweep.look("done")
    for address in ("/daftar/bukti", "/lacak"):
        page.goto(address)
        sweep.look(address)
    assert not sweep.wrong, "\n".join(sweep.wrong)
