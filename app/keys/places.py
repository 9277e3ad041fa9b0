"""Where anything sealed lies, and where an index of personal data: the two tables that `keys rotate` goes through.

A value opens only in its own place, so each place says how its context is written. A test demands that every sealed
column of the models has its line here, and that what is stored opens by it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Table, literal, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import Citizen, SignIn, Staff
from app.base.database import db
from app.base.kept_keys import KeyCanary, OwnKey, own_context
from app.casework.models import CaseBulk, CaseDraft, CaseNote
from app.casework.notes import place_of_note
from app.citizen_account.models import AccountRequest, CodeChallenge
from app.citizen_account.number_service import phone_context, selfie_context
from app.complaints.public.typed import ComplaintDraft
from app.complaints.ticket.models import Incident, Ticket, TicketAttachment, TicketMessage, TicketNameWord
from app.correspondence.call_task import CallTask
from app.evaluation.models import StaffTraining
from app.guarantee.models import Guarantee
from app.mailbox.models import MailIn
from app.messages.models import Contact, InboundAttachment, InboundMessage, NumberProof, OutboxMessage
from app.oversight.models import MonthSigned
from app.privacy.models import RightsRequest
from app.registration.links import MendedItem
from app.registration.models import Application, NameWord, Photo, Reason
from app.registration.photo_service import photo_context
from app.review.models import CaseEvidence, OnePersonDay, StaffKin
from app.survey.models import RatingNotice, SurveyAnswer, SurveyNotice


@dataclass(frozen=True)
class Place:
    """A sealed column; `context` gets one row with all columns of its table."""

    attribute: InstrumentedAttribute
    context: Callable[..., str]

    @property
    def table(self) -> Table:
        return self.attribute.class_.__table__

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.attribute.key}"


@dataclass(frozen=True)
class ObjectPlace:
    """A column that names an object of the photo store; `sha256` is the column of its digest, or None."""

    attribute: InstrumentedAttribute
    context: Callable[..., str]
    sha256: InstrumentedAttribute | None = None

    table = Place.table
    name = Place.name


def _of_row(kind: str, part: str) -> Callable[..., str]:
    return lambda row: f"{kind}:{row.id}:{part}"


PLACES: tuple[Place, ...] = (
    Place(OwnKey.sealed, lambda row: own_context(row.name)),
    Place(Application.personal_sealed, _of_row("application", "personal")),
    Place(Application.typed_sealed, _of_row("application", "typed")),
    Place(Application.pin_sealed, _of_row("application", "pin")),
    Place(Reason.note_sealed, lambda row: f"status_reason:{row.change_id}:{row.item}"),
    Place(MendedItem.before_sealed, lambda row: f"mended_item:{row.change_id}:{row.item}"),
    Place(CaseEvidence.nik_read_sealed, lambda row: f"case_evidence:{row.change_id}"),
    Place(CaseEvidence.sentences_sealed, lambda row: f"case_evidence:{row.change_id}"),
    Place(OnePersonDay.reason_sealed, lambda row: f"one_person_day:{row.day.isoformat()}"),
    Place(CaseBulk.typed_sealed, _of_row("case_bulk", "typed")),
    Place(CaseNote.text_sealed, place_of_note),
    Place(CaseDraft.typed_sealed,
          lambda row: f"case_draft:{row.about_kind}:{row.case_id}:{row.form}:{row.staff_id}"),
    Place(Citizen.personal_sealed, _of_row("citizen", "personal")),
    Place(Staff.totp_sealed, _of_row("staff", "totp")),
    Place(Staff.contact_sealed, _of_row("staff", "contact")),
    Place(SignIn.totp_offer_sealed, lambda row: f"sign_in:{row.token_hash}:totp"),
    Place(CodeChallenge.phone_sealed, _of_row("code_challenge", "phone")),
    Place(AccountRequest.phone_sealed, lambda row: phone_context(row.id)),
    Place(Ticket.pin_sealed, _of_row("ticket", "pin")),
    Place(Ticket.content_sealed, _of_row("ticket", "content")),
    Place(Ticket.contact_sealed, _of_row("ticket", "contact")),
    Place(Ticket.late_reason_sealed, _of_row("ticket", "late_reason")),
    Place(Ticket.rating_sealed, _of_row("ticket", "rating")),
    Place(TicketMessage.body_sealed, _of_row("ticket_message", "body")),
    Place(TicketMessage.quoted_sealed, _of_row("ticket_message", "quoted")),
    Place(Incident.title_sealed, _of_row("incident", "title")),
    Place(TicketMessage.sender_sealed, _of_row("ticket_message", "sender")),
    Place(TicketAttachment.name_sealed, _of_row("ticket_attachment", "name")),
    Place(ComplaintDraft.sealed, lambda row: f"complaint_draft:{row.token_hash}"),
    Place(SurveyAnswer.suggestion_sealed, _of_row("survey_answer", "suggestion")),
    Place(SurveyNotice.remark_sealed, lambda row: f"survey_notice:{row.answer_id}:remark"),
    Place(RatingNotice.remark_sealed, lambda row: f"rating_notice:{row.ticket_id}:remark"),
    Place(MailIn.heading_sealed, _of_row("mail_in", "heading")),
    Place(MailIn.thread_sealed, _of_row("mail_in", "thread")),
    Place(OutboxMessage.payload_sealed, lambda row: f"outbox:{row.id}"),
    Place(CallTask.note_sealed, lambda row: f"call_task:{row.id}"),
    Place(InboundMessage.payload_sealed, lambda row: f"inbound:{row.id}"),
    Place(InboundAttachment.source_sealed, _of_row("inbound_attachment", "source")),
    Place(MonthSigned.remark_sealed, lambda row: f"month_signed:{row.month:%Y-%m}:{row.staff_id}"),
    Place(Guarantee.handover_sealed, _of_row("guarantee", "handover")),
    Place(Guarantee.receiver_sealed, _of_row("guarantee", "receiver")),
    Place(Guarantee.proof_sealed, _of_row("guarantee", "proof")),
    Place(RightsRequest.text_sealed, _of_row("rights_request", "text")),
    Place(RightsRequest.answer_sealed, _of_row("rights_request", "answer")),
)
# a canary is sealed under its own key for ever
NEVER_SEALED_ANEW = (KeyCanary.sealed,)

OBJECTS: tuple[ObjectPlace, ...] = (
    ObjectPlace(Photo.storage_key, lambda row: photo_context(row.application_id, row.id, "full"), Photo.sealed_sha256),
    ObjectPlace(Photo.thumbnail_key, lambda row: photo_context(row.application_id, row.id, "small")),
    ObjectPlace(TicketAttachment.storage_key, _of_row("ticket_attachment", "full"), TicketAttachment.sealed_sha256),
    ObjectPlace(TicketAttachment.thumbnail_key, _of_row("ticket_attachment", "small")),
    ObjectPlace(InboundAttachment.storage_key, _of_row("inbound_attachment", "file")),
    ObjectPlace(StaffTraining.storage_key, _of_row("staff_training", "evidence"), StaffTraining.sealed_sha256),
    ObjectPlace(AccountRequest.selfie_key, lambda row: selfie_context(row.id), AccountRequest.selfie_sha256),
)
# rows that say their object is gone
GONE = {
    "photo": Photo.erased_at, "ticket_attachment": TicketAttachment.erased_at,
    "account_request": AccountRequest.selfie_erased_at,
}


def objects_in_use() -> Iterator[tuple[str, str, str]]:
    """(row, key, SHA-256 or "") of every object that must be in the photo store."""
    for place in OBJECTS:
        table = place.table
        column, sha256 = table.c[place.attribute.key], table.c[place.sha256.key] if place.sha256 else literal("")
        query = select(table.c.id, column, sha256).where(column.is_not(None))
        if table.name in GONE:
            query = query.where(GONE[table.name].is_(None))
        for row_id, key, wanted in db.session.execute(query):
            yield f"{table.name.replace('_', ' ')} {row_id}", key, wanted


# indexes of the purposes in sealing.ROTATED; all others stand under keys of their own and never change
INDEXES: tuple[InstrumentedAttribute, ...] = (
    Application.nik_index, Application.kk_index, Application.phone_index, NameWord.word_index,
    StaffKin.nik_index, StaffKin.kk_index, Citizen.nik_index, Citizen.phone_index, CodeChallenge.nik_index,
    AccountRequest.nik_index, Ticket.phone_index, Ticket.email_index, TicketNameWord.word_index,
    OutboxMessage.to_index, Contact.index, Contact.external_index, InboundMessage.contact_index,
    NumberProof.contact_index,
)
