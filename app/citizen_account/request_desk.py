"""The queue of requests for a new number: fresh selfie beside what the account holds. An operator proposes
the change, another person confirms it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select

from app.accounts.models import Citizen, Staff
from app.accounts.sessions import CITIZEN, end_all_of
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import FormRejected, NotAllowed, NotFound, StaleDecision
from app.base.services import city, photo_store, sealer
from app.base.written import Written
from app.casework import claims, lists
from app.casework.claims import Holder, free_for, holder_id, holder_of
from app.casework.clocks import TimeLeft, time_left
from app.casework.history import Step, of_journal
from app.casework.kept import NOW
from app.casework.lists import CaseList, Column, Look, Order, Tab
from app.casework.moving import locked, set_clock
from app.citizen_account.account import locked_account
from app.citizen_account.models import APPROVED, OPEN, REFUSED, AccountRequest
from app.citizen_account.number_service import DESK, NUMBER_CHANGE, phone_context, replace_number, selfie_context
from app.identity.mask import mask_name
from app.messages import outbox
from app.messages.addresses import by_whatsapp
from app.registration.models import Application
from app.registration.personal import Personal, open_citizen
from app.web.access import holds

# code -> (label for the operator, words for whoever asked; alike for an unknown NIK and a stranger)
REFUSALS: dict[str, tuple[str, str]] = {
    "FOTO_TIDAK_JELAS": ("Selfie atau KTP tidak terbaca", "foto selfie atau KTP belum terbaca jelas"),
    "DATA_TIDAK_COCOK": (
        "Orang atau data tidak cocok, atau tidak ada akun", "data atau foto yang dikirim tidak cocok dengan data kami",
    ),
}

MOST_OF_ONE = 10


@dataclass(frozen=True)
class Line:
    id: str
    name: str
    status: str
    created_at: datetime
    signed_in: bool
    proposed: bool
    left: TimeLeft | None
    holder: str


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
    holder: Holder | None = None
    left: TimeLeft | None = None
    history: tuple[Step, ...] = ()


def count_open() -> int:
    return NUMBER_OPEN.ask().scalar()


OF_NIK = (
    select(AccountRequest).where(AccountRequest.nik_index == bindparam("nik"))
    .order_by(AccountRequest.created_at.desc()).limit(MOST_OF_ONE)
)


def of_registration(nik_index: str | None) -> list[AccountRequest]:
    """Changes of number asked for under the NIK of a registration, for its page at the desk; the newest first."""
    if nik_index is None:
        return []
    return list(db.session.scalars(OF_NIK, {"nik": nik_index}))


def count_for(staff: Staff) -> ColumnElement[int]:
    """Those this person can do something about: nobody confirms what they proposed."""
    return _open(AccountRequest.proposed_by.is_distinct_from(staff.id))


def is_urgent(staff: Staff) -> ColumnElement[bool]:
    """Whether the first of them is near its end or past it."""
    return exists().where(AccountRequest.status == OPEN, AccountRequest.warn_at <= NOW)


def _open(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    query = select(func.count()).select_from(AccountRequest).where(AccountRequest.status == OPEN, *conditions)
    return query.scalar_subquery()


NUMBER_OPEN = Written(select(_open()))


def view_request(request_id: str, staff: Staff) -> RequestCase:
    """One request with the whole record of the account; looking is a journal line."""
    with transaction():
        row = _existing(request_id)
        _record("account_request_viewed", row, staff)
        if _works_on(row, staff):
            claims.take(DESK, row.id, staff.id)
    row = _existing(request_id)
    citizen = db.session.get(Citizen, row.citizen_id) if row.citizen_id else None
    history = of_journal((NUMBER_CHANGE.about, row.id))
    if citizen is None:
        return RequestCase(
            row, _phone(row), None, None, (), holder=holder_of(row), left=_left(row), history=history,
        )
    first = db.session.get(Staff, row.proposed_by) if row.proposed_by else None
    kept = db.session.get_one(Application, citizen.application_id).photos
    kinds = tuple(photo.kind for photo in kept if photo.erased_at is None)
    return RequestCase(
        row, _phone(row), open_citizen(citizen), citizen.application_id, kinds, first.name if first else "",
        holder_of(row), _left(row), history,
    )


def _works_on(row: AccountRequest, staff: Staff) -> bool:
    """Whether opening it means working on it: as the first of two, or as the second."""
    if row.proposed_by is None:
        return holds(staff, "decide_request")
    return row.proposed_by != staff.id


def view_selfie(request_id: str, staff: Staff) -> bytes:
    """The JPEG. Raises NotFound once it has been erased."""
    with transaction():
        row = _existing(request_id)
        _record("photo_viewed", row, staff)
    if row.selfie_erased_at is not None:
        raise NotFound("Foto ini sudah dihapus sesuai masa simpan.")
    return sealer().open(photo_store().get(row.selfie_key), selfie_context(row.id))


def propose(request_id: str, token: str, staff: Staff) -> None:
    """The first of two people: the person in the photos is the owner. Nothing changes yet."""
    with transaction():
        row = _open_row(request_id, token, staff)
        _account_to_change(row)
        if row.proposed_by is not None:
            raise StaleDecision("Penggantian ini sudah diajukan. Sekarang orang kedua memastikannya.")
        row.proposed_by, row.proposed_at = staff.id, clock.now()
        claims.let_go(DESK, row)
        _record("account_request_proposed", row, staff)


def confirm(request_id: str, token: str, staff: Staff) -> None:
    """The second person: the number changes, every session ends, both numbers are told.

    Raises NotAllowed for whoever proposed it (docs/accounts-and-traces.md, 5).
    """
    with transaction():
        row = _open_row(request_id, token, staff)
        if row.proposed_by is None:
            raise StaleDecision("Penggantian ini belum diajukan. Periksa dan ajukan dahulu.")
        if row.proposed_by == staff.id:
            raise NotAllowed("Anda yang mengajukan penggantian ini, jadi orang lain yang memastikannya.")
        citizen = _account_to_change(row)
        _decide(row, staff, "confirm")
        replace_number(citizen, _phone(row), journal.Actor("staff", staff.id))
        end_all_of(CITIZEN, citizen.id)


def refuse(request_id: str, token: str, staff: Staff, reason: str) -> None:
    """Raises FormRejected for a reason that is not in the list."""
    if reason not in REFUSALS:
        raise FormRejected({"reason": ["Pilih alasannya."]})
    with transaction():
        row = _decide(_open_row(request_id, token, staff), staff, "refuse")
        row.reason = reason
        outbox.enqueue(
            "permintaan_nomor_ditolak", to=by_whatsapp(_phone(row)), about=("account_request", row.id),
            variables={"alasan": REFUSALS[reason][1], "kontak": city().contacts.phone},
        )


def _open_row(request_id: str, token: str, staff: Staff) -> AccountRequest:
    """Locked, and claimed by this person. Raises NotFound, StaleDecision, ClaimLost."""
    row = locked(AccountRequest, request_id)
    if row.status != OPEN:
        raise StaleDecision("Permintaan ini sudah diputuskan.")
    claims.check(DESK, row, token, staff)
    return row


def _account_to_change(row: AccountRequest) -> Citizen:
    """Locked. Raises StaleDecision when there is none any more."""
    if row.citizen_id is None:
        raise StaleDecision("Tidak ada akun dengan NIK ini, jadi permintaan ini hanya dapat ditolak.")
    citizen = locked_account(row.citizen_id)
    if citizen.disabled_at is not None:
        raise StaleDecision("Akun ini sudah ditutup.")
    return citizen


def _decide(row: AccountRequest, staff: Staff, act: str) -> AccountRequest:
    row.status = NUMBER_CHANGE.next_state(act, row.status)
    row.decided_at, row.decided_by = clock.now(), staff.id
    set_clock(NUMBER_CHANGE, row)
    claims.let_go(DESK, row)
    _record(f"account_request_{row.status}", row, staff)
    return row


def _existing(request_id: str) -> AccountRequest:
    row = db.session.get(AccountRequest, request_id)
    if row is None:
        raise NotFound()
    return row


def _phone(row: AccountRequest) -> str:
    return sealer().open(row.phone_sealed, phone_context(row.id)).decode()


def _record(action: str, row: AccountRequest, staff: Staff) -> None:
    journal.record(action, actor=journal.Actor("staff", staff.id), about=("account_request", row.id))


def _left(row: Any) -> TimeLeft | None:
    return time_left(row.due_at, row.warn_at) if row.status == OPEN else None


def _lines(rows: Sequence[Any], tab: str, look: Look) -> list[Line]:
    names = lists.staff_names()
    owners = {row.id: row for row in db.session.scalars(
        select(Citizen).where(Citizen.id.in_([row.citizen_id for row in rows if row.citizen_id])))}
    return [
        Line(
            row.id, mask_name(open_citizen(owners[row.citizen_id]).full_name) if row.citizen_id else "NIK tanpa akun",
            row.status, row.created_at, row.signed_in, row.proposed_by is not None, _left(row),
            names.get(holder_id(row), ""),
        )
        for row in rows
    ]


def _for_me(look: Look) -> list[tuple]:
    other = or_(AccountRequest.proposed_by.is_(None), AccountRequest.proposed_by != look.staff.id)
    return [(AccountRequest.status == OPEN, other, free_for(AccountRequest, look.staff.id, look.now))]


BY_WAIT = Order((AccountRequest.created_at, AccountRequest.id))
REQUESTS = CaseList(
    "numbers", AccountRequest,
    (
        AccountRequest.id, AccountRequest.status, AccountRequest.citizen_id, AccountRequest.created_at,
        AccountRequest.signed_in, AccountRequest.proposed_by, AccountRequest.due_at, AccountRequest.warn_at,
        AccountRequest.claimed_by, AccountRequest.claim_until,
    ),
    {
        "untuk-saya": Tab("Untuk saya", _for_me),
        "terbuka": Tab("Menunggu", lambda look: [(AccountRequest.status == OPEN,)]),
        "diputuskan": Tab(
            "Sudah diputuskan", lambda look: [(AccountRequest.status == one,) for one in (APPROVED, REFUSED)],
            order=BY_WAIT.reversed(), is_counted=False,
        ),
    },
    BY_WAIT, _lines, first="untuk-saya",
    columns=(Column("Diterima", "diterima"), Column("Pemilik akun"), Column("Dikirim dari"), Column("Status"),
             Column("Sisa waktu"), Column("Dipegang")),
    sorts={"diterima": BY_WAIT},
)
