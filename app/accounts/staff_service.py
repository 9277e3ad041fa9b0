"""Staff: made and disabled by an administrator; signing in; a password of one's own."""

import re
from datetime import timedelta

from sqlalchemy import select

from app.accounts import passwords, sessions
from app.accounts.models import Staff
from app.accounts.passwords import SignInRejected, hash_password, is_proved, needs_rehash, settle_proof, verify_password
from app.accounts.sessions import STAFF, Entered, SignedIn
from app.base import clock, journal
from app.base.database import db, end_reading, transaction
from app.base.ids import new_id, readable_code
from app.base.problems import DomainError, FormRejected, NotFound
from app.base.services import sealer
from app.guessing import budgets, step_codes
from app.guessing.budgets import Mark, Visitor
from app.guessing.step_codes import StepNeeded
from app.identity.findings import FieldError
from app.identity.password import check_staff_password
from app.web.access import ROLE_WORDS, ROLES
from app.web.jabatan import JABATAN, JABATAN_ROLES, JABATAN_WORDS

USERNAME = re.compile("[a-z0-9][a-z0-9._-]{1,39}")
ONE_TIME_LIFE = timedelta(hours=72)
ONE_TIME_LENGTH = 20  # 100 bits


def add_staff(username: str, role: str, name: str, jabatan: str = "") -> str:
    """Create a member of staff; returns the one-time password. Raises DomainError on bad values."""
    username, password = username.strip().lower(), readable_code(ONE_TIME_LENGTH)
    _check_new(username, role, jabatan, name)
    password_hash = hash_password(password)
    with transaction() as session:
        if _by_username(username) is not None:
            raise DomainError(f"the username {username} is taken")
        staff = Staff(
            id=new_id(), username=username, name=name.strip(), role=role, jabatan=jabatan,
            password_hash=password_hash,
            must_change_password=True, one_time_until=clock.now() + ONE_TIME_LIFE,
        )
        session.add(staff)
        session.flush()
        _record("staff_added", staff, {"role": role, "jabatan": jabatan})
    return password


def disable_staff(username: str) -> None:
    """Close the account and every session of it, at once."""
    with transaction():
        staff = existing_staff(username)
        staff.disabled_at = staff.disabled_at or clock.now()
        sessions.end_all_of(STAFF, staff.id)
        _record("staff_disabled", staff)


def sign_in(username: str, password: str, visitor: Visitor, replaces: str = "") -> Entered:
    """Token of a session that opens no door before `sessions.due_step` is None.

    Raises SignInRejected, alike for unknown, disabled and wrong; StepNeeded alike for right and wrong
    once strangers have spent theirs.
    """
    username = username.strip().lower()
    if not username or not passwords.is_well_formed(password):
        raise SignInRejected()
    staff, index = _by_username(username), sealer().index("username", username)
    usable = staff is not None and _usable(staff)
    staff_id, known_hash = (staff.id, staff.password_hash) if usable else ("", None)
    end_reading()
    mark = mark_of(username, known_hash)
    guess = budgets.begin(budgets.STAFF, index, mark, visitor)
    is_right = verify_password(known_hash, password)
    if not guess.alone:
        raise StepNeeded(step_codes.seal(step_codes.begin(
            budgets.STAFF, staff_id if is_right else None, mark.stamp if is_right else "",
        )))
    if not is_right:
        passwords.note_failed(guess)
        raise SignInRejected()
    better = hash_password(password) if needs_rehash(known_hash) else None
    token, code_due = _open_session(staff_id, known_hash, better, replaces)
    budgets.right(guess)
    if code_due:
        return Entered(token, None)
    budgets.note_office(visitor)
    return Entered(token, mark_of(username, better or known_hash))


def mark_of(username: str, password_hash: str | None) -> Mark | None:
    """By what a browser of this account is known; a new password ends it."""
    index = sealer().index("username", username)
    return budgets.mark_of(budgets.STAFF, index, password_hash) if password_hash else None


def mark_of_person(staff_id: str) -> Mark | None:
    staff = db.session.get_one(Staff, staff_id)
    return mark_of(staff.username, staff.password_hash)


