"""The queue of requests for a new number: fresh selfie beside what the account holds. An operator proposes
the change, another person confirms it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from app.accounts.models import Citizen, Staff
from app.accounts.sessions import CITIZEN, end_all_of
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import FormRejected, NotAllowed, NotFound, StaleDecision
from app.base.services import city, photo_store, sealer
from app.citizen_account.models import APPROVED, OPEN, REFUSED, AccountRequest
from app.citizen_account.number_service import phone_context, replace_number, selfie_context
from app.citizen_account.people import locked_account
from app.city.office_calendar import calendar_for
from app.city.worktime import due_after_working_days
from app.identity.mask import mask_name
from app.messages import outbox
from app.messages.addresses import by_whatsapp
from app.registration.models import Application
from app.registration.personal import Personal, open_citizen

PAGE = 50
DAYS = 1
# code -> (label for the operator, words for whoever asked; alike for an unknown NIK and a stranger)
REFUSALS: dict[str, tuple[str, str]] = {
    "FOTO_TIDAK_JELAS": ("Selfie atau KTP tidak terbaca", "foto selfie atau KTP belum terbaca jelas"),
    "DATA_TIDAK_COCOK": (
        "Orang atau data tidak cocok, atau tidak ada akun", "data atau foto yang dikirim tidak cocok dengan data kami",
    ),
}


@dataclass(frozen=True)
class Line:
    id: str
    name: str
    created_at: datetime
    signed_in: bool
    proposed: bool


@dataclass(frozen=True)
class RequestCase:
    """`person` and `application_id` are None when no account has the NIK. `phone` is E.164;
    `kept_photos` are the kinds of the registration that have not been erased; `proposed_by` is the name of
    the first of the two people, or ""."""

    row: AccountRequest
    phone: str
    person: Personal | None
    application_id: str | None
    kept_photos: tuple[str, ...]
    proposed_by: str = ""


def open_requests() -> list[Line]:
    """The longest waiting first; names masked."""
    query = select(AccountRequest, Citizen).outerjoin(Citizen).where(AccountRequest.status == OPEN)
    rows = db.session.execute(query.order_by(AccountRequest.created_at, AccountRequest.id).limit(PAGE))
    return [_line(row, citizen) for row, citizen in rows]


def count_open() -> int:
    return db.session.scalar(select(func.count()).where(AccountRequest.status == OPEN))


def count_for(staff: Staff) -> int:
    """Those this person can do something about: nobody confirms what they proposed."""
    mine = or_(AccountRequest.proposed_by.is_(None), AccountRequest.proposed_by != staff.id)
    return db.session.scalar(select(func.count()).where(AccountRequest.status == OPEN, mine))


def is_urgent(staff: Staff) -> bool:
    """Whether somebody waits longer than a working day for a way into the own account."""
    oldest = db.session.scalar(select(func.min(AccountRequest.created_at)).where(AccountRequest.status == OPEN))
    return oldest is not None and due_after_working_days(calendar_for(), oldest, DAYS) <= clock.now()


def view_request(request_id: str, staff: Staff) -> RequestCase:
    """One request with the whole record of the account; looking is a journal line."""
    with transaction():
        row = _existing(request_id)
        _record("account_request_viewed", row, staff)
    citizen = db.session.get(Citizen, row.citizen_id) if row.citizen_id else None
    if citizen is None:
        return RequestCase(row, _phone(row), None, None, ())
    first = db.session.get(Staff, row.proposed_by) if row.proposed_by else None
    kept = db.session.get_one(Application, citizen.application_id).photos
    kinds = tuple(photo.kind for photo in kept if photo.erased_at is None)
    return RequestCase(
        row, _phone(row), open_citizen(citizen), citizen.application_id, kinds, first.name if first else "",
    )


def view_selfie(request_id: str, staff: Staff) -> bytes:
    """The JPEG. Raises NotFound once it has been erased."""
    with transaction():
        row = _existing(request_id)
        _record("photo_viewed", row, staff)
    if row.selfie_erased_at is not None:
        raise NotFound("Foto ini sudah dihapus sesuai masa simpan.")
    return sealer().open(photo_store().get(row.selfie_key), selfie_context(row.id))


def propose(request_id: str, staff: Staff) -> None:
    """The first of two people: the person in the photos is the owner. Nothing changes yet."""
    with transaction():
        row = _open_row(request_id)
        _account_to_change(row)
        if row.proposed_by is not None:
            raise StaleDecision("Penggantian ini sudah diajukan. Sekarang orang kedua memastikannya.")
        row.proposed_by, row.proposed_at = staff.id, clock.now()
        _record("account_request_proposed", row, staff)


def confirm(request_id: str, staff: Staff) -> None:
    """The second person: the number changes, every session ends, both numbers are told.

    Raises NotAllowed for whoever proposed it (docs/accounts-and-traces.md, 5).
    """
    with transaction():
        row = _open_row(request_id)
        if row.proposed_by is None:
            raise StaleDecision("Penggantian ini belum diajukan. Periksa dan ajukan dahulu.")
        if row.proposed_by == staff.id:
            raise NotAllowed("Anda yang mengajukan penggantian ini, jadi orang lain yang memastikannya.")
        citizen = _account_to_change(row)
        _decide(row, staff, APPROVED)
        replace_number(citizen, _phone(row), journal.Actor("staff", staff.id))
        end_all_of(CITIZEN, citizen.id)


def refuse(request_id: str, staff: Staff, reason: str) -> None:
    """Raises FormRejected for a reason that is not in the list."""
    if reason not in REFUSALS:
        raise FormRejected({"reason": ["Pilih alasannya."]})
    with transaction():
        row = _decide(_open_row(request_id), staff, REFUSED)
        row.reason = reason
        outbox.enqueue(
            "permintaan_nomor_ditolak", to=by_whatsapp(_phone(row)), about=("account_request", row.id),
            variables={"alasan": REFUSALS[reason][1], "kontak": city().contacts.phone},
        )


def _open_row(request_id: str) -> AccountRequest:
    row = db.session.get(AccountRequest, request_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound()
    if row.status != OPEN:
        raise StaleDecision("Permintaan ini sudah diputuskan.")
    return row


def _account_to_change(row: AccountRequest) -> Citizen:
    """Locked. Raises StaleDecision when there is none any more."""
    if row.citizen_id is None:
        raise StaleDecision("Tidak ada akun dengan NIK ini, jadi permintaan ini hanya dapat ditolak.")
    citizen = locked_account(row.citizen_id)
    if citizen.disabled_at is not None:
        raise StaleDecision("Akun ini sudah ditutup.")
    return citizen


def _decide(row: AccountRequest, staff: Staff, status: str) -> AccountRequest:
    row.status, row.decided_at, row.decided_by = status, clock.now(), staff.id
    _record(f"account_request_{status}", row, staff)
    return row


def _existing(request_id: str) -> AccountRequest:
    row = db.session.get(AccountRequest, request_id)
    if row is None:
        raise NotFound()
    return row


def _line(row: AccountRequest, citizen: Citizen | None) -> Line:
    name = mask_name(open_citizen(citizen).full_name) if citizen else "NIK tanpa akun"
    return Line(row.id, name, row.created_at, row.signed_in, row.proposed_by is not None)


def _phone(row: AccountRequest) -> str:
    return sealer().open(row.phone_sealed, phone_context(row.id)).decode()


def _record(action: str, row: AccountRequest, staff: Staff) -> None:
    journal.record(action, actor=journal.Actor("staff", staff.id), about=("account_request", row.id))
