"""Words of others are marked as such: forged letters, other addresses, guessed numbers; over real IMAP."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import re

import pytest

from app.base.database import db, transaction
from app.complaints.ticket.models import Ticket
from app.messages.gateway import InboundNews
from app.messages.inbound import inbox
from tests.complaints import Complainant, Handler, a_ticket, the
from tests.mail_reading import count, handler, tickets
from tests.mail_servers import Writer, budi, office, open_office, servers  # noqa: F401

OURS = "mx.uji.id"
MARK = "Belum tentu dari pelapor"
FORGED_WORDS = "Saya cabut pengaduan ini, petugasnya tidak bersalah."


@pytest.fixture
def checked_office(open_office):
    """An office whose mail provider checks where letters come from."""
    return open_office(MAIL_AUTHSERV_ID=OURS)


def found(result: str, domain: str = "contoh.id", by: str = OURS) -> dict[str, str]:
    return {"Authentication_Results": f"{by}; spf={result} smtp.mailfrom={domain}; dmarc={result} header.from={domain}"}


def of(office, ticket_id: str) -> tuple[str, int, object, object]:
    return tuple(the(office.app, ticket_id, name) for name in ("status", "version", "due_at", "last_said_at"))


def answered(office, writer, petugas) -> tuple[str, str]:
    """(id, number) of a ticket of this writer that has been answered."""
    writer.writes("Lampu jalan mati.", **found("pass"))
    office.works()
    ticket = tickets(office)[0]
    petugas.answers(ticket.id)
    office.works()
    return ticket.id, ticket.number


def test_a_forged_letter_stands_marked_in_the_ticket_and_moves_nothing(checked_office, servers):
    office, petugas = checked_office, handler(checked_office)
    victim = Writer(servers, office.address, "siti@contoh.id", "Siti Contoh")
    ticket_id, number = answered(office, victim, petugas)
    before = of(office, ticket_id)
    victim.writes(FORGED_WORDS, f"Re: {number}", **found("fail"))  # anybody can write any From
    office.works()
    assert count(office, Ticket) == 1 and of(office, ticket_id) == before
    page = petugas.reads(ticket_id)
    assert FORGED_WORDS in page.text and MARK in page.text and "DMARC" in page.text
    assert "Ada pesan belum pasti" in petugas.open("/petugas/pengaduan?tab=belum-pasti").text
    assert number in petugas.page.text


def test_a_forged_letter_that_answers_ours_is_marked_all_the_same(checked_office, servers):
    office, petugas = checked_office, handler(checked_office)
    victim = Writer(servers, office.address, "siti2@contoh.id")
    ticket_id, _ = answered(office, victim, petugas)
    victim.writes(FORGED_WORDS, "Re:", answering=victim.letters()[0], **found("fail"))
    office.works()
    assert MARK in petugas.reads(ticket_id).text and the(office.app, ticket_id, "status") == "answered"


def test_a_letter_our_provider_vouches_for_goes_on_as_its_owners(checked_office, servers):
    office, petugas = checked_office, handler(checked_office)
    owner = Writer(servers, office.address, "siti3@contoh.id")
    ticket_id, number = answered(office, owner, petugas)
    owner.writes("Masih gelap.", f"Re: {number}", **found("pass"))
    office.works()
    assert the(office.app, ticket_id, "status") == "in_progress" and MARK not in petugas.reads(ticket_id).text


NO_PROOF = {
    "another authserv-id": found("pass", by="mx.penjahat.id"),
    "none": {},
    "spf and dkim of another domain":
        {"Authentication_Results": f"{OURS}; spf=pass smtp.mailfrom=penjahat.id; dkim=pass header.d=penjahat.id"},
    "another domain": found("pass", domain="penjahat.id"),
    "no policy": {"Authentication_Results": f"{OURS}; dmarc=none header.from=contoh.id"},
    "in a comment":
        {"Authentication_Results": f"{OURS}; dmarc=fail (dmarc=pass header.from=contoh.id) header.from=contoh.id"},
}


def test_what_our_provider_did_not_find_is_no_proof(checked_office, servers):
    office, petugas = checked_office, handler(checked_office)
    victim = Writer(servers, office.address, "siti4@contoh.id")
    ticket_id, number = answered(office, victim, petugas)
    seen = petugas.reads(ticket_id).text.count(MARK)
    for why, headers in NO_PROOF.items():
        victim.writes(f"{FORGED_WORDS} {why}", f"Re: {number}", **headers)
        office.works()
        text, before = petugas.reads(ticket_id).text, seen
        seen = text.count(MARK)
        assert why in text and seen > before and the(office.app, ticket_id, "status") == "answered", why


def test_without_the_setting_only_a_reply_to_a_letter_of_ours_is_its_owners(office, budi):
    petugas = handler(office)
    ticket_id, number = answered(office, budi, petugas)
    budi.writes(FORGED_WORDS, f"Re: {number}", **found("pass"))  # nobody is believed without the setting
    office.works()
    assert MARK in petugas.reads(ticket_id).text and the(office.app, ticket_id, "status") == "answered"
    assert "MAIL_AUTHSERV_ID" in petugas.open("/petugas/pesan/email").text
    budi.writes("Masih gelap.", "Re:", answering=budi.letters()[-1])
    office.works()
    assert the(office.app, ticket_id, "status") == "in_progress"


@pytest.mark.parametrize("by_number", [True, False], ids=["with the number", "answering our letter"])
def test_a_letter_from_another_address_is_shown_with_its_sender_and_gets_no_receipt(checked_office, servers, by_number):
    office, petugas = checked_office, handler(checked_office)
    owner = Writer(servers, office.address, "siti5@contoh.id")
    ticket_id, number = answered(office, owner, petugas)
    wife = Writer(servers, office.address, "sari@contoh.id", "Sari Contoh")
    wife.writes("Kejadiannya kemarin pagi.", f"Re: {number}" if by_number else "Re:",
                answering=None if by_number else owner.letters()[-1], **found("pass"))
    office.works()
    page = petugas.reads(ticket_id).text
    assert count(office, Ticket) == 1 and MARK in page and "Pengirim: sari@contoh.id" in page
    assert the(office.app, ticket_id, "status") == "answered" and wife.letters() == []


def test_staff_say_that_it_was_the_owner_and_the_case_goes_on(checked_office, servers):
    office, petugas = checked_office, handler(checked_office)
    owner = Writer(servers, office.address, "siti6@contoh.id")
    ticket_id, number = answered(office, owner, petugas)
    Writer(servers, office.address, "siti.kantor@contoh.id").writes("Masih gelap.", f"Re: {number}", **found("pass"))
    office.works()
    petugas.reads(ticket_id)
    message = petugas.page.soup.select_one("form[action$=asal-pesan] input[name=message]")["value"]
    assert petugas.acts(ticket_id, "asal-pesan", message=message, found="").status == 422
    page = petugas.acts(ticket_id, "asal-pesan", message=message, found="owner")
    assert page.status == 200 and "Dipastikan dari pelapor" in page.text
    assert the(office.app, ticket_id, "status") == "in_progress" and not the(office.app, ticket_id, "unsure")
    again = petugas.acts(ticket_id, "asal-pesan", message=message, found="stranger")
    assert again.status == 409 and "sudah dipastikan" in again.text


def test_a_strangers_words_can_become_a_complaint_of_the_stranger(checked_office, servers):
    office, petugas = checked_office, handler(checked_office)
    owner = Writer(servers, office.address, "siti7@contoh.id")
    ticket_id, number = answered(office, owner, petugas)
    letters = len(owner.letters())
    other = Writer(servers, office.address, "lain@contoh.id", "Lain Contoh")
    other.writes("Antrean saya juga lama.", f"Re: {number}", **found("pass"))
    office.works()
    petugas.reads(ticket_id)
    message = petugas.page.soup.select_one("form[action$=asal-pesan] input[name=message]")["value"]
    assert petugas.acts(ticket_id, "pisah", message=message).status == 409
    petugas.acts(ticket_id, "asal-pesan", message=message, found="stranger")
    assert "Bukan dari pelapor" in petugas.page.text and the(office.app, ticket_id, "status") == "answered"
    petugas.acts(ticket_id, "pisah", message=message)
    office.works()
    assert count(office, Ticket) == 2 and len(owner.letters()) == letters
    assert "sudah kami terima" in other.letters()[0]["Subject"]


def writes(app, text: str, sender: str, number: int = 1) -> None:
    with app.app_context():
        with transaction():
            inbox.keep(InboundNews(f"SM{number:032x}", sender, text, profile_name="Siti"), source="webhook")
        inbox.handle_new()
        db.session.remove()


def test_a_number_quoted_from_another_phone_never_speaks_as_the_owner(app, client, staff_client):
    resident = Complainant(client)
    resident.complains()
    with app.app_context():
        ticket_id = db.session.query(Ticket.id).scalar()
    petugas = Handler(staff_client("petugas"))
    petugas.answers(ticket_id)
    before = the(app, ticket_id, "version")
    writes(app, f"{resident.number}: {FORGED_WORDS}", "+6281200007777")
    page = petugas.reads(ticket_id)
    assert MARK in page.text and FORGED_WORDS in page.text and "nomor yang bukan nomor pelapor" in page.text
    assert (the(app, ticket_id, "status"), the(app, ticket_id, "version")) == ("answered", before)
    seen = resident.follows()
    assert FORGED_WORDS not in seen.text and "Belum tentu dari Anda" in seen.text
    message = petugas.page.soup.select_one("form[action$=asal-pesan] input[name=message]")["value"]
    petugas.acts(ticket_id, "asal-pesan", message=message, found="stranger")
    assert "Belum tentu dari Anda" not in resident.follows().text and FORGED_WORDS not in resident.page.text


def test_a_strangers_words_leave_the_house_in_no_list(app, staff_client):
    ticket_id = a_ticket(app, phone="+6281200002001")
    writes(app, f"{the(app, ticket_id, 'number')} {FORGED_WORDS}", "+6281200007777")
    supervisor = staff_client("supervisor")
    for name in ("unduh", "lapor"):
        exported = supervisor.get(f"/petugas/pengaduan/{name}.csv").get_data(as_text=True)
        assert the(app, ticket_id, "number") in exported and FORGED_WORDS not in exported


def test_the_other_number_is_hidden_where_the_reporter_is_anonymous(app, staff_client):
    ticket_id = a_ticket(app, phone="+6281200002001", anonymous=True)
    writes(app, f"{the(app, ticket_id, 'number')} ini saya", "+6281200007777")
    petugas, supervisor = Handler(staff_client("petugas")), Handler(staff_client("supervisor"))
    assert "0812-0000-7777" in supervisor.reads(ticket_id).text
    page = petugas.reads(ticket_id).text
    assert MARK in page and not re.search("7777", page)
