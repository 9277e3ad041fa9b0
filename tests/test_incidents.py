"""One person by three channels is offered for joining; many people with one outage are answered together."""

import pytest

from app.base.database import db
from app.complaints.ticket.models import Incident, Ticket, TicketMessage
from tests.builders import add_staff, sign_in_staff
from tests.complaints import Handler, a_minute_passes, a_ticket, templates, the


@pytest.fixture
def petugas(app):
    add_staff(app, "petugas1", "petugas")
    return Handler(sign_in_staff(app.test_client(), "petugas1"))


def test_the_same_person_by_three_channels_within_a_day_is_offered_for_joining(app, petugas):
    form = a_ticket(app, "web", phone="+6281200002001", email="budi@contoh.id")
    by_phone = a_ticket(app, "radio", phone="+6281200002001")
    by_mail = a_ticket(app, "email", phone="", email="budi@contoh.id")
    a_ticket(app, "web", phone="+6281200002009")
    page = petugas.reads(form)
    assert "menulis lebih dari sekali dalam sehari" in page.text
    for other in (by_phone, by_mail):
        number = the(app, other, "number")
        assert f"Gabungkan ke {number}" in page.text
        petugas.acts(other, "gabung", number=the(app, form, "number"))
        assert the(app, other, "status") == "merged"
    assert "menulis lebih dari sekali" not in petugas.reads(form).text


def test_many_reports_of_one_outage_are_answered_once_and_each_gets_its_own_answer(app, petugas):
    tickets = [a_ticket(app, phone=f"+62812000030{number:02}", name=f"WARGA {number}") for number in range(20)]
    petugas.acts(tickets[0], "kejadian", incident_title="Situs mati 27 November")
    with app.app_context():
        incident = db.session.query(Incident).one().id
    for ticket_id in tickets[1:]:
        petugas.acts(ticket_id, "kejadian", incident=incident)
    page = petugas.open(f"/petugas/kejadian/{incident}")
    assert "20 pengaduan, 20 belum dijawab" in page.text
    assert "Situs mati 27 November" in petugas.reads(tickets[3]).text
    page = petugas.send(f"/petugas/kejadian/{incident}/jawab", {"text": "", "outcome": ""})
    assert page.status == 422
    page = petugas.send(f"/petugas/kejadian/{incident}/jawab", {
        "text": "Situs sudah menyala lagi. Mohon maaf.", "outcome": "proven"})
    assert "Jawaban disimpan untuk 20 pengaduan" in page.text
    a_minute_passes(app)
    assert {the(app, ticket_id, "status") for ticket_id in tickets} == {"answered"}
    assert templates(app).count("pengaduan_diterima") == 20
    with app.app_context():
        assert db.session.query(TicketMessage).filter_by(direction="out", final=True).count() == 20
        assert db.session.get(Incident, incident).closed_at is not None


def test_many_ticked_reports_become_one_incident_and_come_out_again(app, petugas):
    tickets = [a_ticket(app, phone=f"+62812000030{number:02}") for number in range(3)]
    petugas.acts(tickets[0], "kejadian", incident_title="Listrik padam")
    ticked = {"list": "complaints", "bulk": "kejadian", "case": tickets[1:]}
    page = petugas.send("/petugas/massal", ticked)
    assert page.soup.select_one("#incidents option")["value"] == "Listrik padam"
    pairs = [case["value"] for case in page.soup.select("[name=case]")]
    page = petugas.send("/petugas/massal/kerjakan", {**ticked, "case": pairs, "confirm": "ya"})
    assert page.status == 422 and "Tulis nama kejadiannya" in page.text
    page = petugas.send("/petugas/massal/kerjakan", {**ticked, "case": pairs, "confirm": "ya",
                                                     "incident": "listrik padam "})
    onward = page.soup.find("a", string="Buka kejadian dan jawab semuanya")["href"]
    undo = page.soup.select_one("form.undo")["action"]
    assert "3 pengaduan, 3 belum dijawab" in petugas.open(onward).text
    petugas.send(undo, {})
    assert "1 pengaduan, 1 belum dijawab" in petugas.open(onward).text


def test_a_ticket_that_a_colleague_holds_is_named_and_stops_no_other(app, petugas):
    one, two = a_ticket(app, phone="+6281200003001"), a_ticket(app, phone="+6281200003002")
    petugas.acts(one, "kejadian", incident_title="Listrik padam")
    with app.app_context():
        incident = db.session.query(Incident).one().id
    petugas.acts(two, "kejadian", incident=incident)
    petugas.acts(two, "lepas")
    add_staff(app, "petugas2", "petugas")
    colleague = Handler(sign_in_staff(app.test_client(), "petugas2"))
    colleague.acts(two, "klaim")
    page = petugas.send(f"/petugas/kejadian/{incident}/jawab", {"text": "Sudah menyala.", "outcome": "proven"})
    assert "Jawaban disimpan untuk 1 pengaduan" in page.text and "Sedang ditangani" in page.text
    assert (the(app, one, "status"), the(app, two, "status")) == ("answered", "new")
    with app.app_context():
        assert db.session.get(Incident, incident).closed_at is None


def test_a_ticket_leaves_its_incident_again(app, petugas):
    ticket_id = a_ticket(app)
    petugas.acts(ticket_id, "kejadian", incident_title="Salah masuk")
    petugas.acts(ticket_id, "kejadian", incident="")
    assert the(app, ticket_id, "incident_id") is None
    with app.app_context():
        assert [event.act for event in db.session.get(Ticket, ticket_id).events][-2:] == [
            "join_incident", "leave_incident"]
