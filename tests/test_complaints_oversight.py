"""Who hears of it: complaints about staff, the supervisor's own, and those whose time is over."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from app.base import clock
from app.base.database import db
from app.complaints.ticket import timekeeping
from app.complaints.ticket.models import Ticket
from tests.complaints import Handler, a_ticket, petugas, staff_id, supervisor, the  # noqa: F401 (fixtures)
from tests.mail_reading import tickets
from tests.mail_servers import Writer, budi, office, open_office, servers  # noqa: F401

LEAD = "kabid@contoh.id"


def test_who_types_in_a_complaint_about_a_colleague_still_gets_its_number_and_pin(app, petugas, supervisor):
    page = petugas.notes_down(channel="langsung", category="conduct", text="Petugas loket dua membentak saya.")
    assert page.heading == "Catat pengaduan" and "langsung diteruskan kepada pengawas" in page.text
    with app.app_context():
        ticket = db.session.scalars(select(Ticket)).one()
    assert ticket.number in page.text and "membentak" not in page.text
    assert ticket.number not in petugas.open("/petugas/pengaduan").text
    assert "membentak" in supervisor.reads(ticket.id).text


def test_the_accused_can_be_named_at_the_entry_and_never_sees_it(app, petugas, supervisor, staff_client):
    accused = Handler(staff_client("supervisor", "supervisor2"))
    petugas.notes_down(channel="langsung", about_staff="y", about_staff_id=staff_id(app, "supervisor2"))
    with app.app_context():
        ticket = db.session.scalars(select(Ticket)).one()
    assert accused.reads(ticket.id).status == 404 and ticket.number not in accused.open("/petugas/pengaduan").text
    assert supervisor.reads(ticket.id).status == 200


def test_naming_nobody_of_the_office_is_refused(petugas):
    page = petugas.notes_down(about_staff_id="x")
    assert page.status == 422 and "Pilih petugas dari daftar" in page.text


def test_an_officer_who_marks_a_ticket_as_about_a_colleague_is_led_back_to_the_list(app, petugas, supervisor):
    ticket_id = a_ticket(app)
    page = petugas.verifies(ticket_id, about_staff="y", about_staff_id=staff_id(app, "supervisor1"), act="save")
    assert page.status == 200 and page.heading == "Pengaduan" and "tentang petugas" in page.text
    assert petugas.reads(ticket_id).status == 404 and supervisor.reads(ticket_id).status == 404


def test_a_complaint_about_the_only_supervisor_goes_to_the_operators(app, petugas, supervisor, staff_client):
    operator = Handler(staff_client("operator"))
    ticket_id = a_ticket(app, about_staff=True, about_staff_id=staff_id(app, "supervisor1"), anonymous=True)
    number = the(app, ticket_id, "number")
    for other in (petugas, supervisor):
        assert other.reads(ticket_id).status == 404 and number not in other.open("/petugas/pengaduan").text
    assert number in operator.open("/petugas/pengaduan").text and "BUDI CONTOH" in operator.reads(ticket_id).text
    accused = {"about_staff": "y", "about_staff_id": staff_id(app, "supervisor1")}
    assert operator.verifies(ticket_id, **accused, handler=staff_id(app, "petugas1")).status == 200
    assert petugas.answers(ticket_id).status == 200

    staff_client("supervisor", "supervisor2")  # a second one: now it is that one's business
    assert operator.reads(ticket_id).status == 404


def test_without_any_supervisor_complaints_about_staff_go_to_the_operators(app, petugas, staff_client):
    operator = Handler(staff_client("operator"))
    about_colleague = a_ticket(app, about_staff=True, phone="")
    about_operator = a_ticket(app, about_staff=True, about_staff_id=staff_id(app, "operator1"), phone="")
    assert [operator.reads(one).status for one in (about_colleague, about_operator)] == [200, 404]
    assert petugas.reads(about_colleague).status == 404


def at(monkeypatch, day: int) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, day, 10, 0, tzinfo=clock.WIB).astimezone(clock.UTC))


def test_a_supervisor_reads_of_late_complaints_where_the_day_begins(app, staff_client, monkeypatch):
    at(monkeypatch, 1)
    a_ticket(app)
    at(monkeypatch, 7)
    supervisor, petugas = Handler(staff_client("supervisor")), Handler(staff_client("petugas"))
    page = supervisor.open("/petugas/")
    assert "1 pengaduan terlambat di tahapnya" in page.text and "Kepala Bidang PIAK" in page.text
    assert page.soup.find("a", href="/petugas/pengaduan?tab=lewat-tahap")
    assert "terlambat di tahapnya" not in petugas.open("/petugas/").text


def test_the_person_named_in_the_city_file_gets_an_email_without_a_word_of_the_complaint(
    open_office, servers, monkeypatch,
):
    office = open_office()
    lead = Writer(servers, office.address, LEAD)
    names = office.app.extensions["loket_city"]
    office.app.extensions["loket_city"] = replace(
        names, complaint_inbox=replace(names.complaint_inbox, escalate_email=LEAD))
    at(monkeypatch, 1)
    ticket_id = a_ticket(office.app, "email", phone="", email="budi@contoh.id", text="Antrean lama sekali.")
    at(monkeypatch, 7)
    with office.app.app_context():
        assert (timekeeping.keep_time(), timekeeping.keep_time()) == (1, 0)
    office.works()
    [letter] = lead.letters()
    words = letter.get_content()
    assert the(office.app, ticket_id, "number") in words and "Kepala Bidang PIAK" in words
    assert "Antrean" not in words and letter["In-Reply-To"] is None and letter["Auto-Submitted"] == "auto-generated"

    lead.writes("Tolong segera.", f"Re: {letter['Subject']}", answering=letter)
    office.works()
    old, new = tickets(office)
    assert len(old.messages) == 1 and new.id != old.id, "what the boss says is not the resident's word"


def test_an_escalation_that_bounces_says_so_and_keeps_the_answer(app, app_context):
    from app.base.database import transaction
    from app.messages.addresses import by_email
    from app.messages.email import threads
    from app.messages.models import OutboxMessage
    from app.messages.outbox import Wording, enqueue, open_payload

    ticket_id = a_ticket(app, "email", phone="", email="budi@contoh.id")
    with transaction():
        row = enqueue(
            "pengaduan_terlambat", to=by_email(LEAD), variables={}, about=("ticket", ticket_id),
            wording=Wording("x", "x"), to_office=True,
        )
    with transaction():
        assert threads.bounced(open_payload(row).message_id, "5.1.1")
    assert db.session.get(OutboxMessage, row.id).state == "failed"
    assert db.session.get(Ticket, ticket_id).lost_message_id is None
