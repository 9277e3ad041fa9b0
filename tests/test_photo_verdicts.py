"""Twelve pictures, judged on the phone before they travel and by the server afterwards: in the first registration, in
mending and at the counter the same word; and a line that breaks, stalls or comes back while one is on its way."""

import io
import re

import pytest
from PIL import Image, ImageEnhance, ImageFilter
from playwright.sync_api import Page, expect

from app.demo.photos import realistic_ktp
from tests.builders import RESIDENT
from tests.live import fill_in

pytestmark = pytest.mark.browser

STORED = "Foto KTP tersimpan."
# a canvas that returns noise, as Firefox's resistFingerprinting does
LYING_CANVAS = """
const whole = CanvasRenderingContext2D.prototype.getImageData;
CanvasRenderingContext2D.prototype.getImageData = function (...where) {
  const data = whole.apply(this, where);
  for (let at = 0; at < data.data.length; at++) { data.data[at] = Math.random() * 256; }
  return data;
};
HTMLCanvasElement.prototype.toBlob = function (done) { done(new Blob([new Uint8Array(400000)], { type: 'image/jpeg' })); };
"""


def pictures() -> dict[str, tuple[bytes, str]]:
    """name -> the file, and what is told of it."""
    card = Image.open(io.BytesIO(realistic_ktp())).convert("RGB")
    turned, sideways = Image.Exif(), card.transpose(Image.Transpose.ROTATE_90)
    turned[0x0112] = 6
    glaring = card.copy()
    glaring.paste("white", (300, 300, 900, 700))

    def made(picture: Image.Image, kind: str = "JPEG", **options) -> bytes:
        out = io.BytesIO()
        picture.save(out, kind, **options)
        return out.getvalue()

    exif = turned.tobytes()
    return {
        "good": (realistic_ktp(), STORED),
        "dark": (made(ImageEnhance.Brightness(card).enhance(0.15)), "gelap"),
        "blurred": (made(card.filter(ImageFilter.GaussianBlur(4))), "buram"),
        "more blurred": (made(card.filter(ImageFilter.GaussianBlur(6))), "buram"),
        "much more blurred": (made(card.filter(ImageFilter.GaussianBlur(9))), "buram"),
        "glare": (made(glaring), "pantulan cahaya"),
        "tiny": (made(card.resize((400, 300))), "Foto terlalu kecil"),
        "sideways jpeg": (made(sideways, exif=exif), STORED),
        "sideways png": (made(sideways.resize((900, 1200)), "PNG", exif=exif), STORED),
        "sideways webp": (made(sideways, "WEBP", exif=exif), STORED),
        "empty": (b"", "kosong"),
        "no photo": (b"%PDF-1.4", "bukan foto"),
        "cut short": (realistic_ktp()[:-4000], "rusak atau terpotong"),
    }


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for name, (data, _) in pictures().items():
        (folder / f"{name}.jpg").write_bytes(data)
    return folder


def told(page: Page, folder, name: str, wanted: str) -> str:
    """Choose the picture; wait for its verdict."""
    page.locator("#photo-gallery").set_input_files(str(folder / f"{name}.jpg"))
    # the words of the picture before go when the new one is looked at
    place = page.locator(".slot:visible h2, .slot:visible .stored, #photo-error:visible")
    expect(place.first).to_contain_text(re.compile(wanted, re.I))
    return place.first.inner_text()


def judge_all(page: Page, folder) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    for name, (_, wanted) in pictures().items():
        sent.clear()
        told(page, folder, name, wanted)
        travelled = any("/ktp" in url for url in sent)
        assert travelled is (wanted == STORED), f"{name}: sent {sent}"
        button = page.locator("[data-look] .btn:not(.plain)")
        if wanted == STORED:
            shown = page.locator(".shot img")
            expect(shown).to_have_js_property("complete", True)
            size = shown.evaluate("image => [image.naturalWidth, image.naturalHeight]")
            assert size[0] > size[1], f"{name} is shown upright, not {size}"
            assert button.inner_text() == "Pakai foto ini"
        elif name == "dark":
            assert button.inner_text() == "Ulangi foto", "the first time it is to be taken again"
            expect(page.get_by_text("Foto ini belum dikirim.")).to_have_count(1)
        elif name == "blurred":
            assert button.count() == 0, "the second time both are equal"


