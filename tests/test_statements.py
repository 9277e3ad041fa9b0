"""What a page asks of the database: as much with thousands of rows and four hundred events as with few, and no more
than the table says. Statements are counted, never time."""

import random
import re
from datetime import date

import pytest
from sqlalchemy import TextualSelect, select, text
from sqlalchemy.sql import visitors

from app.accounts.models import Staff
from app.base import journal
from app.base.database import db, transaction
from app.casework import kept
from app.complaints.ticket.models import TicketEvent
from app.messages import channel
from app.oversight import notices
from app.web.access import ROLES
from bench import _complaint_rows as tickets
from bench import queue as registrations
from tests.browser import Resident
from tests.builders import PHOTO_SLUGS, photo_files
from tests.complaints import a_ticket
from tests.desk import a_case, officer
from tests.statements import counted

# who asks for which page -> statements at most; a visitor's pages ask next to nothing
PUBLIC = {
    "/": 0, "/daftar": 0, "/lacak": 0, "/kinerja": 0, "/pengaduan": 0, "/pengaduan/ringkasan": 0, "/masuk": 0,
    "/standar-pelayanan": 1,
}
LISTS = {
    ("operator", "/petugas/"): 12, ("operator", "/petugas/?tab=semua"): 12, ("operator", "/petugas/pengaduan"): 8,
    ("supervisor", "/petugas/angka"): 16, ("supervisor", "/petugas/pengaduan/angka"): 5,
    ("supervisor", "/petugas/ringkasan"): 26, ("supervisor", "/petugas/bidang"): 16,
    ("supervisor", "/petugas/analisis"): 6,
}
CASE, TICKET = 25, 24
REGISTRATION, COMMITS = {"sqlite": 72, "postgresql": 74}, 6  # docs/performance.md says what the two are
FEW, MANY = 25, 250
A_MOMENT = re.compile(r"'\d{4}-\d\d")
DECIDED = text(
    "UPDATE application SET decided_at = updated_at, declared_complete_at = submitted_at WHERE status = 'active'"
)


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """The banner of the office and its notices are not looked for at each page, and on PostgreSQL a writer of the
    journal asks anew for its lane after a tenth of a second; how long a test takes must not tell."""
    monkeypatch.setattr(channel, "KEPT_SECONDS", 3600)
    monkeypatch.setattr(notices, "ASKED_EVERY", 3600)
    monkeypatch.setattr(journal, "KNOWN_SECONDS", 3600)


def asked(app, client, address: str) -> int:
    """Statements of the page when it is asked for again, as all day long."""
    client.get(address)
    with counted(app) as seen:
        assert client.get(address).status_code == 200
    return seen.count


def house(app, first: int, last: int) -> None:
    """So many registrations wait and so many tickets lie, numbered from `first`; nine times as many are decided."""
    with app.app_context():
        registrations.fill(10 * first, 10 * last)
        with transaction() as session:
            session.execute(DECIDED)
        tickets.write(first, last, [], random.Random(6))
        db.session.remove()


def test_a_visitor_s_page_asks_the_database_next_to_nothing(app, client):
    a_case(app)
    a_ticket(app)
    assert {address: asked(app, client, address) for address in PUBLIC} == PUBLIC


def test_lists_and_figures_ask_the_same_with_thousands_of_rows_as_with_few(app, capsys):
    clients = {role: officer(app, role, role).client for role in ("operator", "supervisor")}
    house(app, 0, FEW)
    few = {page: asked(app, clients[page[0]], page[1]) for page in LISTS}
    house(app, FEW, MANY)
    many = {page: asked(app, clients[page[0]], page[1]) for page in LISTS}
    with capsys.disabled():
        print("", *(f"{number:4} of {LISTS[page]:2} {' '.join(page)}" for page, number in many.items()), sep="\n")
    assert many == few
    assert {page: number for page, number in many.items() if number > LISTS[page]} == {}


