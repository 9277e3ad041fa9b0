"""Fourteen pictures as phones send them, and somebody who chooses one after the other and reads what is said of it."""

import io
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter
from playwright.sync_api import Page, expect

from app.demo.photos import realistic_ktp
from tests.builders import RESIDENT
from tests.live import fill_in

STORED = "Foto KTP tersimpan."
READY = "siap dikirim"  # where the photo goes with the form around it
# a canvas that returns noise, as Firefox's resistFingerprinting does
LYING_CANVAS = """
const whole = CanvasRenderingContext2D.prototype.getImageData;
CanvasRenderingContext2D.prototype.getImageData = function (...where) {
  const data = whole.apply(this, where);
  for (let at = 0; at < data.data.length; at++) { data.data[at] = Math.random() * 256; }
  return data;
};
HTMLCanvasElement.prototype.toBlob = (done) => done(new Blob([new Uint8Array(400000)], { type: 'image/jpeg' }));
"""


# each verdict once; the others of `pictures` are the same verdicts of other files
ONE_OF_EACH = ("good", "dark", "blurred", "glare", "tiny", "empty", "no photo", "cut short")
SIZE = (1000, 750)  # of a card: more than the pixels that are judged


@cache
def pictures() -> dict[str, tuple[bytes, str]]:
    """name -> the file, and what is told of it."""
    card = Image.open(io.BytesIO(realistic_ktp())).convert("RGB").resize(SIZE)
    turned, sideways = Image.Exif(), card.transpose(Image.Transpose.ROTATE_90)
    turned[0x0112] = 6
    glaring = card.copy()
    glaring.paste("white", (190, 190, 560, 440))

    def made(picture: Image.Image, kind: str = "JPEG", **options) -> bytes:
        out = io.BytesIO()
        picture.save(out, kind, **options)
        return out.getvalue()

    exif, good = turned.tobytes(), made(card, quality=90)
    return {
        "good": (good, STORED),
        "dark": (made(ImageEnhance.Brightness(card).enhance(0.15)), "gelap"),
        "blurred": (made(card.filter(ImageFilter.GaussianBlur(3))), "buram"),
        "more blurred": (made(card.filter(ImageFilter.GaussianBlur(4))), "buram"),
        "much more blurred": (made(card.filter(ImageFilter.GaussianBlur(6))), "buram"),
        "glare": (made(glaring), "pantulan cahaya"),
        "tiny": (made(card.resize((400, 300))), "terlalu kecil untuk dibaca"),
        "sideways jpeg": (made(sideways, exif=exif), STORED),
        "sideways png": (made(sideways, "PNG", exif=exif, compress_level=1), STORED),
        "sideways webp": (made(sideways, "WEBP", exif=exif), STORED),
        "heic": ((Path(__file__).parent / "data" / "card.heic").read_bytes(), STORED),  # no picture to Chromium
        "empty": (b"", "kosong"),
        "no photo": (b"%PDF-1.4", "bukan foto"),
        "cut short": (good[:-4000], "rusak atau terpotong"),
    }


def told(page: Page, folder, name: str, wanted: str) -> str:
    """Choose the picture; wait for its verdict."""
    page.locator("#photo-gallery").set_input_files(str(folder / f"{name}.jpg"))
    # the words of the picture before go when the new one is looked at
    place = page.locator(".slot:visible h2, .slot:visible .stored, #photo-error:visible")
    expect(place.first).to_contain_text(re.compile(wanted, re.I))
    return place.first.inner_text()


def judge(page: Page, folder, names: Iterable[str]) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    for name in names:
        wanted = pictures()[name][1]
        sent.clear()
        told(page, folder, name, wanted)
        travelled = any("/ktp" in url for url in sent)
        assert travelled is (wanted == STORED), f"{name}: sent {sent}"
        button = page.locator("[data-photo] .acts .btn:not(.plain):visible")
        if name == "heic":
            expect(page.locator(".shot")).to_be_hidden()
        elif wanted == STORED:
            shown = page.locator(".shot img")
            expect(shown).to_have_js_property("complete", True)
            size = shown.evaluate("image => [image.naturalWidth, image.naturalHeight]")
            assert size[0] > size[1], f"{name} is shown upright, not {size}"
            assert button.inner_text() == "Pakai foto ini"
        elif name == "dark":
            assert button.inner_text() == "Ulangi foto", "the first time it is to be taken again"
            expect(page.locator("[data-note]")).to_have_text("Foto ini belum dikirim.")
        elif name == "blurred":
            assert button.count() == 0, "the second time both are equal"


def judge_behind_a_lying_canvas(page: Page, folder) -> None:
    """The phone cannot judge there: the originals go, and the server says the same words of them."""
    other = page.context.new_page()
    other.add_init_script(LYING_CANVAS)
    other.goto(page.url.partition("?")[0] + "?ganti=1")
    told(other, folder, "good", STORED)
    told(other, folder, "dark", "gelap")
    expect(other.locator("[data-note]")).to_have_text("Foto ini sudah tersimpan.")
    other.close()


def judge_the_same_again(page: Page, folder) -> None:
    """One picture for all three: told at the second and at the third."""
    told(page, folder, "good", STORED)
    page.get_by_role("button", name="Pakai foto ini").click()
    for heading, next_one in (("Foto Tanda Tangan", "Foto Selfie sambil memegang KTP"),
                              ("Foto Selfie sambil memegang KTP", "Periksa kembali data")):
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        told(page, folder, "good", "sama dengan Foto")
        page.get_by_role("button", name="Pakai saja").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(next_one)


def walk_to_the_card(page: Page) -> None:
    page.goto("/daftar")
    page.get_by_label("Saya sudah membaca ini").check()
    page.get_by_role("button", name="Mulai").click()
    fill_the_form(page)


def fill_the_form(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text("Isi data")
    fill_in(page, RESIDENT)
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Foto KTP")
