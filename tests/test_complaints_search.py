"""Finding a complaint again: by number, contact and name among all, by words among the newest."""

import pytest
from sqlalchemy import select

from app.base.database import db
from app.base.journal_line import JournalLine
from app.complaints.desk import search
from tests.complaints import Handler, a_ticket, the


@pytest.fixture
def petugas(staff_client):
    return Handler(staff_client("petugas"))


@pytest.mark.parametrize("typed", ["budi", "Contoh Budi", "0812-0000-2001", "+6281200002001", "000001", "1", "L-9"])
def test_search_finds_by_number_name_phone_and_reference(app, petugas, typed):
    ticket_id = a_ticket(app, outside_reference="L-9")
    assert the(app, ticket_id, "number") in petugas.finds(typed).text


@pytest.mark.parametrize("typed", ["antrean", "LOKET dua", "menjelaskan antrean", "Kedopok"])
def test_words_of_what_was_said_are_found(app, petugas, typed):
    ticket_id, other = a_ticket(app, place="Kecamatan Kedopok"), a_ticket(app, text="Lampu mati.", phone="")
    page = petugas.finds(typed)
    assert the(app, ticket_id, "number") in page.text and the(app, other, "number") not in page.text


def test_words_are_looked_for_in_the_newest_tickets_only_and_the_page_says_so(app, petugas, monkeypatch):
    a_ticket(app)
    monkeypatch.setattr(search, "OPENED", 1)
    newest = a_ticket(app, text="Loket tiga tutup.", phone="", name="")
    assert the(app, newest, "number") in petugas.finds("loket").text
    page = petugas.finds("antrean")
    assert "Tidak ada yang cocok" in page.text and "1 pengaduan terbaru" in page.text


def test_words_of_a_complaint_about_a_colleague_are_not_found_by_the_others(app, petugas):
    a_ticket(app, category="conduct", about_staff=True, text="Petugas loket dua membentak saya.")
    assert "Tidak ada yang cocok" in petugas.finds("membentak").text


@pytest.mark.parametrize("typed", ["%", "' OR 1=1", "\x00", "x" * 5000, "٠٠٠٠٠١", "siti"])
def test_a_search_that_means_nothing_finds_nothing(app, petugas, typed):
    a_ticket(app)
    page = petugas.finds(typed)
    assert page.status == 200 and "Tidak ada yang cocok" in page.text


def test_a_search_stands_in_no_address_and_its_words_in_no_journal(app, petugas):
    a_ticket(app)
    assert petugas.open("/petugas/pengaduan").soup.select_one("form[role=search]")["method"] == "post"
    petugas.finds("Budi Contoh")
    with app.app_context():
        line = db.session.scalars(select(JournalLine).where(JournalLine.action == "complaint_search")).one()
        assert line.detail == '{"found": 1}'
