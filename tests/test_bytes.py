"""What the pages cost on a thin line, counted by the browser's own network log: bytes with headers, never times."""

import io
from functools import cache
from urllib.parse import urlsplit

import pytest
from hpack import Encoder
from PIL import Image
from playwright.sync_api import Page, expect

from app.demo.photos import realistic_ktp, realistic_selfie, realistic_signature
from tests.builders import RESIDENT
from tests.live import fill_in

pytestmark = pytest.mark.browser

KB = 1024
FRAME = 9  # bytes before the headers of an answer and before its body
KEPT = "POST /daftar/data/isian"  # what is typed so far: how often depends on who types, so it counts once
PIXELS = (4000, 3000)
PHONE_PICTURE = 3.6e6  # bytes of a photo of so many pixels
# address -> most bytes of its page with headers
PAGES = {"/": 6 * KB, "/masuk": 6 * KB, "/lacak": 6 * KB, "/daftar": 6 * KB, "/pengaduan": 6 * KB}


class NetworkLog:
    """Of one page and its context: what came down, by kind of resource, and what went up."""

    def __init__(self, page: Page):
        self.down: dict[str, int] = {}
        self.kinds: dict[str, str] = {}
        self.lines: dict[str, dict] = {}
        self._packer, self.packed = Encoder(), 0  # as HTTP/2 sends headers, one after the other on one connection
        self.up = self.requests = 0
        client = page.context.new_cdp_session(page)
        client.send("Network.enable")
        client.on("Network.requestWillBeSent", self._begun)
        client.on("Network.responseReceivedExtraInfo", self._answered)
        client.on("Network.loadingFinished", self._finished)
        client.on("Network.requestWillBeSentExtraInfo", self._sent)

    def _begun(self, sent: dict) -> None:
        self.kinds[sent["requestId"]] = sent["type"]
        asked = sent["request"]
        # what the network says of an answer may come before what the page says of its question
        line = self.lines.setdefault(sent["requestId"], {})
        line["asked"] = f"{asked['method']} {urlsplit(asked['url']).path}"

    def _answered(self, event: dict) -> None:
        line = self.lines.setdefault(event["requestId"], {})
        line["head"] = len(event.get("headersText", ""))
        fields = [(":status", str(event["statusCode"])), *((k.lower(), v) for k, v in event["headers"].items())]
        line["packed"] = len(self._packer.encode(fields)) + 2 * FRAME

    def _finished(self, event: dict) -> None:
        kind, asked = self.kinds.get(event["requestId"], ""), self.lines.get(event["requestId"], {}).get("asked")
        if asked == KEPT and any(line.get("all") and line.get("asked") == KEPT for line in self.lines.values()):
            return
        self.down[kind] = self.down.get(kind, 0) + int(event["encodedDataLength"])
        self.lines.setdefault(event["requestId"], {})["all"] = int(event["encodedDataLength"])
        self.requests += 1

    def _sent(self, event: dict) -> None:
        self.up += int(event["headers"].get("Content-Length", 0))

    @property
    def pictures(self) -> int:
        return self.down.get("Image", 0)

    @property
    def as_deployed(self) -> int:
        """Without pictures, behind a proxy that speaks HTTP/2 (deploy/proxy/Caddyfile), which sends a header once."""
        return sum(
            line["all"] - line.get("head", 0) + line.get("packed", 0) for asked, line in self.lines.items()
            if line.get("all") and self.kinds.get(asked) != "Image"
        )

    @property
    def table(self) -> str:
        """Every request that cost something: its headers, its body, what it asked for."""
        return "\n".join(
            f"{line.get('head', 0):7} {line.get('packed', 0):6} {line['all'] - line.get('head', 0):6}  {line['asked']}"
            for line in self.lines.values() if line.get("all") and "asked" in line
        )

    @property
    def total(self) -> int:
        return sum(self.down.values())


@cache
def grain() -> Image.Image:
    one = Image.effect_noise(PIXELS, 30)
    return Image.merge("RGB", (one, one, one))


def as_from_a_phone(jpeg: bytes) -> bytes:
    """Twelve million pixels with the grain of a small sensor, about 3.6 MB."""
    noisy = Image.blend(Image.open(io.BytesIO(jpeg)).convert("RGB").resize(PIXELS), grain(), 0.07)
    for quality in range(98, 60, -2):
        out = io.BytesIO()
        noisy.save(out, "JPEG", quality=quality)
        if out.tell() < PHONE_PICTURE:
            break
    return out.getvalue()


def test_the_first_page_is_one_answer_and_every_form_is_light(browser_page):
    heavy = {}
    for address, most in PAGES.items():
        page = browser_page(360, 800)
        log = NetworkLog(page)
        page.goto(address, wait_until="load")
        if log.down["Document"] > most:
            heavy[address] = log.down["Document"]
        if address == "/":
            assert log.total - log.pictures <= 25 * KB, log.down
        page.close()
    assert not heavy


def test_a_whole_registration_with_three_photos_stays_within_its_bytes(browser_page, tmp_path):
    makers = {"Foto KTP": realistic_ktp, "Foto Tanda Tangan": realistic_signature,
              "Foto Selfie sambil memegang KTP": realistic_selfie}
    page = browser_page(360, 800)
    log = NetworkLog(page)
    page.goto("/daftar")
    page.get_by_label("Saya sudah membaca ini").check()
    page.get_by_role("button", name="Mulai").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Isi data Anda")
    fill_in(page, RESIDENT)
    page.get_by_role("button", name="Lanjut").click()
    for heading, maker in makers.items():
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        file = tmp_path / "foto.jpg"
        file.write_bytes(as_from_a_phone(maker()))
        before = log.up
        page.locator("#photo-gallery").set_input_files(str(file))
        expect(page.locator(".stored")).to_have_text(f"{heading} tersimpan.")
        assert 50 * KB < log.up - before < 200 * KB, f"{heading} went up with {log.up - before} bytes"
        page.locator("main").get_by_role("button", name="Pakai foto ini").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Periksa kembali data Anda")
    page.get_by_role("button", name="Kirim Data Registrasi User Baru").click()
    page.get_by_role("button", name="Ya", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Registrasi selesai")
    page.wait_for_load_state("networkidle")
    assert log.up <= 600 * KB, log.up
    assert log.total <= 110 * KB, log.down
    assert log.as_deployed <= 40 * KB, log.table
    assert log.total - log.pictures <= 43.5 * KB, log.table
    print("headers HTTP/2   body\n" + log.table)
    print(f"down {log.total}, pictures {log.pictures}, up {log.up}, requests {log.requests}, {log.down}")
    print(f"without pictures {log.total - log.pictures}, as deployed {log.as_deployed}")
