"""The drawn photos of invented people that the demo and the other tests use."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from app.demo import photos
from app.demo.people import looks_of
from app.demo.photos import Holder
from tests.builders import drawn_photos, photo_files

NIK, NAME = "3574014505900001", "SITI CONTOH AMINAH"


@pytest.mark.parametrize(
    ("draw", "size"),
    [
        (photos.realistic_ktp, (1600, 1200)),
        (photos.realistic_signature, (1600, 1200)),
        (photos.realistic_selfie, (1200, 1600)),
    ],
)
def test_a_drawn_photo_is_a_jpeg_of_a_phone_photos_size_and_the_same_each_time(draw, size):
    first = draw()
    draw.cache_clear()
    assert draw() == first
    picture = Image.open(BytesIO(first))
    assert (picture.format, picture.size) == ("JPEG", size)


def test_the_photos_of_two_people_differ():
    one = photos.set_of(nik=NIK, name=NAME)
    other = photos.set_of(nik="3574031212850002", name="BUDI CONTOH SANTOSO")
    assert set(one) == {"ktp", "signature", "selfie"}
    assert all(one[kind] != other[kind] for kind in one)


def test_the_card_tells_what_the_nik_tells():
    woman = Holder(NIK, NAME, photos.SAMPLE_ADDRESS)
    man = Holder("3574020107780004", "SUPARMAN", "Dusun Contoh")
    assert (woman.woman, woman.born) == (True, "05-05-1990")
    assert (man.woman, man.born) == (False, "01-07-1978")
    assert dict(woman.fields())["    Kel/Desa"] == "KETAPANG"
    assert dict(man.fields())["Alamat"] == "DUSUN CONTOH"


def test_the_face_belongs_to_the_nik():
    assert looks_of(NIK, woman=True) == looks_of(NIK, woman=True)
    faces = {looks_of(f"35740145059000{serial:02d}", woman=True) for serial in range(20)}
    assert len(faces) > 15


def test_the_photos_kept_for_the_tests_are_the_drawn_ones():
    for kind, drawn in drawn_photos().items():
        kept, anew = (Image.open(BytesIO(jpeg)).convert("L") for jpeg in (photo_files()[kind], drawn))
        assert kept.size == anew.size and ImageStat.Stat(ImageChops.difference(kept, anew)).mean[0] < 1, kind
