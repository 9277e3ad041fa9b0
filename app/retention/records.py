"""Personal records after the registration was closed or the account ended: what the law demands
stays (keyed hash of the NIK, states, reason codes, moments), everything that names a person goes.

A sealed record of blanks takes the place of the old one, so that no reader needs a second way.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, or_, select, update

from app.accounts.models import Citizen
from app.accounts.sessions import CITIZEN, end_all_of
from app.base import clock
from app.base.database import db, end_reading, transaction
from app.base.services import sealer
from app.casework.notes import forget_words
from app.citizen_account.models import AccountRequest
from app.complaints.ticket.models import Ticket
from app.guarantee.moves import of_registration, seal
from app.messages.outbox import erase_payload, messages_about
from app.messages.states import WAITING
from app.privacy.kinds import DELETION, GRANTED
from app.privacy.models import Asked, RightsRequest, seal_asked
from app.registration import status
from app.registration.fields import BLANK
from app.registration.links import ApplicationLink, MendedItem
from app.registration.models import Application, NameWord, Photo, Reason, StatusChange
from app.registration.personal import seal_for_citizen, seal_personal
from app.registration.photo_service import erase_objects, keys_of
from app.registration.status import DRAFT
from app.registration.transitions import lock_application
from app.retention import rules
from app.retention.photos import CLOSED, erase_photos, erase_selfie, hashes_of
from app.retention.rules import Work, prove
from app.review.models import CaseEvidence
from app.tracking.visits import Visit

NO_PASSWORD = "-"  # noqa: S105 - not a hash, so that no password opens it
# called with the id of a registration that was erased, when that is written
AFTER_ERASING: list[Callable[[str], None]] = []
DEPENDENTS = (NameWord, ApplicationLink, Visit)


def due(limit: datetime) -> Select:
    """Registrations whose end lies before `limit`: closed without an account, or the account ended."""
    closed = func.max(StatusChange.at)
    ended = func.coalesce(Citizen.disabled_at, closed)
    return (
        select(Application.id, ended.label("since"))
        .join(StatusChange, StatusChange.application_id == Application.id)
        .outerjoin(Citizen, Citizen.application_id == Application.id)
        .where(
            Application.erased_at.is_(None),
            or_(Application.status.in_(CLOSED),
                (Application.status == status.ACTIVE) & Citizen.disabled_at.is_not(None)),
        )
        .group_by(Application.id, Citizen.disabled_at).having(ended < limit).order_by(ended, Application.id)
    )


def erase_all(ids: Sequence[str]) -> int:
    return sum(erase_everything(application_id, rules.RECORDS.key) for application_id in ids)


def erase_everything(application_id: str, reason: str) -> int:
    """Photos, selfies and the personal record of one registration, and of its account if it has one.

    The account is closed. Raises StorageUnavailable before anything of the record is touched.
    """
    erase_photos(application_id, reason)
    for request_id in _selfies_of(application_id):
        erase_selfie(request_id, reason)
    with transaction():
        application = lock_application(application_id)
        if application.erased_at is not None:
            return 0
        citizen = db.session.scalar(select(Citizen).where(Citizen.application_id == application.id).with_for_update())
        _blank_application(application)
        if citizen is not None:
            _blank_account(citizen)
        _blank_messages(application, citizen)
        prove("record_erased", reason, ("application", application.id), status=application.status)
    for tell in AFTER_ERASING:
        tell(application_id)
    return 1


def _blank_application(application: Application) -> None:
    nik_index = application.nik_index
    seal_personal(application, BLANK)
    application.nik_index = nik_index
    application.kk_index = application.phone_index = None
    application.pin_sealed = application.password_hash = application.draft_token_hash = None
    application.typed_sealed = application.left_token_hash = None
    application.survey_consent = False
    application.erased_at = clock.now()
    session = db.session
    for model in DEPENDENTS:
        session.execute(delete(model).where(model.application_id == application.id))
    forget_words(("application", application.id))
    changes = select(StatusChange.id).where(StatusChange.application_id == application.id)
    session.execute(update(Reason).where(Reason.change_id.in_(changes)).values(note_sealed=None))
    session.execute(update(MendedItem).where(MendedItem.change_id.in_(changes)).values(before_sealed=None))
    _blank_guarantee(application.id)
    typed = update(CaseEvidence).where(CaseEvidence.change_id.in_(changes))
    session.execute(typed.values(nik_read_sealed=None, sentences_sealed=None))


def _blank_guarantee(application_id: str) -> None:
    """How it was proven stays; who received it, and the picture, go."""
    guarantee = of_registration(application_id, lock=True)
    if guarantee is not None:
        guarantee.receiver_sealed = guarantee.handover_sealed = guarantee.letter_hash = None
        if guarantee.proof_sealed is not None:
            guarantee.proof_sealed = seal(guarantee, "proof", b"")


def _blank_account(citizen: Citizen) -> None:
    """The NIK is free again: its owner may register anew."""
    citizen.disabled_at = citizen.disabled_at or clock.now()
    citizen.erased_at = clock.now()
    citizen.personal_sealed = seal_for_citizen(citizen.id, BLANK)
    citizen.nik_index = sealer().index("erased-citizen", citizen.id)
    citizen.phone_index = sealer().index("erased-phone", citizen.id)
    citizen.password_hash = NO_PASSWORD
    end_all_of(CITIZEN, citizen.id)


def _blank_messages(application: Application, citizen: Citizen | None) -> None:
    """Those that have gone; what still waits to be sent is erased on its own schedule."""
    about = [("application", application.id), *([(CITIZEN, citizen.id)] if citizen else [])]
    rights = select(RightsRequest.id).where(RightsRequest.application_id == application.id)
    about += [("rights_request", request_id) for request_id in db.session.scalars(rights)]
    for row in (row for one in about for row in messages_about(*one)):
        if row.state not in WAITING and row.erased_at is None:
            erase_payload(row)


def _selfies_of(application_id: str) -> list[str]:
    query = select(AccountRequest.id).join(Citizen, Citizen.id == AccountRequest.citizen_id)
    return list(db.session.scalars(
        query.where(Citizen.application_id == application_id, AccountRequest.selfie_erased_at.is_(None))
    ))


# a draft opens nowhere any more after its last day; a request that began before it ends within this
STILL_UNDER_WAY = timedelta(hours=1)
OF_A_DRAFT = (NameWord, ApplicationLink, Visit, Photo)


def due_drafts(limit: datetime) -> Select:
    """Registrations that were never sent: everything goes, as if they had not been begun."""
    return select(Application.id, Application.created_at).where(
        Application.status == DRAFT, Application.created_at < limit - STILL_UNDER_WAY
    ).order_by(Application.created_at, Application.id)


def erase_drafts(ids: Sequence[str]) -> int:
    return sum(_erase_draft(application_id) for application_id in ids)


def _erase_draft(application_id: str) -> int:
    photos = list(db.session.scalars(select(Photo).where(Photo.application_id == application_id)))
    names, hashes = [keys_of(photo) for photo in photos], hashes_of(photos)
    end_reading()
    for name in names:
        erase_objects(name)
    with transaction() as session:
        draft = session.get(Application, application_id, with_for_update=True, populate_existing=True)
        if draft is None or draft.status != DRAFT:
            return 0
        session.execute(update(Ticket).where(Ticket.application_id == draft.id).values(application_id=None))
        for model in OF_A_DRAFT:
            session.execute(delete(model).where(model.application_id == draft.id))
        session.delete(draft)
        prove("draft_erased", rules.DRAFTS.key, ("application", application_id), photos=hashes)
    return 1


GONE = "Isi sudah dihapus bersama data lainnya."


def due_deletions(limit: datetime) -> Select:
    """Deletions that the office granted: carried out at once, and again by the daily run if that failed."""
    return (
        select(RightsRequest.id, RightsRequest.answered_at)
        .join(Application, Application.id == RightsRequest.application_id)
        .where(
            RightsRequest.kind == DELETION, RightsRequest.status == GRANTED, RightsRequest.answered_at <= limit,
            Application.erased_at.is_(None),
        ).order_by(RightsRequest.answered_at, RightsRequest.id)
    )


def carry_out_all(ids: Sequence[str]) -> int:
    return sum(carry_out(request_id) for request_id in ids)


def carry_out(request_id: str) -> int:
    """Erase the registration and its account; for who proved an account also closed registrations
    of the same NIK. The words of the requests go too, kind, decision and answer stay.

    The own registration comes last: as long as it stands, the work is not done.
    """
    row = db.session.get_one(RightsRequest, request_id)
    own, others = row.application_id, _others_of(row)
    end_reading()
    for application_id in others:
        erase_everything(application_id, rules.DELETIONS.key)
    with transaction() as session:
        for request in session.scalars(select(RightsRequest).where(RightsRequest.application_id == own)):
            seal_asked(request, Asked(GONE))
    return erase_everything(own, rules.DELETIONS.key)


def _others_of(row: RightsRequest) -> list[str]:
    if row.citizen_id is None:
        return []
    nik_index = db.session.get_one(Citizen, row.citizen_id).nik_index
    return list(db.session.scalars(select(Application.id).where(
        Application.nik_index == nik_index, Application.status.in_(CLOSED), Application.erased_at.is_(None),
        Application.id != row.application_id,
    )))


WORKS = (
    Work(rules.RECORDS, due, erase_all), Work(rules.DRAFTS, due_drafts, erase_drafts),
    Work(rules.DELETIONS, due_deletions, carry_out_all),
)
