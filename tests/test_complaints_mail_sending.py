"""Letters of ours over real SMTP: what is tried again, what is not, and what the demo prints."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.base import clock
from app.base.database import db, transaction
from app.base.logs import redact
from app.base.problems import StaleDecision
from app.casework.notes import notes_of, read_note
from app.complaints.ticket.models import INTERNAL, Ticket
from app.correspondence import page
from app.messages import channel, delivery, dispatcher, states
from app.messages.addresses import EMAIL, by_email
from app.messages.console import ConsoleGateway
from app.messages.email.smtp import message_bytes
from app.messages.gateway import Accepted, Heading, Outgoing
from app.messages.models import ChannelState, OutboxMessage
from app.messages.outbox import Wording, enqueue, open_payload
from tests.builders import add_staff, sign_in_staff
from tests.complaints import Complainant, Handler, a_ticket
from tests.live import free_port
from tests.mail_servers import Writer, budi, office, open_office, servers  # noqa: F401
from tests.messaging import A_SUPERVISOR


def a_mail(office, to="budi.kirim@contoh.id", subject="Jawaban", text="Sudah kami betulkan.", ticket_id="") -> str:
    """Id of a letter that waits to be sent, about a ticket without any other."""
    ticket_id = ticket_id or a_ticket(office.app, "langsung", phone="", answer_by="page")
    with office.app.app_context(), transaction():
        return enqueue(
            "pengaduan_ditanya", to=by_email(to), about=("ticket", ticket_id), wording=Wording(subject, text),
            variables={"tiket": "ADU-2026-000001", "tautan": "https://loket.example/pengaduan/lacak"},
        ).id


def row(office, mail_id: str) -> OutboxMessage:
    with office.app.app_context():
        return db.session.get(OutboxMessage, mail_id)


def change(office, **values) -> None:
    with office.app.app_context(), transaction() as session:
        session.execute(update(OutboxMessage).values(**values))
        session.execute(update(ChannelState).values(paused_until=None))


def a_letter(text: str) -> Outgoing:
    heading = Heading("<x@uji.id>", (), True, clock.now())
    return Outgoing(reference="x", to="a@b.id", title="Halo", text=text, masked=redact(text), heading=heading)


def notes(office) -> list[str]:
    with office.app.app_context():
        ticket = db.session.scalars(select(Ticket)).one()
        return [read_note(note) for note in notes_of(("ticket", ticket.id), INTERNAL)]


@pytest.mark.parametrize(("step", "reply", "state", "error"), [
    ("rcpt", "450 later", "pending", "recipient_450"), ("rcpt", "550 unknown", "failed", "recipient_550"),
    ("data", "451 later", "pending", "data_451"), ("data", "554 no", "failed", "data_554"),
    ("mail", "550 not you", "pending", "sender_550"), ("data", "cut", "unknown", "smtpserverdisconnected"),
])
def test_what_the_server_says_decides(office, servers, step, reply, state, error):
    mail_id = a_mail(office)
    servers.post.answers[step] = reply
    office.works()
    found = row(office, mail_id)
    assert (found.state, found.error_code, found.lease_token) == (state, error, None)
    assert len(notes(office)) == (state in ("failed", "unknown"))


def test_a_letter_of_unknown_fate_is_not_sent_again_by_itself(office, servers):
    mail_id = a_mail(office)
    servers.post.answers["data"] = "cut"
    office.works()
    servers.post.answers.clear()
    change(office, next_try_at=clock.now() - timedelta(days=1))
    office.works()
    assert row(office, mail_id).state == "unknown" and len(servers.post.taken) == 1


def test_a_reply_proves_that_a_letter_of_unknown_fate_arrived(office, servers, budi):
    budi.writes()
    servers.post.answers["data"] = "cut"
    office.works()
    servers.post.answers.clear()
    receipt = budi.letters()[0]
    budi.writes("sudah saya terima", answering=receipt)
    office.works()
    with office.app.app_context():
        assert [found.state for found in db.session.scalars(select(OutboxMessage))] == ["sent"]


def test_a_person_may_send_it_again_under_the_same_message_id(office, servers):
    mail_id, boss = a_mail(office), A_SUPERVISOR
    servers.post.answers["data"] = "cut"
    office.works()
    servers.post.answers.clear()
    with office.app.app_context():
        page.resend(mail_id, boss)
        with pytest.raises(StaleDecision):
            page.resend(mail_id, boss)
    office.works()
    first, second = (raw.split(b"Message-ID: ")[1].split(b"\r\n")[0] for raw in servers.post.taken)
    assert first == second and row(office, mail_id).state == "sent"


def test_a_refused_letter_is_tried_again_and_given_up_after_four_hours(office, servers):
    mail_id = a_mail(office)
    servers.post.answers["rcpt"] = "450 later"
    office.works()
    change(office, next_try_at=clock.now(), first_try_at=clock.now() - timedelta(hours=5))
    office.works()
    assert row(office, mail_id).state == "failed"


def test_a_server_that_is_away_costs_one_try_a_minute_and_no_letter(open_office, servers):
    office = open_office(MAIL_SMTP_PORT=str(free_port()))
    first, second = a_mail(office), a_mail(office)
    office.works()
    assert sorted(row(office, mail_id).attempts for mail_id in (first, second)) == [0, 1]
    assert {row(office, mail_id).state for mail_id in (first, second)} == {"pending"}
    with office.app.app_context():
        assert channel.state(EMAIL).stopped_code == "connectionrefusederror"


def test_a_wrong_password_is_the_channels_fault_and_starttls_is_never_skipped(open_office, servers, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(servers.dovecot.certificate))
    wrong = open_office(MAIL_SMTP_TLS="starttls", MAIL_SMTP_PORT=str(servers.smtp_tls), MAIL_SMTP_USER="kantor",
                        MAIL_SMTP_PASSWORD="salah")
    bare = open_office(MAIL_SMTP_TLS="starttls")  # this port offers no STARTTLS
    for sender, error in ((wrong, "auth"), (bare, "smtpnotsupportederror")):
        mail_id = a_mail(sender)
        sender.works()
        assert (row(sender, mail_id).state, row(sender, mail_id).error_code) == ("pending", error)
    assert servers.post.taken == []


def test_a_worker_that_died_while_sending_leaves_it_unknown(office):
    mail_id = a_mail(office)
    with office.app.app_context():
        claim = dispatcher.claim_next(EMAIL)
        change(office, lease_until=clock.now() - timedelta(seconds=1))
        dispatcher.lose_expired()
        assert db.session.get(OutboxMessage, mail_id).state == "unknown"
        late = delivery.record(claim, Accepted("smtp-1", states.SENT))
        assert late is False  # it wakes up after all, and knows better
        assert db.session.get(OutboxMessage, mail_id).state == "sent"


def test_many_workers_send_each_letter_once(office, servers):
    for _ in range(6):
        a_mail(office)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: office.works(), range(3)))
    assert len(servers.post.taken) == 6


@pytest.mark.parametrize("to", ["a@b.id\r\nBcc: c@d.id", "a@b.id, c@d.id", "", "budi", "<a@b.id>", "é@b.id"])
def test_an_address_that_is_none_never_reaches_the_server(office, servers, to):
    mail_id = a_mail(office, to=to)
    office.works()
    assert (row(office, mail_id).state, row(office, mail_id).error_code) == ("failed", "bad_address")
    assert servers.post.taken == []


def test_no_text_of_ours_can_end_a_header_or_the_letter(office, servers):
    a_mail(office, subject="a\r\nBcc: c@d.id\u2028b\x00\udc00" + "😡" * 300,
           text="satu\r\n.\r\nMAIL FROM:<x@y.id>\n\udcff.")
    office.works()
    letter = servers.letters("budi.kirim@contoh.id")[-1]
    assert letter["Bcc"] is None and letter["Subject"].startswith("a Bcc: c@d.id b 😡")
    assert "MAIL FROM:<x@y.id>" in letter.get_content() and len(servers.post.taken) == 1


def test_a_long_message_id_of_theirs_comes_back_whole(office, servers):
    theirs = f"<{'P' * 120}@prod.contoh.id>"
    servers.send(f"From: panjang@contoh.id\r\nMessage-ID: {theirs}\r\n\r\nhalo\r\n".encode(), office.address)
    office.works()
    assert f"In-Reply-To: {theirs}\r\nReferences: {theirs}\r\n".encode() in servers.post.taken[-1]


def test_the_letter_says_who_we_are_in_plain_utf8(office):
    with office.app.app_context():
        raw = message_bytes(a_letter("Kelühan 😡"))
    head = raw.split(b"\r\n\r\n")[0].decode()
    assert f"From: Dukcapil Kota Probolinggo <{office.address}>" in head
    assert 'Content-Type: text/plain; charset="utf-8"' in head and "Auto-Submitted: auto-generated" in head
    assert all(len(line) <= 78 for line in raw.split(b"\r\n")) and raw.isascii()


def test_the_demo_prints_masked_what_it_would_send(app, capsys):
    person = Complainant(app.test_client())
    person.complains(answer_by="email", whatsapp_number="", email="budi.contoh@contoh.id")
    with app.app_context():
        assert dispatcher.deliver_due() == 1
        sent = db.session.scalars(select(OutboxMessage)).one()
        assert sent.state == "sent" and open_payload(sent).automatic
    printed = capsys.readouterr().out
    assert "E-mail ke b••••@contoh.id" in printed and person.number in printed and "budi.contoh" not in printed


def test_the_demo_hides_numbers_in_what_it_prints():
    out = io.StringIO()
    words = "NIK 3574014505900001, HP 0812-0000-1001"
    ConsoleGateway(out, "E-mail").send(a_letter(words))
    assert "3574014505900001" not in out.getvalue() and "0812-0000-1001" not in out.getvalue()


def petugas(office) -> Handler:
    add_staff(office.app, "petugas1", "petugas")
    return Handler(sign_in_staff(office.app.test_client(), "petugas1"))


def test_the_office_sees_each_letters_fate_and_may_send_it_again(office, servers):
    mail_id = a_mail(office)
    servers.post.answers["rcpt"] = "550 unknown"
    office.works()
    servers.post.answers.clear()
    desk = petugas(office)
    page = desk.open("/petugas/pesan/email")
    assert "Gagal terkirim" in page.text and "Alamat ditolak server" in page.text
    assert "b••••@contoh.id" in page.text and "budi.kirim" not in page.text
    desk.send(f"/petugas/pesan/email/{mail_id}/kirim-ulang", {})
    office.works()
    assert "Terkirim" in desk.open("/petugas/pesan/email").text and row(office, mail_id).state == "sent"
    assert desk.send(f"/petugas/pesan/email/{mail_id}/kirim-ulang", {}).status == 409


def test_letters_about_a_colleague_are_not_listed_for_colleagues(office):
    ticket_id = a_ticket(office.app, "langsung", phone="", answer_by="page", about_staff=True)
    mail_id = a_mail(office, "a@contoh.id", "tentang petugas", "isi", ticket_id)
    desk = petugas(office)
    assert "tentang petugas" not in desk.open("/petugas/pesan/email").text
    assert desk.send(f"/petugas/pesan/email/{mail_id}/kirim-ulang", {}).status == 404


def test_a_mailbox_in_trouble_is_said_in_the_list(open_office):
    office = open_office(MAIL_IMAP_PASSWORD="salah")
    office.works()
    page = petugas(office).open("/petugas/pesan/email")
    assert "Kotak e-mail tidak dapat dibaca" in page.text and "menolak nama atau kata sandi" in page.text
