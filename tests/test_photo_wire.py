"""What comes out of the box is numbers with a range and pixels of a checked length, or it is nothing."""

import sys
from io import BytesIO

import pytest
from PIL import Image

from app.photos import pool
from app.photos.cleaning import clean_photo
from app.photos.errors import PhotoBusy, UnreadablePhoto
from tests.hostile_photos import jpeg

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no box on Windows")

LIAR = """
import socket, sys
control = socket.socket(fileno=0)
while True:
    what, descriptors, _, _ = socket.recv_fds(control, 1, 1)
    if not what:
        break
    task = socket.socket(fileno=descriptors[0])
    task.sendall(bytes.fromhex({answer!r}))
    task.close()
"""
LIES = {
    "a verdict nobody knows": "4d",
    "a picture larger than any": "00 ffff ffff 00",
    "a picture of no size": "00 0000 0000 00 01",
    "hints that do not exist": "00 0001 0001 ff 00000000 00000000 01",
    "pixels that are missing": "00 0002 0002 00 00000000",
    "pixels too many": "00 0001 0001 00 00000000 00000000 01 00",
    "no end": "00 0001 0001 00 00000000 00000000 00",
    "half a size": "00 00",
}


@pytest.fixture
def liar(tmp_path, monkeypatch):
    """liar(answer in hex): from now on the other side says this about every picture."""

    def make(answer: str) -> None:
        script = tmp_path / "liar.py"
        script.write_text(LIAR.format(answer=answer))
        monkeypatch.setattr(pool, "_LAUNCHER", script)
        pool.stop()

    yield make
    pool.stop()


@pytest.mark.parametrize("answer", LIES.values(), ids=LIES)
def test_a_child_that_was_taken_over_can_say_nothing_that_is_believed(liar, answer):
    liar(answer)
    with pytest.raises(UnreadablePhoto):
        clean_photo(jpeg(), kind="ktp")


def test_the_smallest_true_answer_is_believed(liar):
    liar("00 0001 0001 03 ff000000 ff000000 01")
    photo = clean_photo(jpeg(), kind="ktp")
    assert (photo.width, photo.height, photo.hints) == (1, 1, ("buram", "gelap"))
    assert Image.open(BytesIO(photo.jpeg)).getpixel((0, 0))[0] > 240


def test_without_a_launcher_people_are_asked_to_come_back(liar):
    liar("")
    with pytest.raises(PhotoBusy):
        clean_photo(jpeg(), kind="ktp")
