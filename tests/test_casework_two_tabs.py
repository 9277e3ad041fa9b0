"""Two tabs, two people, one case: whoever comes second finds everything typed on the page that says why."""

import threading

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from app.base.database import db
from app.complaints.desk import desk_views
from app.complaints.ticket.models import Ticket
from tests.browser import Page
from tests.complaints import Handler, a_ticket, last_words, the
from tests.crowd import at_once
from tests.desk import a_case, name_staff, officer

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


def test_two_tabs_of_the_inbox_answer_at_once_on_postgresql_and_the_second_keeps_its_words(pg_app):
    ticket_id = a_ticket(pg_app)
    tabs = [officer(pg_app, "rina").client for _ in range(2)]
    pages = [Handler(client).reads(ticket_id) for client in tabs]
    words = ["Loket dua dibuka lagi besok pagi.", "Antrean kini memakai nomor."]

    def answer(tab: int):
        return tabs[tab].post(f"/petugas/pengaduan/{ticket_id}/jawab", data={
            **{name: pages[tab].field(name) for name in ("csrf_token", "version", "claim_token")},
            "text": words[tab], "via": "chosen", "outcome": "proven", "act": "final",
        })

    with pg_app.app_context():
        engine = create_engine(db.engine.url)

    def let_both_come() -> None:
        """Hold the row until both wait for it, so that neither has seen the other."""
        with engine.begin() as holder, engine.connect() as looker:
            holder.execute(text("SELECT 1 FROM ticket WHERE id = :id FOR UPDATE"), {"id": ticket_id})
            started.set()
            while looker.execute(WAITING).scalar() < 2:
                looker.rollback()

    started = threading.Event()
    answers: dict[int, object] = {}

    def run(number: int) -> None:
        if number == 2:
            let_both_come()
            return
        started.wait(20)
        answers[number] = answer(number)

    at_once(run, range(3))
    engine.dispose()
    assert sorted(one.status_code for one in answers.values()) == [303, 409]
    late = next(number for number, one in answers.items() if one.status_code == 409)
    page = Page(answers[late])
    assert words[late] in page.text and "sudah berubah sejak Anda membukanya" in page.text
    assert words[1 - late] in last_words(pg_app, ticket_id)


def test_whoever_comes_late_to_a_complaint_reads_who_did_what_and_finds_all_that_was_typed(app):
    ticket_id = a_ticket(app)
    rina, dewi = Handler(officer(app, "rina").client), Handler(officer(app, "dewi").client)
    name_staff(app, "dewi", "Dewi Contoh")
    rina.reads(ticket_id)
    carried = {name: rina.page.field(name) for name in ("version", "claim_token")}
    dewi.acts(ticket_id, "abaikan", reason="spam")
    page = rina.send(f"/petugas/pengaduan/{ticket_id}/jawab", {
        **carried, "text": "Jawaban panjang saya.", "via": "phone", "call": "told", "outcome": "proven", "act": "final",
    })
    assert page.status == 409 and "oleh Dewi Contoh" in page.text
    typed = page.soup.select_one(".typed").get_text(" ")
    for words in ("Jawaban panjang saya.", "Sudah saya telepon", "Terbukti dan diperbaiki", "Sudah disampaikan"):
        assert words in typed
    assert the(app, ticket_id, "status") == "closed"


def test_what_is_refused_for_want_of_rights_keeps_what_was_typed(app, time):
    application_id = a_case(app)
    petugas, other = officer(app, "rina", "petugas"), officer(app, "agus", "admin")
    admin_id = name_staff(app, "agus", "Agus Contoh")
    assert other
    petugas.opens_case(application_id)
    page = petugas.sends_act(application_id, "serahkan", to=admin_id, case_note="Sudah saya telepon dua kali.")
    assert page.status == 403 and "tidak dapat diserahkan" in page.text
    assert "Sudah saya telepon dua kali." in page.text


def test_a_busy_database_keeps_what_was_typed_and_says_when_to_try_again(app, monkeypatch):
    ticket_id = a_ticket(app)
    rina = Handler(officer(app, "rina").client)

    def locked_out(*args):
        raise OperationalError("SELECT", {}, Exception("canceling statement due to lock timeout"))

    monkeypatch.setattr(desk_views.answering, "send_answer", locked_out)
    page = rina.answers(ticket_id, "Jawaban panjang saya.")
    assert page.status == 503 and page.response.headers["Retry-After"] == "5"
    assert page.field("text") == "Jawaban panjang saya."


def test_a_version_rises_with_acts_and_not_with_claims(app):
    ticket_id = a_ticket(app)
    rina = Handler(officer(app, "rina").client)
    before = the(app, ticket_id, "version")
    rina.acts(ticket_id, "klaim")
    with app.app_context():
        ticket = db.session.get(Ticket, ticket_id)
        assert (ticket.version, bool(ticket.claim_token)) == (before, True)
