"""Second factor of staff: TOTP (RFC 6238) and ten recovery codes (docs/security.md A6, A7, A9)."""

import hmac
import io
import re
from dataclasses import dataclass

import pyotp
from sqlalchemy import or_, update

from app.accounts import sessions
from app.accounts.models import RecoveryCode, SignIn, Staff
from app.accounts.sessions import CODE, ENROL, STAFF, Entered, SignedIn
from app.accounts.staff_service import mark_of_person
from app.base import clock, journal, limits
from app.base.database import db, end_reading, transaction
from app.base.ids import normalise_code, readable_code
from app.base.problems import FormRejected, NotAllowed, StaleDecision
from app.base.services import city, sealer
from app.guessing import budgets, step_codes
from app.guessing.budgets import Mark, Visitor

STEP = 30  # seconds
NEIGHBOURS = (0, -1, 1)  # a phone's clock may be one step off
RECOVERY_CODES = 10
RECOVERY_LENGTH = 10  # 50 bits
WRONG = "Kode tidak cocok. Tunggu kode berikutnya di aplikasi, lalu isi 6 angkanya."


@dataclass(frozen=True)
class Enrolled:
    """A new session, and the codes that are shown this once."""

    token: str
    recovery_codes: tuple[str, ...]


def offered_secret(person: SignedIn) -> str:
    """The secret for this browser to enrol with, base32; the same one on every look at the page.

    Bound to the session, so that a secret somebody else saw earlier is never the one enrolled.
    """
    _demand(person, ENROL)
    sealed = db.session.get_one(SignIn, person.token_hash).totp_offer_sealed
    if sealed is None:
        with transaction() as session:
            row = session.get_one(SignIn, person.token_hash)
            sealed = row.totp_offer_sealed or sealer().seal(pyotp.random_base32().encode(), _offer(person))
            row.totp_offer_sealed = sealed
    return sealer().open(sealed, _offer(person)).decode()


def qr_svg(person: SignedIn) -> bytes:
    """The secret as a picture for the authenticator app, drawn here and nowhere else."""
    uri = pyotp.TOTP(offered_secret(person)).provisioning_uri(
        name=person.username, issuer_name=f"Loket {city().name}"
    )
    picture = io.BytesIO()
    import segno

    segno.make(uri, error="m").save(picture, kind="svg", scale=5, border=4, light="#fff")
    return picture.getvalue()


def enrol(person: SignedIn, typed: str) -> Enrolled:
    """Turn the offered secret into the person's second factor once a code proves it.

    Ends every other session. Raises FormRejected for a wrong code.
    """
    secret = offered_secret(person)
    step = _matching_step(secret, typed, after=-1)
    if step is None:
        raise FormRejected({"code": [WRONG]})  # no guess: the secret stands on the page
    codes = tuple(readable_code(RECOVERY_LENGTH) for _ in range(RECOVERY_CODES))
    with transaction() as session:
        staff = session.get_one(Staff, person.id)
        if staff.totp_sealed is not None:
            raise StaleDecision()
        staff.totp_sealed, staff.totp_last_step = sealer().seal(secret.encode(), _own(staff.id)), step
        session.add_all(RecoveryCode(staff_id=staff.id, code_hash=_hash(staff.id, code)) for code in codes)
        sessions.end_all_of(STAFF, staff.id)
        _record("second_factor_enrolled", person.id)
        token = sessions.start_staff(staff, second_factor=True)
    return Enrolled(token, codes)


def prove(person: SignedIn, typed: str, visitor: Visitor) -> str:
    """Accept a code of the app or a recovery code, each only once. Returns a new session's token.

    Raises FormRejected for a wrong or used code.
    """
    _demand(person, CODE)
    taken = _counted(person.id, mark_of_person(person.id), visitor)
    with transaction() as session:
        staff = session.get_one(Staff, person.id)
        how = _accept(staff, typed, by_app=bool(taken))
        if how:
            sessions.end(person.token_hash)
            _record("second_factor_ok", person.id, {"with": how})
            token = sessions.start_staff(staff, second_factor=True)
        elif taken:
            _record("login_failed", person.id, {"with": "code"})
    if not how:
        raise FormRejected({"code": [WRONG]})
    limits.give_back(*taken)
    budgets.note_office(visitor)
    return token


