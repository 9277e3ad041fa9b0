"""A picture that comes by mail or WhatsApp can stop the worker once, and never again and again."""

import base64
import contextlib
import signal
import sys
import threading
from datetime import timedelta
from subprocess import PIPE

import pytest
from flask import current_app
from flask_migrate import upgrade

from app.base.database import db, transaction
from app.complaints.arriving import by_email
from app.complaints.ticket import files
from app.complaints.ticket.models import REFUSED, STORED, Ticket, TicketAttachment, TicketMessage
from app.complaints.ticket.personal import body_of
from app.mailbox import letters
from app.messages.inbound import attachments, inbox
from app.messages.models import InboundAttachment
from app.photos import pool
from app.photos.cleaning import STILL_OPEN, PictureTry, clean_once, forget_old_tries, index_of
from app.photos.errors import PhotoBusy, UnreadablePhoto
from bench.fuzz_photos import mutants
from tests.builders import TEST_SETTINGS
from tests.fake_twilio import MESSAGES
from tests.hostile_photos import jpeg
from tests.mail_reading import handler
from tests.mail_servers import budi, office, open_office, servers  # noqa: F401 (fixtures)
from tests.messaging import Outside
from tests.test_photo_box import PATIENCE, POISON, children_of, slow_picture, until
from tests.warm_python import Process, begin
from tests.whatsapp import inbound_form, sid, twilio, wa_app, write_to_us  # noqa: F401 (fixtures)

MEDIA = f"{MESSAGES}/{sid(1)}/Media/ME" + "e" * 32
LETTER = b"""From: Budi Contoh <budi@contoh.id>\r
Message-ID: <1@contoh.id>\r
Subject: jalan rusak\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
Content-Type: text/plain\r
\r
Jalan di depan rumah rusak.\r
--b\r
Content-Type: image/png; name=jalan.png\r
Content-Transfer-Encoding: base64\r
\r
%s\r
--b--\r
"""
# a worker whose own process ends while a picture of its is open
DYING = """
import sys
from app import create_app
from app.photos import pool as photo_pool
from app.photos.cleaning import clean_once
settings = dict(pair.split("=", 1) for pair in sys.argv[1:])
app = create_app(settings)
print(photo_pool.start(), flush=True)
with app.app_context():
    clean_once(sys.stdin.buffer.read())
"""


@pytest.fixture(scope="module")
def poison() -> bytes:
    return slow_picture()


def dies_opening(app, data: bytes) -> None:
    """A process with the instance and database of this one opens `data` and is killed in the middle of it."""
    settings = {**TEST_SETTINGS, "LOKET_INSTANCE": app.instance_path}
    if (url := app.config["SQLALCHEMY_DATABASE_URI"]).startswith("postgresql"):
        settings["DATABASE_URL"] = url
    worker = begin(
        [sys.executable, "-c", DYING, *(f"{name}={value}" for name, value in settings.items())],
        stdin=PIPE, stdout=PIPE,
    )
    with worker:
        launcher = int(worker.stdout.readline())
        feeding = threading.Thread(target=lambda: feed(worker, data))
        feeding.start()
        until(lambda: children_of(launcher))
        worker.send_signal(signal.SIGKILL)
        worker.wait(PATIENCE)
        feeding.join(PATIENCE)


def some_time_passes(**by) -> None:
    """Every mark is as much older."""
    with transaction() as session:
        for row in session.query(PictureTry):
            row.began_at -= timedelta(**by)


def feed(worker: Process, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError):
        worker.stdin.write(data)
        worker.stdin.close()


def test_a_picture_is_marked_while_it_is_open_and_forgotten_afterwards(app_context):
    assert clean_once(jpeg()).width == 1000
    with pytest.raises(Exception, match="Foto"):
        clean_once(jpeg()[:9000])
    assert db.session.query(PictureTry).count() == 0


def test_a_picture_that_ended_a_worker_is_not_opened_a_second_time(app_context, poison):
    dies_opening(current_app, poison)
    with pytest.raises(PhotoBusy):  # another worker may be at it still
        clean_once(poison)
    some_time_passes(seconds=STILL_OPEN.total_seconds() + 1)
    for _ in range(2):
        with pytest.raises(UnreadablePhoto):
            clean_once(poison)
    assert clean_once(jpeg()).width == 1000
    some_time_passes(days=31)
    forget_old_tries()
    assert clean_once(poison).width == 2000


def test_the_letter_of_such_a_picture_is_read_all_the_same(app_context, poison):
    dies_opening(current_app, poison)
    raw = LETTER % base64.encodebytes(poison).replace(b"\n", b"\r\n")
    letter = letters.read_letter(raw)
    assert letter.text == "Jalan di depan rumah rusak."
    with pytest.raises(by_email.ReadLater):
        by_email.prepared_files(letter)
    some_time_passes(seconds=STILL_OPEN.total_seconds() + 1)
    [file, whole] = by_email.prepared_files(letter)
    assert whole.data == raw
    assert (file.name, file.refusal) == ("jalan.png", "unreadable")


def test_a_whatsapp_picture_that_ended_a_worker_is_refused_and_its_message_stays(
    wa_app, twilio, poison  # noqa: F811
):
    twilio.media[MEDIA] = (poison, "image/png")
    address = f"https://api.twilio.com{MEDIA}"
    form = inbound_form(twilio, sid(1), "Ini fotonya", NumMedia="1", MediaUrl0=address, MediaContentType0="image/png")
    assert write_to_us(Outside(wa_app.test_client()), twilio, form).status_code == 200
    inbox.handle_new()
    dies_opening(wa_app, poison)
    some_time_passes(seconds=STILL_OPEN.total_seconds() + 1)
    attachments.fetch_due()
    db.session.rollback()
    row = db.session.query(InboundAttachment).one()
    assert (row.state, row.refusal) == (REFUSED, "unreadable")


