"""Hostile and odd files through the real upload endpoint: the right status, a sentence, no 5xx."""

import io

import pytest
from PIL import Image
from sqlalchemy import select

from app.extensions import db
from app.registration.models import Photo
from app.registration.photo_service import read_photo
from tests.browser import Resident
from tests.hostile_photos import cases

CASES = cases()


@pytest.fixture
def resident(client):
    someone = Resident(client)
    someone.starts()
    someone.fills_in()
    return someone


def upload(resident: Resident, case) -> int:
    resident.open("/daftar/ktp?ganti=1")
    files = {"csrf_token": resident.page.field("csrf_token"), "photo": (io.BytesIO(case.data), case.filename)}
    return resident.client.post("/daftar/ktp", data=files, content_type="multipart/form-data")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_upload_endpoint_gives_every_file_its_verdict(app, resident, case):
    answer = upload(resident, case)
    if case.expected != "accept":
        assert answer.status_code == case.expected
        assert "foto" in answer.text.lower()
        return
    assert answer.status_code == 303
    with app.app_context():
        jpeg = read_photo(db.session.scalars(select(Photo)).one())
    picture = Image.open(io.BytesIO(jpeg))
    assert picture.format == "JPEG" and picture.mode == "RGB" and max(picture.size) <= 2000
    assert not picture.getexif() and "icc_profile" not in picture.info
    for gone in case.gone:
        assert gone not in jpeg
