"""What one feature does to another without knowing it: told here and nowhere by an import."""

from app.backup import erased
from app.casework import bulk, drafts, history, work
from app.casework.kinds import OURS
from app.citizen_account import request_desk
from app.complaints.arriving import by_whatsapp, intake
from app.complaints.desk import answering, case_desk
from app.complaints.desk.inbox import COMPLAINTS
from app.complaints.desk.together import TOGETHER
from app.complaints.public import tracking
from app.complaints.ticket import delivery, visibility
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.visibility import find_visible
from app.correspondence import calls
from app.guarantee import moves as guarantee
from app.guarantee import page as guarantee_page
from app.guarantee import queue as guarantees
from app.journal import words
from app.messages import audience, dispatcher
from app.messages.inbound import inbox
from app.office import late
from app.privacy import desk as rights_desk
from app.privacy import rights_case as rights_queue
from app.privacy.rights_case import find
from app.registration import service as registration
from app.registration import transitions
from app.registration.models import Application
from app.registration.status import WAITING
from app.retention import records
from app.review import desk as review_desk
from app.review import promises
from app.review import together as review_together
from app.review.queue import REGISTRATIONS
from app.survey import notices as survey_notices
from app.tracking import page as tracking_page
from app.tracking import visits

# what stands in the head of every office page, and says when there is more of it
WORK = (
    work.of_list(
        REGISTRATIONS, Application.status.in_(WAITING), "application", key="antrean", noun="Pendaftaran",
        permission="read_case", page="review.home", case="cases.case", case_id_name="application_id",
    ),
    work.of_list(
        COMPLAINTS, Ticket.tray.in_(OURS), "ticket", key="pengaduan", noun="Pengaduan", permission="read_complaints",
        page="complaint_inbox.inbox_page", case="complaint_desk.ticket_page", case_id_name="ticket_id",
    ),
    work.Work(
        "jaminan", "Jaminan", "handle_guarantees", "guarantees.all_of_them", guarantees.count_for,
        is_urgent=guarantees.is_late,
    ),
    work.Work(
        "jaminan", "Surat untuk diantar", "carry_letters", "courier.day", guarantees.count_carried,
        handed=guarantees.carried_by, case="courier.stop", case_id_name="guarantee_id",
    ),
    work.Work(
        "pesan", "Telepon pemohon", "tell_applicant", "calls.tasks", calls.count_for, is_urgent=calls.is_urgent,
    ),
    work.Work(
        "permintaan", "Ganti nomor", "confirm_request", "account_requests.queue", request_desk.count_for,
        is_urgent=request_desk.is_urgent,
    ),
    work.Work(
        "permintaan", "Hak atas data", "answer_rights", "privacy_desk.queue", rights_queue.count_open,
        is_urgent=rights_queue.is_urgent,
    ),
)


def _own_entry(case_id: str, staff: object) -> None:
    """A complaint being typed in belongs to who types it, and has no case yet."""


def connect_features() -> None:
    """Called by the factory; a second time changes nothing."""
    work.OFFERED[:] = WORK
    bulk.DESKS.update({REGISTRATIONS.name: review_together.MANY, COMPLAINTS.name: TOGETHER})
    drafts.FOUND_BY.update(
        application=review_desk.find_case, ticket=find_visible, rights_request=find, call_task=calls.find,
        entry=_own_entry,
    )
    history.IN_WORDS[:] = [words.in_words]
    inbox.LISTENERS[:] = [by_whatsapp.listen]
    dispatcher.ON_BY_HAND[:] = [calls.ask_by_hand]
    audience.LISTENERS[:] = [calls.follow, delivery.follow]
    transitions.ON_MISSED[:] = [promises.note_missed, guarantee.promise_missed, late.tell_supervisors]
    transitions.ON_CHANGED[:] = [guarantee.follow]
    registration.ON_NEW_PIN[:] = [visits.end_visits_of]
    answering.ON_UPHELD[:] = [guarantee.complaint_upheld]
    case_desk.ON_TAKEN_BACK[:] = [guarantee.upheld_taken_back]
    intake.ON_LATENESS[:] = [guarantee.lateness_told]
    tracking_page.BESIDE[:] = [guarantee_page.told_of]
    tracking.ON_RATING[:] = [survey_notices.of_rating]
    rights_desk.ON_DELETION[:] = [records.carry_out]
    records.AFTER_ERASING[:] = [erased.note]
    audience.OUTGOING["ticket"] = visibility.sent_is_open
    audience.KEPT_INBOUND[:] = [visibility.received_is_kept]
