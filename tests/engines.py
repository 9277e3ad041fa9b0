"""`make test-browsers`: registration with three photos, tracking, a refused sign-in and a complaint, walked in every
engine this machine has, and a sentence for each that it has not.

Firefox is driven by its own Marionette, WebKitGTK by WebKitWebDriver, Chromium by Playwright; w3m only reads. Debian:
`apt install firefox-esr webkit2gtk-driver xvfb w3m chromium`. Old Chromium builds are walked when LOKET_CHROMIUMS names
their executables, separated by colons.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.builders import PHOTO_SLUGS, RESIDENT, photo_files
from tests.chromium import LAUNCH_ARGS, find_chromium
from tests.live import LiveServer, free_port

PATIENCE = 60
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
SET = """const field = document.querySelector('[name=' + arguments[0] + ']'); field.value = arguments[1];
for (const kind of ['input', 'change']) { field.dispatchEvent(new Event(kind, { bubbles: true })); }"""
PRESS = """const all = [...document.querySelectorAll('main button, main a, main [role=button]')];
const found = all.find(one => one.textContent.trim() === arguments[0] && one.offsetParent);
if (found) { found.click(); } return !!found;"""


class WebDriver:
    """The commands we need, spoken over HTTP as the standard has them."""

    def __init__(self, url: str):
        self.url = url
        wanted = {"capabilities": {"alwaysMatch": {}}}
        self.url += "/session/" + self._ask("POST", "/session", wanted)["sessionId"]

    def _ask(self, method: str, path: str, body: dict | None = None):
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)["value"]

    def go(self, address: str) -> None:
        self._ask("POST", "/url", {"url": address})

    def run(self, script: str, *arguments):
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def give_file(self, selector: str, file: str) -> None:
        found = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        self._ask("POST", f"/element/{found[ELEMENT]}/value", {"text": file})

    def close(self) -> None:
        self._ask("DELETE", "")


class Marionette:
    """The same, spoken to Firefox itself: `length:[0, id, command, parameters]`."""

    def __init__(self, port: int):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self._line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
                break
            except OSError:
                assert time.monotonic() < deadline, "Firefox does not answer"
                time.sleep(0.2)
        self._rest, self._count = b"", 0
        self._read()
        self._ask("WebDriver:NewSession", {})

    def _read(self):
        while b":" not in self._rest:
            self._rest += self._line.recv(65536)
        length, _, self._rest = self._rest.partition(b":")
        while len(self._rest) < int(length):
            self._rest += self._line.recv(65536)
        message, self._rest = self._rest[:int(length)], self._rest[int(length):]
        return json.loads(message)

    def _ask(self, command: str, parameters: dict):
        self._count += 1
        text = json.dumps([0, self._count, command, parameters]).encode()
        self._line.sendall(str(len(text)).encode() + b":" + text)
        _, _, fault, value = self._read()
        assert not fault, fault
        return value.get("value", value) if isinstance(value, dict) else value

    def go(self, address: str) -> None:
        self._ask("WebDriver:Navigate", {"url": address})

    def run(self, script: str, *arguments):
        return self._ask("WebDriver:ExecuteScript", {"script": script, "args": list(arguments)})

    def give_file(self, selector: str, file: str) -> None:
        found = self._ask("WebDriver:FindElement", {"using": "css selector", "value": selector})
        self._ask("WebDriver:ElementSendKeys", {"id": found[ELEMENT], "text": file})

    def close(self) -> None:
        self._ask("Marionette:Quit", {"flags": ["eForceQuit"]})


class Played:
    """The same, by Playwright."""

    def __init__(self, page):
        self._page = page

    def go(self, address: str) -> None:
        self._page.goto(address)

    def run(self, script: str, *arguments):
        return self._page.evaluate(f"given => (function () {{ {script} }}).apply(null, given)", list(arguments))

    def give_file(self, selector: str, file: str) -> None:
        self._page.locator(selector).set_input_files(file)

    def close(self) -> None:
        self._page.context.close()


def wait(browser, script: str, *arguments) -> None:
    deadline = time.monotonic() + PATIENCE
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


@contextlib.contextmanager
def firefox(program: str) -> Iterator[Marionette]:
    port = free_port()
    with tempfile.TemporaryDirectory() as profile:
        (Path(profile) / "user.js").write_text(f'user_pref("marionette.port", {port});\n')
        process = subprocess.Popen([program, "--headless", "--marionette", "--no-remote", "--profile", profile],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield Marionette(port)
        finally:
            process.kill()
            process.wait()


@contextlib.contextmanager
def webkit(program: str) -> Iterator[WebDriver]:
    port = free_port()
    screen = ["xvfb-run", "-a"] if shutil.which("xvfb-run") and not os.environ.get("DISPLAY") else []
    process = subprocess.Popen([*screen, program, f"--port={port}"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        time.sleep(3)
        browser = WebDriver(f"http://127.0.0.1:{port}")
        yield browser
        browser.close()
    finally:
        os.killpg(process.pid, 15)
        process.wait()


@contextlib.contextmanager
def chromium(program: str) -> Iterator[Played]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(LAUNCH_ARGS))
        yield Played(browser.new_page(viewport={"width": 360, "height": 800}))
        browser.close()


def read_by_w3m(program: str, url: str) -> str:
    pages = {"/": "Daftar akun online", "/daftar": "Siapkan dulu", "/lacak": "PIN", "/pengaduan": "Pengaduan"}
    for address, words in pages.items():
        said = subprocess.run([program, "-dump", url + address], capture_output=True, text=True, check=True).stdout
        assert words in said, f"{address} does not say {words}"
    return "reads four pages; posting is not walked"


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="loket-engines-"))
    photos = {}
    for slug, kind in PHOTO_SLUGS.items():
        photos[slug] = str(folder / f"{slug}.jpg")
        Path(photos[slug]).write_bytes(photo_files()[kind])
    fox = shutil.which("firefox-esr") or shutil.which("firefox")
    engines = [("Chromium", find_chromium(), chromium), ("Firefox", fox, firefox),
               ("WebKitGTK", shutil.which("WebKitWebDriver"), webkit)]
    old = filter(None, os.environ.get("LOKET_CHROMIUMS", "").split(":"))
    engines += [(f"Chromium {path}", path, chromium) for path in old]
    server, failed = LiveServer(folder).start(), 0
    try:
        for place, (name, program, opened) in enumerate(engines):
            if not program:
                print(f"{name}: not to be had here")
                continue
            begun = time.monotonic()
            try:
                with opened(program) as browser:
                    told = walk(browser, server.url, photos, f"35740145059000{41 + place}")
                print(f"{name}: registration {told}, tracking, sign-in, complaint ({time.monotonic() - begun:.0f} s)")
            except Exception as fault:  # noqa: BLE001 - the next engine is walked all the same
                failed += 1
                print(f"{name}: FAILED {type(fault).__name__}: {str(fault)[:300]}")
        w3m = shutil.which("w3m")
        print(f"w3m: {read_by_w3m(w3m, server.url) if w3m else 'not to be had here'}")
    finally:
        server.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
