"""The line is cut, falls silent, crawls or loses an answer, and tabs are killed, at every step of a registration, on
*Ya* and after it, in Chromium and in Firefox: nothing is lost, one registration comes of it, the page says what is so.
"""

import pytest

from app.base.database import db
from app.registration.models import Application
from tests import engine_store
from tests.builders import PHOTO_SLUGS, RESIDENT, photo_files
from tests.chromium import require_chromium, skip_or_fail
from tests.engine_drivers import PATIENCE, chromium, firefox
from tests.engines import SET, at, press, wait
from tests.live import empty_office
from tests.thin_line import CUT, LOSES_ANSWERS, OPEN, SILENT, SLOW, ThinLine

pytestmark = [pytest.mark.browser, pytest.mark.long]

ENGINES = {"Chromium": (require_chromium, chromium), "Firefox": (lambda: engine_store.program("firefox-esr"), firefox)}
# what the page says while nothing gets through; the browser's own page, and ours for a lost line, say it too
TOLD = "/terputus|Belum terkirim|belum tersambung|coba lagi sendiri/i.test(document.body.innerText)"
HEADINGS = {"ktp": "Foto KTP", "tanda-tangan": "Foto Tanda Tangan", "selfie": "Foto Selfie sambil memegang KTP"}
SLOW_PATIENCE = 240


@pytest.fixture(scope="module")
def office(tmp_path_factory, migrated_sqlite):
    with empty_office(tmp_path_factory.mktemp("cut-lines"), migrated_sqlite) as server:
        yield server


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder, files = tmp_path_factory.mktemp("photos"), photo_files()
    for slug, kind in PHOTO_SLUGS.items():
        (folder / f"{slug}.jpg").write_bytes(files[kind])
    return {slug: str(folder / f"{slug}.jpg") for slug in PHOTO_SLUGS}


@pytest.fixture(params=ENGINES)
def browser(request):
    found, opened = ENGINES[request.param]
    try:
        program = found()
    except engine_store.NotToBeHad as reason:
        skip_or_fail(str(reason))
    with opened(program) as driven:
        yield driven


@pytest.fixture
def line(office):
    with ThinLine(office.port) as line:
        yield line


class Walk:
    """A registration in which every act is done while the line is as `mode` says, and goes on when it is back."""

    def __init__(self, browser, line: ThinLine, mode: str, nik: str):
        self.browser, self.line, self.mode, self.nik = browser, line, mode, nik

    def while_it_is_so(self, act, arrived: str, *arguments, again=None) -> None:
        """`again`: what the person does when the page asks for it; without, it goes on by itself."""
        self.line.is_now = self.mode
        act()
        if self.mode != SLOW:
            wait(self.browser, TOLD)
        self.line.is_now = OPEN if self.mode != SLOW else SLOW
        if again and self.mode != SLOW:
            again()
        wait(self.browser, arrived, *arguments, patience=SLOW_PATIENCE if self.mode == SLOW else PATIENCE)

    def presses(self, name: str, heading: str, again: bool = False) -> None:
        def act() -> None:
            press(self.browser, name)

        self.while_it_is_so(act, "(document.querySelector('h1') || {}).textContent.includes(arguments[0])", heading,
                            again=act if again else None)

    def starts(self) -> None:
        self.browser.go(f"{self.line.url}/daftar")
        self.browser.run("document.querySelector('[name=notice]').checked = true")
        wait(self.browser, "!!window.htmx")
        self.presses("Mulai", "Isi data", again=True)

    def fills_in(self) -> None:
        for name, value in {**RESIDENT, "nik": self.nik}.items():
            self.browser.run(SET, name, value)
        self.presses("Lanjut", "Foto KTP")

    def gives_photos(self, photos: dict[str, str]) -> None:
        following = [*list(HEADINGS.values())[1:], "Periksa kembali"]
        for (slug, file), heading in zip(photos.items(), following, strict=True):
            wait(self.browser, "location.pathname.endsWith(arguments[0]) && !!window.loketPhoto && "
                               "(document.querySelector('[data-photo]') || {}).ready === true", slug,
                 patience=SLOW_PATIENCE)
            self.while_it_is_so(lambda file=file: self.browser.give_file("#photo-gallery", file),
                                "!!document.querySelector('.stored')")
            self.presses("Pakai foto ini", heading)

    def sends(self) -> str:
        """Returns number and PIN as one text."""
        self.presses("Kirim Data Registrasi User Baru", "Kirim sekarang?")
        self.presses("Ya", "Registrasi selesai")
        return self.browser.run("return document.querySelector('.code').innerText")