def change_password(person: SignedIn, new: str, again: str, current: str | None) -> str:
    """Set an own password (A5) and end every other session. Returns the token of the new one.

    `current` is None right after the one-time password was typed; otherwise it is asked anew (A12).
    Raises FormRejected naming the field, SessionOver after the third wrong one.
    """
    if current is not None:
        _check_current(person, current)
    if new != again:
        raise FormRejected({"new_password_again": ["Kedua isian kata sandi harus sama."]})
    try:
        check_staff_password(new, username=person.username, name=person.name)
    except FieldError as error:
        raise FormRejected({"new_password": [error.message]}) from None
    _check_differs(person, new)
    password_hash = hash_password(new)
    with transaction() as session:
        staff = session.get_one(Staff, person.id)
        staff.password_hash, staff.must_change_password, staff.one_time_until = password_hash, False, None
        second_factor = sessions.has_second_factor(person.token_hash)
        sessions.end_all_of(STAFF, staff.id)
        _record("password_changed", staff, actor=journal.Actor(STAFF, staff.id))
        return sessions.start_staff(staff, second_factor)


def _check_current(person: SignedIn, password: str) -> None:
    known_hash = _hash_of(person)
    end_reading()
    if not is_proved(person, lambda: verify_password(known_hash, password)):
        raise FormRejected({"current_password": ["Kata sandi Anda yang sekarang tidak cocok."]})
    with transaction():
        settle_proof(person)


def _check_differs(person: SignedIn, new: str) -> None:
    known_hash = _hash_of(person)
    end_reading()
    if verify_password(known_hash, new):
        raise FormRejected({"new_password": ["Buat kata sandi yang berbeda dari yang sekarang."]})


def _hash_of(person: SignedIn) -> str:
    return db.session.get_one(Staff, person.id).password_hash


def errors_of_place(role: str, jabatan: str) -> dict[str, str]:
    """Field -> what is wrong with it; a jabatan goes with some roles only."""
    if role not in ROLES:
        return {"role": "Pilih salah satu peran."}
    if jabatan and jabatan not in JABATAN:
        return {"jabatan": "Pilih salah satu jabatan."}
    if jabatan and role not in JABATAN_ROLES[jabatan]:
        roles = " atau ".join(words for name, words in ROLE_WORDS.items() if name in JABATAN_ROLES[jabatan])
        return {"jabatan": f"{JABATAN_WORDS[jabatan]} memakai peran {roles}."}
    return {}


def _check_new(username: str, role: str, jabatan: str, name: str) -> None:
    if not USERNAME.fullmatch(username):
        raise DomainError("a username is 2 to 40 of a-z, 0-9, dot, dash and underscore")
    if role not in ROLES:
        raise DomainError(f"a role is one of {', '.join(ROLES)}")
    if errors := errors_of_place(role, jabatan):
        raise DomainError(" ".join(errors.values()))
    if not 2 <= len(name.strip()) <= 100:
        raise DomainError("a name has 2 to 100 characters")


def _by_username(username: str) -> Staff | None:
    """None too for what can be no username: PostgreSQL would choke on a NUL."""
    if not USERNAME.fullmatch(username):
        return None
    return db.session.scalar(select(Staff).where(Staff.username == username))


def existing_staff(username: str) -> Staff:
    """Raises NotFound."""
    staff = _by_username(username.strip().lower())
    if staff is None:
        raise NotFound(f"there is no member of staff named {username}")
    return staff


def _usable(staff: Staff) -> bool:
    """A one-time password that nobody used in time is as good as none."""
    expired = staff.one_time_until is not None and clock.now() >= staff.one_time_until
    return staff.disabled_at is None and not expired


def _open_session(
    staff_id: str, checked_hash: str, better_hash: str | None, replaces: str,
) -> tuple[str, bool]:
    """The token, and whether the second factor is still due."""
    with transaction() as session:
        staff = session.get_one(Staff, staff_id)
        passwords.accept_checked(staff, checked_hash, better_hash, replaces)
        _record("login_ok", staff, actor=journal.Actor(STAFF, staff.id))
        return sessions.start_staff(staff), sessions.wants_code(staff)


def _record(
    action: str, staff: Staff, detail: dict | None = None, actor: journal.Actor = journal.SYSTEM,
) -> None:
    journal.record(action, actor=actor, about=("staff", staff.id), detail=detail)
