"""Room on the disk: uploads wait while it is nearly full, and one address does not fill it in a day."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import contextlib
import io
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest
from sqlalchemy import select

from app.base import ids
from app.base.database import db
from app.base.limits import LIMITS
from app.base.services import photo_store
from app.complaints.ticket.models import Ticket
from app.photos import disk_space
from app.photos.disk_space import DayUsedUp, StoredBytes, spend
from app.registration.models import Photo
from tests.aging import count, objects
from tests.browser import Resident
from tests.builders import photo_files
from tests.complaints import FORM, PDF, WORDS, Complainant, Handler
from tests.live import LiveServer
from tests.own_account import selfie
from tests.resident_pages import resident  # noqa: F401 (fixtures)
from tests.visitor import Visitor

Usage = namedtuple("Usage", "total used free")
TB = 1 << 40
WORD = "hampir penuh"


@pytest.fixture
def disk(monkeypatch):
    """disk(9) leaves 9 percent free on every disk."""

    def leave(percent: float) -> None:
        free = int(TB * percent / 100)
        monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(TB, TB - free, free))

    return leave


def sends_ktp(resident: Resident, upload_id: str = ""):
    return resident.sends_photo("ktp", photo_files()["ktp"], upload_id=upload_id)


def used(app) -> list[int]:
    with app.app_context():
        return list(db.session.scalars(select(StoredBytes.bytes)))


def test_below_a_tenth_a_photo_waits_and_its_step_stays(app, resident, disk):
    disk(9.9)
    page = sends_ktp(resident)
    assert (page.status, page.response.headers["Retry-After"]) == (503, "600")
    assert WORD in page.soup.select_one(".error-summary").get_text()
    assert objects(app) == count(app, Photo) == 0
    disk(10.1)
    assert sends_ktp(resident).status == 200 and count(app, Photo) == 1
    assert resident.open("/daftar/data").field("full_name"), "and nothing typed was lost"


def test_the_forms_without_files_go_on_while_the_disk_is_nearly_full(client, disk):
    disk(5)
    resident = Resident(client)
    resident.starts()
    assert resident.fills_in().status == 200
    assert Complainant(client).complains().heading == "Pengaduan terkirim"


def test_a_complaint_keeps_its_words_when_its_file_has_to_wait(app, client, disk):
    disk(5)
    page = Complainant(client).complains(files=[("bukti.pdf", PDF)])
    assert (page.status, page.response.headers["Retry-After"]) == (503, "600")
    assert WORD in page.text and page.field("text") == WORDS and page.field("name") == FORM["name"]
    assert count(app, Ticket) == 0


def test_a_selfie_for_a_new_number_waits_too(owner, disk):
    disk(5)
    owner.open("/akun/nomor/hilang")
    page = owner.send("/akun/nomor/hilang", {"new_number": "0812-0000-7777", "photo": selfie()}, multipart=True)
    assert (page.status, page.response.headers["Retry-After"]) == (503, "600")
    assert WORD in page.text and page.field("new_number") == "0812-0000-7777"


def test_the_photos_on_a_disk_of_their_own_count_as_well(app, resident, monkeypatch):
    monkeypatch.setattr(
        shutil, "disk_usage", lambda folder: Usage(TB, TB, 0) if "photos" in str(folder) else Usage(TB, 0, TB)
    )
    assert sends_ktp(resident).status == 503


def test_what_is_stored_is_counted_to_the_byte(app, resident):
    sends_ktp(resident)
    with app.app_context():
        stored = sum(size for _key, _at, size in photo_store().list())
    assert used(app) == [stored]


def test_an_address_past_its_day_is_told_until_when_and_another_goes_on(app, resident, monkeypatch, time):
    sends_ktp(resident)
    kept = objects(app)
    monkeypatch.setattr(disk_space, "DAY_BYTES", used(app)[0] + 1000)
    page = sends_ktp(resident)
    assert page.status == 429 and "jaringan internet yang Anda pakai" in page.soup.select_one(".error-summary").text
    assert int(page.response.headers["Retry-After"]) == (24 - 10) * 3600 - 10  # the clock stands at 10.00.10 WIB
    assert objects(app) == kept, "nothing was written"
    resident.client.environ_base["REMOTE_ADDR"] = "10.9.8.7"
    assert sends_ktp(resident).status == 200
    resident.client.environ_base["REMOTE_ADDR"] = "127.0.0.1"
    time.moves(days=1)
    assert sends_ktp(resident).status == 200, "tomorrow is another day"


def test_a_photo_that_was_opened_and_finds_no_room_counts_in_its_registration(app, resident, monkeypatch):
    monkeypatch.setitem(LIMITS, "upload-draft", "2 per hour")
    sends_ktp(resident)
    monkeypatch.setattr(disk_space, "DAY_BYTES", used(app)[0] + 1000)
    assert "jaringan internet" in sends_ktp(resident).text
    assert "Terlalu banyak percobaan" in sends_ktp(resident).text


def test_a_used_up_day_is_told_before_a_picture_is_opened(resident, monkeypatch):
    monkeypatch.setattr(disk_space, "DAY_BYTES", 0)
    page = resident.sends_photo("ktp", b"nothing that is a picture")
    assert page.status == 429


def test_a_used_up_day_is_told_before_a_selfie_is_opened(owner, monkeypatch):
    monkeypatch.setattr(disk_space, "DAY_BYTES", 0)
    owner.open("/akun/nomor/hilang")
    broken = (io.BytesIO(selfie()[0].getvalue()[:3000]), "selfie.jpg")
    page = owner.send("/akun/nomor/hilang", {"new_number": "0812-0000-7777", "photo": broken}, multipart=True)
    assert page.status == 429 and "jaringan internet" in page.text


def test_a_complaint_with_a_file_past_the_day_keeps_its_words(app, client, monkeypatch):
    monkeypatch.setattr(disk_space, "DAY_BYTES", len(PDF) - 1)
    person = Complainant(client)
    page = person.complains(files=[("bukti.pdf", PDF)])
    assert page.status == 422 and "jaringan internet" in page.text and page.field("text") == WORDS
    assert person.complains().heading == "Pengaduan terkirim", "without a file it goes"


def test_what_the_office_takes_down_is_not_charged_to_its_address(app, staff_client, monkeypatch):
    monkeypatch.setattr(disk_space, "DAY_BYTES", 0)
    clerk = Handler(staff_client("petugas"))
    assert clerk.notes_down(files=[(io.BytesIO(PDF), "bukti.pdf")]).status == 200
    assert count(app, Ticket) == 1 and used(app) == []


@pytest.fixture(params=["app", "pg_app"])
def engine_app(request):
    return request.getfixturevalue(request.param)


def test_the_budget_on_both_engines(engine_app, monkeypatch, time):
    monkeypatch.setattr(disk_space, "DAY_BYTES", 100)
    with engine_app.app_context():
        spends("10.0.0.1", 60)
        with pytest.raises(DayUsedUp):
            spends("10.0.0.1", 41)
        spends("10.0.0.1", 40)  # a smaller one still fits
        with pytest.raises(DayUsedUp):
            spends("10.0.0.2", 101)  # not even as the first
        spends("2001:db8::1", 100)
        with pytest.raises(DayUsedUp):
            spends("2001:db8::ffff:2", 1)  # the same household
        spends("", 10**12)  # nobody pays: a worker, a command
        time.moves(days=2)
        spends("10.0.0.1", 1)
        disk_space.forget_old_days()
    assert used(engine_app) == [1], "rows of earlier days are gone"


def spends(address: str, amount: int) -> None:
    token = ids.payer.set(address)
    try:
        spend(amount)
    finally:
        ids.payer.reset(token)


class SmallDisk(LiveServer):
    """Its folder is a disk of 48 MB of its own, the log of its errors lies on it, too."""

    BEGIN = 'mount -t tmpfs -o size=48m tmpfs "$1"; cp "$2" "$1"; shift 2; exec "$@" serve 2>"$0"'

    def __init__(self, instance: Path, migrated: Path):
        super().__init__(instance, "serve")
        self.migrated = migrated

    def flask(self, *_arguments: str) -> list[str]:
        return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", self.BEGIN, str(self.instance / "log"),
                str(self.instance), str(self.migrated), *super().flask()]

    def fill(self) -> None:
        """To the last byte."""
        filler = Path(f"/proc/{self.process.pid}/root{self.instance}/filler")
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                with contextlib.suppress(OSError):
                    while file.write(b"\0" * size):
                        pass

    def children(self) -> str:
        return Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()


@pytest.mark.server
def test_a_disk_full_to_the_last_byte_ends_no_process_and_cuts_no_page(tmp_path, migrated_sqlite):
    """Counters are files in memory, and a log line that finds no room is an error: neither may cost anybody a page."""
    probe = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", str(tmp_path)]
    if shutil.which("unshare") is None or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("a small disk needs a namespace in which this account may mount")
    server = SmallDisk(tmp_path, migrated_sqlite).start()
    try:
        ours, visitor = server.children(), Visitor(server.port)
        server.fill()
        for page in ("/", "/daftar", "/lacak", "/pengaduan", "/privasi", "/standar-pelayanan", "/masuk", "/tidak-ada"):
            assert visitor.request("GET", page).status in (200, 404, 503), page
        assert visitor.post("/daftar", {"notice": "y"}).status < 600, "refused at most, and in words"
        assert server.children() == ours, "the process that answered is the one that answers"
    finally:
        server.stop()


def test_a_log_that_cannot_be_written_costs_nobody_a_page(app, monkeypatch):
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stderr", full)
        assert app.test_client().get("/").status_code == 200
        monkeypatch.undo()
        with contextlib.suppress(OSError):
            full.close()
