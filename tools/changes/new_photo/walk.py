"""The fourth photo in form, check page, front page, desk and mending."""

from app.base.database import db
from app.registration.models import Application
from tests.builders import photo_files
from tests.desk import officer
from tests.resident_pages import Follower, number_and_pin

SLUG = "kartu-keluarga"


def test_the_photo_walks_through_the_house(app):
    resident = Follower(app.test_client())
    assert "Foto Kartu Keluarga" in resident.open("/").text
    resident.starts()
    resident.fills_in()
    for slug, kind in (("ktp", "ktp"), ("tanda-tangan", "signature"), ("selfie", "selfie")):
        resident.sends_photo(slug, photo_files()[kind])
    assert resident.open("/daftar/periksa").heading == "Foto Kartu Keluarga"
    assert resident.sends_photo(SLUG, photo_files()["ktp"]).status == 200
    assert "Foto Kartu Keluarga" in resident.open("/daftar/periksa").text
    resident.confirms()
    with app.app_context():
        application_id = db.session.query(Application).one().id
    desk = officer(app, "ani", "petugas")
    assert desk.opens_case(application_id).soup.find("img", src=lambda src: src and src.endswith("/foto/kk"))
    assert desk.client.get(f"/petugas/pendaftaran/{application_id}/foto/kk").status_code == 200
    desk.acts(application_id, "kembalikan", reasons="KK_BURAM")
    resident.follows(*number_and_pin(app, application_id))
    assert "Foto Kartu Keluarga kurang jelas" in resident.open("/perbaikan").text
    assert resident.open(f"/perbaikan/{SLUG}").heading == "Foto Kartu Keluarga"
