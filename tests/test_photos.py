"""What clean_photo() takes, refuses, leaves out and hints at."""

import hashlib
import sys
import threading
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageEnhance, ImageFilter
from PIL.JpegImagePlugin import JpegImageFile

from app.demo.photos import realistic_ktp, realistic_selfie, realistic_signature
from app.photos import child as photo_child
from app.photos import gate
from app.photos.cleaning import MAX_PHOTO_BYTES, clean_photo
from app.photos.errors import DamagedPhoto, EmptyFile, NoPhotoChosen, NotAPhoto, PhotoError
from app.photos.quality import brightest_of_nine
from app.photos.wire import LARGEST_SIDE
from tests import picture_parts as parts
from tests.hostile_photos import ACCEPT, GROUPS, Case, case_of, jpeg
from tests.picture_parts import card, encoded
from tests.warm_python import run

pytestmark = [  # silenced in the product, but pytest sets its own filters
    pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin"),
    pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning"),
]


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def colour_at(picture: Image.Image, across: float, down: float) -> tuple[int, ...]:
    return picture.getpixel((round(picture.width * across), round(picture.height * down)))


def is_red(colour: tuple[int, ...]) -> bool:
    return colour[0] > 150 and colour[1] < 110


def becomes_a_clean_upright_jpeg(case: Case) -> None:
    photo = clean_photo(case.data, kind="ktp", filename=case.filename)
    for data, longest in ((photo.jpeg, LARGEST_SIDE), (photo.thumbnail, 320)):
        picture = opened(data)
        assert (picture.format, picture.mode) == ("JPEG", "RGB"), case.name
        assert max(picture.size) <= longest, case.name
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}, case.name
        assert data.endswith(b"\xff\xd9"), case.name
        assert not [word for word in case.gone if word in data], case.name
        if case.upright:
            assert is_red(colour_at(picture, 0.86, 0.5)), f"{case.name}: the red block is not on the right"
            assert not is_red(colour_at(picture, 0.14, 0.5)), case.name


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_a_photo_people_really_send_becomes_a_clean_upright_jpeg_and_another_file_is_refused_with_its_status(group):
    for case in group():
        if case.expected == ACCEPT:
            becomes_a_clean_upright_jpeg(case)
            continue
        with pytest.raises(PhotoError) as refusal:
            pytest.fail(f"{case.name} was taken: {clean_photo(case.data, kind='ktp', filename=case.filename)}")
        assert refusal.value.status == case.expected, case.name


CAUSES = [error for error in PhotoError.__subclasses__() if error.__module__ == "app.photos.errors"]


@pytest.mark.parametrize("error", CAUSES, ids=lambda error: error.code)
def test_every_refusal_says_in_two_short_sentences_what_to_do(error):
    said = error.message
    assert all(len(sentence.split()) <= 17 for sentence in said.split(". "))
    assert said.count(".") == 2
    assert said.endswith(".")
    assert error.status in (413, 415, 422, 503)


def test_every_refusal_has_its_own_code():
    codes = [error.code for error in CAUSES]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("filename", ["", None])
def test_a_form_sent_without_choosing_a_photo_is_told_so(filename):
    with pytest.raises(NoPhotoChosen):
        clean_photo(b"", kind="ktp", filename=filename)


def test_a_chosen_file_of_no_bytes_is_told_to_be_empty():
    with pytest.raises(EmptyFile):
        clean_photo(b"", kind="ktp", filename="foto.jpg")


def test_the_limit_is_15_mebibytes():
    assert MAX_PHOTO_BYTES == 15 * 1024 * 1024


def test_a_photo_within_2000_pixels_keeps_its_size():
    photo = clean_photo(encoded(card(1600, 1010)), kind="ktp")
    assert (photo.width, photo.height) == opened(photo.jpeg).size == (1600, 1010)


@pytest.mark.parametrize(("size", "stored"), [
    ((4032, 3024), (2016, 1512)), ((2100, 1575), (2000, 1500)), ((3000, 4000), (1500, 2000)),
])
def test_a_larger_photo_keeps_its_shape_at_about_2000_pixels(size, stored):
    photo = clean_photo(encoded(card(*size), quality=60), kind="ktp")
    assert (photo.width, photo.height) == stored
    assert max(opened(photo.thumbnail).size) == 320


