"""The e-mail in form, check page, mending, desk, doubles, journal and export; an older record opens without it."""

from app.accounts.models import Citizen
from app.base.database import db
from app.base.sealing import seal_record
from app.base.services import sealer
from app.privacy.export import copy_of
from app.registration.models import Application
from app.registration.personal import open_personal
from tests.builders import RESIDENT
from tests.desk import officer
from tests.resident_pages import Follower, number_and_pin

TYPED = "siti@contoh.id"


def test_the_email_walks_through_the_house(app):
    resident = Follower(app.test_client())
    resident.starts()
    assert resident.page.soup.find("input", attrs={"name": "email", "type": "email"})
    assert "e-mail belum benar" in resident.fills_in(email="bukan e-mail").text
    resident.fills_in(email=TYPED)
    resident.sends_all_photos()
    assert TYPED in resident.open("/daftar/periksa").text
    resident.confirms()
    with app.app_context():
        application_id = db.session.query(Application).one().id
    resident.follows(*number_and_pin(app, application_id))
    assert resident.open("/perbaikan").field("email") == TYPED

    desk = officer(app, "ani", "petugas")
    assert TYPED in desk.opens_case(application_id).text
    desk.acts(application_id, "kembalikan", reasons="EMAIL_SALAH")
    assert "Surat ke e-mail ini kembali" in resident.open("/perbaikan").text
    resident.sends_mended(email="baru@contoh.id")
    assert "baru@contoh.id" in desk.opens_case(application_id).text
    desk.acts(application_id, "lengkap")
    officer(app, "budi").acts(application_id, "setujui")
    with app.app_context():
        data = copy_of(db.session.query(Citizen).one()).data
        assert data["Akun"]["E-mail"] == data["Pendaftaran"]["E-mail"] == "baru@contoh.id"


def test_a_record_from_before_opens(app):
    from dataclasses import dataclass

    @dataclass
    class Before:
        nik: str = RESIDENT["nik"]
        full_name: str = RESIDENT["full_name"]
        whatsapp_number: str = "+6281200001001"
        kk_number: str = RESIDENT["kk_number"]
        address: str = RESIDENT["address"]

    with app.app_context():
        row = Application(id="a" * 32)
        row.personal_sealed = seal_record(sealer(), Before(), f"application:{row.id}:personal")
        assert open_personal(row).email == ""
