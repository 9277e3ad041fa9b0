"""The office side: one test per channel from arrival to the closed answer, claims, guards, who sees what."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app import clock, journal
from app.accounts.models import Staff
from app.complaints.models import MailOut, Ticket, TicketMessage
from app.complaints.personal import body_of, open_contact
from app.extensions import db
from app.notifications.models import OutboxMessage
from app.services import city
from tests.builders import an_application, csrf_of
from tests.complaints import WORDS, Complainant, Handler, a_ticket


def the(app, ticket_id: str, name: str):
    with app.app_context():
        return getattr(db.session.get(Ticket, ticket_id), name)


def staff_id(app, username: str) -> str:
    with app.app_context():
        return db.session.scalar(select(Staff.id).where(Staff.username == username))


def templates(app) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(OutboxMessage.template).order_by(OutboxMessage.created_at)))


def last_words(app, ticket_id: str) -> str:
    with app.app_context():
        return body_of(db.session.get(Ticket, ticket_id).messages[-1])


@pytest.fixture
def petugas(staff_client):
    return Handler(staff_client("petugas"))


@pytest.fixture
def supervisor(staff_client):
    return Handler(staff_client("supervisor"))


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
        assert len(list(db.session.scalars(select(MailOut)))) == 2  # the receipt and the answer
    assert templates(app) == []


@pytest.mark.parametrize("channel", ["langsung", "kotak_saran", "telepon", "radio", "lapor", "view", "medsos_kota",
                                     "instagram", "facebook"])
def test_every_other_channel_from_the_entry_to_the_closed_answer(app, petugas, channel):
    page = petugas.notes_down(channel=channel, received_at="kemarin 09.15", outside_reference="L-77")
    assert "Pengaduan tercatat" in page.text and "PIN" in page.text
    with app.app_context():
        ticket = db.session.scalars(select(Ticket)).one()
        ticket_id, received = ticket.id, ticket.received_at.astimezone(clock.WIB)
        assert ticket.channel == channel and ticket.outside_reference == "L-77"
    assert (received.hour, received.minute) == (9, 15) and received.date() == clock.today() - timedelta(days=1)
    petugas.verifies(ticket_id)
    via = {"via": "phone", "call": "told"} if channel == "telepon" else {"via": "public"}
    petugas.answers(ticket_id, "Keluhan sudah ditangani.", **via)
    assert the(app, ticket_id, "status") == "answered"
    assert "Ombudsman" in last_words(app, ticket_id)


def test_the_entry_accepts_the_words_alone_with_a_channel(app, petugas):
    petugas.notes_down(channel="kotak_saran", name="", contact="")
    with app.app_context():
        assert db.session.scalars(select(Ticket.answer_by)).one() == "page"


@pytest.mark.parametrize(("field", "value", "sentence"), [
    ("channel", "", "Pilih dari mana"), ("channel", "web", "Pilih dari mana"), ("text", "", "Tulis apa"),
    ("received_at", "25.99", "Isi waktu"), ("received_at", "besok", "Isi waktu"),
    ("received_at", "31-02 09.00", "tidak ada"), ("contact", "0812", "Nomor ini"),
    ("contact", "nama@", "tidak lengkap"), ("outside_reference", "9" * 61, "terlalu panjang"),
])
def test_a_wrong_entry_keeps_what_was_typed(app, petugas, field, value, sentence):
    page = petugas.notes_down(**{"received_at": "", field: value})
    assert page.status == 422 and sentence in page.text
    if field != "text":
        assert page.field("text") == WORDS


@pytest.mark.parametrize(("typed", "hour", "minute"), [("0915", 9, 15), ("9.15", 9, 15), ("jam 14:05", 14, 5)])
def test_the_time_may_be_typed_in_a_hurry(app_context, monkeypatch, typed, hour, minute):
    from app.complaints.entry import moment

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


@pytest.mark.parametrize("text", [
    "NIK Anda 3574014505900001 sudah aktif.", "KK 3574 0101 0110 0001 sudah dicetak.", "Hubungi 0812-3456-7890.",
    "WA saja +62 812 3456 7890", "nomor ３５７４０１４５０５９００００１", "kirim ke budi@contoh.id",
])
def test_an_answer_for_a_public_channel_holds_no_personal_number(app, petugas, text):
    ticket_id = a_ticket(app, "facebook", phone="", name="")
    page = petugas.answers(ticket_id, text, via="public")
    assert page.status == 422 and "dibaca umum" in page.text
    assert page.field("text") == text and the(app, ticket_id, "status") == "new"


@pytest.mark.parametrize("text", [
    "Pengaduan ADU-2026-000123 selesai pada 08-11-2026 pukul 09.00.", "Denda Rp1.250.000 tidak pernah ada.",
    "Telepon kami di (0335) 4438894 atau 137.", "Kirim ke dispendukkotaprob@gmail.com.",
])
def test_harmless_numbers_pass_the_guard(app, petugas, text):
    ticket_id = a_ticket(app, "facebook", phone="", name="")
    assert petugas.answers(ticket_id, text, via="public").status == 200
    assert the(app, ticket_id, "status") == "answered"


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
    assert the(app, ticket_id, "status") == "in_progress" and templates(app)[-1] == "pengaduan_ditanya"
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
def test_sixteen_answers_at_once_send_one(request, which):
    from tests.builders import add_staff, sign_in_staff

    app = request.getfixturevalue(which)
    ticket_id = a_ticket(app)
    for i in range(4):
        add_staff(app, f"op{i}", "operator")
    clients = [sign_in_staff(app.test_client(), f"op{i % 4}") for i in range(16)]
    page = clients[0].get(f"/petugas/pengaduan/{ticket_id}").text
    version = Handler(clients[0]).reads(ticket_id).field("version")
    tokens = [csrf_of(client.get(f"/petugas/pengaduan/{ticket_id}").text) for client in clients]
    assert page

    def answer(i):
        return clients[i].post(f"/petugas/pengaduan/{ticket_id}/jawab", data={
            "csrf_token": tokens[i], "version": version, "text": f"Jawaban {i}", "via": "chosen",
            "outcome": "proven", "act": "final"}).status_code

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(answer, range(16)))
    assert sorted(answers) == [303] + [409] * 15
    with app.app_context():
        directions = list(db.session.scalars(select(TicketMessage.direction)))
    assert directions.count("out") == 1


def test_a_complaint_about_staff_is_invisible_to_the_colleagues_and_goes_to_a_supervisor(app, petugas, supervisor):
    ticket_id = a_ticket(app, category="conduct", about_staff=True, text="Petugas loket dua membentak saya.")
    assert petugas.reads(ticket_id).status == 404
    assert "membentak" not in petugas.open("/petugas/pengaduan").text
    assert "membentak" in supervisor.open("/petugas/pengaduan").text


def test_who_is_complained_about_never_sees_it_even_as_supervisor_or_by_number(app, staff_client, supervisor):
    accused = Handler(staff_client("supervisor", "supervisor2"))
    ticket_id = a_ticket(app, category="conduct", about_staff=True)
    supervisor.verifies(ticket_id, category="conduct", about_staff="y", about_staff_id=staff_id(app, "supervisor2"))
    number = the(app, ticket_id, "number")
    assert accused.reads(ticket_id).status == 404
    assert number not in accused.open("/petugas/pengaduan").text
    assert accused.open(f"/petugas/pengaduan?cari={number}").text.count(number) == 1  # only what was typed
    refused = supervisor.verifies(ticket_id, category="conduct", about_staff="y", act="save",
                                  about_staff_id=staff_id(app, "supervisor2"), handler=staff_id(app, "supervisor2"))
    assert refused.status == 422


def test_an_assigned_officer_may_handle_a_complaint_about_a_colleague(app, petugas, supervisor):
    ticket_id = a_ticket(app, category="conduct", about_staff=True)
    supervisor.verifies(ticket_id, category="conduct", about_staff="y", handler=staff_id(app, "petugas1"))
    assert petugas.reads(ticket_id).status == 200
    assert petugas.acts(ticket_id, "golongkan", kind="complaint", category="late", act="save").status == 403


def test_an_anonymous_name_is_for_the_supervisor_alone_and_is_not_found_by_search(app, petugas, supervisor):
    ticket_id = a_ticket(app, anonymous=True)
    assert "BUDI CONTOH" not in petugas.reads(ticket_id).text and "2001" not in petugas.page.text
    assert "BUDI CONTOH" in supervisor.reads(ticket_id).text
    number = the(app, ticket_id, "number")
    for typed in ("budi", "081200002001"):
        assert number not in petugas.open(f"/petugas/pengaduan?cari={typed}").text
    petugas.answers(ticket_id)
    assert templates(app)[-1] == "jawaban_pengaduan"


@pytest.mark.parametrize("typed", ["budi", "Contoh Budi", "0812-0000-2001", "+6281200002001", "000001", "1", "L-9"])
def test_search_finds_by_number_name_phone_and_reference(app, petugas, typed):
    ticket_id = a_ticket(app, outside_reference="L-9")
    page = petugas.open("/petugas/pengaduan", query_string={"cari": typed})
    assert the(app, ticket_id, "number") in page.text


@pytest.mark.parametrize("typed", ["%", "' OR 1=1", "\x00", "x" * 5000, "٠٠٠٠٠١", "siti"])
def test_a_search_that_means_nothing_finds_nothing(app, petugas, typed):
    a_ticket(app)
    page = petugas.open("/petugas/pengaduan", query_string={"cari": typed})
    assert page.status == 200 and "Tidak ada pengaduan di sini" in page.text


def test_lists_go_by_time_left_and_filters_narrow_them(app, petugas):
    slow, fast = a_ticket(app, kind="complaint"), a_ticket(app, kind="information", channel="radio", phone="")
    early = a_ticket(app, received_at=clock.now() - timedelta(days=2))
    page = petugas.open("/petugas/pengaduan")
    order = [a["href"].rsplit("/", 1)[-1] for a in page.soup.select("a.number")]
    assert order[0] == early and set(order[1:]) == {slow, fast}
    narrowed = petugas.open("/petugas/pengaduan?kanal=radio")
    assert [a["href"].rsplit("/", 1)[-1] for a in narrowed.soup.select("a.number")] == [fast]


def test_a_long_list_has_pages_and_no_row_is_lost(app, petugas):
    ids = {a_ticket(app, phone=f"+62812000040{i:02d}") for i in range(30)}
    page, seen = petugas.open("/petugas/pengaduan"), []
    seen += [a["href"].rsplit("/", 1)[-1] for a in page.soup.select("a.number")]
    page = petugas.open(page.soup.find("a", string="Berikutnya")["href"])
    seen += [a["href"].rsplit("/", 1)[-1] for a in page.soup.select("a.number")]
    assert len(seen) == 30 and set(seen) == ids


@pytest.mark.parametrize("query", ["sesudah=~", "sesudah=nan~x", "sesudah=1e400~x", "tab=x", "kanal=%00", "petugas='"])
def test_nonsense_in_the_address_breaks_no_list(app, petugas, query):
    a_ticket(app)
    assert petugas.client.get(f"/petugas/pengaduan?{query}").status_code in (200, 404)


def test_merging_keeps_both_conversations_and_foreign_people_apart(app, petugas):
    first, second = a_ticket(app), a_ticket(app, text="Masih sama, loket dua.")
    stranger = a_ticket(app, phone="+6281200009999", name="SITI CONTOH")
    number = the(app, first, "number")
    assert petugas.acts(stranger, "gabung", number=number).status == 422
    petugas.acts(second, "gabung", number=number)
    assert (the(app, second, "status"), the(app, second, "merged_into_id")) == ("merged", first)
    assert the(app, second, "number") in petugas.reads(first).text


def test_splitting_makes_a_second_ticket_with_the_time_of_its_words(app, petugas):
    ticket_id = a_ticket(app, "whatsapp", external_id="SM1")
    a_ticket(app, "whatsapp", text="Dan KK saya salah tulis.", external_id="SM2")
    message = petugas.reads(ticket_id).field("message")
    page = petugas.acts(ticket_id, "pisah", message=message)
    assert "Dipisah menjadi pengaduan" in page.text
    with app.app_context():
        made = db.session.scalars(select(Ticket).where(Ticket.split_from_id == ticket_id)).one()
        assert [body_of(m) for m in made.messages] == ["Dan KK saya salah tulis."]


def test_a_ticket_is_tied_to_a_registration_and_found_from_it(app, petugas):
    from app.registration.models import Application

    application_id, ticket_id = an_application(app), a_ticket(app)
    with app.app_context():
        number = db.session.get(Application, application_id).number
    assert petugas.acts(ticket_id, "tautkan", application="XXXX-XXXX").status == 422
    petugas.acts(ticket_id, "tautkan", application=number.lower())
    assert number in petugas.reads(ticket_id).text
    assert the(app, ticket_id, "number") in petugas.open(f"/petugas/pengaduan?cari={number}").text
    assert the(app, ticket_id, "number") in petugas.open(f"/petugas/pendaftaran/{application_id}").text


def test_related_complaints_of_the_same_contact_are_shown(app, petugas):
    first, second = a_ticket(app), a_ticket(app)
    assert the(app, first, "number") in petugas.reads(second).text


def test_a_ready_answer_is_filled_in_below_what_was_typed(app, petugas):
    ticket_id = a_ticket(app)
    page = petugas.answers(ticket_id, "Halo.", act="insert", canned="0")
    assert page.field("text").startswith("Halo.\n\n") and the(app, ticket_id, "number") in page.field("text")
    assert "[tiket]" not in page.field("text") and the(app, ticket_id, "status") == "new"


def test_notes_are_never_shown_to_the_resident(app, petugas):
    person = Complainant(app.test_client())
    person.complains()
    with app.app_context():
        ticket_id = db.session.scalars(select(Ticket.id)).one()
    petugas.acts(ticket_id, "catatan", note="Orang ini sering datang.")
    assert "sering datang" in petugas.reads(ticket_id).text
    assert "sering datang" not in person.follows().text


def test_opening_a_ticket_is_a_journal_line(app, petugas):
    ticket_id = a_ticket(app)
    petugas.reads(ticket_id)
    with app.app_context():
        assert "ticket_viewed" in [line.action for line in journal.lines_about("ticket", ticket_id)]
        assert journal.first_broken_line() is None


def test_an_admin_and_a_visitor_see_no_complaints(app, staff_client, client):
    ticket_id = a_ticket(app)
    assert staff_client("admin").get(f"/petugas/pengaduan/{ticket_id}").status_code == 403
    assert client.get("/petugas/pengaduan").status_code == 303


def test_colleagues_see_each_other_on_a_ticket(app, petugas, staff_client):
    ticket_id = a_ticket(app)
    other = Handler(staff_client("operator"))
    for who in (petugas, other):
        who.reads(ticket_id)
    token = other.page.field("csrf_token")
    other.client.post(f"/petugas/pengaduan/{ticket_id}/hadir?menulis&versi=1", headers={"X-CSRFToken": token})
    answer = petugas.client.post(
        f"/petugas/pengaduan/{ticket_id}/hadir?versi=0", headers={"X-CSRFToken": petugas.page.field("csrf_token")})
    assert "Operator Contoh sedang menulis" in answer.text and "berubah" in answer.text


def test_every_ready_answer_passes_the_guard_for_public_channels(app_context):
    from app.complaints.guard import found_in

    assert [item.title for item in city().canned_answers if found_in(item.text)] == []