def test_what_is_kept_of_a_list_holds_nobody_and_no_moment(app):
    """Statements are built once for all of one role, so what belongs to one person stays open in them."""
    a_case(app)
    a_ticket(app)
    kept.KEPT.clear()
    people = [officer(app, name, role) for role in ROLES for name in (role, f"{role}-2")]
    for person in people[:-2]:  # an administrator has no list
        for page in ("/petugas/", "/petugas/?tab=semua&urut=-dikirim", "/petugas/pengaduan"):
            assert person.client.get(page, follow_redirects=True).status_code == 200
    with app.app_context():
        ids = set(db.session.scalars(select(Staff.id)))
    held = [
        (key[1:], bind.key, bind.value) for key, statement in kept.KEPT.items() for bind in visitors.iterate(statement)
        if bind.__visit_name__ == "bindparam" and (isinstance(bind.value, date) or str(bind.value) in ids)
    ]
    in_words = [str(statement) for statement in kept.KEPT.values() if isinstance(statement, TextualSelect)]
    assert not [said for said in in_words if A_MOMENT.search(said) or any(one in said for one in ids)]
    assert len(in_words) > 15 and held == []


def test_a_case_and_a_complaint_ask_the_same_after_four_hundred_events(app, capsys):
    case, ticket = a_case(app), a_ticket(app)
    client = officer(app, "operator", "operator").client
    pages = {f"/petugas/pendaftaran/{case}": CASE, f"/petugas/pengaduan/{ticket}": TICKET}
    few = {page: asked(app, client, page) for page in pages}
    people = [officer(app, f"petugas{number}", "petugas") for number in range(3)]
    assert people
    with app.app_context(), transaction() as session:
        ids = [row[0] for row in session.execute(text("SELECT id FROM staff ORDER BY username"))]
        for number in range(400):
            actor = journal.Actor("staff", ids[number % len(ids)])
            journal.record("case_viewed", actor=actor, about=("application", case))
            session.add(TicketEvent(
                ticket_id=ticket, act="note", from_status="new", to_status="new", actor_kind="staff", actor_id=actor.id,
            ))
    many = {page: asked(app, client, page) for page in pages}
    with capsys.disabled():
        print("", *(f"{number:4} of {pages[page]:2} {page[:-33]}" for page, number in many.items()), sep="\n")
    assert many == few
    assert all(number <= pages[page] for page, number in many.items())


def test_who_looked_is_listed_by_thirty_however_many_did(app):
    case = a_case(app)
    staff = officer(app, "operator", "operator")
    with app.app_context(), transaction():
        for _ in range(100):
            journal.record("case_viewed", actor=journal.SYSTEM, about=("application", case))
    address, seen = f"/petugas/pendaftaran/{case}", []
    while address:
        looks = staff.open(address).soup.select_one("#riwayat details.looks")
        seen.append(len(looks.select("li")))
        older = looks.select_one("p > a")
        address = older and older["href"].partition("#")[0]
    assert set(seen[:-1]) == {30} and 100 < sum(seen) < 110, "each page of it, which is looked at too"


def test_a_registration_asks_and_commits_no_more_than_this(app, capsys):
    """As a phone does it: each form is sent from the page in front of it."""
    files = photo_files()
    Resident(app.test_client()).open("/daftar")  # keys are read once a process
    someone = Resident(app.test_client())
    with counted(app) as seen:
        someone.starts()
        someone.fills_in()
        for slug, kind in PHOTO_SLUGS.items():
            assert someone.sends_photo(slug, files[kind]).status == 200
        assert "terkirim" in someone.confirms().text.lower() or someone.number
    with app.app_context():
        most = REGISTRATION[db.engine.dialect.name]
    with capsys.disabled():
        print(f"\n{seen.count:4} of {most} statements, {seen.commits} of {COMMITS} commits a registration")
    assert seen.count <= most and seen.commits <= COMMITS
