"""Hostile and odd files through the real upload endpoint: the right status, a sentence, no 5xx."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import io
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from sqlalchemy import select, text
from werkzeug.sansio.multipart import MultipartDecoder

from app.base.database import db, transaction
from app.photos.wire import LARGEST_SIDE
from app.registration import photo_service
from app.registration.models import Photo
from app.registration.photo_service import attach_photo, read_photo
from app.registration.transitions import lock_application
from app.web.bodies import ForgivingDecoder
from tests.aging import objects
from tests.browser import Resident
from tests.builders import an_application, photo_files
from tests.hostile_photos import ACCEPT, GROUPS, Case, case_of
from tests.resident_pages import resident  # noqa: F401 (fixtures)
from tests.visitor import multipart, part, photo_part

PAGE = "/daftar/ktp"


def upload(resident: Resident, case: Case):
    token = resident.open(f"{PAGE}?ganti=1").field("csrf_token")
    # made by hand: the test client cannot send the names that attackers and old phones send
    body, kind = multipart(part('name="csrf_token"', token.encode()), photo_part(case.data, case.filename))
    return resident.client.post(PAGE, data=body, content_type=kind)


def told(answer) -> str:
    """What the page of a refused photo says at its top, and nothing when it has no such place."""
    summary = BeautifulSoup(answer.text, "html.parser").select_one(".error-summary")
    return summary.get_text(" ", strip=True) if summary else ""


def faults_of_the_stored(app, case: Case) -> list[str]:
    with app.app_context():
        photo = db.session.scalars(select(Photo)).one()
        stored = [read_photo(photo, size) for size in ("full", "small")]
    faults = [f"{gone!r} survived" for gone in case.gone for jpeg in stored if gone in jpeg]
    with Image.open(io.BytesIO(stored[0])) as picture:
        if (picture.format, picture.mode) != ("JPEG", "RGB") or max(picture.size) > LARGEST_SIDE:
            faults.append(f"stored as {picture.format} {picture.mode} {picture.size}")
        if picture.getexif() or "icc_profile" in picture.info or "comment" in picture.info:
            faults.append("something besides the picture was kept")
    return faults


def faults_of(app, resident: Resident, case: Case) -> list[str]:
    answer = upload(resident, case)
    if case.expected == ACCEPT:
        return faults_of_the_stored(app, case) if answer.status_code == 303 else [f"answered {answer.status_code}"]
    faults = [] if answer.status_code == case.expected else [f"answered {answer.status_code}, not {case.expected}"]
    return faults if "foto" in told(answer).lower() else [*faults, "no sentence for the citizen"]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_the_upload_endpoint_gives_every_file_its_verdict(app, resident, group):
    faults = {case.name: found for case in group() if (found := faults_of(app, resident, case))}
    assert not faults


def test_a_refused_photo_leaves_the_earlier_one_in_place(app, resident):
    good, bad = case_of("jpeg"), case_of("text")
    upload(resident, good)
    upload(resident, bad)
    assert resident.open(PAGE).soup.select_one("img[alt='Foto KTP yang sudah tersimpan']")
    with app.app_context():
        kept = db.session.scalars(select(Photo)).one()
        assert {key for key, _, _ in app.extensions["loket_photos"].list()} == {kept.storage_key, kept.thumbnail_key}


def test_two_uploads_of_one_photo_at_once_leave_the_later_one_on_postgresql(pg_app, monkeypatch):
    """Both wait for the same row; the second finds what the first has written, not what stood there before."""
    draft, both = an_application(pg_app, send=False), Barrier(2)
    store = photo_service.store_photo

    def stored_together(*given):
        row = store(*given)
        both.wait(30)
        return row

    def uploads(_number: int) -> str:
        with pg_app.app_context():
            return attach_photo(draft, "ktp", photo_files()["ktp"], "ktp.jpg", "").id

    monkeypatch.setattr(photo_service, "store_photo", stored_together)
    with pg_app.app_context(), ThreadPoolExecutor(2) as pool:
        with transaction():
            lock_application(draft)
            uploaded = [pool.submit(uploads, number) for number in range(2)]
            while waiting() < 2 and not any(one.done() for one in uploaded):
                pass
        ids = {one.result(60) for one in uploaded}
        kept = set(db.session.scalars(select(Photo.id).where(Photo.application_id == draft, Photo.kind == "ktp")))
    assert len(kept) == 1 and kept < ids
    assert objects(pg_app) == 6, "and nothing of the two others stayed"


def waiting() -> int:
    """How many connections wait for a lock."""
    with db.engine.connect() as connection:
        return connection.scalar(text(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        ))


def test_a_boundary_is_found_where_the_patterns_of_werkzeug_find_it():
    chance, found = Random(4), 0
    for _ in range(3000):
        boundary = chance.choice((b"ab", b"-", b"x--x", b"a.b"))
        pieces = (b"--" + boundary, b"--", boundary, b"\r", b"\n", b"\r\n", b" ", b"\t", b"x")
        data = bytearray(b"".join(chance.choice(pieces) for _ in range(chance.randrange(1, 10))))
        for name in ("preamble_re", "boundary_re"):
            theirs, ours = (
                getattr(decoder(boundary), name).search(data, position)
                for position in (chance.randrange(len(data) + 1),) for decoder in (MultipartDecoder, ForgivingDecoder)
            )
            assert _where(ours) == _where(theirs), (data, boundary, name)
            found += theirs is not None
    assert found > 200


def _where(match) -> tuple | None:
    return match and (match.start(), match.end(), match.group(1))
