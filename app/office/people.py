"""The life of a staff account in the hands of an administrator (docs/security.md S3, S5, A10); and the table of rights
as people read it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.accounts import sessions, staff_service
from app.accounts.models import SignIn, Staff
from app.accounts.sessions import LIVES, STAFF, SignedIn
from app.accounts.staff_service import USERNAME
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.ids import new_id
from app.base.problems import DomainError, FormRejected, NotFound
from app.office import resets
from app.office.contacts import keep_contact, parse_contact
from app.office.invitations import NewLink, drop_links, new_link
from app.web.access import PERMISSION_WORDS, PERMISSIONS, ROLE_WORDS, SUPERVISOR, gains, is_held_by, is_overseer
from app.web.jabatan import JABATAN_ROLES, JABATAN_WORDS

NAME_LENGTHS = (2, 100)


@dataclass(frozen=True)
class Person:
    """One row of the list. `seen_at` is the last activity we still know of."""

    id: str
    name: str
    username: str
    role: str
    jabatan: str
    is_invited: bool
    is_disabled: bool
    has_second_factor: bool
    seen_at: datetime | None


def everybody() -> list[Person]:
    """All accounts, those still in use first, by name."""
    seen = select(SignIn.staff_id, func.max(SignIn.seen_at).label("seen_at")).group_by(SignIn.staff_id).subquery()
    rows = db.session.execute(
        select(Staff, seen.c.seen_at).outerjoin(seen, seen.c.staff_id == Staff.id)
        .order_by(Staff.disabled_at.is_not(None), Staff.name)
    )
    return [_person(staff, seen_at) for staff, seen_at in rows]


def one(staff_id: str) -> Person:
    staff = _existing(staff_id)
    return _person(staff, db.session.scalar(select(func.max(SignIn.seen_at)).where(SignIn.staff_id == staff_id)))


def was_entered(staff_id: str) -> bool:
    return resets.was_entered(_existing(staff_id))


def open_sessions(staff_id: str) -> list[SignIn]:
    """The sessions that still last, the latest used first."""
    life, now = LIVES[STAFF], clock.now()
    return list(db.session.scalars(
        select(SignIn).where(
            SignIn.staff_id == staff_id, SignIn.ended_at.is_(None),
            SignIn.seen_at > now - life.idle, SignIn.created_at > now - life.absolute,
        ).order_by(SignIn.seen_at.desc())
    ))


def invite(username: str, role: str, jabatan: str, name: str, admin: SignedIn) -> tuple[str, NewLink]:
    """A new account without a password. Returns its id and the link. Raises FormRejected."""
    username, name = username.strip().lower(), " ".join(name.split())
    _check_new(username, role, jabatan, name)
    with transaction() as session:
        if session.scalar(select(Staff.id).where(Staff.username == username)):
            raise FormRejected({"username": ["Nama pengguna ini sudah dipakai."]})
        staff = Staff(id=new_id(), username=username, name=name, role=role, jabatan=jabatan, password_hash="")
        session.add(staff)
        session.flush()
        _record("staff_added", staff, admin, {"role": role, "jabatan": jabatan})
        return staff.id, new_link(staff)


def invite_from_machine(username: str, role: str, name: str, phone: str, email: str) -> NewLink:
    """By whoever keeps the machine, where there is no administrator yet. For an account that nobody ever entered a
    new link. Raises DomainError, FormRejected among them."""
    username, name = username.strip().lower(), " ".join(name.split())
    contact = parse_contact(phone, email) if phone or email else None
    with transaction() as session:
        staff = session.scalar(select(Staff).where(Staff.username == username))
        if staff is None:
            _check_new(username, role, "", name)
            staff = Staff(id=new_id(), username=username, name=name, role=role, password_hash="")
            session.add(staff)
            session.flush()
            journal.record("staff_added", actor=journal.SYSTEM, about=(STAFF, staff.id), detail={"role": role})
        elif resets.was_entered(staff):
            raise DomainError(f"the username {username} is taken")
        if contact:
            keep_contact(staff, contact)
        return new_link(staff)


def renew(staff_id: str, phone_lost: bool, admin: SignedIn) -> NewLink | None:
    """For an account that nobody ever entered a new invitation. For everybody else a request that a
    supervisor decides: None, and nothing changes yet."""
    with transaction():
        staff = _active(staff_id)
        return _new_way_in(staff, phone_lost, admin)


def _new_way_in(staff: Staff, phone_lost: bool, admin: SignedIn) -> NewLink | None:
    if resets.was_entered(staff):
        resets.ask_reset(staff, phone_lost, admin)
        return None
    staff.disabled_at = None
    _record("staff_invited_again", staff, admin)
    return new_link(staff)


def change_place(staff_id: str, role: str, jabatan: str, admin: SignedIn) -> bool:
    """Role and jabatan; every session ends. False when a supervisor has to agree first, as somebody becomes one or
    may do more as one. Raises DomainError for a pair that does not go together."""
    if errors := staff_service.errors_of_place(role, jabatan):
        raise DomainError(" ".join(errors.values()))
    with transaction():
        staff = _somebody_else(staff_id, admin)
        if (staff.role, staff.jabatan) == (role, jabatan):
            return True
        if gains(staff, role, jabatan):
            resets.ask_supervisor(staff, jabatan, admin)
            return False
        resets.put_in_place(staff, role, jabatan, admin)
        return True


def disable(staff_id: str, admin: SignedIn) -> None:
    """Close the account, its links and every session of it, at once."""
    with transaction():
        staff = _somebody_else(staff_id, admin)
        staff.disabled_at = staff.disabled_at or clock.now()
        drop_links(staff)
        resets.end_requests(staff.id)
        sessions.end_all_of(STAFF, staff.id)
        _record("staff_disabled", staff, admin)


def enable(staff_id: str, admin: SignedIn) -> NewLink | None:
    """Open a closed account again, with a new password to be chosen; decided as in `renew`."""
    with transaction():
        return _new_way_in(_existing(staff_id), False, admin)


def end_sessions(staff_id: str, hash_of_token: str | None, admin: SignedIn) -> None:
    """One session of this person, or with None all of them (S5)."""
    with transaction():
        staff = _existing(staff_id)
        if hash_of_token is None:
            sessions.end_all_of(STAFF, staff.id)
        else:
            row = db.session.get(SignIn, hash_of_token)
            if row is None or row.staff_id != staff.id:
                raise NotFound()
            sessions.end(hash_of_token)
        _record("sessions_ended", staff, admin, {"all": hash_of_token is None})


def _person(staff: Staff, seen_at: datetime | None) -> Person:
    return Person(
        staff.id, staff.name, staff.username, staff.role, staff.jabatan, not staff.password_hash,
        staff.disabled_at is not None, staff.totp_sealed is not None, seen_at,
    )


def _existing(staff_id: str) -> Staff:
    staff = db.session.get(Staff, staff_id)
    if staff is None:
        raise NotFound()
    return staff


def _active(staff_id: str) -> Staff:
    staff = _existing(staff_id)
    if staff.disabled_at is not None:
        raise DomainError("Akun ini nonaktif. Aktifkan dahulu.")
    return staff


def _somebody_else(staff_id: str, admin: SignedIn) -> Staff:
    """Nobody shuts out or demotes themselves, so that an administrator always remains."""
    if staff_id == admin.id:
        raise DomainError("Anda tidak dapat mengubah akun Anda sendiri. Minta admin lain.")
    return _existing(staff_id)


def _check_new(username: str, role: str, jabatan: str, name: str) -> None:
    errors = {field: [sentence] for field, sentence in staff_service.errors_of_place(role, jabatan).items()}
    if not USERNAME.fullmatch(username):
        errors["username"] = ["Isi 2 sampai 40 huruf kecil atau angka, tanpa spasi. Titik dan garis boleh."]
    if is_overseer(role):
        errors["role"] = [
            "Pengawas disetujui pengawas lain. Undang dahulu dengan peran lain, lalu ganti perannya di halaman pegawai."
        ]
    if not NAME_LENGTHS[0] <= len(name) <= NAME_LENGTHS[1]:
        errors["name"] = ["Isi nama lengkap, 2 sampai 100 huruf."]
    if errors:
        raise FormRejected(errors)


def _record(action: str, staff: Staff, admin: SignedIn, detail: dict | None = None) -> None:
    journal.record(action, actor=journal.Actor(STAFF, admin.id), about=(STAFF, staff.id), detail=detail)


# (role, jabatan, words): the roles alone, then the five who oversee
PLACES = [
    *((role, "", words) for role, words in ROLE_WORDS.items()),
    *((SUPERVISOR, jabatan, words) for jabatan, words in JABATAN_WORDS.items() if SUPERVISOR in JABATAN_ROLES[jabatan]),
]
COLUMNS = [words for _role, _jabatan, words in PLACES]


@dataclass(frozen=True)
class Right:
    """One line: what it allows, and for each of COLUMNS whether it may."""

    words: str
    held: tuple[bool, ...]


def table() -> list[Right]:
    return [
        Right(PERMISSION_WORDS.get(name, name), tuple(is_held_by(role, jabatan, name) for role, jabatan, _ in PLACES))
        for name in PERMISSIONS
    ]
