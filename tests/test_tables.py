"""Tables of the code that must name everything there is: where something sealed lies, what stands under which key."""

import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace

from sqlalchemy import LargeBinary

from app.accounts import second_factor
from app.base.database import db
from app.base.sealing import ROTATED
from app.casework import bulk, notes
from app.citizen_account import codes, number_service
from app.complaints.public import typed as complaint_typed
from app.complaints.ticket import files
from app.keys.places import INDEXES, NEVER_SEALED_ANEW, OBJECTS, PLACES
from app.keys.proof import PURPOSES
from app.messages import outbox
from app.messages.email import threads
from app.messages.inbound import attachments, inbox
from app.office import contacts
from app.oversight import signing
from app.privacy import models as rights
from app.registration import drafts, mending, personal, transitions
from app.review import evidence
from app.review.rights import _context
from app.survey import answering


def test_every_sealed_column_and_every_index_of_a_person_has_its_place():
    kept = {place.attribute.property.columns[0] for place in PLACES}
    kept |= {attribute.property.columns[0] for attribute in NEVER_SEALED_ANEW}
    sealed = {column for table in db.metadata.tables.values() for column in table.c
              if isinstance(column.type, LargeBinary) and "sealed" in column.name}
    assert sealed == kept
    named = {column for table in db.metadata.tables.values() for column in table.c
             if column.name in ("nik_index", "kk_index", "phone_index", "email_index", "word_index", "to_index",
                                "contact_index") or (table.name, column.name) == ("wa_contact", "external_index")}
    assert named == {attribute.property.columns[0] for attribute in INDEXES}


ROW = SimpleNamespace(
    id="i1", answer_id="s1", ticket_id="t1", change_id=7, item="ktp", kind="note", case_id="c1", form="ask",
    sealed_as="", about_kind="application", staff_id="s1", token_hash="t1", application_id="a1", name="subkeys",
    day=SimpleNamespace(isoformat=lambda: "2026-11-23"), month=date(2026, 10, 1),
)
AS_WRITTEN = {
    "application.personal_sealed": personal._context("i1"),
    "status_reason.note_sealed": transitions._note_context(7, "ktp"),
    "mended_item.before_sealed": mending._before_context(7, "ktp"),
    "case_evidence.nik_read_sealed": evidence._context(ROW),
    "case_evidence.sentences_sealed": evidence._context(ROW),
    "one_person_day.reason_sealed": _context(ROW.day),
    "case_bulk.typed_sealed": bulk._context("i1"),
    "case_note.text_sealed": notes.place_of_note(ROW),
    "case_draft.typed_sealed": notes._draft_context(("application", "c1", "ask", "s1")),
    "staff.totp_sealed": second_factor._own("i1"),
    "staff.contact_sealed": contacts._context(ROW),
    "sign_in.totp_offer_sealed": second_factor._offer(ROW),
    "code_challenge.phone_sealed": codes._phone_context(ROW),
    "account_request.phone_sealed": number_service.phone_context("i1"),
    "mail_in.thread_sealed": threads._place(ROW),
    "application.typed_sealed": drafts._context("i1"),
    "complaint_draft.sealed": complaint_typed._context("t1"),
    "survey_answer.suggestion_sealed": answering._context("i1"),
    "outbox_message.payload_sealed": outbox._context("i1"),
    "inbound_message.payload_sealed": inbox._context("i1"),
    "inbound_attachment.source_sealed": attachments._source_context("i1"),
    "inbound_attachment.storage_key": attachments._file_context("i1"),
    "month_signed.remark_sealed": signing._context(date(2026, 10, 1), "s1"),
    "rights_request.text_sealed": rights._context(ROW, "text"),
    "rights_request.answer_sealed": rights._context(ROW, "answer"),
    "ticket_attachment.storage_key": files._context("i1", "full"),
    "ticket_attachment.thumbnail_key": files._context("i1", "small"),
}


def test_each_place_writes_the_context_as_the_room_does_that_seals_there():
    told = {place.name: place.context(ROW) for place in (*PLACES, *OBJECTS)}
    assert {name: told[name] for name in AS_WRITTEN} == AS_WRITTEN


def test_every_purpose_of_an_index_has_a_key_of_its_own():
    """Otherwise it would follow INDEX_KEY, and stop matching when that is replaced."""
    called = re.compile(r'\.index\("([a-z-]+)",')
    used = {name for path in Path("app").rglob("*.py") for name in called.findall(path.read_text())}
    assert used <= set(PURPOSES) and set(PURPOSES) >= ROTATED
