"""Complaints by e-mail, over real IMAP and SMTP: arrival, thread, answer; each letter once and none lost."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update

from app import clock, worker
from app.complaints import mail_in, mail_take
from app.complaints.mail_box import MailboxAway, OpenBox
from app.complaints.mail_models import Mailbox, MailIn, MailTrouble
from app.complaints.models import MailOut, Ticket, TicketAttachment, TicketMessage
from app.complaints.personal import body_of, name_of, open_contact, open_content
from app.extensions import db, transaction
from app.storage import StorageUnavailable
from tests.builders import add_staff, photo_files, sign_in_staff
from tests.complaints import PDF, Handler
from tests.dovecot import PASSWORD
from tests.mail_servers import Writer, mail_servers, office, open_office, servers, budi  # noqa: F401


def count(office, model) -> int:
    with office.app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


def tickets(office) -> list[Ticket]:
    with office.app.app_context():
        found = list(db.session.scalars(select(Ticket).order_by(Ticket.number)))
        for ticket in found:
            _ = ticket.messages
        return found


def bodies(office) -> list[str]:
    with office.app.app_context():
        query = select(TicketMessage).where(TicketMessage.direction == "in").order_by(TicketMessage.created_at)
        return [body_of(message) for message in db.session.scalars(query)]


def files(office) -> list[tuple[str, str, str]]:
    """(kind, state, name) of every file."""
    with office.app.app_context():
        rows = db.session.scalars(select(TicketAttachment).order_by(TicketAttachment.position))
        return [(row.kind, row.state, name_of(row)) for row in rows]


def fates(office) -> list[tuple[str, str]]:
    with office.app.app_context():
        return [tuple(row) for row in db.session.execute(select(MailIn.fate, MailIn.reason).order_by(MailIn.uid))]


def handler(office) -> Handler:
    add_staff(office.app, "petugas1", "petugas")
    return Handler(sign_in_staff(office.app.test_client(), "petugas1"))


def test_an_email_goes_all_the_way_from_arrival_to_the_closed_answer(office, budi):
    first = budi.writes("Antrean di loket dua lama sekali.", "Antrean lama")
    office.works()
    receipt = budi.letters()[0]
    number = re.search(r"ADU-\d{4}-\d{6}", receipt["Subject"]).group()
    assert number in receipt.get_content() and re.search(r"PIN Anda: \d{6}", receipt.get_content())
    assert receipt["In-Reply-To"] == first["Message-ID"] and receipt["Auto-Submitted"] == "auto-replied"

    petugas = handler(office)
    assert "Antrean lama" in petugas.open("/petugas/pengaduan").text
    ticket_id = tickets(office)[0].id
    petugas.verifies(ticket_id)
    petugas.acts(ticket_id, "tindak-lanjut")
    petugas.answers(ticket_id, "Loket dua kini dibuka dua petugas.")
    office.works()
    answer = budi.letters()[1]
    assert "Loket dua kini dibuka dua petugas." in answer.get_content() and "Ombudsman" in answer.get_content()
    assert answer["In-Reply-To"] == first["Message-ID"] and "Auto-Submitted" not in answer

    budi.writes("Terima kasih, sudah lancar.", f"Re: {answer['Subject']}", answering=answer)
    office.works()
    assert "Terima kasih, sudah lancar." in petugas.open(f"/petugas/pengaduan/{ticket_id}").text
    petugas.acts(ticket_id, "tutup-kembali")
    assert [ticket.status for ticket in tickets(office)] == ["closed"]
    assert len(budi.letters()) == 2 and office.servers.unread(office.address) == 0


def test_the_worker_reads_and_sends_by_itself(office, budi):
    budi.writes()
    worker.run_once(office.app)  # reads
    worker.run_once(office.app)  # sends the receipt
    assert len(budi.letters()) == 1


def test_name_address_subject_and_words_are_kept_sealed(office, servers, budi):
    raw = (f"From: =?utf-8?q?S=C3=A9kar_Contoh?= <{budi.address}>\r\nSubject: =?utf-8?b?8J+YoSBKYWxhbg==?=\r\n"
           "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nPagi 😡 pak.\r\n")
    servers.send(raw.encode(), office.address)
    office.works()
    ticket = tickets(office)[0]
    with office.app.app_context():
        assert (open_contact(ticket).name, open_contact(ticket).email) == ("Sékar Contoh", budi.address)
        assert open_content(ticket).subject == "😡 Jalan"
    assert bodies(office) == ["Pagi 😡 pak."] and ticket.answer_by == "email"
    stored = b"".join(path.read_bytes() for path in office.app.extensions["loket"].instance.rglob("*") if path.is_file())
    for secret in ("Pagi 😡 pak", "Sékar", budi.address, "Jalan"):
        assert secret.encode() not in stored


def test_photos_and_pdf_are_kept_and_the_rest_is_named_and_dropped(office, budi):
    budi.writes(files=(
        (photo_files()["ktp"], "image/jpeg", "foto.jpg"), (PDF, "application/pdf", "surat.pdf"),
        (b"MZ\x90\x00", "application/octet-stream", "foto.jpg.exe"), (b"<script>", "text/html", "halaman.html"),
        (b"x\x9f>\x22\x00", "application/ms-tnef", "winmail.dat"), (b"OggS....", "audio/ogg", "suara.ogg"),
        (b"%PDF-1.4" + b"0" * 15_800_000, "application/pdf", "besar.pdf"),
    ))
    office.works()
    assert files(office) == [
        ("photo", "stored", "foto.jpg"), ("pdf", "stored", "surat.pdf"), ("file", "refused", "foto.jpg.exe"),
        ("file", "refused", "halaman.html"), ("file", "refused", "winmail.dat"), ("file", "refused", "suara.ogg"),
        ("file", "refused", "besar.pdf"),
    ]
    petugas = handler(office)
    page = petugas.open(f"/petugas/pengaduan/{tickets(office)[0].id}").text
    assert "foto.jpg.exe" in page and "Jenis berkas ini tidak disimpan" in page


def test_html_alone_becomes_plain_words_without_anything_remote(office, servers):
    raw = (b"From: a@contoh.id\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><head><style>p{}</style></head>"
           b"<body><p>Satu &amp; dua</p><img src='https://lacak.contoh.id/x.gif'>tiga<br>empat"
           b"<script>alert(1)</script></body></html>\r\n")
    servers.send(raw, office.address)
    office.works()
    assert bodies(office) == ["Satu & dua\ntiga\nempat"]


def test_a_reply_joins_by_its_headers_even_from_another_address(office, budi, servers):
    budi.writes()
    office.works()
    receipt = budi.letters()[0]
    wife = Writer(servers, office.address, "sari@contoh.id", "Sari Contoh")
    wife.writes("Kejadiannya kemarin pagi.", "Balasan tanpa nomor", answering=receipt)
    office.works()
    assert count(office, Ticket) == 1
    assert bodies(office)[1] == "(Ditulis dari alamat lain: sari@contoh.id)\n\nKejadiannya kemarin pagi."
    assert wife.letters() == []


def test_a_ticket_number_in_the_subject_is_believed_from_its_own_sender_only(office, budi, servers):
    budi.writes()
    office.works()
    number = tickets(office)[0].number
    budi.writes("Masih gelap.", f"tanya {number.lower()}")
    office.works()
    assert count(office, Ticket) == 1
    Writer(servers, office.address, "lain@contoh.id").writes("Coba-coba.", f"Re: [{number}]")
    office.works()
    assert count(office, Ticket) == 2


def test_the_quoted_letter_below_a_reply_is_left_out_and_its_pin_hidden(office, budi):
    budi.writes()
    office.works()
    receipt = budi.letters()[0]
    pin = re.search(r"PIN Anda: (\d{6})", receipt.get_content()).group(1)
    quoted = "\n".join(f"> {line}" for line in receipt.get_content().splitlines())
    budi.writes(f"Baik.\n\nPada Sen, 23 Nov 2026 09.00, Dukcapil <k@uji.id>\nmenulis:\n\n{quoted}\n", answering=receipt)
    budi.writes(f"{quoted}\nJawaban saya di bawah.", answering=receipt)
    office.works()
    assert bodies(office)[1] == "Baik."
    assert "Jawaban saya di bawah." in bodies(office)[2] and pin not in bodies(office)[2]


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
        assert bodies(office) == ["tanpa foto"] and office.servers.unread(office.address) == 1
    office.works()
    assert sorted(bodies(office)) == ["dengan foto", "tanpa foto"]


def test_a_letter_our_own_code_fails_on_becomes_a_ticket_with_its_raw_bytes(office, budi, monkeypatch):
    letter = budi.writes("aneh")
    monkeypatch.setattr(mail_take, "read_letter", lambda _: 1 / 0)
    for _ in range(mail_take.TRIES_IN_FULL):
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
        budi.writes(f"Saya sedang tidak di tempat. {number}", "Tidak di tempat")
    office.works()
    assert count(office, TicketMessage) == 13 and count(office, Ticket) == 10
    assert len(budi.letters()) == 10


def test_a_flood_stays_in_the_mailbox_unread(office, budi, monkeypatch):
    monkeypatch.setitem(mail_take.limits.LIMITS, "mail-sender-flood", "3 per hour")
    for number in range(5):
        budi.writes(str(number))
    office.works()
    assert [fate for fate, _ in fates(office)] == ["taken"] * 3 + ["flood"] * 2
    assert office.servers.unread(office.address) == 2


def test_a_failed_delivery_reaches_the_handler_as_a_note(office, budi, servers):
    budi.writes()
    office.works()
    ours = budi.letters()[0]
    report = (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@contoh.id\r\nTo: {office.address}\r\nMessage-ID: <d1@contoh.id>\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nTidak sampai.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; contoh.id\r\n\r\n"
        f"Final-Recipient: rfc822; {budi.address}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {ours['Message-ID']}\r\n--b--\r\n"
    )
    servers.send(report.encode(), office.address, "")
    office.works()
    with office.app.app_context():
        row = db.session.scalars(select(MailOut)).one()
        assert (row.state, row.error) == ("failed", "bounced_5.1.1")
    page = handler(office).open(f"/petugas/pengaduan/{tickets(office)[0].id}").text
    assert "tidak sampai kepada pelapor" in page and count(office, Ticket) == 1


def test_a_mailbox_that_does_not_let_us_in_is_told_and_left_in_peace(open_office):
    office = open_office(MAIL_IMAP_PASSWORD="salah")
    office.works()
    with office.app.app_context():
        trouble = db.session.get(MailTrouble, "imap")
        assert trouble.error == "login" and trouble.pause_until > clock.now()
        assert mail_in.take_new() == 0


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
        assert db.session.get(MailTrouble, "imap").error == "tls"


def test_the_same_on_postgresql(open_office, fresh_database, servers):
    office = open_office(database=fresh_database())
    budi = Writer(servers, office.address, "budi.pg@contoh.id")
    budi.writes("satu\x00dua", files=((PDF, "application/pdf", "a.pdf"),))
    office.works()
    budi.writes("lagi", answering=budi.letters()[0])
    office.works()
    assert (count(office, Ticket), count(office, TicketMessage), len(budi.letters())) == (1, 2, 1)


def test_the_mailbox_rows_of_letters_left_alone_are_forgotten_in_time(office, budi, time):
    budi.writes(Precedence="bulk")
    budi.writes("pengaduan")
    office.works()
    time.moves(days=365 * 20)
    with office.app.app_context():
        mail_in.forget_old()
    assert [fate for fate, _ in fates(office)] == ["taken"]
    office.works()
    assert count(office, Ticket) == 1


