"""A stored picture that no longer opens says so: to the resident, to the office, in a page or as a picture."""

import json
import re

import pytest

from app.base.database import db
from app.base.services import photo_store
from app.registration.models import Application
from tests.aging import ended
from tests.browser import Page, Resident
from tests.builders import CITIZEN_PASSWORD, RESIDENT, an_application, photo_files
from tests.live import served
from tests.rights_pages import Owner

IMG = {"Accept": "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"}
PAGE = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"}
HEADING = "Berkas ini tidak dapat dibuka lagi"


def spoil(app, application_id: str, kind: str, how: str) -> None:
    """`missing`, or one byte `altered`, in both sizes."""
    with app.app_context():
        photo = db.session.get(Application, application_id).photo(kind)
        for key in (photo.storage_key, photo.thumbnail_key):
            sealed = bytearray(photo_store().get(key))
            photo_store().delete(key)
            if how == "altered":
                sealed[-1] ^= 1
                photo_store().put_new(key, bytes(sealed))
        db.session.remove()


@pytest.fixture(params=["missing", "altered"])
def spoiled(app, request):
    """Id of a sent registration whose KTP no longer opens."""
    application_id = an_application(app)
    spoil(app, application_id, "ktp", request.param)
    return application_id


def test_the_office_reads_what_to_do_and_no_gangguan(spoiled, staff_client, capfd):
    answer = staff_client("petugas").get(f"/petugas/pendaftaran/{spoiled}/foto/ktp", headers=PAGE)
    page = Page(answer)
    assert page.status in (404, 410) and page.heading == HEADING
    assert "kembalikan berkasnya" in page.text and "gangguan" not in page.text
    logged = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    found = [line for line in logged if line["event"] in ("stored_value_unreadable", "stored_object_missing")]
    assert len(found) == 1 and spoiled in json.dumps(found[0])
    assert re.search(r"\b[0-9a-f]{8}\b", page.text).group() == found[0]["incident"]


def test_in_the_place_of_the_picture_stands_a_picture_that_says_so(spoiled, staff_client):
    answer = staff_client("petugas").get(f"/petugas/pendaftaran/{spoiled}/foto/ktp", headers=IMG)
    assert answer.mimetype == "image/svg+xml" and "dibuka lagi" in answer.text
    assert answer.headers["Cache-Control"] == "no-store" and "sandbox" in answer.headers["Content-Security-Policy"]


def test_the_other_photos_of_the_case_still_open(spoiled, staff_client):
    petugas = staff_client("petugas")
    assert petugas.get(f"/petugas/pendaftaran/{spoiled}").status_code == 200
    assert petugas.get(f"/petugas/pendaftaran/{spoiled}/foto/selfie", headers=IMG).mimetype == "image/jpeg"


@pytest.mark.parametrize("how", ["missing", "altered"])
def test_a_resident_is_told_and_sends_a_new_one(app, client, how):
    resident = Resident(client)
    resident.starts()
    resident.fills_in()
    resident.sends_photo("ktp", photo_files()["ktp"])
    with app.app_context():
        application_id = db.session.query(Application).one().id
    spoil(app, application_id, "ktp", how)
    page = Page(client.get("/daftar/ktp/gambar", headers=PAGE))
    assert page.heading == HEADING and "bukan kesalahan Anda" in page.text
    assert client.get("/daftar/ktp/gambar?ukuran=kecil", headers=IMG).mimetype == "image/svg+xml"
    assert resident.sends_photo("ktp", photo_files()["ktp"]).status == 200
    assert client.get("/daftar/ktp/gambar", headers=IMG).mimetype == "image/jpeg"


@pytest.mark.parametrize("how", ["missing", "altered"])
def test_one_lost_photo_keeps_nobody_from_the_rest_of_his_data(app, time, how):
    account = ended(app, "active")
    with app.app_context():
        application_id = db.session.query(Application).one().id
    assert account
    spoil(app, application_id, "ktp", how)
    owner = Owner(app.test_client())
    owner.signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)
    page = owner.looks_at_copy()
    assert page.status == 200 and RESIDENT["nik"] in page.text
    assert page.text.count("rusak atau hilang di tempat kami") == 1


@pytest.mark.browser
def test_the_sentence_is_seen_where_the_photo_was(app, staff_client, chromium):
    application_id = an_application(app)
    spoil(app, application_id, "ktp", "altered")
    cookie = staff_client("petugas").get_cookie("loket_petugas")
    with served(app) as url:
        context = chromium.new_context(base_url=url, viewport={"width": 1366, "height": 768})
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
        page = context.new_page()
        page.goto(f"/petugas/pendaftaran/{application_id}", wait_until="networkidle")
        sizes = page.eval_on_selector_all("img[alt]", "all => all.map(one => [one.alt, one.naturalWidth])")
        context.close()
    assert all(width > 0 for _name, width in sizes) and [width for name, width in sizes if "KTP" in name][:1] == [640]
