"""What people and attackers type into the complaint form, and the shapes it is sent in (docs/security.md)."""

import io
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from app.base.database import db
from app.complaints.ticket.models import Ticket, TicketMessage
from app.complaints.ticket.personal import open_contact
from tests.builders import csrf_of
from tests.complaints import FORM, WORDS, Complainant, last_words
from tests.crowd import at_once

PHONE = "+6281234567890"
KEPT_PHONES = ("0812-3456-7890", "6281234567890", "+62 812 3456 7890", "+62 0812 3456 7890", "81234567890")
REFUSED_PHONES = (
    "024-8311234", "+1 900 555 0100", "112", "whatsapp:+6281234567890", "081234567890,081298765432",
    "081234567890;ext=1", "٠٨١٢٣٤٥٦٧٨٩٠", "", "0812\x00",
)
REFUSED_DAYS = ("1990-02-30", "2999-01-01", "0000-01-01", "99999-01-01", "besok", "1989-12-31", "2026-11-٢٢")
REFUSED_MAILS = (
    "budi", "budi@", "@contoh.id", "budi@contoh.id\nBcc: x@contoh.id", "a b@c d", "budi@contoh..id", "x" * 300,
)
KEPT_NAMES = {
    "SITI NUR'AINI, S.Pd.": "SITI NUR'AINI, S.Pd.", "O": "O", "Bu\u200bdi": "Budi", "Jose\u0301": "Jos\u00e9",
    "Robert'); DROP TABLE ticket;--": "Robert'); DROP TABLE ticket;--", "Budi \U0001f600": "Budi \U0001f600",
    "<script>alert(1)</script>": "<script>alert(1)</script>",
}
# how it arrives -> what is kept: a complaint with one unreadable letter is still a complaint
RAW = {"Antre%ED%A0%80an": "Antre%ED%A0%80an", "Antre%FFan": "Antre%FFan", "Antre%00an": None}


@pytest.fixture
def person(app):
    return Complainant(app.test_client())


def tickets(app) -> list[Ticket]:
    with app.app_context():
        return list(db.session.scalars(select(Ticket)))


@pytest.mark.parametrize("typed", KEPT_PHONES)
def test_a_number_is_kept_however_it_is_written(app, person, typed):
    person.complains(whatsapp_number=typed)
    [ticket] = tickets(app)
    with app.app_context():
        assert open_contact(ticket).phone == PHONE


@pytest.mark.parametrize(("field", "value"), [
    *(("whatsapp_number", value) for value in REFUSED_PHONES), *(("happened_on", value) for value in REFUSED_DAYS),
    *(("email", value) for value in REFUSED_MAILS), ("name", "A" * 5000), ("name", "Budi\x00"), ("place", "A" * 201),
    ("text", "x\n" * 10_000), ("text", " \u00a0\u3000 "), ("kind", "approved"), ("category", "late\n"),
    ("answer_by", "phone"),
], ids=lambda value: ascii(value)[:30])
def test_what_cannot_be_right_is_explained_beside_its_field_and_the_words_stay(app, person, field, value):
    way = {"answer_by": "email"} if field == "email" else {}
    page = person.complains(**{**way, field: value})
    assert page.status == 422 and page.soup.find(id=f"{field}-error"), field
    assert field == "text" or page.field("text") == WORDS
    assert tickets(app) == []


@pytest.mark.parametrize(("typed", "kept"), KEPT_NAMES.items(), ids=ascii)
def test_a_name_is_kept_as_it_is_and_shown_as_text(app, person, staff_client, typed, kept):
    person.complains(name=typed)
    [ticket] = tickets(app)
    with app.app_context():
        assert open_contact(ticket).name == kept
    page = staff_client("petugas").get(f"/petugas/pengaduan/{ticket.id}").text
    assert "<script>alert" not in page


@pytest.mark.parametrize("extra", [
    {"status": "closed"}, {"id": "1"}, {"number": "ADU-2026-999999"}, {"tray": "done"}, {"about_staff": "y"},
    {"assigned_to": "x"}, {"resolve_due_at": "2020-01-01"}, {"pin": "000000"}, {"kind[]": "information"},
])
def test_fields_that_are_not_asked_for_change_nothing(app, person, extra):
    person.complains(**extra)
    [ticket] = tickets(app)
    assert (ticket.status, ticket.number[-6:], ticket.about_staff, ticket.assigned_to, ticket.kind) == (
        "new", "000001", False, None, "complaint")


@pytest.mark.parametrize(("raw", "kept"), RAW.items())
def test_bytes_that_are_no_text_break_nothing(app, client, raw, kept):
    others = {**FORM, "csrf_token": csrf_of(client.get("/pengaduan").text)}
    body = urlencode({name: value for name, value in others.items() if name != "text"}) + f"&text={raw}"
    kind = "application/x-www-form-urlencoded"
    assert client.post("/pengaduan", data=body, content_type=kind).status_code == (303 if kept else 422)
    assert [last_words(app, ticket.id) for ticket in tickets(app)] == [kept] * bool(kept)


def test_words_sent_as_a_file_and_a_file_sent_as_words_are_missing(app, person):
    person.open("/pengaduan")
    as_file = {**FORM, "text": (io.BytesIO(WORDS.encode()), "x.txt"), "submission_id": "a" * 32}
    assert person.send("/pengaduan", as_file, multipart=True).status == 422
    person.open("/pengaduan")
    person.send("/pengaduan", {**FORM, "files": "GIF89a", "submission_id": "b" * 32}, multipart=True)
    [ticket] = tickets(app)
    with app.app_context():
        [message] = db.session.get(Ticket, ticket.id).messages
        assert message.attachments == []


@pytest.mark.parametrize(("kind", "body"), [
    ("application/json", '{"text": "x"}'), ("multipart/form-data", "x"), ("text/plain", "text=x"),
])
def test_a_body_that_is_no_form_is_no_complaint(app, client, kind, body):
    client.get("/pengaduan")
    assert client.post("/pengaduan", data=body, content_type=kind).status_code in (400, 415, 422)
    assert tickets(app) == []


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_a_complaint_sent_from_elsewhere_is_not_taken(app, client, headers):
    token = csrf_of(client.get("/pengaduan").text)
    data = {**FORM, "submission_id": "c" * 32, **({"csrf_token": token} if headers else {})}
    assert client.post("/pengaduan", data=data, headers=headers).status_code in (400, 403)
    assert tickets(app) == []


def test_twenty_sends_of_one_form_at_once_make_one_ticket(app, client):
    token = csrf_of(client.get("/pengaduan").text)
    [cookie] = client._cookies.values()
    clients = [app.test_client() for _ in range(20)]
    for other in clients:
        other.set_cookie(cookie.key, cookie.value, path=cookie.path)

    def send(other) -> int:
        data = {**FORM, "submission_id": "d" * 32, "csrf_token": token}
        return other.post("/pengaduan", data=data).status_code

    assert set(at_once(send, clients)) <= {303, 429}  # the limit for one number counts every send
    assert send(clients[0]) == 303, "whoever was slowed down gets the receipt of the same ticket"
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(TicketMessage)) == 1
