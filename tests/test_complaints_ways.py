"""Nobody is answered who cannot hear it, nothing about money is waved away by one person, and what was closed opens."""

import pytest
from sqlalchemy import select

from app.base.database import db, transaction
from app.complaints.ticket.models import Ticket, TicketEvent
from app.correspondence import calls
from app.correspondence.call_task import CallTask
from app.messages.models import OutboxMessage
from tests.complaints import Complainant, Handler, a_ticket, staff_id, templates, the
from tests.messaging import a_message


@pytest.fixture
def petugas(staff_client):
    return Handler(staff_client("petugas"))


def test_an_answer_to_nobody_asks_how_the_reporter_hears_it_and_that_is_what_counts(app, petugas):
    petugas.notes_down(channel="radio")
    with app.app_context():
        ticket_id = db.session.scalars(select(Ticket.id)).one()
    page = petugas.reads(ticket_id)
    assert "tidak meninggalkan kontak" in page.text
    ways = [option["value"] for option in page.soup.select("#via option")]
    assert "chosen" not in ways and {"read_out", "public", "phone", "by_pin"} <= set(ways) and "posted" not in ways
    for refused in ("chosen", "", "posted"):
        page = petugas.answers(ticket_id, "Sudah kami betulkan.", via=refused)
        assert page.status == 422 and the(app, ticket_id, "status") == "new"
        assert page.field("text") == "Sudah kami betulkan."
    page = petugas.answers(ticket_id, "Sudah kami betulkan.", via="read_out")
    assert "Dibacakan di radio" in page.text and the(app, ticket_id, "status") == "answered"
    with app.app_context():
        event = db.session.scalars(select(TicketEvent).where(TicketEvent.act == "answer")).one()
        assert event.detail["via"] == "read_out"


def test_about_money_only_a_supervisor_dismisses_even_when_it_was_put_elsewhere(app, petugas, staff_client):
    ticket_id = a_ticket(app, category="illegal_fee")
    assert "perlu pengawas" in petugas.reads(ticket_id).text
    page = petugas.dismisses(ticket_id)
    assert page.status == 422 and "hanya dapat ditutup tanpa jawaban oleh pengawas" in page.text
    petugas.verifies(ticket_id, category="other")
    assert petugas.dismisses(ticket_id).status == 422 and the(app, ticket_id, "is_open")
    petugas.acts(ticket_id, "lepas")
    assert Handler(staff_client("supervisor")).dismisses(ticket_id).status == 200
    assert the(app, ticket_id, "status") == "closed" and not the(app, ticket_id, "dismissal_unseen")


def test_a_dismissal_is_taken_back_in_its_minute_and_then_tells_nobody(app, petugas):
    ticket_id = a_ticket(app)
    petugas.acts(ticket_id, "abaikan", reason="spam")
    assert the(app, ticket_id, "status") == "closed" and templates(app)[-1] == "pengaduan_ditutup"
    page = petugas.acts(ticket_id, "batalkan")
    assert "Dibatalkan" in page.text and the(app, ticket_id, "status") == "new"
    with app.app_context():
        told = db.session.scalars(select(OutboxMessage).where(OutboxMessage.template == "pengaduan_ditutup")).one()
        assert told.state == "cancelled"


def test_every_dismissal_is_told_gone_through_and_can_be_opened_again(app, petugas, staff_client):
    person, supervisor = Complainant(app.test_client()), Handler(staff_client("supervisor"))
    person.complains()
    with app.app_context():
        ticket_id = db.session.scalars(select(Ticket.id)).one()
    petugas.dismisses(ticket_id, "duplicate")
    assert templates(app)[-1] == "pengaduan_ditutup"
    assert petugas.acts(ticket_id, "tinjau").status == 403
    assert person.number in supervisor.open("/petugas/pengaduan?tab=ditinjau").text
    supervisor.acts(ticket_id, "tinjau")
    assert person.number not in supervisor.open("/petugas/pengaduan?tab=ditinjau").text
    assert petugas.acts(ticket_id, "buka-ulang", again=" ").status == 422
    page = petugas.acts(ticket_id, "buka-ulang", again="Ternyata hal lain.")
    assert "Ternyata hal lain." in page.text
    assert (the(app, ticket_id, "status"), the(app, ticket_id, "outcome"), the(app, ticket_id, "closed_at")) == (
        "in_progress", "", None)
    assert "Sedang ditindaklanjuti" in person.follows().text


def test_the_office_writes_its_own_ready_answers_and_none_that_could_not_be_sent(app, petugas):
    address, text = "/petugas/pengaduan/teks", "Jam layanan kami 07.30 sampai 15.30. Nomor [tiket]."
    petugas.open(address)
    for wrong, said in (({"name": "jam buka"}, "Nama pendek"), ({"text": "x" * 401}, "Paling banyak"),
                        ({"text": "Nomor KK 3574012345678901"}, "memuat NIK"), ({"text": "[nomor]"}, "tidak dikenal"),
                        ({"name": "gratis"}, "sudah dipakai")):
        page = petugas.send(address, {"old": "", "name": "jam", "text": text, **wrong})
        assert page.status == 422 and said in page.text and (wrong.get("text") or text) in str(page.soup)
    petugas.send(address, {"old": "", "name": "/Jam", "text": text, "final": "ya"})
    ticket_id = a_ticket(app)
    button = petugas.reads(ticket_id).soup.select_one("[data-ready=jam]")
    assert the(app, ticket_id, "number") in button["data-text"] and button["data-final"] == "ya"
    assert petugas.page.soup.select_one("[data-ready=gratis]")
    assert "Jam layanan kami" in petugas.acts(ticket_id, "jawab", ready="jam").field("text")
    petugas.open(address)
    petugas.send(address, {"old": "jam", "name": "jam", "text": text, "act": "drop"})
    assert not petugas.reads(ticket_id).soup.select_one("[data-ready=jam]")


def test_two_of_the_office_never_phone_one_person(app, petugas, staff_client):
    with app.app_context():
        message_id = a_message()
        with transaction():
            calls.open_task(message_id, "63024")
        task_id = db.session.scalars(select(CallTask.id)).one()
    address, other = f"/petugas/telepon/{task_id}", Handler(staff_client("operator"))
    assert "0812" in petugas.open(address).text
    page = other.open(address)
    assert "sedang mengerjakan" in page.text and "0812" not in page.soup.main.get_text()
    [line] = other.open("/petugas/telepon?tab=terbuka").soup.select("tbody tr")
    assert "Petugas Contoh" in line.get_text()
    other.open(address)
    seen = {"version": petugas.page.field("version"), "outcome": "told", "note": "Sudah saya telepon."}
    page = other.send(address, seen)
    assert page.status == 409 and "sedang ditangani petugas lain" in page.text and "Sudah saya telepon." in page.text
    petugas.open(address)
    petugas.send(f"{address}/lepas", {})
    assert "0812" in other.open(address).text
    assert staff_id(app, "operator1")
    other.sends_back(address, {"outcome": "told", "note": ""})
    with app.app_context():
        assert db.session.get(CallTask, task_id).closed_at is not None
