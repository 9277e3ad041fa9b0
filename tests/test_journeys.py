"""The main job from end to end through HTTP: citizen, officer, operator, message, sign-in."""

import re
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app.base import clock
from app.base.database import db
from app.messages.models import OutboxMessage
from app.registration.models import Application
from tests.browser import Officer, Resident
from tests.builders import CITIZEN_PASSWORD, RESIDENT


def only_application_id(app) -> str:
    with app.app_context():
        return db.session.scalars(select(Application.id)).one()


def messages(app) -> list[str]:
    with app.app_context():
        rows = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at))
        return [row.template for row in rows]


@pytest.mark.parametrize("htmx", [False, True], ids=["without htmx", "with htmx"])
def test_a_resident_registers_and_becomes_a_user(app, client, staff_client, htmx):
    resident = Resident(client, htmx=htmx)
    receipt = resident.registers()
    assert "Registrasi selesai" in receipt.text
    assert "Anda akan menerima pemberitahuan melalui WhatsApp" in receipt.text
    assert resident.number and resident.pin

    application_id = only_application_id(app)
    petugas = Officer(staff_client("petugas"))
    assert resident.number in petugas.sees_queue().text
    assert RESIDENT["full_name"] in petugas.opens_case(application_id).text
    petugas.acts(application_id, "lengkap")

    operator = Officer(staff_client("operator"))
    operator.acts(application_id, "setujui")
    assert messages(app) == ["pendaftaran_diterima", "berkas_lengkap", "akun_aktif"]

    account = Resident(app.test_client(), htmx=htmx).signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)
    assert account.status == 200
    assert "••••••••••••0001" in account.text
    assert RESIDENT["nik"] not in account.text

    receipt = resident.open("/daftar/selesai").text
    assert "Akun aktif" in receipt and "sedang diverifikasi" not in receipt


def test_a_receipt_looked_at_after_hours_says_when_the_office_opens_again(client, monkeypatch):
    night = clock.now().astimezone(clock.WIB).replace(hour=23)
    monkeypatch.setattr(clock, "datetime", SimpleNamespace(now=night.astimezone))
    resident = Resident(client)
    resident.registers()
    told = resident.open("/daftar/selesai").text
    assert re.search(r"Kantor buka lagi \w+, \d+ \w+ \d{4} pukul 0[78]\.[03]0 WIB", told)


def test_before_approval_sign_in_explains_how_to_track(app, client):
    Resident(client).registers()
    refused = Resident(app.test_client()).signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)
    assert refused.status == 422
    assert "Lacak" in refused.text


def test_a_returned_application_tells_the_resident_what_to_mend(app, client, staff_client):
    Resident(client).registers()
    application_id = only_application_id(app)
    petugas = Officer(staff_client("petugas"))
    petugas.acts(application_id, "kembalikan", reasons=["KTP_BURAM"], note_KTP_BURAM="Bagian kiri gelap.")
    assert messages(app)[-1] == "perlu_perbaikan"


def test_a_rejected_application_names_a_listed_ground(app, client, staff_client):
    Resident(client).registers()
    application_id = only_application_id(app)
    operator = Officer(staff_client("operator"))
    assert operator.acts(application_id, "tolak", ground="KARENA_SAYA_MAU").status == 422
    operator.acts(application_id, "tolak", ground="BUKAN_WARGA_KOTA")
    assert messages(app)[-1] == "ditolak"