def finish_sign_in(step_token: str, typed: str, visitor: Visitor, replaces: str = "") -> Entered:
    """The second half after StepNeeded: the code of the app, or a recovery code, stands beside the password.

    Raises FormRejected alike for a wrong code and a wrong password, StepOver.
    """
    step = step_codes.spend_try(step_token, budgets.STAFF)
    mark = mark_of_person(step.subject) if step.right else None
    end_reading()
    if mark is None or mark.stamp != step.stamp:
        raise FormRejected({"code": [WRONG]})
    taken = _counted(step.subject, None, visitor)
    with transaction() as session:
        staff = session.get_one(Staff, step.subject)
        how = _accept(staff, typed, by_app=bool(taken)) if staff.disabled_at is None else None
        if how:
            sessions.end(sessions.token_hash(replaces))
            _record("second_factor_ok", staff.id, {"with": how})
            token = sessions.start_staff(staff, second_factor=True)
    if not how:
        raise FormRejected({"code": [WRONG]})
    limits.give_back(*taken)
    step_codes.use_up(step)
    budgets.note_office(visitor)
    return Entered(token, mark)


def _counted(staff_id: str, mark: Mark | None, visitor: Visitor) -> tuple[tuple[str, str], ...]:
    """What this try is counted on; nothing when strangers who know the password have spent theirs. Then
    recovery codes alone are taken: nobody guesses 50 bits."""
    nonce = visitor.nonce_for(mark)
    own = (("guess-known", nonce), ("guess-known-day", nonce))
    if nonce and limits.take(*own):
        return own
    shared = (("second-factor", staff_id), ("second-factor-day", staff_id))
    return shared if limits.take(*shared) else ()


def _accept(staff: Staff, typed: str, by_app: bool) -> str | None:
    """How the code was right: "totp", "recovery", or None. Whoever updates the row used the code."""
    if staff.totp_sealed is None:
        return None
    secret = sealer().open(staff.totp_sealed, _own(staff.id)).decode()
    step = _matching_step(secret, typed, after=staff.totp_last_step or -1)
    if step is not None and by_app:
        fresh = or_(Staff.totp_last_step.is_(None), Staff.totp_last_step < step)
        used = update(Staff).where(Staff.id == staff.id, fresh).values(totp_last_step=step)
        return "totp" if db.session.execute(used).rowcount == 1 else None
    return "recovery" if use_recovery_code(staff.id, typed) else None


def use_recovery_code(staff_id: str, typed: str) -> bool:
    """Whether this was an unused code of that person; used from now on, inside the caller's transaction."""
    code = _hash(staff_id, normalise_code(typed))
    used = update(RecoveryCode).where(
        RecoveryCode.staff_id == staff_id, RecoveryCode.code_hash == code, RecoveryCode.used_at.is_(None)
    ).values(used_at=clock.now())
    return db.session.execute(used).rowcount == 1


def _matching_step(secret: str, typed: str, after: int) -> int | None:
    """The 30-second step this code belongs to, if it is near now and newer than `after`."""
    code = "".join(typed.split())
    if not re.fullmatch("[0-9]{6}", code):
        return None
    now, totp = int(clock.now().timestamp()) // STEP, pyotp.TOTP(secret)
    near = (now + neighbour for neighbour in NEIGHBOURS)
    return next((s for s in near if s > after and hmac.compare_digest(totp.generate_otp(s), code)), None)


def _demand(person: SignedIn, due: str) -> None:
    if person.due != due:
        raise NotAllowed()


def _record(action: str, staff_id: str, detail: dict | None = None) -> None:
    journal.record(action, actor=journal.Actor(STAFF, staff_id), about=("staff", staff_id), detail=detail)


def _hash(staff_id: str, code: str) -> str:
    return sealer().index("recovery-code", f"{staff_id}:{code}")


def _own(staff_id: str) -> str:
    return f"staff:{staff_id}:totp"


def _offer(person: SignedIn) -> str:
    return f"sign_in:{person.token_hash}:totp"
