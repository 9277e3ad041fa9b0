"""Nobody becomes a colleague alone: an administrator asks, a supervisor who is neither of the two decides,
and the link goes to the colleague's own contact. A recovery code of the colleague's stands for the second
person (docs/accounts-and-traces.md, 1-4)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, exists, select, update

from app.accounts import sessions
from app.accounts.models import RecoveryCode, Staff
from app.accounts.second_factor import use_recovery_code
from app.accounts.sessions import STAFF, SignedIn
from app.base import clock, journal, limits
from app.base.database import db, transaction
from app.base.journal_line import JournalLine
from app.base.problems import DomainError, NotAllowed, NotFound, StaleDecision
from app.base.services import city, sealer
from app.city.dates import show_moment
from app.office.contacts import contact_of, tell
from app.office.invitations import (
    APPROVED,
    OPEN,
    RECOVERED,
    REFUSED,
    RESET,
    RESET_LIFE,
    SUPERVISOR,
    StaffRequest,
    new_link,
)
from app.web import access

LAPSES_AFTER = timedelta(hours=72)
SENT_LIFE = timedelta(hours=12)  # a message may wait for its reader; the link handed over at once lasts half an hour
ENTERED = ("login_ok", "invitation_accepted")
NO_WAY = (
    "Akun ini belum dapat diatur ulang dari halaman ini: {why}, dan tidak ada kode pemulihan. "
    "Petugas TI dapat melakukannya di komputer server."
)


class CodeRejected(DomainError):
    """Unknown name, wrong code, nothing asked for: all told in the same words."""

    message = "Nama pengguna dan kode tidak cocok, atau admin belum meminta pengaturan ulang untuk akun ini."


@dataclass(frozen=True)
class RequestLine:
    """One request with the names a person decides by."""

    row: StaffRequest
    name: str
    username: str
    role: str
    jabatan: str
    asked_by: str
    has_contact: bool


def was_entered(staff: Staff) -> bool:
    """Whether somebody has ever been this person here. Asked of the journal, whose lines nobody removes."""
    return not staff.must_change_password or db.session.scalar(select(exists().where(
        JournalLine.about_id == staff.id, JournalLine.about_kind == STAFF, JournalLine.action.in_(ENTERED),
    )))


def ask_reset(staff: Staff, phone_lost: bool, admin: SignedIn) -> None:
    """Inside the caller's transaction. Nothing changes for the colleague yet, who is told at once.

    Raises DomainError when nobody could ever grant it, StaleDecision when it was asked for before.
    """
    why = _why_nobody_can_grant(staff, admin)
    if why and not _has_recovery_code(staff):
        raise DomainError(NO_WAY.format(why=why))
    _ask(RESET, staff, admin, phone_lost)
    journal.record(
        "staff_reset_asked", actor=journal.Actor(STAFF, admin.id), about=(STAFF, staff.id),
        detail={"second_factor": phone_lost},
    )
    tell(staff, "pegawai_reset_diminta", peminta=admin.name, tgl_jam=show_moment(clock.now()),
         kontak=city().contacts.phone)


def ask_supervisor(staff: Staff, jabatan: str, admin: SignedIn) -> None:
    """Inside the caller's transaction: a supervisor alone says who else becomes one, or may do more as one, because
    supervisors are the second person. Raises as `ask_reset` does."""
    if not _others_in_service(staff.id, admin.id):
        raise DomainError(
            "Belum ada pengawas yang dapat menyetujuinya. Petugas TI dapat membuat akun pengawas di komputer server."
        )
    _ask(SUPERVISOR, staff, admin, jabatan=jabatan)
    journal.record(
        "supervisor_asked", actor=journal.Actor(STAFF, admin.id), about=(STAFF, staff.id), detail={"jabatan": jabatan},
    )


def waiting_for(person: SignedIn) -> list[RequestLine]:
    """What this supervisor may decide, the oldest first."""
    query = select(StaffRequest).where(
        *_alive(), StaffRequest.asked_by != person.id, StaffRequest.staff_id != person.id
    )
    return [_line(row) for row in db.session.scalars(query.order_by(StaffRequest.created_at, StaffRequest.id))]


def newest_of(staff_id: str) -> StaffRequest | None:
    """The last request about this person, whatever became of it."""
    query = select(StaffRequest).where(StaffRequest.staff_id == staff_id)
    return db.session.scalar(query.order_by(StaffRequest.created_at.desc(), StaffRequest.id).limit(1))


def is_waiting(row: StaffRequest | None) -> bool:
    return row is not None and row.status == OPEN and row.expires_at > clock.now()


def request_of(request_id: str, person: SignedIn) -> RequestLine:
    """Raises NotFound, and NotAllowed for whoever asked and whoever it is about."""
    row = db.session.get(StaffRequest, request_id)
    if row is None:
        raise NotFound()
    _check_second_person(row, person)
    return _line(row)


def approve(request_id: str, person: SignedIn) -> None:
    """Raises NotFound, NotAllowed, StaleDecision; DomainError where the colleague cannot be written to."""
    with transaction():
        row = _decided(request_id, APPROVED, person)
        staff = db.session.get_one(Staff, row.staff_id, with_for_update=True)
        if row.kind == SUPERVISOR:
            put_in_place(staff, access.SUPERVISOR, row.jabatan, person)
            return
        if not contact_of(staff):
            raise DomainError("Pegawai ini belum mengisi kontak, jadi tautan tidak dapat dikirim kepadanya.")
        link = _carry_out(row, staff, SENT_LIFE)
        _record("staff_reset", row, journal.Actor(STAFF, person.id))
        tell(staff, "pegawai_tautan_sandi", tautan=link.address, tgl_jam=show_moment(link.expires_at),
             kontak=city().contacts.phone)


def refuse(request_id: str, person: SignedIn) -> None:
    with transaction():
        row = _decided(request_id, REFUSED, person)
        _record("staff_request_refused", row, journal.Actor(STAFF, person.id))


def recover(username: str, typed_code: str, address: str) -> str:
    """The colleague's own recovery code is the second person. Returns the address of the link, for the very
    browser that typed it. Nobody guesses 50 bits, so only the address is counted. Raises CodeRejected,
    TooManyTries."""
    username = username.strip().lower()
    limits.hit("reset-address", limits.network(address))
    with transaction() as session:
        row = session.scalar(
            select(StaffRequest).join(Staff, Staff.id == StaffRequest.staff_id)
            .where(Staff.username == username.replace("\x00", ""), StaffRequest.kind == RESET,
                   Staff.disabled_at.is_(None), *_alive())
            .with_for_update(of=StaffRequest)
        )
        right = row is not None and use_recovery_code(row.staff_id, typed_code)
        if right:
            row.status, row.decided_at = RECOVERED, clock.now()
            staff = session.get_one(Staff, row.staff_id)
            link = _carry_out(row, staff, RESET_LIFE)
            _record("staff_reset_recovered", row, journal.Actor(STAFF, staff.id))
        else:
            name = sealer().index("username", username)[:32]
            journal.record("login_failed", actor=journal.VISITOR, about=("username_index", name))
    if not right:
        raise CodeRejected()
    return link.address


def _why_nobody_can_grant(staff: Staff, admin: SignedIn) -> str:
    if not _others_in_service(staff.id, admin.id):
        return "belum ada pengawas lain yang dapat menyetujuinya"
    return "" if contact_of(staff) else "pegawai ini belum mengisi nomor WhatsApp atau e-mail"


def _others_in_service(*but: str) -> bool:
    return db.session.scalar(select(exists().where(
        Staff.who_may("approve_accounts"), Staff.disabled_at.is_(None), Staff.password_hash != "",
        Staff.id.not_in(but),
    )))


def _has_recovery_code(staff: Staff) -> bool:
    unused = RecoveryCode.staff_id == staff.id, RecoveryCode.used_at.is_(None)
    return staff.disabled_at is None and db.session.scalar(select(exists().where(*unused)))


def _ask(kind: str, staff: Staff, admin: SignedIn, second_factor: bool = False, jabatan: str = "") -> None:
    now = clock.now()
    if db.session.scalar(select(exists().where(*_alive(), StaffRequest.staff_id == staff.id))):
        raise StaleDecision("Permintaan untuk pegawai ini sudah menunggu persetujuan.")
    db.session.add(StaffRequest(
        kind=kind, staff_id=staff.id, asked_by=admin.id, second_factor=second_factor, jabatan=jabatan,
        created_at=now, expires_at=now + LAPSES_AFTER,
    ))


def _alive() -> tuple:
    return StaffRequest.status == OPEN, StaffRequest.expires_at > clock.now()


def _decided(request_id: str, status: str, person: SignedIn) -> StaffRequest:
    row = db.session.get(StaffRequest, request_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound()
    _check_second_person(row, person)
    if not is_waiting(row):
        raise StaleDecision("Permintaan ini sudah diputuskan atau sudah lewat waktunya.")
    row.status, row.decided_by, row.decided_at = status, person.id, clock.now()
    return row


def _check_second_person(row: StaffRequest, person: SignedIn) -> None:
    if person.id in (row.asked_by, row.staff_id):
        raise NotAllowed("Permintaan ini diputuskan pengawas lain: bukan peminta, bukan pemilik akun.")


def _carry_out(row: StaffRequest, staff: Staff, life: timedelta):
    """Old password and sessions end, a closed account opens, and the link is made."""
    staff.disabled_at = None
    if row.second_factor:
        forget_second_factor(staff)
    sessions.end_all_of(STAFF, staff.id)
    return new_link(staff, life)


def forget_second_factor(staff: Staff) -> None:
    """Inside the caller's transaction."""
    staff.totp_sealed = staff.totp_last_step = None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))