def at_the_card(page: Page) -> None:
    page.goto("/daftar")
    page.get_by_label("Saya sudah membaca ini").check()
    page.get_by_role("button", name="Mulai").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Isi data")
    for name, value in RESIDENT.items():
        fill_in(page, name, value)
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Foto KTP")


def test_each_picture_gets_its_word_before_it_travels(browser_page, files):
    page = browser_page(360, 800)
    at_the_card(page)
    judge_all(page, files)
    page.goto("/daftar/ktp")
    expect(page.locator(".stored")).to_have_text(STORED)


def test_a_canvas_that_lies_is_found_out_and_the_original_arrives(browser_page, files):
    page = browser_page(360, 800)
    page.add_init_script(LYING_CANVAS)
    at_the_card(page)
    lengths: list[int] = []
    page.on("request", lambda request: lengths.append(len(request.post_data_buffer or b"")) if request.method == "POST" else 0)
    told(page, files, "good", STORED)
    page.goto("/daftar/ktp")
    expect(page.locator(".stored")).to_have_text(STORED)
    small = page.request.get("/daftar/ktp/gambar?ukuran=kecil")
    kept, source = (Image.open(io.BytesIO(data)).convert("L").resize((16, 12)) for data in (
        small.body(), (files / "good.jpg").read_bytes()))
    far = max(abs(one - other) for one, other in zip(kept.tobytes(), source.tobytes(), strict=True))
    assert far < 40, "what is stored is the picture that was chosen"
    again = page.request.get("/daftar/ktp/gambar?ukuran=kecil", headers={"If-None-Match": small.headers["etag"]})
    assert again.status == 304 and "private" in small.headers["cache-control"]
    assert len(small.body()) <= 25 * 1024


def test_the_picture_of_another_step_is_recognised(browser_page, files):
    page = browser_page(360, 800)
    at_the_card(page)
    told(page, files, "good", STORED)
    page.get_by_role("button", name="Pakai foto ini").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Foto Tanda Tangan")
    told(page, files, "good", "sama dengan Foto KTP")
    page.get_by_role("button", name="Pakai saja").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Foto Selfie sambil memegang KTP")
    page.goto("/daftar/tanda-tangan")
    expect(page.locator(".slot")).to_contain_text("sama dengan Foto KTP")


def test_a_line_that_breaks_is_told_and_the_photo_goes_when_it_is_back(browser_page, files):
    page = browser_page(360, 800)
    at_the_card(page)
    page.context.set_offline(True)
    page.locator("#photo-gallery").set_input_files(str(files / "good.jpg"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Belum terkirim")
    expect(page.locator(".slot")).to_contain_text("Kami coba lagi sendiri dalam")
    expect(page.locator(".saved")).to_contain_text("Data Anda")
    page.context.set_offline(False)
    expect(page.locator(".stored")).to_have_text(STORED)
    page.context.set_offline(True)
    page.get_by_role("button", name="Pakai foto ini").click()
    expect(page.locator("#kabar")).to_contain_text("Internet terputus")
    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text("Foto Tanda Tangan")


def test_pressed_early_it_waits_and_goes_on_by_itself(browser_page, files):
    page = browser_page(360, 800)
    at_the_card(page)
    page.route("**/daftar/ktp", lambda route: (page.wait_for_timeout(1500), route.continue_()))
    page.locator("#photo-gallery").set_input_files(str(files / "good.jpg"))
    expect(page.locator(".sending")).to_be_visible()
    page.locator("[data-use]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Foto Tanda Tangan")