def test_the_heic_that_ended_the_worker_ends_nothing_by_mail_or_whatsapp(wa_app, twilio):  # noqa: F811
    letter = letters.read_letter(LETTER % base64.encodebytes(POISON.read_bytes()).replace(b"\n", b"\r\n"))
    assert letter.text == "Jalan di depan rumah rusak." and len(letter.files) == 1
    twilio.media[MEDIA] = (POISON.read_bytes(), "image/heic")
    address = f"https://api.twilio.com{MEDIA}"
    form = inbound_form(twilio, sid(1), "Ini fotonya", NumMedia="1", MediaUrl0=address, MediaContentType0="image/heic")
    assert write_to_us(Outside(wa_app.test_client()), twilio, form).status_code == 200
    inbox.handle_new()
    attachments.fetch_due()
    db.session.rollback()
    assert db.session.query(InboundAttachment).one().state in (STORED, REFUSED)
    assert db.session.query(PictureTry).count() == 0


def the_worker_runs(office) -> None:  # noqa: F811
    office.works()
    with office.app.app_context():
        db.session.rollback()


def test_a_poisoned_picture_in_the_mailbox_ends_the_worker_once_and_is_never_opened_again(
    office, budi, poison, monkeypatch  # noqa: F811
):
    budi.writes("Jalan di depan rumah rusak.", files=((poison, "image/heic", "jalan.heic"),))
    dies_opening(office.app, poison)
    the_worker_runs(office)
    with office.app.app_context():
        assert db.session.query(Ticket).count() == 0, "another worker may be at it still"
        some_time_passes(seconds=STILL_OPEN.total_seconds() + 1)
    opened = []
    monkeypatch.setattr(pool, "open_picture", lambda *task: opened.append(task))
    for _ in range(2):
        the_worker_runs(office)
    with office.app.app_context():
        row, whole = db.session.query(TicketAttachment).order_by(TicketAttachment.position)
        assert whole.state == STORED
        assert body_of(db.session.query(TicketMessage).one()) == "Jalan di depan rumah rusak."
        assert (row.state, row.refusal) == (REFUSED, "unreadable") and "jalan.heic" in files.refusal_words(row)
        ticket_id = row.ticket_id
    assert not opened
    assert "Foto ini tidak dapat dibuka" in handler(office).open(f"/petugas/pengaduan/{ticket_id}").text
    assert len(budi.letters()) == 1


def test_the_heic_that_once_ended_the_worker_is_one_file_of_a_letter_in_the_mailbox(office, budi):  # noqa: F811
    budi.writes("Ini fotonya.", files=((POISON.read_bytes(), "image/heic", "foto.heic"),))
    the_worker_runs(office)
    budi.writes("Lampu jalan mati.", files=((jpeg(), "image/jpeg", "lampu.jpg"),))
    the_worker_runs(office)
    with office.app.app_context():
        photos = db.session.query(TicketAttachment).filter_by(position=0).order_by(TicketAttachment.created_at)
        states = [row.state for row in photos]
        assert states[0] in (STORED, REFUSED) and states[1] == STORED and db.session.query(PictureTry).count() == 0
        assert db.session.query(Ticket).count() == 2


@pytest.mark.long
def test_hundreds_of_damaged_pictures_by_mail_end_nothing(office, budi):  # noqa: F811
    damaged = list(mutants(300, seed=17))
    for first in range(0, len(damaged), 10):
        budi.writes(f"surat {first}", files=tuple(
            (data, "image/jpeg", f"{name}.jpg") for name, data in damaged[first:first + 10]
        ))
    for _ in range(20):
        the_worker_runs(office)
    with office.app.app_context():
        rows = db.session.query(TicketAttachment).filter(TicketAttachment.content_type != "message/rfc822").all()
        assert len(rows) == 300 and {row.state for row in rows} <= {STORED, REFUSED}
        assert db.session.query(TicketMessage).count() == 30 and db.session.query(PictureTry).count() == 0


@pytest.mark.long
def test_hundreds_of_damaged_pictures_by_whatsapp_end_nothing(wa_app, twilio):  # noqa: F811
    for number, (_name, data) in enumerate(mutants(300, seed=18), 1):
        place = f"{MESSAGES}/{sid(number)}/Media/ME" + f"{number:032x}"
        twilio.media[place] = (data, "image/jpeg")
        form = inbound_form(twilio, sid(number), f"foto {number}", NumMedia="1", MediaContentType0="image/jpeg",
                            MediaUrl0=f"https://api.twilio.com{place}")
        assert write_to_us(Outside(wa_app.test_client()), twilio, form).status_code == 200
    while inbox.handle_new() or attachments.fetch_due():
        db.session.rollback()
    for _ in range(70):
        attachments.fetch_due()
    db.session.rollback()
    rows = db.session.query(InboundAttachment).all()
    assert len(rows) == 300 and {row.state for row in rows} <= {STORED, REFUSED}
    assert db.session.query(PictureTry).count() == 0


def test_marks_work_on_postgresql_too(pg_app):
    with pg_app.app_context():
        upgrade()
        assert clean_once(jpeg()).width == 1000
        with transaction() as session:
            session.add(PictureTry(picture_index=index_of(jpeg())))
        with pytest.raises(PhotoBusy):
            clean_once(jpeg())
        some_time_passes(seconds=STILL_OPEN.total_seconds() + 1)
        with pytest.raises(UnreadablePhoto):
            clean_once(jpeg())