def put_in_place(staff: Staff, role: str, jabatan: str, by: SignedIn) -> None:
    """Role and jabatan, inside the caller's transaction. Every session ends, so that nobody goes on with rights of
    before (docs/security.md S3)."""
    detail = {"from": staff.role, "to": role}
    if jabatan != staff.jabatan:
        detail |= {"jabatan_before": staff.jabatan, "jabatan": jabatan}
    journal.record("role_changed", actor=journal.Actor(STAFF, by.id), about=(STAFF, staff.id), detail=detail)
    staff.role, staff.jabatan = role, jabatan
    sessions.end_all_of(STAFF, staff.id)


def end_requests(staff_id: str) -> None:
    """Whoever is shut out needs no link: inside the caller's transaction."""
    db.session.execute(
        update(StaffRequest).where(StaffRequest.staff_id == staff_id, StaffRequest.status == OPEN)
        .values(status=REFUSED, decided_at=clock.now())
    )


def _line(row: StaffRequest) -> RequestLine:
    staff, asker = db.session.get_one(Staff, row.staff_id), db.session.get_one(Staff, row.asked_by)
    return RequestLine(row, staff.name, staff.username, staff.role, staff.jabatan, asker.name, bool(contact_of(staff)))


def _record(action: str, row: StaffRequest, by: journal.Actor) -> None:
    journal.record(
        action, actor=by, about=(STAFF, row.staff_id),
        detail={"second_factor": row.second_factor, "asked_by": row.asked_by},
    )