def test_a_camera_photo_is_decoded_at_half_its_size_rather_than_whole(monkeypatch):
    decoded, load = [], JpegImageFile.load

    def noting(image):
        decoded.append(image.size)
        return load(image)

    monkeypatch.setattr(JpegImageFile, "load", noting)
    photo_child.prepare_decoders()
    photo_child._opened(encoded(card(4032, 3024), quality=60))
    assert set(decoded) == {(2016, 1512)}


def test_a_photo_turned_on_its_side_is_measured_upright():
    on_its_side = card(1000, 640).transpose(Image.Transpose.ROTATE_90)
    photo = clean_photo(encoded(on_its_side, exif=parts.exif(orientation=6)), kind="ktp")
    assert (photo.width, photo.height) == (1000, 640)


def test_what_is_see_through_becomes_white():
    clear = Image.new("RGBA", (640, 410), (0, 0, 0, 0))
    photo = clean_photo(encoded(clear, "PNG"), kind="attachment")
    assert min(colour_at(opened(photo.jpeg), 0.5, 0.5)) > 250


def test_print_shop_colours_stay_as_they_are():
    photo = clean_photo(encoded(Image.new("CMYK", (640, 410), (200, 30, 20, 10)), quality=95), kind="attachment")
    wanted = Image.new("CMYK", (1, 1), (200, 30, 20, 10)).convert("RGB").getpixel((0, 0))
    found = colour_at(opened(photo.jpeg), 0.5, 0.5)
    assert all(abs(a - b) < 8 for a, b in zip(found, wanted, strict=True))


def test_sixteen_bit_gray_does_not_become_white():
    gray = Image.linear_gradient("L").resize((640, 410))
    photo = clean_photo(parts.sixteen_bit(gray), kind="attachment")
    for down in (0.25, 0.5, 0.75):
        assert abs(colour_at(opened(photo.jpeg), 0.5, down)[0] - colour_at(gray.convert("RGB"), 0.5, down)[0]) < 6


def test_what_looks_like_scans_in_the_film_behind_a_photo_is_not_counted():
    assert clean_photo(jpeg() + b"\0\2" + b"\xff\xda\0\2" * 200, kind="ktp").width == 1000


def test_a_jpeg_whose_second_image_hides_the_missing_end_is_damaged():
    with pytest.raises(PhotoError):
        clean_photo(jpeg()[:-4000] + jpeg(), kind="ktp")


def test_the_checksum_is_that_of_the_stored_jpeg():
    photo = clean_photo(jpeg(), kind="ktp")
    assert photo.sha256 == hashlib.sha256(photo.jpeg).hexdigest()
    assert photo == clean_photo(jpeg(), kind="ktp")


def test_the_same_picture_resaved_smaller_has_nearly_the_same_perceptual_hash():
    first = clean_photo(realistic_ktp(), kind="ktp").perceptual_hash
    resaved = opened(realistic_ktp()).resize((1000, 750))
    again = clean_photo(encoded(resaved, quality=50), kind="ktp").perceptual_hash
    other = clean_photo(realistic_selfie(), kind="selfie").perceptual_hash
    assert 0 <= first < 2**64
    assert (first ^ again).bit_count() <= 4
    assert (first ^ other).bit_count() > 10


def test_the_bytes_of_a_photo_do_not_appear_when_it_is_logged():
    shown = repr(clean_photo(jpeg(), kind="ktp"))
    assert "jpeg=" not in shown
    assert "thumbnail" not in shown
    assert "perceptual" not in shown


@pytest.mark.parametrize(
    ("kind", "picture"),
    [("ktp", realistic_ktp), ("selfie", realistic_selfie), ("signature", realistic_signature)],
)
def test_a_good_photo_gets_no_hint(kind, picture):
    assert clean_photo(picture(), kind=kind).hints == ()


@pytest.mark.parametrize("kind", ["ktp", "selfie"])
def test_a_blurred_photo_is_accepted_with_a_hint(kind):
    blurred = opened(realistic_ktp()).filter(ImageFilter.GaussianBlur(5))
    assert clean_photo(encoded(blurred), kind=kind).hints == ("buram",)


