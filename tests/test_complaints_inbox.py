"""The inbox: who sees what, search and lists, merging, splitting, linking."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.base import clock, journal, journal_proof
from app.base.database import db, transaction
from app.base.services import city
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.personal import body_of, find_villages
from app.registration import personal
from app.registration.models import Application
from tests.builders import an_application
from tests.complaints import Complainant, Handler, a_ticket, petugas, staff_id, supervisor, templates, the  # noqa: F401 (fixtures)


def test_a_complaint_about_staff_is_invisible_to_the_colleagues_and_goes_to_a_supervisor(app, petugas, supervisor):
    ticket_id = a_ticket(app, category="conduct", about_staff=True, text="Petugas loket dua membentak saya.")
    assert petugas.reads(ticket_id).status == 404
    assert "membentak" not in petugas.open("/petugas/pengaduan").text
    assert "membentak" in supervisor.open("/petugas/pengaduan").text


def test_complaints_are_narrowed_to_the_kelurahan_they_are_about_or_their_registration_is_from(app, petugas):
    here = a_ticket(app, phone="+6281200002011", place="di depan balai Kelurahan Ketapang")
    tied, nowhere = a_ticket(app, phone="+6281200002012"), a_ticket(app, phone="+6281200002013")
    with app.app_context():
        number = db.session.get(Application, an_application(app)).number
    petugas.acts(tied, "tautkan", application=number)
    shown = petugas.open("/petugas/pengaduan?tab=terbuka&kelurahan=Ketapang")
    found = {link.text for link in shown.soup.select("a.number")}
    assert found == {the(app, here, "number"), the(app, tied, "number")}
    assert the(app, nowhere, "number") not in shown.text


def test_one_complaint_that_does_not_open_keeps_no_other_from_its_kelurahan(app, monkeypatch):
    monkeypatch.setattr(personal, "AT_ONCE", 2)
    here = "di depan balai Kelurahan Ketapang"
    ids = sorted(a_ticket(app, phone=f"+62812000020{number}", place=here) for number in range(11, 16))
    with app.app_context():
        with transaction() as session:
            session.execute(update(Ticket).values(village_index=None))
            session.execute(update(Ticket).where(Ticket.id == ids[0]).values(content_sealed=b"altered"))
        assert find_villages() == 5, "one turn goes on while there is work"
        found = dict(db.session.execute(select(Ticket.id, Ticket.village_index)).all())
        assert found == {one: personal.village_index("Ketapang") for one in ids} | {ids[0]: ""}
        assert find_villages() == 0


def test_who_is_complained_about_never_sees_it_even_as_supervisor_or_by_number(app, staff_client, supervisor):
    accused = Handler(staff_client("supervisor", "supervisor2"))
    ticket_id = a_ticket(app, category="conduct", about_staff=True)
    supervisor.verifies(ticket_id, category="conduct", about_staff="y", about_staff_id=staff_id(app, "supervisor2"))
    number = the(app, ticket_id, "number")
    assert accused.reads(ticket_id).status == 404
    assert number not in accused.open("/petugas/pengaduan").text
    assert accused.finds(number).text.count(number) == 1  # only what was typed
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
        assert number not in petugas.finds(typed).text
    petugas.answers(ticket_id)
    assert templates(app)[-1] == "jawaban_pengaduan"


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
    assert the(app, ticket_id, "number") in petugas.finds(number).text
    assert the(app, ticket_id, "number") in petugas.open(f"/petugas/pendaftaran/{application_id}").text


def test_related_complaints_of_the_same_contact_are_shown(app, petugas):
    first, second = a_ticket(app), a_ticket(app)
    assert the(app, first, "number") in petugas.reads(second).text


def test_a_ready_answer_is_filled_in_below_what_was_typed(app, petugas):
    ticket_id = a_ticket(app)
    page = petugas.answers(ticket_id, "Halo.", ready="periksa")
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
        assert journal_proof.first_broken_line() is None


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
    from app.complaints.desk.ready import found_in

    assert [item.name for item in city().canned_answers if found_in(item.text)] == []