def registrations(office) -> int:
    app = office.from_inside()
    with app.app_context():
        return db.session.query(Application).filter(Application.submitted_at.is_not(None)).count()


@pytest.mark.parametrize(("mode", "nik"), [
    (CUT, "3574014505900051"), (SILENT, "3574014505900052"), (LOSES_ANSWERS, "3574014505900053"),
    (SLOW, "3574014505900054"),
])
def test_every_step_survives_a_bad_line(browser, line, office, photos, mode, nik, request):
    before = registrations(office)
    walk = Walk(browser, line, mode, nik[:-2] + str(int(nik[-2:]) + (20 if "Firefox" in request.node.name else 0)))
    walk.starts()
    walk.fills_in()
    walk.gives_photos(photos)
    receipt = walk.sends()
    assert registrations(office) == before + 1
    line.is_now = CUT
    line.is_now = OPEN
    browser.go(f"{line.url}/daftar")
    wait(browser, "document.body.innerText.includes('sudah terkirim')")
    press(browser, "Lihat bukti pendaftaran")
    at(browser, "Registrasi selesai")
    assert browser.run("return document.querySelector('.code').innerText") == receipt


def test_a_tab_killed_at_any_step_comes_back_to_it(browser, line, office, photos, request):
    nik = "3574014505900091" if "Firefox" in request.node.name else "3574014505900092"
    before, typed = registrations(office), {**RESIDENT, "nik": nik}

    def killed_and_back(button: str = "") -> None:
        line.is_now = CUT
        browser.kill()
        line.is_now = OPEN
        browser.go(f"{line.url}/daftar")
        if button:
            press(browser, button)

    browser.go(f"{line.url}/daftar")
    browser.run("document.querySelector('[name=notice]').checked = true")
    press(browser, "Mulai")
    at(browser, "Isi data")
    for name, value in typed.items():
        browser.run(SET, name, value)
    wait(browser, "/Isian tersimpan/.test(document.body.innerText)")
    killed_and_back("Lanjutkan pendaftaran")
    at(browser, "Isi data")
    assert browser.run("return document.querySelector('[name=full_name]').value") == typed["full_name"]
    browser.run(SET, "new_password", typed["new_password"])
    press(browser, "Lanjut")
    following = [*list(HEADINGS.values())[1:], "Periksa kembali"]
    for (slug, file), heading in zip(photos.items(), following, strict=True):
        at(browser, HEADINGS[slug])
        wait(browser, "!!window.loketPhoto && (document.querySelector('[data-photo]') || {}).ready === true")
        line.is_now = SILENT
        browser.give_file("#photo-gallery", file)
        wait(browser, "!!document.querySelector('.slot progress')")
        killed_and_back("Lanjutkan pendaftaran")
        at(browser, HEADINGS[slug])
        wait(browser, "!!window.loketPhoto && (document.querySelector('[data-photo]') || {}).ready === true")
        browser.give_file("#photo-gallery", file)
        wait(browser, "!!document.querySelector('.stored')")
        press(browser, "Pakai foto ini")
        at(browser, heading)
    press(browser, "Kirim Data Registrasi User Baru")
    at(browser, "Kirim sekarang?")
    line.is_now = LOSES_ANSWERS
    press(browser, "Ya")
    wait(browser, TOLD)
    killed_and_back()
    wait(browser, "/sudah (terkirim|kami terima|dikirim)/i.test(document.body.innerText)")
    assert registrations(office) == before + 1, "the registration whose answer was lost is there, once"
