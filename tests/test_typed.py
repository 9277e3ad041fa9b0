"""What is typed and not yet sent stays: of a registration and of a complaint, sealed, and never a password's text."""

import pytest
from sqlalchemy import func, select

from app.base.database import db
from app.complaints.public.typed import ComplaintDraft
from app.registration.models import Application
from tests.browser import Resident
from tests.builders import RESIDENT
from tests.complaints import Complainant


def only(model):
    return db.session.scalars(select(model)).one()


def count(app, model) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


@pytest.fixture
def resident(client):
    return Resident(client)


def test_a_good_password_is_kept_when_another_field_is_wrong(app, resident):
    resident.starts()
    asked = resident.fills_in(nik="123")
    assert asked.status == 422 and not asked.soup.select_one("#new_password-error")
    assert asked.field("new_password") == "" and "Sudah tersimpan" in asked.soup.select_one("#new_password-hint").text
    assert resident.fills_in(new_password="").heading == "Foto KTP", "it is not asked for again"
    with app.app_context():
        assert only(Application).password_hash.startswith("$argon2id$")


def test_what_was_typed_is_there_again_after_the_tab_died_and_lies_sealed(app, resident):
    resident.starts()
    typed = {"nik": "3574", "full_name": "Siti Contoh", "address": "Jl. Mawar", "new_password": "Mangga.3574"}
    for name, value in typed.items():  # as each field is left
        resident.client.post("/daftar/data/isian", data={"csrf_token": resident.page.field("csrf_token"), name: value})
    page = resident.open("/daftar/data")
    assert [page.field(name) for name in typed] == ["3574", "Siti Contoh", "Jl. Mawar", ""]
    assert "Isian Anda masih ada" in page.text
    with app.app_context():
        row = only(Application)
        assert b"Siti" not in row.typed_sealed and row.password_hash is None, "a password's text is never kept"
    resident.fills_in()
    with app.app_context():
        assert only(Application).typed_sealed is None
    assert resident.open("/daftar/data").field("nik") == RESIDENT["nik"]


def test_a_complaint_that_was_being_written_is_there_again_until_it_is_sent(app, client):
    person = Complainant(client)
    person.open("/pengaduan")
    token = person.page.field("csrf_token")
    client.post("/pengaduan/isian", data={"csrf_token": token, "text": "Sudah tiga hari menunggu", "place": "loket 2"})
    page = person.open("/pengaduan")
    assert (page.field("text"), page.field("place")) == ("Sudah tiga hari menunggu", "loket 2")
    assert "Tulisan Anda masih ada" in page.text
    with app.app_context():
        assert b"menunggu" not in db.session.scalars(select(ComplaintDraft)).one().sealed
    assert app.test_client().get("/pengaduan").text.count("menunggu") == 0, "only this browser has it"
    person.complains()
    assert count(app, ComplaintDraft) == 0 and person.open("/pengaduan").field("text") == ""
