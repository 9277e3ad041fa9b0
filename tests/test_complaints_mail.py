"""Complaints by e-mail, over real IMAP and SMTP: arrival, words, files, threads, and the closed answer."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import re

import pytest

from app.complaints.ticket.models import Ticket, TicketMessage
from app.complaints.ticket.personal import open_contact, open_content
from app.process import fsck, worker
from tests.builders import photo_files
from tests.complaints import PDF
from tests.mail_reading import bodies, count, files, handler, tickets
from tests.mail_servers import Writer, budi, office, open_office, servers  # noqa: F401


def test_an_email_goes_all_the_way_from_arrival_to_the_closed_answer(office, budi):
    first = budi.writes("Antrean di loket dua lama sekali.", "Antrean lama")
    office.works()
    receipt = budi.letters()[0]
    number = re.search(r"ADU-\d{4}-\d{6}", receipt["Subject"]).group()
    assert number in receipt.get_content() and re.search(r"PIN: \d{8}", receipt.get_content())
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

    budi.writes("Terima kasih, tetapi loket satu masih lama.", f"Re: {answer['Subject']}", answering=answer)
    office.works()
    assert "Terima kasih, tetapi loket satu masih lama." in petugas.open(f"/petugas/pengaduan/{ticket_id}").text
    petugas.acts(ticket_id, "tutup-kembali")
    assert [ticket.status for ticket in tickets(office)] == ["closed"]
    assert len(budi.letters()) == 2 and office.servers.unread(office.address) == 0
    with office.app.app_context():
        assert fsck.check() == []


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
    folder = office.app.extensions["loket"].instance
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for secret in ("Pagi 😡 pak", "Sékar", budi.address, "Jalan"):
        assert secret.encode() not in stored


def test_proof_is_kept_and_the_rest_is_named_and_dropped(office, budi):
    budi.writes(files=(
        (photo_files()["ktp"], "image/jpeg", "foto.jpg"), (PDF, "application/pdf", "surat.pdf"),
        (b"MZ\x90\x00", "application/octet-stream", "foto.jpg.exe"), (b"<script>", "text/html", "halaman.html"),
        (b"x\x9f>\x22\x00", "application/ms-tnef", "winmail.dat"), (b"OggS....", "audio/ogg", "suara.ogg"),
        (b"%PDF-1.4" + b"0" * 15_800_000, "application/pdf", "besar.pdf"),
    ))
    office.works()
    assert files(office) == [
        ("photo", "stored", "foto.jpg"), ("pdf", "stored", "surat.pdf"), ("file", "refused", "foto.jpg.exe"),
        ("file", "refused", "halaman.html"), ("file", "refused", "winmail.dat"), ("audio", "stored", "suara.ogg"),
        ("file", "refused", "besar.pdf"), ("file", "stored", "surat-asli.eml"),
    ]
    petugas = handler(office)
    page = petugas.open(f"/petugas/pengaduan/{tickets(office)[0].id}").text
    assert "foto.jpg.exe" in page and "Jenis berkas ini tidak disimpan" in page and "Unduh surat asli" in page
    receipt = budi.letters()[0].get_content()
    assert "foto.jpg.exe" in receipt and "besar.pdf: berkas terlalu besar" in receipt and "suara.ogg" not in receipt


def test_html_alone_becomes_plain_words_without_anything_remote(office, servers):
    raw = (b"From: a@contoh.id\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><head><style>p{}</style></head>"
           b"<body><p>Satu &amp; dua</p><img src='https://lacak.contoh.id/x.gif'>tiga<br>empat"
           b"<script>alert(1)</script></body></html>\r\n")
    servers.send(raw, office.address)
    office.works()
    assert bodies(office) == ["Satu & dua\n\ntiga\nempat"]


def test_the_quoted_letter_below_a_reply_is_left_out_and_its_pin_hidden(office, budi):
    budi.writes()
    office.works()
    receipt = budi.letters()[0]
    pin = re.search(r"PIN: (\d{8})", receipt.get_content()).group(1)
    quoted = "\n".join(f"> {line}" for line in receipt.get_content().splitlines())
    budi.writes(f"Baik.\n\nPada Sen, 23 Nov 2026 09.00, Dukcapil <k@uji.id>\nmenulis:\n\n{quoted}\n", answering=receipt)
    budi.writes(f"{quoted}\nJawaban saya di bawah.", answering=receipt)
    office.works()
    assert bodies(office)[1] == "Baik."
    assert "Jawaban saya di bawah." in bodies(office)[2] and pin not in bodies(office)[2]


def test_the_same_on_postgresql(open_office, fresh_database, servers):
    office = open_office(database=fresh_database())
    budi = Writer(servers, office.address, "budi.pg@contoh.id")
    budi.writes("satu\x00dua", files=((PDF, "application/pdf", "a.pdf"),))
    office.works()
    budi.writes("lagi", answering=budi.letters()[0])
    office.works()
    assert (count(office, Ticket), count(office, TicketMessage), len(budi.letters())) == (1, 2, 1)


@pytest.mark.parametrize("outcome", ["", "proven"], ids=["question", "answer"])
def test_the_letter_is_word_for_word_what_the_desk_showed(office, budi, outcome):
    words = "Yth. Pak Budi,\n\nlampu sudah kami ganti:\n- tiang 7\n- tiang 8\n\n" + "Kami memeriksa semuanya. " * 100
    budi.writes()
    office.works()
    ticket_id, desk = tickets(office)[0].id, handler(office)
    page = desk.acts(ticket_id, "jawab", act="preview", text=words, via="chosen", outcome=outcome)
    shown, subject = page.soup.select_one("#dibaca p.message").get_text(), page.soup.select_one("#dibaca .sure-line b")
    desk.answers(ticket_id, words, outcome=outcome, act="final" if outcome else "ask")
    office.works()
    letter = budi.letters()[1]
    assert letter["Subject"] == subject.get_text()
    assert letter.get_content().replace("\r\n", "\n").strip() == shown and "- tiang 7\n- tiang 8" in shown
