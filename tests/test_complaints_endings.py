"""How a complaint ends is said as it was: answered, closed without an answer, or joined to another one."""

import pytest
from sqlalchemy import select

from app.base.database import db
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.words import DISMISSALS, DISMISSALS_TOLD
from tests.complaints import Complainant, Handler, a_ticket, the


@pytest.fixture
def resident(client):
    person = Complainant(client)
    person.complains()
    return person


@pytest.fixture
def ticket_id(app, resident):
    with app.app_context():
        return db.session.scalar(select(Ticket.id))


@pytest.fixture
def petugas(staff_client):
    return Handler(staff_client("petugas"))


def row_of(page, number: str) -> str:
    return next(row.get_text(" ", strip=True) for row in page.soup.select("tbody tr") if number in row.get_text())


@pytest.mark.parametrize("reason", DISMISSALS)
def test_what_was_dismissed_never_reads_answered_or_finished(app, resident, ticket_id, petugas, reason):
    petugas.dismisses(ticket_id, reason)
    page = resident.follows()
    assert "Ditutup tanpa jawaban" in page.text and DISMISSALS_TOLD[reason] in page.text
    assert "Tidak setuju?" in page.text and "Kami sudah menjawab" not in page.text
    steps = [step.get_text(" ", strip=True) for step in page.soup.select("ol.line li b")]
    assert steps == ["Pengaduan diterima", "Diperiksa", "Ditutup tanpa jawaban"]
    assert "Selesai" not in page.soup.main.get_text()
    row = row_of(petugas.open("/petugas/pengaduan?tab=selesai"), resident.number)
    assert "Ditutup tanpa jawaban" in row and "Selesai" not in row and "ijawab" not in row
    assert "Ditutup tanpa jawaban" in petugas.reads(ticket_id).text


def test_the_lists_taken_along_say_the_same(app, resident, ticket_id, petugas, staff_client):
    petugas.dismisses(ticket_id)
    for name in ("unduh", "lapor"):
        listed = staff_client("supervisor", f"pengawas-{name}").get(f"/petugas/pengaduan/{name}.csv?tab=selesai")
        assert "Ditutup tanpa jawaban" in listed.get_data(as_text=True)


def test_who_disagrees_opens_it_again(app, resident, ticket_id, petugas):
    petugas.dismisses(ticket_id)
    resident.follows()
    page = resident.replies("Ini bukan iklan. Saya diminta uang.")
    assert "Sedang ditindaklanjuti" in page.text and the(app, ticket_id, "status") == "in_progress"


def test_answered_and_then_dismissed_is_closed_and_not_finished(app, resident, ticket_id, petugas):
    petugas.answers(ticket_id)
    resident.follows()
    resident.replies("Beli obat murah di sini")
    petugas.dismisses(ticket_id)
    page = resident.follows()
    assert [step.get_text() for step in page.soup.select("ol.line li b")][-2:] == ["Dijawab", "Ditutup"]


def test_what_was_answered_and_confirmed_is_finished(app, resident, ticket_id, petugas):
    petugas.answers(ticket_id)
    resident.follows()
    page = resident.rates("5", settled=True)
    assert [step.get_text() for step in page.soup.select("ol.line li b")][-2:] == ["Dijawab", "Selesai"]
    assert "Selesai" in row_of(petugas.open("/petugas/pengaduan?tab=selesai"), resident.number)


def test_what_was_merged_names_where_it_goes_on(app, resident, ticket_id, petugas):
    other = a_ticket(app)
    petugas.acts(ticket_id, "gabung", number=the(app, other, "number"))
    page = resident.follows()
    assert f"digabung dengan pengaduan {the(app, other, 'number')}" in page.text
    assert "Dijawab" not in [step.get_text() for step in page.soup.select("ol.line li b")]