def test_sensor_noise_does_not_hide_a_blur():
    blurred = opened(realistic_ktp()).filter(ImageFilter.GaussianBlur(5))
    grain = Image.effect_noise(blurred.size, 60)
    noisy = Image.blend(blurred, Image.merge("RGB", (grain, grain, grain)), 0.12)
    assert clean_photo(encoded(noisy), kind="ktp").hints == ("buram",)


def test_a_dark_photo_is_accepted_with_the_hint_to_find_light():
    dark = ImageEnhance.Brightness(opened(realistic_ktp())).enhance(0.2)
    assert clean_photo(encoded(dark), kind="ktp").hints == ("gelap",)


def test_a_lamp_mirrored_in_the_card_is_hinted_at():
    glaring = opened(realistic_ktp())
    glaring.paste("white", (300, 300, 900, 700))
    assert clean_photo(encoded(glaring), kind="ktp").hints == ("silau",)


def test_a_pale_signature_is_hinted_at():
    pale = ImageEnhance.Contrast(opened(realistic_signature())).enhance(0.25)
    assert clean_photo(encoded(pale), kind="signature").hints == ("pucat",)


def test_an_attachment_gets_no_hint_whatever_it_shows():
    assert clean_photo(encoded(Image.new("RGB", (800, 600))), kind="attachment").hints == ()


def test_a_refused_photo_gives_its_place_back():
    for _ in range(gate.OPEN_AT_ONCE + 1):
        with pytest.raises(DamagedPhoto):
            clean_photo(jpeg()[:9000], kind="ktp")
        with pytest.raises(NotAPhoto):
            clean_photo(jpeg()[:300], kind="ktp")
    assert clean_photo(jpeg(), kind="ktp").width == 1000


def test_sixteen_photos_at_once_are_all_answered():
    results: list[int] = []
    threads = [
        threading.Thread(target=lambda: results.append(clean_photo(jpeg(), kind="ktp").width)) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [1000] * 16


def test_the_fast_filter_of_the_signature_hint_gives_the_same_bytes_as_pillows():
    numbers = Random(9)
    for _ in range(60):
        size = numbers.randint(1, 240), numbers.randint(1, 240)
        noise = Image.frombytes("L", size, numbers.randbytes(size[0] * size[1]))
        for picture in (noise, noise.filter(ImageFilter.GaussianBlur(3)).point(lambda level: level * 2 % 256)):
            assert brightest_of_nine(picture).tobytes() == picture.filter(ImageFilter.MaxFilter(9)).tobytes(), size


GROWTH = """
import resource, sys
from app.photos import pool
from app.photos.cleaning import clean_photo
clean_photo(sys.stdin.buffer.read(), kind="ktp")
pool.stop()
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def in_a_process_of_its_own(name: str, folder: Path) -> tuple[int, str]:
    """Megabytes of the largest process that opened the named case, and what was complained of."""
    photo = folder / name
    photo.write_bytes(case_of(name).data)
    with photo.open("rb") as data:
        child = run([sys.executable, "-c", GROWTH], stdin=data)
    return int(child.stdout.split()[-1]), child.stderr


@pytest.mark.server
def test_a_108_megapixel_photo_is_read_scaled_and_takes_little_memory(tmp_path):
    most, _ = in_a_process_of_its_own("jpeg_108_megapixels", tmp_path)
    assert most < 200, "megabytes; unscaled it would be twice that"


def test_a_hostile_exif_block_does_not_flood_the_log(tmp_path):
    _, complaints = in_a_process_of_its_own("exif_5000_entries_of_4_gigabytes", tmp_path)
    assert complaints == ""


@pytest.mark.parametrize(("mode", "colour"), [("RGB", 2), ("RGBA", 6), ("L", 0)])
@pytest.mark.parametrize("empty", [False, True])
def test_a_png_without_its_last_rows_is_damaged_and_a_black_one_with_all_of_them_is_not(mode, colour, empty):
    picture = (Image.new("RGB", (1000, 640)) if empty else card()).convert(mode)
    rows, length = picture.tobytes(), picture.width * len(mode)
    raw = b"".join(b"\0" + rows[start:start + length] for start in range(0, len(rows), length))
    clean_photo(parts.png(*picture.size, 8, colour, raw), kind="attachment")
    for missing in (1, length + 1, len(raw) // 2, len(raw)):
        with pytest.raises(DamagedPhoto):
            clean_photo(parts.png(*picture.size, 8, colour, raw[:-missing]), kind="attachment")
