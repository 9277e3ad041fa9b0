"""A minute to take one's own act back: what was typed is there again, and the resident never hears of it."""

import pytest
from sqlalchemy import select

from app.base.database import db
from app.complaints.ticket.models import Ticket
from app.messages import dispatcher
from app.messages.models import OutboxMessage
from tests.builders import RESIDENT
from tests.complaints import Complainant, Handler, a_minute_passes, a_ticket, the
from tests.desk import a_case, name_staff, officer, row
from tests.resident_pages import Follower, number_and_pin

ANSWER = "Loket dua kini dibuka dua petugas."


def states(app, ticket_id: str) -> list[tuple[str, str]]:
    with app.app_context():
        rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.about_id == ticket_id)
                                  .order_by(OutboxMessage.created_at, OutboxMessage.id))
        return [(message.template, message.state) for message in rows]


@pytest.fixture
def resident(app):
    person = Complainant(app.test_client())
    person.complains()
    return person


@pytest.fixture
def ticket_id(app, resident):
    with app.app_context():
        return db.session.scalars(select(Ticket.id)).one()


@pytest.fixture
def petugas(app):
    return Handler(officer(app, "rina", "petugas").client)


def test_an_answer_is_for_the_resident_only_once_it_cannot_be_taken_back(app, resident, ticket_id, petugas):
    page = petugas.answers(ticket_id, ANSWER, within_the_minute=True)
    assert "Salah kirim?" in page.text and the(app, ticket_id, "status") == "answered"
    with app.app_context():
        dispatcher.deliver_due()
    assert states(app, ticket_id)[-1][1] == "pending"
    told = resident.follows()
    assert ANSWER not in told.text and "Sudah dijawab" not in told.text and "Ya, sudah selesai" not in told.text
    a_minute_passes(app)
    told = resident.follows()
    assert ANSWER in told.text and "Sudah dijawab" in told.text
    assert "Salah kirim?" not in petugas.reads(ticket_id).text


@pytest.mark.parametrize("act", ["final", "ask"])
def test_an_answer_is_taken_back_and_its_words_are_there_again(app, resident, ticket_id, petugas, act):
    before = {name: the(app, ticket_id, name) for name in ("status", "tray", "due_at", "answered_at", "assigned_to")}
    petugas.answers(ticket_id, ANSWER, within_the_minute=True, act=act)
    page = petugas.acts(ticket_id, "batalkan")
    assert "Dibatalkan. Tidak ada yang dikirim" in page.text
    assert {name: the(app, ticket_id, name) for name in before} == before
    assert states(app, ticket_id)[-1][1] == "cancelled"
    assert petugas.reads(ticket_id).field("text") == ANSWER
    a_minute_passes(app)
    told = resident.follows()
    assert ANSWER not in told.text and "Dibatalkan" not in told.text
    assert "Dibatalkan, tidak dikirim" in petugas.reads(ticket_id).text, "the office sees both"
    assert petugas.answers(ticket_id, "Jawaban yang benar.").status == 200
    assert "Jawaban yang benar." in resident.follows().text


def test_nobody_else_takes_it_back_nor_anybody_after_the_minute(app, ticket_id, petugas):
    petugas.answers(ticket_id, ANSWER, within_the_minute=True)
    other = Handler(officer(app, "dewi").client)
    assert "Salah kirim?" not in other.reads(ticket_id).text
    assert other.acts(ticket_id, "batalkan").status == 409
    a_minute_passes(app)
    assert petugas.acts(ticket_id, "batalkan").status == 409
    assert the(app, ticket_id, "status") == "answered"


def test_what_happened_after_the_answer_is_not_undone(app, resident, ticket_id, petugas):
    petugas.answers(ticket_id, ANSWER, within_the_minute=True)
    resident.follows()
    resident.replies("Belum selesai.")
    assert petugas.acts(ticket_id, "batalkan").status == 409
    assert the(app, ticket_id, "status") == "in_progress"


def test_the_answer_is_shown_before_it_goes_as_the_resident_will_read_it(app, ticket_id, petugas):
    page = petugas.answers(ticket_id, ANSWER, act="preview")
    shown = page.soup.select_one("#dibaca .message").get_text()
    assert ANSWER.rstrip(".") in shown and the(app, ticket_id, "number") in shown
    assert page.field("text") == ANSWER and the(app, ticket_id, "status") == "new"
    assert [template for template, _ in states(app, ticket_id)] == ["pengaduan_diterima"]
    assert petugas.answers(ticket_id, "", act="preview").status == 422


def test_what_is_typed_stays_with_the_case_until_it_is_sent(app, ticket_id, petugas):
    petugas.acts(ticket_id, "draf", text=ANSWER, via="chosen", outcome="proven")
    again = Handler(officer(app, "rina", "petugas").client)
    assert again.reads(ticket_id).field("text") == ANSWER
    assert Handler(officer(app, "dewi").client).reads(ticket_id).field("text") == ""
    again.answers(ticket_id, ANSWER)
    assert again.reads(ticket_id).field("text") == ""
    with app.app_context():
        assert ANSWER.encode() not in b"".join(db.session.scalars(db.text("SELECT typed_sealed FROM case_draft")))


@pytest.mark.parametrize(("act", "data", "told"), [
    ("lengkap", {}, "Menunggu pemeriksaan"), ("kembalikan", {"reasons": ["KTP_BURAM"]}, "Menunggu pemeriksaan"),
    ("tolak", {"ground": "BUKAN_WARGA_KOTA"}, "Menunggu pemeriksaan"),
])
def test_the_applicant_sees_no_act_that_can_be_taken_back_nor_one_that_was(app, time, act, data, told):
    application_id = a_case(app, nik=RESIDENT["nik"])
    follower = Follower(app.test_client())
    number, pin = number_and_pin(app, application_id)
    bayu = officer(app, "bayu")
    bayu.acts(application_id, act, **data)

    def page() -> str:
        return follower.follows(number, pin).text

    first = page()
    assert told in first and "Data dan foto dinyatakan lengkap" not in first.split("Petugas memeriksa")[0]
    bayu.sends_act(application_id, "batalkan")
    assert row(app, application_id).status == "submitted"
    time.moves(seconds=90)
    later = page()
    assert told in later and "Diperiksa kembali" not in later and "Dikembalikan" not in later
    bayu.acts(application_id, act, **data)
    time.moves(seconds=61)
    assert told not in page()


def test_the_next_complaint_is_the_one_with_least_time_left_that_is_nobodys(app, petugas):
    first, second = a_ticket(app), a_ticket(app)
    dewi = Handler(officer(app, "dewi").client)
    dewi_id = name_staff(app, "dewi", "Dewi Contoh")
    dewi.acts(first, "klaim")
    third = a_ticket(app)
    petugas.verifies(third, handler=dewi_id)
    petugas.open("/petugas/pengaduan")
    petugas.send("/petugas/pengaduan/berikutnya", {})
    assert the(app, second, "number") in petugas.page.text and petugas.page.field("claim_token")
    petugas.open("/petugas/pengaduan")
    dewi.open("/petugas/pengaduan")
    dewi.send("/petugas/pengaduan/berikutnya", {})
    assert the(app, first, "number") in dewi.page.text or the(app, third, "number") in dewi.page.text
