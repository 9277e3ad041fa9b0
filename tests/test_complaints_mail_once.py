"""The mailbox over real IMAP: each letter once, none lost, machines left alone, servers that are away."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from app.base import clock
from app.base.database import db, transaction
from app.complaints.arriving import by_email
from app.complaints.ticket.models import Ticket, TicketAttachment, TicketMessage
from app.correspondence import page
from app.mailbox import ledger, letters
from app.mailbox.box import MailboxAway, OpenBox
from app.mailbox.models import TRIES_IN_FULL, Mailbox, MailTrouble
from app.messages.models import OutboxMessage
from app.photos.store import StorageUnavailable
from tests.complaints import PDF
from tests.dovecot import PASSWORD
from tests.mail_reading import bodies, count, fates, files, handler, tickets
from tests.mail_servers import Writer, budi, office, open_office, servers  # noqa: F401
from tests.messaging import A_SUPERVISOR


def test_the_same_letter_twice_in_the_mailbox_is_one_message(office, budi, servers):
    letter = budi.writes()
    servers.send(letter.as_bytes(), office.address)
    office.works()
    assert count(office, TicketMessage) == 1 and fates(office) == [("taken", ""), ("known", "copy")]


def test_two_letters_that_share_a_message_id_are_both_kept(office, servers):
    for words in ("satu", "dua"):
        servers.send(f"From: a@contoh.id\r\nMessage-ID: <sama@contoh.id>\r\n\r\n{words}\r\n".encode(), office.address)
    office.works()
    assert bodies(office) == ["satu", "dua"]


def test_a_crash_before_the_flag_repeats_nothing(office, budi, monkeypatch):
    budi.writes()

    def breaks(*_):
        raise MailboxAway("cut")

    with monkeypatch.context() as patch:
        patch.setattr(OpenBox, "mark_read", breaks)
        office.works()
    assert count(office, Ticket) == 1 and office.servers.unread(office.address) == 1
    with office.app.app_context(), transaction() as session:
        session.execute(update(MailTrouble).values(pause_until=None))
    office.works()
    assert count(office, Ticket) == 1 and office.servers.unread(office.address) == 0
    assert count(office, MailTrouble) == 0 and len(budi.letters()) == 1


def test_a_failing_photo_store_loses_nothing_and_the_letter_is_taken_later(office, budi, monkeypatch):
    budi.writes("dengan foto", files=((PDF, "application/pdf", "a.pdf"),))
    budi.writes("tanpa foto")
    store = office.app.extensions["loket_photos"]
    with monkeypatch.context() as patch:
        patch.setattr(store, "put_new", lambda *_: (_ for _ in ()).throw(StorageUnavailable("full")))
        office.works()
        assert bodies(office) == [] and office.servers.unread(office.address) == 2
    office.works()
    assert sorted(bodies(office)) == ["dengan foto", "tanpa foto"]


def test_a_letter_our_own_code_fails_on_becomes_a_ticket_with_its_raw_bytes(office, budi, monkeypatch):
    letter = budi.writes("aneh")
    monkeypatch.setattr(letters, "read_letter", lambda _: 1 / 0)
    for _ in range(TRIES_IN_FULL):
        office.works()
        assert count(office, Ticket) == 0
    office.works()
    assert files(office) == [("file", "stored", "surat-asli.eml")]
    petugas = handler(office)
    with office.app.app_context():
        row = db.session.scalars(select(TicketAttachment)).one()
    sent = petugas.client.get(f"/petugas/pengaduan/{row.ticket_id}/berkas/{row.id}")
    assert letter["Message-ID"].encode() in sent.data
    assert sent.headers["Content-Disposition"] == 'attachment; filename="lampiran.eml"'


def test_two_workers_at_once_make_one_ticket_of_each_letter(office, budi):
    for number in range(5):
        budi.writes(f"surat {number}")
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: office.works(), range(3)))
    office.works()
    assert sorted(bodies(office)) == [f"surat {number}" for number in range(5)]
    assert count(office, Ticket) == 5


def test_a_renumbered_mailbox_brings_nothing_twice_and_the_new_letter_once(office, budi, servers):
    budi.writes("lama")
    office.works()
    servers.dovecot.renumber(office.address)
    budi.writes("baru")
    office.works()
    assert bodies(office) == ["lama", "baru"] and count(office, Mailbox) == 2


def test_the_first_look_leaves_what_people_have_read_alone(office, budi, servers):
    budi.writes("sudah dibaca orang")
    servers.mark_all_read(office.address)
    budi.writes("belum dibaca")
    office.works()
    assert bodies(office) == ["belum dibaca"]
    servers.mark_all_read(office.address)
    budi.writes("baru, dibaca orang sebelum kami")
    servers.mark_all_read(office.address)
    office.works()
    assert bodies(office) == ["belum dibaca", "baru, dibaca orang sebelum kami"]


@pytest.mark.parametrize("headers", [
    {"Auto_Submitted": "auto-replied (vacation)"}, {"Auto_Submitted": "auto-generated"}, {"Precedence": "bulk"},
    {"Precedence": "Auto_Reply"}, {"List_Id": "<warga.contoh.id>"}, {"X_Autoreply": "yes"},
], ids=lambda headers: "-".join(headers.values()))
def test_what_no_person_wrote_is_left_alone_and_unread(office, budi, headers):
    budi.writes(**headers)
    office.works()
    assert count(office, Ticket) == 0 and budi.letters() == []
    assert fates(office)[0][0] == "automatic" and office.servers.unread(office.address) == 1


def test_a_person_may_say_that_the_letter_is_not_automatic(office, budi):
    budi.writes(Auto_Submitted="no")
    office.works()
    assert count(office, Ticket) == 1


def test_our_own_letters_and_their_echoes_are_left_alone(office, servers, budi):
    Writer(servers, office.address, office.address).writes()
    budi.writes()
    office.works()
    servers.send(servers.post.taken[-1], office.address)  # a forwarding rule sends our receipt back
    office.works()
    assert [fate for fate, _ in fates(office)] == ["own", "taken", "automatic"]


def test_a_machine_that_does_not_say_so_soon_gets_no_more_receipts(office, budi):
    for number in range(13):
        budi.writes(f"Permintaan Anda tercatat dengan nomor {number}.", "Konfirmasi")
    office.works()
    assert count(office, TicketMessage) == 13 and count(office, Ticket) == 10
    assert len(budi.letters()) == 10


def test_a_flood_stays_in_the_mailbox_unread(office, budi, monkeypatch):
    monkeypatch.setitem(by_email.limits.LIMITS, "mail-sender-flood", "3 per hour")
    for number in range(5):
        budi.writes(str(number))
    office.works()
    assert [fate for fate, _ in fates(office)] == ["taken"] * 3 + ["flood"] * 2
    assert office.servers.unread(office.address) == 2


def bounce(office, budi, letter, number: int) -> None:
    """The report of a mail server that could not deliver our letter."""
    report = (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@contoh.id\r\nTo: {office.address}\r\n"
        f"Message-ID: <d{number}@contoh.id>\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nTidak sampai.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; contoh.id\r\n\r\n"
        f"Final-Recipient: rfc822; {budi.address}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {letter['Message-ID']}\r\n--b--\r\n"
    )
    office.servers.send(report.encode(), office.address, "")
    office.works()


def test_a_failed_delivery_reaches_the_handler_as_a_note(office, budi):
    budi.writes()
    office.works()
    bounce(office, budi, budi.letters()[0], 1)
    with office.app.app_context():
        row = db.session.scalars(select(OutboxMessage)).one()
        assert (row.state, row.error_code) == ("failed", "bounced_5.1.1")
    page = handler(office).open(f"/petugas/pengaduan/{tickets(office)[0].id}").text
    assert "tidak sampai kepada pelapor" in page and count(office, Ticket) == 1


def test_an_answer_that_bounces_is_worked_on_again_and_counts_once_it_was_sent_again(office, budi):
    budi.writes()
    office.works()
    petugas, ticket_id = handler(office), tickets(office)[0].id
    petugas.answers(ticket_id, "Sudah kami perbaiki.")
    office.works()
    bounce(office, budi, budi.letters()[1], 2)
    [ticket] = tickets(office)
    assert (ticket.status, ticket.reopened, ticket.first_answered_at) == ("in_progress", 0, None)
    assert "Pelapor belum menerima jawaban kami" in petugas.reads(ticket_id).text
    with office.app.app_context():
        page.resend(ticket.lost_message_id, A_SUPERVISOR)
    office.works()
    [ticket] = tickets(office)
    assert (ticket.status, ticket.lost_message_id) == ("answered", None) and ticket.first_answered_at is not None


def test_a_mailbox_that_does_not_let_us_in_is_told_and_left_in_peace(open_office):
    office = open_office(MAIL_IMAP_PASSWORD="salah")
    office.works()
    with office.app.app_context():
        trouble = db.session.get(MailTrouble, 1)
        assert trouble.error == "login" and trouble.pause_until > clock.now()
        assert by_email.take_new() == 0


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_letters_travel_encrypted_both_ways(open_office, servers, monkeypatch, tls):
    monkeypatch.setenv("SSL_CERT_FILE", str(servers.dovecot.certificate))
    port = servers.dovecot.imaps if tls == "tls" else servers.dovecot.imap
    office = open_office(MAIL_IMAP_TLS=tls, MAIL_IMAP_PORT=str(port), MAIL_SMTP_TLS="starttls",
                         MAIL_SMTP_PORT=str(servers.smtp_tls), MAIL_SMTP_USER="kantor", MAIL_SMTP_PASSWORD=PASSWORD)
    budi = Writer(servers, office.address, f"budi.{tls}@contoh.id")
    budi.writes()
    office.works()
    assert len(budi.letters()) == 1


def test_a_certificate_nobody_vouches_for_is_refused(open_office, servers):
    office = open_office(MAIL_IMAP_TLS="tls", MAIL_IMAP_PORT=str(servers.dovecot.imaps))
    office.works()
    with office.app.app_context():
        assert db.session.get(MailTrouble, 1).error == "tls"


def test_the_mailbox_rows_of_letters_left_alone_are_forgotten_in_time(office, budi, time):
    budi.writes(Precedence="bulk")
    budi.writes("pengaduan")
    office.works()
    time.moves(days=365 * 20)
    with office.app.app_context():
        ledger.forget_old()
    assert [fate for fate, _ in fates(office)] == ["taken"]
    office.works()
    assert count(office, Ticket) == 1
