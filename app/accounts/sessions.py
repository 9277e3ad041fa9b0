"""Sessions on the server: a row per signed-in browser, looked up by the SHA-256 of its token.

Ending the row ends the session at the next request (docs/security.md S1-S7). What still has
to be done before a member of staff is let in is worked out from the rows, never stored.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_login import UserMixin
from sqlalchemy import Row, bindparam, delete, exists, select, update

from app.accounts.models import Citizen, SignIn, Staff, StaffDuty
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.ids import new_token
from app.base.services import settings
from app.base.written import Written
from app.guessing.budgets import Mark

STAFF, CITIZEN = "staff", "citizen"
CODE, PASSWORD, ENROL = "code", "password", "enrol"


@dataclass(frozen=True)
class Entered:
    """A new session's token, and by what this browser is known from now on (None: not yet)."""

    token: str
    mark: Mark | None


@dataclass(frozen=True)
class Life:
    """How long a session lasts unused, and at most."""

    idle: timedelta
    absolute: timedelta


LIVES = {
    STAFF: Life(timedelta(minutes=30), timedelta(hours=10)),
    CITIZEN: Life(timedelta(days=7), timedelta(days=30)),
}
ARRIVING = timedelta(minutes=10)
TOUCH_EVERY = timedelta(minutes=1)
PERSONS = {STAFF: (Staff, SignIn.staff_id), CITIZEN: (Citizen, SignIn.citizen_id)}
OF_SESSION = (
    SignIn.token_hash, SignIn.created_at, SignIn.seen_at, SignIn.second_factor_at, SignIn.proved_at, SignIn.locked_at,
    SignIn.browser,
)
OF_STAFF = (
    Staff.username, Staff.name, Staff.role, Staff.jabatan, Staff.must_change_password, Staff.totp_sealed,
    Staff.contact_sealed,
)
# built once: asked by every page of who is signed in
OFF_DUTY = exists().where(StaffDuty.staff_id == SignIn.staff_id, StaffDuty.off_since.is_not(None)).correlate(SignIn)
OF_TOKEN = {
    kind: Written(
        select(*OF_SESSION, model.id, *(OF_STAFF if kind == STAFF else ()), OFF_DUTY.label("is_off"))
        .join_from(SignIn, model, key == model.id).where(
            SignIn.token_hash == bindparam("token"), SignIn.ended_at.is_(None), model.disabled_at.is_(None),
        )
    )
    for kind, (model, key) in PERSONS.items()
}


@dataclass(frozen=True)
class SignedIn(UserMixin):
    """Who holds a session. `due` is what staff must do before being let in, or None.

    Flask-Login shows it to templates as `current_user`. A citizen's name stays sealed.
    """

    kind: str
    id: str
    token_hash: str
    seen_at: datetime
    role: str = ""
    name: str = ""
    username: str = ""
    due: str | None = None
    browser: str = ""
    started_at: datetime | None = None
    proved_at: datetime | None = None
    locked_at: datetime | None = None
    jabatan: str = ""
    is_off_duty: bool = False
    is_reachable: bool = True


def start_citizen(citizen: Citizen) -> str:
    """Open a session inside the caller's transaction. Returns the token for the cookie."""
    return _start(CITIZEN, citizen.id)


def start_staff(staff: Staff, second_factor: bool = False) -> str:
    """The same for staff; `second_factor` says that a code was proved just now.

    The session opens no door while `due_step` still names something.
    """
    now = clock.now()
    return _start(STAFF, staff.id, proved_at=now, second_factor_at=now if second_factor else None)


def due_step(staff: Staff | Row, sign_in: SignIn | Row) -> str | None:
    """What is missing, in order: the code, a password of one's own, a second factor."""
    if wants_code(staff) and not sign_in.second_factor_at:
        return CODE
    if staff.must_change_password:
        return PASSWORD
    if settings().staff_2fa and not staff.totp_sealed:
        return ENROL
    return None


def wants_code(staff: Staff | Row) -> bool:
    """Whether a right password leads to the question for a code."""
    return settings().staff_2fa and staff.totp_sealed is not None


def load(token: str, kind: str) -> SignedIn | None:
    """Whose token this is, if the session still lasts and the person is not disabled."""
    row = OF_TOKEN[kind].ask({"token": token_hash(token)}).first()
    if row is None or not _lasts(row, LIVES[kind]):
        return None
    if kind == CITIZEN:
        return SignedIn(CITIZEN, row.id, row.token_hash, row.seen_at)
    due = due_step(row, row)
    if due and clock.now() >= row.created_at + ARRIVING:
        return None
    return SignedIn(
        STAFF, row.id, row.token_hash, row.seen_at, row.role, row.name, row.username, due,
        row.browser, row.created_at, row.proved_at, row.locked_at, row.jabatan, row.is_off,
        row.contact_sealed is not None,
    )


def touch(person: SignedIn) -> None:
    """The person was active: begin the idle time anew. Written at most once a minute.

    The condition keeps a session that was ended meanwhile ended (docs/security.md S7).
    """
    now = clock.now()
    if now - person.seen_at < TOUCH_EVERY:
        return
    with transaction() as session:
        session.execute(
            update(SignIn).where(SignIn.token_hash == person.token_hash, SignIn.ended_at.is_(None))
            .values(seen_at=now)
        )


def note_browser(person: SignedIn, browser: str) -> None:
    """Keep which browser this is, so that its owner recognises the session in a list (S5)."""
    with transaction() as session:
        session.execute(
            update(SignIn).where(SignIn.token_hash == person.token_hash).values(browser=browser[:60])
        )


def change(person: SignedIn, **values) -> None:
    """Write onto the row of a session that still lasts, inside the caller's transaction."""
    db.session.execute(
        update(SignIn).where(SignIn.token_hash == person.token_hash, SignIn.ended_at.is_(None)).values(**values)
    )


def has_second_factor(hash_of_token: str) -> bool:
    """Whether a code was proved in this session."""
    return db.session.get_one(SignIn, hash_of_token).second_factor_at is not None


def end(hash_of_token: str) -> None:
    """End one session inside the caller's transaction; ending it again changes nothing."""
    _end(SignIn.token_hash == hash_of_token)


def end_all_of(kind: str, person_id: str) -> None:
    """Sign a person out everywhere, inside the caller's transaction."""
    _end(PERSONS[kind][1] == person_id)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _start(kind: str, person_id: str, **values) -> str:
    _forget_old(kind, person_id)
    token, now = new_token(), clock.now()
    owner = {PERSONS[kind][1].key: person_id}
    db.session.add(SignIn(token_hash=token_hash(token), created_at=now, seen_at=now, **owner, **values))
    return token


def _forget_old(kind: str, person_id: str) -> None:
    """Rows that can never be valid again go when the person next signs in, so that none pile up."""
    too_old = clock.now() - 2 * LIVES[kind].absolute
    db.session.execute(delete(SignIn).where(PERSONS[kind][1] == person_id, SignIn.created_at < too_old))


def _end(condition) -> None:
    db.session.execute(
        update(SignIn).where(condition, SignIn.ended_at.is_(None)).values(ended_at=clock.now())
    )


def _lasts(row: Row, life: Life) -> bool:
    now = clock.now()
    return now < row.seen_at + life.idle and now < row.created_at + life.absolute


def sign_out(person: SignedIn) -> None:
    with transaction():
        end(person.token_hash)
        journal.record("logout", actor=journal.Actor(person.kind, person.id), about=(person.kind, person.id))
