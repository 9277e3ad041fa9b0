"""Builders of test data, through the real services where there is one."""

import base64
import io
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from PIL import Image

from app import create_app  # noqa: F401  (importing the app first keeps import order the same everywhere)
from app.accounts import staff_service
from app.accounts.gates import COOKIES
from app.accounts.models import Staff
from app.accounts.passwords import hash_password
from app.accounts.sessions import STAFF
from app.base.database import db, transaction
from app.base.ids import new_id
from app.demo.photos import realistic_ktp, realistic_selfie, realistic_signature
from app.guessing.budgets import Visitor
from app.registration.drafts import find_by_token, start_draft
from app.registration.photo_kinds import PHOTOS
from app.registration.photo_service import attach_photo
from app.registration.service import save_personal_data, submit
from tests.made_once import pictures_cleaned_before

TEST_SETTINGS = {
    "LOKET_ENV": "demo",
    "SECRET_KEY": "kunci-uji-9f3b1c77-a4d2-4c1e-b0aa-52d1e86f",
    "SEALING_KEYS": "uji1:" + base64.b64encode(bytes(range(32))).decode(),
    "INDEX_KEY": base64.b64encode(bytes(range(32, 64))).decode(),
}
STAFF_PASSWORD = "sandi petugas untuk uji 2026"
CITIZEN_PASSWORD = "kereta-senja-lewat"

RESIDENT = {
    "nik": "3574014505900001",
    "full_name": "SITI CONTOH AMINAH",
    "whatsapp_number": "0812-0000-1001",
    "kk_number": "3574010101100001",
    "new_password": CITIZEN_PASSWORD,
    "address": "Jl. Contoh Mawar 5, RT 02/RW 03, Ketapang, Kademangan",
    "village": "Ketapang",
}
PHOTO_SLUGS = {photo.slug: photo.kind for photo in PHOTOS}


PHOTO_SIDE = 800  # pixels: hundreds of tests clean these photos, and large ones are tested elsewhere


@cache
def photo_files() -> Mapping[str, bytes]:
    """Three real JPEG files by photo kind, RESIDENT's, as drawn_photos() draws them: kept, because to draw them takes
    each process of a run a second."""
    kept = Path(__file__).parent / "data" / "photos"
    return MappingProxyType({kind: (kept / f"{kind}.jpg").read_bytes() for kind in PHOTO_SLUGS.values()})


def drawn_photos() -> dict[str, bytes]:
    person = {"nik": RESIDENT["nik"], "name": RESIDENT["full_name"]}
    return {
        "ktp": smaller(realistic_ktp(**person)), "signature": smaller(realistic_signature(seed=1)),
        "selfie": smaller(realistic_selfie(**person)),
    }


def smaller(jpeg: bytes) -> bytes:
    """The same picture of PHOTO_SIDE, as the tests send it."""
    picture = Image.open(io.BytesIO(jpeg))
    picture.thumbnail((PHOTO_SIDE, PHOTO_SIDE))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


_hash_of = cache(hash_password)  # slow on purpose, and hundreds of tests need the same one


def add_staff(app, username: str, role: str, password: str = STAFF_PASSWORD, jabatan: str = "") -> str:
    with app.app_context(), transaction() as session:
        staff = Staff(
            id=new_id(), username=username, name=f"{role.title()} Contoh", role=role, jabatan=jabatan,
            password_hash=_hash_of(password), must_change_password=False,
        )
        session.add(staff)
        return staff.id


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the page holds no CSRF token"
    return found.group(1)


def sign_in_staff(client, username: str, password: str = STAFF_PASSWORD):
    """As the page of signing in does it, without the page: how one signs in there is the subject of others."""
    with client.application.app_context():
        entered = staff_service.sign_in(username, password, Visitor("127.0.0.1"))
        db.session.remove()
    client.set_cookie(COOKIES[STAFF].name, entered.token)
    return client


def an_application(app, photos: dict[str, bytes] | None = None, send: bool = True, **overrides) -> str:
    """Id of an application (sent unless `send` is false), made through the citizen's own services."""
    with app.app_context():
        token = start_draft(notice_version="uji", notice_text="uji", survey_consent=False)
        application_id = find_by_token(token).id
        save_personal_data(application_id, {**RESIDENT, **overrides})
        with pictures_cleaned_before():
            for kind, data in (photos or photo_files()).items():
                attach_photo(application_id, kind, data, f"{kind}.jpg", "")
        if send:
            submit(application_id)
        db.session.remove()
        return application_id
