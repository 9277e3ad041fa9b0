"""Messages, complaints and sessions after their time."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import SignIn
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import NotFound
from app.base.services import photo_store
from app.casework import notes
from app.complaints.ticket import files
from app.complaints.ticket.models import INTERNAL, Ticket, TicketAttachment
from app.complaints.ticket.personal import body_of, open_contact
from app.complaints.ticket.transitions import change_status as change_stage
from app.messages.models import InboundMessage, OutboxMessage
from app.messages.outbox import open_payload
from app.process import worker
from app.process.fsck import check
from tests.accounts import is_in, sign_in
from tests.aging import count, ended, findings, objects, runs
from tests.builders import RESIDENT, an_application
from tests.complaints import PDF, WORDS, Complainant


def test_an_old_message_loses_recipient_and_text_and_keeps_its_fate(app, time):
    an_application(app)
    worker.run_once(app)
    time.moves(days=91)
    assert runs(app)["messages"] == 1
    with app.app_context():
        row = db.session.scalars(select(OutboxMessage)).one()
        assert row.template == "pendaftaran_diterima" and row.state in ("accepted", "sent", "delivered")
        payload = open_payload(row)
        assert payload.to == "" and RESIDENT["full_name"] not in str(payload)
    assert findings(app) == [] and runs(app) == {}


def test_a_message_that_still_waits_keeps_its_recipient(app, time):
    an_application(app)
    time.moves(days=91)
    assert "messages" not in runs(app)


def test_an_erased_message_opens_at_the_desk_and_cannot_be_sent_again(app, time, staff_client):
    an_application(app)
    with app.app_context():
        with transaction():
            row = db.session.scalars(select(OutboxMessage)).one()
            row.state = "failed"
        message_id = row.id
    time.moves(days=91)
    runs(app)
    page = staff_client("operator").get(f"/petugas/pesan/{message_id}")
    assert page.status_code == 200 and "sudah dihapus" in page.text and "kirim-ulang" not in page.text


def test_raw_inbound_messages_go_after_thirty_days(app, time):
    with app.app_context(), transaction() as session:
        for number in range(3):
            session.add(InboundMessage(
                provider_id=f"SM{number}", contact_index="x" * 64, payload_sealed=b"x", source="webhook",
                received_at=clock.now() + timedelta(days=number),
            ))
    time.moves(days=31, hours=1)
    assert runs(app) == {"inbound": 2} and count(app, InboundMessage) == 1


def test_a_closed_complaint_loses_words_contact_and_attachments_after_two_years(app, time):
    complainant = Complainant(app.test_client())
    complainant.complains(files=[("bukti.pdf", PDF)])
    with app.app_context(), transaction():
        ticket = db.session.scalars(select(Ticket)).one()
        change_stage(ticket, "dismiss", journal.SYSTEM)
        notes.add_note(("ticket", ticket.id), INTERNAL, "Pelapor sudah ditelepon.", None)
    time.moves(days=729)
    assert runs(app).get("complaints") is None and objects(app) == 1
    time.moves(days=2)
    assert runs(app)["complaints"] == 1 and objects(app) == 0
    with app.app_context():
        ticket = db.session.scalars(select(Ticket)).one()
        assert ticket.number == complainant.number and ticket.phone_index is None
        assert notes.notes_of(("ticket", ticket.id), INTERNAL) == []
        assert open_contact(ticket).name == "" and WORDS not in body_of(ticket.messages[0])
        attachment = db.session.scalars(select(TicketAttachment)).one()
        with pytest.raises(NotFound):
            files.read(attachment)
        [proof] = [line for line in journal.lines_about("ticket", ticket.id) if line.action == "complaint_erased"]
        assert json.loads(proof.detail)["files"] == [["pdf", attachment.sealed_sha256]]
    assert findings(app) == []


def test_fsck_knows_the_files_of_complaints_and_sweeps_none_of_them(app, time):
    Complainant(app.test_client()).complains(files=[("bukti.pdf", PDF)])
    time.moment = datetime.now(UTC) + timedelta(hours=2)  # the file is as old as it is
    with app.app_context():
        assert check(sweep=True) == []
    assert objects(app) == 1
    with app.app_context():
        photo_store().delete(db.session.scalars(select(TicketAttachment.storage_key)).one())
    assert ["its object is missing" in finding for finding in findings(app)] == [True]


def test_old_sessions_go_and_running_ones_stay(app, time):
    ended(app, "active")
    old, new = app.test_client(), app.test_client()
    sign_in(old)
    time.moves(days=60)
    sign_in(new)
    time.moves(hours=1)
    runs(app)
    assert count(app, SignIn) == 1 and is_in(new) and not is_in(old)
