"""The drawn photos of invented people that the demo and the other tests use."""

from io import BytesIO

from PIL import Image, ImageChops, ImageStat

from app.demo import photos
from app.demo.people import looks_of
from app.demo.photos import Holder
from tests.builders import drawn_photos, photo_files

NIK, NAME = "3574014505900001", "SITI CONTOH AMINAH"


SIZES = {"ktp": (1600, 1200), "signature": (1600, 1200), "selfie": (1200, 1600)}


def test_drawn_photos_are_jpegs_of_a_phones_size_the_same_each_time_and_different_of_two_people():
    one = photos.set_of(nik=NIK, name=NAME)
    other = photos.set_of(nik="3574031212850002", name="BUDI CONTOH SANTOSO")
    assert set(one) == set(SIZES)
    assert all(one[kind] != other[kind] for kind in one)
    for draw in (photos.realistic_ktp, photos.realistic_signature, photos.realistic_selfie):
        draw.cache_clear()
    assert photos.set_of(nik=NIK, name=NAME) == one
    for kind, photo in one.items():
        picture = Image.open(BytesIO(photo))
        assert (picture.format, picture.size) == ("JPEG", SIZES[kind])


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
