"""`make test-browsers`: registration with three photos, tracking, a refused sign-in and a complaint, walked in real
engines, old and new; what could not be had is said, and why (`engine_store`).
"""

import contextlib
import re
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
from tests.engine_w3m import w3m
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


def walk_by_w3m(url: str, photos: dict[str, str], nik: str, folder: Path) -> str:
    """The same four ways by text and keys alone; w3m cannot download its own receipt, so the number is read."""
    person = {**RESIDENT, "nik": nik}
    with w3m(folder) as browser:
        browser.go(f"{url}/daftar")
        browser.see("Login User Baru")
        browser.tick_before("Saya sudah membaca ini")
        browser.press("Mulai")
        browser.see("Isi data Anda")
        for label, field in (("lihat baris atas", "nik"), ("Nama Lengkap", "full_name"),
                             ("Contoh 0812", "whatsapp_number"), ("di bawah judul", "kk_number"),
                             ("jangan pakai NIK", "new_password")):
            browser.type_after(label, person[field])
        browser.write_after("Jalan atau gang", person["address"])
        browser.choose_after("Pilih kelurahan alamat", person["village"])
        browser.press_after("Pilih kelurahan alamat", places=2)
        headings = ("Foto KTP", "Foto Tanda Tangan", "Foto Selfie sambil memegang KTP")
        for (_, file), heading in zip(photos.items(), headings, strict=True):
            browser.see(f"Viewing <{heading}")
            browser.type_after("Pilih dari galeri", file)  # w3m sends a form with the name of its file
            browser.see(f"{heading} tersimpan.")
            browser.press_after(f"{heading} tersimpan.")
        browser.see("Periksa kembali data Anda")
        browser.press("Kirim Data Registrasi")
        browser.see("Kirim sekarang?")
        browser.press_after("Kirim sekarang?")
        browser.see("Registrasi selesai")
        said = browser.screen
        number = re.search(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b", said).group()
        pin = re.search(r"PIN\s+(\d{6})\b", said).group(1)
        browser.go(f"{url}/lacak")
        browser.type_after("Nomor pendaftaran", number)
        browser.type_after("Nomor pendaftaran", pin, places=2)
        browser.press_after("Nomor pendaftaran", places=3)
        browser.see(number)
        browser.go(f"{url}/masuk")
        browser.type_after("lihat baris atas", nik)
        browser.type_after("lihat baris atas", "Bukan kata sandinya", places=2)
        browser.press_after("lihat baris atas", places=4)  # the third is *Lihat*, which does nothing here
        browser.see("Perlu diperbaiki")
        browser.go(f"{url}/pengaduan")
        browser.choose_after("Tentang apa?", "Persyaratan")
        browser.write_after("Apa yang terjadi?", "Antrean di loket 2 sangat lama sejak pagi.")
        browser.tick_before("Saya lihat sendiri")
        browser.press("Kirim pengaduan")
        browser.see("Pengaduan terkirim")
    return number


def newest_chromium() -> str:
    path = find_chromium()
    if path is None:
        raise NotToBeHad(MISSING)
    return path


WALKED = "registration {} with three photos, tracking, sign-in, complaint"
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
        return WALKED.format(number)

    try:
        for place, (name, (found, opened)) in enumerate(ENGINES.items()):
            if not wanted or any(part in name for part in wanted):
                went.append(told(name, partial(walked, place, found, opened)))
        if not wanted or "w3m" in wanted:
            went.append(told("w3m", lambda: WALKED.format(walk_by_w3m(server.url, photos, "3574014505900060", folder))))
    finally:
        server.stop()
    return 0 if all(went) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
