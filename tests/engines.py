"""`make test-browsers`: registration with three photos, tracking, a refused sign-in and a complaint, walked in real
engines, old and new; what could not be had is said, and why (`engine_store`).
"""

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests import engine_store
from tests.builders import PHOTO_SLUGS, RESIDENT, photo_files
from tests.chromium import MISSING, find_chromium
from tests.engine_drivers import PATIENCE, chromium, firefox, old_chromium, webkit
from tests.engine_store import OLD_CHROMIUMS, NotToBeHad
from tests.live import LiveServer

SET = """const field = document.querySelector('[name=' + arguments[0] + ']'); field.value = arguments[1];
for (const kind of ['input', 'change']) { field.dispatchEvent(new Event(kind, { bubbles: true })); }"""
PRESS = """const all = [...document.querySelectorAll('main button, main a, main [role=button]')];
const found = all.find(one => one.textContent.trim() === arguments[0] && one.offsetParent);
if (found) { found.click(); } return !!found;"""


def wait(browser, script: str, *arguments, patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while True:
        # a page that is just going away answers with a fault, each driver with another
        with contextlib.suppress(Exception):
            if browser.run(f"return {script}", *arguments):
                return
        title = "document.title"
        assert time.monotonic() < deadline, f"in vain: {script} {arguments} on {browser.run(f'return {title}')}"
        time.sleep(0.2)


def at(browser, heading: str) -> None:
    wait(browser, "(document.querySelector('h1') || {}).textContent.includes(arguments[0])", heading)


def press(browser, name: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not browser.run(PRESS, name):
        assert time.monotonic() < deadline, f"no button {name}"
        time.sleep(0.2)


def walk(browser, url: str, photos: dict[str, str], nik: str) -> str:
    """The four ways; returns the number of the registration."""
    browser.go(f"{url}/daftar")
    at(browser, "Login User Baru")
    browser.run("document.querySelector('[name=notice]').checked = true")
    press(browser, "Mulai")
    at(browser, "Isi data")
    for name, value in {**RESIDENT, "nik": nik}.items():
        browser.run(SET, name, value)
    press(browser, "Lanjut")
    for slug, file in photos.items():
        wait(browser, "location.pathname.endsWith(arguments[0]) && !!document.querySelector('#photo-gallery')", slug)
        wait(browser, "!!window.loketPhoto && document.querySelector('[data-photo]').ready === true")
        browser.give_file("#photo-gallery", file)
        wait(browser, "!!document.querySelector('.stored') || /masih|Foto |pantulan/.test("
                      "(document.querySelector('.slot h2') || {}).textContent || '')")
        assert browser.run("return !!document.querySelector('.stored')"), browser.run(
            "return document.querySelector('.slot').textContent")
        press(browser, "Pakai foto ini")
    at(browser, "Periksa kembali")
    press(browser, "Kirim Data Registrasi User Baru")
    at(browser, "Kirim sekarang?")
    press(browser, "Ya")
    at(browser, "Registrasi selesai")
    number, pin = browser.run("return [...document.querySelectorAll('.code dd')].slice(-2).map(one => one.textContent)")
    browser.go(f"{url}/lacak")
    browser.run(SET, "number", number)
    browser.run(SET, "pin", pin)
    browser.run("document.querySelector('main form [type=submit]').click()")
    wait(browser, "document.body.textContent.includes(arguments[0]) && !document.querySelector('[name=pin]')", number)
    browser.go(f"{url}/masuk")
    browser.run(SET, "nik", nik)
    browser.run(SET, "password", "Bukan kata sandinya")
    browser.run("document.querySelector('main form [type=submit]').click()")
    wait(browser, "!!document.querySelector('.error-summary')")
    browser.go(f"{url}/pengaduan")
    browser.run(SET, "text", "Antrean di loket 2 sangat lama sejak pagi.")
    browser.run("document.querySelector('[name=category]').selectedIndex = 1; "
                "document.querySelector('[name=answer_by][value=page]').checked = true")
    press(browser, "Kirim pengaduan")
    at(browser, "Pengaduan terkirim")
    return number


def read_by_w3m(program: str, url: str) -> str:
    pages = {"/": "Daftar akun online", "/daftar": "Siapkan dulu", "/lacak": "PIN", "/pengaduan": "Pengaduan"}
    for address, words in pages.items():
        said = subprocess.run([program, "-dump", url + address], capture_output=True, text=True, check=True).stdout
        assert words in said, f"{address} does not say {words}"
    return "reads four pages; posting is not walked"


def newest_chromium() -> str:
    path = find_chromium()
    if path is None:
        raise NotToBeHad(MISSING)
    return path


# name -> how its program is found or fetched, and how it is driven
ENGINES: dict[str, tuple[Callable[[], str], Callable]] = {
    "Chromium of today": (newest_chromium, chromium),
    "Firefox ESR": (partial(engine_store.program, "firefox-esr"), firefox),
    "WebKitGTK": (partial(engine_store.program, "WebKitWebDriver"), webkit),
    **{f"Chromium {version}": (partial(engine_store.old_chromium, version), old_chromium)
       for version in OLD_CHROMIUMS},
}


def told(name: str, work: Callable[[], str]) -> bool:
    """Do it, and print a line of how it went. False when the product failed there."""
    begun = time.monotonic()
    try:
        print(f"{name}: {work()} ({time.monotonic() - begun:.0f} s)", flush=True)
    except NotToBeHad as reason:
        print(f"{name}: NOT WALKED, {reason}", flush=True)
    except Exception as fault:  # noqa: BLE001 - the next engine is walked all the same
        print(f"{name}: FAILED {type(fault).__name__}: {str(fault)[:300]}", flush=True)
        return False
    return True


def main(wanted: list[str]) -> int:
    """`wanted`: parts of names, or nothing for all engines."""
    folder = Path(tempfile.mkdtemp(prefix="loket-engines-"))
    photos = {}
    for slug, kind in PHOTO_SLUGS.items():
        photos[slug] = str(folder / f"{slug}.jpg")
        Path(photos[slug]).write_bytes(photo_files()[kind])
    server, went = LiveServer(folder).start(), []

    def walked(place: int, found: Callable[[], str], opened: Callable) -> str:
        with opened(found()) as browser:
            number = walk(browser, server.url, photos, f"35740145059000{41 + place}")
        return f"registration {number} with three photos, tracking, sign-in, complaint"

    try:
        for place, (name, (found, opened)) in enumerate(ENGINES.items()):
            if not wanted or any(part in name for part in wanted):
                went.append(told(name, partial(walked, place, found, opened)))
        if not wanted or "w3m" in wanted:
            went.append(told("w3m", lambda: read_by_w3m(engine_store.program("w3m"), server.url)))
    finally:
        server.stop()
    return 0 if all(went) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
