"""What the public pages cost a cheap phone: bytes, requests, first and largest paint on three lines with a processor
six times slower; and a photo, from chosen to stored and to the next step. Bytes are a test, too (`test_bytes`).

In brackets stands what the prototype took that the design was measured with, where it was measured.
"""

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from app.demo.photos import realistic_ktp
from tests.builders import RESIDENT
from tests.chromium import LAUNCH_ARGS, require_chromium
from tests.live import LiveServer, fill_in
from tests.test_bytes import NetworkLog, as_from_a_phone

PAGES = ("/", "/daftar", "/lacak", "/masuk", "/pengaduan", "/standar-pelayanan")
LINES = {"slow 4G": (1600, 750, 150), "slow 3G": (400, 400, 400), "EDGE": (240, 200, 840)}  # kbit/s down, up; ms
# the prototype: bytes of a page and of the first load, its requests; ms of its paints (first is largest); seconds of a
# photo of 12 million pixels from chosen to the next step. It had no *stored* of its own.
PROTOTYPE_BYTES = {"page": 3333, "first load": 20766, "requests": 3}
PROTOTYPE_PAINT = {"slow 4G": 356, "slow 3G": 800, "EDGE": 1064}
PROTOTYPE_ONWARD = {"slow 3G": 4.4, "EDGE": 7.9}
PAINTS = """() => new Promise(done => { let last = 0;
  new PerformanceObserver(list => { for (const one of list.getEntries()) { last = one.startTime; } })
    .observe({ type: 'largest-contentful-paint', buffered: true });
  setTimeout(() => done([performance.getEntriesByName('first-contentful-paint')[0].startTime, last]), 300); })"""
CLOCK = "() => document.addEventListener('change', () => { window.begun = performance.now(); }, true)"
TURNS = 3


def slow_down(page: Page, line: str) -> None:
    down, up, latency = LINES[line]
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    client.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": latency, "downloadThroughput": down * 125, "uploadThroughput": up * 125,
    })


def set_beside(value: float, before: float | None) -> str:
    """`value (before)`, both with one digit after the comma where they are small."""
    shown = [f"{one:.1f}" if one < 100 else f"{one:.0f}" for one in (value, before) if one is not None]
    return shown[0] + (f" ({shown[1]})" if len(shown) > 1 else " (-)")


def measure_pages(browser, url: str) -> None:
    heads = ["page", "first load", "requests", *(f"{name} {line}" for line in LINES for name in ("FCP", "LCP"))]
    print(f"{'bytes, requests, ms':20}" + "".join(f"{head:>18}" for head in heads))
    for address in PAGES:
        with browser.new_context(viewport={"width": 360, "height": 800}) as context:
            page = context.new_page()
            log = NetworkLog(page)
            page.goto(url + address, wait_until="networkidle")
            found = {"page": log.down["Document"], "first load": log.total, "requests": log.requests}
        cells = [f"{value} ({PROTOTYPE_BYTES[name]})" for name, value in found.items()]
        for line in LINES:
            paints = []
            for _ in range(TURNS):
                with browser.new_context(viewport={"width": 360, "height": 800}) as context:
                    page = context.new_page()
                    slow_down(page, line)
                    page.goto(url + address)
                    paints.append(page.evaluate(PAINTS))
            for times in zip(*paints, strict=True):
                cells.append(set_beside(statistics.median(times), PROTOTYPE_PAINT[line]))
        print(f"{address:20}" + "".join(f"{cell:>18}" for cell in cells), flush=True)


def measure_photo(browser, url: str, line: str, file: str) -> tuple[float, float]:
    """Seconds from chosen to stored, and from chosen to the next step."""
    with browser.new_context(viewport={"width": 360, "height": 800}, base_url=url) as context:
        page = context.new_page()
        page.goto("/daftar")
        page.get_by_label("Saya sudah membaca ini").check()
        page.get_by_role("button", name="Mulai").click()
        page.locator("[name=nik]").wait_for()
        fill_in(page, RESIDENT)
        page.get_by_role("button", name="Lanjut").click()
        expect(page.locator("[data-photo]")).to_have_js_property("ready", True, timeout=120_000)
        slow_down(page, line)
        page.evaluate(CLOCK)
        page.locator("#photo-gallery").set_input_files(file)
        page.locator(".stored").wait_for(timeout=120_000)
        stored = page.evaluate("() => performance.now() - begun")
        page.get_by_role("button", name="Pakai foto ini").click()
        page.get_by_role("heading", name="Foto Tanda Tangan").wait_for(timeout=120_000)
        return stored / 1000, page.evaluate("() => performance.now() - begun") / 1000


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="loket-pages-"))
    photo = folder / "ktp.jpg"
    photo.write_bytes(as_from_a_phone(realistic_ktp()))
    server = LiveServer(folder).start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=require_chromium(), args=list(LAUNCH_ARGS))
            measure_pages(browser, server.url)
            print(f"a photo of {photo.stat().st_size / 1e6:.1f} MB")
            for line in LINES:
                times = [measure_photo(browser, server.url, line, str(photo)) for _ in range(TURNS)]
                stored, onward = (statistics.median(kind) for kind in zip(*times, strict=True))
                print(f"{line}: chosen to stored {set_beside(stored, None)} s, to the next step "
                      f"{set_beside(onward, PROTOTYPE_ONWARD.get(line))} s", flush=True)
            browser.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
