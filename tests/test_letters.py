"""What is read of a letter: over a hundred and fifty of them, each after a kind of fault. Sixty of them are written by
machines, and some by people who look like one."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import json
import random
import shutil
import sys
import time as stopwatch
from subprocess import DEVNULL

import pytest
from sqlalchemy import select

from app.base.database import db
from app.base.journal_line import JournalLine
from app.complaints.ticket import files
from app.complaints.ticket.models import Ticket, TicketAttachment, TicketMessage
from app.mailbox.box import Fetched
from app.mailbox.letters import open_letter
from app.mailbox.machines import MACHINE, SIGNS, Seen, signs_of
from app.mailbox.models import MailIn
from app.mailbox.text import headers_of
from app.settings.mail import MailSettings
from tests import more_letters
from tests.builders import TEST_SETTINGS
from tests.letters import MACHINES, OFFICE, PEOPLE, Case, as_it_lies, letter, mixed_letters
from tests.live import LiveServer
from tests.mail_reading import fates, handler, tickets
from tests.mail_servers import budi, office, open_office, servers  # noqa: F401
from tests.warm_python import begin

MAIL = MailSettings.read({"MAIL_FROM": OFFICE, "MAIL_GROUPS": "layanan@grup.uji.id"})


def read(raw: bytes):
    return open_letter(Fetched(1, None, len(raw), raw), MAIL)


ALL_PEOPLE, ALL_MACHINES = [*PEOPLE(), *more_letters.PEOPLE()], [*MACHINES(), *more_letters.MACHINES()]


def test_no_letter_stands_twice_in_the_tables():
    names = [case.name for case in (*ALL_PEOPLE, *ALL_MACHINES)]
    assert len(names) == len(set(names)) and len(ALL_PEOPLE) >= 60 and len(ALL_MACHINES) >= 60


@pytest.mark.parametrize("case", ALL_PEOPLE, ids=lambda case: case.name)
def test_what_a_person_wrote_is_read(case: Case):
    found = read(case.raw)
    assert found.automatic == "" and found.raw == case.raw
    for words in case.words:
        assert words in found.text
    for words in case.folded:
        assert words in found.quoted and words not in found.text
    assert tuple(file.name for file in found.files) == case.files and found.unread == case.unread
    if case.writer:
        assert found.name == case.writer
    if case.answer_to is not None:
        assert found.answer_to == case.answer_to


@pytest.mark.parametrize("case", ALL_MACHINES, ids=lambda case: case.name)
def test_what_no_person_wrote_is_told_from_it(case: Case):
    assert read(case.raw).automatic in SIGNS


def test_no_sign_but_the_standards_own_is_enough_alone():
    weak = {"away-subject", "failed-subject", "read-receipt", "no-answers-wanted", "away-words", "mass-sender",
            "postmaster", "no-reply", "role", "away-answer"}
    for case in (*ALL_PEOPLE, *ALL_MACHINES):
        found = signs_of(Seen(headers_of(case.raw), subject="Automatic reply: x", text=""))
        assert all(found[name] < MACHINE for name in weak & found.keys())


@pytest.mark.server
def test_the_command_reads_letters_without_a_mailbox_and_writes_nothing(tmp_path, migrated_sqlite):
    path = tmp_path / "surat.eml"
    path.write_bytes(letter(b"Antre 3 jam."))
    house = LiveServer(tmp_path / "rumah", "serve")
    house.instance.mkdir()
    shutil.copy(migrated_sqlite, house.instance / "loket.sqlite3")
    before = {kept: kept.read_bytes() for kept in house.instance.rglob("*.sqlite3")}
    [line] = map(json.loads, house.run("mail", "read", str(path)).stdout.splitlines())
    assert line == {
        "file": str(path), "machine": None, "name": "Budi Contoh", "sender": "budi@contoh.id",
        "answer_to": "budi@contoh.id", "subject": "Keluhan", "text": "Antre 3 jam.", "quoted": "", "files": [],
        "kept_raw": True,
    }
    assert before and all(kept.read_bytes() == data for kept, data in before.items())


def kept_letters(office) -> dict[str, bytes]:
    """Message row -> the raw letter kept with it."""
    with office.app.app_context():
        rows = list(db.session.scalars(select(TicketAttachment).where(
            TicketAttachment.content_type == files.LETTER_TYPE)))
        return {row.message_id: files.read(row) for row in rows}


def core_of(raw: bytes) -> bytes:
    """The letter as it was sent: without the lines its way put on top, with the line ends mail has."""
    return raw.partition(b"Message-ID:")[2].replace(b"\r\n", b"\n").rstrip()


def test_every_letter_is_in_one_ticket_with_its_bytes_or_in_the_list_of_those_left_alone(office, servers):
    sent = {}
    for number, case in enumerate((*PEOPLE(), *MACHINES())):
        sent[case.name] = as_it_lies(case, number).replace(OFFICE.encode(), office.address.encode())
        servers.send(sent[case.name], office.address, f"penulis{number}@contoh.id")
    for _ in range(4):
        office.works()
    letters_there = {core_of(raw) for raw in kept_letters(office).values()}
    people = [case.name for case in PEOPLE() if "group" not in case.name]
    for name in people:
        assert core_of(sent[name]) in letters_there, name
    found = fates(office)
    assert len(found) == len(sent) and {fate for fate, _ in found} <= {"taken", "automatic", "own"}
    page = handler(office).open("/petugas/pesan/email").text
    assert "Surat yang tidak menjadi pengaduan" in page and "Sedang tidak di tempat" in page


def test_what_could_not_be_read_is_told_at_the_desk_and_to_the_sender(office, budi):
    servers = office.servers
    sealed = next(case for case in PEOPLE() if case.name == "pgp/mime")
    servers.send(as_it_lies(sealed, 1).replace(b"budi@contoh.id", budi.address.encode()), office.address, budi.address)
    office.works()
    [ticket], petugas = tickets(office), handler(office)
    page = petugas.reads(ticket.id)
    assert "dienkripsi" in page.text
    [link] = [link["href"] for link in page.soup.find_all("a") if link.get_text() == "Unduh surat asli"]
    assert core_of(petugas.client.get(link).data) == core_of(servers.post.taken[0])
    with office.app.app_context():
        read = db.session.scalars(select(JournalLine.action).where(JournalLine.about_id == ticket.id))
        assert "ticket_letter_viewed" in list(read)
    receipt = budi.letters()[0].get_content()
    assert "tidak semua isi surat Anda dapat kami baca" in receipt and "tanpa enkripsi" in receipt


def answered(office, budi):
    """A ticket with our answer, and the letter it came with."""
    budi.writes("KTP saya belum jadi.")
    office.works()
    petugas, ticket = handler(office), tickets(office)[0]
    petugas.answers(ticket.id, "KTP Anda sudah dapat diambil.")
    office.works()
    return petugas, ticket.id, budi.letters()[-1]


@pytest.mark.parametrize("words", [
    "Terima kasih 🙏", "Terima kasih banyak atas bantuannya, Pak.", "👍", "Siap, makasihhh",
    "Terima kasih\n\n-- \nBudi Contoh\nHP 0812",
])
def test_thanks_open_nothing_again_and_one_press_does(office, budi, words):
    petugas, ticket_id, answer = answered(office, budi)
    before = tickets(office)[0]
    budi.writes(words, f"Re: {answer['Subject']}", answering=answer)
    office.works()
    [ticket] = tickets(office)
    assert (ticket.status, ticket.due_at, ticket.last_said_at) == ("answered", before.due_at, before.last_said_at)
    page = petugas.reads(ticket_id)
    assert words.splitlines()[0] in page.text and "tidak membuka pengaduan lagi" in page.text
    with office.app.app_context():
        message = db.session.scalars(select(TicketMessage).where(TicketMessage.is_courtesy)).one().id
    petugas.acts(ticket_id, "buka-lagi", message=message)
    assert [ticket.status for ticket in tickets(office)] == ["in_progress"]


@pytest.mark.parametrize("words", ["Terima kasih, tetapi namanya masih salah.", "Terima kasih. Kapan bisa diambil?",
                                   "Belum", "Terima kasih, kurang cepat"])
def test_one_word_more_is_news(office, budi, words):
    _, _, answer = answered(office, budi)
    budi.writes(words, f"Re: {answer['Subject']}", answering=answer)
    office.works()
    assert [ticket.status for ticket in tickets(office)] == ["in_progress"]


def test_a_number_in_reply_to_the_answer_is_the_rating_it_asks_for(office, budi):
    _, _, answer = answered(office, budi)
    assert "balas dengan satu angka" in answer.get_content()
    budi.writes("5", f"Re: {answer['Subject']}", answering=answer)
    office.works()
    [ticket] = tickets(office)
    assert (ticket.status, ticket.rating) == ("answered", 5)


def test_an_away_note_answers_nothing_and_is_listed(office, budi):
    petugas, _, answer = answered(office, budi)
    budi.writes("Saya sedang cuti sampai 3 Desember.", "Automatic reply: Jawaban", answering=answer,
                X_Auto_Response_Suppress="All")
    office.works()
    assert [ticket.status for ticket in tickets(office)] == ["answered"]
    assert "Sedang tidak di tempat" in petugas.open("/petugas/pesan/email").text


@pytest.mark.long
def test_five_hundred_letters_and_thirty_killed_workers_lose_nothing_and_double_nothing(office, servers):
    letters = mixed_letters(500)
    for number, (_is_person, raw) in enumerate(letters):
        servers.send(raw.replace(OFFICE.encode(), office.address.encode()), office.address, f"p{number}@contoh.id")
    settings = {**TEST_SETTINGS, **servers.settings(office.address)}  # one key for those who write and who read
    house = LiveServer(office.app.extensions["loket"].instance, "serve", settings)
    chance, kills, deadline = random.Random(17), 0, stopwatch.monotonic() + 500
    while stopwatch.monotonic() < deadline:
        worker = begin([sys.executable, "-m", "tests.mail_worker"], env=house.environment, stdout=DEVNULL,
                       stderr=DEVNULL)
        done, end = len(fates(office)), stopwatch.monotonic() + 60
        # dies in the middle of its work, not while it starts
        goal = done + chance.randint(1, 16) if kills < 30 else 500
        while len(fates(office)) < min(goal, 500) and stopwatch.monotonic() < end:
            stopwatch.sleep(chance.uniform(0.02, 0.1))
        worker.kill()
        worker.wait()
        kills += kills < 30
        if kills == 30 and len(fates(office)) == 500:
            break
    assert kills == 30 and len(fates(office)) == 500
    kept = kept_letters(office)
    with office.app.app_context():
        taken = db.session.query(MailIn).filter_by(fate="taken").count()
        assert db.session.query(TicketMessage).filter_by(direction="in").count() == taken == len(kept)
        assert db.session.query(Ticket).count() <= taken
    bodies = [core_of(raw) for raw in kept.values()]
    assert len(set(bodies)) == taken
    sent = {core_of(raw.replace(OFFICE.encode(), office.address.encode())) for _, raw in letters}
    assert set(bodies) <= sent
