"""Two pictures are opened at a time and six wait; whoever comes then is asked to come back and loses nothing."""

import sys
from contextlib import ExitStack
from subprocess import PIPE

import pytest
from PIL import Image

from app.base import limits
from app.base.database import db
from app.photos import gate as photo_gate
from app.photos import pool
from app.photos.cleaning import clean_photo
from app.photos.containers import is_heavy
from app.photos.errors import PhotoBusy
from app.photos.gate import OPEN_AT_ONCE, PER_ADDRESS, WAITING, turn
from app.registration.models import Application
from tests.browser import Resident
from tests.builders import RESIDENT
from tests.complaints import Complainant
from tests.hostile_photos import jpeg
from tests.own_account import forgets, selfie
from tests.picture_parts import encoded
from tests.warm_python import begin

HEAVY = encoded(Image.new("L", (4200, 4000), 120), "PNG")
BUSY = "Banyak foto sedang diproses."


@pytest.fixture
def gate(tmp_path, monkeypatch):
    """An empty gate, at which nobody waits long."""
    photo_gate.use_folder(tmp_path / "places")
    monkeypatch.setattr(photo_gate, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(photo_gate, "BACKGROUND_WAIT_SECONDS", 0.05)


@pytest.fixture
def everything_is_taken(app, monkeypatch):
    """By eight strangers: two have their pictures opened, six wait."""
    monkeypatch.setattr(photo_gate, "WAIT_SECONDS", 0.05)
    with ExitStack() as held:
        for number in range(OPEN_AT_ONCE):
            held.enter_context(turn(f"192.0.2.{number}", heavy=False))
        for number in range(WAITING):
            held.enter_context(photo_gate._open(photo_gate._take_place(f"198.51.100.{number}", heavy=False)))
        yield


@pytest.fixture
def nothing_may_be_opened(monkeypatch):
    def never(data: bytes, judge: str):
        raise AssertionError("a picture was opened before the limits were asked")

    monkeypatch.setattr(pool, "open_picture", never)


def test_a_third_picture_waits_for_its_turn_and_is_asked_to_come_back(gate):
    with ExitStack() as held:
        for number in range(OPEN_AT_ONCE):
            held.enter_context(turn(f"192.0.2.{number}", heavy=False))
        with pytest.raises(PhotoBusy) as busy:
            clean_photo(jpeg(), kind="ktp", sender="192.0.2.9")
        assert busy.value.status == 503 and busy.value.retry_after > 0
        with pytest.raises(PhotoBusy):
            clean_photo(jpeg(), kind="ktp")
    assert clean_photo(jpeg(), kind="ktp", sender="192.0.2.9").width == 1000


@pytest.mark.parametrize(("one", "other"), [
    ("203.0.113.7", "203.0.113.7"), ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"), ("::ffff:203.0.113.7", "203.0.113.7"),
])
def test_one_address_holds_two_places_and_everybody_else_finds_one(gate, one, other):
    with ExitStack() as held:
        for _ in range(PER_ADDRESS):
            held.enter_context(turn(one, heavy=False))
        with pytest.raises(PhotoBusy):
            photo_gate.check_room(other)
        photo_gate.check_room("203.0.113.8")
        photo_gate.check_room("2001:db8:1:3::1")


def test_costly_pictures_are_opened_one_at_a_time_and_leave_places_for_the_others(gate):
    assert is_heavy(HEAVY) and not is_heavy(jpeg())
    with turn("192.0.2.1", heavy=True):
        with pytest.raises(PhotoBusy):
            clean_photo(HEAVY, kind="attachment", sender="192.0.2.2")
        assert clean_photo(jpeg(), kind="ktp", sender="192.0.2.3").width == 1000
        with ExitStack() as waiting:
            for number in range(photo_gate.MOST_HEAVY - 1):
                waiting.enter_context(photo_gate._open(photo_gate._take_place(f"198.51.100.{number}", heavy=True)))
            with pytest.raises(PhotoBusy):
                photo_gate._take_place("192.0.2.4", heavy=True)
            photo_gate.check_room("192.0.2.4")


HOLDER = """
import sys
from pathlib import Path
from app.photos import gate as photo_gate
photo_gate.use_folder(Path(sys.argv[1]))
with photo_gate.turn("192.0.2.1", False), photo_gate.turn("192.0.2.2", False):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.server
def test_the_places_of_all_processes_are_counted_and_those_of_a_killed_one_come_free(gate, tmp_path):
    holder = begin([sys.executable, "-c", HOLDER, tmp_path / "places"], stdin=PIPE, stdout=PIPE)
    with holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(PhotoBusy):
            clean_photo(jpeg(), kind="ktp", sender="192.0.2.3")
        holder.kill()
        holder.wait()
        assert clean_photo(jpeg(), kind="ktp", sender="192.0.2.3").width == 1000


def test_no_address_is_written_down(gate, tmp_path):
    with turn("203.0.113.77", heavy=False):
        kept = b"".join(file.read_bytes() for file in (tmp_path / "places").iterdir())
    assert b"203.0.113" not in kept
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "places").iterdir()} == {0o600}


def test_a_photo_that_finds_no_place_is_told_when_to_come_back_and_the_step_stays(client, everything_is_taken):
    resident = Resident(client)
    resident.starts()
    resident.fills_in()
    page = resident.sends_photo("ktp", jpeg())
    assert page.status == 503 and BUSY in page.text
    assert int(page.response.headers["Retry-After"]) > 0
    assert page.soup.select_one("form[action='/daftar/ktp'] input[type=file]")


def test_a_complaint_that_finds_no_place_keeps_every_word(client, everything_is_taken):
    page = Complainant(client).complains(files=[("foto.jpg", jpeg())], place="loket 2")
    assert page.status == 503 and BUSY in page.text and "Tulisan Anda masih ada di bawah." in page.text
    assert int(page.response.headers["Retry-After"]) > 0
    assert page.field("place") == "loket 2" and page.field("text")


def test_a_lost_number_that_finds_no_place_keeps_what_was_typed(app, account, everything_is_taken):
    browser = forgets(app)
    browser.open("/lupa-sandi/tanpa-whatsapp")
    fields = {"nik": RESIDENT["nik"], "new_number": "081200007777", "photo": selfie()}
    page = browser.send("/lupa-sandi/tanpa-whatsapp", fields, multipart=True)
    assert page.status == 503 and BUSY in page.text
    assert int(page.response.headers["Retry-After"]) > 0
    assert page.field("new_number") == "081200007777"


def test_a_complaint_past_its_limit_opens_no_picture(app, client, nothing_may_be_opened):
    with app.app_context():
        for _ in range(60):
            limits.hit("complaint-address", "127.0.0.1")
    page = Complainant(client).complains(files=[("foto.jpg", jpeg())])
    assert page.status == 429


def test_a_form_with_a_mistake_opens_no_picture(client, nothing_may_be_opened):
    assert Complainant(client).complains(files=[("foto.jpg", jpeg())], text="").status == 422
    four = [("foto.jpg", jpeg()) for _ in range(4)]
    assert Complainant(client).complains(files=four).status == 422
    mixed = [("foto.jpg", jpeg()), ("program.exe", b"MZ" + bytes(99))]
    assert Complainant(client).complains(files=mixed).status == 422


def test_a_number_that_is_wrong_or_asked_too_often_opens_no_selfie(app, account, nothing_may_be_opened):
    browser = forgets(app)
    browser.open("/lupa-sandi/tanpa-whatsapp")
    wrong = {"nik": RESIDENT["nik"], "new_number": "123", "photo": selfie()}
    assert browser.send("/lupa-sandi/tanpa-whatsapp", wrong, multipart=True).status == 422
    with app.app_context():
        for _ in range(20):
            limits.hit("request-address", "127.0.0.1")
    right = {"nik": RESIDENT["nik"], "new_number": "081200007777", "photo": selfie()}
    assert browser.send("/lupa-sandi/tanpa-whatsapp", right, multipart=True).status == 429


def test_a_picture_too_large_by_its_own_word_takes_no_place(app, client, everything_is_taken, nothing_may_be_opened):
    resident = Resident(client)
    resident.starts()
    resident.fills_in()
    flat = encoded(Image.new("RGB", (8000, 4990), (200, 30, 20)), "WEBP", lossless=True)
    assert len(flat) < 2000
    assert resident.sends_photo("ktp", flat).status == 422


def test_a_limit_of_uploads_used_up_opens_no_picture(app, client, nothing_may_be_opened):
    resident = Resident(client)
    resident.starts()
    resident.fills_in()
    with app.app_context():
        drafted = db.session.query(Application).one().id
        for _ in range(400):
            limits.hit("upload-draft", drafted)
    assert resident.sends_photo("ktp", jpeg()).status == 429
