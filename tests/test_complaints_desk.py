"""Answering: one test per channel from arrival to the closed answer, claims, races, the guard."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.base import clock
from app.base.database import db
from app.complaints.ticket import timekeeping
from app.complaints.ticket.models import Ticket, TicketMessage
from app.complaints.ticket.personal import open_contact
from app.messages.models import OutboxMessage
from tests.builders import add_staff, csrf_of, sign_in_staff
from tests.complaints import WORDS, Complainant, Handler, a_ticket, last_words, petugas, supervisor, templates, the  # noqa: F401 (fixtures)
from tests.crowd import at_once


def test_a_complaint_from_the_form_goes_all_the_way(app, petugas):
    person = Complainant(app.test_client())
    person.complains()
    with app.app_context():
        ticket_id = db.session.scalars(select(Ticket.id)).one()
    assert person.number in petugas.open("/petugas/pengaduan").text
    petugas.verifies(ticket_id)
    petugas.acts(ticket_id, "tindak-lanjut")
    petugas.answers(ticket_id, "Loket dua kini dibuka dua petugas.")
    assert templates(app) == ["pengaduan_diterima", "jawaban_pengaduan"]
    page = person.follows()
    assert "Loket dua kini dibuka dua petugas." in page.text
    assert "SP4N-LAPOR!" in page.text and "Ombudsman" in page.text
    person.rates("4", "Cepat ditanggapi.", settled=True)
    assert (the(app, ticket_id, "status"), the(app, ticket_id, "rating")) == ("closed", 4)


def test_a_complaint_by_email_is_answered_by_email(app, petugas):
    ticket_id = a_ticket(app, "email", phone="", email="budi@contoh.id", external_id="<a@contoh.id>")
    petugas.answers(ticket_id, "Sudah kami betulkan.")
    with app.app_context():
        assert len(list(db.session.scalars(select(OutboxMessage)))) == 2  # the receipt and the answer
    assert templates(app) == ["pengaduan_diterima", "pengaduan_dijawab"]


OTHERS = ("langsung", "kotak_saran", "telepon", "radio", "lapor", "view", "medsos_kota", "instagram", "facebook")


def test_every_other_channel_from_the_entry_to_the_closed_answer(app, petugas, time):
    for channel in OTHERS:
        page = petugas.notes_down(channel=channel, received_at="kemarin 09.15", outside_reference="L-77")
        assert "Pengaduan tercatat" in page.text and "PIN" in page.text, channel
        with app.app_context():
            ticket = db.session.scalars(select(Ticket).where(Ticket.channel == channel)).one()
            ticket_id, received = ticket.id, ticket.received_at.astimezone(clock.WIB)
            assert ticket.outside_reference == "L-77"
        assert (received.hour, received.minute) == (9, 15), channel
        assert received.date() == clock.today() - timedelta(days=1), channel
        petugas.verifies(ticket_id)
        via = {"via": "phone", "call": "told"} if channel == "telepon" else {"via": "public"}
        petugas.answers(ticket_id, "Keluhan sudah ditangani.", **via)
        assert the(app, ticket_id, "status") == "answered", channel
        assert "Ombudsman" in last_words(app, ticket_id), channel
    time.moves(days=25)  # more than ten working days without a reply
    with app.app_context():
        assert timekeeping.close_silent() == len(OTHERS)
        assert set(db.session.scalars(select(Ticket.status))) == {"closed"}


def test_the_entry_accepts_the_words_alone_with_a_channel(app, petugas):
    petugas.notes_down(channel="kotak_saran", name="", contact="")
    with app.app_context():
        assert db.session.scalars(select(Ticket.answer_by)).one() == "page"


WRONG = (
    ("channel", "", "Pilih dari mana"), ("channel", "web", "Pilih dari mana"), ("text", "", "Tulis apa"),
    ("received_at", "25.99", "Isi waktu"), ("received_at", "besok", "Isi waktu"),
    ("received_at", "31-02 09.00", "tidak ada"), ("contact", "0812", "Nomor ini"),
    ("contact", "nama@", "tidak lengkap"), ("outside_reference", "9" * 61, "terlalu panjang"),
)


def test_a_wrong_entry_keeps_what_was_typed(app, petugas):
    for field, value, sentence in WRONG:
        page = petugas.notes_down(**{"received_at": "", field: value})
        assert page.status == 422 and sentence in page.text, (field, value)
        if field != "text":
            assert page.field("text") == WORDS, (field, value)


@pytest.mark.parametrize(("typed", "hour", "minute"), [("0915", 9, 15), ("9.15", 9, 15), ("jam 14:05", 14, 5)])
def test_the_time_may_be_typed_in_a_hurry(app_context, monkeypatch, typed, hour, minute):
    from app.complaints.arriving.typed_in import moment

    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 25, 9, 0, tzinfo=clock.UTC))
    said = moment(typed).astimezone(clock.WIB)
    assert (said.day, said.hour, said.minute) == (25, hour, minute)


def test_a_landline_is_kept_and_answered_by_phone(app, petugas):
    petugas.notes_down(channel="telepon", contact="0335-421234")
    with app.app_context():
        ticket = db.session.scalars(select(Ticket)).one()
        assert ticket.answer_by == "phone" and open_contact(ticket).phone == "0335-421234"


def test_a_call_that_reached_nobody_is_no_answer(app, petugas):
    ticket_id = a_ticket(app)
    page = petugas.answers(ticket_id, via="phone", call="no_answer")
    assert "belum menerima jawaban" in page.text and the(app, ticket_id, "status") == "new"


PERSONAL = (
    "NIK Anda 3574014505900001 sudah aktif.", "KK 3574 0101 0110 0001 sudah dicetak.", "Hubungi 0812-3456-7890.",
    "WA saja +62 812 3456 7890", "nomor ３５７４０１４５０５９００００１", "kirim ke budi@contoh.id",
)
HARMLESS = (
    "Pengaduan ADU-2026-000123 selesai pada 08-11-2026 pukul 09.00.", "Denda Rp1.250.000 tidak pernah ada.",
    "Telepon kami di (0335) 4438894 atau 137.", "Kirim ke dispendukkotaprob@gmail.com.",
)


def test_an_answer_for_a_public_channel_holds_no_personal_number(app, petugas):
    ticket_id = a_ticket(app, "facebook", phone="", name="")
    for text in PERSONAL:
        page = petugas.answers(ticket_id, text, via="public")
        assert page.status == 422 and "dibaca umum" in page.text, text
        assert page.field("text") == text and the(app, ticket_id, "status") == "new", text


def test_harmless_numbers_pass_the_guard(app, petugas):
    for text in HARMLESS:
        ticket_id = a_ticket(app, "facebook", phone="", name="")
        assert petugas.answers(ticket_id, text, via="public").status == 200, text
        assert the(app, ticket_id, "status") == "answered", text


def test_a_reply_opens_an_answered_ticket_again(app, petugas):
    person = Complainant(app.test_client())
    person.complains()
    with app.app_context():
        ticket_id = db.session.scalars(select(Ticket.id)).one()
    petugas.answers(ticket_id)
    person.follows()
    person.replies("Belum selesai, loketnya masih tutup.")
    assert (the(app, ticket_id, "status"), the(app, ticket_id, "reopened")) == ("in_progress", 1)
    assert "Dibuka lagi" in petugas.open("/petugas/pengaduan").text


def test_a_question_to_the_resident_is_the_first_follow_up(app, petugas):
    ticket_id = a_ticket(app)
    petugas.verifies(ticket_id)
    petugas.answers(ticket_id, "Di loket berapa?", act="ask")
    assert the(app, ticket_id, "status") == "in_progress" and templates(app)[-1] == "kabar_pengaduan"
    assert "Ombudsman" not in last_words(app, ticket_id)


def test_an_answer_from_an_old_page_sends_nothing_and_keeps_the_words(app, petugas):
    ticket_id = a_ticket(app)
    old = petugas.reads(ticket_id).field("version")
    petugas.verifies(ticket_id)
    page = petugas.send(f"/petugas/pengaduan/{ticket_id}/jawab", {
        "version": old, "text": "Jawaban panjang saya.", "via": "chosen", "outcome": "proven", "act": "final"})
    assert page.status == 409 and page.field("text") == "Jawaban panjang saya."
    assert the(app, ticket_id, "status") == "verified" and "pengaduan_dijawab" not in templates(app)


def test_a_ticket_somebody_holds_is_not_answered_by_another(app, petugas, staff_client):
    ticket_id = a_ticket(app)
    petugas.acts(ticket_id, "klaim")
    other = Handler(staff_client("operator"))
    page = other.answers(ticket_id, "Saya juga.")
    assert page.status == 409 and "sedang ditangani" in page.text and page.field("text") == "Saya juga."
    petugas.acts(ticket_id, "lepas")
    assert other.answers(ticket_id).status == 200


def test_a_forgotten_claim_lets_go(app, petugas, staff_client, monkeypatch):
    ticket_id = a_ticket(app)
    petugas.acts(ticket_id, "klaim")
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert Handler(staff_client("operator")).answers(ticket_id).status == 200


@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_eight_answers_at_once_send_one(request, which):
    app = request.getfixturevalue(which)
    ticket_id = a_ticket(app)
    for i in range(4):
        add_staff(app, f"op{i}", "operator")
    clients = [sign_in_staff(app.test_client(), f"op{i % 4}") for i in range(8)]
    page = clients[0].get(f"/petugas/pengaduan/{ticket_id}").text
    version = Handler(clients[0]).reads(ticket_id).field("version")
    tokens = [csrf_of(client.get(f"/petugas/pengaduan/{ticket_id}").text) for client in clients]
    assert page

    def answer(i):
        return clients[i].post(f"/petugas/pengaduan/{ticket_id}/jawab", data={
            "csrf_token": tokens[i], "version": version, "text": f"Jawaban {i}", "via": "chosen",
            "outcome": "proven", "act": "final"}).status_code

    assert sorted(at_once(answer, range(8))) == [303] + [409] * 7
    with app.app_context():
        directions = list(db.session.scalars(select(TicketMessage.direction)))
    assert directions.count("out") == 1
