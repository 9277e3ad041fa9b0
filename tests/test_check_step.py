"""The last look before sending: what is asked about is what is sent."""

from sqlalchemy import select

from app.base.database import db
from app.registration.models import Application
from tests.browser import Resident
from tests.builders import RESIDENT, photo_files


def test_the_summary_comes_fresh_when_another_tab_changed_it_before_kirim_or_before_ya(app):
    resident = Resident(app.test_client(), htmx=True)
    resident.starts()
    resident.fills_in()
    resident.sends_all_photos()
    check = resident.open("/daftar/periksa")
    same = resident.send("/daftar/periksa", {"seen": check.field("seen")})
    assert same.response.headers.get("HX-Retarget") == "#atas" and RESIDENT["full_name"] not in same.text

    other = Resident(resident.client)
    other.fills_in(full_name="SITI BARU CONTOH")
    stale = resident.send("/daftar/periksa", {"seen": check.field("seen")})
    assert "HX-Retarget" not in stale.response.headers and "SITI BARU CONTOH" in stale.text
    assert "berubah sejak halaman tadi dibuka" in stale.text

    other.sends_photo("ktp", photo_files()["ktp"])
    again = resident.send("/daftar/periksa", {"confirm": "ya", "seen": stale.field("seen")})
    assert again.heading == "Kirim sekarang?" and "berubah sejak" in again.text
    with app.app_context():
        assert db.session.scalars(select(Application.status)).one() == "draft"
    assert resident.send("/daftar/periksa", {"confirm": "ya", "seen": again.field("seen")}).status == 200
    with app.app_context():
        assert db.session.scalars(select(Application.status)).one() == "submitted"
